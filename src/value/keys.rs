//! Holds a set of AWS keys in memory: hidden from debug output, zeroed when dropped. Where keys
//! come from or go to is not known here.

use std::fmt;

use secrecy::SecretString;

/// An access key, and the session token when the keys are temporary.
#[derive(Clone)]
pub(crate) struct Keys {
    /// The id of the access key; not a secret.
    pub(crate) access_key_id: String,
    /// The secret access key.
    pub(crate) secret_access_key: SecretString,
    /// Present on temporary keys only.
    pub(crate) session_token: Option<SecretString>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .field("temporary", &self.session_token.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_neither_secret_nor_token() {
        let keys = Keys {
            access_key_id: "AKIAEXAMPLE".into(),
            secret_access_key: SecretString::from("hush-secret"),
            session_token: Some(SecretString::from("hush-token")),
        };
        let shown = format!("{keys:?} {keys:#?}");
        assert!(shown.contains("AKIAEXAMPLE"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
    }
}
