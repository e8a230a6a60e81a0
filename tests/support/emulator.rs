//! Shows a program in real terminal emulators on an invisible display, reads the QR code in a screenshot
//! with zbar, and types into windows. It never knows what program it shows.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Anything that has not appeared by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal emulator with a theme and a font.
pub(crate) struct Emulator {
    pub(crate) name: &'static str,
    program: &'static str,
    /// The Debian package that contains it.
    package: &'static str,
    /// The text before the number of columns and lines.
    geometry: &'static str,
    arguments: &'static [&'static str],
}

/// Fonts whose glyphs fill their cells and fonts whose glyphs don't, dark and light themes, and one
/// theme whose black is not quite black and whose white is not quite white.
pub(crate) const EMULATORS: [Emulator; 9] = [
    xterm(
        "xterm, dark",
        &[
            "-fa",
            "DejaVu Sans Mono:size=10",
            "-bg",
            "black",
            "-fg",
            "white",
        ],
    ),
    xterm(
        "xterm, light",
        &[
            "-fa",
            "DejaVu Sans Mono:size=11",
            "-bg",
            "white",
            "-fg",
            "black",
        ],
    ),
    xterm(
        "xterm, a bitmap font, dark",
        &["-bg", "black", "-fg", "grey90"],
    ),
    xterm(
        "xterm, Solarized, light",
        &[
            "-bg",
            "#fdf6e3",
            "-fg",
            "#657b83",
            "-xrm",
            "*color0: #073642",
            "-xrm",
            "*color15: #fdf6e3",
            "-xrm",
            "*color7: #eee8d5",
            "-xrm",
            "*color8: #002b36",
        ],
    ),
    xterm(
        "xterm, colours reversed",
        &[
            "-rv",
            "-fa",
            "DejaVu Sans Mono:size=9",
            "-bg",
            "white",
            "-fg",
            "black",
        ],
    ),
    urxvt(
        "urxvt, dark",
        &[
            "-bg",
            "black",
            "-fg",
            "white",
            "-fn",
            "xft:DejaVu Sans Mono:size=10",
        ],
    ),
    urxvt(
        "urxvt, light",
        &[
            "-bg",
            "white",
            "-fg",
            "black",
            "-fn",
            "xft:DejaVu Sans Mono:size=12",
        ],
    ),
    st("st, a small font", &["-f", "DejaVu Sans Mono:size=9"]),
    st("st, a large font", &["-f", "DejaVu Sans Mono:size=14"]),
];

const fn xterm(name: &'static str, arguments: &'static [&'static str]) -> Emulator {
    Emulator {
        name,
        program: "xterm",
        package: "xterm",
        geometry: "-geometry",
        arguments,
    }
}

const fn urxvt(name: &'static str, arguments: &'static [&'static str]) -> Emulator {
    Emulator {
        name,
        program: "urxvt",
        package: "rxvt-unicode",
        geometry: "-geometry",
        arguments,
    }
}

const fn st(name: &'static str, arguments: &'static [&'static str]) -> Emulator {
    Emulator {
        name,
        program: "st",
        package: "stterm",
        geometry: "-g",
        arguments,
    }
}

/// An invisible display, which lives until it is dropped.
pub(crate) struct Display {
    server: Child,
    name: String,
    folder: PathBuf,
}

/// A program in an emulator, which is ended when this is dropped.
pub(crate) struct Window<'a> {
    display: &'a Display,
    emulator: Child,
    name: &'static str,
}

impl Display {
    /// Starts the display. Its screenshots go to `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut server = run("Xvfb", "xvfb")
            // Otherwise the server resets each time a window closes, perhaps while the next one opens.
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", "1600x1200x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("a pipe"))
            .read_line(&mut number)
            .expect("Xvfb says its number");
        Self {
            server,
            name: format!(":{}", number.trim()),
            folder: folder.to_owned(),
        }
    }

    /// The value of `DISPLAY` for a program that is to show its window here.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sends what somebody types into the window with this title, once it is there, and then a key.
    pub(crate) fn types_into(&self, title: &str, text: &str, key: &str) {
        let xdotool = || {
            let mut command = run("timeout", "coreutils");
            command
                .arg("30")
                .arg(run("xdotool", "xdotool").get_program());
            command.env("DISPLAY", &self.name);
            command
        };
        let works = |command: &mut Command| {
            let output = command.output().expect("xdotool runs");
            assert!(output.status.success(), "{command:?}: {output:?}");
        };
        let title = format!("^{title}$");
        let find = ["search", "--sync", "--onlyvisible", "--name", &title];
        works(xdotool().args(find).args(["windowfocus", "--sync"]));
        if !text.is_empty() {
            works(xdotool().args(["type", "--delay", "20", text]));
        }
        works(xdotool().args(["key", key]));
    }

    /// Opens a window of `emulator` with this many columns and lines. `command` runs in it with its own
    /// environment, which asks for no colours.
    pub(crate) fn open(
        &self,
        emulator: &Emulator,
        columns: u32,
        lines: u32,
        command: &Command,
    ) -> Window<'_> {
        // Passed to the inner command because st sets HOME to the real user's.
        let variable = |(name, value): (&OsStr, Option<&OsStr>)| {
            let mut variable = name.to_owned();
            variable.push("=");
            variable.push(value?);
            Some(variable)
        };
        let variables = command.get_envs().filter_map(variable);
        let child = run(emulator.program, emulator.package)
            .args([emulator.geometry, &format!("{columns}x{lines}")])
            .args(emulator.arguments)
            .args(["-e", "/usr/bin/env"])
            .args(variables)
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(command.get_current_dir().unwrap_or(Path::new("/")))
            .env("DISPLAY", &self.name)
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator starts");
        Window {
            display: self,
            emulator: child,
            name: emulator.name,
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        end(&mut self.server);
    }
}

impl Window<'_> {
    /// The text that zbar reads in a screenshot, as soon as it can read any. `zbar` holds further
    /// options for it.
    pub(crate) fn code(&self, zbar: &[&str]) -> String {
        let begin = Instant::now();
        loop {
            let picture = self.photograph();
            if let Some(text) = decode(&picture, zbar) {
                return text;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "zbar reads nothing in {}, a picture of {}",
                picture.display(),
                self.name
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits for `what`, and then panics if zbar reads anything in a screenshot.
    pub(crate) fn has_no_code(&self, what: impl Fn() -> bool) {
        let begin = Instant::now();
        while !what() {
            assert!(begin.elapsed() < PATIENCE, "nothing in {}", self.name);
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(500));
        assert_eq!(decode(&self.photograph(), &[]), None, "{}", self.name);
    }

    fn photograph(&self) -> PathBuf {
        let picture = self
            .display
            .folder
            .join(format!("display{}.png", &self.display.name[1..]));
        let taken = run("import", "imagemagick")
            .args(["-window", "root"])
            .arg(&picture)
            .env("DISPLAY", &self.display.name)
            .status();
        assert!(taken.expect("import runs").success(), "it takes a picture");
        picture
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        end(&mut self.emulator);
    }
}

/// The text that zbar reads in `picture`.
fn decode(picture: &Path, options: &[&str]) -> Option<String> {
    let found = run("zbarimg", "zbar-tools")
        .args([
            "--quiet",
            "--nodbus",
            "--raw",
            "-Sdisable",
            "-Sqrcode.enable",
        ])
        .args(options)
        .arg(picture)
        .output()
        .expect("zbarimg runs");
    // 4 means that it found no code.
    let is_read = found.status.success();
    assert!(is_read || found.status.code() == Some(4), "{found:?}");
    let text = String::from_utf8(found.stdout).expect("the text is UTF-8");
    is_read.then(|| text.trim_end().to_owned())
}

/// A command from `package`, which .ci/run installs.
fn run(program: &str, package: &str) -> Command {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&paths).any(|path| path.join(program).is_file());
    assert!(is_there, "{program} is missing: install {package}");
    Command::new(program)
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
