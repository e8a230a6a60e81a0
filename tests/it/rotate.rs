//! Tests `rotate`: an access key replaces another, there is always one that works, and none is deleted
//! unasked.

mod calls;
// It kills runs with signals.
#[cfg(unix)]
mod harm;
mod odd;
mod others;
#[cfg(unix)]
mod terminal;
mod undo;

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

use crate::scene::{CONFIG, CREDENTIALS, Scene, alice, snapshot};
use crate::support::aws::{Aws, Builder, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::policies;
use crate::support::run::Run;

const WHO: &str = "GetCallerIdentity";
const LIST: &str = "ListAccessKeys";
const CREATE: &str = "CreateAccessKey";
const UPDATE: &str = "UpdateAccessKey";
const DELETE: &str = "DeleteAccessKey";
const ISSUE: &str = "GetSessionToken";
const USED: &str = "GetAccessKeyLastUsed";

/// The requests of a rotation with a session.
const REQUESTS: [&str; 6] = [WHO, LIST, CREATE, WHO, WHO, UPDATE];

/// What a rotation says about `profiles` if the old key stays.
fn said(profiles: &str) -> String {
    let profile = profiles.split(" now").next().unwrap_or_default();
    formatdoc! {"
        rotating the access key {KEY_ID} of alice: {profile}
        created access key AKIA{{*}}
        waiting for AWS to accept AKIA{{*}}, usually about 15 s, 90 s at most
        {profiles} AKIA{{*}}
        deactivated {KEY_ID}
        {KEY_ID} stays, inactive: `awsmfa rotate --undo --profile dev` goes back to it, `awsmfa rotate --delete-old --profile dev` deletes it, and so does a rotation after {{*}}
    "}
}

/// The first line of every run that gets as far as AWS's list.
const BEGIN: &str = "rotating the access key AKIA{*} of alice: profile dev\n";

/// Alice, who has signed in.
fn signed_in(builder: Builder) -> Scene {
    let scene = Scene::with(builder.start());
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

fn rotate<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    scene.run(&["rotate", "dev", "--no-input"]).args(args)
}

/// The ids of alice's active keys, and of her inactive ones.
fn ids(aws: &Aws) -> (Vec<String>, Vec<String>) {
    let (active, inactive): (Vec<_>, Vec<_>) = aws.keys().into_iter().partition(|it| it.2);
    let ids = |keys: Vec<(String, String, bool)>| keys.into_iter().map(|it| it.0).collect();
    (ids(active), ids(inactive))
}

/// The value of `key` in `[section]` of `text`.
fn value(text: &str, section: &str, key: &str) -> Option<String> {
    let header = format!("[{section}]");
    let lines = text.lines().skip_while(|line| *line != header).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('['));
    lines.find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

/// Checks that the pair in `[section]` of `text` signs requests.
fn works(aws: &Aws, text: &str, section: &str) -> String {
    let id = value(text, section, "aws_access_key_id").expect("an id");
    let secret = value(text, section, "aws_secret_access_key").expect("a secret");
    let pair = (id.clone(), secret, true);
    assert!(aws.keys().contains(&pair), "{section}: {text}");
    id
}

#[test]
fn a_new_key_replaces_the_old_one_and_the_session_keeps_working() {
    let scene = signed_in(alice());
    let session = scene.home.read_credentials();
    let config = scene.home.read_config();
    scene.works(
        rotate(&scene, &[]),
        &said("profile dev now uses"),
        &REQUESTS,
    );
    let credentials = scene.home.read_credentials();
    let new = works(&scene.aws, &credentials, "dev");
    assert_ne!(new, KEY_ID);
    assert_eq!(
        ids(&scene.aws),
        (vec![new.clone()], vec![KEY_ID.to_owned()])
    );
    // Only the lines of the key have changed, and the old pair waits beside them.
    let expected = session
        .replacen(KEY_ID, &new, 1)
        .replace(
            &format!("awsmfa_access_key_id = {KEY_ID}"),
            &format!("awsmfa_access_key_id = {new}"),
        )
        .replacen(
            SECRET_KEY,
            &value(&credentials, "dev", "aws_secret_access_key").expect("a secret"),
            1,
        );
    let kept = credentials
        .lines()
        .filter(|line| !line.starts_with("awsmfa_previous_"))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    assert_eq!(kept, expected);
    let previous = |key: &str| value(&credentials, "dev", &format!("awsmfa_previous_{key}"));
    assert_eq!(previous("access_key_id").as_deref(), Some(KEY_ID));
    assert_eq!(previous("secret_access_key").as_deref(), Some(SECRET_KEY));
    assert!(previous("deactivated").is_some());
    assert!(!credentials.contains("awsmfa_next_"), "{credentials}");
    assert_eq!(scene.home.read_config(), config);
    // The kept session now counts as made with the new key.
    let sent = scene.aws.actions().len();
    scene.run(&["login", "-p", "dev", "--no-input", "-q"]).run();
    assert_eq!(scene.aws.actions().len(), sent, "no new session");
    scene.login(&["-p", "dev", "--force", "-q"]).run();
}

#[test]
fn without_a_session_a_code_signs_in_first_and_the_json_reports_both_keys() {
    let scene = Scene::with(alice().start());
    let code = scene.aws.code(USER);
    let ran = rotate(&scene, &["--json", "--code", &code, "-q"])
        .check_stdout(|_| {})
        .run();
    assert_eq!(
        scene.aws.actions(),
        [WHO, ISSUE, LIST, CREATE, WHO, WHO, UPDATE]
    );
    let new = works(&scene.aws, &scene.home.read_credentials(), "dev");
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let expected = json!({
        "profile": "dev",
        "access_key_id": new,
        "rotated": true,
        "profiles": ["dev"],
        "old_access_key_id": KEY_ID,
        "old_state": "inactive",
    });
    assert_eq!(told, expected);
}

#[test]
fn every_profile_with_the_key_in_either_file_gets_the_new_one() {
    let config = format!(
        "{CONFIG}[profile ci]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET_KEY}\nregion = eu-west-1\n[profile other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = {SECRET_KEY}\n"
    );
    let twice = CREDENTIALS.replace("[dev]", "[default]") + CREDENTIALS;
    let scene = Scene::with(alice().start())
        .config(&config)
        .credentials(&twice);
    let code = scene.aws.code(USER);
    let profiles = "profiles default, dev, ci now use";
    rotate(&scene, &["--code", &code])
        .stderr(said(profiles))
        .run();
    let credentials = scene.home.read_credentials();
    let new = works(&scene.aws, &credentials, "dev");
    assert_eq!(works(&scene.aws, &credentials, "default"), new);
    let after = scene.home.read_config();
    assert_eq!(works(&scene.aws, &after, "profile ci"), new);
    assert!(!after.contains(KEY_ID), "{after}");
    assert_eq!(
        value(&after, "profile other", "aws_access_key_id").as_deref(),
        Some("AKIAOTHER")
    );
    // What is left to do is recorded once.
    assert_eq!(
        credentials.matches("awsmfa_previous_access_key_id").count(),
        1
    );
}

#[test]
fn keys_in_the_config_file_are_rotated_there() {
    let config = formatdoc! {"
        [profile dev]
        region = eu-central-1
        aws_access_key_id = {KEY_ID}
        aws_secret_access_key = {SECRET_KEY}
        mfa_serial = arn:aws:iam::123456789012:mfa/alice
    "};
    let scene = Scene::with(alice().start()).config(config).credentials("");
    let code = scene.aws.code(USER);
    rotate(&scene, &["--code", &code, "-q"]).run();
    let after = scene.home.read_config();
    works(&scene.aws, &after, "profile dev");
    // A login carries the secrets of the rotation nowhere.
    scene.login(&["-p", "dev", "--force", "-q"]).run();
    let after = scene.home.read_config();
    let session = after.split("[profile dev-mfa]").nth(1).unwrap_or_default();
    assert!(!session.contains("previous"), "{after}");
}

#[test]
fn the_old_key_is_deleted_on_request() {
    let scene = signed_in(alice());
    let run = rotate(&scene, &["--delete-old", "--json"]);
    let ran = run.check_stdout(|_| {}).check_stderr(|_| {}).run();
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(told["old_state"], "deleted");
    assert!(
        ran.stderr
            .ends_with(&format!("deleted access key {KEY_ID}\n")),
        "{}",
        ran.stderr
    );
    let credentials = scene.home.read_credentials();
    let new = works(&scene.aws, &credentials, "dev");
    assert_eq!(ids(&scene.aws), (vec![new], vec![]));
    assert!(!credentials.contains("previous"), "{credentials}");
    let actions = scene.aws.actions();
    assert_eq!(actions.last().map(String::as_str), Some(DELETE));
}

#[test]
fn policies_that_enforce_mfa_allow_it_with_a_session() {
    for (partition, user) in [("aws", USER), ("aws-cn", "division/alice")] {
        let aws = Aws::builder()
            .partition(partition)
            .user(user)
            .policy(&policies::for_partition("force-mfa", partition))
            .policy(&policies::for_partition("manage-mfa", partition))
            .key(KEY_ID, SECRET_KEY)
            .device(USER, crate::scene::DEVICE_SECRET)
            .start();
        let scene =
            Scene::with(aws).config(CONFIG.replace("arn:aws:", &format!("arn:{partition}:")));
        let code = scene.aws.code(USER);
        rotate(&scene, &["--code", &code, "-q", "--delete-old"]).run();
        works(&scene.aws, &scene.home.read_credentials(), "dev");
        assert_eq!(scene.aws.keys().len(), 1);
    }
}

#[test]
fn it_waits_until_aws_accepts_the_key_twice_in_a_row() {
    let scene = signed_in(alice().delays(TimeDelta::zero(), TimeDelta::seconds(3)));
    rotate(&scene, &["-q"]).run();
    let actions = scene.aws.actions();
    let asked = actions.iter().filter(|it| *it == WHO).count();
    assert!((5..=9).contains(&asked), "{actions:?}");
    works(&scene.aws, &scene.home.read_credentials(), "dev");
    // An answer in between that AWS does not know the key restarts the count.
    let scene = signed_in(alice());
    let unknown = Fault::Error {
        status: 403,
        code: "InvalidClientTokenId",
        message: "The security token included in the request is invalid.",
    };
    // After who, list and create, the first attempt is the fourth request.
    scene.aws.fault_at(5, unknown);
    let requests = [WHO, LIST, CREATE, WHO, WHO, WHO, WHO, UPDATE];
    scene.works(
        rotate(&scene, &[]),
        &said("profile dev now uses"),
        &requests,
    );
}

#[test]
fn a_session_too_old_for_a_policy_is_renewed_once() {
    for action in [LIST, CREATE] {
        let scene = signed_in(alice());
        scene.aws.fault(action, Fault::Denied { explicit: true });
        let code = scene.aws.code(USER);
        let again = "the saved session can't be used ({*}); signing in again\n";
        let run = rotate(&scene, &["--code", &code]);
        let told = said("profile dev now uses");
        let (begin, rest) = told.split_once('\n').expect("lines");
        run.stderr(format!("{begin}\n{again}{rest}")).run();
        works(&scene.aws, &scene.home.read_credentials(), "dev");
        assert_eq!(scene.aws.keys().len(), 2);
    }
}

/// Makes a run that is refused, and checks that no key was created and no file changed.
fn refused(scene: &Scene, run: Run<'_>, status: i32, said: &str) {
    let before = snapshot(&scene.home);
    run.status(status).stderr(said).run();
    assert_eq!(snapshot(&scene.home), before, "files");
    assert!(
        !scene.aws.actions().iter().any(|it| it == CREATE),
        "created"
    );
}

#[test]
fn keys_that_can_not_be_stored_are_refused_before_anything_is_asked() {
    let process = Scene::with_files("[profile dev]\ncredential_process = touch ran\n", "");
    let told = indoc! {"
        error: the access key of profile dev comes from a credential_process, which would have to store the new one itself
        hint: rotate it with the program that keeps it
    "};
    process.refuses(rotate(&process, &[]), 1, told);
    assert!(!process.home.path().join("ran").exists());
    let scene = Scene::default();
    let told = indoc! {"
        error: the access key comes from the environment, where a new one can't be stored
        hint: use --profile with the profile that holds the key
    "};
    let run = scene.run(&["rotate", "--no-input"]);
    let run = run.env("AWS_ACCESS_KEY_ID", KEY_ID);
    scene.refuses(run.env("AWS_SECRET_ACCESS_KEY", SECRET_KEY), 1, told);
}

#[test]
fn the_root_users_key_is_refused_in_favour_of_the_console() {
    let scene = Scene::with(Aws::builder().root().key(KEY_ID, SECRET_KEY).start());
    let told = indoc! {"
        error: the keys of profile dev belong to the account's root user, whose devices and keys are managed in the AWS console
        hint: use the keys of an IAM user; AWS advises against having root keys at all
    "};
    scene.fails(rotate(&scene, &[]), 1, told, &[WHO]);
}

#[test]
fn a_file_that_can_not_be_written_is_found_before_a_key_is_created() {
    for name in ["config", "credentials"] {
        let scene = Scene::with(alice().start());
        let config = format!(
            "{CONFIG}[profile ci]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET_KEY}\n"
        );
        let scene = scene.config(config);
        let lock = scene.home.path().join(format!(".aws/{name}.awsmfa.lock"));
        std::fs::create_dir(lock).expect("there is room");
        let told = format!("error: {{*}}{name}{{*}}; no key was created\nhint: {{*}}\n");
        let run = rotate(&scene, &["--code-command", "echo 1> asked"]);
        refused(&scene, run, 1, &told);
        assert!(!scene.home.path().join("asked").exists());
        assert_eq!(scene.aws.actions(), [WHO]);
    }
}

#[test]
fn a_pair_that_can_not_be_replaced_as_a_whole_is_left_alone() {
    let dev = format!("[dev]\naws_access_key_id = {KEY_ID}\n");
    let secret = format!("aws_secret_access_key = {SECRET_KEY}\n");
    for (config, credentials, told) in [
        (
            format!("{CONFIG}{secret}"),
            dev.clone(),
            "the access key of profile dev can't be replaced: its id and its secret are in two places",
        ),
        (
            CONFIG.to_owned(),
            format!("[dev]\naws_access_key_id = AKIAHIDDEN\n{secret}{dev}"),
            "the access key of profile dev can't be replaced: it holds long-term keys (line 2 of the credentials file)",
        ),
        (
            format!("{CONFIG}[profile ci]\n{secret}"),
            format!("{dev}{secret}[ci]\naws_access_key_id = {KEY_ID}\n"),
            "the access key of profile ci can't be replaced: its id and its secret are in two places",
        ),
        (
            CONFIG.to_owned(),
            format!("{dev}  x = 1\n{secret}"),
            "in profile dev, aws_access_key_id holds a line break (line 3 of the credentials file)",
        ),
    ] {
        let scene = Scene::with(alice().start())
            .config(config)
            .credentials(credentials);
        let run = rotate(&scene, &["--code-command", "touch asked"]);
        refused(&scene, run, 1, &format!("error: {told}\nhint: {{*}}\n"));
        assert!(!scene.home.path().join("asked").exists());
    }
}

#[test]
fn it_does_not_begin_if_nobody_can_be_asked_for_a_code() {
    let scene = Scene::with(alice().start());
    let told =
        format!("{BEGIN}error: {{*}} needs a code, and --no-input forbids{{*}}\nhint: {{*}}\n");
    refused(&scene, rotate(&scene, &[]), 7, &told);
}

#[test]
fn a_call_that_aws_refuses_changes_nothing() {
    for (action, fault, status) in [
        (WHO, Fault::Throttled, 6),
        (LIST, Fault::Throttled, 6),
        (CREATE, Fault::Throttled, 6),
        (CREATE, Fault::Status(503), 6),
        (CREATE, Fault::Denied { explicit: true }, 5),
    ] {
        let scene = signed_in(alice());
        let before = scene.home.read_credentials();
        scene.aws.fault_always(action, fault);
        let code = scene.aws.code(USER);
        let run = rotate(&scene, &["--code", &code]).status(status);
        run.check_stderr(|_| {}).run();
        assert_eq!(scene.aws.keys().len(), 1, "{action} {fault:?}");
        let after = scene.home.read_credentials();
        // A renewed session differs.
        assert!(!after.contains("awsmfa_next"), "{after}");
        assert_eq!(
            after.lines().take(4).collect::<Vec<_>>(),
            before.lines().take(4).collect::<Vec<_>>()
        );
        scene.aws.heal();
        rotate(&scene, &["-q"]).run();
        works(&scene.aws, &scene.home.read_credentials(), "dev");
    }
}

#[test]
fn the_source_of_a_role_is_rotated_and_the_roles_session_is_still_recognised() {
    let config = format!(
        "{CONFIG}[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = dev\n"
    );
    let scene = Scene::with(alice().role("admin").start()).config(config);
    scene.login(&["-p", "admin", "-q"]).run();
    let run = scene.run(&["rotate", "admin", "--no-input", "-q"]);
    run.run();
    works(&scene.aws, &scene.home.read_credentials(), "dev");
    let sent = scene.aws.actions().len();
    scene
        .run(&["login", "-p", "admin", "--no-input", "-q"])
        .run();
    assert_eq!(scene.aws.actions().len(), sent, "no new session");
}

#[test]
fn a_failed_deactivation_leaves_both_keys_and_is_tried_again() {
    let scene = signed_in(alice());
    scene
        .aws
        .fault_always(UPDATE, Fault::Denied { explicit: true });
    let told = formatdoc! {"
        {BEGIN}created access key AKIA{{*}}
        waiting for AWS to accept AKIA{{*}}, usually about 15 s, 90 s at most
        profile dev now uses AKIA{{*}}
        error: AKIA{{*}} is in use, but {KEY_ID} may still be active: AWS refused iam:UpdateAccessKey: {{*}} (AccessDenied)
        hint: {{*}}; `awsmfa rotate --profile dev` tries that again
    "};
    rotate(&scene, &[]).status(5).stderr(told).run();
    let new = works(&scene.aws, &scene.home.read_credentials(), "dev");
    assert_eq!(ids(&scene.aws).0, [KEY_ID.to_owned(), new.clone()]);
    scene.aws.heal();
    let told = formatdoc! {"
        {BEGIN}finishing the rotation of {KEY_ID}
        deactivated {KEY_ID}
        {KEY_ID} stays, inactive: {{*}}
    "};
    scene.works(rotate(&scene, &[]), &told, &[WHO, LIST, UPDATE]);
    assert_eq!(ids(&scene.aws), (vec![new], vec![KEY_ID.to_owned()]));
}

#[test]
fn the_help_states_the_requirements() {
    let scene = Scene::default();
    let run = scene.run(&["rotate", "--help"]).check_stdout(|help| {
        for word in [
            "--delete-old",
            "--undo",
            "--json",
            "--no-input",
            "--code-command",
        ] {
            assert!(help.contains(word), "{word}");
        }
    });
    run.run();
    let run = scene.run(&["rotate", "--undo", "--delete-old"]).status(2);
    run.check_stderr(|_| {}).run();
}
