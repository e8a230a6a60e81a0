//! Plays a user who signs in at a terminal, and records what was typed and what was shown. The program is
//! the real one; its AWS is the stand-in. It never draws anything.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{NaiveTime, Utc};

use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::terminal::{Session, Terminal};

/// Output that takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The secret of alice's device, which opens nothing else.
const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The code that is shown in place of the typed one.
const CODE: &str = "492039";

/// Examples in place of ids that the stand-in makes up, by their beginning. They have the same length.
const IDS: [(&str, &str); 2] = [
    ("AIDA", "AIDAIOSFODNN7EXAMPLE"),
    ("ASIA", "ASIAIOSFODNN7EXAMPLE"),
];

/// The time of day at which the user signs in, whenever that really is.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 36, 5).expect("a time of day");

/// The prompt of the shell: a green dollar sign.
const PROMPT: &str = "\x1b[32m$\x1b[0m ";

/// The end of a prompt for a code.
const ASKED: &str = ": ";

/// Runs what is typed, line by line. Real shells would add colours, messages and an editor of their own.
const SHELL: &str = r#"while printf '%s' "$PS1" && IFS= read -r line; do eval "$line"; echo; done"#;

/// What the user types. The prompt for the code comes in between.
const COMMANDS: [&str; 4] = [
    "awsmfa login dev",
    "export AWS_PROFILE=dev-mfa",
    "awsmfa whoami",
    "awsmfa status",
];

/// Something that happened at the terminal.
#[derive(Debug)]
pub(crate) enum Event {
    /// The user typed this, and saw it.
    Typed(String),
    /// A program wrote this.
    Shown(String),
}

/// Signs in with `program`, whose file must have the program's name, and returns what happened, in
/// order.
///
/// Everything that varies between runs is replaced by examples: the code of the moment, and random ids.
pub(crate) fn record(program: &Path) -> Vec<Event> {
    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .start();
    let home = Home::with(&aws)
        .program(program)
        .credentials(format!(
            "[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
        ))
        .config("[profile dev]\nregion = eu-central-1\n");
    let mut path = vec![program.parent().expect("a file is in a folder").to_owned()];
    path.extend(["/usr/bin", "/bin"].map(Into::into));
    let path = std::env::join_paths(path).expect("no folder has a colon in its name");
    let session = Terminal::new(&home)
        .script(SHELL)
        .env("PATH", path)
        .env("PS1", PROMPT)
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("TZ", zone_where_it_is(MORNING))
        .start();
    let mut person = Person {
        session,
        seen: String::new(),
        events: Vec::new(),
    };
    person.sees(PROMPT);
    for (number, command) in COMMANDS.into_iter().enumerate() {
        person.types(command);
        if number == 0 {
            person.sees(ASKED);
            person.types(&aws.code(USER));
            // The real code would differ in each picture.
            person.events.pop();
            person.events.push(Event::Typed(CODE.to_owned()));
        }
        person.sees(PROMPT);
    }
    let events = person.leaves();
    assert_eq!(aws.sessions().len(), 1, "there was one login");
    let home = home.path().to_str().expect("the system's folder is text");
    let steady = |text: String| {
        assert!(!text.contains(home), "a path of this machine: {text}");
        IDS.into_iter().fold(text, replace_id)
    };
    let events = events.into_iter();
    events
        .map(|event| match event {
            Event::Typed(text) => Event::Typed(steady(text)),
            Event::Shown(text) => Event::Shown(steady(text)),
        })
        .collect()
}

/// A user, with what they have seen of their terminal.
struct Person<'a> {
    session: Session<'a>,
    seen: String,
    events: Vec<Event>,
}

impl Person<'_> {
    /// Waits until the output ends with `end`.
    fn sees(&mut self, end: &str) {
        let shown = self.wait_for(end);
        self.events.push(Event::Shown(shown));
    }

    /// Types `text`, waits until it is shown, and presses Return.
    fn types(&mut self, text: &str) {
        self.session.presses(text);
        let shown = self.wait_for(text);
        assert_eq!(shown, text, "nothing comes in between");
        self.events.push(Event::Typed(shown));
        self.session.presses("\n");
    }

    /// Waits for new output that ends with `end`, and returns it.
    fn wait_for(&mut self, end: &str) -> String {
        let begin = Instant::now();
        loop {
            let shown = self.session.shown();
            let new = shown
                .strip_prefix(&self.seen)
                .expect("nothing is taken back");
            if new.ends_with(end) {
                let new = new.to_owned();
                self.seen = shown;
                return new;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "no `{end}` at the end of\n{shown}---"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Closes the terminal, which has shown no secret except the code, and returns what happened.
    fn leaves(mut self) -> Vec<Event> {
        let screen = self.session.shown().replace("\r\n", "\n");
        self.session.presses("\x04");
        self.session.ends(0, &screen);
        self.events
    }
}

/// A time zone in which it is `time` of some day now, in POSIX notation, which counts westward.
fn zone_where_it_is(time: NaiveTime) -> String {
    let east = (time - Utc::now().time()).num_seconds();
    // No zone is more than half a day from Greenwich.
    let east = (east + 36 * 3600).rem_euclid(24 * 3600) - 12 * 3600;
    let sign = if east > 0 { '-' } else { '+' };
    let west = east.abs();
    format!(
        "XXX{sign}{}:{:02}:{:02}",
        west / 3600,
        west / 60 % 60,
        west % 60
    )
}

/// Replaces each id with this beginning by its example.
fn replace_id(text: String, (begin, example): (&str, &str)) -> String {
    let mut parts = text.split(begin);
    let mut steady = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = example.len() - begin.len();
        let is_id = |it: &str| {
            it.bytes()
                .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
        };
        match part.split_at_checked(rest) {
            Some((id, after)) if is_id(id) => steady += &format!("{example}{after}"),
            _ => steady += &format!("{begin}{part}"),
        }
    }
    steady
}
