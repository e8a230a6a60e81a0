//! Owns the command `man`: the manual pages, made from the same text as the help.

use crate::cli::{Cli, EXIT_CODES};
use crate::exit::{Exit, Failure};
use crate::world::Context;
use clap::builder::Resettable;
use clap::{Arg, Args, Command, CommandFactory as _};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  awsmfa man | man -l -                the page of awsmfa
  awsmfa man export | man -l -         the page of a command
  awsmfa man --install                 then `man awsmfa` works, and
                                       `man awsmfa-export`";

/// Print or install the manual pages
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The command whose page to print
    #[arg(value_name = "COMMAND", conflicts_with = "install", add = ArgValueCandidates::new(command_names))]
    command: Option<String>,

    /// Write all pages to a folder instead; if none is named, to
    /// ~/.local/share/man/man1
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    install: Option<Option<PathBuf>>,
}

/// Prints a page, or writes all of them.
pub(crate) fn run(man: Man, context: Context) -> anyhow::Result<()> {
    if let Some(folder) = man.install {
        let folder = match folder {
            Some(folder) => folder,
            None => usual_folder(context)?,
        };
        return install(&folder, context);
    }
    let pages = commands();
    let page = match man.command {
        None => pages.first(),
        Some(name) => pages[1..].iter().find(|page| {
            page.get_name() == name || page.get_all_aliases().any(|alias| alias == name)
        }),
    };
    let page = page.ok_or_else(|| {
        Failure::new(Exit::Usage, "awsmfa has no such command").hint("`awsmfa --help` lists them")
    })?;
    Ok(context.ui.raw(&text(page)?)?)
}

/// The names of the commands that have a page, for a shell to complete.
fn command_names() -> Vec<CompletionCandidate> {
    let names = commands().into_iter().skip(1);
    names
        .map(|command| CompletionCandidate::new(command.get_name().to_owned()))
        .collect()
}

/// Every command that has a page of its own; awsmfa itself is the first.
fn commands() -> Vec<Command> {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    let commands: Vec<Command> = cli.get_subcommands().cloned().collect();
    [cli].into_iter().chain(commands).collect()
}

/// A page. What the help ends with stands there line by line; the library would fill the lines.
fn text(command: &Command) -> std::io::Result<String> {
    let examples = command.get_after_help().map(ToString::to_string);
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    let plain = command
        .clone()
        .override_usage(usage)
        .after_help(Resettable::Reset)
        .after_long_help(Resettable::Reset)
        .version(Resettable::Reset)
        .mut_args(with_aliases);
    let mut page = Vec::new();
    clap_mangen::Man::new(plain)
        .source(concat!("awsmfa ", env!("CARGO_PKG_VERSION")))
        .manual("awsmfa")
        .render(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if let Some(examples) = &examples {
        let examples = examples.strip_prefix("Examples:\n").unwrap_or(examples);
        page += &section("EXAMPLES", examples);
    }
    let (_, codes) = EXIT_CODES.split_once('\n').unwrap_or_default();
    page += &section("EXIT STATUS", codes);
    if command.get_name() != "awsmfa" {
        page += ".SH \"SEE ALSO\"\nawsmfa(1)\n";
    }
    Ok(page)
}

/// The library leaves out the other names of an option.
fn with_aliases(option: Arg) -> Arg {
    let names: Vec<String> = option
        .get_visible_aliases()
        .unwrap_or_default()
        .iter()
        .map(|name| format!("--{name}"))
        .collect();
    let help = option.get_long_help().or_else(|| option.get_help());
    match help.map(ToString::to_string) {
        Some(help) if !names.is_empty() => {
            option.long_help(format!("{help} [aliases: {}]", names.join(", ")))
        }
        _ => option,
    }
}

/// A section whose lines stay as they are.
fn section(title: &str, text: &str) -> String {
    let lines: String = text
        .lines()
        .map(|line| {
            let line = line.replace('\\', "\\e").replace('-', "\\-");
            // A line that begins so is a request to the formatter.
            let guard = if line.starts_with(['.', '\'']) {
                "\\&"
            } else {
                ""
            };
            format!("{guard}{line}\n")
        })
        .collect();
    format!(".SH \"{title}\"\n.nf\n{lines}.fi\n")
}

/// Where `man` looks for a user's own pages.
fn usual_folder(context: Context) -> anyhow::Result<PathBuf> {
    let data = context
        .env
        .path("XDG_DATA_HOME")
        .or_else(|| Some(context.env.home()?.join(".local/share")));
    data.map(|data| data.join("man/man1")).ok_or_else(|| {
        Failure::new(Exit::Failed, "there is no home folder to install to")
            .hint("name a folder after --install")
            .into()
    })
}

#[expect(clippy::disallowed_methods, reason = "a manual page is no AWS file")]
fn install(folder: &Path, context: Context) -> anyhow::Result<()> {
    let failed = |error: std::io::Error| {
        Failure::new(
            Exit::Failed,
            format!("can't write the pages to {}: {error}", folder.display()),
        )
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for command in commands() {
        let name = command.get_display_name().unwrap_or("awsmfa").to_owned();
        let page = text(&command).map_err(failed)?;
        std::fs::write(folder.join(name + ".1"), page).map_err(failed)?;
    }
    context
        .ui
        .say(&format!("the pages are in {}", folder.display()));
    Ok(())
}
