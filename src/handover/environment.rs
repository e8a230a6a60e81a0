//! Works out how an environment changes for a session: what is set in it and what is cleared. It changes
//! none.

use super::variables::{OF_OTHER_TOOLS, OTHERS, OURS, Variable};
use crate::world::env::{self, EXPORTED};
use zeroize::Zeroizing;

/// The environment before the change.
pub(crate) struct Before<'a> {
    /// The value of a variable as the user set it.
    pub(crate) users: &'a dyn Fn(&str) -> Option<String>,
    /// The names that an earlier `export` has set.
    pub(crate) exported: Vec<String>,
    /// The names that begin with [`super::variables::GRANTED_PREFIX`].
    pub(crate) granted: Vec<String>,
}

/// How an environment changes.
pub(crate) struct Change {
    /// The variables that are set, in the order they are printed.
    pub(crate) set: Vec<Variable>,
    /// The names to clear; none of them is set.
    pub(crate) clear: Vec<String>,
}

impl Change {
    /// Sets the variables of `session` and of the settings that go with it, and lists them in
    /// [`EXPORTED`]. Clears everything that would take precedence over the session, describes another
    /// one, or is left of an earlier one.
    pub(crate) fn to(session: Vec<Variable>, settings: Vec<Variable>, before: &Before<'_>) -> Self {
        let mut set = session;
        set.extend(settings);
        // A variable that has the user's own value already is not ours.
        let is_ours = |(name, value): &&Variable| {
            env::holds_session(name) || (before.users)(name).as_ref() != Some(&**value)
        };
        let ours: Vec<&str> = set
            .iter()
            .filter(is_ours)
            .map(|(name, _)| &**name)
            .collect();
        let ours = Zeroizing::new(ours.join(","));
        set.push((EXPORTED.into(), ours));
        let mut clear: Vec<String> = Vec::new();
        let known = OTHERS
            .iter()
            .chain(&OF_OTHER_TOOLS)
            .map(|it| (*it).to_owned());
        let there = before.granted.iter().chain(&before.exported).cloned();
        for name in known.chain(there) {
            if !set.iter().any(|(it, _)| *it == name) && !clear.contains(&name) {
                clear.push(name);
            }
        }
        Self { set, clear }
    }

    /// Clears the variables that an `export` has set, by its own list; without a list, all that any
    /// export sets.
    pub(crate) fn back(is_exported: bool, exported: Vec<String>) -> Vec<String> {
        let session = OURS.into_iter().filter(|name| {
            !is_exported || env::holds_session(name) || exported.iter().any(|it| it == name)
        });
        let mut clear: Vec<String> = session.map(str::to_owned).collect();
        for name in exported.into_iter().chain([EXPORTED.to_owned()]) {
            if !clear.contains(&name) {
                clear.push(name);
            }
        }
        clear
    }
}
