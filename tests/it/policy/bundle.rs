//! Tests `policy bundle`: the documents in the stack are those of `policy show`, nobody is in a group
//! unless named, three groups can be left out, and the administrator's steps are printed.

use serde_json::{Value, json};

use super::formats::{deployed, pseudo};
use super::{parse, printed};
use crate::support::home::Home;
use crate::support::run::Run;

fn bundle(more: &[&str]) -> Value {
    let home = Home::new();
    let run = Run::new(&home).args(["policy", "bundle", "-q"]).args(more);
    parse(&run.check_stdout(|_| {}).run().stdout)
}

/// The default of a parameter.
fn default_of(template: &Value, name: &str) -> String {
    pseudo(name).unwrap_or_else(|| {
        let default = &template["Parameters"][name]["Default"];
        let default = default.as_str();
        default
            .unwrap_or_else(|| panic!("no parameter {name}"))
            .to_owned()
    })
}

#[test]
fn the_documents_in_the_stack_match_those_shown() {
    let place = ["--account", "123456789012", "--partition", "aws"];
    let rules = [
        "--max-age",
        "12h",
        "--allow-password-change",
        "--allow-console-enrolment",
    ];
    let tag = ["--tag-key", "team", "--tag-value", "a*"];
    for (rules, tag) in [(&[][..], &[][..]), (&rules[..], &tag[..])] {
        let template = bundle(&[rules, tag].concat());
        let default = |name: &str| default_of(&template, name);
        for (resource, name, options) in [
            ("ManageMFAPolicy", "manage-mfa", rules),
            ("ForceMFAPolicy", "force-mfa", rules),
            ("ReadOnlyPolicy", "read-only", &[]),
            ("Ec2RestrictAccessPolicy", "ec2-restrict", tag),
            ("CreateIamRolePolicy", "create-role", &[]),
            ("RoleBoundary", "role-boundary", &[]),
        ] {
            let properties = &template["Resources"][resource]["Properties"];
            let document = deployed(&properties["PolicyDocument"], &default);
            let args = [&["show", name][..], &place, options].concat();
            assert_eq!(document, parse(&printed(&args)), "{name}");
            let policy_name = deployed(&properties["ManagedPolicyName"], &default);
            assert_eq!(policy_name, format!("awsmfa-{name}"));
        }
    }
}

#[test]
fn the_boundary_is_also_found_under_another_name_and_path() {
    let template = bundle(&[]);
    let chosen = |name: &str| match name {
        "NamePrefix" => "corp-".to_owned(),
        "Path" => "/security/".to_owned(),
        "RolePath" => "/people/".to_owned(),
        name => default_of(&template, name),
    };
    let policy = &template["Resources"]["CreateIamRolePolicy"]["Properties"]["PolicyDocument"];
    let args = [
        "show",
        "create-role",
        "--account",
        "123456789012",
        "--partition",
        "aws",
    ];
    let options = [
        "--path",
        "/people/",
        "--boundary",
        "security/corp-role-boundary",
    ];
    let shown = parse(&printed(&[&args[..], &options].concat()));
    assert_eq!(deployed(policy, &chosen), shown);
    let boundary = &template["Resources"]["RoleBoundary"]["Properties"];
    assert_eq!(
        deployed(&boundary["ManagedPolicyName"], &chosen),
        "corp-role-boundary"
    );
    assert_eq!(deployed(&boundary["Path"], &chosen), "/security/");
    // As with `policy show`, the path can't cover all roles of the account.
    let pattern = &template["Parameters"]["RolePath"]["AllowedPattern"];
    assert_eq!(pattern, "^/([A-Za-z0-9_+=,.@-]+/)+$");
}

#[test]
fn groups_have_no_members_unless_named_and_three_groups_can_be_left_out() {
    let template = bundle(&[]);
    let resources = template["Resources"].as_object().expect("an object");
    assert_eq!(resources.len(), 16);
    for name in [
        "ManageMFA",
        "ForceMFA",
        "ReadOnly",
        "Ec2RestrictAccess",
        "CreateIamRole",
    ] {
        let members = &template["Parameters"][format!("{name}Members")];
        assert_eq!(members["Type"], "CommaDelimitedList");
        assert_eq!(members["Default"], "");
        let users = &resources[&format!("{name}Users")];
        assert_eq!(users["Condition"], format!("{name}HasMembers"));
        assert_eq!(
            users["Properties"]["Users"],
            json!({"Ref": format!("{name}Members")})
        );
        let condition = template["Conditions"][format!("{name}HasMembers")].to_string();
        let is_optional = !name.ends_with("MFA");
        assert_eq!(condition.contains(&format!("\"With{name}\"")), is_optional);
        for kind in ["Group", "Policy"] {
            let condition = resources[&format!("{name}{kind}")].get("Condition");
            let wanted = is_optional.then(|| Value::from(format!("With{name}")));
            assert_eq!(condition, wanted.as_ref());
        }
        assert_eq!(template["Parameters"].get(name).is_some(), is_optional);
    }
    assert_eq!(resources["RoleBoundary"]["Condition"], "WithCreateIamRole");
}

#[test]
fn the_administrators_steps_are_listed_in_order() {
    let home = Home::new();
    let run = Run::new(&home).args(["policy", "bundle"]);
    let ran = run.check_stdout(|_| {}).check_stderr(|_| {}).run();
    let said = &ran.stderr;
    let at = |what: &str| {
        said.find(what)
            .unwrap_or_else(|| panic!("{what} is not in {said}"))
    };
    let steps = ["ManageMFA", "device enroll", "policy check", "ForceMFA"];
    let places: Vec<usize> = steps.iter().map(|it| at(it)).collect();
    assert!(places.is_sorted(), "{said}");
    let template = parse(&ran.stdout);
    let description = template["Description"].as_str().expect("text");
    assert!(description.len() <= 1_024);
    for what in ["one region", "CAPABILITY_NAMED_IAM"] {
        assert!(said.contains(what) && description.contains(what), "{what}");
    }
    assert!(said.contains("delete the stack"), "{said}");
    assert!(description.contains("Deleting the stack"), "{description}");
    assert!(
        ran.stdout.len() <= 51_200,
        "CloudFormation takes no longer body"
    );
}
