//! Compares the stand-in's evaluation with that of @cloud-copilot/iam-simulate, which
//! tests/policy/install installs. It is AGPL: a program beside ours, and never a part of it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use super::case::{Answer, Case, Documents};
use super::table::Table;

/// What iam-simulate says about each case.
pub(crate) fn ask(documents: &Documents, cases: &[&Case]) -> Vec<Answer> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/policy");
    let script = folder.join("evaluate.mjs");
    assert!(script.exists(), "run tests/policy/install first");
    let mut child = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node can be run");
    let mut input = format!("{}\n", documents.json());
    for case in cases {
        input.push_str(&format!("{}\n", case.json()));
    }
    let mut pipe = child.stdin.take().expect("it is a pipe");
    let writer = thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("node ends");
    writer
        .join()
        .expect("the writer ends")
        .expect("node reads all");
    assert!(output.status.success(), "{}", output.status);
    let text = String::from_utf8(output.stdout).expect("the answers are text");
    let answers: Vec<Answer> = text.lines().map(answer).collect();
    assert_eq!(answers.len(), cases.len());
    answers
}

fn answer(line: &str) -> Answer {
    match line {
        "A" => Answer::Allowed,
        "X" => Answer::Denied,
        "I" => Answer::NotAllowed,
        other => Answer::Unable(other.to_owned()),
    }
}

#[test]
#[ignore = "needs tests/policy/install"]
fn every_request_of_the_table_is_judged_as_by_iam_simulate() {
    is_judged_alike(&Table::public());
}

/// Checks that iam-simulate answers each request of a table as the stand-in does.
pub(crate) fn is_judged_alike(table: &Table) {
    let cases: Vec<&Case> = table.rows.iter().map(|it| &it.case).collect();
    let theirs = ask(&table.documents, &cases);
    let mut wrong = Vec::new();
    for (row, theirs) in table.rows.iter().zip(theirs) {
        let ours = row.case.stand_in(&table.documents);
        if ours != theirs {
            wrong.push(format!("{}: ours {ours:?}, theirs {theirs:?}", row.place));
        }
    }
    let (count, wrongs) = (table.rows.len(), wrong.len());
    println!("{count} requests of the table, {wrongs} judged otherwise");
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrongs.min(20)]);
}
