//! Gives `doctor` sessions in every state.

use std::fs::File;

use chrono::{SecondsFormat, TimeDelta, Utc};
use indoc::indoc;

use super::{doctor, finds, finds_offline, with_session};
use crate::scene::{CONFIG, CREDENTIALS};
use crate::support::home::Home;

fn ending_in(minutes: i64) -> String {
    let end = Utc::now() + TimeDelta::minutes(minutes);
    let end = end.to_rfc3339_opts(SecondsFormat::Secs, true);
    with_session().replace("2099-01-02T03:04:05Z", &end)
}

const SIGN_IN: &str = "        hint: sign in with `awsmfa login --profile dev`\n";

#[test]
fn a_session_in_every_state() {
    for (credentials, told) in [
        (
            CREDENTIALS.to_owned(),
            "warning session: not signed in to dev-mfa\n",
        ),
        (
            ending_in(-5),
            "warning session: the session of dev-mfa has expired\n",
        ),
        (
            ending_in(10),
            "warning session: dev-mfa is valid until {*} ({*} left), made with the MFA device alice\n",
        ),
        (
            with_session().replace("x_security_token_expires", "note"),
            "unknown session: it is not known when the session of dev-mfa ends\n",
        ),
    ] {
        finds_offline(CONFIG, &credentials, 0, &[&format!("{told}{SIGN_IN}")]);
    }
    let block = "good    session: dev-mfa is valid until 2 Jan 2099, 03:04 ({*} left), made with the MFA device alice\n";
    finds_offline(CONFIG, &with_session(), 0, &[block]);
    let others = with_session()
        .replace("awsmfa_source_profile = dev\n", "")
        .replace("awsmfa_mfa_serial", "note");
    let block =
        "good    session: dev-mfa is valid until {*}, made by another tool, with or without MFA\n";
    finds_offline(CONFIG, &others, 0, &[block]);
}

#[test]
fn what_must_be_left_is_what_the_variable_says() {
    let home = Home::new().config(CONFIG).credentials(ending_in(10));
    let run = doctor(&home, &["dev", "--offline"]).env("AWSMFA_MIN_REMAINING", "5m");
    finds(&home, run, 0, &["good    session: dev-mfa is valid {*}\n"]);
}

#[test]
fn a_session_of_other_keys() {
    let credentials = with_session() + "awsmfa_access_key_id = AKIAOLD\n";
    let block = indoc! {"
        warning session: the session of dev-mfa was made with different keys, or for a different role, than dev has now
                hint: the next sign-in makes a new one
    "};
    finds_offline(CONFIG, &credentials, 0, &[block]);
}

#[test]
fn a_sign_in_that_is_under_way() {
    let home = Home::new().config(CONFIG).credentials(with_session());
    let lock = File::create(home.path().join(".aws/credentials.awsmfa-dev-mfa.lock"));
    let lock = lock.expect("there is room");
    lock.lock().expect("nobody has it");
    let block = indoc! {"
        warning session: another awsmfa is signing in to dev-mfa right now
                hint: wait for it to finish, or stop it
    "};
    let run = doctor(&home, &["dev", "--offline"]);
    finds(&home, run, 0, &[block]);
}
