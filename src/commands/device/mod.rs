//! Runs the commands `device …`, one file each. None of them imports another; `new_device`
//! has the options that two of them share.

mod enroll;
mod list;
mod new_device;
mod remove;
mod replace;
mod resync;

use super::common::Common;
use crate::exit::Result;
use crate::world::Context;
use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  awsmfa device list dev        the devices of the user whose keys dev has
  awsmfa device enroll dev      a new one: shows a QR code, takes two codes
  awsmfa device replace -p dev  for a new phone
  awsmfa device resync -p dev   if AWS refuses all of its codes";

/// Manage your MFA devices
///
/// They belong to the IAM user whose long-term keys the profile holds, or begins with.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Device {
    #[command(subcommand)]
    command: DeviceCommand,
}

/// What is to be done with the devices.
#[derive(Debug, Subcommand)]
enum DeviceCommand {
    List(list::List),
    Enroll(Box<enroll::Enroll>),
    Remove(remove::Remove),
    Replace(Box<replace::Replace>),
    Resync(resync::Resync),
}

/// Runs the command that was named.
pub(crate) async fn run(device: Device, common: Common, context: Context) -> Result<()> {
    match device.command {
        DeviceCommand::List(list) => list::run(list, common, context).await,
        DeviceCommand::Enroll(enroll) => enroll::run(*enroll, common, context).await,
        DeviceCommand::Remove(remove) => remove::run(remove, common, context).await,
        DeviceCommand::Replace(replace) => replace::run(*replace, common, context).await,
        DeviceCommand::Resync(resync) => resync::run(resync, common, context).await,
    }
}
