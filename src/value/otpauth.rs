//! Presents a virtual device to an authenticator app: its seed, and `otpauth` URIs with longer and
//! shorter labels. It never shows a seed except through `expose`.
//!
//! Format: <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>. SHA-1, six digits and
//! 30 seconds are what AWS uses and what every app assumes if the URI does not say.

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The secret from which a virtual device computes its codes, in Base32 as AWS sends it.
#[derive(Clone, Debug)]
pub(crate) struct Seed(SecretString);

/// A seed as an app imports it, from a picture or a link.
#[derive(Clone, Debug)]
pub(crate) struct Uri(SecretString);

/// The names that a label can contain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// The device's own name: the last part of its ARN.
    pub(crate) device: &'a str,
    /// The user whose device it is.
    pub(crate) user: &'a str,
    /// The account's number or alias.
    pub(crate) account: &'a str,
}

impl Seed {
    /// The seed in AWS's answer. `None` if it is not Base32, which no app would accept.
    pub(crate) fn parse(answer: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(answer).ok()?;
        // URIs carry no padding.
        let text = text.trim_end_matches('=');
        let is_base32 = |byte: u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
        (!text.is_empty() && text.bytes().all(is_base32)).then(|| Self(SecretString::from(text)))
    }

    /// The seed, for typing into an app.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Uri {
    /// The seed with each label, from the longest to the shortest: as in AWS's own pictures; the issuer
    /// and the user; only the device's name.
    pub(crate) fn all(seed: &Seed, names: Names<'_>) -> [Self; 3] {
        let [device, user, account] = [names.device, names.user, names.account].map(encode);
        let (long, short) = ("Amazon%20Web%20Services", "AWS");
        [
            Self::new(
                seed,
                &[long, ":", &device, "@", &account],
                &["&issuer=", long],
            ),
            Self::new(
                seed,
                &[short, ":", &user, "@", &account],
                &["&issuer=", short],
            ),
            Self::new(seed, &[&device], &[]),
        ]
    }

    /// The URI itself.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    fn new(seed: &Seed, label: &[&str], issuer: &[&str]) -> Self {
        let parts = [
            &["otpauth://totp/"],
            label,
            &["?secret=", seed.expose()],
            issuer,
        ];
        // Built in one allocation: text that grows leaves copies of the seed behind.
        let text = Zeroizing::new(parts.concat().concat());
        Self(SecretString::from(text.as_str()))
    }
}

/// `name` encoded for the label of a URI.
///
/// A path may contain `+`, but apps that parse it like a query show a space.
fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'@' | b'=' | b',' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uris(device: &str, user: &str, account: &str) -> [String; 3] {
        let seed = Seed::parse(b"JBSWY3DPEHPK3PXP").expect("a seed");
        let names = Names {
            device,
            user,
            account,
        };
        Uri::all(&seed, names).map(|uri| uri.expose().to_owned())
    }

    #[test]
    fn each_label_is_shorter_than_the_previous_one() {
        assert_eq!(
            uris("alice-2", "alice", "123456789012"),
            [
                "otpauth://totp/Amazon%20Web%20Services:alice-2@123456789012?secret=JBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services",
                "otpauth://totp/AWS:alice@123456789012?secret=JBSWY3DPEHPK3PXP&issuer=AWS",
                "otpauth://totp/alice-2?secret=JBSWY3DPEHPK3PXP",
            ]
        );
    }

    #[test]
    fn a_name_is_encoded_if_an_app_would_misread_it() {
        let [long, short, bare] = uris("a+b c", "j.d_o-e=x,y@example.com", "my-alias");
        assert!(long.contains("Services:a%2Bb%20c@my-alias?"), "{long}");
        assert!(
            short.contains("AWS:j.d_o-e=x,y@example.com@my-alias?"),
            "{short}"
        );
        assert!(bare.contains("totp/a%2Bb%20c?"), "{bare}");
        assert!(uris("é&?#%/:", "u", "1")[2].contains("totp/%C3%A9%26%3F%23%25%2F%3A?"));
    }

    #[test]
    fn padding_is_dropped_and_anything_but_base32_is_refused() {
        assert_eq!(Seed::parse(b"MFRGG===").expect("a seed").expose(), "MFRGG");
        for odd in [
            &b""[..],
            b"====",
            b"abc",
            b"A1",
            b"AB CD",
            b"AB\n",
            b"\xff",
            b"A=B",
        ] {
            assert!(Seed::parse(odd).is_none(), "{odd:?}");
        }
    }

    #[test]
    fn debug_output_shows_no_seed() {
        let seed = Seed::parse(b"HUSHHUSH").expect("a seed");
        let names = Names {
            device: "d",
            user: "u",
            account: "a",
        };
        let shown = format!("{seed:?} {:#?}", Uri::all(&seed, names));
        assert!(!shown.contains("HUSH"), "{shown}");
    }
}
