//! Hashes what is to become part of a file's name. It never changes from release to release.

use fnv::FnvHasher;
use std::hash::Hasher as _;

/// FNV-1a, 64 bits. The standard library's hashes may change from release to release, and these
/// end in file names that two releases must agree on. Two that meet only make one wait.
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::stable_hash;

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
