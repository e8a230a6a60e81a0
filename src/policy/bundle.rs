//! Writes the five groups of the guides as one CloudFormation template: manage-mfa, force-mfa, and three
//! that can be left out. It puts nobody into a group without being told.

use super::cloudformation::{
    document, list_parameter, not_empty, object, reference, string, value,
};
use super::documents::Policy;
use super::json;
use super::node::{Members, Node};
use super::options::{Boundary, RolePath, Rules, Tag};
use super::pattern::{Parameter, Pattern, Piece, text};
use super::place::Given;

/// What an administrator does with the stack, in order, one line each.
pub(crate) const ORDER: [&str; 7] = [
    "IAM is global: deploy the stack in one region of each account, with --capabilities CAPABILITY_NAMED_IAM",
    "1. add people to ManageMFA (parameter ManageMFAMembers), so that they can enroll a device",
    "2. ask everybody to enroll: `awsmfa device enroll`",
    "3. find what is still open, and users without a device: `awsmfa policy check`",
    "4. add them to ForceMFA too (ForceMFAMembers): from then on they need MFA for everything else",
    "keep machines out of ForceMFA: they can't type a code",
    "if you delete the stack, MFA is no longer enforced",
];

const PREFIX: Parameter = Parameter {
    name: "NamePrefix",
    default: "awsmfa-",
};
const PATH: Parameter = Parameter {
    name: "Path",
    default: "/",
};
const ROLE_PATH: Parameter = Parameter {
    name: "RolePath",
    default: "/awsmfa/",
};

/// A group of the stack.
struct Group {
    /// Its name after the prefix, and the beginning of its resources' names.
    name: &'static str,
    policy: Policy,
    /// Who should be in it.
    members: &'static str,
    /// Whether it can be left out.
    is_optional: bool,
}

impl Group {
    fn members_parameter(&self) -> String {
        format!("{}Members", self.name)
    }

    /// The condition that the group exists and has members.
    fn has_members(&self) -> String {
        format!("{}HasMembers", self.name)
    }

    /// The condition that it is not left out.
    fn is_wanted(&self) -> String {
        format!("With{}", self.name)
    }
}

fn groups(rules: Rules, tag: Tag) -> [Group; 5] {
    let required = |name, policy, members| Group {
        name,
        policy,
        members,
        is_optional: false,
    };
    let optional = |name, policy, members| Group {
        is_optional: true,
        ..required(name, policy, members)
    };
    [
        required(
            "ManageMFA",
            Policy::ManageMfa(rules),
            "Users who may enroll their own devices: all people, before you fill ForceMFA",
        ),
        required(
            "ForceMFA",
            Policy::ForceMfa(rules),
            "Users who need MFA: people who have enrolled, never machines",
        ),
        optional(
            "ReadOnly",
            Policy::ReadOnly,
            "Users who may see what exists; add them to ForceMFA too",
        ),
        optional(
            "Ec2RestrictAccess",
            Policy::Ec2Restrict(tag),
            "Users who may not change protected instances",
        ),
        optional(
            "CreateIamRole",
            Policy::CreateRole(RolePath::parameter(ROLE_PATH), boundary()),
            "Users who may create roles limited by the boundary; add them to ForceMFA too",
        ),
    ]
}

/// The boundary in the stack.
fn boundary() -> Boundary {
    Boundary::parameters(PATH, PREFIX, "role-boundary")
}

/// The template.
pub(crate) fn bundle(rules: Rules, tag: Tag) -> String {
    let groups = groups(rules, tag);
    let mut parameters = own_parameters();
    let mut conditions = Vec::new();
    let mut resources = Vec::new();
    for group in &groups {
        let members = group.members_parameter();
        parameters.push((members.clone(), list_parameter(group.members)));
        let mut has_members = not_empty(&members);
        if group.is_optional {
            parameters.push((group.name.to_owned(), switch(group.name)));
            let chosen = Node::List(vec![reference(group.name), string("true")]);
            conditions.push((group.is_wanted(), Node::object([("Fn::Equals", chosen)])));
            let wanted = Node::object([("Condition", string(group.is_wanted()))]);
            let both = Node::List(vec![wanted, has_members]);
            has_members = Node::object([("Fn::And", both)]);
        }
        conditions.push((group.has_members(), has_members));
        resources.extend(resources_of(group));
    }
    let limit = Policy::RoleBoundary(boundary());
    let create_role = groups.last().map(Group::is_wanted);
    resources.push((
        "RoleBoundary".to_owned(),
        managed_policy(&limit, create_role, None),
    ));
    let template = object(vec![
        ("AWSTemplateFormatVersion", string("2010-09-09")),
        ("Description", string(description())),
        ("Parameters", Node::Object(parameters)),
        ("Conditions", Node::Object(conditions)),
        ("Resources", Node::Object(resources)),
    ]);
    json::pretty(&template)
}

fn description() -> String {
    "awsmfa: groups that force MFA. Order: fill ManageMFA, have everybody enroll a device, run awsmfa policy check, fill ForceMFA. IAM is global: deploy it in one region of each account, with CAPABILITY_NAMED_IAM. Deleting the stack ends the enforcement.".to_owned()
}

fn own_parameters() -> Members<String> {
    let parameter = |it: Parameter, pattern: &str, longest: &str, about: &str| {
        let parameter = Node::object([
            ("Type", string("String")),
            ("Default", string(it.default)),
            ("AllowedPattern", string(pattern)),
            ("MaxLength", string(longest)),
            ("ConstraintDescription", string(about)),
            ("Description", string(about)),
        ]);
        (it.name.to_owned(), parameter)
    };
    vec![
        parameter(
            PREFIX,
            "^[A-Za-z0-9_+=,.@-]*$",
            "64",
            "What the names of groups and policies begin with",
        ),
        parameter(
            PATH,
            "^/([A-Za-z0-9_+=,.@-]+/)*$",
            "128",
            "The path of groups and policies; it begins and ends with a slash",
        ),
        parameter(
            ROLE_PATH,
            "^/([A-Za-z0-9_+=,.@-]+/)+$",
            "128",
            "The path of the roles that CreateIamRole creates and passes; it must hold no other roles, so it can't be /",
        ),
    ]
}

/// A parameter to leave a group out.
fn switch(group: &str) -> Node<String> {
    Node::object([
        ("Type", string("String")),
        ("Default", string("true")),
        (
            "AllowedValues",
            Node::List(vec![string("true"), string("false")]),
        ),
        (
            "Description",
            string(format!("false leaves the group {group} out")),
        ),
    ])
}

/// A name after the prefix.
fn prefixed(name: &str) -> Node<String> {
    value(&Pattern::of([Piece::Parameter(PREFIX), text(name)]))
}

fn resources_of(group: &Group) -> [(String, Node<String>); 3] {
    let name = format!("{}Group", group.name);
    let condition = group.is_optional.then(|| group.is_wanted());
    let properties = object(vec![
        ("GroupName", prefixed(group.name)),
        ("Path", reference(PATH.name)),
    ]);
    let users = object(vec![
        ("GroupName", reference(&name)),
        ("Users", reference(&group.members_parameter())),
    ]);
    let policy = managed_policy(&group.policy, condition.clone(), Some(&name));
    let users = resource(
        "AWS::IAM::UserToGroupAddition",
        Some(group.has_members()),
        users,
    );
    [
        (name, resource("AWS::IAM::Group", condition, properties)),
        (format!("{}Policy", group.name), policy),
        (format!("{}Users", group.name), users),
    ]
}

fn managed_policy(policy: &Policy, condition: Option<String>, group: Option<&str>) -> Node<String> {
    let mut properties = vec![
        ("ManagedPolicyName", prefixed(policy.name())),
        ("Path", reference(PATH.name)),
        ("Description", string(policy.description())),
        ("PolicyDocument", document(policy, &Given::default())),
    ];
    let group = group.map(|name| ("Groups", Node::List(vec![reference(name)])));
    properties.extend(group);
    resource("AWS::IAM::ManagedPolicy", condition, object(properties))
}

fn resource(kind: &str, condition: Option<String>, properties: Node<String>) -> Node<String> {
    let mut members = vec![("Type", string(kind))];
    members.extend(condition.map(|it| ("Condition", string(it))));
    members.push(("Properties", properties));
    object(members)
}
