//! Writes the text that sets and clears variables in a shell, the text that makes an evaluation fail,
//! and the line that a user types. It does not choose the variables.

use clap::ValueEnum;
use zeroize::Zeroizing;

/// The shells for which we print text to evaluate. The names are those of `aws configure
/// export-credentials --format` where it has one; a shell's own name is an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// POSIX shells.
    #[value(aliases = ["sh", "bash", "zsh", "dash", "ksh"])]
    Env,
    /// The same without `export`, for Docker and others that read a file of `NAME=value`.
    EnvNoExport,
    /// fish.
    Fish,
    /// PowerShell, any version.
    #[value(alias = "pwsh")]
    Powershell,
    /// cmd.exe.
    #[value(alias = "cmd")]
    WindowsCmd,
    /// Nushell: a record for `| from nuon | load-env`; null clears a variable.
    #[value(alias = "nushell")]
    Nu,
    /// The C shell of macOS and the BSDs.
    #[value(alias = "csh")]
    Tcsh,
    /// Python code for xonsh's `execx`.
    Xonsh,
    /// Elvish.
    Elvish,
}

impl Shell {
    /// The shell whose program has this path or name; a POSIX shell if it is unknown.
    pub(crate) fn of_program(path: &str) -> Self {
        // Windows has both separators; elsewhere a program's name contains neither.
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.strip_suffix(".exe").unwrap_or(name);
        Self::from_str(name, false).unwrap_or(Self::Env)
    }

    /// The line with which a user evaluates the output of awsmfa run with `args`, as the documentation
    /// shows it.
    pub(crate) fn evaluated(self, args: &str) -> String {
        let (before, after) = self.evaluation();
        match (self, self.to_possible_value()) {
            (Self::Env, _) | (_, None) => format!("{before}awsmfa {args}{after}"),
            (_, Some(format)) => {
                format!(
                    "{before}awsmfa {args} --format {}{after}",
                    format.get_name()
                )
            }
        }
    }

    /// What a user types before and after a command whose output the shell is to evaluate.
    pub(crate) fn evaluation(self) -> (&'static str, &'static str) {
        match self {
            Self::Env | Self::EnvNoExport => ("eval \"$(", ")\""),
            Self::Fish => ("", " | source"),
            Self::Powershell => ("", " | Out-String | Invoke-Expression"),
            Self::WindowsCmd => ("for /f \"delims=\" %i in ('", "') do @%i"),
            Self::Nu => ("", " | from nuon | load-env"),
            Self::Tcsh => ("eval \"`", "`\""),
            Self::Xonsh => ("execx($(", "))"),
            Self::Elvish => ("eval (", " | slurp)"),
        }
    }

    /// The words with which a user prints the variable `name` into a pipe.
    pub(crate) fn echoed(self, name: &str) -> String {
        match self {
            Self::Env | Self::EnvNoExport | Self::Fish | Self::Tcsh => {
                format!("echo \"${name}\" |")
            }
            Self::Powershell => format!("$env:{name} |"),
            // A space before the bar would be printed too.
            Self::WindowsCmd => format!("echo %{name}%|"),
            Self::Nu => format!("$env.{name} |"),
            Self::Xonsh => format!("echo ${name} |"),
            Self::Elvish => format!("echo $E:{name} |"),
        }
    }

    /// The program of the shell, as a user types it.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Env | Self::EnvNoExport => "bash",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::WindowsCmd => "cmd",
            Self::Nu => "nu",
            Self::Tcsh => "tcsh",
            Self::Xonsh => "xonsh",
            Self::Elvish => "elvish",
        }
    }

    /// The line with which a user sets `name`, after clearing `other`.
    pub(crate) fn typed(self, name: &str, value: &str, other: Option<&str>) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let word = |quoted: fn(&str) -> String| {
            if !value.is_empty() && value.chars().all(is_plain) {
                value.to_owned()
            } else {
                quoted(value)
            }
        };
        let (clear, set) = match self {
            Self::Env | Self::EnvNoExport => ("unset ", format!("export {name}={}", word(quoted))),
            Self::Fish => ("set -e ", format!("set -gx {name} {}", word(fish))),
            Self::Powershell => (
                "Remove-Item Env:",
                format!("$env:{name} = {}", powershell(value)),
            ),
            // Without the quotes an ampersand would begin another command.
            Self::WindowsCmd if value.chars().all(is_plain) => {
                ("set ", format!("set {name}={value}"))
            }
            Self::WindowsCmd => ("set ", format!("set \"{name}={value}\"")),
            Self::Nu => ("hide-env ", format!("$env.{name} = {}", nu(value))),
            Self::Tcsh => ("unsetenv ", format!("setenv {name} {}", word(tcsh))),
            Self::Xonsh => ("del $", format!("${name} = {}", xonsh(value))),
            Self::Elvish => ("unset-env ", format!("set-env {name} {}", word(elvish))),
        };
        match (self, other) {
            (_, None) => set,
            (Self::WindowsCmd, Some(other)) => format!("{clear}{other}=& {set}"),
            (_, Some(other)) => format!("{clear}{other}; {set}"),
        }
    }

    /// The text that clears each variable in `clear` and sets each in `set`, with a newline at its end.
    /// No value may contain a control character.
    pub(crate) fn script(self, set: &[(&str, &str)], clear: &[&str]) -> Zeroizing<String> {
        let mut script = self.clear(clear);
        for (name, value) in set {
            script.push_str(&self.set(name, value));
        }
        if self == Self::Nu {
            script = format!("{{{}}}\n", script.trim_end_matches(", "));
        }
        Zeroizing::new(script)
    }

    /// The text that makes its own evaluation fail, so that a failed `eval "$(awsmfa export)"` does not
    /// look like a success.
    pub(crate) fn failure(self) -> &'static str {
        match self {
            // Nushell's `from nuon` accepts it, and `load-env` rejects a boolean where it expects a
            // record.
            Self::Env | Self::EnvNoExport | Self::Fish | Self::Nu => "false\n",
            Self::Powershell => "throw 'awsmfa could not sign in'\n",
            Self::WindowsCmd => "cmd /c exit 1\n",
            Self::Tcsh => "false;\n",
            Self::Xonsh => "raise RuntimeError('awsmfa could not sign in')\n",
            Self::Elvish => "fail 'awsmfa could not sign in'\n",
        }
    }

    fn set(self, name: &str, value: &str) -> String {
        match self {
            // After a colon as well, zsh expands an equals sign to the path of a command.
            Self::Env if value.contains(":=") => format!("export {name}={}\n", quoted(value)),
            Self::Env => format!("export {name}={}\n", posix(value)),
            Self::EnvNoExport => format!("{name}={}\n", posix(value)),
            Self::Fish => format!("set -gx {name} {};\n", fish(value)),
            Self::Powershell => format!("$env:{name} = {}\n", powershell(value)),
            // Within quotes cmd.exe takes every character literally except a percent sign, and that too
            // if the line comes from `for /f`.
            Self::WindowsCmd => format!("set \"{name}={value}\"\n"),
            Self::Nu => format!("{name}: {}, ", nu(value)),
            // An evaluation gets all lines joined into one.
            Self::Tcsh => format!("setenv {name} {};\n", tcsh(value)),
            Self::Xonsh => format!("${name} = {}\n", xonsh(value)),
            Self::Elvish => format!("set-env {name} {}\n", elvish(value)),
        }
    }

    fn clear(self, names: &[&str]) -> String {
        let each = |line: fn(&str) -> String| names.iter().map(|name| line(name)).collect();
        match self {
            // A file of assignments can't clear anything.
            _ if names.is_empty() => String::new(),
            Self::EnvNoExport => String::new(),
            // The semicolons help those who evaluate it unquoted, as a single line.
            Self::Env => format!("unset {};\n", names.join(" ")),
            // Only in this shell: without `-g` a universal variable would be erased in all of them,
            // forever. Erasing an unset variable is an error in fish.
            Self::Fish => format!("set -eg {}; or true;\n", names.join(" ")),
            Self::Powershell => {
                each(|name| format!("Remove-Item -ErrorAction Ignore Env:{name}\n"))
            }
            Self::WindowsCmd => each(|name| format!("set \"{name}=\"\n")),
            // Nushell can't evaluate text; programs don't get a variable that is null.
            Self::Nu => each(|name| format!("{name}: null, ")),
            Self::Tcsh => format!("unsetenv {};\n", names.join(" ")),
            // Deleting an unset variable is an error in xonsh.
            Self::Xonsh => each(|name| format!("if '{name}' in ${{...}}:\n    del ${name}\n")),
            Self::Elvish => each(|name| format!("unset-env {name}\n")),
        }
    }
}

/// Plain values stay unquoted for readers that know no quotes (`docker --env-file`). zsh expands an
/// equals sign at the beginning of a word to the path of a command.
fn posix(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=/:.,@%".contains(c);
    if !value.is_empty() && value.chars().all(plain) && !value.starts_with('=') {
        value.to_owned()
    } else {
        quoted(value)
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// PowerShell treats typographic quotes as quotes too.
/// <https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02>
fn powershell(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    for c in value.chars() {
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    format!("'{quoted}'")
}

fn nu(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

/// No quotes protect an exclamation mark, or whatever else `histchars` says, from history expansion, and
/// the meaning of a backslash within quotes is a setting too (`backslash_quote`). Outside of quotes a
/// backslash always makes the next character literal.
fn tcsh(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "_-+/:.".contains(c);
    let mut escaped = String::with_capacity(value.len() * 2);
    for c in value.chars() {
        if !is_plain(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    match value {
        "" => "''".into(),
        _ => escaped,
    }
}

/// A Python string, in ASCII only: how xonsh decodes a program's output is a setting.
fn xonsh(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    for c in value.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii() => quoted.push(c),
            c => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    format!("'{quoted}'")
}

fn elvish(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::Shell;
    use clap::ValueEnum as _;

    const SET: [(&str, &str); 2] = [("A", "x/y+z="), ("B", "it's \"$5\" \\ `no` %x%")];

    #[test]
    fn each_shell_gets_its_own_syntax() {
        for (shell, expected) in [
            (
                Shell::Env,
                "unset C D;\nexport A=x/y+z=\nexport B='it'\\''s \"$5\" \\ `no` %x%'\n",
            ),
            (
                Shell::EnvNoExport,
                "A=x/y+z=\nB='it'\\''s \"$5\" \\ `no` %x%'\n",
            ),
            (
                Shell::Fish,
                "set -eg C D; or true;\nset -gx A 'x/y+z=';\nset -gx B 'it\\'s \"$5\" \\\\ `no` %x%';\n",
            ),
            (
                Shell::Powershell,
                "Remove-Item -ErrorAction Ignore Env:C\nRemove-Item -ErrorAction Ignore Env:D\n$env:A = 'x/y+z='\n$env:B = 'it''s \"$5\" \\ `no` %x%'\n",
            ),
            (
                Shell::WindowsCmd,
                "set \"C=\"\nset \"D=\"\nset \"A=x/y+z=\"\nset \"B=it's \"$5\" \\ `no` %x%\"\n",
            ),
            (
                Shell::Nu,
                "{C: null, D: null, A: \"x/y+z=\", B: \"it's \\\"$5\\\" \\\\ `no` %x%\"}\n",
            ),
            (
                Shell::Tcsh,
                "unsetenv C D;\nsetenv A x/y+z\\=;\nsetenv B it\\'s\\ \\\"\\$5\\\"\\ \\\\\\ \\`no\\`\\ \\%x\\%;\n",
            ),
            (
                Shell::Xonsh,
                "if 'C' in ${...}:\n    del $C\nif 'D' in ${...}:\n    del $D\n$A = 'x/y+z='\n$B = 'it\\'s \"$5\" \\\\ `no` %x%'\n",
            ),
            (
                Shell::Elvish,
                "unset-env C\nunset-env D\nset-env A 'x/y+z='\nset-env B 'it''s \"$5\" \\ `no` %x%'\n",
            ),
        ] {
            assert_eq!(*shell.script(&SET, &["C", "D"]), expected, "{shell:?}");
        }
    }

    #[test]
    fn variables_are_cleared_in_every_shell_that_can() {
        for (shell, expected) in [
            (Shell::Env, "unset A B;\n"),
            (Shell::EnvNoExport, ""),
            (Shell::Fish, "set -eg A B; or true;\n"),
            (Shell::WindowsCmd, "set \"A=\"\nset \"B=\"\n"),
            (Shell::Nu, "{A: null, B: null}\n"),
            (Shell::Tcsh, "unsetenv A B;\n"),
            (Shell::Elvish, "unset-env A\nunset-env B\n"),
        ] {
            assert_eq!(*shell.script(&[], &["A", "B"]), expected, "{shell:?}");
        }
    }

    #[test]
    fn every_quote_of_powershell_is_doubled() {
        let script =
            Shell::Powershell.script(&[("A", "'\u{2018}\u{2019}\u{201a}\u{201b}\u{201c}")], &[]);
        assert_eq!(
            *script,
            "$env:A = '\'\'\u{2018}\u{2018}\u{2019}\u{2019}\u{201a}\u{201a}\u{201b}\u{201b}\u{201c}'\n"
        );
    }

    #[test]
    fn an_unquoted_equals_sign_never_begins_a_word_or_a_part_of_a_path() {
        for value in ["=ls", "a:=ls", ":=", "a==:=ls"] {
            let script = Shell::Env.script(&[("A", value)], &[]);
            assert_eq!(*script, format!("export A='{value}'\n"));
        }
        for value in ["a=b:c=", "a=:b", "a:b"] {
            let script = Shell::Env.script(&[("A", value)], &[]);
            assert_eq!(*script, format!("export A={value}\n"));
        }
    }

    #[test]
    fn docker_keeps_quotes_so_that_its_file_has_none_after_a_colon() {
        let script = Shell::EnvNoExport.script(&[("A", "a:=ls")], &[]);
        assert_eq!(*script, "A=a:=ls\n");
    }

    #[test]
    fn non_ascii_characters_are_escaped_for_xonsh_and_stay_for_the_others() {
        let script = |shell: Shell| shell.script(&[("A", "é😀")], &[]);
        assert_eq!(*script(Shell::Xonsh), "$A = '\\U000000e9\\U0001f600'\n");
        assert_eq!(*script(Shell::Tcsh), "setenv A é😀;\n");
        assert_eq!(*script(Shell::Elvish), "set-env A 'é😀'\n");
    }

    #[test]
    fn an_empty_value_is_written_as_a_word() {
        for (shell, expected) in [
            (Shell::Env, "export A=''\n"),
            (Shell::Tcsh, "setenv A '';\n"),
            (Shell::Xonsh, "$A = ''\n"),
            (Shell::Elvish, "set-env A ''\n"),
        ] {
            assert_eq!(*shell.script(&[("A", "")], &[]), expected, "{shell:?}");
        }
    }

    #[test]
    fn a_shell_is_recognised_by_the_name_of_its_program() {
        for (path, shell) in [
            ("/bin/bash", Shell::Env),
            ("/usr/bin/ksh", Shell::Env),
            ("/opt/homebrew/bin/fish", Shell::Fish),
            ("nu", Shell::Nu),
            ("/bin/csh", Shell::Tcsh),
            ("/home/a/.local/bin/xonsh", Shell::Xonsh),
            ("/usr/bin/elvish", Shell::Elvish),
            (r"C:\Windows\System32\cmd.exe", Shell::WindowsCmd),
            (r"C:\Program Files\PowerShell\7\pwsh.exe", Shell::Powershell),
            ("/usr/sbin/nologin", Shell::Env),
            ("/bin/", Shell::Env),
        ] {
            assert_eq!(Shell::of_program(path), shell, "{path}");
        }
    }

    #[test]
    fn the_suggested_command_is_in_the_shells_syntax() {
        let typed = |shell: Shell, value, other| shell.typed("A", value, other);
        for (shell, plain, cleared, odd) in [
            (
                Shell::Env,
                "export A=x-1",
                "unset B; export A=x-1",
                r"export A='it'\''s'",
            ),
            (
                Shell::Fish,
                "set -gx A x-1",
                "set -e B; set -gx A x-1",
                r"set -gx A 'it\'s'",
            ),
            (
                Shell::Powershell,
                "$env:A = 'x-1'",
                "Remove-Item Env:B; $env:A = 'x-1'",
                "$env:A = 'it''s'",
            ),
            (
                Shell::WindowsCmd,
                "set A=x-1",
                "set B=& set A=x-1",
                "set \"A=it's\"",
            ),
            (
                Shell::Nu,
                "$env.A = \"x-1\"",
                "hide-env B; $env.A = \"x-1\"",
                "$env.A = \"it's\"",
            ),
            (
                Shell::Tcsh,
                "setenv A x-1",
                "unsetenv B; setenv A x-1",
                r"setenv A it\'s",
            ),
            (
                Shell::Xonsh,
                "$A = 'x-1'",
                "del $B; $A = 'x-1'",
                r"$A = 'it\'s'",
            ),
            (
                Shell::Elvish,
                "set-env A x-1",
                "unset-env B; set-env A x-1",
                "set-env A 'it''s'",
            ),
        ] {
            assert_eq!(typed(shell, "x-1", None), plain);
            assert_eq!(typed(shell, "x-1", Some("B")), cleared);
            assert_eq!(typed(shell, "it's", None), odd);
        }
    }

    #[test]
    fn the_eval_lines_match_the_documentation() {
        let page = include_str!("../../docs/environment.md").replace(r"\|", "|");
        for shell in Shell::value_variants() {
            let line = format!(" `{}` |", shell.evaluated("export"));
            let line = line
                .replace("`eval \"`", "``eval \"`")
                .replace("`\"` |", "`\"`` |");
            let is_told = *shell == Shell::EnvNoExport || page.contains(&line);
            assert!(is_told, "{line}");
        }
    }
}
