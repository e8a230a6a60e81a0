//! Leads a rotation through its steps: look, create, store, wait, use, deactivate, and delete if that is
//! wanted. It never deletes two keys, and never the one in use.

use super::files::Notes;
use super::plan::{self, GRACE, Move, Why};
use super::{acceptance, old};
use crate::access::Access;
use crate::access::lock::{Lock, Subject};
use crate::aws::{AccessKey, Aws, Fault, Refusal};
use crate::exit::{Exit, Failure, Result};
use crate::profile::KeySource;
use crate::profile::rotation::{self, Previous, Record, Step};
use crate::profile::source::Holder;
use crate::signin::Request;
use crate::value::{Keys, ProfileName};
use crate::world::Context;
use crate::world::runtime::until_cancelled;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use tokio::time::sleep;

/// What the user asks for.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// Delete the old key rather than only deactivating it.
    pub(crate) delete_old: bool,
    /// Go back to the old key.
    pub(crate) undo: bool,
}

/// The result of a rotation.
pub(crate) struct Rotated {
    /// The profile with the key.
    pub(crate) profile: ProfileName,
    /// The key that it has now.
    pub(crate) access_key_id: String,
    /// Whether that is another one than before this run.
    pub(crate) rotated: bool,
    /// The key before that, and what became of it.
    pub(crate) old: Option<(String, OldKey)>,
    /// The profiles that hold the key.
    pub(crate) profiles: Vec<ProfileName>,
}

/// What became of the key that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldKey {
    /// It signs nothing any more, but can be activated again.
    Inactive,
    /// It no longer exists.
    Deleted,
}

/// Replaces the access key with which a sign-in by `request` begins, or goes back to the previous one.
pub(crate) async fn rotate(request: Request, order: Order, context: Context) -> Result<Rotated> {
    let (access, current) = Access::open_where(request, context, rotatable).await?;
    access.say_before_code("rotating an access key needs MFA");
    let _lock = Lock::take(&access, Subject::AccessKeys)?;
    let rotation = Rotation {
        notes: Notes::new(&access.files, &access.user.profile, context.ui),
        access: &access,
        order,
        deleted: RefCell::default(),
    };
    let record = rotation.record(&current)?;
    let rehearsed = rotation.notes.rehearse(&record, &current, context.now());
    rehearsed.map_err(|failure| match order.undo {
        true => failure,
        false => nothing_created(failure),
    })?;
    if order.undo {
        return rotation.undo(current).await;
    }
    let profiles = rotation.holders(&current)?;
    context.ui.say(&format!(
        "rotating the access key {} of {}: {}",
        current.access_key_id,
        access.user.name,
        in_words(&profiles)
    ));
    rotation.go_on(current).await
}

/// The keys of `source`, if they are of a kind that can be replaced.
fn rotatable(source: &KeySource, holder: &Holder) -> Result<Keys> {
    let (place, hint) = match source {
        KeySource::Profile(keys) => return Ok(keys.clone()),
        KeySource::Process(_) => (
            "a credential_process, which would have to store the new one itself",
            "rotate it with the program that keeps it",
        ),
        KeySource::Environment(_) => (
            "the environment, where a new one can't be stored",
            "use --profile with the profile that holds the key",
        ),
    };
    let whose = match holder {
        Holder::Profile(profile) => format!("the access key of profile {profile}"),
        Holder::Environment => "the access key".to_owned(),
    };
    Err(Failure::failed(format!("{whose} comes from {place}")).hint(hint))
}

/// How often to ask for a key after one has just been deleted.
const AFTER_DELETION: usize = 5;

/// A rotation under way.
struct Rotation<'a> {
    access: &'a Access,
    notes: Notes<'a>,
    order: Order,
    /// The keys that this run has deleted.
    deleted: RefCell<Vec<String>>,
}

impl Rotation<'_> {
    /// What the files record about the rotation of `current`.
    fn record(&self, current: &Keys) -> Result<Record> {
        let contents = self.notes.read()?;
        Record::read(contents.profiles(), &self.access.user.profile, current)
    }

    /// The profiles that hold `keys`.
    fn holders(&self, keys: &Keys) -> Result<Vec<ProfileName>> {
        let contents = self.notes.read()?;
        Ok(rotation::holders(contents.profiles(), keys))
    }

    /// The user's keys at AWS.
    async fn list(&self) -> Result<Vec<AccessKey>> {
        self.access
            .context
            .ui
            .step("asking AWS for the access keys (iam:ListAccessKeys)");
        let user = &self.access.user.name;
        let listed = self
            .access
            .with_session(async |aws| aws.list_access_keys(user).await)
            .await;
        let mut listed = listed?;
        // AWS's list may be out of date, and the user is not asked twice about a deleted key.
        listed.retain(|it| !self.deleted.borrow().contains(&it.id));
        Ok(listed)
    }

    /// Deletes the key, which no profile may be using.
    async fn delete(&self, id: &str) -> Result<()> {
        self.check_unused(id)?;
        let deleting = until_cancelled(old::delete(self.access, id)).await;
        deleting.map_err(|failure| self.may_go_on(failure))?;
        self.deleted.borrow_mut().push(id.to_owned());
        Ok(())
    }

    /// Fails if a profile has the key: whatever the record says, somebody uses it.
    fn check_unused(&self, id: &str) -> Result<()> {
        match old::profile_with(self.access, id)? {
            None => Ok(()),
            Some(profile) => Err(Failure::failed(format!(
                "profile {profile} has the access key {id}, so it is left unchanged"
            ))
            .hint("remove it from that profile first, if nobody needs it")),
        }
    }

    /// `failure`, with a hint how to continue if the user cancelled a rotation under way.
    fn may_go_on(&self, failure: Failure) -> Failure {
        match failure.exit {
            Exit::Cancelled => failure.hint(format!(
                "{} continues from here",
                self.access.user.command("rotate")
            )),
            _ => failure,
        }
    }

    /// Rotates `current`, or finishes what an earlier run began.
    async fn go_on(&self, current: Keys) -> Result<Rotated> {
        let id = current.access_key_id.as_str();
        loop {
            let listed = self.list().await?;
            let record = self.record(&current)?;
            let now = self.access.context.now();
            match plan::next(&record, &listed, id, now) {
                Move::Create => {
                    if let Some(new) = self.create(&record, &current, &listed).await? {
                        return self.use_new(&record, current, new).await;
                    }
                }
                Move::GoOn(new) => {
                    self.access.context.ui.say(&format!(
                        "continuing with {}, which an earlier run created",
                        new.access_key_id
                    ));
                    return self.use_new(&record, current, new).await;
                }
                Move::Finish(previous) => {
                    self.access.context.ui.say(&format!(
                        "finishing the rotation of {}",
                        previous.keys.access_key_id
                    ));
                    return self.finish(&record, &previous, current).await;
                }
                Move::Forget(step) => self.notes.note(&record, &current, &step)?,
                Move::InTheWay(obstacle) => {
                    let id = &obstacle.key.id;
                    let is_replaced = matches!(obstacle.why, Why::Replaced(_));
                    let is_the_end = is_replaced && self.order.delete_old;
                    if !is_the_end {
                        old::check_may_go(self.access, &obstacle, &listed).await?;
                    }
                    self.delete(id).await?;
                    if is_replaced {
                        self.notes.note(&record, &current, &Step::ForgetPrevious)?;
                    }
                    if is_the_end {
                        self.access.context.ui.say(&format!(
                            "that completes the previous rotation; {} starts another",
                            self.access.user.command("rotate")
                        ));
                        let old = Some((id.clone(), OldKey::Deleted));
                        return self.done(current, false, old);
                    }
                }
            }
        }
    }

    /// Creates a key and stores it beside `current`. `None` if the secret of a created key was lost, and
    /// the user may have it deleted.
    async fn create(
        &self,
        record: &Record,
        current: &Keys,
        listed: &[AccessKey],
    ) -> Result<Option<Keys>> {
        let (access, user) = (self.access, &self.access.user.name);
        // The time of an earlier run that may have made one just now still counts.
        let now = access.context.now();
        let earlier = record.begun.filter(|_| plan::may_be_missing(record, now));
        self.notes
            .note(record, current, &Step::Begin(earlier.unwrap_or(now)))
            .map_err(nothing_created)?;
        access
            .context
            .ui
            .step(&format!("creating a key for {user} (iam:CreateAccessKey)"));
        access.expect_a_limit_of_age();
        let is_sent = Cell::new(false);
        let creating = async {
            // Stored before anything else is waited for.
            let new = match self.ask_for_key(record, current, &is_sent, listed).await {
                Ok(new) => new,
                Err(fault) => return Ok(Err(fault)),
            };
            let stored = self.notes.note(record, current, &Step::Wait(&new));
            match stored {
                Ok(()) => Ok(Ok(new)),
                Err(failure) => Err(self.not_stored(&new, failure).await),
            }
        };
        let fault = match until_cancelled(creating).await {
            Err(failure) if !is_sent.get() => {
                self.forget_begin(record, current)?;
                return Err(failure);
            }
            Err(failure) if failure.exit == Exit::Cancelled => {
                return Err(failure.hint(format!(
                    "a key may have been created: {} continues from here",
                    access.user.command("rotate")
                )));
            }
            Err(failure) => return Err(failure),
            Ok(Ok(new)) => {
                access
                    .context
                    .ui
                    .say(&format!("created access key {}", new.access_key_id));
                return Ok(Some(new));
            }
            Ok(Err(fault)) => fault,
        };
        let is_limit = fault.refusal() == Some(Refusal::LimitReached);
        let failure = Failure::from(fault);
        if !is_sent.get() {
            self.forget_begin(record, current)?;
            return Err(match is_limit {
                true => {
                    failure.hint("another program may have created a key just now: run this again")
                }
                false => failure,
            });
        }
        self.after_lost_answer(failure, listed).await
    }

    /// Takes back the note that a key is being created, because none was. It stays if an earlier run has
    /// just made one, too: AWS may list the key that it announced only later.
    fn forget_begin(&self, record: &Record, current: &Keys) -> Result<()> {
        match plan::may_be_missing(record, self.access.context.now()) {
            true => Ok(()),
            false => self.notes.note(record, current, &Step::ForgetNext),
        }
    }

    /// Asks AWS for a key. `is_sent` tells afterwards whether there may be one whatever the answer was.
    async fn ask_for_key(
        &self,
        record: &Record,
        current: &Keys,
        is_sent: &Cell<bool>,
        listed: &[AccessKey],
    ) -> Result<Keys, Fault> {
        let user = &self.access.user.name;
        let has_asked = Cell::new(false);
        let ask = async |aws: Aws| {
            // A code may have been waited for since the last time.
            let now = self.access.context.now();
            if has_asked.replace(true) && !plan::may_be_missing(record, now) {
                let noted = self.notes.note(record, current, &Step::Begin(now));
                noted.map_err(Fault::Fatal)?;
            }
            is_sent.set(true);
            let created = aws.create_access_key(user).await;
            if matches!(created, Err(Fault::Refused { .. } | Fault::NotSent(_))) {
                is_sent.set(false);
            }
            created
        };
        let mut tries = if self.deleted.borrow().is_empty() {
            1
        } else {
            AFTER_DELETION
        };
        let new = loop {
            tries -= 1;
            match self.access.with_session(ask).await {
                // For a moment, AWS still counts the key that this run deleted.
                Err(Fault::Refused {
                    refusal: Refusal::LimitReached,
                    ..
                }) if tries > 0 => sleep(Duration::from_secs(2)).await,
                created => break created?,
            }
        };
        if listed.iter().any(|it| it.id == new.access_key_id) {
            let text = format!(
                "AWS answered with the access key {}, which already existed",
                new.access_key_id
            );
            return Err(Fault::Fatal(Failure::new(Exit::Unreachable, text)));
        }
        Ok(new)
    }

    /// Finds out what became of a request to create a key whose answer was lost: either AWS lists the
    /// key now or it does not.
    async fn after_lost_answer(
        &self,
        failure: Failure,
        before: &[AccessKey],
    ) -> Result<Option<Keys>> {
        let ui = self.access.context.ui;
        ui.say(&format!("{failure}; looking for the key"));
        for pause in [0, 1, 2, 3].map(Duration::from_secs) {
            sleep(pause).await;
            let listed = self.list().await?;
            if listed
                .iter()
                .any(|it| !before.iter().any(|old| old.id == it.id))
            {
                // The plan will find it again, and offer to delete it.
                return Ok(None);
            }
        }
        Err(failure.hint(format!(
            "AWS lists no new key, but may have created one: {} finds out",
            self.access.user.command("rotate")
        )))
    }

    /// The failure for a key that was created but can't be stored. It is deleted again, because nobody
    /// could use it.
    async fn not_stored(&self, new: &Keys, failure: Failure) -> Failure {
        let id = &new.access_key_id;
        let then = match self.delete(id).await {
            Ok(()) => "it was deleted again".to_owned(),
            Err(left) => left.message,
        };
        let message = format!(
            "the new key {id} can't be stored: {}; {then}",
            failure.message
        );
        Failure { message, ..failure }
    }

    /// Puts `new`, which is stored, in the place of `current` once AWS accepts it.
    async fn use_new(&self, record: &Record, current: Keys, new: Keys) -> Result<Rotated> {
        let access = self.access;
        access.context.ui.say(&format!(
            "waiting for AWS to accept {}, usually about 15 s, 90 s at most",
            new.access_key_id
        ));
        let waiting = acceptance::wait(access, &new);
        until_cancelled(waiting).await.map_err(|failure| {
            let goes_on = access.user.command("rotate");
            failure.further_hint(format!(
                "{} keeps its key; the new one is waiting beside it in [{}], and {goes_on} continues from here",
                access.user.holder,
                record.section()
            ))
        })?;
        let previous = Previous {
            keys: current,
            deactivated: None,
        };
        self.finish(record, &previous, new).await
    }

    /// Puts `new`, which AWS accepts, wherever the previous key still is, and deactivates that.
    async fn finish(&self, record: &Record, previous: &Previous, new: Keys) -> Result<Rotated> {
        let (access, ui) = (self.access, self.access.context.ui);
        let (id, old_id) = (&new.access_key_id, &previous.keys.access_key_id);
        let swapped = self.notes.swap(record, &previous.keys, &new);
        let profiles = swapped.map_err(|failure| {
            failure.further_hint(format!("{id} was created, but is not in use everywhere"))
        })?;
        if !profiles.is_empty() {
            let use_it = if profiles.len() == 1 { "uses" } else { "use" };
            ui.say(&format!("{} now {use_it} {id}", in_words(&profiles)));
        }
        self.check_unused(old_id)?;
        let deactivating = until_cancelled(self.set_active(old_id, false)).await;
        deactivating.map_err(|failure| {
            let message = format!(
                "{id} is in use, but {old_id} may still be active: {}",
                failure.message
            );
            Failure { message, ..failure }.further_hint(format!(
                "{} tries that again",
                access.user.command("rotate")
            ))
        })?;
        ui.say(&format!("deactivated {old_id}"));
        let record = self.record(&new)?;
        let retire = Step::Retire(access.context.now());
        self.notes.note(&record, &new, &retire)?;
        let is_deleted =
            self.order.delete_old || !self.order.undo && self.wants_deletion(old_id).await?;
        let old = if is_deleted {
            self.delete(old_id).await?;
            self.notes.note(&record, &new, &Step::ForgetPrevious)?;
            OldKey::Deleted
        } else {
            ui.say(&format!("{old_id} stays, inactive: {}", self.what_then()));
            OldKey::Inactive
        };
        let old = Some((old_id.clone(), old));
        self.done(new, !profiles.is_empty(), old)
    }

    /// What will become of the key that is inactive from now on.
    fn what_then(&self) -> String {
        let (user, context) = (&self.access.user, self.access.context);
        format!(
            "{} goes back to it, {} deletes it, and so does a rotation after {}",
            user.command("rotate --undo"),
            user.command("rotate --delete-old"),
            context.local_time(context.now() + GRACE)
        )
    }

    /// Asks whether to delete the old key, if the user can be asked.
    async fn wants_deletion(&self, old_id: &str) -> Result<bool> {
        match until_cancelled(old::offer_deletion(self.access, old_id)).await {
            Err(failure) => Err(failure.further_hint(format!(
                "the key is rotated; {old_id} stays, inactive: {}",
                self.what_then()
            ))),
            agreed => agreed,
        }
    }

    /// Goes back to the key that was replaced.
    async fn undo(&self, current: Keys) -> Result<Rotated> {
        let access = self.access;
        let record = self.record(&current)?;
        if let Some(new) = &record.next {
            return Err(Failure::failed(format!(
                "{} still has its old key: {} is waiting to replace it",
                access.user.holder, new.access_key_id
            ))
            .hint(format!(
                "{} finishes that rotation",
                access.user.command("rotate")
            )));
        }
        let nothing = || {
            Failure::failed(format!(
                "{} has no previous access key to go back to",
                access.user.holder
            ))
        };
        let old = record.previous.as_ref().ok_or_else(nothing)?.keys.clone();
        let listed = self.list().await?;
        if !listed.iter().any(|it| it.id == old.access_key_id) {
            return Err(Failure::failed(format!(
                "the previous access key {} has been deleted: there is nothing to go back to",
                old.access_key_id
            )));
        }
        // If this is interrupted from here on, the next rotation deactivates it again.
        self.notes.note(&record, &current, &Step::Reactivate)?;
        access.expect_a_limit_of_age();
        self.set_active(&old.access_key_id, true).await?;
        access
            .context
            .ui
            .say(&format!("activated {} again", old.access_key_id));
        until_cancelled(acceptance::wait(access, &old))
            .await
            .map_err(|failure| {
                failure.further_hint(format!(
                    "{} is active, but not in use: {} continues from here",
                    old.access_key_id,
                    access.user.command("rotate --undo")
                ))
            })?;
        let previous = Previous {
            keys: current,
            deactivated: None,
        };
        self.finish(&record, &previous, old).await
    }

    async fn set_active(&self, id: &str, is_active: bool) -> Result<()> {
        let (access, user) = (self.access, &self.access.user.name);
        let what = if is_active {
            "activating"
        } else {
            "deactivating"
        };
        access
            .context
            .ui
            .step(&format!("{what} {id} (iam:UpdateAccessKey)"));
        let set = access
            .with_session(async |aws| aws.set_access_key_active(user, id, is_active).await)
            .await;
        match set {
            // A key that somebody has deleted signs nothing either.
            Err(Fault::Refused {
                refusal: Refusal::NotFound,
                ..
            }) if !is_active => Ok(()),
            set => Ok(set?),
        }
    }

    fn done(&self, current: Keys, rotated: bool, old: Option<(String, OldKey)>) -> Result<Rotated> {
        Ok(Rotated {
            profile: self.access.user.profile.clone(),
            profiles: self.holders(&current)?,
            access_key_id: current.access_key_id,
            rotated,
            old,
        })
    }
}

/// The profiles as a message names them.
fn in_words(profiles: &[ProfileName]) -> String {
    let names: Vec<&str> = profiles.iter().map(ProfileName::as_str).collect();
    let word = if names.len() == 1 {
        "profile"
    } else {
        "profiles"
    };
    format!("{word} {}", names.join(", "))
}

fn nothing_created(failure: Failure) -> Failure {
    Failure {
        message: format!("{}; no key was created", failure.message),
        ..failure
    }
}
