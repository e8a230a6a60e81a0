//! Signs in without an AWS account: in a throw-away home whose users have one MFA device, two or none,
//! a group to force MFA on, a chain of roles, and its own AWS on loopback. It never reaches the real AWS,
//! and leaves nothing behind.
//!
//! `cargo run --example sandbox` shows one login; `cargo run --example sandbox -- bash` (or any other
//! command) runs that command inside, with `awsmfa`, `awsmfa-code`, `awsmfa-iam` and `awsmfa-later` on the
//! path. A second terminal joins with the line that it prints.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a demonstration speaks to a person; the rule is for the product"
)]

#[path = "../tests/support/mod.rs"]
mod support;

#[path = "sandbox/code.rs"]
mod code;
#[path = "sandbox/demo.rs"]
mod demo;
#[path = "sandbox/iam.rs"]
mod iam;
#[path = "sandbox/inside.rs"]
mod inside;
#[path = "sandbox/shells.rs"]
mod shells;
#[path = "sandbox/signals.rs"]
mod signals;

use std::path::Path;
use std::process::ExitCode;

use support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use support::home::Home;
use support::policies;

/// A user of the account besides alice: their key, and their devices, each with its secret. The secrets
/// are of no use anywhere else.
struct Other {
    name: &'static str,
    key_id: &'static str,
    secret_key: &'static str,
    devices: &'static [(&'static str, &'static str)],
    /// Whether policies forbid them everything without MFA except managing their own devices and keys.
    is_forced: bool,
}

/// The secret of alice's device.
const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The users with a profile named after them.
const OTHERS: [Other; 3] = [
    Other {
        name: "carol",
        key_id: "AKIACAROLEXAMPLEKEY2",
        secret_key: "carolbGclwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        devices: &[
            ("carol", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"),
            ("carol-phone", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"),
        ],
        is_forced: false,
    },
    Other {
        name: "dave",
        key_id: "AKIADAVEEXAMPLEKEY22",
        secret_key: "davefbGclwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        devices: &[],
        is_forced: false,
    },
    Other {
        name: "erin",
        key_id: "AKIAERINEXAMPLEKEY22",
        secret_key: "erintbGclwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        devices: &[("erin", "NRXW63LFON2GC3TENRXW63LFON2GC3TE")],
        is_forced: true,
    },
];

/// Users who have only an access key, in a file as downloaded from the AWS console. The last one is in a
/// group that no policy forces to use MFA yet.
const NEW: [Other; 2] = [
    Other {
        name: "bob",
        key_id: "AKIAI44QH8DHBEXAMPLE",
        secret_key: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        devices: &[],
        is_forced: true,
    },
    Other {
        name: "frank",
        key_id: "AKIAFRANKEXAMPLEKEY2",
        secret_key: "frankGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        devices: &[],
        is_forced: false,
    },
];

/// The group of the last new user, who may do everything.
const GROUP: &str = "people";

/// AWS's AdministratorAccess.
const ADMINISTRATOR: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// The profiles dev, admin and audit: a user's keys, a role that the user may assume, and a role that
/// only that role may assume.
const CONFIG: &str = "\
[profile dev]
region = eu-central-1

[profile admin]
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = dev

[profile audit]
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = admin
";

/// Everything in the sandbox. Dropping it removes all of it.
struct Sandbox {
    aws: Aws,
    home: Home,
    codes: code::Desk,
    signals: signals::Signals,
}

fn main() -> ExitCode {
    // The sandbox's programs are links to this one and differ only in the name they are called by.
    let name = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_stem().unwrap_or_default();
    if name == "awsmfa" {
        return awsmfa::run(std::env::args_os());
    }
    let outcome = match name.to_str() {
        Some("awsmfa-code") => code::print(),
        Some("awsmfa-iam") => iam::run(),
        Some("awsmfa-join") => inside::join(),
        Some("awsmfa-later") => code::let_time_pass(),
        _ if std::env::args_os().nth(1).is_some_and(|it| it == "--help") => {
            println!(
                "usage: sandbox [COMMAND [ARGUMENT]...]   without a command it shows one login"
            );
            Ok(ExitCode::SUCCESS)
        }
        _ => open(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("sandbox: {error:#}");
        ExitCode::FAILURE
    })
}

fn open() -> anyhow::Result<ExitCode> {
    let signals = signals::Signals::catch()?;
    let aws = account();
    let keys = |profile: &str, id: &str, secret: &str| {
        format!("[{profile}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\n")
    };
    let others = OTHERS.iter();
    let others = others.map(|it| keys(it.name, it.key_id, it.secret_key));
    let home = Home::with(&aws)
        .credentials(keys("dev", KEY_ID, SECRET_KEY) + &others.collect::<String>())
        .config(CONFIG);
    for user in &NEW {
        std::fs::write(
            home.path().join(format!("{}_accessKeys.csv", user.name)),
            format!(
                "\u{feff}Access key ID,Secret access key\r\n{},{}",
                user.key_id, user.secret_key
            ),
        )?;
    }
    let codes = code::Desk::open(&aws);
    let home = inside::install(home)?;
    let sandbox = Sandbox {
        aws,
        home,
        codes,
        signals,
    };
    let mut args = std::env::args_os().skip(1);
    let outcome = match args.next() {
        None => demo::show(&sandbox),
        Some(program) => inside::run(&sandbox, &program, args),
    };
    inside::remove(sandbox.home.path());
    outcome
}

/// The account with all its users and roles.
fn account() -> Aws {
    let alice = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .role("admin")
        .needs_mfa()
        .role("audit");
    let all = OTHERS.iter().chain(&NEW).fold(alice, |account, user| {
        let account = account.user(user.name).key(user.key_id, user.secret_key);
        let devices = user.devices.iter();
        let account = devices.fold(account, |account, (name, secret)| {
            account.device(name, secret)
        });
        if !user.is_forced {
            return account;
        }
        account
            .policy(&policies::for_partition("force-mfa", "aws"))
            .policy(&policies::for_partition("manage-mfa", "aws"))
    });
    all.policy(ADMINISTRATOR).group(GROUP).start()
}
