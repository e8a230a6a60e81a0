//! Runs the command `policy check`: prints what the simulator says about users' policies, or about
//! documents. The recipe is in `audit`; this attaches nothing.

use crate::audit::{
    Answer, Asked, Conclusion, Devices, Enrolment, File, Found, Given, GroupName, Hider, Judged,
    Order, Report, Row, Situation, Step, Subject, UserWord, Verdict, Whom, audit,
};
use crate::commands::common::Common;
use crate::commands::output::{Cell, in_columns};
use crate::commands::sign_in_options::{MARGIN, SignInOptions};
use crate::exit::{Exit, Failure, Result};
use crate::policy::MaxAge;
use crate::text::{escape, io_message};
use crate::value::encoding::decoded;
use crate::world::{Context, plain};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  awsmfa policy check                        you, by your policies
  awsmfa policy check --user bob --today     bob, and what he can do as it is
  awsmfa policy check --group people --max-age 12h
  awsmfa policy check --all-users --json
  awsmfa policy check --file force-mfa.json  before it is attached";

/// The text after every answer.
const SOURCE: &str = "AWS's simulator, not live requests";

/// Ask AWS what your policies leave open without MFA
///
/// Asks AWS's policy simulator about 32 requests: with a long-term key, without MFA, with MFA from
/// a minute ago and with old MFA, each together with a document that allows everything. What is
/// denied then stays denied whatever else is attached. Exits with 0 if everything is closed, 1 if
/// something is open or can't be told, and 5 or 6 if a user can't be checked, or nobody was. Uses a saved session,
/// or signs in first. Needs iam:SimulatePrincipalPolicy, or iam:SimulateCustomPolicy for files.
/// Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// This user, by name or ARN; by default you
    #[arg(long, value_name = "NAME", group = "whom")]
    user: Option<UserWord>,

    /// Each member of this group, or a made-up one if it has none
    #[arg(long, value_name = "NAME", group = "whom")]
    group: Option<GroupName>,

    /// Each user of the account
    #[arg(long, group = "whom")]
    all_users: bool,

    /// These documents, as if they were attached to one user
    #[arg(long, value_name = "FILE", num_args = 1.., group = "whom")]
    file: Vec<PathBuf>,

    /// How old MFA may be, 1m to 36h (for example 12h, 1h30m, 3600)
    ///
    /// What passes with older MFA is open then.
    #[arg(long, value_name = "DURATION")]
    max_age: Option<MaxAge>,

    /// Add this condition key to every request (for example aws:SourceIp=203.0.113.7)
    ///
    /// For keys that policies ask about and a check does not know. Repeat it for more keys, or for more
    /// values of one key.
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<Given>,

    /// Also ask what the policies allow as they are
    #[arg(long)]
    today: bool,

    /// Print a JSON array
    #[arg(long)]
    json: bool,

    #[command(
        flatten,
        next_help_heading = "Options for signing in, if that is needed"
    )]
    sign_in: SignInOptions,
}

/// Asks, and prints the findings. The exit code sums them up.
pub(super) async fn run(check: Check, common: Common, context: Context) -> Result<Exit> {
    let whom = match (check.user, check.group) {
        (Some(user), _) => Whom::User(user),
        (None, Some(group)) => Whom::Group(group),
        (None, None) if check.all_users => Whom::Everybody,
        (None, None) if check.file.is_empty() => Whom::Caller,
        (None, None) => {
            let files = check.file.iter().map(|it| read(it));
            Whom::Documents(files.collect::<Result<_>>()?)
        }
    };
    let order = Order {
        whom,
        max_age: check.max_age,
        today: check.today,
        given: Given::entries(&check.context),
    };
    let request = check.sign_in.request(common.profile, context, MARGIN)?;
    let report = audit(request, &order, context).await?;
    let text = match check.json {
        true => {
            let answers: Vec<Value> = report.answers.iter().map(as_json).collect();
            json!(answers).to_string()
        }
        false => as_text(&report),
    };
    if !text.is_empty() {
        context.ui.data(&text)?;
    }
    end(report, context)
}

/// More than IAM accepts.
const LONGEST: u64 = 1 << 17;

/// Reads a document.
fn read(path: &Path) -> Result<File> {
    let name = escape(&path.display().to_string());
    let unfit = |why: &str| {
        Failure::failed(format!("{name} is not a policy document: {why}"))
            .hint("give the JSON of a policy, as `awsmfa policy show` prints it")
    };
    let bytes = plain::read(path, LONGEST)
        .map_err(|error| Failure::failed(format!("can't read {name}: {}", io_message(&error))))?;
    // PowerShell writes UTF-16 into a file.
    let text = decoded(&bytes);
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(unfit("it is not text"));
    }
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let json: Value = serde_json::from_str(&text).map_err(|why| unfit(&why.to_string()))?;
    if json.get("Statement").is_none() {
        return Err(unfit("it has no Statement"));
    }
    let file = path.file_name().map_or(path.as_os_str(), |it| it);
    Ok(File {
        name: escape(&file.to_string_lossy()),
        text,
    })
}

/// The overall result, after printing. For the exit code, an open request outweighs an unknown one.
fn end(report: Report, context: Context) -> Result<Exit> {
    let Report { answers, ended } = report;
    if let Some(ended) = ended {
        return Err(ended);
    }
    let is_alone = answers.len() == 1;
    let mut worst = Conclusion::Enforced;
    let mut failed: Option<Failure> = None;
    for (_, answer) in answers {
        match answer {
            Ok(judged) => worst = worst.max(judged.conclusion()),
            Err(failure) if is_alone => return Err(failure),
            Err(failure) => {
                context.ui.warn(&failure.to_string());
                failed.get_or_insert(failure);
            }
        }
    }
    match (worst, failed) {
        (Conclusion::Enforced, None) => Ok(Exit::Done),
        (Conclusion::Enforced, Some(failure)) => {
            if let Some(hint) = &failure.hint {
                context.ui.hint(hint);
            }
            // The verdict about the other users says nothing about those that failed.
            Ok(failure.exit)
        }
        (Conclusion::Open | Conclusion::CannotTell, _) => Ok(Exit::Failed),
    }
}

/// The answers as text: every request for a single subject, one line each for several.
fn as_text(report: &Report) -> String {
    let is_alone = report.answers.len() == 1 && report.ended.is_none();
    let answers = report.answers.iter();
    let judged = answers.filter_map(|(subject, answer)| Some((subject, answer.as_ref().ok()?)));
    let mut parts: Vec<String> = Vec::new();
    for (subject, judged) in judged {
        if is_alone {
            parts.push(table(judged));
        }
        parts.extend(lines(subject, judged));
    }
    if !parts.is_empty() {
        parts.push(SOURCE.to_owned());
    }
    parts.join("\n")
}

/// Every request, with the simulator's answer in each situation.
fn table(judged: &Judged) -> String {
    let has_today = judged.rows.iter().any(|it| it.today.is_some());
    let titles = [
        "REQUEST",
        "ON",
        "KEY",
        "NO MFA",
        "FRESH MFA",
        "OLD MFA",
        "VERDICT",
        if has_today { "TODAY" } else { "" },
    ];
    let row = |asked: &Asked, found: &[Found; 4], verdict: String, today: Option<Verdict>| {
        let [key, without, fresh, old] = found.map(|it| it.outcome.words().to_owned());
        let (action, on) = (asked.action.to_owned(), asked.on.words().to_owned());
        let today = today.map(Verdict::words).unwrap_or_default();
        [action, on, key, without, fresh, old, verdict, today]
    };
    let rows = judged.rows.iter().map(|it| {
        let today = it.today.map(|it| it.verdict);
        row(&it.asked, &it.found, it.verdict.words(), today)
    });
    let steps = judged.steps.iter().map(|it| {
        let words = if it.is_open() {
            "open, as enrollment needs".to_owned()
        } else if it.is_unclear() {
            Verdict::CannotTell(Hider::Condition).words()
        } else {
            "CLOSED: enrollment needs it".to_owned()
        };
        row(&it.asked, &it.found, words, None)
    });
    let rows = rows.chain(steps).map(|row| row.map(Cell::from));
    // A verdict is read together with its reasons, so a narrow terminal wraps lines instead of dropping
    // columns.
    in_columns(titles, &rows.collect::<Vec<_>>(), &[], None)
}

/// The result for a subject, as lines.
fn lines(subject: &Subject, judged: &Judged) -> Vec<String> {
    let label = &subject.label;
    let mut lines = vec![format!("{label}: {}", summary(judged))];
    let today = judged.rows.iter().filter_map(|row| Some((row, row.today?)));
    let today: Vec<_> = today.collect();
    if !today.is_empty() {
        let open = today.iter().filter(|(_, it)| it.verdict.is_open());
        let open: Vec<&Row> = open.map(|(row, _)| *row).collect();
        lines.push(match open.as_slice() {
            [] => format!("{label} today: none of the {} passes", today.len()),
            open => format!(
                "{label} today: {} of {} pass: {}",
                open.len(),
                today.len(),
                named(open.iter().copied())
            ),
        });
    }
    match judged.person.devices {
        Some(Devices::None) => lines.push(format!(
            "{label} has no MFA device: whoever holds the key can enroll theirs first"
        )),
        Some(Devices::OnlyFido) => lines.push(format!(
            "{label} has only passkeys or FIDO keys, which give no codes: locked out of the command line where MFA is enforced"
        )),
        Some(Devices::WithCodes) | None => {}
    }
    if judged.person.is_machine_like == Some(true) {
        lines.push(format!(
            "{label} looks like a program (no password, keys in use): force-mfa would stop it"
        ));
    }
    if !judged.missing.is_empty() {
        let keys: Vec<String> = judged.missing.iter().map(|it| escape(it)).collect();
        lines.push(format!(
            "{label}: the policies also check {}, which these requests don't set; set it with --context KEY=VALUE",
            keys.join(", ")
        ));
    }
    lines
}

/// The summary for a subject.
fn summary(judged: &Judged) -> String {
    let all = judged.rows.len();
    let count = |is_it: fn(Verdict) -> bool| {
        let rows = judged.rows.iter();
        rows.filter(|row| is_it(row.verdict)).count()
    };
    match judged.conclusion() {
        Conclusion::Open => {
            let open: Vec<&Row> = judged.open().collect();
            let only_old = open
                .iter()
                .all(|row| row.verdict == Verdict::OpenWithOldMfa);
            let how = if only_old { " with old MFA" } else { "" };
            format!(
                "NOT enforced: {} of {all} pass{how}: {}",
                open.len(),
                named(open.into_iter())
            )
        }
        Conclusion::CannotTell => {
            let hidden: Vec<&Row> = judged.hidden().collect();
            let mut hiders: Vec<&str> = hidden
                .iter()
                .filter_map(|row| row.verdict.hider())
                .map(Hider::words)
                .collect();
            hiders.sort_unstable();
            hiders.dedup();
            let on_condition = Verdict::CannotTell(Hider::Condition);
            let how = match hidden.iter().any(|row| row.verdict == on_condition) {
                true => "may pass, or are stopped with and without MFA",
                false => "are stopped with and without MFA",
            };
            format!(
                "can't tell ({}): {} of {all} {how}: {}",
                hiders.join(", "),
                hidden.len(),
                named(hidden.into_iter())
            )
        }
        Conclusion::Enforced => {
            let for_enrolment = count(|it| it == Verdict::OpenForEnrolment);
            let by_others = count(|it| matches!(it, Verdict::ClosedBy(_)));
            let mut text = format!(
                "enforced: {} of {all} requests are denied without MFA, whatever else is attached",
                all - for_enrolment
            );
            if for_enrolment > 0 {
                text += &format!(" ({for_enrolment} open: enrollment only)");
            }
            if by_others > 0 {
                text += &format!(
                    " ({by_others} of them not by the user's own policies: SCP or permissions boundary)"
                );
            }
            format!("{text}; {}", enrolment(&judged.enrolment))
        }
    }
}

fn enrolment(enrolment: &Enrolment) -> String {
    match enrolment {
        Enrolment::Works => "enrollment works".to_owned(),
        Enrolment::NotGranted => {
            "enrollment works once it is granted, as manage-mfa does".to_owned()
        }
        Enrolment::CannotTell => "can't tell whether enrollment works".to_owned(),
        Enrolment::Denied(actions) => format!("enrollment is denied: {}", actions.join(", ")),
    }
}

/// The actions of some rows; those on other users are marked.
fn named<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let names = rows.map(|row| match row.asked.on.is_of_another() {
        true => format!("{} ({})", row.asked.action, row.asked.on.words()),
        false => row.asked.action.to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn as_json((subject, answer): &Answer) -> Value {
    let judged = answer.as_ref().ok();
    let conclusion = judged.map(|it| match it.conclusion() {
        Conclusion::Enforced => json!(true),
        Conclusion::Open => json!(false),
        Conclusion::CannotTell => Value::Null,
    });
    let devices = judged.and_then(|it| it.person.devices);
    let enrolment = judged.map(|it| match &it.enrolment {
        Enrolment::Works => "works",
        Enrolment::NotGranted => "not_granted",
        Enrolment::Denied(_) => "denied",
        Enrolment::CannotTell => "cannot_tell",
    });
    let requests = judged.map(|it| it.rows.iter().map(request_json).collect::<Vec<_>>());
    json!({
        "user": subject.is_real.then_some(&subject.label),
        "of": subject.label,
        "arn": subject.is_real.then_some(subject.arn.as_str()),
        "enforced": conclusion,
        "enrolment": enrolment,
        "devices": devices.map(|it| match it {
            Devices::None => "none",
            Devices::OnlyFido => "only_fido",
            Devices::WithCodes => "with_codes",
        }),
        "machine_like": judged.and_then(|it| it.person.is_machine_like),
        "missing_context": judged.map(|it| &it.missing),
        "requests": requests,
        "enrolment_requests": judged.map(|it| it.steps.iter().map(step_json).collect::<Vec<_>>()),
        "error": answer.as_ref().err().map(ToString::to_string),
        "source": SOURCE,
    })
}

fn request_json(row: &Row) -> Value {
    json!({
        "action": row.asked.action,
        "on": row.asked.on.name(),
        "outcomes": outcomes(&row.found),
        "verdict": row.verdict.name(),
        "by": row.verdict.hider().map(Hider::name),
        "today": row.today.map(|today| json!({
            "outcomes": outcomes(&today.found),
            "verdict": today.verdict.name(),
        })),
    })
}

fn step_json(step: &Step) -> Value {
    json!({
        "action": step.asked.action,
        "on": step.asked.on.name(),
        "outcomes": outcomes(&step.found),
    })
}

/// The simulator's answer in each situation.
fn outcomes(found: &[Found; 4]) -> Value {
    let each = Situation::ALL.iter().zip(found);
    let each = each.map(|(situation, found)| {
        let name = situation.name().to_owned();
        (name, Value::from(found.outcome.name()))
    });
    Value::Object(each.collect())
}
