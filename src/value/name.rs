//! Parses a profile's name. It does not check that the files have such a profile.

use std::fmt;
use std::str::FromStr;

/// The ending of a session profile's name: `dev-mfa`.
pub(crate) const SUFFIX: &str = "-mfa";

/// The name of a profile. It contains no character that would end or change a section header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProfileName(String);

impl ProfileName {
    /// The name as it is in the files.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the profile that tools use when none is named.
    pub(crate) fn is_default(&self) -> bool {
        self.0 == "default"
    }

    /// The session profile of this profile: `dev` → `dev-mfa`. If some tools could not read that name,
    /// the closest that all can: `my dev` → `my-dev-mfa`.
    pub(crate) fn session_profile(&self) -> Self {
        Self(format!("{}{SUFFIX}", self.readable().0))
    }

    /// The profile that [`Self::session_profile`] would belong to by its form, if that is a different
    /// one.
    pub(crate) fn stand_in(&self) -> Option<Self> {
        Some(self.readable()).filter(|name| name != self)
    }

    fn readable(&self) -> Self {
        let readable = |c: char| if is_readable(c) { c } else { '-' };
        Self(self.0.chars().map(readable).collect())
    }

    /// The session profile for this profile's own keys if [`Self::session_profile`] holds the session of
    /// its role: `dev` → `dev-user-mfa`, and `my dev` → `my-dev-user-mfa`.
    pub(crate) fn user_session_profile(&self) -> Self {
        Self(format!("{}-user{SUFFIX}", self.readable().0))
    }

    /// The name that this is the session profile of, by its form: `dev-mfa` → `dev`.
    pub(crate) fn without_suffix(&self) -> Option<Self> {
        self.0
            .strip_suffix(SUFFIX)
            .filter(|name| !name.is_empty())
            .map(|name| Self(name.to_owned()))
    }

    /// The name that this is the user session profile of, by its form: `dev-user-mfa` → `dev`.
    pub(crate) fn without_user_suffix(&self) -> Option<Self> {
        let name = self.without_suffix()?;
        let name = name.0.strip_suffix("-user")?;
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }

    /// Whether every SDK reads a section of this name. The AWS SDKs skip sections with any other
    /// character (aws-runtime, `validate_identifier`), and the AWS CLI needs quotes around a space.
    pub(crate) fn is_read_by_all(&self) -> bool {
        self.0.chars().all(is_readable)
    }
}

fn is_readable(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c)
}

impl Default for ProfileName {
    /// The profile that tools use when none is named.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for ProfileName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&byte);
        if !text.is_empty() && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        if text.trim_ascii().is_empty() {
            return Err("a profile name can't be empty".into());
        }
        // The SDKs collapse white space in a header to single spaces.
        let mut words = text.split(' ');
        let folded = words.all(|word| !word.is_empty() && !word.contains(is_white_space));
        if !folded
            || text.contains(['[', ']', '#', ';', '"', '\''])
            || text.chars().any(char::is_control)
        {
            return Err(format!(
                "{} can't be a profile name: no quotes, brackets, # or ;, and single spaces only",
                crate::text::quoted(text)
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

fn is_white_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ProfileName;

    #[test]
    fn a_name_that_would_change_a_header_is_refused() {
        for text in [
            "", " ", "a]b", "[a", "a#b", "a;b", "a\nb", " a", "a  b", "a\"b",
        ] {
            assert!(text.parse::<ProfileName>().is_err(), "{text:?}");
        }
        for text in ["dev", "a b", "team/dev.eu@1+2:3%", "é"] {
            assert!(text.parse::<ProfileName>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn the_session_profile_is_the_name_with_mfa_appended() {
        let dev: ProfileName = "dev".parse().expect("a name");
        assert_eq!(dev.session_profile().as_str(), "dev-mfa");
        assert_eq!(dev.session_profile().without_suffix(), Some(dev.clone()));
        assert_eq!((dev.without_suffix(), dev.stand_in()), (None, None));
        for (name, target, stand_in) in [
            ("my dev", "my-dev-mfa", "my-dev"),
            ("zoë,x", "zo--x-mfa", "zo--x"),
        ] {
            let name: ProfileName = name.parse().expect("a name");
            assert_eq!(name.session_profile().as_str(), target);
            assert!(name.session_profile().is_read_by_all());
            assert_eq!(name.stand_in().expect("another").as_str(), stand_in);
            let of_user = name.user_session_profile();
            assert_eq!(of_user.as_str(), format!("{stand_in}-user-mfa"));
        }
        assert_eq!(
            "-mfa"
                .parse::<ProfileName>()
                .expect("a name")
                .without_suffix(),
            None
        );
    }
}
