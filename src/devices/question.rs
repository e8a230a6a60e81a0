//! Puts a question to a person wherever one can be asked, and again after a stop. It does not choose
//! the question.

use crate::exit::{Failure, Result};
use crate::world::asking::{Asking, Nowhere};
use crate::world::job;
use crate::world::tty::Terminal;

/// Has `ask` ask at the terminal. Where there is none it fails with what `unasked` makes of the reason;
/// a job in the background stops first, until it is in the foreground.
pub(super) async fn at_terminal<T>(
    asking: Asking,
    unasked: impl Fn(Nowhere) -> Failure,
    ask: impl AsyncFn(&Terminal) -> Result<T>,
) -> Result<T> {
    job::restarted(async || match asking.place() {
        Ok(terminal) => ask(&terminal).await,
        Err(Nowhere::Background) if asking == Asking::Yes => {
            match job::wait_for_foreground(unasked(Nowhere::Background)).await {}
        }
        Err(nowhere) => Err(unasked(nowhere)),
    })
    .await
}
