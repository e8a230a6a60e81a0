//! Owns the everyday scene of the login tests: alice's keys in profile dev, her device, her two
//! files; and what a login that fails may never do: change a file, or leave one behind.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::support::aws::{Aws, USER};
use crate::support::home::Home;
use crate::support::run::{Ran, Run};

/// The credentials file of the scene.
pub(crate) const CREDENTIALS: &str = "\
# mine, do not touch
[dev]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
";

/// The config file of the scene.
pub(crate) const CONFIG: &str = "\
[profile dev]
region = eu-central-1
output = json
mfa_serial = arn:aws:iam::123456789012:mfa/alice
";

/// The long-term keys of the scene, without a section.
pub(crate) const KEYS: &str = "\
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
";

/// What a login that asks no other question prints.
pub(crate) const READY: &str =
    "dev-mfa is ready until {*} (12h from now)\nuse it with: export AWS_PROFILE=dev-mfa\n";

/// A code that no device shows: it is to be refused before AWS could see it.
const UNSEEN_CODE: &str = "314159";

/// A stand-in, and a home that knows it.
pub(crate) struct Scene {
    pub(crate) aws: Aws,
    pub(crate) home: Home,
}

impl Default for Scene {
    fn default() -> Self {
        Self::of(Aws::start())
    }
}

impl Scene {
    /// Alice's files, and this AWS.
    pub(crate) fn of(aws: Aws) -> Self {
        let home = Home::with(&aws).credentials(CREDENTIALS).config(CONFIG);
        Self { aws, home }
    }

    /// Other files.
    pub(crate) fn files(config: impl AsRef<[u8]>, credentials: impl AsRef<[u8]>) -> Self {
        let scene = Self::default();
        let home = scene.home.config(config).credentials(credentials);
        Self { home, ..scene }
    }

    /// `login` with these arguments and a good code.
    pub(crate) fn login<'a>(&'a self, args: &[&str]) -> Run<'a> {
        let code = self.aws.code(USER);
        let run = Run::new(&self.home).args(["login", "--code", &code]);
        run.args(args)
    }

    /// `login` with these arguments and a command for the code, which leaves a mark when it runs.
    pub(crate) fn unread<'a>(&'a self, args: &[&str]) -> Run<'a> {
        let command = format!("touch code-was-read; echo {UNSEEN_CODE}");
        let run = Run::new(&self.home).args(["login", "--code-command", &command]);
        run.args(args)
    }

    /// Makes a run of [`Scene::unread`] and shows that it is refused: no connection is made, no
    /// code is read, no file changes.
    pub(crate) fn refuses(&self, run: Run<'_>, status: i32, stderr: &str) {
        let connections = self.aws.connections();
        self.fails(run, status, stderr, &[]);
        let mark = self.home.path().join("code-was-read");
        assert!(!mark.exists(), "a code was read");
        assert_eq!(self.aws.connections(), connections, "connections");
    }

    /// Makes a run that fails, and shows that it sent just these requests and changed nothing.
    pub(crate) fn fails(&self, run: Run<'_>, status: i32, stderr: &str, actions: &[&str]) {
        let sent = self.aws.actions().len();
        let before = tree(&self.home);
        run.status(status).stderr(stderr).run();
        assert_eq!(self.aws.actions()[sent..], *actions, "the requests");
        assert_eq!(tree(&self.home), before, "files changed");
    }

    /// Makes a run that prints `stderr`, and shows that it sent just these requests.
    pub(crate) fn works(&self, run: Run<'_>, stderr: &str, actions: &[&str]) -> Ran {
        let sent = self.aws.actions().len();
        let ran = run.stderr(stderr).run();
        assert_eq!(self.aws.actions()[sent..], *actions, "the requests");
        ran
    }
}

/// Every file of the home with its bytes, time and mode; without awsmfa's locks.
pub(crate) fn tree(home: &Home) -> BTreeMap<String, (Vec<u8>, SystemTime, u32)> {
    let mut tree = BTreeMap::new();
    collect(home.path(), &mut tree);
    tree
}

fn collect(folder: &Path, tree: &mut BTreeMap<String, (Vec<u8>, SystemTime, u32)>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let metadata = std::fs::metadata(&path).expect("the file is there");
        if metadata.is_dir() {
            collect(&path, tree);
        } else if path.extension().is_none_or(|it| it != "lock") {
            let bytes = std::fs::read(&path).expect("the file is ours");
            let modified = metadata.modified().expect("the system knows times");
            let name = path.to_string_lossy().into_owned();
            tree.insert(name, (bytes, modified, mode(&metadata)));
        }
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode()
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> u32 {
    0
}
