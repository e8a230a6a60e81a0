//! Runs the command `device remove`: removes one of a user's MFA devices. It does not ask AWS itself.

use crate::commands::common::Common;
use crate::commands::output::device_json;
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::devices::remove::{self, Order};
use crate::devices::which::DeviceWord;
use crate::exit::Result;
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa device remove                   your only device, or the one you choose
  awsmfa device remove old-phone -p dev  by its name, for the user of dev
  awsmfa device remove GAHT12345678 --yes --no-input";

/// Remove one of your MFA devices
///
/// AWS deactivates it, and deletes it if it is virtual. The lines that name it are removed from
/// your AWS files; sessions work until they end. AWS requires MFA for this: a saved session is
/// enough, otherwise you are asked for a code. If it is interrupted, run it again with the same
/// name; with --yes, give the ARN of a device whose name does not begin with yours: it may be
/// another user's by then.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Remove {
    /// The device: its name, ARN or serial
    #[arg(value_name = "DEVICE")]
    word: Option<String>,

    /// Don't ask, not even before removing the last device
    #[arg(long, short)]
    yes: bool,

    /// Print a JSON object
    #[arg(long)]
    json: bool,

    #[command(
        flatten,
        next_help_heading = "Options for signing in, if that is needed"
    )]
    sign_in: SignInOptions,
}

/// Removes the device.
pub(crate) async fn run(remove: Remove, common: Common, context: Context) -> Result<()> {
    let request = remove.sign_in.request(common.profile, context, MARGIN)?;
    let order = Order {
        word: remove.word.map(DeviceWord::new),
        yes: remove.yes,
    };
    let removed = remove::remove(request, order, context).await?;
    if !remove.json {
        return Ok(());
    }
    let mut json = device_json(&removed.device, removed.was_used);
    json["removed"] = true.into();
    json["deleted"] = removed.is_deleted.into();
    context.ui.data(&json.to_string())
}
