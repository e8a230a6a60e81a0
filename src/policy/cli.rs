//! Writes a document as the AWS CLI commands that create it, for a POSIX shell. It runs none.

use super::documents::{Attached, Policy};
use super::json;
use super::place::Place;
use crate::text::posix_word;

/// The commands. Those that attach the policy are comments, because that is the administrator's
/// decision.
pub(crate) fn commands(policy: &Policy, place: &Place) -> String {
    let node = json::node(policy, place);
    let document = quoted(&json::fitting(&node, policy.limit()));
    let name = posix_word(&policy.usual_name().write(place));
    let description = quoted(&policy.description());
    let path = policy.path().map(|path| path.write(place));
    let path_option = path.as_ref().map(|path| posix_word(path));
    let path_option = path_option.map(|path| format!(" --path {path}"));
    let path_option = path_option.unwrap_or_default();
    let arn = format!(
        "arn:{}:iam::{}:policy{}{name}",
        place.partition.as_str(),
        if place.account.is_any() {
            "ACCOUNT"
        } else {
            place.account.as_str()
        },
        path.as_deref().unwrap_or("/"),
    );
    let create = format!(
        "aws iam create-policy --policy-name {name}{path_option} \\\n  --description {description} \\\n  --policy-document {document}"
    );
    match policy.attached() {
        Attached::Group => format!(
            "{create}\n# then, for {}:\n# aws iam attach-group-policy --group-name GROUP --policy-arn {arn}",
            policy.attach_to()
        ),
        Attached::Boundary => create,
        Attached::Organization => format!(
            "aws organizations create-policy --type SERVICE_CONTROL_POLICY --name {name} \\\n  --description {description} \\\n  --content {}\n# then, from the management account:\n# aws organizations attach-policy --policy-id POLICY --target-id TARGET",
            quoted(&json::compact(&node))
        ),
        Attached::Trust => format!(
            "aws iam create-role --role-name {name} \\\n  --description {description} \\\n  --assume-role-policy-document {document}\n# or, for a role that is there:\n# aws iam update-assume-role-policy --role-name ROLE --policy-document DOCUMENT"
        ),
    }
}

/// `text` in single quotes, within which a shell replaces nothing.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
