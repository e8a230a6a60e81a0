//! Chooses which settings of a source its session profile gets, and makes the edit that copies them. It
//! never copies a setting that says where credentials come from.
//!
//! From the credentials file it copies only settings that are not secret. `awsmfa_copied` lists the ones
//! we copied, which follow the source at each login. Settings of the user's are never touched.

use super::kind::is_other_way;
use super::{Profiles, paired, setting};
use crate::ini::{Edit, FileKind, can_set};
use crate::value::ProfileName;

/// Settings that belong to a source alone or, like those of [`is_other_way`], say where credentials come
/// from. By prefix, because they come in families: other tools (saml2aws, aws-azure-login, okta,
/// granted, aws-google-auth) use settings of their own for the same purpose. The AWS Toolkits recognise
/// a profile by an id that they write into it.
const NOT_COPIED_PREFIXES: [&str; 12] = [
    "aws_",
    "awsmfa_",
    "azure_",
    "common_fate_",
    "credential_",
    "google_",
    "granted_",
    "okta_",
    "saml_",
    "sso_",
    "toolkit_",
    "x_",
];
/// Such settings by name. They include the ones by which awsume and aws-mfa recognise their own
/// sessions, and the user that the AWS SDK for .NET signs in at an identity provider.
const NOT_COPIED: [&str; 16] = [
    "assumed_role",
    "assumed_role_arn",
    "autoawsume",
    "duration_seconds",
    "expiration",
    "external_id",
    "include_profile",
    "manager",
    "mfa_process",
    "mfa_prompt",
    "mfa_serial",
    "parent_profile",
    "principal_arn",
    "role_session_name",
    "source_identity",
    "user_identity",
];

/// Settings that may be copied from the credentials file, which is secret, to the config file, which
/// need not be: those that anybody may know. The settings that have a variable may be copied too.
///
/// Sources: AWS SDKs and Tools Reference Guide, "Settings reference"; AWS CLI User Guide, "Configuration
/// and credential file settings".
const PUBLIC: [&str; 13] = [
    "api_versions",
    "cli_auto_prompt",
    "cli_binary_format",
    "cli_error_format",
    "cli_follow_urlparam",
    "cli_help_output",
    "cli_history",
    "cli_pager",
    "cli_timestamp_format",
    "parameter_validation",
    "region",
    "s3",
    setting::SERVICES,
];

fn is_public(key: &str) -> bool {
    let mut with_variable = paired::ALL.iter().chain([&paired::ENDPOINT]);
    PUBLIC.contains(&key) || with_variable.any(|setting| setting.key == key)
}

fn is_copied(key: &str) -> bool {
    !is_other_way(key)
        && !NOT_COPIED.contains(&key)
        && !NOT_COPIED_PREFIXES
            .iter()
            .any(|prefix| key.starts_with(prefix))
}

/// The edit of the config file that copies the settings of `source` to `target`; `None` if there is
/// nothing to change. `section` is the target's section in the config file.
pub(crate) fn edit(
    profiles: Profiles<'_>,
    source: &ProfileName,
    target: &ProfileName,
    section: String,
) -> Option<Edit> {
    let listed = profiles.get(target, setting::COPIED).unwrap_or_default();
    let ours: Vec<&str> = listed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let stated = |profile, name: &str| profiles.stated(profile, name).map(|(_, value)| value);
    let wanted: Vec<(String, String)> = profiles
        .keys(source)
        .into_iter()
        .filter(|name| is_copied(name))
        // A setting already in the target is the user's, even an empty one.
        .filter(|name| ours.contains(&name.as_str()) || stated(target, name).is_none())
        .filter_map(|name| match profiles.stated(source, &name)? {
            (FileKind::Credentials, _) if !is_public(&name) => None,
            (_, value) => Some((name, without_margin(value))),
        })
        // A file may hold values that no edit can write; a login must not fail because of them.
        .filter(|(name, value)| can_set(name, value) && !holds_session_key(value))
        .collect();

    let mut changes: Vec<(String, Option<String>)> = Vec::new();
    for gone in ours
        .iter()
        .filter(|name| !wanted.iter().any(|(wanted, _)| wanted == *name))
    {
        // Somebody may have edited the list: it must not make us remove a key that is never copied.
        if is_copied(gone) && stated(target, gone).is_some() {
            changes.push(((*gone).to_owned(), None));
        }
    }
    for (name, value) in &wanted {
        if stated(target, name).as_ref() != Some(value) {
            changes.push((name.clone(), Some(value.clone())));
        }
    }
    let list = wanted
        .iter()
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join(",");
    if list != listed {
        changes.push((
            setting::COPIED.to_owned(),
            (!list.is_empty()).then_some(list),
        ));
    }
    (!changes.is_empty()).then_some(Edit { section, changes })
}

/// Tells users in one line how to make `edit`, which copies settings of `source`, by hand. Shows only
/// values that are not secret, and no address with a password in it; for the rest it refers to the
/// source.
pub(crate) fn describe(edit: &Edit, source: &ProfileName) -> String {
    let is_shown = |name: &str, value: &str| is_public(name) && !value.contains(['@', '\n']);
    let (mut shown, mut named, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in &edit.changes {
        match value {
            // The list is left out, because settings that are added by hand are the user's.
            _ if name == setting::COPIED => {}
            Some(value) if is_shown(name, value) => shown.push(format!("`{name} = {value}`")),
            Some(_) => named.push(format!("`{name}`")),
            None => gone.push(format!("`{name}`")),
        }
    }
    let mut steps = Vec::new();
    if !named.is_empty() {
        shown.push(format!("{} as in {source}", named.join(", ")));
    }
    if !shown.is_empty() {
        steps.push(format!("add to [{}]: {}", edit.section, shown.join(", ")));
    }
    if !gone.is_empty() {
        steps.push(format!(
            "remove from [{}]: {}",
            edit.section,
            gone.join(", ")
        ));
    }
    steps.join("; ")
}

/// A single-line value without the white space around it. Some readers trim more than spaces and tabs
/// and others take it as part of the value, and no setting is meant to begin or end with white space.
fn without_margin(value: String) -> String {
    match value.contains('\n') {
        true => value,
        false => value.trim().to_owned(),
    }
}

/// Whether a line below the first looks like a key of a session, which it is to the JavaScript SDK.
fn holds_session_key(value: &str) -> bool {
    let mut below = value.lines().skip(1);
    below.any(|line| {
        let key = line.split(['=', ':']).next().unwrap_or_default().trim();
        setting::of_a_session().any(|setting| setting.eq_ignore_ascii_case(key))
    })
}

/// The edit of the config file that removes what was copied into `target`; `None` if nothing was.
pub(crate) fn purge(profiles: Profiles<'_>, target: &ProfileName, section: String) -> Option<Edit> {
    let listed = profiles.get(target, setting::COPIED)?;
    let ours = listed
        .split(',')
        .map(str::trim)
        .filter(|name| is_copied(name) && !name.is_empty());
    let changes = ours
        .chain([setting::COPIED])
        .map(|name| (name.to_owned(), None))
        .collect();
    Some(Edit { section, changes })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    fn changes(config: &str, credentials: &str) -> Vec<(String, Option<String>)> {
        edit(
            profiles(config, credentials),
            &name("dev"),
            &name("dev-mfa"),
            "profile dev-mfa".into(),
        )
        .map(|edit| edit.changes.clone())
        .unwrap_or_default()
    }

    fn set(key: &str, value: &str) -> (String, Option<String>) {
        (key.into(), Some(value.into()))
    }

    #[test]
    fn settings_are_copied_and_credentials_are_not() {
        let config = "[profile dev]\nregion = eu-west-1\ns3 =\n  max = 2\nmfa_serial = x\nsso_session = y\nrole_arn = z\ncredential_process = p\n";
        assert_eq!(
            changes(config, "[dev]\naws_access_key_id = k\naws_account_id = 1\n"),
            [
                set("region", "eu-west-1"),
                set("s3", "\nmax = 2"),
                set("awsmfa_copied", "region,s3")
            ]
        );
    }

    #[test]
    fn white_space_that_only_some_readers_trim_is_not_copied() {
        let config = "[profile dev]\nregion = \u{a0}eu-west-1\u{2003}\noutput = json\u{a0}\ns3 =\n  max = 2\u{a0}\n";
        assert_eq!(
            changes(config, "")[..2],
            [set("region", "eu-west-1"), set("output", "json")]
        );
    }

    #[test]
    fn a_setting_that_cannot_be_written_is_left_out() {
        let config =
            "[profile dev]\na b = 1\nregion = eu-west-1\nnote =\n  no property\noutput = a\rb\n";
        assert_eq!(
            changes(config, ""),
            [set("region", "eu-west-1"), set("awsmfa_copied", "region")]
        );
        let stale = "[profile dev]\noutput = a\rb\n[profile dev-mfa]\noutput = old\nawsmfa_copied = output\n";
        assert_eq!(
            changes(stale, ""),
            [("output".into(), None), ("awsmfa_copied".into(), None)],
            "what it was before is not what it is now"
        );
    }

    #[test]
    fn only_settings_that_are_not_secret_are_copied_from_the_credentials_file() {
        let credentials = "[dev]\nmfa_secret = hush\nregion = r\ncli_pager =\nnote = x\n";
        let config = "[profile dev]\nnote = y\nown = z\n";
        assert_eq!(
            changes(config, credentials),
            [
                set("region", "r"),
                set("cli_pager", ""),
                set("own", "z"),
                set("awsmfa_copied", "region,cli_pager,own")
            ]
        );
    }

    #[test]
    fn an_empty_value_in_the_target_is_the_users() {
        let config = "[profile dev]\nregion = a\noutput = b\n[profile dev-mfa]\nregion =\n";
        assert_eq!(changes(config, "[dev-mfa]\noutput =\n"), []);
        let ours = "[profile dev]\nregion =\n[profile dev-mfa]\nregion =\nawsmfa_copied = region\n";
        assert_eq!(changes(ours, ""), []);
        let gone = "[profile dev]\n[profile dev-mfa]\nregion =\nawsmfa_copied = region\n";
        assert_eq!(
            changes(gone, ""),
            [("region".into(), None), ("awsmfa_copied".into(), None)]
        );
    }

    #[test]
    fn a_value_with_the_key_of_a_session_below_it_is_left_out() {
        let config = "[profile dev]\nnote = x\n  Aws_Session_Token = t\ns3 =\n  expiration : y\noutput = a\n  b\n";
        assert_eq!(
            changes(config, ""),
            [set("output", "a\nb"), set("awsmfa_copied", "output")]
        );
    }

    #[test]
    fn the_users_own_settings_stay() {
        let config = "[profile dev]\nregion = a\noutput = json\n[profile dev-mfa]\nregion = mine\n";
        assert_eq!(
            changes(config, ""),
            [set("output", "json"), set("awsmfa_copied", "output")]
        );
        assert_eq!(
            changes("[profile dev]\nregion = a\n", "[dev-mfa]\nregion = mine\n"),
            []
        );
    }

    #[test]
    fn copied_settings_follow_the_source() {
        let config = "[profile dev]\nregion = new\n[profile dev-mfa]\nregion = old\noutput = json\nawsmfa_copied = region,output\n";
        assert_eq!(
            changes(config, ""),
            [
                ("output".into(), None),
                set("region", "new"),
                set("awsmfa_copied", "region")
            ]
        );
        let none_left = "[profile dev]\n[profile dev-mfa]\nregion = old\nawsmfa_copied = region\n";
        assert_eq!(
            changes(none_left, ""),
            [("region".into(), None), ("awsmfa_copied".into(), None)]
        );
    }

    #[test]
    fn nothing_changes_if_everything_is_there() {
        let config =
            "[profile dev]\nregion = a\n[profile dev-mfa]\nregion = a\nawsmfa_copied = region\n";
        assert_eq!(changes(config, ""), []);
        assert_eq!(changes("[profile dev]\nmfa_serial = x\n", ""), []);
    }

    #[test]
    fn a_list_that_names_a_key_does_not_remove_it() {
        let config =
            "[profile dev]\n[profile dev-mfa]\nrole_arn = r\nawsmfa_copied = role_arn,mfa_serial\n";
        assert_eq!(changes(config, ""), [("awsmfa_copied".into(), None)]);
    }

    #[test]
    fn the_instructions_for_the_user_show_no_secret_value() {
        let told = |config: &str, credentials: &str| {
            let profiles = profiles(config, credentials);
            let section = "profile dev-mfa".to_owned();
            let edit = edit(profiles, &name("dev"), &name("dev-mfa"), section);
            describe(&edit.expect("there is something to do"), &name("dev"))
        };
        assert_eq!(
            told("[profile dev]\nregion = r\noutput = json\n", ""),
            "add to [profile dev-mfa]: `region = r`, `output = json`"
        );
        assert_eq!(
            told(
                "[profile dev]\nmfa_secret = hush\nendpoint_url = http://a:hush@b\ns3 =\n  max = 2\ncli_pager =\n",
                ""
            ),
            "add to [profile dev-mfa]: `cli_pager = `, `mfa_secret`, `endpoint_url`, `s3` as in dev"
        );
        assert_eq!(
            told(
                "[profile dev]\nregion = new\n[profile dev-mfa]\nregion = old\noutput = json\nawsmfa_copied = region,output\n",
                ""
            ),
            "add to [profile dev-mfa]: `region = new`; remove from [profile dev-mfa]: `output`"
        );
    }

    #[test]
    fn a_purge_removes_copied_settings_and_no_key_that_somebody_added_to_the_list() {
        let purged = |copied: &str| {
            let config = format!("[profile dev-mfa]\nregion = r\n{copied}");
            let files = profiles(&config, "");
            let edit = purge(files, &name("dev-mfa"), "profile dev-mfa".into())?;
            assert!(edit.changes.iter().all(|(_, value)| value.is_none()));
            let keys = edit.changes.iter().map(|(key, _)| key.clone());
            Some(keys.collect::<Vec<_>>())
        };
        assert_eq!(purged(""), None);
        let listed = "awsmfa_copied = region, s3,,aws_access_key_id,role_arn\n";
        let expected = ["region", "s3", "awsmfa_copied"].map(str::to_owned);
        assert_eq!(purged(listed), Some(expected.to_vec()));
    }
}
