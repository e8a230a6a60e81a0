//! Owns the command `man`: the manual pages, made from the same text as the help.

use crate::cli::Cli;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use clap::{Args, CommandFactory as _};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  awsmfa man | man -l -                       read the page of awsmfa
  awsmfa man export | man -l -                the page of a command
  awsmfa man --install                        for `man awsmfa`: to ~/.local/share/man/man1";

/// Print or install the manual pages
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The command whose page to print
    #[arg(value_name = "COMMAND", conflicts_with = "install")]
    command: Option<String>,

    /// Write all pages to a folder instead
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "")]
    install: Option<PathBuf>,
}

/// Prints a page, or writes all of them.
pub(crate) fn run(man: Man, context: Context) -> anyhow::Result<()> {
    if let Some(folder) = man.install {
        let folder = if folder.as_os_str().is_empty() {
            usual_folder(context)?
        } else {
            folder
        };
        return install(&folder, context);
    }
    let mut cli = Cli::command();
    cli.build();
    let command = match man.command {
        None => cli,
        Some(name) => cli.find_subcommand(&name).cloned().ok_or_else(|| {
            Failure::new(Exit::Usage, format!("awsmfa has no command {name}"))
                .hint("`awsmfa --help` lists them")
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(context.ui.raw(&String::from_utf8_lossy(&page))?)
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
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    context
        .ui
        .say(&format!("the pages are in {}", folder.display()));
    Ok(())
}
