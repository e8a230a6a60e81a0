//! Hands over the seed of a new device in the way that the user chose: as a picture for their app, on
//! standard output, or to a command. It keeps no copy, and never shows a seed where it would stay.

use super::Enrolling;
use crate::caller::nested::InProgress;
use crate::code::wanted::Wanted;
use crate::devices::codes::{self, Pair, Talk};
use crate::exit::{Exit, Failure, Result};
use crate::picture::{self, Ink, Picture, Size};
use crate::value::Serial;
use crate::value::otpauth::{Names, Seed, Uri};
use crate::world::asking::Nowhere;
use crate::world::command::{CommandLine, in_words};
use crate::world::prompt;
use crate::world::question::at_terminal;
use crate::world::screen::Screen;
use crate::world::tty::Terminal;
use std::time::Duration;

/// The lines below a picture: a question, the reaction to its answer, and the next question.
const BELOW: usize = 3;

/// How long a command that gets a seed may take: it may have to ask the user something.
const LIMIT: Duration = Duration::from_secs(60);

/// How the user gets the seed.
#[derive(Clone, Debug)]
pub(crate) enum Handing {
    /// As a picture, or as text if none can be shown.
    Picture(Ink),
    /// On standard output.
    Stdout(Format),
    /// On the standard input of this command.
    Command(String, Format),
}

/// What a program gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The `otpauth` URI.
    Uri,
    /// Only the seed, in base32.
    Base32,
}

/// How a terminal shows a seed.
enum Shown {
    Picture(Picture),
    /// It has no room for a picture: the size that one needs, and the terminal's, if that is known.
    Text(Option<(Size, Size)>),
}

impl Enrolling<'_> {
    /// `seed` under each of its labels.
    fn uris(&self, seed: &Seed, device: &Serial) -> [Uri; 3] {
        let user = &self.access.user;
        let names = Names {
            device: device.device_name(),
            user: &user.name,
            account: &user.identity.account,
        };
        Uri::all(seed, names)
    }

    /// Hands `seed` to a program, if the user chose that.
    pub(super) async fn hand_to_program(&self, seed: &Seed, device: &Serial) -> Result<()> {
        let [uri, ..] = self.uris(seed, device);
        let text = |format: &Format| match format {
            Format::Uri => uri.expose(),
            Format::Base32 => seed.expose(),
        };
        match &self.wishes.handing {
            Handing::Picture(_) => Ok(()),
            Handing::Stdout(format) => self.context.ui.secret(text(format)),
            Handing::Command(line, format) => {
                self.context.ui.step("running --secret-command");
                let in_progress = InProgress::outside(self.context.env).text();
                let command = CommandLine {
                    line,
                    in_progress: &in_progress,
                    variables: &[],
                    limit: LIMIT,
                };
                let ended = command.fed(text(format)).await;
                let why = match ended {
                    Ok(status) if status.success() => return Ok(()),
                    Ok(status) => in_words(status),
                    Err(why) => why.to_string(),
                };
                let text = format!("--secret-command did not take the secret: {why}");
                Err(Failure::failed(text)
                    .hint("run the command yourself, with a line of text as its input"))
            }
        }
    }

    /// Finds out, before a device is made, whether the terminal can show a picture of its seed. If it
    /// can't, asks whether to show text.
    pub(super) async fn agree_on_picture(&self, device: &Serial) -> Result<()> {
        let Handing::Picture(_) = self.wishes.handing else {
            return Ok(());
        };
        // As long as AWS's.
        let Some(seed) = Seed::parse("A".repeat(64).as_bytes()) else {
            return Ok(());
        };
        let unasked = |nowhere| nowhere_to_show(nowhere);
        at_terminal(self.access.asking(), unasked, async |terminal| {
            match self.shown(terminal, &seed, device) {
                Shown::Picture(_) => Ok(()),
                Shown::Text(sizes) => self.agree_on_text(terminal, sizes).await,
            }
        })
        .await
    }

    async fn agree_on_text(&self, terminal: &Terminal, sizes: Option<(Size, Size)>) -> Result<()> {
        if self.shows_text.get() {
            return Ok(());
        }
        let why = match sizes {
            Some((needed, is)) => format!(
                "the QR code needs {} columns and {} lines, and this terminal has {} and {}",
                needed.columns, needed.lines, is.columns, is.lines
            ),
            None => {
                "this terminal can't show a QR code: the secret would stay on the screen".to_owned()
            }
        };
        prompt::show(terminal, &why)?;
        // Text stays in the scrollback, so the user has to agree.
        let question = "show the secret as text, to type into your app?";
        if prompt::confirm(terminal, question, sizes.is_some()).await? {
            self.shows_text.set(true);
            return Ok(());
        }
        Err(Failure::cancelled().hint(
            "make the terminal larger, or pass the secret to a program with --secret-command or --secret-stdout",
        ))
    }

    fn shown(&self, terminal: &Terminal, seed: &Seed, device: &Serial) -> Shown {
        let Handing::Picture(ink) = self.wishes.handing else {
            return Shown::Text(None);
        };
        let Some(room) = Screen::room(terminal, self.context.env) else {
            return Shown::Text(None);
        };
        match picture::fit(&self.uris(seed, device), room, BELOW, ink) {
            Ok(picture) => Shown::Picture(picture),
            Err(needed) => Shown::Text(Some((needed, room))),
        }
    }

    /// Shows `seed` during the dialogue `talk`.
    async fn beside<T>(
        &self,
        terminal: &Terminal,
        seed: &Seed,
        device: &Serial,
        before: Option<&str>,
        talk: impl AsyncFn(&Talk<'_>) -> Result<T>,
    ) -> Result<T> {
        const SCAN: &str = "scan this with your authenticator app, then enter two codes in a row";
        const TYPE: &str =
            "type this secret into your authenticator app, then enter two codes in a row";
        let (picture, say) = match self.shown(terminal, seed, device) {
            Shown::Picture(picture) => (picture, SCAN),
            Shown::Text(sizes) => {
                self.agree_on_text(terminal, sizes).await?;
                let Some(room) = Screen::room(terminal, self.context.env) else {
                    let lines = Talk::Lines(terminal);
                    lines.show(before.unwrap_or(TYPE))?;
                    lines.show(seed.expose())?;
                    return talk(&lines).await;
                };
                (Picture::spelled(seed, room), TYPE)
            }
        };
        let screen = Screen::open(terminal, &picture).await?;
        screen.show(before.unwrap_or(say))?;
        talk(&Talk::Screen(&screen)).await
    }

    /// Two consecutive codes of the device. If the user types them, the seed is shown meanwhile if that
    /// is how it is handed over. `before` says what became of the previous codes.
    pub(super) async fn codes(
        &self,
        device: &Serial,
        seed: Option<&Seed>,
        before: Option<&str>,
    ) -> Result<Pair> {
        let name = device.device_name();
        let wanted = Wanted {
            holder: &self.access.user.holder,
            serial: device,
        };
        let seed = seed.filter(|_| matches!(self.wishes.handing, Handing::Picture(_)));
        match (&self.codes, seed) {
            (Some((line, named_by)), None) => {
                codes::read(line, named_by, wanted, self.context).await
            }
            (Some((line, named_by)), Some(seed)) => {
                at_terminal(self.access.asking(), nowhere_to_show, async |terminal| {
                    let ask =
                        async |talk: &Talk<'_>| talk.ask("press Enter when it is there ").await;
                    self.beside(terminal, seed, device, before, ask).await
                })
                .await?;
                codes::read(line, named_by, wanted, self.context).await
            }
            (None, seed) => {
                let unasked = |nowhere| nowhere_to_ask(nowhere);
                at_terminal(self.access.asking(), unasked, async |terminal| {
                    let ask = async |talk: &Talk<'_>| codes::ask(talk, name, self.context).await;
                    let Some(seed) = seed else {
                        if let Some(before) = before {
                            prompt::show(terminal, before)?;
                        }
                        return ask(&Talk::Lines(terminal)).await;
                    };
                    self.beside(terminal, seed, device, before, ask).await
                })
                .await
            }
        }
    }
}

pub(super) fn nowhere_to_show(nowhere: Nowhere) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!("the QR code of the new device has to be shown, and {nowhere}"),
    )
    .hint("pass the secret to a program with --secret-command or --secret-stdout, and get the codes with --code-command")
}

pub(super) fn nowhere_to_ask(nowhere: Nowhere) -> Failure {
    Failure::new(
        Exit::CodeNeeded,
        format!("two codes in a row from the device are needed, and {nowhere}"),
    )
    .hint("get them from a command with --code-command")
}
