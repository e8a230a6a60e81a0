//! Creates the stand-in's certificate authority, and its certificate for 127.0.0.1.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A new authority's certificate as PEM, and an acceptor with a certificate signed by it.
pub(crate) fn authority() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names to get wrong");
    params
        .distinguished_name
        .push(DnType::CommonName, "AWS stand-in");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().expect("ring makes keys");
    let authority = CertifiedIssuer::self_signed(params, key).expect("the parameters are complete");

    let names = ["127.0.0.1", "localhost"].map(str::to_owned);
    let key = KeyPair::generate().expect("ring makes keys");
    let certificate = CertificateParams::new(names)
        .and_then(|params| params.signed_by(&key, &authority))
        .expect("the parameters are complete");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring serves the default versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .expect("the key belongs to the certificate");
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}
