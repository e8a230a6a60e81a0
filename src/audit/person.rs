//! Looks at a user whose policies are judged: whether they have devices and a password, and whether a
//! program uses their keys. What may not be seen is left open.

use super::caller::{Caller, is_denied};
use super::subject::Subject;
use crate::aws::{Aws, Fault, KeyStatus, Owner};
use crate::exit::Result;
use crate::world::Context;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is known of a user's devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Devices {
    /// There are none: whoever holds the key can enrol one.
    None,
    /// All of them are passkeys or FIDO keys, which give no codes.
    OnlyFido,
    /// One of them gives codes.
    WithCodes,
}

/// What is known of a user; none of what may not be seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// Their devices.
    pub(crate) devices: Option<Devices>,
    /// Whether they look like a program: no password, no device, and a key that is used.
    pub(crate) is_machine_like: Option<bool>,
}

/// Looks at users, and remembers what it may not see.
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
            // Programs have none.
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

    /// Asks AWS; none where a policy denies that. It is said once, and not asked again.
    async fn see<T>(
        &self,
        action: &'static str,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<Option<T>> {
        if self.denied.borrow().contains(action) {
            return Ok(None);
        }
        match self.caller.ask_as_it_is(&ask).await {
            Ok(answer) => Ok(Some(answer)),
            Err(fault) if is_denied(&fault) => {
                self.denied.borrow_mut().insert(action);
                self.context.ui.warn(&format!(
                    "{action} is denied: can't tell which users have no device, or are programs"
                ));
                Ok(None)
            }
            Err(fault) => Err(fault.into()),
        }
    }
}
