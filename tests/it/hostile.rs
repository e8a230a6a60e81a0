//! Drives every command with files and environments that nobody should have. Whatever happens, a
//! run ends with an exit code of README's and with lines that say what they are; a defect is never
//! reported, because there is none.

use crate::scene::{CONFIG, CREDENTIALS, SERIAL};
use crate::support::home::Home;

/// Every command that reads a file or a variable.
const COMMANDS: [&[&str]; 11] = [
    &["login", "-p", "dev", "--code", "492039"],
    &["login", "--code", "492039"],
    &["status"],
    &["status", "--json"],
    &["status", "-p", "dev-mfa", "--check"],
    &["export", "-p", "dev", "--no-input"],
    &["exec", "-p", "dev", "--no-input", "--", "true"],
    &["credential-process", "-p", "dev", "--no-input"],
    &["whoami", "--no-input"],
    &["whoami", "-p", "dev-mfa", "--no-input"],
    &["logout", "--all"],
];

/// Runs every command in a home with these files and variables.
fn survives(config: &str, credentials: &str, variables: &[(&str, &str)]) {
    for args in COMMANDS {
        // A home for each: one command must not tidy up for the next.
        let home = Home::new().config(config).credentials(credentials);
        let mut command = home.command(args);
        // Nothing listens there.
        command
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .env("AWS_MAX_ATTEMPTS", "1")
            .stdin(std::process::Stdio::null());
        for (name, value) in variables {
            command.env(name, value);
        }
        let ended = command.output().expect("awsmfa runs");
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let what = format!("{args:?} with {variables:?} and {credentials:?}: {stderr}");
        assert!(
            matches!(ended.status.code(), Some(0..=7 | 126 | 127)),
            "{:?}: {what}",
            ended.status
        );
        assert!(!stderr.contains("defect"), "{what}");
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
