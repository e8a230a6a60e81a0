//! Finds a header that is about a profile and that AWS tools pass over in the file where it stands. It
//! reads nothing below it.

use super::place::Place;
use super::{Profiles, section_in};
use crate::ini::FileKind;
use crate::value::ProfileName;
use std::fmt;

/// A header that is not as AWS tools want it in this file.
pub(crate) struct WrongHeader {
    place: Place,
    found: String,
    right: String,
}

impl fmt::Display for WrongHeader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            found,
            right,
        } = self;
        write!(
            out,
            "{place} says [{found}], and AWS tools want [{right}] there"
        )
    }
}

/// The first header that is about `profile` in all but its form: `[profile dev]` in the credentials
/// file, `[dev]` or `[Profile dev]` in the config file.
pub(crate) fn wrong(profiles: Profiles<'_>, profile: &ProfileName) -> Option<WrongHeader> {
    profiles
        .documents()
        .into_iter()
        .find_map(|(file, document)| {
            let is_wrong = |section: &&str| match (section.split_once(' '), file) {
                (Some((word, name)), _) if word.eq_ignore_ascii_case("profile") => {
                    name == profile.as_str() && (file == FileKind::Credentials || word != "profile")
                }
                (_, FileKind::Config) => *section == profile.as_str() && !profile.is_default(),
                (_, FileKind::Credentials) => false,
            };
            let found = document.sections().find(is_wrong)?;
            Some(WrongHeader {
                place: Place {
                    file,
                    line: document.line_of(found)?,
                },
                found: found.to_owned(),
                right: section_in(document, file, profile),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    #[test]
    fn a_header_of_the_other_file_is_found_with_its_line() {
        for (config, credentials, profile, told) in [
            (
                "",
                "# c\n[profile dev]\n",
                "dev",
                Some(
                    "line 2 of the credentials file says [profile dev], and AWS tools want [dev] there",
                ),
            ),
            (
                "",
                "[profile \"dev\"]\n",
                "dev",
                Some(
                    "line 1 of the credentials file says [profile dev], and AWS tools want [dev] there",
                ),
            ),
            (
                "",
                "[profile default]\n",
                "default",
                Some(
                    "line 1 of the credentials file says [profile default], and AWS tools want [default] there",
                ),
            ),
            (
                "[dev]\n",
                "[dev]\n",
                "dev",
                Some(
                    "line 1 of the config file says [dev], and AWS tools want [profile dev] there",
                ),
            ),
            (
                "[Profile dev]\n",
                "",
                "dev",
                Some(
                    "line 1 of the config file says [Profile dev], and AWS tools want [profile dev] there",
                ),
            ),
            (
                "[default]\n[profile dev]\n",
                "[dev]\n[default]\n",
                "dev",
                None,
            ),
            ("[default]\n", "[default]\n", "default", None),
            ("[services dev]\n[sso-session dev]\n", "", "dev", None),
        ] {
            let found = wrong(profiles(config, credentials), &name(profile));
            let found = found.map(|it| it.to_string());
            assert_eq!(found.as_deref(), told, "{config}{credentials}");
        }
    }
}
