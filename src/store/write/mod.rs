//! Replaces an AWS file by renaming another one over it, or writes it in place if a rename is impossible
//! or would lose something. It does not read what it writes.

mod exchange;
mod inplace;
mod leftovers;
mod recover;
mod rename;
mod replacement;
#[cfg(windows)]
mod successor;
mod trust;

pub(super) use recover::{is_pending, look, recover};
pub(crate) use replacement::Mode;
pub(super) use replacement::{Outcome, Replacement};

use super::target::{Found, Target};
use crate::exit::{Failure, Result};
use crate::text::io_message;
use rename::Renamed;
use std::io::{self, ErrorKind};

/// Whether the file is written in place because it has another name, or is a mount point: a rename would
/// leave that with the old file.
pub(super) fn is_shared(found: &Found) -> bool {
    rename::would_harm(found)
}

/// Whether the file is mounted by itself, so that the files next to it may be lost with a container.
pub(super) fn is_mounted_alone(found: &Found) -> bool {
    rename::is_mount(found)
}

/// Makes `replacement`, if the file is still the one that was read. A rehearsal does everything but the
/// last step, and leaves nothing behind.
pub(super) fn replace(replacement: &Replacement) -> Result<Outcome> {
    let outcome = attempt(replacement)?;
    // In a save, the last step would have noticed.
    let is_overtaken =
        replacement.mode == Mode::Rehearse && !replacement.old.is_still_at(replacement.target);
    Ok(match outcome {
        Outcome::Replaced if is_overtaken => Outcome::Overtaken { kept: None },
        outcome => outcome,
    })
}

fn attempt(replacement: &Replacement) -> Result<Outcome> {
    let (target, old) = (replacement.target, &replacement.old.found);
    if old.as_ref().is_some_and(rename::would_harm) {
        return inplace::write(replacement);
    }
    match rename::by_rename(replacement) {
        Ok(Renamed::Ended(outcome)) => Ok(outcome),
        Ok(Renamed::Refused(error)) if old.is_none() => Err(cannot_write(target, &error)),
        Ok(Renamed::Refused(_)) => inplace::write(replacement),
        Err(error) => Err(cannot_write(target, &error)),
    }
}

fn cannot_write(target: &Target, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on its disk",
        ErrorKind::FileTooLarge => "raise the limit for the size of a file (`ulimit -f`)",
        _ => "check the folder and who owns it",
    };
    Failure::failed(format!(
        "can't write {}: {}",
        target.path.display(),
        io_message(error)
    ))
    .hint(format!("{hint}, then run this again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_hint_for_a_write_that_fails_depends_on_the_reason() {
        let target = Target::at(Path::new("the-file"));
        for (kind, hint) in [
            (ErrorKind::StorageFull, "make room"),
            (ErrorKind::QuotaExceeded, "make room"),
            (ErrorKind::FileTooLarge, "raise the limit"),
            (ErrorKind::PermissionDenied, "check the folder"),
        ] {
            let failure = cannot_write(&target, &kind.into());
            assert!(failure.message.starts_with("can't write the-file: "));
            let told = failure.hint.unwrap_or_default();
            assert!(told.starts_with(hint), "{kind}: {told}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn if_no_file_can_be_made_the_systems_reason_is_given() {
        use crate::store::target::Access;
        use crate::store::tests::{Home, Unwritable};
        let home = Home::new();
        let target = home.target();
        let old = target.snapshot(Access::Write).expect("there is none");
        let Some(_unwritable) = Unwritable::make(home.folder.path()) else {
            return;
        };
        let failure = attempt(&Replacement {
            target: &target,
            old: &old,
            new: b"[x]\n",
            mode: Mode::Save,
            state: &home.state(),
        });
        let failure = failure.expect_err("it can't be made");
        assert!(failure.message.starts_with("can't write "), "{failure}");
        let told = failure.hint.unwrap_or_default();
        assert!(told.starts_with("check the folder"), "{told}");
    }
}
