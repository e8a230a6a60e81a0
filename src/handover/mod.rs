//! Writes a session for whatever gets it: a process, a shell, a job of GitHub Actions, a caller of
//! `credential_process`. It never makes one.

pub(crate) mod environment;
pub(crate) mod github;
pub(crate) mod process_json;
pub(crate) mod settings;
pub(crate) mod shell;
pub(crate) mod variables;
