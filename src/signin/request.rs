//! Holds what the user asks for from a sign-in, by flags and variables. It never looks at the files.

use super::new_device::NewDevice;
use super::unkept::Unkept;
use crate::caller::keys;
use crate::code::CodeFlag;
use crate::exit::Result;
use crate::profile::role::Chain;
use crate::profile::{Source, Way};
use crate::value::{Keys, Lifetime, ProfileName, Serial};
use crate::world::Context;
use crate::world::asking::{Asking, PATIENCE};
use std::time::{Duration, Instant};

/// The flag for the lifetime, as it appears in messages.
pub(crate) const DURATION_FLAG: &str = "--duration";

/// What the user asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The profile named by flag or variable.
    pub(crate) named: Option<ProfileName>,
    /// Whether that profile is the base of a chain of roles: its keys count, whatever role it names.
    pub(crate) is_base: bool,
    /// The profile to write to, if not the usual one.
    pub(crate) session_profile: Option<ProfileName>,
    /// The device, if given.
    pub(crate) serial: Option<Serial>,
    /// The device that was just enabled, if the sign-in completes its enrolment. Its code is sent, and
    /// no stored session is kept.
    pub(crate) new_device: Option<NewDevice>,
    /// The flag for the code, if given.
    pub(crate) code: Option<CodeFlag>,
    /// How many codes the user may try.
    pub(crate) tries: usize,
    /// `--duration`: the lifetime of the requested session, a user's or a role's.
    pub(crate) duration: Option<Lifetime>,
    /// The lifetime of users' sessions without `--duration`, within the limits of STS. Or why its
    /// variable can't be used, which does not matter if the flag replaces it.
    pub(crate) lifetime: Result<Lifetime>,
    /// A session with more than this left is kept.
    pub(crate) min_remaining: Lifetime,
    /// Whether to make a new session even if the old one is good.
    pub(crate) force: bool,
    /// The region flag.
    pub(crate) region: Option<String>,
    /// Whether the user may be asked at the terminal.
    pub(crate) asking: Asking,
    /// What to do with a session that can't be kept.
    pub(crate) unkept: Unkept,
}

impl Request {
    /// The sign-in that a chain of roles begins with. `--force` is meant for the role: one code serves
    /// all roles of a source, so an existing session is used.
    pub(super) fn for_base(&self, chain: &Chain) -> Self {
        Self {
            named: Some(chain.base.clone()),
            is_base: true,
            session_profile: Some(chain.session_profile.clone()),
            // The duration is for the role, not for the session that it begins with.
            duration: None,
            force: false,
            ..self.clone()
        }
    }

    /// The user's sign-in that `source` begins with: for a role, that of the base of its chain.
    pub(crate) fn for_user(&self, source: &Source) -> Self {
        match &source.way {
            Way::Role(chain) => self.for_base(chain),
            Way::Keys(_) => self.clone(),
        }
    }

    /// The lifetime to request for a user's session.
    pub(super) fn user_lifetime(&self) -> Result<Lifetime> {
        self.duration.map_or_else(|| self.lifetime.clone(), Ok)
    }

    /// Whether a program runs awsmfa for keys: it may show our messages to its user at each call.
    pub(super) fn is_for_program(&self) -> bool {
        matches!(self.asking, Asking::InForeground(_))
    }

    /// How long to wait for another awsmfa.
    pub(super) fn patience(&self) -> Duration {
        match self.asking {
            Asking::InForeground(until) => until
                .saturating_duration_since(Instant::now())
                .min(PATIENCE),
            Asking::Yes | Asking::No => PATIENCE,
        }
    }

    /// The keys in the environment, if no profile is named that would take precedence.
    pub(super) fn environment_keys(&self, context: Context) -> Option<Keys> {
        match self.named {
            Some(_) => None,
            // Any fault in them is reported when the sign-in is planned.
            None => keys::of_environment(context.env).ok().flatten(),
        }
    }
}
