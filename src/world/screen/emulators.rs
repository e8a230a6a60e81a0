//! Shows pictures in real terminal emulators, and has zbar read them off the display, as an app does with a
//! camera.

use super::*;
use crate::picture::{Ink, fit};
use crate::value::otpauth::{Names, Seed, Uri};
use crate::world::defect;
use emulator::{Display, EMULATORS};
use std::path::PathBuf;
use std::process::{Command, exit};
use std::time::Duration;

#[path = "../../../tests/support/emulator.rs"]
#[expect(
    clippy::disallowed_methods,
    reason = "a test runs programs that no product runs"
)]
mod emulator;

/// Of the length of AWS's: 64 letters.
const SEED: &str = "JBSWY3DPEHPK3PXPKRUGS4ZANFZSA3TPOQQGCIDSMVQWYIDTMVSWIIDPMYQGC3TZ";
const ACCOUNT: &str = "123456789012";

/// Say what the process shows that a test makes of itself: the user, `inverted` perhaps, and where it
/// reports.
const USER: &str = "AWSMFA_TEST_USER";
const INK: &str = "AWSMFA_TEST_INK";
const REPORT: &str = "AWSMFA_TEST_REPORT";

fn uris(user: &str) -> [Uri; 3] {
    let seed = Seed::parse(SEED.as_bytes()).expect("a seed");
    let names = Names {
        device: user,
        user,
        account: ACCOUNT,
    };
    Uri::all(&seed, names)
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "what a test tells its child")]
    std::env::var(name).ok()
}

/// Shows the picture of `user` until this process is ended.
fn show(user: &str) -> u8 {
    let terminal = Terminal::open().expect("a terminal");
    let is_inverted = variable(INK).is_some();
    let ink = if is_inverted {
        Ink::WhiteOnBlack
    } else {
        Ink::BlackOnWhite
    };
    let room = Screen::room(&terminal, Env).expect("a terminal with a size");
    let shown = runtime::run(async {
        runtime::started().await;
        let report = match fit(&uris(user), room, 4, ink) {
            Ok(picture) => {
                let screen = Screen::open(&terminal, &picture).await?;
                screen.show("Scan this with your app, then type two codes in a row.")?;
                screen.ask("first code: ").await?;
                return Ok(());
            }
            Err(needed) => format!("{}x{}", needed.columns, needed.lines),
        };
        terminal.show(&format!("needs {report}")).expect("shown");
        let place = variable(REPORT).expect("a place");
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(place, report).expect("written");
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    });
    u8::from(shown.is_err())
}

/// The command that shows the picture of `user`: this test's own process, or the one it makes of itself.
fn showing(test: &str, user: &str) -> Command {
    if let Some(user) = variable(USER) {
        let code = defect::caught(|| show(&user), || {});
        #[expect(clippy::disallowed_methods, reason = "it is the child")]
        exit(code.into());
    }
    #[expect(clippy::disallowed_methods, reason = "it is this test")]
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args(["--exact", "--nocapture", "--include-ignored"])
        .arg(format!("world::screen::emulators::{test}"))
        .env(USER, user);
    command
}

/// Where the pictures go, for a look at one that can't be read.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn zbar_reads_the_picture_off_every_terminal() {
    let command = showing("zbar_reads_the_picture_off_every_terminal", "alice");
    let display = Display::start(&folder());
    let [long, _, bare] = uris("alice");
    for (columns, lines, uri) in [(80, 24, &bare), (100, 40, &long), (40, 24, &bare)] {
        for emulator in &EMULATORS {
            let window = display.open(emulator, columns, lines, &command);
            let text = window.code(&[]);
            assert_eq!(text, uri.expose(), "{} {columns}x{lines}", emulator.name);
        }
    }
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn zbar_reads_the_inverted_picture_in_reverse() {
    let mut command = showing("zbar_reads_the_inverted_picture_in_reverse", "alice");
    command.env(INK, "inverted");
    let display = Display::start(&folder());
    for emulator in &EMULATORS {
        let window = display.open(emulator, 100, 40, &command);
        let text = window.code(&["-Stest-inverted"]);
        assert_eq!(text, uris("alice")[0].expose(), "{}", emulator.name);
    }
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn long_names_get_a_shorter_label_or_the_size_that_is_needed() {
    let test = "long_names_get_a_shorter_label_or_the_size_that_is_needed";
    let user = "first.middle+last-name_of=somebody@subsidiary.example.com";
    let mut command = showing(test, user);
    let report = folder().join("needed");
    command.env(REPORT, &report);
    let display = Display::start(&folder());
    let [long, short, bare] = uris(user);
    for (columns, lines, uri) in [(100, 40, &long), (100, 30, &short), (100, 28, &bare)] {
        let window = display.open(&EMULATORS[0], columns, lines, &command);
        assert_eq!(window.code(&[]), uri.expose(), "{columns}x{lines}");
    }
    for (columns, lines) in [(80, 24), (40, 24)] {
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        let _ = std::fs::remove_file(&report);
        let window = display.open(&EMULATORS[0], columns, lines, &command);
        let said = || {
            #[expect(clippy::disallowed_methods, reason = "a test's own file")]
            std::fs::read_to_string(&report).unwrap_or_default()
        };
        window.has_no_code(|| !said().is_empty());
        assert_eq!(said(), "45x27");
    }
}
