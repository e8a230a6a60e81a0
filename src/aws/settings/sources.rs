//! Reads single settings from flags, variables and profiles, each with the name of its source for
//! messages. It gives them no meaning.

use crate::exit::{Exit, Failure, Result};
use crate::profile::paired::Paired;
use crate::text::excerpt;

/// The sources of settings.
pub(crate) struct Sources<'a> {
    /// A variable of the environment; an empty one counts as missing.
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a variable of the environment is set, even if it is empty.
    pub(crate) is_set: &'a dyn Fn(&str) -> bool,
    /// A key of the profiles that count, both files merged.
    pub(crate) profile: &'a dyn Fn(&str) -> Option<InProfile>,
    /// A key of a service (`sts`, `iam`) in the `[services]` section that such a profile names.
    pub(crate) service: &'a dyn Fn(&str, &str) -> Option<InProfile>,
    /// The value of `--region`.
    pub(crate) region_flag: Option<&'a str>,
    /// The partition of the MFA serial's ARN, such as `aws-cn`, when one is known.
    pub(crate) partition: Option<&'a str>,
}

/// A value with the name of the profile that has it.
pub(crate) struct InProfile {
    pub(crate) value: String,
    pub(crate) profile: String,
}

/// A value with the name of its source.
pub(super) struct Named {
    pub(super) value: String,
    pub(super) from: String,
}

/// A value with the name of its source, if it has one.
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

/// The value of the variable.
pub(super) fn from_env(sources: &Sources<'_>, variable: &str) -> Option<Named> {
    let value = (sources.env)(variable)?;
    Some(Named {
        value: present(value)?,
        from: variable.to_owned(),
    })
}

/// The value of the profile's key.
pub(super) fn from_profile(sources: &Sources<'_>, key: &str) -> Option<Named> {
    let InProfile { value, profile } = (sources.profile)(key)?;
    Some(Named {
        value: present(value)?,
        from: format!("{key} of profile {profile}"),
    })
}

/// `value` without the spaces around it; `None` if nothing is left.
pub(super) fn present(value: String) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// A setting that is true or false, and false if it is missing.
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

/// The failure of a setting with an unusable value.
pub(super) fn unusable(from: &str, value: &str, what: &str, hint: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{from} {what}: {}", excerpt(value))).hint(hint)
}
