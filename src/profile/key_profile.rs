//! Decides whether a profile can take long-term keys, and makes the edits that store them and the region
//! that they are used in. It replaces no key and no region, and touches no file.

use super::guard;
use super::kind::RoleSettings;
use super::{Kind, Profile, Profiles, header, section_in, setting};
use crate::exit::{Exit, Failure, Result};
use crate::ini::{Document, Edit, FileKind};
use crate::text::{escape, typed_word};
use crate::value::keys::shown_id;
use crate::value::{Keys, ProfileName};
use secrecy::ExposeSecret as _;

/// The state of a profile that can have long-term keys.
#[derive(Clone, Debug)]
pub(crate) enum KeyProfile {
    /// It has no keys, or only half of a pair.
    Free,
    /// It has these keys.
    Holds(Keys),
}

impl KeyProfile {
    /// Examines `profile`. Fails if it serves another purpose, or if its values can't be keys.
    pub(crate) fn of(profiles: Profiles<'_>, profile: &ProfileName) -> Result<Self> {
        let found = Profile::read(profiles, profile);
        match &found.kind {
            Kind::LongTermKeys(keys) => return Ok(Self::Holds(keys.clone())),
            Kind::UnfitKeys(unfit) => return Err(unfit.failure(profile)),
            Kind::Role(settings) => return Err(is_role(profile, settings)),
            Kind::Session => return Err(taken(profile, "it holds a session")),
            Kind::LostToken => {
                let why = "it holds a session's access key without its session token";
                return Err(taken(profile, why));
            }
            Kind::Unknown
            | Kind::NoKeys
            | Kind::HalfKeys { .. }
            | Kind::Process { .. }
            | Kind::Elsewhere(_) => {}
        }
        if let Some(way) = found.other_way {
            let why = format!(
                "it gets its credentials from {} ({})",
                way.words, way.setting
            );
            return Err(taken(profile, &why));
        }
        if let Some(source) = &found.session_of {
            let why = format!("it is for sessions of profile {source}");
            return Err(taken(profile, &why));
        }
        if found.is_session_profile() {
            return Err(taken(profile, "it held a session"));
        }
        // The keys may be below a wrong header, where no tool finds them.
        if let Some(header) = header::wrong(profiles, profile) {
            return Err(Failure::failed(header.to_string()).hint("fix that header"));
        }
        if !profiles.contains(profile) && !profile.is_read_by_all() {
            return Err(Failure::new(
                Exit::Usage,
                format!("the AWS SDKs don't read a profile named `{profile}`"),
            )
            .hint("choose another name: letters, digits and _ - / . % @ : +"));
        }
        Ok(Self::Free)
    }
}

/// Refuses to put `keys` into `profile`, which is [free](KeyProfile::Free), if the profile contains
/// other keys, hidden or not, or a line that tools read differently. Without `keys`, only refuses a
/// profile that could take no keys at all.
pub(crate) fn check_free(
    profiles: Profiles<'_>,
    profile: &ProfileName,
    keys: Option<&Keys>,
) -> Result<()> {
    let Some(obstacle) = guard::obstacle_to_keys(profiles, profile, keys.as_slice()) else {
        return Ok(());
    };
    let failure = Failure::failed(format!("profile {profile} is left unchanged: {obstacle}"));
    Err(failure.hint(match obstacle.is_keys() {
        true => NO_REPLACEMENT,
        false => obstacle.hint(),
    }))
}

/// The failure that `profile` holds other keys than these.
pub(crate) fn other_keys(profile: &ProfileName, held: &Keys, keys: &Keys) -> Failure {
    let id = shown_id(&held.access_key_id);
    let what = match held.access_key_id == keys.access_key_id {
        true => format!("a different secret for the access key {id}"),
        false => format!("other keys ({id})"),
    };
    Failure::failed(format!(
        "profile {profile} is left unchanged: it holds {what}"
    ))
    .hint(NO_REPLACEMENT)
}

const NO_REPLACEMENT: &str = "no keys are replaced: choose another profile, or remove those keys yourself if you no longer need them";

/// The command that stores the keys of `profile`.
pub(crate) fn setup_command(profile: &ProfileName) -> String {
    match profile.is_default() {
        true => "awsmfa setup".to_owned(),
        false => format!("awsmfa setup {}", typed_word(profile.as_str())),
    }
}

fn is_role(profile: &ProfileName, settings: &RoleSettings) -> Failure {
    let RoleSettings { source_profile, .. } = settings;
    let why = format!(
        "it is a role ({}), reached from profile {}",
        setting::ROLE_ARN,
        escape(source_profile)
    );
    let failure = taken(profile, &why);
    match source_profile.parse::<ProfileName>() {
        Ok(source) if source != *profile => failure.hint(format!(
            "set up the profile that it is reached from: `{}`",
            setup_command(&source)
        )),
        _ => failure,
    }
}

fn taken(profile: &ProfileName, why: &str) -> Failure {
    Failure::failed(format!(
        "profile {profile} can't take long-term keys: {why}"
    ))
    .hint("choose another profile for the keys: `awsmfa setup NAME`")
}

/// The edit of the credentials file that stores `keys` in `profile`.
pub(crate) fn edit(profile: &ProfileName, keys: &Keys) -> Edit {
    let secret = keys.secret_access_key.expose_secret().to_owned();
    let id = keys.access_key_id.clone();
    Edit {
        section: profile.to_string(),
        changes: vec![
            (setting::ACCESS_KEY_ID.to_owned(), Some(id)),
            (setting::SECRET_ACCESS_KEY.to_owned(), Some(secret)),
        ],
    }
}

/// The edit of the file `config` that sets the region of `profile` to `region`; `None` if the profile
/// sets one already, even an empty one.
pub(crate) fn region_edit(
    profiles: Profiles<'_>,
    config: &Document,
    profile: &ProfileName,
    region: &str,
) -> Option<Edit> {
    let is_stated = profiles.stated(profile, setting::REGION).is_some();
    (!is_stated).then(|| Edit {
        section: section_in(config, FileKind::Config, profile),
        changes: vec![(setting::REGION.to_owned(), Some(region.to_owned()))],
    })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    const KEYS: &str = "aws_access_key_id = AKIAX\naws_secret_access_key = s\n";
    const SESSION: &str =
        "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n";

    fn keys(id: &str, secret: &str) -> Keys {
        Keys::parse(id, secret, None).expect("keys of the test")
    }

    /// Why the keys `AKIAX` and `s` can't be stored in profile `a`.
    fn refusal(config: &str, credentials: &str) -> Option<String> {
        let (profiles, a) = (profiles(config, credentials), name("a"));
        let keys = keys("AKIAX", "s");
        let checked = match KeyProfile::of(profiles, &a) {
            Ok(KeyProfile::Free) => check_free(profiles, &a, Some(&keys)),
            Ok(KeyProfile::Holds(held)) if held.are(&keys) => Ok(()),
            Ok(KeyProfile::Holds(held)) => Err(other_keys(&a, &held, &keys)),
            Err(failure) => Err(failure),
        };
        checked.err().map(|failure| failure.message)
    }

    #[test]
    fn keys_go_into_a_profile_that_is_empty_or_has_part_of_them() {
        for (config, credentials) in [
            ("", ""),
            ("", "[a]\n"),
            ("[profile a]\nregion = r\n", ""),
            ("", "[a]\naws_access_key_id = AKIAX\n"),
            ("", "[a]\naws_secret_access_key = s\n"),
            ("[profile a]\naws_access_key_id = AKIAX\n", ""),
            ("", "[a]\naws_access_key_id =\naws_secret_access_key =\n"),
            (
                "",
                "[a]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n",
            ),
        ] {
            assert_eq!(refusal(config, credentials), None, "{config}{credentials}");
        }
    }

    #[test]
    fn a_profile_with_another_purpose_is_left_alone() {
        let session = format!("[a]\n{SESSION}");
        let other = format!("[a]\n{}", KEYS.replace("AKIAX", "AKIAY"));
        let secret = format!("[a]\n{}", KEYS.replace("= s", "= t"));
        for (config, credentials, told) in [
            ("", session.as_str(), "it holds a session"),
            ("", other.as_str(), "it holds other keys (AKIAY)"),
            (
                "",
                secret.as_str(),
                "it holds a different secret for the access key AKIAX",
            ),
            (
                "",
                "[a]\naws_access_key_id = AKIAY\n",
                "it holds long-term keys (line 2 of the credentials file)",
            ),
            (
                "",
                "[a]\naws_secret_access_key = t\n",
                "it holds long-term keys (line 2 of the credentials file)",
            ),
            (
                "[profile a]\naws_secret_access_key = t\n",
                "",
                "it holds long-term keys (line 2 of the config file)",
            ),
            (
                "",
                "[a]\naws_access_key_id = ASIAX\naws_secret_access_key = s\n",
                "a session's access key without its session token",
            ),
            (
                "[profile a]\nrole_arn = r\nsource_profile = b\n",
                "",
                "it is a role (role_arn), reached from profile b",
            ),
            (
                "[profile a]\nsso_session = s\n",
                "",
                "IAM Identity Center (sso_session)",
            ),
            (
                "[profile a]\ncredential_process = c\n",
                "",
                "a credential_process (credential_process)",
            ),
            (
                "",
                "[a]\nawsmfa_source_profile = b\n",
                "sessions of profile b",
            ),
            (
                "[profile a]\nawsmfa_copied = region\n",
                "",
                "it held a session",
            ),
            (
                "",
                "[profile a]\naws_access_key_id = AKIAX\n",
                "line 1 of the credentials file says [profile a]",
            ),
            (
                "",
                "[a]\naws_access_key_id = \"AKIAX\"\naws_secret_access_key = s\n",
                "is in quotes (line 2",
            ),
            (
                "",
                "[a]\naws_access_key_id = AKIAY\naws_access_key_id =\n",
                "it holds long-term keys (line 2",
            ),
        ] {
            let refused = refusal(config, credentials).unwrap_or_default();
            assert!(refused.contains(told), "{config}{credentials}: {refused}");
        }
    }

    #[test]
    fn a_region_never_replaces_another_nor_an_empty_one() {
        for (config, credentials, sets) in [
            ("", "", true),
            ("[profile a]\noutput = json\n", "", true),
            ("[profile a]\nregion = eu-west-1\n", "", false),
            ("[profile a]\nregion =\n", "", false),
            ("", "[a]\nregion = eu-west-1\n", false),
        ] {
            let document = Document::parse(config);
            let edit = region_edit(profiles(config, credentials), &document, &name("a"), "r");
            assert_eq!(edit.is_some(), sets, "{config}{credentials}");
        }
    }
}
