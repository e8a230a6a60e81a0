//! Owns the calls to IAM.

use anyhow::Result;
use chrono::{DateTime, Utc};

use super::client::{Aws, Watched};
use super::failure::{cut_short, fault, incomplete};

/// An MFA device of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// The serial: an ARN, or a hardware device's number.
    pub(crate) serial: String,
    /// When it was enabled.
    pub(crate) enabled_at: DateTime<Utc>,
    /// The user it belongs to.
    pub(crate) user_name: String,
}

impl Aws {
    /// The caller's MFA devices, all pages, in AWS's order.
    pub(crate) async fn list_mfa_devices(&self) -> Result<Vec<Device>> {
        let mut devices = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let call = self.call("iam:ListMFADevices");
            let page = self
                .iam()
                .list_mfa_devices()
                .set_marker(marker.clone())
                .customize()
                .watched_by(&call)
                .send()
                .await
                .map_err(|error| fault(&error, &call).into_failure())?;
            if let Some(failure) = cut_short(&call) {
                return Err(failure.into());
            }
            for device in page.mfa_devices() {
                let enabled = device.enable_date();
                let enabled_at = DateTime::from_timestamp(enabled.secs(), enabled.subsec_nanos());
                match enabled_at {
                    Some(enabled_at) if !device.serial_number().is_empty() => {
                        devices.push(Device {
                            serial: device.serial_number().to_owned(),
                            enabled_at,
                            user_name: device.user_name().to_owned(),
                        });
                    }
                    _ => return Err(incomplete(&call).into()),
                }
            }
            if !page.is_truncated() {
                return Ok(devices);
            }
            let next = page.marker().map(str::to_owned);
            // A page that points to itself would be asked for again and again.
            if next.is_none() || next == marker {
                return Err(incomplete(&call).into());
            }
            marker = next;
        }
    }
}
