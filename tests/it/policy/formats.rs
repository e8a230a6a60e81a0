//! Tests the formats of `policy show`: whatever a document is written as, it reads back as the JSON.

use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use serde_json::{Value, json};

use super::{arguments, every_name, parse, printed, variables};

const ACCOUNT: &str = "123456789012";

/// The output of `policy show` for a document of the tables in a format. `place` gives partition and
/// account, if the document can't find them out.
fn written(name: &str, format: &str, place: bool) -> String {
    let args = arguments(name, &variables());
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    if !place {
        // The values of --partition and --account, in that order.
        args.drain(2..6);
    }
    args.extend(["--format", format]);
    printed(&args)
}

/// What CloudFormation makes of a value in this account.
pub(super) fn deployed(value: &Value, parameter: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(text) = members.get("Fn::Sub") {
                assert_eq!(members.len(), 1);
                return substituted(text.as_str().expect("text"), parameter).into();
            }
            if let Some(name) = members.get("Ref") {
                return parameter(name.as_str().expect("text")).into();
            }
            let members = members.iter();
            let members = members.map(|(name, it)| (name.clone(), deployed(it, parameter)));
            Value::Object(members.collect())
        }
        Value::Array(all) => all.iter().map(|it| deployed(it, parameter)).collect(),
        other => other.clone(),
    }
}

/// Fn::Sub: `${Name}` is replaced, `${!Name}` becomes `${Name}`.
fn substituted(text: &str, parameter: &dyn Fn(&str) -> String) -> String {
    let mut parts = text.split("${");
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').expect("it is closed");
        done += &match name.strip_prefix('!') {
            Some(name) => format!("${{{name}}}"),
            None => parameter(name),
        };
        done += rest;
    }
    done
}

/// The parameters that every stack has.
pub(super) fn pseudo(name: &str) -> Option<String> {
    match name {
        "AWS::Partition" => Some("aws".to_owned()),
        "AWS::AccountId" => Some(ACCOUNT.to_owned()),
        _ => None,
    }
}

#[test]
fn the_cloudformation_template_becomes_the_document_in_each_account() {
    for name in every_name() {
        let template = parse(&written(&name, "cloudformation", false));
        let policy = &template["Resources"]["Policy"];
        let member = match policy["Type"].as_str().expect("a type") {
            "AWS::IAM::ManagedPolicy" => "PolicyDocument",
            "AWS::Organizations::Policy" => "Content",
            "AWS::IAM::Role" => "AssumeRolePolicyDocument",
            other => panic!("{other}"),
        };
        let document = &policy["Properties"][member];
        let text = document.to_string();
        assert!(
            !text.contains(ACCOUNT) && !text.contains("arn:aws:"),
            "{text}"
        );
        let known = |name: &str| pseudo(name).unwrap_or_else(|| panic!("{name} is replaced"));
        let wanted = parse(&written(&name, "json", true));
        assert_eq!(deployed(document, &known), wanted, "{name}");
        // Nobody has it until somebody is named.
        for (_, parameter) in template["Parameters"].as_object().expect("an object") {
            let is_list = parameter["Type"] == "CommaDelimitedList";
            assert!(!is_list || parameter["Default"] == "", "{name}");
        }
    }
}

#[test]
fn a_given_account_and_partition_appear_in_the_template() {
    let args = ["show", "force-mfa", "--format"];
    let place = ["--account", "111122223333", "--partition", "aws-cn"];
    for format in ["cloudformation", "terraform"] {
        let text = printed(&[&args[..], &[format], &place].concat());
        assert!(
            text.contains("arn:aws-cn:iam::111122223333:user/"),
            "{text}"
        );
        assert!(
            !text.contains("AccountId") && !text.contains("caller_identity"),
            "{text}"
        );
        let text = printed(&[&args[..], &[format], &place[2..]].concat());
        assert!(text.contains("arn:aws-cn:iam::$"), "{text}");
        assert!(
            text.contains("AccountId") || text.contains("caller_identity"),
            "{text}"
        );
    }
}

fn jsonencode(args: FuncArgs) -> Result<hcl::Value, String> {
    let text = serde_json::to_string(&args[0]);
    text.map(hcl::Value::from).map_err(|it| it.to_string())
}

/// The body of the resource in a module, and the labels of its data sources.
fn module(text: &str) -> (hcl::Body, Vec<String>) {
    let body = hcl::parse(text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let mut data = Vec::new();
    let mut resource = None;
    for block in body.blocks() {
        let labels: Vec<&str> = block.labels().iter().map(|it| it.as_str()).collect();
        match block.identifier() {
            "data" => data.push(labels.join(".")),
            "resource" => resource = Some(block.body().clone()),
            other => panic!("{other}"),
        }
    }
    (resource.expect("there is a resource"), data)
}

/// The value of an attribute if the module is applied in this account.
fn applied(body: &hcl::Body, attribute: &str, label: &str) -> String {
    let mut functions = Context::new();
    let encode = FuncDef::builder().param(ParamType::Any).build(jsonencode);
    functions.declare_func("jsonencode", encode);
    functions.declare_var(
        "data",
        hcl::value!({
            "aws_caller_identity" = { (label) = { "account_id" = (ACCOUNT) } }
            "aws_partition" = { (label) = { "partition" = "aws" } }
        }),
    );
    let mut attributes = body.attributes();
    let found = attributes.find(|it| it.key() == attribute);
    let found = found.unwrap_or_else(|| panic!("there is no {attribute}"));
    let value = found.expr().evaluate(&functions);
    let value = value.unwrap_or_else(|why| panic!("{why}"));
    value.as_str().expect("it is text").to_owned()
}

#[test]
fn the_terraform_resource_becomes_the_document_in_each_account() {
    let mut labels = Vec::new();
    for name in every_name() {
        let text = written(&name, "terraform", false);
        assert!(
            !text.contains(ACCOUNT) && !text.contains("arn:aws:"),
            "{text}"
        );
        let (body, data) = module(&text);
        let base = name.split("--").next().unwrap_or_default();
        let label = match base.strip_prefix("scp-") {
            Some(base) => format!("{base}-scp"),
            None => base.to_owned(),
        };
        let label = label.replace('-', "_");
        let member = match base {
            "role-trust" => "assume_role_policy",
            base if base.starts_with("scp-") => "content",
            _ => "policy",
        };
        let document = parse(&applied(&body, member, &label));
        let wanted = parse(&written(&name, "json", true));
        assert_eq!(document, wanted, "{name}");
        let named = wanted.to_string();
        assert_eq!(
            data.iter().any(|it| it.contains("caller_identity")),
            named.contains(ACCOUNT)
        );
        assert_eq!(
            data.iter().any(|it| it.contains("partition")),
            named.contains("arn:aws:")
        );
        labels.extend(data);
    }
    // One module can contain several documents: each has data sources of its own.
    labels.sort();
    labels.dedup();
    assert_eq!(labels.len(), 11, "{labels:?}");
}

#[test]
fn a_tag_value_appears_unchanged_in_every_format() {
    let value = "${aws:PrincipalTag/team}-it's*";
    let args = [
        "show",
        "ec2-restrict",
        "--tag-key",
        "a b:c",
        "--tag-value",
        value,
    ];
    let place = ["--account", ACCOUNT, "--partition", "aws"];
    let wanted = parse(&printed(&[&args[..], &place].concat()));
    let condition = &wanted["Statement"][0]["Condition"];
    assert_eq!(
        condition,
        &json!({"StringLike": {"aws:ResourceTag/a b:c": value}})
    );
    let template = printed(&[&args[..], &["--format", "cloudformation"]].concat());
    let template = parse(&template);
    let document = &template["Resources"]["Policy"]["Properties"]["PolicyDocument"];
    let known = |name: &str| pseudo(name).unwrap_or_else(|| panic!("{name} is replaced"));
    assert_eq!(deployed(document, &known), wanted);
    let text = printed(&[&args[..], &["--format", "terraform"]].concat());
    let (body, _) = module(&text);
    assert_eq!(parse(&applied(&body, "policy", "ec2_restrict")), wanted);
    #[cfg(unix)]
    {
        let text = printed(&[&args[..], &place, &["--format", "cli"]].concat());
        let calls = in_sh::calls(&text);
        assert_eq!(parse(&in_sh::value(&calls[0], "--policy-document")), wanted);
    }
}

/// Runs the output of `--format cli` with a program in place of the AWS CLI.
#[cfg(unix)]
mod in_sh {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;
    use crate::support::home::Home;

    /// The arguments of each call.
    pub(super) fn calls(script: &str) -> Vec<Vec<String>> {
        let home = Home::new();
        let aws = home.path().join("aws");
        let program = "#!/bin/sh\nfor it; do printf '%s\\0' \"$it\"; done\nprintf 'end\\0'\n";
        fs::write(&aws, program).expect("the home is writable");
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let output = Command::new("/bin/sh")
            .args(["-euc", script])
            .env("PATH", home.path())
            .output()
            .expect("there is a shell");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        let text = String::from_utf8(output.stdout).expect("text");
        let calls = text.split_terminator("end\0");
        let words = calls.map(|call| call.split_terminator('\0').map(str::to_owned).collect());
        words.collect()
    }

    pub(super) fn value(call: &[String], option: &str) -> String {
        let at = call.iter().position(|it| it == option);
        let at = at.unwrap_or_else(|| panic!("no {option} in {call:?}"));
        call[at + 1].clone()
    }

    #[test]
    fn the_commands_create_the_document() {
        for name in every_name() {
            let calls = calls(&written(&name, "cli", true));
            let [call] = &calls[..] else {
                panic!("{name}: {calls:?}");
            };
            let wanted = parse(&written(&name, "json", true));
            let (words, option) = match name.as_str() {
                "role-trust" => (["iam", "create-role"], "--assume-role-policy-document"),
                name if name.starts_with("scp-") => {
                    (["organizations", "create-policy"], "--content")
                }
                _ => (["iam", "create-policy"], "--policy-document"),
            };
            assert_eq!(call[..2], words);
            assert_eq!(parse(&value(call, option)), wanted, "{name}");
        }
    }

    #[test]
    fn the_boundary_is_created_under_the_name_that_create_role_requires() {
        let boundary = ["--boundary", "team/limit", "--format", "cli"];
        let text = printed(&[&["show", "role-boundary"][..], &boundary].concat());
        let call = &calls(&text)[0];
        assert_eq!(value(call, "--policy-name"), "limit");
        assert_eq!(value(call, "--path"), "/team/");
        let place = ["--account", ACCOUNT, "--partition", "aws"];
        let args = [
            &["show", "create-role", "--boundary", "team/limit"][..],
            &place,
        ]
        .concat();
        let document = printed(&args);
        assert!(
            document.contains("arn:aws:iam::123456789012:policy/team/limit\""),
            "{document}"
        );
    }
}
