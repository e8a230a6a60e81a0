//! Shows a picture at a pseudo-terminal, ends and stops the process that shows it in every way there is,
//! and looks at what is left on the usual screen.

use super::*;
use crate::picture::{Ink, fit};
use crate::value::otpauth::{Names, Seed, Uri};
use crate::world::defect;
use crate::world::signals::not_ignored;
use crate::world::ui::Ui;
use rexpect::process::{PtyProcess, WaitStatus};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Command, exit};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// Set in the process that a test makes of itself.
const CHILD: &str = "AWSMFA_TEST_CHILD";

/// What has not come after this time never comes.
const PATIENCE: Duration = Duration::from_secs(30);

const SHOWN: &str = "\x1b[?1049h";
const LEFT: &str = "\x1b[?1049l";
const QUESTION: &str = "first code: ";

/// Runs the child in the foreground of a shell, at a terminal of 80 columns and 24 lines.
const PLAIN: &str = r#"stty echo cols 80 rows 24; "$@"; echo "ended with $?""#;

/// The same with job control: once it is stopped it waits for a line, and brings it back.
const STOPPED: &str = r#"set -m; stty echo cols 80 rows 24; "$@"; echo "left it"; read -r go; fg; echo "ended with $?""#;

/// A person at a terminal, where a test of this file runs as a process of its own.
struct Person {
    process: PtyProcess,
    keyboard: File,
    shown: Arc<Mutex<String>>,
    seen: usize,
}

/// Lets children begin with the default of what our parent ignores, as `nohup` and a script's `&` do: they
/// inherit that a signal is ignored, but not that it is handled.
fn keep_ignored_from_children() {
    use tokio::signal::unix::{SignalKind, signal};
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let sent = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];
        let plain: Vec<Signal> = not_ignored(&sent).collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("there is room for a runtime");
        let _inside = runtime.enter();
        for it in sent.into_iter().filter(|it| !plain.contains(it)) {
            // The handler outlasts both the stream and the runtime.
            drop(signal(SignalKind::from_raw(it.as_raw())).expect("a signal of the system"));
        }
    });
}

/// Has `work` done with a picture on the screen, in a process of its own that `script` runs; `test` is
/// the test that asks for it.
fn at_a_terminal(test: &str, script: &str, work: impl AsyncFnOnce(&Screen<'_>)) -> Person {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that runs itself as a process of its own"
    )]
    let (is_child, program) = (std::env::var_os(CHILD).is_some(), std::env::current_exe());
    if is_child {
        let code = defect::caught(|| show(work), || {});
        #[expect(clippy::disallowed_methods, reason = "it is the child")]
        exit(code.into());
    }
    keep_ignored_from_children();
    #[expect(clippy::disallowed_methods, reason = "the shell of the test")]
    let mut command = Command::new("/bin/bash");
    command
        .args(["-c", script, "bash"])
        .arg(program.expect("this test"))
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg(format!("world::screen::tests::{test}"))
        .env(CHILD, "1")
        .env("TERM", "xterm-256color");
    let mut process = PtyProcess::new(command).expect("there is a pseudo-terminal");
    process.set_kill_timeout(Some(1000));
    let keyboard = process.get_file_handle().expect("the terminal is open");
    let mut screen = process.get_file_handle().expect("the terminal is open");
    let shown = Arc::<Mutex<String>>::default();
    let shared = Arc::clone(&shown);
    thread::spawn(move || {
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        while let Ok(length @ 1..) = screen.read(&mut piece) {
            bytes.extend_from_slice(&piece[..length]);
            *shared.lock().expect("no holder panics") =
                String::from_utf8_lossy(&bytes).into_owned();
        }
    });
    Person {
        process,
        keyboard,
        shown,
        seen: 0,
    }
}

/// Shows a picture in this process, and has `work` done with it. Returns the exit code.
fn show(work: impl AsyncFnOnce(&Screen<'_>)) -> u8 {
    let terminal = Terminal::open().expect("a terminal");
    let done = runtime::run(async {
        let seed = Seed::parse(&[b'J'; 64]).expect("a seed");
        let names = Names {
            device: "alice",
            user: "alice",
            account: "123456789012",
        };
        let room = Screen::room(&terminal, Env).expect("a terminal with a size");
        let picture = fit(&Uri::all(&seed, names), room, 4, Ink::BlackOnWhite);
        terminal
            .show(&format!("process {} begins", std::process::id()))
            .expect("shown");
        let screen = Screen::open(&terminal, &picture.expect("it fits")).await?;
        screen.show("scan this")?;
        work(&screen).await;
        drop(screen);
        terminal.show("after it").expect("shown");
        Ok(())
    });
    match done {
        Ok(()) => 0,
        Err(failure) => Ui::default().error(&failure) as u8,
    }
}

impl Person {
    fn text(&self) -> String {
        self.shown.lock().expect("no holder panics").clone()
    }

    /// Waits until `text` is shown, after what was seen before. Returns what came before it.
    fn sees(&mut self, text: &str) -> String {
        let begin = Instant::now();
        loop {
            let shown = self.text();
            if let Some(at) = shown[self.seen..].find(text) {
                let before = shown[self.seen..][..at].to_owned();
                self.seen += at + text.len();
                return before;
            }
            let is_late = begin.elapsed() > PATIENCE;
            assert!(!is_late, "{text:?} is not seen, but {shown:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Presses Ctrl-Z, sees the usual screen, goes on, and sees everything again.
    fn stops_it_and_goes_on(&mut self) {
        self.presses("\x1a");
        let before = self.sees("left it");
        assert!(before.contains(LEFT), "{before:?}");
        self.presses("go\n");
        let before = self.sees("scan this");
        let drawn = before.matches(SHOWN).count();
        assert!(drawn == 1 && before.contains('▄'), "{before:?}");
        self.sees(QUESTION);
    }

    fn presses(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .expect("the terminal is open");
    }

    /// Gives the window another size.
    fn resizes(&self, columns: u16, lines: u16) {
        let size = rustix::termios::Winsize {
            ws_row: lines,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        rustix::termios::tcsetwinsize(&self.keyboard, size).expect("the terminal is open");
    }

    /// Waits for the end, and returns what the usual screen was shown.
    fn ends(mut self, status: &str) -> String {
        self.sees(&format!("ended with {status}\r\n"));
        let begin = Instant::now();
        while self.process.status() == Some(WaitStatus::StillAlive) {
            assert!(begin.elapsed() < PATIENCE, "it hangs");
            thread::sleep(Duration::from_millis(2));
        }
        let mut usual = String::new();
        let text = self.text();
        let mut rest = &text[..];
        while let Some((before, there)) = rest.split_once(SHOWN) {
            usual.push_str(before);
            let (there, after) = there.split_once(LEFT).expect("it is left again");
            assert!(there.contains('▄'), "the picture was there");
            rest = after;
        }
        usual.push_str(rest);
        for kept in ["▄", "scan this", QUESTION] {
            assert!(!usual.contains(kept), "{kept} stays: {usual:?}");
        }
        usual
    }

    /// The number of the process that shows the picture.
    fn process(&mut self) -> Pid {
        self.sees("process ");
        let number = self.sees(" begins").parse().expect("a number");
        Pid::from_raw(number).expect("a process")
    }
}

async fn ask(screen: &Screen<'_>) {
    let answer = screen.ask(QUESTION).await.expect("the terminal works");
    let answer = answer.map_or("nothing".to_owned(), |it| it.to_string());
    screen.show(&format!("<{answer}>")).expect("shown");
}

#[test]
fn after_an_answer_the_usual_screen_returns() {
    let mut person = at_a_terminal("after_an_answer_the_usual_screen_returns", PLAIN, ask);
    let before = person.sees("scan this\r\n");
    assert!(before.contains("\x1b[20;24r\x1b[20;1H"), "{before:?}");
    person.sees(QUESTION);
    person.presses("492039\n");
    person.sees("<492039>\r\n");
    let usual = person.ends("0");
    assert!(usual.contains("after it"), "{usual:?}");
}

#[test]
fn the_end_of_the_input_is_not_an_answer() {
    let mut person = at_a_terminal("the_end_of_the_input_is_not_an_answer", PLAIN, ask);
    person.sees(QUESTION);
    person.presses("\x04");
    person.sees("<nothing>");
    person.ends("0");
}

#[test]
fn ctrl_c_leaves_nothing_on_the_usual_screen() {
    let mut person = at_a_terminal("ctrl_c_leaves_nothing_on_the_usual_screen", PLAIN, ask);
    person.sees(QUESTION);
    person.presses("\x03");
    let usual = person.ends("130");
    assert!(usual.contains("cancelled"), "{usual:?}");
}

#[test]
fn a_signal_that_ends_it_leaves_nothing_on_the_usual_screen() {
    for signal in super::super::signals::DEADLY {
        let test = "a_signal_that_ends_it_leaves_nothing_on_the_usual_screen";
        let mut person = at_a_terminal(test, PLAIN, ask);
        let process = person.process();
        person.sees(QUESTION);
        kill_process(process, signal).expect("it is there");
        person.ends("130");
    }
}

#[test]
fn a_signal_while_nothing_is_asked_leaves_nothing_there_either() {
    let test = "a_signal_while_nothing_is_asked_leaves_nothing_there_either";
    for signal in [Signal::INT, Signal::TERM, Signal::QUIT] {
        let wait = async |_: &Screen<'_>| tokio::time::sleep(PATIENCE).await;
        let mut person = at_a_terminal(test, PLAIN, wait);
        let process = person.process();
        person.sees("scan this");
        kill_process(process, signal).expect("it is there");
        person.ends("130");
    }
}

#[test]
fn a_panic_is_reported_on_the_usual_screen() {
    let test = "a_panic_is_reported_on_the_usual_screen";
    let mut person = at_a_terminal(test, PLAIN, async |_| panic!("hush"));
    person.sees("scan this");
    let usual = person.ends("1");
    assert!(
        usual.contains("awsmfa stopped because of a bug"),
        "{usual:?}"
    );
}

#[test]
fn a_panic_on_another_thread_is_reported_there_too() {
    let test = "a_panic_on_another_thread_is_reported_there_too";
    let mut person = at_a_terminal(test, PLAIN, async |screen| {
        let thread = tokio::task::spawn_blocking(|| panic!("hush"));
        assert!(thread.await.is_err());
        screen.show("scan this again").expect("shown");
    });
    person.sees("scan this");
    let usual = person.ends("0");
    assert!(
        usual.contains("awsmfa stopped because of a bug"),
        "{usual:?}"
    );
}

#[test]
fn while_it_is_stopped_the_usual_screen_is_shown_and_then_the_dialogue_again() {
    let test = "while_it_is_stopped_the_usual_screen_is_shown_and_then_the_dialogue_again";
    let mut person = at_a_terminal(test, STOPPED, ask);
    person.sees(QUESTION);
    person.stops_it_and_goes_on();
    person.presses("492039\n");
    person.sees("<492039>");
    person.ends("0");
}

#[test]
fn a_stop_while_nothing_is_asked_shows_the_usual_screen_too() {
    let test = "a_stop_while_nothing_is_asked_shows_the_usual_screen_too";
    let wait = async |screen: &Screen<'_>| {
        tokio::time::sleep(Duration::from_secs(2)).await;
        ask(screen).await;
    };
    let mut person = at_a_terminal(test, STOPPED, wait);
    person.sees("scan this");
    person.stops_it_and_goes_on();
    person.presses("\n");
    person.sees("<>");
    person.ends("0");
}

#[test]
fn a_resized_window_shows_everything_again_or_says_what_is_needed() {
    let test = "a_resized_window_shows_everything_again_or_says_what_is_needed";
    let mut person = at_a_terminal(test, PLAIN, ask);
    person.sees(QUESTION);
    person.presses("49");
    person.sees("49");
    person.resizes(60, 20);
    let before = person.sees(QUESTION);
    assert!(!before.contains('▄'), "{before:?}");
    let words = "this window is too small for the picture, which needs 37 columns and 23 lines";
    assert!(
        before.contains(words) && before.contains("scan this"),
        "{before:?}"
    );
    person.resizes(36, 24);
    let before = person.sees(QUESTION);
    assert!(before.contains(words), "{before:?}");
    person.resizes(100, 40);
    let before = person.sees(QUESTION);
    assert!(before.contains("\x1b[20;40r\x1b[20;1H"), "{before:?}");
    assert!(
        before.contains('▄') && before.contains("scan this"),
        "{before:?}"
    );
    // What was typed before is not seen any more, and does not count.
    person.presses("039\n");
    person.sees("<039>");
    person.ends("0");
}

#[test]
fn a_stop_that_nobody_can_catch_does_no_harm() {
    let test = "a_stop_that_nobody_can_catch_does_no_harm";
    // In the background it can't ask: it stops once more, until it is in the foreground.
    let stops_again = r#"until [ -n "$(jobs -s)" ]; do sleep 0.01; done"#;
    let script = STOPPED.replace("fg;", &format!("bg; {stops_again}; fg;"));
    let mut person = at_a_terminal(test, &script, ask);
    let process = person.process();
    person.sees(QUESTION);
    kill_process(process, Signal::STOP).expect("it is there");
    person.sees("left it");
    person.presses("go\n");
    let before = person.sees("scan this");
    assert!(before.contains('▄'), "{before:?}");
    person.sees(QUESTION);
    person.presses("492039\n");
    person.sees("<492039>");
    person.ends("0");
}

#[test]
fn a_long_dialogue_does_not_push_the_picture_out() {
    let test = "a_long_dialogue_does_not_push_the_picture_out";
    let long = async |screen: &Screen<'_>| {
        for _ in 0..20 {
            ask(screen).await;
        }
    };
    let mut person = at_a_terminal(test, STOPPED, long);
    for _ in 0..12 {
        person.sees(QUESTION);
        person.presses("1\n");
        person.sees("<1>\r\n");
    }
    person.sees(QUESTION);
    person.presses("\x1a");
    person.sees("left it");
    person.presses("go\n");
    // Only the lines that there is room for are said again.
    let said = person.sees(QUESTION);
    assert_eq!(said.matches("<1>").count(), 4, "{said:?}");
    person.presses("\x03");
    person.ends("130");
}

#[test]
fn a_terminal_without_escape_sequences_or_unicode_has_no_room() {
    let test = "a_terminal_without_escape_sequences_or_unicode_has_no_room";
    #[expect(
        clippy::disallowed_methods,
        reason = "a test that runs itself as a process of its own"
    )]
    if let Some(kind) = std::env::var_os(CHILD) {
        let terminal = Terminal::open().expect("a terminal");
        let room = Screen::room(&terminal, Env);
        let code = u8::from(room.is_none());
        assert_eq!(kind, "1");
        exit(code.into());
    }
    for (name, code) in [("dumb", "1"), ("", "1"), ("xterm", "0"), ("linux", "0")] {
        let script = format!("export TERM={name}; {PLAIN}");
        let person = at_a_terminal(test, &script, async |_| {});
        person.ends(code);
    }
    for (locale, code) in [
        ("LC_ALL=C.UTF-8 LANG=en_US.ISO-8859-1", "0"),
        ("LC_ALL= LC_CTYPE= LANG=de_DE.utf8@euro", "0"),
        ("LC_ALL= LC_CTYPE= LANG=C", "0"),
        ("LC_ALL= LC_CTYPE= LANG=", "0"),
        ("LC_ALL=de_DE.ISO-8859-15@euro LANG=C.UTF-8", "1"),
        ("LC_ALL= LC_CTYPE=ja_JP.eucJP LANG=C.UTF-8", "1"),
    ] {
        let script = format!("export {locale}; {PLAIN}");
        at_a_terminal(test, &script, async |_| {}).ends(code);
    }
    let sizeless = PLAIN.replace("cols 80 rows 24", "cols 0 rows 0");
    at_a_terminal(test, &sizeless, async |_| {}).ends("1");
}
