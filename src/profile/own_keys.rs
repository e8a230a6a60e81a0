//! Reads the keys that a profile holds in the files, and finds the line of a value that can't be a key.
//! It tries none of them.

use super::place::Place;
use super::{Profiles, setting};
use crate::exit::Failure;
use crate::value::keys::{Part, Unfit, Why};
use crate::value::{Keys, ProfileName};

/// Why the values in a profile can't be keys, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnfitKeys {
    unfit: Unfit,
    place: Option<Place>,
}

impl UnfitKeys {
    /// The failure of a command that needs the keys of `profile`.
    pub(crate) fn failure(self, profile: &ProfileName) -> Failure {
        let what = self.unfit.describe(|part| setting_of(part).to_owned());
        let place = self.place.map(|place| format!(" ({place})"));
        let place = place.unwrap_or_default();
        let hint = match self.unfit {
            Unfit::Part(_, Why::LineEnd) => {
                "that line is indented, so it belongs to the key above it: remove the white space before it"
            }
            Unfit::Part(_, Why::Quoted) => {
                "remove the quotes: AWS tools take them as part of the value"
            }
            _ => "fix that line",
        };
        Failure::failed(format!("in profile {profile}, {what}{place}")).hint(hint)
    }
}

fn setting_of(part: Part) -> &'static str {
    match part {
        Part::Id => setting::ACCESS_KEY_ID,
        Part::Secret => setting::SECRET_ACCESS_KEY,
        Part::Token => setting::SESSION_TOKEN,
    }
}

/// The long-term keys of `profile`; `None` if one half of the pair is missing.
pub(super) fn long_term(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> Option<Result<Keys, UnfitKeys>> {
    parse(profiles, profile, None)
}

/// The keys of the session in `profile`; `None` unless all three exist.
pub(super) fn of_session(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> Option<Result<Keys, UnfitKeys>> {
    let tokens = [setting::SESSION_TOKEN, setting::SECURITY_TOKEN];
    let token = tokens.iter().find_map(|it| profiles.get(profile, it))?;
    parse(profiles, profile, Some(token))
}

/// The keys of `profile` as AWS tools read them, with or without a session token; `None` if one half of
/// the pair is missing. The old name of the token takes precedence, as in the AWS CLI and boto3.
pub(crate) fn as_tools_read(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> Option<Result<Keys, UnfitKeys>> {
    let tokens = [setting::SECURITY_TOKEN, setting::SESSION_TOKEN];
    let token = tokens.iter().find_map(|it| profiles.get(profile, it));
    parse(profiles, profile, token)
}

fn parse(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    token: Option<String>,
) -> Option<Result<Keys, UnfitKeys>> {
    let id = profiles.get(profile, setting::ACCESS_KEY_ID)?;
    let secret = profiles.get(profile, setting::SECRET_ACCESS_KEY)?;
    let parts = [
        (Part::Id, Some(&id)),
        (Part::Secret, Some(&secret)),
        (Part::Token, token.as_ref()),
    ];
    // In a file, a line end in a value means that it continues on the line below, even at its beginning.
    let divided = parts
        .iter()
        .find(|(_, it)| it.is_some_and(|it| it.contains('\n')));
    if let Some((part, _)) = divided {
        return Some(Err(UnfitKeys {
            unfit: Unfit::Part(*part, Why::LineEnd),
            place: profiles.place_below(profile, setting_of(*part)),
        }));
    }
    Some(
        Keys::parse(&id, &secret, token.as_deref()).map_err(|unfit| UnfitKeys {
            unfit,
            place: profiles.place(profile, setting_of(unfit.part())),
        }),
    )
}

/// Reports a comment next to the keys of `profile` that only some tools take for one: the others can't
/// use the keys.
pub(crate) fn disputed_comment(profiles: Profiles<'_>, profile: &ProfileName) -> Option<String> {
    let parts = [setting::ACCESS_KEY_ID, setting::SECRET_ACCESS_KEY];
    parts.into_iter().find_map(|key| {
        if let Some(place) = profiles.comment_behind(profile, key) {
            return Some(format!(
                "the AWS CLI and boto3 can't use profile {profile}: they take the comment in {place} as part of {key}: put it on a line of its own"
            ));
        }
        let place = profiles.comment_below(profile, key)?;
        Some(format!(
            "AWS SDKs other than boto3 can't use profile {profile}: they take the indented comment in {place} as part of {key}: remove the spaces in front of it"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    fn failure(config: &str, credentials: &str) -> String {
        let profiles = profiles(config, credentials);
        let found = long_term(profiles, &name("a")).expect("both parts are there");
        let failure = found.expect_err("unfit").failure(&name("a"));
        failure.message
    }

    #[test]
    fn a_value_that_can_not_be_a_key_is_reported_with_its_line() {
        const SECRET: &str = "aws_secret_access_key = s\n";
        for (config, credentials, told) in [
            (
                String::new(),
                format!("[a]\n{SECRET}aws_access_key_id = \"AKIA\"\n"),
                "in profile a, aws_access_key_id is in quotes (line 3 of the credentials file)",
            ),
            (
                format!("[profile a]\naws_access_key_id = AK IA\n{SECRET}"),
                String::new(),
                "in profile a, aws_access_key_id holds white space (line 2 of the config file)",
            ),
            (
                String::new(),
                format!("[a]\naws_access_key_id = AKIA\n  # c\n  region = r\n{SECRET}"),
                "in profile a, aws_access_key_id holds a line break (line 4 of the credentials file)",
            ),
            (
                "[profile a]\naws_access_key_id = AKIA\n".to_owned(),
                "[a]\naws_secret_access_key = ${SECRET}\n".to_owned(),
                "in profile a, aws_secret_access_key holds a placeholder instead of a key (line 2 of the credentials file)",
            ),
        ] {
            assert_eq!(failure(&config, &credentials), told);
        }
    }

    #[test]
    fn the_hint_depends_on_what_is_wrong_with_a_key() {
        for (id, hint) in [
            ("\"AKIA\"", "remove the quotes"),
            ("AKIA\n  x", "that line is indented"),
            ("AK IA", "fix that line"),
        ] {
            let text = format!("[a]\naws_access_key_id = {id}\naws_secret_access_key = s\n");
            let found = long_term(profiles("", &text), &name("a")).expect("both are there");
            let failure = found.expect_err("unfit").failure(&name("a"));
            let told = failure.hint.unwrap_or_default();
            assert!(told.starts_with(hint), "{id}: {told}");
        }
    }

    #[test]
    fn a_comment_that_some_tools_take_for_part_of_a_key_is_reported_with_its_line() {
        let told = |id: &str, secret: &str| {
            let text =
                format!("[a]\naws_access_key_id = AKIA{id}\naws_secret_access_key = s{secret}\n");
            disputed_comment(profiles("", &text), &name("a"))
        };
        assert_eq!(told("", ""), None);
        let behind = told("", " # mine").expect("a comment");
        assert!(
            behind.starts_with("the AWS CLI and boto3 can't use profile a")
                && behind.contains("line 3 of the credentials file as part of aws_secret"),
            "{behind}"
        );
        let below = told("\n  # mine", "").expect("a comment");
        assert!(
            below.starts_with("AWS SDKs other than boto3 can't use profile a")
                && below.contains("line 3 of the credentials file as part of aws_access"),
            "{below}"
        );
    }
}
