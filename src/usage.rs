//! Tells a person what is wrong with a command line, and what they probably meant. It repeats nothing that
//! may be a code, and runs nothing.

use crate::cli;
use crate::commands::common::known_profiles;
use crate::text::{escape, may_hold_code};
use crate::value::ProfileName;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// The error of the command line `args`, fit to be shown, with what was probably meant.
pub(crate) fn told(error: clap::Error, args: &[OsString]) -> clap::Error {
    fit_for_a_line(without_codes(with_what_was_meant(error, args)))
}

/// Adds what was meant where a profile stands in the place of a command, and where the command for `exec`
/// has no `--` before it.
fn with_what_was_meant(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    // That a flag may be given as a word behind `--` helps nobody here: no profile begins with a dash.
    error.remove(ContextKind::Suggested);
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let is_of = |command: &str| usage.as_ref().is_some_and(|usage| usage.contains(command));
    let is_exec = is_of(" exec ");
    if is_exec && !args.iter().any(|arg| arg == "--") {
        // A flag of the command's own is no flag of ours that is not spelled right.
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
