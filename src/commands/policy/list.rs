//! Runs the command `policy list`: shows the available documents. It makes no request.

use crate::commands::output::{Cell, in_columns};
use crate::exit::Result;
use crate::policy::{Attached, Place, Policy, Size};
use crate::world::Context;
use clap::Args;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  awsmfa policy list          what each does, and what to attach it to
  awsmfa policy list --json   the same for a program";

/// List the policy documents
///
/// What each does, what to attach it to, and its size (without options) beside AWS's limit.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// The columns to drop first on a narrow terminal: the size, then what to attach the document to.
const EXPENDABLE: [usize; 2] = [3, 2];

/// Shows the documents.
pub(super) fn run(list: &List, context: Context) -> Result<()> {
    let all = Policy::all();
    if list.json {
        let rows: Vec<Value> = all.iter().map(as_json).collect();
        return context.ui.data(&json!(rows).to_string());
    }
    let titles = ["NAME", "WHAT IT DOES", "ATTACH IT TO", "SIZE"];
    let rows = all.iter().map(|policy| {
        let size = Size::of(policy, &Place::example());
        [
            policy.words(),
            policy.purpose().to_owned(),
            policy.attach_to().to_owned(),
            format!("{} of {}", size.characters, size.limit.characters),
        ]
    });
    let rows: Vec<_> = rows.map(|row| row.map(Cell::from)).collect();
    let table = in_columns(titles, &rows, &EXPENDABLE, context.ui.columns());
    context.ui.data(&table)
}

fn as_json(policy: &Policy) -> Value {
    let size = Size::of(policy, &Place::example());
    json!({
        "name": policy.name(),
        "scp": policy.attached() == Attached::Organization,
        "purpose": policy.purpose(),
        "attach_to": policy.attach_to(),
        "size": size.characters,
        "limit": size.limit.characters,
    })
}
