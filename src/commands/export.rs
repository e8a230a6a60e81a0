//! Runs the command `export`: prints a session for a shell, a program or a CI job. It leaves
//! quoting to `handover`.

use super::common::{Common, ProfileWord};
use super::handing_over;
use super::sign_in_options::{MARGIN, SignInOptions};
use super::unnamed;
use crate::exit::{Exit, Failure, Result};
use crate::handover::environment::Change;
use crate::handover::github::Job;
use crate::handover::process_json;
use crate::handover::shell::Shell;
use crate::handover::variables::Variable;
use crate::profile::choice::Purpose;
use crate::signin;
use crate::world::Context;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use serde_json::{Map, Value};
use std::ffi::{OsStr, OsString};

const EXAMPLES: &str = "\
Examples:
  eval \"$(awsmfa export dev)\"                            sh, bash, zsh
  awsmfa export dev --format fish | source               fish
  awsmfa export dev --format powershell | Out-String | Invoke-Expression
  awsmfa export dev --format nu | from nuon | load-env   Nushell
  eval \"`awsmfa export dev --format tcsh`\"               tcsh
  execx($(awsmfa export dev --format xonsh))             xonsh
  eval (awsmfa export dev --format elvish | slurp)       elvish
  awsmfa export dev --format github                      GitHub Actions
  docker run --env-file <(awsmfa export dev --format env-no-export) …
  eval \"$(awsmfa export --unset)\"                        clear it again";

/// Print a session for a shell, a program or a CI job
///
/// Signs in first if there is no valid session, and asks at the terminal itself, so your shell can
/// evaluate the output directly. The text for a shell also clears AWS_PROFILE and anything else that
/// takes precedence over the session, and sets the variables of the profile's other settings, unless
/// they are already set; if the sign-in fails, so does the evaluation. AWSMFA_EXPORTED names what was set.
/// If the credentials file can't be written, you get the session all the same, with a warning that
/// it was not saved.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    #[command(flatten)]
    profile: ProfileWord,

    /// The output format
    ///
    /// A shell's own name works too, such as `bash` for `env`.
    #[arg(long, value_name = "FORMAT", default_value = "env", add = ArgValueCompleter::new(candidates))]
    format: Format,

    /// Print what clears the variables again
    #[arg(long, conflicts_with_all = [
        "code_source", "mfa_serial", "duration", "session_profile", "min_remaining", "force", "region",
    ])]
    unset: bool,

    #[command(flatten)]
    sign_in: SignInOptions,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug)]
enum Format {
    Shell(Shell),
    /// The JSON of a `credential_process`.
    Process,
    /// An object of the variables.
    Json,
    /// The files of GitHub Actions.
    Github,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Format; 12] = [
            Format::Shell(Shell::Env),
            Format::Shell(Shell::EnvNoExport),
            Format::Shell(Shell::Fish),
            Format::Shell(Shell::Powershell),
            Format::Shell(Shell::WindowsCmd),
            Format::Shell(Shell::Nu),
            Format::Shell(Shell::Tcsh),
            Format::Shell(Shell::Xonsh),
            Format::Shell(Shell::Elvish),
            Format::Process,
            Format::Json,
            Format::Github,
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Shell(shell) => shell.to_possible_value().map(with_aliases),
            Self::Process => {
                Some(PossibleValue::new("process").help("The JSON of a `credential_process`"))
            }
            Self::Json => {
                Some(PossibleValue::new("json").help("One object with a member for each variable"))
            }
            Self::Github => Some(
                PossibleValue::new("github")
                    .help("Add to the file GITHUB_ENV of a job, with secrets masked"),
            ),
        }
    }
}

/// `value` with its aliases in its help, because clap leaves them out.
fn with_aliases(value: PossibleValue) -> PossibleValue {
    let aliases: Vec<&str> = value.get_name_and_aliases().skip(1).collect();
    match value.get_help() {
        Some(help) if !aliases.is_empty() => {
            let help = format!("{help} [aliases: {}]", aliases.join(", "));
            value.help(help)
        }
        _ => value,
    }
}

/// The formats that begin with `typed`, for shell completion. Their aliases are included only after
/// something has been typed, because they would make the list too long.
fn candidates(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let formats = Format::value_variants().iter();
    let names = formats
        .filter_map(Format::to_possible_value)
        .flat_map(|it| {
            let names = it.get_name_and_aliases().enumerate();
            let fits = names
                .filter(|(at, name)| name.starts_with(&*typed) && (*at == 0 || !typed.is_empty()));
            let candidate = |(_, name): (usize, &str)| {
                CompletionCandidate::new(name).help(it.get_help().cloned())
            };
            fits.map(candidate).collect::<Vec<_>>()
        });
    names.collect()
}

/// Prints the session, signing in first if needed. If anything fails, a shell has to notice: see
/// [`Export::failure`].
pub(crate) async fn run(export: Export, common: Common, context: Context) -> Result<()> {
    if export.unset {
        return unset(export.format, context);
    }
    let output = Output::find(export.format, context)?;
    let request = export
        .sign_in
        .request(export.profile.or(common.profile)?, context, MARGIN)?;
    let sign_in = async |request| signin::sign_in(context, request).await;
    let ready = unnamed::named(request, Purpose::Session, context, sign_in).await?;
    let session = handing_over::session(&ready)?;
    let change = |session| handing_over::change(&ready, session, context);
    match output {
        // A file of assignments, for programs that may not share this environment at all.
        Output::Shell(Shell::EnvNoExport) => context
            .ui
            .raw(&Shell::EnvNoExport.script(&pairs(&session), &[])),
        Output::Shell(shell) => {
            let Change { set, clear } = change(session);
            context.ui.raw(&shell.script(&pairs(&set), &names(&clear)))
        }
        Output::Process => context.ui.data(&process_json::json(&ready.session)),
        Output::Json => context.ui.data(&object(&change(session).set)),
        Output::Job(job) => job.hand_over(&change(session), context),
    }
}

/// The destination of a session: its format, and everything that the format needs.
enum Output {
    Shell(Shell),
    Process,
    Json,
    Job(Job),
}

impl Output {
    /// Fails before a code is asked for if something that the format needs is missing.
    fn find(format: Format, context: Context) -> Result<Self> {
        Ok(match format {
            Format::Shell(shell) => Self::Shell(shell),
            Format::Process => Self::Process,
            Format::Json => Self::Json,
            Format::Github => Self::Job(Job::find(context)?),
        })
    }
}

/// The text that makes a shell fail if `args`, the whole command line, is an `export` that failed early:
/// with nothing to evaluate, `eval "$(awsmfa export --typo)"` would count as a success. The same goes
/// for a command line without a command, or with one that is not in `cli`. Empty for any other command,
/// whose standard output is data.
pub(crate) fn failure_of(args: &[OsString], cli: &clap::Command) -> &'static str {
    let words = || args.iter().skip(1).map(|arg| arg.to_str().unwrap_or("?"));
    if names_another_command(words(), cli) {
        return "";
    }
    let mut format = Format::Shell(Shell::Env);
    let mut words = words();
    while let Some(word) = words.next() {
        let named = match word {
            "--format" => words.next(),
            _ => word.strip_prefix("--format="),
        };
        format = named
            .and_then(|name| Format::from_str(name, false).ok())
            .unwrap_or(format);
    }
    format.failure()
}

/// Whether the command in an invalid command line is one of `cli`'s other than `export`.
fn names_another_command<'a>(
    mut words: impl Iterator<Item = &'a str>,
    cli: &clap::Command,
) -> bool {
    // The word after a flag of another command is either its value or the command.
    let mut may_be_a_value = false;
    while let Some(word) = words.next() {
        match word {
            "-p" | "--profile" => drop(words.next()),
            // Short flags combined in one word, such as `-vp dev`.
            flag if flag.ends_with('p') && flag.starts_with('-') && !flag.starts_with("--") => {
                words.next();
            }
            flag if flag.starts_with('-') => may_be_a_value = true,
            "export" => return false,
            word if cli.find_subcommand(word).is_some() => {
                let mut rest = words.take_while(|word| *word != "--");
                return !(may_be_a_value && rest.any(|word| word == "export"));
            }
            _ if may_be_a_value => may_be_a_value = false,
            _ => return false,
        }
    }
    false
}

impl Format {
    fn failure(self) -> &'static str {
        match self {
            Self::Shell(shell) => shell.failure(),
            // This output is not evaluated: its readers see the exit code.
            Self::Process | Self::Json | Self::Github => "",
        }
    }
}

impl Export {
    /// The text that makes a shell fail if it evaluates the output of this command.
    pub(crate) fn failure(&self) -> &'static str {
        self.format.failure()
    }
}

fn pairs(session: &[Variable]) -> Vec<(&str, &str)> {
    let pairs = session.iter();
    pairs
        .map(|(name, value)| (&**name, value.as_str()))
        .collect()
}

fn names(clear: &[String]) -> Vec<&str> {
    clear.iter().map(String::as_str).collect()
}

fn object(session: &[Variable]) -> String {
    let fields = pairs(session).into_iter();
    let object: Map<String, Value> = fields
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    Value::from(object).to_string()
}

fn unset(format: Format, context: Context) -> Result<()> {
    match format {
        Format::Shell(shell) if shell != Shell::EnvNoExport => {
            let clear = Change::back(context.env.is_exported(), context.env.exported());
            context.ui.raw(&shell.script(&[], &names(&clear)))
        }
        _ => Err(Failure::new(
            Exit::Usage,
            "--unset works only with formats that can clear variables",
        )
        .hint("use --format env, fish, powershell, windows-cmd, nu, tcsh, xonsh or elvish")),
    }
}

#[cfg(test)]
mod tests {
    use super::names_another_command;

    #[test]
    fn the_command_in_an_invalid_command_line_is_found_after_any_flag() {
        let names = ["export", "exec", "status", "login"];
        let cli = names
            .into_iter()
            .fold(clap::Command::new("awsmfa"), |cli, name| {
                cli.subcommand(clap::Command::new(name))
            });
        for (line, is_another) in [
            ("export --bad", false),
            ("exprot", false),
            ("", false),
            ("-p exec export --bad", false),
            ("-vp exec export --bad", false),
            ("-qp status", false),
            ("--code status export", false),
            ("--code 1 export", false),
            ("status --bad", true),
            ("-p dev status --bad", true),
            ("-vp dev status", true),
            ("--no-input status", true),
            ("status export", true),
            ("--code 1 exec -- export", true),
            ("exec --bad -- export", true),
        ] {
            let words = line.split_whitespace();
            assert_eq!(names_another_command(words, &cli), is_another, "{line}");
        }
    }
}
