//! Presses Tab in the real shells. Not every machine has them, so every test here is ignored.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use indoc::indoc;

use crate::scene::{finish, output_text};
use crate::support::home::Home;

/// A home with profiles, and a PATH on which its shells find awsmfa.
fn home() -> Home {
    let home = Home::new()
        .config(indoc! {"
            [profile prod]
            region = x
            [profile dev]
            region = x
        "})
        .credentials("[dev-mfa]\naws_session_token = token\n");
    let folder = home.path().join("bin");
    fs::create_dir(&folder).expect("the home is new");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_awsmfa"), folder.join("awsmfa"))
        .expect("the home is writable");
    home
}

/// The output of a shell for a script, which must neither fail nor complain.
fn prints(home: &Home, shell: impl AsRef<Path>, args: &[&str]) -> String {
    let shell = shell.as_ref();
    let mut command = Command::new(shell);
    command.args(args).env_clear().stdin(Stdio::null());
    let path = format!("{}/bin:/usr/bin:/bin", home.path().display());
    command.env("PATH", path).env("TERM", "xterm");
    home.enter(&mut command);
    let output = finish(command);
    assert!(
        output.status.success(),
        "{shell:?}: {}",
        output_text(&output)
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell:?}");
    String::from_utf8(output.stdout).expect("a shell prints UTF-8")
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn bash_completes() {
    // The function that Tab calls, with the arguments that bash passes.
    let script = indoc! {"
        source <(awsmfa completions bash)
        tab() {
            COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) COMP_TYPE=9 COMPREPLY=()
            _clap_complete_awsmfa awsmfa \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
            echo \"${COMPREPLY[@]}\"
        }
        tab awsmfa login --profile d
        tab awsmfa log
        tab awsmfa export --format p
        tab awsmfa login --session
        tab awsmfa login --profile nobody
    "};
    assert_eq!(
        prints(&home(), "/bin/bash", &["--norc", "-c", script]),
        "dev-mfa dev\nlogin logout\npowershell pwsh process\n--session-profile\n\n"
    );
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn fish_completes() {
    let script = indoc! {"
        awsmfa completions fish | source
        complete -C 'awsmfa login --profile d'
        complete -C 'awsmfa login --profile=p'
        begin; complete -C 'awsmfa export --format p'; complete -C 'awsmfa log'; end | string replace -r '\\t.*' ''
    "};
    assert_eq!(
        prints(&home(), "/usr/bin/fish", &["--no-config", "-c", script]),
        "dev-mfa\ndev\n--profile=prod\npowershell\npwsh\nprocess\nlogin\nlogout\n"
    );
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn zsh_completes() {
    // zsh completes only at a terminal, so it gets one; the list is the end of what it shows.
    let script = indoc! {"
        zmodload zsh/zpty
        zpty shell 'zsh -f -i'
        zpty -w shell 'PROMPT=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit; compinit -u -d $HOME/dump; source <(awsmfa completions zsh); echo READY$((1+1))'
        zpty -r -m shell screen '*READY2*'
        zpty -w -n shell $'awsmfa login --profile d\\t\\t'
        zpty -r -m shell screen '*dev*dev-mfa*'
        print -r -- seen
        zpty -w -n shell $'\\x15awsmfa login --profile p\\t'
        zpty -r -m shell screen '*prod*'
        print -r -- $screen[-20,-1]
        zpty -d shell
    "};
    let shown = prints(&home(), "/usr/bin/zsh", &["-f", "-c", script]);
    assert!(
        shown.starts_with("seen\n") && shown.contains("prod"),
        "{shown}"
    );
}

#[test]
#[ignore = "needs tests/clients/install"]
fn nushell_completes() {
    let nu = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/clients/node/nu");
    assert!(
        nu.exists(),
        "{} is missing: run tests/clients/install",
        nu.display()
    );
    let home = home();
    let script = "awsmfa completions nushell | save awsmfa.nu";
    prints(&home, &nu, &["--no-config-file", "-c", script]);
    for (line, expected) in [
        (
            "awsmfa login --profile d",
            "{\"completions\": [\"dev\", \"dev-mfa\"]}",
        ),
        (
            "awsmfa login --sess",
            "{\"completions\": [\"--session-profile\"]}",
        ),
        (
            "awsmfa export --format p",
            "{\"completions\": [\"powershell\", \"process\"]}",
        ),
    ] {
        let text = format!("use awsmfa.nu *\n{line}");
        fs::write(home.path().join("line.nu"), &text).expect("the home is writable");
        let at = text.len().to_string();
        let shown = prints(
            &home,
            &nu,
            &["--no-config-file", "--ide-complete", &at, "line.nu"],
        );
        assert_eq!(shown.trim_end(), expected, "{line}");
    }
}
