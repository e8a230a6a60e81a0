//! Has cfn-lint check the templates that awsmfa prints. It never sends one to AWS.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{arguments, every_name, printed, variables};
use crate::support::home::Home;
use crate::support::run::Run;

#[test]
#[ignore = "needs tests/policy/install"]
fn cfn_lint_finds_nothing_wrong_with_the_templates() {
    let linter = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/policy/python/bin/cfn-lint");
    assert!(linter.exists(), "run tests/policy/install first");
    let home = Home::new();
    let folder = home.path().join("templates");
    fs::create_dir(&folder).expect("the home is writable");
    let put = |name: &str, text: &str| {
        fs::write(folder.join(format!("{name}.json")), text).expect("the home is writable");
    };
    for name in every_name() {
        let args = arguments(&name, &variables());
        let place = args[..2].iter().chain(&args[6..]).map(String::as_str);
        let args: Vec<&str> = place.chain(["--format", "cloudformation"]).collect();
        put(&name, &printed(&args));
    }
    for (name, more) in [
        ("bundle", &[][..]),
        ("bundle--max-age", &["--max-age", "12h"]),
        (
            "bundle--all",
            &[
                "--max-age",
                "12h",
                "--allow-password-change",
                "--allow-console-enrolment",
            ],
        ),
    ] {
        let run = Run::new(&home).args(["policy", "bundle", "-q"]).args(more);
        put(name, &run.check_stdout(|_| {}).run().stdout);
    }
    let lint = |folder: &Path| {
        let templates = fs::read_dir(folder).expect("the folder is there");
        let templates = templates.map(|it| it.expect("it can be read").path());
        let output = Command::new(&linter).args(templates).output();
        output.expect("cfn-lint can be run")
    };
    let output = lint(&folder);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.is_empty(), "{text}");

    // It does find errors.
    let wrong = home.path().join("wrong");
    fs::create_dir(&wrong).expect("the home is writable");
    let text = fs::read_to_string(folder.join("bundle.json")).expect("it was written");
    let text = text.replace("AWS::AccountId", "AWS::AccountNumber");
    fs::write(wrong.join("bundle.json"), text).expect("the home is writable");
    assert!(!lint(&wrong).status.success());
}
