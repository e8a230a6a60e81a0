//! Tests the GitHub action by its scripts, as on a runner: the installation from an archive, the sign-in,
//! and the script that pins a release. It downloads nothing: the server with the releases is a folder.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::scene::alice;
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::run::shows;

/// The version of the test's release: that of the program, since the action compares them.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the runner calls its system and processor, and the archive for it.
const SYSTEMS: [(&str, &str, &str); 5] = [
    ("Linux", "X64", "x86_64-unknown-linux-musl.tar.gz"),
    ("Linux", "ARM64", "aarch64-unknown-linux-musl.tar.gz"),
    ("macOS", "X64", "x86_64-apple-darwin.tar.gz"),
    ("macOS", "ARM64", "aarch64-apple-darwin.tar.gz"),
    ("Windows", "X64", "x86_64-pc-windows-msvc.zip"),
];

/// Makes a release in the current folder: programs that run the awsmfa of the tests, packed for each system.
const RELEASE: &str = r#"
set -e
for archive in "$@"; do
    name=${archive%.tar.gz}
    name=${name%.zip}
    program=$name/awsmfa
    case $archive in *.zip) program=$program.exe;; esac
    mkdir "$name"
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$AWSMFA" >"$program"
    chmod +x "$program"
    case $archive in
    *.zip) zip -qr "$archive" "$name" ;;
    *) tar -czf "$archive" "$name" ;;
    esac
    rm -r "$name"
done
if command -v sha256sum >/dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi >../SHA256SUMS
"#;

/// A runner with a copy of the action that pins no release yet, and a server with one release.
pub(crate) struct Runner {
    home: Home,
    /// The commit that the workflow names after the action.
    commit: String,
}

/// How a script ended.
pub(crate) struct Step {
    pub(crate) status: Option<i32>,
    pub(crate) said: String,
}

impl Runner {
    /// Fails without the programs that the action needs, which every runner of GitHub's has.
    pub(crate) fn new(home: Home) -> Self {
        for program in ["bash", "curl", "jq", "tar", "zip", "unzip"] {
            let found = Command::new(program).arg("-h").output();
            found.unwrap_or_else(|error| panic!("this test needs {program}: {error}"));
        }
        let runner = Self {
            home,
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["copy/action", "copy/.ci/release.d", "runner"] {
            fs::create_dir_all(runner.path(folder)).expect("the home is writable");
        }
        for file in [
            "action/commands",
            "action/install",
            "action/sign-in",
            ".ci/release.d/pin-action",
        ] {
            let copied = fs::copy(root.join(file), runner.path("copy").join(file));
            copied.expect("the script is there");
        }
        let pins = fs::read_to_string(root.join("action/pins")).expect("the pins are there");
        let comments = pins.lines().filter(|line| line.starts_with('#'));
        let pins = comments.map(|line| format!("{line}\n")).collect::<String>() + "version=\n";
        fs::write(runner.path("copy/action/pins"), pins).expect("the home is writable");
        for name in ["env", "path", "output"] {
            fs::write(runner.path(name), "").expect("the home is writable");
        }
        runner
    }

    /// The same with a release on the server, whose sums are pinned.
    pub(crate) fn with_release(home: Home) -> Self {
        Self::with_program(home, Path::new(env!("CARGO_BIN_EXE_awsmfa")))
    }

    /// The same with another program in the release's archives.
    pub(crate) fn with_program(home: Home, program: &Path) -> Self {
        let runner = Self::new(home);
        fs::create_dir_all(runner.releases()).expect("the home is writable");
        let mut command = Command::new("bash");
        command.args(["-c", RELEASE, "release"]);
        command.args(SYSTEMS.map(|(_, _, end)| format!("awsmfa-{VERSION}-{end}")));
        command.env("AWSMFA", program);
        let made = command.current_dir(runner.releases()).status();
        assert!(made.expect("there is bash").success());
        let pinned = runner.pin(VERSION);
        assert_eq!((pinned.status, &*pinned.said), (Some(0), ""));
        runner
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// Where the release's archives are; the address of the server leads there.
    pub(crate) fn releases(&self) -> PathBuf {
        let folder = format!("server/owner/awsmfa/releases/download/v{VERSION}");
        self.path(&folder)
    }

    /// The SHA-256 of an archive of the release.
    pub(crate) fn sum(&self, end: &str) -> String {
        let sums = fs::read_to_string(self.releases().join("../SHA256SUMS")).expect("it was made");
        let line = sums.lines().find(|line| line.ends_with(end));
        line.expect("it is listed")[..64].to_owned()
    }

    fn pin(&self, version: &str) -> Step {
        let mut command = self.bash("copy/.ci/release.d/pin-action");
        command.arg(version);
        command.arg(self.releases().join("../SHA256SUMS"));
        run(&mut command)
    }

    fn bash(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        command.arg(self.path(script)).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        self.home.enter(&mut command);
        command
    }

    /// A script of the action with the variables of the runner.
    fn script(&self, name: &str, system: &str, arch: &str) -> Command {
        let mut command = self.bash(&format!("copy/action/{name}"));
        command
            .env("RUNNER_OS", system)
            .env("RUNNER_ARCH", arch)
            .env("RUNNER_TEMP", self.path("runner"))
            .env(
                "GITHUB_SERVER_URL",
                format!("file://{}", self.path("server").display()),
            )
            .env("GITHUB_REPOSITORY", "user/workflow")
            .env("GITHUB_ENV", self.path("env"))
            .env("GITHUB_PATH", self.path("path"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_EVENT_PATH", self.path("event.json"))
            .env("ACTION_REPOSITORY", "owner/awsmfa")
            .env("ACTION_REF", &self.commit);
        command
    }

    fn install(&self, system: &str, arch: &str) -> Step {
        run(&mut self.script("install", system, arch))
    }

    /// The step that signs in, with the action's inputs.
    fn sign_in_with(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Step {
        let output = self.read("output");
        let awsmfa = output.trim_end().strip_prefix("awsmfa=");
        let mut command = self.script("sign-in", "Linux", "X64");
        command.env("AWSMFA", awsmfa.expect("it was installed"));
        command.envs(variables.iter().copied());
        for name in ["code-input", "code", "access-key-id", "secret-access-key"] {
            let given = inputs.iter().find(|(it, _)| *it == name);
            let variable = name.replace('-', "_").to_uppercase();
            command.env(variable, given.map_or("", |(_, value)| value));
        }
        run(&mut command)
    }

    /// Installs, and signs in with the keys and the code of the run's event.
    pub(crate) fn sign_in(&self, inputs: &[(&str, &str)], code: &str) -> Step {
        self.event("code", code);
        let step = self.install("Linux", "X64");
        assert_eq!(step.status, Some(0), "{}", step.said);
        self.sign_in_with(inputs, &[])
    }

    /// Starts the workflow with an input.
    fn event(&self, name: &str, value: &str) {
        let event = serde_json::json!({"inputs": {name: value}}).to_string();
        fs::write(self.path("event.json"), event).expect("the home is writable");
    }

    /// A later step, with what the earlier ones have set, and the home's own `bin`.
    pub(crate) fn later(&self, line: &str) -> Step {
        let mut command = Command::new("bash");
        command.args(["-c", line]).env_clear();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let added = self.read("path");
        let bin = self.path("bin");
        let path = [OsStr::new(added.trim_end()), bin.as_os_str(), &path].join(OsStr::new(":"));
        self.home.enter(&mut command);
        command.env("PATH", path).envs(self.variables());
        run(&mut command)
    }

    /// The variables that the later steps have, as the runner reads its file.
    fn variables(&self) -> Vec<(String, String)> {
        let lines = self.read("env");
        let pairs = lines.lines().map(|line| line.split_once('='));
        pairs
            .map(|pair| pair.expect("a variable in a line"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn later_steps_have_the_session(&self) {
        let said = self.later("awsmfa whoami").said;
        assert!(said.contains("the environment (ASIA"), "{said}");
    }

    /// Checks that an output has no secret but those that it has the runner mask.
    fn shows_no_secret(&self, said: &str, code: &str) {
        let (masks, rest): (Vec<&str>, Vec<&str>) = said
            .lines()
            .partition(|line| line.starts_with("::add-mask::"));
        let rest = rest.join("\n");
        let secrets = self.home.secrets().into_iter();
        for (kind, secret) in secrets.chain([(Kind::Code, code.to_owned())]) {
            assert!(!shows(&rest, kind, &secret), "a secret is shown: {rest}");
        }
        assert!(
            !rest.contains(SECRET_KEY) && !rest.contains(KEY_ID),
            "{rest}"
        );
        // The runner's masks come first, so that nothing can be printed before them.
        assert!(said.starts_with("::add-mask::"), "{said}");
        for value in [SECRET_KEY, code] {
            // As the runner wants it: it decodes these three.
            let value = value.replace('%', "%25");
            let value = value.replace('\r', "%0D").replace('\n', "%0A");
            assert!(masks.contains(&&*format!("::add-mask::{value}")), "{said}");
        }
    }
}

fn run(command: &mut Command) -> Step {
    let output = command.output().expect("there is bash");
    let said = [output.stdout, output.stderr].concat();
    Step {
        status: output.status.code(),
        said: String::from_utf8(said).expect("text"),
    }
}

/// Alice's keys, as a workflow gives them to the action.
const KEYS: [(&str, &str); 2] = [("access-key-id", KEY_ID), ("secret-access-key", SECRET_KEY)];

/// The inputs of the documented workflow.
const INPUTS: [(&str, &str); 3] = [("code-input", "code"), KEYS[0], KEYS[1]];

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn each_system_gets_its_archive() {
    for (system, arch, end) in SYSTEMS {
        let runner = Runner::with_release(Home::new());
        let step = runner.install(system, arch);
        let said = step.said;
        assert_eq!(step.status, Some(0), "{system}: {said}");
        let address =
            format!("/owner/awsmfa/releases/download/v{VERSION}/awsmfa-{VERSION}-{end}\n");
        assert!(said.contains(&address), "{said}");
        assert!(
            said.ends_with(&format!("awsmfa {VERSION} is installed\n")),
            "{said}"
        );
        let (path, output) = (runner.read("path"), runner.read("output"));
        let folder = path.trim_end();
        assert!(
            end.contains(
                &folder[folder
                    .find("-x86")
                    .or(folder.find("-aarch"))
                    .expect("a target")
                    + 1..]
            )
        );
        let exe = if system == "Windows" { ".exe" } else { "" };
        assert_eq!(output, format!("awsmfa={folder}/awsmfa{exe}\n"));
        if system != "Windows" {
            assert_eq!(
                runner.later("awsmfa --version").said,
                format!("awsmfa {VERSION}\n")
            );
        }
        // All of it is where the runner removes it, and the archive is gone already.
        assert!(folder.starts_with(&*runner.path("runner").to_string_lossy()));
        let left = Path::new(folder).parent().expect("a folder of its own");
        assert_eq!(fs::read_dir(left).expect("it is there").count(), 1);
    }
}

/// Runs the installation, which must fail with this message and install nothing.
fn refuses(runner: &Runner, command: &mut Command, message: &str) {
    let step = run(command);
    assert_eq!(step.status, Some(1), "{}", step.said);
    let last = step.said.lines().last().unwrap_or_default();
    let home = runner.home.path().to_string_lossy();
    assert_eq!(
        last,
        format!("::error title=awsmfa::{}", message.replace("{home}", &home))
    );
    assert_eq!(runner.read("path") + &runner.read("output"), "");
    let left = fs::read_dir(runner.path("runner")).expect("it is there");
    assert_eq!(left.count(), 0, "something is left");
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn an_archive_that_is_not_the_pinned_one_is_not_unpacked() {
    let runner = Runner::with_release(Home::new());
    let pinned = runner.sum("x86_64-unknown-linux-musl.tar.gz");
    let end = "x86_64-unknown-linux-musl.tar.gz";
    let archive = runner.releases().join(format!("awsmfa-{VERSION}-{end}"));
    let whole = fs::read(&archive).expect("it was made");
    let other = runner.releases().join(format!(
        "awsmfa-{VERSION}-aarch64-unknown-linux-musl.tar.gz"
    ));
    // Another program, half of the archive, and a byte more.
    for bytes in [
        fs::read(other).expect("it was made"),
        whole[..whole.len() / 2].to_vec(),
        [&whole[..], b"\n"].concat(),
    ] {
        fs::write(&archive, &bytes).expect("the home is writable");
        let sum = sha256(&bytes);
        refuses(
            &runner,
            &mut runner.script("install", "Linux", "X64"),
            &format!(
                "the SHA-256 of awsmfa-{VERSION}-{end} is {sum}, and not {pinned} as pinned: it was not unpacked"
            ),
        );
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let sum = sha2::Sha256::digest(bytes);
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_program_of_another_version_or_system_is_not_used() {
    for (script, message) in [
        (
            "echo awsmfa 9.9.9",
            format!("awsmfa-{VERSION}-x86_64-unknown-linux-musl.tar.gz contains awsmfa 9.9.9"),
        ),
        (
            "exit 1",
            format!("awsmfa {VERSION} does not run on this machine"),
        ),
        // What it says is one line of the log, and no command of the runner.
        (
            "printf 'awsmfa 9%%\\n::add-path::/tmp/evil'",
            format!(
                "awsmfa-{VERSION}-x86_64-unknown-linux-musl.tar.gz contains awsmfa 9%25%0A::add-path::/tmp/evil"
            ),
        ),
    ] {
        let home = Home::new();
        let program = home.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("the home is writable");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&program, executable).expect("it is ours");
        let runner = Runner::with_program(home, &program);
        refuses(
            &runner,
            &mut runner.script("install", "Linux", "X64"),
            &message,
        );
    }
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn an_archive_that_cannot_be_unpacked_leaves_nothing_behind() {
    for (system, arch, end) in SYSTEMS {
        let runner = Runner::with_release(Home::new());
        let archive = format!("awsmfa-{VERSION}-{end}");
        let path = runner.releases().join(&archive);
        let whole = fs::read(&path).expect("it was made");
        for bytes in [&b"no archive\n"[..], &whole[..whole.len() / 2]] {
            fs::write(&path, bytes).expect("the home is writable");
            let pins = runner.read("copy/action/pins");
            let pins = pins.lines().map(|line| match line.ends_with(&archive) {
                true => format!("{}  {archive}\n", sha256(bytes)),
                false => format!("{line}\n"),
            });
            let pins: String = pins.collect();
            fs::write(runner.path("copy/action/pins"), pins).expect("the home is writable");
            let message = format!("can't unpack {archive}");
            refuses(
                &runner,
                &mut runner.script("install", system, arch),
                &message,
            );
        }
    }
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn what_is_pinned_is_one_version() {
    let runner = Runner::with_release(Home::new());
    let pins = runner.read("copy/action/pins");
    let line = format!("version={VERSION}\n");
    for (versions, said) in [
        (
            format!("{line}version=9.9.9\n"),
            format!("{VERSION}%0A9.9.9"),
        ),
        (format!("version=v{VERSION}\n"), format!("v{VERSION}")),
        (
            "version=../../../other/1.2.3\n".to_owned(),
            "../../../other/1.2.3".to_owned(),
        ),
        ("version=1.2.3\r\n".to_owned(), "1.2.3%0D".to_owned()),
    ] {
        let pins = pins.replace(&line, &versions);
        fs::write(runner.path("copy/action/pins"), pins).expect("the home is writable");
        refuses(
            &runner,
            &mut runner.script("install", "Linux", "X64"),
            &format!("this commit of the action pins no single version such as 1.2.3, but {said}"),
        );
    }
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn what_cannot_be_installed_is_refused_in_words() {
    let runner = Runner::with_release(Home::new());
    let unsupported = [
        ("Windows", "ARM64"),
        ("Linux", "X86"),
        ("Linux", "ARM"),
        ("FreeBSD", "X64"),
    ];
    for (system, arch) in unsupported {
        let message = format!("there is no release of awsmfa for {system} on {arch}");
        refuses(
            &runner,
            &mut runner.script("install", system, arch),
            &message,
        );
    }
    let mut command = runner.script("install", "Linux", "X64");
    let message = "use this action by the full SHA of a commit that pins a release, not by the tag or branch 100%25%0D%0A::add-path::/tmp/evil";
    let name = "100%\r\n::add-path::/tmp/evil";
    refuses(&runner, command.env("ACTION_REF", name), message);
    for name in [
        "main",
        "v0",
        "v0.1.0",
        "0123456",
        "0123456789ABCDEF0123456789ABCDEF01234567",
    ] {
        let mut command = runner.script("install", "Linux", "X64");
        let message = format!(
            "use this action by the full SHA of a commit that pins a release, not by the tag or branch {name}"
        );
        refuses(&runner, command.env("ACTION_REF", name), &message);
    }
    // Used as `./`, the action has no name of its own, and its repository is that of the workflow.
    let mut command = runner.script("install", "macOS", "ARM64");
    command.env("ACTION_REF", "").env("ACTION_REPOSITORY", "");
    let archive = format!("v{VERSION}/awsmfa-{VERSION}-aarch64-apple-darwin.tar.gz");
    let address = format!("file://{{home}}/server/user/workflow/releases/download/{archive}");
    refuses(&runner, &mut command, &format!("can't download {address}"));
    fs::remove_dir_all(runner.releases()).expect("the home is writable");
    let address = format!("file://{{home}}/server/owner/awsmfa/releases/download/{archive}");
    refuses(
        &runner,
        &mut runner.script("install", "macOS", "ARM64"),
        &format!("can't download {address}"),
    );
    let pins = runner.read("copy/action/pins");
    let pins: Vec<&str> = pins
        .lines()
        .filter(|line| !line.contains("aarch64-apple"))
        .collect();
    fs::write(runner.path("copy/action/pins"), pins.join("\n")).expect("the home is writable");
    refuses(
        &runner,
        &mut runner.script("install", "macOS", "ARM64"),
        &format!(
            "awsmfa-{VERSION}-aarch64-apple-darwin.tar.gz is not pinned in this commit of the action"
        ),
    );
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn before_the_first_release_nothing_is_installed() {
    let runner = Runner::new(Home::new());
    refuses(
        &runner,
        &mut runner.script("install", "Linux", "X64"),
        "no release of awsmfa is pinned in this commit of the action",
    );
}

/// Alice's AWS and a runner with a release.
fn scene() -> (Aws, Runner) {
    let aws = alice().start();
    let runner = Runner::with_release(Home::with(&aws));
    (aws, runner)
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_job_signs_in_and_its_later_steps_have_the_session_and_nothing_else() {
    let aws = alice().start();
    let config = "[default]\nregion = eu-central-1\n";
    let runner = Runner::with_release(Home::with(&aws).config(config));
    let code = aws.code(USER);
    let step = runner.sign_in(&INPUTS, &code);
    assert_eq!(step.status, Some(0), "{}", step.said);
    runner.shows_no_secret(&step.said, &code);
    let later = runner.later("awsmfa whoami && ! printenv AWSMFA_CODE");
    assert_eq!(later.status, Some(0), "{}", later.said);
    assert!(
        later.said.contains("user/alice") && later.said.contains("the environment (ASIA"),
        "{}",
        later.said
    );
    let variables = runner.variables();
    assert!(
        variables
            .iter()
            .all(|(_, value)| value != SECRET_KEY && *value != code)
    );
    let region = ("AWS_REGION".to_owned(), "eu-central-1".to_owned());
    assert!(
        variables.contains(&region),
        "the settings of the home count"
    );
    assert!(!variables.iter().any(|(name, _)| name.ends_with("_FILE")));
    // A runner of one's own keeps its home.
    let home = fs::read_dir(runner.path(".aws")).expect("it is there");
    assert_eq!(home.count(), 1, "only the config file");
    assert_eq!(runner.read(".aws/config"), config);
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn keys_may_be_in_the_environment_and_a_code_may_come_from_elsewhere() {
    let (aws, runner) = scene();
    runner.install("Linux", "X64");
    let code = aws.code(USER);
    let keys = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ];
    let step = runner.sign_in_with(&[("code", &code)], &keys);
    assert_eq!(step.status, Some(0), "{}", step.said);
    runner.shows_no_secret(&step.said, &code);
    runner.later_steps_have_the_session();
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_second_sign_in_of_a_job_replaces_the_first_whatever_it_left_in_the_environment() {
    let (aws, runner) = scene();
    let first = runner.sign_in(&INPUTS, &aws.code(USER));
    assert_eq!(first.status, Some(0), "{}", first.said);
    let token = |runner: &Runner| {
        let variables = runner.variables();
        let mut tokens = variables.into_iter().rev();
        tokens
            .find(|(name, _)| name == "AWS_SESSION_TOKEN")
            .expect("a session")
            .1
    };
    let before = token(&runner);
    for inputs in [&INPUTS[..], &INPUTS[..1]] {
        let variables = runner.variables();
        let mut variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        if inputs.len() == 1 {
            // The keys of the step come on top of those of the job.
            variables.extend([
                ("AWS_ACCESS_KEY_ID", KEY_ID),
                ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ]);
        } else {
            variables.push(("AWS_PROFILE", "none"));
        }
        let code = aws.code(USER);
        runner.event("code", &code);
        let step = runner.sign_in_with(inputs, &variables);
        assert_eq!(step.status, Some(0), "{}", step.said);
        runner.shows_no_secret(&step.said, &code);
    }
    assert_ne!(token(&runner), before);
    runner.later_steps_have_the_session();
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_refused_sign_in_ends_the_job_and_hands_nothing_over() {
    let (aws, runner) = scene();
    let wrong = if aws.code(USER) == "000000" {
        "000001"
    } else {
        "000000"
    };
    for (code, status, said) in [
        (wrong, 4, "error: "),
        ("12345", 2, "error: "),
        // Each of these would set a variable of the job, or run a command of the runner, if it were
        // written as it is.
        ("123456\nAWS_PROFILE=evil", 2, "error: "),
        (
            "123456\r\n::set-output name=awsmfa::/tmp/evil",
            2,
            "error: ",
        ),
        ("\n::stop-commands::x", 2, "error: "),
        ("%0A::add-path::/tmp/evil", 2, "error: "),
        ("$(touch evil)`touch evil`\"; touch evil; '", 2, "error: "),
        ("-h", 2, "error: "),
    ] {
        for inputs in [&INPUTS[..], &[("code", code), KEYS[0], KEYS[1]]] {
            runner.event("code", code);
            if runner.read("output").is_empty() {
                runner.install("Linux", "X64");
            }
            let step = runner.sign_in_with(inputs, &[]);
            assert_eq!(step.status, Some(status), "{code:?}: {}", step.said);
            assert!(step.said.contains(said), "{code:?}: {}", step.said);
            runner.shows_no_secret(&step.said, code);
            for line in step.said.lines() {
                let is_command = line.trim_start().starts_with("::");
                assert!(
                    !is_command || line.starts_with("::add-mask::"),
                    "{code:?}: {line}"
                );
                assert!(
                    !line.contains("evil") || line.starts_with("::add-mask::"),
                    "{line}"
                );
            }
            assert_eq!(runner.read("env"), "", "{code:?}");
        }
    }
    assert!(!runner.path("evil").exists());
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn an_incomplete_sign_in_is_refused_before_a_code_is_used() {
    let (aws, runner) = scene();
    runner.install("Linux", "X64");
    let code = aws.code(USER);
    runner.event("code", &code);
    for (inputs, said) in [
        (
            &[("code-input", "token"), KEYS[0], KEYS[1]][..],
            "this run has no input called token, or it is empty",
        ),
        (
            &[
                ("code-input", "100%\r\n::stop-commands::x"),
                KEYS[0],
                KEYS[1],
            ],
            "this run has no input called 100%25%0D%0A::stop-commands::x, or it is empty",
        ),
        (
            &[("code-input", "code"), KEYS[0]],
            "access-key-id is given, but secret-access-key is not",
        ),
        (
            &[("code-input", "code"), KEYS[1]],
            "secret-access-key is given, but access-key-id is not",
        ),
    ] {
        let step = runner.sign_in_with(inputs, &[]);
        assert_eq!(step.status, Some(1), "{}", step.said);
        let last = step.said.lines().last();
        assert_eq!(last, Some(&*format!("::error title=awsmfa::{said}")));
    }
    // An event without inputs, such as a push.
    fs::write(runner.path("event.json"), "{\"ref\": \"main\"}").expect("the home is writable");
    let step = runner.sign_in_with(&INPUTS, &[]);
    assert!(
        step.said.contains("this run has no input called code"),
        "{}",
        step.said
    );
    assert_eq!(runner.read("env"), "");
    assert_eq!(aws.requests().len(), 0);
    let step = runner.sign_in_with(&[("code", &code), KEYS[0], KEYS[1]], &[]);
    assert_eq!(step.status, Some(0), "{}", step.said);
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn long_term_keys_take_precedence_over_a_profile_and_a_session_does_not() {
    const DEFAULT: &str = "AWS_DEFAULT_PROFILE";
    let keys = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ];
    let session = [
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_SESSION_TOKEN", "FwoGZXIvYXdzEXAMPLETOKEN"),
    ];
    let one = |name| {
        format!(
            "::warning title=awsmfa::{name} is set too; AWS tools in later steps may use that profile instead of the session: remove it from the job"
        )
    };
    let both = "::warning title=awsmfa::AWS_PROFILE and AWS_DEFAULT_PROFILE are set too; AWS tools in later steps may use such a profile instead of the session: remove them from the job";
    for (inputs, keys, profiles, warning) in [
        (
            &KEYS[..],
            &[][..],
            &[("AWS_PROFILE", "prod")][..],
            Some(one("AWS_PROFILE")),
        ),
        (
            &[],
            &keys,
            &[("AWS_PROFILE", "prod")],
            Some(one("AWS_PROFILE")),
        ),
        (&[], &keys, &[(DEFAULT, "prod")], Some(one(DEFAULT))),
        (
            &KEYS,
            &session,
            &[("AWS_PROFILE", "none"), (DEFAULT, "prod")],
            Some(both.to_owned()),
        ),
        (&[], &keys, &[("AWS_PROFILE", "")], None),
        (&[], &session, &[("AWS_PROFILE", "prod")], None),
    ] {
        let aws = alice().start();
        // The profile has the keys of nobody, but where a session begins with them.
        let is_used = warning.is_none() && keys.len() == 3;
        let id = if is_used {
            KEY_ID
        } else {
            "AKIAI44QH8DHBEXAMPLE"
        };
        let credentials =
            format!("[prod]\naws_access_key_id = {id}\naws_secret_access_key = {SECRET_KEY}\n");
        let runner = Runner::with_release(Home::with(&aws).credentials(&credentials));
        runner.install("Linux", "X64");
        let code = aws.code(USER);
        let inputs = [&[("code", &*code)], inputs].concat();
        let step = runner.sign_in_with(&inputs, &[keys, profiles].concat());
        assert_eq!(step.status, Some(0), "{profiles:?}: {}", step.said);
        runner.shows_no_secret(&step.said, &code);
        let warnings = step.said.lines().filter(|it| it.starts_with("::warning"));
        let warnings: Vec<&str> = warnings.collect();
        assert_eq!(warnings, warning.iter().collect::<Vec<_>>(), "{profiles:?}");
        let is_kept = runner.read(".aws/credentials").contains("[prod-mfa]");
        assert_eq!(is_kept, is_used, "{profiles:?}");
        if !is_used {
            assert_eq!(runner.read(".aws/credentials"), credentials);
            assert_eq!(
                fs::read_dir(runner.path(".aws"))
                    .expect("it is there")
                    .count(),
                1
            );
        }
    }
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn settings_come_from_the_config_file_that_the_job_names() {
    for (path, named) in [
        ("settings/config", "~/settings/config"),
        ("-config", "-config"),
        ("settings of jobs", "~/settings of jobs"),
    ] {
        let aws = alice().start();
        let runner = Runner::with_release(Home::with(&aws));
        runner.install("Linux", "X64");
        fs::create_dir_all(runner.path("settings")).expect("the home is writable");
        let config = "[default]\nregion = eu-central-1\n";
        fs::write(runner.path(path), config).expect("the home is writable");
        let code = aws.code(USER);
        let inputs = [("code", &*code), KEYS[0], KEYS[1]];
        let step = runner.sign_in_with(&inputs, &[("AWS_CONFIG_FILE", named)]);
        assert_eq!(step.status, Some(0), "{named}: {}", step.said);
        let region = ("AWS_REGION".to_owned(), "eu-central-1".to_owned());
        assert!(
            runner.variables().contains(&region),
            "{named}: {}",
            step.said
        );
        assert_eq!(runner.read(path), config);
    }
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn a_code_in_place_of_the_name_of_its_input_is_masked() {
    let (aws, runner) = scene();
    runner.install("Linux", "X64");
    let code = aws.code(USER);
    for given in [
        code.clone(),
        format!("{} {}", &code[..3], &code[3..]),
        format!(" {code}\n"),
    ] {
        let step = runner.sign_in_with(&[("code-input", &given), KEYS[0], KEYS[1]], &[]);
        assert_eq!(step.status, Some(1), "{}", step.said);
        runner.shows_no_secret(&step.said, &code);
        assert_eq!(
            step.said.lines().last(),
            Some(
                "::error title=awsmfa::code-input takes the name of the workflow's input that holds the code, not the code itself"
            )
        );
    }
    assert_eq!(aws.requests().len(), 0);
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn an_event_that_cannot_be_read_is_named() {
    let (_aws, runner) = scene();
    runner.install("Linux", "X64");
    let path = runner.path("event.json");
    let message = format!(
        "::error title=awsmfa::can't read the event of this run: {}",
        path.display()
    );
    let check = |what: &str| {
        let step = runner.sign_in_with(&INPUTS, &[]);
        assert_eq!(step.status, Some(1), "{what}: {}", step.said);
        let rest = step.said.lines();
        let rest: Vec<&str> = rest.filter(|it| !it.starts_with("::add-mask::")).collect();
        assert_eq!(rest, [&*message], "{what}");
        assert!(step.said.contains(SECRET_KEY), "the keys are masked before");
    };
    check("missing");
    fs::create_dir(&path).expect("the home is writable");
    check("a folder");
    fs::remove_dir(&path).expect("it is ours");
    for text in [
        "",
        "code=123456",
        "{\"inputs\": {\"code\": \"123456\"}",
        "[{\"inputs\": {\"code\": \"123456\"}}]",
        "\"123456\"",
        "null",
        "{\"inputs\": [\"123456\"]}",
        "{\"inputs\": \"123456\"}",
        "{\"inputs\": {\"code\": \"123456\"}}\n{}",
    ] {
        fs::write(&path, text).expect("the home is writable");
        check(text);
    }
}

#[test]
#[ignore = "needs bash, curl, jq, zip and unzip"]
fn only_a_whole_release_is_pinned() {
    let runner = Runner::with_release(Home::new());
    let pins = runner.read("copy/action/pins");
    assert_eq!(
        pins.lines().filter(|line| !line.starts_with('#')).count(),
        6,
        "{pins}"
    );
    let path = runner.releases().join("../SHA256SUMS");
    let sums = fs::read_to_string(&path).expect("it was made");
    for version in ["", "1", "v0.1.0", "0.1.0-rc.1", "0.1.0\nversion=1"] {
        let step = runner.pin(version);
        assert_eq!(step.status, Some(1), "{version}: {}", step.said);
        assert!(step.said.contains("is not a version"), "{}", step.said);
    }
    let first = sums.lines().next().expect("it has five");
    for other in [
        sums.replace(&first[..64], "0123"),
        sums.replace(first, ""),
        format!("{sums}{first}\n"),
        sums.replace(
            &first[..64],
            &first[..64].to_uppercase().replace(char::is_numeric, "A"),
        ),
        String::new(),
    ] {
        fs::write(&path, &other).expect("the home is writable");
        let step = runner.pin(VERSION);
        assert_eq!(step.status, Some(1), "{other}");
        assert!(
            step.said.contains("does not have exactly one SHA-256 of"),
            "{}",
            step.said
        );
    }
    assert_eq!(
        runner.read("copy/action/pins"),
        pins,
        "a refusal changes nothing"
    );
    // As sha256sum marks a file that it read as binary, with others beside.
    let marked = sums.replace("  awsmfa", " *awsmfa") + "0123  awsmfa.spdx.json\n";
    fs::write(&path, marked).expect("the home is writable");
    assert_eq!(runner.pin(VERSION).status, Some(0));
    assert_eq!(runner.read("copy/action/pins"), pins);
}

#[test]
fn the_pins_of_this_repository_are_a_whole_release_or_none() {
    let pins = crate::book::page("action/pins");
    let mut lines = pins.lines().filter(|line| !line.starts_with('#'));
    let version = lines.next().and_then(|line| line.strip_prefix("version="));
    let version = version.expect("the first line has the version");
    let sums: Vec<&str> = lines.collect();
    if version.is_empty() {
        assert!(sums.is_empty(), "{sums:?}");
        return;
    }
    let names = sums.iter().filter_map(|line| line.split_once("  "));
    let names: Vec<String> = names.map(|(_, name)| name.to_owned()).collect();
    assert_eq!(
        names,
        SYSTEMS.map(|(_, _, end)| format!("awsmfa-{version}-{end}"))
    );
}

/// The inputs of the action, in order.
pub(crate) fn inputs() -> Vec<String> {
    let action = crate::book::page("action.yml");
    let (_, rest) = action.split_once("\ninputs:\n").expect("it has inputs");
    let (inputs, _) = rest.split_once("\nruns:\n").expect("it has steps");
    let names = inputs
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names
        .filter(|name| !name.starts_with(' '))
        .map(str::to_owned)
        .collect()
}

#[test]
fn inputs_reach_the_scripts_as_variables_only() {
    let action = crate::book::page("action.yml");
    let runs: Vec<&str> = action
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "))
        .collect();
    let scripts = ["install", "sign-in"].map(|it| format!("'\"$GITHUB_ACTION_PATH/action/{it}\"'"));
    assert_eq!(runs, scripts);
    assert_eq!(
        inputs(),
        ["code-input", "code", "access-key-id", "secret-access-key"]
    );
    for input in inputs() {
        let variable = input.replace('-', "_").to_uppercase();
        assert!(
            action.contains(&format!(
                "\n        {variable}: ${{{{ inputs.{input} }}}}\n"
            )),
            "{input}"
        );
        let script = crate::book::page("action/sign-in");
        assert!(script.contains(&format!("${{{variable}:")), "{variable}");
    }
}
