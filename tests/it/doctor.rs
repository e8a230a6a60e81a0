//! Tests `doctor`: it finds every trouble, says what to do, and lets none hide another. It asks for no
//! code, writes nothing, and shows no secret.

mod aws;
mod environment;
mod files;
mod network;
mod others;
mod profile;
mod session;
mod share;
mod shell;
mod tools;

use indoc::indoc;
use serde_json::Value;

use crate::scene::{CONFIG, CREDENTIALS, SESSION, Scene, TRIPWIRE, alice, snapshot};
use crate::support::aws::USER;
use crate::support::home::Home;
use crate::support::run::{Run, matches};
use crate::support::system;

/// The requests of a run in which every question is answered, in no particular order.
const REQUESTS: [&str; 4] = [
    "GetAccessKeyLastUsed",
    "GetCallerIdentity",
    "ListAccessKeys",
    "ListMFADevices",
];

/// What a run says that does not ask AWS.
const OFFLINE: &str =
    "unknown AWS: not asked (--offline): the connection, the clock, the user's keys and devices\n";

/// `doctor` with these arguments.
fn doctor<'a>(home: &'a Home, args: &[&str]) -> Run<'a> {
    Run::new(home).args(["doctor"]).args(args)
}

/// Checks that a run prints these blocks of lines, among others, and changes nothing.
fn finds(home: &Home, run: Run<'_>, status: i32, blocks: &[&str]) -> String {
    let before = snapshot(home);
    let shown = tells(home, run, status, blocks);
    assert_eq!(snapshot(home), before, "files changed");
    shown
}

/// The same with a dangling link, of which no snapshot can be taken.
fn tells(home: &Home, run: Run<'_>, status: i32, blocks: &[&str]) -> String {
    let shown = run.status(status).check_stdout(|_| {}).run().stdout;
    for block in blocks {
        assert!(has(home, &shown, block), "not found:\n{block}in\n{shown}");
    }
    shown
}

/// Whether a text contains these lines one after another.
fn has(home: &Home, shown: &str, block: &str) -> bool {
    let block = system::typed(&system::words(block, home.path()));
    let block = block.trim_end_matches('\n');
    let shown = system::same_paths(shown, home.path());
    let lines: Vec<&str> = shown.lines().collect();
    lines
        .windows(block.lines().count())
        .any(|window| matches(block, &window.join("\n")))
}

/// The same for a run that asks nobody, with these files.
fn finds_offline(config: &str, credentials: &str, status: i32, blocks: &[&str]) -> String {
    let home = Home::new().config(config).credentials(credentials);
    let run = doctor(&home, &["dev", "--offline"]);
    finds(&home, run, status, blocks)
}

/// Alice, after a login.
fn signed_in() -> Scene {
    let scene = Scene::with(alice().start());
    scene.login(&["-p", "dev", "-q"]).run();
    scene
}

/// Alice's credentials file with a session that AWS does not know.
fn with_session() -> String {
    CREDENTIALS.to_owned() + SESSION
}

/// The requests since `sent`, sorted.
fn requests(scene: &Scene, sent: usize) -> Vec<String> {
    let mut actions = scene.aws.actions().split_off(sent);
    actions.sort();
    actions
}

#[test]
fn if_all_is_well_every_line_is_good_and_in_a_fixed_order() {
    let scene = signed_in();
    let sent = scene.aws.actions().len();
    let before = snapshot(&scene.home);
    let run = doctor(&scene.home, &[]).env("AWS_PROFILE", "dev-mfa");
    let shell = match system::HAS_SHELL_FILES {
        true => "good    shell: no completions; no manual pages\n",
        false => "",
    };
    let told = indoc! {"
        good    awsmfa: 0.1.0 on {*}, {*}
        good    config file: all tools can read {home}/.aws/config
        good    credentials file: all tools can read {home}/.aws/credentials
        good    environment: it holds no AWS keys
        good    profile: dev-mfa stands for dev: profile dev holds the access key AKIAIOSFODNN7EXAMPLE, in the credentials file
        good    sign-in: the session of dev-mfa is still valid, so no code is needed
        good    session: dev-mfa is valid until {*} (12h left), made with the MFA device alice
        good    device: mfa_serial of profile dev is arn:aws:iam::123456789012:mfa/alice
        good    region: eu-central-1 (region of profile dev)
        good    endpoint: requests to AWS go to http://127.0.0.1:{*} (AWS_ENDPOINT_URL)
        good    network: no proxy; the system's certificate authorities are trusted
        good    STS: 127.0.0.1:{*} answers in {*} ms
        good    IAM: 127.0.0.1:{*} answers in {*} ms
        good    clock: this computer's clock agrees with AWS's to within a minute
        good    user: the keys of profile dev belong to alice in account 123456789012 (arn:aws:iam::123456789012:user/alice)
        good    access key: AKIAIOSFODNN7EXAMPLE is active, less than a day old, last used {*} for {*} in {*}
        good    device: alice has arn:aws:iam::123456789012:mfa/alice (virtual, since {*})
        good    AWS tools: tools started here use the session in profile dev-mfa
    "};
    run.stdout(told.to_owned() + shell).run();
    assert_eq!(requests(&scene, sent), REQUESTS);
    assert_eq!(snapshot(&scene.home), before);
}

#[test]
fn json_has_the_same_findings() {
    let home = Home::new().config(CONFIG).credentials(with_session());
    let json = |args: &[&str]| -> Value {
        let run = doctor(&home, &["dev", "--offline", "--json"]).args(args);
        let shown = run.check_stdout(|_| {}).run().stdout;
        serde_json::from_str(&shown).expect("JSON")
    };
    let shown = json(&[]);
    let object = shown.as_object().expect("an object");
    assert_eq!(object.keys().collect::<Vec<_>>(), ["findings", "profile"]);
    assert_eq!(shown["profile"], "dev");
    let findings = shown["findings"].as_array().expect("a list");
    let text = |finding: &Value, name: &str| finding[name].as_str().map(str::to_owned);
    for finding in findings {
        let names = finding.as_object().expect("an object").keys();
        let names: Vec<_> = names.collect();
        assert_eq!(names, ["hint", "message", "state", "subject"]);
    }
    let told: Vec<[Option<String>; 2]> = findings
        .iter()
        .map(|it| [text(it, "subject"), text(it, "state")])
        .collect();
    let mut expected = vec![
        ["awsmfa", "good"],
        ["config file", "good"],
        ["credentials file", "good"],
        ["environment", "good"],
        ["profile", "good"],
        ["sign-in", "good"],
        ["session", "good"],
        ["device", "good"],
        ["region", "good"],
        ["endpoint", "good"],
        ["network", "good"],
        ["AWS", "unknown"],
        ["AWS tools", "good"],
    ];
    if system::HAS_SHELL_FILES {
        expected.push(["shell", "good"]);
    }
    let expected = expected.into_iter();
    let expected: Vec<_> = expected
        .map(|it| it.map(|text| Some(text.to_owned())))
        .collect();
    assert_eq!(told, expected);
    let message = text(&findings[12], "message").expect("a text");
    assert!(
        message.ends_with(&system::typed("`export AWS_PROFILE=dev-mfa`")),
        "{message}"
    );
    assert_eq!(findings[0]["hint"], Value::Null);
    // The same findings; nothing is replaced here except the home folder.
    assert_eq!(json(&["-q"]), shown);
}

#[test]
fn offline_makes_no_connection_and_runs_no_command() {
    let scene = signed_in();
    let connections = scene.aws.connections();
    let run = doctor(&scene.home, &["dev", "--offline"]);
    finds(&scene.home, run, 0, &[OFFLINE]);
    let process = "[profile dev]\ncredential_process = touch {home}/was-run\nregion = eu-west-1\n";
    let process = process.replace("{home}", &scene.home.path().to_string_lossy());
    let scene = scene.config(process).credentials("");
    let run = doctor(&scene.home, &["dev", "--offline"]);
    let told = "good    profile: profile dev gets its access key from its credential_process\n";
    finds(&scene.home, run, 0, &[OFFLINE, told]);
    assert_eq!(scene.aws.connections(), connections);
    assert!(!scene.home.path().join("was-run").exists());
}

#[test]
fn quiet_shows_only_warnings_and_bad_findings_and_a_bad_one_ends_in_1() {
    let home = Home::new()
        .config("[profile dev]\nregion = eu central\n")
        .credentials(with_session());
    let expected = indoc! {"
        bad     network: region of profile dev is not a region: eu central
                hint: a region looks like eu-west-1
        unknown AWS: not asked (--offline): the connection, the clock, the user's keys and devices
    "};
    let run = doctor(&home, &["dev", "--offline", "-q"]).env("AWS_PROFILE", "dev-mfa");
    run.status(1).stdout(expected).run();
}

#[test]
fn no_code_is_asked_for_or_spent() {
    let scene = signed_in();
    let expired = scene
        .home
        .read_credentials()
        .replace("_expires = 20", "_expires = 19");
    let config = format!("{CONFIG}mfa_process = touch {TRIPWIRE}; echo 314159\n");
    let scene = scene.config(config).credentials(expired);
    let sent = scene.aws.actions().len();
    let run = doctor(&scene.home, &["dev"]).env("AWSMFA_CODE", scene.aws.code(USER));
    let told = "warning session: the session of dev-mfa has expired\n";
    finds(&scene.home, run, 0, &[told]);
    assert_eq!(requests(&scene, sent), REQUESTS);
    assert!(!scene.home.path().join(TRIPWIRE).exists());
}

#[test]
fn one_problem_hides_no_other() {
    let scene = Scene::with_files([0xff, 0xfe, b'[', 0, b'd', 0], CREDENTIALS);
    let run = doctor(&scene.home, &["dev"]).env("AWS_REGION", "?");
    let blocks = [
        "bad     config file: {home}/.aws/config is in UTF-16, which AWS tools don't read\n",
        "good    profile: profile dev holds the access key AKIAIOSFODNN7EXAMPLE, in the credentials file\n",
        "unknown sign-in: both files must be readable before it can be tried out\n",
        "warning session: not signed in to dev-mfa\n",
        "bad     network: AWS_REGION is not a region: ?\n",
        "unknown AWS: it can't be asked with these settings\n",
        "good    shell: no completions; no manual pages\n",
    ];
    let blocks = blocks.into_iter();
    let told: Vec<&str> = blocks
        .filter(|it| system::HAS_SHELL_FILES || !it.contains("shell:"))
        .collect();
    finds(&scene.home, run, 1, &told);
}

#[test]
fn words_are_coloured_only_at_a_terminal() {
    let home = Home::new().config(CONFIG).credentials(with_session());
    let run = || doctor(&home, &["dev", "--offline"]);
    let plain = finds(&home, run(), 0, &[]);
    assert!(!plain.contains('\u{1b}'));
    let coloured = finds(&home, run().env("CLICOLOR_FORCE", "1"), 0, &[]);
    assert!(
        coloured.contains("\u{1b}[32mgood\u{1b}[0m    profile: "),
        "{coloured:?}"
    );
    assert!(coloured.contains("\u{1b}[33m"), "{coloured:?}");
}
