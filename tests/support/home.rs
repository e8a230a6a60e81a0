//! Creates a throw-away home: its AWS files, and an environment in which awsmfa touches nothing else and
//! reaches only the stand-in.

use std::ffi::OsStr;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::aws::Aws;
use super::aws::secrets::{Kind, Secrets};

/// A closed port, to which requests go if there is no stand-in.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A home that is removed when it is dropped.
pub(crate) struct Home {
    folder: TempDir,
    program: Option<PathBuf>,
    endpoint: String,
    secrets: Option<Secrets>,
}

impl Home {
    /// An empty home without AWS: every request is refused.
    pub(crate) fn new() -> Self {
        Self::new_in(&std::env::temp_dir())
    }

    /// An empty home in the given folder, for example on another kind of disk.
    pub(crate) fn new_in(parent: &Path) -> Self {
        // Every test that runs a program begins with a home.
        #[cfg(unix)]
        super::signals::keep_ignored_from_children();
        let folder = TempDir::with_prefix_in("awsmfa-", parent).expect("there is room");
        for name in [".aws", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("the folder is new");
        }
        Self {
            folder,
            program: option_env!("CARGO_BIN_EXE_awsmfa").map(PathBuf::from),
            endpoint: NOWHERE.to_owned(),
            secrets: None,
        }
    }

    /// A home whose requests go to `aws`.
    pub(crate) fn with(aws: &Aws) -> Self {
        Self::new().connected(aws)
    }

    /// Sends this home's requests to `aws`.
    pub(crate) fn connected(self, aws: &Aws) -> Self {
        let mut home = self;
        home.endpoint = aws.endpoint();
        home.secrets = Some(aws.secrets());
        if let Some(pem) = aws.ca_pem() {
            fs::write(home.ca_path(), pem).expect("the home is writable");
        }
        home
    }

    /// Runs this program instead of the one that Cargo built for the tests.
    pub(crate) fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// Sends requests here instead, for example through a proxy.
    pub(crate) fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Writes the credentials file.
    pub(crate) fn credentials(self, text: impl AsRef<[u8]>) -> Self {
        write(&self.credentials_path(), text.as_ref());
        self
    }

    /// Writes the config file.
    pub(crate) fn config(self, text: impl AsRef<[u8]>) -> Self {
        write(&self.config_path(), text.as_ref());
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn credentials_path(&self) -> PathBuf {
        self.path().join(".aws").join("credentials")
    }

    pub(crate) fn config_path(&self) -> PathBuf {
        self.path().join(".aws").join("config")
    }

    fn ca_path(&self) -> PathBuf {
        self.path().join("ca.pem")
    }

    /// The text of the credentials file; empty if it does not exist.
    pub(crate) fn read_credentials(&self) -> String {
        read(&self.credentials_path())
    }

    /// The text of the config file; empty if it does not exist.
    pub(crate) fn read_config(&self) -> String {
        read(&self.config_path())
    }

    /// awsmfa with `args` in this home, without the caller's environment and without input.
    pub(crate) fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let program = self.program.as_ref().expect("the target says its program");
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).env_clear();
        // Windows finds its own libraries, sockets among them, through this variable.
        if let (true, Some(root)) = (cfg!(windows), std::env::var_os("SystemRoot")) {
            let system = Path::new(&root).join("System32");
            command.env("PATH", system).env("SystemRoot", root);
        } else {
            command.env("PATH", "/usr/bin:/bin");
        }
        command.envs([("RUST_BACKTRACE", "0"), ("TZ", "UTC")]);
        self.enter(&mut command);
        command
    }

    /// Points `command` at this home and its AWS, and leaves the rest of its environment alone.
    pub(crate) fn enter(&self, command: &mut Command) {
        let temporary = self.path().join("tmp");
        command
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("USERPROFILE", self.path())
            .env("TMPDIR", &temporary)
            .env("TEMP", &temporary)
            .env("TMP", &temporary)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", &self.endpoint);
        if self.ca_path().exists() {
            command.env("AWS_CA_BUNDLE", self.ca_path());
        }
    }

    /// Every secret in the files and at the stand-in right now.
    pub(crate) fn secrets(&self) -> Vec<(Kind, String)> {
        let mut all = self.secrets.as_ref().map_or_else(Vec::new, Secrets::all);
        for line in (self.read_credentials() + "\n" + &self.read_config()).lines() {
            let Some((key, value)) = line.split_once('=') else {
                continue;
            };
            let kind = match key.trim().to_ascii_lowercase().as_str() {
                "aws_secret_access_key" => Kind::LongTerm,
                "aws_session_token" => Kind::Session,
                _ => continue,
            };
            let value = value.trim();
            // A session's secret key is in the files too, but only the stand-in knows that it is a
            // session's.
            if !value.is_empty() && !all.iter().any(|(_, known)| known == value) {
                all.push((kind, value.to_owned()));
            }
        }
        all
    }
}

/// Writes an AWS file that only its owner can read, as the AWS CLI does.
fn write(path: &Path, text: &[u8]) {
    fs::write(path, text).expect("the home is writable");
    #[cfg(unix)]
    {
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(path, private).expect("the file was just written");
    }
}

fn read(path: &Path) -> String {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => String::new(),
    }
}
