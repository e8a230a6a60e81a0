//! Finds a header that is about a profile and that AWS tools pass over in the file where it stands. It
//! reads nothing below it.

use super::place::Place;
use super::{Profiles, section_in, setting};
use crate::ini::FileKind;
use crate::value::ProfileName;
use fnv::FnvHashSet;
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
            "{place} says [{found}], but AWS tools need [{right}] there"
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
            let is_it =
                |section: &&str| about(file, section).is_some_and(|name| name == profile.as_str());
            let found = document.sections().find(is_it)?;
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

/// The headers that are wrong for whatever profile they are about. One without the word `profile` in the
/// config file counts where a profile of that name is in the credentials file, or a setting below it that
/// a profile has: other programs have sections of their own there.
pub(crate) fn all_wrong(profiles: Profiles<'_>) -> Vec<WrongHeader> {
    let [(_, credentials), (_, config)] = profiles.documents();
    let of_profiles: FnvHashSet<&str> = config.sections_with(&OF_PROFILES).collect();
    let names = profiles
        .documents()
        .into_iter()
        .flat_map(|(file, document)| {
            document.sections().filter_map(move |section| {
                let name: ProfileName = about(file, section)?.parse().ok()?;
                Some((section, name))
            })
        });
    let is_meant = |(section, name): &(&str, ProfileName)| match section.split_once(' ') {
        Some((word, _)) => word.eq_ignore_ascii_case(PROFILE),
        None => credentials.contains(name.as_str()) || of_profiles.contains(section),
    };
    let mut seen = FnvHashSet::default();
    let names = names.filter(is_meant).map(|(_, name)| name);
    names
        .filter(|name| seen.insert(name.clone()))
        .filter_map(|name| wrong(profiles, &name))
        .collect()
}

/// What a header of the config file begins with.
const PROFILE: &str = "profile";

/// Settings by which a section shows that it is meant as a profile.
const OF_PROFILES: [&str; 6] = [
    setting::REGION,
    setting::ROLE_ARN,
    setting::ACCESS_KEY_ID,
    setting::CREDENTIAL_PROCESS,
    setting::MFA_SERIAL,
    "output",
];

/// The profile that a section of a file of this kind is about, where AWS tools pass over it.
fn about(file: FileKind, section: &str) -> Option<&str> {
    match (section.split_once(' '), file) {
        (Some((word, name)), _) if word.eq_ignore_ascii_case(PROFILE) => {
            (file == FileKind::Credentials || word != PROFILE).then_some(name)
        }
        (_, FileKind::Config) => (section != "default").then_some(section),
        (_, FileKind::Credentials) => None,
    }
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
                    "line 2 of the credentials file says [profile dev], but AWS tools need [dev] there",
                ),
            ),
            (
                "",
                "[profile \"dev\"]\n",
                "dev",
                Some(
                    "line 1 of the credentials file says [profile dev], but AWS tools need [dev] there",
                ),
            ),
            (
                "",
                "[profile default]\n",
                "default",
                Some(
                    "line 1 of the credentials file says [profile default], but AWS tools need [default] there",
                ),
            ),
            (
                "[dev]\n",
                "[dev]\n",
                "dev",
                Some(
                    "line 1 of the config file says [dev], but AWS tools need [profile dev] there",
                ),
            ),
            (
                "[Profile dev]\n",
                "",
                "dev",
                Some(
                    "line 1 of the config file says [Profile dev], but AWS tools need [profile dev] there",
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
