//! Decides how a rotation continues, from what the files and AWS say about the user's keys. It asks
//! nobody.

use crate::aws::{AccessKey, KeyStatus};
use crate::profile::rotation::{Previous, Record, Step};
use crate::value::Keys;
use chrono::{DateTime, TimeDelta, Utc};

/// The next step.
pub(super) enum Move {
    /// Create a new key.
    Create,
    /// A new pair is stored: use it once AWS accepts it.
    GoOn(Keys),
    /// The new pair is in use: make sure that the old one is used nowhere, and deactivate that.
    Finish(Previous),
    /// The keys on record no longer exist at AWS: forget them.
    Forget(Step<'static>),
    /// There is another key, and AWS allows no third one.
    InTheWay(Obstacle),
}

/// Another key of the same user.
pub(super) struct Obstacle {
    /// The key.
    pub(super) key: AccessKey,
    /// What is known about it.
    pub(super) why: Why,
}

/// What is known about a key that is in the way of a new one.
#[derive(Clone, Copy)]
pub(super) enum Why {
    /// An earlier rotation replaced it, and deactivated it at this time.
    Replaced(DateTime<Utc>),
    /// An earlier rotation replaced it, and somebody has activated it again.
    Reactivated,
    /// An interrupted rotation may have created it, because it was created just after that began; if so,
    /// nobody has its secret.
    MayBeLost,
    /// A new pair is stored, and its key is inactive.
    NewIsInactive,
    /// Nothing.
    Unknown,
}

/// How long after its deactivation a key is not deleted unasked: AWS reports a use hours late, and
/// whoever used it has to notice. Likewise, a key younger than this may just have been made on another
/// machine.
pub(super) const GRACE: TimeDelta = TimeDelta::days(1);

/// How long AWS's list may lack a key that was just created.
const LAG: TimeDelta = TimeDelta::minutes(5);

/// How long after a rotation has begun it creates the key at the latest: it may ask for a code before
/// that.
const CREATES_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// How far two clocks are trusted to agree on how much time has passed.
const DRIFT: TimeDelta = TimeDelta::minutes(1);

/// The next step of a rotation of the key `current`, given the user's keys as AWS has `listed` them.
pub(super) fn next(
    record: &Record,
    listed: &[AccessKey],
    current: &str,
    now: DateTime<Utc>,
) -> Move {
    let find = |keys: &Keys| listed.iter().find(|it| it.id == keys.access_key_id);
    let in_the_way = |key: &AccessKey, why| {
        Move::InTheWay(Obstacle {
            key: key.clone(),
            why,
        })
    };
    if let Some(new) = &record.next {
        let is_fresh = may_be_missing(record, now);
        return match find(new) {
            Some(key) if key.status == KeyStatus::Active => Move::GoOn(new.clone()),
            Some(key) => in_the_way(key, Why::NewIsInactive),
            None if is_fresh => Move::GoOn(new.clone()),
            None => Move::Forget(Step::ForgetNext),
        };
    }
    if let Some(previous) = &record.previous {
        return match (find(&previous.keys), previous.deactivated) {
            // Other profiles may still hold it, and AWS's list may be out of date.
            (_, None) => Move::Finish(previous.clone()),
            (None, Some(_)) => Move::Forget(Step::ForgetPrevious),
            (Some(key), Some(at)) => match key.status {
                KeyStatus::Inactive | KeyStatus::Expired => in_the_way(key, Why::Replaced(at)),
                // Whoever activated it will have had a reason.
                KeyStatus::Active | KeyStatus::Unknown => in_the_way(key, Why::Reactivated),
            },
        };
    }
    match listed.iter().find(|it| it.id != current) {
        None => Move::Create,
        Some(key) if record.begun.is_some_and(|it| is_made_at(key, it, now)) => {
            in_the_way(key, Why::MayBeLost)
        }
        Some(key) => in_the_way(key, Why::Unknown),
    }
}

/// Whether AWS's list may lack a key that the rotation on record created.
pub(super) fn may_be_missing(record: &Record, now: DateTime<Utc>) -> bool {
    record.begun.is_some_and(|it| (now - it).abs() < LAG)
}

/// Whether a rotation that began at this time may have created the key. Each clock is only asked how much
/// time has passed since, so one of them may be wrong.
fn is_made_at(key: &AccessKey, begun: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let age = key.age.or_else(|| Some(now - key.created?));
    let after = age.map(|age| (now - begun) - age);
    after.is_some_and(|it| it >= -DRIFT && it <= CREATES_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::Document;
    use crate::profile::Profiles;
    use KeyStatus::{Active, Expired, Inactive, Unknown};

    const OLD: &str = "[a]\naws_access_key_id = AKIAOLD\naws_secret_access_key = s\n";
    const NEXT: &str = "awsmfa_next_access_key_id = AKIANEW\nawsmfa_next_secret_access_key = n\n";
    const PREVIOUS: &str =
        "awsmfa_previous_access_key_id = AKIANEW\nawsmfa_previous_secret_access_key = p\n";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    const NOW: &str = "2026-01-02T00:00:00Z";

    /// The next step, in a word, if the record says `more` and there is another key of this status, an
    /// hour old.
    fn then(more: &str, other: Option<(&str, KeyStatus)>) -> &'static str {
        then_with(more, other, Some(TimeDelta::hours(1)))
    }

    /// The same for a key of this age.
    fn then_with(
        more: &str,
        other: Option<(&str, KeyStatus)>,
        age: Option<TimeDelta>,
    ) -> &'static str {
        let (config, credentials) = (Document::parse(""), Document::parse(format!("{OLD}{more}")));
        let profiles = Profiles::new(&config, &credentials, |_| None);
        let keys = Keys::parse("AKIAOLD", "s", None).expect("keys");
        let record = Record::read(profiles, &"a".parse().expect("a name"), &keys);
        let record = record.expect("a record");
        let key = |id: &str, status| AccessKey {
            id: id.to_owned(),
            status,
            created: None,
            age,
        };
        let listed: Vec<AccessKey> = [key("AKIAOLD", Active)]
            .into_iter()
            .chain(other.map(|(id, status)| key(id, status)))
            .collect();
        match next(&record, &listed, "AKIAOLD", at(NOW)) {
            Move::Create => "create",
            Move::GoOn(_) => "go on",
            Move::Finish(_) => "finish",
            Move::Forget(Step::ForgetNext) => "forget next",
            Move::Forget(_) => "forget previous",
            Move::InTheWay(obstacle) => match obstacle.why {
                Why::Replaced(_) => "replaced",
                Why::Reactivated => "reactivated",
                Why::MayBeLost => "lost",
                Why::NewIsInactive => "inactive",
                Why::Unknown => "unknown",
            },
        }
    }

    #[test]
    fn the_files_and_aws_decide_the_next_step() {
        let begun = "awsmfa_next_begun = 2026-01-01T23:00:00Z\n";
        let just_begun = "awsmfa_next_begun = 2026-01-01T23:59:00Z\n";
        let until = "awsmfa_previous_deactivated = 2026-01-01T23:00:00Z\n";
        for (more, other, then_comes) in [
            (String::new(), None, "create"),
            (begun.to_owned(), None, "create"),
            (String::new(), Some(("AKIAX", Active)), "unknown"),
            (String::new(), Some(("AKIAX", Inactive)), "unknown"),
            (begun.to_owned(), Some(("AKIAX", Active)), "lost"),
            (format!("{begun}{NEXT}"), Some(("AKIANEW", Active)), "go on"),
            (
                format!("{begun}{NEXT}"),
                Some(("AKIANEW", Inactive)),
                "inactive",
            ),
            (
                format!("{begun}{NEXT}"),
                Some(("AKIANEW", Expired)),
                "inactive",
            ),
            (
                format!("{begun}{NEXT}"),
                Some(("AKIANEW", Unknown)),
                "inactive",
            ),
            (format!("{begun}{NEXT}"), None, "forget next"),
            // AWS's list may be out of date.
            (format!("{just_begun}{NEXT}"), None, "go on"),
            (NEXT.to_owned(), None, "forget next"),
            (PREVIOUS.to_owned(), Some(("AKIANEW", Active)), "finish"),
            (PREVIOUS.to_owned(), Some(("AKIANEW", Inactive)), "finish"),
            (PREVIOUS.to_owned(), None, "finish"),
            (
                format!("{PREVIOUS}{until}"),
                Some(("AKIANEW", Inactive)),
                "replaced",
            ),
            (
                format!("{PREVIOUS}{until}"),
                Some(("AKIANEW", Expired)),
                "replaced",
            ),
            (
                format!("{PREVIOUS}{until}"),
                Some(("AKIANEW", Active)),
                "reactivated",
            ),
            (format!("{PREVIOUS}{until}"), None, "forget previous"),
            (
                format!("{PREVIOUS}{until}"),
                Some(("AKIAX", Active)),
                "forget previous",
            ),
        ] {
            assert_eq!(then(&more, other), then_comes, "{more} {other:?}");
        }
    }

    #[test]
    fn only_a_key_made_just_after_a_rotation_began_may_be_its_lost_one() {
        let begun = "awsmfa_next_begun = 2026-01-01T23:00:00Z\n";
        let other = Some(("AKIAX", Active));
        for (minutes, why) in [
            (45, "lost"),
            (59, "lost"),
            (61, "lost"),
            (44, "unknown"),
            (62, "unknown"),
            (1, "unknown"),
            (60 * 24 * 90, "unknown"),
        ] {
            let age = Some(TimeDelta::minutes(minutes));
            assert_eq!(then_with(begun, other, age), why, "{minutes} minutes old");
        }
        assert_eq!(then_with(begun, other, None), "unknown");
        let key = AccessKey {
            id: "AKIAX".to_owned(),
            status: Active,
            created: Some(at("2026-01-01T23:05:00Z")),
            age: None,
        };
        assert!(is_made_at(&key, at("2026-01-01T23:00:00Z"), at(NOW)));
    }
}
