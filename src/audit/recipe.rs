//! Leads a check: finds the subjects, says what the check will take, and judges one after another. If it
//! ends early, it returns what is done.

use super::caller::Caller;
use super::judge::{self, Judged, judge};
use super::order::Order;
use super::person::Looks;
use super::subject::{self, Subject};
use crate::exit::{Exit, Failure, Result};
use crate::signin::Request;
use crate::world::Context;
use crate::world::runtime::until_cancelled;

/// A subject with its judgement, or the reason why there is none.
pub(crate) type Answer = (Subject, Result<Judged>);

/// The result.
pub(crate) struct Report {
    /// The answer for each subject, in order.
    pub(crate) answers: Vec<Answer>,
    /// Why it ended before all were judged.
    pub(crate) ended: Option<Failure>,
}

/// The calls that it takes to look at a user.
const LOOKS: usize = 2;

/// Judges those whom `order` means.
pub(crate) async fn audit(request: Request, order: &Order, context: Context) -> Result<Report> {
    let caller = Caller::open(request, &order.whom, context).await?;
    let subjects = subject::find(&order.whom, &caller)
        .await
        .map_err(not_judged)?;
    let looks = Looks::new(&caller, context);
    let calls: usize = subjects
        .iter()
        .map(|it| judge::calls(order) + if it.is_real { LOOKS } else { 0 })
        .sum();
    let whom = match subjects.as_slice() {
        [one] => one.label.clone(),
        all => format!("{} users", all.len()),
    };
    context.ui.say(&format!(
        "asking AWS's simulator about {whom}: about {calls} requests, one at a time"
    ));
    caller.expect(calls);
    let mut report = Report {
        answers: Vec::new(),
        ended: None,
    };
    for subject in subjects {
        let judged = until_cancelled(async {
            let judged = judge(&caller, &subject, order).await?;
            let person = looks.at(&subject).await?;
            Ok(Judged { person, ..judged })
        });
        let judged = judged.await;
        match judged {
            Err(failure) if ends_all(failure.exit) => {
                if failure.exit != Exit::Cancelled {
                    report.answers.push((subject, Err(failure.clone())));
                }
                report.ended = Some(failure);
                break;
            }
            judged => {
                let judged = judged.map_err(|failure| whose(not_judged(failure), &subject.label));
                report.answers.push((subject, judged));
            }
        }
    }
    Ok(report)
}

/// The failure, naming the subject unless it does already.
fn whose(failure: Failure, label: &str) -> Failure {
    let begin = format!("can't check {label}: ");
    if failure.message.starts_with(&begin) {
        return failure;
    }
    Failure {
        message: begin + &failure.message,
        ..failure
    }
}

/// Whether a failure with this exit code concerns everybody, not one user: it was cancelled, AWS can't
/// be reached, the session has ended.
fn ends_all(exit: Exit) -> bool {
    !matches!(exit, Exit::Failed | Exit::Usage | Exit::KeysRefused)
}

/// The failure of a subject that can't be judged. Its exit code differs from that of an open request.
fn not_judged(failure: Failure) -> Failure {
    let exit = match failure.exit {
        Exit::Failed => Exit::KeysRefused,
        exit => exit,
    };
    Failure { exit, ..failure }
}
