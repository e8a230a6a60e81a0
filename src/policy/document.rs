//! Holds a policy document as data: its statements, each with its reason. It does not know how a
//! document is written.

use super::node::{Members, Node};
use super::pattern::{Pattern, Piece};

/// A policy document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) statements: Vec<Statement>,
}

/// One statement of it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// Its name in the document.
    pub(super) sid: &'static str,
    /// Why it is there, in sentences for an administrator.
    pub(super) why: &'static str,
    pub(super) effect: Effect,
    /// Whom a trust policy is about; `None` in a policy that is attached.
    pub(super) principal: Option<Pattern>,
    pub(super) actions: Choice<&'static str>,
    /// `None` in a trust policy, which is about its own role.
    pub(super) resources: Option<Choice<Pattern>>,
    /// All of them must hold.
    pub(super) conditions: Vec<Condition>,
}

/// What a statement does to a request that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// A choice: exactly these, or everything else.
#[derive(Clone, Debug)]
pub(super) enum Choice<T> {
    These(Vec<T>),
    AllBut(Vec<T>),
}

/// A condition: one of the values must match.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) operator: Operator,
    pub(super) key: String,
    pub(super) values: Vec<Pattern>,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Bool,
    /// The same, but it also holds if the request has no such key.
    BoolIfExists,
    NumericGreaterThan,
    NumericLessThanEquals,
    StringEquals,
    StringLike,
    ArnLike,
}

impl Operator {
    /// IAM's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::BoolIfExists => "BoolIfExists",
            Self::NumericGreaterThan => "NumericGreaterThan",
            Self::NumericLessThanEquals => "NumericLessThanEquals",
            Self::StringEquals => "StringEquals",
            Self::StringLike => "StringLike",
            Self::ArnLike => "ArnLike",
        }
    }
}

impl Condition {
    /// The condition that `key` compares by `operator` with one value.
    pub(super) fn new(operator: Operator, key: &str, value: Pattern) -> Self {
        Self::one_of(operator, key, vec![value])
    }

    /// The condition that `key` compares by `operator` with one of these values.
    pub(super) fn one_of(operator: Operator, key: &str, values: Vec<Pattern>) -> Self {
        Self {
            operator,
            key: key.to_owned(),
            values,
        }
    }

    /// The condition that the request was made with MFA. A long-term key's request has no such key.
    pub(super) fn with_mfa() -> Self {
        Self::new(
            Operator::Bool,
            "aws:MultiFactorAuthPresent",
            Pattern::text("true"),
        )
    }
}

impl Document {
    /// Whether it contains the account number.
    pub(super) fn names_account(&self) -> bool {
        self.patterns().any(|it| it.has(&Piece::Account))
    }

    /// Whether it contains the partition.
    pub(super) fn names_partition(&self) -> bool {
        self.patterns().any(|it| it.has(&Piece::Partition))
    }

    /// Every string in it that may differ between accounts.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.statements.iter().flat_map(|statement| {
            let resources = statement.resources.iter().flat_map(Choice::all);
            let values = statement.conditions.iter().flat_map(|it| &it.values);
            statement.principal.iter().chain(resources).chain(values)
        })
    }

    /// The document in IAM's structure.
    pub(super) fn node(&self) -> Node<Pattern> {
        let statements = self.statements.iter().map(Statement::node).collect();
        Node::object([
            ("Version", Node::Text(Pattern::text("2012-10-17"))),
            ("Statement", Node::List(statements)),
        ])
    }
}

impl<T> Choice<T> {
    /// What it names.
    pub(super) fn all(&self) -> &[T] {
        let (Self::These(all) | Self::AllBut(all)) = self;
        all
    }
}

impl<T: Clone> Choice<T> {
    /// The member of a statement, called `name` or `Not` plus `name`.
    fn member(&self, name: &str, pattern: impl Fn(T) -> Pattern) -> (String, Node<Pattern>) {
        let not = match self {
            Self::These(_) => "",
            Self::AllBut(_) => "Not",
        };
        let patterns = self.all().iter().cloned().map(pattern).collect();
        (format!("{not}{name}"), Node::one_or_many(patterns))
    }
}

impl Statement {
    fn node(&self) -> Node<Pattern> {
        let text = |text: &str| Node::Text(Pattern::text(text));
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let mut members = vec![
            ("Sid".to_owned(), text(self.sid)),
            ("Effect".to_owned(), text(effect)),
        ];
        if let Some(principal) = &self.principal {
            let aws = Node::object([("AWS", Node::Text(principal.clone()))]);
            members.push(("Principal".to_owned(), aws));
        }
        members.push(self.actions.member("Action", Pattern::text));
        if let Some(resources) = &self.resources {
            members.push(resources.member("Resource", |it| it));
        }
        if !self.conditions.is_empty() {
            members.push(("Condition".to_owned(), self.condition_block()));
        }
        Node::Object(members)
    }

    /// The conditions, grouped by operator.
    fn condition_block(&self) -> Node<Pattern> {
        let mut block: Vec<(String, Members<Pattern>)> = Vec::new();
        for condition in &self.conditions {
            let name = condition.operator.name();
            let values = Node::one_or_many(condition.values.clone());
            let entry = (condition.key.clone(), values);
            match block.iter_mut().find(|(it, _)| it == name) {
                Some((_, entries)) => entries.push(entry),
                None => block.push((name.to_owned(), vec![entry])),
            }
        }
        let block = block.into_iter();
        Node::Object(block.map(|(name, all)| (name, Node::Object(all))).collect())
    }
}
