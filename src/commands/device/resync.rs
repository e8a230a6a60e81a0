//! Runs the command `device resync`: has AWS take the codes of a device again. It does not ask AWS
//! itself.

use crate::commands::common::{Common, RegionOption};
use crate::commands::output::device_json;
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::devices::resync;
use crate::devices::which::DeviceWord;
use crate::exit::Result;
use crate::world::Context;
use clap::Args;

const EXAMPLES: &str = "\
Examples:
  awsmfa device resync                      the device of your profile
  awsmfa device resync GAHT12345678 -p dev  by its serial, for the user of dev
  awsmfa device resync --code-command 'ykman oath accounts code -s aws'";

/// Resynchronize a device whose clock is off
///
/// When a device's clock is off, AWS refuses all of its codes. Two codes in a row tell AWS how far
/// off it is. Your long-term keys may be enough for this; if a policy requires MFA for it, a
/// session is needed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Resync {
    /// The device: its name, ARN or serial; by default the profile's, or the only one
    #[arg(value_name = "DEVICE")]
    word: Option<String>,

    /// Run this command for the codes
    ///
    /// It is run again every second until it prints another code, for at most 35 s. A profile can
    /// set its own command with `mfa_process`.
    #[arg(long, value_name = "COMMAND")]
    code_command: Option<String>,

    #[command(flatten)]
    region: RegionOption,

    /// Never ask at the terminal; exit with 7 instead
    #[arg(long)]
    no_input: bool,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Resynchronises the device.
pub(crate) async fn run(resync: Resync, common: Common, context: Context) -> Result<()> {
    let options = SignInOptions::beside_codes(resync.code_command, resync.region, resync.no_input);
    let request = options.request(common.profile, context, MARGIN)?;
    let word = resync.word.map(DeviceWord::new);
    let done = resync::resync(request, word, context).await?;
    if !resync.json {
        return Ok(());
    }
    let mut json = device_json(&done.device, done.is_used);
    json["resynced"] = true.into();
    context.ui.data(&json.to_string())
}
