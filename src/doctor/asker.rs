//! Asks AWS about the user with the long-term keys or, if those are not allowed to, a kept session. It never
//! signs in.

use super::finding::{Finding, Level};
use super::scene::Scene;
use crate::access::{keys_or_kept, needs_mfa};
use crate::aws::{Aws, Fault};
use crate::exit::Result;

/// The user whose keys they are, and the ways to ask AWS about them.
pub(super) struct Asker<'a> {
    pub(super) scene: &'a Scene,
    /// The name of the user.
    pub(super) user: &'a str,
    /// The id of the long-term key.
    pub(super) access_key_id: String,
    pub(super) with_keys: Aws,
    /// The id of the key that it has replaced.
    pub(super) previous_id: Option<String>,
    /// AWS through the kept session.
    pub(super) kept: Option<Aws>,
}

impl Asker<'_> {
    /// Asks with the keys, or through the kept session if those are not allowed to.
    pub(super) async fn ask<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        keys_or_kept(&self.with_keys, || Ok(self.kept.clone()), ask).await
    }

    /// The key that the current one has replaced, as long as the rotation's record exists.
    pub(super) fn previous_id(&self) -> Option<&str> {
        self.previous_id.as_deref()
    }

    /// The finding that AWS did not answer a question that takes the permission `action`.
    pub(super) fn not_told(&self, subject: &'static str, action: &str, fault: Fault) -> Finding {
        let is_denied = needs_mfa(&fault);
        let finding = Finding::failure(Level::Unknown, subject, fault.into());
        match (is_denied, &self.kept) {
            (false, _) => finding,
            (true, None) => finding.hint(format!(
                "MFA may be required for this: sign in with {}, then run this again",
                self.scene.command("login")
            )),
            (true, Some(_)) => finding.hint(format!(
                "ask your administrator for {action} on your own user"
            )),
        }
    }
}
