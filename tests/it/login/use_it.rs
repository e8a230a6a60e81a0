//! Shows how a login tells to use the session: in the words of the person's shell, and not at all
//! where tools use it already.

use crate::scene::Scene;

const STILL: &str = "dev-mfa is still valid until {*} ({*} left); --force renews it\n";

/// Shows what `login` says of a session that is kept, in this environment.
fn says(env: &[(&str, &str)], line: &str) {
    let scene = Scene::signed_in();
    let run = scene.run(&["login", "dev"]);
    let run = env
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    let line = match line {
        "" => String::new(),
        line => format!("use it with: {line}\n"),
    };
    scene.works(run, &format!("{STILL}{line}"), &[]);
}

#[test]
fn the_words_are_those_of_the_shell() {
    for (shell, line) in [
        ("/bin/sh", "export AWS_PROFILE=dev-mfa"),
        ("/usr/bin/zsh", "export AWS_PROFILE=dev-mfa"),
        ("/usr/bin/fish", "set -gx AWS_PROFILE dev-mfa"),
        ("/opt/homebrew/bin/nu", "$env.AWS_PROFILE = \"dev-mfa\""),
        ("/bin/tcsh", "setenv AWS_PROFILE dev-mfa"),
        ("/bin/csh", "setenv AWS_PROFILE dev-mfa"),
        ("/home/a/.local/bin/xonsh", "$AWS_PROFILE = 'dev-mfa'"),
        ("/usr/bin/elvish", "set-env AWS_PROFILE dev-mfa"),
        ("/usr/bin/pwsh", "$env:AWS_PROFILE = 'dev-mfa'"),
    ] {
        says(&[("SHELL", shell)], line);
    }
}

/// One that nobody knows, as an account without a login has, is taken for a shell of POSIX.
#[cfg(unix)]
#[test]
fn without_a_known_shell_the_words_are_those_of_posix() {
    let line = "export AWS_PROFILE=dev-mfa";
    says(&[], line);
    says(&[("SHELL", "")], line);
    says(&[("SHELL", "/usr/sbin/nologin")], line);
}

#[test]
fn where_tools_use_the_profile_already_there_is_nothing_to_do() {
    says(&[("AWS_PROFILE", "dev-mfa")], "");
    says(
        &[
            ("AWS_PROFILE", "dev-mfa"),
            ("AWS_DEFAULT_PROFILE", "dev-mfa"),
        ],
        "",
    );
    let posix = ("SHELL", "/bin/sh");
    says(
        &[posix, ("AWS_PROFILE", "dev")],
        "export AWS_PROFILE=dev-mfa",
    );
    // Not all tools read this one.
    says(
        &[posix, ("AWS_DEFAULT_PROFILE", "dev-mfa")],
        "export AWS_PROFILE=dev-mfa",
    );
}

/// boto3 reads the other variable first.
#[test]
fn a_variable_that_says_otherwise_is_cleared_in_the_same_words() {
    let both = [("AWS_PROFILE", "dev-mfa"), ("AWS_DEFAULT_PROFILE", "other")];
    for (shell, line) in [
        (
            "sh",
            "unset AWS_DEFAULT_PROFILE; export AWS_PROFILE=dev-mfa",
        ),
        (
            "fish",
            "set -e AWS_DEFAULT_PROFILE; set -gx AWS_PROFILE dev-mfa",
        ),
        (
            "tcsh",
            "unsetenv AWS_DEFAULT_PROFILE; setenv AWS_PROFILE dev-mfa",
        ),
    ] {
        let env = [&both[..], &[("SHELL", shell)]].concat();
        says(&env, line);
    }
}

/// A session in the profile that tools use without any variable.
#[test]
fn the_default_profile_needs_no_variable() {
    let scene = Scene::default();
    let credentials = scene.home.read_credentials();
    let scene = scene.credentials(format!("{credentials}[default]\nregion = x\n"));
    let run = scene.login(&["-p", "dev", "--session-profile", "default"]);
    run.stderr("default is ready until {*} (12h from now)\n")
        .run();
    let run = scene.login(&["-p", "dev", "--session-profile", "default"]);
    let run = run.env("AWS_PROFILE", "dev").env("SHELL", "/bin/sh");
    run.check_stderr(|text| assert!(text.ends_with("export AWS_PROFILE=default\n"), "{text}"))
        .run();
}
