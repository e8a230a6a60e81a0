//! Tests the whole store on real files.
#![expect(clippy::disallowed_methods, reason = "the files are a test's own")]
#![cfg_attr(
    unix,
    expect(clippy::print_stderr, reason = "skipped tests say so loudly")
)]

mod laws;
mod removals;
#[cfg(unix)]
mod strangers;

use super::lock::EditLock;
use super::state::StateFolder;
use super::target::{Access, LONGEST, Target, content};
use super::{AwsFile, Meaning, Mode, NamedLock, NotWritten, Report, Taken};
use crate::exit::{Failure, Result};
use crate::ini::{Edit, FileKind};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

pub(super) const TWO: &str = "\
[default]
aws_access_key_id = AKIA1
aws_secret_access_key = s1

# mine
[dev]
aws_access_key_id=AKIA2
aws_secret_access_key=s2
";

/// A folder with an AWS file in it, and a state folder apart.
pub(super) struct Home {
    pub(super) folder: TempDir,
    state: TempDir,
}

impl Home {
    pub(super) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            state: TempDir::new().expect("a folder"),
        }
    }

    pub(super) fn with(content: impl AsRef<[u8]>) -> Self {
        let home = Self::new();
        fs::write(home.path(), content).expect("a file");
        #[cfg(unix)]
        set_mode(&home.path(), 0o600);
        home
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("credentials")
    }

    pub(super) fn file(&self) -> AwsFile {
        self.file_at(self.path())
    }

    pub(super) fn file_at(&self, path: PathBuf) -> AwsFile {
        let meaning = Meaning {
            is_secret: |_| true,
            header_counts: |_, _| false,
        };
        let mut file = AwsFile::new(FileKind::Credentials, path, meaning);
        file.state = self.state();
        file
    }

    pub(super) fn state(&self) -> StateFolder {
        StateFolder(Some(self.state.path().join("awsmfa")))
    }

    pub(super) fn target(&self) -> Target {
        Target::resolve(&self.path()).expect("resolves")
    }

    pub(super) fn content(&self) -> String {
        fs::read_to_string(self.path()).expect("readable")
    }

    /// Leaves a file beside it as a killed run does.
    pub(super) fn leave(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("written");
        #[cfg(unix)]
        set_mode(&path, 0o600);
        path
    }

    /// The names in the folder but for locks, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
pub(super) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("the mode is set");
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

/// What belongs to somebody else than the user, and their name in words: to root it is a file of
/// `home` that it gives away.
#[cfg(unix)]
pub(super) fn foreign(home: &Home) -> (PathBuf, String) {
    use std::os::unix::fs::{MetadataExt, chown};
    if rustix::process::geteuid().is_root() {
        let path = home.leave("foreign", "");
        chown(&path, Some(12345), None).expect("given away");
        return (path, "user 12345".to_owned());
    }
    let path = PathBuf::from("/");
    let owner = match fs::metadata(&path).expect("there").uid() {
        0 => "root".to_owned(),
        // As a container shows it.
        other => format!("user {other}"),
    };
    (path, owner)
}

/// Lets nobody write to a file, or change a name in a folder, until it is dropped: not even root.
#[cfg(target_os = "linux")]
pub(super) struct Unwritable(PathBuf, u32);

#[cfg(target_os = "linux")]
impl Unwritable {
    /// The same of what is at `path`; none where the file system has no such attribute for root.
    pub(super) fn make(path: &Path) -> Option<Self> {
        let made = Self(path.to_owned(), mode(path));
        if !rustix::process::geteuid().is_root() {
            set_mode(path, made.1 & !0o222);
        } else if !made.change_attribute("+i") {
            eprintln!(
                "SKIPPED: {} can't be made immutable for root",
                path.display()
            );
            return None;
        }
        Some(made)
    }

    fn change_attribute(&self, change: &str) -> bool {
        let mut command = std::process::Command::new("chattr");
        let run = command.arg(change).arg(&self.0).output();
        run.is_ok_and(|run| run.status.success())
    }
}

#[cfg(target_os = "linux")]
impl Drop for Unwritable {
    fn drop(&mut self) {
        if rustix::process::geteuid().is_root() {
            self.change_attribute("-i");
        } else {
            set_mode(&self.0, self.1);
        }
    }
}

pub(super) fn edit(section: &str, changes: &[(&str, Option<&str>)]) -> Edit {
    Edit {
        section: section.to_owned(),
        changes: changes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)))
            .collect(),
    }
}

fn session(name: &str) -> Vec<Edit> {
    vec![edit(
        name,
        &[
            ("aws_access_key_id", Some("ASIA9")),
            ("aws_secret_access_key", Some("s9/+=")),
            ("aws_session_token", Some("t9==")),
        ],
    )]
}

fn save(file: &AwsFile, name: &str) -> Result<Report, NotWritten> {
    file.update(Mode::Save, &mut |_| Ok(session(name)))
}

/// The lock `name` beside `file`, which must be free.
fn taken(file: &AwsFile, name: &str) -> NamedLock {
    let lock = file.named_lock(name).expect("opened");
    assert_eq!(lock.try_take(), Taken::Locked, "{name}");
    lock
}

fn message(result: Result<impl Sized, impl Into<Failure>>) -> String {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.into().message,
    }
}

#[test]
fn a_save_adds_the_section_and_touches_nothing_else() {
    let home = Home::with(TWO);
    let report = save(&home.file(), "dev-mfa").expect("saved");
    assert_eq!(report.warnings, Vec::<String>::new());
    let content = home.content();
    assert!(content.starts_with(TWO), "{content}");
    assert_eq!(
        &content[TWO.len()..],
        "
[dev-mfa]
aws_access_key_id = ASIA9
aws_secret_access_key = s9/+=
aws_session_token = t9==
"
    );
    assert_eq!(home.names(), ["credentials"]);
}

#[test]
fn a_missing_file_reads_as_empty_and_is_not_created_by_that() {
    let home = Home::new();
    let file = home.file();
    assert_eq!(file.read().expect("read").sections().count(), 0);
    assert_eq!(home.names(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_0600_in_a_0700_folder_and_so_are_the_locks() {
    let home = Home::new();
    let path = home.folder.path().join("a/b/credentials");
    let file = home.file_at(path.clone());
    save(&file, "dev-mfa").expect("saved");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&home.folder.path().join("a")), 0o700);
    assert_eq!(mode(&home.folder.path().join("a/b")), 0o700);
    assert_eq!(mode(&path.with_file_name("credentials.awsmfa.lock")), 0o600);
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_file_stays_and_an_open_one_is_warned_about() {
    for (given, warned) in [(0o600, false), (0o640, true), (0o644, true)] {
        let home = Home::with(TWO);
        set_mode(&home.path(), given);
        let report = save(&home.file(), "dev-mfa").expect("saved");
        assert_eq!(mode(&home.path()), given);
        let warning = report.warnings.join("\n");
        assert_eq!(
            warning.contains(&format!("(mode {given:04o})")),
            warned,
            "{warning}"
        );
    }
}

#[cfg(unix)]
#[test]
fn owner_and_attributes_stay() {
    use std::os::unix::fs::{MetadataExt, chown};
    let home = Home::with(TWO);
    if chown(home.path(), Some(1234), Some(2345)).is_err() {
        eprintln!("SKIPPED: only root can give a file away");
        return;
    }
    save(&home.file(), "dev-mfa").expect("saved");
    let metadata = fs::metadata(home.path()).expect("there");
    assert_eq!((metadata.uid(), metadata.gid()), (1234, 2345));
    assert_eq!(mode(&home.path()), 0o600);
}

#[cfg(target_os = "linux")]
#[test]
fn rights_that_a_folder_hands_down_are_not_given_to_a_file_that_has_none() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    // Linux's form of an access list: version 2, then tag, permissions and id of each entry.
    let entries: [(u16, u16, u32); 5] = [
        (0x01, 7, u32::MAX),
        (0x02, 7, 12345),
        (0x04, 5, u32::MAX),
        (0x10, 7, u32::MAX),
        (0x20, 0, u32::MAX),
    ];
    let mut list = 2u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    for mode in [0o600, 0o660] {
        let home = Home::with(TWO);
        let folder = home.folder.path();
        if setxattr(
            folder,
            "system.posix_acl_default",
            &list,
            XattrFlags::empty(),
        )
        .is_err()
        {
            eprintln!(
                "SKIPPED: the file system of {} has no access lists",
                folder.display()
            );
            return;
        }
        set_mode(&home.path(), mode);
        save(&home.file(), "dev-mfa").expect("saved");
        let mut value = [0u8; 256];
        let access = getxattr(home.path(), "system.posix_acl_access", &mut value[..]);
        assert!(access.is_err(), "{access:?}");
        assert_eq!(self::mode(&home.path()), mode);
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_a_second_name_is_shared() {
    let home = Home::with(TWO);
    let is_shared = || {
        let snapshot = home.target().snapshot(Access::Read).expect("read");
        super::write::is_shared(&snapshot.found.expect("there"))
    };
    assert!(!is_shared());
    fs::hard_link(home.path(), home.folder.path().join("second")).expect("a link");
    assert!(is_shared());
}

#[cfg(target_os = "linux")]
#[test]
fn extended_attributes_stay() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let home = Home::with(TWO);
    if setxattr(home.path(), "user.note", b"mine", XattrFlags::empty()).is_err() {
        eprintln!("SKIPPED: this file system keeps no extended attributes");
        return;
    }
    save(&home.file(), "dev-mfa").expect("saved");
    let mut value = [0; 16];
    let length = getxattr(home.path(), "user.note", &mut value).expect("still there");
    assert_eq!(&value[..length], b"mine");
}

#[cfg(unix)]
#[test]
fn a_chain_of_links_stays_and_its_end_is_written() {
    let home = Home::with(TWO);
    let folder = home.folder.path();
    fs::create_dir(folder.join("dot")).expect("a folder");
    fs::rename(home.path(), folder.join("dot/real")).expect("moved");
    std::os::unix::fs::symlink("dot/real", folder.join("middle")).expect("a link");
    std::os::unix::fs::symlink(folder.join("middle"), home.path()).expect("a link");
    save(&home.file(), "dev-mfa").expect("saved");
    assert_eq!(
        fs::read_link(home.path()).expect("a link"),
        folder.join("middle")
    );
    assert!(
        fs::symlink_metadata(folder.join("dot/real"))
            .expect("there")
            .is_file()
    );
    assert!(home.content().contains("[dev-mfa]"));
    assert_eq!(names(&folder.join("dot")), ["real"]);
    assert!(folder.join("dot/real.awsmfa.lock").exists());
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_yet_stays_and_its_target_is_made() {
    let home = Home::new();
    std::os::unix::fs::symlink("later/credentials", home.path()).expect("a link");
    assert_eq!(home.file().read().expect("read").sections().count(), 0);
    save(&home.file(), "dev-mfa").expect("saved");
    assert!(home.path().is_symlink());
    assert!(home.content().contains("[dev-mfa]"));
    assert_eq!(mode(&home.folder.path().join("later")), 0o700);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_and_a_folder_are_failures_that_name_the_path() {
    let home = Home::new();
    std::os::unix::fs::symlink("credentials", home.path()).expect("a link");
    let said = message(home.file().read());
    assert!(
        said.contains("credentials is a link that points to itself"),
        "{said}"
    );
    fs::remove_file(home.path()).expect("removed");

    fs::create_dir(home.path()).expect("a folder");
    for said in [
        message(home.file().read()),
        message(save(&home.file(), "x")),
    ] {
        assert!(said.contains("credentials: is a directory"), "{said}");
    }
}

#[cfg(target_os = "linux")]
fn make_pipe(path: &Path) {
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .expect("a pipe");
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_nobody_writes_to_is_waited_for_within_a_limit() {
    let home = Home::new();
    make_pipe(&home.path());
    let said = message(home.file().read());
    assert!(said.contains("credentials: it is a pipe"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_read_once_and_never_written() {
    let home = Home::new();
    make_pipe(&home.path());
    let path = home.path();
    let writer = std::thread::spawn(move || fs::write(path, TWO));
    let file = home.file();
    assert!(file.is_pipe());
    for _ in 0..2 {
        assert_eq!(file.read().expect("read").as_bytes(), TWO.as_bytes());
    }
    writer.join().expect("it ends").expect("written");
    let said = message(save(&file, "x"));
    assert!(said.contains("credentials: it is a pipe"), "{said}");
    let lock = file.named_lock("x").expect("opened");
    let Taken::Impossible(why) = lock.try_take() else {
        panic!("nothing can be locked beside a pipe");
    };
    assert!(why.contains("which can only be read"), "{why}");
    assert!(!file.is_locked("x"));
    let nothing = file.update(Mode::Save, &mut |_| Ok(Vec::new()));
    assert!(
        nothing
            .expect("there is nothing to write")
            .warnings
            .is_empty()
    );
    assert_eq!(fs::read_dir(home.folder.path()).expect("there").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_known_under_both_its_names() {
    let home = Home::new();
    let [one, link, other] = ["credentials", "link", "other"].map(|it| home.folder.path().join(it));
    make_pipe(&one);
    make_pipe(&other);
    std::os::unix::fs::symlink(&one, &link).expect("a link");
    let same = |path: PathBuf| home.file().same_as(&home.file_at(path)).is_some();
    assert!(same(one) && same(link) && !same(other));
    let file = home.leave("file", "");
    assert!(home.file().is_pipe() && !home.file_at(file.clone()).is_pipe());
    assert!(!same(file));
}

#[cfg(unix)]
#[test]
fn a_file_is_known_under_every_name_and_what_is_no_file_is_nobodys() {
    let home = Home::with(TWO);
    let at = |name: &str| home.folder.path().join(name);
    std::os::unix::fs::symlink("credentials", at("link")).expect("a link");
    fs::hard_link(home.path(), at("second")).expect("a link");
    fs::write(at("other"), TWO).expect("written");
    std::os::unix::fs::symlink(".", at("folder")).expect("a link");
    let same = |one: &str, other: &str| {
        let [one, other] = [one, other].map(|it| home.file_at(at(it)));
        one.same_as(&other).is_some()
    };
    for name in ["credentials", "link", "second", "folder/credentials"] {
        assert!(
            same("credentials", name) && same(name, "credentials"),
            "{name}"
        );
    }
    // Nothing is there yet.
    assert!(same("missing", "missing") && same("missing", "folder/missing"));
    for (one, other) in [
        ("credentials", "other"),
        ("credentials", "missing"),
        ("missing", "absent"),
        ("missing", "below/missing"),
        ("/dev/null", "/dev/null"),
        ("folder", "folder"),
    ] {
        assert!(!same(one, other) && !same(other, one), "{one} {other}");
    }
}

#[test]
fn a_form_that_aws_tools_do_not_read_is_refused_by_its_name() {
    for (bytes, form) in [
        (&b"\xff\xfe[\0a\0]\0\n\0"[..], "UTF-16"),
        (b"\0\0\xfe\xff\0\0\0[", "UTF-32"),
        (b"[a]\rk = v\r", "only in carriage returns"),
    ] {
        let home = Home::with(bytes);
        for said in [
            message(home.file().read()),
            message(save(&home.file(), "x")),
        ] {
            assert!(said.contains(form), "{said}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn whose_a_file_is_that_can_not_be_written_is_told() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can give a file away");
        return;
    }
    let home = Home::with(TWO);
    std::os::unix::fs::chown(home.path(), Some(12345), None).expect("given away");
    let Some(_unwritable) = Unwritable::make(&home.path()) else {
        return;
    };
    let said = message(save(&home.file(), "dev-mfa"));
    assert!(said.ends_with("; it belongs to user 12345"), "{said}");
}

#[cfg(unix)]
#[test]
fn where_a_link_leads_nowhere_it_is_said() {
    let home = Home::with(TWO);
    assert_eq!(home.file().leads_nowhere(), None);
    let [link, good] = ["link", "good"].map(|it| home.folder.path().join(it));
    std::os::unix::fs::symlink("credentials", &good).expect("a link");
    assert_eq!(home.file_at(good).leads_nowhere(), None);
    std::os::unix::fs::symlink("missing/credentials", &link).expect("a link");
    let said = home
        .file_at(link)
        .leads_nowhere()
        .expect("it leads nowhere");
    assert!(
        said.contains("missing/credentials, which does not exist"),
        "{said}"
    );
}

#[test]
fn who_reads_a_file_is_told_with_its_path() {
    let home = Home::with(TWO);
    let told = |text: &str| home.file().who_reads(&crate::ini::Document::parse(text));
    assert_eq!(told(TWO), None);
    let said = told("[a]\n  k = 1\n").expect("only botocore reads it");
    assert!(said.contains(&home.path().display().to_string()), "{said}");
}

#[test]
fn what_was_seen_last_is_what_was_read_or_written() {
    let home = Home::with(TWO);
    let file = home.file();
    assert!(file.last_seen().is_none());
    let read = file.read().expect("read");
    assert!(Arc::ptr_eq(&read, &file.last_seen().expect("seen")));
    save(&file, "dev-mfa").expect("saved");
    let last = file.last_seen().expect("seen");
    assert_eq!(last.as_bytes(), home.content().as_bytes());
    assert!(last.contains("dev-mfa"));
}

/// Puts a program into the place of the file, which runs for so many seconds and can't be written to
/// meanwhile; none where the system has none to be copied.
#[cfg(target_os = "linux")]
fn busy(home: &Home, seconds: &str) -> Option<std::process::Child> {
    let path = home.path();
    if fs::copy("/bin/sleep", &path).is_err() {
        eprintln!("SKIPPED: there is no /bin/sleep");
        return None;
    }
    set_mode(&path, 0o700);
    let run = || std::process::Command::new(&path).arg(seconds).spawn();
    // What another test starts just now has the copy open until it is what it is to be.
    let mut runs = std::iter::repeat_with(run).take(100);
    let started = runs.find(|run| match run {
        Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
            sleep(Duration::from_millis(10));
            false
        }
        _ => true,
    });
    Some(started.expect("it is tried").expect("it runs"))
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_busy_for_a_moment_is_opened_after_it() {
    let home = Home::new();
    let Some(mut running) = busy(&home, "0.5") else {
        return;
    };
    let snapshot = home.target().snapshot(Access::Write);
    assert!(snapshot.expect("opened").found.is_some());
    assert!(running.wait().expect("it ends").success());
}

/// It stays for longer than a file is tried to be opened for a lock and for an edit, and is no AWS file,
/// which the update is then refused for.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_busy_is_waited_for_until_an_edit_is_given_up() {
    let home = Home::new();
    let Some(mut running) = busy(&home, "5") else {
        return;
    };
    let begun = std::time::Instant::now();
    let said = message(
        home.file()
            .update(Mode::Rehearse, &mut |_| Ok(session("dev-mfa"))),
    );
    assert!(running.wait().expect("it ends").success());
    assert!(begun.elapsed() > Duration::from_secs(4), "{said}");
    assert!(said.contains("it is not UTF-8"), "{said}");
}

/// The file is sparse: it takes no room.
#[cfg(target_os = "linux")]
#[test]
fn a_file_longer_than_64_mib_is_a_failure_and_is_not_read() {
    for length in [LONGEST + 1, 1 << 40] {
        let home = Home::with(TWO);
        let file = fs::File::options().write(true).open(home.path());
        file.expect("there").set_len(length).expect("sparse");
        for said in [
            message(home.file().read()),
            message(save(&home.file(), "x")),
        ] {
            assert!(said.contains("credentials: longer than 64 MiB"), "{said}");
        }
        let there = fs::metadata(home.path()).expect("there");
        assert_eq!(there.len(), length);
    }
}

#[test]
fn a_file_that_grows_beyond_64_mib_while_it_is_read_is_a_failure() {
    let home = Home::new();
    fs::File::create(home.path())
        .expect("made")
        .set_len(LONGEST + 1)
        .expect("sparse");
    for length in [0, 54] {
        let mut file = fs::File::open(home.path()).expect("there");
        let error = content(&mut file, length).expect_err("too long");
        assert!(error.to_string().contains("64 MiB"), "{error}");
    }
    let file = fs::File::options().write(true).open(home.path());
    file.expect("there").set_len(LONGEST).expect("sparse");
    for length in [0, 54, LONGEST] {
        let mut file = fs::File::open(home.path()).expect("there");
        let bytes = content(&mut file, length).expect("it is just short enough");
        assert_eq!(bytes.len() as u64, LONGEST);
    }
}

/// Else the next run could not read what this one wrote.
#[test]
fn an_edit_that_would_make_a_file_longer_than_64_mib_is_refused() {
    let comment = "#".repeat(LONGEST as usize - 1) + "\n";
    let home = Home::with(&comment);
    let said = message(save(&home.file(), "dev-mfa"));
    assert!(said.contains("longer than 64 MiB"), "{said}");
    assert!(home.content() == comment);
}

#[cfg(unix)]
#[test]
fn dev_null_reads_as_empty_and_is_never_written() {
    let home = Home::new();
    let file = home.file_at(PathBuf::from("/dev/null"));
    assert_eq!(file.read().expect("read").sections().count(), 0);
    assert!(target_of("/dev/null").snapshot(Access::Write).is_err());
    assert!(target_of("/dev/null").check_plain().is_err());
    assert!(home.target().check_plain().is_ok(), "which does not exist");
}

#[cfg(unix)]
fn target_of(path: &str) -> Target {
    Target::resolve(Path::new(path)).expect("resolves")
}

#[test]
fn line_ends_of_the_file_are_kept() {
    let home = Home::with(TWO.replace('\n', "\r\n"));
    save(&home.file(), "dev-mfa").expect("saved");
    let content = home.content();
    assert!(content.starts_with(&TWO.replace('\n', "\r\n")));
    assert_eq!(
        content.matches('\n').count(),
        content.matches("\r\n").count()
    );
    assert!(content.contains("[dev-mfa]\r\n"));
}

#[test]
fn without_an_edit_the_file_is_not_touched() {
    let home = Home::with(TWO);
    let before = home.target().snapshot(Access::Read).expect("read");
    let same = edit("dev", &[("aws_access_key_id", Some("AKIA2"))]);
    let mut same = Some(same);
    for mode in [Mode::Rehearse, Mode::Save] {
        let none = home.file().update(mode, &mut |_| Ok(Vec::new()));
        none.expect("nothing to do");
    }
    let again = home
        .file()
        .update(Mode::Save, &mut |_| Ok(same.take().into_iter().collect()));
    again.expect("nothing to do");
    assert!(
        home.target()
            .snapshot(Access::Read)
            .expect("read")
            .same(&before)
    );
}

#[test]
fn a_rehearsal_leaves_no_trace_and_finds_what_a_save_would() {
    let home = Home::with(TWO);
    let before = home.target().snapshot(Access::Read).expect("read");
    let file = home.file();
    let report = file.update(Mode::Rehearse, &mut |_| Ok(session("dev-mfa")));
    report.expect("rehearsed");
    assert!(
        home.target()
            .snapshot(Access::Read)
            .expect("read")
            .same(&before)
    );
    assert_eq!(home.names(), ["credentials"]);
    save(&file, "dev-mfa").expect("saved");
    assert!(home.content().contains("[dev-mfa]"));

    let missing = Home::new();
    let report = missing
        .file()
        .update(Mode::Rehearse, &mut |_| Ok(session("dev-mfa")));
    report.expect("rehearsed");
    assert_eq!(missing.names(), Vec::<String>::new());
}

#[test]
fn another_writer_between_read_and_rename_is_noticed_and_the_edit_redone() {
    let home = Home::with(TWO);
    let mut calls = 0;
    let report = home.file().update(Mode::Save, &mut |document| {
        calls += 1;
        if calls == 1 {
            assert!(!document.contains("theirs"));
            let theirs = format!("{TWO}[theirs]\naws_access_key_id = AKIA3\n");
            fs::write(home.path(), theirs).expect("written");
        }
        Ok(session("dev-mfa"))
    });
    report.expect("saved");
    assert_eq!(calls, 2);
    assert!(home.content().contains("[theirs]") && home.content().contains("[dev-mfa]"));
}

#[test]
fn a_file_that_another_creates_meanwhile_is_not_overwritten() {
    let home = Home::new();
    let mut calls = 0;
    let report = home.file().update(Mode::Save, &mut |_| {
        calls += 1;
        if calls == 1 {
            fs::write(home.path(), TWO).expect("written");
        }
        Ok(session("dev-mfa"))
    });
    report.expect("saved");
    assert!(home.content().starts_with(TWO) && home.content().contains("[dev-mfa]"));
}

#[test]
fn a_change_of_the_same_length_at_once_is_noticed() {
    let home = Home::with(TWO);
    let mut calls = 0;
    home.file()
        .update(Mode::Save, &mut |_| {
            calls += 1;
            if calls == 1 {
                fs::write(home.path(), TWO.replace("AKIA2", "AKIA7")).expect("written");
            }
            Ok(session("dev-mfa"))
        })
        .expect("saved");
    assert!(home.content().contains("AKIA7"));
}

/// What another program does in the folder of a file while it is being saved.
#[cfg(unix)]
type Meanwhile = fn(&Path);

#[cfg(unix)]
#[test]
fn a_link_that_is_put_in_the_place_of_a_file_meanwhile_is_followed() {
    use std::os::unix::fs::symlink;
    let moved: Meanwhile = |folder| {
        fs::rename(folder.join("credentials"), folder.join("real")).expect("renamed");
        symlink("real", folder.join("credentials")).expect("a link");
    };
    let into_another_folder: Meanwhile = |folder| {
        fs::create_dir(folder.join("other")).expect("made");
        fs::rename(folder.join("credentials"), folder.join("other/real")).expect("renamed");
        symlink("other/real", folder.join("credentials")).expect("a link");
    };
    let to_another_file: Meanwhile = |folder| {
        fs::write(folder.join("real"), TWO.replace("AKIA2", "AKIA7")).expect("written");
        fs::remove_file(folder.join("credentials")).expect("removed");
        symlink("real", folder.join("credentials")).expect("a link");
    };
    let to_none: Meanwhile = |folder| {
        fs::remove_file(folder.join("credentials")).expect("removed");
        symlink("real", folder.join("credentials")).expect("a link");
    };
    for (number, meanwhile) in [moved, into_another_folder, to_another_file, to_none]
        .into_iter()
        .enumerate()
    {
        // Written by renaming, and in place.
        for linked in [false, true] {
            let home = Home::with(TWO);
            if linked {
                fs::hard_link(home.path(), home.folder.path().join("second")).expect("a link");
            }
            let begun = std::time::Instant::now();
            let mut is_first = true;
            let saved = home.file().update(Mode::Save, &mut |_| {
                if std::mem::take(&mut is_first) {
                    meanwhile(home.folder.path());
                }
                Ok(session("dev-mfa"))
            });
            saved.expect("saved");
            assert!(begun.elapsed() < Duration::from_secs(2), "{number}");
            let link = fs::symlink_metadata(home.path()).expect("there");
            assert!(link.is_symlink(), "{number}");
            assert!(home.content().contains("[dev-mfa]"), "{number}");
            assert!(!home.names().concat().contains(".awsmfa-"), "{number}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_is_pointed_elsewhere_meanwhile_is_followed() {
    use std::os::unix::fs::symlink;
    let home = Home::with(TWO);
    let folder = home.folder.path();
    fs::rename(home.path(), folder.join("one")).expect("renamed");
    fs::write(folder.join("two"), TWO.replace("AKIA2", "AKIA7")).expect("written");
    symlink("one", home.path()).expect("a link");
    let mut calls = 0;
    let saved = home.file().update(Mode::Save, &mut |_| {
        calls += 1;
        if calls == 1 {
            fs::write(folder.join("one"), format!("{TWO}# theirs\n")).expect("written");
            symlink("two", folder.join("new")).expect("a link");
            fs::rename(folder.join("new"), home.path()).expect("renamed");
        }
        Ok(session("dev-mfa"))
    });
    saved.expect("saved");
    let two = fs::read_to_string(folder.join("two")).expect("there");
    assert!(two.contains("AKIA7") && two.contains("[dev-mfa]"), "{two}");
    let one = fs::read_to_string(folder.join("one")).expect("there");
    assert_eq!(one, format!("{TWO}# theirs\n"));
}

#[test]
fn a_program_that_keeps_writing_makes_us_give_up_with_the_file_as_it_left_it() {
    let home = Home::with(TWO);
    let mut calls = 0;
    let said = message(home.file().update(Mode::Rehearse, &mut |_| {
        calls += 1;
        fs::write(home.path(), format!("{TWO}# {calls}\n")).expect("written");
        Ok(session("dev-mfa"))
    }));
    assert!(said.contains("another program keeps writing"), "{said}");
    let often = format!("was faster {calls} times within 5 s");
    assert!(calls > 1 && said.contains(&often), "{calls}: {said}");
    assert_eq!(home.content(), format!("{TWO}# {calls}\n"));
    assert_eq!(home.names(), ["credentials"]);
}

#[test]
fn a_file_that_is_emptied_to_be_written_again_is_waited_for() {
    let home = Home::with(TWO);
    let file = home.file();
    file.read().expect("read");
    fs::write(home.path(), "").expect("emptied");
    let path = home.path();
    let writer = std::thread::spawn(move || {
        for part in [&TWO[..30], &TWO[..80], TWO] {
            sleep(Duration::from_millis(10));
            fs::write(&path, part).expect("written");
        }
    });
    save(&file, "dev-mfa").expect("saved");
    writer.join().expect("the writer is done");
    assert!(home.content().starts_with(TWO), "{}", home.content());
}

#[test]
fn an_empty_file_that_stays_empty_is_written_after_a_moment() {
    let home = Home::with("");
    save(&home.file(), "dev-mfa").expect("saved");
    assert!(home.content().starts_with("[dev-mfa]"));
}

#[test]
fn eight_writers_lose_nothing() {
    let home = Arc::new(Home::with(TWO));
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let home = Arc::clone(&home);
            scope.spawn(move || {
                let file = home.file();
                for round in 0..20 {
                    save(&file, &format!("s{writer}-{round}")).expect("saved");
                }
            });
        }
    });
    let document = home.file().read().expect("read");
    for section in (0..8).flat_map(|w| (0..20).map(move |r| format!("s{w}-{r}"))) {
        assert!(document.contains(&section), "{section} is lost");
    }
    assert!(home.content().starts_with(TWO));
    assert_eq!(home.names(), ["credentials"]);
}

#[test]
fn what_killed_runs_left_is_removed_and_nothing_else() {
    let home = Home::with(TWO);
    let ours = ".credentials.awsmfa-aB3dE6gH9j.tmp";
    let others = [
        ".credentials.awsmfa-aB3dE6gH9.tmp",
        ".credentials.awsmfa-aB3dE6gH-j.tmp",
        ".config.awsmfa-aB3dE6gH9j.tmp",
        ".credentials.awsmfa-aB3dE6gH9j.tmpx",
        "credentials.bak",
    ];
    for name in others.iter().chain([&ours]) {
        home.leave(name, "x");
    }
    save(&home.file(), "dev-mfa").expect("saved");
    let names = home.names();
    assert!(!names.iter().any(|name| name == ours), "{names:?}");
    assert!(
        others
            .iter()
            .all(|other| names.iter().any(|name| name == other)),
        "{names:?}"
    );
}

#[test]
fn a_temporary_file_of_a_live_run_stays_until_its_lock_is_free() {
    let home = Home::with(TWO);
    let lock = EditLock::take(&home.target()).expect("locked");
    let alive = home
        .folder
        .path()
        .join(".credentials.awsmfa-aB3dE6gH9j.tmp");
    home.leave(".credentials.awsmfa-aB3dE6gH9j.tmp", "x");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| save(&home.file(), "dev-mfa").expect("saved"));
        sleep(Duration::from_millis(150));
        assert!(alive.exists());
        assert!(!waiting.is_finished());
        drop(lock);
        waiting.join().expect("done");
    });
    assert!(!alive.exists());
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_lock_file_is_not_followed() {
    let home = Home::with(TWO);
    let lock = home.folder.path().join("credentials.awsmfa.lock");
    std::os::unix::fs::symlink("elsewhere", &lock).expect("a link");
    let said = message(save(&home.file(), "dev-mfa"));
    assert!(
        said.contains("can't lock") && said.contains("credentials.awsmfa.lock"),
        "{said}"
    );
    assert!(!home.folder.path().join("elsewhere").exists());
    assert_eq!(home.content(), TWO);
}

#[test]
fn a_named_lock_is_held_by_one_and_its_number_stays() {
    let home = Home::with(TWO);
    let file = home.file();
    assert!(!file.is_locked("a"));
    assert!(
        !home
            .folder
            .path()
            .join("credentials.awsmfa-a.lock")
            .exists()
    );
    for number in [0, 1, 4095, 7] {
        let lock = taken(&file, "a");
        lock.set_number(number);
        assert!(file.is_locked("a") && !file.is_locked("b"));
        let other = file.named_lock("a").expect("opened");
        assert_eq!(other.try_take(), Taken::Busy);
        assert_eq!(other.number(), number);
        // The edit has a lock of its own.
        save(&file, "dev-mfa").expect("saved");
    }
    assert!(!file.is_locked("a"));
}

#[test]
fn a_file_that_has_no_place_is_empty_and_takes_neither_an_edit_nor_a_lock() {
    let why = Failure::failed("there is no home");
    let meaning = Meaning {
        is_secret: |_| true,
        header_counts: |_, _| false,
    };
    let file = AwsFile::nowhere(FileKind::Credentials, why.clone(), meaning);
    assert_eq!(file.check_place(), Err(why));
    assert_eq!(file.read().expect("read").as_bytes(), b"");
    let lock = file.named_lock("a").expect("opened");
    assert_eq!(
        lock.try_take(),
        Taken::Impossible("there is no home".to_owned())
    );
    assert!(!file.is_locked("a"));
    assert!(is_unwritable(save(&file, "dev-mfa"), "there is no home"));
}

/// Whether it failed because the file can't be written, in words that begin with `said`.
fn is_unwritable(saved: Result<Report, NotWritten>, said: &str) -> bool {
    matches!(saved, Err(NotWritten::Unwritable(failure)) if failure.message.starts_with(said))
}

#[test]
fn a_file_that_can_not_be_written_is_told_from_one_that_must_not_be() {
    let home = Home::with(TWO);
    let refused = home
        .file()
        .update(Mode::Save, &mut |_| Err(Failure::failed("long-term keys")));
    assert!(
        matches!(refused, Err(NotWritten::Refused(_))),
        "a refusal of the caller's"
    );
    let stray = Home::with(format!("{TWO}stray\n"));
    let refused = save(&stray.file(), "dev-mfa");
    assert!(
        matches!(refused, Err(NotWritten::Refused(_))),
        "no reader reads it"
    );

    // On Windows what is no file is a folder that lets nothing be locked.
    #[cfg(unix)]
    {
        let unlocked = Home::with(TWO);
        let lock = unlocked.folder.path().join("credentials.awsmfa.lock");
        fs::create_dir(lock).expect("made");
        let saved = save(&unlocked.file(), "dev-mfa");
        assert!(is_unwritable(saved, "can't lock "));
    }
    // Below a file there is no place for a folder: nothing is there, and nothing will be.
    let below = home.file_at(home.path().join(".aws/credentials"));
    #[cfg(unix)]
    assert_eq!(below.read().expect("read").as_bytes(), b"");
    assert!(is_unwritable(
        save(&below, "dev-mfa"),
        "can't create the folder "
    ));
    // Nor is there one beside a device.
    #[cfg(unix)]
    {
        let null = home.file_at(PathBuf::from("/dev/null"));
        assert!(is_unwritable(
            save(&null, "dev-mfa"),
            "can't write /dev/null: "
        ));
    }
    assert_eq!(home.content(), TWO);
}

#[test]
fn a_file_that_somebody_gave_a_locks_name_is_not_cut() {
    let home = Home::with(TWO);
    let path = home.folder.path().join("credentials.awsmfa-a.lock");
    fs::write(&path, "mine").expect("written");
    let lock = taken(&home.file(), "a");
    lock.set_number(1);
    assert_eq!(fs::read(&path).expect("read"), b"mine");
}

#[test]
fn a_named_lock_without_a_place_beside_the_file_is_found_in_the_state_folder_or_impossible() {
    let home = Home::with(TWO);
    let file = home.file();
    fs::create_dir(home.folder.path().join("credentials.awsmfa-a.lock")).expect("made");
    let lock = taken(&file, "a");
    assert!(file.is_locked("a"));
    let other = file.named_lock("a").expect("opened");
    assert_eq!(other.try_take(), Taken::Busy);
    lock.set_number(1);
    assert_eq!(other.number(), 1);

    let without = || {
        let mut file = home.file();
        file.state = StateFolder(None);
        file
    };
    let lock = without().named_lock("a").expect("opened");
    let Taken::Impossible(why) = lock.try_take() else {
        panic!("there is no place for it");
    };
    let folder = format!(
        "the folder {} can't hold a lock (",
        home.folder.path().display()
    );
    assert!(why.starts_with(&folder), "{why}");
    lock.set_number(1);
    assert_eq!(lock.number(), 0);
}

#[test]
fn odd_names_make_lock_files_of_their_own() {
    let home = Home::new();
    let file = home.file();
    let long = "x".repeat(4000);
    let odd = [
        "a/b",
        "a%2Fb",
        "a b",
        "ü",
        "..",
        "",
        &long,
        &format!("{long}y"),
    ];
    let locks: Vec<NamedLock> = odd.iter().map(|name| taken(&file, name)).collect();
    assert_eq!(locks.len(), odd.len());
    assert_eq!(
        fs::read_dir(home.folder.path()).expect("a folder").count(),
        odd.len()
    );
}

#[test]
fn repeated_sections_are_warned_about() {
    let home = Home::with(format!("{TWO}[dev]\nregion = x\n"));
    let report = save(&home.file(), "dev-mfa").expect("saved");
    let said = report.warnings.join("\n");
    assert!(
        said.contains("the AWS CLI refuses") && said.contains("line 9"),
        "{said}"
    );
}

#[test]
fn a_file_that_no_reader_reads_is_refused_with_its_line() {
    let home = Home::with(format!("{TWO}stray\n"));
    let said = message(save(&home.file(), "dev-mfa"));
    assert!(
        said.contains("credentials can't be read from line 9 on"),
        "{said}"
    );
    assert_eq!(home.content(), format!("{TWO}stray\n"));
    assert_eq!(home.names(), ["credentials"]);
}

#[test]
fn bytes_that_are_not_text_are_refused_with_their_line() {
    let bytes = [TWO.as_bytes(), b"# caf\xe9\n"].concat();
    let home = Home::with(&bytes);
    let said = message(save(&home.file(), "dev-mfa"));
    assert!(said.contains("line 9 on: it is not UTF-8"), "{said}");
    assert_eq!(fs::read(home.path()).expect("there"), bytes);
}

#[test]
fn a_file_that_only_rust_ini_reads_is_written_with_a_warning_that_names_the_line() {
    let content = format!("{TWO}[old]\nkey : value\n[old]\n");
    let home = Home::with(&content);
    let report = save(&home.file(), "dev-mfa").expect("saved");
    let said = report.warnings.join("\n");
    assert!(said.contains("because of line 10"), "{said}");
    assert!(home.content().starts_with(&content));
}

#[test]
fn a_secret_is_in_no_message() {
    let home = Home::with("[dev]\naws_secret_access_key = TOPSECRET\nTOPSECRET stray\n");
    let error = save(&home.file(), "dev-mfa").expect_err("refused");
    assert!(!format!("{error:?}").contains("TOPSECRET"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_be_written_is_refused_at_once() {
    let home = Home::with(TWO);
    let Some(_unwritable) = Unwritable::make(&home.path()) else {
        return;
    };
    let begun = std::time::Instant::now();
    let said = message(save(&home.file(), "dev-mfa"));
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(said.contains("can't write"), "{said}");
    assert_eq!(home.content(), TWO);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_file_is_written_in_place_with_the_backup_elsewhere() {
    let home = Home::with(TWO);
    let Some(unwritable) = Unwritable::make(home.folder.path()) else {
        return;
    };
    let rehearsed = home
        .file()
        .update(Mode::Rehearse, &mut |_| Ok(session("dev-mfa")));
    let saved = save(&home.file(), "dev-mfa");
    let lock = taken(&home.file(), "dev-mfa");
    let again = home.file().named_lock("dev-mfa").map(|it| it.try_take());
    let is_locked = home.file().is_locked("dev-mfa");
    lock.set_number(1);
    drop(unwritable);
    rehearsed.expect("rehearsed");
    saved.expect("saved");
    assert!(home.content().starts_with(TWO) && home.content().contains("[dev-mfa]"));
    assert_eq!(home.names(), ["credentials"]);
    assert_eq!(names(&home.state().0.expect("set")), Vec::<String>::new());
    assert_eq!(again.expect("opened"), Taken::Busy);
    assert!(is_locked, "asked where it was taken");
    assert_eq!(lock.number(), 1);
}
