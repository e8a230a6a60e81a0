//! Words the warnings about an AWS file that hold whatever is changed in it. It changes nothing.

use super::target::Snapshot;
use crate::ini::Document;
use crate::ini::botocore::Fault;
use crate::text::typed_word;
use std::fmt;
use std::path::Path;

/// A warning about a file, and what to do about it.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// One line, lower case, no full stop.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: Option<String>,
}

impl fmt::Display for Notice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        match &self.remedy {
            Some(remedy) => write!(out, ": {remedy}"),
            None => Ok(()),
        }
    }
}

/// The remedy for a link that leads to nothing.
pub(super) const LINK_TO_NOTHING: &str =
    "create the file it points to, or point the link somewhere else";

/// Warns if others can read the file at `path`, which holds secrets.
pub(super) fn open_to_others(path: &Path, snapshot: &Snapshot) -> Option<Notice> {
    let (path, mode) = (path.display(), mode_for_others(snapshot)?);
    Some(Notice {
        what: format!("{path} can be read by others (mode {mode:04o})"),
        remedy: Some(format!(
            "fix it with `chmod 600 {}`",
            typed_word(&path.to_string())
        )),
    })
}

/// Why the AWS CLI refuses the file at `path`, one line each.
pub(super) fn refused_by_cli<'a>(
    path: &Path,
    faults: impl IntoIterator<Item = &'a Fault>,
) -> Vec<String> {
    let faults = faults.into_iter();
    faults
        .map(|Fault { line, reason }| {
            format!(
                "the AWS CLI refuses {}, line {line}: {reason}",
                path.display()
            )
        })
        .collect()
}

/// Says that no common AWS tool reads the file at `path`.
pub(super) fn read_by_nobody(path: &Path, line: usize, reason: &str) -> String {
    format!(
        "neither the AWS CLI nor the AWS SDKs can read {}: line {line}: {reason}",
        path.display()
    )
}

/// If only the AWS CLI and boto3 read the file at `path`: says so, and names the line that stops the
/// others.
pub(super) fn only_for_botocore(path: &Path, document: &Document) -> Option<String> {
    let refusal = document.only_for_botocore()?;
    Some(format!(
        "only the AWS CLI and boto3 can read {}: the other AWS SDKs give up at line {}, because {}",
        path.display(),
        refusal.line,
        refusal.reason
    ))
}

/// Says that a version which another program wrote to the file at `path` is kept at `kept`.
pub(super) fn kept(path: &Path, kept: &Path) -> String {
    format!(
        "another program wrote to {} twice while it was being saved: what it wrote first is kept in {}: compare, then remove it",
        path.display(),
        kept.display()
    )
}

/// Warns that a file mounted by itself, such as the one at `path`, loses whatever lies next to it along
/// with its container.
pub(super) fn mounted_alone(path: &Path) -> Notice {
    Notice {
        what: format!(
            "{} is mounted as a single file: if its container stops in the middle of a write, the backup is lost with it",
            path.display()
        ),
        remedy: Some("mount its folder instead".to_owned()),
    }
}

/// The mode of a file, if others can read or write it.
#[cfg(unix)]
fn mode_for_others(snapshot: &Snapshot) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = snapshot.found.as_ref()?.metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Windows has no modes.
#[cfg(not(unix))]
fn mode_for_others(_: &Snapshot) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_the_files_that_it_is_about() {
        let (path, other) = (Path::new("the-file"), Path::new("the-other"));
        let said = kept(path, other);
        assert!(
            said.contains("wrote to the-file") && said.contains("kept in the-other:"),
            "{said}"
        );
        let said = mounted_alone(path);
        assert!(
            said.to_string()
                .starts_with("the-file is mounted as a single file"),
            "{said}"
        );
        let odd = Document::parse("[a]\n  k = 1\n");
        let said = only_for_botocore(path, &odd).expect("the SDKs refuse it");
        assert!(
            said.starts_with("only the AWS CLI and boto3 can read the-file")
                && said.contains("line 2"),
            "{said}"
        );
        assert_eq!(only_for_botocore(path, &Document::parse("[a]\n")), None);
    }
}
