//! Makes the calls to IAM. It never returns an incomplete answer.

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use crate::code::Code;
use crate::value::otpauth::Seed;
use crate::value::{Arn, Serial, expiry};
use aws_sdk_iam::types::AssignmentStatusType;
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// The owner of MFA devices, as IAM knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// A user, by name without the path.
    User(&'a str),
    /// The account's root, which has no name.
    Root,
}

impl<'a> Owner<'a> {
    /// The owner that `arn` names; `None` for a role or a federated user, which have no devices.
    pub(crate) fn of(arn: &'a Arn) -> Option<Self> {
        match (arn.service(), arn.resource()) {
            ("iam", "root") => Some(Self::Root),
            ("iam", resource) => {
                let name = resource.strip_prefix("user/")?.rsplit('/').next()?;
                (!name.is_empty()).then_some(Self::User(name))
            }
            _ => None,
        }
    }
}

/// An MFA device of a user, as ListMFADevices describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MfaDevice {
    /// Its serial.
    pub(crate) serial: Serial,
    /// When it was enabled for the user; `None` if AWS's date is out of range.
    pub(crate) enabled: Option<DateTime<Utc>>,
}

/// A virtual device that was just created. AWS tells the seed only this once.
#[derive(Debug)]
pub(crate) struct CreatedDevice {
    /// Its serial, an ARN.
    pub(crate) serial: Serial,
    /// The seed, in base32, from which an authenticator app computes the codes.
    pub(crate) seed: Seed,
}

/// The most pages of a list: by default an account has five thousand users and as many virtual devices,
/// and IAM puts a hundred on a page.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MOST_PAGES: usize = 1_000;

/// A list that AWS returns page by page.
pub(super) struct Pages<T> {
    /// The items so far, each once.
    items: Vec<T>,
    /// The markers that were followed.
    markers: Vec<String>,
    /// Whether two items are the same: AWS may list one twice.
    is_same: fn(&T, &T) -> bool,
}

impl<T> Pages<T> {
    /// All items of the pages that `ask` requests. It is called for one page after another, adds the
    /// answer, and returns whether there is another page.
    pub(super) async fn all(
        is_same: fn(&T, &T) -> bool,
        mut ask: impl AsyncFnMut(&mut Self) -> Result<bool, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut pages = Self {
            items: Vec::new(),
            markers: Vec::new(),
            is_same,
        };
        while ask(&mut pages).await? {}
        Ok(pages.items)
    }

    /// The marker of the page to request; `None` for the first one.
    pub(super) fn marker(&self) -> Option<String> {
        self.markers.last().cloned()
    }

    /// Adds a page, and returns whether there is another one. A page that `is_truncated` must have a
    /// `marker`. A marker that leads back, or a list that never ends, would be followed for ever.
    pub(super) fn add(
        &mut self,
        page: impl Iterator<Item = T>,
        is_truncated: bool,
        marker: Option<&str>,
    ) -> Result<bool, Cow<'static, str>> {
        let leads_on = |marker: &&str| {
            self.markers.len() < MOST_PAGES && !self.markers.iter().any(|it| it == marker)
        };
        let next = match is_truncated {
            true => Some(marker.filter(leads_on).ok_or(INCOMPLETE)?),
            false => None,
        };
        for item in page {
            if !self.items.iter().any(|it| (self.is_same)(it, &item)) {
                self.items.push(item);
            }
        }
        self.markers.extend(next.map(str::to_owned));
        Ok(next.is_some())
    }
}

impl Aws {
    /// The MFA devices of `owner`, all pages, in AWS's order, each once. Only the root itself can list
    /// the root's. A serial that GetSessionToken would not accept is left out.
    ///
    /// The request names the user, although IAM would use the caller by default: in that case it checks
    /// whether the caller may list the devices of all users (aws-cli#6947), which policies that enforce
    /// MFA deny.
    pub(crate) async fn list_mfa_devices(&self, owner: Owner<'_>) -> Result<Vec<MfaDevice>, Fault> {
        let name = match owner {
            Owner::User(name) => Some(name),
            Owner::Root => None,
        };
        Pages::all(
            |one: &MfaDevice, other| one.serial == other.serial,
            async |pages| {
                let call = self.call("iam:ListMFADevices");
                let asking = self
                    .iam()
                    .list_mfa_devices()
                    .set_user_name(name.map(str::to_owned))
                    .set_marker(pages.marker())
                    .customize()
                    .watched_by(&call)
                    .send();
                call.answer(asking, |page| {
                    let devices = page.mfa_devices();
                    if devices.iter().any(|it| it.serial_number().is_empty()) {
                        return Err(INCOMPLETE);
                    }
                    let devices = devices.iter().filter_map(|it| {
                        Some(MfaDevice {
                            serial: it.serial_number().parse().ok()?,
                            enabled: moment(it.enable_date()),
                        })
                    });
                    pages.add(devices, page.is_truncated(), page.marker())
                })
                .await
            },
        )
        .await
    }

    /// The serials of the account's unassigned virtual devices, all pages.
    ///
    /// The call can't be limited to one user, so policies that enforce MFA often deny it.
    pub(crate) async fn list_unassigned_devices(&self) -> Result<Vec<Serial>, Fault> {
        Pages::all(Serial::eq, async |pages| {
            let call = self.call("iam:ListVirtualMFADevices");
            let asking = self
                .iam()
                .list_virtual_mfa_devices()
                .assignment_status(AssignmentStatusType::Unassigned)
                .set_marker(pages.marker())
                .customize()
                .watched_by(&call)
                .send();
            call.answer(asking, |page| {
                let devices = page.virtual_mfa_devices();
                if devices.iter().any(|it| it.serial_number().is_empty()) {
                    return Err(INCOMPLETE);
                }
                let serials = devices
                    .iter()
                    .filter_map(|it| it.serial_number().parse().ok());
                pages.add(serials, page.is_truncated(), page.marker())
            })
            .await
        })
        .await
    }

    /// Creates a virtual device under `name`, which must match `[\w+=,.@-]+`, at the path `/`. It is not
    /// assigned to anybody yet.
    ///
    /// Never sent again unless AWS said that it did not process the request: the seed of a device that
    /// was created all the same would be lost.
    pub(crate) async fn create_virtual_mfa_device(
        &self,
        name: &str,
    ) -> Result<CreatedDevice, Fault> {
        let call = self.call("iam:CreateVirtualMFADevice").once();
        let asking = self
            .iam()
            .create_virtual_mfa_device()
            .virtual_mfa_device_name(name)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| {
            let device = answer.virtual_mfa_device().ok_or(INCOMPLETE)?;
            let seed = device.base32_string_seed().ok_or(INCOMPLETE)?;
            Ok(CreatedDevice {
                serial: device.serial_number().parse().map_err(|_| INCOMPLETE)?,
                // The SDK has already decoded the base64 of the response.
                seed: Seed::parse(seed.as_ref()).ok_or(NO_SEED)?,
            })
        })
        .await
    }

    /// Enables the device `serial` for the user, with two codes that it showed in a row. Each works for
    /// this only once, but can still be used to sign in afterwards.
    pub(crate) async fn enable_mfa_device(
        &self,
        user: &str,
        serial: &Serial,
        codes: [&Code; 2],
    ) -> Result<(), Fault> {
        let [first, second] = codes.map(Code::expose);
        let call = self.call("iam:EnableMFADevice").with_codes([first, second]);
        let asking = self
            .iam()
            .enable_mfa_device()
            .user_name(user)
            .serial_number(serial.as_str())
            .authentication_code1(first)
            .authentication_code2(second)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |_| Ok(())).await
    }

    /// Resynchronises the device `serial` of the user with AWS, by two codes that it showed in a row.
    /// Not for FIDO keys.
    pub(crate) async fn resync_mfa_device(
        &self,
        user: &str,
        serial: &Serial,
        codes: [&Code; 2],
    ) -> Result<(), Fault> {
        let [first, second] = codes.map(Code::expose);
        let call = self.call("iam:ResyncMFADevice").with_codes([first, second]);
        let asking = self
            .iam()
            .resync_mfa_device()
            .user_name(user)
            .serial_number(serial.as_str())
            .authentication_code1(first)
            .authentication_code2(second)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |_| Ok(())).await
    }

    /// Deactivates the device `serial` of the user. A virtual device continues to exist, unassigned,
    /// until it is deleted.
    pub(crate) async fn deactivate_mfa_device(
        &self,
        user: &str,
        serial: &Serial,
    ) -> Result<(), Fault> {
        let call = self.call("iam:DeactivateMFADevice");
        let asking = self
            .iam()
            .deactivate_mfa_device()
            .user_name(user)
            .serial_number(serial.as_str())
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |_| Ok(())).await
    }

    /// Deletes the virtual device `serial`. AWS refuses this while it is assigned.
    pub(crate) async fn delete_virtual_mfa_device(&self, serial: &Serial) -> Result<(), Fault> {
        let call = self.call("iam:DeleteVirtualMFADevice");
        let asking = self
            .iam()
            .delete_virtual_mfa_device()
            .serial_number(serial.as_str())
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |_| Ok(())).await
    }
}

/// The fault of a new device whose seed can't produce codes.
const NO_SEED: Cow<'static, str> = Cow::Borrowed("its seed is not base32");

/// The date in an answer; `None` if it is out of range.
pub(super) fn moment(date: &aws_smithy_types::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(date.secs(), date.subsec_nanos()).and_then(expiry::within_years)
}

#[cfg(test)]
mod tests {
    use super::Owner;

    #[test]
    fn an_owner_is_read_from_the_arn_and_named_without_the_path() {
        for (arn, owner) in [
            (
                "arn:aws:iam::123456789012:user/alice",
                Some(Owner::User("alice")),
            ),
            (
                "arn:aws-cn:iam::123456789012:user/a/b/c.d@e",
                Some(Owner::User("c.d@e")),
            ),
            ("arn:aws:iam::123456789012:root", Some(Owner::Root)),
            (
                "arn:aws:iam::123456789012:user/root",
                Some(Owner::User("root")),
            ),
            ("arn:aws:iam::123456789012:user/", None),
            ("arn:aws:iam::123456789012:role/alice", None),
            ("arn:aws:sts::123456789012:assumed-role/admin/alice", None),
            ("arn:aws:sts::123456789012:federated-user/alice", None),
        ] {
            let arn = arn.parse().expect("an ARN");
            assert_eq!(Owner::of(&arn), owner, "{arn}");
        }
    }
}
