//! Writes the text by which a shell sets and clears variables, and the line that makes an
//! evaluation fail. It does not choose the variables.

use clap::ValueEnum;
use zeroize::Zeroizing;

/// The shells that can evaluate what is printed for them. The names are those of
/// `aws configure export-credentials --format`, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// POSIX: sh, dash, bash, zsh.
    Env,
    /// The same without `export`; for Docker and others that read a file of `NAME=value` too.
    EnvNoExport,
    /// The friendly interactive shell.
    Fish,
    /// PowerShell of every version.
    Powershell,
    /// cmd.exe.
    WindowsCmd,
    /// Nushell: a record for `| from nuon | load-env`; a null clears.
    Nu,
}

impl Shell {
    /// The text that clears each variable of `clear` and sets each of `set`, a newline at its end.
    /// No value may hold a control character.
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

    /// The text that makes an evaluation of it fail, so that `eval "$(awsmfa export)"` does not
    /// pass for a success.
    pub(crate) fn failure(self) -> &'static str {
        match self {
            // Nushell's `from nuon` reads it, and `load-env` takes no truth value for a record.
            Self::Env | Self::EnvNoExport | Self::Fish | Self::Nu => "false\n",
            Self::Powershell => "throw 'awsmfa could not sign in'\n",
            Self::WindowsCmd => "cmd /c exit 1\n",
        }
    }

    fn set(self, name: &str, value: &str) -> String {
        match self {
            // After a colon too zsh takes an equals sign for the beginning of a command's path.
            Self::Env if value.contains(":=") => format!("export {name}={}\n", quoted(value)),
            Self::Env => format!("export {name}={}\n", posix(value)),
            Self::EnvNoExport => format!("{name}={}\n", posix(value)),
            Self::Fish => format!("set -gx {name} {};\n", fish(value)),
            Self::Powershell => format!("$env:{name} = {}\n", powershell(value)),
            // Within the quotes cmd.exe takes every character but a percent sign as it is, and
            // that too where the line comes out of `for /f`.
            Self::WindowsCmd => format!("set \"{name}={value}\"\n"),
            Self::Nu => format!("{name}: {}, ", nu(value)),
        }
    }

    fn clear(self, names: &[&str]) -> String {
        let each = |line: fn(&str) -> String| names.iter().map(|name| line(name)).collect();
        match self {
            // A file of assignments can't clear anything.
            _ if names.is_empty() => String::new(),
            Self::EnvNoExport => String::new(),
            // The semicolons help anyone who evaluates it without quotes, as one line.
            Self::Env => format!("unset {};\n", names.join(" ")),
            // Only in this shell: without `-g` a universal variable would be gone in all of them,
            // forever. A variable that is not set is an error to fish.
            Self::Fish => format!("set -eg {}; or true;\n", names.join(" ")),
            Self::Powershell => {
                each(|name| format!("Remove-Item -ErrorAction Ignore Env:{name}\n"))
            }
            Self::WindowsCmd => each(|name| format!("set \"{name}=\"\n")),
            // Nushell can't evaluate text; a program that it runs gets no variable that is null.
            Self::Nu => each(|name| format!("{name}: null, ")),
        }
    }
}

/// What is plain stays so, for readers that know no quotes (`docker --env-file`). zsh takes an
/// equals sign that begins a word for a command's path.
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

/// PowerShell takes typographic quotes for quotes too.
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

#[cfg(test)]
mod tests {
    use super::Shell;

    const SET: [(&str, &str); 2] = [("A", "x/y+z="), ("B", "it's \"$5\" \\ `no` %x%")];

    #[test]
    fn each_shell_gets_its_own_words() {
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
        ] {
            assert_eq!(*shell.script(&SET, &["C", "D"]), expected, "{shell:?}");
        }
    }

    #[test]
    fn what_is_only_cleared_is_cleared_in_every_shell_that_can() {
        for (shell, expected) in [
            (Shell::Env, "unset A B;\n"),
            (Shell::EnvNoExport, ""),
            (Shell::Fish, "set -eg A B; or true;\n"),
            (Shell::WindowsCmd, "set \"A=\"\nset \"B=\"\n"),
            (Shell::Nu, "{A: null, B: null}\n"),
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
    fn an_equals_sign_never_begins_a_word_nor_a_part_of_a_path() {
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
}
