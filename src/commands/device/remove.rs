//! Runs the command `device remove`: removes one of a user's MFA devices. It does not ask AWS itself.

use crate::commands::common::Common;
use crate::commands::output::device_json;
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::commands::unnamed;
use crate::devices::remove::{self, Order};
use crate::devices::which::DeviceWord;
use crate::exit::Result;
use crate::profile::choice::Purpose;
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa device remove                   your only device, or the one you choose
  awsmfa device remove old-phone -p dev  by its name, for the user of dev
  awsmfa device remove GAHT12345678 --yes --no-input";

/// Remove one of your MFA devices
///
/// AWS deactivates it, and deletes a virtual one. The lines of your AWS files that name it go; sessions
/// work until they end. AWS wants MFA for this: a session that is kept will do, otherwise you are asked
/// for a code. After a run that was cut short, run it again with the same name; with --yes, name a
/// device that is not called like you by its ARN: it may be another user's by then.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Remove {
    /// The device: its name, ARN or serial
    #[arg(value_name = "DEVICE")]
    word: Option<String>,

    /// Don't ask, not even before the last device goes
    #[arg(long, short)]
    yes: bool,

    /// Print a JSON object
    #[arg(long)]
    json: bool,

    #[command(
        flatten,
        next_help_heading = "Options of a sign-in, where one is needed"
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
    let remove_it = async |request| remove::remove(request, order.clone(), context).await;
    let removed = unnamed::named(request, Purpose::User, context, remove_it).await?;
    if !remove.json {
        return Ok(());
    }
    let mut json = device_json(&removed.device, removed.was_used);
    json["removed"] = true.into();
    json["deleted"] = removed.is_deleted.into();
    context.ui.data(&json.to_string())
}
