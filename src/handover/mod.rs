//! Writes a session for its recipient: a process, a shell, a GitHub Actions job, a caller of
//! `credential_process`. It never makes one.

pub(crate) mod environment;
pub(crate) mod github;
pub(crate) mod process_json;
pub(crate) mod settings;
pub(crate) mod shell;
pub(crate) mod variables;
