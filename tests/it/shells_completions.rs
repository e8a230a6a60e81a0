//! Presses Tab in the real shells. Not every machine has them, so every test here is ignored.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use indoc::indoc;

use crate::scene::{finish, output_text};
use crate::support::home::Home;
use crate::support::terminal::Terminal;

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
            _awsmfa awsmfa \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
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

/// A home whose folder of programs holds `frobnicate`, for a shell to complete, and a program that
/// completes its arguments as that of the AWS CLI does: by the line that it is given.
fn home_with_a_command() -> Home {
    let home = home();
    for (name, script) in [
        ("frobnicate", "#!/bin/sh\n"),
        (
            "frobnicate_completer",
            indoc! {r#"
                #!/bin/sh
                case $COMP_LINE in "frobnicate st") echo sts ;; *) echo "[$COMP_LINE]" ;; esac
            "#},
        ),
    ] {
        let path = home.path().join("bin").join(name);
        fs::write(&path, script).expect("the home is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it was just written");
    }
    home
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn bash_completes_the_command_of_exec_as_if_it_stood_alone() {
    let functions = indoc! {r#"
        source <(awsmfa completions bash)
        tab() {
            COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9 COMPREPLY=()
            _awsmfa awsmfa "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            echo "${COMPREPLY[@]}"
        }
        complete -C frobnicate_completer frobnicate
        tab awsmfa exec d
        tab awsmfa exec dev -- frob
        tab awsmfa exec dev -- frobnicate st
        tab awsmfa exec --profile = dev -- frobnicate st
        tab awsmfa exec -- cat /etc/os-rel
    "#};
    let expected = "dev-mfa dev\nfrobnicate frobnicate_completer\nsts\nsts\n/etc/os-release\n";
    let home = home_with_a_command();
    let shown = |script: &str| prints(&home, "/bin/bash", &["--norc", "-c", script]);
    assert_eq!(shown(functions), expected);

    // Tab itself would let it set options.
    let library =
        "shopt -s extglob; source /usr/share/bash-completion/bash_completion; compopt() { :; }";
    let with_library = format!("{library}\n{functions}\ntab awsmfa exec dev -- tar --bzi\n");
    assert_eq!(shown(&with_library), format!("{expected}--bzip2\n"));
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn fish_completes_the_command_of_exec_as_if_it_stood_alone() {
    let script = indoc! {"
        complete --command frobnicate --no-files --arguments '(commandline | string replace \" \" _)'
        awsmfa completions fish | source
        complete -C 'awsmfa exec d'
        complete -C 'awsmfa exec dev -- frob' | string replace -r '\\t.*' ''
        complete -C 'awsmfa exec --profile=dev --   frobnicate f'
        complete -C 'awsmfa exec -- cat /etc/os-rel'
        complete -C 'awsmfa exec dev -- '  | string match -r '^frobnicate\\t'
    "};
    assert_eq!(
        prints(
            &home_with_a_command(),
            "/usr/bin/fish",
            &["--no-config", "-c", script]
        ),
        "dev-mfa\ndev\nfrobnicate\nfrobnicate_completer\nfrobnicate_f\n/etc/os-release\nfrobnicate\t\n"
    );
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn zsh_completes_the_command_of_exec_as_if_it_stood_alone() {
    let script = indoc! {"
        zmodload zsh/zpty
        zpty shell 'zsh -f -i'
        zpty -w shell 'PROMPT=; unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit; compinit -u -d $HOME/dump; _f() { compadd inside-$CURRENT }; compdef _f frobnicate; source <(awsmfa completions zsh); echo READY$((1+1))'
        zpty -r -m shell screen '*READY2*'
        zpty -w -n shell $'awsmfa exec dev -- frobnicate_c\\t'
        zpty -r -m shell screen '*frobnicate_completer*'
        zpty -w -n shell $'\\x15awsmfa exec --profile=dev -- frobnicate x ins\\t'
        zpty -r -m shell screen '*inside-3*'
        zpty -w -n shell $'\\x15awsmfa exec -- frobnicate ins\\t'
        zpty -r -m shell screen '*inside-2*'
        print -r -- seen
        zpty -d shell
    "};
    let shown = prints(
        &home_with_a_command(),
        "/usr/bin/zsh",
        &["-f", "-c", script],
    );
    assert_eq!(shown, "seen\n");
}

#[test]
#[ignore = "needs the shells that .ci/run installs"]
fn elvish_completes() {
    // Its editor, and so its completions, are there only at a terminal.
    let home = home_with_a_command();
    fs::write(
        home.path().join("rc.elv"),
        indoc! {"
            set paths = [$E:HOME/bin /usr/bin /bin]
            eval (awsmfa completions elvish | slurp)
            set edit:completion:arg-completer[frobnicate] = {|@words| put inside-(count $words) }
            echo READY(+ 1 1)
        "},
    )
    .expect("the home is writable");
    let mut terminal = Terminal::new(&home)
        .script("exec elvish -rc rc.elv -db db 2>&1")
        .env("TERM", "xterm")
        .start();
    terminal.sees("READY2");
    // Of what is completed the screen gets what was not typed yet.
    for (typed, seen) in [
        ("awsmfa logo\t", "ut"),
        ("awsmfa login --profile p\t", "rod"),
        ("awsmfa exec dev -- frobnicate_c\t", "ompleter"),
        ("awsmfa exec dev -- frobnicate \t", "inside-2"),
        ("awsmfa exec --profile=dev -- frobnicate x \t", "inside-3"),
    ] {
        terminal.presses(typed);
        terminal.sees(seen);
        terminal.presses("\x15");
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn powershells_script_is_powershell() {
    let clients = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/clients/node");
    let home = home();
    let script = "awsmfa completions powershell >completions.ps1";
    prints(&home, "/bin/sh", &["-c", script]);
    let check = indoc! {r#"
        import { readFileSync } from "node:fs";
        const packages = process.argv[1];
        const { Language, Parser } = await import(`file://${packages}/web-tree-sitter/web-tree-sitter.js`);
        await Parser.init();
        const parser = new Parser();
        parser.setLanguage(await Language.load(`${packages}/tree-sitter-powershell/tree-sitter-powershell.wasm`));
        const root = parser.parse(readFileSync("completions.ps1", "utf8")).rootNode;
        console.log(root.hasError, root.descendantsOfType("script_block_expression").length);
    "#};
    let packages = clients.join("node_modules").display().to_string();
    let node = clients.join("node");
    let args = ["--input-type=module", "-e", check, &packages];
    assert_eq!(prints(&home, &node, &args), "false 5\n");
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
#[ignore = "needs the shells that .ci/run installs"]
fn zsh_completes_at_the_first_tab_from_a_file_in_its_folder() {
    // Packages put the file there, and zsh reads it only when it is needed.
    let script = indoc! {"
        zmodload zsh/zpty
        mkdir functions && awsmfa completions zsh >functions/_awsmfa
        zpty shell 'zsh -f -i'
        zpty -w shell 'PROMPT=; unsetopt zle_bracketed_paste 2>/dev/null; fpath=($HOME/functions $fpath); autoload -Uz compinit; compinit -u -d $HOME/dump; echo READY$((1+1))'
        zpty -r -m shell screen '*READY2*'
        zpty -w -n shell $'awsmfa login --profile p\\t'
        zpty -r -m shell screen '*prod*'
        zpty -w -n shell $'\\x15awsmfa exec -- frobnicate_c\\t'
        zpty -r -m shell screen '*frobnicate_completer*'
        print -r -- seen
        zpty -d shell
    "};
    let home = home_with_a_command();
    assert_eq!(
        prints(&home, "/usr/bin/zsh", &["-f", "-c", script]),
        "seen\n"
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
    let home = home_with_a_command();
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
        (
            "awsmfa whoami d",
            "{\"completions\": [\"dev\", \"dev-mfa\"]}",
        ),
        ("awsmfa exec p", "{\"completions\": [\"prod\"]}"),
        (
            "awsmfa exec dev -- frobnicate_",
            "{\"completions\": [\"frobnicate_completer\"]}",
        ),
        (
            "awsmfa exec -- frobnicate_",
            "{\"completions\": [\"frobnicate_completer\"]}",
        ),
        (
            "awsmfa exec dev -- cat aws",
            "{\"completions\": [\"awsmfa.nu\"]}",
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
