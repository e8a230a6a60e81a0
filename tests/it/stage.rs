//! Owns a login whose files are watched: what they hold before, what they must hold after, and
//! what of a run stays behind. It must not know how a run comes to harm.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::aws::account::Session;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;

/// The config file before every login.
pub(crate) const CONFIG: &str = "# theirs\n[profile dev]\nregion = eu-central-1\noutput = json\n";

/// The config file after every login.
pub(crate) const CONFIG_AFTER: &str = "# theirs\n[profile dev]\nregion = eu-central-1\noutput = json\n\n[profile dev-mfa]\nregion = eu-central-1\noutput = json\nawsmfa_copied = region,output\n";

/// The files that stay for ever: a lock file that is removed can be held twice.
const STAY: [&str; 5] = [
    "config",
    "config.awsmfa.lock",
    "credentials",
    "credentials.awsmfa-dev-mfa.lock",
    "credentials.awsmfa.lock",
];

/// The stand-in with many devices of one user, so that no login waits for the next code.
pub(crate) struct Stage {
    pub(crate) aws: Aws,
    devices: usize,
    next: AtomicUsize,
}

/// A login to be run, and the device that it signs in with.
pub(crate) struct Login {
    pub(crate) command: Command,
    pub(crate) serial: String,
}

/// What a file is after a run that came to harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Old,
    New,
}

impl Stage {
    /// A stage for up to five logins of each of `devices` devices.
    pub(crate) fn new(devices: usize) -> Self {
        let user = Aws::builder().user(USER).key(KEY_ID, SECRET_KEY);
        let aws = (0..devices).fold(user, |aws, number| {
            aws.device(&format!("device-{number}"), &secret(number))
        });
        Self {
            aws: aws.start(),
            devices,
            next: AtomicUsize::new(0),
        }
    }

    /// A home with the files of before: an old session between sections of the person's.
    pub(crate) fn home(&self) -> Home {
        Home::with(&self.aws).credentials(before()).config(CONFIG)
    }

    /// How often a code was spent.
    pub(crate) fn spent(&self) -> usize {
        let mut actions = self.aws.actions();
        actions.retain(|it| it == "GetSessionToken");
        actions.len()
    }

    /// A login in `home`, with a code that no other login uses.
    pub(crate) fn login(&self, home: &Home) -> Login {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let device = format!("device-{}", number % self.devices);
        let (serial, code) = (self.aws.serial(&device), self.aws.code(&device));
        let args = [
            "login",
            "--profile",
            "dev",
            "--force",
            "--mfa-serial",
            &serial,
        ];
        let mut command = home.command(args.iter().chain(&["--code", code.as_str()]));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Login { command, serial }
    }

    /// A login that nothing happens to: it succeeds, and no file of an earlier run is left.
    pub(crate) fn login_well(&self, home: &Home) {
        let login = self.login(home);
        let serial = login.serial.clone();
        let done = finish(login.command);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        assert_eq!(self.version(home, before(), &serial), Version::New);
        assert_eq!(home.read_config(), CONFIG_AFTER);
        assert_eq!(left(home), Vec::<String>::new(), "left behind");
    }

    /// Which one of the credentials files it is; panics when it is neither, whole.
    pub(crate) fn version(&self, home: &Home, old: impl AsRef<str>, serial: &str) -> Version {
        let now = home.read_credentials();
        if now == old.as_ref() {
            return Version::Old;
        }
        let issued = self.aws.sessions();
        let new = issued.iter().rev().any(|it| now == after(it, serial));
        assert!(new, "neither the old nor the new file:\n{now}");
        Version::New
    }
}

/// `login` run by another program, which is given its words and its environment.
pub(crate) fn under(program: &str, args: &[&str], login: &Command) -> Command {
    let mut command = Command::new(program);
    command
        .args(args)
        .arg(login.get_program())
        .args(login.get_args())
        .env_clear()
        .envs(
            login
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = login.get_current_dir() {
        command.current_dir(folder);
    }
    // The tools of the system's administrator.
    command.env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin");
    command
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command) -> Output {
    let program = command.get_program().to_owned();
    wait(
        command
            .spawn()
            .unwrap_or_else(|error| panic!("{program:?}: {error}")),
    )
}

/// Waits for the end of a run; one that takes a minute hangs.
pub(crate) fn wait(mut child: Child) -> Output {
    let begin = Instant::now();
    while child.try_wait().expect("the child is ours").is_none() {
        if begin.elapsed() > Duration::from_secs(60) {
            let _ = child.kill();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.wait_with_output().expect("it has ended")
}

/// What a run said.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// The credentials file before every login.
pub(crate) fn before() -> String {
    text("ASIAOLD", "old", "old+/=", "2020-01-01T00:00:00Z", "old")
}

/// The credentials file after a login that made `session`.
pub(crate) fn after(session: &Session, serial: &str) -> String {
    text(
        &session.access_key_id,
        &session.secret,
        &session.token,
        &session.expiration.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        serial,
    )
}

/// A session between what is the person's own, in a form that no program writes by itself.
fn text(id: &str, secret: &str, token: &str, expires: &str, serial: &str) -> String {
    format!(
        "\
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
"
    )
}

/// The files of killed runs, wherever awsmfa may put any.
pub(crate) fn left(home: &Home) -> Vec<String> {
    let mut left = names(&home.path().join(".aws"));
    left.retain(|name| !STAY.contains(&name.as_str()));
    let mut state = names(&home.path().join(".local/state/awsmfa"));
    state.retain(|name| !name.ends_with(".lock"));
    left.extend(state);
    left.extend(names(&home.path().join("tmp")));
    left
}

/// The names in a folder, sorted; none when there is no folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a folder of ours").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Whether a program is on the machine.
pub(crate) fn has(program: impl AsRef<OsStr>) -> bool {
    let folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    folders.iter().any(|it| it.join(program.as_ref()).exists())
}

/// The base32 secret of a device.
fn secret(number: usize) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digit = |at: usize| char::from(digits[(number >> (5 * at)) % 32]);
    let own: String = (0..4).map(digit).collect();
    format!("JBSWY3DPEHPK3PXPJBSWY3DPEHPK{own}")
}
