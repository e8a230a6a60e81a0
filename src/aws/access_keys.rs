//! Makes the IAM calls for a user's access keys. It never shows a secret, and never decides which key
//! may be deleted.

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use super::iam::{Pages, moment};
use crate::text::is_one_word;
use crate::value::Keys;
use crate::value::keys::can_be_id;
use aws_sdk_iam::types::StatusType;
use chrono::{DateTime, TimeDelta, Utc};

/// The status of an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    /// It signs requests.
    Active,
    /// It signs no requests until it is activated again.
    Inactive,
    /// It no longer signs requests.
    Expired,
    /// A status that we don't know.
    Unknown,
}

/// An access key of a user, as ListAccessKeys describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// Its id.
    pub(crate) id: String,
    /// Whether it signs requests.
    pub(crate) status: KeyStatus,
    /// When it was created; `None` if AWS's date is out of range.
    pub(crate) created: Option<DateTime<Utc>>,
    /// Its age by AWS's own clock, which is right even if ours is wrong; `None` if AWS does not tell the
    /// time.
    pub(crate) age: Option<TimeDelta>,
}

/// The last request that an access key signed. AWS reports it hours late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastUse {
    /// When it was signed.
    pub(crate) at: DateTime<Utc>,
    /// The service that it went to, such as `s3`.
    pub(crate) service: String,
    /// The region that it went to.
    pub(crate) region: String,
}

impl Aws {
    /// The access keys of `user`, all pages, in AWS's order, each once.
    ///
    /// The request names the user: without a name IAM takes the owner of a long-term key, but a
    /// session's caller has to give one.
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

    /// The last use of the access key `id`; `None` if it was never used.
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
            // For a key that was never used, service and region are `N/A`.
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
    /// Never sent again unless AWS said that it did not process the request: a key that was created all
    /// the same would take one of the two places, and its secret would be lost.
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
            // As with a session: a value that does not fit on a line must not get into a file.
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

    /// Deletes the access key `id` of `user` permanently.
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
