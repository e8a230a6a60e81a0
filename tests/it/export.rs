//! Tests `export`: the output of each format, when it signs in first, and how a shell notices a failure.
//! It never starts a shell for the formats: `shells` does.

use std::fs;
use std::path::PathBuf;

use indoc::indoc;

use crate::scene::{CONFIG, CREDENTIALS, SESSION, Scene, TRIPWIRE, snapshot};
use crate::support::aws::account::Session;
use crate::support::aws::secrets::Kind;
use crate::support::aws::{KEY_ID, USER};
use crate::support::home::Home;
use crate::support::run::Run;
use crate::support::system;

/// The variables that are cleared before the session is set, and that `exec` removes.
pub(crate) const CLEARED: [&str; 26] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_SCOPE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWSMFA_CODE",
    "AWS_VAULT",
    "AWSUME_PROFILE",
    "AWSUME_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_SSO_PROFILE",
    "AWS_SSO_SESSION_EXPIRATION",
    "AWSU_PROFILE",
    "GRANTED_SSO",
    "GRANTED_SSO_START_URL",
    "GRANTED_SSO_ROLE_NAME",
    "GRANTED_SSO_REGION",
    "GRANTED_SSO_ACCOUNT_ID",
];

/// Those that a session does not set itself.
fn cleared() -> impl Iterator<Item = &'static str> {
    let is_set = |name: &str| SET.iter().any(|(set, _)| *set == name);
    CLEARED.into_iter().filter(move |name| !is_set(name))
}

/// The variables that are set for [`SESSION`].
const SET: [(&str, &str); 7] = [
    ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "session/secret+key"),
    ("AWS_SESSION_TOKEN", "session/token+with/all=="),
    ("AWS_CREDENTIAL_EXPIRATION", "2099-01-02T03:04:05Z"),
    ("AWS_ACCOUNT_ID", "123456789012"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_DEFAULT_REGION", "eu-central-1"),
];

/// The other variables that are set: the settings of dev, and the names of everything that is set.
pub(crate) const BESIDE: [(&str, &str); 2] = [
    ("AWS_DEFAULT_OUTPUT", "json"),
    (
        "AWSMFA_EXPORTED",
        "AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_SESSION_TOKEN,AWS_CREDENTIAL_EXPIRATION,\
         AWS_ACCOUNT_ID,AWS_REGION,AWS_DEFAULT_REGION,AWS_DEFAULT_OUTPUT",
    ),
];

/// Everything that is set.
fn whole() -> impl Iterator<Item = (&'static str, &'static str)> {
    SET.into_iter().chain(BESIDE)
}

/// The text with which each format makes an evaluation fail.
const FAILURES: [(&str, &str); 12] = [
    ("env", "false\n"),
    ("env-no-export", "false\n"),
    ("fish", "false\n"),
    ("powershell", "throw 'awsmfa could not sign in'\n"),
    ("windows-cmd", "cmd /c exit 1\n"),
    ("nu", "false\n"),
    ("tcsh", "false;\n"),
    ("xonsh", "raise RuntimeError('awsmfa could not sign in')\n"),
    ("elvish", "fail 'awsmfa could not sign in'\n"),
    ("process", ""),
    ("json", ""),
    ("github", ""),
];

/// `export` with profile dev, which is allowed to print the session. The secret key of [`SESSION`]
/// counts as a long-term one because the stand-in did not issue it.
fn export<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    scene
        .run(&["export", "--profile", "dev"])
        .args(args)
        .may_show(Kind::Session)
        .may_show(Kind::LongTerm)
}

/// A line for each item.
fn lines<T>(of: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    of.into_iter().map(|it| line(it) + "\n").collect()
}

/// The output of each format for [`SESSION`].
fn texts() -> [(&'static str, String); 11] {
    let names = || cleared().collect::<Vec<_>>();
    let cleared = names().join(" ");
    let nulls: Vec<String> = names().iter().map(|it| format!("{it}: null")).collect();
    let fields: Vec<String> = whole().map(|(n, v)| format!("{n}: \"{v}\"")).collect();
    [
        (
            "env",
            format!("unset {cleared};\n") + &lines(whole(), |(n, v)| format!("export {n}={v}")),
        ),
        ("env-no-export", lines(SET, |(n, v)| format!("{n}={v}"))),
        (
            "fish",
            format!("set -eg {cleared}; or true;\n")
                + &lines(whole(), |(n, v)| format!("set -gx {n} '{v}';")),
        ),
        (
            "powershell",
            lines(names(), |n| {
                format!("Remove-Item -ErrorAction Ignore Env:{n}")
            }) + &lines(whole(), |(n, v)| format!("$env:{n} = '{v}'")),
        ),
        (
            "windows-cmd",
            lines(names(), |n| format!("set \"{n}=\""))
                + &lines(whole(), |(n, v)| format!("set \"{n}={v}\"")),
        ),
        (
            "nu",
            format!("{{{}, {}}}\n", nulls.join(", "), fields.join(", ")),
        ),
        (
            "tcsh",
            format!("unsetenv {cleared};\n")
                + &lines(whole(), |(n, v)| {
                    let escaped = v.replace('=', "\\=").replace(',', "\\,");
                    format!("setenv {n} {escaped};")
                }),
        ),
        (
            "xonsh",
            lines(names(), |n| format!("if '{n}' in ${{...}}:\n    del ${n}"))
                + &lines(whole(), |(n, v)| format!("${n} = '{v}'")),
        ),
        (
            "elvish",
            lines(names(), |n| format!("unset-env {n}"))
                + &lines(whole(), |(n, v)| format!("set-env {n} '{v}'")),
        ),
        (
            "process",
            "{\"AccessKeyId\":\"ASIAIOSFODNN7EXAMPLE\",\"AccountId\":\"123456789012\",\"Expiration\":\"2099-01-02T03:04:05Z\",\
             \"SecretAccessKey\":\"session/secret+key\",\
             \"SessionToken\":\"session/token+with/all==\",\"Version\":1}\n"
                .to_owned(),
        ),
        (
            "json",
            "{\"AWSMFA_EXPORTED\":\"AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_SESSION_TOKEN,\
             AWS_CREDENTIAL_EXPIRATION,AWS_ACCOUNT_ID,AWS_REGION,AWS_DEFAULT_REGION,AWS_DEFAULT_OUTPUT\",\
             \"AWS_ACCESS_KEY_ID\":\"ASIAIOSFODNN7EXAMPLE\",\
             \"AWS_ACCOUNT_ID\":\"123456789012\",\
             \"AWS_CREDENTIAL_EXPIRATION\":\"2099-01-02T03:04:05Z\",\
             \"AWS_DEFAULT_OUTPUT\":\"json\",\
             \"AWS_DEFAULT_REGION\":\"eu-central-1\",\"AWS_REGION\":\"eu-central-1\",\
             \"AWS_SECRET_ACCESS_KEY\":\"session/secret+key\",\
             \"AWS_SESSION_TOKEN\":\"session/token+with/all==\"}\n"
                .to_owned(),
        ),
    ]
}

#[test]
fn each_format_has_its_own_text_and_a_valid_session_is_left_alone() {
    let scene = Scene::signed_in();
    let before = snapshot(&scene.home);
    for (format, text) in texts() {
        export(&scene, &["--format", format]).stdout(text).run();
    }
    assert_eq!(scene.aws.connections(), 0, "connections");
    assert_eq!(snapshot(&scene.home), before, "files changed");
}

/// The names of shells, and the formats for which they are aliases.
const ALIASES: [(&str, &str); 10] = [
    ("sh", "env"),
    ("bash", "env"),
    ("zsh", "env"),
    ("dash", "env"),
    ("ksh", "env"),
    ("nushell", "nu"),
    ("pwsh", "powershell"),
    ("cmd", "windows-cmd"),
    ("csh", "tcsh"),
    ("fish", "fish"),
];

#[test]
fn a_shells_name_selects_its_format() {
    let scene = Scene::signed_in();
    for (name, format) in ALIASES {
        let (_, text) = texts().into_iter().find(|it| it.0 == format).expect("one");
        export(&scene, &["--format", name]).stdout(text).run();
    }
    let run = Run::new(&scene.home).args(["export", "--help"]);
    run.check_stdout(|help| {
        let help: Vec<&str> = help.split_whitespace().collect();
        let help = help.join(" ");
        for line in [
            "POSIX shells [aliases: sh, bash, zsh, dash, ksh]",
            "PowerShell, any version [aliases: pwsh]",
            "cmd.exe [aliases: cmd]",
            "[aliases: nushell]",
            "[aliases: csh]",
        ] {
            assert!(help.contains(line), "{line}: {help}");
        }
    })
    .run();
}

#[test]
fn the_format_for_a_posix_shell_needs_no_flag() {
    let [(_, env), ..] = texts();
    export(&Scene::signed_in(), &[]).stdout(env).run();
}

#[test]
fn messages_and_verbose_steps_never_mix_with_the_data() {
    let scene = Scene::signed_in();
    let [(_, env), ..] = texts();
    export(&scene, &["--quiet"]).stdout(&env).run();
    let verbose = export(&scene, &["--verbose"]).stdout(&env);
    verbose.check_stderr(|_| {}).run();
}

/// The output of the default format for a session from the stand-in.
fn text_of_issued(session: &Session, region: &str) -> String {
    let expiration = session.expiration.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let set = [
        ("AWS_ACCESS_KEY_ID", session.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &session.secret),
        ("AWS_SESSION_TOKEN", &session.token),
        ("AWS_CREDENTIAL_EXPIRATION", &expiration),
        ("AWS_ACCOUNT_ID", "123456789012"),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
    ];
    let set = set.into_iter().chain(BESIDE);
    format!("unset {};\n", cleared().collect::<Vec<_>>().join(" "))
        + &lines(set, |(n, v)| format!("export {n}={v}"))
}

#[test]
fn without_a_valid_session_it_signs_in_then_stores_and_prints_the_new_one() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let run = scene
        .run(&["export", "--profile", "dev", "--code", &code])
        .may_show(Kind::Session)
        .check_stdout(|_| {});
    let ran = scene.works(run, "", &["GetSessionToken"]);
    let session = scene.aws.sessions().pop().expect("one was issued");
    assert_eq!(ran.stdout, text_of_issued(&session, "eu-central-1"));
    let stored = format!("aws_session_token = {}\n", session.token);
    assert!(scene.home.read_credentials().contains(&stored));

    let again = scene
        .run(&["export", "--profile", "dev-mfa"])
        .may_show(Kind::Session)
        .stdout(ran.stdout);
    scene.works(again, "", &[]);
}

#[test]
fn a_session_that_is_about_to_expire_is_renewed_first() {
    let soon = chrono::Utc::now() + chrono::TimeDelta::minutes(14);
    let soon = soon.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let session = SESSION.replace("2099-01-02T03:04:05Z", &soon);
    let scene = Scene::with_files(CONFIG, CREDENTIALS.to_owned() + &session);
    let code = scene.aws.code(USER);
    let run = export(&scene, &["--code", &code]).check_stdout(|_| {});
    let said = "dev-mfa ends in 14m; renewing\n";
    let ran = scene.works(run, said, &["GetSessionToken"]);
    let session = scene.aws.sessions().pop().expect("one was issued");
    assert_eq!(ran.stdout, text_of_issued(&session, "eu-central-1"));
}

#[test]
fn the_region_comes_from_the_flag_then_the_variable_then_the_profile() {
    let of_session = "[profile dev-mfa]\nregion = from-session\n";
    let of_source = "[profile dev]\nregion = from-source\n";
    let both = format!("{of_session}{of_source}");
    let first = ("AWS_REGION", "from-variable");
    let second = ("AWS_DEFAULT_REGION", "from-default");
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: [Case<'_>; 7] = [
        (
            &["--region", "from-flag"],
            &[first, second],
            &both,
            "from-flag",
        ),
        (&[], &[first, second], &both, "from-variable"),
        (&[], &[second], &both, "from-default"),
        (&[], &[("AWS_REGION", ""), second], &both, "from-default"),
        (&[], &[], &both, "from-session"),
        (&[], &[], of_session, "from-session"),
        (&[], &[], of_source, "from-source"),
    ];
    for (args, env, config, region) in cases {
        let scene = Scene::with_files(config, CREDENTIALS.to_owned() + SESSION);
        let mut run = export(&scene, args).args(["--format", "env-no-export"]);
        for (name, value) in env {
            run = run.env(name, value);
        }
        let set = SET.map(|(n, v)| (n, if n.ends_with("REGION") { region } else { v }));
        run.stdout(lines(set, |(n, v)| format!("{n}={v}"))).run();
    }
}

#[test]
fn no_region_is_exported_if_there_is_none() {
    let scene = Scene::with_files("", CREDENTIALS.to_owned() + SESSION);
    let set = SET.into_iter().filter(|(n, _)| !n.ends_with("REGION"));
    export(&scene, &["--format", "env-no-export"])
        .stdout(lines(set, |(n, v)| format!("{n}={v}")))
        .run();
}

#[test]
fn unset_goes_with_no_flag_of_a_sign_in() {
    let home = Home::new();
    for flag in [
        &["--force"][..],
        &["--duration", "1h"],
        &["--mfa-serial", "GAHT12345678"],
    ] {
        let run = Run::new(&home)
            .args(["export", "dev", "--unset"])
            .args(flag);
        let run = run.status(2).stdout("false\n");
        run.check_stderr(|said| assert!(said.contains("'--unset' cannot be used with"), "{said}"))
            .run();
    }
}

#[test]
fn unset_clears_what_was_set_and_reads_no_file() {
    let names = SET.map(|(name, _)| name).into_iter();
    let names: Vec<&str> = names.chain(["AWSMFA_EXPORTED"]).collect();
    let nulls: Vec<String> = names.iter().map(|name| format!("{name}: null")).collect();
    let home = Home::new().credentials("not a file of AWS\n");
    for (format, text) in [
        ("env", format!("unset {};\n", names.join(" "))),
        ("fish", format!("set -eg {}; or true;\n", names.join(" "))),
        (
            "powershell",
            lines(&names, |n| {
                format!("Remove-Item -ErrorAction Ignore Env:{n}")
            }),
        ),
        ("windows-cmd", lines(&names, |n| format!("set \"{n}=\""))),
        ("nu", format!("{{{}}}\n", nulls.join(", "))),
        ("tcsh", format!("unsetenv {};\n", names.join(" "))),
        (
            "xonsh",
            lines(&names, |n| format!("if '{n}' in ${{...}}:\n    del ${n}")),
        ),
        ("elvish", lines(&names, |n| format!("unset-env {n}"))),
    ] {
        let run = Run::new(&home).args(["export", "--unset", "--format", format]);
        run.stdout(text).run();
    }
    for (format, stdout) in [
        ("env-no-export", "false\n"),
        ("process", ""),
        ("json", ""),
        ("github", ""),
    ] {
        Run::new(&home)
            .args(["export", "--unset", "--format", format])
            .status(2)
            .stdout(stdout)
            .stderr(indoc! {"
                error: --unset works only with formats that can clear variables
                hint: use --format env, fish, powershell, windows-cmd, nu, tcsh, xonsh or elvish
            "})
            .run();
    }
}

#[test]
fn a_failure_makes_every_shell_fail_and_prints_nothing_else() {
    let scene = Scene::default();
    let job = scene.home.path().join("job");
    fs::write(&job, "").expect("the home is writable");
    for (format, text) in FAILURES {
        let run = scene
            .run(&["export", "-p", "dev", "--no-input", "--format", format])
            .env("GITHUB_ENV", &job)
            .stdout(text);
        let stderr = indoc! {"
            error: profile dev needs a code, and --no-input forbids asking
            hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
        "};
        scene.fails(run, 7, stderr, &[]);
    }
}

/// Makes an export fail. Its messages are those of `login`, and tested there.
fn fails(home: &Home, args: &[&str], env: &[(&str, &str)], status: i32) {
    let mut run = Run::new(home).args(["export"]).args(args);
    for (name, value) in env {
        run = run.env(name, value);
    }
    run.status(status)
        .stdout("false\n")
        .check_stderr(|text| assert!(text.starts_with("error: "), "{text}"))
        .run();
}

#[test]
fn a_failure_has_the_same_exit_code_as_in_a_login() {
    let scene = Scene::default();
    let wrong = scene.aws.code_at(USER, 40);
    fails(&scene.home, &["-p", "dev", "--code", &wrong], &[], 4);
    let good = scene.aws.code(USER);
    scene.aws.deactivate_key(KEY_ID);
    fails(&scene.home, &["-p", "dev", "--code", &good], &[], 5);
    let alone = Home::new().credentials(CREDENTIALS).config(CONFIG);
    let once = [("AWS_MAX_ATTEMPTS", "1")];
    fails(&alone, &["-p", "dev", "--code", "314159"], &once, 6);
    fails(&alone, &["-p", "none"], &[], 1);
    fails(&alone, &["-p", "dev"], &[("AWSMFA_DURATION", "soon")], 2);
}

#[test]
fn an_invalid_command_line_fails_in_the_shell_too() {
    let home = Home::new();
    let usage = |args: &[&str], stdout: &str| {
        Run::new(&home)
            .args(args)
            .status(2)
            .stdout(stdout)
            .check_stderr(|text| assert!(text.starts_with("error: "), "{text}"))
            .run();
    };
    for (format, text) in FAILURES {
        usage(&["export", "--format", format, "--typo"], text);
        usage(&["export", &format!("--format={format}"), "--typo"], text);
    }
    usage(&["export", "--format", "basic"], "false\n");
    usage(
        &["export", "--format", "pwsh", "--typo"],
        "throw 'awsmfa could not sign in'\n",
    );
    usage(&["export", "--format=csh", "--typo"], "false;\n");
    usage(&["export", "--format"], "false\n");
    usage(&["export", "123456"], "false\n");
    usage(&["-q", "-p", "login", "export", "--typo"], "false\n");
    usage(&["login", "--typo", "export"], "");
    usage(&["login", "dev", "export"], "");
    // A mistyped command must not be evaluated as success either.
    usage(&["exprt"], "false\n");
    usage(&["exprt", "-p", "dev"], "false\n");
    usage(&["exprt", "login"], "false\n");
    usage(&["exprt", "--format", "fish"], "false\n");
    usage(&["-p", "dev"], "false\n");
    usage(&["--duration", "1h", "export"], "false\n");
    usage(&["--code=123456", "export"], "false\n");
    usage(&["--format", "nu", "export"], "false\n");
    usage(&["--check", "status"], "");
    usage(&["--duration", "1h", "login"], "");
    usage(&["help", "exprt"], "");
    usage(&["exec", "--typo", "export"], "");
}

/// No key contains any other character. The shell formats are tested with the shells themselves, in
/// `shells.rs`.
#[test]
fn every_character_survives_in_json() {
    let ascii: String = ('!'..='~').collect();
    let odd = format!("={ascii}\\");
    let session = SESSION.replace("session/token+with/all==", &odd);
    let scene = Scene::with_files(CONFIG, CREDENTIALS.to_owned() + &session);
    for (format, name) in [("json", "AWS_SESSION_TOKEN"), ("process", "SessionToken")] {
        let ran = export(&scene, &["--format", format])
            .check_stdout(|_| {})
            .run();
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
        assert_eq!(json[name], odd.as_str());
    }
}

#[test]
fn a_region_with_a_line_break_is_invalid() {
    let scene = Scene::signed_in();
    let job = scene.home.path().join("job");
    fs::write(&job, "").expect("the home is writable");
    for (format, text) in FAILURES {
        let run = scene
            .run(&["export", "-p", "dev", "--format", format])
            .env("GITHUB_ENV", &job)
            .env("AWS_REGION", "eu-central-1\nPATH=/tmp/theirs")
            .stdout(text);
        let stderr = "error: AWS_REGION is not a region: eu-central-1…\n\
                      hint: a region looks like eu-west-1\n";
        scene.fails(run, 1, stderr, &[]);
    }
}

#[cfg(unix)]
mod at_a_terminal {
    use super::*;
    use crate::scene::{PROMPT, wait_until};

    /// The shell's streams are the terminal; only those of what it evaluates are not.
    const EVAL: &str = "set -e; eval \"$(\"$@\")\"; \
                        echo \"$AWS_ACCESS_KEY_ID in $AWS_REGION, profile ${AWS_PROFILE-none}\"";

    #[test]
    fn the_code_is_asked_for_at_the_terminal_while_a_shell_evaluates_the_rest() {
        for script in [
            EVAL.to_owned(),
            format!("exec bash -c '{EVAL}' bash \"$@\""),
        ] {
            let scene = Scene::default();
            let mut terminal = scene
                .terminal(&["export"])
                .env("AWS_PROFILE", "dev")
                .script(&script)
                .start();
            terminal.sees(PROMPT);
            let code = scene.aws.code(USER);
            terminal.types(&code);
            terminal.sees("profile none");
            let session = scene.aws.sessions().pop().expect("one was issued");
            let key = &session.access_key_id;
            terminal.ends(
                0,
                &format!("{PROMPT}{code}\n{key} in eu-central-1, profile none\n"),
            );
        }
    }

    /// Ctrl-C does not end this shell, so it is awsmfa's output that ends the script.
    #[test]
    fn a_cancelled_prompt_ends_a_shell_script() {
        for (key, said) in [
            ("\x03", "^C\nerror: cancelled\n"),
            ("\x04", "\nerror: cancelled\n"),
        ] {
            for shell in ["sh", "bash"] {
                let scene = Scene::default();
                let script = "set -e; trap : INT; eval \"$(\"$@\")\"; echo it goes on";
                let mut terminal = scene
                    .terminal(&["export", "--profile", "dev"])
                    .env("script", script)
                    .script(&format!("exec {shell} -c \"$script\" sh \"$@\""))
                    .start();
                terminal.sees(PROMPT);
                wait_until("a request", || !scene.aws.actions().is_empty());
                terminal.presses(key);
                terminal.ends(1, &format!("{PROMPT}{said}"));
            }
        }
    }

    #[test]
    fn a_script_stops_if_the_sign_in_fails() {
        for shell in ["sh", "bash"] {
            let scene = Scene::default();
            let script =
                format!("exec {shell} -c 'set -e; eval \"$(\"$@\")\"; echo it goes on' sh \"$@\"");
            let terminal = scene
                .terminal(&["export", "--profile", "dev", "--no-input"])
                .script(&script)
                .start();
            terminal.ends(
                1,
                indoc! {"
                    error: profile dev needs a code, and --no-input forbids asking
                    hint: give one with --code-stdin, --code-command, --code or AWSMFA_CODE
                "},
            );
        }
    }
}

mod github {
    use super::*;

    const MASKS: &str = "::add-mask::session/secret+key\n::add-mask::session/token+with/all==\n";

    fn written() -> String {
        lines(whole(), |(n, v)| format!("{n}={v}"))
    }

    fn job(scene: &Scene, before: impl AsRef<[u8]>) -> PathBuf {
        let path = scene.home.path().join("set_env_1234");
        fs::write(&path, before).expect("the home is writable");
        path
    }

    fn hand_over<'a>(scene: &'a Scene, job: &PathBuf) -> Run<'a> {
        export(scene, &["--format", "github"]).env("GITHUB_ENV", job)
    }

    #[test]
    fn the_secrets_are_masked_and_the_variables_appended_for_later_steps() {
        for (before, between) in [
            ("", ""),
            ("THEIRS=1\n", ""),
            ("TEXT<<EOF\na\nEOF\n", ""),
            ("THEIRS=without an end", "\n"),
        ] {
            let scene = Scene::signed_in();
            let path = job(&scene, before);
            hand_over(&scene, &path).stdout(MASKS).run();
            let after = fs::read_to_string(&path).expect("it is there");
            assert_eq!(after, format!("{before}{between}{}", written()));
        }
    }

    #[test]
    fn a_ci_job_that_gets_a_code_signs_in() {
        let scene = Scene::default();
        let path = job(&scene, "");
        let code = scene.aws.code(USER);
        let run = hand_over(&scene, &path)
            .env("AWSMFA_CODE", &code)
            .check_stdout(|_| {});
        let ran = scene.works(run, "", &["GetSessionToken"]);
        let session = scene.aws.sessions().pop().expect("one was issued");
        let masks = format!(
            "::add-mask::{}\n::add-mask::{}\n",
            session.secret, session.token
        );
        assert_eq!(ran.stdout, masks);
        let after = fs::read_to_string(&path).expect("it is there");
        let token = format!("AWS_SESSION_TOKEN={}\n", session.token);
        assert!(after.contains(&token), "{after}");
        assert!(!after.contains(&code), "{after}");
    }

    /// The runner decodes `%25` in a command to a percent sign.
    #[test]
    fn a_percent_sign_is_masked_as_the_runner_reads_it() {
        let session = SESSION.replace("secret+key", "%0Asecret%25");
        let scene = Scene::with_files(CONFIG, CREDENTIALS.to_owned() + &session);
        let path = job(&scene, "");
        let masks = MASKS.replace("secret+key", "%250Asecret%2525");
        hand_over(&scene, &path).stdout(masks).run();
        let after = fs::read_to_string(&path).expect("it is there");
        assert_eq!(after, written().replace("secret+key", "%0Asecret%25"));
    }

    #[test]
    fn variables_that_a_ci_step_cannot_clear_are_warned_about() {
        let scene = Scene::signed_in();
        let path = job(&scene, "");
        hand_over(&scene, &path)
            .env("AWS_PROFILE", "dev")
            .env("AWS_SECURITY_TOKEN", "stale")
            .env("AWSMFA_CODE", "314159")
            .stdout(MASKS)
            .stderr(
                "warning: if later steps have AWS_PROFILE, AWS_SECURITY_TOKEN too, some AWS \
                 tools use it rather than the session: set it only for this step\n",
            )
            .run();
        let after = fs::read_to_string(&path).expect("it is there");
        assert_eq!(after, written());
    }

    /// The refusal comes before a code is read, and before a secret is printed as a mask.
    #[test]
    fn outside_of_a_ci_job_nothing_is_printed_and_no_code_is_read() {
        let scene = Scene::default();
        let unread = |scene: &Scene, job: Option<PathBuf>, stderr: &str| {
            let command = system::marking(TRIPWIRE, "314159");
            let args = ["export", "-p", "dev", "--format", "github"];
            let run = scene.run(&args).args(["--code-command", &command]);
            let run = match job {
                Some(path) => run.env("GITHUB_ENV", path),
                None => run,
            };
            scene.refuses(run, 1, stderr);
        };
        unread(
            &scene,
            None,
            indoc! {"
                error: GITHUB_ENV is not set: this is not a GitHub Actions step
                hint: choose another --format
            "},
        );
        let missing = scene.home.path().join("none");
        unread(
            &scene,
            Some(missing),
            "error: can't write {home}/none (GITHUB_ENV): {*}\n",
        );
        let folder = scene.home.path().to_owned();
        unread(
            &scene,
            Some(folder),
            "error: can't write {home} (GITHUB_ENV): {*}\n",
        );
        // A later step would not see what is written there.
        #[cfg(unix)]
        for device in ["/dev/null", "/dev/zero", "/dev/full"] {
            unread(
                &scene,
                Some(device.into()),
                &format!("error: can't write {device} (GITHUB_ENV): not a regular file\n"),
            );
        }
    }
}

/// Signals that end a run before anything is printed: an evaluation of that must fail.
#[cfg(unix)]
mod killed {
    use super::*;
    use crate::scene::{finish, output_text, spawn, wait, wait_until, wrap};
    use crate::support::aws::Fault;
    use std::fs::File;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command, Output};
    use std::time::{Duration, Instant};

    /// Sends the signal `name` to `child`, which must end at once.
    fn end(child: Child, name: &str) -> Output {
        let sent = Command::new("kill")
            .args(["-s", name, &child.id().to_string()])
            .status();
        assert!(sent.expect("kill is on every Unix").success());
        let begun = Instant::now();
        let ended = wait(child);
        assert!(begun.elapsed() < Duration::from_secs(2), "SIG{name}");
        ended
    }

    /// Checks that SIGTERM ends `child` at once, which is not over yet and has printed nothing, and that a
    /// POSIX shell then fails to evaluate its output.
    fn ends_and_makes_the_evaluation_fail(child: Child) {
        let ended = end(child, "TERM");
        assert_eq!(ended.status.signal(), Some(15), "{:?}", ended.status);
        assert_eq!(String::from_utf8_lossy(&ended.stdout), "false\n");
    }

    /// Signals by number and name.
    #[cfg(target_os = "linux")]
    const SIGNALS: [(i32, &str); 5] = [
        (15, "TERM"),
        (1, "HUP"),
        (3, "QUIT"),
        (10, "USR1"),
        (14, "ALRM"),
    ];
    #[cfg(not(target_os = "linux"))]
    const SIGNALS: [(i32, &str); 1] = [(15, "TERM")];

    #[test]
    fn during_the_request_a_signal_ends_it_and_makes_the_evaluation_fail() {
        for (number, name) in SIGNALS {
            for (format, failure) in [
                ("env", "false\n"),
                ("fish", "false\n"),
                ("powershell", "throw 'awsmfa could not sign in'\n"),
                ("json", ""),
            ] {
                let scene = Scene::default();
                let slow = Fault::Delay(Duration::from_secs(20));
                scene.aws.fault("GetSessionToken", slow);
                let mut export = scene.home.command(["export", "-p", "dev"]);
                export.args(["--format", format, "--code", &scene.aws.code(USER)]);
                let child = spawn(&mut export);
                wait_until("the request", || {
                    scene.aws.actions().iter().any(|it| it == "GetSessionToken")
                });
                let ended = end(child, name);
                assert_eq!(ended.status.signal(), Some(number), "{:?}", ended.status);
                assert_eq!(String::from_utf8_lossy(&ended.stdout), failure, "{format}");
            }
        }
    }

    #[test]
    fn a_signal_ends_it_at_once_while_it_waits_for_a_lock_or_a_command() {
        let scene = Scene::default();
        let lock = scene.home.path().join(".aws/credentials.awsmfa.lock");
        let lock = File::create(lock).expect("created");
        lock.lock().expect("free");
        let args = ["export", "-p", "dev", "--code", "492039"];
        let child = spawn(&mut scene.home.command(args));
        // It waits on its only thread.
        std::thread::sleep(Duration::from_millis(500));
        ends_and_makes_the_evaluation_fail(child);
        drop(lock);

        let mark = scene.home.path().join("begun");
        let args = [
            "export",
            "-p",
            "dev",
            "--code-command",
            "exec 2>/dev/null; touch begun; sleep 20",
        ];
        let child = spawn(&mut scene.home.command(args));
        wait_until("the command", || mark.exists());
        ends_and_makes_the_evaluation_fail(child);
    }

    #[test]
    fn a_signal_while_it_waits_for_a_pipe_makes_the_evaluation_fail_too() {
        let scene = Scene::default();
        let pipe = scene.home.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
        let mut export = scene.home.command(["export", "-p", "dev"]);
        let child = spawn(export.env("AWS_SHARED_CREDENTIALS_FILE", &pipe));
        // Opening it for writing waits for awsmfa to open it for reading.
        let writer = File::options().write(true).open(&pipe).expect("opened");
        ends_and_makes_the_evaluation_fail(child);
        drop(writer);
    }

    #[test]
    fn a_signal_while_it_reads_a_large_file_does_so_as_well() {
        let home = Scene::signed_in().home;
        let mut text: String = (0..200_000)
            .map(|number| format!("[account-{number}]\nregion = eu-central-1\noutput = json\n"))
            .collect();
        text.push_str(&home.read_credentials());
        let home = home.credentials(&text);
        let child = spawn(&mut home.command(["export", "-p", "dev"]));
        // The file takes it longer, even if it only keeps the session.
        std::thread::sleep(Duration::from_millis(300));
        ends_and_makes_the_evaluation_fail(child);
    }

    #[test]
    fn a_reader_that_does_not_read_does_not_delay_the_end() {
        use std::io::Write as _;
        let scene = Scene::default();
        let (reader, mut writer) = std::io::pipe().expect("a pipe");
        let (filled, is_filled) = std::sync::mpsc::channel();
        let full = writer.try_clone().expect("a handle");
        std::thread::spawn(move || {
            while writer.write_all(&[b'#'; 4096]).is_ok() {
                let _ = filled.send(());
            }
        });
        while is_filled.recv_timeout(Duration::from_millis(300)).is_ok() {}
        let mark = scene.home.path().join("begun");
        let args = [
            "export",
            "-p",
            "dev",
            "--code-command",
            "exec 2>/dev/null; touch begun; sleep 20",
        ];
        let mut export = scene.home.command(args);
        let child = export.stdout(full).spawn().expect("awsmfa runs");
        wait_until("the command", || mark.exists());
        let ended = end(child, "TERM");
        assert_eq!(ended.status.signal(), Some(15));
        drop(reader);
    }

    #[test]
    fn a_script_stops_if_a_signal_ends_it() {
        for shell in ["sh", "bash"] {
            let scene = Scene::default();
            let script = "set -e; eval \"$(\"$@\")\"; echo it goes on";
            let kill = "exec 2>/dev/null; kill -TERM $PPID; sleep 20";
            let export = scene
                .home
                .command(["export", "-p", "dev", "--code-command", kill]);
            let ended = finish(wrap(shell, &["-c", script, "sh"], &export));
            let text = output_text(&ended);
            assert_ne!(ended.status.code(), Some(0), "{shell}: {text}");
            // Some shells report that it was killed.
            assert!(!text.contains("it goes on"), "{shell}: {text}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_signal_that_the_caller_ignores_changes_nothing() {
        let scene = Scene::default();
        let command = format!("kill -HUP $PPID; echo {}", scene.aws.code(USER));
        let export = scene
            .home
            .command(["export", "-p", "dev", "--code-command", &command]);
        let script = "trap '' HUP; exec \"$@\"";
        let ended = finish(wrap("sh", &["-c", script, "sh"], &export));
        assert_eq!(ended.status.code(), Some(0), "{:?}", ended.status);
        let printed = String::from_utf8_lossy(&ended.stdout);
        let session = scene.aws.sessions().pop().expect("one was issued");
        assert!(printed.contains(&format!(
            "export AWS_ACCESS_KEY_ID={}",
            session.access_key_id
        )));
        assert!(!printed.contains("false"));
    }
}
