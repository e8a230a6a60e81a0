//! Reads the environment variables: the only reader of them in this crate. Nothing is set here.
//!
//! An empty variable counts as unset, as in the AWS CLI. clap's own support for variables is not
//! used: it prints their values in help texts and lets them conflict with flags.

use std::path::PathBuf;

/// The one-time code.
pub(crate) const CODE: &str = "AWSMFA_CODE";
/// The MFA device.
pub(crate) const SERIAL: &str = "AWSMFA_SERIAL";
/// The lifetime to ask for.
pub(crate) const DURATION: &str = "AWSMFA_DURATION";
/// The profile that receives the session.
pub(crate) const SESSION_PROFILE: &str = "AWSMFA_SESSION_PROFILE";
/// The lifetime that must be left for a session to be kept.
pub(crate) const MIN_REMAINING: &str = "AWSMFA_MIN_REMAINING";
/// What awsmfa is in the middle of while it runs a command: for an awsmfa within.
pub(crate) const IN_PROGRESS: &str = "AWSMFA_IN_PROGRESS";

/// The environment of this process.
#[derive(Clone, Copy)]
pub(crate) struct Env;

impl Env {
    /// The value of `name` as text; none when unset or empty.
    ///
    /// What is not Unicode in it is replaced, and so refused by whoever reads the value: to pass
    /// over the variable would sign in with another profile, or go around a proxy.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let value = self.os(name)?;
        Some(value.to_string_lossy().into_owned())
    }

    /// Whether `name` is set, perhaps to an empty text.
    #[expect(clippy::disallowed_methods, reason = "the only reader of variables")]
    pub(crate) fn is_set(self, name: &str) -> bool {
        std::env::var_os(name).is_some()
    }

    /// The value of `name` as a path; none when unset or empty. A leading `~` means the home
    /// folder, as in the AWS SDKs.
    pub(crate) fn path(self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.os(name)?);
        match path.strip_prefix("~") {
            Ok(rest) => Some(self.home()?.join(rest)),
            Err(_) => Some(path),
        }
    }

    /// The user's home folder, by the rules of the AWS SDKs: `HOME` on every platform, then
    /// `USERPROFILE`, then what the system says.
    pub(crate) fn home(self) -> Option<PathBuf> {
        self.os("HOME")
            .or_else(|| self.os("USERPROFILE").filter(|_| cfg!(windows)))
            .map(PathBuf::from)
            .or_else(dirs::home_dir)
    }

    #[expect(clippy::disallowed_methods, reason = "the only reader of variables")]
    fn os(self, name: &str) -> Option<std::ffi::OsString> {
        std::env::var_os(name).filter(|value| !value.is_empty())
    }
}
