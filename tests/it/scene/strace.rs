//! Runs a command under strace, which lists its file calls and may kill it or make a call fail. It never
//! judges the result.

use std::fs;
use std::process::{Command, Output};

use super::process::{finish, is_installed, wrap};
use crate::support::calls::{calls_of, deed_of, expression};
use crate::support::home::Home;

/// The deeds that change files, or end a change.
pub(crate) const CHANGES: [&str; 10] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "ftruncate",
    "fchmod",
    "unlink",
    "link",
    "flock",
];

/// A call in a trace.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) name: &'static str,
    /// The name that it shares with all calls that do the same.
    pub(crate) deed: &'static str,
    /// The number of the call among those of that name, from 1, as strace counts them for `when=`.
    pub(crate) number: usize,
    /// The call with its arguments and its result.
    pub(crate) line: &'a str,
}

/// Panics if there is no strace.
pub(crate) fn need_strace() {
    assert!(
        is_installed("strace"),
        "this test needs strace: apt-get install strace (or dnf, pacman, apk)"
    );
}

/// Runs `command` in `home` under strace, which traces the calls that do these `deeds` and does what
/// `inject` says, and returns the trace as well.
pub(crate) fn traced(
    home: &Home,
    command: &Command,
    deeds: &[&str],
    inject: Option<&str>,
) -> (Output, String) {
    let log = home.path().join("trace");
    let trace = format!("trace={}", expression(deeds));
    let mut args = vec!["-f", "-q", "-o", log.to_str().expect("UTF-8"), "-e", &trace];
    args.extend(inject.iter().flat_map(|it| ["-e", it]));
    let output = finish(wrap("strace", &args, command));
    let text = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(log);
    (output, text)
}

/// The calls in `trace` that do these `deeds`, except messages to the user, which don't count as files.
pub(crate) fn file_calls<'a>(
    trace: &'a str,
    deeds: &[&'static str],
) -> impl Iterator<Item = Call<'a>> {
    let names = calls_of(deeds);
    let mut counts = vec![0; names.len()];
    let calls = trace.lines().filter_map(move |line| {
        let line = line.trim_start_matches(|it: char| it.is_ascii_digit() || it == ' ');
        let is_it = |name: &&str| {
            line.strip_prefix(*name)
                .is_some_and(|it| it.starts_with('('))
        };
        let at = names.iter().position(is_it)?;
        counts[at] += 1;
        Some(Call {
            name: names[at],
            deed: deed_of(names[at]),
            number: counts[at],
            line,
        })
    });
    calls.filter(|call| !call.line.starts_with("write(2,"))
}

/// The calls from the first file on that the command creates.
pub(crate) fn from_first_file<'a>(
    calls: impl Iterator<Item = Call<'a>>,
) -> impl Iterator<Item = Call<'a>> {
    calls.skip_while(|call| !call.line.contains("O_CREAT"))
}
