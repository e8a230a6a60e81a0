//! Asks a person at the terminal for what a setup lacks: the region, the keys, which keys of several.
//! What can't be right is asked again; a secret is never shown.

use super::key_file::Row;
use crate::aws::settings::is_like_region;
use crate::exit::Result;
use crate::text::without_paste;
use crate::value::Keys;
use crate::value::keys::{KeyKind, Part, Unfit, Why};
use crate::world::prompt;
use crate::world::tty::Terminal;

/// The region of a person who says none: where AWS's global services are.
pub(super) const DEFAULT_REGION: &str = "us-east-1";

/// What a region looks like, for who has named something else.
pub(super) const REGION_FORM: &str = "a region looks like eu-west-1, cn-north-1 or us-gov-west-1";

/// Asks for the region.
pub(super) async fn region(terminal: &Terminal) -> Result<String> {
    let question = format!("region [{DEFAULT_REGION}]: ");
    loop {
        let typed = prompt::ask(terminal, &question).await?;
        match without_paste(&typed) {
            "" => return Ok(DEFAULT_REGION.to_owned()),
            region if is_like_region(region) => return Ok(region.to_owned()),
            _ => prompt::show(terminal, REGION_FORM)?,
        }
    }
}

/// Asks for the id of an access key and its secret.
pub(super) async fn keys(terminal: &Terminal) -> Result<Keys> {
    loop {
        let id = part(terminal, Part::Id, "access key id: ").await?;
        let secret = part(terminal, Part::Secret, "secret access key (not shown): ").await?;
        match Keys::parse(&id, &secret, None) {
            Ok(keys) => return Ok(keys),
            Err(unfit) => prompt::show(terminal, &describe(unfit))?,
        }
    }
}

async fn part(
    terminal: &Terminal,
    part: Part,
    question: &str,
) -> Result<zeroize::Zeroizing<String>> {
    loop {
        let typed = match part {
            Part::Id => prompt::ask(terminal, question).await?,
            Part::Secret | Part::Token => prompt::ask_hidden(terminal, question).await?,
        };
        let text = without_paste(&typed);
        let checked = Keys::check(part, text).map_err(describe);
        let checked = match part {
            Part::Id => check_id(text).and(checked),
            Part::Secret | Part::Token => checked,
        };
        match checked {
            Ok(()) => return Ok(text.to_owned().into()),
            Err(wrong) => prompt::show(terminal, &wrong)?,
        }
    }
}

fn describe(unfit: Unfit) -> String {
    let what = unfit.describe(|part| format!("the {}", part.words()));
    match unfit {
        Unfit::Part(Part::Id, Why::Secret) | Unfit::Swapped => {
            format!("{what}: the id begins with AKIA. The secret is on your screen now: clear that")
        }
        Unfit::Part(Part::Id, _) => format!("{what}: it looks like AKIAIOSFODNN7EXAMPLE"),
        _ => what,
    }
}

/// Refuses what is typed or pasted in the place of the id of a long-term key, and is something else of
/// AWS's.
pub(super) fn check_id(id: &str) -> Result<(), String> {
    if id.starts_with("arn:") {
        return Err(
            "that is an ARN, and not the id of an access key; a role has no long-term keys, its profile names it with role_arn and source_profile".to_owned(),
        );
    }
    match KeyKind::of(id) {
        KeyKind::Session => Err(
            "an access key whose id begins with ASIA is a session's: setup takes the long-term key of an IAM user (AKIA…)".to_owned(),
        ),
        KeyKind::LongTerm | KeyKind::Unknown => Ok(()),
    }
}

/// Asks which of several keys of a file is meant.
pub(super) async fn row(terminal: &Terminal, rows: &[Row], file: &str) -> Result<usize> {
    let heading = format!("{file} holds {} access keys:", rows.len());
    let choices: Vec<String> = rows.iter().map(Row::to_string).collect();
    prompt::choose(terminal, &heading, &choices).await
}
