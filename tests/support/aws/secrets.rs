//! Lists every secret that the stand-in knows, none of which may show in an output.

use std::sync::Arc;

use super::service::Shared;

/// The kind of a secret. A command that prints one kind on purpose must not print another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The secret of a long-term key.
    LongTerm,
    /// The secret or the token of a session.
    Session,
    /// The secret of an MFA device.
    Device,
    /// A code.
    Code,
}

/// A view of the stand-in that outlives the borrow of it.
#[derive(Clone)]
pub(crate) struct Secrets(pub(super) Arc<Shared>);

impl Secrets {
    /// Every secret so far, including those of deleted keys and devices.
    pub(crate) fn all(&self) -> Vec<(Kind, String)> {
        let account = self.0.account();
        let keys = account.keys.iter().map(|it| (Kind::LongTerm, &it.secret));
        let sessions = account.sessions.iter().flat_map(|it| {
            let kind = Kind::Session;
            [(kind, &it.secret), (kind, &it.token)]
        });
        let mut all: Vec<_> = keys
            .chain(sessions)
            .map(|(kind, text)| (kind, text.clone()))
            .collect();
        all.extend(account.gone.iter().cloned());
        let devices = account.devices.iter();
        all.extend(devices.filter_map(|it| Some((Kind::Device, it.secret()?.to_owned()))));
        drop(account);
        for request in self.0.requests() {
            for name in ["TokenCode", "AuthenticationCode1", "AuthenticationCode2"] {
                all.extend(
                    request
                        .call
                        .param(name)
                        .map(|it| (Kind::Code, it.to_owned())),
                );
            }
        }
        all
    }
}
