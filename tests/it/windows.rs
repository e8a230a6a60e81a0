//! Signs in on Windows, where files are shared, protected and named by other rules than on Unix. What
//! holds on every system is tested elsewhere.

mod crash;
mod paths;
mod protected;
mod shared;
mod text;
mod variables;

use std::path::Path;
use std::process::Command;

use crate::scene::{STAY, Scene, TRIPWIRE, file_names};
use crate::support::run::Run;

/// Checks that `run`, a login to dev, succeeds without a warning.
fn succeeds(run: Run<'_>) {
    run.check_stderr(|stderr| {
        assert!(
            stderr.starts_with("dev-mfa is ready until "),
            "not the first line:\n{stderr}"
        );
    })
    .run();
}

/// A login to dev with a command for the code, which leaves a mark when it runs.
fn login_with_tripwire(scene: &Scene) -> Run<'_> {
    let command = format!("echo x>{TRIPWIRE}& echo 314159");
    scene.run(&["login", "-p", "dev", "--code-command", &command])
}

/// Checks that the credentials file is `before` with a session behind it, and that no run left anything
/// next to it.
fn has_session(scene: &Scene, before: &str) {
    let now = scene.home.read_credentials();
    let session = now.strip_prefix(before).unwrap_or_else(|| panic!("{now}"));
    assert!(
        session.trim_start().starts_with("[dev-mfa]") && session.contains("aws_session_token"),
        "{session}"
    );
    left_nothing(scene);
}

/// Checks that nothing was left next to the AWS files.
fn left_nothing(scene: &Scene) {
    left_nothing_in(&scene.home.path().join(".aws"));
}

/// Checks that nothing was left next to the AWS files in `folder`.
fn left_nothing_in(folder: &Path) {
    let mut names = file_names(folder);
    names.retain(|name| !STAY.contains(&name.as_str()));
    assert_eq!(names, Vec::<String>::new(), "left behind");
}

/// What a command of the system prints about `path`, without the path.
fn told(program: &str, path: &Path, args: &[&str]) -> String {
    let output = Command::new(program).arg(path).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.replace(&*path.to_string_lossy(), "")
}
