//! Writes a long path in the form that every call of Windows accepts. It opens nothing.
//!
//! Most calls refuse a path of more than 260 characters unless it begins with `\\?\`. The standard library
//! adds that by itself; other crates don't.

use std::borrow::Cow;
use std::path::Path;

/// The path as it is: other systems have no such limit.
#[cfg(not(windows))]
pub(super) fn form(path: &Path) -> Cow<'_, Path> {
    Cow::Borrowed(path)
}

/// Absolute paths from this length on are written in the long form. The names of our files next to an AWS
/// file are up to 100 characters longer than its own.
#[cfg(windows)]
const SHORT: usize = 140;

/// The path, in its long form if it may need that.
#[cfg(windows)]
pub(super) fn form(path: &Path) -> Cow<'_, Path> {
    use std::path::{Component, Prefix};
    // The long form is taken as it is, without `..`, slashes or a current folder.
    let Ok(whole) = std::path::absolute(path) else {
        return Cow::Borrowed(path);
    };
    let (Some(text), Some(Component::Prefix(prefix))) = (whole.to_str(), whole.components().next())
    else {
        return Cow::Borrowed(path);
    };
    match prefix.kind() {
        _ if text.len() < SHORT => Cow::Borrowed(path),
        Prefix::Disk(_) => Cow::Owned(format!(r"\\?\{text}").into()),
        Prefix::UNC(..) => Cow::Owned(format!(r"\\?\UNC{}", &text[1..]).into()),
        _ => Cow::Borrowed(path),
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_path_gets_another_form() {
        let long = "x".repeat(SHORT);
        for (path, expected) in [
            (r"C:\a\b".to_owned(), r"C:\a\b".to_owned()),
            (format!(r"C:\a\..\{long}"), format!(r"\\?\C:\{long}")),
            (format!("C:/a/{long}"), format!(r"\\?\C:\a\{long}")),
            (
                format!(r"\\host\share\{long}"),
                format!(r"\\?\UNC\host\share\{long}"),
            ),
            (format!(r"\\?\C:\{long}"), format!(r"\\?\C:\{long}")),
            (format!(r"\\.\{long}"), format!(r"\\.\{long}")),
        ] {
            assert_eq!(form(Path::new(&path)), Path::new(&expected));
        }
    }
}
