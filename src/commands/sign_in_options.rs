//! Defines the options of every command that may sign in, and makes the request that they and their
//! variables come to. It does not sign in.

use super::common::{RegionOption, named_profile, or_variable, warn_of_two_profiles};
use crate::code::CodeFlag;
use crate::exit::{Exit, Failure, Result};
use crate::signin::{DURATION_FLAG, Request, TRIES, Unkept};
use crate::value::lifetime::DEFAULT_LIFETIME;
use crate::value::{Lifetime, ProfileName, Serial};
use crate::world::asking::Asking;
use crate::world::{Context, env};
use clap::Args;
use secrecy::SecretString;
use std::convert::Infallible;

/// How much of a session must be left for a command to use it, unless the person says otherwise.
pub(super) const MARGIN: Lifetime = Lifetime::seconds(900);

/// The same for those that a person runs to have a session ready for a while.
pub(super) const LOGIN_MARGIN: Lifetime = Lifetime::seconds(3_600);

/// The options of a sign-in.
#[derive(Debug, Default, Args)]
pub(crate) struct SignInOptions {
    /// The six-digit code
    ///
    /// Other users can see a flag in the list of processes while awsmfa runs; --code-stdin hides
    /// it. [variable: AWSMFA_CODE]
    #[arg(long, visible_alias = "token-code", value_name = "CODE", value_parser = secret, group = "code_source")]
    code: Option<SecretString>,

    /// Read the code from the first line of standard input
    #[arg(long, group = "code_source")]
    code_stdin: bool,

    /// Run this command and use the first line it prints as the code
    ///
    /// For a YubiKey or a password manager. A shell runs it; it can use the terminal, and has a
    /// minute. It can't use the session that the code is for, unless that is still valid. A profile
    /// can set its own command with `mfa_process`.
    #[arg(long, value_name = "COMMAND", group = "code_source")]
    code_command: Option<String>,

    /// The MFA device: an ARN or a hardware serial
    ///
    /// [variable: AWSMFA_SERIAL; otherwise the profile's `mfa_serial`, the device of the last
    /// session, or the one that AWS knows]
    #[arg(long, visible_alias = "serial-number", value_name = "SERIAL")]
    mfa_serial: Option<Serial>,

    /// Session length, 15m to 36h (for example 12h, 1h30m, 3600)
    ///
    /// A role session lasts 15m to 12h, and no longer than the role allows. [variable:
    /// AWSMFA_DURATION, for a role only the length of the session that it is reached with;
    /// otherwise 12h, or for a role the profile's `duration_seconds` or 1h]
    #[arg(long, visible_alias = "duration-seconds", value_name = "TIME")]
    duration: Option<Lifetime>,

    /// The profile to write the session to
    ///
    /// [variable: AWSMFA_SESSION_PROFILE; otherwise the session profile you named, or the profile's
    /// name with `-mfa` added]
    #[arg(long, visible_alias = "update-profile", value_name = "NAME")]
    session_profile: Option<ProfileName>,

    /// Keep a session that has more than this left
    ///
    /// If a session is renewed, you are told why before you are asked for a code. `status` also
    /// counts a session that login keeps as valid, because it wants only 15m. Capped at a quarter
    /// of the session length. [variable: AWSMFA_MIN_REMAINING; otherwise 1h for login and setup,
    /// 15m for the other commands]
    #[arg(long, value_name = "TIME")]
    min_remaining: Option<Lifetime>,

    /// Make a new session even if the current one is still valid
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    region: RegionOption,

    /// Never ask at the terminal; exit with 7 instead
    #[arg(long)]
    no_input: bool,
}

impl SignInOptions {
    /// Those of a command that uses a session that is kept, and asks for no code.
    pub(super) fn in_region(region: RegionOption) -> Self {
        Self {
            region,
            no_input: true,
            ..Self::default()
        }
    }

    /// Those of an enrolment, whose codes are the new device's.
    pub(super) fn of_enrolment(
        duration: Option<Lifetime>,
        session_profile: Option<ProfileName>,
        region: RegionOption,
        no_input: bool,
    ) -> Self {
        Self {
            duration,
            session_profile,
            region,
            no_input,
            ..Self::default()
        }
    }

    /// Those of a command that gets codes for something else, by the command `code_command` or from the
    /// person, and needs a session only where a policy wants one.
    pub(super) fn beside_codes(
        code_command: Option<String>,
        region: RegionOption,
        no_input: bool,
    ) -> Self {
        Self {
            code_command,
            region,
            no_input,
            ..Self::default()
        }
    }

    /// The request that these options and the variables make, of a command that hands the session
    /// out. `margin` is the command's own default of `--min-remaining`.
    ///
    /// Fails when a variable holds what its flag would refuse, or the duration is out of bounds.
    pub(super) fn request(
        self,
        named: Option<ProfileName>,
        context: Context,
        margin: Lifetime,
    ) -> Result<Request> {
        warn_of_two_profiles(named.as_ref(), context);
        self.request_unwarned(named, context, margin)
    }

    /// The same where the command tells of what the variables name itself.
    pub(super) fn request_unwarned(
        self,
        named: Option<ProfileName>,
        context: Context,
        margin: Lifetime,
    ) -> Result<Request> {
        let named = named_profile(named, context)?;
        let within_bounds = |lifetime: Lifetime, asked_by: &str| {
            let refused = |why| Failure::new(Exit::Usage, format!("{asked_by}: {why}"));
            lifetime.for_session().map_err(refused)
        };
        // Of a role the variable counts beside the flag: for the session that it begins with.
        let lifetime = or_variable(None, context, env::DURATION).and_then(|lifetime| {
            within_bounds(lifetime.unwrap_or(DEFAULT_LIFETIME), env::DURATION)
        });
        let lifetime = match self.duration {
            Some(_) => lifetime,
            None => Ok(lifetime?),
        };
        let code = match (self.code, self.code_command) {
            (Some(code), _) => Some(CodeFlag::Code(code)),
            (None, Some(line)) => Some(CodeFlag::Command(line)),
            (None, None) => self.code_stdin.then_some(CodeFlag::Stdin),
        };
        code.as_ref().map_or(Ok(()), CodeFlag::check)?;
        Ok(Request {
            named,
            is_base: false,
            session_profile: or_variable(self.session_profile, context, env::SESSION_PROFILE)?,
            serial: or_variable(self.mfa_serial, context, env::SERIAL)?,
            new_device: None,
            tries: TRIES,
            code,
            duration: match self.duration {
                Some(duration) => Some(within_bounds(duration, DURATION_FLAG)?),
                None => None,
            },
            lifetime,
            min_remaining: or_variable(self.min_remaining, context, env::MIN_REMAINING)?
                .unwrap_or(margin),
            force: self.force,
            region: self.region.region,
            asking: if self.no_input {
                Asking::No
            } else {
                Asking::Yes
            },
            unkept: Unkept::HandedOut,
        })
    }
}

/// Takes any text: a bad code must not be repeated in an error of the parser.
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.to_owned().into())
}
