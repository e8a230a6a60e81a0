//! Asks a person at the terminal without holding up the network. It does not choose the question.

use crate::exit::{Exit, Failure, Result};
use crate::text::io_message;
use crate::world::tty::Terminal;
use std::io;
use tokio::task::{JoinError, spawn_blocking};
use zeroize::Zeroizing;

/// Shows a line.
pub(super) fn show(terminal: &Terminal, text: &str) -> Result<()> {
    terminal.show(text).map_err(|error| broken(&error))
}

/// Shows `question` and returns the line that is typed. The input's end counts as a refusal.
pub(super) async fn ask(terminal: &Terminal, question: &str) -> Result<Zeroizing<String>> {
    let reader = terminal.try_clone().map_err(|error| broken(&error))?;
    // Shown here and not by the reading thread: what AWS says of the keys must not come first.
    terminal
        .show_question(question)
        .map_err(|error| broken(&error))?;
    let answer = run_blocking(move || reader.read_answer()).await?;
    answer.map_err(|error| broken(&error))?.ok_or_else(|| {
        terminal.end_line();
        Failure::new(Exit::Cancelled, "cancelled, nothing was changed")
    })
}

/// Does `work`, which may wait, on a thread of its own.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    spawn_blocking(work)
        .await
        .map_err(|error: JoinError| Failure::failed(format!("can't read: {error}")))
}

fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("can't use the terminal: {}", io_message(error)))
}
