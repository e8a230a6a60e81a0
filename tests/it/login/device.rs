//! Checks which MFA device a login uses: one that was given, one from the files, or one that AWS lists.

use std::time::Duration;

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};

use crate::scene::{
    CONFIG_WITHOUT_DEVICE, CREDENTIALS, DEVICE_SECRET, READY, alice_without_device,
};
use crate::support::aws::{Aws, Fault, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::proxy::Proxy;
use crate::support::run::Run;

const OTHER_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";

/// The requests of a login that has to find the device.
const DISCOVERY: [&str; 3] = ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"];

/// An account whose user has the devices `phone` and `tablet`.
fn account_with_two_devices() -> Aws {
    alice_without_device()
        .device("phone", DEVICE_SECRET)
        .device("tablet", OTHER_SECRET)
        .start()
}

/// A home whose files name no device.
fn home(aws: &Aws) -> Home {
    Home::with(aws)
        .credentials(CREDENTIALS)
        .config(CONFIG_WITHOUT_DEVICE)
}

fn login<'a>(home: &'a Home) -> Run<'a> {
    Run::new(home).args(["login", "--profile", "dev"])
}

/// The serial in the request for the session.
fn used_serial(aws: &Aws) -> String {
    let requests = aws.requests();
    let last = requests.last().expect("a request");
    last.call
        .param("SerialNumber")
        .expect("a serial")
        .to_owned()
}

fn assert_untouched(home: &Home) {
    assert_eq!(home.read_credentials(), CREDENTIALS);
    assert_eq!(home.read_config(), CONFIG_WITHOUT_DEVICE);
}

#[test]
fn a_known_serial_is_never_asked_for() {
    // From the weakest to the strongest: each overrides those before it.
    let aws = alice_without_device()
        .device("last", DEVICE_SECRET)
        .device("setting", DEVICE_SECRET)
        .device("variable", DEVICE_SECRET)
        .device("flag", DEVICE_SECRET)
        .start();
    let serial = |name: &str| aws.serial(name);
    let home = home(&aws);
    let force = || login(&home).args(["--force"]);

    force()
        .args(["--mfa-serial", &serial("last"), "--code", &aws.code("last")])
        .stderr(READY)
        .run();
    force()
        .args(["--code", &aws.code("last")])
        .stderr(READY)
        .run();
    assert_eq!(
        used_serial(&aws),
        serial("last"),
        "the device of the last session"
    );

    let config = home.read_config().replace(
        CONFIG_WITHOUT_DEVICE,
        &format!(
            "{CONFIG_WITHOUT_DEVICE}mfa_serial = {}\n",
            serial("setting")
        ),
    );
    let home = home.config(config);
    let force = || login(&home).args(["--force"]);
    force()
        .args(["--code", &aws.code("setting")])
        .stderr(READY)
        .run();
    assert_eq!(used_serial(&aws), serial("setting"));

    let with_variable = || force().env("AWSMFA_SERIAL", serial("variable"));
    with_variable()
        .args(["--code", &aws.code("variable")])
        .stderr(READY)
        .run();
    assert_eq!(used_serial(&aws), serial("variable"));

    for flag in ["--mfa-serial", "--serial-number"] {
        with_variable()
            .args([flag, &serial("flag"), "--code", &aws.code("flag")])
            .stderr(READY)
            .run();
        assert_eq!(used_serial(&aws), serial("flag"));
    }
    assert!(
        aws.actions()
            .iter()
            .all(|action| action == "GetSessionToken")
    );
}

#[test]
fn the_one_device_that_aws_lists_is_used_and_remembered() {
    let aws = Aws::start();
    let home = home(&aws);
    login(&home)
        .args(["--code", &aws.code(USER)])
        .stderr(READY)
        .run();
    assert_eq!(
        aws.actions(),
        ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"]
    );
    let serial = "awsmfa_mfa_serial = arn:aws:iam::123456789012:mfa/alice\n";
    assert!(home.read_credentials().contains(serial));
    login(&home)
        .args(["--force", "--code", &aws.code(USER)])
        .stderr(READY)
        .run();
    assert_eq!(
        aws.actions(),
        [
            "GetCallerIdentity",
            "ListMFADevices",
            "GetSessionToken",
            "GetSessionToken"
        ]
    );
}

/// A policy like AWS's samples that enforce MFA: users may list their own devices.
fn may_list(resource: &str) -> String {
    formatdoc! {r#"
        {{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": "iam:ListMFADevices", "Resource": "{resource}"}},
            {{
                "Effect": "Deny",
                "NotAction": ["iam:ListMFADevices", "sts:GetSessionToken"],
                "Resource": "*",
                "Condition": {{"BoolIfExists": {{"aws:MultiFactorAuthPresent": "false"}}}}
            }}
        ]}}
    "#}
}

/// `user` with the device `phone`, who may list the devices of `resource`.
fn account_of(partition: &str, user: &str, resource: &str) -> Aws {
    Aws::builder()
        .partition(partition)
        .user(user)
        .policy(&may_list(resource))
        .key(KEY_ID, SECRET_KEY)
        .device("phone", DEVICE_SECRET)
        .start()
}

#[test]
fn a_user_who_may_list_only_their_own_devices_signs_in() {
    for (partition, user, resource) in [
        ("aws", "alice", "arn:aws:iam::*:user/${aws:username}"),
        ("aws", "alice", "arn:aws:iam::123456789012:user/alice"),
        (
            "aws-cn",
            "b.c@example.com",
            "arn:aws-cn:iam::*:user/${aws:username}",
        ),
        (
            "aws",
            "division/team/alice",
            "arn:aws:iam::*:user/*/${aws:username}",
        ),
    ] {
        let aws = account_of(partition, user, resource);
        let home = home(&aws);
        login(&home)
            .args(["--code", &aws.code("phone")])
            .stderr(READY)
            .run();
        assert_eq!(aws.actions(), DISCOVERY, "{user}");
        assert_eq!(aws.connections(), 1, "IAM and STS are at one host here");
        let requests = aws.requests();
        let name = user.rsplit('/').next();
        assert_eq!(requests[1].call.param("UserName"), name);
        assert_eq!(used_serial(&aws), aws.serial("phone"));
    }
}

#[test]
fn every_page_of_the_list_is_requested_with_the_users_name() {
    let aws = Aws::builder()
        .user(USER)
        .policy(&may_list("arn:aws:iam::*:user/${aws:username}"))
        .key(KEY_ID, SECRET_KEY)
        .fido("key-7")
        .device("phone", DEVICE_SECRET)
        .page_size(1)
        .start();
    let home = home(&aws);
    login(&home)
        .args(["--code", &aws.code("phone")])
        .stderr(format!("skipping key-7: FIDO keys show no codes\n{READY}"))
        .run();
    let lists = aws.requests();
    let lists = lists
        .iter()
        .filter(|it| it.call.action == "ListMFADevices")
        .map(|it| it.call.param("UserName"));
    assert_eq!(lists.collect::<Vec<_>>(), [Some(USER), Some(USER)]);
}

#[test]
fn a_policy_that_forgets_the_path_denies_the_list_in_awss_words() {
    let aws = account_of("aws", "team/alice", "arn:aws:iam::*:user/${aws:username}");
    let home = home(&aws);
    login(&home)
        .args(["--code", "123456"])
        .status(5)
        .stderr(
            indoc! {"
                error: AWS refused iam:ListMFADevices: User: arn:aws:iam::123456789012:user/team/alice is not authorized to perform: iam:ListMFADevices on resource: arn:aws:iam::123456789012:user/team/alice because no identity-based policy allows the iam:ListMFADevices action (AccessDenied)
                hint: name the device with --mfa-serial, or set mfa_serial in profile dev
            "},
        )
        .run();
    assert_untouched(&home);
}

#[test]
fn the_root_user_has_no_name_to_list_devices_by() {
    let aws = Aws::builder()
        .root()
        .key(KEY_ID, SECRET_KEY)
        .device("root-account-mfa-device", DEVICE_SECRET)
        .start();
    let home = home(&aws);
    login(&home)
        .args(["--code", &aws.code("root-account-mfa-device")])
        .stderr("dev-mfa is ready until {*}\nuse it with: export AWS_PROFILE=dev-mfa\n")
        .run();
    assert_eq!(aws.actions(), DISCOVERY);
    assert_eq!(aws.requests()[1].call.param("UserName"), None);
}

#[test]
fn keys_of_a_user_without_devices_are_reported_as_such() {
    let aws = Aws::start();
    aws.fault_always(
        "GetCallerIdentity",
        Fault::Before {
            element: "Arn",
            text: "arn:aws:sts::123456789012:assumed-role/admin/",
        },
    );
    let home = home(&aws);
    login(&home)
        .args(["--code", "123456"])
        .status(5)
        .stderr(
            indoc! {"
                error: the keys of profile dev belong to arn:aws:sts::123456789012:assumed-role/admin/{*}, which has no MFA devices
                hint: use the long-term keys of an IAM user, or name the device with --mfa-serial
            "},
        )
        .run();
    assert_eq!(aws.actions(), ["GetCallerIdentity"]);
    assert_untouched(&home);
}

/// STS and IAM at two hosts, with counters of their connections.
struct TwoHosts {
    aws: Aws,
    sts: Proxy,
    iam: Proxy,
}

impl TwoHosts {
    fn start() -> Self {
        let aws = Aws::start();
        let latency = Duration::from_millis(5);
        Self {
            sts: Proxy::start(aws.address(), latency),
            iam: Proxy::start(aws.address(), latency),
            aws,
        }
    }

    fn login<'a>(&self, home: &'a Home) -> Run<'a> {
        login(home)
            .args(["--code", &self.aws.code(USER)])
            .env(
                "AWS_ENDPOINT_URL_STS",
                format!("http://{}", self.sts.address()),
            )
            .env(
                "AWS_ENDPOINT_URL_IAM",
                format!("http://{}", self.iam.address()),
            )
    }
}

#[test]
fn looking_up_the_device_takes_one_more_round_trip() {
    let hosts = TwoHosts::start();
    let home = home(&hosts.aws);
    let slow = Fault::Delay(Duration::from_millis(500));
    hosts.aws.fault("GetCallerIdentity", slow);
    hosts.login(&home).stderr(READY).run();
    assert_eq!(hosts.aws.actions(), DISCOVERY);
    // To STS: who the user is, and the code. To IAM: opening the connection meanwhile, and the list.
    assert_eq!((hosts.sts.connections(), hosts.sts.round_trips()), (1, 2));
    assert_eq!((hosts.iam.connections(), hosts.iam.round_trips()), (1, 2));
}

#[test]
fn a_connection_to_iam_that_breaks_off_early_changes_nothing() {
    let hosts = TwoHosts::start();
    let home = home(&hosts.aws);
    // If the early connection is cut, the list opens its own.
    let cut = std::thread::scope(|scope| {
        let cut = scope.spawn(|| {
            crate::scene::wait_until("iam is greeted", || hosts.iam.connections() > 0);
            hosts.iam.cut();
        });
        hosts.login(&home).stderr(READY).run();
        cut.join()
    });
    cut.expect("the greeting was seen");
    assert_eq!(hosts.aws.actions(), DISCOVERY);
}

#[test]
fn a_hardware_device_is_used_by_its_serial() {
    let aws = alice_without_device()
        .hardware("GAHT12345678", DEVICE_SECRET)
        .start();
    let home = home(&aws);
    let code = || aws.code("GAHT12345678");
    login(&home).args(["--code", &code()]).stderr(READY).run();
    assert_eq!(used_serial(&aws), "GAHT12345678");
    login(&home)
        .args(["--force", "--mfa-serial", "GAHT12345678", "--code", &code()])
        .stderr(READY)
        .run();
    assert_eq!(
        aws.actions()
            .iter()
            .filter(|it| *it == "ListMFADevices")
            .count(),
        1
    );
}

/// The error for several devices if nobody can be asked.
const SEVERAL: &str = indoc! {"
    error: the user of profile dev has several MFA devices: arn:aws:iam::123456789012:mfa/phone, arn:aws:iam::123456789012:mfa/tablet
    hint: choose one with --mfa-serial, or set mfa_serial in profile dev
"};

#[test]
fn several_devices_are_listed_if_nobody_can_choose() {
    let aws = account_with_two_devices();
    let home = home(&aws);
    login(&home)
        .args(["--no-input", "--code", "123456"])
        .status(7)
        .stderr(SEVERAL)
        .run();
    assert_eq!(aws.actions(), ["GetCallerIdentity", "ListMFADevices"]);
    assert_untouched(&home);
}

#[test]
fn devices_of_all_pages_are_listed() {
    let mut builder = alice_without_device().page_size(1);
    for name in ["phone", "tablet"] {
        builder = builder.device(name, DEVICE_SECRET);
    }
    let aws = builder.start();
    let home = home(&aws);
    login(&home)
        .args(["--no-input", "--code", "123456"])
        .status(7)
        .stderr(SEVERAL)
        .run();
    assert_eq!(
        aws.actions(),
        ["GetCallerIdentity", "ListMFADevices", "ListMFADevices"]
    );
}

#[test]
fn a_fido_key_beside_a_device_with_codes_is_skipped() {
    let aws = alice_without_device()
        .fido("key-7")
        .device("phone", DEVICE_SECRET)
        .start();
    let home = home(&aws);
    login(&home)
        .args(["--code", &aws.code("phone")])
        .stderr(format!("skipping key-7: FIDO keys show no codes\n{READY}"))
        .run();
    assert_eq!(used_serial(&aws), aws.serial("phone"));
}

#[test]
fn fido_keys_alone_are_refused() {
    let aws = alice_without_device().fido("key-7").fido("key-8").start();
    let home = home(&aws);
    login(&home)
        .args(["--code", "123456"])
        .status(1)
        .stderr(
            indoc! {"
                error: the user of profile dev has only FIDO keys (key-7, key-8), which GetSessionToken does not accept
                hint: add an authenticator app as a second device, or use `aws login`, AWS's own way for passkeys
            "},
        )
        .run();
    assert_eq!(aws.actions(), ["GetCallerIdentity", "ListMFADevices"]);
    assert_untouched(&home);
}

#[test]
fn a_named_fido_key_is_refused_before_any_request() {
    let aws = alice_without_device().fido("key-7").start();
    let home = home(&aws);
    let serial = "arn:aws:iam::123456789012:u2f/user/alice/key-7";
    login(&home)
        .args(["--mfa-serial", serial, "--code", "123456"])
        .status(1)
        .stderr(formatdoc! {"
            error: {serial} is a passkey or security key (FIDO), which GetSessionToken does not accept
            hint: use a virtual or hardware MFA device that shows codes; AWS's own way for passkeys is `aws login`
        "})
        .run();
    assert_eq!(aws.connections(), 0);
    assert_untouched(&home);
}

#[test]
fn a_user_without_a_device_is_told_how_to_add_one() {
    let aws = alice_without_device().start();
    let home = home(&aws);
    login(&home)
        .args(["--code", "123456"])
        .status(1)
        .stderr(indoc! {"
                error: the user of profile dev has no MFA device
                hint: enroll one with `awsmfa device enroll --profile dev`
            "})
        .run();
    assert_eq!(aws.actions(), ["GetCallerIdentity", "ListMFADevices"]);
    assert_untouched(&home);
}

#[test]
fn a_denied_list_names_the_workaround() {
    for explicit in [true, false] {
        let aws = Aws::start();
        let home = home(&aws);
        aws.fault("ListMFADevices", Fault::Denied { explicit });
        login(&home)
            .args(["--code", "123456"])
            .status(5)
            .stderr(
                indoc! {"
                    error: AWS refused iam:ListMFADevices: User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:ListMFADevices on resource: {*} (AccessDenied)
                    hint: name the device with --mfa-serial, or set mfa_serial in profile dev
                "},
            )
            .run();
        assert_eq!(aws.actions(), ["GetCallerIdentity", "ListMFADevices"]);
        assert_untouched(&home);
    }
}

#[test]
fn a_list_that_bad_keys_ask_for_blames_the_keys() {
    let aws = Aws::start();
    let home = home(&aws);
    aws.deactivate_key(KEY_ID);
    login(&home)
        .args(["--code", "123456"])
        .status(5)
        .stderr(formatdoc! {"
            error: AWS does not know the access key {KEY_ID}
            hint: it may have been deleted or deactivated, or the region eu-central-1 is in another partition or not enabled
        "})
        .run();
    assert_untouched(&home);
}

#[test]
fn an_invalid_serial_is_refused_with_its_source() {
    const LOOKS: &str =
        "is not an MFA serial; one looks like arn:aws:iam::123456789012:mfa/NAME or GAHT12345678";
    let aws = Aws::start();
    let home = home(&aws);
    login(&home)
        .args(["--code", "123456", "--mfa-serial", "alice"])
        .status(2)
        .stderr(formatdoc! {"
            error: invalid value 'alice' for '--mfa-serial <SERIAL>': `alice` {LOOKS}
            hint: add --help to see how it is used
        "})
        .run();
    login(&home)
        .args(["--code", "123456"])
        .env("AWSMFA_SERIAL", "my phone!")
        .status(2)
        .stderr(format!("error: AWSMFA_SERIAL: `my phone!` {LOOKS}\n"))
        .run();
    assert_untouched(&home);

    let config = format!("{CONFIG_WITHOUT_DEVICE}mfa_serial = al\u{1b}[31mice\n");
    let home = home.config(&config);
    login(&home)
        .args(["--code", "123456"])
        .status(1)
        .stderr(format!(
            "error: mfa_serial of profile dev: `al\\u{{1b}}[31mice` {LOOKS}\n"
        ))
        .run();
    assert_eq!(home.read_config(), config);
    assert_eq!(aws.connections(), 0);
}

#[test]
fn a_remembered_device_with_an_invalid_serial_is_looked_up_again() {
    let aws = Aws::start();
    let home = home(&aws).credentials(formatdoc! {"
        {CREDENTIALS}
        [dev-mfa]
        awsmfa_source_profile = dev
        awsmfa_mfa_serial = ?
    "});
    login(&home)
        .args(["--code", &aws.code(USER)])
        .stderr(READY)
        .run();
    assert_eq!(
        aws.actions(),
        ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"]
    );
}

#[test]
fn a_device_that_is_not_ready_yet_is_reported_as_such() {
    let aws = alice_without_device()
        .device("phone", DEVICE_SECRET)
        .ready_in(TimeDelta::seconds(60))
        .start();
    let home = home(&aws);
    login(&home)
        .args(["--code", &aws.code("phone")])
        .status(4)
        .stderr(
            indoc! {"
                error: AWS could not check the code with device arn:aws:iam::123456789012:mfa/phone for profile dev
                hint: a device that was enabled seconds ago needs a moment; if it was tried too often, it is locked until {*}:{*}
            "},
        )
        .run();
    assert_untouched(&home);
}

/// Choosing among several devices at a terminal.
#[cfg(unix)]
mod choice {
    use super::*;
    use crate::scene::PROMPT;
    use crate::support::terminal::{Session, Terminal};

    const LIST: &str = indoc! {"
        the user of profile dev has 2 MFA devices:
          1  arn:aws:iam::123456789012:mfa/phone
          2  arn:aws:iam::123456789012:mfa/tablet
    "};
    const WHICH: &str = "which one? [1-2] ";
    const ASKED: &str = "code for dev (device tablet, account 123456789012): ";

    fn start_and_see_list(home: &Home) -> Session<'_> {
        let mut terminal = Terminal::new(home).args(["login", "-p", "dev"]).start();
        terminal.sees(WHICH);
        terminal
    }

    #[test]
    fn the_user_chooses_among_several_devices() {
        let aws = account_with_two_devices();
        let home = home(&aws);
        let mut terminal = start_and_see_list(&home);
        terminal.types("2");
        terminal.sees(ASKED);
        let code = aws.code("tablet");
        terminal.types(&code);
        terminal.ends(0, &format!("{LIST}{WHICH}2\n{ASKED}{code}\n{READY}"));
        assert_eq!(used_serial(&aws), aws.serial("tablet"));
        assert_eq!(
            aws.actions(),
            ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"]
        );
    }

    #[test]
    fn aws_is_asked_only_once_who_the_user_is() {
        let aws = Aws::start();
        let home = home(&aws);
        let mut terminal = Terminal::new(&home).args(["login", "-p", "dev"]).start();
        terminal.sees(PROMPT);
        terminal.types(&aws.code(USER));
        terminal.ends(0, &format!("{PROMPT}{{*}}\n{READY}"));
        assert_eq!(aws.actions(), DISCOVERY);
    }

    #[test]
    fn a_number_that_is_not_in_the_list_is_asked_for_again() {
        let aws = account_with_two_devices();
        let home = home(&aws);
        let mut terminal = start_and_see_list(&home);
        let mut screen = LIST.to_owned();
        for answer in ["0", "3", "", "tablet", "-1"] {
            terminal.types(answer);
            terminal.sees(WHICH);
            screen += &format!("{WHICH}{answer}\ntype a number from 1 to 2\n");
        }
        terminal.types(" 2 ");
        terminal.sees(ASKED);
        let code = aws.code("tablet");
        terminal.types(&code);
        terminal.ends(0, &format!("{screen}{WHICH} 2 \n{ASKED}{code}\n{READY}"));
    }

    #[test]
    fn the_choice_can_be_cancelled() {
        for (key, shown) in [
            ("\x03", "^C\nerror: cancelled\n"),
            ("\x04", "\nerror: cancelled\n"),
        ] {
            let aws = account_with_two_devices();
            let home = home(&aws);
            let mut terminal = start_and_see_list(&home);
            terminal.presses(key);
            terminal.ends(130, &format!("{LIST}{WHICH}{shown}"));
            assert_eq!(aws.actions(), ["GetCallerIdentity", "ListMFADevices"]);
            assert_untouched(&home);
        }
    }

    #[test]
    fn the_choice_is_made_at_the_terminal_even_if_the_code_is_given() {
        let aws = account_with_two_devices();
        let home = home(&aws);
        let mut terminal = Terminal::new(&home)
            .args(["login", "-p", "dev"])
            .env("AWSMFA_CODE", aws.code("phone"))
            .piped()
            .start();
        terminal.sees(WHICH);
        terminal.types("1");
        let streams = terminal.ends(0, &format!("{LIST}{WHICH}1\n"));
        assert_eq!(streams.stdout, "");
        assert!(streams.stderr.starts_with("dev-mfa is ready until "));
    }

    /// In a container or a CI job there is no terminal, so the devices are listed.
    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_terminal_the_devices_are_listed() {
        let aws = account_with_two_devices();
        let home = home(&aws).program("/usr/bin/setsid");
        Run::new(&home)
            .args([env!("CARGO_BIN_EXE_awsmfa"), "login", "-p", "dev"])
            .args(["--code", "123456"])
            .status(7)
            .stderr(SEVERAL)
            .run();
        assert_eq!(aws.actions(), ["GetCallerIdentity", "ListMFADevices"]);
        assert_untouched(&home);
    }
}
