//! Puts a question to a person wherever one can be asked, and again after a stop. It does not choose
//! the question.

use super::asking::{Asking, Nowhere};
use super::job;
use super::prompt;
use super::tty::Terminal;
use crate::exit::{Failure, Result};

/// Has `ask` ask at the terminal. Where there is none it fails with what `unasked` makes of the reason;
/// a job in the background stops first, until it is in the foreground.
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

/// Fails where the person does not agree; nothing but Enter is `otherwise`.
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
