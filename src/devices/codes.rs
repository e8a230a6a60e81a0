//! Gets two consecutive codes of a device from the user or a command. It never sends them, and never
//! shows them.

use crate::caller::nested::InProgress;
use crate::code::wanted::Wanted;
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

/// How long a device shows a code, in seconds.
const STEP: i64 = 30;

/// How long to accept the previous code from a command: one step, and some time to run.
const NEXT_WITHIN: Duration = Duration::from_secs(35);
/// The pause before it is run again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Two consecutive codes.
pub(crate) struct Pair {
    /// The older code comes first.
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

/// Where the dialogue with the user takes place.
pub(crate) enum Talk<'a> {
    /// On the terminal, line by line.
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
                typed.ok_or_else(Failure::cancelled)
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

/// Asks for a code of the device, which messages call `device`, and for the next one.
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
        // AWS would refuse these two, and count them as an attempt.
        talk.show(&format!(
            "that is the same code again; the next one appears {}",
            next_shows(context)
        ))?;
    }
}

/// Runs `line`, which comes from `named_by`, for the wanted code, and again each second until it prints
/// another one.
pub(crate) async fn read(
    line: &str,
    named_by: &'static str,
    wanted: Wanted<'_>,
    context: Context,
) -> Result<Pair> {
    let in_progress = InProgress::outside(context.env).text();
    let once = || async {
        let step = format!("running {named_by} for a code");
        context.ui.step(&step);
        command::run(line, named_by, wanted, &in_progress, command::LIMIT).await
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

/// The failure after AWS refused two codes of the device with `failure`.
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

/// When the next code will be shown, in words, if the device's clock is right.
fn next_shows(context: Context) -> String {
    format!("in {} s", STEP - context.now().timestamp().rem_euclid(STEP))
}
