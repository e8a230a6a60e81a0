//! Holds a string of a policy in parts, so that each format can write what differs between accounts, and
//! what IAM replaces itself, in its own way. It writes none itself.

use super::place::{Account, Partition};

/// A string of a policy: an ARN, a condition's value, a `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that is the same everywhere; it never contains `${`.
    Text(String),
    /// `aws`, `aws-cn`, …
    Partition,
    /// The account number.
    Account,
    /// What IAM fills in for each request: `aws:username` for `${aws:username}`.
    Variable(String),
    /// What is chosen when a stack is created.
    Parameter(Parameter),
}

/// A parameter of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Its name in the template.
    pub(super) name: &'static str,
    /// Its default.
    pub(super) default: &'static str,
}

/// How a format writes the parts.
pub(super) trait Notation {
    /// Text that is the same everywhere.
    fn text(&self, text: &str) -> String;
    /// What IAM fills in.
    fn variable(&self, name: &str) -> String;
    /// The partition.
    fn partition(&self) -> String;
    /// The account.
    fn account(&self) -> String;
    /// The value of a stack's parameter.
    fn parameter(&self, parameter: Parameter) -> String;
}

impl Pattern {
    /// The same text everywhere.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// These parts.
    pub(super) fn of(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self(pieces.into_iter().collect())
    }

    /// Text from a user, in which `${…}` is an IAM variable. Fails if one is not closed.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| "has a ${ without its }".to_owned())?;
            if name.is_empty() || name.contains(['$', '{']) {
                return Err("has a ${…} that names no variable".to_owned());
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Variable(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The ARN of an IAM resource in `account`.
    pub(super) fn iam(account: Piece, resource: impl IntoIterator<Item = Piece>) -> Self {
        let begin = [text("arn:"), Piece::Partition, text(":iam::"), account];
        let rest = [text(":")].into_iter().chain(resource);
        Self(begin.into_iter().chain(rest).collect())
    }

    /// Its parts, for use in another pattern.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.0.iter().cloned()
    }

    /// Whether it contains `piece`.
    pub(super) fn has(&self, piece: &Piece) -> bool {
        self.0.contains(piece)
    }

    /// Whether it is the same in every account and every stack.
    pub(super) fn is_fixed(&self) -> bool {
        let is_fixed = |it: &Piece| matches!(it, Piece::Text(_) | Piece::Variable(_));
        self.0.iter().all(is_fixed)
    }

    /// The same, with partition and account filled in if they are known.
    pub(super) fn filled(&self, partition: Option<&Partition>, account: Option<&Account>) -> Self {
        let fill = |piece: &Piece| match (piece, partition, account) {
            (Piece::Partition, Some(partition), _) => text(partition.as_str()),
            (Piece::Account, _, Some(account)) => text(account.as_str()),
            (piece, ..) => piece.clone(),
        };
        Self(self.0.iter().map(fill).collect())
    }

    /// Writes it in `notation`.
    pub(super) fn write(&self, notation: &impl Notation) -> String {
        let write = |piece: &Piece| match piece {
            Piece::Text(text) => notation.text(text),
            Piece::Variable(name) => notation.variable(name),
            Piece::Partition => notation.partition(),
            Piece::Account => notation.account(),
            Piece::Parameter(parameter) => notation.parameter(*parameter),
        };
        self.0.iter().map(write).collect()
    }
}

/// Text that is the same everywhere.
pub(super) fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

/// The name of the user who makes the request, which IAM fills in.
pub(super) fn username() -> Piece {
    Piece::Variable("aws:username".to_owned())
}
