//! Sets the scene that the tests share: alice, her keys in profile dev, her device, her two files, and
//! runs of awsmfa with them. It never tests anything itself.

#[cfg(target_os = "linux")]
mod namespace;
mod process;
#[cfg(unix)]
mod renewal;
mod snapshot;
#[cfg(target_os = "linux")]
mod strace;

use std::sync::atomic::AtomicUsize;

use indoc::indoc;

#[cfg(target_os = "linux")]
pub(crate) use namespace::find_namespace;
#[cfg(target_os = "linux")]
pub(crate) use process::is_installed;
#[cfg(unix)]
pub(crate) use process::{finish, wrap};
pub(crate) use process::{output_text, spawn, wait, wait_until};
#[cfg(target_os = "linux")]
pub(crate) use renewal::Renewal;
#[cfg(unix)]
pub(crate) use renewal::{
    NEW_CONFIG, OLD_CONFIG, Version, leftovers, new_credentials, old_credentials,
};
pub(crate) use snapshot::{file_names, snapshot};
#[cfg(target_os = "linux")]
pub(crate) use strace::{CHANGES, Call, file_calls, from_first_file, need_strace, traced};

use crate::support::aws::{Aws, Builder, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::run::{Ran, Run};
use crate::support::system;
#[cfg(unix)]
use crate::support::terminal::Terminal;

/// The files that stay forever: a lock file that is removed could be locked twice.
pub(crate) const STAY: [&str; 5] = [
    "config",
    "config.awsmfa.lock",
    "credentials",
    "credentials.awsmfa-dev-mfa.lock",
    "credentials.awsmfa.lock",
];

/// Alice's credentials file.
pub(crate) const CREDENTIALS: &str = indoc! {"
    # mine, do not touch
    [dev]
    aws_access_key_id = AKIAIOSFODNN7EXAMPLE
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"};

/// Alice's config file.
pub(crate) const CONFIG: &str = indoc! {"
    [profile dev]
    region = eu-central-1
    output = json
    mfa_serial = arn:aws:iam::123456789012:mfa/alice
"};

/// The same without a device in the files, so that AWS is asked for it.
pub(crate) const CONFIG_WITHOUT_DEVICE: &str = indoc! {"
    [profile dev]
    region = eu-central-1
    output = json
"};

/// Alice's long-term keys, without a header.
pub(crate) const KEYS: &str = indoc! {"
    aws_access_key_id = AKIAIOSFODNN7EXAMPLE
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"};

/// A session of dev that outlives every test, for appending to the credentials file.
pub(crate) const SESSION: &str = indoc! {"

    [dev-mfa]
    aws_access_key_id = ASIAIOSFODNN7EXAMPLE
    aws_secret_access_key = session/secret+key
    aws_session_token = session/token+with/all==
    x_security_token_expires = 2099-01-02T03:04:05Z
    awsmfa_source_profile = dev
    awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice
"};

/// The serial of alice's device.
pub(crate) const SERIAL: &str = "arn:aws:iam::123456789012:mfa/alice";

/// The base32 secret of alice's device, for tests that need to know it.
pub(crate) const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The prompt for a code of alice's device.
#[cfg(unix)]
pub(crate) const PROMPT: &str = "code for dev (device alice, account 123456789012): ";

/// What a login prints if nothing else is worth saying.
pub(crate) const READY: &str = indoc! {"
    dev-mfa is ready until {*} (12h from now)
    use it with: export AWS_PROFILE=dev-mfa
"};

/// The request that exchanges a code for a session.
pub(crate) const ISSUE: &str = "GetSessionToken";

/// A code that no device shows: it must be refused before AWS could see it.
const UNSEEN_CODE: &str = "314159";

/// The file that [`Scene::login_with_tripwire`] leaves when its code is read.
pub(crate) const TRIPWIRE: &str = "code-was-read";

/// An account with alice and her keys, without a device.
pub(crate) fn alice_without_device() -> Builder {
    Aws::builder().user(USER).key(KEY_ID, SECRET_KEY)
}

/// An account with alice, her keys and her device.
pub(crate) fn alice() -> Builder {
    alice_without_device().device(USER, DEVICE_SECRET)
}

/// A stand-in, and a home that uses it.
pub(crate) struct Scene {
    pub(crate) aws: Aws,
    pub(crate) home: Home,
    /// Alice's devices that give codes, which renewals use in turn.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix tests renewals"))]
    devices: Vec<String>,
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix tests renewals"))]
    next_device: AtomicUsize,
}

impl Default for Scene {
    fn default() -> Self {
        Self::with(Aws::start())
    }
}

impl Scene {
    /// Alice's files with this AWS.
    pub(crate) fn with(aws: Aws) -> Self {
        let home = Home::with(&aws).credentials(CREDENTIALS).config(CONFIG);
        Self {
            aws,
            home,
            devices: vec![USER.to_owned()],
            next_device: AtomicUsize::new(0),
        }
    }

    /// Other files.
    pub(crate) fn with_files(config: impl AsRef<[u8]>, credentials: impl AsRef<[u8]>) -> Self {
        Self::default().config(config).credentials(credentials)
    }

    /// Alice's files with [`SESSION`] in them.
    pub(crate) fn signed_in() -> Self {
        Self::default().credentials(CREDENTIALS.to_owned() + SESSION)
    }

    /// Writes the config file.
    pub(crate) fn config(self, text: impl AsRef<[u8]>) -> Self {
        let home = self.home.config(text);
        Self { home, ..self }
    }

    /// Writes the credentials file.
    pub(crate) fn credentials(self, text: impl AsRef<[u8]>) -> Self {
        let home = self.home.credentials(text);
        Self { home, ..self }
    }

    /// awsmfa with these arguments.
    pub(crate) fn run<'a>(&'a self, args: &[&str]) -> Run<'a> {
        Run::new(&self.home).args(args)
    }

    /// awsmfa at a terminal, with these arguments.
    #[cfg(unix)]
    pub(crate) fn terminal<'a>(&'a self, args: &[&str]) -> Terminal<'a> {
        Terminal::new(&self.home).args(args)
    }

    /// `login` with these arguments and a good code.
    pub(crate) fn login<'a>(&'a self, args: &[&str]) -> Run<'a> {
        self.run(&["login", "--code", &self.aws.code(USER)])
            .args(args)
    }

    /// `login` with these arguments and a command for the code, which leaves a mark when it runs.
    pub(crate) fn login_with_tripwire<'a>(&'a self, args: &[&str]) -> Run<'a> {
        let command = system::marking(TRIPWIRE, UNSEEN_CODE);
        self.run(&["login", "--code-command", &command]).args(args)
    }

    /// Checks that a run of [`Scene::login_with_tripwire`] is refused: no connection is made, no code is
    /// read, no file changes.
    pub(crate) fn refuses(&self, run: Run<'_>, status: i32, stderr: &str) {
        let connections = self.aws.connections();
        self.fails(run, status, stderr, &[]);
        let mark = self.home.path().join(TRIPWIRE);
        assert!(!mark.exists(), "a code was read");
        assert_eq!(self.aws.connections(), connections, "connections");
    }

    /// Checks that a run fails, makes exactly these requests and changes nothing.
    pub(crate) fn fails(&self, run: Run<'_>, status: i32, stderr: &str, actions: &[&str]) {
        let sent = self.aws.actions().len();
        let before = snapshot(&self.home);
        run.status(status).stderr(stderr).run();
        assert_eq!(self.aws.actions()[sent..], *actions, "the requests");
        assert_eq!(snapshot(&self.home), before, "files changed");
    }

    /// Checks that a run prints `stderr` and makes exactly these requests.
    pub(crate) fn works(&self, run: Run<'_>, stderr: &str, actions: &[&str]) -> Ran {
        let sent = self.aws.actions().len();
        let ran = run.stderr(stderr).run();
        assert_eq!(self.aws.actions()[sent..], *actions, "the requests");
        ran
    }
}
