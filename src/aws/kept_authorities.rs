//! Gets the certificate authorities of Windows or macOS, which keep them in a store of their own. It never
//! looks at files: `system_authorities` does that on the other systems, and has the same functions.

use super::certificates::Certificates;
use crate::exit::Result;
use rustls_pki_types::CertificateDer;
use std::borrow::Cow;

/// Always succeeds: these systems come with authorities.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a system may have none")]
pub(super) fn check() -> Result<()> {
    Ok(())
}

/// All of the system's authorities.
pub(super) fn at_hand() -> Certificates {
    rustls_native_certs::load_native_certs().certs
}

/// `at_hand`, which already holds all of them.
pub(super) fn all<'a>(
    at_hand: &'a [CertificateDer<'static>],
) -> Cow<'a, [CertificateDer<'static>]> {
    at_hand.into()
}
