//! Lets a person pick one of a list at the terminal: key by key where it can be drawn anew, else line by
//! line. It does not know what is picked, and leaves the terminal as it was, whatever ends it.

use super::env::Env;
#[cfg(unix)]
use super::job::{self, Stops};
#[cfg(unix)]
use super::keys::Keys;
use super::list::{self, Item};
#[cfg(unix)]
use super::list::{CLEAR, List, Pressed};
use super::prompt;
#[cfg(unix)]
use super::screen::obeys_sequences;
use super::tty::Terminal;
use crate::exit::Result;
#[cfg(unix)]
use crate::picture::Size;
#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::pin::pin;
#[cfg(unix)]
use std::time::Duration;
#[cfg(unix)]
use tokio::time::sleep;

/// How long the rest of a key's bytes may take; after that Escape was pressed.
#[cfg(unix)]
const REST: Duration = Duration::from_millis(50);

/// What is taken for the size of a terminal that does not know it.
#[cfg(unix)]
const USUAL: Size = Size {
    columns: 80,
    lines: 24,
};

/// So many lines are shown at a time where they can't be drawn anew.
const LINES: usize = 20;

/// Lets the person pick one of `items`, and returns which; `question` stays in the scrollback with the name
/// behind it. Fails where they pick none.
///
/// A job that is stopped meanwhile, or has lost the terminal before, is set aside: it begins again.
pub(crate) async fn pick(
    terminal: &Terminal,
    env: Env,
    question: &str,
    items: &[Item],
) -> Result<usize> {
    #[cfg(unix)]
    if obeys_sequences(env) {
        return by_keys(terminal, question, items).await;
    }
    let _ = env;
    by_lines(terminal, question, items).await
}

/// A list that is drawn; it is gone once this is dropped.
#[cfg(unix)]
struct Drawn<'a> {
    terminal: &'a Terminal,
    is_closed: bool,
}

#[cfg(unix)]
impl Drawn<'_> {
    /// Shows `text` in its place, for good.
    fn close(mut self, text: &str) -> io::Result<()> {
        self.is_closed = true;
        self.terminal.draw(text)
    }
}

#[cfg(unix)]
impl Drop for Drawn<'_> {
    fn drop(&mut self) {
        // In the background another program has its line there.
        if !self.is_closed && self.terminal.is_ours() {
            let _ = self.terminal.draw(CLEAR);
        }
    }
}

#[cfg(unix)]
async fn by_keys(terminal: &Terminal, question: &str, items: &[Item]) -> Result<usize> {
    let broken = |error: io::Error| prompt::broken(&error);
    if !terminal.is_ours() {
        match job::begin_again().await {}
    }
    let mut heeding = pin!(Stops::catch().heed());
    let _mode = terminal.key_mode().map_err(broken)?;
    let is_styled = terminal.shows_styles();
    let size = || terminal.size().unwrap_or(USUAL);
    let mut resizes = super::signals::listen(rustix::process::Signal::WINCH);
    let mut list = List::new(question, items);
    let mut keys = Keys::default();
    let drawn = Drawn {
        terminal,
        is_closed: false,
    };
    loop {
        // Of a paste only the end is worth drawing.
        if !terminal.holds_typed() {
            terminal
                .draw(&list.draw(size(), is_styled))
                .map_err(broken)?;
        }
        let resized = async {
            match &mut resizes {
                Some(resizes) => drop(resizes.recv().await),
                None => std::future::pending().await,
            }
        };
        let byte = tokio::select! {
            biased;
            byte = terminal.read_byte() => byte.map_err(broken)?,
            never = &mut heeding => match never {},
            () = resized => continue,
        };
        let key = match byte {
            Some(byte) => keys.press(byte),
            None => Some(super::keys::Key::Cancel),
        };
        let key = match key {
            None if keys.is_within() && !terminal.holds_typed() => {
                sleep(REST).await;
                match terminal.holds_typed() {
                    true => None,
                    false => keys.give_up(),
                }
            }
            key => key,
        };
        let (close, done) = match key.map(|key| list.press(key)) {
            None | Some(Pressed::Nothing) => continue,
            Some(Pressed::Chosen(item)) => (list.close(&items[item].name, size()), Ok(item)),
            Some(Pressed::Cancelled) => (list.close_cancelled(size()), Err(prompt::cancelled())),
        };
        drawn.close(&close).map_err(broken)?;
        return done;
    }
}

/// The same by lines: each answer narrows what is shown, until it names one.
async fn by_lines(terminal: &Terminal, question: &str, items: &[Item]) -> Result<usize> {
    let all = || list::fitting(items, "");
    let mut fitting = all();
    loop {
        for (number, item) in (1..).zip(fitting.iter().take(LINES)) {
            let Item { name, note } = &items[*item];
            prompt::show(terminal, format!("  {number}  {name}  {note}").trim_end())?;
        }
        let shown = fitting.len().min(LINES);
        if shown < fitting.len() {
            let more = fitting.len() - shown;
            prompt::show(terminal, &format!("  and {more} more"))?;
        }
        let asked = format!("{question}[1-{shown}, or a part of its name] ");
        let answer = prompt::ask(terminal, &asked).await?;
        let named = list::fitting(items, &answer);
        let is_named = |item: &&usize| items[**item].name == *answer;
        let numbered = answer.parse::<usize>().ok();
        let numbered = numbered.filter(|it| (1..=shown).contains(it));
        let chosen = match (named.iter().find(is_named), numbered, &named[..]) {
            (Some(item), _, _) => return Ok(*item),
            (None, None, [item]) => *item,
            (None, Some(number), _) => fitting[number - 1],
            (None, None, []) => {
                prompt::show(terminal, "no profile is called like that")?;
                fitting = all();
                continue;
            }
            (None, None, _) => {
                fitting = named;
                continue;
            }
        };
        prompt::show(terminal, &format!("{question}{}", items[chosen].name))?;
        return Ok(chosen);
    }
}
