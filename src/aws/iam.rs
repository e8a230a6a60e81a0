//! Makes the calls to IAM. It never hands on an answer that is not whole.

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use crate::value::Serial;

impl Aws {
    /// The caller's MFA devices, all pages, in AWS's order. A serial that GetSessionToken would not
    /// take is left out.
    pub(crate) async fn list_mfa_devices(&self) -> Result<Vec<Serial>, Fault> {
        let mut devices = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let call = self.call("iam:ListMFADevices");
            let asking = self
                .iam()
                .list_mfa_devices()
                .set_marker(marker.clone())
                .customize()
                .watched_by(&call)
                .send();
            let (page, next) = call
                .answer(asking, |page| {
                    let serials = page.mfa_devices().iter().map(|it| it.serial_number());
                    let next = page.marker().filter(|_| page.is_truncated());
                    // A page that points to itself would be asked for again and again.
                    let goes_on = next.is_some() && next != marker.as_deref();
                    let is_whole =
                        !serials.clone().any(str::is_empty) && (goes_on || !page.is_truncated());
                    let serials = serials.filter_map(|serial| serial.parse().ok());
                    let page = (serials.collect::<Vec<Serial>>(), next.map(str::to_owned));
                    is_whole.then_some(page).ok_or(INCOMPLETE)
                })
                .await?;
            devices.extend(page);
            if next.is_none() {
                return Ok(devices);
            }
            marker = next;
        }
    }
}
