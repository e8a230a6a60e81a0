//! Tells a person what is wrong with a command line, and what they probably meant, as awsmfa tells of
//! every error. It repeats nothing that may be a code, and runs nothing.

use crate::commands::common::known_profiles;
use crate::text::{escape, may_hold_code};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// The error of the command line `args`, fit to be shown, with what was probably meant.
pub(crate) fn told(error: clap::Error, args: &[OsString]) -> clap::Error {
    let error = did_you_mean(with_what_was_meant(error, args));
    fit_for_a_line(without_codes(error))
}

/// The lines of an error: what is wrong, what to do about it after `hint:`, and how the command is used.
pub(crate) fn text(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let (wrong, usage) = match rendered.split_once("\nUsage: ") {
        Some((wrong, usage)) => (wrong, Some(usage)),
        None => (rendered.as_str(), None),
    };
    // The parser ends with a line on how to see the help, which is a hint too.
    let is_said = |line: &&str| !line.is_empty() && !line.starts_with(SEE_HELP);
    let lines = wrong.lines().filter(is_said);
    let mut lines: Vec<String> = lines
        .map(|line| match line.strip_prefix("  tip: ") {
            Some(tip) => format!("hint: {tip}"),
            // The help calls them commands.
            None => line.replacen(UNKNOWN_TO_CLAP, "error: unknown command", 1),
        })
        .collect();
    if !lines.iter().any(|line| line.starts_with("hint: ")) {
        lines.push("hint: add --help to see how it is used".to_owned());
    }
    if let Some(usage) = usage {
        let usage = usage.lines().filter(is_said);
        lines.push(format!("\nUsage: {}", usage.collect::<Vec<_>>().join("\n")));
    }
    lines.join("\n")
}

/// How the parser says that there is no such command.
const UNKNOWN_TO_CLAP: &str = "error: unrecognized subcommand";

/// How the parser's last line begins.
const SEE_HELP: &str = "For more information, try";

/// Puts what is spelled like a wrong word into a question, unless there is a better idea.
fn did_you_mean(mut error: clap::Error) -> clap::Error {
    let kinds = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let names: Vec<String> = kinds
        .into_iter()
        .filter_map(|kind| error.remove(kind))
        .flat_map(|value| match value {
            ContextValue::String(name) => vec![name],
            ContextValue::Strings(names) => names,
            _ => Vec::new(),
        })
        .map(|name| format!("`{name}`"))
        .collect();
    if !names.is_empty() && error.get(ContextKind::Suggested).is_none() {
        suggest(&mut error, &format!("did you mean {}?", names.join(" or ")));
    }
    error
}

/// Adds what was meant where a profile stands in the place of a command, and where the command for `exec`
/// has no `--` before it.
fn with_what_was_meant(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    // That a flag may be given as a word behind `--` helps nobody here: no profile begins with a dash.
    error.remove(ContextKind::Suggested);
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let is_exec = usage.is_some_and(|usage| usage.contains(" exec "));
    if is_exec && !args.iter().any(|arg| arg == "--") {
        // A flag of the command's own is no flag of ours that is not spelled right.
        error.remove(ContextKind::SuggestedArg);
        suggest(
            &mut error,
            "put -- before the command: awsmfa exec PROFILE -- COMMAND",
        );
    }
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => word.clone(),
        _ => return error,
    };
    if known_profiles().iter().any(|it| it.as_str() == word) {
        let word = escape(&word);
        error.remove(ContextKind::SuggestedSubcommand);
        suggest(
            &mut error,
            &format!("{word} is a profile; to sign in to it: awsmfa login {word}"),
        );
    }
    error
}

fn suggest(error: &mut clap::Error, tip: &str) {
    let tip = ContextValue::StyledStrs(vec![tip.to_owned().into()]);
    error.insert(ContextKind::Suggested, tip);
}

/// What was typed, with what a terminal would obey shown as an escape: a carriage return in a value that
/// was pasted would have the rest of the message written over its beginning.
fn fit_for_a_line(mut error: clap::Error) -> clap::Error {
    for kind in [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
    ] {
        if let Some(ContextValue::String(text)) = error.get(kind) {
            let escaped = escape(text);
            error.insert(kind, ContextValue::String(escaped));
        }
    }
    error
}

/// A stray number is most likely a code, or a part of one, that lacks its flag. The message may
/// end in the log of a job: it says what is wrong and does not repeat the number.
fn without_codes(mut error: clap::Error) -> clap::Error {
    for kind in [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
    ] {
        match error.get(kind) {
            Some(ContextValue::String(text)) if may_hold_code(text) => {}
            _ => continue,
        }
        error.insert(kind, ContextValue::String("…".to_owned()));
        if matches!(
            error.kind(),
            ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand | ErrorKind::TooManyValues
        ) {
            error.insert(
                ContextKind::Suggested,
                ContextValue::StyledStrs(vec!["a code needs a flag: --code CODE".into()]),
            );
        }
    }
    error
}
