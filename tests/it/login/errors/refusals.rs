//! Has AWS refuse, with every row of the table of its answers.

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CONFIG_WITHOUT_DEVICE, CREDENTIALS, ISSUE, READY, Scene, alice};
use crate::support::aws::{Fault, KEY_ID, USER};

const WRONG_CODE: &str = indoc! {"
    error: AWS refused the code of device alice for profile dev: it is wrong, too old or already used
    hint: next code in {*} s; if every code is refused, its clock is off: `awsmfa device resync --profile dev`
"};

const NOT_CHECKED: &str = indoc! {"
    error: AWS could not check the code with device {*} for profile dev
    hint: is it this user's device? one that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {*}
"};

/// Checks what a login does if AWS answers with this error.
fn fails_when_answered(
    status: u16,
    code: &'static str,
    message: &'static str,
    exit: i32,
    stderr: &str,
) {
    let scene = Scene::default();
    let fault = Fault::Error {
        status,
        code,
        message,
    };
    scene.aws.fault_always(ISSUE, fault);
    scene.fails(scene.login(&["-p", "dev"]), exit, stderr, &[ISSUE]);
}

#[test]
fn a_wrong_code_is_refused_once() {
    let scene = Scene::default();
    let run = scene.login(&["-p", "dev"]);
    // Now the code is far from every step that AWS accepts.
    scene.aws.shift_clock(TimeDelta::minutes(4));
    scene.fails(run, 4, WRONG_CODE, &[ISSUE]);
}

#[test]
fn a_used_code_is_refused() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let login = |args: &[&str]| {
        scene
            .run(&["login", "-p", "dev", "--code", &code])
            .args(args)
    };
    scene.works(login(&[]), READY, &[ISSUE]);
    scene.fails(login(&["--force"]), 4, WRONG_CODE, &[ISSUE]);
}

#[test]
fn another_users_device_is_refused() {
    let scene = Scene::default();
    let run = scene.login(&[
        "-p",
        "dev",
        "--mfa-serial",
        "arn:aws:iam::123456789012:mfa/bob",
    ]);
    scene.fails(run, 4, NOT_CHECKED, &[ISSUE]);
}

#[test]
fn a_newly_enabled_device_is_refused() {
    let scene = Scene::with(alice().ready_in(TimeDelta::seconds(10)).start());
    scene.fails(scene.login(&["-p", "dev"]), 4, NOT_CHECKED, &[ISSUE]);
}

#[test]
fn a_device_whose_tries_are_used_up_is_refused_even_with_the_right_code() {
    let scene = Scene::default();
    scene.aws.freeze_clock();
    let wrong = scene.aws.code_at(USER, 9);
    for _ in 0..9 {
        let run = scene.run(&["login", "-p", "dev", "--code", &wrong]);
        scene.fails(run, 4, WRONG_CODE, &[ISSUE]);
    }
    scene.fails(scene.login(&["-p", "dev"]), 4, NOT_CHECKED, &[ISSUE]);
    scene.aws.to_next_window();
    scene.works(
        scene.login(&["-p", "dev"]),
        READY.replace("12h", "{*}").as_str(),
        &[ISSUE],
    );
}

#[test]
fn a_session_as_source_that_only_aws_recognises_is_named() {
    fails_when_answered(
        403,
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
        5,
        indoc! {"
            error: the access key AKIAIOSFODNN7EXAMPLE belongs to a session, which can't be used to start another
            hint: use a profile that holds the long-term keys of an IAM user
        "},
    );
}

#[test]
fn a_message_from_aws_that_repeats_the_code_is_not_shown() {
    let scene = Scene::default();
    let message = "1 validation error detected: Value '271828' at 'tokenCode' failed to satisfy \
                   constraint: Member must have length less than or equal to 6";
    let fault = Fault::Error {
        status: 400,
        code: "ValidationError",
        message,
    };
    scene.aws.fault_always(ISSUE, fault);
    let run = scene.run(&["login", "-vp", "dev", "--code", "271828"]);
    let stderr = indoc! {"
        trying out the edit of both files
        AWS region {*}, STS at http://127.0.0.1:{*}
        asking AWS for a session of 12h with arn:aws:iam::123456789012:mfa/alice
        error: AWS refused the code: it must be six digits
        HTTP status 400, ValidationError, request id {*}
    "};
    scene.fails(run, 5, stderr, &[ISSUE]);
}

#[test]
fn an_unknown_access_key_is_named() {
    let scene = Scene::default();
    scene.aws.deactivate_key(KEY_ID);
    let stderr = indoc! {"
        error: AWS does not know the access key AKIAIOSFODNN7EXAMPLE
        hint: it may have been deleted or deactivated, or the region eu-central-1 is in another partition or not enabled
    "};
    scene.fails(scene.login(&["-p", "dev"]), 5, stderr, &[ISSUE]);
}

#[test]
fn a_secret_that_does_not_match_the_key_is_reported_and_not_shown() {
    let scene = Scene::with_files(CONFIG, CREDENTIALS.replace("EXAMPLEKEY", "EXAMPLEKEZ"));
    let stderr = indoc! {"
        error: the secret access key does not belong to the access key AKIAIOSFODNN7EXAMPLE
        hint: check aws_secret_access_key for a missing or extra character
    "};
    scene.fails(scene.login(&["-p", "dev"]), 5, stderr, &[ISSUE]);
}

/// A stand-in whose clock is this many minutes ahead of this computer's.
fn scene_with_clock_off_by(minutes: i64) -> Scene {
    let aws = alice().ready_in(TimeDelta::days(-1)).start();
    aws.shift_clock(TimeDelta::seconds(minutes * 60 + minutes.signum()));
    Scene::with(aws)
}

#[test]
fn a_clock_that_is_ten_minutes_off_does_not_matter() {
    for minutes in [10, -10] {
        let scene = scene_with_clock_off_by(minutes);
        let ready = READY.replace("12h", "{*}");
        scene.works(scene.login(&["-p", "dev"]), &ready, &[ISSUE]);
    }
}

#[test]
fn a_clock_that_is_an_hour_off_is_corrected_and_the_code_sent_again() {
    for minutes in [60, -60] {
        let scene = scene_with_clock_off_by(minutes);
        let ready = READY.replace("12h", "{*}");
        scene.works(scene.login(&["-p", "dev"]), &ready, &[ISSUE, ISSUE]);
    }
}

#[test]
fn a_clock_that_can_not_be_corrected_is_named_with_the_difference() {
    for (minutes, difference) in [(60, "60 min behind"), (-150, "2 h 30 min ahead of")] {
        let scene = scene_with_clock_off_by(minutes);
        let run = scene.login(&["-p", "dev"]).env("AWS_MAX_ATTEMPTS", "1");
        let stderr = formatdoc! {"
            error: AWS refused the signature: this computer's clock is {difference} AWS's
            hint: set the clock and try again
        "};
        scene.fails(run, 5, &stderr, &[ISSUE]);
    }
}

#[test]
fn a_denial_by_a_policy_is_shown_in_awss_words() {
    for (explicit, words) in [
        (true, "with an explicit deny in an identity-based policy"),
        (
            false,
            "because no identity-based policy allows the sts:GetSessionToken action",
        ),
    ] {
        let scene = Scene::default();
        scene.aws.fault_always(ISSUE, Fault::Denied { explicit });
        let user = "arn:aws:iam::123456789012:user/alice";
        let stderr = formatdoc! {"
            error: AWS refused sts:GetSessionToken: User: {user} is not authorized to perform: sts:GetSessionToken on resource: {user} {words} (AccessDenied)
            hint: a policy denies it: ask your AWS administrator
        "};
        scene.fails(scene.login(&["-p", "dev"]), 5, &stderr, &[ISSUE]);
    }
}

#[test]
fn if_a_policy_denies_the_list_of_devices_the_flag_still_works() {
    let config = CONFIG_WITHOUT_DEVICE;
    let scene = Scene::with_files(config, CREDENTIALS);
    let fault = Fault::Denied { explicit: false };
    scene.aws.fault_always("ListMFADevices", fault);
    let stderr = indoc! {"
        error: AWS refused iam:ListMFADevices: User: {*} is not authorized to perform: {*} (AccessDenied)
        hint: name the device with --mfa-serial, or set mfa_serial in profile dev
    "};
    let run = scene.login(&["-p", "dev"]);
    scene.fails(run, 5, stderr, &["GetCallerIdentity", "ListMFADevices"]);
}

#[test]
fn a_region_without_sts_is_named_with_the_workaround() {
    let scene = Scene::default();
    scene.aws.deactivate_sts();
    let stderr = indoc! {"
        error: STS is not activated in the region eu-central-1: STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console
        hint: choose another region with --region
    "};
    scene.fails(scene.login(&["-p", "dev"]), 5, stderr, &[ISSUE]);
}

#[test]
fn expired_keys_are_named() {
    fails_when_answered(
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
        5,
        indoc! {"
            error: the session of the access key AKIAIOSFODNN7EXAMPLE has expired
            hint: sign in again with `awsmfa login`
        "},
    );
}

#[test]
fn an_unknown_error_is_shown_in_awss_words_and_can_not_steer_the_terminal() {
    fails_when_answered(
        418,
        "Teapot\u{202e}",
        "short\u{9b}2J and stout.",
        5,
        "error: AWS refused sts:GetSessionToken: short\\u{9b}2J and stout (Teapot\\u{202e})\n",
    );
}

#[test]
fn throttling_that_passes_is_waited_for() {
    let scene = Scene::default();
    scene.aws.fault(ISSUE, Fault::Throttled);
    scene.works(scene.login(&["-p", "dev"]), READY, &[ISSUE, ISSUE]);
}

#[test]
fn throttling_that_lasts_counts_as_no_answer() {
    let scene = Scene::default();
    scene.aws.fault_always(ISSUE, Fault::Throttled);
    let stderr = indoc! {"
        error: AWS is limiting requests (Throttling; tried 3 times, {*} s)
        hint: wait a minute and try again
    "};
    scene.fails(scene.login(&["-p", "dev"]), 6, stderr, &[ISSUE; 3]);
}
