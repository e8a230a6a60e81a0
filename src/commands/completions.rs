//! Owns the command `completions`, and the answers to the shells that use it.
//!
//! The script that a shell loads asks awsmfa itself at each completion, so that profile names come
//! from the files as they are then. Nushell's is a fixed one: the library has no other.

use crate::cli::Cli;
use crate::context::Context;
use crate::env::Env;
use crate::files::Files;
use crate::profile::Profiles;
use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::OsString;

/// Set by a shell that asks for completions.
const VARIABLE: &str = "_AWSMFA_COMPLETE";

const EXAMPLES: &str = "\
Examples, each for the shell's start file:
  source <(awsmfa completions bash)           ~/.bashrc
  source <(awsmfa completions zsh)            ~/.zshrc, after compinit
  awsmfa completions fish | source            ~/.config/fish/config.fish
  awsmfa completions powershell | Out-String | Invoke-Expression
  eval (awsmfa completions elvish | slurp)    rc.elv
  awsmfa completions nushell | save -f awsmfa.nu    once, then `use awsmfa.nu *`";

/// Print the script that lets a shell complete commands, flags and profile names
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    shell: Script,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Script {
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

/// Prints the script.
pub(crate) fn run(completions: &Completions, context: Context) -> anyhow::Result<()> {
    let mut script = Vec::new();
    let name = match completions.shell {
        Script::Bash => "bash",
        Script::Elvish => "elvish",
        Script::Fish => "fish",
        Script::Powershell => "powershell",
        Script::Zsh => "zsh",
        Script::Nushell => {
            let nushell = clap_complete_nushell::Nushell;
            clap_complete::generate(nushell, &mut Cli::command(), "awsmfa", &mut script);
            return Ok(context.ui.raw(&String::from_utf8_lossy(&script))?);
        }
    };
    let shells = Shells::builtins();
    let shell = shells
        .completer(name)
        .ok_or_else(|| anyhow::anyhow!("no completions for {name}"))?;
    shell.write_registration(VARIABLE, "awsmfa", "awsmfa", "awsmfa", &mut script)?;
    Ok(context.ui.raw(&String::from_utf8_lossy(&script))?)
}

/// Answers a shell that asks for completions. `false` when none asks: this is an ordinary run.
pub(crate) fn answer(args: &[OsString], env: Env) -> bool {
    if env.text(VARIABLE).is_none() {
        return false;
    }
    // A shell that asks something that can't be answered gets no completions.
    let answered = CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .try_complete(args.to_vec(), None);
    answered.unwrap_or(true)
}

/// The names of the profiles; none where the files can't be read.
pub(crate) fn profile_names() -> Vec<CompletionCandidate> {
    let Ok((config, credentials)) = Files::locate(Env).and_then(|files| files.read()) else {
        return Vec::new();
    };
    let names = Profiles::new(&config, &credentials).names();
    names
        .iter()
        .map(|name| CompletionCandidate::new(name.as_str()))
        .collect()
}
