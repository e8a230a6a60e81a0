//! Says of a session that was made or kept that it is ready, until when, and how to use it. It never
//! shows a secret.

use super::output::SessionJson;
use crate::caller::named::variable_before_aws_profile;
use crate::handover::shell::Shell;
use crate::signin::Ready;
use crate::value::ProfileName;
use crate::value::expiry;
use crate::value::session::State;
use crate::world::{Context, shell};

/// Says until when it is ready, and how to use it.
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

/// The line that makes AWS tools use `profile`, in the words of the person's shell; none where they do
/// already.
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

/// After a login the new profile is expected to count; in the AWS CLI and the SDKs the
/// environment's keys win over `AWS_PROFILE`.
pub(super) fn warn_of_environment(ready: &Ready, context: Context) {
    warn_of_keys_before(&ready.profile, context);
}

/// The same of any profile that was just given what it needs.
pub(super) fn warn_of_keys_before(profile: &ProfileName, context: Context) {
    if context.env.text("AWS_ACCESS_KEY_ID").is_some() {
        let shell = Shell::of_program(&shell::program(context.env));
        let clear = shell.evaluated("export --unset");
        context.ui.warn(&format!(
            "AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE={profile}; clear it first with `{clear}`"
        ));
    }
}

/// What is known of it, for a program.
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
