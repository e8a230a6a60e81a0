//! Runs the command `device enroll`: says what the new device is and what session it made. The recipe is
//! in `devices/enroll`; it never shows a secret that was not asked for.

use super::new_device::NewDeviceOptions;
use crate::access::Access;
use crate::commands::common::{Common, ProfileWord, RegionOption};
use crate::commands::output::SessionJson;
use crate::commands::ready;
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::devices::enroll::{Enrolled, Saving, Wishes, enroll};
use crate::exit::Result;
use crate::signin::Unkept;
use crate::value::session::State;
use crate::value::{Lifetime, Made, ProfileName};
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa device enroll dev         shows a QR code, takes two codes, signs in
  awsmfa device enroll dev --name phone-2 --use
                                   a second device; logins use it from now on
  awsmfa device enroll dev --secret-command 'pass insert -m aws' \\
    --code-command 'pass otp aws'  without a terminal
  awsmfa device enroll dev --secret-command 'qrencode -o code.png'";

/// Create a virtual MFA device, and sign in with it
///
/// Creates a device in your account, shows its QR code for your authenticator app, takes two codes
/// in a row from the app, makes the device yours, and signs in with it once AWS accepts it. Your
/// first device becomes `mfa_serial` of the profile. Another one needs a session with MFA: a saved
/// session, or a code from a device you have.
///
/// A device that is created but not enrolled is deleted again. If there already is one with its
/// name, it is left from an earlier attempt or belongs to another user: you are asked what to do
/// with it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Enroll {
    #[command(flatten)]
    profile: ProfileWord,

    #[command(flatten)]
    new: NewDeviceOptions,

    /// Make it the profile's `mfa_serial`, even if it is not the first
    #[arg(long = "use")]
    is_used: bool,

    /// Don't sign in, which waits about 15 s until AWS accepts the device
    #[arg(long)]
    no_login: bool,

    /// Session length, 15m to 36h (for example 12h, 1h30m, 3600)
    ///
    /// [variable: AWSMFA_DURATION; otherwise 12h]
    #[arg(long, value_name = "TIME", conflicts_with = "no_login")]
    duration: Option<Lifetime>,

    /// The profile to write the session to
    ///
    /// [variable: AWSMFA_SESSION_PROFILE; otherwise the session profile you named, or the profile's
    /// name with `-mfa` added]
    #[arg(long, value_name = "NAME", conflicts_with = "no_login")]
    session_profile: Option<ProfileName>,

    #[command(flatten)]
    region: RegionOption,

    /// Never ask at the terminal; exit with 7 instead
    #[arg(long)]
    no_input: bool,

    /// Print the result as JSON, without secrets
    #[arg(long)]
    json: bool,
}

impl Enroll {
    fn wishes(&self) -> Wishes {
        let saving = if self.is_used {
            Saving::Use
        } else {
            Saving::Usual
        };
        self.new.wishes(saving, !self.no_login)
    }
}

/// Enrols the device, and says what came of it.
pub(crate) async fn run(command: Enroll, common: Common, context: Context) -> Result<()> {
    let wishes = command.wishes();
    let named = command.profile.or(common.profile)?;
    let options = SignInOptions::of_enrolment(
        command.duration,
        command.session_profile,
        command.region,
        command.no_input,
    );
    let mut request = options.request(named, context, MARGIN)?;
    request.unkept = Unkept::Refused;
    wishes.check(request.asking)?;
    let access = Access::open(request, context).await?;
    let enrolled = enroll(&access, &wishes, None).await?;
    if let Some(ready) = &enrolled.ready {
        ready::warn_of_environment(ready, context);
    }
    if command.json {
        return context.ui.data(&as_json(&enrolled, &access, context));
    }
    match &enrolled.ready {
        Some(ready) => ready::say(ready, context),
        None => context.ui.say(&format!(
            "AWS accepts it in about 15 s: then sign in with {}",
            access.user.command("login")
        )),
    }
    Ok(())
}

fn as_json(enrolled: &Enrolled, access: &Access, context: Context) -> String {
    let json = match &enrolled.ready {
        Some(ready) => ready::as_json(ready, context),
        None => {
            let made = Made {
                source: Some(access.user.profile.clone()),
                device: Some(enrolled.serial.clone()),
                account: Some(access.user.identity.account.clone()),
                ..Made::default()
            };
            let arn = access.user.identity.arn.as_str();
            SessionJson::new(None, &made, None, context.now())
                .with_device(&made)
                .with("state", State::Absent.name())
                .with("arn", arn)
                .with("renewed", false)
        }
    };
    let json = json.with("used_by_profile", enrolled.is_used);
    json.value().to_string()
}
