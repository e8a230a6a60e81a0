//! Runs the command `device replace`: puts a new MFA device in the place of an old one. The recipe is in
//! `devices/replace`; it never shows a secret that was not asked for.

use super::new_device::NewDeviceOptions;
use crate::commands::common::{Common, RegionOption};
use crate::commands::output::device_json;
use crate::commands::ready;
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::devices::enroll::Saving;
use crate::devices::replace::{self, Order};
use crate::devices::which::DeviceWord;
use crate::exit::Result;
use crate::signin::Unkept;
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa device replace                      for a new phone
  awsmfa device replace alice -p dev --lost  the old one is lost
  awsmfa device replace alice --new alice-2  the new one is already enrolled";

/// Replace an MFA device with a new one
///
/// Enrolls the new device, signs in with it, names it in your AWS files wherever the old one is
/// named, and only then removes the old one. If the old one is lost, a saved session or another
/// device is enough; without either you are told what an administrator has to do. If it is
/// interrupted, run it again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Replace {
    /// The old device: its name, ARN or serial
    #[arg(value_name = "DEVICE")]
    word: Option<String>,

    /// The same as DEVICE
    #[arg(long, value_name = "DEVICE", conflicts_with = "word")]
    old: Option<String>,

    /// A device of yours that replaces it; by default a new one is enrolled
    #[arg(
        long,
        value_name = "DEVICE",
        conflicts_with_all = ["lost", "name", "invert", "secret"]
    )]
    new: Option<String>,

    /// The old device is lost: don't ask for its codes
    ///
    /// Not with --new: then you sign in with that device, not with the old one.
    #[arg(long)]
    lost: bool,

    #[command(flatten)]
    enrolled: NewDeviceOptions,

    #[command(flatten)]
    region: RegionOption,

    /// Never ask at the terminal; exit with 7 instead
    #[arg(long)]
    no_input: bool,

    /// Print a JSON object, without secrets
    #[arg(long)]
    json: bool,
}

impl Replace {
    fn order(&self) -> Order {
        let device = |word: &Option<String>| word.as_deref().map(DeviceWord::new);
        Order {
            old: device(&self.word).or_else(|| device(&self.old)),
            new: device(&self.new),
            is_lost: self.lost,
            wishes: self.enrolled.wishes(Saving::Nothing, true),
        }
    }
}

/// Replaces the device, and says what session there is now.
pub(crate) async fn run(replace: Replace, common: Common, context: Context) -> Result<()> {
    let order = replace.order();
    let options = SignInOptions::beside_codes(None, replace.region, replace.no_input);
    let mut request = options.request(common.profile, context, MARGIN)?;
    request.unkept = Unkept::Refused;
    let done = replace::replace(request, order, context).await?;
    ready::warn_of_environment(&done.ready, context);
    if !replace.json {
        ready::say(&done.ready, context);
        return Ok(());
    }
    let mut json = device_json(&done.new, done.is_used);
    json["replaced"] = done.old.as_str().into();
    json["deleted"] = done.is_deleted.into();
    json["profile"] = done.ready.profile.as_str().into();
    context.ui.data(&json.to_string())
}
