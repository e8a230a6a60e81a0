//! Knows where the system keeps its certificate authorities, reads them, and checks that there are any,
//! which a small container often lacks: without any, no server could be trusted, and the error would blame
//! its certificate. It never parses them. Windows and macOS have `kept_authorities` in its place.

use super::certificates::{Certificates, LONGEST, decoded, plain_files, without_duplicates};
use crate::exit::{Failure, Result};
use crate::world::plain;
use openssl_probe::ProbeResult;
use rustls_pki_types::CertificateDer;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What is in the places that OpenSSL's builds use on this system.
static FOUND: LazyLock<ProbeResult> = LazyLock::new(openssl_probe::probe);

/// Fails if the system has neither a file of certificates nor a folder with some, before a code is asked
/// for. Empty files don't count; a container image may have them.
pub(super) fn check() -> Result<()> {
    let has_file = |folder: &PathBuf| plain_files(folder).any(|it| has_content(&it));
    let file = FOUND.cert_file.as_deref();
    if file.is_some_and(has_content) || FOUND.cert_dir.iter().any(has_file) {
        return Ok(());
    }
    let what = match file {
        Some(file) => format!(
            "this system's file of certificate authorities, {}, holds none, so AWS can't be trusted",
            file.display()
        ),
        None => "this system has no certificate authorities, so AWS can't be trusted".to_owned(),
    };
    Err(Failure::failed(what).hint(
        "install the package ca-certificates, or point SSL_CERT_FILE or AWS_CA_BUNDLE to a file of certificates",
    ))
}

/// Whether `path` leads to a file with something in it. Some file systems give every length as 0.
fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| {
        let is_read = || plain::read(path, LONGEST).is_ok_and(|text| !text.is_empty());
        about.is_file() && (about.len() > 0 || is_read())
    })
}

/// Those in the system's one large file; none if it has no such file.
pub(super) fn at_hand() -> Certificates {
    let pem = FOUND.cert_file.as_ref();
    let pem = pem.and_then(|file| plain::read(file, LONGEST).ok());
    decoded(&pem.unwrap_or_default()).collect()
}

/// `at_hand`, which are those of the system's file, and those in its folders, which have a file for each.
/// What can't be read is passed over.
pub(super) fn all(at_hand: &[CertificateDer<'static>]) -> Cow<'static, [CertificateDer<'static>]> {
    let mut certificates = at_hand.to_vec();
    for path in FOUND.cert_dir.iter().flat_map(|it| plain_files(it)) {
        if let Ok(pem) = plain::read(&path, LONGEST) {
            certificates.extend(decoded(&pem));
        }
    }
    without_duplicates(certificates).into()
}
