//! Checks that the place of a file, its links, its owner and its mode survive a login.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use indoc::{formatdoc, indoc};

use super::logs_in;
#[cfg(target_os = "linux")]
use crate::scene::leftovers;
use crate::scene::{
    CONFIG, CREDENTIALS, ISSUE, KEYS, READY, SERIAL, SESSION, Scene, TRIPWIRE, finish, output_text,
    wrap,
};
use crate::support::aws::{KEY_ID, SECRET_KEY, USER};
#[cfg(target_os = "linux")]
use crate::support::calls::expression;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the home is writable");
}

#[test]
fn a_private_file_stays_private() {
    let scene = Scene::default();
    logs_in(&scene, "");
    assert_eq!(mode(&scene.home.credentials_path()), 0o600);
    assert_eq!(mode(&scene.home.config_path()), 0o600);
}

#[test]
fn a_file_that_others_can_read_stays_so_with_a_warning() {
    let scene = Scene::default();
    set_mode(&scene.home.credentials_path(), 0o640);
    let warning = "warning: {home}/.aws/credentials can be read by others (mode 0640): fix it with `chmod 600 {home}/.aws/credentials`\n";
    logs_in(&scene, warning);
    assert_eq!(mode(&scene.home.credentials_path()), 0o640);
}

#[test]
fn a_config_file_that_others_can_read_causes_a_warning_only_if_it_contains_secrets() {
    let scene = Scene::default();
    set_mode(&scene.home.config_path(), 0o644);
    logs_in(&scene, "");
    assert_eq!(mode(&scene.home.config_path()), 0o644);
}

#[test]
fn missing_files_and_folders_are_created_for_their_owner_alone() {
    let scene = Scene::default();
    let folder = scene.home.path().join(".aws");
    fs::remove_dir_all(&folder).expect("it is there");
    let run = scene
        .login(&["-q", "--mfa-serial", SERIAL])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    scene.works(run, "warning: AWS_ACCESS_KEY_ID is set, {*}\n", &[ISSUE]);
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&scene.home.credentials_path()), 0o600);
    let stored = scene.home.read_credentials();
    assert!(stored.starts_with("[default-mfa]\n"), "{stored}");
    assert!(
        !scene.home.config_path().exists(),
        "there was nothing to write"
    );
}

#[test]
fn a_missing_credentials_file_is_created_beside_a_config_file_with_keys() {
    let scene = Scene::with_files(format!("{CONFIG}{}", KEYS), "");
    fs::remove_file(scene.home.credentials_path()).expect("it is there");
    logs_in(&scene, "");
    assert_eq!(mode(&scene.home.credentials_path()), 0o600);
}

#[test]
fn empty_files_are_fine() {
    let scene = Scene::with_files(format!("{CONFIG}{}", KEYS), "");
    set_mode(&scene.home.credentials_path(), 0o600);
    logs_in(&scene, "");
}

#[test]
fn a_symlinked_file_stays_a_link() {
    let scene = Scene::default();
    let dotfiles = scene.home.path().join("dotfiles");
    fs::create_dir(&dotfiles).expect("there is room");
    for path in [scene.home.credentials_path(), scene.home.config_path()] {
        let target = dotfiles.join(path.file_name().expect("it has a name"));
        fs::rename(&path, &target).expect("the home is writable");
        // With a relative link, as dotfile managers make them.
        let relative = Path::new("../dotfiles").join(path.file_name().expect("it has a name"));
        symlink(relative, &path).expect("there is room");
    }
    logs_in(&scene, "");
    for path in [scene.home.credentials_path(), scene.home.config_path()] {
        let link = fs::symlink_metadata(&path).expect("it is there");
        assert!(link.is_symlink(), "{}", path.display());
    }
    assert_eq!(mode(&dotfiles.join("credentials")), 0o600);
}

#[test]
fn a_symlinked_folder_stays_a_link() {
    let scene = Scene::default();
    let (folder, real) = (
        scene.home.path().join(".aws"),
        scene.home.path().join("real"),
    );
    fs::rename(&folder, &real).expect("the home is writable");
    symlink("real", &folder).expect("there is room");
    logs_in(&scene, "");
    let link = fs::symlink_metadata(&folder).expect("it is there");
    assert!(link.is_symlink());
    assert_eq!(mode(&real.join("credentials")), 0o600);
}

#[test]
fn the_target_of_a_dangling_link_is_created() {
    let scene = Scene::with_files(format!("{CONFIG}{}", KEYS), "");
    let path = scene.home.credentials_path();
    fs::remove_file(&path).expect("it is there");
    symlink("elsewhere", &path).expect("there is room");
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
    assert!(
        fs::symlink_metadata(&path)
            .expect("it is there")
            .is_symlink()
    );
    assert_eq!(mode(&scene.home.path().join(".aws/elsewhere")), 0o600);
}

/// Like a disk that is not mounted. In /proc not even root can create a folder.
#[cfg(target_os = "linux")]
#[test]
fn a_link_whose_target_can_not_be_created_is_refused_before_a_code_is_asked_for() {
    // The credentials file, and the folder of both files.
    for link in [".aws/credentials", ".aws"] {
        let credentials = format!("{CREDENTIALS}region = eu-central-1\n");
        let scene = Scene::with_files(format!("{CONFIG}{KEYS}"), credentials);
        let path = scene.home.path().join(link);
        if link == ".aws" {
            fs::remove_dir_all(&path).expect("it is there");
        } else {
            fs::remove_file(&path).expect("it is there");
        }
        symlink("/proc/no/such/disk", &path).expect("there is room");
        let run = if link == ".aws" {
            scene
                .login_with_tripwire(&["--mfa-serial", SERIAL])
                .env("AWS_ACCESS_KEY_ID", KEY_ID)
                .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        } else {
            scene.login_with_tripwire(&["-p", "dev", "--mfa-serial", SERIAL])
        };
        let stderr = formatdoc! {"
            error: {{home}}/{link} is a link to /proc/no/such/disk, which does not exist
            hint: create the file it points to, or point the link somewhere else; `awsmfa exec` and `awsmfa export` hand out a session without saving it
        "};
        let stderr = stderr.replace("{home}", &scene.home.path().display().to_string());
        run.status(1)
            .check_stderr(move |text| assert!(text.ends_with(&stderr), "{text}"))
            .run();
        assert_eq!(scene.aws.connections(), 0);
        assert!(!scene.home.path().join(TRIPWIRE).exists());
    }
}

/// The missing file explains why something in it is not found.
#[test]
fn a_dangling_link_explains_why_something_is_not_found() {
    for name in ["credentials", "config"] {
        let scene = Scene::with_files(CONFIG, format!("[other]\n{KEYS}"));
        let path = scene.home.path().join(".aws").join(name);
        fs::remove_file(&path).expect("it is there");
        symlink("../dotfiles/it", &path).expect("there is room");
        let warning = format!("warning: {{home}}/.aws/{name} is a link to {{home}}/.aws/../dotfiles/it, which does not exist\n")
            .replace("{home}", &scene.home.path().display().to_string());
        for args in [
            &["login", "-p", "dev"][..],
            &["whoami", "-p", "dev"],
            &["logout", "-p", "dev"],
        ] {
            let expected = warning.clone();
            let ran = scene
                .run(args)
                .status(if args[0] == "logout" && name == "credentials" {
                    0
                } else {
                    1
                })
                .check_stderr(move |text| assert!(text.starts_with(&expected), "{text}"));
            ran.run();
        }
        let expected = warning.clone();
        scene
            .run(&["status"])
            .check_stderr(move |text| assert!(text.starts_with(&expected), "{text}"))
            .run();
        assert_eq!(scene.aws.connections(), 0);
    }
}

#[test]
fn a_folder_in_place_of_a_file_is_refused() {
    let scene = Scene::with_files(CONFIG, CREDENTIALS);
    fs::remove_file(scene.home.config_path()).expect("it is there");
    fs::create_dir(scene.home.config_path()).expect("there is room");
    let stderr = indoc! {"
        error: can't read {home}/.aws/config: is a directory
        hint: check what is there and who may use it
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, stderr);
}

/// They are sparse, so they take no room. One is as long as a file found by mistake, the other would
/// fill all memory.
#[test]
fn a_file_longer_than_64_mib_is_refused_before_it_is_read() {
    for length in [64 * 1024 * 1024 + 1, 1 << 40] {
        for name in ["config", "credentials"] {
            let scene = Scene::default();
            let path = scene.home.path().join(".aws").join(name);
            let file = fs::File::options().write(true).open(&path);
            file.expect("there").set_len(length).expect("sparse");
            let stderr = formatdoc! {"
                error: can't read {{home}}/.aws/{name}: longer than 64 MiB, the most awsmfa reads of an AWS file
                hint: check what is there and who may use it
            "};
            scene
                .login_with_tripwire(&["-p", "dev"])
                .status(1)
                .stderr(&stderr)
                .run();
            scene.run(&["status"]).status(1).stderr(&stderr).run();
            assert_eq!(fs::metadata(&path).expect("there").len(), length);
            assert_eq!(scene.aws.connections(), 0);
            assert!(!scene.home.path().join(TRIPWIRE).exists());
        }
    }
}

#[test]
fn a_read_only_config_file_is_enough_if_nothing_is_missing_in_it() {
    let scene = Scene::default();
    let args = ["-p", "dev", "--mfa-serial", SERIAL];
    // The only place outside of the home that a test looks at: another program may have left one there.
    let lock = Path::new("/dev/null.awsmfa.lock");
    let was_there = lock.exists();
    let run = scene.login(&args).env("AWS_CONFIG_FILE", "/dev/null");
    scene.works(run, READY, &[ISSUE]);
    assert_eq!(lock.exists(), was_there, "a lock is left beside a device");
}

/// The temporary names that awsmfa uses for a save are longer than the file's own.
#[test]
fn a_file_whose_name_is_too_long_for_a_temporary_name_is_still_written() {
    for length in [190, 205, 220] {
        let scene = Scene::default();
        let name = "c".repeat(length);
        let path = scene.home.path().join(".aws").join(&name);
        fs::copy(scene.home.credentials_path(), &path).expect("copied");
        for _ in 0..2 {
            let run = scene.login(&["-p", "dev", "--force"]);
            let run = run.env("AWS_SHARED_CREDENTIALS_FILE", &path);
            run.check_stderr(|_| {}).run();
        }
        let text = fs::read_to_string(&path).expect("there");
        assert_eq!(text.matches("[dev-mfa]").count(), 1, "{length}");
    }
}

/// Even a mask that takes rights from the user, as a careful script may set it.
#[test]
fn whatever_the_umask_new_files_and_folders_are_for_the_user_alone() {
    for mask in ["0277", "0377", "0577", "0777", "0000"] {
        let scene = Scene::default();
        let folder = scene.home.path().join("deep/er");
        let code = scene.aws.code(USER);
        let mut login = scene.home.command(["login", "--mfa-serial", SERIAL]);
        login.args(["--session-profile", "mine", "--code", &code]);
        // The keys come from the environment: there is no file yet.
        login
            .env("AWS_CONFIG_FILE", folder.join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", folder.join("credentials"))
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        let script = format!("umask {mask}; exec \"$@\"");
        let ended = finish(wrap("sh", &["-c", &script, "sh"], &login));
        assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
        for path in ["deep", "deep/er"] {
            assert_eq!(mode(&scene.home.path().join(path)), 0o700, "{mask}: {path}");
        }
        let names = fs::read_dir(&folder).expect("it was made");
        for entry in names {
            let path = entry.expect("it can be read").path();
            assert_eq!(mode(&path), 0o600, "{mask}: {}", path.display());
        }
        assert!(folder.join("credentials").exists());
    }
}

/// The remains of a killed run are trusted only with the mode that they were created with.
#[cfg(target_os = "linux")]
#[test]
fn whatever_the_umask_the_next_run_trusts_the_leftovers() {
    // The last call that it makes is the `renameat` or `fsync` with this number.
    for (mask, linked, deed, number) in [
        ("0277", false, "rename", 1),
        ("0777", false, "fsync", 1),
        ("0277", true, "fsync", 1),
        ("0377", true, "fsync", 2),
        ("0777", true, "fsync", 4),
        ("0777", true, "unlink", 3),
    ] {
        let scene = Scene::with_devices(2);
        let home = scene.another_home();
        if linked {
            fs::hard_link(home.credentials_path(), home.path().join("second")).expect("a link");
        }
        let kill = format!("{}:signal=KILL:when={number}", expression(&[deed]));
        let inject = format!("inject={kill}");
        let script = format!("umask {mask}; exec strace -f -qq -o /dev/null -e {inject} \"$@\"");
        let ended = finish(wrap(
            "sh",
            &["-c", &script, "sh"],
            &scene.renewal(&home).command,
        ));
        assert_eq!(ended.status.code(), None, "{kill}: {}", output_text(&ended));
        assert_ne!(
            leftovers(&home),
            Vec::<String>::new(),
            "{kill}: it left nothing"
        );
        let again = finish(scene.renewal(&home).command);
        let said = output_text(&again);
        assert_eq!(again.status.code(), Some(0), "{kill}: {said}");
        assert!(!said.contains("warning"), "{kill}: {said}");
        assert_eq!(leftovers(&home), Vec::<String>::new(), "{kill}");
    }
}
/// Moves both files to another folder, and returns its path.
fn elsewhere(scene: &Scene) -> std::path::PathBuf {
    let folder = scene.home.path().join("else where");
    fs::rename(scene.home.path().join(".aws"), &folder).expect("the home is writable");
    folder
}

/// systemd and Docker pass on what a shell would replace.
#[test]
fn variables_in_the_paths_of_the_files_are_expanded() {
    for (config, credentials, names) in [
        (
            "$PLACE/config",
            "${PLACE}/credentials",
            "$PLACE in AWS_CONFIG_FILE, ${PLACE} in AWS_SHARED_CREDENTIALS_FILE",
        ),
        (
            "~/else where/config",
            "$HOME/else $WHERE/credentials",
            "$HOME and $WHERE in AWS_SHARED_CREDENTIALS_FILE",
        ),
        (
            "$TILDE/config",
            "~/else where/credentials",
            "$TILDE in AWS_CONFIG_FILE",
        ),
    ] {
        let scene = Scene::default();
        let folder = elsewhere(&scene);
        let run = scene.login(&["-p", "dev"]).env("PLACE", &folder);
        let run = run.env("WHERE", "where").env("TILDE", "~/else where");
        let run = run
            .env("AWS_CONFIG_FILE", config)
            .env("AWS_SHARED_CREDENTIALS_FILE", credentials);
        let warning = formatdoc! {"
            warning: awsmfa expands {names}, as the AWS CLI and boto3 do; other AWS SDKs do not: write out the path
        "};
        scene.works(run, &(warning + READY), &[ISSUE]);
        let stored = fs::read_to_string(folder.join("credentials")).expect("there");
        assert!(stored.contains("[dev-mfa]"), "{stored}");
        let mut left: Vec<_> = fs::read_dir(scene.home.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["else where", "tmp"]);
    }
}

#[test]
fn a_path_that_cannot_be_expanded_is_refused_before_anything_is_created() {
    for (path, why) in [
        ("$NONE/config", "$NONE is not set"),
        ("${NONE}/config", "${NONE} is not set"),
        ("$HOME/$NONE", "$NONE is not set"),
        ("$EMPTY/config", "$EMPTY is not set"),
        ("${HOME:-/root}/.aws/config", "`${` is not expanded"),
        ("$(pwd)/config", "`$(` is not expanded"),
        (
            "~alice/.aws/config",
            "~alice is not expanded to a home folder",
        ),
    ] {
        for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
            let scene = Scene::default();
            let run = scene.login_with_tripwire(&["-p", "dev"]);
            let run = run.env(variable, path).env("EMPTY", "");
            let stderr = formatdoc! {"
                error: {variable} is {path}, where {why}
                hint: set {variable} to the full path of the file
            "};
            scene.refuses(run, 1, &stderr);
            let run = scene.run(&["status"]).env(variable, path).env("EMPTY", "");
            run.status(1).stderr(&stderr).run();
        }
    }
}

/// The AWS SDKs read them that way.
#[test]
fn a_path_that_exists_literally_is_used_as_it_is() {
    for name in ["$NONE", "${NONE:-x}", "~alice", "a$", "%NONE%"] {
        let scene = Scene::default();
        fs::rename(scene.home.path().join(".aws"), scene.home.path().join(name)).expect("moved");
        let run = scene.login(&["-p", "dev"]);
        let run = run
            .env("AWS_CONFIG_FILE", format!("{name}/config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", format!("{name}/credentials"));
        scene.works(run, READY, &[ISSUE]);
    }
}

/// Runs awsmfa in bash, whose process substitutions are pipes.
fn in_bash(scene: &Scene, script: &str, args: &[&str]) -> std::process::Output {
    let mut bash = wrap("bash", &["-c", script, "bash"], &scene.home.command(args));
    bash.env_remove("AWS_CONFIG_FILE");
    finish(bash)
}

/// The files in an unusual folder, so that what is read comes from the pipe.
fn piped(credentials: &str) -> Scene {
    let scene = Scene::with_files(CONFIG, credentials);
    elsewhere(&scene);
    scene
}

const BOTH: &str = "AWS_CONFIG_FILE=<(cat 'else where/config') \
                    AWS_SHARED_CREDENTIALS_FILE=<(sleep 0.3; cat 'else where/credentials') \"$@\"";

#[test]
fn a_pipe_is_read_once_and_a_session_in_it_is_handed_out() {
    let scene = piped(&(CREDENTIALS.to_owned() + SESSION));
    for args in [
        &[
            "exec",
            "-p",
            "dev",
            "--",
            "sh",
            "-c",
            "echo $AWS_REGION $AWS_ACCESS_KEY_ID",
        ][..],
        &["status", "-p", "dev"],
        &["whoami", "-p", "dev", "--access-key-id", KEY_ID],
    ] {
        let output = in_bash(&scene, BOTH, args);
        assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
    }
    let stdin = "AWS_SHARED_CREDENTIALS_FILE=/dev/stdin AWS_CONFIG_FILE='else where/config' \
                 \"$@\" < <(cat 'else where/credentials')";
    let echo = [
        "exec",
        "-p",
        "dev",
        "--",
        "sh",
        "-c",
        "echo $AWS_REGION $AWS_ACCESS_KEY_ID",
    ];
    let output = in_bash(&scene, stdin, &echo);
    assert_eq!(output_text(&output), "eu-central-1 ASIAIOSFODNN7EXAMPLE\n");
    let usual = in_bash(&scene, BOTH, &echo);
    assert_eq!(output_text(&usual), "eu-central-1 ASIAIOSFODNN7EXAMPLE\n");
}

#[test]
fn a_pipe_that_a_session_would_be_written_to_is_refused_before_a_code_is_asked_for() {
    let scene = piped(CREDENTIALS);
    let connections = scene.aws.connections();
    let command = format!("touch {TRIPWIRE}; echo 314159");
    let args = ["login", "-p", "dev", "--code-command", &command];
    let output = in_bash(&scene, BOTH, &args);
    assert_eq!(output.status.code(), Some(1), "{}", output_text(&output));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
            said.starts_with("error: can't write /dev/fd/")
                && said.ends_with(indoc! {"
                    : it is a pipe, which can only be read
                    hint: use a file that can be written instead; `awsmfa exec` and `awsmfa export` hand out a session without saving it
                "}),
            "{said}"
        );
    assert_eq!(scene.aws.connections(), connections);
    assert!(!scene.home.path().join(TRIPWIRE).exists());
}

#[test]
fn settings_that_can_not_be_written_to_a_pipe_are_left_to_the_user() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let script = "AWS_CONFIG_FILE=<(cat .aws/config) \"$@\"";
    let output = in_bash(&scene, script, &["login", "-p", "dev", "--code", &code]);
    let said = output_text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let warning = "warning: the session is saved, but its settings are not: can't write /dev/fd/";
    let add = ": it is a pipe, which can only be read; \
               add to [profile dev-mfa]: `region = eu-central-1`, `output = json`\n";
    assert!(said.starts_with(warning) && said.contains(add), "{said}");
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}

#[test]
fn a_pipe_as_config_file_is_enough_if_nothing_is_missing_in_the_session_profile() {
    let config = format!("{CONFIG}[profile dev-mfa]\nregion = eu-central-1\noutput = json\n");
    let scene = Scene::with_files(config, CREDENTIALS);
    let code = scene.aws.code(USER);
    let script = "AWS_CONFIG_FILE=<(cat .aws/config) \"$@\"";
    let output = in_bash(
        &scene,
        script,
        &["login", "-q", "-p", "dev", "--code", &code],
    );
    assert_eq!(output_text(&output), "");
    assert_eq!(output.status.code(), Some(0));
    assert!(scene.home.read_credentials().contains("[dev-mfa]"));
}

#[test]
fn a_code_on_standard_input_beside_a_pipe_is_refused() {
    let scene = piped(CREDENTIALS);
    let stdin = "AWS_SHARED_CREDENTIALS_FILE=/dev/stdin AWS_CONFIG_FILE='else where/config' \
                 \"$@\" < <(cat 'else where/credentials')";
    for (script, variable) in [
        (stdin, "AWS_SHARED_CREDENTIALS_FILE"),
        (BOTH, "AWS_CONFIG_FILE"),
    ] {
        for command in ["login", "export"] {
            let output = in_bash(&scene, script, &[command, "-p", "dev", "--code-stdin"]);
            assert_eq!(output.status.code(), Some(2), "{}", output_text(&output));
            assert_eq!(
                String::from_utf8_lossy(&output.stderr),
                formatdoc! {"
                    error: --code-stdin can't be used when {variable} is a pipe
                    hint: give the code with --code-command or AWSMFA_CODE, or use a regular file
                "}
            );
        }
    }
}

#[test]
fn an_unfinished_pipe_is_waited_for_five_seconds() {
    let scene = Scene::default();
    let path = scene.home.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo runs").success());
    let stderr = indoc! {"
        error: can't read {home}/fifo: it is a pipe, and what writes to it did not finish within 5 s
        hint: check what is there and who may use it
    "};
    let run = scene.login_with_tripwire(&["-p", "dev"]);
    let ran = run
        .env("AWS_CONFIG_FILE", &path)
        .status(1)
        .stderr(stderr)
        .run();
    assert!(
        (5.0..8.0).contains(&ran.elapsed.as_secs_f64()),
        "{:?}",
        ran.elapsed
    );
    // A pipe whose writer has written something and stays.
    let script = "AWS_CONFIG_FILE=<(exec 2>&-; cat .aws/config; exec sleep 20) \"$@\"";
    let output = in_bash(&scene, script, &["status"]);
    assert_eq!(output.status.code(), Some(1), "{}", output_text(&output));
}
