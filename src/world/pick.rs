//! Lets the user pick from a list at the terminal: with single keys if the terminal can redraw it, otherwise
//! line by line, where an answer chooses an entry or narrows the list. It does not know what the list is
//! about.

#[cfg(unix)]
use super::drawn;
use super::env::Env;
use super::item::{Item, fitting};
use super::prompt;
#[cfg(unix)]
use super::screen::obeys_sequences;
use super::tty::Terminal;
use crate::exit::Result;

/// How many entries are shown at a time if the list can't be redrawn.
const LINES: usize = 20;

/// Lets the user pick one of `items`, and returns its index; `question` and the picked name stay in the
/// scrollback. Fails if they pick none.
///
/// If the job is stopped meanwhile, or is in the background, the recipe is dropped and begins again.
pub(crate) async fn pick(
    terminal: &Terminal,
    env: Env,
    question: &str,
    items: &[Item],
) -> Result<usize> {
    #[cfg(unix)]
    if obeys_sequences(env) && terminal.has_modes() {
        return drawn::by_keys(terminal, question, items).await;
    }
    // A Windows console delivers keys line by line.
    #[cfg(not(unix))]
    let _ = env;
    by_lines(terminal, question, items).await
}

/// The same line by line: each answer narrows the list, until it selects one item.
async fn by_lines(terminal: &Terminal, question: &str, items: &[Item]) -> Result<usize> {
    let all = || fitting(items, "");
    let mut listed = all();
    loop {
        for (number, item) in (1..).zip(listed.iter().take(LINES)) {
            let Item { name, note } = &items[*item];
            prompt::show(terminal, format!("  {number}  {name}  {note}").trim_end())?;
        }
        let shown = listed.len().min(LINES);
        if shown < listed.len() {
            let more = listed.len() - shown;
            prompt::show(terminal, &format!("  and {more} more"))?;
        }
        let asked = format!("{question}[1-{shown}, or part of its name] ");
        let answer = prompt::ask(terminal, &asked).await?;
        let named = fitting(items, &answer);
        let is_named = |item: &&usize| items[**item].name == *answer;
        let numbered = answer.parse::<usize>().ok();
        let numbered = numbered.filter(|it| (1..=shown).contains(it));
        let chosen = match (named.iter().find(is_named), numbered, &named[..]) {
            (Some(item), _, _) => return Ok(*item),
            (None, None, [item]) => *item,
            (None, Some(number), _) => listed[number - 1],
            (None, None, []) => {
                prompt::show(terminal, "no profile matches")?;
                listed = all();
                continue;
            }
            (None, None, _) => {
                listed = named;
                continue;
            }
        };
        prompt::show(terminal, &format!("{question}{}", items[chosen].name))?;
        return Ok(chosen);
    }
}
