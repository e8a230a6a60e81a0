//! Shows a picture on the terminal's alternate screen, and holds a dialogue below it. A stop keeps the
//! dialogue open, unlike the dialogues that `job` restarts. It never decides what is asked.

#[cfg(unix)]
use super::alternate;
use super::alternate::Alternate;
use super::env::Env;
use super::job::{self, Stops};
use super::runtime;
use super::tty::Terminal;
use crate::exit::{Exit, Failure, Result};
use crate::picture::{Picture, Size};
use crate::text::io_message;
use std::io;
use zeroize::Zeroizing;

/// The picture and the dialogue. The usual screen returns when this is dropped, and however the process
/// stops or ends.
pub(crate) struct Screen<'a> {
    terminal: &'a Terminal,
    alternate: Alternate,
    #[cfg(unix)]
    _resizes: Resizes,
}

impl<'a> Screen<'a> {
    /// The room that `terminal` has for a picture. `None` if it can't show one: it obeys no escape
    /// sequences, shows no Unicode, or its size is unknown.
    pub(crate) fn room(terminal: &Terminal, env: Env) -> Option<Size> {
        (obeys_sequences(env) && shows_unicode(env)).then(|| terminal.size())?
    }

    /// Shows `picture`, which fits into the [room](Self::room). From here on Ctrl-C cancels the recipe.
    pub(crate) async fn open(terminal: &'a Terminal, picture: &Picture) -> Result<Self> {
        // Otherwise Ctrl-C would end this process on the alternate screen.
        runtime::heed_ctrl_c().await;
        #[cfg(unix)]
        job::stop_as_usual_later();
        let size = terminal.size().unwrap_or_else(|| picture.size());
        let alternate =
            Alternate::enter(terminal, size, picture).map_err(|error| broken(&error))?;
        Ok(Self {
            terminal,
            alternate,
            #[cfg(unix)]
            _resizes: Resizes::heed(),
        })
    }

    /// Shows one line below the picture.
    pub(crate) fn show(&self, text: &str) -> Result<()> {
        self.alternate.say(text).map_err(|error| broken(&error))
    }

    /// Shows `question` below the picture and returns the line that is typed. `None` if the input ends
    /// first.
    ///
    /// If the process is stopped meanwhile, the usual screen is shown, and the question again in the
    /// foreground.
    pub(crate) async fn ask(&self, question: &str) -> Result<Option<Zeroizing<String>>> {
        self.foreground().await?;
        let broken = |error: io::Error| broken(&error);
        let _question = self.alternate.ask(question).map_err(broken)?;
        loop {
            let mut stops = Stops::catch();
            let stop = {
                // Not kept through a stop, because a shell sets its own mode.
                let _mode = self.terminal.line_mode().map_err(broken)?;
                tokio::select! {
                    biased;
                    answer = self.terminal.read_answer() => return answer.map_err(broken),
                    stop = stops.next() => stop,
                }
            };
            stop.keep().await;
            self.foreground().await?;
            // Also if the terminal came back without our noticing.
            self.alternate.refresh().map_err(broken)?;
        }
    }

    /// Waits until the terminal is this process's.
    async fn foreground(&self) -> Result<()> {
        while !self.terminal.is_ours() {
            if !job::stop_job().await {
                return Err(Failure::new(
                    Exit::CodeNeeded,
                    "can't ask: awsmfa is in the background",
                ));
            }
        }
        Ok(())
    }
}

/// Redraws the picture whenever the window is resized, until this is dropped.
#[cfg(unix)]
struct Resizes(Option<tokio::task::JoinHandle<()>>);

#[cfg(unix)]
impl Resizes {
    fn heed() -> Self {
        let resizes = super::signals::listen(rustix::process::Signal::WINCH);
        Self(resizes.map(|mut resizes| {
            tokio::spawn(async move {
                while resizes.recv().await.is_some() {
                    alternate::resize();
                }
            })
        }))
    }
}

#[cfg(unix)]
impl Drop for Resizes {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Whether the terminal interprets escape sequences rather than printing them.
pub(super) fn obeys_sequences(env: Env) -> bool {
    #[cfg(windows)]
    {
        // A console on Windows interprets them once it is told to.
        let _ = env;
        anstyle_query::windows::enable_ansi_colors() == Some(true)
    }
    #[cfg(not(windows))]
    {
        let name = env.as_tools_read("TERM");
        name.is_some_and(|name| !matches!(&*name, "dumb" | "unknown" | "emacs"))
    }
}

/// Whether the terminal can show the characters of a picture. A locale without an encoding says nothing:
/// in containers that is common, and the terminal outside can show them anyway.
fn shows_unicode(env: Env) -> bool {
    let mut locales = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let locale = locales.find_map(|name| env.as_tools_read(name));
    let encoding = locale.as_deref().and_then(|it| it.split_once('.'));
    encoding.is_none_or(|(_, encoding)| {
        let encoding = encoding.split('@').next().unwrap_or_default();
        encoding.replace('-', "").eq_ignore_ascii_case("utf8")
    })
}

fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("can't use the terminal: {}", io_message(error)))
}

#[cfg(all(test, unix))]
mod tests;
