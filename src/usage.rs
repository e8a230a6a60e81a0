//! Explains what is wrong with a command line, and what was probably meant, in the form of awsmfa's other
//! errors. It never repeats what may be a code, and runs nothing.

use crate::cli;
use crate::commands::common::known_profiles;
use crate::text::{escape, may_hold_code};
use crate::value::ProfileName;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// The error to show for the command line `args`, with what was probably meant.
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

/// Adds a suggestion for a profile in the place of a command, and for an `exec` without `--`.
fn with_what_was_meant(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    // clap suggests passing a misspelled flag after `--`. That never helps here: no profile begins with
    // a dash.
    error.remove(ContextKind::Suggested);
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let is_of = |command: &str| usage.as_ref().is_some_and(|usage| usage.contains(command));
    let is_exec = is_of(" exec ");
    if is_exec && !args.iter().any(|arg| arg == "--") {
        // Without `--`, a flag of the user's command looks like a misspelled flag of ours.
        error.remove(ContextKind::SuggestedArg);
        let meant = with_dashes(args);
        let meant = meant.as_deref().unwrap_or("awsmfa exec PROFILE -- COMMAND");
        suggest(&mut error, &format!("put -- before the command: {meant}"));
    }
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => word.clone(),
        _ => return error,
    };
    if known_profiles().iter().any(|it| it.as_str() == word) {
        let word = escape(&word);
        error.remove(ContextKind::SuggestedSubcommand);
        let meant = match is_of(" device ") {
            true => "to list its devices: awsmfa device list",
            false => "to sign in to it: awsmfa login",
        };
        suggest(&mut error, &format!("{word} is a profile; {meant} {word}"));
    }
    error
}

/// The line of `exec` with the `--` where it makes sense: before the first word that can begin a command
/// and is not the profile. `None` where there is no such word, or the line can't be repeated as it is.
fn with_dashes(args: &[OsString]) -> Option<String> {
    let exec = args.iter().position(|arg| arg == "exec")?;
    let words: Vec<&str> = args.iter().map(|arg| arg.to_str()).collect::<Option<_>>()?;
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@,+".contains(it);
    if words[1..]
        .iter()
        .any(|it| !it.chars().all(is_plain) || may_hold_code(it))
    {
        return None;
    }
    let profiles = known_profiles();
    (exec + 1..words.len()).find_map(|at| {
        let mut line = words.clone();
        line.insert(at, "--");
        let matches = cli::command().try_get_matches_from(&line).ok()?;
        let (_, exec) = matches.subcommand()?;
        let names = |id| exec.get_one::<ProfileName>(id).is_some();
        let is_profile = profiles.iter().any(|it| it.as_str() == words[at]);
        let begins = !words[at].starts_with('-')
            && (!is_profile || names("profile") || names("profile_word"));
        begins.then(|| format!("awsmfa {}", line[1..].join(" ")))
    })
}

fn suggest(error: &mut clap::Error, tip: &str) {
    let tip = ContextValue::StyledStrs(vec![tip.to_owned().into()]);
    error.insert(ContextKind::Suggested, tip);
}

/// Escapes control characters: a carriage return in a pasted value would let the rest of the message
/// overwrite its beginning.
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

/// Hides stray numbers. One is most likely a code, or part of one, without its flag, and the message may
/// end up in a CI log.
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
