//! Asks Windows or macOS for its certificate authorities, which it keeps in a store of its own. It never
//! looks at files; `system_authorities`, in whose place it is, does.

use super::certificates::Certificates;
use crate::exit::Result;
use rustls_pki_types::CertificateDer;
use std::borrow::Cow;

/// Always succeeds: the system never lacks them.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a system may have none")]
pub(super) fn check() -> Result<()> {
    Ok(())
}

/// All of the system's.
pub(super) fn at_hand() -> Certificates {
    rustls_native_certs::load_native_certs().certs
}

/// All, which are at hand.
pub(super) fn all<'a>(
    at_hand: &'a [CertificateDer<'static>],
) -> Cow<'a, [CertificateDer<'static>]> {
    at_hand.into()
}
