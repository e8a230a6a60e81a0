//! Holds the ways in which a session leaves awsmfa: as variables of a process, a shell or a job of
//! GitHub Actions, and as the JSON of a `credential_process`. How a session is made is not known here.

pub(crate) mod github;
pub(crate) mod process_json;
pub(crate) mod shell;
pub(crate) mod variables;
