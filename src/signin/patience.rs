//! Sets the prompt's deadline when our caller has one (the Go SDK stops after 60 s). It asks nothing
//! itself.

use super::request::{Asking, Request};
use crate::exit::{Exit, Failure, Result};
use crate::value::ProfileName;
use std::future::Future;
use tokio::time::{Instant, timeout_at};

/// When to stop asking, if ever.
pub(super) fn deadline(request: &Request) -> Option<Instant> {
    match request.asking {
        Asking::InForeground(until) => Some(Instant::from_std(until)),
        Asking::Yes | Asking::No => None,
    }
}

/// Waits for the answer of a person who signs in to `profile`, and fails when it does not come
/// before `until`.
pub(super) async fn wait_for<T>(
    until: Option<Instant>,
    profile: &ProfileName,
    asking: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(until) = until else {
        return asking.await;
    };
    timeout_at(until, asking).await.unwrap_or_else(|_| {
        Err(Failure::new(
            Exit::CodeNeeded,
            format!("nobody answered for profile {profile} in time"),
        )
        .hint(format!(
            "sign in first with `awsmfa login --profile {profile}`"
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::sleep;

    const LIMIT: Duration = Duration::from_secs(50);

    async fn answered_after(seconds: u64, until: Option<Instant>) -> Result<u64> {
        let profile = "dev".parse().expect("a name");
        let asking = async {
            sleep(Duration::from_secs(seconds)).await;
            Ok(seconds)
        };
        wait_for(until, &profile, asking).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_time_counts_and_one_that_is_late_is_not_waited_for() {
        let start = Instant::now();
        let in_time = answered_after(49, Some(start + LIMIT)).await;
        assert_eq!(in_time.expect("in time"), 49);

        let start = Instant::now();
        let late = answered_after(51, Some(start + LIMIT)).await;
        assert_eq!(start.elapsed().as_secs(), 50);
        let failure = late.expect_err("too late");
        assert_eq!(failure.exit, Exit::CodeNeeded);
        assert_eq!(failure.message, "nobody answered for profile dev in time");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_an_answer_is_waited_for_as_long_as_it_takes() {
        let answered = answered_after(86_400, None).await;
        assert_eq!(answered.expect("answered"), 86_400);
    }
}
