//! Defines what a person asks for when they sign in, as flags and variables say it. It never looks
//! at the files.

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

/// The flag for the lifetime, as messages name it.
pub(crate) const DURATION_FLAG: &str = "--duration";

/// What a person asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The profile named by flag or variable.
    pub(crate) named: Option<ProfileName>,
    /// Whether that is the base of a chain of roles: its keys count, whatever role it names.
    pub(crate) is_base: bool,
    /// The profile to write to, when not the usual one.
    pub(crate) session_profile: Option<ProfileName>,
    /// The device, when given.
    pub(crate) serial: Option<Serial>,
    /// The device that was enabled just now, where the sign-in is the end of that. Its code is sent, and
    /// no session is kept.
    pub(crate) new_device: Option<NewDevice>,
    /// The flag for the code, when given.
    pub(crate) code: Option<CodeFlag>,
    /// How many codes a person may try.
    pub(crate) tries: usize,
    /// `--duration`: what a person wants of the session that they ask for, a user's or a role's.
    pub(crate) duration: Option<Lifetime>,
    /// The lifetime of users' sessions where that does not say otherwise, within the bounds of STS;
    /// or why its variable can't be used, where the flag stands in for it.
    pub(crate) lifetime: Result<Lifetime>,
    /// A session with more than this left is kept.
    pub(crate) min_remaining: Lifetime,
    /// Make a new session whatever is left of the old one.
    pub(crate) force: bool,
    /// The region flag.
    pub(crate) region: Option<String>,
    /// Whether a person may be asked at the terminal.
    pub(crate) asking: Asking,
    /// What becomes of a session that can't be kept.
    pub(crate) unkept: Unkept,
}

impl Request {
    /// The sign-in that a chain of roles begins with. `--force` is meant for the role: one code
    /// serves all roles of a source, so a session that is there is used.
    pub(super) fn for_base(&self, chain: &Chain) -> Self {
        Self {
            named: Some(chain.base.clone()),
            is_base: true,
            session_profile: Some(chain.session_profile.clone()),
            // That of a role is not that of the session that the role begins with.
            duration: None,
            force: false,
            ..self.clone()
        }
    }

    /// The sign-in of the user with whose long-term keys that of `source` begins: for a role the one
    /// that its chain begins with.
    pub(crate) fn for_user(&self, source: &Source) -> Self {
        match &source.way {
            Way::Role(chain) => self.for_base(chain),
            Way::Keys(_) => self.clone(),
        }
    }

    /// The lifetime to ask for, of a user's session.
    pub(super) fn user_lifetime(&self) -> Result<Lifetime> {
        self.duration.map_or_else(|| self.lifetime.clone(), Ok)
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

    /// The keys in the environment, where no profile is named that would count before them.
    pub(super) fn environment_keys(&self, context: Context) -> Option<Keys> {
        match self.named {
            Some(_) => None,
            // What is wrong with them is said when the sign-in is planned.
            None => keys::of_environment(context.env).ok().flatten(),
        }
    }
}
