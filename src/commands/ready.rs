//! Says that a new or kept session is ready, until when, and how to use it. It never shows a secret.

use super::output::SessionJson;
use crate::caller::named::variable_before_aws_profile;
use crate::handover::shell::Shell;
use crate::signin::Ready;
use crate::value::ProfileName;
use crate::value::expiry;
use crate::value::session::State;
use crate::world::{Context, shell};

/// Says until when the session is ready, and how to use it.
pub(super) fn say(ready: &Ready, context: Context) {
    let Ready { profile, .. } = ready;
    if let Some(at) = ready.session.expiration {
        let until = context.local_time(at);
        let left = expiry::remaining(at, context.now()).rounded();
        context.ui.say(&if ready.renewed {
            format!("{profile} is ready until {until} ({left} from now)")
        } else {
            format!("{profile} is still valid until {until} ({left} left); --force renews it")
        });
    }
    if let Some(line) = line_to_use(profile, context) {
        context.ui.say(&format!("use it with: {line}"));
    }
}

/// The line that makes AWS tools use `profile`, in the syntax of the user's shell; none if they already
/// use it.
fn line_to_use(profile: &ProfileName, context: Context) -> Option<String> {
    const VARIABLE: &str = "AWS_PROFILE";
    let other = variable_before_aws_profile(profile, context.env);
    let in_use = match context.env.text(VARIABLE) {
        Some(named) => named == profile.as_str(),
        None => profile.is_default(),
    };
    if in_use && other.is_none() {
        return None;
    }
    let shell = Shell::of_program(&shell::program(context.env));
    Some(shell.typed(VARIABLE, profile.as_str(), other))
}

/// Warns after a login if the environment has keys: the user expects the new profile to be used, but the
/// AWS CLI and the SDKs prefer the environment's keys to `AWS_PROFILE`.
pub(super) fn warn_of_environment(ready: &Ready, context: Context) {
    warn_of_keys_before(&ready.profile, context);
}

/// Warns that keys in the environment take precedence over `profile`, which has just been set up.
pub(super) fn warn_of_keys_before(profile: &ProfileName, context: Context) {
    if context.env.text("AWS_ACCESS_KEY_ID").is_some() {
        let shell = Shell::of_program(&shell::program(context.env));
        let clear = match context.env.is_exported() {
            true => format!(
                "clear it first with `{}`",
                shell.evaluated("export --unset")
            ),
            // That would clear the user's own region too.
            false => "unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN first"
                .to_owned(),
        };
        context.ui.warn(&format!(
            "AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE={profile}; {clear}"
        ));
    }
}

/// The details of the session, as JSON.
pub(super) fn as_json(ready: &Ready, context: Context) -> SessionJson {
    let Ready {
        profile, session, ..
    } = ready;
    let made = &session.made;
    SessionJson::new(Some(profile), made, session.expiration, context.now())
        .with_device(made)
        .with("state", State::Valid.name())
        .with("arn", made.arn.as_ref().map(|arn| arn.as_str()))
        .with("renewed", ready.renewed)
}
