//! Lets the real shells evaluate the output of `export`. Not every machine has them, so a plain `cargo
//! test` ignores every test here; `.ci/run` installs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use indoc::formatdoc;

use crate::export::CLEARED;
use crate::scene::{CONFIG, CREDENTIALS, finish, output_text, wrap};
use crate::support::home::Home;

/// A shell, and the script with which it evaluates awsmfa's output. In the script, `AWSMFA` stands for
/// the run of awsmfa.
#[derive(Clone, Copy, Debug)]
struct Shell {
    program: &'static str,
    flags: &'static [&'static str],
    /// How the script refers to awsmfa and its arguments.
    awsmfa: &'static str,
    format: &'static str,
    script: &'static str,
}

const POSIX: Shell = Shell {
    program: "sh",
    flags: &["-c"],
    awsmfa: "\"$@\"",
    format: "env",
    script: "set -e; eval \"$(AWSMFA)\"; env -0",
};

const FISH: Shell = Shell {
    program: "fish",
    flags: &["--no-config", "-c"],
    awsmfa: "$argv",
    format: "fish",
    script: "AWSMFA | source; or exit; env -0",
};

const NU: Shell = Shell {
    program: "nu",
    flags: &["--no-config-file", "-c"],
    awsmfa: "run-external $env.awsmfa ...($env.arguments | lines)",
    format: "nu",
    script: "AWSMFA | from nuon | load-env; ^env -0",
};

/// PowerShell's grammar, with a small evaluator in tests/it/shells. Without `--liftoff-only`, Node
/// spends ten seconds on optimizing the grammar.
const POWERSHELL: Shell = Shell {
    program: "sh",
    flags: &["-c"],
    awsmfa: "\"$@\"",
    format: "powershell",
    script: "AWSMFA | node --liftoff-only \"$powershell\" \"$packages\"",
};

/// No argument may contain a space: in backquotes, tcsh splits what it has quoted.
const TCSH: Shell = Shell {
    program: "tcsh",
    flags: &["-f", "-e", "-c"],
    awsmfa: "$argv:q",
    format: "tcsh",
    script: "eval \"`AWSMFA`\"; env -0",
};

const XONSH: Shell = Shell {
    program: "xonsh",
    flags: &["--no-rc", "-c"],
    awsmfa: "@($awsmfa) @($arguments.split(chr(10)))",
    format: "xonsh",
    script: "execx($(AWSMFA))\nenv -0",
};

const ELVISH: Shell = Shell {
    program: "elvish",
    flags: &["-norc", "-c"],
    awsmfa: "(external $args[0]) (all $args[1..])",
    format: "elvish",
    script: "eval (AWSMFA | slurp); env -0",
};

/// Every shell, with the script that docs/environment.md recommends.
const ALL: [Shell; 10] = [
    Shell {
        program: "bash",
        ..POSIX
    },
    Shell {
        program: "dash",
        ..POSIX
    },
    Shell {
        program: "zsh",
        flags: &["-f", "-c"],
        ..POSIX
    },
    Shell {
        program: "ksh",
        ..POSIX
    },
    FISH,
    NU,
    POWERSHELL,
    TCSH,
    XONSH,
    ELVISH,
];

/// A token with every printable ASCII character, so with all that can be in a key and may confuse a
/// shell. It begins with what zsh expands to the path of a command.
fn token() -> String {
    let ascii: String = ('!'..='~').rev().collect();
    format!("=ls{ascii}$HOME`id`$(id)''\\")
}

fn secret_key() -> String {
    let ascii: String = ('!'..='~').collect();
    format!("~{ascii}%PATH%!x!\\n\\")
}

/// A home with a session whose keys contain every character.
fn signed_in() -> Home {
    let session = formatdoc! {"

        [dev-mfa]
        aws_access_key_id = ASIAIOSFODNN7EXAMPLE
        aws_secret_access_key = {}
        aws_session_token = {}
        x_security_token_expires = 2099-01-02T03:04:05Z
        awsmfa_source_profile = dev
        aws_account_id = 123456789012
    ", secret_key(), token()};
    let credentials = CREDENTIALS.to_owned() + &session;
    Home::new().credentials(credentials).config(CONFIG)
}

/// The variables of that session.
fn session() -> BTreeMap<String, String> {
    let all = [
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", &secret_key()),
        ("AWS_SESSION_TOKEN", &token()),
        ("AWS_CREDENTIAL_EXPIRATION", "2099-01-02T03:04:05Z"),
        ("AWS_ACCOUNT_ID", "123456789012"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
    ];
    all.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// Where `tests/clients/install` puts what the system has no package for.
fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/node/node_modules")
}

/// The program, which must exist.
fn find(program: &str) -> PathBuf {
    let nu = packages().join(format!(
        "@nushell/linux-{}/bin",
        match std::env::consts::ARCH {
            "x86_64" => "x64",
            _ => "arm64",
        }
    ));
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/python/bin");
    let folders = [
        nu,
        python,
        "/usr/bin".into(),
        "/bin".into(),
        "/usr/local/bin".into(),
    ];
    let mut found = folders.iter().map(|it| it.join(program));
    found
        .find(|it| it.exists())
        .unwrap_or_else(|| panic!("{program} is missing; .ci/run installs it"))
}

impl Shell {
    /// The shell in `home`, running awsmfa with `args`.
    fn run(self, home: &Home, args: &[&str]) -> Output {
        let program = find(self.program);
        let script = self.script.replace("AWSMFA", self.awsmfa);
        let mut flags = [self.flags, &[&script]].concat();
        if self.awsmfa == POSIX.awsmfa {
            flags.push(self.program);
        }
        let awsmfa = home.command(args);
        let mut command = match self.program {
            // Nushell passes no arguments to a script that is itself an argument.
            "nu" | "xonsh" => without_arguments(&program, &flags, &awsmfa),
            _ => wrap(&program.to_string_lossy(), &flags, &awsmfa),
        };
        // If a shell does not clear these, it shows.
        for name in CLEARED {
            command.env(name, "stale");
        }
        command
            .env("AWS_PROFILE", "dev")
            // Two names would cause a warning.
            .env("AWS_DEFAULT_PROFILE", "dev")
            .env(
                "powershell",
                Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/shells/powershell.mjs"),
            )
            .env("packages", packages())
            .env("awsmfa", awsmfa.get_program())
            .env("arguments", args.join("\n"))
            .env("UNRELATED", "it's \"kept\"");
        finish(command)
    }

    /// The variables of [`session`] and [`CLEARED`] in the environment of a program that the shell
    /// starts.
    fn environment(self, home: &Home, args: &[&str]) -> BTreeMap<String, String> {
        let args = [&["export", "--format", self.format], args].concat();
        let output = self.run(home, &args);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{self:?}\n{}",
            output_text(&output)
        );
        assert_eq!(output.stderr, b"", "{self:?}\n{}", output_text(&output));
        let text = String::from_utf8(output.stdout).expect("all of it is UTF-8");
        let all: BTreeMap<String, String> = text
            .split_terminator('\0')
            .map(|it| it.split_once('=').expect("a name and a value"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(all["UNRELATED"], "it's \"kept\"", "{self:?}");
        let mut relevant = all;
        let session = session();
        relevant.retain(|name, _| CLEARED.contains(&name.as_str()) || session.contains_key(name));
        relevant
    }

    /// Checks that the evaluation stops, and returns the standard error.
    fn stops(self, home: &Home, args: &[&str]) -> String {
        let args = [&["export", "--format", self.format], args].concat();
        let output = self.run(home, &args);
        assert_ne!(
            output.status.code(),
            Some(0),
            "{self:?}\n{}",
            output_text(&output)
        );
        assert_eq!(output.stdout, b"", "{self:?} goes on");
        String::from_utf8(output.stderr).expect("all of it is UTF-8")
    }
}

fn without_arguments(program: &Path, flags: &[&str], awsmfa: &Command) -> Command {
    let full = wrap(&program.to_string_lossy(), flags, awsmfa);
    let mut command = Command::new(program);
    command
        .args(flags)
        .env_clear()
        .envs(full.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .current_dir(full.get_current_dir().expect("a home is a folder"))
        .stdin(Stdio::null());
    command
}

#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh, elvish and node"]
fn every_value_survives_and_everything_that_would_override_it_is_gone() {
    let home = signed_in();
    for shell in ALL {
        assert_eq!(shell.environment(&home, &[]), session(), "{shell:?}");
    }
}

#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh, elvish and node"]
fn an_evaluation_stops_if_the_sign_in_fails_and_says_why() {
    let home = Home::new().credentials(CREDENTIALS).config(CONFIG);
    for shell in ALL {
        let said = shell.stops(&home, &["--no-input", "--code-command", "false"]);
        assert!(said.contains("error: --code-command"), "{shell:?}: {said}");
    }
}

#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh, elvish and node"]
fn an_evaluation_stops_if_the_command_line_is_invalid() {
    let home = signed_in();
    for shell in ALL {
        let said = shell.stops(&home, &["--typo"]);
        assert!(
            said.contains("error: unexpected argument '--typo'"),
            "{shell:?}: {said}"
        );
    }
}

#[test]
#[ignore = "needs zsh, ksh, fish and tcsh"]
fn an_unquoted_evaluation_keeps_the_values_of_aws() {
    let plain = |text: String| {
        let text = text.replace(&secret_key(), "session/secret+key");
        text.replace(&token(), "=ls:=ls/token+with/all==")
    };
    let home = signed_in();
    let home = {
        let text = plain(home.read_credentials());
        home.credentials(text)
    };
    let expected: BTreeMap<String, String> = session()
        .into_iter()
        .map(|(name, value)| (name, plain(value)))
        .collect();
    let script = "set -e; eval $(AWSMFA); env -0";
    for shell in ALL.into_iter().filter(|shell| shell.format == "env") {
        let shell = Shell { script, ..shell };
        assert_eq!(shell.environment(&home, &[]), expected, "{shell:?}");
    }
    let fish = Shell {
        script: "eval (AWSMFA); or exit; env -0",
        ..FISH
    };
    assert_eq!(fish.environment(&home, &[]), expected);
    let tcsh = Shell {
        script: "eval `AWSMFA`; env -0",
        ..TCSH
    };
    assert_eq!(tcsh.environment(&home, &[]), expected);
}

/// The user may have chosen other history characters, and that backslashes count in quotes.
#[test]
#[ignore = "needs tcsh"]
fn no_setting_of_tcsh_changes_a_value() {
    let home = signed_in();
    for setting in [
        "set histchars = '#^'",
        "set histchars = ''",
        "set backslash_quote",
        "set noglob",
        "set csubstnonl",
        "unset csubstnonl",
    ] {
        let script = format!("{setting}; eval \"`AWSMFA`\"; env -0");
        let shell = Shell {
            script: script.leak(),
            ..TCSH
        };
        assert_eq!(shell.environment(&home, &[]), session(), "{setting}");
    }
}

/// A value that no shell would change is not quoted. So every character allowed in such values is tried
/// in every position, before the name of a command and before that of a user.
#[test]
#[ignore = "needs zsh, ksh and tcsh"]
fn no_character_of_an_unquoted_value_is_expanded() {
    let signs = "_-+=/:.,@%~".chars();
    let pairs = signs
        .clone()
        .flat_map(|a| signs.clone().map(move |b| (a, b)));
    let values: Vec<String> = pairs
        .flat_map(|(a, b)| {
            [
                format!("{a}{b}ls"),
                format!("x{a}{b}ls"),
                format!("{a}ls{b}"),
                format!("ls{a}ls{b}root"),
            ]
        })
        .collect();
    let plain = signed_in().read_credentials();
    let quoted =
        |value: &str| value.starts_with('=') || value.contains(":=") || value.contains('~');
    for pair in values.chunks(2) {
        let text = plain.replace(&secret_key(), &pair[0]);
        let home = Home::new()
            .credentials(text.replace(&token(), &pair[1]))
            .config(CONFIG);
        let unquoted = ["env", "tcsh"];
        for shell in ALL.into_iter().filter(|it| unquoted.contains(&it.format)) {
            let set = shell.environment(&home, &[]);
            assert_eq!(set["AWS_SECRET_ACCESS_KEY"], pair[0], "{shell:?}");
            assert_eq!(set["AWS_SESSION_TOKEN"], pair[1], "{shell:?}");
        }
        // Only what some shell would change is quoted.
        let output = home
            .command(["export", "-p", "dev"])
            .output()
            .expect("awsmfa was built");
        let text = output_text(&output);
        for value in pair {
            assert_eq!(
                !text.contains(&format!("={value}\n")),
                quoted(value),
                "{text}"
            );
        }
    }
}

#[test]
#[ignore = "needs zsh and ksh"]
fn without_export_the_values_stay_in_the_shell() {
    let home = signed_in();
    for shell in ALL.into_iter().filter(|shell| shell.format == "env") {
        let shell = Shell {
            format: "env-no-export",
            script: "set -ea; eval \"$(AWSMFA)\"; env -0",
            ..shell
        };
        let mut set = shell.environment(&home, &[]);
        set.retain(|name, _| session().contains_key(name));
        assert_eq!(set, session(), "{shell:?}");
        shell.stops(&home, &["--typo"]);
    }
}

#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh, elvish and node"]
fn unset_clears_everything_that_an_export_has_set() {
    let home = signed_in();
    for shell in ALL {
        let clear = match shell.format {
            "env" => "eval \"$(AWSMFA)\"; eval \"$(AWSMFA --unset)\"; env -0",
            "fish" => "AWSMFA | source; AWSMFA --unset | source; or exit; env -0",
            "nu" => {
                "AWSMFA | from nuon | load-env; AWSMFA ...[--unset] | from nuon | load-env; ^env -0"
            }
            "tcsh" => "eval \"`AWSMFA`\"; eval \"`AWSMFA --unset`\"; env -0",
            "xonsh" => "execx($(AWSMFA))\nexecx($(AWSMFA --unset))\nenv -0",
            "elvish" => "eval (AWSMFA | slurp); eval (AWSMFA --unset | slurp); env -0",
            // Each evaluation is a process of its own, so both texts are evaluated together.
            _ => "{ AWSMFA; AWSMFA --unset; } | node --liftoff-only \"$powershell\" \"$packages\"",
        };
        let shell = Shell {
            script: clear,
            ..shell
        };
        assert_eq!(shell.environment(&home, &[]), BTreeMap::new(), "{shell:?}");
    }
}

#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh, elvish and node"]
fn unset_succeeds_even_if_nothing_is_set() {
    let home = Home::new();
    for shell in ALL {
        let left = shell.environment(&home, &["--unset"]);
        // If the account was known, its variable is set by the export itself.
        assert_eq!(left.len(), CLEARED.len() - 1, "{shell:?}");
        assert!(!left.contains_key("AWS_ACCOUNT_ID"), "{shell:?}");
    }
}

#[test]
#[ignore = "needs fish"]
fn a_users_universal_variables_in_fish_stay() {
    let home = signed_in();
    let fish = |script: &'static str| {
        let shell = Shell {
            script,
            flags: &["-c"],
            ..FISH
        };
        let output = shell.run(&home, &["export", "--format", "fish"]);
        assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
        String::from_utf8(output.stdout).expect("all of it is UTF-8")
    };
    fish("set -Ux AWS_CREDENTIAL_EXPIRATION mine; true");
    let set = "AWSMFA | source; echo $AWS_CREDENTIAL_EXPIRATION";
    assert_eq!(fish(set), "2099-01-02T03:04:05Z\n");
    let back = "AWSMFA | source; AWSMFA --unset | source; AWSMFA --unset | source; \
                echo $AWS_CREDENTIAL_EXPIRATION";
    assert_eq!(fish(back), "mine\n");
    assert_eq!(fish("echo $AWS_CREDENTIAL_EXPIRATION"), "mine\n");
}

/// The line that a login tells the user to type, in every shell except PowerShell, for which only the
/// output of `export` can be evaluated here.
#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh and elvish"]
fn the_line_suggested_after_a_login_works() {
    for profile in ["dev-mfa", "a%b:c+d@e/f.g"] {
        let home = signed_in();
        let text = home.read_credentials().replace("dev-mfa", profile);
        let home = home.credentials(text);
        for shell in ALL.into_iter().filter(|it| it.format != "powershell") {
            let mut login = home.command(["login", "dev", "--session-profile", profile]);
            login.env("SHELL", find(shell.program));
            let said = login.env("AWS_DEFAULT_PROFILE", "dev").output();
            let said = output_text(&said.expect("awsmfa was built"));
            let line = said.lines().find_map(|it| it.strip_prefix("use it with: "));
            let line = line.unwrap_or_else(|| panic!("{shell:?}: {said}"));
            let env = if shell.format == "nu" { "^env" } else { "env" };
            let script = format!("{line}\n{env} -0");
            let shell = Shell {
                script: script.leak(),
                ..shell
            };
            let output = shell.run(&home, &["status"]);
            let all = output_text(&output);
            let names = ["AWS_PROFILE=", "AWS_DEFAULT_PROFILE="];
            let set: Vec<&str> = all
                .split(['\0', '\n'])
                .filter(|it| names.iter().any(|name| it.starts_with(name)))
                .collect();
            assert_eq!(
                set,
                [format!("AWS_PROFILE={profile}")],
                "{shell:?}: {line}\n{all}"
            );
        }
    }
}

/// The settings of a profile arrive as they are, and nothing of them is left for the next session.
#[test]
#[ignore = "needs zsh, ksh, fish, nu, tcsh, xonsh, elvish and node"]
fn a_profiles_settings_survive_and_are_cleared_with_its_session() {
    let app = "it's \"a\" $HOME `b` %PATH% \\ |&;<>!^";
    let home = signed_in();
    let config = formatdoc! {"
        {CONFIG}sdk_ua_app_id = {app}
        endpoint_url = http://127.0.0.1:1/a?b=c
        use_fips_endpoint = true

        [profile bare-mfa]
    "};
    let bare = home.read_credentials().replace("dev", "bare");
    let both = home.read_credentials() + &bare;
    let home = home.config(config).credentials(both);
    let beside = |shell: Shell| {
        let output = shell.run(&home, &["export", "--format", shell.format, "-p", "dev"]);
        assert_eq!(output.stderr, b"", "{shell:?}\n{}", output_text(&output));
        let text = String::from_utf8(output.stdout).expect("all of it is UTF-8");
        let all = text
            .split_terminator('\0')
            .filter_map(|it| it.split_once('='));
        let names = [
            "AWS_SDK_UA_APP_ID",
            "AWS_ENDPOINT_URL_STS",
            "AWS_USE_FIPS_ENDPOINT",
            "AWS_DEFAULT_OUTPUT",
            "AWS_REGION",
            "AWSMFA_EXPORTED",
        ];
        all.filter(|(name, _)| names.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    for shell in ALL {
        let set = beside(shell);
        let exported = set.get("AWSMFA_EXPORTED").map(String::as_str);
        let exported = exported.unwrap_or_default();
        assert!(exported.ends_with("AWS_DEFAULT_OUTPUT,AWS_SDK_UA_APP_ID,AWS_USE_FIPS_ENDPOINT"));
        assert_eq!(set["AWS_SDK_UA_APP_ID"], app, "{shell:?}");
        assert_eq!(set["AWS_USE_FIPS_ENDPOINT"], "true", "{shell:?}");
        let then = |then: &str| match shell.format {
            "env" => format!("eval \"$(AWSMFA)\"; eval \"$(awsmfa {then})\"; env -0"),
            "fish" => format!("AWSMFA | source; awsmfa {then} --format fish | source; env -0"),
            "nu" => format!(
                "AWSMFA | from nuon | load-env; run-external $env.awsmfa ...[{then} --format nu] | from nuon | load-env; ^env -0"
            ),
            "tcsh" => {
                format!("eval \"`AWSMFA`\"; eval \"`PROGRAM {then} --format tcsh`\"; env -0")
            }
            "xonsh" => {
                format!("execx($(AWSMFA))\nexecx($(PROGRAM {then} --format xonsh))\nenv -0")
            }
            "elvish" => format!(
                "eval (AWSMFA | slurp); eval (PROGRAM {then} --format elvish | slurp); env -0"
            ),
            _ => String::new(),
        };
        // Each evaluation by PowerShell is a process of its own.
        if shell.format == "powershell" {
            continue;
        }
        for (next, left) in [("export -p bare", 1), ("export --unset", 0)] {
            let program = env!("CARGO_BIN_EXE_awsmfa");
            let script = then(next).replace("$(awsmfa ", &format!("$({program} "));
            let script = script.replace("; awsmfa ", &format!("; {program} "));
            let script = script.replace("PROGRAM", program);
            let shell = Shell {
                script: script.leak(),
                ..shell
            };
            assert_eq!(beside(shell).len(), left, "{shell:?}");
        }
    }
}
