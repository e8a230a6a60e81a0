//! Prepares the home for the shells that may run in it: each says in its prompt that it is the sandbox's,
//! and asks and generates nothing at its first start. It never reads a start file of the person's own.

use std::fs;
use std::io;
use std::path::Path;

/// The start files of shells, by their path in the home.
const START_FILES: [(&str, &str); 5] = [
    (".bashrc", "PS1='(sandbox) \\w\\$ '\n"),
    // Else zsh offers to make one.
    (".zshrc", "PROMPT='(sandbox) %~ %# '\n"),
    // A login shell has a new PATH from the system's own file.
    (
        ".profile",
        "PATH=$HOME/bin:$PATH\nPS1='(sandbox) $ '\n[ -z \"$BASH\" ] || . ~/.bashrc\n",
    ),
    (
        ".config/fish/config.fish",
        "set -g fish_greeting\nfunction fish_prompt\n    echo -n '(sandbox) '(prompt_pwd)'> '\nend\n",
    ),
    (
        ".config/powershell/profile.ps1",
        "function prompt { \"(sandbox) $PWD> \" }\n",
    ),
];

/// At its first start fish makes completions of all manual pages, some thousand files, in the background
/// and after its own end too, unless these folders are there: of version 3 and of later ones.
const FOLDERS: [&str; 2] = [
    ".local/share/fish/generated_completions",
    ".cache/fish/generated_completions",
];

/// The prompt of shells that have no start file, or none that we could write.
pub(crate) const PROMPTS: [(&str, &str); 2] =
    [("PS1", "(sandbox) $ "), ("PROMPT", "(sandbox) $P$G")];

/// Writes what the shells look for in `home`.
pub(crate) fn prepare(home: &Path) -> io::Result<()> {
    for folder in FOLDERS {
        fs::create_dir_all(home.join(folder))?;
    }
    for (path, text) in START_FILES {
        let path = home.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
