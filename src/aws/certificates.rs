//! Finds and decodes certificates in PEM files. It does not parse them, and never says which are trusted.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::path::{Path, PathBuf};

/// The longest file of certificates that is read, in bytes; a system's own has 250,000.
pub(super) const LONGEST: u64 = 16 * 1024 * 1024;

/// Certificates, decoded but not parsed.
pub(super) type Certificates = Vec<CertificateDer<'static>>;

/// The certificates in `pem`, except damaged ones.
pub(super) fn decoded(pem: &[u8]) -> impl Iterator<Item = CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).flatten()
}

/// The files in `folder`; nothing else in it counts.
pub(super) fn plain_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| std::fs::metadata(path).is_ok_and(|about| about.is_file()))
}

/// `certificates`, sorted and without duplicates.
pub(super) fn without_duplicates(mut certificates: Certificates) -> Certificates {
    certificates.sort_unstable_by(|one, other| one.cmp(other));
    certificates.dedup();
    certificates
}
