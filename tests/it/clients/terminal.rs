//! Checks that a client that needs a session asks at the user's terminal, through awsmfa.

use super::{ALICE, CONFINED, Client, Office};
use crate::scene::{PROMPT, wait_until};
use crate::support::aws::{KEY_ID, USER};
use crate::support::terminal::Terminal;

/// Runs a client whose profile runs awsmfa, and types the code that it asks for.
fn types_a_code(client: Client) {
    let office = Office::new();
    let words = client.whoami(Some("work"));
    let script: String = words
        .iter()
        .map(|word| format!(" '{}'", word.replace('\'', r"'\''")))
        .collect();
    let terminal = Terminal::new(&office.home).script(&format!("exec{script}"));
    let mut terminal = CONFINED
        .into_iter()
        .fold(terminal, |run, (name, value)| run.env(name, value))
        .start();
    terminal.sees(PROMPT);
    let code = office.aws.code(USER);
    terminal.types(&code);
    terminal.sees(&code);
    // The session exists only once the code is typed.
    let session = || office.aws.sessions().pop().map(|it| it.access_key_id);
    wait_until("it is signed in", || session().is_some());
    let session = office.session().access_key_id;
    let said = client.says(ALICE, &session);
    terminal.ends(0, &format!("{PROMPT}{code}\n{said}\n"));
    let requests = office.aws.requests().into_iter();
    let signed: Vec<_> = requests
        .map(|it| (it.call.action, it.access_key_id))
        .collect();
    let asked = [("GetCallerIdentity", KEY_ID), ("GetSessionToken", KEY_ID)];
    let mut expected = asked
        .map(|(action, key)| (action.to_owned(), key.to_owned()))
        .to_vec();
    expected.extend(client.sends(&session));
    assert_eq!(signed, expected);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_aws_cli_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::AwsCli);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn boto3_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::Boto3);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_sdk_for_javascript_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::JavaScript);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_sdk_for_rust_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::Rust);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_aws_cli_2_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::AwsCli2);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_sdk_for_go_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::Go);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_sdk_for_ruby_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::Ruby);
}

#[test]
#[ignore = "needs tests/clients/install"]
fn the_sdk_for_cpp_asks_for_the_code_at_the_terminal() {
    types_a_code(Client::Cpp);
}
