//! Lets only one awsmfa at a time sign in to a session profile, so that many callers ask for one code.
//! It never signs in itself.

use crate::caller::nested::within_itself;
use crate::exit::{Exit, Failure, Result};
use crate::store::{AwsFile, NamedLock, Pauses, Taken};
use crate::value::{Maker, ProfileName};
use crate::world::job;
use std::time::Duration;

/// The lock's number holds a count of failed sign-ins and, below it, a tag of the maker that had the
/// last turn. Each of the two wraps around at this value.
const PART: u64 = 64;

/// This process's turn to sign in to one session profile. It ends when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    lock: NamedLock,
    /// Distinguishes this run's maker from others that sign in to the same profile.
    tag: u64,
    /// The result of the sign-in that was waited for here.
    pub(super) before: Before,
    warning: Option<String>,
}

/// How to wait for a turn.
#[derive(Clone, Copy)]
pub(super) struct Waiter<'a> {
    /// The session profile to sign in to.
    pub(super) profile: &'a ProfileName,
    /// The maker of the session.
    pub(super) maker: &'a Maker,
    /// Whether one of the awsmfa processes that run this one has the turn, and so is waiting for us.
    pub(super) is_outside: bool,
    /// How long to wait.
    pub(super) limit: Duration,
}

/// The result of another sign-in that this one waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Before {
    /// There was none, or it had another maker, so its code is not ours.
    #[default]
    Nothing,
    /// It did not fail.
    Success,
    /// It failed.
    Failure,
}

impl Before {
    /// The result of two sign-ins together.
    pub(super) fn or(self, other: Self) -> Self {
        match self {
            Self::Nothing => other,
            Self::Success if other == Self::Failure => other,
            Self::Success | Self::Failure => self,
        }
    }
}

/// A sign-in in progress. If it is dropped before it [succeeded](Self::mark_succeeded), it has failed,
/// even if the user cancelled it, and the runs that wait are told. The exception is one that is set
/// aside to begin again.
pub(super) struct Attempt<'a> {
    turn: &'a Turn,
    has_succeeded: bool,
}

impl Attempt<'_> {
    /// Records that AWS answered with a session.
    pub(super) fn mark_succeeded(mut self) {
        self.has_succeeded = true;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.has_succeeded && !job::is_set_aside() {
            self.turn.note_failure();
        }
    }
}

impl Turn {
    /// Waits for the turn; `on_wait` is called once if there is anything to wait for. Fails at once if a
    /// process that runs this one has the turn, and with [`Exit::CodeNeeded`] if the wait was in vain.
    /// If nothing can be locked, [`Self::warning`] says so.
    pub(super) async fn take(
        credentials: &AwsFile,
        waiter: Waiter<'_>,
        mut on_wait: impl FnMut(),
    ) -> Result<Self> {
        let Waiter {
            profile,
            maker,
            is_outside,
            limit,
        } = waiter;
        let tag = maker.number() % PART;
        let lock = credentials.named_lock(profile.as_str())?;
        let number = lock.number();
        let mut pauses = Pauses::up_to(limit);
        let mut has_waited = false;
        loop {
            match lock.try_take() {
                Taken::Locked => {
                    let now = lock.number();
                    let (was_ours, has_failed) = (now % PART == tag, now / PART != number / PART);
                    // Tells the runs that wait for this one which maker it has.
                    lock.set_number(now / PART * PART + tag);
                    return Ok(Self {
                        before: match (was_ours, has_failed) {
                            (true, true) => Before::Failure,
                            (true, false) if has_waited => Before::Success,
                            _ => Before::Nothing,
                        },
                        lock,
                        tag,
                        warning: None,
                    });
                }
                // Not refused if the turn is free: a process that the outer awsmfa left running may
                // outlive it, and may sign in then.
                Taken::Busy | Taken::Impossible(_) if is_outside => {
                    return Err(within_itself(profile));
                }
                Taken::Impossible(why) => {
                    return Ok(Self {
                        lock,
                        tag,
                        before: Before::Nothing,
                        warning: Some(format!(
                            "{why}: two sign-ins at once would each ask for a code"
                        )),
                    });
                }
                Taken::Busy => {}
            }
            let Some(pause) = pauses.next() else {
                return Err(in_vain(profile, limit));
            };
            if !has_waited {
                on_wait();
                has_waited = true;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether another awsmfa is signing in to `profile` now. Creates nothing.
    pub(super) fn is_taken(credentials: &AwsFile, profile: &ProfileName) -> bool {
        credentials.is_locked(profile.as_str())
    }

    /// Begins the sign-in.
    pub(super) fn begin(&self) -> Attempt<'_> {
        Attempt {
            turn: self,
            has_succeeded: false,
        }
    }

    /// Tells the runs that wait that this sign-in failed and, by its tag, which maker it had. At worst
    /// one of them misses it, and another code is spent.
    fn note_failure(&self) {
        let count = (self.lock.number() / PART + 1) % PART;
        self.lock.set_number(count * PART + self.tag);
    }

    /// The warning that nothing could be locked, and why; to be shown once.
    pub(super) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

fn in_vain(profile: &ProfileName, limit: Duration) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!(
            "another awsmfa has been signing in to {profile} for {:.0} s",
            limit.as_secs_f32()
        ),
    )
    .hint("answer its prompt or stop it, then run this again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::CREDENTIALS;
    use crate::ini::{Edit, FileKind};
    use crate::store::Mode;
    use crate::value::maker::Origin;
    use std::cell::Cell;
    use std::fs;
    use tempfile::TempDir;

    /// A credentials file in a folder of its own, which need not exist yet.
    fn credentials(folder: &TempDir) -> AwsFile {
        AwsFile::new(
            FileKind::Credentials,
            folder.path().join("credentials"),
            CREDENTIALS,
        )
    }

    /// A maker about which nothing is known.
    const NOBODY: Maker = Maker {
        origin: None,
        role: None,
    };

    fn waiter<'a>(profile: &'a ProfileName, maker: &'a Maker, limit: Duration) -> Waiter<'a> {
        Waiter {
            profile,
            maker,
            is_outside: false,
            limit,
        }
    }

    fn name(text: &str) -> ProfileName {
        text.parse().expect("a profile name of the test")
    }

    #[tokio::test]
    async fn there_is_one_sign_in_at_a_time_for_a_profile_and_the_failure_names_it() {
        let folder = TempDir::new().expect("a folder");
        let file = credentials(&folder);
        // Long enough for a busy machine to begin the wait in.
        let limit = Duration::from_secs(1);
        let waits = Cell::new(0);
        let take = |profile| {
            let (file, waits) = (&file, &waits);
            async move {
                let profile = name(profile);
                let waiter = waiter(&profile, &NOBODY, limit);
                Turn::take(file, waiter, || waits.set(waits.get() + 1)).await
            }
        };
        let held = take("dev-mfa").await.expect("held");
        assert!(held.warning().is_none());
        take("other").await.expect("another profile's");
        assert_eq!(waits.get(), 0);
        let failure = take("dev-mfa").await.expect_err("held by another");
        assert_eq!(failure.exit, Exit::CodeNeeded);
        assert!(failure.message.contains("dev-mfa"), "{}", failure.message);
        assert_eq!(waits.get(), 1);
        // The lock for edits is a separate one.
        let change = ("aws_access_key_id".to_owned(), Some("ASIA9".to_owned()));
        let edit = || Edit {
            section: "dev-mfa".to_owned(),
            changes: vec![change.clone()],
        };
        file.update(Mode::Save, &mut |_| Ok(vec![edit()]))
            .expect("saved");
        drop(held);
        take("dev-mfa").await.expect("free again");
        assert_eq!(waits.get(), 1);
    }

    #[tokio::test]
    async fn a_waiting_turn_learns_that_the_sign_in_failed_and_a_later_one_does_not() {
        let folder = TempDir::new().expect("a folder");
        let file = &credentials(&folder);
        let profile = &name("dev-mfa");
        let patience = Duration::from_secs(20);
        assert!(!Turn::is_taken(file, profile));
        let made = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(made, 0, "asking makes no lock");
        let other = Maker {
            origin: Some(Origin::Key("AKIAOTHER".into())),
            role: None,
        };
        assert_ne!(other.number() % PART, NOBODY.number() % PART);
        for (fails, holder) in [(true, &NOBODY), (false, &NOBODY), (true, &other)] {
            let waiting_one = waiter(profile, &NOBODY, patience);
            let held = Turn::take(file, waiter(profile, holder, patience), || ()).await;
            let held = held.expect("free");
            assert!(Turn::is_taken(file, profile));
            let (waits, waiting) = tokio::sync::oneshot::channel();
            let mut waits = Some(waits);
            let on_wait = || {
                let waits = waits.take().expect("called once");
                waits.send(()).expect("somebody listens");
            };
            let ends = async {
                waiting.await.expect("it waits");
                let attempt = held.begin();
                if fails {
                    drop(attempt);
                } else {
                    attempt.mark_succeeded();
                }
                drop(held);
            };
            let (waited, ()) = tokio::join!(Turn::take(file, waiting_one, on_wait), ends);
            let expected = match (*holder == NOBODY, fails) {
                (false, _) => Before::Nothing,
                (true, true) => Before::Failure,
                (true, false) => Before::Success,
            };
            assert_eq!(waited.expect("free in time").before, expected);
            let later = Turn::take(file, waiting_one, || ()).await;
            assert_eq!(later.expect("free").before, Before::Nothing);
        }
    }

    #[tokio::test]
    async fn if_nothing_can_be_locked_the_turn_is_granted_with_a_warning_but_not_within_itself() {
        let why = Failure::failed("there is no home folder");
        let credentials = &AwsFile::nowhere(FileKind::Credentials, why, CREDENTIALS);
        let profile = &name("dev-mfa");
        let take = |is_outside| {
            let waiter = Waiter {
                is_outside,
                ..waiter(profile, &NOBODY, Duration::ZERO)
            };
            Turn::take(credentials, waiter, || ())
        };
        let turn = take(false).await.expect("had");
        assert_eq!(
            turn.warning(),
            Some("there is no home folder: two sign-ins at once would each ask for a code")
        );
        assert_eq!(turn.before, Before::Nothing);
        assert!(!Turn::is_taken(credentials, profile));
        drop(turn.begin());
        assert_eq!(take(false).await.expect("had").before, Before::Nothing);
        let failure = take(true).await.expect_err("within itself");
        assert_eq!(failure.exit, Exit::CodeNeeded);
    }

    #[test]
    fn a_failure_takes_precedence_among_two_sign_ins_that_were_waited_for() {
        use Before::{Failure, Nothing, Success};
        for (one, other, both) in [
            (Nothing, Nothing, Nothing),
            (Nothing, Success, Success),
            (Success, Nothing, Success),
            (Success, Failure, Failure),
            (Failure, Success, Failure),
            (Failure, Nothing, Failure),
        ] {
            assert_eq!(one.or(other), both);
        }
    }
}
