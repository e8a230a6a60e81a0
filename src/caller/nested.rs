//! Detects recursion: a profile's `credential_process` that runs awsmfa for that same profile,
//! perhaps in a script. It never runs a command.

use crate::exit::Result;
use crate::profile::source::from_itself;
use crate::profile::{KeySource, Source, Way};
use crate::value::ProfileName;
use crate::world::Context;
use crate::world::env::IN_PROGRESS;

/// Fails when the keys of `source` come from a command that this awsmfa is run by.
pub(crate) fn check(source: &Source, context: Context) -> Result<()> {
    let outer = context.env.text(IN_PROGRESS).unwrap_or_default();
    let own = hexadecimal(&source.profile);
    match source.way {
        Way::Keys(KeySource::Process(_)) if outer.split('-').any(|name| name == own) => {
            Err(from_itself(&source.profile))
        }
        _ => Ok(()),
    }
}

/// `command`, the `credential_process` of `profile`, as it is run: an awsmfa within finds `profile`
/// in its environment.
///
/// Not on Windows, whose shell has no plain way for that: there an awsmfa that a script runs for
/// itself waits for its own lock, and gives up.
pub(super) fn mark(command: &str, profile: &ProfileName, context: Context) -> String {
    if cfg!(windows) {
        return command.to_owned();
    }
    let outer = context.env.text(IN_PROGRESS);
    let outer = outer.map_or_else(String::new, |outer| outer + "-");
    let own = hexadecimal(profile);
    format!("export {IN_PROGRESS}={outer}{own}; {command}")
}

/// A profile's name may hold anything, and a shell reads this.
fn hexadecimal(profile: &ProfileName) -> String {
    let bytes = profile.as_str().bytes();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
