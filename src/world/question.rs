//! Asks the user a question as soon as that is possible, and again after a stop. It does not choose the
//! question.

use super::asking::{Asking, Nowhere};
use super::job;
use super::prompt;
use super::tty::Terminal;
use crate::exit::{Failure, Result};

/// Lets `ask` ask at the terminal. If there is none, fails with what `unasked` makes of the reason; a
/// background job stops first, until it is in the foreground.
pub(crate) async fn at_terminal<T>(
    asking: Asking,
    unasked: impl Fn(Nowhere) -> Failure,
    ask: impl AsyncFn(&Terminal) -> Result<T>,
) -> Result<T> {
    job::restarted(async || {
        let terminal = prompt::terminal(asking, &unasked).await;
        ask(&terminal.map_err(&unasked)?).await
    })
    .await
}

/// Fails if the user does not agree; Enter alone means `otherwise`.
pub(crate) async fn confirm(
    asking: Asking,
    unasked: impl Fn(Nowhere) -> Failure,
    question: &str,
    otherwise: bool,
) -> Result<()> {
    let agreed = at_terminal(asking, unasked, async |terminal| {
        prompt::confirm(terminal, question, otherwise).await
    });
    match agreed.await? {
        true => Ok(()),
        false => Err(Failure::cancelled()),
    }
}
