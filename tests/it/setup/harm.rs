//! Makes the files unwritable, kills a setup at each of its file calls, and runs two at once: keys are
//! stored whole or not at all, and the next run continues.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use indoc::{formatdoc, indoc};

use super::{ASK, LINES, OTHER_ID, SAID, SAID_AGAIN, STORED, nobody, nobody_with};
use crate::scene::{
    CHANGES, Scene, alice, file_calls, file_names, from_first_file, need_strace, output_text,
    snapshot, spawn, traced, wait, wait_until,
};
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY};
use crate::support::home::Home;

/// Makes `path` read-only.
fn read_only(path: &str) -> String {
    format!("mount --bind {path} {path} && mount -o remount,ro,bind {path} && exec \"$@\"")
}

/// Puts the folder of both files on a full disk.
const FULL: &str = indoc! {r#"
    mount -t tmpfs -o size=64k,mode=700 none .aws
    cat /dev/zero >.aws/fill 2>/dev/null; exec "$@"
"#};

/// Puts the folder of both files on a disk that has no room for another file.
const NO_INODE: &str = indoc! {r#"
    mount -t tmpfs -o nr_inodes=1,mode=700 none .aws; exec "$@"
"#};

#[test]
fn files_that_can_not_be_written_are_reported_before_any_question_and_any_request() {
    for (script, why) in [
        (read_only(".aws"), "{*}: read-only file system"),
        (
            FULL.to_owned(),
            "can't write {home}/.aws/credentials: no space left on device",
        ),
        (
            NO_INODE.to_owned(),
            "can't lock {home}/.aws/credentials.awsmfa.lock: no space left on device",
        ),
    ] {
        let Some(scene) = nobody().in_namespace(&script) else {
            return;
        };
        let said = format!("error: {why}\nhint: {{*}}\n");
        let connections = scene.aws.connections();
        scene.fails(
            scene.setup(&["--region", "eu-west-1"]).stdin(LINES),
            1,
            &said,
            &[],
        );
        let screen = said.replace("{home}", &scene.home.path().to_string_lossy());
        scene.terminal(&["setup", "dev"]).start().ends(1, &screen);
        assert_eq!(scene.aws.connections(), connections);
    }
}

#[test]
fn a_config_file_that_can_not_be_written_only_prevents_storing_a_region() {
    let config = "[profile dev]\noutput = json\n";
    let Some(scene) = nobody()
        .config(config)
        .in_namespace(&read_only(".aws/config"))
    else {
        return;
    };
    let said = formatdoc! {"
        error: can't write {{home}}/.aws/config: read-only file system
        hint: {{*}}; or set the region there yourself: `region = eu-west-1`
    "};
    scene.fails(
        scene.setup(&["--region", "eu-west-1"]).stdin(LINES),
        1,
        &said,
        &[],
    );

    let config = "[profile dev]\nregion = eu-west-1\n";
    let scene = nobody()
        .config(config)
        .in_namespace(&read_only(".aws/config"));
    let scene = scene.expect("there was one before");
    scene.works(scene.setup(&["--no-login"]).stdin(LINES), SAID, &[ASK]);
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn new_files_and_their_folder_are_for_their_owner_alone() {
    let scene = nobody();
    fs::remove_dir(scene.home.path().join(".aws")).expect("it is empty");
    let run = scene.setup(&["--no-login", "--region", "eu-west-1"]);
    scene.works(run.stdin(LINES), SAID, &[ASK]);
    let mode = |path: std::path::PathBuf| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o7777
    };
    assert_eq!(mode(scene.home.credentials_path()), 0o600);
    assert_eq!(mode(scene.home.config_path()), 0o600);
    assert_eq!(mode(scene.home.path().join(".aws")), 0o700);
}

#[test]
fn a_file_that_others_can_read_stays_so_with_a_warning() {
    let scene = nobody().credentials("[other]\n");
    let open = Permissions::from_mode(0o644);
    fs::set_permissions(scene.home.credentials_path(), open).expect("the home is writable");
    let said = format!("warning: {{*}}credentials{{*}}\n{SAID}");
    scene.works(scene.setup(&["--no-login"]).stdin(LINES), &said, &[ASK]);
    let about = fs::metadata(scene.home.credentials_path()).expect("it is there");
    assert_eq!(about.permissions().mode() & 0o777, 0o644);
}

/// The deeds that change files or end a change, and the opening of files.
fn calls() -> Vec<&'static str> {
    CHANGES.into_iter().chain(["open"]).collect()
}

const CONFIG: &str = "[profile dev]\nregion = eu-west-1\n";

/// The home of somebody who has nothing but a file with a key.
fn home_with_file(aws: &Aws) -> Home {
    let home = Home::with(aws);
    let file = format!("Access key ID,Secret access key\n{KEY_ID},{SECRET_KEY}\n");
    fs::write(home.path().join("keys.csv"), file).expect("the home is writable");
    home
}

/// Runs a setup under strace, and returns whether it succeeded, its output, and the calls.
fn trace(home: &Home, inject: Option<&str>) -> (bool, String, String) {
    let args = [
        "setup",
        "dev",
        "--no-input",
        "--no-login",
        "--region",
        "eu-west-1",
    ];
    let command = home.command(args.iter().chain(&["--from-csv", "keys.csv"]));
    let (output, trace) = traced(home, &command, &calls(), inject);
    (output.status.success(), output_text(&output), trace)
}

/// The numbers of the calls after awsmfa created its first file.
fn calls_of_whole_run(aws: &Aws) -> Vec<(&'static str, usize)> {
    let (succeeded, said, trace) = trace(&home_with_file(aws), None);
    assert!(succeeded, "strace must work here: {said}");
    let names = calls();
    let calls = from_first_file(file_calls(&trace, &names));
    calls.map(|call| (call.name, call.number)).collect()
}

#[test]
fn after_a_kill_or_failure_at_any_file_call_the_keys_are_complete_or_absent() {
    need_strace();
    let aws = Aws::start();
    let calls = calls_of_whole_run(&aws);
    let (mut cases, mut hits) = (0, 0);
    for (call, number) in calls {
        for harm in ["signal=KILL", "error=ENOSPC", "error=EIO"] {
            let home = home_with_file(&aws);
            let inject = format!("inject={call}:{harm}:when={number}");
            let (succeeded, said, trace) = trace(&home, Some(&inject));
            cases += 1;
            let is_hit = |it: &&str| it.contains("(INJECTED)") || it.contains("killed by SIGKILL");
            let Some(hit) = trace.lines().find(is_hit) else {
                continue;
            };
            hits += 1;
            let story = format!("{inject}\n{hit}\n{said}");
            let (credentials, config) = (home.read_credentials(), home.read_config());
            assert!(
                ["", STORED].contains(&credentials.as_str()),
                "{credentials}\n{story}"
            );
            assert!(["", CONFIG].contains(&config.as_str()), "{config}\n{story}");
            assert!(
                !said.contains("panicked") && !said.contains(SECRET_KEY),
                "{story}"
            );
            let is_whole = credentials == STORED && config == CONFIG;
            let could_speak = !hit.contains("write(2,");
            assert!(!succeeded || is_whole, "it says what is not so: {story}");
            assert!(
                succeeded || !could_speak || harm == "signal=KILL" || said.contains("error: "),
                "{story}"
            );

            let (succeeded, said, _) = self::trace(&home, None);
            assert!(succeeded, "{said}\nafter {story}");
            assert_eq!(home.read_credentials(), STORED, "{story}");
            assert_eq!(home.read_config(), CONFIG, "{story}");
            let mut names = file_names(&home.path().join(".aws"));
            names.retain(|name| !name.ends_with(".lock"));
            assert_eq!(names, ["config", "credentials"], "after {story}");
        }
    }
    println!("{cases} runs, {hits} of them harmed");
    assert!(
        hits * 10 >= cases * 8,
        "only {hits} of {cases} runs were harmed"
    );
}

#[test]
fn if_two_run_at_once_one_pair_is_stored_complete() {
    let aws = alice().key(OTHER_ID, "other/secret/of/alice").start();
    for other in [KEY_ID, OTHER_ID] {
        let home = home_with_file(&aws);
        let secret = if other == KEY_ID {
            SECRET_KEY
        } else {
            "other/secret/of/alice"
        };
        let file = format!("Access key ID,Secret access key\n{other},{secret}\n");
        fs::write(home.path().join("other.csv"), file).expect("the home is writable");
        let args = ["setup", "dev", "--no-input", "--no-login", "--from-csv"];
        let runs: Vec<_> = ["keys.csv", "other.csv"]
            .iter()
            .map(|file| spawn(&mut home.command(args.iter().chain([file]))))
            .collect();
        let ended: Vec<_> = runs.into_iter().map(wait).collect();
        let done = ended.iter().filter(|it| it.status.success()).count();
        let stories: Vec<String> = ended.iter().map(output_text).collect();
        let stored = home.read_credentials();
        let theirs = STORED.replace(KEY_ID, other).replace(SECRET_KEY, secret);
        assert!(
            [STORED, &theirs].contains(&stored.as_str()),
            "{stored}\n{stories:?}"
        );
        assert_eq!(done, if other == KEY_ID { 2 } else { 1 }, "{stories:?}");
    }
}

/// What another program stores while AWS is asked is not replaced.
#[test]
fn keys_added_in_the_meantime_stay() {
    let scene = nobody_with(alice().start());
    let delay = Duration::from_millis(1500);
    scene.aws.fault(ASK, Fault::Delay(delay));
    let home = home_with_file(&scene.aws);
    let args = [
        "setup",
        "dev",
        "--no-input",
        "--no-login",
        "--from-csv",
        "keys.csv",
    ];
    let run = spawn(&mut home.command(args));
    wait_until("a request", || !scene.aws.requests().is_empty());
    let theirs = STORED.replace(KEY_ID, OTHER_ID).replace(SECRET_KEY, "hush");
    let home = home.credentials(&theirs);
    let before = snapshot(&home);
    let ended = wait(run);
    assert_eq!(ended.status.code(), Some(1), "{}", output_text(&ended));
    assert!(output_text(&ended).contains("it holds other keys"));
    assert_eq!(snapshot(&home), before);
}

/// Runs a setup of dev with `args`, and does `meanwhile` while AWS is asked.
fn while_aws_is_asked(
    scene: &Scene,
    args: &[&str],
    meanwhile: impl FnOnce(),
) -> std::process::Output {
    scene
        .aws
        .fault(ASK, Fault::Delay(Duration::from_millis(1500)));
    let file = format!("Access key ID,Secret access key\n{KEY_ID},{SECRET_KEY}\n");
    fs::write(scene.home.path().join("keys.csv"), file).expect("the home is writable");
    let base = [
        "setup",
        "dev",
        "--no-input",
        "--no-login",
        "--from-csv",
        "keys.csv",
    ];
    let run = spawn(&mut scene.home.command(base.iter().chain(args)));
    wait_until("a request", || !scene.aws.requests().is_empty());
    meanwhile();
    wait(run)
}

/// Beside the credentials file, `save_keys` looks at the config file as it was before the question.
#[test]
fn keys_and_roles_added_to_the_config_file_in_the_meantime_are_noticed() {
    for theirs in [
        format!("[profile dev]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = hush\n"),
        "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = base\n"
            .to_owned(),
        format!("[dev]\naws_access_key_id = {OTHER_ID}\n"),
        "[profile dev]\nsso_session = work\n".to_owned(),
        "[profile dev]\ncredential_process = vault\n".to_owned(),
    ] {
        let scene = nobody();
        let config = scene.home.config_path();
        let ended = while_aws_is_asked(&scene, &[], || {
            fs::write(&config, &theirs).expect("the home is writable");
        });
        assert_eq!(ended.status.code(), Some(1), "{}", output_text(&ended));
        assert_eq!(scene.home.read_credentials(), "", "{theirs}");
    }
}

/// The message says `profile dev is left unchanged`, and the profile has another region.
#[test]
fn a_setup_that_stores_no_keys_stores_no_region() {
    let scene = nobody();
    let theirs = STORED.replace(KEY_ID, OTHER_ID).replace(SECRET_KEY, "hush");
    let credentials = scene.home.credentials_path();
    let ended = while_aws_is_asked(&scene, &["--region", "us-gov-west-1"], || {
        fs::write(&credentials, &theirs).expect("the home is writable");
    });
    assert!(output_text(&ended).contains("profile dev is left unchanged"));
    assert_eq!(scene.home.read_config(), "", "{}", output_text(&ended));
}

/// Wherever another program sets one meanwhile.
#[test]
fn the_reported_region_is_the_stored_one() {
    for (is_config, theirs) in [
        (true, "[profile dev]\nregion = eu-west-1\n"),
        (false, "[dev]\nregion = eu-west-1\n"),
    ] {
        let scene = nobody();
        let path = match is_config {
            true => scene.home.config_path(),
            false => scene.home.credentials_path(),
        };
        let ended = while_aws_is_asked(&scene, &["--region", "us-gov-west-1"], || {
            fs::write(&path, theirs).expect("the home is writable");
        });
        let said = output_text(&ended);
        let told = format!(
            "stored access key {KEY_ID} in profile dev, which has region eu-west-1\nprofile dev keeps its region eu-west-1; us-gov-west-1 is for this run only\n"
        );
        assert!(said.contains(&told), "{said}");
        assert!(!scene.home.read_config().contains("us-gov-west-1"));
        assert!(scene.home.read_credentials().contains(KEY_ID), "{said}");
    }
}

/// Nothing has to be written, and a region that nobody named is suggested.
#[test]
fn if_everything_is_set_up_the_files_need_not_be_writable() {
    let script = "mount --bind .aws .aws && mount -o remount,ro,bind .aws && exec \"$@\"";
    let Some(scene) = Scene::default().config("").in_namespace(script) else {
        return;
    };
    let run = scene.setup(&["--no-login"]);
    let said = SAID_AGAIN.replace("{*}", "no region");
    scene.works(
        run.check_stderr(|it| assert!(!it.contains("ap-southeast-2"), "{it}")),
        &said,
        &[ASK],
    );
}

/// With everything there and no region to store, not even the config file's lock is created.
#[test]
fn if_everything_is_set_up_the_folder_is_left_as_it_is() {
    let scene = Scene::default();
    fs::remove_file(scene.home.config_path()).expect("the scene has it");
    let names = || file_names(&scene.home.path().join(".aws"));
    let before = names();
    scene.setup(&["--no-login"]).check_stderr(|_| ()).run();
    assert_eq!(names(), before);
}

/// The region used in a rehearsal is made up.
#[test]
fn no_region_is_suggested_before_one_is_chosen() {
    let Some(scene) = nobody()
        .config("[profile dev]\n")
        .in_namespace(&read_only(".aws/config"))
    else {
        return;
    };
    let screen = format!(
        "error: can't write {}/.aws/config: read-only file system\nhint: {{*}}or set a region there yourself\n",
        scene.home.path().display()
    );
    scene.terminal(&["setup", "dev"]).start().ends(1, &screen);
}
