//! Signs in to several roles at the same time, and kills a sign-in between its two sessions.

use std::process::Child;
use std::time::{Duration, Instant};

use super::{ASSUME, ready, scene, section, without_code};
use crate::scene::{CREDENTIALS, ISSUE, Scene, output_text, spawn, wait, wait_until};
use crate::support::aws::{Fault, USER};

fn start_login(scene: &Scene, profile: &str, code: &str) -> Child {
    spawn(&mut scene.home.command(["login", "-p", profile, "--code", code]))
}

fn succeeds(child: Child) {
    let output = wait(child);
    assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
}

#[test]
fn roles_of_one_source_at_once_use_one_code_and_wait_for_nobody_in_vain() {
    let scene = scene("");
    // Slow enough for the others to start while the first one asks.
    let slow = Fault::Delay(Duration::from_millis(500));
    scene.aws.fault_always(ISSUE, slow);
    let code = scene.aws.code(USER);
    let begin = Instant::now();
    let names = ["admin", "audit", "admin", "audit", "dev"];
    let runs: Vec<Child> = names.map(|name| start_login(&scene, name, &code)).into();
    runs.into_iter().for_each(succeeds);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    let mut actions = scene.aws.actions();
    actions.sort();
    assert_eq!(actions, [ASSUME, ASSUME, ISSUE]);
    let written = scene.home.read_credentials();
    for session in scene.aws.sessions() {
        assert!(written.contains(&session.token), "{written}");
    }
}

#[test]
fn after_a_refused_code_no_role_of_the_source_spends_it_again() {
    let scene = scene("");
    scene
        .aws
        .fault_always(ISSUE, Fault::Delay(Duration::from_secs(4)));
    let wrong = scene.aws.code_at(USER, 40);
    let first = start_login(&scene, "admin", &wrong);
    wait_until("a request", || !scene.aws.requests().is_empty());
    // One waits for the role, one for the source.
    let others = ["admin", "audit"].map(|name| start_login(&scene, name, &wrong));
    let status = |child: Child| {
        let output = wait(child);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    assert_eq!(status(first).0, Some(4));
    for other in others {
        let (code, said) = status(other);
        assert_eq!(code, Some(7), "{said}");
        assert!(
            said.starts_with("waiting for another awsmfa that is signing in to "),
            "{said}"
        );
        assert!(
            said.contains("\nerror: the other awsmfa that signed in to dev-mfa got no session"),
            "{said}"
        );
    }
    assert_eq!(scene.aws.actions(), [ISSUE]);
}

#[test]
fn killed_between_its_two_sessions_a_sign_in_leaves_the_first_for_the_next_run() {
    let scene = scene("");
    scene.aws.fault(ASSUME, Fault::Silent);
    let mut run = start_login(&scene, "admin", &scene.aws.code(USER));
    wait_until("the request for the role", || {
        scene.aws.actions() == [ISSUE, ASSUME]
    });
    run.kill().expect("the child can be killed");
    wait(run);
    assert_eq!(
        scene.home.read_credentials(),
        format!("{CREDENTIALS}{}", section("dev", &scene.aws.sessions()[0]))
    );
    scene.works(without_code(&scene, "admin"), &ready("admin"), &[ASSUME]);
}
