//! Runs the command `completions`, and answers the shells that use its scripts. It does not import the
//! command line that it completes: `cli` passes that in.
//!
//! The script that a shell loads asks awsmfa itself at each completion, so that profile names come from
//! the files as they are at that moment. Nushell's has fixed commands and flags, because the library
//! supports nothing else.

mod handed_over;

use crate::exit::{Failure, Result};
use crate::text::io_message;
use crate::world::Context;
use crate::world::env::Env;
use crate::world::ui::Ui;
use clap::{Args, Command, ValueEnum};
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::OsString;

/// Set by a shell that asks for completions.
const VARIABLE: &str = "_AWSMFA_COMPLETE";

const EXAMPLES: &str = "\
Examples, each for the shell's startup file:
  source <(awsmfa completions bash)          ~/.bashrc
  source <(awsmfa completions zsh)           ~/.zshrc, after compinit
  awsmfa completions fish | source           ~/.config/fish/config.fish
  awsmfa completions powershell | Out-String | Invoke-Expression    $PROFILE
  eval (awsmfa completions elvish | slurp)   rc.elv
  awsmfa completions nushell | save -f awsmfa.nu    once; then `use awsmfa.nu *`";

/// Print a shell completion script
///
/// Completes commands, flags and the names of the profiles in the AWS files, as they are at that
/// moment. After the `--` of exec, your shell completes the command as usual.
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
    #[value(alias = "nu")]
    Nushell,
    #[value(alias = "pwsh")]
    Powershell,
    Zsh,
}

/// Prints the script that completes `cli`.
pub(crate) fn run(completions: &Completions, mut cli: Command, context: Context) -> Result<()> {
    let mut script = Vec::new();
    let name = match completions.shell {
        Script::Bash => "bash",
        Script::Elvish => "elvish",
        Script::Fish => "fish",
        Script::Powershell => "powershell",
        Script::Zsh => "zsh",
        Script::Nushell => {
            let nushell = clap_complete_nushell::Nushell;
            clap_complete::generate(nushell, &mut cli, "awsmfa", &mut script);
            let script = with_profiles(&String::from_utf8_lossy(&script));
            return context
                .ui
                .raw(&handed_over::joined(completions.shell, &script));
        }
    };
    let shells = Shells::builtins();
    let written = match shells.completer(name) {
        Some(shell) => {
            shell.write_registration(VARIABLE, "awsmfa", "awsmfa", "awsmfa", &mut script)
        }
        None => Err(std::io::ErrorKind::Unsupported.into()),
    };
    written.map_err(|error| {
        Failure::failed(format!(
            "can't write completions for {name}: {}",
            io_message(&error)
        ))
    })?;
    let script = String::from_utf8_lossy(&script);
    context
        .ui
        .raw(&handed_over::joined(completions.shell, &script))
}

/// Nushell's script with its only dynamic completion: it asks awsmfa for the profiles, in fish's format,
/// which is one name per line.
fn with_profiles(script: &str) -> String {
    const BEGIN: &str = "module completions {\n";
    let ask = format!(
        "{BEGIN}\n  def \"nu-complete awsmfa profiles\" [] {{\n    with-env {{{VARIABLE}: fish}} {{ ^awsmfa -- awsmfa --profile \"\" | lines }}\n  }}\n"
    );
    let mut script = script.replacen(BEGIN, &ask, 1);
    for profile in ["--profile(-p): string", "profile_word?: string"] {
        let completed = format!("{profile}@\"nu-complete awsmfa profiles\"");
        script = script.replace(profile, &completed);
    }
    script
}

/// Answers a shell that asks for completions. Returns `false` if none does and this is an ordinary run.
pub(crate) fn answer(args: &[OsString], cli: fn() -> Command, env: Env) -> bool {
    // A leftover variable must not keep awsmfa from its work. A shell that really asks passes the
    // current line after two dashes.
    let asks = args.get(1).is_some_and(|arg| arg == "--");
    if env.text(VARIABLE).is_none() || !asks {
        return false;
    }
    let words = args.get(2..).unwrap_or_default();
    if env.text(VARIABLE).as_deref() == Some(handed_over::QUESTION) {
        if let Some(at) = handed_over::begins_at(cli(), words) {
            // Where nobody listens, nothing is completed.
            let _ = Ui::default().raw(&format!("{at}\n"));
        }
        return true;
    }
    // If the question can't be answered, the shell gets no completions.
    let answered = CompleteEnv::with_factory(cli)
        .var(VARIABLE)
        .try_complete(args.to_vec(), None);
    answered.unwrap_or(true)
}
