//! Runs the command `device list`: shows a user's MFA devices. It writes nothing.

use crate::access::Access;
use crate::aws::MfaDevice;
use crate::commands::common::{Common, ProfileWord, RegionOption};
use crate::commands::output::{Cell, device_json, in_columns};
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::exit::Result;
use crate::profile::{device as profile_device, setting};
use crate::value::Serial;
use crate::world::Context;
use clap::Args;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  awsmfa device list dev          the devices of the user whose keys dev has
  awsmfa device list dev --json   the same for a program";

/// List your MFA devices
///
/// Shows the serial of each, what kind of device it is, since when it is yours, whether the profile
/// names it (`mfa_serial`), and whether it can be used for sessions: passkeys and FIDO keys can't.
/// Asks for no code.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    profile: ProfileWord,

    #[command(flatten)]
    region: RegionOption,

    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// A device as it is shown.
struct Row {
    device: MfaDevice,
    /// Whether the profile names it.
    is_used: bool,
}

/// Asks AWS for the devices and shows them.
pub(crate) async fn run(list: List, common: Common, context: Context) -> Result<()> {
    let named = list.profile.or(common.profile)?;
    let request = SignInOptions::in_region(list.region).request(named, context, MARGIN)?;
    let access = Access::open(request, context).await?;
    let devices = access.devices().await?;
    let profile = &access.user.profile;
    let profiles = access.contents.profiles();
    // The list is what helps where the setting can't be meant.
    let used = profile_device::named(profiles, profile, setting::MFA_SERIAL);
    let used = used.unwrap_or_else(|failure| {
        context.ui.warn(&failure.to_string());
        None
    });
    let is_used = |serial: &Serial| used.as_ref() == Some(serial);
    let rows = devices.into_iter().map(|device| Row {
        is_used: is_used(&device.serial),
        device,
    });
    let rows: Vec<Row> = rows.collect();
    if let Some(used) = used.filter(|_| !rows.iter().any(|row| row.is_used)) {
        context.ui.warn(&format!(
            "mfa_serial of profile {profile} is {used}, which is not a device of {}",
            access.user.name
        ));
    }
    if list.json {
        let rows = rows.iter();
        let rows = rows.map(|row| device_json(&row.device, row.is_used));
        let rows = rows.collect::<Vec<_>>();
        return context.ui.data(&json!(rows).to_string());
    }
    if rows.is_empty() {
        context.ui.say(&format!(
            "the user {} of account {} has no MFA device; enroll one with {}",
            access.user.name,
            access.user.identity.account,
            access.user.command("device enroll")
        ));
        return Ok(());
    }
    context.ui.styled(&as_table(&rows, context))
}

/// The columns that go first where the terminal is narrow: since when, and what kind of device.
const EXPENDABLE: [usize; 2] = [2, 1];

fn as_table(rows: &[Row], context: Context) -> String {
    let titles = ["SERIAL", "KIND", "SINCE", "FOR SESSIONS", "PROFILE"];
    let yes_or_no = |it: bool| if it { "yes" } else { "no" }.to_owned();
    let lines = rows.iter().map(|Row { device, is_used }| {
        let since = device.enabled.map(|at| context.local_time(at));
        [
            device.serial.to_string(),
            device.serial.kind().name().to_owned(),
            since.unwrap_or_default(),
            yes_or_no(!device.serial.is_fido()),
            if *is_used { "mfa_serial" } else { "" }.to_owned(),
        ]
    });
    let lines: Vec<_> = lines.map(|line| line.map(Cell::from)).collect();
    in_columns(titles, &lines, &EXPENDABLE, context.ui.columns())
}
