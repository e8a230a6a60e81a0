//! Checks where a code may come from, which source takes precedence, and what does not count as a code.

use chrono::TimeDelta;
use indoc::{formatdoc, indoc};

use crate::scene::{CONFIG, CREDENTIALS, READY, Scene, alice};
use crate::support::aws::{Aws, USER};
use crate::support::home::Home;
use crate::support::run::{Ran, Run};

const NO_DIGITS: &str = "a code is six digits";

fn login<'a>(home: &'a Home) -> Run<'a> {
    Run::new(home).args(["login", "--profile", "dev"])
}

/// Checks that AWS got this code, in the only request.
fn assert_sent(aws: &Aws, code: &str) {
    assert_eq!(aws.actions(), ["GetSessionToken"]);
    assert_eq!(aws.requests()[0].call.param("TokenCode"), Some(code));
}

/// Checks that AWS was not asked, and that both files are unchanged.
fn assert_untouched(aws: &Aws, home: &Home) {
    assert_eq!(aws.connections(), 0);
    assert_eq!(home.read_credentials(), CREDENTIALS);
    assert_eq!(home.read_config(), CONFIG);
}

fn stdin_failed(why: &str) -> String {
    formatdoc! {"
        error: no code on standard input: {why}
        hint: pipe one line with the six digits into awsmfa, or leave out --code-stdin to be asked
    "}
}

#[test]
fn the_code_flag_also_has_the_aws_clis_name() {
    for flag in ["--code", "--token-code"] {
        let Scene { aws, home, .. } = Scene::default();
        let code = aws.code(USER);
        login(&home).args([flag, &code]).stderr(READY).run();
        assert_sent(&aws, &code);
    }
}

#[test]
fn the_code_comes_from_the_first_line_of_standard_input() {
    for (before, after) in [
        ("", ""),
        ("", "\n"),
        (" ", "\r\n"),
        ("", "\n999999\nmore\n"),
    ] {
        let Scene { aws, home, .. } = Scene::default();
        let code = aws.code(USER);
        login(&home)
            .args(["--code-stdin"])
            .stdin(format!("{before}{code}{after}"))
            .stderr(READY)
            .run();
        assert_sent(&aws, &code);
    }
}

/// In these templates, `######` is the code.
const COPIED: [&str; 6] = [
    "\u{feff}###-###",
    "### - ###",
    "###\u{200b}\u{2011}###\u{200e}",
    "\u{2066}######\u{2069}",
    "\u{1b}[200~######\u{1b}[201~",
    "\u{1b}[200~### ###\u{a0}\u{1b}[201~",
];

/// `template` with a code in it.
fn filled(template: &str, code: &str) -> String {
    let mut digits = code.chars();
    let digit = |c| match c {
        '#' => digits.next().expect("a code has six digits"),
        c => c,
    };
    template.chars().map(digit).collect()
}

#[test]
fn characters_copied_along_with_a_code_are_dropped() {
    let Scene { aws, home, .. } = Scene::default();
    for (number, template) in COPIED.into_iter().enumerate() {
        aws.shift_clock(TimeDelta::seconds(30));
        let code = aws.code(USER);
        let text = filled(template, &code);
        let run = login(&home).args(["--force"]);
        let run = match number % 3 {
            0 => run.args(["--code", &text]),
            1 => run.env("AWSMFA_CODE", &text),
            _ => run.args(["--code-stdin"]).stdin(format!("{text}\r\n")),
        };
        run.check_stderr(|text| assert!(text.contains("dev-mfa is ready until "), "{text}"))
            .run();
        let requests = aws.requests();
        let last = requests.last().expect("a request");
        assert_eq!(last.call.param("TokenCode"), Some(code.as_str()));
    }
}

#[test]
fn a_code_in_utf_16_is_read_from_standard_input() {
    for (begin, end, bytes) in [
        ("", "\r\n", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("\u{feff}", "\r\nmore\r\n", u16::to_le_bytes),
        ("\u{feff}", "", u16::to_be_bytes),
        ("\u{feff}", "\r\nmore\r\n", u16::to_be_bytes),
        ("", "\n", u16::to_be_bytes),
    ] {
        let Scene { aws, home, .. } = Scene::default();
        let code = aws.code(USER);
        let text = format!("{begin}{code}{end}");
        let piped: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        login(&home)
            .args(["--code-stdin"])
            .stdin(piped)
            .stderr(READY)
            .run();
        assert_sent(&aws, &code);
    }
}

#[test]
fn the_code_comes_from_the_environment() {
    let Scene { aws, home, .. } = Scene::default();
    let code = aws.code(USER);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    login(&home).env("AWSMFA_CODE", spaced).stderr(READY).run();
    assert_sent(&aws, &code);
}

#[test]
fn a_code_is_sent_with_its_leading_zeros() {
    let Scene { aws, home, .. } = Scene::with(alice().start());
    aws.freeze_clock();
    // One code in ten begins with 0, so one usually comes within ten steps. The client corrects a clock
    // that is further off, and the test looks at what was sent.
    let zero = (0..200)
        .find(|steps| aws.code_at(USER, *steps).starts_with('0'))
        .expect("one of 200 codes begins with 0");
    aws.shift_clock(TimeDelta::seconds(30 * zero));
    let code = aws.code(USER);
    assert!(code.starts_with('0'));
    login(&home)
        .args(["--code", &code])
        .check_stderr(|text| assert!(text.starts_with("dev-mfa is ready until "), "{text}"))
        .run();
    let requests = aws.requests();
    let last = requests.last().expect("a request");
    assert_eq!(last.call.param("TokenCode"), Some(code.as_str()));
    assert_eq!(aws.sessions().len(), 1);
}

#[test]
fn an_invalid_code_is_refused_and_not_repeated() {
    let Scene { aws, home, .. } = Scene::default();
    for text in [
        "12345",
        "8675309",
        "86753o",
        "-86753",
        "",
        "hunter2",
        "８６７５３０",
        "-867530",
        "867--530",
        "867.530",
        "\u{1b}[200~86753\u{1b}[201~",
        "\u{1b}[200867530",
        "\u{1b}[C867530",
    ] {
        let quiet = move |text: &'static str| {
            move |err: &str| assert!(text.is_empty() || !err.contains(text), "{err}")
        };
        let refused = format!("error: --code does not hold a code: {NO_DIGITS}\n");
        let ran = login(&home)
            .args([format!("--code={text}")])
            .status(2)
            .stderr(&refused)
            .run();
        quiet(text)(&ran.stderr);
        if !text.is_empty() {
            let ran = login(&home)
                .env("AWSMFA_CODE", text)
                .status(2)
                .stderr(refused.replace("--code", "AWSMFA_CODE"))
                .run();
            quiet(text)(&ran.stderr);
            let ran = login(&home)
                .args(["--code-stdin"])
                .stdin(text)
                .status(7)
                .stderr(stdin_failed(NO_DIGITS))
                .run();
            quiet(text)(&ran.stderr);
        }
    }
    assert_untouched(&aws, &home);
}

#[test]
fn an_empty_standard_input_gives_no_code() {
    let Scene { aws, home, .. } = Scene::default();
    for text in ["", "\n", "\n123456\n", " \t\r\n"] {
        login(&home)
            .args(["--code-stdin"])
            .stdin(text)
            .status(7)
            .stderr(stdin_failed("it is empty"))
            .run();
    }
    assert_untouched(&aws, &home);
}

#[test]
fn a_code_without_its_flag_is_not_repeated() {
    let home = Home::new();
    for args in [
        &["login", "867530"][..],
        &["login", "--code", "867", "530"],
        &["867530"],
        &["login", "--code", "867530", "--code", "867530"],
        &["login", "--code-stdin=867530"],
        &["login", "--code-stdin", "867530"],
        &["login", "867-530"],
        &["login", "867.530"],
        &["login", "867\u{2011}530"],
        &["login", "\u{feff}867\u{200b}530"],
        &["login", "\u{1b}[200~867530\u{1b}[201~"],
        &["login", "8 67 530"],
        &["login", "code=867530"],
        &["login", "code:867530x"],
        &["login", "--867530"],
        &["login", "-867530"],
        &["login", "--code867530"],
        &["login", "--mfa-code=867530"],
        &["login", "--mfa-serial", "867530"],
        &["login", "--mfa-serial", "867-530"],
        &["login", "--duration", "867-530"],
        &["login", "--session-profile", "[867530]"],
        &["login", "--quiet=867530"],
        &["--867530", "login"],
        &["export", "--format", "867530"],
        &["status", "--check", "867530"],
        &["completions", "867530"],
        &["man", "867530"],
    ] {
        let Ran { stderr, .. } = Run::new(&home)
            .args(args)
            .status(2)
            // The text that makes an evaluating shell fail.
            .check_stdout(|text| assert!(["", "false\n"].contains(&text), "{text}"))
            .check_stderr(|text| assert!(text.starts_with("error: "), "{text}"))
            .run();
        assert!(!stderr.contains("530"), "{args:?}\n{stderr}");
    }
    // Showing a number that can't be a code helps to find the mistake.
    for (args, shown) in [
        (&["login", "--duration", "12x"][..], "12x"),
        (
            &["login", "--mfa-serial", "arn:aws:iam::123456789012"],
            "123456789012",
        ),
    ] {
        let Ran { stderr, .. } = Run::new(&home)
            .args(args)
            .status(2)
            .check_stderr(|_| {})
            .run();
        assert!(stderr.contains(shown), "{args:?}\n{stderr}");
    }
    let Ran { stderr, .. } = Run::new(&home)
        .args(["login", "--no-such-flag"])
        .status(2)
        .check_stderr(|_| {})
        .run();
    assert!(stderr.contains("'--no-such-flag'"), "{stderr}");
}

/// A terminal would obey them: a carriage return overwrites the beginning of the message.
#[test]
fn control_characters_are_shown_as_escapes() {
    let home = Home::new();
    for args in [
        &["login", "--mfa-serial", "arn\rx"][..],
        &["login", "--mfa-serial", "\u{c}arn\u{7}x"],
        &["login", "--duration", "12\u{8}x"],
        &["login", "--profile", "a\u{202e}\rb]"],
        &["export", "--format", "e\rnv"],
        &["login", "--no-such\rflag"],
        &["login", "stray\rword"],
        &["log\rin"],
    ] {
        let Ran { stderr, .. } = Run::new(&home)
            .args(args)
            .status(2)
            .check_stdout(|text| assert!(["", "false\n"].contains(&text), "{text}"))
            .check_stderr(|text| assert!(text.starts_with("error: "), "{text}"))
            .run();
        let obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!stderr.contains(obeyed), "{args:?}\n{stderr:?}");
    }
}

#[test]
fn two_code_flags_are_a_usage_error() {
    let Scene { aws, home, .. } = Scene::default();
    let flags: [&[&str]; 3] = [
        &["--code", "867530"],
        &["--code-stdin"],
        &["--code-command", "echo 867530"],
    ];
    for (one, other) in [(0, 1), (1, 0), (0, 2), (1, 2), (2, 1)] {
        let Ran { stderr, .. } = login(&home)
            .args(flags[one])
            .args(flags[other])
            .stdin("867530\n")
            .status(2)
            .check_stderr(|_| {})
            .run();
        assert!(stderr.contains("cannot be used with"), "{stderr}");
        assert!(!stderr.contains("867530"), "{stderr}");
    }
    assert_untouched(&aws, &home);
}

#[test]
fn verbose_output_contains_no_code_and_no_key() {
    // `Run` searches for every secret and for the code; this gives it output to search.
    let Scene { aws, home, .. } = Scene::default();
    let code = aws.code(USER);
    let Ran { stderr, .. } = login(&home)
        .args(["-v", "--code", &code])
        .check_stderr(|_| {})
        .run();
    assert!(
        stderr
            .contains("asking AWS for a session of 12h with arn:aws:iam::123456789012:mfa/alice\n"),
        "{stderr}"
    );

    let wrong = aws.code_at(USER, 40);
    let Ran { stderr, .. } = login(&home)
        .args(["-v", "--force", "--code", &wrong])
        .status(4)
        .check_stderr(|_| {})
        .run();
    assert!(
        stderr.contains("AWS refused the code of device alice"),
        "{stderr}"
    );
}

#[test]
fn a_given_code_that_is_rejected_is_not_asked_for_again() {
    let Scene { aws, home, .. } = Scene::default();
    let wrong = aws.code_at(USER, 40);
    login(&home)
        .args(["--code", &wrong])
        .status(4)
        .stderr(
            indoc! {"
                error: AWS refused the code of device alice for profile dev: it is wrong, too old or already used
                hint: next code in {*} s; if every code is refused, its clock is off: `awsmfa device resync --profile dev`
            "},
        )
        .run();
    assert_sent(&aws, &wrong);
    assert_eq!(home.read_credentials(), CREDENTIALS);
}

/// Sources that need a Unix shell.
#[cfg(unix)]
mod shell {
    use std::fs;

    use super::*;
    use crate::support::aws::{KEY_ID, SECRET_KEY};
    use crate::support::terminal::Terminal;

    const CANCELLED: &str = "error: cancelled\n";

    fn command_failed(named_by: &str, why: &str) -> String {
        formatdoc! {"
            error: {named_by} gave no code: {why}
            hint: run the command yourself; the first line it prints must be the six-digit code
        "}
    }

    #[test]
    fn the_rest_of_standard_input_is_left_for_the_next_program() {
        let Scene { aws, home, .. } = Scene::default();
        let home = home.program("/bin/sh");
        let code = aws.code(USER);
        Run::new(&home)
            .args(["-c", r#""$@" && cat"#, "sh", env!("CARGO_BIN_EXE_awsmfa")])
            .args(["login", "-p", "dev", "--code-stdin"])
            .stdin(format!("{code}\nfirst of the rest\nlast\n"))
            .stdout("first of the rest\nlast\n")
            .stderr(READY)
            .run();
        assert_sent(&aws, &code);
    }

    /// Both bytes of the line feed belong to the line.
    #[test]
    fn the_rest_of_standard_input_in_utf_16_is_left_intact() {
        let Scene { aws, home, .. } = Scene::default();
        let home = home.program("/bin/sh");
        let code = aws.code(USER);
        let piped: Vec<u8> = format!("\u{feff}{code}\r\nrest")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        Run::new(&home)
            .args(["-c", r#""$@" && cat"#, "sh", env!("CARGO_BIN_EXE_awsmfa")])
            .args(["login", "-p", "dev", "--code-stdin"])
            .stdin(piped)
            .stdout("r\0e\0s\0t\0")
            .stderr(READY)
            .run();
        assert_sent(&aws, &code);
    }

    #[test]
    fn the_code_is_the_first_line_that_a_command_prints() {
        for print in [
            "echo CODE",
            "printf ' CODE \\r\\n'",
            "printf CODE",
            "echo CODE; seq 100000",
            "printf '\\357\\273\\277CODE\\r\\n'",
            "printf 'WIDE\\r\\000\\n\\000more'",
        ] {
            let Scene { aws, home, .. } = Scene::default();
            let code = aws.code(USER);
            // UTF-16.
            let wide: String = code.chars().map(|c| format!("{c}\\000")).collect();
            let print = print.replace("CODE", &code).replace("WIDE", &wide);
            login(&home)
                .args(["--code-command", &print])
                .stderr(READY)
                .run();
            assert_sent(&aws, &code);
        }
    }

    #[test]
    fn a_profile_can_name_the_command() {
        let config = format!("{CONFIG}mfa_process = cat code | tr a-z A-Z\n");
        let Scene { aws, home, .. } = Scene::default().config(config);
        let code = aws.code(USER);
        fs::write(home.path().join("code"), &code).expect("the home is writable");
        login(&home).stderr(READY).run();
        assert_sent(&aws, &code);
    }

    #[test]
    fn the_flag_overrides_the_variable_and_the_variable_the_profile() {
        let mark = "touch ran; echo 111111";
        let config = format!("{CONFIG}mfa_process = {mark}\n");
        for source in ["--code", "--code-stdin", "--code-command", "AWSMFA_CODE"] {
            let Scene { aws, home, .. } = Scene::default().config(&config);
            let code = aws.code(USER);
            let run = login(&home);
            let run = match source {
                "--code" => run.args([source, &code]).env("AWSMFA_CODE", "no code"),
                "--code-stdin" => run
                    .args([source])
                    .stdin(code.clone())
                    .env("AWSMFA_CODE", "no code"),
                "--code-command" => run
                    .args([source, &format!("echo {code}")])
                    .env("AWSMFA_CODE", "no code"),
                _ => run.env(source, &code),
            };
            run.stderr(READY).run();
            assert_sent(&aws, &code);
            assert!(!home.path().join("ran").exists(), "{source}");
        }
    }

    #[test]
    fn a_command_that_gives_no_code_says_why_and_never_what_it_printed() {
        let Scene { aws, home, .. } = Scene::default();
        let no_digits = format!("the first line it printed is not a code: {NO_DIGITS}");
        let empty = "the first line it printed is empty".to_owned();
        let ended = |status: u8| format!("it failed (exit {status})");
        for (line, why) in [
            ("true", "it printed nothing".to_owned()),
            ("echo; echo 867530", empty),
            ("echo the code is 867530", no_digits.clone()),
            ("echo 867530867530", no_digits.clone()),
            ("seq -s 7 100000", no_digits.clone()),
            ("printf '867530%300s\\n' 1", no_digits.clone()),
            ("printf '\\377\\376867530'", no_digits),
            ("echo 867530; exit 3", ended(3)),
            ("false", ended(1)),
            (
                "kill -9 $$",
                "it was ended by signal 9 (SIGKILL)".to_owned(),
            ),
        ] {
            let Ran { stderr, .. } = login(&home)
                .args(["--code-command", line])
                .status(7)
                .stderr(command_failed("--code-command", &why))
                .run();
            assert!(!stderr.contains("867530"), "{stderr}");
        }
        assert_untouched(&aws, &home);
    }

    #[test]
    fn a_commands_standard_error_is_shown() {
        let Scene { aws, home, .. } = Scene::default();
        login(&home)
            .args(["--code-command", "echo touch your key >&2; exit 1"])
            .status(7)
            .stderr(format!(
                "touch your key\n{}",
                command_failed("--code-command", "it failed (exit 1)")
            ))
            .run();
        login(&home)
            .args(["--code-command", "no-such-program-here"])
            .status(7)
            .check_stderr(|text| {
                assert!(text.contains("no-such-program-here: "), "{text}");
                let why = command_failed("--code-command", "it failed (exit 127)");
                assert!(text.ends_with(&why), "{text}");
            })
            .run();
        assert_untouched(&aws, &home);
    }

    /// Writes down what the command is told, and ends without a code.
    const TOLD: &str = "printf '%s\\n' \"$AWSMFA_CODE_FOR\" \"$AWSMFA_CODE_PROFILE\" \"$AWSMFA_CODE_DEVICE\" >told; exit 130";

    fn told(home: &Home) -> String {
        fs::read_to_string(home.path().join("told")).expect("the command wrote it")
    }

    #[test]
    fn a_command_is_told_which_code_is_wanted() {
        const HARDWARE: &str = "GAHT12345678";
        let alices = "arn:aws:iam::123456789012:mfa/alice";
        let config = CONFIG.replace("dev", "team_a/b%c@d");
        let credentials = CREDENTIALS.replace("dev", "team_a/b%c@d");
        for (config, credentials, args, expected) in [
            (
                CONFIG,
                CREDENTIALS,
                &["-p", "dev"][..],
                format!("dev (device alice, account 123456789012)\ndev\n{alices}\n"),
            ),
            (
                CONFIG,
                CREDENTIALS,
                &["-p", "dev", "--mfa-serial", HARDWARE],
                format!("dev (device {HARDWARE})\ndev\n{HARDWARE}\n"),
            ),
            (
                config.as_str(),
                credentials.as_str(),
                &["-p", "team_a/b%c@d"],
                format!(
                    "team_a/b%c@d (device alice, account 123456789012)\nteam_a/b%c@d\n{alices}\n"
                ),
            ),
        ] {
            let scene = Scene::with_files(config, credentials);
            let run = Run::new(&scene.home).args(["login", "--code-command", TOLD]);
            run.args(args).status(130).stderr(CANCELLED).run();
            assert_eq!(told(&scene.home), expected);
            assert_eq!(scene.aws.connections(), 0);
        }
    }

    #[test]
    fn with_keys_in_the_environment_a_command_is_told_of_no_profile() {
        let scene = Scene::with_files("", "");
        let run = Run::new(&scene.home).args(["login", "--code-command", TOLD, "-q"]);
        // An awsmfa further out may have set it.
        let run = run.env("AWSMFA_CODE_PROFILE", "other");
        let run = run.env("AWS_ACCESS_KEY_ID", KEY_ID);
        let run = run.env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        let run = run.env("AWSMFA_SERIAL", "GAHT12345678");
        run.status(130).stderr(CANCELLED).run();
        let of = "the access key in the environment (device GAHT12345678)";
        assert_eq!(told(&scene.home), format!("{of}\n\nGAHT12345678\n"));
    }

    #[test]
    fn a_command_can_say_that_the_user_cancelled_it() {
        let config = format!("{CONFIG}mfa_process = exit 130\n");
        let command = &["--code-command", "echo 867530; exit 130"][..];
        let interrupted = &["--code-command", "kill -INT $$"];
        for (config, args) in [
            (CONFIG, command),
            (CONFIG, interrupted),
            (config.as_str(), &["--no-input"]),
        ] {
            for words in [
                &["login"][..],
                &["export", "--format", "json"],
                &["credential-process"],
                &["exec"],
            ] {
                let Scene { aws, home, .. } = Scene::default().config(config);
                let run = Run::new(&home).args(words).args(["-p", "dev"]).args(args);
                let run = match words {
                    ["exec"] => run.args(["--", "touch", "ran"]),
                    _ => run,
                };
                run.status(130).stderr(CANCELLED).run();
                assert_eq!(aws.connections(), 0);
                assert_eq!(home.read_credentials(), CREDENTIALS);
                assert!(!home.path().join("ran").exists());
            }
        }
    }

    #[test]
    fn a_command_can_ask_at_the_terminal() {
        let Scene { aws, home, .. } = Scene::default();
        let ask = "printf 'vault password: ' >&2; read -r word; echo \"$word\"";
        let mut terminal = Terminal::new(&home)
            .args(["login", "-p", "dev", "--code-command", ask])
            .start();
        terminal.sees("vault password: ");
        let code = aws.code(USER);
        terminal.types(&code);
        terminal.ends(0, &format!("vault password: {code}\n{READY}"));
        assert_sent(&aws, &code);
    }

    #[test]
    fn ctrl_c_ends_a_waiting_command() {
        let Scene { aws, home, .. } = Scene::default();
        let mut terminal = Terminal::new(&home)
            .args([
                "login",
                "-p",
                "dev",
                "--code-command",
                "echo waiting >&2; exec sleep 20",
            ])
            .start();
        terminal.sees("waiting");
        terminal.presses("\x03");
        terminal.ends(130, "waiting\n^C\nerror: cancelled\n");
        assert_untouched(&aws, &home);
    }

    #[test]
    fn a_kept_session_needs_no_code_from_anywhere() {
        let Scene { aws, home, .. } = Scene::default();
        login(&home)
            .args(["--code", &aws.code(USER)])
            .stderr(READY)
            .run();
        let (credentials, config) = (home.read_credentials(), home.read_config());
        const KEPT: &str = indoc! {"
            dev-mfa is still valid until {*} (12h left); --force renews it
            use it with: export AWS_PROFILE=dev-mfa
        "};
        login(&home)
            .args(["--code-command", "touch ran; echo 111111"])
            .stderr(KEPT)
            .run();
        assert!(!home.path().join("ran").exists());
        login(&home)
            .env("AWSMFA_CODE", "no code")
            .stderr(KEPT)
            .run();
        // A flag that can't be right is refused whether or not it is needed.
        login(&home)
            .args(["--code", "no code"])
            .status(2)
            .stderr("error: --code does not hold a code: a code is six digits\n")
            .run();
        Terminal::new(&home)
            .args(["login", "-p", "dev"])
            .start()
            .ends(0, KEPT);
        let shell = home.program("/bin/sh");
        Run::new(&shell)
            .args(["-c", r#""$@" && cat"#, "sh", env!("CARGO_BIN_EXE_awsmfa")])
            .args(["login", "-p", "dev", "--code-stdin"])
            .stdin("nobody took this\n")
            .stdout("nobody took this\n")
            .stderr(KEPT)
            .run();
        assert_eq!(aws.actions(), ["GetSessionToken"]);
        assert_eq!(shell.read_credentials(), credentials);
        assert_eq!(shell.read_config(), config);
    }
}
