//! Asks a person at the terminal without holding up the network. It does not choose the question.

use super::asking::{Asking, Nowhere};
use super::job;
use super::line_mode::LineMode;
use super::tty::Terminal;
use crate::exit::{Failure, Result};
use crate::text::io_message;
use std::io;
use tokio::task::{JoinError, spawn_blocking};
use zeroize::Zeroizing;

/// The terminal to ask at, else why there is none. A job in the background is set aside until it is in
/// the foreground; where it can't be, the recipe ends with what `unasked` makes of that.
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

/// Shows `question` and returns the line that is typed. The input's end counts as a refusal.
///
/// A job that is stopped meanwhile, or has lost the terminal before, is set aside: it begins again.
pub(crate) async fn ask(terminal: &Terminal, question: &str) -> Result<Zeroizing<String>> {
    let (mode, read) = (Terminal::line_mode, Terminal::read_answer);
    answer(terminal, question, None, mode, read).await
}

/// The same for a secret: the terminal does not show what is typed. What was typed or pasted before the
/// question it has shown: then `too_early` is said.
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
        && terminal.holds_typed_line()
    {
        show(terminal, too_early)?;
    }
    // Shown before the read begins: what AWS says of the keys must not come first.
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

/// Lets the person choose one of `items`, which are shown under `title`, by its number. They may
/// mistype, so they are asked until the answer is one of the list or the input ends. Returns which of
/// them, from 0.
pub(crate) async fn choose(terminal: &Terminal, title: &str, items: &[String]) -> Result<usize> {
    choose_for(terminal, title, items, "which one?").await
}

/// The same, with the `question` that says what for.
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

/// Asks `question`, which is to be answered with yes or no; nothing but Enter is `otherwise`.
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

/// Does `work`, which may wait, on a thread of its own.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    spawn_blocking(work)
        .await
        .map_err(|error: JoinError| Failure::failed(format!("can't read: {error}")))
}

fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("can't use the terminal: {}", io_message(error)))
}
