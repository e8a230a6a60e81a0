//! Checks that a client that needs a session asks at the user's terminal, through awsmfa.

use super::{ALICE, CONFINED, Client, Office, who};
use crate::scene::PROMPT;
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
    terminal.ends(0, &format!("{PROMPT}{code}\n{}\n", who(ALICE)));
    let session = office.session().access_key_id;
    let requests = office.aws.requests().into_iter();
    let signed: Vec<_> = requests
        .map(|it| (it.call.action, it.access_key_id))
        .collect();
    let expected = [
        ("GetCallerIdentity", KEY_ID),
        ("GetSessionToken", KEY_ID),
        ("GetCallerIdentity", &session),
    ];
    assert_eq!(
        signed,
        expected.map(|(action, key)| (action.to_owned(), key.to_owned()))
    );
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
