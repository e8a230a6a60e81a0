//! Signs in without an AWS account: in a throw-away home with a profile `dev` and a role `admin`,
//! with a virtual MFA device, and a user who has nothing but an access key, against an AWS of its own
//! on loopback. It never reaches the real AWS and leaves nothing behind.
//!
//! `cargo run --example sandbox` shows one login; `cargo run --example sandbox -- bash` (or any
//! other command) runs that inside, with `awsmfa` and `awsmfa-code` on the path.
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
#[path = "sandbox/inside.rs"]
mod inside;
#[path = "sandbox/signals.rs"]
mod signals;

use std::path::Path;
use std::process::ExitCode;

use support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use support::home::Home;
use support::policies;

/// The secret of the virtual device, which opens nothing anywhere else.
const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A user who has nothing but an access key, in a file as the AWS console hands it out, and whom policies
/// let do nothing without MFA.
const NEW_USER: &str = "bob";
const NEW_KEY_ID: &str = "AKIAI44QH8DHBEXAMPLE";
const NEW_SECRET_KEY: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

/// Everything that the sandbox is made of. Dropping it removes all of it.
struct Sandbox {
    aws: Aws,
    home: Home,
    codes: code::Desk,
    signals: signals::Signals,
}

fn main() -> ExitCode {
    // The sandbox's programs are links to this one: the name in the call tells them apart.
    let name = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_stem().unwrap_or_default();
    if name == "awsmfa" {
        return awsmfa::run(std::env::args_os());
    }
    let outcome = if name == "awsmfa-code" {
        code::print()
    } else {
        open()
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("sandbox: {error:#}");
        ExitCode::FAILURE
    })
}

fn open() -> anyhow::Result<ExitCode> {
    let signals = signals::Signals::catch()?;
    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .role("admin")
        .needs_mfa()
        .user(NEW_USER)
        .key(NEW_KEY_ID, NEW_SECRET_KEY)
        .policy(&policies::for_partition("force-mfa", "aws"))
        .policy(&policies::for_partition("manage-mfa", "aws"))
        .start();
    let home = Home::with(&aws)
        .credentials(format!(
            "[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
        ))
        .config(
            "[profile dev]\nregion = eu-central-1\n\n[profile admin]\nrole_arn = \
             arn:aws:iam::123456789012:role/admin\nsource_profile = dev\n",
        );
    std::fs::write(
        home.path().join("bob_accessKeys.csv"),
        format!("\u{feff}Access key ID,Secret access key\r\n{NEW_KEY_ID},{NEW_SECRET_KEY}"),
    )?;
    let codes = code::Desk::open(&aws);
    let home = inside::install(home)?;
    let sandbox = Sandbox {
        aws,
        home,
        codes,
        signals,
    };
    let mut args = std::env::args_os().skip(1);
    match args.next() {
        None => demo::show(&sandbox),
        Some(program) => inside::run(&sandbox, &program, args),
    }
}
