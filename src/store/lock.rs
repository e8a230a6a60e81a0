//! Owns the two kinds of lock: one around an edit, one around a sign-in. Both are files beside the
//! resolved AWS file that stay for ever: a lock file that is removed can be held twice.

use super::target::Target;
use super::{AwsFile, failure};
use crate::exit::{Exit, Failure};
use crate::text::io_message;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long an edit waits for another's. An edit takes milliseconds: who holds the lock longer is
/// stopped or stuck.
const EDIT_WAIT: Duration = Duration::from_secs(20);
/// Encoded profile names longer than this are hashed, so that the lock's name fits a folder entry.
const NAME_LENGTH: usize = 100;

/// The lock around one edit of one file. Released when dropped.
pub(super) struct EditLock {
    // Held for its lock; closing it releases that.
    file: Option<File>,
    /// Why nothing could be locked.
    pub(super) warning: Option<String>,
}

impl EditLock {
    /// Waits for the lock of `target`, whose folder must exist.
    pub(super) fn take(target: &Target) -> anyhow::Result<Self> {
        let path = target.beside(".awsmfa.lock");
        loop {
            let (file, at) = match open(&path) {
                Ok(file) => (file, &path),
                Err(error) if refuses(&error) => match open_itself(target) {
                    Some(file) => (file, &target.path),
                    None => return Ok(Self::none(target, &error)),
                },
                Err(error) => return Err(cannot_open(&path, &error)),
            };
            match wait(&file, EDIT_WAIT, &mut || ()) {
                // The AWS file itself may have been replaced by who had its lock.
                Ok(true) if at == &target.path && !is_at(&file, at) => {}
                Ok(true) => {
                    return Ok(Self {
                        file: Some(file),
                        warning: None,
                    });
                }
                Ok(false) => {
                    return Err(failure(format!(
                        "another program has held the lock of {} for {} s",
                        target.path.display(),
                        EDIT_WAIT.as_secs()
                    ))
                    .hint(format!(
                        "see which process has {} open, and end it",
                        at.display()
                    ))
                    .into());
                }
                Err(error) if unsupported(&error) => return Ok(Self::none(target, &error)),
                Err(error) => return Err(cannot_open(at, &error)),
            }
        }
    }

    /// Whether no other awsmfa can be editing the file now.
    pub(super) fn held(&self) -> bool {
        self.file.is_some()
    }

    fn none(target: &Target, error: &io::Error) -> Self {
        Self {
            file: None,
            warning: Some(format!(
                "{} can't be locked ({}): don't run awsmfa twice at once",
                target.path.display(),
                io_message(error)
            )),
        }
    }
}

/// The lock around the sign-in of one session profile, so that many callers ask for one code.
/// Released when dropped.
pub(crate) struct SignInLock {
    file: Option<File>,
    /// Whether a sign-in failed that was waited for here.
    pub(crate) others_failed: bool,
    warning: Option<String>,
}

impl SignInLock {
    /// Takes the lock of the session profile `profile`, waiting up to `wait` for another holder;
    /// `on_wait` is called once if it has to. Ends in [`Exit::CodeNeeded`] when the wait was in
    /// vain. Where nothing can be locked the result says so in [`Self::warning`].
    pub(crate) fn acquire(
        credentials: &AwsFile,
        profile: &str,
        limit: Duration,
        on_wait: &mut dyn FnMut(),
    ) -> anyhow::Result<Self> {
        let target = Target::resolve(&credentials.path)?;
        let suffix = format!(".awsmfa-{}.lock", encoded(profile));
        let path = target.beside(&suffix);
        let file = match target.make_folder().and_then(|()| open(&path)) {
            Ok(file) => file,
            Err(error) if refuses(&error) => match credentials.state.open_lock(&target, &suffix) {
                Some(file) => file,
                None => return Ok(Self::none(&target, &error)),
            },
            Err(error) => return Err(cannot_open(&path, &error)),
        };
        let before = failures(&file);
        match wait(&file, limit, on_wait) {
            Ok(true) => Ok(Self {
                others_failed: failures(&file) != before,
                file: Some(file),
                warning: None,
            }),
            Ok(false) => Err(Failure::new(
                Exit::CodeNeeded,
                format!(
                    "another awsmfa has been signing in to {profile} for {:.0} s",
                    limit.as_secs_f32()
                ),
            )
            .hint("answer its prompt or end it, then run this again")
            .into()),
            Err(error) if unsupported(&error) => Ok(Self::none(&target, &error)),
            Err(error) => Err(cannot_open(&path, &error)),
        }
    }

    /// Whether another signs in to the session profile `profile` now. Creates nothing.
    pub(crate) fn is_held(credentials: &AwsFile, profile: &str) -> bool {
        let Ok(target) = Target::resolve(&credentials.path) else {
            return false;
        };
        let path = target.beside(&format!(".awsmfa-{}.lock", encoded(profile)));
        let file = OpenOptions::new().read(true).write(true).open(path);
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Lets those who wait know that this sign-in failed.
    pub(crate) fn note_failure(&self) {
        if let Some(file) = &self.file {
            // They see it grow; at worst somebody spends another code.
            let _ = file.set_len((failures(file) + 1) % 4096);
        }
    }

    /// That nothing could be locked, and why; to be said once.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    fn none(target: &Target, error: &io::Error) -> Self {
        Self {
            file: None,
            others_failed: false,
            warning: Some(format!(
                "the folder {} can't hold a lock ({}): two sign-ins at once each ask for a code",
                target.folder.display(),
                io_message(error)
            )),
        }
    }
}

/// How many sign-ins failed under the lock `file`.
fn failures(file: &File) -> u64 {
    file.metadata().map_or(0, |it| it.len())
}

/// Opens a lock file that only the user can open, creating it if need be.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // In a folder that others can write to, a link could create a file elsewhere.
        options
            .mode(0o600)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32);
    }
    options.open(path)
}

/// The AWS file itself, where its folder takes no lock file from us. Not on Windows, where a locked file can't be read by others.
fn open_itself(target: &Target) -> Option<File> {
    if cfg!(windows) {
        return None;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(&target.path)
        .ok()
}

/// Whether `file` is still what is found at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |found: io::Result<std::fs::Metadata>| {
        let found = found.ok()?;
        Some((found.dev(), found.ino()))
    };
    identity(file.metadata()) == identity(std::fs::metadata(path))
}

/// Windows never locks the file itself.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Waits for the exclusive lock of `file`. `false`: it is still another's after `limit`.
fn wait(file: &File, limit: Duration, on_wait: &mut dyn FnMut()) -> io::Result<bool> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(false);
        }
        if !said {
            on_wait();
            said = true;
        }
        sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Whether a folder takes no new file from us, however often we ask.
pub(super) fn refuses(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Whether a file system knows no locks (some network and FUSE mounts).
fn unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let known = [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS];
        if error
            .raw_os_error()
            .is_some_and(|code| known.contains(&Errno::from_raw_os_error(code)))
        {
            return true;
        }
    }
    error.kind() == ErrorKind::Unsupported
}

fn cannot_open(path: &Path, error: &io::Error) -> anyhow::Error {
    failure(format!(
        "can't lock {}: {}",
        path.display(),
        io_message(error)
    ))
    .hint("check the folder and who owns it")
    .into()
}

/// `profile` as part of a file name that every system takes.
fn encoded(profile: &str) -> String {
    let mut name = String::new();
    for byte in profile.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    if name.len() > NAME_LENGTH {
        // No percent sign is followed by `h`, so no short name can look like this.
        format!("%h{:016x}", stable_hash(profile.as_bytes()))
    } else {
        name
    }
}

/// FNV-1a, 64 bits. The standard library's hashes may change from release to release, and these
/// end in file names that two releases must agree on. Two that meet only make one wait.
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
