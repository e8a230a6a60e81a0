//! Runs the command `man`: prints, shows or installs the manual pages. It never decides what they say.

mod page;

use crate::exit::{Exit, Failure, Result};
use crate::handover::shell::Shell;
use crate::text::{io_message, posix_word, quoted, typed_word};
use crate::world::man::{self, Found};
use crate::world::{Context, places, plain, shell};
use clap::{Args, Command};
use page::text;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  awsmfa man                           the page of awsmfa
  awsmfa man export                    the page of a command
  awsmfa man device enroll             the page of a subcommand
  awsmfa man login > awsmfa-login.1    its source
  awsmfa man --install                 then `man awsmfa` works, and
                                       `man awsmfa-export`";

/// Show or install the manual pages
///
/// At a terminal the system's own `man` shows the page. If standard output goes anywhere else, its
/// source (roff) is printed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The command whose page to show, such as `export` or `device enroll`
    #[arg(value_name = "COMMAND", conflicts_with = "install")]
    command: Vec<String>,

    /// Write all pages to a folder instead; by default to ~/.local/share/man/man1
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    install: Option<Option<PathBuf>>,
}

/// Shows or prints a page of `cli`, or writes all of them.
pub(crate) fn run(man: Man, cli: Command, context: Context) -> Result<()> {
    let mut cli = without_help(cli);
    // Gives the pages of all commands their names, including those of `device`.
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
            .say(&format!("the manual pages are in {}", folder.display()));
        if !context.ui.quiet
            && let Some(hint) = how_to_find(&folder, context)
        {
            context.ui.hint(&hint);
        }
        return Ok(());
    }
    let page = man.command.iter().try_fold(&cli, |command, name| {
        let is_it = |it: &&Command| it.get_name() == name || has_alias(it, name);
        command.get_subcommands().find(is_it)
    });
    let page = page.ok_or_else(|| {
        let text = format!("awsmfa has no command {}", quoted(&man.command.join(" ")));
        Failure::new(Exit::Usage, text).hint("`awsmfa --help` lists them")
    })?;
    let text = text(page).map_err(|error| {
        Failure::failed(format!("can't write the page: {}", io_message(&error)))
    })?;
    if !context.ui.is_read_by_a_person() {
        return context.ui.raw(&text);
    }
    let help = format!(
        "`{} --help` has the same text",
        page.get_bin_name().unwrap_or("awsmfa")
    );
    match man::show(name_of(page), &text) {
        Ok(true) => Ok(()),
        Ok(false) => {
            context.ui.raw(&text)?;
            context
                .ui
                .hint(&format!("there is no `man` command to show it; {help}"));
            Ok(())
        }
        Err(error) => Err(Failure::failed(format!(
            "`man` can't show the page: {}",
            io_message(&error)
        ))
        .hint(help)),
    }
}

/// The name of a page, and of its file.
fn name_of(page: &Command) -> &str {
    page.get_display_name().unwrap_or("awsmfa")
}

/// What the user has to do so that `man` finds the pages in `folder`; none if it finds them already, or
/// if there is no `man`.
fn how_to_find(folder: &Path, context: Context) -> Option<String> {
    const PAGE: &str = "awsmfa";
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let file = folder.join(PAGE).with_extension("1");
    let is_it = |found: &Path| match (found.canonicalize(), file.canonicalize()) {
        (Ok(found), Ok(file)) => found == file,
        _ => found == file.as_path(),
    };
    match man::find(PAGE) {
        Found::NoMan => return None,
        Found::At(found) if is_it(&found) => return None,
        Found::At(_) | Found::Nowhere => {}
    }
    // `man` expects the folder that contains `man1`. The trailing colon keeps the usual folders.
    let above = folder.file_name().filter(|name| *name == "man1");
    Some(match above.and_then(|_| folder.parent()) {
        Some(above) => format!(
            "so that `man` finds them, add this to your shell's startup file: {}",
            line_for_start_file(&above.to_string_lossy(), context)
        ),
        None => format!(
            "`man` only looks in folders named man1; to read a page: man {}",
            typed_word(&file.to_string_lossy())
        ),
    })
}

/// The line that has `man` look in `folder` too, in the words of the person's shell.
fn line_for_start_file(folder: &str, context: Context) -> String {
    const VARIABLE: &str = "MANPATH";
    match Shell::of_program(&shell::program(context.env)) {
        Shell::Env => format!("export {VARIABLE}={}:\"${VARIABLE}\"", posix_word(folder)),
        // Its `export` loses the value where the variable is not set.
        Shell::Fish => format!("set -gx {VARIABLE} {} \"${VARIABLE}\"", posix_word(folder)),
        shell => shell.typed(VARIABLE, &format!("{folder}:"), None),
    }
}

/// Every command with a page of its own, `command` first.
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

/// The folder where `man` looks for a user's own pages.
fn usual_folder(context: Context) -> Result<PathBuf> {
    places::manual_pages(context.env).ok_or_else(|| {
        Failure::failed("there is no home folder to install them in")
            .hint("give a folder after --install")
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a manual page's folder is its own"
)]
fn install(pages: &[&Command], folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for command in pages {
        let name = name_of(command).to_owned();
        let mut options = plain::options();
        options.write(true).create(true).truncate(true);
        let mut page = plain::open(&options, &folder.join(name + ".1"))?;
        page.write_all(text(command)?.as_bytes())?;
    }
    Ok(())
}
