//! Names the ways in which a credentials file gets its new content. It never writes one itself.

use crate::process::works;
use crate::report::Report;

/// A situation that makes awsmfa write in one of these ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// An ordinary file, which is replaced with another.
    Rename,
    /// A file with a second hard link in another home, which is written in place.
    Links,
    /// A file mounted alone into each home, as into containers, which is written in place too.
    Mounts,
}

impl Way {
    /// Its name in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rename => "by rename",
            Self::Links => "in place, two links",
            Self::Mounts => "in place, mounted alone",
        }
    }

    pub(crate) fn is_in_place(self) -> bool {
        self != Self::Rename
    }

    /// The ways that this machine allows; notes those that it does not.
    pub(crate) fn possible(report: &Report) -> Vec<Self> {
        let mut ways = vec![Self::Rename, Self::Links];
        if namespace().is_some() {
            ways.push(Self::Mounts);
        } else {
            report.note("`unshare -m` and `unshare -rm` are refused here: nothing was mounted");
        }
        ways
    }
}

/// The arguments with which this system allows unshare, for mounts that no other process sees.
pub(crate) fn namespace() -> Option<&'static str> {
    static FOUND: std::sync::OnceLock<Option<&str>> = std::sync::OnceLock::new();
    *FOUND.get_or_init(|| {
        let try_it = ["mount", "-t", "tmpfs", "none", "/mnt"];
        ["-m", "-rm"]
            .into_iter()
            .find(|flag| works("unshare", &[&[*flag], &try_it[..]].concat()))
    })
}
