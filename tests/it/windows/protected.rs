//! Gives an AWS file rights, attributes and names of its own, and checks that a login keeps them or says
//! why it can't.

use std::collections::BTreeSet;
use std::fs;
use std::os::windows::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{has_session, login_with_tripwire, succeeds, told};
use crate::scene::{CONFIG, CREDENTIALS, ISSUE, Scene, file_names};

const HIDDEN: u32 = 2;

/// A file that is read-only until this is dropped; otherwise it could not be removed.
struct ReadOnly(PathBuf);

impl ReadOnly {
    fn make(path: &Path) -> Self {
        Self::set(path, true);
        Self(path.to_path_buf())
    }

    fn set(path: &Path, is_read_only: bool) {
        let mut rights = fs::metadata(path).expect("there").permissions();
        rights.set_readonly(is_read_only);
        fs::set_permissions(path, rights).expect("set");
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        Self::set(&self.0, false);
    }
}

/// A new file has the rights that its folder passes on, which may let in others.
#[test]
fn the_access_list_of_the_file_stays() {
    let scene = Scene::default();
    let path = scene.home.credentials_path();
    let user = std::env::var("USERNAME").expect("Windows sets it");
    told(
        "icacls",
        &path,
        &["/inheritance:r", "/grant:r", &format!("{user}:(F)")],
    );
    // `ReplaceFile` may list an entry twice.
    let rights = || -> BTreeSet<String> {
        let list = told("icacls", &path, &[]);
        let lines = list.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| line.contains(":(")).collect()
    };
    let before = rights();
    if before.is_empty() {
        eprintln!("SKIPPED: this system shows no access lists");
        return;
    }
    assert_eq!(before.len(), 1, "{before:?}");
    for args in [&["-p", "dev"][..], &["-p", "dev", "--force"]] {
        if args.len() > 2 {
            scene.aws.to_next_window();
        }
        succeeds(scene.login(args));
        assert_eq!(rights(), before, "{args:?}");
        has_session(&scene, CREDENTIALS);
    }
}

#[test]
fn a_read_only_file_is_named_before_a_code_is_asked_for() {
    let scene = Scene::default();
    let path = scene.home.credentials_path();
    let protected = ReadOnly::make(&path);
    scene.refuses(
        login_with_tripwire(&scene),
        1,
        "error: can't write {home}\\.aws\\credentials: it is read-only\nhint: clear its read-only attribute (`attrib -r`), then run this again; `awsmfa exec` and `awsmfa export` hand out a session without saving it\n",
    );
    assert!(fs::metadata(&path).expect("there").permissions().readonly());
    scene
        .run(&["doctor", "-p", "dev", "--offline"])
        .any_status()
        .check_stdout(|stdout| {
            let says = "\\.aws\\credentials can't be written: it is read-only";
            assert!(stdout.contains(says), "{stdout}");
        })
        .run();
    drop(protected);
    succeeds(scene.login(&["-p", "dev"]));
}

#[test]
fn a_read_only_config_file_does_not_cost_the_session() {
    let scene = Scene::default();
    let path = scene.home.config_path();
    let _protected = ReadOnly::make(&path);
    scene
        .login(&["-p", "dev"])
        .check_stderr(|stderr| {
            let warning = "\\.aws\\config: it is read-only";
            assert!(stderr.contains(warning), "{stderr}");
            assert!(stderr.contains("dev-mfa is ready until "), "{stderr}");
        })
        .run();
    has_session(&scene, CREDENTIALS);
    assert_eq!(scene.home.read_config(), CONFIG);
}

#[test]
fn a_hidden_file_stays_hidden() {
    let scene = Scene::default();
    let path = scene.home.credentials_path();
    told("attrib", &path, &["+h"]);
    let is_hidden = || fs::metadata(&path).expect("there").file_attributes() & HIDDEN != 0;
    assert!(is_hidden(), "attrib did not hide it");
    succeeds(scene.login(&["-p", "dev"]));
    assert!(is_hidden());
    has_session(&scene, CREDENTIALS);
}

#[test]
fn a_second_name_of_the_file_has_the_session_too() {
    let scene = Scene::default();
    let second = scene.home.path().join("second");
    fs::hard_link(scene.home.credentials_path(), &second).expect("NTFS has hard links");
    for args in [&["-p", "dev"][..], &["-p", "dev", "--force"]] {
        if args.len() > 2 {
            scene.aws.to_next_window();
        }
        succeeds(scene.login(args));
        has_session(&scene, CREDENTIALS);
        let now = fs::read_to_string(&second).expect("there");
        assert_eq!(now, scene.home.read_credentials(), "{args:?}");
    }
}

#[test]
fn two_names_of_one_file_are_not_taken_for_two_files() {
    let scene = Scene::default();
    fs::remove_file(scene.home.config_path()).expect("there");
    fs::hard_link(scene.home.credentials_path(), scene.home.config_path()).expect("a link");
    let run = login_with_tripwire(&scene).check_stderr(|stderr| {
        let is = "error: the config file and the credentials file are the same file, ";
        assert!(stderr.starts_with(is), "{stderr}");
    });
    run.status(1).run();
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

#[test]
fn doctor_says_that_a_file_has_a_second_name() {
    let scene = Scene::default();
    let second = scene.home.path().join("second");
    fs::hard_link(scene.home.credentials_path(), &second).expect("NTFS has hard links");
    scene
        .run(&["doctor", "-p", "dev", "--offline"])
        .any_status()
        .check_stdout(|stdout| {
            assert!(stdout.contains("hard link"), "{stdout}");
        })
        .run();
}

/// What downloads and some editors attach to a file.
#[test]
fn a_stream_of_the_file_stays() {
    let scene = Scene::default();
    let mut stream = scene.home.credentials_path().into_os_string();
    stream.push(":note");
    if fs::write(&stream, "mine").is_err() {
        eprintln!("SKIPPED: this file system has no streams");
        return;
    }
    if file_names(&scene.home.path().join(".aws")).contains(&"credentials:note".to_owned()) {
        eprintln!("SKIPPED: this system has no streams, and a colon is part of a name");
        return;
    }
    succeeds(scene.login(&["-p", "dev"]));
    assert_eq!(fs::read_to_string(&stream).expect("kept"), "mine");
    has_session(&scene, CREDENTIALS);
}

#[test]
fn a_session_that_could_not_be_saved_is_handed_out_all_the_same() {
    let scene = Scene::default();
    let path = scene.home.credentials_path();
    let _protected = ReadOnly::make(&path);
    let sent = scene.aws.actions().len();
    let code = scene.aws.code(crate::support::aws::USER);
    scene
        .run(&[
            "exec", "-p", "dev", "--code", &code, "--", "cmd", "/c", "exit 0",
        ])
        .check_stderr(|stderr| assert!(stderr.contains("it is read-only"), "{stderr}"))
        .run();
    assert_eq!(scene.aws.actions()[sent..], [ISSUE]);
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}
