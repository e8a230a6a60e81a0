//! Refuses what must not be stored, and leaves profiles of every other kind as they are.

use indoc::{formatdoc, indoc};

use super::{ASK, LINES, OTHER_ID, SAID, STORED, nobody, nobody_with};
use crate::scene::{CONFIG, CREDENTIALS, SESSION, Scene, alice, alice_without_device};
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY};
use chrono::TimeDelta;

const OTHERS: &str = "hint: no keys are replaced: choose another profile, or remove those keys yourself if you no longer need them\n";

#[test]
fn another_id_or_the_same_id_with_another_secret_counts_as_other_keys() {
    let scene = Scene::default();
    let other_secret = SECRET_KEY.replace("KEY", "KEx");
    for (id, secret, what) in [
        (
            KEY_ID,
            other_secret.as_str(),
            format!("a different secret for the access key {KEY_ID}"),
        ),
        (OTHER_ID, SECRET_KEY, format!("other keys ({KEY_ID})")),
    ] {
        let said = format!("error: profile dev is left unchanged: it holds {what}\n{OTHERS}");
        scene.fails(
            scene.setup(&[]).stdin(format!("{id}\n{secret}\n")),
            1,
            &said,
            &[],
        );
        let csv = format!("Access key ID,Secret access key\n{id},{secret}\n");
        let run = scene.setup(&["--from-csv", "-"]).stdin(csv);
        scene.fails(run, 1, &said, &[]);
    }
}

#[test]
fn parts_of_other_keys_are_found_wherever_they_are() {
    for (config, credentials, place) in [
        (
            "",
            format!("[dev]\naws_access_key_id = {OTHER_ID}\n"),
            "line 2 of the credentials file",
        ),
        (
            "",
            "[dev]\naws_secret_access_key = hush\n".to_owned(),
            "line 2 of the credentials file",
        ),
        (
            "[profile dev]\naws_secret_access_key = hush\n",
            String::new(),
            "line 2 of the config file",
        ),
        (
            "",
            format!("[dev]\naws_access_key_id = {OTHER_ID}\naws_access_key_id =\n"),
            "line 2 of the credentials file",
        ),
    ] {
        let scene = nobody().config(config).credentials(credentials);
        let said = format!(
            "error: profile dev is left unchanged: it holds long-term keys ({place})\n{OTHERS}"
        );
        scene.fails(scene.setup(&[]).stdin(LINES), 1, &said, &[]);
    }
}

#[test]
fn a_profile_of_another_kind_gets_no_keys() {
    const NAME: &str = "hint: choose another profile for the keys: `awsmfa setup NAME`\n";
    let session = SESSION
        .replace("dev-mfa", "dev")
        .replace("awsmfa_source_profile = dev", "x = y");
    for (config, credentials, why, hint) in [
        (
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = base\n",
            String::new(),
            "it is a role (role_arn), reached from profile base",
            "hint: set up the profile that it is reached from: `awsmfa setup base`\n",
        ),
        (
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = dev\n",
            CREDENTIALS.to_owned(),
            "it is a role (role_arn), reached from profile dev",
            NAME,
        ),
        (
            "[profile dev]\nsso_session = work\nsso_account_id = 1\n",
            String::new(),
            "it gets its credentials from IAM Identity Center (sso_session)",
            NAME,
        ),
        (
            "[profile dev]\nlogin_session = x\n",
            String::new(),
            "it gets its credentials from `aws login` (login_session)",
            NAME,
        ),
        (
            "[profile dev]\ncredential_process = vault\n",
            String::new(),
            "it gets its credentials from a credential_process (credential_process)",
            NAME,
        ),
        (
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/a\ncredential_source = Environment\n",
            String::new(),
            "it gets its credentials from the machine it runs on (credential_source)",
            NAME,
        ),
        ("", session, "it holds a session", NAME),
        (
            "",
            format!(
                "[dev]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET_KEY}\n"
            ),
            "it holds a session's access key without its session token",
            NAME,
        ),
        (
            "[profile dev]\nawsmfa_copied = region\n",
            String::new(),
            "it held a session",
            NAME,
        ),
    ] {
        let scene = nobody().config(config).credentials(credentials);
        let said = format!("error: profile dev can't take long-term keys: {why}\n{hint}");
        scene.fails(
            scene.setup(&["--region", "eu-west-1"]).stdin(LINES),
            1,
            &said,
            &[],
        );
    }
}

#[test]
fn lines_that_tools_read_differently_are_left_alone() {
    for (config, credentials, said) in [
        (
            "",
            "[profile dev]\naws_access_key_id = x\n",
            "error: line 1 of the credentials file says [profile dev], but AWS tools need [dev] there\nhint: fix that header\n",
        ),
        (
            "[dev]\nregion = eu-west-1\n",
            "",
            "error: line 1 of the config file says [dev], but AWS tools need [profile dev] there\nhint: fix that header\n",
        ),
        (
            "",
            "[dev]\naws_access_key_id = <id>\naws_secret_access_key = <secret>\n",
            "error: in profile dev, aws_access_key_id holds a placeholder instead of a key (line 2 of the credentials file)\nhint: fix that line\n",
        ),
    ] {
        let scene = nobody().config(config).credentials(credentials);
        scene.fails(scene.setup(&[]).stdin(LINES), 1, said, &[]);
    }
}

#[test]
fn the_root_users_keys_are_refused_whether_new_or_stored() {
    let root = || Aws::builder().root().key(KEY_ID, SECRET_KEY).start();
    let said = indoc! {"
        error: these are the keys of the root user of account 123456789012, which may do everything and can't be limited
        hint: make an IAM user with its own access key, and delete the root user's
    "};
    let scene = nobody_with(root());
    scene.fails(scene.setup(&[]).stdin(LINES), 1, said, &[ASK]);
    let scene = Scene::with(root());
    scene.fails(scene.setup(&[]), 1, said, &[ASK]);
}

#[test]
fn a_session_in_the_environment_is_refused_before_anything_is_read() {
    for token in ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"] {
        let scene = nobody();
        let run = scene.setup(&["--from-csv", "missing.csv"]);
        let run = run.env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        let run = run.env("AWS_SECRET_ACCESS_KEY", "x").env(token, "t");
        let said = formatdoc! {"
            error: the environment holds a session ({token}), which AWS tools would use rather than the keys of a profile
            hint: clear it with `eval \"$(awsmfa export --unset)\"`, or unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
        "};
        scene.fails(run, 1, &said, &[]);
    }
}

#[test]
fn the_hint_for_a_shell_with_a_session_is_in_its_syntax() {
    for (shell, line) in [
        (
            "/usr/bin/fish",
            "awsmfa export --unset --format fish | source",
        ),
        (
            "/bin/tcsh",
            "eval \"`awsmfa export --unset --format tcsh`\"",
        ),
        ("xonsh", "execx($(awsmfa export --unset --format xonsh))"),
        (
            "pwsh",
            "awsmfa export --unset --format powershell | Out-String | Invoke-Expression",
        ),
    ] {
        let scene = nobody();
        let run = scene.setup(&["--from-csv", "missing.csv"]);
        let run = run.env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE");
        let run = run.env("AWS_SECRET_ACCESS_KEY", "x");
        let run = run.env("AWS_SESSION_TOKEN", "t").env("SHELL", shell);
        let said = format!("error: {{*}}\nhint: clear it with `{line}`, or unset {{*}}\n");
        scene.fails(run, 1, &said, &[]);
    }
}

#[test]
fn keys_in_the_environment_cause_a_warning_because_tools_use_them_first() {
    let scene = nobody();
    let run = scene.setup(&["--no-login"]).stdin(LINES);
    let run = run.env("AWS_ACCESS_KEY_ID", OTHER_ID);
    let run = run.env("AWS_SECRET_ACCESS_KEY", "other");
    let said = formatdoc! {"
        {SAID}warning: AWS_ACCESS_KEY_ID is set, and AWS tools use it rather than AWS_PROFILE=dev; unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN first
    "};
    scene.works(run, &said, &[ASK]);
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn a_roles_arn_is_not_a_profile() {
    let scene = nobody();
    let run = scene.run(&[
        "setup",
        "arn:aws:iam::123456789012:role/admin",
        "--no-input",
    ]);
    let said = indoc! {"
        error: arn:aws:iam::123456789012:role/admin is an ARN, not a profile name
        hint: a role needs no keys: set it as role_arn in a profile, together with source_profile
    "};
    scene.fails(run, 2, said, &[]);
    let run = scene.run(&["setup", "my dev", "--no-input"]).stdin(LINES);
    let said = indoc! {"
        error: the AWS SDKs don't read a profile named `my dev`
        hint: choose another name: letters, digits and _ - / . % @ : +
    "};
    scene.fails(run, 2, said, &[]);
}

#[test]
fn refused_keys_are_stored_nowhere_and_each_refusal_has_its_message() {
    let unknown = nobody_with(alice_without_device().start());
    unknown.aws.deactivate_key(KEY_ID);
    let said = formatdoc! {"
        error: AWS does not know the access key {KEY_ID}
        hint: check for a typo; it may have been deleted or deactivated, or the region us-east-1 is in another partition or not enabled; keys of AWS China and GovCloud are known only there: use --region cn-north-1 or --region us-gov-west-1
    "};
    unknown.fails(unknown.setup(&[]).stdin(LINES), 5, &said, &[ASK]);

    let scene = nobody();
    let other = LINES.replace("KEY\n", "KEx\n");
    let said = formatdoc! {"
        error: the secret access key does not belong to the access key {KEY_ID}
        hint: copy the secret again, without a missing or extra character; AWS shows it only once, so if it is lost, make a new access key
    "};
    let sent = scene.aws.actions().len();
    scene.setup(&[]).stdin(other).status(5).stderr(said).run();
    assert!(scene.aws.actions().len() > sent);
    assert_eq!(
        scene.home.read_credentials() + &scene.home.read_config(),
        ""
    );

    // For keys in a file, the error names the setting.
    let held = Scene::default().credentials(CREDENTIALS.replace("KEY\n", "KEx\n"));
    let said = "error: {*}\nhint: check aws_secret_access_key for a missing or extra character\n";
    held.setup(&[]).status(5).stderr(said).run();

    let scene = nobody();
    scene.aws.deactivate_sts();
    let run = scene.setup(&["--region", "eu-west-1"]).stdin(LINES);
    let said = "error: STS is not activated in the region eu-west-1: {*}\nhint: choose another region with --region\n";
    scene.fails(run, 5, said, &[ASK]);
}

#[test]
fn a_clock_that_is_off_does_not_matter() {
    let scene = nobody();
    scene.aws.shift_clock(TimeDelta::days(3));
    let run = scene.setup(&["--no-login"]).stdin(LINES);
    // The answer contains AWS's time, and the request is signed again with that.
    scene.works(run, SAID, &[ASK, ASK]);
    assert_eq!(scene.home.read_credentials(), STORED);
}

#[test]
fn without_an_answer_nothing_is_stored() {
    let scene = nobody();
    scene.aws.fault_always(ASK, Fault::CutAnswer);
    let run = scene.setup(&["--region", "eu-west-1"]).stdin(LINES);
    run.status(6)
        .check_stderr(|it| assert!(it.starts_with("error: "), "{it}"))
        .run();
    assert_eq!(
        scene.home.read_credentials() + &scene.home.read_config(),
        ""
    );
}

#[test]
fn without_keys_or_a_prompt_it_says_what_is_missing() {
    let hint = "hint: give AWS's file with --from-csv, or the access key id and its secret on standard input, one per line\n";
    let said =
        format!("error: profile dev needs an access key, and --no-input forbids asking\n{hint}");
    for (config, credentials) in [("", ""), (CONFIG, ""), ("", "[other]\n")] {
        let scene = nobody().config(config).credentials(credentials);
        scene.fails(scene.setup(&[]), 7, &said, &[]);
        scene.fails(scene.setup(&[]).stdin(""), 7, &said, &[]);
        scene.fails(scene.setup(&[]).stdin("\n\n"), 7, &said, &[]);
    }
}

#[test]
fn an_invalid_region_is_refused() {
    let scene = nobody();
    let run = scene.setup(&["--region", "eu west"]).stdin(LINES);
    let said = "error: --region is not a region: eu west\nhint: a region looks like eu-west-1\n";
    scene.fails(run, 2, said, &[]);
}

#[test]
fn a_region_that_does_not_look_like_awss_is_not_stored() {
    for name in ["EU-WEST-1", "aws-global", "xx"] {
        let scene = nobody();
        let run = scene.setup(&["--region", name]).stdin(LINES);
        let said = format!(
            "error: --region is not one of AWS's: {name}\nhint: a region looks like eu-west-1, cn-north-1 or us-gov-west-1\n"
        );
        scene.fails(run, 2, &said, &[]);
        let run = scene.setup(&[]).env("AWS_REGION", name).stdin(LINES);
        let said = format!(
            "error: the region of the environment is not one of AWS's: {name}\nhint: a region looks like eu-west-1, cn-north-1 or us-gov-west-1: correct AWS_REGION or AWS_DEFAULT_REGION\n"
        );
        scene.fails(run, 1, &said, &[]);
    }
}

#[test]
fn a_code_and_no_login_do_not_go_together() {
    let scene = Scene::with(alice().start());
    let run = scene.setup(&["--no-login", "--code-stdin"]).status(2);
    run.check_stderr(|it| assert!(it.contains("cannot be used with"), "{it}"))
        .run();
}
