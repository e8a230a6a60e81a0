//! Asks at the terminal for what a setup lacks: the region, the keys, which of several keys. It asks
//! again if an answer can't be right, and never shows a secret.

use super::key_file::Row;
use crate::aws::settings::is_like_region;
use crate::exit::Result;
use crate::text::without_paste;
use crate::value::keys::{KeyKind, Part, Unfit, Why, in_small_letters, may_hold_secret};
use crate::value::{Keys, ProfileName};
use crate::world::prompt;
use crate::world::tty::Terminal;

/// The default region: where AWS's global services are.
pub(super) const DEFAULT_REGION: &str = "us-east-1";

/// What a region looks like, for somebody who typed something else.
pub(super) const REGION_FORM: &str = "a region looks like eu-west-1, cn-north-1 or us-gov-west-1";

/// Says which profile is being set up, before the first question.
pub(super) fn begin(terminal: &Terminal, profile: &ProfileName) -> Result<()> {
    prompt::show(terminal, &format!("setting up profile {profile}"))
}

/// Asks for the region.
pub(super) async fn region(terminal: &Terminal) -> Result<String> {
    prompt::show(
        terminal,
        "the region is where AWS tools look for your resources",
    )?;
    let question = format!("region [{DEFAULT_REGION}]: ");
    loop {
        let typed = prompt::ask(terminal, &question).await?;
        match without_paste(&typed) {
            "" => return Ok(DEFAULT_REGION.to_owned()),
            region if is_like_region(region) => return Ok(region.to_owned()),
            text => prompt::show(terminal, &with_warning(REGION_FORM.to_owned(), text))?,
        }
    }
}

/// Asks for the id of an access key, unless it is `known`, and for its secret.
pub(super) async fn keys(terminal: &Terminal, known: Option<&str>) -> Result<Keys> {
    loop {
        let id = match known {
            Some(id) => id.to_owned().into(),
            None => part(terminal, Part::Id, "access key id: ").await?,
        };
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
            Part::Secret | Part::Token => prompt::ask_hidden(terminal, question, ON_SCREEN).await?,
        };
        let text = without_paste(&typed);
        let checked = Keys::check(part, text).map_err(describe);
        let wrong = match part {
            Part::Id => check_id(text)
                .and(checked)
                .err()
                .map(|wrong| with_warning(wrong, text)),
            Part::Secret | Part::Token => checked.err(),
        };
        match wrong {
            None => return Ok(text.to_owned().into()),
            Some(wrong) => prompt::show(terminal, &wrong)?,
        }
    }
}

const ON_SCREEN: &str = "The secret is on your screen now: clear it";

/// `wrong`, plus a warning that a secret is on the screen if `text`, typed visibly, contains one.
fn with_warning(wrong: String, text: &str) -> String {
    match may_hold_secret(text) {
        true => format!("{wrong}. {ON_SCREEN}"),
        false => wrong,
    }
}

fn describe(unfit: Unfit) -> String {
    let what = unfit.describe(|part| format!("the {}", part.words()));
    match unfit {
        Unfit::Part(Part::Id, Why::Secret) | Unfit::Swapped => {
            format!("{what}: the id begins with AKIA")
        }
        Unfit::Part(Part::Id, _) => format!("{what}: it looks like AKIAIOSFODNN7EXAMPLE"),
        _ => what,
    }
}

/// Refuses something else of AWS's that is typed or pasted in place of the id of a long-term key.
pub(super) fn check_id(id: &str) -> Result<(), String> {
    if id.starts_with("arn:") {
        return Err(
            "that is an ARN, not an access key id; a role has no long-term keys: its profile names it with role_arn and source_profile".to_owned(),
        );
    }
    if let Some(id) = in_small_letters(id) {
        return Err(format!("an access key id is in capital letters: {id}"));
    }
    match KeyKind::of(id) {
        KeyKind::Session => Err(
            "an access key whose id begins with ASIA belongs to a session: setup needs the long-term key of an IAM user (AKIA…)".to_owned(),
        ),
        KeyKind::LongTerm | KeyKind::Unknown => Ok(()),
    }
}

/// Asks which of several keys in a file is meant.
pub(super) async fn row(terminal: &Terminal, rows: &[Row], file: &str) -> Result<usize> {
    let heading = format!("{file} holds {} access keys:", rows.len());
    let choices: Vec<String> = rows.iter().map(Row::to_string).collect();
    prompt::choose(terminal, &heading, &choices).await
}
