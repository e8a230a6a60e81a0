//! Reads environment variables, as nothing else in this crate does. It sets none.
//!
//! Variables set by an `awsmfa export` don't express the user's choice, so [`Env::text`] ignores them: a
//! region or an endpoint of an earlier session must not pass for a setting.
//!
//! An empty variable counts as unset, as in the AWS CLI. clap's own support for variables is not used:
//! it prints their values in help texts and lets them conflict with flags.

use super::expand::{Expanded, expand};
use std::ffi::OsString;
use std::path::PathBuf;

/// The one-time code.
pub(crate) const CODE: &str = "AWSMFA_CODE";
/// The MFA device.
pub(crate) const SERIAL: &str = "AWSMFA_SERIAL";
/// The lifetime to ask for.
pub(crate) const DURATION: &str = "AWSMFA_DURATION";
/// The profile that receives the session.
pub(crate) const SESSION_PROFILE: &str = "AWSMFA_SESSION_PROFILE";
/// How much time a session needs to have left to be kept.
pub(crate) const MIN_REMAINING: &str = "AWSMFA_MIN_REMAINING";
/// Tells an awsmfa inside a command what the awsmfa that runs it is doing.
pub(crate) const IN_PROGRESS: &str = "AWSMFA_IN_PROGRESS";
/// Tells a command for a code which one is wanted, in words.
pub(crate) const CODE_FOR: &str = "AWSMFA_CODE_FOR";
/// Tells it the profile.
pub(crate) const CODE_PROFILE: &str = "AWSMFA_CODE_PROFILE";
/// Tells it the serial of the device.
pub(crate) const CODE_DEVICE: &str = "AWSMFA_CODE_DEVICE";

/// The names of the variables that the last `export` set.
pub(crate) const EXPORTED: &str = "AWSMFA_EXPORTED";

/// The prefix of the variables that AWS tools read.
const OF_AWS: &str = "AWS_";
/// The prefix of those that only botocore reads.
const OF_BOTOCORE: &str = "BOTOCORE_";

/// The variables that carry a session itself. They count whoever set them: a session has a token, and
/// keys that the user sets after an export must win.
const SESSION: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
];

/// Whether the variable `name` carries a session itself, rather than its settings.
pub(crate) fn holds_session(name: &str) -> bool {
    SESSION.contains(&name)
}

/// The environment of this process.
#[derive(Clone, Copy)]
pub(crate) struct Env;

impl Env {
    /// The value of `name` as the user set it; `None` if it is unset, empty, or set by an earlier
    /// `export`.
    ///
    /// Bytes that are not Unicode are replaced, so that whoever reads the value refuses it. Ignoring the
    /// variable would sign in with another profile, or bypass a proxy.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let is_ours = || self.exported().iter().any(|ours| ours == name);
        if !holds_session(name) && is_ours() {
            return None;
        }
        self.as_tools_read(name)
    }

    /// The value of `name` as any program reads it, whoever set it; `None` if unset or empty.
    pub(crate) fn as_tools_read(self, name: &str) -> Option<String> {
        let value = self.os(name)?;
        Some(value.to_string_lossy().into_owned())
    }

    /// Whether `name` is set, even to an empty text.
    #[expect(clippy::disallowed_methods, reason = "the only reader of variables")]
    pub(crate) fn is_set(self, name: &str) -> bool {
        std::env::var_os(name).is_some()
    }

    /// Whether variables in this environment come from an `export`.
    pub(crate) fn is_exported(self) -> bool {
        self.os(EXPORTED).is_some()
    }

    /// The variables that the last `export` set. Anything else in its list is ignored, because the names
    /// become part of a script for a shell.
    pub(crate) fn exported(self) -> Vec<String> {
        let is_name = |name: &&str| {
            let mut bytes = name.bytes();
            (name.starts_with(OF_AWS) || name.starts_with(OF_BOTOCORE))
                && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        let list = self.as_tools_read(EXPORTED).unwrap_or_default();
        let names = list.split(',').map(str::trim).filter(is_name);
        names.map(str::to_owned).collect()
    }

    /// The names of set variables that begin with `prefix`, limited to those that are safe in a shell
    /// script.
    #[expect(clippy::disallowed_methods, reason = "the only reader of variables")]
    pub(crate) fn names_with_prefix(self, prefix: &str) -> Vec<String> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        // On Windows a name is found in any case, and so means the same in upper case.
        let known = |name: String| match cfg!(windows) {
            true => name.to_ascii_uppercase(),
            false => name,
        };
        let mut names: Vec<String> = names
            .map(known)
            .filter(|name| name.starts_with(prefix))
            .filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            .collect();
        names.sort();
        names
    }

    /// The value of `name` as a path; `None` if unset or empty. A leading `~` is the home folder, as in
    /// the AWS SDKs.
    pub(crate) fn path(self, name: &str) -> Option<PathBuf> {
        self.with_home(self.os(name)?)
    }

    /// The path as it is written, and with references to other variables replaced where possible.
    pub(crate) fn expanded_path(self, name: &str) -> Option<(PathBuf, Expanded<PathBuf>)> {
        let value = self.os(name)?;
        let expanded = match expand(&value, &|name| self.os(name)) {
            Expanded::Replaced(whole, names) => Expanded::Replaced(self.with_home(whole)?, names),
            Expanded::Unclear(why) => Expanded::Unclear(why),
            Expanded::Literal => Expanded::Literal,
        };
        Some((self.with_home(value)?, expanded))
    }

    fn with_home(self, path: OsString) -> Option<PathBuf> {
        let path = PathBuf::from(path);
        match path.strip_prefix("~") {
            Ok(rest) => Some(self.home()?.join(rest)),
            Err(_) => Some(path),
        }
    }

    /// The user's home folder by the rules of the AWS SDKs: `HOME` on every platform, then
    /// `USERPROFILE`, then what the system says.
    pub(crate) fn home(self) -> Option<PathBuf> {
        self.os("HOME")
            .or_else(|| self.os("USERPROFILE").filter(|_| cfg!(windows)))
            .map(PathBuf::from)
            .or_else(dirs::home_dir)
    }

    /// The home folder of programs in Python, the AWS CLI among them, if it may be another one: on Windows
    /// they ignore `HOME`.
    pub(crate) fn home_of_python(self) -> Option<PathBuf> {
        self.os("HOME").filter(|_| cfg!(windows))?;
        self.os("USERPROFILE").map(PathBuf::from)
    }

    #[expect(clippy::disallowed_methods, reason = "the only reader of variables")]
    fn os(self, name: &str) -> Option<OsString> {
        std::env::var_os(name).filter(|value| !value.is_empty())
    }
}
