//! Checks the documents that awsmfa prints against the tables of requests in tests/policy, with the
//! stand-in's evaluation and with iam-simulate's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{every_name, page_tells, shown};
use crate::standin::policies::peer::is_judged_alike;
use crate::standin::policies::table::Table;

/// The project's own table.
pub(super) const OWN: &str = "matrix.json";

/// The table that was made with the rules.
pub(super) const PUBLIC: &str = "matrix-public.json";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_documents_decide_every_request_as_the_rules_demand() {
    page_tells(Table::read(PUBLIC, &shown).holds());
    let own = Table::read(OWN, &shown);
    page_tells(own.holds());
    let tried: BTreeSet<&str> = own.names.iter().map(|(name, _)| name.as_str()).collect();
    let all = every_name();
    let all: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(tried, all, "each document with each choice is in a set");
}

#[test]
#[ignore = "needs tests/policy/install"]
fn iam_simulate_judges_our_table_as_the_stand_in_does() {
    is_judged_alike(&Table::read(OWN, &shown));
}

/// With the script that anybody can run, on the real program.
#[test]
#[ignore = "needs tests/policy/install"]
fn the_script_finds_nothing_wrong_with_the_documents() {
    for table in [PUBLIC, OWN] {
        let output = Command::new("node")
            .arg(root().join("target/policy/matrix.mjs"))
            .arg("--matrix")
            .arg(root().join("tests/policy").join(table))
            .arg("--cmd")
            .arg(env!("CARGO_BIN_EXE_awsmfa"))
            .output()
            .expect("node can be run");
        let text = String::from_utf8_lossy(&output.stdout);
        println!("{table}: {text}");
        assert!(output.status.success(), "{text}");
        assert!(text.trim_end().ends_with("passed, 0 failed"), "{text}");
    }
}

#[test]
#[ignore = "needs python3"]
fn our_table_is_what_its_script_writes() {
    let script = root().join("tests/policy/matrix.py");
    let output = Command::new("python3").arg(script).output();
    let output = output.expect("python3 can be run");
    assert!(output.status.success(), "{output:?}");
    let table = fs::read(root().join("tests/policy").join(OWN)).expect("the table is there");
    assert!(
        output.stdout == table,
        "run tests/policy/matrix.py > tests/policy/matrix.json"
    );
}
