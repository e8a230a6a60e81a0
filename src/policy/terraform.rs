//! Writes a document as a Terraform resource. It names no account unless one was given: the module looks
//! up the one that it is applied to.

use super::documents::{Attached, Policy};
use super::node::Node;
use super::pattern::{Notation, Parameter, Pattern, Piece};
use super::place::Given;

/// The resource with the data sources that it needs.
///
/// The data sources carry the document's name, so that one module can contain several documents.
pub(crate) fn resource(policy: &Policy, given: &Given) -> String {
    let label = policy.words().replace(" --", "-").replace('-', "_");
    let (kind, member) = match policy.attached() {
        Attached::Group | Attached::Boundary => ("aws_iam_policy", "policy"),
        Attached::Organization => ("aws_organizations_policy", "content"),
        Attached::Trust => ("aws_iam_role", "assume_role_policy"),
    };
    let hcl = Hcl { label: &label };
    let name = policy.usual_name().write(&hcl);
    let mut lines = vec![
        ("name", quoted(&name)),
        ("description", quoted(&hcl.text(&policy.description()))),
    ];
    if let Some(path) = policy.path() {
        lines.push(("path", quoted(&path.write(&hcl))));
    }
    if policy.attached() == Attached::Organization {
        lines.push(("type", quoted("SERVICE_CONTROL_POLICY")));
    }
    let document = policy.document();
    let fill = |it: &Pattern| it.filled(given.partition.as_ref(), given.account.as_ref());
    let names = |piece| document.patterns().any(|it| fill(it).has(piece));
    let mut text = String::new();
    for (source, piece) in [
        ("aws_caller_identity", &Piece::Account),
        ("aws_partition", &Piece::Partition),
    ] {
        if names(piece) {
            text += &format!("data \"{source}\" \"{label}\" {{}}\n\n");
        }
    }
    text += &format!("resource \"{kind}\" \"{label}\" {{\n");
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in lines {
        text += &format!("  {name:width$} = {value}\n");
    }
    text += &format!("\n  {member} = jsonencode(");
    let leaf = |it: &Pattern| Node::Text(quoted(&fill(it).write(&hcl)));
    write(&document.node().map(&leaf), 1, &mut text);
    text += ")\n}";
    text
}

/// The strings of a document between HCL quotes.
struct Hcl<'a> {
    /// The name of the data sources for the module's account and partition.
    label: &'a str,
}

impl Notation for Hcl<'_> {
    fn text(&self, text: &str) -> String {
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace("${", "$${")
            .replace("%{", "%%{")
    }

    fn variable(&self, name: &str) -> String {
        format!("$${{{name}}}")
    }

    fn partition(&self) -> String {
        format!("${{data.aws_partition.{}.partition}}", self.label)
    }

    fn account(&self) -> String {
        format!("${{data.aws_caller_identity.{}.account_id}}", self.label)
    }

    fn parameter(&self, parameter: Parameter) -> String {
        self.text(parameter.default)
    }
}

/// Text that is ready to stand between quotes, in quotes.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// Writes an expression whose strings are quoted already.
fn write(node: &Node<String>, depth: usize, text: &mut String) {
    let begin = |depth: usize| "  ".repeat(depth);
    match node {
        Node::Text(it) => *text += it,
        Node::List(all) => {
            *text += "[\n";
            for it in all {
                *text += &begin(depth + 1);
                write(it, depth + 1, text);
                *text += ",\n";
            }
            *text += &format!("{}]", begin(depth));
        }
        Node::Object(members) => {
            *text += "{\n";
            let widths = widths(members);
            for ((name, it), width) in members.iter().zip(widths) {
                *text += &format!("{}{:width$} = ", begin(depth + 1), key(name));
                write(it, depth + 1, text);
                text.push('\n');
            }
            *text += &format!("{}}}", begin(depth));
        }
    }
}

/// A member's name, quoted if it contains a colon. None contains template syntax.
fn key(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// The width of the names, as `terraform fmt` aligns them: members on consecutive single lines share
/// one.
fn widths(members: &[(String, Node<String>)]) -> Vec<usize> {
    let is_line = |it: &Node<String>| matches!(it, Node::Text(_));
    let mut widths = Vec::new();
    for group in members.chunk_by(|(_, one), (_, next)| is_line(one) && is_line(next)) {
        let width = group
            .iter()
            .map(|(name, _)| key(name).chars().count())
            .max();
        widths.resize(widths.len() + group.len(), width.unwrap_or(0));
    }
    widths
}
