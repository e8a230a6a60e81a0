//! Sets variables as people do on Windows, where their case does not matter, and moves the home.

use std::fs;

use super::{has_session, succeeds};
use crate::scene::{CONFIG, CREDENTIALS, SESSION, Scene};

#[test]
fn the_case_of_a_variables_name_does_not_matter() {
    for name in ["AWS_PROFILE", "Aws_Profile", "aws_profile"] {
        let scene = Scene::default();
        succeeds(scene.login(&[]).env(name, "dev"));
        has_session(&scene, CREDENTIALS);
    }
}

#[test]
fn a_variable_of_another_case_is_not_handed_on() {
    let scene = Scene::signed_in();
    scene
        .run(&["exec", "-p", "dev", "--", "cmd", "/c", "set"])
        .env("Aws_Profile", "other")
        .env("aws_security_token", "theirs")
        .may_show(crate::support::aws::secrets::Kind::LongTerm)
        .may_show(crate::support::aws::secrets::Kind::Session)
        .check_stdout(|stdout| {
            let names = stdout.lines().filter_map(|line| line.split_once('='));
            let names: Vec<String> = names.map(|(name, _)| name.to_uppercase()).collect();
            assert!(
                names.iter().any(|name| name == "AWS_SESSION_TOKEN"),
                "{names:?}"
            );
            for theirs in ["AWS_PROFILE", "AWS_SECURITY_TOKEN"] {
                assert!(!names.iter().any(|name| name == theirs), "{theirs}");
            }
        })
        .run();
}

/// Otherwise a name would be posted because its variable was set in another case.
#[test]
fn doctor_replaces_names_in_variables_of_any_case() {
    let scene = Scene::default();
    scene
        .run(&["doctor", "-p", "dev", "--offline", "--share"])
        .env("Aws_Default_Profile", "hush-hush")
        .any_status()
        .check_stdout(|stdout| assert!(!stdout.contains("hush-hush"), "{stdout}"))
        .check_stderr(|_| {})
        .run();
}

#[test]
fn the_home_is_that_of_the_variable_home_else_of_userprofile() {
    for (home, profile) in [(Some("one"), "two"), (None, "one")] {
        let scene = Scene::default();
        for name in ["one", "two"] {
            let folder = scene.home.path().join(name).join(".aws");
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("config"), CONFIG).expect("written");
            fs::write(folder.join("credentials"), CREDENTIALS).expect("written");
        }
        let run = scene
            .login(&["-p", "dev"])
            .env_remove("AWS_CONFIG_FILE")
            .env_remove("AWS_SHARED_CREDENTIALS_FILE")
            .env_remove("HOME")
            .env("USERPROFILE", scene.home.path().join(profile));
        let run = match home {
            Some(home) => run.env("HOME", scene.home.path().join(home)),
            None => run,
        };
        let warning = "warning: HOME is ";
        let is_warned = home.is_some();
        run.check_stderr(move |stderr| {
            assert_eq!(stderr.starts_with(warning), is_warned, "{stderr}");
            assert!(stderr.contains("dev-mfa is ready until "), "{stderr}");
        })
        .run();
        let read = |name: &str| {
            let path = scene.home.path().join(name).join(".aws\\credentials");
            fs::read_to_string(path).expect("there")
        };
        assert!(read("one").contains("[dev-mfa]"), "{home:?}");
        assert_eq!(read("two"), CREDENTIALS, "{home:?}");
    }
}

#[test]
fn a_path_may_name_a_variable_in_percent_signs() {
    let scene = Scene::default().credentials(CREDENTIALS.to_owned() + SESSION);
    scene
        .run(&["status", "dev"])
        .env(
            "AWS_SHARED_CREDENTIALS_FILE",
            "%UserProfile%\\.aws\\credentials",
        )
        .check_stdout(|stdout| assert!(stdout.contains("dev-mfa"), "{stdout}"))
        .check_stderr(|stderr| {
            assert!(
                stderr.starts_with("warning: awsmfa expands %UserProfile%"),
                "{stderr}"
            );
        })
        .run();
}
