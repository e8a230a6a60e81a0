//! Sets the scene of every trial: a stand-in with many devices, throw-away homes whose files hold other
//! profiles, runs of awsmfa in them, and the state of the files afterwards. It harms nothing.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use crate::arguments::Arguments;
use crate::dice::Dice;
use crate::parts::{Parts, part};
use crate::process::{self, Ended, wrap};
use crate::report::Broken;
use crate::support::aws::account::Session;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::way::{Way, namespace};

/// The session profile in every trial except the crowds.
pub(crate) const TARGET: &str = "dev-mfa";

/// Sessions per stand-in. It remembers every request, so it can't serve forever.
const DEVICES: usize = 240;

/// The files that always stay: if a lock file were removed, two programs could hold it.
const STAY: [&str; 2] = ["config", "credentials"];

/// Mounts a file at a place that no other process sees, and runs the rest of its arguments.
const MOUNT: &str = r#"mount --bind "$1" "$2" && shift 2 && exec "$@""#;

/// The state that every part of the program shares.
pub(crate) struct Bench {
    program: PathBuf,
    pub(crate) seed: u64,
    /// Folders on different kinds of disks.
    places: Vec<PathBuf>,
    /// The lines of a session's section in the config file.
    config_section: Vec<String>,
    links: TempDir,
}

impl Bench {
    pub(crate) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let links = tempfile::tempdir()?;
        let link = links.path().join("awsmfa");
        for link in [&link, &links.path().join("codes")] {
            symlink(std::env::current_exe()?, link).context("a link to this program")?;
        }
        let memory = Path::new("/dev/shm");
        let mut places = vec![std::env::temp_dir()];
        places.extend(memory.is_dir().then(|| memory.to_owned()));
        let mut bench = Self {
            program: arguments.program.clone().unwrap_or(link),
            seed: arguments.seed,
            places,
            config_section: Vec::new(),
            links,
        };
        bench.config_section = bench.learn_config_section()?;
        Ok(bench)
    }

    /// The program under test.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The program that shows the codes for a seed.
    pub(crate) fn codes(&self) -> PathBuf {
        self.links.path().join("codes")
    }

    /// Learns from one login what awsmfa copies into the config file. That nothing else changes is
    /// checked as in every other trial.
    fn learn_config_section(&self) -> anyhow::Result<Vec<String>> {
        let scene = Scene::new(self);
        let trial = Trial::new(&scene, Way::Rename, &mut Dice::new(self.seed, 0, 0), "");
        let device = scene.device();
        let ended = process::finish(trial.command(Name::First, &device.login(TARGET)));
        ensure!(ended.succeeded(), "a plain login fails: {}", ended.text);
        let config = trial.config(Name::First);
        let lines = config.section(TARGET).map(<[String]>::to_vec);
        lines.context("a login writes a section of the config file")
    }

    /// How many trials run at once.
    pub(crate) fn workers() -> usize {
        thread::available_parallelism().map_or(2, |it| it.get().clamp(2, 4))
    }
}

/// A stand-in, and the devices of its only user.
pub(crate) struct Scene<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) aws: Aws,
    next_device: AtomicUsize,
}

/// A device with a code that nobody else uses.
pub(crate) struct Device {
    pub(crate) serial: String,
    code: String,
}

impl Device {
    /// The arguments of a login that makes a new session in `target`.
    pub(crate) fn login<'a>(&'a self, target: &'a str) -> Vec<&'a str> {
        let mut args = vec!["login", "--profile", "dev", "--session-profile", target];
        args.extend(["--mfa-serial", &self.serial, "--code", &self.code]);
        args.push("--force");
        args
    }
}

impl<'a> Scene<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        let account = Aws::builder().user(USER).key(KEY_ID, SECRET_KEY);
        let aws = (0..DEVICES)
            .fold(account, |aws, it| {
                aws.device(&format!("device-{it}"), &device_secret(it))
            })
            .start();
        Self {
            bench,
            aws,
            next_device: AtomicUsize::new(0),
        }
    }

    /// Whether enough devices are left for `count` more logins.
    pub(crate) fn has_devices(&self, count: usize) -> bool {
        self.next_device.load(Ordering::Relaxed) + count <= DEVICES
    }

    /// The next device.
    pub(crate) fn device(&self) -> Device {
        let number = self.next_device.fetch_add(1, Ordering::Relaxed);
        let name = format!("device-{}", number % DEVICES);
        Device {
            serial: self.aws.serial(&name),
            code: self.aws.code(&name),
        }
    }
}

/// The home through which a file with two names is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    First,
    Second,
}

/// A home, or two that share a credentials file, as they were before anything happened.
pub(crate) struct Trial<'a> {
    pub(crate) scene: &'a Scene<'a>,
    home: Home,
    way: Way,
    before: Parts,
    config_before: Parts,
    /// The credentials file's bytes before anything happened.
    pub(crate) bytes_before: Vec<u8>,
    about: (u32, u32, u32),
    inode: u64,
}

impl<'a> Trial<'a> {
    /// New files with an old session or none, and with the sections `extra` at the end.
    pub(crate) fn new(scene: &'a Scene<'a>, way: Way, dice: &mut Dice, extra: &str) -> Self {
        let home = Home::new_in(dice.pick::<PathBuf>(&scene.bench.places))
            .connected(&scene.aws)
            .program(&scene.bench.program)
            .credentials(credentials(dice) + extra)
            .config(config(dice));
        let second = home.path().join("second/.aws");
        let path = home.credentials_path();
        let mode = *dice.pick(&[0o600, 0o640, 0o644]);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        // Only root can give a file to another user.
        if dice.one_in(3) {
            let _ = chown(&path, Some(65534), Some(65534));
        }
        if way.is_in_place() {
            fs::create_dir_all(&second).expect("the home is writable");
            fs::copy(home.config_path(), second.join("config")).expect("there is room");
        }
        match way {
            Way::Rename => {}
            Way::Links => {
                fs::hard_link(&path, second.join("credentials")).expect("the disk has links");
            }
            Way::Mounts => {
                fs::create_dir(home.path().join("disk")).expect("the home is writable");
                let disk = home.path().join("disk/credentials");
                fs::rename(&path, disk).expect("the home is writable");
                for place in [path, second.join("credentials")] {
                    fs::write(place, "").expect("the home is writable");
                }
            }
        }
        let mut trial = Self {
            scene,
            home,
            way,
            before: part(b"", |_| false),
            config_before: part(b"", |_| false),
            bytes_before: Vec::new(),
            about: (0, 0, 0),
            inode: 0,
        };
        trial.bytes_before = trial.bytes();
        trial.before = trial.parts();
        trial.config_before = trial.config(Name::First);
        (trial.about, trial.inode) = trial.about();
        trial
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Where the content of the credentials file is, for processes that don't see the mount.
    pub(crate) fn path(&self) -> PathBuf {
        match self.way {
            Way::Mounts => self.home.path().join("disk/credentials"),
            _ => self.home.credentials_path(),
        }
    }

    fn folder(&self, name: Name) -> PathBuf {
        match name {
            Name::First => self.home.path().to_owned(),
            Name::Second => self.home.path().join("second"),
        }
    }

    /// awsmfa with `args`, in one of the homes.
    pub(crate) fn command(&self, name: Name, args: &[&str]) -> Command {
        self.command_in(name, args, &[])
    }

    /// awsmfa with `args` in one of the homes, as the last words of `outer`.
    pub(crate) fn command_in(&self, name: Name, args: &[&str], outer: &[&str]) -> Command {
        let folder = self.folder(name);
        let mut command = self.home.command(args);
        command.current_dir(&folder).env("HOME", &folder);
        if let Some((program, args)) = outer.split_first() {
            command = wrap(program, args, &command);
        }
        if self.way == Way::Mounts {
            let flag = namespace().expect("this way was found possible");
            let (disk, place) = (self.path(), folder.join(".aws/credentials"));
            let words = [&disk, &place].map(|it| it.to_str().expect("UTF-8"));
            let args = [flag, "sh", "-c", MOUNT, "sh", words[0], words[1]];
            command = wrap("unshare", &args, &command);
        }
        command
    }

    /// The current content of the credentials file; empty if it is gone.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap_or_default()
    }

    /// The current content of the credentials file, split into parts.
    pub(crate) fn parts(&self) -> Parts {
        part(&self.bytes(), is_ours)
    }

    /// The current content of a config file, split into parts.
    pub(crate) fn config(&self, name: Name) -> Parts {
        let path = self.folder(name).join(".aws/config");
        part(&fs::read(path).unwrap_or_default(), is_ours)
    }

    /// Mode and owner, and the inode.
    fn about(&self) -> ((u32, u32, u32), u64) {
        let Ok(about) = fs::metadata(self.path()) else {
            return ((0, 0, 0), 0);
        };
        ((about.mode(), about.uid(), about.gid()), about.ino())
    }

    /// Returns `true` if the credentials file now holds a complete session of one of `serials` in
    /// `target`, and `false` if it is still the original file. Anything else is an error.
    pub(crate) fn is_new(&self, target: &str, serials: &[String]) -> Result<bool, Broken> {
        let now = self.parts();
        self.check_rest()?;
        if now.ours == self.before.ours {
            return Ok(false);
        }
        let section = now.section(target);
        let whole = section.is_some_and(|it| self.session_in(it, serials).is_some());
        // Every other section of awsmfa's is unchanged.
        let others = |parts: &Parts| {
            let mut others = parts.ours.clone();
            others.retain(|(header, _)| header != target);
            others
        };
        if whole && others(&now) == others(&self.before) {
            Ok(true)
        } else {
            Err(self.tell("neither the old nor the new file"))
        }
    }

    /// The session of the stand-in that `lines` hold, if it was made with one of `serials`.
    pub(crate) fn session_in(&self, lines: &[String], serials: &[String]) -> Option<Session> {
        let sessions = self.scene.aws.sessions().into_iter().rev();
        sessions.into_iter().find(|session| {
            serials
                .iter()
                .any(|serial| lines == session_lines(session, serial))
        })
    }

    /// Checks that every line that is not awsmfa's is there.
    pub(crate) fn check_rest(&self) -> Result<(), Broken> {
        if self.parts().rest == self.before.rest {
            Ok(())
        } else {
            Err(self.tell("a line of another profile's is not what it was"))
        }
    }

    /// Checks that everything around the content of the credentials file is unchanged.
    pub(crate) fn check_surroundings(&self) -> Result<(), Broken> {
        let (about, inode) = self.about();
        if about != self.about {
            return Err(self.tell(&format!(
                "mode, owner and group are {about:?} and were {:?}",
                self.about
            )));
        }
        let is_second = |name: &str| fs::read(self.home.path().join(name)).unwrap_or_default();
        match self.way {
            Way::Rename => {}
            Way::Links => {
                if is_second("second/.aws/credentials") != self.bytes() {
                    return Err(self.tell("the two names show different files"));
                }
            }
            Way::Mounts => {
                if inode != self.inode {
                    return Err(self.tell("the mounted file was replaced"));
                }
                if !is_second(".aws/credentials").is_empty() {
                    return Err(self.tell("what the mount hid was written to"));
                }
            }
        }
        for name in self.names() {
            self.check_config(*name)?;
        }
        Ok(())
    }

    /// Checks that a config file has its lines, and that awsmfa's sections in it are old or new.
    fn check_config(&self, name: Name) -> Result<(), Broken> {
        let config = self.config(name);
        let is_whole = |(header, lines): &(String, Vec<String>)| {
            let whole = *lines == self.scene.bench.config_section;
            let old = self.config_before.ours.iter().find(|it| it.0 == *header);
            whole || old.is_some_and(|(_, old)| old == lines)
        };
        if config.rest != self.config_before.rest || !config.ours.iter().all(is_whole) {
            return Err(self.tell("the config file is neither the old nor the new one"));
        }
        Ok(())
    }

    /// The homes that share the file.
    pub(crate) fn names(&self) -> &'static [Name] {
        if self.way.is_in_place() {
            &[Name::First, Name::Second]
        } else {
            &[Name::First]
        }
    }

    /// Checks that a killed run left nothing behind.
    pub(crate) fn check_cleared(&self) -> Result<(), Broken> {
        let mut left = Vec::new();
        for name in self.names() {
            let folder = self.folder(*name);
            for place in [".aws", ".local/state/awsmfa"] {
                left.extend(names_in(&folder.join(place)));
            }
        }
        left.extend(names_in(&self.home.path().join("disk")));
        left.extend(names_in(&self.home.path().join("tmp")));
        left.retain(|it| !STAY.contains(&it.as_str()) && !it.ends_with(".lock"));
        if left.is_empty() {
            Ok(())
        } else {
            Err(self.tell(&format!("left behind: {left:?}")))
        }
    }

    /// Makes an undisturbed login, and checks that it works.
    pub(crate) fn logs_in(&self) -> Result<(), Broken> {
        let device = self.scene.device();
        let ended = process::finish(self.command(Name::First, &device.login(TARGET)));
        if !ended.succeeded() {
            let what = format!("the next login fails: {}", ended.text);
            return Err(self.tell(&what));
        }
        if !self.is_new(TARGET, &[device.serial])? {
            return Err(self.tell("the next login said ready, and its session is not there"));
        }
        self.check_surroundings()
    }

    /// A broken promise, with the current files.
    pub(crate) fn tell(&self, what: &str) -> Broken {
        Broken::from(what.to_owned())
            .with("credentials-before", self.bytes_before.clone())
            .with("credentials-now", self.bytes())
            .with("config-now", self.home.read_config())
    }

    /// A broken promise, with the current files and the output of a run.
    pub(crate) fn tell_of(&self, what: &str, ended: &Ended) -> Broken {
        self.tell(&format!("{what}\n  exit {:?}: {}", ended.code, ended.text))
    }
}

/// Whether awsmfa may write the section in these trials.
fn is_ours(name: &str) -> bool {
    name == TARGET || name.starts_with("crowd-")
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|it| it.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The sorted lines of a complete session.
fn session_lines(session: &Session, serial: &str) -> Vec<String> {
    let until = session.expiration.format("%Y-%m-%dT%H:%M:%SZ");
    let mut lines = vec![
        format!("aws_access_key_id = {}\n", session.access_key_id),
        format!("aws_secret_access_key = {}\n", session.secret),
        format!("aws_session_token = {}\n", session.token),
        format!("x_security_token_expires = {until}\n"),
        "awsmfa_source_profile = dev\n".to_owned(),
        format!("awsmfa_mfa_serial = {serial}\n"),
        "aws_account_id = 123456789012\n".to_owned(),
        format!("awsmfa_access_key_id = {KEY_ID}\n"),
        "awsmfa_duration = 43200\n".to_owned(),
    ];
    lines.sort();
    lines
}

/// A credentials file with a source, other profiles in forms that no program would write, and among them
/// an old session, longer or shorter than the new one, or none.
fn credentials(dice: &mut Dice) -> String {
    let mut sections = vec![format!(
        "# mine, do not touch\n[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
    )];
    for number in 0..dice.below(30) {
        let (key, note) = (dice.word(12), dice.word(20));
        sections.push(format!(
            "[other-{number}]\nAWS_ACCESS_KEY_ID=AKIAOTHER{number}\naws_secret_access_key =  wJal#rX;{key}\nnote = 100%, {note}\ns3 =\n  max_concurrent_requests = {number}\n"
        ));
    }
    if !dice.one_in(3) {
        let length = *dice.pick(&[10, 300, 900]);
        let token = dice.word(length);
        let old = format!(
            "[{TARGET}]\n# this one too\naws_access_key_id = ASIAOLD\naws_secret_access_key = old\naws_session_token = {token}\nx_security_token_expires = 2020-01-01T00:00:00Z\nawsmfa_source_profile = dev\nawsmfa_mfa_serial = old\n"
        );
        let at = dice.below(sections.len() + 1);
        sections.insert(at, old);
    }
    sections.join("\n")
}

fn config(dice: &mut Dice) -> String {
    let dev = "# theirs\n[profile dev]\nregion = eu-central-1\noutput = json\n".to_owned();
    let others = (0..dice.below(10)).map(|it| {
        let word = dice.word(8);
        format!("[profile other-{it}]\nregion={word}\n")
    });
    let mut sections = vec![dev];
    sections.extend(others);
    sections.join("\n")
}

/// The base32 secret of a device.
fn device_secret(number: usize) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digit = |at: usize| char::from(digits[(number >> (5 * at)) % 32]);
    let own: String = (0..4).map(digit).collect();
    format!("JBSWY3DPEHPK3PXPJBSWY3DPEHPK{own}")
}
