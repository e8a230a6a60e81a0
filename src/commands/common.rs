//! Defines the flags of every command, and lets a variable stand in for a flag. It runs nothing.

use crate::caller::named;
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::files::merged;
use crate::ini::Document;
use crate::store::AwsFile;
use crate::value::ProfileName;
use crate::world::Context;
use crate::world::env::Env;
use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use std::fmt::Display;
use std::str::FromStr;

/// The flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// The profile; a session profile means its source
    ///
    /// dev-mfa, which holds the session of dev, means dev.
    /// [variables: AWS_PROFILE, AWS_DEFAULT_PROFILE; otherwise `default`]
    #[arg(long, short, global = true, value_name = "NAME", add = ArgValueCandidates::new(profile_names))]
    pub(crate) profile: Option<ProfileName>,

    /// Print nothing but warnings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Show the steps and the requests, never keys or codes
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// The region of the commands that ask AWS.
#[derive(Debug, Default, Args)]
pub(crate) struct RegionOption {
    /// The region whose AWS endpoints are asked
    ///
    /// [variables: AWS_REGION, AWS_DEFAULT_REGION; otherwise the profile's, or the first of the
    /// device's partition]
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
}

/// The value of a flag, else that of the variable `name`.
pub(super) fn or_variable<T: FromStr<Err = impl Display>>(
    flag: Option<T>,
    context: Context,
    name: &str,
) -> Result<Option<T>> {
    named::or_variable(flag, context.env, name)
}

/// The profile that a command names by a word of its own, or with --profile. Fails where both do and
/// differ.
pub(super) fn named_by_word(
    word: Option<ProfileName>,
    flag: Option<ProfileName>,
) -> Result<Option<ProfileName>> {
    match (word, flag) {
        (Some(word), Some(flag)) if word != flag => Err(Failure::new(
            Exit::Usage,
            format!("two profiles are named: {word}, and {flag} with --profile"),
        )
        .hint("name one")),
        (word, flag) => Ok(word.or(flag)),
    }
}

/// The profile that a person named, by flag or variable.
pub(super) fn named_profile(
    flag: Option<ProfileName>,
    context: Context,
) -> Result<Option<ProfileName>> {
    named::profile(flag, context.env)
}

/// Warns where the variables name two profiles, and no flag decides.
pub(super) fn warn_of_two_profiles(flag: Option<&ProfileName>, context: Context) {
    if let Some(difference) = named::two_profiles(flag, context.env) {
        context.ui.warn(&difference);
    }
}

/// The names of the profiles, for a shell to complete; none from a file that can't be read.
pub(super) fn profile_names() -> Vec<CompletionCandidate> {
    let Ok(files) = Files::locate(Env) else {
        return Vec::new();
    };
    let none = || Document::parse("").into();
    let read = |file: &AwsFile| {
        // It can be read once, and that is not for this.
        if file.is_pipe() {
            return none();
        }
        file.read().unwrap_or_else(|_| none())
    };
    let (config, credentials) = (read(&files.config), read(&files.credentials));
    let names = merged(&config, &credentials).names();
    names
        .iter()
        .map(|name| CompletionCandidate::new(name.as_str()))
        .collect()
}
