//! Gets two codes that a device shows one after the other, from a person or from a command. It never
//! sends them, and never shows them.

use crate::caller::nested::InProgress;
use crate::code::{Code, command};
use crate::exit::{Exit, Failure, Result};
use crate::value::Serial;
use crate::world::screen::Screen;
use crate::world::tty::Terminal;
use crate::world::{Context, prompt};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

/// How long a device shows a code, in seconds of the clock.
const STEP: i64 = 30;

/// How long a command may go on to give the code that it gave before: one step and some time to give it.
const NEXT_WITHIN: Duration = Duration::from_secs(35);
/// How long to wait before it is run again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Two codes in a row.
pub(crate) struct Pair {
    /// The codes, the older one first.
    pub(crate) codes: [Code; 2],
    /// When the second one was given.
    pub(crate) given: DateTime<Utc>,
}

impl Pair {
    /// Both, as a request takes them.
    pub(crate) fn each(&self) -> [&Code; 2] {
        self.codes.each_ref()
    }
}

/// Where a person is talked with.
pub(crate) enum Talk<'a> {
    /// In the lines of the terminal.
    Lines(&'a Terminal),
    /// Below a picture.
    Screen(&'a Screen<'a>),
}

impl Talk<'_> {
    /// Shows a line.
    pub(crate) fn show(&self, text: &str) -> Result<()> {
        match self {
            Self::Lines(terminal) => prompt::show(terminal, text),
            Self::Screen(screen) => screen.show(text),
        }
    }

    /// Shows `question` and returns the line that is typed.
    pub(crate) async fn ask(&self, question: &str) -> Result<Zeroizing<String>> {
        match self {
            Self::Lines(terminal) => prompt::ask(terminal, question).await,
            Self::Screen(screen) => {
                let typed = screen.ask(question).await?;
                typed.ok_or_else(|| Failure::new(Exit::Cancelled, "cancelled"))
            }
        }
    }

    async fn code(&self, question: &str) -> Result<Code> {
        loop {
            match Code::parse(&self.ask(question).await?) {
                Ok(code) => return Ok(code),
                Err(why) => self.show(why)?,
            }
        }
    }
}

/// Asks a person for a code of the device that they call `device`, and for the one that it shows next.
pub(crate) async fn ask(talk: &Talk<'_>, device: &str, context: Context) -> Result<Pair> {
    let first = talk.code(&format!("first code of {device}: ")).await?;
    talk.show(&format!("the next code appears {}", next_shows(context)))?;
    loop {
        let second = talk.code(&format!("next code of {device}: ")).await?;
        if second.expose() != first.expose() {
            return Ok(Pair {
                codes: [first, second],
                given: context.now(),
            });
        }
        // AWS would refuse the two, and they count as a try.
        talk.show(&format!(
            "that is the same code again; the next one appears {}",
            next_shows(context)
        ))?;
    }
}

/// Runs `line`, which `named_by` named, for a code, and again each second until it gives another one.
pub(crate) async fn read(line: &str, named_by: &'static str, context: Context) -> Result<Pair> {
    let in_progress = InProgress::outside(context.env).text();
    let once = || async {
        let step = format!("running {named_by} for a code");
        context.ui.step(&step);
        command::run(line, named_by, &in_progress).await
    };
    let first = once().await?;
    let said = format!("waiting for the next code, {}", next_shows(context));
    context.ui.say(&said);
    let until = Instant::now() + NEXT_WITHIN;
    while Instant::now() < until {
        sleep(AGAIN_AFTER).await;
        let second = once().await?;
        if second.expose() != first.expose() {
            return Ok(Pair {
                codes: [first, second],
                given: context.now(),
            });
        }
    }
    Err(no_other(named_by))
}

/// AWS has refused two codes of the device: `failure` is its answer.
pub(crate) fn both_refused(serial: &Serial, failure: Failure) -> Failure {
    Failure {
        message: format!("AWS refused both codes of {}", serial.device_name()),
        ..failure
    }
}

fn no_other(named_by: &str) -> Failure {
    let seconds = NEXT_WITHIN.as_secs();
    Failure::new(
        Exit::CodeNeeded,
        format!("{named_by} gave no second code within {seconds} s"),
    )
    .hint("it has to print the code the device shows at that moment, which changes every 30 s")
}

/// When the next code shows, in words, if the device's clock is right.
fn next_shows(context: Context) -> String {
    format!("in {} s", STEP - context.now().timestamp().rem_euclid(STEP))
}
