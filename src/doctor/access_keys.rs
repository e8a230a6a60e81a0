//! Checks the access keys of the user: how old each is, when it was used last, and whether there is one
//! too many. It changes none.

use super::asker::Asker;
use super::finding::Finding;
use crate::aws::{AccessKey, Fault, KeyStatus, LastUse};
use crate::value::keys::shown_id;

const SUBJECT: &str = "access key";

/// Asks for the keys, and when each was used last. A user has two at most.
pub(super) async fn check(asker: &Asker<'_>) -> Vec<Finding> {
    let listed = asker
        .ask(async |aws| aws.list_access_keys(asker.user).await)
        .await;
    let mut keys = match listed {
        Ok(keys) => keys,
        Err(fault) => {
            return vec![asker.not_told(SUBJECT, "iam:ListAccessKeys", fault)];
        }
    };
    // That of the profile first.
    keys.sort_by_key(|key| key.id != asker.access_key_id);
    let (first, second) = tokio::join!(used(asker, keys.first()), used(asker, keys.get(1)));
    let mut findings = Vec::new();
    for (key, used) in [first, second].into_iter().flatten() {
        let told = used.as_ref().ok().map(|it| it.as_ref());
        findings.push(match key.id == asker.access_key_id {
            true => own(asker, key, told),
            false => further(asker, key, told),
        });
        if let Err(fault) = used {
            findings.push(not_told(asker, key, fault));
        }
    }
    findings
}

type Used<'a> = (&'a AccessKey, Result<Option<LastUse>, Fault>);

async fn used<'a>(asker: &Asker<'_>, key: Option<&'a AccessKey>) -> Option<Used<'a>> {
    let key = key?;
    let used = asker
        .ask(async |aws| aws.access_key_last_used(&key.id).await)
        .await;
    Some((key, used))
}

fn not_told(asker: &Asker<'_>, key: &AccessKey, fault: Fault) -> Finding {
    let finding = asker.not_told(SUBJECT, "iam:GetAccessKeyLastUsed", fault);
    let message = format!(
        "when {} was last used: {}",
        shown_id(&key.id),
        finding.message
    );
    Finding { message, ..finding }
}

/// The key that the profile has.
fn own(asker: &Asker<'_>, key: &AccessKey, used: Option<Option<&LastUse>>) -> Finding {
    let text = describe(asker, key, used);
    let limit = asker.scene.wish.max_key_age;
    let now = asker.scene.context.now();
    let is_old = key.created.is_some_and(|created| {
        let age = (now - created).num_seconds();
        u64::try_from(age).is_ok_and(|age| age > limit.as_seconds())
    });
    match is_old {
        true => Finding::warning(SUBJECT, text).hint(match asker.scene.holds_keys() {
            true => format!("replace it with {}", asker.scene.command("rotate")),
            false => "replace it where it is kept".to_owned(),
        }),
        false => Finding::good(SUBJECT, text),
    }
}

/// Another key of the same user.
fn further(asker: &Asker<'_>, key: &AccessKey, used: Option<Option<&LastUse>>) -> Finding {
    let text = format!(
        "{} has another key: {}",
        asker.user,
        describe(asker, key, used)
    );
    if key.status == KeyStatus::Inactive && asker.previous_id() == Some(&key.id) {
        return Finding::good(
            SUBJECT,
            format!("{text}; it is the previous key, which a later rotation deletes"),
        );
    }
    Finding::warning(SUBJECT, text).hint(match key.status {
        KeyStatus::Active | KeyStatus::Unknown => {
            "find out what uses it, or deactivate it; a user can have only two keys"
        }
        KeyStatus::Inactive | KeyStatus::Expired => {
            "delete it once nothing needs it; a user can have only two keys"
        }
    })
}

/// A key in words: how it stands, since when, and when it was used last, where that is known.
fn describe(asker: &Asker<'_>, key: &AccessKey, used: Option<Option<&LastUse>>) -> String {
    let context = asker.scene.context;
    let status = match key.status {
        KeyStatus::Active => "active",
        KeyStatus::Inactive => "inactive",
        KeyStatus::Expired => "expired",
        KeyStatus::Unknown => "in a state awsmfa does not know",
    };
    let age = key.created.map(|created| {
        let days = (context.now() - created).num_days();
        let days = match days {
            ..1 => "less than a day".to_owned(),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        format!(", {days} old")
    });
    let used = match used {
        Some(Some(used)) => format!(
            ", last used {} for {} in {}",
            context.local_time(used.at),
            used.service,
            used.region
        ),
        Some(None) => ", never used".to_owned(),
        None => String::new(),
    };
    let id = shown_id(&key.id);
    format!("{id} is {status}{}{used}", age.unwrap_or_default())
}
