//! Generates the two AWS files of a case: nearly ordinary ones, as people and tools write them.
//! `oddities` adds anything odd.

use super::dice::Dice;
use super::oddities;
use super::text::Text;
use crate::support::aws::{KEY_ID, SECRET_KEY};

/// The bytes of both files; none for a file that does not exist.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) config: Option<Vec<u8>>,
    pub(crate) credentials: Option<Vec<u8>>,
}

/// The device of the profile that signs in.
pub(crate) const SERIAL: &str = "arn:aws:iam::123456789012:mfa/alice";

const NEIGHBOURS: [&str; 7] = [
    "default", "prod", "team-1", "dev2", "zoo", "dev-mfa2", "work",
];

const SETTINGS: [&str; 10] = [
    "region = eu-central-1",
    "region=us-east-1",
    "output = json",
    "cli_pager = less -R",
    "cli_pager =",
    "retry_mode = adaptive",
    "max_attempts = 3",
    "cli_auto_prompt = on-partial",
    "note = the team's",
    "s3 =\n  max_concurrent_requests = 20\n  addressing_style = path",
];

const REMARKS: [&str; 8] = [
    "# mine, do not touch",
    "; of the team",
    "# [dev-mfa]",
    "#aws_session_token = old",
    "# region = x",
    "#",
    "",
    "",
];

/// The files of a case.
pub(crate) fn make(dice: &mut Dice) -> Files {
    let mut config = config(dice);
    let mut credentials = credentials(dice);
    for text in [&mut config, &mut credentials] {
        if dice.happens(15) {
            indent(dice, text);
        }
    }
    let count = match dice.below(100) {
        0..25 => 0,
        25..60 => 1,
        60..85 => 2,
        _ => 3 + dice.below(3),
    };
    for _ in 0..count {
        let of_config = dice.happens(35);
        let text = if of_config {
            &mut config
        } else {
            &mut credentials
        };
        oddities::add(dice, text, of_config);
    }
    let missing = dice.happens(3);
    Files {
        config: (!missing).then(|| config.bytes()),
        credentials: Some(credentials.bytes()),
    }
}

fn credentials(dice: &mut Dice) -> Text {
    let mut sections = Vec::new();
    if dice.happens(97) {
        let mut lines = header(dice, "dev");
        pair(dice, &mut lines, KEY_ID, SECRET_KEY);
        if dice.happens(8) {
            let hushed = ["mfa_secret", "password", "ldap_password"];
            let name = dice.one(&hushed);
            lines.push(format!("{name} = hush-{}", dice.letters(12)));
        }
        sections.push(lines);
    }
    for name in neighbours(dice) {
        let mut lines = header(dice, name);
        let (id, secret) = long_term(dice);
        pair(dice, &mut lines, &id, &secret);
        sections.push(lines);
    }
    if dice.happens(45) {
        let mut lines = header(dice, "dev-mfa");
        if dice.happens(85) {
            session(dice, &mut lines);
        }
        if dice.happens(25) {
            let setting = dice.one(&SETTINGS);
            lines.push(setting.to_owned());
        }
        sections.push(lines);
    }
    assembled(dice, sections)
}

fn config(dice: &mut Dice) -> Text {
    let mut sections = Vec::new();
    if dice.happens(97) {
        let mut lines = header(dice, "profile dev");
        lines.push(format!("mfa_serial = {SERIAL}"));
        settings(dice, &mut lines);
        sections.push(lines);
    }
    for name in neighbours(dice) {
        let name = match name {
            "default" => name.to_owned(),
            _ => format!("profile {name}"),
        };
        let mut lines = header(dice, &name);
        settings(dice, &mut lines);
        sections.push(lines);
    }
    if dice.happens(35) {
        let mut lines = header(dice, "profile dev-mfa");
        settings(dice, &mut lines);
        if dice.happens(40) {
            let copied = dice.one(&["region", "region,output", "s3", "cli_pager", "output, s3"]);
            lines.push(format!("awsmfa_copied = {copied}"));
        }
        sections.push(lines);
    }
    for other in [
        "[services local]\ndynamodb =\n  endpoint_url = http://127.0.0.1:8000",
        "[sso-session us]\nsso_region = us-east-1\nsso_start_url = https://example.com/start#/",
        "[plugins]\ncli_legacy_plugin_path = /x",
    ] {
        if dice.happens(12) {
            sections.push(vec![other.to_owned()]);
        }
    }
    assembled(dice, sections)
}

/// Indents all lines below each header, and sometimes the headers too: only botocore reads such a file.
fn indent(dice: &mut Dice, text: &mut Text) {
    let keys = dice.one(&["  ", "    ", "\t", " "]);
    let headers = if dice.happens(15) { " " } else { "" };
    let remarks = dice.happens(50);
    let sign = if dice.happens(20) { ": " } else { " = " };
    for line in &mut text.0 {
        let before = match line.text.first() {
            None => "",
            Some(b'[') => headers,
            Some(b'#' | b';') if !remarks => "",
            Some(_) => {
                let shown = String::from_utf8_lossy(&line.text).replacen(" = ", sign, 1);
                line.text = shown.into_bytes();
                &[headers, keys].concat()
            }
        };
        line.text.splice(0..0, before.bytes());
    }
}

fn neighbours(dice: &mut Dice) -> Vec<&'static str> {
    let count = dice.below(4);
    let mut names: Vec<&str> = (0..count).map(|_| dice.one(&NEIGHBOURS)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn header(dice: &mut Dice, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if dice.happens(15) {
        lines.push(dice.one(&REMARKS).to_owned());
    }
    lines.push(format!("[{name}]"));
    lines
}

fn settings(dice: &mut Dice, lines: &mut Vec<String>) {
    let mut names = Vec::new();
    for _ in 0..dice.below(4) {
        let setting = dice.one(&SETTINGS);
        let name = setting.split([' ', '=']).next().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
            lines.push(setting.to_owned());
        }
    }
}

/// A long-term key that no stand-in knows.
pub(crate) fn long_term(dice: &mut Dice) -> (String, String) {
    let id = format!("AKIA{}", dice.letters(16));
    (id, format!("longterm/{}", dice.letters(24)))
}

fn pair(dice: &mut Dice, lines: &mut Vec<String>, id: &str, secret: &str) {
    let sign = dice.one(&[" = ", " = ", " = ", "="]);
    lines.push(format!("aws_access_key_id{sign}{id}"));
    lines.push(format!("aws_secret_access_key{sign}{secret}"));
}

/// An older session of the target.
fn session(dice: &mut Dice, lines: &mut Vec<String>) {
    let id = format!("ASIA{}", dice.letters(16));
    let secret = format!("oldsession/{}", dice.letters(22));
    pair(dice, lines, &id, &secret);
    lines.push(format!("aws_session_token = oldtoken/{}", dice.letters(40)));
    if dice.happens(60) {
        lines.push("x_security_token_expires = 2024-01-02T03:04:05Z".to_owned());
        lines.push("awsmfa_source_profile = dev".to_owned());
        lines.push(format!("awsmfa_mfa_serial = {SERIAL}"));
    }
    if dice.happens(40) {
        lines.push(format!("awsmfa_access_key_id = AKIA{}", dice.letters(16)));
        lines.push("awsmfa_duration = 43200".to_owned());
        lines.push("aws_account_id = 999999999999".to_owned());
    }
    if dice.happens(12) {
        lines.push("awsmfa_role_arn = arn:aws:iam::999999999999:role/old".to_owned());
        lines.push(format!("awsmfa_role_hash = {}", dice.letters(32)));
    }
    if dice.happens(6) {
        lines.push(format!("awsmfa_process_hash = {}", dice.letters(32)));
        lines.push("aws_credential_scope = 999999999999".to_owned());
        lines.push("expiration = 2024-01-02 03:04:05".to_owned());
    }
    if dice.happens(12) {
        let token = format!("aws_security_token = oldtoken/{}", dice.letters(30));
        lines.push(token);
    }
}

/// The sections in any order, with blank lines and comments as people leave them.
fn assembled(dice: &mut Dice, mut sections: Vec<Vec<String>>) -> Text {
    let mut text = Text::default();
    if dice.happens(20) {
        text.push(dice.one(&REMARKS));
    }
    while !sections.is_empty() {
        let at = dice.below(sections.len());
        for line in sections
            .swap_remove(at)
            .iter()
            .flat_map(|it| it.split('\n'))
        {
            text.push(line);
            if dice.happens(3) {
                text.push(dice.one(&REMARKS));
            }
        }
        if dice.happens(70) {
            text.push("");
        }
    }
    text
}
