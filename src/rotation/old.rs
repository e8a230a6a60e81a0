//! Tells of a key that is in the way or that was replaced, and deletes it where the person wants that. It
//! never deletes one unasked, but for one that a rotation deactivated a day ago.

use super::plan::{GRACE, Obstacle, Why};
use crate::access::{Access, needs_mfa};
use crate::aws::{AccessKey, Fault, KeyStatus, LastUse, Refusal};
use crate::exit::{Exit, Failure, Result};
use crate::profile::rotation;
use crate::world::prompt;
use crate::world::question::at_terminal;
use chrono::{DateTime, Utc};

/// What AWS tells of a key's use.
enum Use {
    Never,
    Last(LastUse),
    /// It does not tell that to this user.
    Untold,
}

/// Deletes the key that is in the way of a new one: asks for it, unless it was replaced long enough ago or
/// `is_wanted` says so of a replaced one. Fails where it stays.
pub(super) async fn clear_away(
    access: &Access,
    obstacle: &Obstacle,
    others: &[AccessKey],
    is_wanted: bool,
) -> Result<()> {
    let Obstacle { key, why } = obstacle;
    let now = access.context.now();
    match why {
        Why::Replaced(until) if is_wanted || now - *until >= GRACE => {
            return delete(access, &key.id).await;
        }
        Why::NewIsInactive => return Err(is_inactive(access, key)),
        Why::Unknown if !may_go(access, key, now)? => {
            return Err(two_keys(access, obstacle, others).await);
        }
        Why::Reactivated => return Err(two_keys(access, obstacle, others).await),
        Why::Replaced(_) | Why::MayBeLost | Why::Unknown => {}
    }
    if access.asking().check().is_err() {
        return Err(two_keys(access, obstacle, others).await);
    }
    let used = last_use(access, &key.id).await?;
    let what = match why {
        Why::MayBeLost => "an earlier run may have created it and lost its secret",
        Why::Replaced(_) => "an earlier rotation replaced it",
        Why::Unknown | Why::NewIsInactive | Why::Reactivated => "AWS allows two keys",
    };
    let question = format!(
        "{what}: delete {} and go on?",
        describe(access, key, Some(&used))
    );
    if !agreed(access, &used, &question).await? {
        return Err(prompt::cancelled());
    }
    delete(access, &key.id).await
}

/// Asks a person whether the replaced key is to be deleted now, where one can be asked at once.
pub(super) async fn offer_deletion(access: &Access, id: &str) -> Result<bool> {
    if access.asking().place().is_err() {
        return Ok(false);
    }
    let used = last_use(access, id).await?;
    let question = format!(
        "delete the old key {id} now ({})?",
        describe_use(access, &used)
    );
    agreed(access, &used, &question).await
}

/// Asks `question`; nothing but Enter is a no.
async fn agreed(access: &Access, used: &Use, question: &str) -> Result<bool> {
    if !matches!(used, Use::Untold) {
        access
            .context
            .ui
            .say("AWS reports the use of a key several hours late");
    }
    let unasked = |nowhere| {
        Failure::new(
            Exit::Usage,
            format!("deleting an access key needs confirmation, and {nowhere}"),
        )
    };
    at_terminal(access.asking(), unasked, async |terminal| {
        prompt::confirm(terminal, question, false).await
    })
    .await
}

/// Deletes the key. One that is gone already is as good as deleted.
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

/// Whether a person may be asked for the deletion of a key of which nothing is known. Fails where a profile
/// uses it.
fn may_go(access: &Access, key: &AccessKey, now: DateTime<Utc>) -> Result<bool> {
    let contents = access.files.read_what_is_there()?;
    if let Some(profile) = rotation::profile_with(contents.profiles(), &key.id) {
        return Err(Failure::failed(format!(
            "{} has two access keys, as many as AWS allows, and profile {profile} uses the other one, {}",
            access.user.name, key.id
        ))
        .hint(format!(
            "delete the key of one of the two profiles: `aws iam delete-access-key --access-key-id {}`, or that of {}",
            key.id, access.user.holder
        )));
    }
    Ok(key.created.is_some_and(|at| now - at >= GRACE))
}

/// The failure that AWS allows no third key.
async fn two_keys(access: &Access, obstacle: &Obstacle, others: &[AccessKey]) -> Failure {
    let Obstacle { key, why } = obstacle;
    let mut described = Vec::new();
    for key in others {
        let used = last_use(access, &key.id).await.ok();
        described.push(describe(access, key, used.as_ref()));
    }
    let user = &access.user;
    let by_hand = format!(
        "`aws iam delete-access-key --user-name {} --access-key-id {}`",
        user.name, key.id
    );
    let rotate = user.command("rotate");
    let now = access.context.now();
    let hint = match why {
        Why::Replaced(until) => format!(
            "{} deletes {} now; without the flag a run after {} does; --undo goes back to it",
            user.command("rotate --delete-old"),
            key.id,
            access.context.local_time(*until + GRACE)
        ),
        Why::Reactivated => format!(
            "{id} was replaced by an earlier rotation, and somebody has activated it again: {undo} goes back to it; if nobody uses it, `aws iam update-access-key --user-name {name} --access-key-id {id} --status Inactive`",
            id = key.id,
            name = user.name,
            undo = user.command("rotate --undo")
        ),
        Why::MayBeLost => format!(
            "an earlier run may have created {} and lost its secret: {rotate} at a terminal offers to delete it, or {by_hand}",
            key.id
        ),
        Why::Unknown | Why::NewIsInactive if key.created.is_none_or(|at| now - at < GRACE) => {
            format!(
                "{} is less than a day old, and another machine may just have made it; if nobody needs it, {by_hand}",
                key.id
            )
        }
        Why::Unknown | Why::NewIsInactive => format!(
            "{rotate} at a terminal offers to delete {}, or {by_hand}",
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
        "activate it with `aws iam update-access-key --user-name {user} --access-key-id {id} --status Active`, or delete it with `aws iam delete-access-key --user-name {user} --access-key-id {id}`, then run this again",
        user = access.user.name,
        id = key.id
    ))
}

async fn last_use(access: &Access, id: &str) -> Result<Use> {
    access.context.ui.step(&format!(
        "asking AWS when {id} was used last (iam:GetAccessKeyLastUsed)"
    ));
    let used = access
        .with_session(async |aws| aws.access_key_last_used(id).await)
        .await;
    Ok(match used {
        Ok(None) => Use::Never,
        Ok(Some(last)) => Use::Last(last),
        Err(fault) if needs_mfa(&fault) => Use::Untold,
        Err(fault) => return Err(fault.into()),
    })
}

/// A key in one line: since when it is there, and when it was used last.
fn describe(access: &Access, key: &AccessKey, used: Option<&Use>) -> String {
    let status = match key.status {
        KeyStatus::Active => "active",
        KeyStatus::Inactive => "inactive",
        KeyStatus::Expired => "expired",
        KeyStatus::Unknown => "of unknown status",
    };
    let since = key.created.map(|at| access.context.local_time(at));
    let since = since.map_or_else(String::new, |at| format!(", created {at}"));
    let used = used.map_or_else(String::new, |used| {
        format!(", {}", describe_use(access, used))
    });
    format!("{} ({status}{since}{used})", key.id)
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
        Use::Untold => "AWS does not tell you when it was used last".to_owned(),
    }
}
