//! Owns the lossless document of an AWS file.
