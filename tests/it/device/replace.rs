//! Tests `device replace`: the new device works and is named everywhere before the old one goes, so that
//! the user always has one.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

use crate::scene::{
    CONFIG, CREDENTIALS, DEVICE_SECRET, KEYS, PROMPT, READY, SERIAL, Scene, alice,
    alice_without_device, snapshot, wait_until,
};
use crate::support::aws::{Aws, Builder, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::policies;
use crate::support::run::Run;
use crate::support::terminal::{Session, Terminal};

const WHO: &str = "GetCallerIdentity";
const LIST: &str = "ListMFADevices";
const ISSUE: &str = "GetSessionToken";
const CREATE: &str = "CreateVirtualMFADevice";
const ENABLE: &str = "EnableMFADevice";
const DEACTIVATE: &str = "DeactivateMFADevice";
const DELETE: &str = "DeleteVirtualMFADevice";
const UNASSIGNED: &str = "ListVirtualMFADevices";

/// The serial of the device that replaces alice's.
const NEW: &str = "arn:aws:iam::123456789012:mfa/alice-2";
const PHONE: &str = "arn:aws:iam::123456789012:mfa/phone";
const HARDWARE: &str = "GAHT12345678";
const FIDO: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-7";

/// The requests of a replacement, from the list before the enrollment to the end.
const REPLACE: [&str; 7] = [LIST, CREATE, ENABLE, ISSUE, LIST, DEACTIVATE, DELETE];

const WAITING: &str = "waiting for the next code, in {*} s\nenrolled the MFA device arn:aws:iam::123456789012:mfa/alice-2\nwaiting about 15 s for AWS to accept the new device, then signing in\n";
const GONE: &str = "arn:aws:iam::123456789012:mfa/alice is deactivated and deleted: you can delete it from your app\n";
const MOVED: &str = "[profile dev] of the config file now names alice-2 instead of alice\n";
const USABLE: &str =
    "there is no saved session, so a code from alice is needed: can it still show one? [Y/n] ";
const ASKED: &str = "adding a device needs a code from one you already have\ncode for dev (device alice, account 123456789012): ";
const REPLACE_IT: &str = "replace arn:aws:iam::123456789012:mfa/alice (virtual, since {*})? [Y/n] ";
const ADMINISTRATOR: &str = "`aws iam deactivate-mfa-device --user-name alice --serial-number arn:aws:iam::123456789012:mfa/alice`, then `aws iam delete-virtual-mfa-device --serial-number arn:aws:iam::123456789012:mfa/alice`";

fn lost() -> String {
    formatdoc! {"
        error: alice can't replace this device without a code from it, another device, or a valid session
        hint: ask an administrator to remove it: {ADMINISTRATOR}; then enroll a new one with `awsmfa device enroll --profile dev`
    "}
}

/// A stand-in that accepts a new device at once.
fn start(builder: Builder) -> Scene {
    let builder = builder.delays(TimeDelta::zero(), TimeDelta::zero());
    Scene::with(builder.start())
}

fn signed_in(builder: Builder) -> Scene {
    let scene = start(builder);
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

/// A program in place of an authenticator app: it takes the secret, and prints codes once [`give_codes`]
/// has put them there.
fn program() -> [String; 4] {
    let codes = indoc! {"
        until test -e codes/next; do sleep 0.02; done
        if test -e given; then cat codes/next; else touch given; cat codes/first; fi
    "};
    ["--secret-command", "cat >seed", "--code-command", codes].map(str::to_owned)
}

/// Gives the program the codes of `device` once AWS has made it. Gives up if that takes too long: the
/// test will show what is wrong.
fn give_codes(scene: &Scene, device: &str) {
    let folder = scene.home.path().join("codes");
    let name = format!(":mfa/{device}");
    for _ in 0..1500 {
        if scene
            .aws
            .devices()
            .iter()
            .any(|(it, _)| it.ends_with(&name))
        {
            fs::create_dir_all(&folder).expect("there is room");
            for (name, steps) in [("first", 0), ("next", 1)] {
                let code = scene.aws.code_at(device, steps);
                fs::write(folder.join(name), code + "\n").expect("there is room");
            }
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn replace<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    scene.run(&["device", "replace", "-p", "dev"]).args(args)
}

/// Lets `run` use the program, which prints the codes of `device`.
fn by_program<'a>(run: Run<'a>) -> Run<'a> {
    run.args(program())
}

/// Checks that a run enrolls `alice-2` and makes exactly these requests.
fn works(scene: &Scene, run: Run<'_>, stderr: &str, actions: &[&str]) -> String {
    thread::scope(|scope| {
        scope.spawn(|| give_codes(scene, "alice-2"));
        scene.works(by_program(run), stderr, actions).stdout
    })
}

fn terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene
        .terminal(&["device", "replace", "-p", "dev"])
        .args(args)
        .args(["--secret-command", "cat >seed"])
}

fn type_pair(terminal: &mut Session<'_>, aws: &Aws, device: &str) -> [String; 2] {
    terminal.sees(&format!("code of {device}: "));
    // It exists by now.
    let codes = [0, 1].map(|steps| aws.code_at(device, steps));
    terminal.types(&codes[0]);
    terminal.sees(&format!("next code of {device}: "));
    terminal.types(&codes[1]);
    codes
}

fn owned(aws: &Aws) -> Vec<String> {
    let devices = aws.devices().into_iter();
    let owned = devices.filter(|(_, user)| user.as_deref() == Some(USER));
    owned.map(|(serial, _)| serial).collect()
}

#[test]
fn the_new_device_works_and_is_saved_before_the_old_one_is_removed() {
    let config = formatdoc! {"
        # mine
        [profile dev]
        region = eu-central-1
        mfa_serial = {SERIAL}
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
        mfa_serial = {SERIAL}
        [profile phone]
        mfa_serial = {PHONE}
        note = {SERIAL}
    "};
    let credentials = formatdoc! {"
        [dev]
        {KEYS}mfa_serial = {SERIAL}

        [old]
        aws_access_key_id = ASIA9
        aws_secret_access_key = hush9hush9hush9
        aws_session_token = token9token9token9
        awsmfa_source_profile = dev
        awsmfa_mfa_serial = {SERIAL}
    "};
    let scene = signed_in(alice()).config(&config).credentials(&credentials);
    scene.login(&["-p", "dev", "-q"]).run();
    let (before, sections) = (scene.home.read_config(), scene.home.read_credentials());
    let said = formatdoc! {"
        {WAITING}[profile dev] of the config file, [profile admin] of the config file, [dev] of the credentials file, [old] of the credentials file now name alice-2 instead of alice
        {GONE}{READY}"};
    let requests = [&[WHO, LIST], &REPLACE[..]].concat();
    works(&scene, replace(&scene, &["alice"]), &said, &requests);
    assert_eq!(
        scene.aws.devices(),
        [(NEW.to_owned(), Some(USER.to_owned()))]
    );
    let moved = |text: &str| {
        let lines = text.lines().map(|line| match line.split_once('=') {
            Some((key, _)) if key.to_lowercase().contains("mfa_serial") => {
                line.replace(SERIAL, NEW)
            }
            _ => line.to_owned(),
        });
        lines.map(|line| line + "\n").collect::<String>()
    };
    assert_eq!(scene.home.read_config(), moved(&before));
    let after = scene.home.read_credentials();
    let (mine, _) = after.split_once("\n[dev-mfa]").expect("a session");
    let (was, _) = sections.split_once("\n[dev-mfa]").expect("a session");
    assert_eq!(mine, moved(was).trim_end_matches('\n').to_owned() + "\n");
    assert!(
        after.contains(&format!("awsmfa_mfa_serial = {NEW}\n")),
        "{after}"
    );
    assert!(!after.contains(&format!("{SERIAL}\n")), "{after}");
    // The last session was made with the new device, and removes the old one.
    let requests = scene.aws.requests();
    let signed = |action: &str| {
        let mut those = requests.iter().filter(|it| it.call.action == action);
        those.next_back().expect("a request").access_key_id.clone()
    };
    let session = scene.aws.sessions().pop().expect("a session");
    assert_eq!(signed(DEACTIVATE), session.access_key_id);
    assert_ne!(signed(ENABLE), session.access_key_id);
}

#[test]
fn without_a_session_a_code_of_the_old_device_is_asked_for_first() {
    let scene = start(alice());
    let run = replace(&scene, &[]).env("AWSMFA_CODE", scene.aws.code(USER));
    let requests = [&[WHO, LIST, LIST, ISSUE], &REPLACE[1..]].concat();
    let said = format!("{WAITING}{MOVED}{GONE}{READY}");
    works(&scene, run, &said, &requests);
    assert_eq!(owned(&scene.aws), [NEW]);
}

#[test]
fn policies_that_enforce_mfa_allow_it_and_one_with_a_maximum_age_takes_a_code() {
    for partition in ["aws", "aws-us-gov"] {
        let aws = Aws::builder()
            .partition(partition)
            .user("division/alice")
            .policy(&policies::for_partition("force-mfa", partition))
            .policy(&policies::for_partition("manage-mfa", partition))
            .key(KEY_ID, SECRET_KEY)
            .device(USER, DEVICE_SECRET);
        let scene = start(aws);
        let old = scene.aws.serial(USER);
        let config = format!("[profile dev]\nregion = eu-central-1\nmfa_serial = {old}\n");
        let scene = scene.config(config);
        scene.login(&["-p", "dev", "-q"]).run();
        // As for a session that is older than the policy allows.
        scene.aws.fault(CREATE, Fault::Denied { explicit: true });
        let run = replace(&scene, &["alice", "-q"]).env("AWSMFA_CODE", scene.aws.code(USER));
        let requests = [WHO, LIST, LIST, CREATE, ISSUE];
        let requests = [&requests[..], &REPLACE[1..]].concat();
        works(&scene, run, "", &requests);
        let new = scene.aws.serial("alice-2");
        assert_eq!(owned(&scene.aws), [new.as_str()]);
        assert!(scene.home.read_config().contains(&new));
    }
}

#[test]
fn json_names_both_devices_and_the_session() {
    let scene = signed_in(alice());
    let run = replace(&scene, &["--old", "alice", "--json", "-q"]).check_stdout(|_| {});
    let requests = [&[WHO, LIST], &REPLACE[..]].concat();
    let printed = works(&scene, run, "", &requests);
    let value: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(
        value,
        json!({
            "mfa_serial": NEW,
            "kind": "virtual",
            "enabled": null,
            "for_sessions": true,
            "used_by_profile": true,
            "replaced": SERIAL,
            "deleted": true,
            "profile": "dev-mfa",
        })
    );
}

#[test]
fn hardware_and_fido_devices_are_replaced_through_another_one_or_a_kept_session() {
    for (word, serial) in [(HARDWARE, HARDWARE), ("key-7", FIDO)] {
        let builder = alice()
            .enabled_at("2020-01-01T00:00:00Z")
            .hardware(HARDWARE, DEVICE_SECRET)
            .fido("key-7");
        let scene = start(builder);
        let run = replace(&scene, &[word]).env("AWSMFA_CODE", scene.aws.code(USER));
        let said = format!("{WAITING}{serial} is deactivated\n{READY}");
        let requests = [
            WHO, LIST, LIST, ISSUE, CREATE, ENABLE, ISSUE, LIST, DEACTIVATE,
        ];
        works(&scene, run.args(["--name", "alice-2"]), &said, &requests);
        assert!(!owned(&scene.aws).contains(&serial.to_owned()));
        assert_eq!(owned(&scene.aws).len(), 3);
        assert_eq!(scene.home.read_config().matches(SERIAL).count(), 1);
    }
}

#[test]
fn with_eight_devices_they_are_listed_and_nothing_is_created() {
    let mut builder = alice();
    for number in 2..=8 {
        builder = builder.device(&format!("alice-{number}"), DEVICE_SECRET);
    }
    let scene = signed_in(builder.enabled_at("2020-01-01T00:00:00Z"));
    let all: Vec<String> = owned(&scene.aws);
    let said = formatdoc! {"
        error: alice has 8 MFA devices, as many as AWS allows: {}
        hint: remove one first with `awsmfa device remove --profile dev`, or name one of them with --new
    ", all.join(", ")};
    let mut chooses = terminal(&scene, &["alice-8"]).start();
    chooses.sees("which one? ");
    chooses.types("8");
    chooses.sees("error: ");
    drop(chooses);
    assert_eq!(scene.aws.devices().len(), 8);
    let scene = {
        let mut builder = alice();
        for number in 2..=8 {
            builder = builder
                .device(&format!("alice-{number}"), DEVICE_SECRET)
                .enabled_at("2020-01-01T00:00:00Z");
        }
        signed_in(builder)
    };
    let run = by_program(replace(&scene, &["alice"]));
    scene.fails(run, 1, &said, &[WHO, LIST]);
}

#[test]
fn without_a_session_a_lost_device_needs_an_administrator() {
    let scene = start(alice());
    let run = by_program(replace(&scene, &["--lost"]));
    scene.fails(run, 7, &lost(), &[WHO, LIST]);
    // A kept session is enough.
    let scene = signed_in(alice());
    let requests = [&[WHO, LIST], &REPLACE[..]].concat();
    let said = format!("{WAITING}{MOVED}{GONE}{READY}");
    works(
        &scene,
        replace(&scene, &["alice", "--lost"]),
        &said,
        &requests,
    );
    // Unless a policy finds it too old; but nobody is asked for a code that they can't have.
    let scene = signed_in(alice());
    scene
        .aws
        .fault_always(CREATE, Fault::Denied { explicit: true });
    let run = by_program(replace(&scene, &["--lost"]));
    scene.fails(run, 7, &lost(), &[WHO, LIST, LIST, CREATE, LIST]);
    assert_eq!(owned(&scene.aws), [SERIAL]);
}

#[test]
fn without_a_code_it_says_how_to_give_one() {
    let scene = start(alice());
    let said = indoc! {"
        error: profile dev needs a code, and there is no terminal to ask on
        hint: sign in first with `awsmfa login --profile dev`, or put its code in AWSMFA_CODE; use --lost if it can't show one
    "};
    let run = by_program(replace(&scene, &["alice"]));
    scene.fails(run, 7, said, &[WHO, LIST, LIST, LIST]);
    assert_eq!(scene.aws.devices().len(), 1);
}

#[test]
fn another_device_signs_in_instead_of_the_lost_one() {
    let scene = start(
        alice_without_device()
            .device("phone", DEVICE_SECRET)
            .enabled_at("2020-01-01T00:00:00Z")
            .device(USER, DEVICE_SECRET),
    );
    let run = replace(&scene, &["alice", "--lost"]).env("AWSMFA_CODE", scene.aws.code("phone"));
    let requests = [&[WHO, LIST, LIST, ISSUE], &REPLACE[1..]].concat();
    let said = format!("{WAITING}{MOVED}{GONE}{READY}");
    works(&scene, run, &said, &requests);
    let requests = scene.aws.requests();
    assert_eq!(requests[3].call.param("SerialNumber"), Some(PHONE));
    assert_eq!(owned(&scene.aws), [PHONE, NEW]);
}

/// Alice with `alice`, and with `alice-2`, which she enrolled later.
fn with_a_later_one() -> Builder {
    alice()
        .enabled_at("2020-01-01T00:00:00Z")
        .device("alice-2", DEVICE_SECRET)
}

#[test]
fn an_existing_device_takes_over_after_it_has_signed_in() {
    let scene = signed_in(with_a_later_one());
    let run = replace(&scene, &["alice", "--new", "alice-2"])
        .env("AWSMFA_CODE", scene.aws.code("alice-2"));
    let said = format!("{MOVED}{GONE}{READY}");
    scene.works(run, &said, &[WHO, LIST, ISSUE, LIST, DEACTIVATE, DELETE]);
    assert_eq!(owned(&scene.aws), [NEW]);
    let requests = scene.aws.requests();
    assert_eq!(requests[3].call.param("SerialNumber"), Some(NEW));
    assert!(!scene.home.read_config().contains(&format!("{SERIAL}\n")));
    // If it does not work, nothing is touched.
    let scene = signed_in(with_a_later_one());
    let before = snapshot(&scene.home);
    replace(&scene, &["alice", "--new", "alice-2"])
        .env("AWSMFA_CODE", scene.aws.code_at("alice-2", 40))
        .status(4)
        .check_stderr(|it| assert!(it.contains("AWS refused the code"), "{it}"))
        .run();
    assert_eq!(owned(&scene.aws).len(), 2);
    assert_eq!(snapshot(&scene.home), before);
}

#[cfg(unix)]
#[test]
fn no_code_is_spent_while_another_run_changes_the_devices() {
    let scene = signed_in(with_a_later_one());
    let mut first = scene
        .terminal(&["device", "remove", "-p", "dev", "alice-2"])
        .start();
    first.sees("[y/N] ");
    let said = indoc! {"
        error: another awsmfa is changing the devices of alice
        hint: wait for it to finish, or stop it
    "};
    let run = replace(&scene, &["alice", "--new", "alice-2"]);
    let run = run.args(["--code-command", "touch code-was-read"]);
    scene.fails(run, 1, said, &[WHO, LIST]);
    assert!(!scene.home.path().join("code-was-read").exists());
    first.presses("\x03");
    first.sees("cancelled");
}

#[test]
fn if_the_new_device_is_gone_by_then_the_old_one_stays() {
    let scene = signed_in(with_a_later_one());
    scene.aws.fault_at(4, Fault::Delay(Duration::from_secs(4)));
    let elsewhere = Home::with(&scene.aws)
        .credentials(CREDENTIALS)
        .config(CONFIG);
    let sent = scene.aws.requests().len();
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("the list", || scene.aws.requests().len() >= sent + 4);
            Run::new(&elsewhere)
                .args(["device", "remove", "-p", "dev", "alice-2", "--yes", "-q"])
                .env("AWSMFA_CODE", scene.aws.code(USER))
                .run();
        });
        let said = formatdoc! {"
            error: {NEW} is no longer a device of alice, so the old one stays
            hint: another program may have removed it; run this again
        "};
        replace(&scene, &["alice", "--new", "alice-2"])
            .env("AWSMFA_CODE", scene.aws.code("alice-2"))
            .status(1)
            .stderr(said)
            .run();
    });
    assert_eq!(owned(&scene.aws), [SERIAL]);
    assert_eq!(scene.home.read_config().matches(SERIAL).count(), 1);
}

#[test]
fn a_device_that_can_not_take_over_is_refused() {
    let scene = signed_in(
        alice()
            .fido("key-7")
            .user("bob")
            .device("bob", DEVICE_SECRET),
    );
    for (new, status, said) in [
        (
            "alice",
            2,
            format!("error: {SERIAL} can't replace itself\n"),
        ),
        (
            "bob",
            1,
            formatdoc! {"
                error: alice has no MFA device `bob`
                hint: the devices are: key-7
            "},
        ),
        (
            "key-7",
            1,
            formatdoc! {"
                error: {FIDO} is a passkey or security key (FIDO), which shows no codes: awsmfa can't sign in with it
                hint: `awsmfa device remove {SERIAL} --profile dev` removes the old one anyway
            "},
        ),
    ] {
        let run = replace(&scene, &["alice", "--new", new]);
        scene.fails(run, status, &said, &[WHO, LIST]);
    }
}

#[test]
fn a_device_enrolled_later_is_asked_about_and_never_ignored() {
    let scene = signed_in(with_a_later_one());
    let said = formatdoc! {"
        error: alice has enrolled {NEW} after {SERIAL}, and there is no terminal to ask on
        hint: choose the replacement with --new; for a new device, first run `awsmfa device enroll --profile dev`
    "};
    let run = by_program(replace(&scene, &["alice"]));
    scene.fails(run, 7, &said, &[WHO, LIST]);

    let mut chooses = terminal(&scene, &["alice"]).start();
    chooses.sees("which one? [1-2] ");
    chooses.types("0");
    chooses.sees("which one? [1-2] ");
    chooses.types("1");
    let question = "code for dev (device alice-2, account 123456789012): ";
    chooses.sees(question);
    let code = scene.aws.code("alice-2");
    chooses.types(&code);
    chooses.ends(
        0,
        &formatdoc! {"
            what replaces alice?
              1  {NEW} (virtual, since {{*}})
              2  a new device
            which one? [1-2] 0
            type a number from 1 to 2
            which one? [1-2] 1
            {question}{code}
            {MOVED}{GONE}{READY}"},
    );
    assert_eq!(owned(&scene.aws), [NEW]);
}

#[test]
fn another_users_device_is_not_replaced() {
    let scene = signed_in(alice().user("bob").device("bob", DEVICE_SECRET));
    for word in ["bob", "tablet"] {
        let said = formatdoc! {"
            error: alice has no MFA device `{word}`
            hint: the devices are: alice
        "};
        let run = by_program(replace(&scene, &[word]));
        scene.fails(run, 1, &said, &[WHO, LIST, UNASSIGNED]);
    }
    let scene = start(alice_without_device());
    let said = indoc! {"
        error: the user alice has no MFA device
        hint: enroll one with `awsmfa device enroll --profile dev`
    "};
    scene.fails(by_program(replace(&scene, &[])), 1, said, &[WHO, LIST]);
    let builder = alice().device("phone", DEVICE_SECRET);
    let scene = signed_in(builder);
    let said = formatdoc! {"
        error: alice has several MFA devices, and there is no terminal to ask on: {SERIAL}, {PHONE}
        hint: name the one you mean
    "};
    let run = by_program(replace(&scene, &[]));
    scene.fails(run, 7, &said, &[WHO, LIST]);
}

/// Makes the file `name` unwritable, even for root.
fn block(scene: &Scene, name: &str) {
    let lock = scene.home.path().join(format!(".aws/{name}.awsmfa.lock"));
    let _ = fs::remove_file(&lock);
    fs::create_dir(lock).expect("there is room");
}

#[test]
fn a_file_that_can_not_be_written_is_found_before_anything_is_created() {
    for name in ["config", "credentials"] {
        let scene = signed_in(alice());
        block(&scene, name);
        let before = snapshot(&scene.home);
        by_program(replace(&scene, &["alice"]))
            .status(1)
            .check_stderr(move |it| {
                assert!(it.starts_with("error: ") && it.contains(name), "{it}");
            })
            .run();
        assert_eq!(owned(&scene.aws), [SERIAL]);
        assert_eq!(snapshot(&scene.home), before);
        let actions = scene.aws.actions();
        assert!(!actions.contains(&CREATE.to_owned()), "{actions:?}");
    }
}

#[test]
fn if_the_old_device_may_not_be_removed_it_is_named_and_the_next_run_continues() {
    let scene = signed_in(alice());
    scene
        .aws
        .fault_always(DEACTIVATE, Fault::Denied { explicit: true });
    let said = formatdoc! {"
        {WAITING}{MOVED}error: {NEW} is in use now, but the old device is still there: AWS refused iam:DeactivateMFADevice: {{*}} (AccessDenied); {SERIAL} is still a device of alice
        hint: an administrator can do it: {ADMINISTRATOR}; finish with `awsmfa device replace {SERIAL} --new {NEW} --profile dev`
    "};
    thread::scope(|scope| {
        scope.spawn(|| give_codes(&scene, "alice-2"));
        let run = by_program(replace(&scene, &["alice"]));
        run.status(5).stderr(said).run();
    });
    assert_eq!(owned(&scene.aws), [SERIAL, NEW]);
    let names_new = scene.home.read_config().contains(NEW);
    assert!(names_new, "logins use the new one");
    scene.aws.heal();
    let run =
        replace(&scene, &[SERIAL, "--new", NEW]).env("AWSMFA_CODE", scene.aws.code("alice-2"));
    let said = format!("{GONE}{READY}");
    scene.works(run, &said, &[WHO, LIST, ISSUE, LIST, DEACTIVATE, DELETE]);
    assert_eq!(scene.aws.devices().len(), 1);
}

#[test]
fn if_the_old_device_may_not_be_deleted_the_leftover_is_named_and_removed_later() {
    let scene = signed_in(alice());
    scene
        .aws
        .fault_always(DELETE, Fault::Denied { explicit: true });
    let said = formatdoc! {"
        {WAITING}{MOVED}error: {SERIAL} is deactivated, but may still exist: AWS refused iam:DeleteVirtualMFADevice: {{*}}
        hint: until it is deleted, no other device can have its name: run `awsmfa device remove {SERIAL} --profile dev`, or ask an administrator to run `aws iam delete-virtual-mfa-device --serial-number {SERIAL}`
    "};
    thread::scope(|scope| {
        scope.spawn(|| give_codes(&scene, "alice-2"));
        let run = by_program(replace(&scene, &["alice"]));
        run.status(5).stderr(said).run();
    });
    scene.aws.heal();
    let said = formatdoc! {"
        error: {SERIAL} is no longer a device of alice, but something of it may be left
        hint: `awsmfa device remove {SERIAL} --profile dev` removes what is left
    "};
    let run = by_program(replace(&scene, &["alice"]));
    scene.fails(run, 1, &said, &[WHO, LIST, UNASSIGNED]);
    scene
        .run(&["device", "remove", "-p", "dev", SERIAL, "--yes", "-q"])
        .run();
    assert_eq!(scene.aws.devices().len(), 1);
}

/// Every request of a replacement is lost, once before AWS acts and once after; and the process is
/// killed while it waits for the answer.
mod cut_short {
    use super::*;

    const REQUESTS: usize = 9;

    /// Checks that alice can still sign in, and that the next runs say what to do, until she has
    /// `alice-2` and nothing is left of `alice`.
    fn ends_well(scene: &Scene, what: &str) {
        scene.aws.heal();
        for name in ["given", "codes/first", "codes/next"] {
            let _ = fs::remove_file(scene.home.path().join(name));
        }
        let has = |serial: &str| owned(&scene.aws).contains(&serial.to_owned());
        assert!(has(SERIAL) || has(NEW), "{what}: alice has no device");
        let code = |device: &str| scene.aws.code(device);
        if has(SERIAL) && has(NEW) {
            // What exists is named, and used if the user names it.
            by_program(replace(scene, &["alice"]))
                .status(7)
                .check_stderr(|it| assert!(it.contains(NEW), "{it}"))
                .run();
            let run = replace(scene, &["alice", "--new", "alice-2", "-q"]);
            run.env("AWSMFA_CODE", code("alice-2")).run();
        } else if has(SERIAL) {
            let unfinished = scene.aws.devices().iter().any(|(it, _)| it == NEW);
            if unfinished {
                // A device from an unfinished enrollment is named too; it belongs to nobody.
                by_program(replace(scene, &["alice"]).env("AWSMFA_CODE", code(USER)))
                    .status(7)
                    .check_stderr(|it| assert!(it.contains(NEW), "{it}"))
                    .run();
                let remove = ["device", "remove", "-p", "dev", NEW, "--yes", "-q"];
                scene.run(&remove).run();
            }
            thread::scope(|scope| {
                scope.spawn(|| give_codes(scene, "alice-2"));
                let run = by_program(replace(scene, &["alice", "-q"]));
                run.env("AWSMFA_CODE", code(USER)).run();
            });
        } else if scene.aws.devices().len() > 1 {
            by_program(replace(scene, &["alice"]))
                .status(1)
                .check_stderr(|it| assert!(it.contains("device remove"), "{it}"))
                .run();
            scene
                .run(&["device", "remove", "-p", "dev", "alice", "--yes", "-q"])
                .run();
        }
        let devices = scene.aws.devices();
        assert_eq!(devices, [(NEW.to_owned(), Some(USER.to_owned()))], "{what}");
        let files = scene.home.read_config() + &scene.home.read_credentials();
        assert!(!files.contains(&format!("{SERIAL}\n")), "{what}: {files}");
    }

    fn in_parallel(cases: Vec<(usize, Fault)>, case: impl Fn(usize, Fault) + Sync) {
        thread::scope(|scope| {
            for (number, fault) in cases {
                let case = &case;
                scope.spawn(move || case(number, fault));
            }
        });
    }

    fn cases(faults: &[Fault]) -> Vec<(usize, Fault)> {
        let numbers = 1..=REQUESTS;
        let cases = numbers.flat_map(|number| faults.iter().map(move |fault| (number, *fault)));
        cases.collect()
    }

    #[test]
    fn a_lost_answer_leaves_nothing_that_the_next_run_does_not_complete() {
        let cases = cases(&[Fault::LoseAnswer, Fault::CloseBefore]);
        in_parallel(cases, |number, fault| {
            let scene = signed_in(alice());
            scene.aws.fault_at(number, fault);
            thread::scope(|scope| {
                scope.spawn(|| give_codes(&scene, "alice-2"));
                let mut command = scene
                    .home
                    .command(["device", "replace", "-p", "dev", "alice"]);
                command.args(program());
                command.stdout(Stdio::null()).stderr(Stdio::null());
                command.status().expect("it runs");
            });
            ends_well(&scene, &format!("{fault:?} of request {number}"));
        });
    }

    #[test]
    fn a_kill_leaves_nothing_that_the_next_run_does_not_complete() {
        let cases = cases(&[Fault::Silent, Fault::SilentAfter]);
        in_parallel(cases, |number, fault| {
            let scene = signed_in(alice());
            let before = scene.aws.requests().len();
            scene.aws.fault_at(number, fault);
            thread::scope(|scope| {
                scope.spawn(|| give_codes(&scene, "alice-2"));
                let mut command = scene
                    .home
                    .command(["device", "replace", "-p", "dev", "alice"]);
                command.args(program());
                command.stdout(Stdio::null()).stderr(Stdio::null());
                let mut child = command.spawn().expect("it runs");
                wait_until("the request", || {
                    scene.aws.requests().len() >= before + number
                });
                thread::sleep(Duration::from_millis(50));
                child.kill().expect("it waits for the answer");
                child.wait().expect("it ends");
            });
            ends_well(&scene, &format!("killed, {fault:?} at request {number}"));
        });
    }
}

mod at_a_terminal {
    use super::*;

    #[test]
    fn the_only_device_is_replaced_after_a_yes_and_typed_codes() {
        let scene = start(alice());
        let mut terminal = terminal(&scene, &[]).start();
        terminal.sees("? [Y/n] ");
        terminal.types("perhaps");
        terminal.sees("? [Y/n] ");
        terminal.types("");
        terminal.sees(USABLE);
        terminal.types("y");
        terminal.sees(PROMPT);
        let code = scene.aws.code(USER);
        terminal.types(&code);
        let [first, second] = type_pair(&mut terminal, &scene.aws, "alice-2");
        terminal.ends(
            0,
            &formatdoc! {"
                {REPLACE_IT}perhaps
                type y or n
                {REPLACE_IT}
                {USABLE}y
                adding a device needs a code from one you already have
                {PROMPT}{code}
                first code of alice-2: {first}
                the next code appears in {{*}} s
                next code of alice-2: {second}
                enrolled the MFA device {NEW}
                waiting about 15 s for AWS to accept the new device, then signing in
                {MOVED}{GONE}{READY}"},
        );
        assert_eq!(owned(&scene.aws), [NEW]);
    }

    #[test]
    fn a_device_that_no_longer_shows_codes_needs_an_administrator() {
        let scene = start(alice());
        let before = snapshot(&scene.home);
        let mut terminal = terminal(&scene, &["alice"]).start();
        terminal.sees(USABLE);
        terminal.types("n");
        terminal.ends(7, &format!("{USABLE}n\n{}", lost()));
        assert_eq!(scene.aws.actions(), [WHO, LIST]);
        assert_eq!(snapshot(&scene.home), before);
    }

    #[test]
    fn answering_no_ctrl_c_and_ctrl_d_at_each_question_create_and_change_nothing() {
        for (keys, end, status) in [
            ("\x03", "^C\nerror: cancelled\n", 130),
            ("\x04", "\nerror: cancelled\n", 130),
        ] {
            for questions in 1..=3 {
                let scene = start(alice());
                let config = scene.home.read_config();
                let mut terminal = terminal(&scene, &[]).start();
                let mut screen = String::new();
                let all = [(REPLACE_IT, "? [Y/n] "), (USABLE, USABLE), (ASKED, PROMPT)];
                for (number, (question, seen)) in all.iter().enumerate().take(questions) {
                    terminal.sees(seen);
                    screen += question;
                    if number + 1 < questions {
                        terminal.types("y");
                        screen += "y\n";
                    }
                }
                terminal.presses(keys);
                terminal.ends(status, &format!("{screen}{end}"));
                assert_eq!(owned(&scene.aws), [SERIAL]);
                assert_eq!(scene.home.read_config(), config);
                let actions = scene.aws.actions();
                assert!(!actions.contains(&CREATE.to_owned()), "{actions:?}");
            }
        }
        let scene = start(alice());
        let mut declines = terminal(&scene, &[]).start();
        declines.sees("? [Y/n] ");
        declines.types("n");
        declines.ends(130, &format!("{REPLACE_IT}n\nerror: cancelled\n"));
    }

    #[test]
    fn ctrl_c_while_the_old_device_is_removed_says_how_to_continue() {
        for (action, said) in [
            (
                DEACTIVATE,
                formatdoc! {"
                    error: cancelled
                    hint: finish with `awsmfa device replace {SERIAL} --new {NEW} --profile dev`
                "},
            ),
            (
                DELETE,
                formatdoc! {"
                    error: {SERIAL} is deactivated, but may still exist: cancelled
                    hint: until it is deleted, no other device can have its name: run `awsmfa device remove {SERIAL} --profile dev`, or ask an administrator to run `aws iam delete-virtual-mfa-device --serial-number {SERIAL}`
                "},
            ),
        ] {
            let scene = signed_in(with_a_later_one());
            scene.aws.fault(action, Fault::Silent);
            let mut terminal = scene
                .terminal(&[
                    "device", "replace", "-p", "dev", "alice", "--new", "alice-2",
                ])
                .env("AWSMFA_CODE", scene.aws.code("alice-2"))
                .start();
            terminal.sees(MOVED.trim_end());
            let asked = || scene.aws.actions().contains(&action.to_owned());
            wait_until("the request", asked);
            terminal.presses("\x03");
            terminal.ends(130, &format!("{MOVED}^C\n{said}"));
            assert!(owned(&scene.aws).contains(&NEW.to_owned()));
        }
    }

    #[test]
    fn ctrl_c_at_the_codes_of_the_new_device_leaves_only_the_old_one() {
        for typed_one in [false, true] {
            let scene = signed_in(alice());
            let config = scene.home.read_config();
            let mut terminal = terminal(&scene, &["alice"]).start();
            terminal.sees("code of alice-2: ");
            if typed_one {
                terminal.types(&scene.aws.code_at("alice-2", 0));
                terminal.sees("next code of alice-2: ");
            }
            terminal.presses("\x03");
            terminal.sees("error: cancelled");
            wait_until("the new device is deleted", || {
                scene.aws.devices().len() == 1
            });
            assert_eq!(owned(&scene.aws), [SERIAL]);
            assert_eq!(scene.home.read_config(), config);
        }
    }
}

#[test]
fn the_help_states_the_requirements_and_conflicting_flags_are_refused() {
    let home = Home::new();
    let run = Run::new(&home).args(["device", "replace", "--help"]);
    let help = run.check_stdout(|_| {}).run().stdout;
    for text in [
        "Examples:",
        "--old",
        "--new",
        "--lost",
        "--name",
        "--json",
        "--no-input",
    ] {
        assert!(help.contains(text), "{text}");
    }
    for args in [
        ["alice", "--old", "alice"],
        ["--lost", "--new", "x"],
        ["--name=x", "--new", "x"],
        ["--secret-stdout", "--new", "x"],
    ] {
        let run = Run::new(&home).args(["device", "replace"]).args(args);
        run.status(2)
            .check_stderr(|it| assert!(it.contains("cannot be used with"), "{it}"))
            .run();
    }
}

#[test]
fn an_old_device_removed_in_the_meantime_does_not_cost_the_new_one() {
    let scene = signed_in(alice());
    let mut terminal = terminal(&scene, &[]).start();
    terminal.sees("? [Y/n] ");
    // In the console, by an administrator, or in another window.
    let remove = ["device", "remove", USER, "-p", "dev", "--yes", "--no-input"];
    scene.run(&remove).stderr("{*}\n{*}\n{*}\n{*}\n").run();
    terminal.types("y");
    type_pair(&mut terminal, &scene.aws, "alice-2");
    terminal.sees("arn:aws:iam::123456789012:mfa/alice is no longer a device of alice");
    terminal.sees("use it with");
    assert_eq!(owned(&scene.aws), [NEW]);
}

#[test]
fn ctrl_c_before_aws_accepts_the_new_device_says_how_to_finish() {
    let scene = signed_in(alice());
    let mut terminal = terminal(&scene, &["alice"]).start();
    type_pair(&mut terminal, &scene.aws, "alice-2");
    terminal.sees("waiting about 15 s");
    thread::sleep(Duration::from_millis(300));
    terminal.presses("\x03");
    let finish = format!("`awsmfa device replace {SERIAL} --new {NEW} --profile dev`");
    terminal.sees(&format!(
        "hint: {NEW} is your device now, beside {SERIAL}: finish in a minute with {finish}"
    ));
    drop(terminal);
    assert_eq!(owned(&scene.aws), [SERIAL, NEW]);
}
