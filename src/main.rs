//! Owns the process: hands the arguments to the library and the library's exit code to the system.

use std::process::ExitCode;

fn main() -> ExitCode {
    awsmfa::run(std::env::args_os())
}
