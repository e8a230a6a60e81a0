//! Defines the top level of the command line and runs the command that was typed. No room below imports
//! it.

use crate::commands::common::{Common, ProfileHelp};
use crate::commands::{
    completions, credential_process, device, doctor, examples, exec, export, login, logout, man,
    policy, rotate, setup, status, whoami,
};
use crate::exit::{EXIT_CODES, Exit, Result};
use crate::handover::shell::Shell;
#[cfg(unix)]
use crate::world::last_words::LastWords;
use crate::world::{Context, env::Env, runtime, shell};
use clap::error::ErrorKind;
use clap::{Arg, Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  awsmfa setup dev                 store an access key, and sign in
  awsmfa login dev                 sign in; the session goes to dev-mfa
  awsmfa status                    list the sessions and when they end
  awsmfa exec dev -- CMD           run one command with the session
  eval \"$(awsmfa export dev)\"      use the session in this shell

Run `awsmfa COMMAND --help` for details.";

/// Sign in to AWS with an MFA code, and keep the session in your AWS files
///
/// `awsmfa login dev` uses the long-term keys of profile dev and a code from your MFA device, and
/// writes a session to profile dev-mfa, which every AWS tool can use. Nothing else in your files
/// changes.
#[derive(Debug, Parser)]
#[command(
    name = "awsmfa",
    bin_name = "awsmfa",
    version,
    arg_required_else_help = true
)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    // Not a doc comment: clap would print it in the help.
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Setup(Box<setup::Setup>),
    Login(Box<login::Login>),
    Status(status::Status),
    Logout(logout::Logout),
    Export(Box<export::Export>),
    Exec(Box<exec::Exec>),
    CredentialProcess(Box<credential_process::CredentialProcess>),
    Whoami(whoami::Whoami),
    Device(device::Device),
    Rotate(Box<rotate::Rotate>),
    Policy(policy::Policy),
    Doctor(Box<doctor::Doctor>),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Runs the command and returns its exit code. Commands that may ask AWS run on the async runtime.
    pub(crate) fn run(self, common: Common, context: Context) -> Result<u8> {
        match self {
            // The program that it runs decides the exit code, after the runtime is gone.
            Self::Exec(exec) => {
                return runtime::run(exec::prepare(*exec, common, context)).and_then(exec::start);
            }
            // `doctor` reports bad settings itself, so they must not stop it here.
            Self::Doctor(doctor) => {
                return runtime::run(doctor::run(*doctor, common, context)).map(|exit| exit as u8);
            }
            Self::Setup(setup) => runtime::run(setup::run(*setup, common, context)),
            Self::Login(login) => runtime::run(login::run(*login, common, context)),
            Self::Export(export) => {
                let failure = export.failure();
                // If a signal ended us silently, a shell would evaluate the empty output without an error.
                #[cfg(unix)]
                let _until_the_end = LastWords::prepare(failure);
                runtime::run(export::run(*export, common, context))
                    .inspect_err(|_| context.ui.fail_evaluation(failure))
            }
            Self::CredentialProcess(process) => {
                runtime::run(credential_process::run(*process, common, context))
            }
            Self::Whoami(whoami) => runtime::run(whoami::run(whoami, common, context)),
            Self::Device(device) => runtime::run(device::run(device, common, context)),
            Self::Rotate(rotate) => runtime::run(rotate::run(*rotate, common, context)),
            Self::Status(status) => {
                return status::run(status, common, context).map(|exit| exit as u8);
            }
            Self::Policy(policy) => {
                return runtime::run(policy::run(policy, common, context)).map(|exit| exit as u8);
            }
            Self::Logout(logout) => logout::run(logout, common, context),
            Self::Completions(completions) => completions::run(&completions, command(), context),
            Self::Man(man) => man::run(man, command(), context),
        }
        .map(|()| Exit::Done as u8)
    }
}

/// A line in place of the global options, for commands that hardly need them.
const OPTIONS_OF_EVERY_COMMAND: &str = "\
Options of every command: -p, -q, -v; see `awsmfa --help`.";

/// The command line as clap knows it.
pub(crate) fn command() -> clap::Command {
    let cli = Cli::command();
    let of_every_command: Vec<Arg> = cli
        .get_arguments()
        .filter(|it| it.is_global_set())
        .map(|it| it.clone().hide(true))
        .collect();
    // The global options would fill half of the help of commands that need no profile.
    let in_a_line = |command: clap::Command| {
        let examples = command.get_after_help().map(ToString::to_string);
        command
            .args(&of_every_command)
            .after_help([OPTIONS_OF_EVERY_COMMAND, &examples.unwrap_or_default()].join("\n\n"))
    };
    let profile_means = |[line, more]: ProfileHelp| {
        let profile = of_every_command.iter().find(|it| it.get_id() == "profile");
        let profile = profile.map(|it| {
            let long = format!("{line}\n\n{more}");
            it.clone().hide(false).help(line).long_help(long)
        });
        move |command: clap::Command| command.args(profile.clone())
    };
    cli.mut_subcommand("completions", in_a_line)
        .mut_subcommand("man", in_a_line)
        .mut_subcommand("policy", |policy| {
            policy
                .mut_subcommand("list", in_a_line)
                .mut_subcommand("bundle", in_a_line)
        })
        .mut_subcommand("status", profile_means(status::PROFILE))
        .mut_subcommand("logout", profile_means(logout::PROFILE))
        .mut_subcommand("whoami", profile_means(whoami::PROFILE))
        // `man` completes the names of commands, and only this file knows them.
        .mut_subcommand("man", |man| {
            man.mut_arg("command", |name| {
                name.add(ArgValueCandidates::new(command_names))
            })
        })
}

/// Parses the arguments of a process, the program's name first. If they ask for help, its examples are
/// for the user's shell.
pub(crate) fn parse(args: &[OsString]) -> std::result::Result<Cli, clap::Error> {
    match parse_with(&mut bare_command(args), args) {
        // Whatever else is an error here may be none there, and there it is told in full.
        Err(error) if error.kind() != ErrorKind::DisplayVersion => parse_in_full(args),
        parsed => parsed,
    }
}

fn parse_in_full(args: &[OsString]) -> std::result::Result<Cli, clap::Error> {
    let parsed = parse_with(&mut command(), args);
    let is_help = parsed.as_ref().is_err_and(|error| {
        matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        )
    });
    if !is_help {
        return parsed;
    }
    match Shell::of_program(&shell::program(Env)) {
        Shell::Env => parsed,
        shell => parse_with(&mut examples::worded(command(), shell), args),
    }
}

fn parse_with(cli: &mut clap::Command, args: &[OsString]) -> std::result::Result<Cli, clap::Error> {
    let mut matches = cli.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(cli))
}

/// The command line without what only its help and its errors need, and with only those commands whose names
/// are among `args`: defining all takes longer than most commands run.
fn bare_command(args: &[OsString]) -> clap::Command {
    let cli = clap::Command::new("awsmfa").version(env!("CARGO_PKG_VERSION"));
    type Define = fn(clap::Command) -> clap::Command;
    let commands: [(&str, Define); 14] = [
        ("setup", setup::Setup::augment_args),
        ("login", login::Login::augment_args),
        ("status", status::Status::augment_args),
        ("logout", logout::Logout::augment_args),
        ("export", export::Export::augment_args),
        ("exec", exec::Exec::augment_args),
        (
            "credential-process",
            credential_process::CredentialProcess::augment_args,
        ),
        ("whoami", whoami::Whoami::augment_args),
        ("device", device::Device::augment_args),
        ("rotate", rotate::Rotate::augment_args),
        ("policy", policy::Policy::augment_args),
        ("doctor", doctor::Doctor::augment_args),
        ("completions", completions::Completions::augment_args),
        ("man", man::Man::augment_args),
    ];
    let typed = commands
        .into_iter()
        .filter(|(name, _)| args.iter().any(|arg| arg == name));
    // Its flags only once clap has found it to be the command: it may be the name of a profile.
    let commands = typed.map(|(name, define)| clap::Command::new(name).defer(define));
    Common::augment_args(cli).subcommands(commands)
}

/// The commands that have a manual page, for completion.
fn command_names() -> Vec<CompletionCandidate> {
    let cli = Cli::command();
    let names = cli.get_subcommands().map(clap::Command::get_name);
    names
        .map(|name| CompletionCandidate::new(name.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a command takes, and the commands below it, without what only help and completions need.
    fn shape(command: &clap::Command) -> String {
        let args = command.get_arguments().map(|arg| {
            let arg = arg.clone().hide(false).help(None::<&str>);
            let arg = format!("{:?}", arg.long_help(None::<&str>));
            arg.split(", ext: ").next().unwrap_or_default().to_owned()
        });
        let groups = command.get_groups().filter(|it| it.get_args().count() > 0);
        let groups = groups.map(|group| format!("{group:?}"));
        let below = command
            .get_subcommands()
            .filter(|it| it.get_name() != "help");
        // Their order is only that of the help.
        let mut parts: Vec<String> = args.chain(groups).chain(below.map(shape)).collect();
        parts.sort();
        let aliases: Vec<&str> = command.get_all_aliases().collect();
        format!("{} {aliases:?}\n{}", command.get_name(), parts.join("\n"))
    }

    #[test]
    fn without_its_help_the_command_line_is_the_same() {
        let names = command();
        let names = names.get_subcommands().map(clap::Command::get_name);
        let names: Vec<OsString> = names.map(OsString::from).collect();
        let shapes = [bare_command(&names), command()].map(|mut cli| {
            cli.build();
            shape(&cli)
        });
        assert_eq!(shapes[0], shapes[1]);
    }

    #[test]
    fn the_commands_that_are_not_typed_are_not_missed() {
        for (line, is_parsed) in [
            ("login dev", true),
            ("login status --profile exec", true),
            ("-p login status", true),
            ("exec dev -- login --help", true),
            ("exec -- awsmfa export", true),
            ("device list login", true),
            ("status", true),
            // These are left to the full parser.
            ("list", false),
            ("", false),
            ("help", false),
            ("help login", false),
            ("logni", false),
            ("--profile login", false),
        ] {
            let args = ["awsmfa"].into_iter().chain(line.split_whitespace());
            let args: Vec<OsString> = args.map(OsString::from).collect();
            let bare = parse_with(&mut bare_command(&args), &args);
            assert_eq!(bare.is_ok(), is_parsed, "{line}");
            if let Ok(bare) = bare {
                let whole = parse_with(&mut command(), &args).expect(line);
                assert_eq!(format!("{bare:?}"), format!("{whole:?}"), "{line}");
            }
        }
        let version = ["awsmfa", "--version"].map(OsString::from);
        let told = parse_with(&mut bare_command(&version), &version).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::DisplayVersion);
    }
}
