//! Tests rotations with odd files: somebody has put a key back, copied a section with its record, or
//! repeated a line. Whatever the files say, no key that a profile uses is deleted.

use chrono::TimeDelta;
use indoc::formatdoc;

use super::others::age;
use super::{
    BEGIN, CREATE, LIST, UPDATE, USED, WHO, ids, refused, rotate, signed_in, value, works,
};
use crate::scene::{CONFIG, CREDENTIALS, Scene, alice};
use crate::support::aws::{Fault, KEY_ID, SECRET_KEY, USER};

const OTHER_ID: &str = "AKIAI44QH8DHBEXAMPLE";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

/// Alice's files after a rotation that was interrupted before the old key was deactivated.
fn cut_short() -> Scene {
    let scene = signed_in(alice());
    scene.aws.fault(UPDATE, Fault::Denied { explicit: true });
    rotate(&scene, &[]).status(5).check_stderr(|_| {}).run();
    scene.aws.heal();
    scene
}

fn rewrite(scene: &Scene, text: &str) {
    std::fs::write(scene.home.credentials_path(), text).expect("the home is writable");
}

#[test]
fn a_key_restored_by_hand_counts_as_the_one_in_use() {
    let scene = cut_short();
    let credentials = scene.home.read_credentials();
    let new = works(&scene.aws, &credentials, "dev");
    let new_secret = value(&credentials, "dev", "aws_secret_access_key").expect("a secret");
    let back = credentials
        .replacen(&new, KEY_ID, 1)
        .replacen(&new_secret, SECRET_KEY, 1);
    rewrite(&scene, &back);
    for args in [&[][..], &["--delete-old"], &["--undo"]] {
        let run = rotate(&scene, args).status(1);
        run.check_stderr(|_| {}).run();
        assert_eq!(
            works(&scene.aws, &scene.home.read_credentials(), "dev"),
            KEY_ID
        );
        assert_eq!(ids(&scene.aws).0.len(), 2);
    }
}

#[test]
fn a_copy_of_a_section_with_its_record_loses_no_key() {
    for is_cut_short in [false, true] {
        let scene = if is_cut_short {
            cut_short()
        } else {
            let scene = signed_in(alice());
            rotate(&scene, &["-q"]).run();
            scene
        };
        let credentials = scene.home.read_credentials();
        let dev = credentials.split("[dev-mfa]").next().expect("a section");
        let copy = dev
            .replace("[dev]", "[copy]")
            .replace("# mine, do not touch\n", "");
        rewrite(&scene, &format!("{credentials}{copy}"));
        let both = |what: &str| {
            let text = scene.home.read_credentials();
            let id = works(&scene.aws, &text, "dev");
            assert_eq!(works(&scene.aws, &text, "copy"), id, "{what}");
        };
        if is_cut_short {
            rotate(&scene, &[]).check_stderr(|_| {}).run();
            both("finished");
        }
        rotate(&scene, &["--undo", "-q"]).run();
        both("back");
        age(&scene, 48);
        scene.aws.age_keys(TimeDelta::days(2));
        rotate(&scene, &["-q"]).run();
        both("rotated");
        rotate(&scene, &["--delete-old", "-q"]).run();
        both("deleted");
        assert_eq!(scene.aws.keys().len(), 1);
    }
}

#[test]
fn a_record_that_names_another_profiles_key_does_not_harm_it() {
    let scene = signed_in(alice().key(OTHER_ID, OTHER_SECRET));
    let credentials = scene.home.read_credentials();
    let record = format!(
        "{SECRET_KEY}\nawsmfa_previous_access_key_id = {OTHER_ID}\nawsmfa_previous_secret_access_key = wrong/secret\n"
    );
    let ci =
        format!("[ci]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = {OTHER_SECRET}\n");
    rewrite(
        &scene,
        &(credentials.replacen(&format!("{SECRET_KEY}\n"), &record, 1) + &ci),
    );
    for args in [&[][..], &["--delete-old"]] {
        let told = formatdoc! {"
            {BEGIN}finishing the rotation of {OTHER_ID}
            error: profile ci has the access key {OTHER_ID}, so it is left unchanged
            hint: remove it from that profile first, if nobody needs it
        "};
        scene.fails_but_for_records(rotate(&scene, args), &told);
        works(&scene.aws, &scene.home.read_credentials(), "ci");
    }
}

impl Scene {
    /// Checks that a run fails with 1 and this text; its record in the files is ignored.
    fn fails_but_for_records(&self, run: crate::support::run::Run<'_>, told: &str) {
        run.status(1).stderr(told).run();
    }
}

#[test]
fn with_the_key_in_both_files_a_rotation_interrupted_between_them_is_finished() {
    for args in [&[][..], &["--delete-old"]] {
        let new = format!(
            "[dev]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = {OTHER_SECRET}\nawsmfa_previous_access_key_id = {KEY_ID}\nawsmfa_previous_secret_access_key = {SECRET_KEY}\n"
        );
        let old = format!(
            "{CONFIG}aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n[profile ci]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
        );
        let aws = alice().key(OTHER_ID, OTHER_SECRET).start();
        let scene = Scene::with(aws).config(&old).credentials(&new);
        // Under the name of the profile that still has the old key, it does not begin again.
        let told = formatdoc! {"
            error: a rotation of {KEY_ID} was cut short: profile dev already has another key
            hint: `awsmfa rotate --profile dev` finishes it, here too
        "};
        let run = scene.run(&["rotate", "ci", "--no-input"]);
        scene.fails(run, 1, &told, &[WHO]);
        let code = scene.aws.code(USER);
        rotate(&scene, args)
            .args(["--code", &code])
            .check_stderr(|_| {})
            .run();
        let config = scene.home.read_config();
        assert_eq!(
            works(&scene.aws, &scene.home.read_credentials(), "dev"),
            OTHER_ID
        );
        assert_eq!(works(&scene.aws, &config, "profile dev"), OTHER_ID);
        assert_eq!(works(&scene.aws, &config, "profile ci"), OTHER_ID);
        assert_eq!(ids(&scene.aws).0, [OTHER_ID]);
    }
}

#[test]
fn a_duplicate_line_of_the_key_is_found_before_a_key_is_created() {
    let id = format!("aws_access_key_id = {KEY_ID}\n");
    let secret = format!("aws_secret_access_key = {SECRET_KEY}\n");
    for (config, credentials, line) in [
        (
            CONFIG.to_owned(),
            format!("{CREDENTIALS}{id}"),
            "line 5 of the credentials file",
        ),
        (
            CONFIG.to_owned(),
            format!(
                "{CREDENTIALS}{}",
                secret
                    .to_uppercase()
                    .replace(&SECRET_KEY.to_uppercase(), SECRET_KEY)
            ),
            "line 5 of the credentials file",
        ),
        (
            CONFIG.to_owned(),
            format!("{CREDENTIALS}[dev]\n{id}{secret}"),
            "line 6 of the credentials file",
        ),
        (
            format!("{CONFIG}{id}"),
            CREDENTIALS.to_owned(),
            "line 5 of the config file",
        ),
        (
            format!("{CONFIG}{secret}"),
            CREDENTIALS.to_owned(),
            "line 5 of the config file",
        ),
    ] {
        let scene = Scene::with(alice().start())
            .config(config)
            .credentials(credentials);
        let told = format!(
            "error: the access key of profile dev can't be replaced: {line} repeats a part of it\nhint: remove that line\n"
        );
        let run = rotate(&scene, &["--code-command", "touch asked"]);
        refused(&scene, run.status(1), 1, &told);
        assert!(!scene.home.path().join("asked").exists());
    }
}

#[test]
fn nothing_is_deleted_because_of_our_clock_alone() {
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    // According to the record a day has passed; according to AWS the keys were made today.
    age(&scene, 25);
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {{*}}
        hint: {{*}}
    "};
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST, USED, USED]);
}

#[test]
fn a_possibly_lost_key_that_a_profile_uses_is_not_offered_for_deletion() {
    let scene = signed_in(alice().key(OTHER_ID, OTHER_SECRET));
    let credentials = scene.home.read_credentials();
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
    let begun = format!("{SECRET_KEY}\nawsmfa_next_begun = {now}\n");
    let ci =
        format!("[ci]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = {OTHER_SECRET}\n");
    rewrite(
        &scene,
        &(credentials.replacen(&format!("{SECRET_KEY}\n"), &begun, 1) + &ci),
    );
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows, and profile ci uses the other one, {OTHER_ID}
        hint: {{*}}
    "};
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST]);
    #[cfg(unix)]
    {
        let terminal = scene.terminal(&["rotate", "dev"]).start();
        terminal.ends(1, &told);
    }
}

#[cfg(unix)]
#[test]
fn the_new_key_is_requested_again_while_a_deleted_one_still_counts() {
    let scene = signed_in(
        alice()
            .key(OTHER_ID, OTHER_SECRET)
            .created_at("2024-01-02T03:04:05Z"),
    );
    let limit = Fault::Error {
        status: 409,
        code: "LimitExceeded",
        message: "Cannot exceed quota for AccessKeysPerUser: 2",
    };
    scene.aws.fault_times(CREATE, 2, limit);
    let mut asks = scene.terminal(&["rotate", "dev", "--delete-old"]).start();
    asks.sees("[y/N] ");
    asks.types("y");
    asks.sees("deactivated");
    asks.sees(&format!("deleted access key {KEY_ID}"));
    let created = scene
        .aws
        .actions()
        .iter()
        .filter(|it| *it == CREATE)
        .count();
    assert_eq!(created, 3);
    works(&scene.aws, &scene.home.read_credentials(), "dev");
}

#[test]
fn after_an_answer_that_is_not_awss_the_key_may_or_may_not_exist() {
    let scene = signed_in(alice());
    scene.aws.fault(CREATE, Fault::Gateway(408));
    let told = formatdoc! {"
        {BEGIN}{{*}}; looking for the key
        error: alice has two access keys, as many as AWS allows: {KEY_ID} ({{*}}); AKIA{{*}} (active, {{*}})
        hint: an earlier run may have created AKIA{{*}} and lost its secret: {{*}}
    "};
    rotate(&scene, &[]).status(1).stderr(told).run();
    assert!(scene.home.read_credentials().contains("awsmfa_next_begun"));
}

#[cfg(unix)]
#[test]
fn an_unknown_last_use_of_a_key_is_no_failure() {
    let scene = signed_in(alice());
    scene.aws.fault_always(USED, Fault::Throttled);
    let mut asks = scene.terminal(&["rotate", "dev"]).start();
    asks.sees("(last use unknown)? [y/N] ");
    asks.types("n");
    asks.sees("stays, inactive");
    works(&scene.aws, &scene.home.read_credentials(), "dev");
}

#[test]
fn a_second_try_does_not_move_the_time_at_which_a_lost_key_may_have_been_made() {
    let scene = signed_in(alice());
    let begun = chrono::Utc::now() - TimeDelta::minutes(2);
    let begun = begun
        .format("awsmfa_next_begun = %Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let credentials = scene.home.read_credentials();
    let noted = format!("{SECRET_KEY}\n{begun}\n");
    rewrite(
        &scene,
        &credentials.replacen(&format!("{SECRET_KEY}\n"), &noted, 1),
    );
    // AWS's list lacks the key, but it counts.
    let limit = Fault::Error {
        status: 409,
        code: "LimitExceeded",
        message: "Cannot exceed quota for AccessKeysPerUser: 2",
    };
    scene.aws.fault(CREATE, limit);
    rotate(&scene, &["-q"]).status(1).check_stderr(|_| {}).run();
    assert!(scene.home.read_credentials().contains(&begun));
}

#[cfg(unix)]
#[test]
fn ctrl_c_before_a_key_was_asked_for_leaves_no_note_of_one() {
    let scene = signed_in(alice());
    let before = scene.home.read_credentials();
    // AWS wants a newer sign-in for that, so the user is asked for a code in between.
    scene.aws.fault(CREATE, Fault::Denied { explicit: true });
    let mut asks = scene.terminal(&["rotate", "dev"]).start();
    asks.sees("code for dev");
    assert!(scene.home.read_credentials().contains("awsmfa_next_begun"));
    asks.presses("\x03");
    let told = formatdoc! {"
        {BEGIN}the saved session can't be used ({{*}}); signing in again
        rotating an access key needs MFA
        code for dev (device alice, account 123456789012): ^C
        error: cancelled
    "};
    asks.ends(130, &told);
    assert_eq!(scene.home.read_credentials(), before);
}

#[cfg(unix)]
#[test]
fn ctrl_c_at_a_late_request_says_how_to_continue() {
    for (action, args) in [(UPDATE, &[][..]), ("DeleteAccessKey", &["--delete-old"])] {
        let scene = signed_in(alice());
        scene.aws.fault(action, Fault::Silent);
        let mut asks = scene.terminal(&["rotate", "dev"]).args(args).start();
        let asked = || scene.aws.actions().contains(&action.to_owned());
        crate::scene::wait_until("the request", asked);
        asks.presses("\x03");
        asks.sees("`awsmfa rotate --profile dev` ");
        works(&scene.aws, &scene.home.read_credentials(), "dev");
        scene.aws.heal();
        rotate(&scene, &["--delete-old", "-q"]).run();
        assert_eq!(scene.aws.keys().len(), 1);
    }
}
