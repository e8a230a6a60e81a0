//! Runs one case: login, status, login again, logout, in its own home with its own stand-in, and has
//! each step judged. It never generates a file.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::files::Files;
use super::judge::{Edit, Step, Violation, has_keys_for_botocore, secrets};
use super::readers::{Readers, Views};
use crate::support::aws::{Aws, USER};
use crate::support::home::Home;

/// A run that takes longer than this is hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// The exit codes that docs/reference.md lists.
const DOCUMENTED: [i32; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 130];

/// A run of awsmfa, and what it did to the files.
pub(crate) struct Ran {
    pub(crate) args: Vec<String>,
    /// None if it was killed, by a signal or because it hung.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) before: Files,
    pub(crate) after: Files,
    pub(crate) violations: Vec<Violation>,
}

/// The result of a case.
pub(crate) struct Outcome {
    pub(crate) runs: Vec<Ran>,
    /// Why the first login was refused, in words that many refusals share.
    pub(crate) refused: Option<String>,
}

/// A case in progress.
struct Case<'a> {
    readers: &'a Readers,
    aws: Aws,
    home: Home,
    now: Files,
    runs: Vec<Ran>,
}

/// Runs the case of `files`; `purge` selects the kind of logout.
pub(crate) fn run(
    readers: &Readers,
    program: &Path,
    files: &Files,
    purge: bool,
) -> anyhow::Result<Outcome> {
    let aws = Aws::start();
    let mut home = Home::with(&aws).program(program);
    if let Some(config) = &files.config {
        home = home.config(config);
    }
    if let Some(credentials) = &files.credentials {
        home = home.credentials(credentials);
    }
    let mut case = Case {
        readers,
        aws,
        home,
        now: files.clone(),
        runs: Vec::new(),
    };
    let views = case.views()?;
    let (accepted, views) = case.login(&[], views)?;
    let refused = (!accepted).then(|| reason(&case.runs[0].stderr, &case.home));
    case.untouched(&["status"])?;
    if accepted {
        let (again, views) = case.login(&["--force"], views)?;
        if !again {
            case.blame("login refuses the files that a login left");
        }
        case.logout(purge, views)?;
    }
    Ok(Outcome {
        runs: case.runs,
        refused,
    })
}

impl Case<'_> {
    fn views(&self) -> anyhow::Result<Views> {
        self.readers.read(&self.home.path().join(".aws"), &self.now)
    }

    /// Records a violation of the last run.
    fn blame(&mut self, kind: &str) {
        if let Some(ran) = self.runs.last_mut() {
            let what = ran.stderr.clone();
            ran.violations.push(Violation::new(kind, what));
        }
    }

    /// Signs in. Returns whether that was accepted, and how the files are read after it.
    fn login(&mut self, args: &[&str], views: Views) -> anyhow::Result<(bool, Views)> {
        let code = self.aws.code(USER);
        let begin = ["login", "-p", "dev", "--code", &code];
        let args: Vec<&str> = begin.iter().chain(args).copied().collect();
        let issued = self.aws.sessions().len();
        self.run(&args, Some(&code))?;
        if self.last().code == Some(0) {
            let views = self.judge(Step::Login, views)?;
            return Ok((true, views));
        }
        self.expect_untouched("a refusal changed a file");
        let finds_none = [
            "holds no access key",
            "holds only half a key",
            "there is no profile dev ",
        ];
        let is_told = finds_none.iter().any(|it| self.last().stderr.contains(it));
        if is_told && has_keys_for_botocore((&self.now, &views)) {
            self.blame("botocore alone reads the file, and awsmfa finds none of the keys in it");
        }
        if self.aws.sessions().len() > issued {
            self.blame("a code was spent on a refusal");
        }
        Ok((false, views))
    }

    fn logout(&mut self, purge: bool, views: Views) -> anyhow::Result<()> {
        let purge = purge.then_some("--purge");
        let args: Vec<&str> = ["logout", "-p", "dev"].into_iter().chain(purge).collect();
        self.run(&args, None)?;
        if self.last().code == Some(0) {
            self.judge(Step::Logout, views)?;
        } else {
            self.expect_untouched("a refusal changed a file");
            // A config file that no login has written to may be one that nobody can write.
            let is_other = self.last().stderr.contains("/.aws/config")
                && self
                    .runs
                    .iter()
                    .all(|run| run.before.config == run.after.config);
            if !is_other {
                self.blame("logout refuses what login accepted");
            }
        }
        Ok(())
    }

    fn untouched(&mut self, args: &[&str]) -> anyhow::Result<()> {
        self.run(args, None)?;
        self.expect_untouched("a look at the files changed one");
        Ok(())
    }

    fn last(&self) -> &Ran {
        self.runs.last().expect("something has run")
    }

    fn expect_untouched(&mut self, kind: &str) {
        if self.last().before != self.last().after {
            self.blame(kind);
        }
    }

    fn judge(&mut self, step: Step, before: Views) -> anyhow::Result<Views> {
        let after = self.views()?;
        let sessions = self.aws.sessions().into_iter();
        let sessions = sessions.map(|it| [it.access_key_id, it.secret, it.token]);
        let sessions: Vec<_> = sessions.collect();
        let ran = self.runs.last_mut().context("something has run")?;
        let edit = Edit {
            step,
            before: (&ran.before, &before),
            after: (&ran.after, &after),
            said: &ran.stderr,
            sessions: &sessions,
        };
        let found = edit.violations();
        ran.violations.extend(found);
        Ok(after)
    }

    /// Runs awsmfa, and judges what can be judged about any run.
    fn run(&mut self, args: &[&str], code: Option<&str>) -> anyhow::Result<()> {
        let out = |name: &str| self.home.path().join(name);
        let file = |name| fs::File::create(out(name)).map(Stdio::from);
        let mut command = self.home.command(args);
        command.stdout(file("stdout")?).stderr(file("stderr")?);
        let mut child = command.spawn().context("awsmfa can't be started")?;
        let (status, hangs) = finish(&mut child)?;
        let text = |name| -> anyhow::Result<String> {
            Ok(String::from_utf8_lossy(&fs::read(out(name))?).into_owned())
        };
        let (stdout, stderr) = (text("stdout")?, text("stderr")?);
        let after = Files {
            config: fs::read(self.home.config_path()).ok(),
            credentials: fs::read(self.home.credentials_path()).ok(),
        };
        let before = std::mem::replace(&mut self.now, after.clone());
        let mut ran = Ran {
            args: args.iter().map(|it| (*it).to_owned()).collect(),
            code: status,
            stdout,
            stderr,
            before,
            after,
            violations: Vec::new(),
        };
        let mut found = Vec::new();
        if hangs {
            found.push(Violation::new("it hangs", "killed after a minute"));
        } else if !status.is_some_and(|status| DOCUMENTED.contains(&status)) {
            let what = format!("{status:?}");
            found.push(Violation::new(
                "an exit code that docs/reference.md does not list",
                what,
            ));
        }
        if ran.stderr.contains("because of a bug") || ran.stderr.contains("panicked at") {
            found.push(Violation::new("a panic", ran.stderr.clone()));
        }
        found.extend(self.shown(&ran, code));
        found.extend(self.left_behind()?);
        ran.violations = found;
        self.runs.push(ran);
        Ok(())
    }

    /// The secrets that a run shows.
    fn shown(&self, ran: &Ran, code: Option<&str>) -> Vec<Violation> {
        let printed = ran.stdout.clone() + &ran.stderr;
        let issued = self.aws.sessions().into_iter();
        let mut all: Vec<String> = issued.flat_map(|it| [it.secret, it.token]).collect();
        all.extend([&ran.before, &ran.after].into_iter().flat_map(secrets));
        all.retain(|secret| printed.contains(secret));
        let mut numbers = printed.split(|c: char| !c.is_ascii_digit());
        all.extend(
            code.filter(|code| numbers.any(|it| it == *code))
                .map(str::to_owned),
        );
        all.sort_unstable();
        all.dedup();
        let violation = |secret| Violation::new("a secret is shown", secret);
        all.into_iter().map(violation).collect()
    }

    /// Files that a run left beside the two.
    fn left_behind(&self) -> anyhow::Result<Vec<Violation>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.home.path().join(".aws"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if [".tmp", ".old", ".new"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                found.push(Violation::new("a file is left behind", name));
            }
        }
        Ok(found)
    }
}

/// Waits for a run. Returns its exit code, and whether it hung.
fn finish(child: &mut Child) -> anyhow::Result<(Option<i32>, bool)> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status.code(), false));
        }
        if begin.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok((None, true));
        }
        sleep(Duration::from_millis(1));
    }
}

/// The text of a refusal, without the parts that differ from file to file.
fn reason(stderr: &str, home: &Home) -> String {
    /// After these, text from the file itself follows.
    const BEFORE: [&str; 6] = [
        "the access key ",
        "session of profile ",
        "mfa_serial of profile dev: ",
        "is not a region: ",
        "number of attempts: ",
        " of line ",
    ];
    let error = stderr.lines().find(|line| line.starts_with("error: "));
    let error = error.unwrap_or("no line that begins with `error: `");
    let error = error.trim_start_matches("error: ");
    let error = error.replace(&*home.path().to_string_lossy(), "~");
    let ends = BEFORE
        .iter()
        .filter_map(|words| Some(error.find(words)? + words.len()));
    let (error, rest) = error.split_at(ends.min().unwrap_or(error.len()));
    let mut words = String::new();
    for character in error.chars() {
        match character {
            '0'..='9' if words.ends_with('N') => {}
            '0'..='9' => words.push('N'),
            _ => words.push(character),
        }
    }
    if !rest.is_empty() {
        words.push('…');
    }
    words.chars().take(120).collect()
}
