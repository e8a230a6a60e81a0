//! Makes the calls to IAM. It never hands on an answer that is not whole.

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use crate::value::{Arn, Serial};

/// Somebody who can have MFA devices, as IAM knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// A user, by the name without the path.
    User(&'a str),
    /// The account's root, who has no name.
    Root,
}

impl<'a> Owner<'a> {
    /// The owner whom `arn` names; none for a role or a federated user, who have no devices.
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

impl Aws {
    /// The MFA devices of `owner`, who must be the caller, all pages, in AWS's order. A serial that
    /// GetSessionToken would not take is left out.
    ///
    /// A user is named although IAM would take the caller by itself: it then asks whether the caller
    /// may list the devices of all users (aws-cli#6947), and policies that enforce MFA deny that.
    pub(crate) async fn list_mfa_devices(&self, owner: Owner<'_>) -> Result<Vec<Serial>, Fault> {
        let name = match owner {
            Owner::User(name) => Some(name),
            Owner::Root => None,
        };
        let mut devices = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let call = self.call("iam:ListMFADevices");
            let asking = self
                .iam()
                .list_mfa_devices()
                .set_user_name(name.map(str::to_owned))
                .set_marker(marker.clone())
                .customize()
                .watched_by(&call)
                .send();
            let (page, next) = call
                .answer(asking, |page| {
                    let serials = page.mfa_devices().iter().map(|it| it.serial_number());
                    let next = page.marker().filter(|_| page.is_truncated());
                    // A page that points to itself would be asked for again and again.
                    let goes_on = next.is_some() && next != marker.as_deref();
                    let is_whole =
                        !serials.clone().any(str::is_empty) && (goes_on || !page.is_truncated());
                    let serials = serials.filter_map(|serial| serial.parse().ok());
                    let page = (serials.collect::<Vec<Serial>>(), next.map(str::to_owned));
                    is_whole.then_some(page).ok_or(INCOMPLETE)
                })
                .await?;
            devices.extend(page);
            if next.is_none() {
                return Ok(devices);
            }
            marker = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;

    #[test]
    fn an_owner_is_known_by_the_arn_and_named_without_the_path() {
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
