//! Runs many logins at once and checks that no session is lost and that nothing else in the files
//! changes.

use std::collections::HashMap;
use std::path::Path;
use std::process::Child;

use indoc::formatdoc;

use crate::scene::{file_names, output_text, spawn, wait};
use crate::support::aws::Aws;
use crate::support::aws::account::Session;
use crate::support::home::Home;

const PROFILES: usize = 20;
const ROUNDS: usize = 5;

#[test]
fn twenty_logins_of_twenty_profiles_at_once_lose_no_session_in_five_rounds() {
    lose_no_session(&[]);
}

/// Each name has its own folder, and so its own lock.
#[cfg(unix)]
#[test]
fn twenty_logins_at_once_through_two_names_of_each_file_lose_no_session_in_five_rounds() {
    lose_no_session(&["other", "third"]);
}

/// `folders` contain other names for both files; the logins go through them in turn.
fn lose_no_session(folders: &[&str]) {
    let aws = (0..PROFILES)
        .fold(Aws::builder(), |aws, number| {
            let name = name(number);
            aws.user(&name)
                .key(&key_id(number), &secret_key(number))
                .device(&name, &device_secret(number))
        })
        .start();
    // Each round takes a code of the current window, and none may expire on a slow machine.
    aws.freeze_clock();
    let credentials = credentials();
    let home = Home::with(&aws).credentials(&credentials).config(config());
    let mut issued = 0;
    let mut names = vec![home.path().join(".aws")];
    for folder in folders {
        let folder = home.path().join(folder);
        std::fs::create_dir(&folder).expect("a folder");
        for path in [home.credentials_path(), home.config_path()] {
            let name = path.file_name().expect("a name");
            std::fs::hard_link(&path, folder.join(name)).expect("a second name");
        }
        names.push(folder);
    }
    for round in 0..ROUNDS {
        let runs: Vec<Child> = (0..PROFILES)
            .map(|it| start_renewal(&aws, &home, &names[it % names.len()], it))
            .collect();
        for (number, run) in runs.into_iter().enumerate() {
            let ended = wait(run);
            assert_eq!(
                ended.status.code(),
                Some(0),
                "round {round}, {number}: {}",
                output_text(&ended)
            );
        }
        let sessions = aws.sessions();
        assert_eq!(sessions.len() - issued, PROFILES, "one code each");
        // The latest session of each user.
        let last: HashMap<&str, &Session> =
            sessions.iter().map(|it| (it.user.as_str(), it)).collect();
        let text = home.read_credentials();
        for number in 0..PROFILES {
            let (name, body) = (
                name(number),
                section(&text, &format!("{}-mfa", name(number))),
            );
            let session = last[name.as_str()];
            let expected = [
                format!("aws_access_key_id = {}", session.access_key_id),
                format!("aws_secret_access_key = {}", session.secret),
                format!("aws_session_token = {}", session.token),
                format!("awsmfa_source_profile = {name}"),
                format!("awsmfa_mfa_serial = {}", aws.serial(&name)),
            ];
            for line in &expected {
                let times = body.lines().filter(|it| it == line).count();
                assert_eq!(times, 1, "round {round}: {line} in {body}");
            }
            assert_eq!(
                section(&text, &name),
                section(&credentials, &name),
                "the source of {name} in round {round}"
            );
        }
        // Everything except the session sections is what it was, byte for byte and in order.
        let foreign = |text: &str| -> String {
            let parts = text.split_inclusive('\n').scan(true, |mine, line| {
                if line.starts_with('[') {
                    *mine = !line.trim_end().ends_with("-mfa]");
                }
                Some((*mine, line))
            });
            let kept = parts.filter(|(mine, line)| *mine && !line.trim().is_empty());
            kept.map(|(_, line)| line).collect()
        };
        assert_eq!(foreign(&text), foreign(&credentials), "round {round}");
        assert_eq!(
            foreign(&home.read_config()),
            foreign(&config()),
            "round {round}"
        );
        assert_eq!(
            headers(&text).len(),
            2 * PROFILES,
            "round {round}: {:?}",
            headers(&text)
        );
        assert_eq!(
            headers(&home.read_config()).len(),
            2 * PROFILES,
            "round {round}"
        );
        issued = sessions.len();
    }
    assert_eq!(issued, PROFILES * ROUNDS);
    let mut names = file_names(&home.path().join(".aws"));
    names.retain(|name| !name.ends_with(".lock"));
    assert_eq!(names, ["config", "credentials"]);
}

#[test]
fn ten_logins_of_one_profile_at_once_spend_one_code() {
    let name = name(0);
    let aws = Aws::builder()
        .user(&name)
        .key(&key_id(0), &secret_key(0))
        .device(&name, &device_secret(0))
        .start();
    let home = Home::with(&aws).credentials(credentials()).config(config());
    let code = aws.code(&name);
    let runs: Vec<Child> = (0..10)
        .map(|_| {
            let args = ["login", "--profile", &name, "--json", "--code", &code];
            spawn(&mut home.command(args))
        })
        .collect();
    let (mut made, mut kept) = (0, 0);
    for run in runs {
        let ended = wait(run);
        assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
        let text = output_text(&ended);
        made += usize::from(text.contains("\"renewed\":true"));
        kept += usize::from(text.contains("\"renewed\":false"));
    }
    assert_eq!((made, kept), (1, 9));
    assert_eq!(aws.actions(), ["GetSessionToken"]);
    let session = &aws.sessions()[0];
    assert!(home.read_credentials().contains(&session.token));
}

/// Starts a login that renews the session, if there is one.
fn start_renewal(aws: &Aws, home: &Home, folder: &Path, number: usize) -> Child {
    let name = name(number);
    let code = aws.code(&name);
    let mut command = home.command(["login", "--force", "--profile", &name, "--code", &code]);
    command
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.join("credentials"))
        .env("AWS_CONFIG_FILE", folder.join("config"));
    spawn(&mut command)
}

fn name(number: usize) -> String {
    format!("user{number:02}")
}

fn key_id(number: usize) -> String {
    format!("AKIAIOSFODNN7EXAMP{number:02}")
}

fn secret_key(number: usize) -> String {
    format!("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE{number:03}")
}

fn device_secret(number: usize) -> String {
    let letter = char::from(b'A' + number as u8);
    format!("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX{letter}")
}

/// The sources, each with details that a careless writer would change. Every other one is followed by an
/// old session.
fn credentials() -> String {
    (0..PROFILES)
        .map(|number| {
            let (name, id, secret) = (name(number), key_id(number), secret_key(number));
            let source = formatdoc! {"
                [{name}]
                aws_access_key_id={id}
                AWS_SECRET_ACCESS_KEY  =  {secret}
                note = 100%, #{number}

            "};
            let session = formatdoc! {"
                [{name}-mfa]
                aws_access_key_id = ASIAOLD
                aws_secret_access_key = old
                aws_session_token = old
                x_security_token_expires = 2020-01-01T00:00:00Z
                awsmfa_source_profile = {name}

            "};
            if number % 2 == 0 {
                source
            } else {
                source + &session
            }
        })
        .collect()
}

fn config() -> String {
    (0..PROFILES)
        .map(|number| {
            let name = name(number);
            formatdoc! {"
                [profile {name}]
                region = eu-central-1
                mfa_serial = arn:aws:iam::123456789012:mfa/{name}
            "}
        })
        .collect()
}

/// The lines from a header to the next one.
fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let header = format!("[{name}]\n");
    let mut at = text.match_indices(&header).map(|(at, _)| at);
    let start = at.next().unwrap_or_else(|| panic!("no [{name}] in {text}")) + header.len();
    assert_eq!(at.next(), None, "[{name}] is there twice");
    let rest = &text[start..];
    // A comment above a header belongs to that header.
    let end = rest.find("\n[").map_or(rest.len(), |end| end + 1);
    let body = &rest[..end];
    body.split("\n#").next().unwrap_or(body).trim_end()
}

fn headers(text: &str) -> Vec<&str> {
    text.lines().filter(|it| it.starts_with('[')).collect()
}
