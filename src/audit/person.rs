//! Looks at a user whose policies are judged: whether they have devices and a password, and whether a
//! program uses their keys. Details that it is not allowed to see stay open.

use super::caller::Caller;
use super::subject::Subject;
use crate::aws::{Aws, Fault, KeyStatus, Owner};
use crate::exit::Result;
use crate::world::Context;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A user's devices, as far as they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Devices {
    /// None: whoever holds the key can enroll one.
    None,
    /// Only passkeys or FIDO keys, which give no codes.
    OnlyFido,
    /// At least one that gives codes.
    WithCodes,
}

/// Details of a user; `None` for what must not be seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// Their devices.
    pub(crate) devices: Option<Devices>,
    /// Whether they look like a program: no password, no device, and a key in use.
    pub(crate) is_machine_like: Option<bool>,
}

/// Looks at users, and remembers what it is not allowed to see.
pub(super) struct Looks<'a> {
    caller: &'a Caller,
    context: Context,
    denied: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Looks<'a> {
    pub(super) fn new(caller: &'a Caller, context: Context) -> Self {
        Self {
            caller,
            context,
            denied: RefCell::default(),
        }
    }

    /// Looks at a user.
    pub(super) async fn at(&self, subject: &Subject) -> Result<Person> {
        if !subject.is_real {
            return Ok(Person::default());
        }
        let name = subject.name.as_str();
        let devices = self
            .see("iam:ListMFADevices", async |aws| {
                aws.list_mfa_devices(Owner::User(name)).await
            })
            .await?;
        let devices = devices.map(|all| match all.as_slice() {
            [] => Devices::None,
            all if all.iter().all(|it| it.serial.is_fido()) => Devices::OnlyFido,
            _ => Devices::WithCodes,
        });
        let is_machine_like = match devices {
            // Programs have no devices.
            Some(Devices::OnlyFido | Devices::WithCodes) => Some(false),
            Some(Devices::None) => self.is_used_by_a_program(name).await?,
            None => None,
        };
        Ok(Person {
            devices,
            is_machine_like,
        })
    }

    async fn is_used_by_a_program(&self, name: &str) -> Result<Option<bool>> {
        let password = self
            .see("iam:GetLoginProfile", async |aws| {
                aws.has_password(name).await
            })
            .await?;
        match password {
            None => return Ok(None),
            Some(true) => return Ok(Some(false)),
            Some(false) => {}
        }
        let keys = self
            .see("iam:ListAccessKeys", async |aws| {
                aws.list_access_keys(name).await
            })
            .await?;
        let Some(keys) = keys else { return Ok(None) };
        for key in keys.iter().filter(|it| it.status == KeyStatus::Active) {
            let used = self
                .see("iam:GetAccessKeyLastUsed", async |aws| {
                    aws.access_key_last_used(&key.id).await
                })
                .await?;
            match used {
                None => return Ok(None),
                Some(Some(_)) => return Ok(Some(true)),
                Some(None) => {}
            }
        }
        Ok(Some(false))
    }

    /// Asks AWS. `None` if a policy denies it, which is reported once and not tried again.
    async fn see<T>(
        &self,
        action: &'static str,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<Option<T>> {
        if self.denied.borrow().contains(action) {
            return Ok(None);
        }
        let answer = self.caller.ask_if_allowed(ask).await?;
        if answer.is_none() {
            self.denied.borrow_mut().insert(action);
            self.context.ui.warn(&format!(
                "{action} is denied: can't tell which users have no device, or are programs"
            ));
        }
        Ok(answer)
    }
}
