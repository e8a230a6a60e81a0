//! Describes a key that is in the way or was replaced, and deletes it if the user wants that. It never
//! deletes one unasked, except one that a rotation deactivated at least a day ago.

use super::plan::{GRACE, Obstacle, Why};
use crate::access::Access;
use crate::aws::{AccessKey, Fault, KeyStatus, LastUse, Refusal};
use crate::exit::{Exit, Failure, Result};
use crate::profile::rotation;
use crate::profile::source::profile_flag;
use crate::text::typed_word;
use crate::value::ProfileName;
use crate::world::prompt;
use crate::world::question::at_terminal;
use chrono::{DateTime, Utc};

/// What AWS reports about a key's use.
enum Use {
    Never,
    Last(LastUse),
    /// AWS did not say.
    Untold,
}

/// Fails if the key that is in the way of a new one has to stay. The user is asked, unless a rotation
/// deactivated it long enough ago.
pub(super) async fn check_may_go(
    access: &Access,
    obstacle: &Obstacle,
    all: &[AccessKey],
) -> Result<()> {
    let Obstacle { key, why } = obstacle;
    let now = access.context.now();
    match why {
        // Not by our clock alone, which may be wrong now or may have been wrong then.
        Why::Replaced(at) if now - *at >= GRACE && all.iter().all(|it| is_old(it, now)) => {
            return Ok(());
        }
        Why::NewIsInactive => return Err(is_inactive(access, key)),
        Why::Unknown | Why::MayBeLost => {
            check_unused(access, key)?;
            if matches!(why, Why::Unknown) && !is_old(key, now) {
                return Err(two_keys(access, obstacle, all).await);
            }
        }
        Why::Reactivated => return Err(two_keys(access, obstacle, all).await),
        Why::Replaced(_) => {}
    }
    if access.asking().check().is_err() {
        return Err(two_keys(access, obstacle, all).await);
    }
    let used = last_use(access, &key.id).await;
    let described = describe(access, key, &with_doubt(access, &used));
    let (user, holder) = (&access.user.name, &access.user.holder);
    let question = match why {
        Why::MayBeLost => format!(
            "an earlier run may have created {described} and lost its secret: delete it and create another?"
        ),
        Why::Replaced(_) => format!(
            "{user} has two access keys, as many as AWS allows; {holder} no longer uses {described}: delete it and create a new key?"
        ),
        Why::Unknown | Why::NewIsInactive | Why::Reactivated => format!(
            "{user} has two access keys, as many as AWS allows: delete {described} and create a new one?"
        ),
    };
    match agreed(access, &question).await? {
        true => Ok(()),
        false => Err(Failure::cancelled()),
    }
}

/// Asks whether to delete the replaced key now, if the user can be asked at once.
pub(super) async fn offer_deletion(access: &Access, id: &str) -> Result<bool> {
    if access.asking().place().is_err() {
        return Ok(false);
    }
    let used = last_use(access, id).await;
    let question = format!(
        "delete the old key {id} now ({})?",
        with_doubt(access, &used)
    );
    agreed(access, &question).await
}

/// Asks `question`; Enter alone means no.
async fn agreed(access: &Access, question: &str) -> Result<bool> {
    let unasked = |nowhere| {
        Failure::new(
            Exit::CodeNeeded,
            format!("deleting an access key needs confirmation, and {nowhere}"),
        )
    };
    at_terminal(access.asking(), unasked, async |terminal| {
        prompt::confirm(terminal, question, false).await
    })
    .await
}

/// Deletes the key. If it no longer exists, that is just as good.
pub(super) async fn delete(access: &Access, id: &str) -> Result<()> {
    access
        .context
        .ui
        .step(&format!("deleting {id} (iam:DeleteAccessKey)"));
    let user = &access.user.name;
    let deleted = access
        .with_session(async |aws| aws.delete_access_key(user, id).await)
        .await;
    match deleted {
        Ok(())
        | Err(Fault::Refused {
            refusal: Refusal::NotFound,
            ..
        }) => {
            access.context.ui.say(&format!("deleted access key {id}"));
            Ok(())
        }
        Err(fault) => {
            let failure = Failure::from(fault);
            let message = format!("{id} is not deleted: {}", failure.message);
            Err(Failure { message, ..failure })
        }
    }
}

/// The profile that has the access key `id` in the files as they are now.
pub(super) fn profile_with(access: &Access, id: &str) -> Result<Option<ProfileName>> {
    let contents = access.files.read_what_is_there()?;
    Ok(rotation::profile_with(contents.profiles(), id))
}

/// Fails if a profile uses the key that is in the way.
fn check_unused(access: &Access, key: &AccessKey) -> Result<()> {
    let Some(profile) = profile_with(access, &key.id)? else {
        return Ok(());
    };
    Err(Failure::failed(format!(
        "{} has two access keys, as many as AWS allows, and profile {profile} uses the other one, {}",
        access.user.name, key.id
    ))
    .hint("delete the key of one of the two profiles, if you can do without it"))
}

/// Whether a key has existed for more than a day, by AWS's clock if AWS tells the time.
fn is_old(key: &AccessKey, now: DateTime<Utc>) -> bool {
    let age = key.age.or_else(|| Some(now - key.created?));
    age.is_some_and(|age| age >= GRACE)
}

/// The failure that AWS allows no third key.
async fn two_keys(access: &Access, obstacle: &Obstacle, all: &[AccessKey]) -> Failure {
    let Obstacle { key, why } = obstacle;
    let mut described = Vec::new();
    for key in all {
        let used = last_use(access, &key.id).await;
        described.push(describe(access, key, &describe_use(access, &used)));
    }
    let user = &access.user;
    let by_hand = by_hand(access, "delete-access-key", &key.id, "");
    let rotate = user.command("rotate");
    let now = access.context.now();
    let hint = match why {
        Why::Replaced(at) => format!(
            "{} deletes {}, which {} no longer uses, and so does a rotation after {}; {} goes back to it",
            user.command("rotate --delete-old"),
            key.id,
            user.holder,
            access.context.local_time(*at + GRACE),
            user.command("rotate --undo")
        ),
        Why::Reactivated => format!(
            "a rotation replaced {}, and somebody activated it again: {} goes back to it; if nobody uses it, {}",
            key.id,
            user.command("rotate --undo"),
            self::by_hand(access, "update-access-key", &key.id, " --status Inactive")
        ),
        Why::MayBeLost => format!(
            "an earlier run may have created {} and lost its secret: {rotate} in a terminal offers to delete it, or {by_hand}",
            key.id
        ),
        Why::Unknown | Why::NewIsInactive if !is_old(key, now) => {
            format!(
                "{} is less than a day old, and another machine may just have made it; if nobody needs it, {by_hand}",
                key.id
            )
        }
        Why::Unknown | Why::NewIsInactive => format!(
            "{rotate} in a terminal offers to delete {}, or {by_hand}",
            key.id
        ),
    };
    Failure::failed(format!(
        "{} has two access keys, as many as AWS allows: {}",
        user.name,
        described.join("; ")
    ))
    .hint(hint)
}

fn is_inactive(access: &Access, key: &AccessKey) -> Failure {
    Failure::failed(format!(
        "the new key {} of {} waits to be used, but was deactivated",
        key.id, access.user.holder
    ))
    .hint(format!(
        "activate it with {}, or delete it with {}, then run this again",
        by_hand(access, "update-access-key", &key.id, " --status Active"),
        by_hand(access, "delete-access-key", &key.id, "")
    ))
}

/// The AWS CLI command that does `what` with a key through the user's session.
fn by_hand(access: &Access, what: &str, id: &str, more: &str) -> String {
    let session = access.session_profile();
    let session = session.map_or_else(String::new, |it| format!(" {}", profile_flag(&it)));
    let user = &access.user.name;
    let user = typed_word(user);
    format!("`aws iam {what} --user-name {user} --access-key-id {id}{more}{session}`")
}

/// When the key was last used, according to AWS. It is only a help, so its absence is no failure.
async fn last_use(access: &Access, id: &str) -> Use {
    access.context.ui.step(&format!(
        "asking AWS when {id} was last used (iam:GetAccessKeyLastUsed)"
    ));
    let used = access
        .with_session(async |aws| aws.access_key_last_used(id).await)
        .await;
    match used {
        Ok(None) => Use::Never,
        Ok(Some(last)) => Use::Last(last),
        Err(fault) => {
            let failure = Failure::from(fault);
            access.context.ui.step(&format!(
                "it is not known when {id} was last used: {failure}"
            ));
            Use::Untold
        }
    }
}

/// A key in one line: its age, and when it was last used.
fn describe(access: &Access, key: &AccessKey, used: &str) -> String {
    let status = match key.status {
        KeyStatus::Active => "active",
        KeyStatus::Inactive => "inactive",
        KeyStatus::Expired => "expired",
        KeyStatus::Unknown => "of unknown status",
    };
    let since = key.created.map(|at| access.context.local_time(at));
    let since = since.map_or_else(String::new, |at| format!(", created {at}"));
    format!("{} ({status}{since}, {used})", key.id)
}

/// The same, with the caveat that matters when the user has to decide.
fn with_doubt(access: &Access, used: &Use) -> String {
    let described = describe_use(access, used);
    match used {
        Use::Untold => described,
        Use::Never | Use::Last(_) => format!("{described}; AWS may report a use hours late"),
    }
}

fn describe_use(access: &Access, used: &Use) -> String {
    match used {
        Use::Never => "never used".to_owned(),
        Use::Last(LastUse {
            at,
            service,
            region,
        }) => format!(
            "last used {}, {service} in {region}",
            access.context.local_time(*at)
        ),
        Use::Untold => "last use unknown".to_owned(),
    }
}
