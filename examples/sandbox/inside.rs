//! Runs commands inside the sandbox, with its programs on their path, and removes its home. It never
//! passes on a variable of the user's that leads to the real AWS or to their own files.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::Sandbox;
use crate::shells;
use crate::signals::Signals;
use crate::support::home::Home;

const EXTENSION: &str = std::env::consts::EXE_SUFFIX;

/// The programs of the sandbox.
const PROGRAMS: [&str; 5] = [
    "awsmfa",
    "awsmfa-code",
    "awsmfa-iam",
    "awsmfa-join",
    "awsmfa-later",
];

/// Shells that may differ from the user's login shell.
const SHELLS: [&str; 10] = [
    "bash", "dash", "elvish", "fish", "ksh", "nu", "pwsh", "sh", "tcsh", "zsh",
];

/// The file next to them that holds the environment, for `awsmfa-join`.
const ENVIRONMENT: &str = "environment";

/// How long a program left in the background may delay the removal of the home.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts the programs into the home, as links to this one, along with the files that shells look for.
pub(crate) fn install(home: Home) -> anyhow::Result<Home> {
    let bin = bin(home.path());
    let program = std::env::current_exe().context("this program's own path")?;
    std::fs::create_dir(&bin)?;
    for name in PROGRAMS {
        link(&program, &bin.join(format!("{name}{EXTENSION}")))?;
    }
    shells::prepare(home.path())?;
    let awsmfa = bin.join(format!("awsmfa{EXTENSION}"));
    Ok(home.program(awsmfa))
}

fn bin(home: &Path) -> PathBuf {
    home.join("bin")
}

#[cfg(unix)]
fn link(program: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

/// On Windows a symbolic link takes a privilege, and a hard link can't lead to another drive.
#[cfg(not(unix))]
fn link(program: &Path, link: &Path) -> io::Result<()> {
    std::fs::hard_link(program, link).or_else(|_| std::fs::copy(program, link).map(drop))
}

/// Runs the user's command, and returns its exit code.
pub(crate) fn run(
    sandbox: &Sandbox,
    program: &OsStr,
    args: impl Iterator<Item = OsString>,
) -> anyhow::Result<ExitCode> {
    let (home, environment) = (sandbox.home.path(), environment(sandbox));
    let lines = environment.iter().map(|(name, value)| {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        format!("{name}={value}\n")
    });
    std::fs::write(bin(home).join(ENVIRONMENT), lines.collect::<String>())?;
    greet(home, program == "fish");
    run_in(home, &environment, program, args, &sandbox.signals)
}

/// Runs a command, or else a shell, in the sandbox that this `awsmfa-join` belongs to.
pub(crate) fn join() -> anyhow::Result<ExitCode> {
    let mut args = std::env::args_os();
    let own = PathBuf::from(args.next().unwrap_or_default());
    let folder = own.parent().filter(|it| it.is_absolute());
    let folder = folder.context("say the whole path of awsmfa-join")?;
    let home = folder.parent().context("it is in a home")?;
    let text = std::fs::read_to_string(folder.join(ENVIRONMENT));
    let text = text.context("the sandbox runs no command that could be joined")?;
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let environment: Vec<(OsString, OsString)> = lines
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let (variable, usual) = match cfg!(windows) {
        true => ("COMSPEC", "cmd"),
        false => ("SHELL", "sh"),
    };
    let shell = || std::env::var_os(variable).unwrap_or_else(|| usual.into());
    let program = args.next().unwrap_or_else(shell);
    let outcome = run_in(home, &environment, &program, args, &Signals::catch()?);
    // A shell that outlives the sandbox may write its history into the removed home.
    if !folder.join(ENVIRONMENT).exists() {
        remove(home);
    }
    outcome
}

/// Suggests things to try.
fn greet(home: &Path, is_fish: bool) {
    let join = bin(home).join("awsmfa-join");
    eprintln!(
        "\
sandbox: a throw-away home and an AWS of its own; the real one is out of reach.
`awsmfa-code` shows the code of alice's device: profile dev has her keys. Try:
  awsmfa login dev             a session, dev-mfa; then: awsmfa status, whoami dev-mfa
  awsmfa login admin           a role of dev's; login audit: a role of that role's
  {export}  or: awsmfa exec dev -- env; later: awsmfa logout dev
  awsmfa rotate dev            a new access key in place of the old one
  awsmfa login carol           two devices: awsmfa-code carol, awsmfa-code carol-phone
  awsmfa device enroll dave    no device yet
  awsmfa login erin            may do nothing without MFA; awsmfa-code erin
  awsmfa setup bob --from-csv bob_accessKeys.csv   the same, and no device yet
  awsmfa policy list           force MFA on frank, step by step: docs/policies.md, \"Try it\"
To join in a second terminal, for the codes of dave, bob and frank (awsmfa-code bob):
  {}",
        join.display(),
        export = match is_fish {
            true => "awsmfa export --format fish dev | source",
            false => "eval \"$(awsmfa export dev)\"",
        },
    );
}

/// The variables that a command inside gets besides the user's.
fn environment(sandbox: &Sandbox) -> Vec<(OsString, OsString)> {
    let home = &sandbox.home;
    let mut command = Command::new("");
    home.enter(&mut command);
    let endpoint = sandbox.aws.endpoint();
    command
        .env("AWS_CONFIG_FILE", home.config_path())
        .env("AWS_SHARED_CREDENTIALS_FILE", home.credentials_path())
        // Some tools read no other variable.
        .env("AWS_ENDPOINT_URL_STS", &endpoint)
        .env("AWS_ENDPOINT_URL_IAM", &endpoint)
        .envs(shells::PROMPTS)
        .envs([sandbox.codes.variable()]);
    let set = command.get_envs();
    set.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect()
}

/// Runs a command in `home`, and returns its exit code.
fn run_in(
    home: &Path,
    environment: &[(OsString, OsString)],
    program: &OsStr,
    args: impl Iterator<Item = OsString>,
    signals: &Signals,
) -> anyhow::Result<ExitCode> {
    let bin = bin(home);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        [bin.clone()]
            .into_iter()
            .chain(std::env::split_paths(&path)),
    )?;
    // Some systems search our own `PATH` instead of the one set below, so the sandbox's programs are
    // started by their full path.
    let own = bin.join(Path::new(program).with_extension(EXTENSION.trim_start_matches('.')));
    let plain = Path::new(program).components().count() == 1;
    let program = if plain && own.exists() {
        own.as_os_str()
    } else {
        program
    };

    let mut command = Command::new(program);
    command.args(args).current_dir(home);
    for (name, _) in std::env::vars_os() {
        if leads_out(&name) {
            command.env_remove(name);
        }
    }
    let set = environment.iter().map(|(name, value)| (name, value));
    command.envs(set).env("PATH", path);
    // This tells awsmfa which shell's syntax to use.
    let name = Path::new(program).file_stem().unwrap_or_default();
    if SHELLS.iter().any(|shell| name == *shell) {
        command.env("SHELL", program);
    }
    let ended =
        wait_for(&mut command, signals).with_context(|| format!("{}", program.display()))?;
    let code = ended.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Removes the home, even while a program in the background still writes to it.
pub(crate) fn remove(home: &Path) {
    let begin = Instant::now();
    let mut was_there = true;
    while was_there && begin.elapsed() < PATIENCE {
        was_there = home.exists();
        if was_there {
            // Anything left is tried again.
            let _ = std::fs::remove_dir_all(home);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    if home.exists() {
        eprintln!(
            "sandbox: {} can't be removed: a program still writes to it",
            home.display()
        );
    }
}

/// Whether a variable may carry the user's own keys, endpoint or proxy, or make a shell read and write
/// the user's own files.
fn leads_out(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    let of_shells = ["ENV", "BASH_ENV", "HISTFILE", "ZDOTDIR", "PROMPT_COMMAND"];
    name.starts_with("AWS_")
        || name.starts_with("AWSMFA_")
        || name.ends_with("_PROXY")
        || name.starts_with("XDG_") && name.ends_with("_HOME")
        || of_shells.contains(&&*name)
}

/// Runs a command to its end, and kills it if the sandbox is asked to end.
fn wait_for(command: &mut Command, signals: &Signals) -> io::Result<ExitStatus> {
    let mut child = command.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if signals.take_request_to_end() {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
