//! Sign in with no AWS account: a throw-away home with a `dev` profile and a role `admin`, a virtual
//! MFA device, and an AWS of its own on loopback. Nothing in here can reach the real one, and nothing is left
//! behind.
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

/// Of the virtual device; worth nothing.
const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// Everything that the sandbox is made of. All of it goes when it is dropped.
struct Sandbox {
    aws: Aws,
    home: Home,
    codes: code::Desk,
    signals: signals::Signals,
}

fn main() -> ExitCode {
    // The example is every program of the sandbox: a link's name tells which.
    let name = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&name).file_stem().unwrap_or_default();
    if name == "awsmfa" {
        return awsmfa::run(std::env::args_os());
    }
    let outcome = if name == "awsmfa-code" {
        code::print()
    } else {
        sandbox()
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("sandbox: {error:#}");
        ExitCode::FAILURE
    })
}

fn sandbox() -> anyhow::Result<ExitCode> {
    let signals = signals::Signals::take()?;
    let aws = Aws::builder()
        .user(USER)
        .key(KEY_ID, SECRET_KEY)
        .device(USER, DEVICE_SECRET)
        .role("admin")
        .needs_mfa()
        .start();
    let home = Home::with(&aws)
        .credentials(format!(
            "[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
        ))
        .config(
            "[profile dev]\nregion = eu-central-1\n\n[profile admin]\nrole_arn = \
             arn:aws:iam::123456789012:role/admin\nsource_profile = dev\n",
        );
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
