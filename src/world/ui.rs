//! Prints, and is the only printer of this crate.
//!
//! Standard output is for requested data; everything else goes to standard error. Colour only where the
//! stream is a terminal that wants it (anstream: NO_COLOR, CLICOLOR). Every message is one line: control
//! characters are escaped, so that text from a file or from AWS can't move the cursor or hide what
//! follows.

use crate::exit::{Exit, Failure, Result};
use crate::text::{escape, io_message};
use anstyle::{AnsiColor, Style};
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use zeroize::Zeroizing;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const USAGE: Style = Style::new().bold().underline();
const STEP: Style = Style::new().dimmed();

/// The width of a progress line: no terminal in use is narrower.
const PROGRESS: usize = 60;

/// The emphasis of a word, where there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Doubtful,
    Bad,
    Quiet,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Doubtful => WARNING,
            Self::Bad => ERROR,
            Self::Quiet => HINT,
        }
    }
}

/// The printer of one run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ui {
    /// Only warnings and errors.
    pub(crate) quiet: bool,
    /// Also the steps and the requests.
    pub(crate) verbose: bool,
}

impl Ui {
    /// Data on standard output, with a newline. A failed write is an error that names the stream.
    pub(crate) fn data(self, text: &str) -> Result<()> {
        self.raw(&format!("{text}\n"))
    }

    /// A line of data that begins with `word`, coloured if standard output is a terminal that wants it.
    /// Unlike other data it is escaped to fit a line.
    pub(crate) fn toned(self, tone: Tone, word: &str, rest: &str) -> Result<()> {
        let style = tone.style();
        let line = format!("{style}{word}{style:#}{}\n", escape(rest));
        let mut out = anstream::stdout().lock();
        done(out.write_all(line.as_bytes()).and_then(|()| out.flush()))
    }

    /// Data without a newline. It is not styled, and its bytes are unchanged.
    pub(crate) fn raw(self, text: &str) -> Result<()> {
        done(write(text))
    }

    /// Data for people, with its styles and a newline. The styles are left out if the stream is not a
    /// terminal or wants no colour.
    pub(crate) fn styled(self, text: &str) -> Result<()> {
        let mut out = anstream::stdout().lock();
        let written = out.write_all(format!("{text}\n").as_bytes());
        done(written.and_then(|()| out.flush()))
    }

    /// The columns of a line of data. `None` if standard output is not a terminal or its size is
    /// unknown: then lines are not shortened.
    pub(crate) fn columns(self) -> Option<usize> {
        let (columns, _) = terminal_size::terminal_size_of(std::io::stdout())?;
        Some(columns.0.into())
    }

    /// Whether standard output is a terminal, so that a person reads it.
    pub(crate) fn is_read_by_a_person(self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// A secret on standard output, as a line. It is useless unless somebody reads it, so a closed
    /// stream is an error here.
    pub(crate) fn secret(self, text: &str) -> Result<()> {
        // Built in a buffer that is wiped.
        let line = Zeroizing::new(format!("{text}\n"));
        write(&line).map_err(|error| {
            let why = io_message(&error);
            Failure::failed(format!("can't write to standard output: {why}"))
        })
    }

    /// Text on standard output that makes a shell fail if it evaluates it. Nothing at a terminal, where
    /// no shell evaluates.
    pub(crate) fn fail_evaluation(self, text: &str) {
        if !std::io::stdout().is_terminal() {
            // If the stream is closed there is nobody left to tell.
            let _ = self.raw(text);
        }
    }

    /// One line about what was done.
    pub(crate) fn say(self, text: &str) {
        if !self.quiet {
            line(&escape(text));
        }
    }

    /// The progress of a long run, on a line that the next one replaces; only at a terminal. `text` must
    /// be shorter than [`PROGRESS`].
    pub(crate) fn progress(self, text: &str) {
        if !self.quiet && std::io::stderr().is_terminal() {
            part(&format!("\r{:<PROGRESS$}\r", escape(text)));
        }
    }

    /// Erases what [`Self::progress`] has shown.
    pub(crate) fn end_progress(self) {
        self.progress("");
    }

    /// One line that the user should know about; shown even when quiet.
    pub(crate) fn warn(self, text: &str) {
        line(&format!("{WARNING}warning:{WARNING:#} {}", escape(text)));
    }

    /// One line about a step or a request; only when verbose.
    pub(crate) fn step(self, text: &str) {
        if self.verbose {
            line(&format!("{STEP}{}{STEP:#}", escape(text)));
        }
    }

    /// What to do next.
    pub(crate) fn hint(self, text: &str) {
        line(&format!("{HINT}hint:{HINT:#} {}", escape(text)));
    }

    /// What is wrong with a command line, in lines of which some begin with what they are. Unlike other
    /// text it is fit for lines already.
    pub(crate) fn usage_error(self, text: &str) {
        let styled = |text: &str| {
            let named = [("error:", ERROR), ("hint:", HINT), ("Usage:", USAGE)];
            let found = named
                .iter()
                .find_map(|(name, style)| Some((name, style, text.strip_prefix(name)?)));
            match found {
                Some((name, style, rest)) => format!("{style}{name}{style:#}{rest}"),
                None => text.to_owned(),
            }
        };
        let lines: Vec<String> = text.lines().map(styled).collect();
        line(&lines.join("\n"));
    }

    /// Prints a failure and its hint, and returns its exit code.
    pub(crate) fn error(self, failure: &Failure) -> Exit {
        line(&format!(
            "{ERROR}error:{ERROR:#} {}",
            escape(&failure.message)
        ));
        if let Some(hint) = &failure.hint {
            self.hint(hint);
        }
        if let Some(detail) = &failure.detail {
            self.step(detail);
        }
        failure.exit
    }
}

/// The result of writing data.
fn done(written: std::io::Result<()>) -> Result<()> {
    written
        .or_else(|error| match error.kind() {
            // The reader has seen enough: `awsmfa status | head -1`.
            ErrorKind::BrokenPipe => Ok(()),
            kind => Err(kind),
        })
        .map_err(|kind| {
            Failure::new(
                Exit::Failed,
                format!("can't write to standard output: {kind}"),
            )
            .hint("what was already done stays done; run this again to print it")
        })
}

fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Writes one line to standard error in a single write, so that the lines of two programs don't mix. A
/// closed standard error is not worth a failure.
fn line(text: &str) {
    part(&format!("{text}\n"));
}

fn part(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
