//! Owns how a session is handed to the later steps of a GitHub Actions job: the secrets masked in
//! its log, the variables in the file that `GITHUB_ENV` names.
//! https://docs.github.com/actions/reference/workflow-commands-for-github-actions

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::variables;
use std::io::Write as _;

/// Masks the secrets, then writes `variables`. The job's log is told first, so that nothing can
/// print a secret before it is masked.
pub(crate) fn hand_over(variables: &[(&str, &str)], context: Context) -> anyhow::Result<()> {
    let Some(path) = context.env.path("GITHUB_ENV") else {
        return Err(Failure::new(
            Exit::Failed,
            "GITHUB_ENV is not set: this is no step of GitHub Actions",
        )
        .hint("choose another --format")
        .into());
    };
    let mut lines = String::new();
    for (name, value) in variables {
        if variables::is_secret(name) {
            context.ui.data(&format!("::add-mask::{value}"))?;
        }
        lines.push_str(&format!("{name}={value}\n"));
    }
    #[expect(clippy::disallowed_methods, reason = "the job's file is no AWS file")]
    let written = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(lines.as_bytes()));
    written.map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("can't write {} (GITHUB_ENV): {error}", path.display()),
        )
        .into()
    })
}
