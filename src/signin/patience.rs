//! Sets a deadline for the prompt if the program that runs awsmfa has one (the Go SDK gives up after 60 s).
//! It asks nothing itself.

use super::plan::Plan;
use super::request::Request;
use crate::exit::{Exit, Failure, Result};
use crate::profile::session_profile;
use crate::profile::source::Holder;
use crate::world::asking::{Asking, PATIENCE};
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long to wait for a user who signs in by a plan.
pub(super) struct Patience<'a> {
    /// When to stop asking, if ever.
    until: Option<Instant>,
    plan: &'a Plan,
}

impl<'a> Patience<'a> {
    /// As long as `request` allows.
    pub(super) fn of(request: &Request, plan: &'a Plan) -> Self {
        let until = match request.asking {
            Asking::InForeground(until) => Some(Instant::from_std(until)),
            Asking::Yes | Asking::No => None,
        };
        Self { until, plan }
    }

    /// How long a command may take that could take `longest`: it asks the user too, and must not be left
    /// behind with its question when the caller gives up. In whole seconds, because messages name it.
    pub(super) fn limit(&self, longest: Duration) -> Duration {
        limit_before(self.until, longest)
    }

    /// Waits for the answer, and fails if it does not come in time.
    pub(super) async fn wait_for<T>(&self, asking: impl Future<Output = Result<T>>) -> Result<T> {
        match answer_before(self.until, asking).await {
            Some(answered) => answered,
            None => Err(Failure::new(
                Exit::CodeNeeded,
                format!(
                    "no code for {} within {} s",
                    self.plan.source.holder(),
                    PATIENCE.as_secs()
                ),
            )
            .hint(sign_in_first(self.plan))),
        }
    }
}

/// The hint if the caller can't wait for a user.
pub(super) fn sign_in_first(plan: &Plan) -> String {
    let command = match plan.source.holder() {
        Holder::Environment => "awsmfa login".to_owned(),
        Holder::Profile(profile) => session_profile::sign_in_command(&profile, &plan.target),
    };
    format!("sign in first with `{command}`")
}

fn limit_before(until: Option<Instant>, longest: Duration) -> Duration {
    let Some(until) = until else { return longest };
    let left = until.saturating_duration_since(Instant::now());
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    longest.min(Duration::from_secs(seconds))
}

/// The result of `asking`; `None` if it takes longer than `until`.
async fn answer_before<T>(until: Option<Instant>, asking: impl Future<Output = T>) -> Option<T> {
    match until {
        Some(until) => timeout_at(until, asking).await.ok(),
        None => Some(asking.await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const LIMIT: Duration = Duration::from_secs(50);

    async fn answered_after(seconds: u64, until: Option<Instant>) -> Option<u64> {
        let asking = async {
            sleep(Duration::from_secs(seconds)).await;
            seconds
        };
        answer_before(until, asking).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_time_counts_and_a_late_one_is_not_waited_for() {
        let start = Instant::now();
        assert_eq!(answered_after(49, Some(start + LIMIT)).await, Some(49));
        let start = Instant::now();
        assert_eq!(answered_after(51, Some(start + LIMIT)).await, None);
        assert_eq!(start.elapsed().as_secs(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_gets_the_time_that_is_left() {
        const LONGEST: Duration = Duration::from_secs(60);
        let until = Instant::now() + LIMIT;
        sleep(Duration::from_millis(10)).await;
        assert_eq!(limit_before(Some(until), LONGEST), LIMIT);
        sleep(Duration::from_secs(20)).await;
        let left = limit_before(Some(until), LONGEST);
        assert_eq!(left, Duration::from_secs(30));
        assert_eq!(limit_before(Some(until), LIMIT / 5), LIMIT / 5);
        sleep(Duration::from_secs(40)).await;
        assert_eq!(limit_before(Some(until), LONGEST), Duration::ZERO);
        assert_eq!(limit_before(None, LONGEST), LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_an_answer_is_waited_for_as_long_as_it_takes() {
        assert_eq!(answered_after(86_400, None).await, Some(86_400));
    }
}
