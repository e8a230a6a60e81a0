//! Tests rotations for a user who has two keys already: what is known about them decides.

use chrono::{TimeDelta, Utc};
use indoc::formatdoc;

use super::{BEGIN, DELETE, LIST, USED, WHO, ids, rotate, signed_in, value, works};
use crate::scene::{CREDENTIALS, Scene, alice};
use crate::support::aws::{Builder, Fault, KEY_ID, SECRET_KEY};

const OTHER_ID: &str = "AKIAI44QH8DHBEXAMPLE";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

/// Alice with a second key.
fn two_keys() -> Builder {
    alice().key(OTHER_ID, OTHER_SECRET)
}

/// Makes the record of the earlier key this many hours older.
pub(super) fn age(scene: &Scene, hours: i64) {
    let credentials = scene.home.read_credentials();
    let until = value(&credentials, "dev", "awsmfa_previous_deactivated").expect("a time");
    let older = (Utc::now() - TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ");
    let aged = credentials.replace(&until, &older.to_string());
    std::fs::write(scene.home.credentials_path(), aged).expect("the home is writable");
}

#[test]
fn a_second_key_is_named_with_its_age_and_use_and_stays() {
    let old = two_keys().created_at("2024-01-02T03:04:05Z").last_used(
        "s3",
        "eu-west-1",
        "2026-01-02T03:04:05Z",
    );
    let scene = signed_in(old);
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {KEY_ID} (active, created {{*}}, last used {{*}}, {{*}} in {{*}}); {OTHER_ID} (active, created 2 Jan 2024, 03:04, last used {{*}}, s3 in eu-west-1)
        hint: `awsmfa rotate --profile dev` in a terminal offers to delete {OTHER_ID}, or `aws iam delete-access-key --user-name alice --access-key-id {OTHER_ID} --profile dev-mfa`
    "};
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST, USED, USED]);
    // Not even with the flag for the old key, because no rotation has replaced it.
    scene.fails(
        rotate(&scene, &["--delete-old"]),
        1,
        &told,
        &[WHO, LIST, USED, USED],
    );
}

#[test]
fn a_key_younger_than_a_day_may_belong_to_another_machine() {
    let scene = signed_in(two_keys().inactive());
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {KEY_ID} ({{*}}); {OTHER_ID} (inactive, created {{*}}, never used)
        hint: {OTHER_ID} is less than a day old, and another machine may just have made it; if nobody needs it, `aws iam delete-access-key --user-name alice --access-key-id {OTHER_ID} --profile dev-mfa`
    "};
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST, USED, USED]);
}

#[test]
fn a_key_that_was_not_made_just_after_a_rotation_began_is_not_its_lost_one() {
    let scene = signed_in(two_keys());
    let begun = "2026-01-02T03:04:05Z";
    let note = format!("{SECRET_KEY}\nawsmfa_next_begun = {begun}\n");
    let credentials = scene.home.read_credentials();
    let noted = credentials.replacen(&format!("{SECRET_KEY}\n"), &note, 1);
    std::fs::write(scene.home.credentials_path(), noted).expect("the home is writable");
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {KEY_ID} ({{*}}); {OTHER_ID} ({{*}})
        hint: {OTHER_ID} is less than a day old, and another machine may just have made it; {{*}}
    "};
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST, USED, USED]);
    #[cfg(unix)]
    {
        let terminal = scene.terminal(&["rotate", "dev"]).start();
        terminal.ends(1, &told);
    }
}

#[test]
fn denied_details_of_a_key_are_left_out() {
    let scene = signed_in(two_keys().created_at("2024-01-02T03:04:05Z"));
    scene
        .aws
        .fault_always(USED, Fault::Denied { explicit: true });
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {KEY_ID} (active, created {{*}}, last use unknown); {OTHER_ID} (active, created 2 Jan 2024, 03:04, last use unknown)
        hint: {{*}}
    "};
    let run = rotate(&scene, &[]).status(1);
    run.stderr(told).run();
}

#[test]
fn a_key_that_another_profile_uses_is_never_offered_for_deletion() {
    let other =
        format!("[ci]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = {OTHER_SECRET}\n");
    let scene = signed_in(two_keys().created_at("2024-01-02T03:04:05Z"));
    let credentials = scene.home.read_credentials() + &other;
    let scene = scene.credentials(credentials);
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows, and profile ci uses the other one, {OTHER_ID}
        hint: {{*}}
    "};
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST]);
}

#[test]
fn a_replaced_key_is_deleted_by_the_next_rotation_a_day_later() {
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    let second = works(&scene.aws, &scene.home.read_credentials(), "dev");
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {KEY_ID} (inactive, {{*}}); {second} (active, {{*}})
        hint: `awsmfa rotate --delete-old --profile dev` deletes {KEY_ID}, which profile dev no longer uses, and so does a rotation after {{*}}; `awsmfa rotate --undo --profile dev` goes back to it
    "};
    age(&scene, 23);
    scene.fails(rotate(&scene, &[]), 1, &told, &[WHO, LIST, USED, USED]);
    age(&scene, 25);
    scene.aws.age_keys(TimeDelta::days(2));
    rotate(&scene, &[]).check_stderr(|_| {}).run();
    let third = works(&scene.aws, &scene.home.read_credentials(), "dev");
    assert_eq!(ids(&scene.aws), (vec![third], vec![second]));
}

#[test]
fn with_the_flag_it_is_deleted_at_once_and_nothing_is_rotated() {
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    let second = works(&scene.aws, &scene.home.read_credentials(), "dev");
    let told = formatdoc! {"
        {BEGIN}deleted access key {KEY_ID}
        that completes the previous rotation; `awsmfa rotate --profile dev` starts another
    "};
    scene.works(
        rotate(&scene, &["--delete-old"]),
        &told,
        &[WHO, LIST, DELETE],
    );
    assert_eq!(ids(&scene.aws), (vec![second], vec![]));
    assert!(!scene.home.read_credentials().contains("previous"));
}

#[test]
fn a_replaced_key_that_somebody_deleted_or_reactivated_is_left_alone() {
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    scene.aws.delete_key(KEY_ID);
    let run = rotate(&scene, &["--json", "-q"]).check_stdout(|_| {});
    run.run();
    assert!(!scene.home.read_credentials().contains(KEY_ID));

    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    let second = works(&scene.aws, &scene.home.read_credentials(), "dev");
    scene.aws.activate_key(KEY_ID);
    age(&scene, 25);
    let told = formatdoc! {"
        {BEGIN}error: alice has two access keys, as many as AWS allows: {KEY_ID} (active, {{*}}); {second} (active, {{*}})
        hint: a rotation replaced {KEY_ID}, and somebody activated it again: `awsmfa rotate --undo --profile dev` goes back to it; if nobody uses it, `aws iam update-access-key --user-name alice --access-key-id {KEY_ID} --status Inactive --profile dev-mfa`
    "};
    for args in [&[][..], &["--delete-old"]] {
        scene.fails(rotate(&scene, args), 1, &told, &[WHO, LIST, USED, USED]);
    }
    rotate(&scene, &["--undo", "-q"]).run();
    let credentials = scene.home.read_credentials();
    assert_eq!(works(&scene.aws, &credentials, "dev"), KEY_ID);
}

#[test]
fn a_waiting_new_pair_is_used_and_a_deleted_one_is_forgotten() {
    let waiting = |begun: &str| {
        format!(
            "{CREDENTIALS}awsmfa_next_begun = {begun}\nawsmfa_next_access_key_id = {OTHER_ID}\nawsmfa_next_secret_access_key = {OTHER_SECRET}\n"
        )
    };
    let old = "2026-01-02T03:04:05Z";
    let code = |scene: &Scene| scene.aws.code("alice");
    // It exists.
    let scene = Scene::with(two_keys().start()).credentials(waiting(old));
    let told = formatdoc! {"
        {BEGIN}continuing with {OTHER_ID}, which an earlier run created
        waiting for AWS to accept {OTHER_ID}, usually about 15 s, 90 s at most
        profile dev now uses {OTHER_ID}
        deactivated {KEY_ID}
        {KEY_ID} stays, inactive: {{*}}
    "};
    let run = rotate(&scene, &["--code", &code(&scene)]);
    run.stderr(told).run();
    assert_eq!(
        works(&scene.aws, &scene.home.read_credentials(), "dev"),
        OTHER_ID
    );
    assert!(!scene.home.read_credentials().contains("next"));
    // It exists but is inactive.
    let scene = Scene::with(two_keys().inactive().start()).credentials(waiting(old));
    let told = formatdoc! {"
        {BEGIN}error: the new key {OTHER_ID} of profile dev waits to be used, but was deactivated
        hint: activate it with {{*}}
    "};
    let run = rotate(&scene, &["--code", &code(&scene)]).status(1);
    run.stderr(told).run();
    // Somebody has deleted it.
    let scene = Scene::with(alice().start()).credentials(waiting(old));
    rotate(&scene, &["--code", &code(&scene), "-q"]).run();
    let credentials = scene.home.read_credentials();
    let new = works(&scene.aws, &credentials, "dev");
    assert!(new != OTHER_ID && new != KEY_ID);
    assert!(!credentials.contains(OTHER_ID), "{credentials}");
    assert_eq!(
        value(&credentials, "dev", "awsmfa_previous_secret_access_key").as_deref(),
        Some(SECRET_KEY)
    );
    // There is nothing to undo yet.
    let scene = Scene::with(two_keys().start()).credentials(waiting(old));
    let told = formatdoc! {"
        error: profile dev still has its old key: {OTHER_ID} is waiting to replace it
        hint: `awsmfa rotate --profile dev` finishes that rotation
    "};
    scene.fails(rotate(&scene, &["--undo"]), 1, &told, &[WHO]);
}
