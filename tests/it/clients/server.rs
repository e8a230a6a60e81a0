//! Repeats the tests of the clients against moto, an AWS server that is not ours.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use indoc::formatdoc;
use serde_json::{Value, json};

use super::{CLIENTS, answer, python, run_in};
use crate::scene::finish;
use crate::support::home::Home;
use crate::support::run::Run;

/// Moto, listening on this machine only. It ends when this is dropped.
struct Moto {
    child: Child,
    endpoint: String,
}

impl Moto {
    fn start() -> Self {
        // Port 0 means any free port; moto prints which one it got.
        let mut child = Command::new(python())
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/clients/server.py"
            ))
            .args(["--host", "127.0.0.1", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto is installed");
        let mut lines = BufReader::new(child.stderr.take().expect("it is a pipe")).lines();
        let endpoint = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, address) = line.split_once("Running on ")?;
            Some(address.trim().to_owned())
        });
        // Moto would block on a full pipe, so the rest of its output is read, too.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self {
            child,
            endpoint: endpoint.expect("moto says where it listens"),
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The output of the `deed` of tests/clients/client.py in an empty account.
fn made(home: &Home, deed: &str) -> Vec<String> {
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/client.py");
    let words = [
        python().to_string_lossy().into_owned(),
        client.to_owned(),
        deed.to_owned(),
    ];
    let mut command = run_in(home, &words);
    // To moto every caller owns an empty account.
    command.envs([
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ]);
    serde_json::from_str(&answer(command, "boto3")).expect("it is JSON")
}

/// A home with the keys of a user that moto knows.
fn home(moto: &Moto) -> Home {
    let home = Home::new().endpoint(&moto.endpoint);
    let made = made(&home, "account");
    let [id, secret, serial] = &made[..] else {
        panic!("{made:?}")
    };
    let credentials = formatdoc! {"
        [dev]
        aws_access_key_id = {id}
        aws_secret_access_key = {secret}
    "};
    let awsmfa = env!("CARGO_BIN_EXE_awsmfa");
    let config = formatdoc! {"
        [profile dev]
        region = eu-central-1
        mfa_serial = {serial}

        [profile work]
        region = eu-central-1
        credential_process = {awsmfa} credential-process -p dev
    "};
    home.credentials(credentials).config(config)
}

/// The output of awsmfa; panics if it fails.
fn awsmfa(home: &Home, args: &[&str]) -> String {
    let output = finish(home.command(args));
    assert!(output.status.success(), "{args:?} {output:?}");
    String::from_utf8(output.stdout).expect("awsmfa prints UTF-8")
}

#[test]
#[ignore = "needs tests/clients/install"]
fn a_session_from_another_server_works_for_every_client_in_every_way() {
    let moto = Moto::start();
    let home = home(&moto);
    // Moto accepts every code.
    awsmfa(&home, &["login", "-q", "-p", "dev", "--code", "123456"]);
    let whoami = awsmfa(&home, &["whoami", "-p", "dev-mfa", "--json"]);
    let whoami: Value = serde_json::from_str(&whoami).expect("it is JSON");
    // Moto attributes every session to this user.
    let arn = "arn:aws:sts::123456789012:user/moto";
    assert_eq!(whoami["arn"], arn);
    let exported = awsmfa(&home, &["export", "-p", "dev", "--format", "env-no-export"]);
    let variables: Vec<_> = exported
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    let key = variables
        .iter()
        .find(|(name, _)| *name == "AWS_ACCESS_KEY_ID");
    let (_, key) = key.expect("a session has one");
    for client in CLIENTS {
        let expected = client.says(arn, key);
        for profile in ["dev-mfa", "work"] {
            let command = run_in(&home, &client.whoami(Some(profile)));
            assert_eq!(
                answer(command, &format!("{client:?} {profile}")),
                expected,
                "{client:?} {profile}"
            );
        }
        let mut command = run_in(&home, &client.whoami(None));
        command.envs(variables.iter().copied());
        assert_eq!(
            answer(command, &format!("{client:?}")),
            expected,
            "{client:?} with variables"
        );
    }
}

/// A different code each second: moto accepts any.
const CODES: &str = "date +%s | tail -c 7";

#[test]
#[ignore = "needs tests/clients/install"]
fn a_user_with_only_a_key_gets_two_devices_but_none_at_another_server() {
    let moto = Moto::start();
    let home = Home::new().endpoint(&moto.endpoint);
    let made = made(&home, "user");
    let [id, secret] = &made[..] else {
        panic!("{made:?}")
    };
    let setup = ["setup", "dev", "--region", "us-east-1", "--no-login"];
    let setup = Run::new(&home)
        .args(setup)
        .stdin(format!("{id}\n{secret}\n"));
    setup.check_stderr(|_| {}).run();
    let seed = home.path().join("seed");
    let keep = format!("cat >{}", seed.display());
    let ways = ["--secret-command", &keep, "--code-command", CODES, "--json"];
    let parsed = |printed: String| -> Value { serde_json::from_str(&printed).expect("JSON") };
    let enroll = ["device", "enroll", "dev"].iter().chain(&ways).copied();
    let enrolled = parsed(awsmfa(&home, &enroll.collect::<Vec<_>>()));
    let first = "arn:aws:iam::123456789012:mfa/alice";
    assert_eq!(
        (
            &enrolled["mfa_serial"],
            &enrolled["profile"],
            &enrolled["state"]
        ),
        (&json!(first), &json!("dev-mfa"), &json!("valid"))
    );
    assert!(
        std::fs::read_to_string(&seed)
            .expect("it was kept")
            .starts_with("otpauth://totp/")
    );
    let devices = || {
        let list = parsed(awsmfa(&home, &["device", "list", "dev", "--json"]));
        let serials = list.as_array().expect("a list").iter();
        let serials = serials.map(|it| it["mfa_serial"].as_str().expect("text").to_owned());
        serials.collect::<Vec<_>>()
    };
    assert_eq!(devices(), [first]);
    let replace = ["device", "replace", "alice", "-p", "dev"]
        .iter()
        .chain(&ways)
        .copied();
    let replaced = parsed(awsmfa(&home, &replace.collect::<Vec<_>>()));
    let second = "arn:aws:iam::123456789012:mfa/alice-2";
    assert_eq!(replaced["mfa_serial"], second);
    assert_eq!(devices(), [second]);
    assert!(
        home.read_config()
            .contains(&format!("mfa_serial = {second}\n"))
    );
    awsmfa(
        &home,
        &["device", "remove", "alice-2", "-p", "dev", "--yes"],
    );
    assert_eq!(devices(), Vec::<String>::new());
    assert!(!home.read_config().contains("mfa_serial"));
}
