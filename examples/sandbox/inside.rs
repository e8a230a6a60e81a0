//! Runs a command inside the sandbox, with `awsmfa` and `awsmfa-code` on its path. It never hands
//! down a variable of the person's that leads to the real AWS.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

use anyhow::Context;

use crate::Sandbox;
use crate::signals::Signals;
use crate::support::home::Home;

const EXTENSION: &str = std::env::consts::EXE_SUFFIX;

/// Puts `awsmfa` and `awsmfa-code` into the home, as links to this very program.
pub(crate) fn install(home: Home) -> anyhow::Result<Home> {
    let bin = bin(&home);
    let program = std::env::current_exe().context("this program's own path")?;
    std::fs::create_dir(&bin)?;
    for name in ["awsmfa", "awsmfa-code"] {
        link(&program, &bin.join(format!("{name}{EXTENSION}")))?;
    }
    let awsmfa = bin.join(format!("awsmfa{EXTENSION}"));
    Ok(home.program(awsmfa))
}

fn bin(home: &Home) -> PathBuf {
    home.path().join("bin")
}

#[cfg(unix)]
fn link(program: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

/// Windows wants a privilege for a symbolic link, and a hard link can't leave the drive.
#[cfg(not(unix))]
fn link(program: &Path, link: &Path) -> io::Result<()> {
    std::fs::hard_link(program, link).or_else(|_| std::fs::copy(program, link).map(drop))
}

/// Runs the person's command, and returns its exit code.
pub(crate) fn run(
    sandbox: &Sandbox,
    program: &OsStr,
    args: impl Iterator<Item = OsString>,
) -> anyhow::Result<ExitCode> {
    eprintln!("sandbox: a throw-away home, no way to AWS; `awsmfa-code` shows a code");
    eprintln!("try: awsmfa login -p dev; awsmfa status; awsmfa login -p admin (a role of dev's)");
    eprintln!("     eval \"$(awsmfa export -p dev)\"; awsmfa whoami; awsmfa logout -p dev");
    eprintln!(
        "     awsmfa setup bob --from-csv bob_accessKeys.csv: from nothing but a key to a session;"
    );
    let bin = bin(&sandbox.home);
    let (name, address) = sandbox.codes.variable();
    let code = bin.join("awsmfa-code");
    eprintln!("     the codes of the device that it makes, in another terminal:");
    eprintln!("     {name}={address} {} bob", code.display());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        [bin.clone()]
            .into_iter()
            .chain(std::env::split_paths(&path)),
    )?;
    // Some systems look a program up in our `PATH` and not in the one set below, so the sandbox's
    // own programs are started by their full path.
    let own = bin.join(Path::new(program).with_extension(EXTENSION.trim_start_matches('.')));
    let plain = Path::new(program).components().count() == 1;
    let program = if plain && own.exists() {
        own.as_os_str()
    } else {
        program
    };

    let mut command = Command::new(program);
    command.args(args);
    for (name, _) in std::env::vars_os() {
        if leads_out(&name) {
            command.env_remove(name);
        }
    }
    sandbox.home.enter(&mut command);
    command
        .env("PATH", path)
        .env("AWS_CONFIG_FILE", sandbox.home.config_path())
        .env(
            "AWS_SHARED_CREDENTIALS_FILE",
            sandbox.home.credentials_path(),
        )
        .envs([sandbox.codes.variable()]);
    let ended = wait_for(&mut command, &sandbox.signals)
        .with_context(|| format!("{}", program.display()))?;
    let code = ended.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether a variable may carry the person's own keys, endpoint or proxy.
fn leads_out(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    name.starts_with("AWS_") || name.starts_with("AWSMFA_") || name.ends_with("_PROXY")
}

/// Runs a command to its end, and kills it when the sandbox is asked to end.
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
