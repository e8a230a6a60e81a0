//! Asks the user at the terminal without blocking the network. It does not choose the question.

use super::asking::{Asking, Nowhere};
use super::job;
use super::line_mode::LineMode;
use super::tty::Terminal;
use crate::exit::{Failure, Result};
use crate::text::io_message;
use std::io;
use tokio::task::{JoinError, spawn_blocking};
use zeroize::Zeroizing;

/// The terminal to ask at, or why there is none. A background job is set aside until it is in the
/// foreground; if it can't be, the recipe fails with what `unasked` makes of that.
pub(crate) async fn terminal(
    asking: Asking,
    unasked: impl FnOnce(Nowhere) -> Failure,
) -> Result<Terminal, Nowhere> {
    match asking.place() {
        Err(nowhere) if asking.waits_out(nowhere) => {
            match job::wait_for_foreground(unasked(nowhere)).await {}
        }
        place => place,
    }
}

/// Shows a line.
pub(crate) fn show(terminal: &Terminal, text: &str) -> Result<()> {
    terminal.show(text).map_err(|error| broken(&error))
}

/// Shows `question` and returns the line that is typed. End of input counts as cancelling.
///
/// If the job is stopped meanwhile, or has lost the terminal, it is set aside and begins again.
pub(crate) async fn ask(terminal: &Terminal, question: &str) -> Result<Zeroizing<String>> {
    let (mode, read) = (Terminal::line_mode, Terminal::read_answer);
    answer(terminal, question, None, mode, read).await
}

/// The same for a secret: the terminal does not show what is typed. If something was typed or pasted
/// before the question, it was visible, and `too_early` says so.
pub(crate) async fn ask_hidden(
    terminal: &Terminal,
    question: &str,
    too_early: &str,
) -> Result<Zeroizing<String>> {
    let (mode, read) = (Terminal::hidden_mode, Terminal::read_hidden_answer);
    answer(terminal, question, Some(too_early), mode, read).await
}

async fn answer<'t>(
    terminal: &'t Terminal,
    question: &str,
    too_early: Option<&str>,
    mode: impl FnOnce(&'t Terminal) -> io::Result<LineMode<'t>>,
    read: impl AsyncFnOnce(&'t Terminal) -> io::Result<Option<Zeroizing<String>>>,
) -> Result<Zeroizing<String>> {
    if !terminal.is_ours() {
        match job::begin_again().await {}
    }
    let stops = job::Stops::catch();
    let _mode = mode(terminal).map_err(|error| broken(&error))?;
    if let Some(too_early) = too_early
        && terminal.holds_typed()
    {
        show(terminal, too_early)?;
    }
    // Shown before the read begins, so that nothing AWS says about the keys can come first.
    terminal
        .show_question(question)
        .map_err(|error| broken(&error))?;
    let answer = tokio::select! {
        biased;
        answer = read(terminal) => answer.map_err(|error| broken(&error))?,
        never = stops.heed() => match never {},
    };
    answer.ok_or_else(|| {
        terminal.end_line();
        Failure::cancelled()
    })
}

/// Lets the user choose one of `items`, listed under `title`, by its number. Asks again until the answer
/// is valid or the input ends. Returns the index.
pub(crate) async fn choose(terminal: &Terminal, title: &str, items: &[String]) -> Result<usize> {
    choose_for(terminal, title, items, "which one?").await
}

/// The same with a `question` of the caller's.
pub(crate) async fn choose_for(
    terminal: &Terminal,
    title: &str,
    items: &[String],
    question: &str,
) -> Result<usize> {
    show(terminal, title)?;
    for (number, item) in items.iter().enumerate() {
        show(terminal, &format!("  {}  {item}", number + 1))?;
    }
    let question = format!("{question} [1-{}] ", items.len());
    loop {
        match ask(terminal, &question).await?.parse::<usize>() {
            Ok(number) if (1..=items.len()).contains(&number) => return Ok(number - 1),
            _ => show(
                terminal,
                &format!("type a number from 1 to {}", items.len()),
            )?,
        }
    }
}

/// Asks `question`, to be answered with yes or no; Enter alone means `otherwise`.
pub(crate) async fn confirm(terminal: &Terminal, question: &str, otherwise: bool) -> Result<bool> {
    let choices = if otherwise { "[Y/n]" } else { "[y/N]" };
    let question = format!("{question} {choices} ");
    loop {
        match ask(terminal, &question)
            .await?
            .to_ascii_lowercase()
            .as_str()
        {
            "" => return Ok(otherwise),
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => show(terminal, "type y or n")?,
        }
    }
}

/// Does `work`, which may block, on a thread of its own.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    spawn_blocking(work)
        .await
        .map_err(|error: JoinError| Failure::failed(format!("can't read: {error}")))
}

pub(super) fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("can't use the terminal: {}", io_message(error)))
}
