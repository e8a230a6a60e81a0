//! Checks that real clients can use what awsmfa writes and prints: the AWS CLI, boto3, and the AWS SDKs
//! for JavaScript and Rust. `tests/clients/install` installs them.
//!
//! No client can leave this machine: the environment sends every request to a stand-in, nobody listens
//! at the proxy's address, and the programs in tests/clients know no other way out.

mod odd;
mod server;
mod settings;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use indoc::indoc;

use crate::scene::{CONFIG, CREDENTIALS, alice, finish};
use crate::support::aws::account::Session;
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, KEY_ID, USER};
use crate::support::home::Home;
use crate::support::run::Run;

const ACCOUNT: &str = "123456789012";
const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

/// A profile that runs awsmfa, and a role that is reached through the session profile.
const OTHER_PROFILES: &str = indoc! {"

    [profile work]
    region = eu-central-1
    credential_process = {awsmfa} credential-process --profile dev

    [profile admin]
    region = eu-central-1
    role_arn = arn:aws:iam::123456789012:role/admin
    source_profile = dev-mfa
    role_session_name = morning
"};

const ADMIN: &str = "arn:aws:sts::123456789012:assumed-role/admin/morning";

/// Sends anything that would leave this machine to a closed port, and stops Node from warning about its
/// version.
pub(super) const CONFINED: [(&str, &str); 2] = [
    ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ("NODE_NO_WARNINGS", "1"),
];

/// Somebody else's AWS client.
#[derive(Clone, Copy, Debug)]
pub(super) enum Client {
    AwsCli,
    Boto3,
    JavaScript,
    Rust,
}

pub(super) const CLIENTS: [Client; 4] = [
    Client::AwsCli,
    Client::Boto3,
    Client::JavaScript,
    Client::Rust,
];

impl Client {
    /// The command that asks AWS who the caller is, with a profile or with what the client finds itself.
    pub(super) fn whoami(self, profile: Option<&str>) -> Vec<String> {
        let (program, words): (_, &[&str]) = match self {
            Self::AwsCli => (
                python(),
                &[
                    "-m",
                    "awscli",
                    "sts",
                    "get-caller-identity",
                    "--output=text",
                    "--query=join(' ',[Account,Arn])",
                ],
            ),
            Self::Boto3 => (
                python(),
                &[
                    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/client.py"),
                    "whoami",
                ],
            ),
            Self::JavaScript => (
                node(),
                &[
                    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/client.cjs"),
                    "whoami",
                ],
            ),
            Self::Rust => (rust(), &[]),
        };
        let flag = matches!(self, Self::AwsCli).then_some("--profile");
        let profile = profile
            .into_iter()
            .flat_map(|name| flag.into_iter().chain([name]));
        let words = words.iter().copied().chain(profile).map(str::to_owned);
        [program.to_string_lossy().into_owned()]
            .into_iter()
            .chain(words)
            .collect()
    }

    /// Asks AWS who the caller is.
    fn asks(self, home: &Home, profile: Option<&str>, variables: &[(String, String)]) -> String {
        let mut command = run_in(home, &self.whoami(profile));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        answer(command, &format!("{self:?} with {profile:?}"))
    }
}

/// A client's command in a home whose environment contains no credentials.
pub(super) fn run_in(home: &Home, words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear();
    command.env("PATH", "/usr/bin:/bin").envs(CONFINED);
    home.enter(&mut command);
    command
}

/// The line that a client prints; a failing one shows why.
pub(super) fn answer(command: Command, who: &str) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = finish(command);
    let (out, err) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(status.success(), "{who}: {status}\n{out}{err}");
    out.trim_end().to_owned()
}

pub(super) fn python() -> PathBuf {
    installed("target/clients/python/bin/python3")
}

pub(super) fn node() -> PathBuf {
    installed("target/clients/node/node")
}

/// The client that Cargo builds beside this test.
fn rust() -> PathBuf {
    let test = std::env::current_exe().expect("the test is a file");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("it is in a folder of the build");
    installed(folder.join("examples/client"))
}

fn installed(path: impl AsRef<Path>) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    assert!(
        path.exists(),
        "{} is missing: run tests/clients/install",
        path.display()
    );
    path
}

/// An account with a role that needs MFA, and the profiles that lead to its sessions.
struct Office {
    aws: Aws,
    home: Home,
}

impl Office {
    fn new() -> Self {
        let aws = alice().role("admin").needs_mfa().start();
        let home = Home::with(&aws).credentials(CREDENTIALS).config(config());
        Self { aws, home }
    }

    fn signed_in() -> Self {
        let office = Self::new();
        let code = office.aws.code(USER);
        let run = Run::new(&office.home).args(["login", "-p", "dev", "-q", "--code", &code]);
        run.run();
        office
    }

    /// The most recent session.
    fn session(&self) -> Session {
        self.aws.sessions().pop().expect("a session was issued")
    }

    /// Every request made by `act`: its action and the key that signed it.
    fn requests_of(&self, act: impl FnOnce()) -> Vec<(String, String)> {
        let before = self.aws.requests().len();
        act();
        let requests = self.aws.requests().split_off(before);
        let signed = requests
            .into_iter()
            .map(|it| (it.call.action, it.access_key_id));
        signed.collect()
    }

    /// The output of `awsmfa export`, as variables.
    fn exported(&self, args: &[&str]) -> Vec<(String, String)> {
        let run = Run::new(&self.home)
            .args(["export", "--format", "env-no-export"])
            .args(args);
        let ran = run.may_show(Kind::Session).check_stdout(|_| {}).run();
        let pairs = ran.stdout.lines().filter_map(|line| line.split_once('='));
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// The config file, with the profiles that lead to a session.
pub(super) fn config() -> String {
    CONFIG.to_owned() + &OTHER_PROFILES.replace("{awsmfa}", env!("CARGO_BIN_EXE_awsmfa"))
}

fn who(arn: &str) -> String {
    format!("{ACCOUNT} {arn}")
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_gets_the_session_from_its_profile_and_the_keys_from_theirs() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    for client in CLIENTS {
        for (profile, key) in [("dev-mfa", session.as_str()), ("dev", KEY_ID)] {
            let requests = office.requests_of(|| {
                assert_eq!(client.asks(&office.home, Some(profile), &[]), who(ALICE));
            });
            assert_eq!(
                requests,
                [("GetCallerIdentity".to_owned(), key.to_owned())],
                "{client:?}"
            );
        }
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_uses_the_session_that_aws_profile_names() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    let chosen = [("AWS_PROFILE".to_owned(), "dev-mfa".to_owned())];
    for client in CLIENTS {
        let requests = office.requests_of(|| {
            assert_eq!(client.asks(&office.home, None, &chosen), who(ALICE));
        });
        assert_eq!(
            requests,
            [("GetCallerIdentity".to_owned(), session.clone())],
            "{client:?}"
        );
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_uses_the_session_from_export() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    let variables = office.exported(&["-p", "dev"]);
    // The variables are enough: this home contains no files.
    let nowhere = Home::with(&office.aws);
    for client in CLIENTS {
        let requests = office.requests_of(|| {
            assert_eq!(client.asks(&nowhere, None, &variables), who(ALICE));
        });
        assert_eq!(
            requests,
            [("GetCallerIdentity".to_owned(), session.clone())],
            "{client:?}"
        );
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_uses_the_session_under_exec() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    for client in CLIENTS {
        let words = client.whoami(None);
        let args = ["exec", "-p", "dev", "--"].into_iter().map(str::to_owned);
        let requests = office.requests_of(|| {
            let run = Run::new(&office.home).args(args.chain(words));
            // Nothing else in the environment takes precedence.
            let run = run.env("AWS_PROFILE", "dev");
            let run = CONFINED
                .iter()
                .fold(run, |run, (name, value)| run.env(name, value));
            run.stdout(who(ALICE) + "\n").run();
        });
        assert_eq!(
            requests,
            [("GetCallerIdentity".to_owned(), session.clone())],
            "{client:?}"
        );
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_gets_the_session_through_a_credential_process() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    for client in CLIENTS {
        let requests = office.requests_of(|| {
            assert_eq!(client.asks(&office.home, Some("work"), &[]), who(ALICE));
        });
        assert_eq!(
            requests,
            [("GetCallerIdentity".to_owned(), session.clone())],
            "{client:?}"
        );
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_signs_in_through_a_credential_process_that_gets_a_code() {
    for client in CLIENTS {
        let office = Office::new();
        let code = [("AWSMFA_CODE".to_owned(), office.aws.code(USER))];
        let requests = office.requests_of(|| {
            assert_eq!(client.asks(&office.home, Some("work"), &code), who(ALICE));
        });
        let expected = [
            ("GetSessionToken".to_owned(), KEY_ID.to_owned()),
            (
                "GetCallerIdentity".to_owned(),
                office.session().access_key_id,
            ),
        ];
        assert_eq!(requests, expected, "{client:?}");
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_assumes_a_role_through_the_profile_of_the_session() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    for client in CLIENTS {
        let requests = office.requests_of(|| {
            assert_eq!(client.asks(&office.home, Some("admin"), &[]), who(ADMIN));
        });
        let expected = [
            ("AssumeRole".to_owned(), session.clone()),
            (
                "GetCallerIdentity".to_owned(),
                office.session().access_key_id,
            ),
        ];
        assert_eq!(requests, expected, "{client:?}");
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_uses_a_roles_session_through_its_profile_and_through_export() {
    let office = Office::signed_in();
    let run = Run::new(&office.home).args(["login", "-q", "-p", "admin"]);
    run.run();
    let session = office.session().access_key_id;
    let variables = office.exported(&["-p", "admin"]);
    for client in CLIENTS {
        let requests = office.requests_of(|| {
            assert_eq!(
                client.asks(&office.home, Some("admin-mfa"), &[]),
                who(ADMIN)
            );
            assert_eq!(client.asks(&office.home, None, &variables), who(ADMIN));
        });
        let asked = ("GetCallerIdentity".to_owned(), session.clone());
        assert_eq!(requests, [asked.clone(), asked], "{client:?}");
    }
}
