//! Defines the flags of every command, and lets a variable stand in for a flag. It runs nothing.

use crate::caller::named;
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::files::merged;
use crate::ini::Document;
use crate::store::AwsFile;
use crate::text::may_hold_code;
use crate::value::ProfileName;
use crate::world::Context;
use crate::world::env::Env;
use clap::{ArgAction, Args};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use std::fmt::Display;
use std::str::FromStr;

/// The flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// The profile to use; a session profile stands for its source
    ///
    /// dev-mfa, which holds the session of dev, stands for dev. If no profile is named, and neither the
    /// environment nor `default` provides keys, login, export, exec, rotate and most device commands let
    /// you choose from a list, if they can ask for a code. [variables: AWS_PROFILE, AWS_DEFAULT_PROFILE;
    /// otherwise `default`]
    #[arg(long, short, global = true, value_name = "NAME", add = ArgValueCandidates::new(profile_names))]
    pub(crate) profile: Option<ProfileName>,

    /// Print only warnings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Show steps and requests, but never keys or codes
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// What `--profile` means to a command that does not take it for the profile to sign in with: its line in
/// `-h`, and what `--help` adds.
pub(crate) type ProfileHelp = [&'static str; 2];

/// The region of the commands that ask AWS.
#[derive(Debug, Default, Args)]
pub(crate) struct RegionOption {
    /// The AWS region to send requests to
    ///
    /// [variables: AWS_REGION, AWS_DEFAULT_REGION; otherwise the profile's region, or the first one
    /// of the device's partition]
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
}

/// The value of a flag, or else of the variable `name`.
pub(super) fn or_variable<T: FromStr<Err = impl Display>>(
    flag: Option<T>,
    context: Context,
    name: &str,
) -> Result<Option<T>> {
    named::or_variable(flag, context.env, name)
}

/// The profile as a word of its own, of the commands that take no other.
#[derive(Debug, Args)]
pub(crate) struct ProfileWord {
    /// The profile, the same as --profile
    #[arg(id = "profile_word", value_name = "PROFILE", add = ArgValueCandidates::new(profile_names))]
    word: Option<ProfileName>,
}

impl ProfileWord {
    /// The profile given as an argument, or else `flag`, which is --profile.
    ///
    /// Fails if both are given and differ, and if the argument may be a code without its flag: a profile
    /// may have such a name too, but then it is in the files. Such an argument is not repeated.
    pub(super) fn or(self, flag: Option<ProfileName>) -> Result<Option<ProfileName>> {
        let Some(word) = self.word else {
            return Ok(flag);
        };
        if may_hold_code(word.as_str()) && !known_profiles().contains(&word) {
            return Err(
                Failure::new(Exit::Usage, "there is no profile with that name")
                    .hint("a code needs a flag: --code CODE"),
            );
        }
        match flag {
            Some(flag) if flag != word => Err(Failure::new(
                Exit::Usage,
                format!("two profiles given: {word}, and {flag} with --profile"),
            )
            .hint("give only one")),
            _ => Ok(Some(word)),
        }
    }
}

/// The profile that the user named with a flag or variable.
pub(super) fn named_profile(
    flag: Option<ProfileName>,
    context: Context,
) -> Result<Option<ProfileName>> {
    named::profile(flag, context.env)
}

/// Warns if the variables name two profiles and no flag decides.
pub(super) fn warn_of_two_profiles(flag: Option<&ProfileName>, context: Context) {
    if let Some(difference) = named::two_profiles(flag, context.env) {
        context.ui.warn(&difference);
    }
}

/// The names of the profiles, for shell completion.
fn profile_names() -> Vec<CompletionCandidate> {
    let names = known_profiles().into_iter();
    names
        .map(|name| CompletionCandidate::new(name.as_str()))
        .collect()
}

/// The profiles in both files; none from a file that can't be read.
pub(crate) fn known_profiles() -> Vec<ProfileName> {
    let Ok(files) = Files::locate(Env) else {
        return Vec::new();
    };
    let none = || Document::parse("").into();
    let read = |file: &AwsFile| {
        // A pipe can be read only once, and this look must not use it up.
        if file.is_pipe() {
            return none();
        }
        file.read().unwrap_or_else(|_| none())
    };
    let (config, credentials) = (read(&files.config), read(&files.credentials));
    merged(&config, &credentials).names()
}
