//! Writes what commands print: what is known of a session as JSON, in one form for every command, and
//! rows in columns. It never shows a secret.

use crate::aws::MfaDevice;
use crate::value::{Made, ProfileName, expiry};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// The members that describe a session, in every command that prints JSON.
pub(super) struct SessionJson(Map<String, Value>);

impl SessionJson {
    /// What every command tells of the session in `profile`; a command adds members of its own.
    /// What is not known is null.
    pub(super) fn new(
        profile: Option<&ProfileName>,
        made: &Made,
        expiration: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        let remaining = |at| expiry::remaining(at, now).as_seconds();
        Self(Map::new())
            .with("profile", profile.map(ProfileName::as_str))
            .with(
                "source_profile",
                made.source.as_ref().map(ProfileName::as_str),
            )
            .with("expiration", expiration.map(expiry::format))
            .with("remaining_seconds", expiration.map(remaining))
            .with("managed", made.by_awsmfa)
    }

    /// Adds the device and the account.
    pub(super) fn with_device(self, made: &Made) -> Self {
        self.with(
            "mfa_serial",
            made.device.as_ref().map(|serial| serial.as_str()),
        )
        .with("account", made.account.as_deref())
    }

    /// Adds a member.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The object.
    pub(super) fn value(self) -> Value {
        json!(self.0)
    }
}

/// An MFA device, in every command that prints JSON of one; a command may add members of its own.
pub(super) fn device_json(device: &MfaDevice, is_used: bool) -> Value {
    json!({
        "mfa_serial": device.serial.as_str(),
        "kind": device.serial.kind().name(),
        "enabled": device.enabled.map(expiry::format),
        "for_sessions": !device.serial.is_fido(),
        "used_by_profile": is_used,
    })
}

/// Rows in columns, a line each. A column is as wide as its widest cell; nothing is cut. The cells are
/// fit to be shown.
pub(super) fn in_columns<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; N]| {
        let cells = row
            .iter()
            .zip(&widths)
            // Not by a width of the format, which takes 16 bits: a name may be longer.
            .map(|(cell, width)| cell.to_owned() + &" ".repeat(width - cell.chars().count()));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
