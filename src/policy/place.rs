//! Parses the partition and the account that a document is for. It finds out neither.

use crate::text::quoted;
use std::str::FromStr;

/// The partition that a document is for: `aws`, `aws-cn`, …
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition(String);

/// The number of the account that a document is for, or `*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account(String);

/// The place that a document is for.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The partition.
    pub(crate) partition: Partition,
    /// The account; `*` for a document that names none.
    pub(crate) account: Account,
}

impl Place {
    /// A place for measuring documents.
    pub(crate) fn example() -> Self {
        Self {
            partition: Partition::commercial(),
            account: Account::example(),
        }
    }
}

/// What the user says about the place of a template. The stack or module finds out the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// The partition.
    pub(crate) partition: Option<Partition>,
    /// The account.
    pub(crate) account: Option<Account>,
}

impl Partition {
    /// The usual partition, which is meant unless something says otherwise.
    pub(crate) fn commercial() -> Self {
        Self("aws".to_owned())
    }

    /// As it is in an ARN.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Partition {
    type Err = String;

    /// All partitions begin with `aws`, and so will new ones.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_word = |it: &str| {
            !it.is_empty()
                && it
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let mut words = text.split('-');
        if words.next() == Some("aws") && words.all(is_word) && text.len() <= 32 {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "{} is not a partition; they are aws, aws-cn, aws-us-gov and others that begin like that",
            quoted(text)
        ))
    }
}

impl Account {
    /// Any account.
    pub(crate) fn any() -> Self {
        Self("*".to_owned())
    }

    /// An account number as long as any.
    pub(super) fn example() -> Self {
        Self("123456789012".to_owned())
    }

    /// Whether it means any account.
    pub(crate) fn is_any(&self) -> bool {
        self.0 == "*"
    }

    /// As it is in an ARN.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Account {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit());
        if is_number || text == "*" {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "{} is not an account; one has twelve digits, without hyphens",
            quoted(text)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_and_an_account_must_be_valid() {
        for right in ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"] {
            assert!(right.parse::<Partition>().is_ok(), "{right}");
        }
        for wrong in ["", "AWS", "aws-", "azure", "aws*", "aws-${x}", "aws:cn"] {
            assert!(wrong.parse::<Partition>().is_err(), "{wrong}");
        }
        for right in ["123456789012", "*"] {
            assert!(right.parse::<Account>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "12345678901",
            "1234-5678-9012",
            "12345678901?",
            "١٢٣٤٥٦٧٨٩٠١٢",
        ] {
            assert!(wrong.parse::<Account>().is_err(), "{wrong}");
        }
    }
}
