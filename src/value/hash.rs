//! Computes the hashes on which two runs must agree, in file names and in files. They never change
//! between releases.

use fnv::FnvHasher;
use sha2::{Digest as _, Sha256};
use std::hash::Hasher as _;

/// FNV-1a, 64 bits, for file names on which two releases must agree: the standard library's hashes may
/// change. A collision only makes one run wait for another.
pub(crate) fn stable_hash(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

/// The first 64 bits of the SHA-256 of a file's contents, so that nobody can make a file pass for
/// another.
pub(crate) fn content_hash(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(8)
        .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// The first 128 bits of the SHA-256 of `parts`, in hexadecimal. A missing part differs from an empty
/// one, and no two lists of parts are hashed as the same bytes.
pub(crate) fn hash_of_parts<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        match part {
            Some(part) => hasher.update(format!("{}:{part}", part.len())),
            None => hasher.update("-"),
        }
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{content_hash, hash_of_parts, stable_hash};

    #[test]
    fn different_lists_of_parts_have_different_hashes() {
        let lists: [&[Option<&str>]; 7] = [
            &[],
            &[None],
            &[Some("")],
            &[Some("a"), Some("b")],
            &[Some("ab")],
            &[Some("a"), None, Some("b")],
            &[Some("a1:b")],
        ];
        let mut hashes = lists.map(|parts| hash_of_parts(parts.iter().copied()));
        assert_eq!(hashes[4], "d1ab1a7fbf5a9552f2d01c956d30855b");
        hashes.sort_unstable();
        assert!(
            hashes.windows(2).all(|pair| pair[0] != pair[1]),
            "{hashes:?}"
        );
        assert!(hashes.iter().all(|hash| hash.len() == 32));
    }

    #[test]
    fn the_hash_is_the_beginning_of_the_sha_256() {
        assert_eq!(content_hash(b""), 0xe3b0_c442_98fc_1c14);
        assert_eq!(content_hash(b"abc"), 0xba78_16bf_8f01_cfea);
    }

    #[test]
    fn the_hashes_match_earlier_releases() {
        for (bytes, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(stable_hash(bytes.as_bytes()), hash, "{bytes}");
        }
    }
}
