//! Parses the id of an access key that a person asks about, and reads the account that it holds.
//! What may be a secret is refused, and never shown.

use super::keys::{KeyKind, Keys, Part, Unfit, in_small_letters};
use std::str::FromStr;

/// The id of an access key, long-term or a session's, AWS's or that of what stands in for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessKeyId(String);

impl AccessKeyId {
    /// The id as AWS gave it out.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The number of the account that the key belongs to, where the id holds it.
    ///
    /// AWS does not document the form. Its ids are four letters for the kind and sixteen of base32,
    /// 80 bits. The first of these is set in ids of the newer form, whose fifth letter is therefore
    /// one of Q to Z and 2 to 7, and the forty behind it are the account. Ids of the older form, often
    /// with an I or a J there, are still in use, and nobody has found the account in them.
    ///
    /// Sources: Aidan Steele, <https://awsteele.com/blog/2020/09/26/aws-access-key-format.html> (tried
    /// with sts:GetAccessKeyInfo, which took any end behind the account's bits); Tal Be'ery,
    /// <https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489>; 3,000 ids by bit in
    /// <https://labs.withsecure.com/publications/a-bitwise-analysis-of-aws-access-key-identifiers.html>.
    pub(crate) fn account(&self) -> Option<String> {
        const LETTERS: usize = 16;
        const IS_NEWER: u32 = 79;
        const ACCOUNT: u32 = 39;
        const LARGEST: u128 = 999_999_999_999;
        let letters = match KeyKind::of(&self.0) {
            KeyKind::LongTerm | KeyKind::Session => self.0.as_bytes().get(4..)?,
            KeyKind::Unknown => return None,
        };
        if letters.len() != LETTERS {
            return None;
        }
        let bits = letters.iter().try_fold(0, |bits: u128, letter| {
            Some(bits << 5 | five_bits(*letter)?)
        })?;
        let account = (bits >> ACCOUNT) & ((1 << (IS_NEWER - ACCOUNT)) - 1);
        (bits >> IS_NEWER == 1 && account <= LARGEST).then(|| format!("{account:012}"))
    }
}

/// What a letter of base32 stands for (RFC 4648, section 6).
fn five_bits(letter: u8) -> Option<u128> {
    match letter {
        b'A'..=b'Z' => Some(u128::from(letter - b'A')),
        b'2'..=b'7' => Some(u128::from(letter - b'2') + 26),
        _ => None,
    }
}

impl FromStr for AccessKeyId {
    type Err = String;

    /// The id in `text`, without the white space at its ends.
    fn from_str(text: &str) -> Result<Self, String> {
        let of = |unfit: Unfit| unfit.describe(|part| format!("the {}", part.words()));
        let id = Keys::check(Part::Id, text).map_err(of)?;
        match in_small_letters(id) {
            Some(id) => Err(format!("an access key id is in capital letters: {id}")),
            None => Ok(Self(id.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(id: &str) -> Option<String> {
        id.parse::<AccessKeyId>().expect("an id").account()
    }

    #[test]
    fn ids_of_the_newer_form_hold_their_account() {
        for (id, expected) in [
            // Asked of AWS by Aidan Steele, the last two with letters changed.
            ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
            ("ASIAY34FZKBNKMUTVV7A", "609629065306"),
            ("ASIAY34FZKAOKMUTVV7A", "609629065244"),
            // The ends of the range, also his, for the smaller of two accounts and the greater.
            ("ASIAQAAAAAAAAAAAAAAA", "000000000000"),
            ("ASIA6RVFFB77AAAAAAAA", "999999999998"),
            ("ASIA6RVFFB77QAAAAAAA", "999999999999"),
            // From other people's programs that read ids.
            ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
            ("ASIAVJ2E6QGR2WZILJFM", "364679954851"),
            ("AKIASP2TPHJSQH3FJXYZ", "171436882533"),
        ] {
            assert_eq!(account(id).as_deref(), Some(expected), "{id}");
        }
        assert_eq!(
            account(" ASIAY34FZKBOKMUTVV7A\n").as_deref(),
            Some("609629065308")
        );
    }

    #[test]
    fn other_ids_hold_none() {
        for id in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAJAAAAAAAAAAAAAAA",
            "AKIAP777777777777777",
            // More than twelve digits.
            "AKIA7777777777777777",
            "ASIA6RVFFCAAAAAAAAAA",
            // Not base32.
            "ASIAY34FZKBOKMUTVV7_",
            "ASIAY34FZKBOKMUTVV71",
            "ASIAY34FZKBOKMUTVV78",
            // Shorter and longer than any that AWS has given out.
            "ASIAY34FZKBOKMUTVV7",
            "ASIAY34FZKBOKMUTVV7AA",
            "ASIA",
            // Not an access key, or not AWS's.
            "AIDAY34FZKBOKMUTVV7A",
            "LKIAQAAAAAAAGMKEM7X5",
            "test",
        ] {
            assert_eq!(account(id), None, "{id}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused_and_not_repeated() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        for text in [
            secret,
            &secret[..39],
            &secret.replace('/', "a")[..38],
            "\"AKIAIOSFODNN7EXAMPLE\"",
            "$AWS_ACCESS_KEY_ID",
            "AKIA IOSFODNN7EXAMPLE",
            "",
        ] {
            let why = text.parse::<AccessKeyId>().expect_err(text);
            assert!(why.starts_with("the access key id "), "{why}");
            assert!(text.is_empty() || !why.contains(text), "{why}");
        }
        let why = "akiaiosfodnn7example".parse::<AccessKeyId>();
        let said = "an access key id is in capital letters: AKIAIOSFODNN7EXAMPLE";
        assert_eq!(why, Err(said.to_owned()));
    }

    proptest! {
        #[test]
        fn whatever_account_an_id_was_made_of_is_read_from_it(
            number in 0..=999_999_999_999_u128,
            rest in 0..1_u128 << 39,
            kind in prop_oneof![Just("AKIA"), Just("ASIA")],
        ) {
            let bits = 1 << 79 | number << 39 | rest;
            let letters = (0..16).rev().map(|place| {
                let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (5 * place) & 31) as usize];
                char::from(letter)
            });
            let id: String = kind.chars().chain(letters).collect();
            prop_assert_eq!(account(&id), Some(format!("{number:012}")), "{}", id);
        }
    }
}
