//! Limits the size of files (`ulimit -f`), and fills the device behind standard output.

use std::fs;

#[cfg(target_os = "linux")]
use indoc::indoc;

use crate::scene::{OLD_CONFIG, Scene, finish, leftovers, old_credentials, output_text, wrap};
#[cfg(target_os = "linux")]
use crate::support::aws::USER;

/// The script that limits a run to so many blocks of 512 bytes.
fn limit_script(blocks: u32) -> String {
    format!("ulimit -f {blocks}; exec \"$@\"")
}

#[test]
fn a_file_size_limit_is_said_before_a_code_is_spent() {
    let scene = Scene::with_devices(8);
    // None of these sizes has room for the new file and its backup.
    for (linked, blocks) in [
        (false, 0),
        (false, 1),
        (false, 2),
        (true, 0),
        (true, 1),
        (true, 2),
    ] {
        let home = scene.another_home();
        if linked {
            fs::hard_link(home.credentials_path(), home.path().join("second")).expect("a link");
        }
        let renewal = scene.renewal(&home);
        let args = ["-c", &limit_script(blocks), "sh"];
        let ended = finish(wrap("sh", &args, &renewal.command));
        let text = output_text(&ended);
        assert_eq!(
            ended.status.code(),
            Some(1),
            "{:?} with {blocks}: {text}",
            ended.status
        );
        assert!(text.contains(".aws/credentials"), "{text}");
        assert!(text.contains("too large"), "{text}");
        assert_eq!(scene.spent_codes(), 0, "with {blocks}");
        assert_eq!(home.read_credentials(), old_credentials());
        assert_eq!(home.read_config(), OLD_CONFIG);
        assert_eq!(leftovers(&home), Vec::<String>::new());
    }
}

#[test]
fn a_file_size_limit_with_room_enough_is_no_limit() {
    let scene = Scene::with_devices(8);
    for linked in [false, true] {
        let home = scene.another_home();
        if linked {
            fs::hard_link(home.credentials_path(), home.path().join("second")).expect("a link");
        }
        let renewal = scene.renewal(&home);
        let ended = finish(wrap(
            "sh",
            &["-c", &limit_script(16), "sh"],
            &renewal.command,
        ));
        assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
        scene.renews_and_clears_up(&home);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_an_error_that_says_where_and_the_session_is_there() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let full = fs::File::options().write(true).open("/dev/full");
    let done = scene
        .home
        .command(["login", "-p", "dev", "--json", "--code", code.as_str()])
        .stdout(full.expect("a device that is always full"))
        .output()
        .expect("awsmfa runs");
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&done.stderr),
        indoc! {"
            error: can't write to standard output: no storage space
            hint: what was done before stays done; run this again to have it printed
        "}
    );
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}
