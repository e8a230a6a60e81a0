//! Reads and checks the certificates of the authorities that a setting or a variable names, before a
//! code is asked for. It never reads the system's own, which apply if none are named.

use super::settings::{Authorities, CERT_FILE, CERT_FOLDERS, CaBundle, Settings};
use super::system_authorities;
use crate::exit::{Failure, Result};
use crate::text::io_message;
use crate::world::plain;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The longest file of certificates that is read, in bytes; a system's own has 250,000.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Fails if the authorities that `settings` name can't be used, whatever is reached by TLS.
pub(crate) fn check(settings: &Settings) -> Result<()> {
    match &settings.ca_bundle {
        Some(bundle) => of_bundle(bundle).map(drop),
        None => check_named(&settings.authorities),
    }
}

/// The bundle's bytes, after parsing every certificate in it as the SDK will, which panics on one that
/// it can't use.
pub(super) fn of_bundle(bundle: &CaBundle) -> Result<Vec<u8>> {
    let shown = bundle.path.display();
    let named_by = &bundle.named_by;
    let hint = format!(
        "{named_by} points to this file; it must hold PEM certificates, each from BEGIN to END"
    );
    let unusable =
        |what: String| Failure::failed(format!("the CA bundle {shown} {what}")).hint(hint.clone());
    let pem =
        plain::read(&bundle.path, LONGEST).map_err(|error| unusable(cannot_be_read(&error)))?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let number = index + 1;
        let certificate = certificate
            .map_err(|_| unusable(format!("is cut off or damaged at certificate {number}")))?;
        roots
            .add(certificate)
            .map_err(|_| unusable(format!("holds an unusable certificate (number {number})")))?;
    }
    if roots.is_empty() {
        return Err(unusable("holds no certificates".to_owned()));
    }
    Ok(pem)
}

/// Fails if the variables name something endless, or something without a certificate: the library that
/// reads it would wait for ever, or leave AWS without a trusted authority. Without a variable nothing is
/// read, but the system must have some.
pub(super) fn check_named(authorities: &Authorities) -> Result<()> {
    if !authorities.are_named() {
        return system_authorities::check();
    }
    let Authorities { file, folders } = authorities;
    let mut roots = RootCertStore::empty();
    if let Some(path) = file {
        let failed = |error| unusable(CERT_FILE, path, &cannot_be_read(&error));
        let is_alone = folders.is_none();
        match plain::read(path, LONGEST) {
            Ok(pem) => add(&mut roots, &pem),
            // The library skips it if there is something else to read.
            Err(error) if is_passed_over(&error) && !is_alone => {}
            Err(error) => return Err(failed(error)),
        }
    }
    for folder in std::env::split_paths(folders.as_deref().unwrap_or_default()) {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // The library reads only plain files there.
            if !std::fs::metadata(&path).is_ok_and(|about| about.is_file()) {
                continue;
            }
            match plain::read(&path, LONGEST) {
                Ok(pem) => add(&mut roots, &pem),
                Err(error) if is_passed_over(&error) => {}
                Err(error) => {
                    return Err(unusable(CERT_FOLDERS, &path, &cannot_be_read(&error)));
                }
            }
        }
    }
    match (file, folders) {
        (Some(path), _) if roots.is_empty() => {
            Err(unusable(CERT_FILE, path, "holds no usable certificates"))
        }
        (None, Some(folders)) if roots.is_empty() => Err(unusable(
            CERT_FOLDERS,
            Path::new(folders),
            "holds no usable certificates",
        )),
        _ => Ok(()),
    }
}

/// Adds the usable certificates of `pem`.
fn add(roots: &mut RootCertStore, pem: &[u8]) {
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten());
}

/// Whether the library fails on such a file at once and continues with the next.
fn is_passed_over(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::IsADirectory
    )
}

fn cannot_be_read(error: &io::Error) -> String {
    format!("can't be read: {}", io_message(error))
}

fn unusable(variable: &str, path: &Path, what: &str) -> Failure {
    let named = match path.as_os_str().is_empty() {
        true => format!("{variable} is set but empty"),
        false => format!("{} (from {variable}) {what}", path.display()),
    };
    Failure::failed(named).hint(format!(
        "unset {variable} to trust the system's certificate authorities, or point it to PEM certificates"
    ))
}
