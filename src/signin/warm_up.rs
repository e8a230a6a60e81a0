//! Keeps the connection to STS warm while the user types: opens it, keeps it alive for a minute, and
//! learns about the keys on the way. It never touches the terminal.

use crate::aws::{Fault, Identity};
use crate::exit::{Failure, Result};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How often a call keeps the connection alive while the user takes their time.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);
/// How many such calls are made: enough for a minute.
const KEEP_ALIVES: u32 = 4;
/// How long a typed code waits for the connection to open: as long as opening one may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The state of the connection, from one question to the next.
pub(super) struct WarmUp {
    /// When the next call is due.
    due: Instant,
    /// How many calls may follow.
    left: u32,
    /// Who the user is, once AWS has told.
    pub(super) identity: Option<Identity>,
    /// Why the keys could not be checked, to be reported after the question is answered.
    pub(super) trouble: Option<Failure>,
}

impl WarmUp {
    /// A connection that is still to be opened.
    pub(super) fn new() -> Self {
        Self {
            due: Instant::now(),
            left: 1 + KEEP_ALIVES,
            identity: None,
            trouble: None,
        }
    }

    /// Records that AWS has already told who the user is, so the keys are good and the connection is
    /// warm.
    pub(super) fn met(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.restart();
    }

    /// Records that a code was sent: the connection is warm, and the minute begins again.
    pub(super) fn restart(&mut self) {
        self.due = Instant::now() + KEEP_ALIVE_EVERY;
        self.left = KEEP_ALIVES;
    }

    /// Waits for `answer`, and makes every call that falls due in the meantime. Only if AWS refuses the
    /// keys does the wait end early.
    ///
    /// A call that is in progress when the answer comes is waited for: a second request would open a
    /// second connection and take just as long, and bad keys should not cost a code.
    pub(super) async fn keep_during<T, C>(
        &mut self,
        answer: impl Future<Output = Result<T>>,
        call: impl Fn() -> C,
    ) -> Result<T>
    where
        C: Future<Output = Result<Identity, Fault>>,
    {
        let mut answer = pin!(answer);
        loop {
            // The first call begins even if the answer has been typed already: it opens the connection
            // that the code needs.
            if self.left == 0 || Instant::now() < self.due {
                tokio::select! {
                    answer = &mut answer => return answer,
                    () = sleep_until(self.due), if self.left > 0 => {}
                }
            }
            let mut calling = pin!(call());
            let (answered, result) = tokio::select! {
                biased;
                result = &mut calling => (None, Some(result)),
                answer = &mut answer => {
                    let answer = answer?;
                    (Some(answer), timeout(LIMIT, calling).await.ok())
                }
            };
            self.left -= 1;
            self.due = Instant::now() + KEEP_ALIVE_EVERY;
            if let Some(result) = result {
                self.learn(result)?;
            }
            if let Some(answer) = answered {
                return Ok(answer);
            }
        }
    }

    fn learn(&mut self, result: Result<Identity, Fault>) -> Result<(), Failure> {
        match result {
            Ok(identity) => self.identity = Some(identity),
            Err(Fault::Refused { refusal, failure }) if refusal.is_about_keys() => {
                return Err(failure);
            }
            Err(fault) => self.trouble = Some(fault.into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::WarmUp;
    use crate::aws::{Fault, Identity, Refusal};
    use crate::exit::{Exit, Failure};
    use std::cell::RefCell;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    fn identity() -> Identity {
        Identity {
            account: "123456789012".into(),
            arn: "arn:aws:iam::123456789012:user/alice"
                .parse()
                .expect("an ARN"),
            user_id: "AIDAEXAMPLE".into(),
        }
    }

    /// Answers each question after its number of seconds, and returns the second, counted from the first
    /// question, in which each call was made. If `sent`, a code is sent after each question.
    async fn calls(answered_after: &[u64], sent: bool) -> Vec<u64> {
        calls_that_take(Duration::ZERO, answered_after, sent).await
    }

    async fn calls_that_take(time: Duration, answered_after: &[u64], sent: bool) -> Vec<u64> {
        let (begin, calls) = (Instant::now(), RefCell::new(Vec::new()));
        let mut warm_up = WarmUp::new();
        for seconds in answered_after {
            let answer = async {
                sleep(Duration::from_secs(*seconds)).await;
                Ok(())
            };
            let call = || {
                calls.borrow_mut().push(begin.elapsed().as_secs());
                async {
                    sleep(time).await;
                    Ok(identity())
                }
            };
            warm_up.keep_during(answer, call).await.expect("good keys");
            if sent {
                warm_up.restart();
            }
        }
        calls.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_is_kept_alive_for_a_minute_and_no_longer() {
        assert_eq!(calls(&[1], false).await, [0]);
        assert_eq!(calls(&[40], false).await, [0, 15, 30]);
        assert_eq!(calls(&[3600], false).await, [0, 15, 30, 45, 60]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_known_user_is_not_asked_for_again_when_the_question_is_shown() {
        let mut warm_up = WarmUp::new();
        warm_up.met(identity());
        // Time passes before the question too, while the user chooses a device for example.
        sleep(Duration::from_secs(4)).await;
        let (begin, calls) = (Instant::now(), RefCell::new(Vec::new()));
        let answer = async {
            sleep(Duration::from_secs(20)).await;
            Ok(())
        };
        let call = || {
            calls.borrow_mut().push(begin.elapsed().as_secs());
            async { Ok(identity()) }
        };
        warm_up.keep_during(answer, call).await.expect("good keys");
        assert_eq!(calls.into_inner(), [11]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_that_was_sent_begins_the_minute_again_and_a_typing_mistake_does_not() {
        assert_eq!(calls(&[1, 1, 1], false).await, [0]);
        let slow = Duration::from_secs(3);
        assert_eq!(calls_that_take(slow, &[1, 1, 1], false).await, [0]);
        assert_eq!(calls(&[20, 20, 3600], false).await, [0, 15, 30, 45, 60]);
        assert_eq!(calls(&[20, 3600], true).await, [0, 15, 35, 50, 65, 80]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_waits_for_the_connection_to_open_but_at_most_five_seconds() {
        for (call_takes, waited) in [(3, 3), (60, 6)] {
            let (begin, mut warm_up) = (Instant::now(), WarmUp::new());
            let answer = async {
                sleep(Duration::from_secs(1)).await;
                Ok(())
            };
            let call = || async {
                sleep(Duration::from_secs(call_takes)).await;
                Ok(identity())
            };
            warm_up.keep_during(answer, call).await.expect("good keys");
            assert_eq!(begin.elapsed().as_secs(), waited);
            assert_eq!(warm_up.identity.is_some(), call_takes < 5);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bad_keys_end_the_question_and_other_trouble_does_not() {
        let failure = || Failure::new(Exit::KeysRefused, "refused");
        let answer = || async {
            sleep(Duration::from_secs(1)).await;
            Ok(())
        };
        let mut warm_up = WarmUp::new();
        let bad = || async {
            Err(Fault::Refused {
                refusal: Refusal::UnknownKey,
                failure: failure(),
            })
        };
        let begin = Instant::now();
        assert!(warm_up.keep_during(answer(), bad).await.is_err());
        assert_eq!(begin.elapsed().as_secs(), 0);

        let mut warm_up = WarmUp::new();
        let unknown = || async { Err(Fault::Lost(failure())) };
        assert!(warm_up.keep_during(answer(), unknown).await.is_ok());
        assert!(warm_up.trouble.is_some());
    }
}
