//! Knows which certificate authorities are trusted: those that a setting or a variable names, which are
//! read and checked before a code is asked for, or else the system's, which are read when a server has
//! shown its certificate. It never decides whether that one is good.

use super::certificates::{Certificates, LONGEST, decoded, plain_files, without_duplicates};
use super::settings::{Authorities, CERT_FILE, CERT_FOLDERS, CaBundle, Settings};
use super::system_authorities;
use crate::exit::{Failure, Result};
use crate::text::io_message;
use crate::world::plain;
use memchr::memmem;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::borrow::Cow;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::LazyLock;
use webpki::anchor_from_trusted_cert;

/// The authorities that are trusted.
#[derive(Debug)]
pub(super) enum Trusted {
    /// Those that a setting or variables name.
    Named(Certificates),
    /// The system's: those of its one large file. Its folder, of a file for each, takes longer to read.
    System(LazyLock<Certificates>),
}

impl Trusted {
    /// Those that apply to `settings`. Fails if they name some that can't be used, or if the system, where
    /// they name none, has none.
    pub(super) fn read(settings: &Settings) -> Result<Self> {
        let Settings {
            ca_bundle,
            authorities,
            ..
        } = settings;
        match ca_bundle {
            Some(bundle) => of_bundle(bundle).map(Self::Named),
            None if authorities.are_named() => named(authorities).map(Self::Named),
            None => {
                system_authorities::check()?;
                Ok(Self::System(LazyLock::new(system_authorities::at_hand)))
            }
        }
    }

    /// Those that are known without much reading: all, or the system's most likely ones.
    pub(super) fn at_hand(&self) -> &[CertificateDer<'static>] {
        match self {
            Self::Named(named) => named,
            Self::System(at_hand) => at_hand,
        }
    }

    /// All.
    pub(super) fn all(&self) -> Cow<'_, [CertificateDer<'static>]> {
        match self {
            Self::Named(named) => named.into(),
            Self::System(at_hand) => system_authorities::all(at_hand),
        }
    }
}

/// Fails if the authorities that `settings` name can't be used, whatever is reached by TLS.
pub(crate) fn check(settings: &Settings) -> Result<()> {
    Trusted::read(settings).map(drop)
}

/// The certificates in `bundle`, after parsing each: a damaged one is reported, not passed over.
fn of_bundle(bundle: &CaBundle) -> Result<Certificates> {
    let shown = bundle.path.display();
    let named_by = &bundle.named_by;
    let hint = format!(
        "{named_by} points to this file; it must hold PEM certificates, each from BEGIN to END"
    );
    let unusable =
        |what: String| Failure::failed(format!("the CA bundle {shown} {what}")).hint(hint.clone());
    let pem =
        plain::read(&bundle.path, LONGEST).map_err(|error| unusable(cannot_be_read(&error)))?;
    // Windows editors begin a file with it.
    let pem = pem.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&pem);
    let mut certificates = Vec::new();
    for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let number = index + 1;
        let certificate = certificate
            .map_err(|_| unusable(format!("is cut off or damaged at certificate {number}")))?;
        if !is_usable(&certificate) {
            return Err(unusable(format!(
                "holds an unusable certificate (number {number})"
            )));
        }
        certificates.push(certificate);
    }
    match begun(pem) {
        0 => Err(unusable("holds no certificates".to_owned())),
        begun if begun > certificates.len() => Err(unusable(format!(
            "has {begun} certificates, of which only {} can be read: each must begin with -----BEGIN CERTIFICATE----- on a line of its own",
            certificates.len()
        ))),
        _ => Ok(certificates),
    }
}

/// The certificates that the variables name, read as `rustls_native_certs` does. Fails if they name
/// something endless, or nothing usable, which would leave AWS without a trusted authority.
fn named(authorities: &Authorities) -> Result<Certificates> {
    let Authorities { file, folders } = authorities;
    let mut certificates = Vec::new();
    if let Some(path) = file {
        let failed = |error| unusable(CERT_FILE, path, &cannot_be_read(&error));
        let is_alone = folders.is_none();
        match plain::read(path, LONGEST) {
            Ok(pem) => certificates.extend(decoded(&pem)),
            // It is skipped if there is something else to read.
            Err(error) if is_passed_over(&error) && !is_alone => {}
            Err(error) => return Err(failed(error)),
        }
    }
    for folder in std::env::split_paths(folders.as_deref().unwrap_or_default()) {
        for path in plain_files(&folder) {
            match plain::read(&path, LONGEST) {
                Ok(pem) => certificates.extend(decoded(&pem)),
                Err(error) if is_passed_over(&error) => {}
                Err(error) => {
                    return Err(unusable(CERT_FOLDERS, &path, &cannot_be_read(&error)));
                }
            }
        }
    }
    if certificates.iter().any(is_usable) {
        return Ok(without_duplicates(certificates));
    }
    let (variable, path) = match (file, folders) {
        (Some(path), _) => (CERT_FILE, path.as_path()),
        (None, folders) => (
            CERT_FOLDERS,
            Path::new(folders.as_deref().unwrap_or_default()),
        ),
    };
    Err(unusable(variable, path, "holds no usable certificates"))
}

/// How many certificates begin in `pem`, also those that the reader of PEM passes over because they don't
/// begin on a line of their own or are of a kind of OpenSSL's own. Those in comments don't count.
fn begun(pem: &[u8]) -> usize {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let lines = pem.split(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = lines.filter(|line| !line.trim_ascii_start().starts_with(b"#"));
    let in_line = |line: &[u8]| {
        let labels = memmem::find_iter(line, BEGIN).map(|at| &line[at + BEGIN.len()..]);
        let labels = labels.filter(|label| {
            let end = memmem::find(label, b"-----");
            end.is_some_and(|end| label[..end].ends_with(b"CERTIFICATE"))
        });
        labels.count()
    };
    lines.map(in_line).sum()
}

fn is_usable(certificate: &CertificateDer<'_>) -> bool {
    anchor_from_trusted_cert(certificate).is_ok()
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
