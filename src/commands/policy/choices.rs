//! Defines the options by which a person chooses what documents say. It makes no document.

use crate::policy::{MaxAge, Rules, Tag, TagKey, TagValue};
use clap::Args;

/// What is decided for the documents that users enrol under.
#[derive(Debug, Args)]
pub(super) struct RuleOptions {
    /// How old MFA may be, 1m to 36h (for example 12h, 1h30m, 3600)
    ///
    /// Otherwise it counts as long as the session lasts; in role-trust, for an hour.
    #[arg(long, value_name = "DURATION")]
    pub(super) max_age: Option<MaxAge>,

    /// Let users change their own password without MFA
    ///
    /// For new users who must change it before they can do anything else. AWS advises against it.
    #[arg(long)]
    pub(super) allow_password_change: bool,

    /// Let a new device have any name, as in the AWS console
    ///
    /// Otherwise the name is the user's, or begins with the user's and a hyphen.
    #[arg(long)]
    pub(super) allow_console_enrolment: bool,
}

/// The instances that are protected.
#[derive(Debug, Args)]
pub(super) struct TagOptions {
    /// The tag key of protected instances; by default Name
    #[arg(long, value_name = "KEY")]
    pub(super) tag_key: Option<TagKey>,

    /// The tag value, with wildcards * and ?; by default CSR*
    #[arg(long, value_name = "VALUE")]
    pub(super) tag_value: Option<TagValue>,
}

impl RuleOptions {
    /// The rules that they come to.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            max_age: self.max_age,
            password_change: self.allow_password_change,
            console_enrolment: self.allow_console_enrolment,
        }
    }
}

impl TagOptions {
    /// The tag that they come to.
    pub(super) fn tag(&self) -> Tag {
        let usual = Tag::usual();
        Tag {
            key: self.tag_key.clone().unwrap_or(usual.key),
            value: self.tag_value.clone().unwrap_or(usual.value),
        }
    }
}
