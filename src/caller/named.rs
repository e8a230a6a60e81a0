//! Reads which profile the person names, by a flag or the variables that AWS tools have for it, and says
//! where tools differ on those. It never looks for the profile.

use crate::exit::{Exit, Failure, Result};
use crate::value::ProfileName;
use crate::world::env::Env;
use std::fmt::Display;
use std::str::FromStr;

/// The value of a flag, else that of the variable `name`; a bad one is an error of usage that names
/// the variable.
pub(crate) fn or_variable<T: FromStr<Err = impl Display>>(
    flag: Option<T>,
    env: Env,
    name: &str,
) -> Result<Option<T>> {
    if flag.is_some() {
        return Ok(flag);
    }
    env.text(name)
        .map(|text| {
            text.parse()
                .map_err(|why| Failure::new(Exit::Usage, format!("{name}: {why}")))
        })
        .transpose()
}

/// The variables that name a profile, in the order in which they count here, and in version 2 of the
/// AWS CLI and the Go SDK. The other SDKs read the first one only, or the second one first.
const PROFILE_VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The profile that a person named, by flag or variable.
pub(crate) fn profile(flag: Option<ProfileName>, env: Env) -> Result<Option<ProfileName>> {
    PROFILE_VARIABLES
        .into_iter()
        .try_fold(flag, |named, variable| or_variable(named, env, variable))
}

/// That both variables are set and differ, where no flag decides: what is done here, and what tools do
/// afterwards, is then not done with one profile.
pub(crate) fn two_profiles(flag: Option<&ProfileName>, env: Env) -> Option<String> {
    let [first, second] = PROFILE_VARIABLES.map(|variable| env.text(variable));
    let (None, Some(first), Some(second)) = (flag, first, second) else {
        return None;
    };
    let [it, other] = PROFILE_VARIABLES;
    (first != second).then(|| {
        format!(
            "{it} is {first} and {other} is {second}: awsmfa, version 2 of the AWS CLI and most SDKs use {first}, boto3 and version 1 of the AWS CLI use {second}; unset one of the two"
        )
    })
}

/// Says which tools use another profile where only the second variable names one.
pub(crate) fn only_by_second_variable(env: Env) -> Option<String> {
    let [first, second] = PROFILE_VARIABLES.map(|variable| env.text(variable));
    let second = second.filter(|second| first.is_none() && second != "default")?;
    let [_, it] = PROFILE_VARIABLES;
    Some(format!(
        "{it} is read only by the AWS CLI, boto3 and the Go SDK: other SDKs use profile default rather than {second}"
    ))
}

/// `AWS_DEFAULT_PROFILE`, where boto3 and version 1 of the AWS CLI would use it rather than an
/// `AWS_PROFILE` that names `profile`.
pub(crate) fn variable_before_aws_profile(profile: &ProfileName, env: Env) -> Option<&'static str> {
    let [_, other] = PROFILE_VARIABLES;
    let set = env.text(other)?;
    (set != profile.as_str()).then_some(other)
}
