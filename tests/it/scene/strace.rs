//! Runs a command under strace, which lists its file calls and may kill it or make a call fail. It never
//! judges the result.

use std::fs;
use std::process::{Command, Output};

use super::process::{finish, is_installed, wrap};
use crate::support::home::Home;

/// The calls that change files, or end a change.
pub(crate) const CHANGES: [&str; 13] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "ftruncate",
    "fchmod",
    "unlink",
    "unlinkat",
    "linkat",
    "flock",
];

/// A call in a trace.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) name: &'static str,
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

/// Runs `command` in `home` under strace, which traces the calls of these `names` and does what `inject`
/// says, and returns the trace as well. A name that the machine's architecture lacks is no error.
pub(crate) fn traced(
    home: &Home,
    command: &Command,
    names: &[&str],
    inject: Option<&str>,
) -> (Output, String) {
    let log = home.path().join("trace");
    let names: Vec<String> = names.iter().map(|it| format!("?{it}")).collect();
    let trace = format!("trace={}", names.join(","));
    let mut args = vec!["-f", "-q", "-o", log.to_str().expect("UTF-8"), "-e", &trace];
    args.extend(inject.iter().flat_map(|it| ["-e", it]));
    let output = finish(wrap("strace", &args, command));
    let text = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(log);
    (output, text)
}

/// The calls of these `names` in `trace`, except messages to the user, which don't count as files.
pub(crate) fn file_calls<'a>(
    trace: &'a str,
    names: &[&'static str],
) -> impl Iterator<Item = Call<'a>> {
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
