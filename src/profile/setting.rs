//! Names the settings that awsmfa reads and writes in the AWS files. It gives them no meaning.

/// The id of an access key, a user's or a session's.
pub(crate) const ACCESS_KEY_ID: &str = "aws_access_key_id";
/// The secret of that key.
pub(crate) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
/// The token that makes them the keys of a session.
pub(crate) const SESSION_TOKEN: &str = "aws_session_token";
/// The session token's name in boto 2, still written by some tools.
pub(crate) const SECURITY_TOKEN: &str = "aws_security_token";
/// The expiry, under the name that saml2aws writes and Starship reads.
pub(crate) const EXPIRES: &str = "x_security_token_expires";
/// The profile whose long-term keys, or whose role, the session was made with.
pub(crate) const SOURCE: &str = "awsmfa_source_profile";
/// The device that the session was made with.
pub(crate) const DEVICE: &str = "awsmfa_mfa_serial";
/// The id of the long-term access key at the root of the session.
pub(crate) const MADE_BY_KEY: &str = "awsmfa_access_key_id";
/// The hash of the `credential_process` that gave that key, instead of its id.
pub(crate) const MADE_BY_PROCESS: &str = "awsmfa_process_hash";
/// The role that the session is for.
pub(crate) const MADE_FOR_ROLE: &str = "awsmfa_role_arn";
/// The hash of the other parameters of that role, and of the roles on the way to it.
pub(crate) const MADE_WITH: &str = "awsmfa_role_hash";
/// The duration that was granted, in seconds.
pub(crate) const GRANTED: &str = "awsmfa_duration";
/// The account of a session's user or role; the AWS tools use this setting too.
pub(crate) const ACCOUNT_ID: &str = "aws_account_id";
/// Some AWS tools' limit on what a session's keys may do.
pub(crate) const CREDENTIAL_SCOPE: &str = "aws_credential_scope";
/// When a rotation was about to create an access key. A later key whose secret was never saved may come
/// from it.
pub(crate) const NEXT_BEGUN: &str = "awsmfa_next_begun";
/// The id of the access key that will replace the one next to it.
pub(crate) const NEXT_ID: &str = "awsmfa_next_access_key_id";
/// The secret of that key.
pub(crate) const NEXT_SECRET: &str = "awsmfa_next_secret_access_key";
/// The id of the access key that was replaced by the one next to it.
pub(crate) const PREVIOUS_ID: &str = "awsmfa_previous_access_key_id";
/// The secret of that key.
pub(crate) const PREVIOUS_SECRET: &str = "awsmfa_previous_secret_access_key";
/// When that key was deactivated.
pub(crate) const PREVIOUS_DEACTIVATED: &str = "awsmfa_previous_deactivated";
/// The settings that awsmfa copied into the session profile in the config file.
pub(crate) const COPIED: &str = "awsmfa_copied";

/// The role of a role profile.
pub(crate) const ROLE_ARN: &str = "role_arn";
/// The profile that a role is assumed from.
pub(crate) const SOURCE_PROFILE: &str = "source_profile";
/// Set if a role's source is the machine, not a profile.
pub(crate) const CREDENTIAL_SOURCE: &str = "credential_source";
/// The file of the token that a role is assumed with instead of keys.
pub(crate) const WEB_IDENTITY_TOKEN_FILE: &str = "web_identity_token_file";
/// The command that prints keys.
pub(crate) const CREDENTIAL_PROCESS: &str = "credential_process";
/// The MFA device of a user, or for a role.
pub(crate) const MFA_SERIAL: &str = "mfa_serial";
/// The command that prints a code (aws-vault's name for it).
pub(crate) const MFA_PROCESS: &str = "mfa_process";

/// The region of a profile.
pub(crate) const REGION: &str = "region";

/// The `[services …]` section with the endpoints of a profile's services.
pub(crate) const SERVICES: &str = "services";

/// The settings in which tools record the end of a session, awsmfa's first.
pub(crate) const EXPIRIES: [&str; 5] = [
    EXPIRES,
    "aws_session_expiration",
    "expiration",
    "aws_expiration",
    "aws_credential_expiration",
];

/// The settings that describe a session further, and mean nothing without one.
const BESIDE: [&str; 2] = [ACCOUNT_ID, CREDENTIAL_SCOPE];

/// The settings of a session, whichever tool wrote it.
pub(crate) fn of_a_session() -> impl Iterator<Item = &'static str> {
    let settings = [
        ACCESS_KEY_ID,
        SECRET_ACCESS_KEY,
        SESSION_TOKEN,
        SECURITY_TOKEN,
        SOURCE,
        DEVICE,
        MADE_BY_KEY,
        MADE_BY_PROCESS,
        MADE_FOR_ROLE,
        MADE_WITH,
        GRANTED,
    ];
    settings.into_iter().chain(BESIDE).chain(EXPIRIES)
}

/// Whether `setting` shows that there is a session. An expiry or an account alone does not: another tool
/// or the user may use it for something else.
pub(crate) fn makes_a_session(setting: &str) -> bool {
    !EXPIRIES.contains(&setting) && !BESIDE.contains(&setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_or_an_account_alone_does_not_make_a_session() {
        let mut all = of_a_session();
        assert!(all.any(|it| it == EXPIRES) && all.next().is_some());
        for setting in of_a_session() {
            let says_more =
                EXPIRIES.contains(&setting) || [ACCOUNT_ID, CREDENTIAL_SCOPE].contains(&setting);
            assert_eq!(makes_a_session(setting), !says_more, "{setting}");
        }
    }
}
