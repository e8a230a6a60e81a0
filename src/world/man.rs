//! Runs the system's `man`: shows a page, and asks where an installed one is. It never makes a page.
#![expect(
    clippy::disallowed_methods,
    reason = "it starts `man`, which decides itself where it shows a page, and writes what that reads"
)]

use super::command::in_words;
#[cfg(unix)]
use super::signals;
#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Where `man` finds a page.
pub(crate) enum Found {
    /// There is no `man`.
    NoMan,
    /// It knows no such page.
    Nowhere,
    /// In this file.
    At(PathBuf),
}

/// Asks `man` where the page `name` is.
pub(crate) fn find(name: &str) -> Found {
    let asked = Command::new("man")
        .args(["-w", name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(answer) = asked else {
        return Found::NoMan;
    };
    let text = String::from_utf8_lossy(&answer.stdout);
    match text.lines().next() {
        Some(path) if !path.is_empty() => Found::At(path.into()),
        _ => Found::Nowhere,
    }
}

/// Has `man` show `page` at the terminal, and waits until the person has read it. `false` where there is
/// no `man`.
pub(crate) fn show(name: &str, page: &str) -> io::Result<bool> {
    // Each `man` takes a name with a slash for a file; not all of them read standard input.
    let folder = tempfile::Builder::new().prefix("awsmfa-").tempdir()?;
    let file = folder.path().join(name).with_extension("1");
    std::fs::write(&file, page)?;
    // The pager heeds Ctrl-C itself, and needs the file until it has ended.
    let end = catch_signals();
    let mut man = match Command::new("man").arg(&file).spawn() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        started => started?,
    };
    let status = loop {
        if let Some(status) = man.try_wait()? {
            break status;
        }
        if end.swap(false, Ordering::Relaxed) {
            pass_on(&mut man);
        }
        thread::sleep(Duration::from_millis(10));
    };
    match status.success() {
        true => Ok(true),
        false => Err(io::Error::other(in_words(status))),
    }
}

/// Keeps this process alive while `man` runs, and says whether it was asked to end.
fn catch_signals() -> Arc<AtomicBool> {
    let end = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    {
        let keys = signals::not_ignored(&[Signal::INT, Signal::QUIT]);
        let ends = signals::that_can_be_caught(&[Signal::TERM, Signal::HUP]);
        let nobody = Arc::new(AtomicBool::new(false));
        let keys = keys.map(|key| (key, nobody.clone()));
        for (signal, flag) in keys.chain(ends.map(|it| (it, end.clone()))) {
            // Without it a signal leaves a file behind, and no more.
            let _ = signal_hook::flag::register(signal.as_raw(), flag);
        }
    }
    end
}

/// Asks `man` to end, as this process was asked.
fn pass_on(man: &mut Child) {
    #[cfg(unix)]
    {
        let _ = kill_process(Pid::from_child(man), Signal::TERM);
    }
    #[cfg(not(unix))]
    {
        let _ = man.kill();
    }
}
