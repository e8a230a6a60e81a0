//! Prints: the only printer of this crate.
//!
//! Standard output is for data that was asked for; everything else goes to standard error.
//! Colour only where the stream is a terminal that wants it (anstream: NO_COLOR, CLICOLOR).
//! Every message is one line: control characters are shown escaped, so that text from a file or
//! from AWS can't move the cursor or hide what comes after it.

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

/// The width of a line of progress: no terminal that is used is narrower.
const PROGRESS: usize = 60;

/// How a word stands out, where there is colour.
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
    /// Data on standard output, a newline after it. Fails as the stream does, and names it.
    pub(crate) fn data(self, text: &str) -> Result<()> {
        self.raw(&format!("{text}\n"))
    }

    /// A line of data that begins with `word`, coloured where standard output is a terminal that wants it.
    /// Unlike other data it is made fit for a line.
    pub(crate) fn toned(self, tone: Tone, word: &str, rest: &str) -> Result<()> {
        let style = tone.style();
        let line = format!("{style}{word}{style:#}{}\n", escape(rest));
        let mut out = anstream::stdout().lock();
        done(out.write_all(line.as_bytes()).and_then(|()| out.flush()))
    }

    /// Data without a newline after it. It is not styled, and none of its bytes is changed.
    pub(crate) fn raw(self, text: &str) -> Result<()> {
        done(write(text))
    }

    /// Data for a person, with the styles that are in it, and a newline after it. Where the stream is no
    /// terminal, or wants no colour, the styles are left out.
    pub(crate) fn styled(self, text: &str) -> Result<()> {
        let mut out = anstream::stdout().lock();
        let written = out.write_all(format!("{text}\n").as_bytes());
        done(written.and_then(|()| out.flush()))
    }

    /// How many columns a line of data has. None where standard output is no terminal, or its size is not
    /// known: then a line is as long as it is.
    pub(crate) fn columns(self) -> Option<usize> {
        let (columns, _) = terminal_size::terminal_size_of(std::io::stdout())?;
        Some(columns.0.into())
    }

    /// Whether standard output is a terminal, and so is read by a person.
    pub(crate) fn is_read_by_a_person(self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// A secret on standard output, as a line, that is of no use unless somebody has it: that its reader
    /// has gone is a failure too.
    pub(crate) fn secret(self, text: &str) -> Result<()> {
        // Put together where it is wiped.
        let line = Zeroizing::new(format!("{text}\n"));
        write(&line).map_err(|error| {
            let why = io_message(&error);
            Failure::failed(format!("can't write to standard output: {why}"))
        })
    }

    /// Text on standard output that makes a shell fail which evaluates it; none at a terminal, where
    /// no shell does.
    pub(crate) fn fail_evaluation(self, text: &str) {
        if !std::io::stdout().is_terminal() {
            // Nobody can be told when the stream is closed.
            let _ = self.raw(text);
        }
    }

    /// One line on what was done.
    pub(crate) fn say(self, text: &str) {
        if !self.quiet {
            line(&escape(text));
        }
    }

    /// How far a long run has come, on a line that the next one replaces; only at a terminal. `text` is
    /// shorter than [`PROGRESS`].
    pub(crate) fn progress(self, text: &str) {
        if !self.quiet && std::io::stderr().is_terminal() {
            part(&format!("\r{:<PROGRESS$}\r", escape(text)));
        }
    }

    /// Takes away what [`Self::progress`] has shown.
    pub(crate) fn end_progress(self) {
        self.progress("");
    }

    /// One line on something the person should know; shown even when quiet.
    pub(crate) fn warn(self, text: &str) {
        line(&format!("{WARNING}warning:{WARNING:#} {}", escape(text)));
    }

    /// One line on a step or a request; only when verbose.
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

    /// Prints a failure and its hint, and returns the exit code it ends in.
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

/// What comes of a write of data.
fn done(written: std::io::Result<()>) -> Result<()> {
    written
        .or_else(|error| match error.kind() {
            // The reader has had enough: `awsmfa status | head -1`.
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

/// Writes one line to standard error, in one piece, so that the lines of two programs don't mix. A
/// closed standard error is not worth a failure.
fn line(text: &str) {
    part(&format!("{text}\n"));
}

fn part(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
