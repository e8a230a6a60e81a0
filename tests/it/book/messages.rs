//! Checks the messages that the troubleshooting page quotes: each consists of texts in the program, and runs
//! print those that a test can provoke.

use std::fs;

use super::{page, section};
use crate::scene::{CONFIG_WITHOUT_DEVICE, CREDENTIALS, Scene, alice_without_device};
use crate::sources::rust_files;
use crate::support::aws::fault::Fault;

const PAGE: &str = "docs/troubleshooting.md";

/// The messages that are headings of the page, as quoted.
fn quoted() -> Vec<String> {
    let page = page(PAGE);
    let headings = page.lines().filter_map(|line| line.strip_prefix("### `"));
    let headings = headings.filter_map(|line| Some(line.strip_suffix('`')?.to_owned()));
    let headings: Vec<String> = headings.collect();
    assert!(headings.len() > 30, "{headings:?}");
    headings
}

/// The texts in the program's code, with `…` for each placeholder.
fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for file in rust_files("src") {
        let code = fs::read_to_string(file).expect("the file is there");
        let product = code.split("\nmod tests {").next().unwrap_or_default();
        // After a backslash at its end, a line continues without the white space of the next one.
        let mut whole = String::new();
        for line in product.lines() {
            match line.strip_suffix('\\') {
                Some(begun) => whole += begun.trim_start(),
                None => whole += &format!("{}\n", line.trim_start()),
            }
        }
        for line in whole.lines().filter(|line| !line.starts_with("//")) {
            let mut text = String::new();
            let mut depth = 0;
            for character in line.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth > 0 => {
                        depth -= 1;
                        text.push('…');
                    }
                    _ if depth == 0 => text.push(character),
                    _ => {}
                }
            }
            texts.push(text);
        }
    }
    texts
}

#[test]
fn every_message_that_is_quoted_is_one_of_the_programs() {
    let (texts, mut unknown) = (texts(), Vec::new());
    let nobody = section(PAGE, "Codes and devices");
    let nobody = nobody
        .lines()
        .find(|line| line.starts_with("Nobody can be asked"));
    let reasons = nobody
        .expect("the page says why")
        .split('`')
        .skip(1)
        .step_by(2);
    let reasons = reasons.take_while(|it| !it.starts_with("awsmfa login"));
    for message in quoted().into_iter().chain(reasons.map(str::to_owned)) {
        for part in message.split('…') {
            let part = part.trim_matches([' ', ':', ';', ',', '(', ')']);
            if !texts.iter().any(|text| text.contains(part)) {
                unknown.push(format!("{message}: nothing says `{part}`"));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// Whether a printed line is a quoted message.
fn is_like(line: &str, message: &str) -> bool {
    let mut rest = line;
    for part in message.split('…') {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    true
}

/// Fails unless the page quotes a line that this run printed to standard error.
fn is_quoted(run: crate::support::run::Run<'_>) {
    let run = run.any_status().check_stdout(|_| {}).check_stderr(|_| {});
    let said = run.run().stderr;
    let found = said
        .lines()
        .any(|line| quoted().iter().any(|it| is_like(line, it)));
    assert!(found, "the page does not explain:\n{said}");
}

#[test]
fn what_people_meet_most_is_explained() {
    let scene = Scene::default();
    is_quoted(scene.run(&["login", "dev", "--code", "000000"]));
    is_quoted(scene.run(&["login", "dev", "--no-input"]));
    is_quoted(scene.run(&["login", "nobody"]));
    is_quoted(scene.run(&["login", "dev", "--session-profile", "dev"]));
    is_quoted(scene.run(&["login", "dev", "--code-command", "false"]));
    let at_work = scene.login(&["dev"]);
    is_quoted(at_work.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"));

    let other = "[out]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n\
        aws_secret_access_key = secret\naws_session_token = token\n";
    let session = Scene::default().credentials(CREDENTIALS.to_owned() + other);
    is_quoted(session.run(&["login", "out"]));

    let without_device = Scene::with(alice_without_device().start()).config(CONFIG_WITHOUT_DEVICE);
    is_quoted(without_device.run(&["login", "dev", "--code", "123456"]));

    let closed = Scene::default();
    let run = closed.run(&["login", "dev", "--code", "123456"]);
    is_quoted(run.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"));
    let run = closed.run(&["login", "dev", "--code", "123456"]);
    is_quoted(run.env("HTTPS_PROXY", "socks5://127.0.0.1:9"));
    closed.aws.fault_always("GetSessionToken", Fault::Throttled);
    is_quoted(closed.login(&["dev"]));

    let odd = Scene::default().credentials(CREDENTIALS.to_owned() + "[dev]\n");
    is_quoted(odd.login(&["dev"]));
}
