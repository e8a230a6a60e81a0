//! Reads the keys that a profile holds in the files, and says where one stands that can't be a key. It
//! tries none of them.

use super::place::Place;
use super::{Profiles, setting};
use crate::exit::Failure;
use crate::value::keys::{Part, Unfit, Why};
use crate::value::{Keys, ProfileName};

/// What keeps the keys of a profile from being keys, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnfitKeys {
    unfit: Unfit,
    place: Option<Place>,
}

impl UnfitKeys {
    /// The failure of a command that wants the keys of `profile`.
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

/// The long-term keys of `profile`; none where one part of the pair is missing.
pub(super) fn long_term(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> Option<Result<Keys, UnfitKeys>> {
    parse(profiles, profile, None)
}

/// The keys of the session in `profile`; none where not all three are there.
pub(super) fn of_session(
    profiles: Profiles<'_>,
    profile: &ProfileName,
) -> Option<Result<Keys, UnfitKeys>> {
    let tokens = [setting::SESSION_TOKEN, setting::SECURITY_TOKEN];
    let token = tokens.iter().find_map(|it| profiles.get(profile, it))?;
    parse(profiles, profile, Some(token))
}

/// The keys of `profile` as AWS tools read them, with a session token or without; none where one part of
/// the pair is missing. The token's old name counts first, as in the AWS CLI and boto3.
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
    // In a file a line end comes of the line below, also where it is the first thing of the value.
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

/// What only some tools read as a comment beside the keys of `profile`: then the others can't use them.
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
    fn a_key_that_can_not_be_one_is_named_with_its_line() {
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
    fn what_to_do_about_it_is_told_by_what_is_wrong() {
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
    fn a_comment_that_some_tools_take_for_a_part_of_a_key_is_named_with_its_line() {
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
