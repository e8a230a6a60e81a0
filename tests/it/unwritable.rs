//! Takes the AWS files out of awsmfa's reach, as home-manager, read-only mounts, full disks and bare
//! containers do: what can be handed out is handed out, and what is not kept is said.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG, CREDENTIALS, ISSUE, READY, SERIAL, SESSION, Scene, TRIPWIRE, alice, snapshot,
    wait_until,
};
use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::run::Run;

/// What a command adds for who can do without a file.
const WAY: &str = "`awsmfa exec` and `awsmfa export` hand out a session without saving it";

const ASSUME: &str = "AssumeRole";

/// Makes `path` read-only.
fn read_only(path: &str) -> String {
    format!("mount --bind {path} {path} && mount -o remount,ro,bind {path} && exec \"$@\"")
}

/// Puts both files on a disk that is full.
const FULL: &str = indoc! {r#"
    mount -t tmpfs none /mnt && cp -p .aws/c* /mnt
    mount -t tmpfs -o size=64k,mode=700 none .aws && cp -p /mnt/* .aws
    cat /dev/zero >.aws/fill 2>/dev/null; exec "$@"
"#};

/// Puts both files on a disk that has room for their bytes, but for no other file.
const NO_INODE: &str = indoc! {r#"
    mount -t tmpfs none /mnt && cp -p .aws/c* /mnt
    mount -t tmpfs -o nr_inodes=3,mode=700 none .aws && cp -p /mnt/* .aws; exec "$@"
"#};

/// Moves a file to a folder `store`, and leaves a link to it, as home-manager does.
fn link_into_store(scene: &Scene, name: &str) {
    let store = scene.home.path().join("store");
    fs::create_dir_all(&store).expect("there is room");
    let (path, there) = (scene.home.path().join(".aws").join(name), store.join(name));
    fs::rename(&path, &there).expect("the home is writable");
    fs::set_permissions(&there, Permissions::from_mode(0o444)).expect("the home is writable");
    symlink(&there, &path).expect("there is room");
}

/// Scenes in which the file `name` can't be written, though the folder of both files can, each with
/// the reason that is given.
fn places(name: &str) -> Vec<(Scene, String)> {
    let store = Scene::default();
    link_into_store(&store, name);
    let locked = Scene::default();
    let lock = locked.home.path().join(format!(".aws/{name}.awsmfa.lock"));
    fs::create_dir(lock).expect("there is room");
    let (file, no_lock) = (format!(".aws/{name}"), "exec \"$@\"".to_owned());
    let read_only_file = format!("can't write {{home}}/{file}: read-only file system");
    let read_only_link = format!(
        "can't write {{home}}/{file}, a link to {{home}}/store/{name}: read-only file system"
    );
    let unlocked = format!("can't lock {{home}}/{file}.awsmfa.lock: is a directory");
    let places = [
        (Scene::default(), read_only(&file), read_only_file),
        (store, read_only("store"), read_only_link),
        (locked, no_lock, unlocked),
    ];
    let places = places.into_iter();
    places
        .filter_map(|(scene, script, why)| Some((scene.in_namespace(&script)?, why)))
        .collect()
}

/// The same, with the folder of both files out of reach too.
fn places_of_both() -> Vec<(Scene, String)> {
    let of_both = [
        (
            read_only(".aws"),
            "can't write {home}/.aws/credentials: read-only file system",
        ),
        (
            NO_INODE.to_owned(),
            "can't lock {home}/.aws/credentials.awsmfa.lock: no space left on device",
        ),
        (
            FULL.to_owned(),
            "can't write {home}/.aws/credentials: no space left on device",
        ),
    ];
    let of_both = of_both.into_iter().filter_map(|(script, why)| {
        Some((Scene::default().in_namespace(&script)?, why.to_owned()))
    });
    places("credentials").into_iter().chain(of_both).collect()
}

/// A run with a good code that hands a session out.
fn hands_out<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    let run = scene.run(args).env("AWSMFA_CODE", scene.aws.code(USER));
    run.may_show(Kind::Session)
}

/// The token of the session that AWS issued last.
fn last_token(scene: &Scene) -> String {
    scene.aws.sessions().pop().expect("one was issued").token
}

const PRINT_TOKEN: [&str; 4] = ["--", "sh", "-c", "echo \"token $AWS_SESSION_TOKEN\""];

#[test]
fn exec_and_export_hand_out_a_session_that_can_not_be_kept_and_say_so() {
    for (scene, why) in places_of_both() {
        let before = snapshot(&scene.home);
        let said = format!("warning: the session can't be saved: {why}\n");
        let run = hands_out(&scene, &["exec", "-p", "dev"]).args(PRINT_TOKEN);
        let ran = scene.works(run.check_stdout(|_| ()), &said, &[ISSUE]);
        assert_eq!(
            ran.stdout,
            format!("token {}\n", last_token(&scene)),
            "{why}"
        );
        assert_eq!(snapshot(&scene.home), before, "{why}");
    }
    for format in ["env", "process", "json"] {
        let scene = Scene::default().in_namespace(&read_only(".aws"));
        let Some(scene) = scene else { return };
        let run = hands_out(&scene, &["export", "-p", "dev", "--format", format]);
        let said = "warning: the session can't be saved: can't write {home}/.aws/credentials: read-only file system\n";
        let ran = scene.works(run.check_stdout(|_| ()), said, &[ISSUE]);
        assert!(ran.stdout.contains(&last_token(&scene)), "{format}");
    }
}

#[test]
fn a_login_is_refused_before_a_code_is_read_and_names_the_commands_that_need_no_file() {
    for (scene, why) in places_of_both() {
        let run = scene.login_with_tripwire(&["-p", "dev"]);
        let said = format!("error: {why}\nhint: {{*}}; {WAY}\n");
        scene.refuses(run, 1, &said);
    }
}

#[test]
fn a_session_that_is_there_is_used_from_a_file_that_can_not_be_written() {
    let scene = Scene::signed_in().in_namespace(&read_only(".aws"));
    let Some(scene) = scene else { return };
    let kept = "dev-mfa is still valid until {*}\nuse it with: {*}\n";
    scene.works(scene.run(&["login", "-p", "dev"]), kept, &[]);
    let run = hands_out(&scene, &["exec", "-p", "dev"]).args(PRINT_TOKEN);
    scene.works(run.stdout("token session/token+with/all==\n"), "", &[]);
    let refused =
        format!("error: can't write {{home}}/.aws/credentials: {{*}}\nhint: {{*}}{WAY}\n");
    scene.refuses(
        scene.login_with_tripwire(&["-p", "dev", "--force"]),
        1,
        &refused,
    );
}

#[test]
fn a_config_file_that_can_not_be_written_costs_a_warning_with_the_settings_to_add() {
    for (scene, why) in places("config") {
        let said = format!(
            "warning: the session is saved, but its settings are not: {why}; add to [profile dev-mfa]: `region = eu-central-1`, `output = json`\n{READY}"
        );
        scene.works(scene.login(&["-p", "dev"]), &said, &[ISSUE]);
        assert!(scene.home.read_credentials().contains("[dev-mfa]"), "{why}");
        assert_eq!(scene.home.read_config(), CONFIG, "{why}");
    }
}

#[test]
fn a_mounted_config_file_costs_a_warning_that_shows_no_value_of_the_users_own() {
    let config = indoc! {"
        [profile dev]
        region = eu-central-1
        mfa_serial = arn:aws:iam::123456789012:mfa/alice
        my_token = hush-hush
        endpoint_url_note = x
        endpoint_url = http://me:secret@localhost:1
        s3 =
          max_queue_size = 10

        [profile dev-mfa]
        output = text
        awsmfa_copied = output
    "};
    let scene = Scene::with_files(config, CREDENTIALS);
    let Some(scene) = scene.in_namespace(&read_only(".aws/config")) else {
        return;
    };
    for command in ["login", "exec"] {
        let said = "warning: the session is saved, but its settings are not: can't write {home}/.aws/config: read-only file system; add to [profile dev-mfa]: `region = eu-central-1`, `my_token`, `endpoint_url_note`, `endpoint_url`, `s3` as in dev; remove from [profile dev-mfa]: `output`\n";
        let run = hands_out(&scene, &[command, "-p", "dev", "--force"]);
        let run = match command {
            "exec" => run.args(["--", "true"]).stderr(said),
            _ => run.stderr(format!("{said}{READY}")),
        };
        run.env("AWS_ENDPOINT_URL_STS", scene.aws.endpoint()).run();
    }
    assert_eq!(scene.home.read_config(), config);
}

#[test]
fn where_the_settings_are_there_a_config_file_that_can_not_be_written_costs_nothing() {
    let config = format!("{CONFIG}\n[profile dev-mfa]\nregion = eu-central-1\noutput = json\n");
    let scene = Scene::with_files(config, CREDENTIALS);
    let Some(scene) = scene.in_namespace(&read_only(".aws/config")) else {
        return;
    };
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE]);
}

#[test]
fn what_stands_in_the_target_is_refused_whether_or_not_the_file_can_be_written() {
    let credentials = CREDENTIALS.to_owned() + &CREDENTIALS.replace("[dev]", "[dev-mfa]");
    let scene = Scene::with_files(CONFIG, credentials).in_namespace(&read_only(".aws"));
    let Some(scene) = scene else { return };
    for command in ["exec", "export", "credential-process"] {
        let tripwire = format!("touch {TRIPWIRE}; echo 314159");
        let run = scene.run(&[command, "-p", "dev", "--code-command", &tripwire]);
        let run = match command {
            "exec" => run.args(["--", "true"]),
            "export" => run.args(["--format", "process"]),
            _ => run,
        };
        let said = "error: profile dev-mfa is not overwritten: {*}\nhint: {*}\n";
        scene.refuses(run, 1, said);
    }
}

/// The role's session and that of its source, which the role needs, are both not kept.
#[test]
fn a_role_is_reached_with_one_code_where_nothing_can_be_kept() {
    let config = formatdoc! {"
        {CONFIG}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let aws = alice().role("admin").needs_mfa().start();
    let scene = Scene::with(aws)
        .config(config)
        .in_namespace(&read_only(".aws"));
    let Some(scene) = scene else { return };
    let said = "warning: the session can't be saved: can't write {home}/.aws/credentials: read-only file system\n";
    let run = hands_out(&scene, &["exec", "-p", "admin"]).args(PRINT_TOKEN);
    let ran = scene.works(run.check_stdout(|_| ()), said, &[ISSUE, ASSUME]);
    assert_eq!(ran.stdout, format!("token {}\n", last_token(&scene)));
    let run = scene.login_with_tripwire(&["-p", "admin"]);
    let refused =
        format!("error: can't write {{home}}/.aws/credentials: {{*}}\nhint: {{*}}{WAY}\n");
    scene.refuses(run, 1, &refused);
}

/// The run of a job that has keys in its environment.
fn with_keys<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    hands_out(scene, args)
        .args(["--no-input", "--mfa-serial", SERIAL])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
}

/// What a job says that uses the keys of its environment and keeps nothing.
fn of_the_environment(why: &str) -> String {
    formatdoc! {"
        warning: the session can't be saved: {why}
        using the access key from the environment (no profile given)
    "}
}

/// Shows that a job in `scene` gets its session by `exec` and by `export --format github`, and that
/// its `login` is refused, all for the reason `why`.
fn serves_a_job(scene: &Scene, prepare: impl Fn(Run<'_>) -> Run<'_>, why: &str) {
    let said = of_the_environment(why);
    let run = prepare(with_keys(scene, &["exec"])).args(PRINT_TOKEN);
    let ran = scene.works(run.check_stdout(|_| ()), &said, &[ISSUE]);
    assert_eq!(ran.stdout, format!("token {}\n", last_token(scene)));

    let job = scene.home.path().join("github_env");
    fs::write(&job, "").expect("the home is writable");
    fs::set_permissions(&job, Permissions::from_mode(0o666)).expect("the home is writable");
    let run = prepare(with_keys(scene, &["export", "--format", "github"]));
    let run = run.env("GITHUB_ENV", &job).check_stdout(|_| ());
    scene.works(run, &said, &[ISSUE]);
    let handed_over = fs::read_to_string(&job).expect("there");
    assert!(handed_over.contains(&last_token(scene)), "{why}");

    let run = prepare(scene.login_with_tripwire(&["--mfa-serial", SERIAL]))
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    scene.refuses(run, 1, &format!("error: {why}\nhint: {{*}}{WAY}\n"));
}

#[test]
fn a_job_with_a_read_only_home_and_no_folder_for_the_files_gets_its_session() {
    let scene = Scene::default();
    fs::remove_dir_all(scene.home.path().join(".aws")).expect("it is there");
    let script = "mkdir -m 755 /mnt/home && mount --bind /mnt/home /mnt/home && mount -o remount,ro,bind /mnt/home && exec \"$@\"";
    let script = format!("mount -t tmpfs none /mnt && {script}");
    let Some(scene) = scene.in_namespace(&script) else {
        return;
    };
    let why = "can't create the folder /mnt/home/.aws: read-only file system";
    serves_a_job(&scene, |run| run.env("HOME", "/mnt/home"), why);
}

#[test]
fn a_job_whose_home_or_files_are_no_place_for_files_gets_its_session() {
    let scene = Scene::default();
    let why = "can't create the folder /dev/null/.aws: not a directory";
    serves_a_job(&scene, |run| run.env("HOME", "/dev/null"), why);

    let scene = Scene::default();
    let lock = Path::new("/dev/null.awsmfa-default-mfa.lock");
    let was_there = lock.exists();
    let why = "can't write /dev/null: not a regular file";
    serves_a_job(
        &scene,
        |run| run.env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        why,
    );
    assert_eq!(lock.exists(), was_there, "a lock is left beside a device");
}

/// As in a container that runs as a user nobody knows.
#[test]
fn a_job_without_a_home_gets_its_session_and_a_profile_is_looked_for_nowhere() {
    let Some(scene) = Scene::default().by_other_user(54321) else {
        return;
    };
    let why = "there is no home folder to find the AWS credentials file in";
    serves_a_job(&scene, |run| run.env_remove("HOME"), why);
    let run = scene.login_with_tripwire(&["-p", "dev"]).env_remove("HOME");
    let said = indoc! {"
        error: there is no home folder to find the AWS config file in
        hint: set HOME, or set AWS_CONFIG_FILE to the file
    "};
    scene.refuses(run, 1, said);
}

/// No permission for the file, its folder or a place for a backup.
#[test]
fn files_of_another_user_keep_nobody_from_a_session() {
    let Some(scene) = Scene::default().by_other_user(65534) else {
        return;
    };
    let folder = scene.home.path().join(".aws");
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("root may");
    // Who can write the file has no place for its backup.
    for (owner, why) in [
        (
            0,
            "can't write {home}/.aws/credentials: permission denied; it belongs to root",
        ),
        (
            65534,
            "can't keep a backup of {home}/.aws/credentials while it is written: permission denied",
        ),
    ] {
        for name in ["config", "credentials"] {
            let path = folder.join(name);
            fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("root may");
            chown(&path, Some(owner), None).expect("root may");
        }
        let said = format!("warning: the session can't be saved: {why}\n");
        let run = hands_out(&scene, &["exec", "-p", "dev", "--", "true"]);
        scene.works(run, &said, &[ISSUE]);
    }
}

/// Where there is no place for the lock of a turn, the session is kept all the same.
#[test]
fn without_a_place_for_the_turns_lock_the_session_is_kept_and_that_is_said() {
    for command in ["login", "exec"] {
        let scene = Scene::default();
        let lock = scene
            .home
            .path()
            .join(".aws/credentials.awsmfa-dev-mfa.lock");
        fs::create_dir(lock).expect("there is room");
        fs::write(scene.home.path().join(".local"), "").expect("there is room");
        let said = "warning: the folder {home}/.aws can't hold a lock (is a directory): two sign-ins at once would each ask for a code\n";
        let run = hands_out(&scene, &[command, "-p", "dev"]);
        match command {
            "exec" => scene.works(run.args(["--", "true"]), said, &[ISSUE]),
            _ => scene.works(run, &format!("{said}{READY}"), &[ISSUE]),
        };
        assert!(scene.home.read_credentials().contains("[dev-mfa]"));
    }
}

/// Both sessions of a role's sign-in are lost to the file, and that is said once.
#[test]
fn a_role_is_reached_when_the_file_becomes_read_only_once_the_code_is_spent() {
    let Some(scene) = taken_away_after_the_rehearsal(alice().role("admin").needs_mfa().start())
    else {
        return;
    };
    let scene = scene.config(formatdoc! {"
        {CONFIG}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "});
    let gives = format!("touch go; echo {}", scene.aws.code(USER));
    let run = scene.run(&["exec", "-p", "admin", "--code-command", &gives]);
    let run = run.args(PRINT_TOKEN).may_show(Kind::Session);
    let said = "warning: the session can't be saved: can't write {home}/.aws/credentials: read-only file system; {*}\n";
    let ran = scene.works(run.check_stdout(|_| ()), said, &[ISSUE, ASSUME]);
    assert_eq!(ran.stdout, format!("token {}\n", last_token(&scene)));
}

/// Takes the files away once the edit is rehearsed, which it is when the code is read.
fn taken_away_after_the_rehearsal(aws: Aws) -> Option<Scene> {
    let script = indoc! {r#"
        mount -t tmpfs none /mnt && cp -p .aws/c* /mnt && mount -o remount,ro /mnt
        "$@" & run=$!
        until [ -e go ]; do sleep 0.01; done
        mount --bind /mnt .aws; wait $run
    "#};
    let scene = Scene::with(aws).in_namespace(script)?;
    scene
        .aws
        .fault(ISSUE, Fault::Delay(Duration::from_millis(1500)));
    Some(scene)
}

#[test]
fn a_file_that_becomes_read_only_once_the_code_is_spent_costs_no_session() {
    for args in [
        ["exec", "-p", "dev"].as_slice(),
        &["export", "-p", "dev", "--format", "json"],
        &["credential-process", "-p", "dev"],
    ] {
        let Some(scene) = taken_away_after_the_rehearsal(Aws::start()) else {
            return;
        };
        let gives = format!("touch go; echo {}", scene.aws.code(USER));
        let run = scene.run(args).args(["--code-command", &gives]);
        let run = if args[0] == "exec" {
            run.args(PRINT_TOKEN)
        } else {
            run
        };
        let said = "warning: the session can't be saved: can't write {home}/.aws/credentials: read-only file system; check what is there and who may use it\n";
        let run = run.may_show(Kind::Session).check_stdout(|_| ());
        let ran = scene.works(run, said, &[ISSUE]);
        assert!(ran.stdout.contains(&last_token(&scene)), "{args:?}");
        assert_eq!(scene.home.read_credentials(), CREDENTIALS);
    }
}

#[test]
fn a_login_that_can_not_save_says_which_commands_would_have_handed_the_session_out() {
    let Some(scene) = taken_away_after_the_rehearsal(Aws::start()) else {
        return;
    };
    let gives = format!("touch go; echo {}", scene.aws.code(USER));
    let run = scene.run(&["login", "-p", "dev", "--code-command", &gives]);
    let said = formatdoc! {"
        error: AWS issued a session, but it was not saved: can't write {{home}}/.aws/credentials: read-only file system
        hint: check what is there and who may use it; {WAY}
    "};
    run.status(1).stderr(said).run();
    assert_eq!(scene.home.read_credentials(), CREDENTIALS);
}

/// A refusal because of what stands in the target is one for those commands too, however late.
#[test]
fn long_term_keys_that_appear_in_the_target_once_the_code_is_spent_are_refused_as_ever() {
    let scene = Scene::default();
    let theirs = CREDENTIALS.replace("[dev]", "[dev-mfa]");
    fs::write(scene.home.path().join("theirs"), theirs).expect("the home is writable");
    let code = scene.aws.code(USER);
    let gives = format!("cat theirs >>.aws/credentials; echo {code}");
    let run = scene.run(&["exec", "-p", "dev", "--code-command", &gives]);
    let said = indoc! {"
        error: AWS issued a session, but it was not saved: profile dev-mfa is not overwritten: {*}
        hint: choose another profile for the session with --session-profile
    "};
    run.args(["--", "true"]).status(1).stderr(said).run();
}

/// A caller of `credential-process`, and the file with what it says.
fn caller(scene: &Scene, number: usize, args: &[&str]) -> (Child, std::path::PathBuf) {
    let path = scene.home.path().join(format!("said-{number}"));
    let mut command = scene.home.command(["credential-process", "-p", "dev"]);
    command.args(args).stdout(Stdio::piped());
    command.stderr(fs::File::create(&path).expect("the home is writable"));
    (command.spawn().expect("it runs"), path)
}

/// One asks, and there is nothing for the others to find: they don't ask one after the other.
#[test]
fn of_many_callers_the_one_that_asked_gets_the_session_and_the_others_the_reason() {
    let scene = Scene::default().in_namespace(&read_only(".aws"));
    let Some(scene) = scene else { return };
    let code = scene.aws.code(USER);
    let gate = format!("echo run >>runs; until [ -e go ]; do sleep 0.05; done; echo {code}");
    let first = caller(&scene, 0, &["--code-command", &gate]);
    wait_until("the first runs its command", || {
        scene.home.path().join("runs").exists()
    });
    // With a way to a code, and without one.
    let others: Vec<_> = (1..8)
        .map(|number| match number % 2 {
            0 => caller(&scene, number, &["--code-command", &gate]),
            _ => caller(&scene, number, &["--no-input"]),
        })
        .collect();
    let waiting = "waiting for another awsmfa that is signing in to dev-mfa\n";
    let read = |path: &Path| fs::read_to_string(path).expect("there");
    wait_until("the others wait", || {
        others.iter().all(|(_, path)| read(path) == waiting)
    });
    fs::write(scene.home.path().join("go"), "").expect("the home is writable");
    let end = |(child, path): (Child, std::path::PathBuf)| {
        let output = child.wait_with_output().expect("it ends");
        let stdout = String::from_utf8(output.stdout).expect("awsmfa prints UTF-8");
        (output.status.code(), stdout, read(&path))
    };
    let path = scene.home.credentials_path();
    let why = format!("can't write {}: read-only file system", path.display());
    let (status, stdout, said) = end(first);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(
        said,
        format!("warning: the session can't be saved: {why}\n")
    );
    assert!(stdout.contains(&last_token(&scene)));
    for other in others {
        let (status, stdout, said) = end(other);
        let expected = formatdoc! {"
            {waiting}error: the session of the other awsmfa that signed in to dev-mfa is not saved: {why}
            hint: check what is there and who may use it
        "};
        assert_eq!((status, stdout.as_str(), said), (Some(7), "", expected));
    }
    assert_eq!(read(&scene.home.path().join("runs")), "run\n");
    assert_eq!(scene.aws.actions(), [ISSUE]);
}

/// `logout` has nothing to hand out: it fails, and says why.
#[test]
fn a_logout_of_a_file_that_can_not_be_written_is_a_failure() {
    let credentials = CREDENTIALS.to_owned() + SESSION;
    let scene = Scene::with_files(CONFIG, credentials).in_namespace(&read_only(".aws"));
    let Some(scene) = scene else { return };
    let said = indoc! {"
        error: can't write {home}/.aws/credentials: read-only file system
        hint: check what is there and who may use it
    "};
    scene.fails(scene.run(&["logout", "-p", "dev"]), 1, said, &[]);
}
