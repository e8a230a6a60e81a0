//! Makes the calls to IAM about a user's access keys. It never shows a secret, and never decides which
//! key may go.

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use super::iam::{Pages, moment};
use crate::text::is_one_word;
use crate::value::Keys;
use crate::value::keys::can_be_id;
use aws_sdk_iam::types::StatusType;
use chrono::{DateTime, TimeDelta, Utc};

/// What AWS says of an access key's use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    /// It signs requests.
    Active,
    /// It signs none until it is activated again.
    Inactive,
    /// It signs none any more.
    Expired,
    /// A word that is not known here.
    Unknown,
}

/// An access key of a user, as ListAccessKeys tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// Its id.
    pub(crate) id: String,
    /// Whether it signs requests.
    pub(crate) status: KeyStatus,
    /// Since when it has been there; none where AWS's date can't be.
    pub(crate) created: Option<DateTime<Utc>>,
    /// How long that is, by AWS's own clock, which is right where ours may not be; none where AWS does not
    /// tell.
    pub(crate) age: Option<TimeDelta>,
}

/// When an access key signed a request last. AWS tells it hours late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastUse {
    /// When that was.
    pub(crate) at: DateTime<Utc>,
    /// The service that was asked, such as `s3`.
    pub(crate) service: String,
    /// The region that it was asked in.
    pub(crate) region: String,
}

impl Aws {
    /// The access keys of `user`, all pages, in AWS's order, each once.
    ///
    /// The user is named although IAM would take that of a long-term key by itself: a session's caller
    /// has to name them.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>
    pub(crate) async fn list_access_keys(&self, user: &str) -> Result<Vec<AccessKey>, Fault> {
        Pages::all(
            |one: &AccessKey, other| one.id == other.id,
            async |pages| {
                let call = self.call("iam:ListAccessKeys");
                let asking = self
                    .iam()
                    .list_access_keys()
                    .user_name(user)
                    .set_marker(pages.marker())
                    .customize()
                    .watched_by(&call)
                    .send();
                call.answer(asking, |page| {
                    let now = call.answered_at();
                    let keys = page.access_key_metadata();
                    let keys: Option<Vec<AccessKey>> = keys
                        .iter()
                        .map(|it| {
                            let created = it.create_date().and_then(moment);
                            Some(AccessKey {
                                id: it.access_key_id().filter(|it| can_be_id(it))?.to_owned(),
                                status: status(it.status()?),
                                created,
                                age: now.zip(created).map(|(now, created)| now - created),
                            })
                        })
                        .collect();
                    let keys = keys.ok_or(INCOMPLETE)?;
                    pages.add(keys.into_iter(), page.is_truncated(), page.marker())
                })
                .await
            },
        )
        .await
    }

    /// When the access key `id` was used last; none where it never was.
    pub(crate) async fn access_key_last_used(&self, id: &str) -> Result<Option<LastUse>, Fault> {
        let call = self.call("iam:GetAccessKeyLastUsed");
        let asking = self
            .iam()
            .get_access_key_last_used()
            .access_key_id(id)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| {
            let used = answer.access_key_last_used().ok_or(INCOMPLETE)?;
            // The service and the region of one that never was are `N/A`.
            let Some(at) = used.last_used_date().and_then(moment) else {
                return Ok(None);
            };
            let word = |text: &str| match is_one_word(text) {
                true => Ok(text.to_owned()),
                false => Err(INCOMPLETE),
            };
            Ok(Some(LastUse {
                at,
                service: word(used.service_name())?,
                region: word(used.region())?,
            }))
        })
        .await
    }

    /// Creates an access key of `user`. AWS tells its secret only this once.
    ///
    /// Never sent again unless AWS said that it was not processed: a key that was created all the same
    /// would take one of two places, and its secret is lost.
    pub(crate) async fn create_access_key(&self, user: &str) -> Result<Keys, Fault> {
        let call = self.call("iam:CreateAccessKey").once();
        let asking = self
            .iam()
            .create_access_key()
            .user_name(user)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| {
            let key = answer.access_key().ok_or(INCOMPLETE)?;
            let (id, secret) = (key.access_key_id(), key.secret_access_key());
            if id.is_empty() || secret.is_empty() {
                return Err(INCOMPLETE);
            }
            // As with a session's: what is not fit to stand in a file of lines stays out of it.
            Keys::exactly(id, secret, None).map_err(|unfit| {
                unfit
                    .describe(|part| format!("its {}", part.words()))
                    .into()
            })
        })
        .await
    }

    /// Activates the access key `id` of `user`, or deactivates it.
    pub(crate) async fn set_access_key_active(
        &self,
        user: &str,
        id: &str,
        is_active: bool,
    ) -> Result<(), Fault> {
        let call = self.call("iam:UpdateAccessKey");
        let asking = self
            .iam()
            .update_access_key()
            .user_name(user)
            .access_key_id(id)
            .status(match is_active {
                true => StatusType::Active,
                false => StatusType::Inactive,
            })
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |_| Ok(())).await
    }

    /// Deletes the access key `id` of `user`, for good.
    pub(crate) async fn delete_access_key(&self, user: &str, id: &str) -> Result<(), Fault> {
        let call = self.call("iam:DeleteAccessKey");
        let asking = self
            .iam()
            .delete_access_key()
            .user_name(user)
            .access_key_id(id)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |_| Ok(())).await
    }
}

fn status(status: &StatusType) -> KeyStatus {
    match status.as_str() {
        "Active" => KeyStatus::Active,
        "Inactive" => KeyStatus::Inactive,
        "Expired" => KeyStatus::Expired,
        _ => KeyStatus::Unknown,
    }
}
