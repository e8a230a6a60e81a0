//! Reads which profile the user names, by flag or by the variables that AWS tools share, and explains
//! where tools disagree about those. It never looks for the profile.

use crate::exit::{Exit, Failure, Result};
use crate::value::ProfileName;
use crate::world::env::Env;
use std::fmt::Display;
use std::str::FromStr;

/// The value of a flag, else of the variable `name`. A bad one is a usage error that names the variable.
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

/// The variables that name a profile, in our order, which is also that of AWS CLI version 2 and the Go
/// SDK. The other SDKs read only the first, or the second one first.
const PROFILE_VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// The profile that the user named, by flag or variable.
pub(crate) fn profile(flag: Option<ProfileName>, env: Env) -> Result<Option<ProfileName>> {
    PROFILE_VARIABLES
        .into_iter()
        .try_fold(flag, |named, variable| or_variable(named, env, variable))
}

/// A warning if both variables are set and differ, and no flag decides: awsmfa would use one profile
/// here, and some tools the other one afterwards.
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

/// A warning if only the second variable names a profile, saying which tools ignore it.
pub(crate) fn only_by_second_variable(env: Env) -> Option<String> {
    let [first, second] = PROFILE_VARIABLES.map(|variable| env.text(variable));
    let second = second.filter(|second| first.is_none() && second != "default")?;
    let [_, it] = PROFILE_VARIABLES;
    Some(format!(
        "{it} is read only by the AWS CLI, boto3 and the Go SDK: other SDKs use profile default rather than {second}"
    ))
}

/// `AWS_DEFAULT_PROFILE`, if boto3 and AWS CLI version 1 would prefer it to an `AWS_PROFILE` that names
/// `profile`.
pub(crate) fn variable_before_aws_profile(profile: &ProfileName, env: Env) -> Option<&'static str> {
    let [_, other] = PROFILE_VARIABLES;
    let set = env.text(other)?;
    (set != profile.as_str()).then_some(other)
}
