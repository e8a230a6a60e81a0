//! Passes the process's arguments to the library and the library's exit code to the system. It decides
//! nothing.

use std::process::ExitCode;

fn main() -> ExitCode {
    awsmfa::run(std::env::args_os())
}
