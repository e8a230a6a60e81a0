//! Prepares the home for the shells that may run in it: each shows in its prompt that it is the
//! sandbox's, and asks and generates nothing at its first start. It never reads the user's own start
//! files.

use std::fs;
use std::io;
use std::path::Path;

/// The start files of shells, by their path in the home.
const START_FILES: [(&str, &str); 5] = [
    (".bashrc", "PS1='(sandbox) \\w\\$ '\n"),
    // Otherwise zsh offers to create one.
    (".zshrc", "PROMPT='(sandbox) %~ %# '\n"),
    // The system's own file resets PATH in a login shell.
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

/// At its first start fish generates completions from all manual pages, thousands of files, in the
/// background and even after fish has ended, unless these folders exist: one for version 3 and one for
/// later versions.
const FOLDERS: [&str; 2] = [
    ".local/share/fish/generated_completions",
    ".cache/fish/generated_completions",
];

/// The prompt of shells without a start file, or with one that we can't write.
pub(crate) const PROMPTS: [(&str, &str); 2] =
    [("PS1", "(sandbox) $ "), ("PROMPT", "(sandbox) $P$G")];

/// Writes the files that the shells look for in `home`.
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
