//! Limits the resources of a run: the size of files, descriptors, threads. Fills the device behind
//! standard output.

use std::fs;

#[cfg(target_os = "linux")]
use indoc::indoc;

#[cfg(target_os = "linux")]
use crate::scene::{CREDENTIALS, SESSION};
use crate::scene::{OLD_CONFIG, Scene, finish, leftovers, old_credentials, output_text, wrap};
#[cfg(target_os = "linux")]
use crate::support::aws::USER;
#[cfg(target_os = "linux")]
use crate::support::calls::expression;

/// A script that limits a run's files to this many blocks of 512 bytes.
fn limit_script(blocks: u32) -> String {
    format!("ulimit -f {blocks}; exec \"$@\"")
}

#[test]
fn a_file_size_limit_is_reported_before_a_code_is_spent() {
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
fn a_file_size_limit_with_enough_room_does_not_matter() {
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

#[test]
fn too_few_descriptors_are_reported_before_a_code_is_spent() {
    let scene = Scene::with_devices(30);
    let mut refused = 0;
    for descriptors in 4..=24 {
        let home = scene.another_home();
        let spent = scene.spent_codes();
        let script = format!("ulimit -n {descriptors}; exec \"$@\"");
        let renewal = scene.renewal(&home);
        let ended = finish(wrap("sh", &["-c", &script, "sh"], &renewal.command));
        let text = output_text(&ended);
        // What the test's own parents have left open counts too.
        if ended.status.success() {
            scene.renews_and_clears_up(&home);
            continue;
        }
        refused += 1;
        assert_eq!(ended.status.code(), Some(1), "{descriptors}: {text}");
        assert!(
            text.contains("too many open files"),
            "{descriptors}: {text}"
        );
        assert!(text.contains("hint: "), "{descriptors}: {text}");
        assert!(!text.contains("because of a bug"), "{descriptors}: {text}");
        assert_eq!(scene.spent_codes(), spent, "{descriptors}");
        assert_eq!(home.read_credentials(), old_credentials());
        assert_eq!(leftovers(&home), Vec::<String>::new());
    }
    assert!((5..21).contains(&refused), "{refused} refused");
}

/// Deeds that a limit or a sandbox may refuse, and whether a login can do without them.
#[cfg(target_os = "linux")]
#[test]
fn calls_that_a_sandbox_refuses_are_dispensable_or_reported_before_a_code_is_spent() {
    for (deed, error, can_do_without) in [
        // Threads.
        ("clone", "EAGAIN", false),
        ("clone", "ENOMEM", false),
        ("socketpair", "EMFILE", false),
        ("socketpair", "EPERM", false),
        ("epoll_create1", "ENFILE", false),
        ("eventfd2", "ENOMEM", false),
        ("prlimit64", "EPERM", true),
        ("prctl", "EPERM", true),
        ("ioctl", "EPERM", true),
    ] {
        let scene = Scene::with_devices(2);
        let home = scene.another_home();
        let renewal = scene.renewal(&home);
        let inject = format!("inject={}:error={error}", expression(&[deed]));
        let args = ["-f", "-qq", "-o", "/dev/null", "-e", &inject];
        let ended = finish(wrap("strace", &args, &renewal.command));
        let text = output_text(&ended);
        assert!(
            !text.contains("because of a bug"),
            "{deed}, {error}: {text}"
        );
        let expected = i32::from(!can_do_without);
        assert_eq!(
            ended.status.code(),
            Some(expected),
            "{deed}, {error}: {text}"
        );
        if can_do_without {
            scene.renews_and_clears_up(&home);
        } else {
            assert!(text.contains("hint: "), "{deed}, {error}: {text}");
            assert_eq!(scene.spent_codes(), 0, "{deed}, {error}");
            assert_eq!(home.read_credentials(), old_credentials());
        }
    }
}

/// Two readers check the edit of a long file at the same time, if a second thread is available.
#[cfg(target_os = "linux")]
#[test]
fn a_long_file_is_edited_without_a_second_thread() {
    let many = (0..6000).map(|it| format!("\n[p{it}]\nregion = eu-central-1\n"));
    let text = CREDENTIALS.to_owned() + &many.collect::<String>();
    let scene = Scene::default().credentials(text.clone() + SESSION);
    let inject = format!("inject={}:error=EAGAIN", expression(&["clone"]));
    let args = ["-f", "-qq", "-o", "/dev/null", "-e", &inject];
    let logout = scene.home.command(["logout", "-p", "dev"]);
    let ended = finish(wrap("strace", &args, &logout));
    assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
    assert_eq!(scene.home.read_credentials(), text);
}

#[cfg(target_os = "linux")]
#[test]
fn if_the_result_cannot_be_printed_the_error_says_so_and_the_session_is_saved() {
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
            hint: what was already done stays done; run this again to print it
        "}
    );
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}
