//! Writes a document as JSON, as IAM reads it. It leaves no placeholders except IAM's own variables.

use super::documents::Policy;
use super::limits::Limit;
use super::node::Node;
use super::pattern::{Notation, Parameter, Pattern};
use super::place::Place;

/// The document for one place.
pub(crate) fn json(policy: &Policy, place: &Place) -> String {
    fitting(&node(policy, place), policy.limit())
}

/// The strings of a document as they are in `place`.
impl Notation for Place {
    fn text(&self, text: &str) -> String {
        text.to_owned()
    }

    fn variable(&self, name: &str) -> String {
        format!("${{{name}}}")
    }

    fn partition(&self) -> String {
        self.partition.as_str().to_owned()
    }

    fn account(&self) -> String {
        self.account.as_str().to_owned()
    }

    fn parameter(&self, parameter: Parameter) -> String {
        parameter.default.to_owned()
    }
}

/// The document for one place, as data.
pub(super) fn node(policy: &Policy, place: &Place) -> Node<String> {
    let write = |it: &Pattern| Node::Text(it.write(place));
    policy.document().node().map(&write)
}

/// Readable, unless that would be too long.
pub(super) fn fitting(node: &Node<String>, limit: Limit) -> String {
    let text = pretty(node);
    if limit.counts_white_space && text.chars().count() > limit.characters {
        return compact(node);
    }
    text
}

/// One line for each member.
pub(super) fn pretty(node: &Node<String>) -> String {
    let mut text = String::new();
    write_pretty(node, 0, &mut text);
    text
}

/// Without white space between its parts.
pub(super) fn compact(node: &Node<String>) -> String {
    let join = |all: Vec<String>| all.join(",");
    match node {
        Node::Text(text) => string(text),
        Node::List(all) => format!("[{}]", join(all.iter().map(compact).collect())),
        Node::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, it)| format!("{}:{}", string(name), compact(it)));
            format!("{{{}}}", join(members.collect()))
        }
    }
}

fn write_pretty(node: &Node<String>, depth: usize, text: &mut String) {
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    };
    match node {
        Node::Text(it) => text.push_str(&string(it)),
        Node::List(all) if all.is_empty() => text.push_str("[]"),
        Node::Object(members) if members.is_empty() => text.push_str("{}"),
        Node::List(all) => {
            text.push('[');
            for (number, it) in all.iter().enumerate() {
                text.push_str(if number > 0 { "," } else { "" });
                line(text, depth + 1);
                write_pretty(it, depth + 1, text);
            }
            line(text, depth);
            text.push(']');
        }
        Node::Object(members) => {
            text.push('{');
            for (number, (name, it)) in members.iter().enumerate() {
                text.push_str(if number > 0 { "," } else { "" });
                line(text, depth + 1);
                text.push_str(&string(name));
                text.push_str(": ");
                write_pretty(it, depth + 1, text);
            }
            line(text, depth);
            text.push('}');
        }
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
