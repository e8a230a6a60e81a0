//! Knows where the system keeps its certificate authorities, and checks that it has any, which a small
//! container often lacks: without one, no server could be trusted, and the error would blame its
//! certificate. It reads no certificate.

#[cfg(all(unix, not(target_os = "macos")))]
use crate::exit::Failure;
use crate::exit::Result;
#[cfg(all(unix, not(target_os = "macos")))]
use openssl_probe::ProbeResult;
#[cfg(all(unix, not(target_os = "macos")))]
use std::path::{Path, PathBuf};
#[cfg(all(unix, not(target_os = "macos")))]
use std::sync::LazyLock;

/// What is in the places that OpenSSL's builds use on this system.
#[cfg(all(unix, not(target_os = "macos")))]
fn found() -> &'static ProbeResult {
    static FOUND: LazyLock<ProbeResult> = LazyLock::new(openssl_probe::probe);
    &FOUND
}

/// The system's one large file of certificates, if it has one.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn file() -> Option<&'static Path> {
    found().cert_file.as_deref()
}

/// The system's folders with a file for each certificate.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn folders() -> &'static [PathBuf] {
    &found().cert_dir
}

/// Fails if the system has neither a file of certificates nor a folder with some, before a code is asked
/// for. Empty files don't count, such as one that a container was built with before it had certificates.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn check() -> Result<()> {
    let found = found();
    // Links, most often; those that lead nowhere don't count.
    let has_content =
        |path: &Path| std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() > 0);
    let has_file = |folder: &PathBuf| {
        let mut entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.any(|it| has_content(&it.path()))
    };
    if found.cert_file.as_deref().is_some_and(has_content) || found.cert_dir.iter().any(has_file) {
        return Ok(());
    }
    Err(
        Failure::failed("this system has no certificate authorities, so AWS can't be trusted")
            .hint("install the package ca-certificates, or point SSL_CERT_FILE or AWS_CA_BUNDLE to a file of certificates"),
    )
}

/// The system keeps them itself.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn check() -> Result<()> {
    Ok(())
}
