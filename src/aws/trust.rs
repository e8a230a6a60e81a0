//! Checks a server's certificate by the library's rules, but hands it only the authorities that the
//! server's chain names: to parse all of a system's costs more than the rest of the handshake. It accepts
//! and refuses exactly what the library does with all of them.

use super::authorities::Trusted;
use memchr::memmem::Finder;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use webpki::EndEntityCert;

/// More certificates than any honest server sends along.
const MANY: usize = 16;

/// What TLS connections need to know, for those that trust these authorities.
pub(super) fn client_config(trusted: &Arc<Trusted>) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let verifier = ByChain {
        trusted: Arc::clone(trusted),
        provider: Arc::clone(&provider),
    };
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring serves the default versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth()
}

/// Asks the library with the authorities that the chain names, then with all.
///
/// The library looks for a path from the server's certificate over those that the server sent along to
/// an authority, and an authority comes into question only if its subject is the issuer of one of them,
/// byte for byte. So those that are left out could not have ended a path.
#[derive(Debug)]
struct ByChain {
    trusted: Arc<Trusted>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for ByChain {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        sent_along: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |roots: RootCertStore| {
            // Without any authority the library builds no verifier.
            WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(&self.provider))
                .build()
                .map_err(|_| CertificateError::UnknownIssuer)?
                .verify_server_cert(server, sent_along, name, ocsp_response, now)
        };
        let chain = std::iter::once(server).chain(sent_along);
        let named = match sent_along.len() {
            // To look for the issuers of so many takes longer than to parse all authorities.
            MANY.. => Err(CertificateError::UnknownIssuer.into()),
            _ => verify(named_by(chain, self.trusted.at_hand())),
        };
        named
            // Not all authorities may be at hand; and whatever is refused, the reason is the library's.
            .or_else(|_| verify(parsable(&*self.trusted.all())))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        server: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, server, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        server: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, server, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// Those of `authorities` that contain the issuer of a certificate in `chain`, most likely as their
/// subject. One that only mentions it does no harm: it is trusted like the others.
fn named_by<'a>(
    chain: impl Iterator<Item = &'a CertificateDer<'a>>,
    authorities: &[CertificateDer<'_>],
) -> RootCertStore {
    let chain: Vec<_> = chain
        .filter_map(|it| EndEntityCert::try_from(it).ok())
        .collect();
    let issuers: Vec<_> = chain.iter().map(|it| Finder::new(it.issuer())).collect();
    let named = |it: &&CertificateDer<'_>| issuers.iter().any(|issuer| issuer.find(it).is_some());
    parsable(authorities.iter().filter(named))
}

/// The usable ones of `authorities`, in the same order.
fn parsable<'a>(authorities: impl IntoIterator<Item = &'a CertificateDer<'a>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // A copy of the reference, not of the certificate.
    let borrowed = authorities
        .into_iter()
        .map(|it| CertificateDer::from(it.as_ref()));
    roots.add_parsable_certificates(borrowed);
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, GeneralSubtree, IsCa, Issuer,
        KeyPair, NameConstraints, SigningKey, date_time_ymd,
    };
    use rustls::CertificateError as E;
    use std::sync::LazyLock;
    use std::time::Duration;

    const HOST: &str = "sts.test";

    type Authority = CertifiedIssuer<'static, KeyPair>;
    type Der = CertificateDer<'static>;

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    fn key() -> KeyPair {
        KeyPair::generate().unwrap()
    }

    fn authority(name: &str) -> Authority {
        CertifiedIssuer::self_signed(params(name), key()).unwrap()
    }

    /// An authority that `by` has certified.
    fn between(params: CertificateParams, by: &Authority) -> Authority {
        CertifiedIssuer::signed_by(params, key(), by).unwrap()
    }

    /// A server's certificate, made unusual by `change`.
    fn server_with(
        by: &Issuer<'_, impl SigningKey>,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Der {
        let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        change(&mut params);
        params.signed_by(&key(), by).unwrap().der().clone()
    }

    fn server(by: &Issuer<'_, impl SigningKey>) -> Der {
        server_with(by, |_| ())
    }

    fn expire(params: &mut CertificateParams) {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    }

    fn der(authority: &Authority) -> Der {
        authority.der().clone()
    }

    fn ask(verifier: &dyn ServerCertVerifier, chain: &[Der]) -> Result<(), Error> {
        let name = ServerName::try_from(HOST).unwrap();
        // In 2026.
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_780_000_000));
        let asked = verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], now);
        asked.map(|_| ())
    }

    fn by_chain(trusted: Trusted) -> ByChain {
        ByChain {
            trusted: Arc::new(trusted),
            provider: Arc::new(ring::default_provider()),
        }
    }

    /// Our answer, which is the library's after parsing all of `authorities`.
    fn answer(authorities: &[Der], chain: &[Der]) -> Result<(), Error> {
        let provider = Arc::new(ring::default_provider());
        let roots = Arc::new(parsable(authorities));
        let library = WebPkiServerVerifier::builder_with_provider(roots, provider);
        let expected = ask(&*library.build().unwrap(), chain);
        let ours = ask(&by_chain(Trusted::Named(authorities.to_vec())), chain);
        // Some errors don't equal themselves.
        assert_eq!(format!("{ours:?}"), format!("{expected:?}"));
        ours
    }

    fn refusal(authorities: &[Der], chain: &[Der]) -> CertificateError {
        match answer(authorities, chain) {
            Err(Error::InvalidCertificate(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_chain_is_accepted_in_any_order() {
        let (one, other) = (authority("one"), authority("other"));
        let first = between(params("first"), &one);
        let second = between(params("second"), &first);
        let trusted = [der(&other), der(&one)];
        assert_eq!(answer(&trusted, &[server(&one)]), Ok(()));
        let [end, second, first, root] = [server(&second), der(&second), der(&first), der(&one)];
        for chain in [
            vec![end.clone(), second.clone(), first.clone()],
            vec![end.clone(), first.clone(), second.clone()],
            vec![end.clone(), second.clone(), first, root],
        ] {
            assert_eq!(answer(&trusted, &chain), Ok(()));
        }
        // An authority need not have signed itself.
        assert_eq!(answer(&[der(&other), second], &[end]), Ok(()));
    }

    #[test]
    fn a_chain_without_a_trusted_end_is_refused() {
        let (one, other) = (authority("one"), authority("other"));
        let first = between(params("first"), &one);
        let chain = [server(&first), der(&first)];
        assert_eq!(refusal(&[der(&other)], &chain), E::UnknownIssuer);
        assert_eq!(refusal(&[der(&one)], &chain[..1]), E::UnknownIssuer);
        // An authority is trusted to sign, not to be a server.
        assert!(answer(&[der(&one)], &[der(&one)]).is_err());
        let none = by_chain(Trusted::Named(Vec::new()));
        assert_eq!(ask(&none, &chain), Err(E::UnknownIssuer.into()));
    }

    #[test]
    fn one_certificate_of_a_cross_signed_authority_is_enough() {
        let (old, new) = (authority("old"), authority("new"));
        let (params, key) = (params("between"), key());
        let end = server(&Issuer::from_params(&params, &key));
        let [by_old, by_new] =
            [&old, &new].map(|by| params.signed_by(&key, by).unwrap().der().clone());
        let both = [end.clone(), by_old.clone(), by_new];
        for trusted in [&old, &new] {
            assert_eq!(answer(&[der(trusted)], &both), Ok(()));
        }
        assert_eq!(answer(&[der(&old)], &[end.clone(), by_old.clone()]), Ok(()));
        assert_eq!(refusal(&[der(&new)], &[end, by_old]), E::UnknownIssuer);
    }

    #[test]
    fn of_authorities_with_one_subject_each_key_is_tried() {
        let (one, namesake) = (authority("one"), authority("one"));
        let chain = [server(&one)];
        for authorities in [[&one, &namesake], [&namesake, &one]] {
            assert_eq!(answer(&authorities.map(der), &chain), Ok(()));
        }
        assert_eq!(refusal(&[der(&namesake)], &chain), E::BadSignature);
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_told_as_the_library_does() {
        let one = authority("one");
        let mut late = params("late");
        expire(&mut late);
        let late = between(late, &one);
        let mut narrow = params("narrow");
        narrow.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("elsewhere.test".to_owned())],
            excluded_subtrees: Vec::new(),
        });
        let narrow = CertifiedIssuer::self_signed(narrow, key()).unwrap();
        let mut no_authority = params("no authority");
        no_authority.is_ca = IsCa::ExplicitNoCa;
        let no_authority = between(no_authority, &one);
        let elsewhere = CertificateParams::new(vec!["elsewhere.test".to_owned()]).unwrap();
        let elsewhere = elsewhere.signed_by(&key(), &one).unwrap().der().clone();
        for (what, chain) in [
            ("Expired", vec![server_with(&one, expire)]),
            ("Expired", vec![server(&late), der(&late)]),
            ("NotValidForName", vec![elsewhere]),
            ("NameConstraintViolation", vec![server(&narrow)]),
            (
                "CaUsedAsEndEntity",
                vec![der(&between(params("middle"), &one))],
            ),
            (
                "EndEntityUsedAsCa",
                vec![server(&no_authority), der(&no_authority)],
            ),
            ("BadEncoding", vec![Der::from(vec![1, 2, 3])]),
            ("BadEncoding", vec![server(&late), Der::from(vec![1, 2, 3])]),
        ] {
            let told = format!("{:?}", refusal(&[der(&one), der(&narrow)], &chain));
            assert!(told.contains(what), "{what}: {told}");
        }
    }

    #[test]
    fn what_is_not_a_certificate_is_passed_over() {
        let one = authority("one");
        let chain = [server(&one)];
        let whole = der(&one);
        let cut = Der::from(whole[..whole.len() - 1].to_vec());
        let junk = Der::from(b"junk".to_vec());
        let authorities = [junk.clone(), cut.clone(), whole, Der::from(Vec::new())];
        assert_eq!(answer(&authorities, &chain), Ok(()));
        let unusable = by_chain(Trusted::Named(vec![junk, cut]));
        assert_eq!(ask(&unusable, &chain), Err(E::UnknownIssuer.into()));
    }

    #[test]
    fn only_the_authorities_that_the_chain_names_are_parsed() {
        let others = ["two", "three", "four"].map(authority);
        let (one, first) = (authority("one"), authority("first"));
        let first_by_one = between(params("first"), &one);
        let authorities = [
            der(&others[0]),
            der(&first),
            der(&others[1]),
            der(&one),
            der(&others[2]),
        ];
        let named = |chain: &[Der]| named_by(chain.iter(), &authorities).len();
        assert_eq!(named(&[server(&one)]), 1);
        assert_eq!(named(&[server(&first_by_one), der(&first_by_one)]), 2);
        assert_eq!(named(&[server(&authority("five"))]), 0);
        assert_eq!(named(&[Der::from(b"junk".to_vec())]), 0);
    }

    #[test]
    fn if_the_systems_file_is_not_enough_all_of_the_system_is_asked() {
        // None of a system's trusts an authority that was made just now.
        let system = by_chain(Trusted::System(LazyLock::new(Vec::new)));
        let refused = ask(&system, &[server(&authority("one"))]);
        assert_eq!(refused, Err(E::UnknownIssuer.into()));
    }
}
