//! Measures one run of a program: its time, its CPU time, its memory. It never judges the figures.
//!
//! On Linux a process's peak memory includes that of the process that started it. So the runs are
//! started by a separate process, which holds next to nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};
use wait4::Wait4;

/// The argument that makes this program the process that starts the others.
pub(crate) const ARGUMENT: &str = "runner";

/// The cost of one run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Figures {
    /// From before its start to its end.
    pub(crate) wall_ms: f64,
    /// Its own CPU time and the system's for it.
    pub(crate) cpu_ms: f64,
    /// The most memory that it held at once.
    pub(crate) peak_mib: f64,
}

impl Figures {
    /// The median of each figure, taken separately.
    pub(crate) fn median(runs: &[Self]) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut all: Vec<f64> = runs.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        Self {
            wall_ms: median(|it| it.wall_ms),
            cpu_ms: median(|it| it.cpu_ms),
            peak_mib: median(|it| it.peak_mib),
        }
    }

    /// The highest peak.
    pub(crate) fn highest(runs: &[Self]) -> f64 {
        runs.iter().map(|it| it.peak_mib).fold(0.0, f64::max)
    }
}

/// The process that starts the others.
pub(crate) struct Runner {
    process: Child,
    orders: Option<ChildStdin>,
    results: BufReader<ChildStdout>,
}

impl Runner {
    pub(crate) fn start() -> Self {
        let program = std::env::current_exe().expect("this program's own path");
        let mut process = Command::new(program)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        Self {
            orders: process.stdin.take(),
            results: BufReader::new(process.stdout.take().expect("it is piped")),
            process,
        }
    }

    /// Runs `command` with only its own variables, and panics if it fails.
    pub(crate) fn run(&mut self, command: &mut Command) -> Figures {
        let text = |it: &std::ffi::OsStr| it.to_string_lossy().into_owned();
        let order = json!({
            "program": text(command.get_program()),
            "args": command.get_args().map(text).collect::<Vec<_>>(),
            "folder": command.get_current_dir().map(|it| text(it.as_os_str())),
            "env": command.get_envs()
                .filter_map(|(name, value)| Some((text(name), json!(text(value?)))))
                .collect::<serde_json::Map<_, _>>(),
        });
        let mut orders = self.orders.as_ref().expect("it is open until dropped");
        writeln!(orders, "{order}").expect("the runner is there");
        let mut line = String::new();
        self.results
            .read_line(&mut line)
            .expect("the runner is there");
        let result: Value = serde_json::from_str(&line).expect("the runner answers");
        assert_eq!(result["error"], Value::Null, "a measured run failed");
        let figure = |name: &str| result[name].as_f64().expect("the runner measures");
        Figures {
            wall_ms: figure("wall_ms"),
            cpu_ms: figure("cpu_ms"),
            peak_mib: figure("peak_mib"),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.process.wait();
    }
}

/// Serves as the process that starts the others: reads one order per line and writes one result per
/// line.
pub(crate) fn serve() {
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let order: Value = serde_json::from_str(&line).expect("an order");
        println!("{}", run_order(&order));
    }
}

fn run_order(order: &Value) -> Value {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let mut command = Command::new(text(&order["program"]));
    command.args(order["args"].as_array().into_iter().flatten().map(text));
    command.current_dir(text(&order["folder"])).env_clear();
    for (name, value) in order["env"].as_object().into_iter().flatten() {
        command.env(name, text(value));
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut said = Vec::new();
    let begin = Instant::now();
    let ended = command.spawn().and_then(|mut child| {
        // Before the wait: a program that says more than a pipe holds would never end.
        if let Some(pipe) = &mut child.stderr {
            pipe.read_to_end(&mut said)?;
        }
        child.wait4()
    });
    let wall = begin.elapsed();
    let used = match ended {
        Ok(used) => used,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    if !used.status.success() {
        return json!({ "error": String::from_utf8_lossy(&said) });
    }
    json!({
        "wall_ms": wall.as_secs_f64() * 1e3,
        "cpu_ms": (used.rusage.utime + used.rusage.stime).as_secs_f64() * 1e3,
        "peak_mib": used.rusage.maxrss as f64 / 1024.0 / 1024.0,
    })
}

/// Whether `program` is one for Linux that needs no library: the name of the loader that would find them
/// is at its beginning.
pub(crate) fn is_static(program: &Path) -> bool {
    let bytes = std::fs::read(program).expect("there is a program to measure");
    let head = &bytes[..bytes.len().min(4096)];
    head.starts_with(b"\x7fELF") && !head.windows(4).any(|it| it == b"/ld-")
}

/// Builds a program that does nothing, with the settings awsmfa is built with.
pub(crate) fn build_empty_program(folder: &Path, is_static: bool) -> PathBuf {
    let (source, program) = (folder.join("empty.rs"), folder.join("empty"));
    std::fs::write(&source, "fn main() {}\n").expect("the folder is writable");
    let options = ["opt-level=s", "lto=fat", "codegen-units=1", "strip=symbols"];
    let mut rustc = Command::new("rustc");
    rustc.args(options.map(|option| format!("-C{option}")));
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    if is_static {
        rustc.args(["--target", &target]);
    }
    rustc.arg("-o").arg(&program).arg(&source);
    let status = rustc.status().expect("rustc is where cargo is");
    let needs = if is_static {
        format!("; it needs `rustup target add {target}`")
    } else {
        String::new()
    };
    assert!(status.success(), "rustc failed{needs}");
    program
}
