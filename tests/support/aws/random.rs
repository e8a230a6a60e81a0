//! Makes up the stand-in's keys, tokens and request ids. They look like AWS's and differ in each run, so
//! that a secret found in an output is a leak and not a coincidence.

use std::hash::{BuildHasher, RandomState};

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8] = b"0123456789abcdef";

fn text(alphabet: &[u8], length: usize) -> String {
    (0..length)
        .map(|place| {
            let draw = RandomState::new().hash_one(place);
            let index = draw % alphabet.len() as u64;
            char::from(alphabet[index as usize])
        })
        .collect()
}

/// An identifier such as `AIDA…` or `AROA…`: `prefix` and sixteen letters and digits.
pub(crate) fn identifier(prefix: &str) -> String {
    format!("{prefix}{}", text(UPPER, 16))
}

/// The id of an access key, `AKIA…` or `ASIA…`. Like AWS's, it contains its account number: one set bit,
/// then the forty bits of the number; the other bits are made up.
pub(crate) fn access_key_id(prefix: &str, account: &str) -> String {
    let account: u64 = account.parse().expect("an account is a number");
    let draw = RandomState::new().hash_one(prefix) % 16;
    let begin = 1 << 44 | account << 4 | draw;
    let letter = |place: u32| char::from(UPPER[(begin >> (5 * place)) as usize % UPPER.len()]);
    let begin: String = (0..9).rev().map(letter).collect();
    format!("{prefix}{begin}{}", text(UPPER, 7))
}

/// A secret access key: forty characters of base64.
pub(crate) fn secret_key() -> String {
    text(BASE64, 40)
}

/// A session token. Its length varies, as AWS's does.
pub(crate) fn session_token() -> String {
    let length = 340 + (RandomState::new().hash_one(0_u8) % 60) as usize;
    format!("IQoJb3JpZ2luX2Vj{}==", text(BASE64, length))
}

/// The base32 secret of a virtual MFA device, as long as AWS's.
pub(crate) fn device_secret() -> String {
    text(UPPER, 64)
}

/// A request id in the form of a UUID.
pub(crate) fn request_id() -> String {
    [8, 4, 4, 4, 12].map(|length| text(HEX, length)).join("-")
}
