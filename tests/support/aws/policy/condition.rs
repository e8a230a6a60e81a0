//! Decides whether a condition of a statement holds for a request. It never sees the statement.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::context::{Context, Value};
use super::pattern::{ArnTemplate, Template};

/// One operator and key of a `Condition`, with the policy's values.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    key: String,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    /// Whether the key is missing.
    Null(Vec<String>),
    Compare {
        quantifier: Option<Quantifier>,
        comparison: Comparison,
        /// The operator contains `Not`: none of the policy's values may match.
        negated: bool,
        if_exists: bool,
        values: Vec<Wanted>,
    },
}

/// How a key with several values is judged.
#[derive(Clone, Copy, Debug)]
enum Quantifier {
    All,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    Numeric(Order),
    Date(Order),
    IpAddress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value in the policy.
#[derive(Clone, Debug)]
enum Wanted {
    Text(Template),
    Arn(ArnTemplate),
    Plain(String),
    /// Not of the kind that the operator compares: it neither matches nor differs from anything.
    Unfit,
}

impl Condition {
    /// Reads an operator, such as `ForAnyValue:StringLikeIfExists`, with its key and values.
    pub(crate) fn parse(
        operator: &str,
        key: &str,
        values: Vec<String>,
        has_variables: bool,
    ) -> Result<Self, String> {
        let key = key.to_owned();
        if operator == "Null" {
            let test = Test::Null(values);
            return Ok(Self { key, test });
        }
        let (quantifier, name) = match operator.split_once(':') {
            Some(("ForAllValues", name)) => (Some(Quantifier::All), name),
            Some(("ForAnyValue", name)) => (Some(Quantifier::Any), name),
            _ => (None, operator),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (comparison, negated) = Comparison::parse(name)
            .ok_or_else(|| format!("Invalid Condition type : {operator}."))?;
        let wanted = |text: &String| comparison.wanted(text, has_variables);
        let test = Test::Compare {
            quantifier,
            comparison,
            negated,
            if_exists,
            values: values.iter().map(wanted).collect(),
        };
        Ok(Self { key, test })
    }

    /// Whether it holds for a request.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let value = context.get(&self.key);
        match &self.test {
            Test::Null(values) => {
                let wanted = if value.is_none() { "true" } else { "false" };
                values.iter().any(|it| it.eq_ignore_ascii_case(wanted))
            }
            Test::Compare {
                quantifier,
                comparison,
                negated,
                if_exists,
                values,
            } => {
                let fits = |have: &String| comparison.fits(have, values, *negated, context);
                match (quantifier, value) {
                    (None, None) => *negated || *if_exists,
                    (Some(Quantifier::All), None) => true,
                    (Some(Quantifier::Any), None) => *if_exists,
                    (_, Some(Value::One(have))) => fits(have),
                    (None, Some(Value::Many(_))) => false,
                    (Some(Quantifier::All), Some(Value::Many(have))) => have.iter().all(fits),
                    (Some(Quantifier::Any), Some(Value::Many(have))) => have.iter().any(fits),
                }
            }
        }
    }

    /// The condition keys that it uses.
    pub(crate) fn keys(&self) -> Vec<&str> {
        let mut keys = vec![self.key.as_str()];
        if let Test::Compare { values, .. } = &self.test {
            for value in values {
                match value {
                    Wanted::Text(template) => keys.extend(template.keys()),
                    Wanted::Arn(template) => keys.extend(template.keys()),
                    Wanted::Plain(_) | Wanted::Unfit => {}
                }
            }
        }
        keys
    }
}

impl Comparison {
    fn parse(name: &str) -> Option<(Self, bool)> {
        let order = |name: &str| {
            Some(match name {
                "Equals" => (Order::Equal, false),
                "NotEquals" => (Order::Equal, true),
                "LessThan" => (Order::Less, false),
                "LessThanEquals" => (Order::LessOrEqual, false),
                "GreaterThan" => (Order::Greater, false),
                "GreaterThanEquals" => (Order::GreaterOrEqual, false),
                _ => return None,
            })
        };
        Some(match name {
            "StringEquals" => (Self::Equals, false),
            "StringNotEquals" => (Self::Equals, true),
            "StringEqualsIgnoreCase" => (Self::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Self::EqualsIgnoreCase, true),
            "StringLike" => (Self::Like, false),
            "StringNotLike" => (Self::Like, true),
            "ArnEquals" | "ArnLike" => (Self::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Self::Arn, true),
            "Bool" => (Self::Bool, false),
            "IpAddress" => (Self::IpAddress, false),
            "NotIpAddress" => (Self::IpAddress, true),
            _ => {
                if let Some(rest) = name.strip_prefix("Numeric") {
                    let (order, negated) = order(rest)?;
                    (Self::Numeric(order), negated)
                } else {
                    let (order, negated) = order(name.strip_prefix("Date")?)?;
                    (Self::Date(order), negated)
                }
            }
        })
    }

    fn wanted(self, text: &str, has_variables: bool) -> Wanted {
        match self {
            Self::Equals | Self::EqualsIgnoreCase | Self::Like | Self::Bool => {
                Wanted::Text(Template::parse(text, has_variables))
            }
            Self::Arn => ArnTemplate::parse(text, has_variables).map_or(Wanted::Unfit, Wanted::Arn),
            Self::Numeric(_) | Self::Date(_) | Self::IpAddress => Wanted::Plain(text.to_owned()),
        }
    }

    /// Whether one value of the request matches one of the policy's values, or none of them if the
    /// operator is negated.
    fn fits(self, have: &str, values: &[Wanted], negated: bool, context: &Context) -> bool {
        let mut compared = values.iter().map(|it| self.compare(have, it, context));
        if negated {
            compared.all(|it| it == Some(false))
        } else {
            compared.any(|it| it == Some(true))
        }
    }

    /// Whether two values match; none if they can't be compared.
    fn compare(self, have: &str, wanted: &Wanted, context: &Context) -> Option<bool> {
        match wanted {
            Wanted::Text(template) => {
                let pattern = template.resolve(context)?;
                Some(match self {
                    Self::Like => pattern.fits(have),
                    Self::EqualsIgnoreCase => {
                        pattern.literal().to_lowercase() == have.to_lowercase()
                    }
                    Self::Bool => boolean(have)? == boolean(&pattern.literal())?,
                    _ => pattern.literal() == have,
                })
            }
            Wanted::Arn(template) => template.fits(have, context),
            Wanted::Plain(text) => match self {
                Self::Numeric(order) => order.holds(number(have)?, number(text)?),
                Self::Date(order) => order.holds(moment(have)?, moment(text)?),
                _ => is_within(have.parse().ok()?, text),
            },
            Wanted::Unfit => None,
        }
    }
}

impl Order {
    fn holds<T: PartialOrd>(self, have: T, wanted: T) -> Option<bool> {
        let order = have.partial_cmp(&wanted)?;
        Some(match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        })
    }
}

fn boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// A moment, in ISO 8601 or in seconds since 1970.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    match text.parse() {
        Ok(seconds) => DateTime::from_timestamp(seconds, 0),
        Err(_) => text.parse().ok(),
    }
}

fn is_within(address: IpAddr, block: &str) -> Option<bool> {
    let (network, length) = match block.split_once('/') {
        Some((network, length)) => (network, Some(length.parse::<u32>().ok()?)),
        None => (block, None),
    };
    let (address, network, bits) = match (address, network.parse().ok()?) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (address.to_bits().into(), network.to_bits().into(), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return Some(false),
    };
    let free = bits - length.unwrap_or(bits).min(bits);
    let differs: u128 = address ^ network;
    Some(differs.checked_shr(free).unwrap_or(0) == 0)
}
