//! Parses the name that AWS gives a user, role or device, such as
//! `arn:aws:iam::123456789012:role/admin`. It does not check that AWS has such a thing.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;
use std::str::FromStr;

/// An Amazon Resource Name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arn(String);

impl Arn {
    /// The ARN as AWS spells it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// `aws`, `aws-cn`, …
    pub(crate) fn partition(&self) -> &str {
        self.part(1)
    }

    /// `iam`, `sts`, …
    pub(crate) fn service(&self) -> &str {
        self.part(2)
    }

    /// The account number; `None` if the ARN leaves it out.
    pub(crate) fn account(&self) -> Option<&str> {
        Some(self.part(4)).filter(|account| !account.is_empty())
    }

    /// The part after the account: `user/alice`, `mfa/team/alice`.
    pub(crate) fn resource(&self) -> &str {
        self.part(5)
    }

    /// Whether it names a role session.
    pub(crate) fn is_assumed_role(&self) -> bool {
        self.service() == "sts" && self.resource().starts_with("assumed-role/")
    }

    fn part(&self, number: usize) -> &str {
        // Parsing made sure that there are six parts.
        self.0.splitn(6, ':').nth(number).unwrap_or_default()
    }
}

impl FromStr for Arn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let parts = text.splitn(6, ':').collect::<Vec<_>>();
        match parts[..] {
            ["arn", partition, service, _, _, resource]
                if [partition, service, resource]
                    .iter()
                    .all(|it| !it.is_empty())
                    && crate::text::is_one_word(text) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(format!("{} is not an ARN", crate::text::quoted(text))),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn an_arn_is_split_at_its_colons() {
        let arn: Arn = "arn:aws-us-gov:iam::123456789012:role/team/a:b"
            .parse()
            .expect("an ARN");
        assert_eq!(
            (
                arn.partition(),
                arn.service(),
                arn.account(),
                arn.resource()
            ),
            ("aws-us-gov", "iam", Some("123456789012"), "role/team/a:b")
        );
        let public: Arn = "arn:aws:s3:::bucket".parse().expect("an ARN");
        assert_eq!(public.account(), None);
    }

    #[test]
    fn a_roles_session_is_recognised_by_its_arn() {
        let arn = |text: &str| text.parse::<Arn>().expect("an ARN");
        assert!(arn("arn:aws:sts::123456789012:assumed-role/admin/me").is_assumed_role());
        assert!(!arn("arn:aws:iam::123456789012:user/assumed-role/x").is_assumed_role());
    }

    #[test]
    fn text_that_lacks_a_part_or_spans_lines_is_not_an_arn() {
        for text in [
            "",
            "x",
            "arn:aws:iam",
            "arn:aws:iam::1:",
            "arn::iam::1:user/a",
            "urn:aws:iam::1:user/a",
            "arn:aws:iam::1:user/a b",
            "arn:aws:iam::1:user/a\n[b]",
            "arn:aws:iam::1:user/a\u{85}b",
            "arn:aws:iam::1:user/\u{1b}[31m",
        ] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }
}
