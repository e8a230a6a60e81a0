//! Writes the text of the AWS files for the measurements. It touches no disk.

use std::fmt::Write as _;

use crate::support::aws::{KEY_ID, SECRET_KEY};

/// Only the long-term keys.
pub(crate) fn long_term() -> String {
    format!("[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n")
}

/// The long-term keys, and a session that outlives this benchmark.
pub(crate) fn with_session() -> String {
    let token = "IQoJb3JpZ2luX2VjEXAMPLE".repeat(16);
    format!(
        "{}\n[dev-mfa]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = \
         {SECRET_KEY}\naws_session_token = {token}\nx_security_token_expires = \
         2099-01-01T00:00:00Z\nawsmfa_source_profile = dev\n",
        long_term()
    )
}

/// The long-term keys and the session, after `profiles` other profiles.
pub(crate) fn large(profiles: usize) -> String {
    let mut text = String::new();
    for number in 0..profiles {
        writeln!(
            text,
            "# account {number}\n[account-{number}]\naws_access_key_id = AKIA{number:016}\n\
             aws_secret_access_key = {SECRET_KEY}\nregion = eu-central-1\n"
        )
        .expect("a string takes everything");
    }
    text + &with_session()
}

/// This many sessions, each with its own source.
pub(crate) fn many_sessions(sessions: usize) -> String {
    let mut text = String::new();
    for number in 0..sessions {
        writeln!(
            text,
            "[account-{number}-mfa]\naws_access_key_id = ASIA{number:016}\naws_secret_access_key = \
             {SECRET_KEY}\naws_session_token = token\nx_security_token_expires = \
             2099-01-01T00:00:00Z\nawsmfa_source_profile = account-{number}\n"
        )
        .expect("a string takes everything");
    }
    text
}
