//! Lets the shell complete the command after `exec … --` as if it stood alone: the script asks where
//! awsmfa that command begins, and the shell does the rest. It does not complete any other words.

use super::{Script, VARIABLE};
use clap::{Arg, Command};
use std::ffi::OsString;

/// The value of the variable, in place of a shell's name, when a script asks where the command begins.
pub(super) const QUESTION: &str = "command";

/// The index in `words`, which begin with the program's name, of the command that `cli` would run.
/// `None` if there is no `--`, or if the subcommand takes no command after it.
pub(super) fn begins_at(cli: Command, words: &[OsString]) -> Option<usize> {
    let dashes = words.iter().position(|word| word == "--")?;
    let before = cli.clone().ignore_errors(true);
    let matches = before.try_get_matches_from(&words[..dashes]).ok()?;
    let command = cli.find_subcommand(matches.subcommand_name()?)?;
    command
        .get_positionals()
        .any(Arg::is_last_set)
        .then_some(dashes + 1)
}

/// clap's script for a shell, joined with the part that completes the command after `--`.
pub(super) fn joined(shell: Script, script: &str) -> String {
    let ours = |text: &str| {
        let text = text.replace("VARIABLE", VARIABLE);
        text.replace("QUESTION", QUESTION)
    };
    match shell {
        Script::Bash => script.replace("-F _clap_complete_awsmfa", "-F _awsmfa") + &ours(BASH),
        Script::Elvish => script.to_owned() + &ours(ELVISH),
        Script::Fish => ours(FISH),
        Script::Nushell => {
            let (before, exec) = script.split_once(NUSHELL_EXEC).unwrap_or((script, ""));
            let (flags, rest) = exec.split_once(PROFILE_WORD).unwrap_or((exec, ""));
            let (help, rest) = rest.split_once('\n').unwrap_or((rest, ""));
            format!(
                "{before}{NUSHELL}{NUSHELL_EXEC}{flags}{COMMAND_WORD}{help}\n{COMMAND_WORDS}{rest}"
            )
        }
        Script::Powershell => {
            let end = "param($wordToComplete, $commandAst, $cursorPosition)\n";
            script.replacen(end, &format!("{end}{}", ours(POWERSHELL)), 1)
        }
        Script::Zsh => script.to_owned() + &ours(ZSH),
    }
}

/// The program that knows a command's arguments (`complete -C`, as for aws and terraform), which
/// bash-completion can't ask about part of a line, or else bash-completion. Without either: commands and
/// files.
const BASH: &str = r#"
_awsmfa() {
    local at
    at=$(VARIABLE=QUESTION awsmfa -- "${COMP_WORDS[@]:0:COMP_CWORD}" 2>/dev/null)
    if [[ -z $at ]]; then
        _clap_complete_awsmfa "$@"
        return
    fi
    compopt +o nospace 2>/dev/null
    local command=${COMP_WORDS[at]} spec=
    if ((COMP_CWORD > at)); then
        spec=$(complete -p -- "$command" 2>/dev/null)
        if [[ -z $spec ]]; then
            if declare -F _comp_load >/dev/null; then
                _comp_load -- "$command"
            elif declare -F _completion_loader >/dev/null; then
                _completion_loader "$command"
            fi
            spec=$(complete -p -- "$command" 2>/dev/null)
        fi
    fi
    if [[ $spec == *' -C '* ]]; then
        local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} program=${spec#* -C }
        line=${line#*[[:space:]]--[[:space:]]}
        eval "program=${program% *}"
        COMPREPLY=($(COMP_LINE=$line COMP_POINT=${#line} eval "$program"' "$command" "$2" "$3"'))
        while [[ $spec == *' -o '* ]]; do
            spec=${spec#* -o }
            compopt -o "${spec%% *}" 2>/dev/null
        done
    elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$at"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$at"
    else
        local IFS=$'\n' kind=-f
        ((COMP_CWORD > at)) || kind=-c
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen "$kind" -- "$2"))
    fi
}
"#;

/// In a folder of completions, the file is the function `_awsmfa` itself until it has run once. Without the
/// last lines that first run would complete nothing.
const ZSH: &str = r#"
function _awsmfa() {
    local at=$(VARIABLE=QUESTION awsmfa -- "${(@)words[1,CURRENT-1]}" 2>/dev/null)
    if [[ -z $at ]]; then
        _clap_dynamic_completer_awsmfa
        return
    fi
    shift $at words
    (( CURRENT -= at ))
    _normal -p awsmfa
}

compdef _awsmfa awsmfa
if [[ ${funcstack[1]} == _awsmfa ]]; then
    _awsmfa "$@"
fi
"#;

const FISH: &str = r#"
function __awsmfa_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l at (VARIABLE=QUESTION awsmfa -- $words 2>/dev/null)
    if test -z "$at"
        VARIABLE=fish awsmfa -- $words (commandline --current-token)
        return
    end
    set -l command (string escape -- $words[(math $at + 1)..])
    complete --do-complete (string join -- ' ' $command (commandline --current-token --cut-at-cursor))
end
complete --keep-order --exclusive --command awsmfa --arguments '(__awsmfa_complete)'
"#;

/// The completion of a command after `sudo` works here as well.
const ELVISH: &str = r#"
var awsmfa-words~ = $edit:completion:arg-completer[awsmfa]
set edit:completion:arg-completer[awsmfa] = { |@words|
    var at = [(env VARIABLE=QUESTION awsmfa -- (all $words[..-1]))]
    if (eq $at []) {
        awsmfa-words $@words
    } else {
        edit:complete-sudo sudo (all $words[$at[0]..])
    }
}
"#;

/// Nushell can't complete part of a line as if it stood alone, so there are only commands, and the files
/// that it offers itself. clap's script has no words after `--`, and without a named profile Nushell
/// would take those for the profile.
const NUSHELL: &str = r#"
  def "nu-complete awsmfa command" [context: string] {
    let typed = ($context | split row --regex '\s--\s+' --number 2)
    if ($typed | length) < 2 { return (nu-complete awsmfa profiles) }
    if ($typed.1 =~ '\s') { return null }
    $env.PATH | split row (char esep) | where { path exists } | each { |folder| ls --short-names $folder | get name } | flatten | uniq
  }

"#;
const NUSHELL_EXEC: &str = "  export extern \"awsmfa exec\" [";
const PROFILE_WORD: &str = "profile_word?: string@\"nu-complete awsmfa profiles\"";
const COMMAND_WORD: &str = "profile_word?: string@\"nu-complete awsmfa command\"";
const COMMAND_WORDS: &str = "    ...command: string@\"nu-complete awsmfa command\" # The command and its arguments, after `--`\n";

/// Goes at the beginning of the block that completes.
const POWERSHELL: &str = r#"
    $elements = @($commandAst.CommandElements | ForEach-Object { $_.Extent });
    $words = @($elements | Where-Object { $_.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Text });
    $prev = $env:VARIABLE;
    $env:VARIABLE = "QUESTION";
    $at = & awsmfa -- $words;
    if ($null -eq $prev) {
        Remove-Item Env:\VARIABLE;
    } else {
        $env:VARIABLE = $prev;
    }
    if ($at) {
        if ($elements.Count -le [int]$at) {
            return;
        }
        $start = $elements[[int]$at].StartOffset;
        $length = $cursorPosition - $start;
        $command = $commandAst.Extent.Text.Substring($start - $commandAst.Extent.StartOffset);
        $command = $command.PadRight($length).Substring(0, $length);
        return [System.Management.Automation.CommandCompletion]::CompleteInput($command, $length, $null).CompletionMatches;
    }
"#;
