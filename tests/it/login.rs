//! Tests `login` as people use it every morning: what it asks, writes and says.

#[cfg(target_os = "linux")]
mod authorities;
mod code;
#[cfg(unix)]
mod command;
mod concurrency;
#[cfg(unix)]
mod crash;
mod device;
#[cfg(unix)]
mod disk;
mod errors;
mod files;
#[cfg(unix)]
mod jobs;
#[cfg(unix)]
mod nested;
#[cfg(unix)]
mod prompt;
#[cfg(unix)]
mod raw;
mod remembered;
mod roles;
mod sources;
mod use_it;

use crate::scene::{READY, Scene, alice};
use crate::support::aws::USER;

#[test]
fn a_login_adds_a_session_profile_and_touches_nothing_else() {
    let scene = Scene::with(alice().start());
    let code = scene.aws.code(USER);
    scene
        .run(&["login", "--profile", "dev", "--code", &code])
        .stderr(READY)
        .run();
    assert_eq!(scene.aws.actions(), ["GetSessionToken"]);
}
