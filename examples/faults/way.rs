//! Names the ways in which a credentials file gets its new bytes. It never writes one itself.

use crate::process::works;
use crate::report::Report;

/// What makes awsmfa write in a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// An ordinary file, replaced by another.
    Rename,
    /// A file with a second hard link in another home, so that it is written in place.
    Links,
    /// A file that is mounted alone into each home, as into containers: written in place too.
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

    /// The ways that this machine allows; says which it does not.
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

/// The arguments of unshare that this system allows, for mounts that nobody else sees.
pub(crate) fn namespace() -> Option<&'static str> {
    static FOUND: std::sync::OnceLock<Option<&str>> = std::sync::OnceLock::new();
    *FOUND.get_or_init(|| {
        let try_it = ["mount", "-t", "tmpfs", "none", "/mnt"];
        ["-m", "-rm"]
            .into_iter()
            .find(|flag| works("unshare", &[&[*flag], &try_it[..]].concat()))
    })
}
