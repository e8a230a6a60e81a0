//! Owns how a shell is told of a variable: quoting, setting, clearing, and the line that makes an
//! evaluation fail. Pure.

use clap::ValueEnum;

/// The shells that can evaluate what is printed for them. The names are those of
/// `aws configure export-credentials --format`, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// POSIX: sh, dash, bash, zsh.
    Env,
    /// The same without `export`: for `docker --env-file` and the like.
    EnvNoExport,
    Fish,
    Powershell,
    /// cmd.exe.
    WindowsCmd,
    /// Nushell: a record for `| from nuon | load-env`.
    Nu,
}

impl Shell {
    /// The text that sets each variable of `set` and clears each of `clear`, one line each, a
    /// newline at the end of each.
    pub(crate) fn script(self, set: &[(&str, &str)], clear: &[&str]) -> String {
        if self == Self::Nu {
            return nu_script(set, clear);
        }
        let cleared = clear.iter().filter_map(|name| self.clear(name));
        let set = set.iter().map(|(name, value)| self.set(name, value));
        cleared.chain(set).map(|line| line + "\n").collect()
    }

    /// The text that makes an evaluation of it fail, so that `eval "$(awsmfa export)"` does not
    /// pass for a success.
    pub(crate) fn failure(self) -> &'static str {
        match self {
            Self::Env | Self::Fish => "false\n",
            Self::Powershell => "throw 'awsmfa could not sign in'\n",
            Self::WindowsCmd => "cmd /c exit 1\n",
            // Not evaluated: the exit code is what their readers see.
            Self::EnvNoExport | Self::Nu => "",
        }
    }

    fn set(self, name: &str, value: &str) -> String {
        match self {
            Self::Env => format!("export {name}={}", posix(value)),
            Self::EnvNoExport => format!("{name}={value}"),
            Self::Fish => format!("set -gx {name} {}", fish(value)),
            Self::Powershell => format!("$env:{name} = {}", powershell(value)),
            // Within the quotes cmd.exe takes every character but a percent sign as it is, and
            // that too where the line comes out of `for /f`.
            Self::WindowsCmd => format!("set \"{name}={value}\""),
            Self::Nu => format!("{name}: {}", nu(value)),
        }
    }

    fn clear(self, name: &str) -> Option<String> {
        match self {
            Self::Env => Some(format!("unset {name}")),
            Self::Fish => Some(format!("set -e {name}")),
            Self::Powershell => Some(format!("Remove-Item -ErrorAction Ignore Env:{name}")),
            Self::WindowsCmd => Some(format!("set \"{name}=\"")),
            // A file of assignments can't clear anything.
            Self::EnvNoExport | Self::Nu => None,
        }
    }
}

fn nu_script(set: &[(&str, &str)], clear: &[&str]) -> String {
    if set.is_empty() {
        return format!("hide-env --ignore-errors {}\n", clear.join(" "));
    }
    let fields: Vec<String> = set
        .iter()
        .map(|(name, value)| Shell::Nu.set(name, value))
        .collect();
    format!("{{{}}}\n", fields.join(", "))
}

fn posix(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=/:.,@%".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

fn fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// PowerShell takes typographic quotes for quotes too.
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
                "unset C\nexport A=x/y+z=\nexport B='it'\\''s \"$5\" \\ `no` %x%'\n",
            ),
            (Shell::EnvNoExport, "A=x/y+z=\nB=it's \"$5\" \\ `no` %x%\n"),
            (
                Shell::Fish,
                "set -e C\nset -gx A 'x/y+z='\nset -gx B 'it\\'s \"$5\" \\\\ `no` %x%'\n",
            ),
            (
                Shell::Powershell,
                "Remove-Item -ErrorAction Ignore Env:C\n$env:A = 'x/y+z='\n$env:B = 'it''s \"$5\" \\ `no` %x%'\n",
            ),
            (
                Shell::WindowsCmd,
                "set \"C=\"\nset \"A=x/y+z=\"\nset \"B=it's \"$5\" \\ `no` %x%\"\n",
            ),
            (
                Shell::Nu,
                "{A: \"x/y+z=\", B: \"it's \\\"$5\\\" \\\\ `no` %x%\"}\n",
            ),
        ] {
            assert_eq!(shell.script(&SET, &["C"]), expected, "{shell:?}");
        }
    }

    #[test]
    fn what_is_only_cleared_is_cleared_in_every_shell_that_can() {
        assert_eq!(Shell::Env.script(&[], &["A", "B"]), "unset A\nunset B\n");
        assert_eq!(
            Shell::Nu.script(&[], &["A", "B"]),
            "hide-env --ignore-errors A B\n"
        );
        assert_eq!(Shell::EnvNoExport.script(&[], &["A"]), "");
    }
}
