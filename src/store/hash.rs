//! Hashes what is to become part of a file's name. It never changes from release to release.

use fnv::FnvHasher;
use sha2::{Digest as _, Sha256};
use std::hash::Hasher as _;

/// FNV-1a, 64 bits. The standard library's hashes may change from release to release, and these
/// end in file names that two releases must agree on. Two that meet only make one wait.
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

/// The first 64 bits of the SHA-256 of what a file holds: a file that somebody made can't pass for
/// another one.
pub(super) fn content_hash(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(8)
        .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::{content_hash, stable_hash};

    #[test]
    fn the_hash_of_a_content_is_the_beginning_of_its_sha_256() {
        assert_eq!(content_hash(b""), 0xe3b0_c442_98fc_1c14);
        assert_eq!(content_hash(b"abc"), 0xba78_16bf_8f01_cfea);
    }

    #[test]
    fn the_hashes_are_those_of_the_releases_before() {
        for (bytes, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(stable_hash(bytes.as_bytes()), hash, "{bytes}");
        }
    }
}
