//! Holds a string of a policy in its parts, so that each rendering writes what differs between accounts
//! and what IAM itself replaces by its own rules. It renders none of them into a document.

use super::place::{Account, Partition};

/// A string of a policy: an ARN, a value of a condition, a `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// What is the same everywhere; it never holds `${`.
    Text(String),
    /// `aws`, `aws-cn`, …
    Partition,
    /// The number of the account.
    Account,
    /// What IAM fills in for each request: `aws:username` for `${aws:username}`.
    Variable(String),
    /// What is chosen when a stack is made.
    Parameter(Parameter),
}

/// A parameter of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Its name in the template.
    pub(super) name: &'static str,
    /// What it is where nobody chooses.
    pub(super) default: &'static str,
}

/// How a kind of document writes the parts.
pub(super) trait Notation {
    /// What is the same everywhere.
    fn text(&self, text: &str) -> String;
    /// What IAM fills in.
    fn variable(&self, name: &str) -> String;
    /// The partition.
    fn partition(&self) -> String;
    /// The account.
    fn account(&self) -> String;
    /// What a stack's parameter holds.
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

    /// What a person writes, in which `${…}` is a variable of IAM's. Fails where one is left open.
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

    /// The ARN of something of IAM's in `account`.
    pub(super) fn iam(account: Piece, resource: impl IntoIterator<Item = Piece>) -> Self {
        let begin = [text("arn:"), Piece::Partition, text(":iam::"), account];
        let rest = [text(":")].into_iter().chain(resource);
        Self(begin.into_iter().chain(rest).collect())
    }

    /// Its parts, to be a part of another.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.0.iter().cloned()
    }

    /// Whether a part of it is `piece`.
    pub(super) fn has(&self, piece: &Piece) -> bool {
        self.0.contains(piece)
    }

    /// Whether it is the same in every account and every stack.
    pub(super) fn is_fixed(&self) -> bool {
        let is_fixed = |it: &Piece| matches!(it, Piece::Text(_) | Piece::Variable(_));
        self.0.iter().all(is_fixed)
    }

    /// The same with the partition and the account that are known.
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

/// A part that is the same everywhere.
pub(super) fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

/// The name of the user who asks, which IAM fills in.
pub(super) fn username() -> Piece {
    Piece::Variable("aws:username".to_owned())
}
