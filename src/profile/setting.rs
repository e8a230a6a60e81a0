//! Names the settings that awsmfa reads and writes in the AWS files. It gives them no meaning.

/// The id of an access key, a user's or a session's.
pub(crate) const ACCESS_KEY_ID: &str = "aws_access_key_id";
/// The secret that belongs to it.
pub(crate) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
/// The token that makes them a session's.
pub(crate) const SESSION_TOKEN: &str = "aws_session_token";
/// The session token's name in boto 2, still written by some tools.
pub(crate) const SECURITY_TOKEN: &str = "aws_security_token";
/// The expiry, under the name that saml2aws writes and Starship reads.
pub(crate) const EXPIRES: &str = "x_security_token_expires";
/// The profile whose long-term keys, or whose role, the session was made with.
pub(crate) const SOURCE: &str = "awsmfa_source_profile";
/// The device that the session was made with.
pub(crate) const DEVICE: &str = "awsmfa_mfa_serial";
/// The id of the long-term access key that began the session.
pub(crate) const MADE_BY_KEY: &str = "awsmfa_access_key_id";
/// The hash of the `credential_process` that gave that key, in place of its id.
pub(crate) const MADE_BY_PROCESS: &str = "awsmfa_process_hash";
/// The role that it is a session of.
pub(crate) const MADE_FOR_ROLE: &str = "awsmfa_role_arn";
/// The hash of what was asked for beside that role, and of the roles on the way to it.
pub(crate) const MADE_WITH: &str = "awsmfa_role_hash";
/// The seconds that it was granted for.
pub(crate) const GRANTED: &str = "awsmfa_duration";
/// The account of a session's user or role, which the AWS tools use too.
pub(crate) const ACCOUNT_ID: &str = "aws_account_id";
/// What a session's keys are limited to, in some AWS tools.
pub(crate) const CREDENTIAL_SCOPE: &str = "aws_credential_scope";
/// When a rotation was about to create an access key: one whose secret was never saved may be its.
pub(crate) const NEXT_BEGUN: &str = "awsmfa_next_begun";
/// The id of the access key that is to take the place of the one beside it.
pub(crate) const NEXT_ID: &str = "awsmfa_next_access_key_id";
/// The secret that belongs to it.
pub(crate) const NEXT_SECRET: &str = "awsmfa_next_secret_access_key";
/// The id of the access key whose place the one beside it has taken.
pub(crate) const PREVIOUS_ID: &str = "awsmfa_previous_access_key_id";
/// The secret that belongs to it.
pub(crate) const PREVIOUS_SECRET: &str = "awsmfa_previous_secret_access_key";
/// When that was deactivated.
pub(crate) const PREVIOUS_DEACTIVATED: &str = "awsmfa_previous_deactivated";
/// The settings that awsmfa copied into the session profile, in the config file.
pub(crate) const COPIED: &str = "awsmfa_copied";

/// The role of a role profile.
pub(crate) const ROLE_ARN: &str = "role_arn";
/// The profile that a role is reached from.
pub(crate) const SOURCE_PROFILE: &str = "source_profile";
/// Where a role's source is not a profile but the machine.
pub(crate) const CREDENTIAL_SOURCE: &str = "credential_source";
/// The file of the token that a role is assumed with instead of keys.
pub(crate) const WEB_IDENTITY_TOKEN_FILE: &str = "web_identity_token_file";
/// The command that prints keys.
pub(crate) const CREDENTIAL_PROCESS: &str = "credential_process";
/// The device of a user, or for a role.
pub(crate) const MFA_SERIAL: &str = "mfa_serial";
/// The command that prints a code (aws-vault's name for it).
pub(crate) const MFA_PROCESS: &str = "mfa_process";

/// The region of a profile.
pub(crate) const REGION: &str = "region";

/// The `[services …]` section that has the endpoints of a profile's services.
pub(crate) const SERVICES: &str = "services";

/// The names that tools write a session's end under, awsmfa's first.
pub(crate) const EXPIRIES: [&str; 5] = [
    EXPIRES,
    "aws_session_expiration",
    "expiration",
    "aws_expiration",
    "aws_credential_expiration",
];

/// The settings that say more of a session, and mean nothing without one.
const BESIDE: [&str; 2] = [ACCOUNT_ID, CREDENTIAL_SCOPE];

/// The settings that are a session's, whichever tool wrote it.
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

/// Whether a session is there where `setting` is: an expiry or an account alone makes none, another
/// tool or the user may mean something else by it.
pub(crate) fn makes_a_session(setting: &str) -> bool {
    !EXPIRIES.contains(&setting) && !BESIDE.contains(&setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_or_an_account_alone_makes_no_session() {
        let mut all = of_a_session();
        assert!(all.any(|it| it == EXPIRES) && all.next().is_some());
        for setting in of_a_session() {
            let says_more =
                EXPIRIES.contains(&setting) || [ACCOUNT_ID, CREDENTIAL_SCOPE].contains(&setting);
            assert_eq!(makes_a_session(setting), !says_more, "{setting}");
        }
    }
}
