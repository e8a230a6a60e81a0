//! Tests `whoami`: it says who the caller is to AWS, with the keys that AWS tools would use.

mod key_owner;
mod ways;

use std::fs;

use indoc::{formatdoc, indoc};
use serde_json::{Value, json};

#[cfg(unix)]
use crate::scene::wait_until;
use crate::scene::{CONFIG, CREDENTIALS, KEYS, Scene, alice, snapshot};
use crate::support::aws::fault::Fault;
use crate::support::aws::{KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::run::Run;

const IDENTITY: &[&str] = &["GetCallerIdentity"];
/// The request for the account of a key.
const INFO: &[&str] = &["GetAccessKeyInfo"];
const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

fn whoami<'a>(home: &'a Home, args: &[&str]) -> Run<'a> {
    Run::new(home).args(["whoami"]).args(args)
}

/// A scene with a session of dev from the stand-in.
fn signed_in() -> Scene {
    let scene = Scene::default();
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

/// Checks that a run makes these requests and prints this.
fn shows(scene: &Scene, run: Run<'_>, stdout: impl Into<String>, actions: &[&str]) {
    scene.works(run.stdout(stdout), "", actions);
}

/// What `--json` prints.
fn json_of(run: Run<'_>) -> Value {
    let ran = run.check_stdout(|_| {}).run();
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// A run with keys in the environment.
fn with_keys<'a>(run: Run<'a>, id: &str, secret: &str, token: Option<&str>) -> Run<'a> {
    let run = run
        .env("AWS_ACCESS_KEY_ID", id)
        .env("AWS_SECRET_ACCESS_KEY", secret);
    match token {
        Some(token) => run.env("AWS_SESSION_TOKEN", token),
        None => run,
    }
}

/// A run with the scene's latest session in the environment.
fn with_session<'a>(scene: &Scene, run: Run<'a>) -> Run<'a> {
    let session = scene.aws.sessions().pop().expect("there is one");
    with_keys(
        run,
        &session.access_key_id,
        &session.secret,
        Some(&session.token),
    )
}

/// The lines for people.
fn lines(mfa: &str, keys: &str) -> String {
    formatdoc! {"
        account  123456789012
        arn      {ALICE}
        user id  AIDA{{*}}
        mfa      {mfa}
        keys     {keys}
    "}
}

#[test]
fn a_source_profile_means_its_long_term_keys() {
    let scene = signed_in();
    let expected = lines("no", &format!("profile dev ({KEY_ID})"));
    for run in [
        whoami(&scene.home, &["-p", "dev"]),
        whoami(&scene.home, &[]).env("AWS_PROFILE", "dev"),
        whoami(&scene.home, &["-p", "dev"]).env("AWS_PROFILE", "prod"),
        whoami(&scene.home, &["-p", "dev", "--quiet"]),
        with_session(&scene, whoami(&scene.home, &["-p", "dev"])),
    ] {
        shows(&scene, run, expected.as_str(), IDENTITY);
    }
}

#[test]
fn a_session_profile_means_the_session_itself() {
    let scene = signed_in();
    let id = scene.aws.sessions()[0].access_key_id.clone();
    let expected = lines("yes", &format!("profile dev-mfa ({id})")) + "until    {*} (12h left)\n";
    for run in [
        whoami(&scene.home, &["-p", "dev-mfa"]),
        whoami(&scene.home, &[]).env("AWS_PROFILE", "dev-mfa"),
        with_keys(
            whoami(&scene.home, &["-p", "dev-mfa"]),
            "AKIAELSE",
            "x",
            None,
        ),
    ] {
        shows(&scene, run, expected.as_str(), IDENTITY);
    }
}

#[test]
fn keys_in_the_environment_take_precedence_over_aws_profile() {
    let scene = signed_in();
    let run = whoami(&scene.home, &[]).env("AWS_PROFILE", "dev-mfa");
    let expected = lines("no", &format!("the environment ({KEY_ID})"));
    let run = with_keys(run, KEY_ID, SECRET_KEY, None).stdout(expected);
    let warning = "warning: AWS_PROFILE is set too: {*}\n";
    scene.works(run, warning, IDENTITY);
}

#[test]
fn a_session_in_the_environment_is_recognised_from_the_files() {
    let scene = signed_in();
    let id = scene.aws.sessions()[0].access_key_id.clone();
    let run = with_session(&scene, whoami(&scene.home, &[]));
    let expected = lines("yes", &format!("the environment ({id})")) + "until    {*} (12h left)\n";
    shows(&scene, run, expected, IDENTITY);
    let shown = json_of(with_session(&scene, whoami(&scene.home, &["--json"])));
    assert_eq!(shown["profile"], "dev-mfa");
    assert_eq!(shown["keys_from"], "environment");

    // Files without this session can't tell.
    let elsewhere = Home::with(&scene.aws);
    let run = with_session(&scene, whoami(&elsewhere, &[]));
    shows(
        &scene,
        run,
        lines("unknown", &format!("the environment ({id})")),
        IDENTITY,
    );
    let shown = json_of(with_session(&scene, whoami(&elsewhere, &["--json"])));
    assert_eq!(shown["profile"], Value::Null);
    assert_eq!(shown["mfa"], Value::Null);
    assert_eq!(shown["managed"], false);
}

#[test]
fn json_has_every_field_by_name_and_no_secret() {
    let scene = signed_in();
    let session = scene.aws.sessions()[0].clone();
    let mut shown = json_of(whoami(&scene.home, &["-p", "dev-mfa", "--json"]));
    let left = shown["remaining_seconds"].take();
    assert!(
        left.as_i64()
            .is_some_and(|it| (43_000..=43_200).contains(&it)),
        "{left}"
    );
    let id = shown["user_id"].take();
    assert!(id.as_str().is_some_and(|it| it.starts_with("AIDA")), "{id}");
    assert_eq!(
        shown,
        json!({
            "profile": "dev-mfa",
            "source_profile": "dev",
            "account": "123456789012",
            "arn": ALICE,
            "user_id": null,
            "mfa": true,
            "mfa_serial": scene.aws.serial(USER),
            "access_key_id": session.access_key_id,
            "keys_from": "profile",
            "expiration": session.expiration.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "remaining_seconds": null,
            "managed": true,
        })
    );
    let mut shown = json_of(whoami(&scene.home, &["-p", "dev", "--json"]));
    shown["user_id"].take();
    assert_eq!(
        shown,
        json!({
            "profile": "dev",
            "source_profile": null,
            "account": "123456789012",
            "arn": ALICE,
            "user_id": null,
            "mfa": false,
            "mfa_serial": null,
            "access_key_id": KEY_ID,
            "keys_from": "profile",
            "expiration": null,
            "remaining_seconds": null,
            "managed": false,
        })
    );
}

#[test]
fn another_tools_session_says_nothing_about_mfa() {
    let scene = signed_in();
    let text = scene.home.read_credentials();
    let unmarked: String = text
        .lines()
        .filter(|line| !line.starts_with("awsmfa_"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(scene.home.credentials_path(), unmarked).expect("the home is writable");
    let shown = json_of(whoami(&scene.home, &["-p", "dev-mfa", "--json"]));
    assert_eq!(
        (&shown["mfa"], &shown["managed"]),
        (&Value::Null, &json!(false))
    );
}

#[test]
fn a_roles_session_is_the_role_and_carries_no_mfa_itself() {
    let aws = alice().role("admin").needs_mfa().start();
    let role = indoc! {"
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let scene = Scene::with(aws).config(format!("{CONFIG}{role}"));
    let run = whoami(&scene.home, &["-p", "admin"]);
    // AWS tools would assume it with the keys of its source, which AWS does not allow.
    let absent = indoc! {"
        error: AWS refused sts:AssumeRole: User: {*} is not authorized to perform: sts:AssumeRole on {*}
        hint: sign in with `awsmfa login --profile admin`, then use admin-mfa
    "};
    scene.fails(run, 5, absent, &["AssumeRole"]);
    scene.login(&["-p", "admin", "-q"]).run();
    let shown = json_of(whoami(&scene.home, &["-p", "admin-mfa", "--json"]));
    let arn = "arn:aws:sts::123456789012:assumed-role/admin/awsmfa-admin";
    assert_eq!(shown["arn"], arn);
    assert_eq!(shown["source_profile"], "admin");
    assert_eq!(shown["mfa"], Value::Null);
    let run = whoami(&scene.home, &["-p", "admin"]);
    let known = indoc! {"
        error: AWS refused sts:AssumeRole: User: {*} is not authorized to perform: sts:AssumeRole on {*}
        hint: use the profile that holds its session: `--profile admin-mfa`
    "};
    scene.fails(run, 5, known, &["AssumeRole"]);
    // AWS tells the account of a key only to long-term keys, here those of the role's source.
    let run = whoami(&scene.home, &["-p", "admin-mfa", "--access-key-id", KEY_ID]);
    shows(&scene, run, "123456789012\n", INFO);
}

#[test]
fn a_credential_process_is_run_even_if_it_is_awsmfa() {
    let scene = signed_in();
    let id = scene.aws.sessions()[0].access_key_id.clone();
    let awsmfa = env!("CARGO_BIN_EXE_awsmfa");
    let third = format!(
        "[profile third]\ncredential_process = \"{awsmfa}\" credential-process --profile dev\n"
    );
    let config = format!("{}{third}", scene.home.read_config());
    fs::write(scene.home.config_path(), config).expect("the home is writable");
    let origin = format!("the credential_process of profile third ({id})");
    let expected = lines("yes", &origin) + "until    {*} (12h left)\n";
    shows(
        &scene,
        whoami(&scene.home, &["-p", "third"]),
        expected,
        IDENTITY,
    );
    let shown = json_of(whoami(&scene.home, &["-p", "third", "--json"]));
    assert_eq!(shown["keys_from"], "credential_process");
}

#[test]
fn an_expired_session_is_reported_without_asking_aws() {
    let scene = signed_in();
    let session = scene.aws.sessions()[0].clone();
    let end = session.expiration.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let text = scene
        .home
        .read_credentials()
        .replace(&end, "2020-01-01T00:00:00Z");
    fs::write(scene.home.credentials_path(), &text).expect("the home is writable");
    let said = indoc! {"
        error: the session of dev-mfa has expired
        hint: sign in with `awsmfa login --profile dev`
    "};
    scene.fails(whoami(&scene.home, &["-p", "dev-mfa"]), 3, said, &[]);
    let said = indoc! {"
        error: the session of dev-mfa in the environment has expired
        hint: sign in with `awsmfa login --profile dev`, then put the new one in the environment
    "};
    scene.fails(with_session(&scene, whoami(&scene.home, &[])), 3, said, &[]);
}

#[test]
fn a_session_that_only_aws_knows_has_expired_is_refused_in_its_words() {
    let scene = signed_in();
    let id = scene.aws.sessions()[0].access_key_id.clone();
    scene.aws.expire_sessions();
    let said = formatdoc! {"
        error: the session of the access key {id} has expired
        hint: sign in again with `awsmfa login`
    "};
    scene.fails(whoami(&scene.home, &["-p", "dev-mfa"]), 5, &said, IDENTITY);
}

#[test]
fn missing_keys_are_reported() {
    let scene = Scene::default();
    let said = indoc! {"
        error: there is no profile default in the AWS files
        hint: choose one with --profile: dev
    "};
    scene.fails(whoami(&scene.home, &[]), 1, said, &[]);
    let said = "error: not signed in to dev-mfa\nhint: sign in with `awsmfa login --profile dev`\n";
    scene.fails(whoami(&scene.home, &["-p", "dev-mfa"]), 3, said, &[]);
    let said = indoc! {"
        error: there is no profile prod in the AWS files
        hint: choose one with --profile: dev
    "};
    scene.fails(
        whoami(&scene.home, &[]).env("AWS_PROFILE", "prod"),
        1,
        said,
        &[],
    );
    let half = Scene::with_files(
        CONFIG,
        format!("{CREDENTIALS}[dev-mfa]\naws_session_token = t9t9t9\n"),
    );
    let said = "error: not signed in to dev-mfa\nhint: sign in with `awsmfa login --profile dev`\n";
    half.fails(whoami(&half.home, &["-p", "dev-mfa"]), 3, said, &[]);
}

#[test]
fn the_region_and_the_endpoint_are_the_profiles_or_else_its_sources() {
    let scene = Scene::default();
    let region = |run: Run<'_>| {
        run.check_stdout(|_| {}).run();
        let requests = scene.aws.requests();
        requests.last().expect("one").region.clone()
    };
    let long = |args: &[&str]| {
        let args: Vec<&str> = ["-p", "dev"].iter().chain(args).copied().collect();
        whoami(&scene.home, &args)
    };
    assert_eq!(region(long(&[])), "eu-central-1");
    assert_eq!(
        region(long(&[]).env("AWS_REGION", "eu-west-3")),
        "eu-west-3"
    );
    assert_eq!(
        region(long(&["--region", "ap-south-1"]).env("AWS_REGION", "x")),
        "ap-south-1"
    );
    scene.login(&["-p", "dev", "-q"]).run();
    fs::write(scene.home.config_path(), CONFIG).expect("the home is writable");
    assert_eq!(
        region(whoami(&scene.home, &["-p", "dev-mfa"])),
        "eu-central-1"
    );

    let endpoint = scene.aws.endpoint();
    let config = format!("{CONFIG}endpoint_url = {endpoint}\n");
    let elsewhere = Home::new().credentials(CREDENTIALS).config(config);
    let run = whoami(&elsewhere, &["-p", "dev"]).env_remove("AWS_ENDPOINT_URL");
    shows(
        &scene,
        run,
        lines("no", &format!("profile dev ({KEY_ID})")),
        IDENTITY,
    );
}

#[test]
fn every_failure_on_the_way_to_aws_has_its_exit_code() {
    let home = Home::new().config(CONFIG).credentials(CREDENTIALS);
    let unreachable = |said: &str| {
        assert!(
            said.starts_with("error: can't reach 127.0.0.1:1: "),
            "{said}"
        )
    };
    whoami(&home, &["-p", "dev"])
        .status(6)
        .check_stderr(unreachable)
        .run();

    let scene = Scene::default();
    for (fault, code, begin) in [
        (Fault::NotXml, 6, "error: "),
        (Fault::EmptyFields, 6, "error: "),
        (
            Fault::Status(503),
            6,
            "error: sts:GetCallerIdentity failed at ",
        ),
        (
            Fault::Denied { explicit: true },
            5,
            "error: AWS refused sts:GetCallerIdentity: User: ",
        ),
    ] {
        scene.aws.fault_always("GetCallerIdentity", fault);
        let said = move |said: &str| {
            assert!(
                said.starts_with(begin) && said.contains("\nhint: "),
                "{said}"
            )
        };
        whoami(&scene.home, &["-p", "dev"])
            .status(code)
            .check_stderr(said)
            .run();
        scene.aws.heal();
    }
    scene.aws.deactivate_key(KEY_ID);
    let said = format!("error: AWS does not know the access key {KEY_ID}\nhint: {{*}}\n");
    scene.fails(whoami(&scene.home, &["-p", "dev"]), 5, &said, IDENTITY);
}

#[test]
fn the_steps_are_shown_on_request_and_never_a_key() {
    let scene = Scene::default();
    let stdout = lines("no", &format!("profile dev ({KEY_ID})"));
    let run = whoami(&scene.home, &["-p", "dev", "-v"]).stdout(stdout);
    let step =
        "asking AWS in eu-central-1 who owns the keys of profile dev (sts:GetCallerIdentity)\n";
    scene.works(run, step, IDENTITY);
    let run = whoami(&scene.home, &["-p", "dev", "-v", "--access-key-id", KEY_ID]);
    let step = "asking AWS in eu-central-1 for the account of a key, with the keys of profile dev (sts:GetAccessKeyInfo)\n";
    scene.works(run.stdout("123456789012\n"), step, INFO);
}

#[test]
fn text_from_outside_cannot_steer_the_terminal() {
    let name = "a\u{202e}b";
    let scene = Scene::with_files("", format!("[{name}]\n{KEYS}"));
    whoami(&scene.home, &["-p", name])
        .check_stdout(|text| {
            assert!(text.contains("profile a\\u{202e}b ("), "{text}");
            assert!(!text.contains('\u{202e}'), "{text}");
        })
        .run();
}

#[test]
fn no_file_is_touched() {
    let scene = signed_in();
    let before = snapshot(&scene.home);
    for args in [
        &["-p", "dev"][..],
        &["-p", "dev-mfa", "--json"],
        &["-p", "dev", "--access-key-id", KEY_ID],
    ] {
        whoami(&scene.home, args).check_stdout(|_| {}).run();
    }
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn a_session_profile_with_its_own_name_is_named_in_the_hint() {
    let scene = Scene::default();
    let session_profile = ["--session-profile", "work"];
    let args = [&["-q", "-p", "dev"], &session_profile[..]].concat();
    scene.login(&args).run();
    Run::new(&scene.home).args(["logout", "-qp", "work"]).run();
    let stderr = indoc! {"
        error: not signed in to work
        hint: sign in with `awsmfa login --profile dev --session-profile work`
    "};
    // What a logout leaves behind names no source; the section before it does.
    let path = scene.home.credentials_path();
    let text = scene.home.read_credentials() + "\n[work]\nawsmfa_source_profile = dev\n";
    fs::write(path, text).expect("there is room");
    let run = whoami(&scene.home, &["-p", "work"]).status(3);
    run.stderr(stderr).run();
}

/// Writing a line to a terminal from its background can stop the writer.
#[cfg(unix)]
#[test]
fn a_run_in_the_background_of_a_terminal_is_cancelled_and_not_stopped() {
    let scene = Scene::default();
    scene.aws.fault("GetCallerIdentity", Fault::Silent);
    // With `set -m`, a command started with `&` handles SIGINT as usual, in a process group of its own.
    let script = indoc! {r#"
        set -m; stty tostop
        "$@" >out 2>err & it=$!
        until test -e asked; do sleep 0.05; done
        { kill -INT $it; wait $it; code=$?; } 2>/dev/null
        echo "ended with $code: $(cat err)"
    "#};
    let mut terminal = scene
        .terminal(&["whoami", "-p", "dev"])
        .script(&format!("exec bash -c '{script}' bash \"$@\""))
        .start();
    wait_until("a request", || !scene.aws.actions().is_empty());
    fs::write(scene.home.path().join("asked"), "").expect("there is room");
    terminal.sees("ended with");
    terminal.ends(0, "ended with 130: error: cancelled\n");
}
