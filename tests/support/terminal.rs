//! Plays a user at a terminal: starts awsmfa on a pseudo-terminal, types, and sees everything on the
//! screen. It knows no feature of awsmfa.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rexpect::process::{PtyProcess, WaitStatus};
use rustix::termios::{Winsize, tcsetwinsize};

use super::aws::secrets::Kind;
use super::home::Home;
use super::run::{collect, matches, shows};

/// Anything that has not appeared by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// awsmfa at a terminal, not started yet. By default its standard input, output and error are the
/// terminal too.
pub(crate) struct Terminal<'a> {
    home: &'a Home,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
    script: Option<String>,
    piped: bool,
    printed: Vec<Kind>,
}

/// awsmfa running at a terminal. It is ended when this is dropped.
pub(crate) struct Session<'a> {
    home: &'a Home,
    process: PtyProcess,
    keyboard: File,
    screen: Arc<Screen>,
    reader: Option<JoinHandle<()>>,
    /// How much of the screen the test has already seen.
    seen: usize,
    pipes: Option<Pipes>,
    printed: Vec<Kind>,
    secrets: Vec<(Kind, String)>,
}

/// The pipes used for the standard streams.
struct Pipes {
    /// Kept open, so that a reader waits forever.
    _stdin: PipeWriter,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

#[derive(Default)]
struct Screen {
    text: Mutex<Vec<u8>>,
    grown: Condvar,
    /// Whether the screen is complete.
    ended: AtomicBool,
}

/// The output to the pipes; empty if the streams were the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Streams {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl<'a> Terminal<'a> {
    /// awsmfa in `home`, without arguments so far.
    pub(crate) fn new(home: &'a Home) -> Self {
        Self {
            home,
            args: Vec::new(),
            env: Vec::new(),
            script: None,
            piped: false,
            printed: Vec::new(),
        }
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Runs this script in a shell, where `"$@"` is awsmfa with its arguments.
    pub(crate) fn script(mut self, script: &str) -> Self {
        self.script = Some(script.to_owned());
        self
    }

    /// Makes the three streams pipes, as for a `credential_process`: nothing comes in, and the output
    /// does not show on the screen.
    pub(crate) fn piped(mut self) -> Self {
        self.piped = true;
        self
    }

    /// Allows secrets of `kind` in the output to the pipes.
    pub(crate) fn may_print(mut self, kind: Kind) -> Self {
        self.printed.push(kind);
        self
    }

    /// Starts it, as the leader of the terminal's session.
    pub(crate) fn start(self) -> Session<'a> {
        let secrets = self.home.secrets();
        let mut command = self.home.command(&self.args);
        command.envs(self.env);
        command = in_shell(&command, self.script.as_deref().unwrap_or(BECOME));
        command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        let pipes = self.piped.then(|| Pipes::attach(&mut command));
        // Dropping the command here closes our ends of the pipes that awsmfa writes to.
        let mut process = PtyProcess::new(command).expect("there is a pseudo-terminal");
        process.set_kill_timeout(Some(1000));
        let keyboard = process.get_file_handle().expect("the terminal is open");
        let (screen, reader) = watch(&process);
        Session {
            home: self.home,
            process,
            keyboard,
            screen,
            reader: Some(reader),
            seen: 0,
            pipes,
            printed: self.printed,
            secrets,
        }
    }
}

impl Session<'_> {
    /// Waits until the screen shows `text`, after the part that was seen before.
    pub(crate) fn sees(&mut self, text: &str) {
        let begin = Instant::now();
        let mut screen = self.screen.text.lock().expect("no holder panics");
        loop {
            let shown = String::from_utf8_lossy(&screen[self.seen..]).into_owned();
            if let Some(at) = shown.find(text) {
                self.seen += at + text.len();
                return;
            }
            let left = PATIENCE.saturating_sub(begin.elapsed());
            assert!(!left.is_zero(), "`{text}` is not seen, but\n{shown}---");
            (screen, _) = self
                .screen
                .grown
                .wait_timeout(screen, left)
                .expect("no holder panics");
        }
    }

    /// Everything shown so far.
    pub(crate) fn shown(&self) -> String {
        let screen = self.screen.text.lock().expect("no holder panics");
        String::from_utf8_lossy(&screen).into_owned()
    }

    /// Waits until the list that is drawn last is these lines, the question first; `{*}` stands for
    /// anything within a line.
    pub(crate) fn sees_list(&self, lines: &str) {
        let begin = Instant::now();
        loop {
            let list = last_list(&self.shown());
            if matches(lines, &list) {
                return;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "the list is not\n{lines}\n--- but\n{list}\n--- in {:?}",
                self.shown()
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Gives the terminal another size.
    pub(crate) fn resizes(&self, columns: u16, lines: u16) {
        resize(&self.keyboard, columns, lines);
    }

    /// Types a line and presses return.
    pub(crate) fn types(&mut self, line: &str) {
        self.presses(&format!("{line}\n"));
    }

    /// Presses keys; `\x03` is Ctrl-C, `\x04` Ctrl-D.
    pub(crate) fn presses(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .expect("the terminal is open");
    }

    /// Waits for the end. Panics unless the exit code is `status`, the whole screen is `screen` (`{*}`
    /// stands for anything within a line; the alternate screen is left out), and no secret but the typed
    /// codes was shown.
    pub(crate) fn ends(mut self, status: i32, screen: &str) -> Streams {
        let ended = self.wait();
        self.screen.ended.store(true, Ordering::Release);
        let reader = self.reader.take().expect("it ends once");
        let begin = Instant::now();
        while !reader.is_finished() && begin.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        let shown = self.screen.text.lock().expect("no holder panics").clone();
        // macOS echoes the key for the end of input, and erases it again.
        let shown = String::from_utf8(shown)
            .expect("awsmfa prints UTF-8")
            .replace("\r\n", "\n")
            .replace("^D\u{8}\u{8}", "");
        let streams = self.pipes.take().map_or_else(Streams::empty, Pipes::read);
        let report = format!("{ended:?}\n--- screen\n{shown}--- {streams:?}");

        let mut secrets = std::mem::take(&mut self.secrets);
        secrets.extend(self.home.secrets());
        for (kind, secret) in &secrets {
            let piped =
                shows(&streams.stdout, *kind, secret) || shows(&streams.stderr, *kind, secret);
            let allowed = self.printed.contains(kind);
            assert!(
                allowed || !piped,
                "a secret is printed ({kind:?})\n{report}"
            );
            let typed = *kind == Kind::Code;
            assert!(
                typed || !shows(&shown, *kind, secret),
                "a secret is shown ({kind:?})\n{report}"
            );
        }
        let panicked = shown.contains("panicked at") || streams.stderr.contains("panicked at");
        assert!(!panicked, "it panicked\n{report}");
        let shown = usual_screen(&shown);
        let exited = matches!(ended, WaitStatus::Exited(_, code) if code == status);
        assert!(exited, "exit code is not {status}\n{report}");
        assert!(
            matches(screen, &shown),
            "the screen is not\n{screen}--- but\n{report}"
        );
        streams
    }

    fn wait(&self) -> WaitStatus {
        let begin = Instant::now();
        loop {
            let status = self.process.status().expect("the child can be waited for");
            if status != WaitStatus::StillAlive {
                return status;
            }
            if begin.elapsed() > PATIENCE {
                let screen = self.screen.text.lock().expect("no holder panics");
                panic!("it hangs at\n{}", String::from_utf8_lossy(&screen));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.screen.ended.store(true, Ordering::Release);
    }
}

impl Pipes {
    fn attach(command: &mut Command) -> Self {
        let pipe = || std::io::pipe().expect("there is a pipe");
        let (theirs, stdin): (PipeReader, PipeWriter) = pipe();
        let ((stdout, out), (stderr, err)) = (pipe(), pipe());
        command.stdin(theirs).stdout(out).stderr(err);
        Self {
            _stdin: stdin,
            stdout: collect(Some(stdout)),
            stderr: collect(Some(stderr)),
        }
    }

    fn read(self) -> Streams {
        let text = |reader: JoinHandle<Vec<u8>>| {
            let bytes = reader.join().expect("the reader does not panic");
            String::from_utf8(bytes).expect("awsmfa prints UTF-8")
        };
        Streams {
            stdout: text(self.stdout),
            stderr: text(self.stderr),
        }
    }
}

impl Streams {
    fn empty() -> Self {
        Self {
            stdout: String::new(),
            stderr: String::new(),
        }
    }
}

/// What stands before and after a list that is drawn, to be drawn anew or taken back.
const LIST: [&str; 2] = ["\u{1b}[?7l", "\u{1b}[?7h"];

/// What takes a list back, and all that is below it.
const CLEAR: &str = "\r\u{1b}[J";

/// Everything shown except on the alternate screen and without lists that were taken back.
fn usual_screen(shown: &str) -> String {
    let mut parts = shown.split(LIST[0]);
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once(LIST[1]).map_or("", |(_, rest)| rest));
    let shown = (first + &rest.collect::<String>()).replace(CLEAR, "");
    let mut usual = String::new();
    for (number, part) in shown.split("\u{1b}[?1049h").enumerate() {
        match part.split_once("\u{1b}[?1049l") {
            Some((_, after)) if number > 0 => usual += after,
            _ if number == 0 => usual += part,
            _ => {}
        }
    }
    usual
}

/// The list that was drawn last, the question first, without how it looks.
fn last_list(shown: &str) -> String {
    let last = shown.rsplit_once(LIST[0]).map_or("", |(_, last)| last);
    let drawn = last.split(LIST[1]).next().unwrap_or_default();
    let drawn = drawn.strip_prefix(CLEAR).unwrap_or(drawn);
    let (below, question) = drawn.rsplit_once('\r').unwrap_or(("", drawn));
    // The last sequence goes up again.
    let below = below
        .rsplit_once("\u{1b}[")
        .map_or(below, |(below, _)| below);
    let mut list = question.to_owned();
    for (number, part) in below.replace("\r\n", "\n").split("\u{1b}[").enumerate() {
        let text = match number {
            0 => part,
            _ => part.split_once('m').map_or("", |(_, text)| text),
        };
        list += text;
    }
    list
}

fn resize(terminal: impl AsFd, columns: u16, lines: u16) {
    let size = Winsize {
        ws_row: lines,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).expect("a terminal has a size");
}

/// A script that becomes awsmfa, without what shells add to the environment.
const BECOME: &str = "exec /usr/bin/env -u PWD -u OLDPWD -u SHLVL -u _ \"$@\"";

/// A shell that runs `script`, with the folder and environment of `command`, which is in its arguments. It
/// begins in a terminal that echoes what is typed, as a real one does: the pseudo-terminal crate turns echo
/// off in the child, and to turn it on from here, while awsmfa is starting, could undo what awsmfa has set.
fn in_shell(command: &Command, script: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    let script = format!("/bin/stty echo </dev/tty\n{script}");
    shell.args(["-c", &script, "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.env_clear();
    shell.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
    shell.current_dir(command.get_current_dir().expect("a home is a folder"));
    shell
}

/// Collects the terminal's output until awsmfa has ended and no program has the terminal open any more.
fn watch(process: &PtyProcess) -> (Arc<Screen>, JoinHandle<()>) {
    let mut terminal = process.get_file_handle().expect("the terminal is open");
    let screen = Arc::<Screen>::default();
    let shared = screen.clone();
    let reader = thread::spawn(move || {
        let mut piece = [0; 1024];
        loop {
            let ended = shared.ended.load(Ordering::Acquire);
            match terminal.read(&mut piece) {
                Ok(length @ 1..) => {
                    let mut text = shared.text.lock().expect("no holder panics");
                    text.extend_from_slice(&piece[..length]);
                    shared.grown.notify_all();
                }
                // No program has it open: either no longer or, if the streams are pipes, not yet.
                _ if ended => break,
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
    });
    (screen, reader)
}
