//! Runs awsmfa and compares it with what a test expects: anything not expected must be empty, and no
//! secret may show.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::aws::secrets::Kind;
use super::home::Home;
use super::system;

/// A run that takes longer than this is hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run to make. By default it must exit with 0 and print nothing.
pub(crate) struct Run<'a> {
    home: &'a Home,
    command: Command,
    stdin: Option<Vec<u8>>,
    status: Option<i32>,
    stdout: Expected,
    stderr: Expected,
    shown: Vec<Kind>,
}

/// The output of a run, and how long it took.
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) elapsed: Duration,
}

enum Expected {
    Text(String),
    Check(Box<dyn Fn(&str)>),
}

impl<'a> Run<'a> {
    /// awsmfa in `home`, without arguments so far.
    pub(crate) fn new(home: &'a Home) -> Self {
        Self {
            home,
            command: home.command(std::iter::empty::<&OsStr>()),
            stdin: None,
            status: Some(0),
            stdout: Expected::Text(String::new()),
            stderr: Expected::Text(String::new()),
            shown: Vec::new(),
        }
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// The standard input of awsmfa; empty by default.
    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Expects this exit code.
    pub(crate) fn status(mut self, status: i32) -> Self {
        self.status = Some(status);
        self
    }

    /// Accepts any exit code.
    pub(crate) fn any_status(mut self) -> Self {
        self.status = None;
        self
    }

    /// Expects exactly this standard output. `{*}` stands for anything within a line, `{home}` for the
    /// home.
    pub(crate) fn stdout(mut self, text: impl Into<String>) -> Self {
        self.stdout = Expected::Text(text.into());
        self
    }

    /// Expects exactly this standard error, written as in [`Run::stdout`].
    pub(crate) fn stderr(mut self, text: impl Into<String>) -> Self {
        self.stderr = Expected::Text(text.into());
        self
    }

    /// Checks the standard output with a function, which panics if something is wrong.
    pub(crate) fn check_stdout(mut self, check: impl Fn(&str) + 'static) -> Self {
        self.stdout = Expected::Check(Box::new(check));
        self
    }

    /// Checks the standard error with a function, which panics if something is wrong.
    pub(crate) fn check_stderr(mut self, check: impl Fn(&str) + 'static) -> Self {
        self.stderr = Expected::Check(Box::new(check));
        self
    }

    /// Allows secrets of `kind` in the output, because the run is there to print them.
    pub(crate) fn may_show(mut self, kind: Kind) -> Self {
        self.shown.push(kind);
        self
    }

    /// Runs it, and panics if anything is not as expected.
    pub(crate) fn run(mut self) -> Ran {
        // Collected before and after the run: a secret that the run replaces must not show either.
        let mut secrets = self.home.secrets();
        let begin = Instant::now();
        let (status, stdout, stderr) = finish(&mut self.command, self.stdin.as_deref());
        let elapsed = begin.elapsed();
        let report = format!(
            "{:?}\nexit code {status:?}\n--- stdout\n{stdout}--- stderr\n{stderr}---",
            self.command.get_args().collect::<Vec<_>>()
        );

        secrets.extend(self.home.secrets());
        secrets.extend(self.codes().into_iter().map(|code| (Kind::Code, code)));
        for (kind, secret) in &secrets {
            let allowed = self.shown.contains(kind);
            let seen = shows(&stdout, *kind, secret) || shows(&stderr, *kind, secret);
            assert!(allowed || !seen, "a secret is shown ({kind:?})\n{report}");
        }
        assert!(!stderr.contains("panicked at"), "it panicked\n{report}");
        let expected = self.status.or(status);
        assert_eq!(status, expected, "exit code\n{report}");
        self.expect("stdout", &self.stdout, &stdout, &report);
        self.expect("stderr", &self.stderr, &stderr, &report);
        Ran {
            stdout,
            stderr,
            elapsed,
        }
    }

    fn expect(&self, name: &str, expected: &Expected, actual: &str, report: &str) {
        match expected {
            Expected::Check(check) => check(actual),
            Expected::Text(text) => {
                let home = self.home.path();
                let mut text = system::words(text, home);
                // A test that names a shell expects its words.
                if !self.command.get_envs().any(|(name, _)| name == "SHELL") {
                    text = system::typed(&text);
                }
                let fits = matches(&text, &system::same_paths(actual, home));
                assert!(fits, "{name} is not\n{text}--- but\n{report}");
            }
        }
    }

    /// The codes that the run gets.
    fn codes(&self) -> Vec<String> {
        let args: Vec<OsString> = self.command.get_args().map(OsStr::to_owned).collect();
        let from_args = args.windows(2).filter_map(|pair| {
            let flag = pair[0].to_str()?;
            matches!(flag, "--code" | "--token-code").then(|| pair[1].clone())
        });
        let from_env = self.command.get_envs().filter_map(|(name, value)| {
            let code = name == "AWSMFA_CODE";
            code.then(|| value.map(OsStr::to_owned)).flatten()
        });
        let given = from_args.chain(from_env);
        let mut texts: Vec<String> = given.filter_map(|it| it.into_string().ok()).collect();
        let stdin = self.stdin.as_deref().unwrap_or_default();
        texts.extend(String::from_utf8_lossy(stdin).lines().map(str::to_owned));
        let six_digits = |it: &String| it.len() == 6 && it.bytes().all(|it| it.is_ascii_digit());
        texts.retain(six_digits);
        texts
    }
}

/// Starts `command`. While another test starts a program, that one's process holds every open file for a
/// moment, also a script that this test has just written: until then the script can't be run.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    let begin = Instant::now();
    loop {
        match command.spawn() {
            Err(error)
                if error.kind() == ErrorKind::ExecutableFileBusy && begin.elapsed() < PATIENCE =>
            {
                thread::sleep(Duration::from_millis(1));
            }
            ended => return ended,
        }
    }
}

/// Runs `command` to its end; kills it and panics if it hangs.
fn finish(command: &mut Command, stdin: Option<&[u8]>) -> (Option<i32>, String, String) {
    if stdin.is_some() {
        command.stdin(Stdio::piped());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = start(command).expect("awsmfa was built");
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    if let (Some(text), Some(mut pipe)) = (stdin, child.stdin.take()) {
        // Fails if the program ends without reading its input, which is allowed.
        let _ = pipe.write_all(text);
    }
    let status = wait(&mut child, command);
    let text = |reader: JoinHandle<Vec<u8>>| {
        let bytes = reader.join().expect("the reader does not panic");
        String::from_utf8(bytes).expect("awsmfa prints UTF-8")
    };
    (status, text(stdout), text(stderr))
}

fn wait(child: &mut Child, command: &Command) -> Option<i32> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return status.code();
        }
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("{:?} hangs", command.get_args().collect::<Vec<_>>());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads `pipe` to its end on a thread, so that its writer never waits.
pub(super) fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

/// Whether `secret` is in `text`; a code does not count inside a longer number.
pub(crate) fn shows(text: &str, kind: Kind, secret: &str) -> bool {
    let digit = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit());
    text.match_indices(secret).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + secret.len()..].chars().next();
        kind != Kind::Code || !(digit(before) || digit(after))
    })
}

/// Whether `actual` equals `expected` line by line, where `{*}` stands for anything.
pub(crate) fn matches(expected: &str, actual: &str) -> bool {
    let (expected, actual) = (expected.split('\n'), actual.split('\n'));
    expected.clone().count() == actual.clone().count()
        && expected.zip(actual).all(|(want, have)| fits(want, have))
}

fn fits(want: &str, have: &str) -> bool {
    let Some((begin, rest)) = want.split_once("{*}") else {
        return want == have;
    };
    let Some(after) = have.strip_prefix(begin) else {
        return false;
    };
    let mut ends = after.char_indices().map(|(at, _)| at).chain([after.len()]);
    ends.any(|at| fits(rest, &after[at..]))
}
