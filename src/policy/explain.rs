//! Explains in plain words what each statement of a document does and why, and what no policy can do. It
//! never says anything about a statement that it has not read from the statement itself.

use super::document::{Choice, Condition, Effect, Operator, Statement};
use super::documents::Policy;
use super::pattern::{Notation, Parameter, Pattern};
use super::place::Given;
use std::fmt::Write as _;

/// The explanation, as lines for a terminal.
pub(crate) fn explain(policy: &Policy, given: &Given) -> String {
    let words = Words { given };
    let mut text = format!("{}: {}.\n", policy.name(), policy.purpose());
    let _ = writeln!(text, "Attach it to: {}.", policy.attach_to());
    for statement in &policy.document().statements {
        let _ = writeln!(text, "\n{}", statement.sid);
        for part in words.statement(statement) {
            wrap(&part, "  ", "    ", &mut text);
        }
        wrap(&format!("Why: {}", statement.why), "  ", "    ", &mut text);
    }
    text.push_str("\nWhat it can't do:\n");
    for limit in policy.limits_of_policies() {
        wrap(limit, "  - ", "    ", &mut text);
    }
    text.trim_end().to_owned()
}

/// The strings of a document, for people.
struct Words<'a> {
    given: &'a Given,
}

impl Notation for Words<'_> {
    fn text(&self, text: &str) -> String {
        text.to_owned()
    }

    fn variable(&self, name: &str) -> String {
        format!("${{{name}}}")
    }

    fn partition(&self) -> String {
        let given = self.given.partition.as_ref();
        given.map_or("PARTITION", |it| it.as_str()).to_owned()
    }

    fn account(&self) -> String {
        let given = self.given.account.as_ref();
        given.map_or("ACCOUNT", |it| it.as_str()).to_owned()
    }

    fn parameter(&self, parameter: Parameter) -> String {
        parameter.name.to_owned()
    }
}

impl Words<'_> {
    /// What a statement does.
    fn statement(&self, statement: &Statement) -> Vec<String> {
        let verb = match statement.effect {
            Effect::Allow => "Allows",
            Effect::Deny => "Denies",
        };
        let principal = statement.principal.as_ref();
        let principal = principal.map(|it| format!(" {}", it.write(self)));
        let actions = match &statement.actions {
            Choice::These(all) if all[..] == ["*"] => "everything".to_owned(),
            Choice::These(all) => all.join(", "),
            Choice::AllBut(all) => format!("everything but {}", all.join(", ")),
        };
        let mut parts = vec![format!("{verb}{} {actions}", principal.unwrap_or_default())];
        parts.extend(statement.resources.as_ref().map(|it| self.resources(it)));
        let conditions = statement.conditions.iter().map(|it| self.condition(it));
        let conditions: Vec<String> = conditions.collect();
        if !conditions.is_empty() {
            parts.push(format!("where {}", conditions.join(", and ")));
        }
        parts
    }

    fn all(&self, patterns: &[Pattern]) -> Vec<String> {
        patterns.iter().map(|it| it.write(self)).collect()
    }

    fn resources(&self, resources: &Choice<Pattern>) -> String {
        let all = self.all(resources.all());
        match resources {
            Choice::These(_) if all[..] == ["*"] => "on all resources".to_owned(),
            Choice::These(_) => format!("on {}", all.join(", ")),
            Choice::AllBut(_) => format!("on all resources except {}", all.join(", ")),
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        let key = &condition.key;
        let values = self.all(&condition.values).join(" or ");
        match condition.operator {
            Operator::Bool | Operator::StringEquals => format!("{key} is {values}"),
            Operator::BoolIfExists => format!("{key} is {values} or missing"),
            Operator::NumericGreaterThan => format!("{key} is more than {values} seconds"),
            Operator::NumericLessThanEquals => format!("{key} is at most {values} seconds"),
            Operator::StringLike | Operator::ArnLike => format!("{key} is like {values}"),
        }
    }
}

/// The width that the lines are written for.
const WIDTH: usize = 80;

/// Appends `words` to `text`, wrapped; the first line begins with `first` and the others with `rest`.
fn wrap(words: &str, first: &str, rest: &str, text: &mut String) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in words.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = rest.to_owned();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    text.push_str(&line);
    text.push('\n');
}
