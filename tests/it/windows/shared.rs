//! Holds the AWS files open while a login runs, as editors, scanners and other AWS tools do.
//!
//! A program that opens a file says what others may do with it meanwhile. Python, and so the AWS CLI, lets
//! them read and write it but not replace it; .NET's usual calls let them only read it.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{has_session, left_nothing, login_with_tripwire, succeeds};
use crate::scene::{CONFIG, CREDENTIALS, ISSUE, Scene, TRIPWIRE};

/// What other programs may do with a file that is open.
const ALL: u32 = 7;
const READ_AND_WRITE: u32 = 3;
const READ: u32 = 1;
const NOTHING: u32 = 0;

/// Opens a file for reading.
fn hold(path: &Path, share: u32) -> File {
    let mut options = OpenOptions::new();
    options.read(true).share_mode(share);
    options.open(path).expect("the file is there")
}

#[test]
fn a_reader_that_lets_others_write_keeps_no_session_from_being_saved() {
    for share in [ALL, READ_AND_WRITE] {
        let scene = Scene::default();
        let readers = [
            hold(&scene.home.credentials_path(), share),
            hold(&scene.home.config_path(), share),
        ];
        succeeds(scene.login(&["-p", "dev"]));
        assert!(scene.home.read_config().starts_with(CONFIG), "{share}");
        assert!(scene.home.read_config().contains("[profile dev-mfa]"));
        // It reads one of the two versions, whole.
        let [mut reader, other] = readers;
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("it is still open");
        let now = scene.home.read_credentials();
        assert!(text == CREDENTIALS || text == now, "{share}: {text}");
        drop((reader, other));
        has_session(&scene, CREDENTIALS);
    }
}

#[test]
fn a_file_that_nobody_else_may_write_is_named_before_a_code_is_asked_for() {
    let scene = Scene::default();
    let _reader = hold(&scene.home.credentials_path(), READ);
    scene.refuses(
        login_with_tripwire(&scene),
        1,
        "error: can't write {home}\\.aws\\credentials: another program has it open\nhint: close it there, for example in an editor, then run this again; `awsmfa exec` and `awsmfa export` hand out a session without saving it\n",
    );
    left_nothing(&scene);
}

#[test]
fn a_file_that_nobody_else_may_read_is_named_before_a_code_is_asked_for() {
    let scene = Scene::default();
    let reader = hold(&scene.home.credentials_path(), NOTHING);
    login_with_tripwire(&scene)
        .status(1)
        .stderr("error: can't read {home}\\.aws\\credentials: another program has it open\nhint: close it there, for example in an editor, then run this again\n")
        .run();
    drop(reader);
    assert!(
        !scene.home.path().join(TRIPWIRE).exists(),
        "a code was read"
    );
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
    left_nothing(&scene);
}

#[test]
fn a_program_that_lets_go_soon_is_waited_for() {
    for share in [NOTHING, READ] {
        let scene = Scene::default();
        let reader = hold(&scene.home.credentials_path(), share);
        let begun = Instant::now();
        let release = thread::spawn(move || {
            thread::sleep(Duration::from_secs(1));
            drop(reader);
        });
        succeeds(scene.login(&["-p", "dev"]));
        assert!(begun.elapsed() >= Duration::from_secs(1), "{share}");
        release.join().expect("it does not panic");
        has_session(&scene, CREDENTIALS);
    }
}

#[test]
fn a_config_file_that_nobody_else_may_write_does_not_cost_the_session() {
    let scene = Scene::default();
    let _reader = hold(&scene.home.config_path(), READ);
    let sent = scene.aws.actions().len();
    scene
        .login(&["-p", "dev"])
        .check_stderr(|stderr| {
            let warning = "\\.aws\\config: another program has it open";
            assert!(stderr.contains(warning), "{stderr}");
            assert!(stderr.contains("dev-mfa is ready until "), "{stderr}");
        })
        .run();
    assert_eq!(scene.aws.actions()[sent..], [ISSUE]);
    has_session(&scene, CREDENTIALS);
    assert_eq!(scene.home.read_config(), CONFIG);
}
