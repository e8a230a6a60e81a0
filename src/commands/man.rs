//! Runs the command `man`: makes the manual pages from the text of the help. It writes no text of
//! its own.

use crate::exit::{EXIT_CODES, Exit, Failure, Result};
use crate::text::io_message;
use crate::world::{Context, places, plain};
use clap::builder::Resettable;
use clap::{Arg, Args, Command};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  awsmfa man | man -l -                the page of awsmfa
  awsmfa man export | man -l -         the page of a command
  awsmfa man device enroll | man -l -  that of one of `device`
  awsmfa man --install                 then `man awsmfa` works, and
                                       `man awsmfa-export`";

/// Print or install the manual pages
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The command whose page to print, such as `export` or `device enroll`
    #[arg(value_name = "COMMAND", conflicts_with = "install")]
    command: Vec<String>,

    /// Write all pages to a folder instead; if none is named, to
    /// ~/.local/share/man/man1
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    install: Option<Option<PathBuf>>,
}

/// Prints a page of `cli`, or writes all of them.
pub(crate) fn run(man: Man, cli: Command, context: Context) -> Result<()> {
    let mut cli = without_help(cli);
    // Names the pages of all commands, those of `device` too.
    cli.build();
    if let Some(folder) = man.install {
        let folder = match folder {
            Some(folder) => folder,
            None => usual_folder(context)?,
        };
        install(&pages(&cli), &folder).map_err(|error| {
            Failure::failed(format!(
                "can't write the pages to {}: {}",
                folder.display(),
                io_message(&error)
            ))
        })?;
        context
            .ui
            .say(&format!("the pages are in {}", folder.display()));
        return Ok(());
    }
    let page = man.command.iter().try_fold(&cli, |command, name| {
        let is_it = |it: &&Command| it.get_name() == name || has_alias(it, name);
        command.get_subcommands().find(is_it)
    });
    let page = page.ok_or_else(|| {
        Failure::new(Exit::Usage, "awsmfa has no such command").hint("`awsmfa --help` lists them")
    })?;
    let text = text(page).map_err(|error| {
        Failure::failed(format!("can't write the page: {}", io_message(&error)))
    })?;
    context.ui.raw(&text)
}

/// Every command that has a page of its own, `command` the first.
fn pages(command: &Command) -> Vec<&Command> {
    let within = command.get_subcommands().flat_map(pages);
    [command].into_iter().chain(within).collect()
}

/// `command` without clap's own `help`, which has no page.
fn without_help(command: Command) -> Command {
    command
        .disable_help_subcommand(true)
        .mut_subcommands(without_help)
}

fn has_alias(command: &Command, name: &str) -> bool {
    command.get_all_aliases().any(|alias| alias == name)
}

/// A page. What the help ends with stands there line by line; the library would fill the lines.
fn text(command: &Command) -> io::Result<String> {
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

/// The folder that is meant where none is named.
fn usual_folder(context: Context) -> Result<PathBuf> {
    places::manual_pages(context.env).ok_or_else(|| {
        Failure::failed("there is no home folder to install to")
            .hint("name a folder after --install")
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a manual page's folder is its own"
)]
fn install(pages: &[&Command], folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for command in pages {
        let name = command.get_display_name().unwrap_or("awsmfa").to_owned();
        let mut options = plain::options();
        options.write(true).create(true).truncate(true);
        let mut page = plain::open(&options, &folder.join(name + ".1"))?;
        page.write_all(text(command)?.as_bytes())?;
    }
    Ok(())
}
