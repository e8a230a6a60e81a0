//! awsmfa: sign in to AWS with multi-factor authentication. The library's only public item is
//! [`run`]; everything else is for the binary alone.

#[cfg_attr(
    not(test),
    expect(dead_code, unused_imports, reason = "no command calls it yet")
)]
mod aws;
mod exit;
#[cfg_attr(not(test), expect(dead_code, unused_imports))]
mod ini;
mod keys;
#[cfg_attr(not(test), expect(dead_code, unused_imports))]
mod store;

use std::process::ExitCode;

/// Runs awsmfa with the arguments of a process, the program's name first, and returns the exit
/// code that README documents.
pub fn run(_args: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
