//! Parses `--context` of `policy check`, such as `aws:SourceIp=203.0.113.7`: a condition key, and the value
//! that all simulated requests have for it. It does not know which policies use the key.

use crate::aws::{Entry, Kind};
use crate::text::{is_one_word, quoted};
use chrono::{DateTime, NaiveDate};
use std::net::IpAddr;
use std::str::FromStr;

/// A condition key with a value.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    key: String,
    kind: Kind,
    value: String,
}

/// The keys that a check sets itself, because they are what it is about.
const OWN: [&str; 6] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:username",
];

impl Given {
    /// Each key with all the values that were given for it.
    pub(crate) fn entries(all: &[Self]) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for Self { key, kind, value } in all {
            let mut known = entries.iter_mut();
            match known.find(|it| it.key.eq_ignore_ascii_case(key)) {
                Some(known) => {
                    known.kind = Kind::Texts;
                    known.values.push(value.clone());
                }
                None => entries.push(Entry {
                    key: key.clone(),
                    kind: *kind,
                    values: vec![value.clone()],
                }),
            }
        }
        entries
    }
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) if !value.is_empty() => (key, value),
            _ => return Err("it is not KEY=VALUE, such as aws:SourceIp=203.0.113.7".to_owned()),
        };
        let is_key = key.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && is_one_word(service)
        });
        if !is_key {
            return Err(format!("{} is not a condition key", quoted(key)));
        }
        let lower = key.to_ascii_lowercase();
        if OWN.contains(&lower.as_str()) {
            return Err(format!("a check sets {key} itself"));
        }
        let kind = kind_of(&lower);
        if !kind.has(value) {
            return Err(format!(
                "{} is not {}, which {key} is",
                quoted(value),
                kind.words()
            ));
        }
        Ok(Self {
            key: key.to_owned(),
            kind,
            value: value.to_owned(),
        })
    }
}

/// The type of a key's values.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
fn kind_of(key: &str) -> Kind {
    match key {
        "aws:sourceip" | "aws:vpcsourceip" => Kind::Address,
        "aws:currenttime" | "aws:tokenissuetime" => Kind::Date,
        "aws:epochtime" => Kind::Numeric,
        "aws:securetransport" | "aws:viaawsservice" | "aws:principalisawsservice" => Kind::Boolean,
        "aws:tagkeys" | "aws:calledvia" | "aws:principalorgpaths" | "aws:resourceorgpaths" => {
            Kind::Texts
        }
        _ => Kind::Text,
    }
}

impl Kind {
    fn has(self, value: &str) -> bool {
        match self {
            Self::Boolean => matches!(value, "true" | "false"),
            Self::Numeric => value.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Address => {
                let address = value.split('/').next().unwrap_or_default();
                address.parse::<IpAddr>().is_ok()
            }
            Self::Date => {
                DateTime::parse_from_rfc3339(value).is_ok() || value.parse::<NaiveDate>().is_ok()
            }
            Self::Text | Self::Texts => true,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Numeric => "a number",
            Self::Address => "an IP address",
            Self::Date => "a date such as 2026-01-31 or 2026-01-31T12:00:00Z",
            Self::Text | Self::Texts => "text",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Given;

    #[test]
    fn what_is_no_value_of_a_key_is_refused() {
        for text in [
            "aws:SourceIp=203.0.113.7",
            "aws:SourceIp=203.0.113.0/24",
            "aws:PrincipalTag/team=a=b",
            "AWS:CurrentTime=2026-01-31",
            "aws:CurrentTime=2026-01-31T12:00:00Z",
            "aws:EpochTime=1700000000",
            "aws:SecureTransport=false",
            "s3:prefix=a b",
        ] {
            assert!(text.parse::<Given>().is_ok(), "{text}");
        }
        for text in [
            "",
            "aws:SourceIp",
            "aws:SourceIp=",
            "=a",
            "SourceIp=203.0.113.7",
            "aws:=a",
            "aws:SourceIp=here",
            "aws:CurrentTime=now",
            "aws:EpochTime=nan",
            "aws:SecureTransport=yes",
            "aws:username=bob",
            "aws:multifactorauthpresent=true",
        ] {
            assert!(text.parse::<Given>().is_err(), "{text}");
        }
    }

    #[test]
    fn several_values_of_a_key_are_a_list() {
        let given = ["aws:UserAgent=a", "aws:SourceVpc=b", "AWS:useragent=c"];
        let given = given.map(|it| it.parse::<Given>().expect("it is one"));
        let entries = Given::entries(&given);
        let values: Vec<_> = entries.iter().map(|it| it.values.join(" ")).collect();
        assert_eq!(values, ["a c", "b"]);
    }
}
