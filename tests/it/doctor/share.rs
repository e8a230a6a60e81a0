//! Checks that the output of `doctor --share` contains no name and no number of the scene, and the same
//! word for the same name.

use indoc::indoc;

use super::{doctor, finds, tells};
use crate::scene::{DEVICE_SECRET, KEYS, SESSION, Scene};
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY};
use crate::support::home::Home;
use crate::support::system;

/// Everything in the scene that could identify somebody.
const NAMES: [&str; 17] = [
    "acme",
    "jdoe",
    "210987654321",
    "AKIA",
    "ASIA",
    "AIDA",
    "jdoe-phone",
    "corp.example.com",
    "pr0xy",
    "secretteam",
    "platform",
    "x-tenant",
    "hush",
    "acme-admin",
    "/tmp/",
    "old-tool",
    "GAHT87654321",
];

fn scene() -> Scene {
    let aws = Aws::builder()
        .account("210987654321")
        .user("secretteam/jdoe")
        .key(KEY_ID, SECRET_KEY)
        .key("AKIASECOND", "hush9")
        .created_at("2024-01-02T03:04:05Z")
        .device("jdoe-phone", DEVICE_SECRET)
        .hardware("GAHT87654321", DEVICE_SECRET)
        .start();
    let config = indoc! {"
        [profile acme]
        region = eu-central-1
        mfa_serial = arn:aws:iam::210987654321:mfa/jdoe-phone
        [profile acme-admin]
        role_arn = arn:aws:iam::210987654321:role/platform/acme-admin
        source_profile = acme
        external_id = x-tenant
        [profile old-tool]
        sso_session = acme-corp
        [acme-typo]
        region = eu-west-1
    "};
    Scene::with(aws)
        .config(config)
        .credentials(format!("[acme]\n{KEYS}"))
}

fn check(shown: &str) {
    for name in NAMES {
        assert!(!shown.contains(name), "{name} is in\n{shown}");
    }
}

#[test]
fn names_and_numbers_are_replaced_and_the_rest_stays() {
    let scene = scene();
    let login = [
        "login",
        "-pacme",
        "-q",
        "--code",
        &scene.aws.code("jdoe-phone"),
    ];
    scene.run(&login).run();
    let shared = |args: &[&str], status| {
        let run = doctor(&scene.home, &["--share"]).args(args);
        let run = run.env(
            "HTTPS_PROXY",
            "http://hush:hush@pr0xy.corp.example.com:8080",
        );
        finds(&scene.home, run, status, &[])
    };
    for args in [
        &["acme"][..],
        &["acme-admin"],
        &["acme-mfa"],
        &["old-tool"],
        &["x-tenant"],
        &["acme", "--json"],
        &["acme", "--offline"],
    ] {
        let status = i32::from(args[0] == "x-tenant");
        check(&shared(args, status));
    }
    let blocks = [
        "good    config file: all tools can read ~/.aws/config\n",
        "good    session: profile-1-mfa is valid until {*} (12h left), made with the MFA device device-1\n",
        "good    region: eu-central-1 (region of profile profile-1)\n",
        "good    device: mfa_serial of profile profile-1 is arn:aws:iam::account-1:mfa/device-1\n",
        "good    user: the keys of profile profile-1 belong to user-1 in account account-1 (arn:aws:iam::account-1:user/name-1/user-1)\n",
        "good    network: https:// goes through the proxy host-1:8080; the system's certificate authorities are trusted\n",
    ];
    let run = doctor(&scene.home, &["acme", "--share"]);
    let run = run.env(
        "HTTPS_PROXY",
        "http://hush:hush@pr0xy.corp.example.com:8080",
    );
    finds(&scene.home, run, 0, &blocks);
}

#[test]
fn bad_findings_are_shown_without_names_too() {
    let scene = scene().config(indoc! {"
        [profile acme]
        region = corp.example.com
        mfa_serial = jdoe
        role_arn = platform
        source_profile = secretteam
        endpoint_url = pr0xy.corp.example.com
        [profile acme]
    "});
    let run = doctor(&scene.home, &["acme", "--share"])
        .env("AWS_CA_BUNDLE", "/srv/acme/ca")
        .env("AWS_ENDPOINT_URL_STS", "x-tenant.corp.example.com")
        .env("AWS_DEFAULT_PROFILE", "secretteam");
    check(&finds(
        &scene.home,
        run,
        1,
        &["bad     profile: {*}\n", "bad     network: {*}\n"],
    ));
    let scene = scene.credentials("[acme]\naws_access_key_id = AKIAX\n");
    let run = doctor(&scene.home, &["acme", "--share", "--offline"]);
    check(&finds(&scene.home, run, 1, &[]));
}

/// The output of an offline run with these files and variables, which must not contain any name that
/// begins with `zq`.
fn hides(config: &str, args: &[&str], variables: &[(&str, &str)], blocks: &[&str]) -> String {
    let home = Home::new().config(config).credentials("");
    let run = doctor(&home, &["--share", "--offline"]).args(args);
    let run = variables
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    let shown = run.any_status().check_stdout(|_| {}).run().stdout;
    assert!(!shown.to_lowercase().contains("zq"), "zq is in\n{shown}");
    for block in blocks {
        assert!(
            super::has(&home, &shown, block),
            "not found:\n{block}in\n{shown}"
        );
    }
    shown
}

#[test]
fn a_home_is_hidden_whatever_characters_it_has() {
    let names = [
        "John Zq Smith",
        "zq (a) 'b', c d",
        "zq (a) 'b', c: d",
        "zq\"x",
    ];
    for name in names.into_iter().filter(|it| system::can_name_a_file(it)) {
        let home = Home::new();
        let inner = home.path().join(name);
        std::fs::create_dir_all(inner.join(".aws")).expect("there is room");
        std::fs::write(inner.join(".aws/config"), "[profile dev]\nrole_arn = x\n")
            .expect("there is room");
        let run = doctor(&home, &["dev", "--share", "--offline"]).env("HOME", &inner);
        let run = run
            .env("AWS_CONFIG_FILE", inner.join(".aws/config"))
            .env("AWS_CA_BUNDLE", inner.join("zqsub/ca.pem"));
        let told = "good    config file: all tools can read ~/.aws/config\n";
        let shown = tells(&home, run, 1, &[told]);
        assert!(!shown.to_lowercase().contains("zq"), "{shown}");
        assert!(!shown.contains("Smith"), "{shown}");
    }
}

#[test]
fn a_name_in_a_variable_or_a_setting_is_hidden_however_short_it_is() {
    let config = indoc! {"
        [profile dev]
        role_arn = arn:aws:iam::123456789012:role/x
        source_profile = zq
        sso_session = zqs
        region = eu-west-1
    "};
    let told = "good    awsmfa: {*}\n";
    hides(config, &["dev"], &[], &[told]);
    hides(config, &[], &[("AWS_PROFILE", "zq1")], &[told]);
    hides(
        config,
        &["dev"],
        &[("AWS_PROFILE", "zqa"), ("AWS_DEFAULT_PROFILE", "zqb")],
        &[told],
    );
    hides(config, &["zqa"], &[], &[told]);
    hides(config, &[], &[("AWS_PROFILE", "zq\u{1b}[2Jx")], &[told]);
    hides(
        config,
        &["dev"],
        &[("AWSMFA_SESSION_PROFILE", "zqm")],
        &[told],
    );
    hides(config, &["dev"], &[("AWS_MAX_ATTEMPTS", "zq")], &[told]);
}

#[test]
fn arns_hosts_and_paths_are_hidden_in_every_form() {
    for (setting, value) in [
        ("mfa_serial", "arn:zq"),
        ("mfa_serial", "arn:aws:iam::123456789012:zqdev"),
        ("mfa_serial", "arn:aws:iam::123456789012:mfa/zq one"),
        ("role_arn", "arn:aws:zqx"),
        ("role_arn", "arn:aws:iam::zq"),
        ("ca_bundle", "zqroot.pem"),
        ("ca_bundle", "folder/zqroot.pem"),
        ("ca_bundle", "/srv/zq team/zqroot.pem"),
        ("ca_bundle", "~/zqsub/zqroot.pem"),
        (
            "endpoint_url",
            "https://vpce-0zq123-abc.sts.eu-central-1.vpce.amazonaws.com",
        ),
        ("endpoint_url", "https://us:zqpass@a.test/zqpath"),
        ("endpoint_url", "https://zq.a.test/zqpath/b"),
        ("endpoint_url", "us:zqpass"),
    ] {
        let config = format!("[profile dev]\nregion = eu-west-1\n{setting} = {value}\n");
        hides(&config, &["dev"], &[], &[]);
    }
    for (name, value) in [
        ("AWS_CONFIG_FILE", "~/zqsub/zqconfig"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/srv/zq team/zqcredentials"),
        ("SSL_CERT_FILE", "/srv/zq/zqroot.pem"),
        ("SSL_CERT_FILE", "/etc/zqroot.pem"),
    ] {
        hides(
            "[profile dev]\nregion = eu-west-1\n",
            &["dev"],
            &[(name, value)],
            &[],
        );
    }
}

#[test]
fn the_session_profile_is_shown_as_that_of_its_profile() {
    let config = "[profile zq$x]\nregion = eu-west-1\n[profile zqdev]\nregion = eu-west-1\n";
    let session = SESSION.replace("[dev-mfa]", "[profile zq-x-mfa]");
    let shown = hides(&format!("{config}{session}"), &["zq$x"], &[], &[]);
    assert!(shown.contains("profile-1-mfa"), "{shown}");
    let shown = hides(config, &[], &[("AWS_PROFILE", "zqdev-mfa")], &[]);
    assert!(shown.contains("no profile profile-1-mfa"), "{shown}");
    assert!(!shown.contains("value-"), "{shown}");
}

#[test]
fn a_profile_named_like_an_ordinary_word_garbles_no_sentence() {
    let base = "[profile zq]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::123456789012:mfa/x1x\n";
    let keys = format!("[zq]\n{KEYS}");
    let run = |config: &str| {
        let home = Home::new().config(config).credentials(&*keys);
        let run = doctor(&home, &["zq", "--share", "--offline"]);
        finds(&home, run, 0, &[])
    };
    let plain = run(base);
    let words = plain.split(|c: char| !c.is_alphabetic());
    let mut words: Vec<&str> = words
        .filter(|word| !["", "default"].contains(word))
        .collect();
    words.sort_unstable();
    words.dedup();
    assert!(words.len() > 60, "{words:?}");
    let others = words
        .iter()
        .map(|word| format!("[profile {word}]\nregion = eu-west-1\n"));
    assert_eq!(run(&(base.to_owned() + &others.collect::<String>())), plain);
    for name in ["the", "is", "key", "login", "config", "mfa", "2"] {
        let home = Home::new()
            .config(base.replace("zq", name))
            .credentials(keys.replace("zq", name));
        let run = doctor(&home, &[name, "--share", "--offline"]);
        assert_eq!(finds(&home, run, 0, &[]), plain);
    }
}

#[test]
fn anything_that_aws_says_about_the_user_is_left_out() {
    let aws = Aws::builder()
        .account("210987654321")
        .user("jdoe")
        .key(KEY_ID, SECRET_KEY)
        .start();
    let scene = Scene::with(aws)
        .config("[profile acme]\nregion = eu-west-1\n")
        .credentials(format!("[acme]\n{KEYS}"));
    scene
        .aws
        .fault_always("ListAccessKeys", Fault::Denied { explicit: true });
    let run = doctor(&scene.home, &["acme", "--share"]);
    let told = "unknown access key: AWS refused iam:ListAccessKeys: AccessDenied\n";
    check(&finds(&scene.home, run, 0, &[told]));
}
