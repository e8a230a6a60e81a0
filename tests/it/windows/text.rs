//! Logs in with files as Windows programs write them: line ends, a byte order mark, UTF-16.

use std::fs;

use super::{has_session, left_nothing, login_with_tripwire, succeeds};
use crate::scene::{CONFIG, CREDENTIALS, Scene};

#[test]
fn every_line_of_a_file_with_windows_line_ends_ends_so_and_no_other_byte_changes() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let scene = Scene::with_files(crlf(CONFIG), crlf(CREDENTIALS));
    for args in [&["-p", "dev"][..], &["-p", "dev", "--force"]] {
        if args.len() > 2 {
            scene.aws.to_next_window();
        }
        succeeds(scene.login(args));
        has_session(&scene, &crlf(CREDENTIALS));
        assert!(scene.home.read_config().starts_with(&crlf(CONFIG)));
        for text in [scene.home.read_credentials(), scene.home.read_config()] {
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
            assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
        }
    }
    scene
        .run(&["logout", "-p", "dev"])
        .check_stderr(|stderr| assert!(stderr.contains("dev-mfa"), "{stderr}"))
        .run();
    assert!(
        scene
            .home
            .read_credentials()
            .starts_with(&crlf(CREDENTIALS))
    );
}

#[test]
fn a_byte_order_mark_stays() {
    let text = format!("\u{feff}{CREDENTIALS}");
    let scene = Scene::with_files(CONFIG, &text);
    scene
        .login(&["-p", "dev"])
        .check_stderr(|stderr| assert!(stderr.contains("dev-mfa is ready until "), "{stderr}"))
        .run();
    has_session(&scene, &text);
}

/// Windows PowerShell's `>` writes this.
#[test]
fn a_file_in_utf_16_is_named_before_a_code_is_asked_for_and_stays() {
    let utf_16: Vec<u8> = format!("\u{feff}{CREDENTIALS}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let scene = Scene::with_files(CONFIG, &utf_16);
    scene.refuses(
        login_with_tripwire(&scene),
        1,
        "error: {home}\\.aws\\credentials is in UTF-16, which AWS tools don't read\nhint: {*}\n",
    );
    assert_eq!(
        fs::read(scene.home.credentials_path()).expect("there"),
        utf_16
    );
    left_nothing(&scene);
}
