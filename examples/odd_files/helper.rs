//! Asks a reader that is not written in Rust, through a process that lives as long as the driver. It
//! never goes on without one: a missing reader is an error.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// A reader's process, which answers one question at a time.
pub(crate) struct Helper {
    name: &'static str,
    process: Mutex<Process>,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Helper {
    /// botocore.
    pub(crate) fn botocore() -> anyhow::Result<Self> {
        Self::start("botocore", "python/bin/python3", "reader.py")
    }

    /// The AWS SDK for JavaScript.
    pub(crate) fn javascript() -> anyhow::Result<Self> {
        Self::start("the AWS SDK for JavaScript", "node/node", "reader.cjs")
    }

    fn start(name: &'static str, program: &str, script: &str) -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program: PathBuf = root.join("target/clients").join(program);
        ensure!(
            program.exists(),
            "{} is missing: run tests/clients/install",
            program.display()
        );
        let mut child = Command::new(&program)
            .arg(root.join("tests/clients").join(script))
            .env_clear()
            .envs([
                ("PATH", "/usr/bin:/bin"),
                ("PYTHONUTF8", "1"),
                ("NODE_NO_WARNINGS", "1"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't start {}", program.display()))?;
        let questions = child.stdin.take().context("it has an input")?;
        let answers = BufReader::new(child.stdout.take().context("it has an output")?);
        Ok(Self {
            name,
            process: Mutex::new(Process {
                child,
                questions,
                answers,
            }),
        })
    }

    /// How it reads the files in `folder`.
    pub(crate) fn ask(&self, folder: &Path) -> anyhow::Result<Value> {
        let mut process = self.process.lock().expect("no holder panics");
        let mut answer = String::new();
        writeln!(process.questions, "{}", folder.display())
            .and_then(|()| process.answers.read_line(&mut answer))
            .with_context(|| format!("{} ended", self.name))?;
        serde_json::from_str(&answer).with_context(|| format!("{} does not answer", self.name))
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        if let Ok(process) = self.process.get_mut() {
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}
