//! Tests `policy`: the text of each document in every format, and the account it is for. What the
//! documents deny and grant is tested with the tables of requests in tests/policy.

mod bundle;
mod check;
mod documents;
mod formats;
mod list;
mod matrix;
mod mutants;
#[cfg(unix)]
mod outside;
mod page;
mod place;

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::support::home::Home;
use crate::support::run::Run;

/// The output of `policy` with these arguments, which needs neither files nor answers.
fn printed(args: &[&str]) -> String {
    let home = Home::new();
    let run = Run::new(&home).args(["policy"]).args(args);
    run.check_stdout(|_| {}).run().stdout
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// Checks that docs/policies.md contains this figure.
fn page_tells(figure: usize) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let figure = match (figure / 1_000, figure % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    };
    let is_told = page
        .split(|it: char| !it.is_ascii_digit() && it != ',')
        .any(|word| word.trim_end_matches(',') == figure);
    assert!(is_told, "docs/policies.md does not tell {figure}");
}

/// The arguments for a document of the tables by its name there, such as `scp-force-mfa--max-age`, as in
/// tests/policy/matrix.mjs.
fn arguments(name: &str, variables: &Map<String, Value>) -> Vec<String> {
    let value = |name: &str| variables[name].as_str().expect("it is text").to_owned();
    let mut options = name.split("--");
    let base = options.next().expect("a name is not empty");
    let mut args: Vec<String> = vec!["show".into(), base.trim_start_matches("scp-").into()];
    let mut add = |flag: &str, of: Option<&str>| {
        args.push(flag.to_owned());
        args.extend(of.map(value));
    };
    add("--partition", Some("partition"));
    add("--account", Some("account"));
    if base.starts_with("scp-") {
        add("--scp", None);
        add("--path", Some("path"));
    }
    for option in options {
        match option {
            "max-age" => add("--max-age", Some("max_age")),
            "password" => add("--allow-password-change", None),
            "console" => add("--allow-console-enrolment", None),
            other => panic!("no option {other}"),
        }
    }
    match base {
        "ec2-restrict" => {
            add("--tag-key", Some("tag_key"));
            add("--tag-value", Some("tag_value"));
        }
        "create-role" => {
            add("--path", Some("path"));
            add("--boundary", Some("boundary"));
        }
        _ => {}
    }
    args
}

/// A document of the tables by its name, as `policy show` prints it.
fn shown(name: &str, variables: &Map<String, Value>) -> Value {
    let args = arguments(name, variables);
    parse(&printed(
        &args.iter().map(String::as_str).collect::<Vec<_>>(),
    ))
}

/// The names of every document with every combination of options.
fn every_name() -> Vec<String> {
    let mut names: Vec<String> = ["require-mfa", "require-mfa--max-age", "read-only"]
        .into_iter()
        .chain(["ec2-restrict", "create-role", "role-boundary", "role-trust"])
        .map(str::to_owned)
        .collect();
    for base in ["force-mfa", "scp-force-mfa", "manage-mfa"] {
        for chosen in 0..8 {
            let options = ["--max-age", "--password", "--console"];
            let options = options.iter().enumerate();
            let options = options.filter(|(bit, _)| chosen & (1 << bit) != 0);
            let options: String = options.map(|(_, option)| *option).collect();
            names.push(format!("{base}{options}"));
        }
    }
    names
}

/// The values with which a document is requested if they don't matter.
fn variables() -> Map<String, Value> {
    let values = [
        ("partition", "aws"),
        ("account", "123456789012"),
        ("path", "/app/"),
        ("max_age", "3600"),
        ("tag_key", "Name"),
        ("tag_value", "CSR*"),
        ("boundary", "awsmfa-role-boundary"),
    ];
    let values = values.into_iter();
    values
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}
