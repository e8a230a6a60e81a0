//! Finds out what should become of an unassigned device with the new one's name: it may be from an
//! unfinished enrollment, or another user's. It deletes none unless the user says so.

use super::Enrolling;
use super::name::DeviceName;
use crate::aws::{Fault, Refusal};
use crate::devices::retire;
use crate::exit::{Exit, Failure, Result};
use crate::value::Serial;
use crate::world::prompt;
use crate::world::question::at_terminal;

/// How we know about the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// AWS says that it exists already.
    There,
    /// AWS was asked for it, the answer was lost, and now it exists: its seed may be lost.
    AfterLostAnswer,
}

/// What should become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// An app has its seed: two codes assign it to the user.
    Finish,
    /// It was deleted, so the name is free.
    Deleted,
    /// It belongs to another user, or has to be left alone: try another name.
    Pass,
}

impl Enrolling<'_> {
    /// Asks what should become of `serial`, and deletes it if the user says so. `following` is the name
    /// that would be tried instead.
    pub(super) async fn settle_leftover(
        &self,
        serial: &Serial,
        known: Known,
        following: Option<&DeviceName>,
    ) -> Result<Fate> {
        let name = serial.device_name();
        let title = match known {
            Known::There => format!(
                "the MFA device {serial} exists but is not assigned to you, perhaps from an unfinished enrollment: is it in your app?"
            ),
            Known::AfterLostAnswer => format!(
                "AWS's answer was lost, but there is a device {serial} now; its secret can't be retrieved again"
            ),
        };
        let mut items = Vec::new();
        if known == Known::There {
            items.push((
                Fate::Finish,
                format!("{name} is in my app: finish it with two codes"),
            ));
        }
        items.push((Fate::Deleted, format!("delete {name} and start over")));
        if let Some(following) = following {
            let text = format!("leave {name} alone and make {}", following.as_str());
            items.push((Fate::Pass, text));
        }
        let texts: Vec<String> = items.iter().map(|(_, text)| text.clone()).collect();
        let unasked = |nowhere| {
            let text =
                format!("the MFA device {serial} exists but is not assigned to you, and {nowhere}");
            Failure::new(Exit::CodeNeeded, text).hint(
                "it may be from an unfinished enrollment, or another user's: run this in a terminal to finish it or start over, or choose another name with --name",
            )
        };
        let chosen = at_terminal(self.access.asking(), unasked, async |terminal| {
            prompt::choose(terminal, &title, &texts).await
        })
        .await?;
        match items[chosen].0 {
            Fate::Deleted => self.delete_leftover(serial).await,
            fate => Ok(fate),
        }
    }

    async fn delete_leftover(&self, serial: &Serial) -> Result<Fate> {
        self.context.ui.step(&format!(
            "asking AWS to delete {serial} (iam:DeleteVirtualMFADevice)"
        ));
        let deleted = self
            .ask(async |aws| aws.delete_virtual_mfa_device(serial).await)
            .await;
        match deleted {
            Ok(())
            | Err(Fault::Refused {
                refusal: Refusal::NotFound,
                ..
            }) => Ok(Fate::Deleted),
            Err(Fault::Refused {
                refusal: Refusal::InUse,
                ..
            }) => {
                self.say_anothers(serial);
                Ok(Fate::Pass)
            }
            Err(Fault::Refused {
                refusal: Refusal::Denied | Refusal::MfaNeeded,
                failure,
            }) => {
                let text = format!("you are not allowed to delete {serial}: {failure}");
                Err(Failure::new(Exit::KeysRefused, text)
                    .hint(by_administrator(serial))
                    .detail_of(failure))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Says that a device is not for this user.
    pub(super) fn say_anothers(&self, serial: &Serial) {
        self.context.ui.say(&format!(
            "{serial} belongs to another user and is left unchanged"
        ));
    }
}

/// What an administrator can do about a device that the user may not delete.
pub(super) fn by_administrator(serial: &Serial) -> String {
    format!(
        "an administrator can delete it: {}",
        retire::deletion(serial)
    )
}
