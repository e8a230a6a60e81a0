//! Renews a session between the user's own sections, and tells which version of the files is there
//! afterwards. It never harms a run: the tests do.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use indoc::{formatdoc, indoc};

use super::{STAY, Scene, alice_without_device, file_names, finish, output_text};
use crate::support::aws::account::Session;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY};
use crate::support::home::Home;

/// The config file before every renewal.
pub(crate) const OLD_CONFIG: &str = indoc! {"
    # theirs
    [profile dev]
    region = eu-central-1
    output = json
"};

/// The config file after every renewal.
pub(crate) const NEW_CONFIG: &str = indoc! {"
    # theirs
    [profile dev]
    region = eu-central-1
    output = json

    [profile dev-mfa]
    region = eu-central-1
    output = json
    awsmfa_copied = region,output
"};

/// A `login --force`, and the device that it signs in with.
pub(crate) struct Renewal {
    pub(crate) command: Command,
    pub(crate) serial: String,
}

/// The state of a file after a run that was harmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Old,
    New,
}

impl Scene {
    /// Alice with `count` devices, so that no renewal waits for the next code: there are up to five for
    /// each device. Her files hold an old session.
    pub(crate) fn with_devices(count: usize) -> Self {
        let devices: Vec<String> = (0..count).map(|it| format!("device-{it}")).collect();
        let builder = alice_without_device();
        let aws = devices
            .iter()
            .zip(0..)
            .fold(builder, |aws, (name, number)| {
                aws.device(name, &device_secret(number))
            })
            .start();
        Self {
            home: old_home(&aws),
            aws,
            devices,
            next_device: AtomicUsize::new(0),
        }
    }

    /// Another home with the files that the renewals begin with.
    pub(crate) fn another_home(&self) -> Home {
        old_home(&self.aws)
    }

    /// How many sessions were requested, and so how many codes were spent.
    pub(crate) fn spent_codes(&self) -> usize {
        let mut actions = self.aws.actions();
        actions.retain(|it| it == super::ISSUE);
        actions.len()
    }

    /// A renewal in `home`, with a code that no other renewal uses.
    pub(crate) fn renewal(&self, home: &Home) -> Renewal {
        let number = self.next_device.fetch_add(1, Ordering::Relaxed);
        let device = &self.devices[number % self.devices.len()];
        let (serial, code) = (self.aws.serial(device), self.aws.code(device));
        let mut command = home.command(["login", "--profile", "dev", "--force"]);
        command.args(["--mfa-serial", &serial, "--code", &code]);
        Renewal { command, serial }
    }

    /// Makes an undisturbed renewal, and checks that it succeeds and leaves nothing of an earlier run.
    pub(crate) fn renews_and_clears_up(&self, home: &Home) {
        let Renewal { command, serial } = self.renewal(home);
        let done = finish(command);
        assert_eq!(done.status.code(), Some(0), "{}", output_text(&done));
        let version = self.version(home, old_credentials(), &serial);
        assert_eq!(version, Version::New);
        assert_eq!(home.read_config(), NEW_CONFIG);
        assert_eq!(leftovers(home), Vec::<String>::new(), "left behind");
    }

    /// The version of the credentials file; panics if it is neither, whole.
    pub(crate) fn version(&self, home: &Home, old: impl AsRef<str>, serial: &str) -> Version {
        let now = home.read_credentials();
        if now == old.as_ref() {
            return Version::Old;
        }
        let mut issued = self.aws.sessions().into_iter().rev();
        let new = issued.any(|it| now == new_credentials(&it, serial));
        assert!(new, "neither the old nor the new file:\n{now}");
        Version::New
    }
}

fn old_home(aws: &Aws) -> Home {
    Home::with(aws)
        .credentials(old_credentials())
        .config(OLD_CONFIG)
}

/// The credentials file before every renewal.
pub(crate) fn old_credentials() -> String {
    credentials("ASIAOLD", "old", "old+/=", "2020-01-01T00:00:00Z", "old")
}

/// The credentials file after the renewal that made `session`.
pub(crate) fn new_credentials(session: &Session, serial: &str) -> String {
    credentials(
        &session.access_key_id,
        &session.secret,
        &session.token,
        &session.expiration.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        &formatdoc! {"
            {serial}
            aws_account_id = 123456789012
            awsmfa_access_key_id = {KEY_ID}
            awsmfa_duration = 43200"},
    )
}

/// A session between sections of the user's own, in a form that no program would write.
fn credentials(id: &str, secret: &str, token: &str, expires: &str, serial: &str) -> String {
    formatdoc! {"
        # mine, do not touch
        [dev]
        aws_access_key_id = {KEY_ID}
        aws_secret_access_key = {SECRET_KEY}

        [dev-mfa]
        # this one too
        aws_access_key_id = {id}
        aws_secret_access_key = {secret}
        aws_session_token = {token}
        x_security_token_expires = {expires}
        awsmfa_source_profile = dev
        awsmfa_mfa_serial = {serial}

        # and the rest
        [other]
        AWS_ACCESS_KEY_ID=AKIAOTHER
        aws_secret_access_key =  wJal#rX;Utn
        s3 =
          max_concurrent_requests = 20
    "}
}

/// The remains of killed runs, wherever awsmfa may put any.
pub(crate) fn leftovers(home: &Home) -> Vec<String> {
    let mut left = file_names(&home.path().join(".aws"));
    left.retain(|name| !STAY.contains(&name.as_str()));
    let mut state = file_names(&home.path().join(".local/state/awsmfa"));
    state.retain(|name| !name.ends_with(".lock"));
    left.extend(state);
    left.extend(file_names(&home.path().join("tmp")));
    left
}

/// The base32 secret of a device.
fn device_secret(number: usize) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digit = |at: usize| char::from(digits[(number >> (5 * at)) % 32]);
    let own: String = (0..4).map(digit).collect();
    format!("JBSWY3DPEHPK3PXPJBSWY3DPEHPK{own}")
}
