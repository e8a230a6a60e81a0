//! Shows that what `doctor --share` prints holds no name and no number of the scene, and the same word for
//! the same name.

use indoc::indoc;

use super::{doctor, finds};
use crate::scene::{DEVICE_SECRET, KEYS, Scene};
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY};

/// Everything in the scene by which somebody could be known.
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
        "good    config file: ~/.aws/config is read by all tools\n",
        "good    session: profile-1-mfa is valid until {*} (12h left), made with the MFA device device-1\n",
        "good    region: eu-central-1 (region of profile profile-1)\n",
        "good    device: mfa_serial of profile profile-1 is arn:aws:iam::account-1:mfa/device-1\n",
        "good    user: the keys of profile profile-1 are those of user-1 in account account-1 (arn:aws:iam::account-1:user/name-1/user-1)\n",
        "good    network: https:// goes through the proxy host-1:8080; the system's authorities are trusted\n",
    ];
    let run = doctor(&scene.home, &["acme", "--share"]);
    let run = run.env(
        "HTTPS_PROXY",
        "http://hush:hush@pr0xy.corp.example.com:8080",
    );
    finds(&scene.home, run, 0, &blocks);
}

#[test]
fn what_is_bad_is_told_without_names_too() {
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
