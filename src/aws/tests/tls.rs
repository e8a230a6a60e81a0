//! Tests trust: CA bundles, refused certificates, failed handshakes.
#![expect(clippy::disallowed_methods, reason = "the files are a test's own")]

use super::*;
use crate::exit::Exit;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    date_time_ymd,
};
use std::path::{Path, PathBuf};

/// A certificate authority, with its certificate in a file.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    pub(super) fn bundle(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server's configuration with a certificate for `name`.
    pub(super) fn server(&self, name: &str, expired: bool) -> Arc<rustls::ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        showing(&params.signed_by(&key, &self.issuer).unwrap(), &key)
    }
}

/// The configuration of a server that shows `certificate`.
fn showing(certificate: &Certificate, key: &KeyPair) -> Arc<rustls::ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls_pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    Arc::new(config)
}

fn trusting(bundle: &Path, port: u16) -> crate::exit::Result<Aws> {
    let url = format!("https://127.0.0.1:{port}");
    let bundle = bundle.to_str().unwrap();
    Aws::new(
        &settings(&[("AWS_ENDPOINT_URL", &url), ("AWS_CA_BUNDLE", bundle)]),
        &keys(),
    )
}

/// The failure for an untrusted server, after one connection.
fn untrusted(server: &Server, bundle: &Path) -> Failure {
    let error = get_session_token(&trusting(bundle, server.port).unwrap()).unwrap_err();
    assert_eq!(server.connections(), 1, "a refused certificate stays so");
    assert_eq!(server.requests(), 0);
    match error {
        Fault::NotSent(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_of_the_bundles_authority_is_trusted_and_its_connection_kept() {
    let authority = Authority::new("one");
    let server = Server::start_with(
        Some(authority.server("127.0.0.1", false)),
        [identity(), issue()],
    );
    let aws = trusting(&authority.bundle(), server.port).unwrap();
    let issued = block_on(async {
        aws.get_caller_identity().await.unwrap();
        ask_for_session(&aws).await
    })
    .unwrap();
    assert!(issued.is_ok(), "{issued:?}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_certificate_of_another_authority_points_to_the_ca_bundle() {
    let server = Server::start_with(
        Some(Authority::new("one").server("127.0.0.1", false)),
        [issue()],
    );
    let failure = untrusted(&server, &Authority::new("one").bundle());
    assert!(
        failure.message.contains("is not from a trusted authority"),
        "{}",
        failure.message
    );
    let hint = failure.hint.unwrap();
    assert!(
        hint.contains("AWS_CA_BUNDLE names the authorities that are trusted")
            && hint.contains("ca.pem"),
        "{hint}"
    );
}

/// `openssl req -x509` makes such certificates.
#[test]
fn a_server_with_the_certificate_of_an_authority_is_told_so() {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("own.pem");
    std::fs::write(&bundle, certificate.pem()).unwrap();
    let server = Server::start_with(Some(showing(&certificate, &key)), [issue()]);
    let failure = untrusted(&server, &bundle);
    let told =
        "its certificate can't be used: it is the certificate of an authority, not of a server";
    assert!(failure.message.contains(told), "{}", failure.message);
    assert!(!failure.hint.unwrap().contains("AWS_CA_BUNDLE"));
}

#[test]
fn a_server_that_refuses_the_handshake_is_not_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut hello = [0; 5];
            stream.read_exact(&mut hello).unwrap();
            let length = u16::from_be_bytes([hello[3], hello[4]]);
            stream.read_exact(&mut vec![0; length.into()]).unwrap();
            // A fatal alert: handshake_failure.
            stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).unwrap();
        }
    });
    let aws = trusting(&Authority::new("one").bundle(), port).unwrap();
    let error = get_session_token(&aws).unwrap_err();
    let Fault::NotSent(failure) = error else {
        panic!("{error:?}")
    };
    let told = "it refused the TLS handshake (HandshakeFailure)";
    assert!(failure.message.contains(told), "{}", failure.message);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_bundle_with_a_mark_of_its_encoding_or_a_comment_is_read_whole() {
    let authority = Authority::new("one");
    let whole = std::fs::read_to_string(authority.bundle()).unwrap();
    for text in [
        format!("\u{feff}{whole}"),
        format!("# -----BEGIN CERTIFICATE-----\n{whole}"),
    ] {
        let server = Server::start_with(Some(authority.server("127.0.0.1", false)), [issue()]);
        std::fs::write(authority.bundle(), text).unwrap();
        let aws = trusting(&authority.bundle(), server.port).unwrap();
        assert!(get_session_token(&aws).is_ok());
    }
}

#[test]
fn a_certificate_for_another_name_is_reported_as_such() {
    let authority = Authority::new("one");
    let server = Server::start_with(
        Some(authority.server("elsewhere.invalid", false)),
        [issue()],
    );
    let failure = untrusted(&server, &authority.bundle());
    assert!(
        failure.message.contains("for another name"),
        "{}",
        failure.message
    );
}

#[test]
fn an_expired_certificate_points_to_the_clock() {
    let authority = Authority::new("one");
    let server = Server::start_with(Some(authority.server("127.0.0.1", true)), [issue()]);
    let failure = untrusted(&server, &authority.bundle());
    assert!(
        failure.message.contains("has expired or is not valid yet"),
        "{}",
        failure.message
    );
}

#[test]
fn a_server_that_speaks_no_tls_leaves_the_code_good() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.read_exact(&mut [0; 5]).unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .unwrap();
        }
    });
    let aws = trusting(&Authority::new("one").bundle(), port).unwrap();
    let error = get_session_token(&aws).unwrap_err();
    let Fault::NotSent(failure) = error else {
        panic!("{error:?}")
    };
    assert!(
        failure.message.contains("the TLS handshake failed"),
        "{}",
        failure.message
    );
}

#[test]
fn a_server_that_never_answers_the_handshake_leaves_the_code_good() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // One attempt runs into the limit on connecting. Nine do not fit into the call's time, so they run
    // into that limit.
    for attempts in ["1", "9"] {
        let url = format!("https://127.0.0.1:{port}");
        let bundle = Authority::new("one");
        let mut settings = settings(&[
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_CA_BUNDLE", bundle.bundle().to_str().unwrap()),
            ("AWS_MAX_ATTEMPTS", attempts),
        ]);
        settings.timeouts.connect = Duration::from_millis(400);
        let aws = Aws::new(&settings, &keys()).unwrap();
        let error = get_session_token(&aws).unwrap_err();
        let Fault::NotSent(failure) = error else {
            panic!("{error:?}")
        };
        assert!(
            failure.message.contains("no connection within")
                || failure.message.contains("the connection timed out"),
            "{}",
            failure.message
        );
    }
}

#[test]
fn a_bundle_that_cannot_be_used_is_refused_before_the_sdk_sees_it() {
    let authority = Authority::new("one");
    let whole = std::fs::read_to_string(authority.bundle()).unwrap();
    let half = &whole[..whole.len() / 2];
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let damaged = whole.replacen("MII", "M!I", 1);
    for (fault, text, expected) in [
        (
            "cut",
            half.to_owned(),
            "is cut off or damaged at certificate 1",
        ),
        (
            "second cut",
            format!("{whole}{half}"),
            "is cut off or damaged at certificate 2",
        ),
        (
            "no certificate",
            "just text\n".to_owned(),
            "holds no certificates",
        ),
        ("empty", String::new(), "holds no certificates"),
        (
            "not DER",
            format!("{whole}{garbage}"),
            "holds an unusable certificate (number 2)",
        ),
        ("damaged", damaged, "is cut off or damaged at certificate 1"),
        (
            "run together",
            format!("{}{whole}", whole.trim_end()),
            "can be read: each must begin with -----BEGIN CERTIFICATE----- on a line of its own",
        ),
        (
            "of OpenSSL's own kind",
            whole.clone() + &whole.replace(" CERTIFICATE", " TRUSTED CERTIFICATE"),
            "has 2 certificates, of which only 1 can be read",
        ),
    ] {
        let file = authority.folder.path().join("bundle.pem");
        std::fs::write(&file, text).unwrap();
        let failure = trusting(&file, 1).map(|_| ()).unwrap_err();
        assert!(
            failure.message.contains(expected),
            "{fault}: {}",
            failure.message
        );
        assert!(failure.message.contains("bundle.pem"), "{fault}");
        assert!(
            failure.hint.as_ref().unwrap().contains("AWS_CA_BUNDLE"),
            "{fault}"
        );
        assert_eq!(failure.exit, Exit::Failed);
    }
    let error = trusting(&authority.folder.path().join("none.pem"), 1)
        .map(|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("can't be read"), "{error}");
}

#[test]
fn a_bundle_is_not_read_when_every_endpoint_is_plain() {
    let settings = settings(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_CA_BUNDLE", "/nowhere/ca.pem"),
    ]);
    assert!(Aws::new(&settings, &keys()).is_ok());
}
