//! Checks that real clients can use what awsmfa writes and prints: the AWS CLI 1 and 2, boto3, and the AWS
//! SDKs for JavaScript, Rust, Go, Ruby and C++. `tests/clients/install` installs them. What a client can't
//! do is expected, too, and the page on tools says the same.
//!
//! No client can leave this machine: the environment sends every request to a stand-in, nobody listens
//! at the proxy's address, and the programs in tests/clients know no other way out.

mod odd;
mod page;
mod server;
mod settings;
mod terminal;

use std::fmt;
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

/// Sends anything that would leave this machine to a closed port, stops Node from warning about its version,
/// and the AWS CLI 2 from waiting in a pager.
pub(super) const CONFINED: [(&str, &str); 3] = [
    ("AWS_PAGER", ""),
    ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ("NODE_NO_WARNINGS", "1"),
];

/// Somebody else's AWS client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    AwsCli,
    AwsCli2,
    Boto3,
    JavaScript,
    Rust,
    Go,
    Ruby,
    Cpp,
}

pub(super) const CLIENTS: [Client; 8] = [
    Client::AwsCli2,
    Client::AwsCli,
    Client::Boto3,
    Client::JavaScript,
    Client::Rust,
    Client::Go,
    Client::Ruby,
    Client::Cpp,
];

/// A way to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The session profile itself.
    Profile,
    /// A profile with a role whose source is the session profile.
    Role,
    /// A profile that runs awsmfa.
    Process,
    /// The variables of `export` and `exec`.
    Environment,
}

pub(super) const WAYS: [Way; 4] = [Way::Profile, Way::Role, Way::Process, Way::Environment];

/// What a client makes of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Works,
    /// It sends unsigned requests.
    Anonymous,
}

/// As in the documentation.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Works => "yes",
            Self::Anonymous => "**no: it sends unsigned requests**",
        })
    }
}

impl Client {
    /// What is expected of it.
    pub(super) fn outcome(self, way: Way) -> Outcome {
        match (self, way) {
            (Self::Cpp, Way::Role) => Outcome::Anonymous,
            _ => Outcome::Works,
        }
    }

    /// The command that asks AWS who the caller is, with a profile or with what the client finds itself.
    pub(super) fn whoami(self, profile: Option<&str>) -> Vec<String> {
        const IDENTITY: [&str; 4] = [
            "sts",
            "get-caller-identity",
            "--output=text",
            "--query=join(' ',[Account,Arn])",
        ];
        let script = |name| format!("{}/tests/clients/{name}", env!("CARGO_MANIFEST_DIR"));
        let of_cli = IDENTITY.map(str::to_owned);
        let (program, words) = match self {
            Self::AwsCli => (
                python(),
                [&["-m".to_owned(), "awscli".to_owned()], &of_cli[..]].concat(),
            ),
            Self::AwsCli2 => (
                installed("target/clients/aws-cli/dist/aws"),
                of_cli.to_vec(),
            ),
            Self::Boto3 => (python(), vec![script("client.py"), "whoami".to_owned()]),
            Self::JavaScript => (node(), vec![script("client.cjs"), "whoami".to_owned()]),
            Self::Rust => (rust(), vec![]),
            Self::Go => (installed("target/clients/go/client"), vec![]),
            Self::Ruby => (installed("/usr/bin/ruby"), vec![script("client.rb")]),
            Self::Cpp => (python(), vec![script("arrow.py")]),
        };
        let flag = matches!(self, Self::AwsCli | Self::AwsCli2).then_some("--profile");
        let profile = profile
            .into_iter()
            .flat_map(|name| flag.into_iter().chain([name]));
        let profile = profile.map(str::to_owned);
        [program.to_string_lossy().into_owned()]
            .into_iter()
            .chain(words)
            .chain(profile)
            .collect()
    }

    /// What it prints if the access key `key` is that of `arn`. pyarrow has nothing to ask who it is.
    pub(super) fn says(self, arn: &str, key: &str) -> String {
        match self {
            Self::Cpp => key.to_owned(),
            _ => who(arn),
        }
    }

    /// The requests it sends to AWS to find out, each with the key that signed it.
    pub(super) fn sends(self, key: &str) -> Vec<(String, String)> {
        match self {
            Self::Cpp => vec![],
            _ => vec![("GetCallerIdentity".to_owned(), key.to_owned())],
        }
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
                let said = client.asks(&office.home, Some(profile), &[]);
                assert_eq!(said, client.says(ALICE, key));
            });
            assert_eq!(requests, client.sends(key), "{client:?}");
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
            let said = client.asks(&office.home, None, &chosen);
            assert_eq!(said, client.says(ALICE, &session));
        });
        assert_eq!(requests, client.sends(&session), "{client:?}");
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
            let said = client.asks(&nowhere, None, &variables);
            assert_eq!(said, client.says(ALICE, &session));
        });
        assert_eq!(requests, client.sends(&session), "{client:?}");
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
            run.stdout(client.says(ALICE, &session) + "\n").run();
        });
        assert_eq!(requests, client.sends(&session), "{client:?}");
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_gets_the_session_through_a_credential_process() {
    let office = Office::signed_in();
    let session = office.session().access_key_id;
    for client in CLIENTS {
        let requests = office.requests_of(|| {
            let said = client.asks(&office.home, Some("work"), &[]);
            assert_eq!(said, client.says(ALICE, &session));
        });
        assert_eq!(requests, client.sends(&session), "{client:?}");
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn every_client_signs_in_through_a_credential_process_that_gets_a_code() {
    for client in CLIENTS {
        let office = Office::new();
        let code = [("AWSMFA_CODE".to_owned(), office.aws.code(USER))];
        let requests = office.requests_of(|| {
            let said = client.asks(&office.home, Some("work"), &code);
            let session = office.session().access_key_id;
            assert_eq!(said, client.says(ALICE, &session));
        });
        let mut expected = vec![("GetSessionToken".to_owned(), KEY_ID.to_owned())];
        expected.extend(client.sends(&office.session().access_key_id));
        assert_eq!(requests, expected, "{client:?}");
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn a_client_assumes_a_role_through_the_profile_of_the_session_or_goes_on_without_credentials() {
    for client in CLIENTS {
        // A home for each: the AWS CLI keeps roles' sessions, and both versions use one cache.
        let office = Office::signed_in();
        let session = office.session().access_key_id;
        let mut said = String::new();
        let requests = office.requests_of(|| {
            said = client.asks(&office.home, Some("admin"), &[]);
        });
        let (answer, expected) = match client.outcome(Way::Role) {
            Outcome::Works => {
                let key = office.session().access_key_id;
                let mut expected = vec![("AssumeRole".to_owned(), session.clone())];
                expected.extend(client.sends(&key));
                (client.says(ADMIN, &key), expected)
            }
            Outcome::Anonymous => ("anonymous".to_owned(), vec![]),
        };
        assert_eq!((said, requests), (answer, expected), "{client:?}");
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
            let expected = client.says(ADMIN, &session);
            let said = client.asks(&office.home, Some("admin-mfa"), &[]);
            assert_eq!(said, expected);
            assert_eq!(client.asks(&office.home, None, &variables), expected);
        });
        let asked = client.sends(&session);
        assert_eq!(requests, [&asked[..], &asked].concat(), "{client:?}");
    }
}
