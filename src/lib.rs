//! Signs in to AWS with multi-factor authentication. Its only public item is [`run`]; everything else is
//! for the binary alone. (Builds by cargo-fuzz also have `fuzzing`.)
//!
//! Imports point down, as docs/architecture.md shows. CONTRIBUTING.md has the map.

mod access;
mod audit;
mod aws;
mod caller;
mod cli;
mod code;
mod commands;
mod devices;
mod doctor;
mod exit;
mod files;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handover;
mod ini;
mod picture;
mod policy;
mod profile;
mod rotation;
mod setup;
mod signin;
mod store;
mod text;
mod usage;
mod value;
mod world;

use clap::error::ErrorKind;
use exit::Exit;
use std::ffi::OsString;
use std::process::ExitCode;
use world::ui::Ui;
use world::{Context, defect, env, stack};

/// Runs awsmfa with the arguments of a process, the program's name first, and returns the exit
/// code that docs/reference.md documents.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    keep_memory_private();
    let args: Vec<OsString> = args.into_iter().collect();
    let code = || defect::caught(|| start(&args), || fail_evaluation(&args));
    ExitCode::from(stack::with_enough(code))
}

/// The exit code of a run: one of [`Exit`]'s, or that of the command it was asked to run.
fn start(args: &[OsString]) -> u8 {
    if commands::completions::answer(args, cli::command, env::Env) {
        return Exit::Done as u8;
    }
    let cli = match cli::parse(args) {
        Ok(cli) => cli,
        Err(error) => return report_parse(usage::told(error, args), args) as u8,
    };
    let context = Context {
        env: env::Env,
        ui: Ui {
            quiet: cli.common.quiet,
            verbose: cli.common.verbose > 0,
        },
    };
    cli.command
        .run(cli.common, context)
        .unwrap_or_else(|failure| context.ui.error(&failure) as u8)
}

/// Prints what clap has to say. Help and version are answers; everything else is a usage error.
fn report_parse(error: clap::Error, args: &[OsString]) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // If the stream is closed there is nobody left to tell.
            let _ = error.print();
        }
        _ => Ui::default().usage_error(&usage::text(&error)),
    }
    if error.use_stderr() {
        fail_evaluation(args);
        Exit::Usage
    } else {
        Exit::Done
    }
}

/// If a shell evaluates our output, makes that evaluation fail.
fn fail_evaluation(args: &[OsString]) {
    let mut cli = cli::command();
    // clap adds its own `help` command only when it builds the tree.
    cli.build();
    Ui::default().fail_evaluation(commands::export::failure_of(args, &cli));
}

/// Keeps other processes of the same user from reading our memory, and keys out of core files. Linux
/// only.
fn keep_memory_private() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // If the kernel refuses, we are no worse off than any other program.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
