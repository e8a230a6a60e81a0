//! Puts the examples of the help, which are written for POSIX shells, into the words of the user's shell.
//! It knows no command of awsmfa, and leaves everything but examples alone.

use crate::handover::shell::Shell;
use clap::{Command, ValueEnum as _};

/// The help is at most this wide.
const WIDTH: usize = 80;

/// The comment on an example for POSIX shells, among those for others.
const POSIX: &str = "sh, bash, zsh";

/// `command` and all within it, with examples for `shell`.
pub(crate) fn worded(mut command: Command, shell: Shell) -> Command {
    let [short, long] = [command.get_after_help(), command.get_after_long_help()]
        .map(|help| help.map(|help| in_words_of(shell, &help.to_string())));
    if let Some(short) = short {
        command = command.after_help(short);
    }
    if let Some(long) = long {
        command = command.after_long_help(long);
    }
    command.mut_subcommands(|within| worded(within, shell))
}

/// The lines of `text`, without examples that only other shells understand.
fn in_words_of(shell: Shell, text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Where there is one for every shell, the POSIX shells' becomes the same as that of the user's.
    let mut told: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some(example) = line.strip_prefix("  ").map(str::trim_start) else {
            lines.push(line.to_owned());
            continue;
        };
        let (posix, comment) = match example.split_once("  ") {
            Some((posix, comment)) => (posix, comment.trim_start()),
            None => (example, ""),
        };
        let Some(words) = typed_in(shell, posix).filter(|words| !told.contains(words)) else {
            continue;
        };
        if words == posix {
            lines.push(line.to_owned());
            continue;
        }
        // Another line of the same example is indented further.
        let begin = format!("{:1$}{words}", "", line.len() - example.len());
        let column = line.len() - comment.len();
        let comment = if comment == POSIX { "" } else { comment };
        lines.push(commented(&begin, column, comment));
        told.push(words);
    }
    lines.join("\n")
}

/// An example with its comment at `column`, or on a line below if there is no room for it.
fn commented(example: &str, column: usize, comment: &str) -> String {
    let column_here = column.max(example.len() + 2);
    if comment.is_empty() {
        example.to_owned()
    } else if column_here + comment.chars().count() <= WIDTH {
        format!("{example:column_here$}{comment}")
    } else {
        format!("{example}\n{:column$}{comment}", "")
    }
}

/// What a user of `shell` types instead of `typed`; `None` if it is for another shell.
fn typed_in(shell: Shell, typed: &str) -> Option<String> {
    if let Some((of, run)) = evaluated(typed) {
        return match of {
            Shell::Env => Some(shell.evaluated(run)),
            _ if of == shell || (is_of_windows(of) && is_of_windows(shell)) => {
                Some(typed.to_owned())
            }
            _ => None,
        };
    }
    // Only bash, zsh and ksh have it.
    if typed.contains("<(") {
        return None;
    }
    if let Some((name, value)) = typed
        .strip_prefix("export ")
        .and_then(|it| it.split_once('='))
    {
        return Some(shell.typed(name, value, None));
    }
    let mut typed = typed.to_owned();
    if let Some((name, rest)) = typed
        .strip_prefix("echo \"$")
        .and_then(|it| it.split_once("\" |"))
    {
        typed = format!("{}{rest}", shell.echoed(name));
    }
    if let Some(before) = typed.strip_suffix(" -- bash") {
        typed = format!("{before} -- {}", shell.program());
    }
    let next_line = match shell {
        Shell::WindowsCmd | Shell::Elvish => " ^",
        Shell::Powershell => " `",
        _ => " \\",
    };
    if let Some(before) = typed.strip_suffix(" \\") {
        typed = format!("{before}{next_line}");
    }
    match shell {
        // It knows no single quotes.
        Shell::WindowsCmd => typed = typed.replace('\'', "\""),
        // Only newer ones know `&&`.
        Shell::Powershell => {
            if let Some((first, then)) = typed.split_once(" && ") {
                typed = format!("{first}; if ($?) {{ {then} }}");
            }
        }
        _ => {}
    }
    Some(typed)
}

/// The shell that evaluates the output of awsmfa in this line, and the arguments of awsmfa there.
fn evaluated(typed: &str) -> Option<(Shell, &str)> {
    Shell::value_variants().iter().find_map(|&shell| {
        let (before, after) = shell.evaluation();
        let run = typed.strip_prefix(before)?.strip_suffix(after)?;
        Some((shell, run.strip_prefix("awsmfa ")?))
    })
}

/// Whether everybody on Windows has this shell.
fn is_of_windows(shell: Shell) -> bool {
    matches!(shell, Shell::Powershell | Shell::WindowsCmd)
}

#[cfg(test)]
mod tests {
    use super::in_words_of;
    use crate::handover::shell::Shell;
    use clap::ValueEnum as _;
    use indoc::indoc;

    const EXAMPLES: &str = indoc! {r#"
        Examples:
          awsmfa login dev                 the first
          eval "$(awsmfa export --unset)"  clear it
          eval "$(awsmfa export dev)"      sh, bash, zsh
          awsmfa export dev --format fish | source     fish
          awsmfa export dev --format powershell | Out-String | Invoke-Expression
          eval "`awsmfa export dev --format tcsh`"     tcsh
          docker run --env-file <(awsmfa export dev)
          echo "$CODE" | awsmfa login dev --code-stdin
          awsmfa exec dev -- bash          a shell
          awsmfa enroll --code-command 'pass a' \
            --secret-command 'pass b'      without a terminal
          awsmfa status dev --check && echo dev

        Then:
          export AWS_PROFILE=dev-mfa       or: --profile dev-mfa

        Run `it` for "$(details)"."#};

    #[test]
    fn cmd_exe_has_no_eval_and_no_single_quotes() {
        let words = indoc! {r#"
            Examples:
              awsmfa login dev                 the first
              for /f "delims=" %i in ('awsmfa export --unset --format windows-cmd') do @%i
                                               clear it
              for /f "delims=" %i in ('awsmfa export dev --format windows-cmd') do @%i
              awsmfa export dev --format powershell | Out-String | Invoke-Expression
              echo %CODE%| awsmfa login dev --code-stdin
              awsmfa exec dev -- cmd           a shell
              awsmfa enroll --code-command "pass a" ^
                --secret-command "pass b"      without a terminal
              awsmfa status dev --check && echo dev

            Then:
              set AWS_PROFILE=dev-mfa          or: --profile dev-mfa

            Run `it` for "$(details)"."#};
        assert_eq!(in_words_of(Shell::WindowsCmd, EXAMPLES), words);
    }

    #[test]
    fn powershell_gets_its_own_line_once() {
        let words = indoc! {r#"
            Examples:
              awsmfa login dev                 the first
              awsmfa export --unset --format powershell | Out-String | Invoke-Expression
                                               clear it
              awsmfa export dev --format powershell | Out-String | Invoke-Expression
              $env:CODE | awsmfa login dev --code-stdin
              awsmfa exec dev -- powershell    a shell
              awsmfa enroll --code-command 'pass a' `
                --secret-command 'pass b'      without a terminal
              awsmfa status dev --check; if ($?) { echo dev }

            Then:
              $env:AWS_PROFILE = 'dev-mfa'     or: --profile dev-mfa

            Run `it` for "$(details)"."#};
        assert_eq!(in_words_of(Shell::Powershell, EXAMPLES), words);
    }

    #[test]
    fn no_shell_is_told_the_evaluation_of_another() {
        for &shell in &Shell::value_variants()[2..] {
            let words = in_words_of(shell, EXAMPLES);
            let own = shell.evaluated("export dev");
            assert!(words.contains(&own), "{words}");
            let other = |it: &&Shell| {
                !words.contains(&it.evaluated("export dev")) || it.evaluated("export dev") == own
            };
            let windows = [Shell::Powershell, Shell::WindowsCmd];
            let mut others = Shell::value_variants().iter();
            assert!(
                others.all(|it| other(&it) || windows.contains(it) && windows.contains(&shell)),
                "{words}"
            );
        }
    }
}
