//! Puts a question to a person wherever one can be asked, and again after a stop. It does not choose
//! the question.

use crate::exit::{Failure, Result};
use crate::world::asking::{Asking, Nowhere};
use crate::world::job;
use crate::world::prompt;
use crate::world::tty::Terminal;

/// Has `ask` ask at the terminal. Where there is none it fails with what `unasked` makes of the reason;
/// a job in the background stops first, until it is in the foreground.
pub(super) async fn at_terminal<T>(
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
pub(super) async fn confirm(
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
        false => Err(prompt::cancelled()),
    }
}
