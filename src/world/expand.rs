//! Replaces the names of variables in a path that no shell has replaced them in, as the AWS CLI and
//! boto3 do for the paths of the AWS files. It looks at no file and reads no variable itself.

use std::ffi::{OsStr, OsString};

/// What became of a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expanded<P = OsString> {
    /// There was nothing to replace.
    Literal,
    /// Every name was replaced; those names, as they were written.
    Replaced(P, Vec<String>),
    /// What is in it can't be replaced, and why.
    Unclear(String),
}

/// Replaces `$NAME` and `${NAME}` in `path`, on Windows `%NAME%` too. What a variable holds is not
/// looked at again, and a sign that begins no name stays.
pub(crate) fn expand(path: &OsStr, variable: &dyn Fn(&str) -> Option<OsString>) -> Expanded {
    let Some(text) = path.to_str() else {
        // No name is looked for within what is no text: it would have to be taken apart.
        if !path.to_string_lossy().contains(begins_name) {
            return Expanded::Literal;
        }
        return Expanded::Unclear("nothing is expanded, because it is not Unicode".to_owned());
    };
    let mut whole = OsString::with_capacity(text.len());
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(begins_name) {
        let (before, from) = rest.split_at(at);
        whole.push(before);
        let Some((written, name)) = name_at(from) else {
            // What only a shell replaces: `${NAME:-/else}`, `$(command)`.
            if from.starts_with("${") || from.starts_with("$(") {
                return Expanded::Unclear(format!("`{}` is not expanded", &from[..2]));
            }
            let (sign, after) = from.split_at(1);
            whole.push(sign);
            rest = after;
            continue;
        };
        let Some(value) = variable(name) else {
            return Expanded::Unclear(format!("{written} is not set"));
        };
        whole.push(value);
        names.push(written.to_owned());
        rest = &from[written.len()..];
    }
    if names.is_empty() {
        return Expanded::Literal;
    }
    whole.push(rest);
    Expanded::Replaced(whole, names)
}

fn begins_name(c: char) -> bool {
    c == '$' || (cfg!(windows) && c == '%')
}

/// The name that `text` begins with, as it is written and alone.
fn name_at(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let enclosed = |begin: &str, end: &str| {
        let (name, _) = text.strip_prefix(begin)?.split_once(end)?;
        let written = &text[..begin.len() + name.len() + end.len()];
        (!name.is_empty()).then_some((written, name))
    };
    if text.starts_with("${") {
        return enclosed("${", "}").filter(|(_, name)| name.chars().all(is_part));
    }
    if text.starts_with('%') {
        // Windows has names such as `ProgramFiles(x86)`.
        return enclosed("%", "%");
    }
    let bare = text.strip_prefix('$')?;
    let name = &bare[..bare.find(|c| !is_part(c)).unwrap_or(bare.len())];
    (!name.is_empty()).then_some((&text[..1 + name.len()], name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(path: &str) -> Expanded {
        expand(OsStr::new(path), &|name| match name {
            "HOME" => Some("/home/a".into()),
            "ODD_1" => Some("$HOME %HOME%".into()),
            _ => None,
        })
    }

    #[test]
    fn names_are_replaced_once_and_other_signs_stay() {
        for (path, whole, names) in [
            ("$HOME/.aws/config", "/home/a/.aws/config", &["$HOME"][..]),
            ("${HOME}x/$HOME", "/home/ax//home/a", &["${HOME}", "$HOME"]),
            ("/a/$ODD_1.b", "/a/$HOME %HOME%.b", &["$ODD_1"]),
            ("$/$$HOME/$}", "$/$/home/a/$}", &["$HOME"]),
            ("é$HOME", "é/home/a", &["$HOME"]),
        ] {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(
                expanded(path),
                Expanded::Replaced(whole.into(), names),
                "{path}"
            );
        }
        for path in ["/a/b", "", "$", "a$", "$ HOME", "$}"] {
            assert_eq!(expanded(path), Expanded::Literal, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_replaced_is_said() {
        for (path, why) in [
            ("/a/$NONE/b", "$NONE is not set"),
            ("$HOME/${NONE}", "${NONE} is not set"),
            ("${HOME:-/root}/b", "`${` is not expanded"),
            ("${HOME", "`${` is not expanded"),
            ("$(pwd)/b", "`$(` is not expanded"),
        ] {
            assert_eq!(expanded(path), Expanded::Unclear(why.into()), "{path}");
        }
    }

    #[test]
    fn percent_signs_enclose_a_name_on_windows() {
        let expected = match cfg!(windows) {
            true => Expanded::Replaced("/home/a/x".into(), vec!["%HOME%".into()]),
            false => Expanded::Literal,
        };
        assert_eq!(expanded("%HOME%/x"), expected);
    }
}
