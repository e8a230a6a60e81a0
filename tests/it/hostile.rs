//! Drives every command with files and environments that nobody should have. Whatever happens, a
//! run ends with a documented exit code and with lines that say what they are; a defect is never
//! reported, because there is none.

use crate::scene::{CONFIG, CREDENTIALS, SERIAL};
use crate::support::home::Home;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Every command that reads a file or a variable.
const COMMANDS: [&[&str]; 13] = [
    &["login", "-p", "dev", "--code", "492039"],
    &["login", "--code", "492039"],
    &["status"],
    &["status", "--json"],
    &["status", "-p", "dev-mfa", "--check"],
    &["export", "-p", "dev", "--no-input"],
    &["export", "-p", "dev-mfa", "--format", "github"],
    &["exec", "-p", "dev", "--no-input", "--", "true"],
    &["credential-process", "-p", "dev", "--no-input"],
    &["whoami", "--no-input"],
    &["whoami", "-p", "dev-mfa", "--no-input"],
    &["logout", "--all"],
    &["man", "--install", "pages"],
];

/// What has not ended by then never does; the slowest of these runs waits 5 s for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `command` to its end, and panics if it has none.
fn ended(command: &mut Command) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("awsmfa runs");
    let id = child.id().to_string();
    let (ends, end) = mpsc::channel();
    std::thread::spawn(move || ends.send(child.wait_with_output()));
    match end.recv_timeout(PATIENCE) {
        Ok(output) => output.expect("it can be waited for"),
        Err(_) => {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            panic!(
                "it hangs: {:?} with {:?}",
                command.get_args().collect::<Vec<_>>(),
                command.get_envs().collect::<Vec<_>>()
            );
        }
    }
}

/// Runs every command in a home with these files and variables.
fn survives(config: &str, credentials: &str, variables: &[(&str, &str)]) {
    survives_in(&|_| {}, config, credentials, variables);
}

/// The same, where `furnish` puts something more into the home.
fn survives_in(
    furnish: &dyn Fn(&Home),
    config: &str,
    credentials: &str,
    variables: &[(&str, &str)],
) {
    for args in COMMANDS {
        // A home for each: one command must not tidy up for the next.
        let home = Home::new().config(config).credentials(credentials);
        furnish(&home);
        let mut command = home.command(args);
        // Nothing listens there.
        command
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .env("AWS_MAX_ATTEMPTS", "1");
        for (name, value) in variables {
            command.env(name, value);
        }
        let ended = ended(&mut command);
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let what = format!("{args:?} with {variables:?} and {credentials:?}: {stderr}");
        assert!(
            matches!(ended.status.code(), Some(0..=7 | 126 | 127)),
            "{:?}: {what}",
            ended.status
        );
        assert!(!stderr.contains("because of a bug"), "{what}");
        assert!(!stderr.contains("panicked"), "{what}");
        assert!(!stderr.contains("492039"), "a code is shown: {what}");
    }
}

#[test]
fn keys_in_the_environment_that_no_request_can_carry() {
    for odd in ["a\nb", "a\r", "a\u{1}b", "é", "a b", "\u{2028}", "🔑"] {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ] {
            let mut keys = [
                ("AWS_ACCESS_KEY_ID", "AKIA1"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
                ("AWS_SESSION_TOKEN", "t"),
            ];
            for (key, value) in &mut keys {
                if *key == name {
                    *value = odd;
                }
            }
            survives(CONFIG, CREDENTIALS, &keys);
            let without_token = if name == "AWS_SESSION_TOKEN" { 3 } else { 2 };
            survives(CONFIG, CREDENTIALS, &keys[..without_token]);
        }
    }
}

#[test]
fn keys_in_the_files_that_no_request_can_carry() {
    for odd in ["é", "a\u{1}b", "a b", "\u{85}x", "\u{7f}", "🔑 🔑"] {
        for (id, secret, token) in [(odd, "s", "t"), ("AKIA1", odd, "t"), ("AKIA1", "s", odd)] {
            let credentials = format!(
                "[dev]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\n[dev-mfa]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
            );
            survives(CONFIG, &credentials, &[]);
        }
    }
}

#[test]
fn ends_of_sessions_that_are_far_off_in_any_zone() {
    for end in [
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31 23:59:59",
        "+262142-12-31 23:59:59",
        "-262143-01-01 00:00:00",
        "+262142-12-31 23:59:59+00:00",
        "99999999999999999999",
        "2027-06-30T23:59:60Z",
        "2027-01-01T00:00:00+99:99",
    ] {
        for zone in ["UTC", "XXX-167:59", "XXX167:59", ":nowhere", "<+26>-26"] {
            for name in [
                "x_security_token_expires",
                "expiration",
                "aws_expiration",
                "aws_session_expiration",
            ] {
                let credentials = format!(
                    "{CREDENTIALS}\n[dev-mfa]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n{name} = {end}\n"
                );
                let home = Home::new().config(CONFIG).credentials(&credentials);
                for args in [&["status"][..], &["status", "--json"], &["logout", "--all"]] {
                    let ended = home
                        .command(args)
                        .env("TZ", zone)
                        .output()
                        .expect("awsmfa runs");
                    let stderr = String::from_utf8_lossy(&ended.stderr);
                    assert!(
                        matches!(ended.status.code(), Some(0 | 3)),
                        "{args:?}, {name} = {end} in {zone}: {:?}: {stderr}",
                        ended.status
                    );
                }
            }
            survives(
                CONFIG,
                &format!(
                    "{CREDENTIALS}\n[dev-mfa]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = {end}\n"
                ),
                &[("TZ", zone)],
            );
        }
    }
}

/// Variables, and the files and folders that they can name: whatever is there, nothing waits for it or
/// reads it for ever.
#[cfg(unix)]
#[test]
fn files_without_an_end_wherever_a_variable_names_one() {
    let session = "\n[dev-mfa]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\nx_security_token_expires = 2099-01-02T03:04:05Z\n";
    let credentials = format!("{CREDENTIALS}{session}");
    // In the home, which is the folder that the runs begin in.
    let furnish = |home: &Home| {
        let folder = home.path().join("folder");
        std::fs::create_dir(&folder).expect("the home is writable");
        std::fs::create_dir(home.path().join("pages")).expect("the home is writable");
        for pipe in ["pipe", "folder/pipe", "pages/awsmfa-login.1"] {
            let made = Command::new("mkfifo").arg(home.path().join(pipe)).status();
            assert!(made.expect("mkfifo is on every Unix").success());
        }
        let huge = std::fs::File::create(home.path().join("huge")).expect("created");
        huge.set_len(1 << 40).expect("a file with holes");
        std::fs::hard_link(home.path().join("huge"), folder.join("huge")).expect("a link");
    };
    for name in [
        "TZ",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SMITHY_CLIENT_SDK_CUSTOM_PARTITION",
        "AWS_CA_BUNDLE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "GITHUB_ENV",
        "XDG_STATE_HOME",
        "XDG_DATA_HOME",
        "TMPDIR",
    ] {
        for value in [
            "pipe",
            "huge",
            "folder",
            "/dev/zero",
            "/dev/tty",
            "none",
            "",
        ] {
            let value = match value {
                "pipe" | "huge" | "folder" | "none" if name != "TZ" => value,
                // A relative path is one below the folder of all zones.
                "pipe" | "huge" => continue,
                value => value,
            };
            survives_in(
                &furnish,
                CONFIG,
                &credentials,
                &[(name, value), ("AWS_ENDPOINT_URL", "https://127.0.0.1:9")],
            );
        }
    }
}

/// A zone is named in several ways, all of which may lead to something that is none.
#[cfg(unix)]
#[test]
fn zones_without_an_end() {
    let session = "\n[dev-mfa]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n";
    let folder = tempfile::TempDir::new().expect("a folder");
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo is on every Unix").success());
    let huge = folder.path().join("huge");
    let file = std::fs::File::create(&huge).expect("created");
    file.set_len(1 << 40).expect("a file with holes");
    for path in [&pipe, &huge, &"/dev/zero".into(), &"/dev/stdin".into()] {
        let path = path.to_str().expect("UTF-8");
        for zone in [
            path.to_owned(),
            format!(":{path}"),
            format!("../../..{path}"),
            format!(":../../..{path}"),
        ] {
            for end in [
                "x_security_token_expires = 2099-01-02T03:04:05Z",
                // As a tool writes it that means the computer's zone.
                "expiration = 2099-01-02 03:04:05",
            ] {
                let credentials = format!("{CREDENTIALS}{session}{end}\n");
                let home = Home::new().config(CONFIG).credentials(credentials);
                for args in [&["status"][..], &["logout", "--all"]] {
                    let ended = ended(home.command(args).env("TZ", &zone));
                    let stderr = String::from_utf8_lossy(&ended.stderr);
                    assert_eq!(ended.status.code(), Some(0), "{args:?} in {zone}: {stderr}");
                }
            }
        }
    }
}

#[test]
fn settings_beyond_all_measure() {
    let huge = "9".repeat(400);
    let long = "x".repeat(100_000);
    for value in [
        "0",
        "-1",
        "4294967295",
        "1000000000",
        "18446744073709551616",
        &huge,
        "1e9",
        "\u{0661}",
        "",
        " ",
        &long,
    ] {
        for name in [
            "AWS_MAX_ATTEMPTS",
            "AWSMFA_DURATION",
            "AWSMFA_CODE",
            "AWSMFA_MFA_SERIAL",
            "AWS_REGION",
            "AWS_PROFILE",
            "AWS_ENDPOINT_URL_STS",
            "AWS_CA_BUNDLE",
            "HTTPS_PROXY",
            "NO_PROXY",
            "TZ",
            "COLUMNS",
            "AWS_CONFIG_FILE",
        ] {
            // More attempts than one are made for 30 s, as wished; that they are bounded is tested
            // where they are read.
            let is_slow = name == "AWS_MAX_ATTEMPTS" && value.parse::<u32>().is_ok_and(|n| n > 1);
            if !is_slow {
                survives(CONFIG, CREDENTIALS, &[(name, value)]);
            }
        }
        let config = format!(
            "[profile dev]\nmfa_serial = {SERIAL}\nregion = {value}\nmax_attempts = {value}\nduration_seconds = {value}\nsource_profile = {value}\nendpoint_url = {value}\n"
        );
        survives(&config, CREDENTIALS, &[]);
    }
}

#[test]
fn names_beyond_all_measure() {
    let long = "x".repeat(70_000);
    let session = "aws_access_key_id = ASIAX\naws_secret_access_key = s7\naws_session_token = t7\n";
    for credentials in [
        format!("{CREDENTIALS}\n[dev-mfa]\n{session}awsmfa_source_profile = {long}\n"),
        format!("{CREDENTIALS}\n[{long}-mfa]\n{session}awsmfa_source_profile = {long}\n"),
        format!(
            "{CREDENTIALS}\n[dev-mfa]\n{session}awsmfa_mfa_serial = arn:aws:iam::1:mfa/{long}\n"
        ),
    ] {
        survives(CONFIG, &credentials, &[]);
    }
}

#[test]
fn what_stands_below_a_setting_that_makes_no_sense_is_not_shown() {
    for setting in [
        "region",
        "mfa_serial",
        "role_arn",
        "source_profile",
        "duration_seconds",
        "endpoint_url",
        "ca_bundle",
        "max_attempts",
        "sts_regional_endpoints",
        "use_fips_endpoint",
    ] {
        let config = format!(
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = x\n{setting} = ?\n  hush/token7\n"
        );
        let credentials =
            format!("{CREDENTIALS}\n[x]\naws_access_key_id = AKIAX\naws_secret_access_key = s7\n");
        for args in COMMANDS {
            let home = Home::new().config(&config).credentials(&credentials);
            let ended = home.command(args).output().expect("awsmfa runs");
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(!said.contains("hush/token7"), "{args:?}: {said}");
        }
    }
}
