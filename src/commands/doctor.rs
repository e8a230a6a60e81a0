//! Runs the command `doctor`: shows what is in the way of a sign-in and of AWS tools, and what to do. It
//! changes nothing.

use super::common::{Common, ProfileWord, RegionOption};
use super::sign_in_options::{MARGIN, SignInOptions};
use crate::doctor::{self, Diagnosis, Finding, Level, Wish};
use crate::exit::{Exit, Result};
use crate::value::Lifetime;
use crate::world::Context;
use crate::world::ui::Tone;
use clap::Args;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  awsmfa doctor                     what is in the way of a sign-in here
  awsmfa doctor -q                  only what needs attention
  awsmfa doctor dev --offline       the same, without asking AWS
  awsmfa doctor dev --share         for a public issue";

/// Check files, environment, keys, devices and connection
///
/// Prints one line for each thing, beginning with `good`, `warning`, `bad` or `unknown`, and below
/// it a hint if there is something to do. It uses a saved session, asks for no code, and changes
/// nothing. The profile's `credential_process` is run for its keys, unless --offline is given.
/// Exits with 1 if something is bad.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    #[command(flatten)]
    profile: ProfileWord,

    /// Make no request to AWS, and run no command for keys
    #[arg(long)]
    offline: bool,

    /// Replace names, numbers and hosts, for a public issue
    ///
    /// The same name is always replaced by the same word. Read it through before you post it all
    /// the same.
    #[arg(long)]
    share: bool,

    /// How old an access key may be (for example 90d, 12h)
    #[arg(long, value_name = "TIME", default_value = "90d")]
    max_key_age: Lifetime,

    #[command(flatten)]
    region: RegionOption,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Examines everything and shows what was found.
pub(crate) async fn run(doctor: Doctor, common: Common, context: Context) -> Result<Exit> {
    let profile = doctor.profile.or(common.profile)?;
    let region = doctor.region.region.clone();
    let request =
        SignInOptions::in_region(doctor.region).request_unwarned(profile.clone(), context, MARGIN);
    let wish = Wish {
        profile,
        region,
        is_offline: doctor.offline,
        is_shared: doctor.share,
        max_key_age: doctor.max_key_age,
        request,
    };
    let diagnosis = doctor::examine(wish, context).await;
    if doctor.json {
        context.ui.data(&as_json(&diagnosis).to_string())?;
    } else {
        for finding in &diagnosis.findings {
            show(finding, context)?;
        }
    }
    let is_bad = |finding: &Finding| finding.level == Level::Bad;
    Ok(match diagnosis.findings.iter().any(is_bad) {
        true => Exit::Failed,
        false => Exit::Done,
    })
}

/// As wide as the widest word, and a space.
const WIDTH: usize = 8;

fn show(finding: &Finding, context: Context) -> Result<()> {
    let Finding {
        level,
        subject,
        message,
        hint,
    } = finding;
    if context.ui.quiet && *level == Level::Good {
        return Ok(());
    }
    let tone = match level {
        Level::Good => Tone::Good,
        Level::Warning | Level::Unknown => Tone::Doubtful,
        Level::Bad => Tone::Bad,
    };
    let word = level.name();
    let space = " ".repeat(WIDTH - word.len());
    let ui = context.ui;
    ui.toned(tone, word, &format!("{space}{subject}: {message}"))?;
    match hint {
        Some(hint) => {
            let indent = " ".repeat(WIDTH);
            ui.toned(Tone::Quiet, &format!("{indent}hint:"), &format!(" {hint}"))
        }
        None => Ok(()),
    }
}

fn as_json(diagnosis: &Diagnosis) -> Value {
    let findings = diagnosis.findings.iter().map(|finding| {
        json!({
            "subject": finding.subject,
            "state": finding.level.name(),
            "message": finding.message,
            "hint": finding.hint,
        })
    });
    json!({
        "profile": diagnosis.profile,
        "findings": findings.collect::<Value>(),
    })
}
