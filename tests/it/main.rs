//! The integration tests: the real binary against the stand-in.
