//! Asks a person at the terminal without holding up the network. It does not choose the question.

use crate::exit::{Exit, Failure, Result};
use crate::text::io_message;
use crate::world::job;
use crate::world::tty::Terminal;
use std::io;
use tokio::task::{JoinError, spawn_blocking};
use zeroize::Zeroizing;

/// Shows a line.
pub(super) fn show(terminal: &Terminal, text: &str) -> Result<()> {
    terminal.show(text).map_err(|error| broken(&error))
}

/// Shows `question` and returns the line that is typed. The input's end counts as a refusal.
///
/// A job that is stopped meanwhile, or has lost the terminal before, is set aside: it begins again.
pub(super) async fn ask(terminal: &Terminal, question: &str) -> Result<Zeroizing<String>> {
    if !terminal.is_ours() {
        match job::begin_again().await {}
    }
    let stops = job::Stops::catch();
    let _mode = terminal.line_mode().map_err(|error| broken(&error))?;
    // Shown before the read begins: what AWS says of the keys must not come first.
    terminal
        .show_question(question)
        .map_err(|error| broken(&error))?;
    let answer = tokio::select! {
        biased;
        answer = terminal.read_answer() => answer.map_err(|error| broken(&error))?,
        never = stops.heed() => match never {},
    };
    answer.ok_or_else(|| {
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
