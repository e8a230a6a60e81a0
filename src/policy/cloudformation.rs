//! Writes a document as a CloudFormation template that is right in every account of a StackSet. It names
//! no account unless one was given.

use super::documents::{Attached, Policy};
use super::json;
use super::node::Node;
use super::pattern::{Notation, Parameter, Pattern};
use super::place::Given;

/// The template.
pub(crate) fn template(policy: &Policy, given: &Given) -> String {
    let (kind, list) = match policy.attached() {
        Attached::Group => ("AWS::IAM::ManagedPolicy", Some(GROUPS)),
        Attached::Boundary => ("AWS::IAM::ManagedPolicy", None),
        Attached::Organization => ("AWS::Organizations::Policy", Some(TARGETS)),
        Attached::Trust => ("AWS::IAM::Role", Some(POLICIES)),
    };
    let name = match policy.attached() {
        Attached::Group | Attached::Boundary => "ManagedPolicyName",
        Attached::Organization => "Name",
        Attached::Trust => "RoleName",
    };
    let description = string(policy.description());
    let mut properties = vec![(name, reference("Name")), ("Description", description)];
    if let Some(path) = policy.path() {
        properties.push(("Path", value(path)));
    }
    if policy.attached() == Attached::Organization {
        properties.push(("Type", string("SERVICE_CONTROL_POLICY")));
    }
    let member = match policy.attached() {
        Attached::Group | Attached::Boundary => "PolicyDocument",
        Attached::Organization => "Content",
        Attached::Trust => "AssumeRolePolicyDocument",
    };
    properties.push((member, document(policy, given)));
    let mut parameters = vec![("Name", named(&policy.usual_name()))];
    let mut conditions = None;
    if let Some(list) = list {
        let without = Node::object([("Ref", string("AWS::NoValue"))]);
        let chosen = Node::List(vec![string(IS_GIVEN), reference(list.name), without]);
        properties.push((list.property, Node::object([("Fn::If", chosen)])));
        parameters.push((list.name, list_parameter(list.description)));
        conditions = Some(Node::object([(IS_GIVEN, not_empty(list.name))]));
    }
    let resource = Node::object([("Type", string(kind)), ("Properties", object(properties))]);
    let mut members = vec![
        ("AWSTemplateFormatVersion", string("2010-09-09")),
        ("Description", string(template_description(policy))),
        ("Parameters", object(parameters)),
    ];
    members.extend(conditions.map(|it| ("Conditions", it)));
    members.push(("Resources", Node::object([("Policy", resource)])));
    json::pretty(&object(members))
}

/// A parameter with the list of what the document is attached to, or what is attached to it.
struct ListParameter {
    name: &'static str,
    description: &'static str,
    /// The property of the resource.
    property: &'static str,
}

const GROUPS: ListParameter = ListParameter {
    name: "Groups",
    description: "The names of the groups that get the policy",
    property: "Groups",
};

const TARGETS: ListParameter = ListParameter {
    name: "TargetIds",
    description: "The organizational units and accounts that get the policy",
    property: "TargetIds",
};

const POLICIES: ListParameter = ListParameter {
    name: "ManagedPolicyArns",
    description: "The ARNs of the policies that say what the role may do",
    property: "ManagedPolicyArns",
};

/// The condition that a list is not empty.
const IS_GIVEN: &str = "IsGiven";

fn template_description(policy: &Policy) -> String {
    let rest = match policy.attached() {
        Attached::Organization => {
            "Deploy it in one region of the management account, not as a StackSet. Deleting the stack ends what it enforces."
        }
        _ => {
            "IAM is global: deploy it in one region of each account, with CAPABILITY_NAMED_IAM. Deleting the stack deletes what it made."
        }
    };
    format!("{}. {rest}", policy.description())
}

/// The document, with the stack's own account and partition unless they were given.
pub(super) fn document(policy: &Policy, given: &Given) -> Node<String> {
    let fill = |it: &Pattern| it.filled(given.partition.as_ref(), given.account.as_ref());
    policy.document().node().map(&|it| value(&fill(it)))
}

/// A string; if it differs between accounts, CloudFormation has to assemble it.
pub(super) fn value(pattern: &Pattern) -> Node<String> {
    if pattern.is_fixed() {
        return string(pattern.write(&Plain));
    }
    Node::object([("Fn::Sub", string(pattern.write(&Sub)))])
}

/// Strings for Fn::Sub, which replaces `${…}` unless a `!` follows the brace.
struct Sub;

impl Notation for Sub {
    fn text(&self, text: &str) -> String {
        text.replace("${", "${!")
    }

    fn variable(&self, name: &str) -> String {
        format!("${{!{name}}}")
    }

    fn partition(&self) -> String {
        "${AWS::Partition}".to_owned()
    }

    fn account(&self) -> String {
        "${AWS::AccountId}".to_owned()
    }

    fn parameter(&self, parameter: Parameter) -> String {
        format!("${{{}}}", parameter.name)
    }
}

/// Strings in which CloudFormation replaces nothing.
struct Plain;

impl Notation for Plain {
    fn text(&self, text: &str) -> String {
        text.to_owned()
    }

    fn variable(&self, name: &str) -> String {
        format!("${{{name}}}")
    }

    fn partition(&self) -> String {
        Sub.partition()
    }

    fn account(&self) -> String {
        Sub.account()
    }

    fn parameter(&self, parameter: Parameter) -> String {
        parameter.default.to_owned()
    }
}

pub(super) fn string(text: impl Into<String>) -> Node<String> {
    Node::Text(text.into())
}

pub(super) fn object(members: Vec<(&str, Node<String>)>) -> Node<String> {
    let members = members.into_iter();
    Node::Object(members.map(|(name, it)| (name.to_owned(), it)).collect())
}

/// The value of a parameter, or the name of a resource.
pub(super) fn reference(name: &str) -> Node<String> {
    Node::object([("Ref", string(name))])
}

/// The condition that a parameter's list is not empty.
pub(super) fn not_empty(parameter: &str) -> Node<String> {
    let joined = Node::List(vec![string(""), reference(parameter)]);
    let joined = Node::object([("Fn::Join", joined)]);
    let is_empty = Node::object([("Fn::Equals", Node::List(vec![joined, string("")]))]);
    Node::object([("Fn::Not", Node::List(vec![is_empty]))])
}

/// A parameter that takes a list, empty by default.
pub(super) fn list_parameter(description: &str) -> Node<String> {
    Node::object([
        ("Type", string("CommaDelimitedList")),
        ("Default", string("")),
        ("Description", string(description)),
    ])
}

fn named(name: &Pattern) -> Node<String> {
    Node::object([
        ("Type", string("String")),
        ("Default", value(name)),
        ("AllowedPattern", string("^[A-Za-z0-9_+=,.@-]{1,128}$")),
        ("Description", string("The name of the policy or role")),
    ])
}
