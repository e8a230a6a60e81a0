//! Asks AWS about the user, by whichever of the two ways may: the long-term keys, or the session that is
//! kept. It never signs in.

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
    /// The id of the access key that asks.
    pub(super) access_key_id: String,
    pub(super) with_keys: Aws,
    /// The id of the access key that it has taken the place of.
    pub(super) previous_id: Option<String>,
    /// AWS, asked through the session that is kept.
    pub(super) kept: Option<Aws>,
}

impl Asker<'_> {
    /// Asks with the keys; where those may not, through the session that is kept.
    pub(super) async fn ask<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        keys_or_kept(&self.with_keys, || Ok(self.kept.clone()), ask).await
    }

    /// The access key that the one in use has taken the place of, as long as a rotation remembers it.
    pub(super) fn previous_id(&self) -> Option<&str> {
        self.previous_id.as_deref()
    }

    /// What AWS did not tell, where it should have been asked for `action`.
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
