//! Detects recursion: a command that a sign-in runs for a code or for keys, and that runs awsmfa for
//! that same sign-in, perhaps in a script. It never runs a command.

use crate::exit::{Exit, Failure, Result};
use crate::profile::source::from_itself;
use crate::value::ProfileName;
use crate::world::env::{Env, IN_PROGRESS};

/// What an awsmfa is in the middle of, and those that it is run by: a list that an awsmfa which it
/// runs finds in its environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct InProgress(Vec<String>);

impl InProgress {
    /// What those are in the middle of that this awsmfa is run by.
    pub(crate) fn outside(env: Env) -> Self {
        let list = env.text(IN_PROGRESS).unwrap_or_default();
        Self(list.split('-').map(str::to_owned).collect())
    }

    /// The same, and the sign-in that stores its session in `target`.
    pub(crate) fn and_turn(&self, target: &ProfileName) -> Self {
        self.and(turn(target))
    }

    /// The same, and the command for the keys of `profile`.
    pub(crate) fn and_keys(&self, profile: &ProfileName) -> Self {
        self.and(keys(profile))
    }

    fn and(&self, entry: String) -> Self {
        let entries = self.0.iter().filter(|it| !it.is_empty()).cloned();
        Self(entries.chain([entry]).collect())
    }

    /// Whether the sign-in that stores its session in `target` is among them.
    pub(crate) fn has_turn(&self, target: &ProfileName) -> bool {
        self.0.contains(&turn(target))
    }

    /// Fails when this awsmfa is run by the command for the keys of `profile`.
    pub(crate) fn check_keys(&self, profile: &ProfileName) -> Result<()> {
        if self.0.contains(&keys(profile)) {
            return Err(from_itself(profile));
        }
        Ok(())
    }

    /// The text for the environment.
    pub(crate) fn text(&self) -> String {
        self.0.join("-")
    }
}

/// The failure of an awsmfa that would wait for the sign-in to `target` that it is run by.
pub(crate) fn within_itself(target: &ProfileName) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!(
            "can't sign in to {target} here: the sign-in to {target} started this awsmfa and is waiting for it"
        ),
    )
    .hint("a command that supplies codes or keys can't use the session they are for; let it use another profile")
}

fn keys(profile: &ProfileName) -> String {
    format!("keys:{}", hexadecimal(profile))
}

fn turn(target: &ProfileName) -> String {
    format!("turn:{}", hexadecimal(target))
}

/// A profile's name may hold anything, and this stands in a list.
fn hexadecimal(profile: &ProfileName) -> String {
    let bytes = profile.as_str().bytes();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
