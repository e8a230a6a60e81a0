//! Puts what a test expects, written in the words of Unix, into those of the system it runs on: paths,
//! the lines to type into a shell, the system's errors. It never changes what awsmfa said, except for the
//! separators in paths.

use std::path::Path;
use std::time::Duration;

/// Whether `doctor` looks for completions and manual pages here.
pub(crate) const HAS_SHELL_FILES: bool = cfg!(unix);

/// The time after which a program that was started is waiting for its first lock.
pub(crate) const STARTED: Duration = Duration::from_millis(if cfg!(windows) { 2_000 } else { 400 });

/// The program with which a command of the user's own prints a file.
pub(crate) const PRINT_FILE: &str = if cfg!(windows) { "type" } else { "cat" };

/// Whether a file of this name can exist here.
pub(crate) fn can_name_a_file(name: &str) -> bool {
    !cfg!(windows) || !name.contains(['<', '>', ':', '"', '/', '\\', '|', '?', '*'])
}

/// A command of the user's own that leaves the empty file `mark` and prints `text`.
pub(crate) fn marking(mark: &str, text: &str) -> String {
    match cfg!(windows) {
        true => format!("type nul >{mark}& echo {text}"),
        false => format!("touch {mark}; echo {text}"),
    }
}

/// The system's errors, of which Windows has other words, and each version of it its own.
const ERRORS: [&str; 5] = [
    "no such file or directory",
    "is a directory",
    "not a directory",
    "permission denied",
    "file exists",
];

/// Variables that have one name on Windows, in whichever case it is written.
const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

/// A line that sets a variable, or evaluates what awsmfa prints, for the shell that awsmfa takes for the
/// user's if no variable names one: cmd.exe on Windows.
pub(crate) fn typed(text: &str) -> String {
    match cfg!(windows) {
        true => for_cmd(text),
        false => text.to_owned(),
    }
}

/// `text` as this system has it, where `{home}` stands for the path of `home`.
pub(crate) fn words(text: &str, home: &Path) -> String {
    let home = home.to_string_lossy();
    if !cfg!(windows) {
        return text.replace("{home}", &home);
    }
    let mut words = text.replace("{home}", &home);
    for error in ERRORS {
        words = words.replace(error, "{*}");
    }
    for name in PROXIES {
        words = words.replace(name, &name.to_uppercase());
    }
    let parts = words
        .split('`')
        .map(|part| match part.starts_with("awsmfa ") {
            // cmd.exe knows no single quotes.
            true => part.replace('\'', "\""),
            false => part.to_owned(),
        });
    let words: Vec<String> = parts.collect();
    backslashes(&words.join("`"), &home)
}

/// `text` with the system's own separator in every path below `home`: both are the same path to Windows.
pub(crate) fn same_paths(text: &str, home: &Path) -> String {
    match cfg!(windows) {
        true => backslashes(text, &home.to_string_lossy()),
        false => text.to_owned(),
    }
}

fn backslashes(text: &str, home: &str) -> String {
    let mut parts = text.split(home);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let ends = |c: char| c.is_whitespace() || "`'\",;:()".contains(c);
        let end = part.find(ends).unwrap_or(part.len());
        let (path, rest) = part.split_at(end);
        whole += home;
        whole += &path.replace('/', "\\");
        whole += rest;
    }
    whole
}

fn for_cmd(text: &str) -> String {
    const EVAL: &str = "eval \"$(";
    let mut words = text.replace("; export AWS_PROFILE=", "=& set AWS_PROFILE=");
    words = words.replace("unset AWS_DEFAULT_PROFILE=&", "set AWS_DEFAULT_PROFILE=&");
    words = words.replace("export AWS_PROFILE=", "set AWS_PROFILE=");
    while let Some((before, (run, after))) = words
        .split_once(EVAL)
        .and_then(|(before, rest)| Some((before, rest.split_once(")\"")?)))
    {
        words = format!(
            "{before}for /f \"delims=\" %i in ('{run} --format windows-cmd') do @%i{after}"
        );
    }
    words
}
