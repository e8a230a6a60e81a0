//! Reads single settings from flags, variables and profiles, each with the name of what set it, for
//! messages. It gives them no meaning.

use crate::exit::{Exit, Failure, Result};
use crate::profile::paired::Paired;
use crate::text::excerpt;

/// Where the settings are found.
pub(crate) struct Sources<'a> {
    /// A variable of the environment; an empty one counts as absent.
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a variable of the environment is set, perhaps to an empty text.
    pub(crate) is_set: &'a dyn Fn(&str) -> bool,
    /// A key of the profile, both files merged.
    pub(crate) profile: &'a dyn Fn(&str) -> Option<String>,
    /// A key of a service (`sts`, `iam`) in the `[services]` section that the profile names.
    pub(crate) service: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The profile's name, for messages.
    pub(crate) profile_name: &'a str,
    /// The value of `--region`.
    pub(crate) region_flag: Option<&'a str>,
    /// The partition of the MFA serial's ARN, such as `aws-cn`, when one is known.
    pub(crate) partition: Option<&'a str>,
}

/// A value with the name of the setting that gave it.
pub(super) struct Named {
    pub(super) value: String,
    pub(super) from: String,
}

/// A value with the name of the setting that gave it, if one did.
pub(super) struct Chosen {
    pub(super) value: String,
    pub(super) from: Option<String>,
}

/// The variable of a setting, else the profile's key.
pub(super) fn setting(sources: &Sources<'_>, setting: &Paired) -> Option<Named> {
    let mut variables = setting.variables.iter();
    variables
        .find_map(|variable| from_env(sources, variable))
        .or_else(|| from_profile(sources, setting.key))
}

/// The variable.
pub(super) fn from_env(sources: &Sources<'_>, variable: &str) -> Option<Named> {
    let value = (sources.env)(variable)?;
    Some(Named {
        value: present(value)?,
        from: variable.to_owned(),
    })
}

/// The profile's key.
pub(super) fn from_profile(sources: &Sources<'_>, key: &str) -> Option<Named> {
    let value = (sources.profile)(key)?;
    Some(Named {
        value: present(value)?,
        from: format!("{key} of profile {}", sources.profile_name),
    })
}

/// `value` without the spaces around it; none where that leaves nothing.
pub(super) fn present(value: String) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// A setting that is true or false, and false where it is absent.
pub(super) fn switch(sources: &Sources<'_>, paired: &Paired) -> Result<bool> {
    let Some(Named { value, from }) = setting(sources, paired) else {
        return Ok(false);
    };
    if value.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if value.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(unusable(
            &from,
            &value,
            "is neither true nor false",
            "use true or false",
        ))
    }
}

/// The failure of a setting whose value can't be used.
pub(super) fn unusable(from: &str, value: &str, what: &str, hint: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{from} {what}: {}", excerpt(value))).hint(hint)
}
