//! Tests `exec`: what the program gets, and that nothing of awsmfa is left once it runs.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use indoc::formatdoc;

use crate::export::{BESIDE, CLEARED};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use crate::scene::is_installed;
#[cfg(target_os = "linux")]
use crate::scene::wrap;
use crate::scene::{
    CREDENTIALS, PROMPT, SESSION, Scene, finish, output_text, snapshot, spawn, wait, wait_until,
};
use crate::support::aws::{KEY_ID, USER};
use crate::support::home::Home;
use crate::support::run::Run;

/// The variables of the session, as the command must have them.
const SET: [&str; 7] = [
    "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY=session/secret+key",
    "AWS_SESSION_TOKEN=session/token+with/all==",
    "AWS_CREDENTIAL_EXPIRATION=2099-01-02T03:04:05Z",
    "AWS_ACCOUNT_ID=123456789012",
    "AWS_REGION=eu-central-1",
    "AWS_DEFAULT_REGION=eu-central-1",
];

/// The variables that must not reach the command, because they would win over the session or
/// belong to another one: what `export` clears, and what the session sets.
fn removed_variables() -> impl Iterator<Item = &'static str> {
    let set = SET
        .iter()
        .map(|line| line.split('=').next().unwrap_or(line));
    CLEARED.into_iter().chain(set)
}

/// `exec` of profile dev.
fn exec(home: &Home, command: &[&str]) -> Command {
    let args = ["exec", "--profile", "dev", "--"];
    home.command(args.iter().chain(command))
}

/// What the command printed; it must succeed, and print no error.
fn prints(command: Command) -> String {
    let output = finish(command);
    assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
    assert_eq!(output.stderr, b"", "{}", output_text(&output));
    String::from_utf8(output.stdout).expect("the test prints UTF-8")
}

/// An `exec` that is going to fail.
fn fails<'a>(scene: &'a Scene, args: &[&str]) -> Run<'a> {
    scene.run(&["exec", "-p", "dev"]).args(args)
}

#[test]
fn the_command_has_the_session_and_every_variable_that_is_not_about_credentials() {
    let scene = Scene::signed_in();
    let before = snapshot(&scene.home);
    let mut command = exec(&scene.home, &["env", "-0"]);
    for name in removed_variables().filter(|name| !name.ends_with("REGION")) {
        command.env(name, "stale");
    }
    let odd = OsStr::from_bytes(b"\xff two  words\nand a line");
    command.envs([("UNRELATED", odd), ("AWS_PROFILE", OsStr::new("dev"))]);
    command.env("AWS_SDK_LOAD_CONFIG", "1").env("EMPTY", "");
    command.env("AWS_STS_REGIONAL_ENDPOINTS", "regional");
    let mut expected: BTreeSet<Vec<u8>> = command
        .get_envs()
        .filter(|(name, _)| removed_variables().all(|removed| *name != removed))
        .filter_map(|(name, value)| Some([name.as_bytes(), b"=", value?.as_bytes()].concat()))
        .collect();
    expected.extend(SET.map(|it| it.as_bytes().to_vec()));
    expected.extend(BESIDE.map(|(name, value)| format!("{name}={value}").into_bytes()));

    let output = finish(command);
    assert_eq!(output.status.code(), Some(0), "{}", output_text(&output));
    assert_eq!(output.stderr, b"", "{}", output_text(&output));
    let mut env: Vec<_> = output.stdout.split(|it| *it == 0).collect();
    assert_eq!(env.pop(), Some(&b""[..]));
    assert_eq!(env.len(), expected.len(), "a variable is there twice");
    let env: BTreeSet<Vec<u8>> = env.into_iter().map(<[u8]>::to_vec).collect();
    assert_eq!(env, expected);
    assert_eq!(scene.aws.connections(), 0, "connections");
    assert_eq!(snapshot(&scene.home), before, "files changed");
}

#[test]
fn a_region_of_the_environment_is_the_commands_too() {
    let scene = Scene::signed_in();
    let mut command = exec(
        &scene.home,
        &["sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION"],
    );
    command.env("AWS_DEFAULT_REGION", "eu-west-3");
    assert_eq!(prints(command), "eu-west-3 eu-west-3\n");

    let scene = Scene::with_files("", CREDENTIALS.to_owned() + SESSION);
    let command = exec(
        &scene.home,
        &[
            "sh",
            "-c",
            "echo ${AWS_REGION-none} ${AWS_DEFAULT_REGION-none}",
        ],
    );
    assert_eq!(prints(command), "none none\n");
}

#[test]
fn the_process_is_the_command() {
    let scene = Scene::signed_in();
    let mut command = exec(&scene.home, &["sh", "-c", "echo $$"]);
    let child = spawn(&mut command);
    let pid = child.id();
    let output = wait(child);
    assert_eq!(output_text(&output), format!("{pid}\n"));
}

#[test]
fn the_exit_code_and_the_signal_are_the_commands() {
    let scene = Scene::signed_in();
    for code in [0, 1, 7, 255] {
        let script = format!("exit {code}");
        let output = finish(exec(&scene.home, &["sh", "-c", &script]));
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(output_text(&output), "");
    }
    for signal in [2, 9, 13, 15] {
        let script = format!("kill -{signal} $$");
        let output = finish(exec(&scene.home, &["sh", "-c", &script]));
        assert_eq!(output.status.signal(), Some(signal));
        assert_eq!(output_text(&output), "");
    }
}

#[test]
fn the_streams_are_the_commands() {
    let scene = Scene::signed_in();
    let typed = scene.home.path().join("typed");
    fs::write(&typed, "one\ntwo\n").expect("the home is writable");
    let script = "read line; echo first $line; cat; echo to the other >&2";
    let mut command = exec(&scene.home, &["sh", "-c", script]);
    command.stdin(fs::File::open(&typed).expect("it is there"));
    let output = finish(command);
    assert_eq!(output.stdout, b"first one\ntwo\n");
    assert_eq!(output.stderr, b"to the other\n");
}

#[test]
fn the_arguments_arrive_as_they_are() {
    let scene = Scene::signed_in();
    let args = [
        "",
        " ",
        "two  words",
        "it's \"quoted\"",
        "$HOME `id` \\ *",
        "--profile",
        "-p",
        "other",
        "--",
        "--help",
        "--version",
        "a\nb",
        "é",
    ];
    let command: Vec<&str> = ["printf", "<%s>"].into_iter().chain(args).collect();
    let expected: String = args.iter().map(|arg| format!("<{arg}>")).collect();
    assert_eq!(prints(exec(&scene.home, &command)), expected);

    let mut command = exec(&scene.home, &["printf", "<%s>"]);
    command.arg(OsString::from_vec(b"\xff\xfe".to_vec()));
    assert_eq!(finish(command).stdout, b"<\xff\xfe>");
}

#[test]
fn a_command_that_is_not_there_or_cannot_be_run_ends_as_in_a_shell() {
    let scene = Scene::signed_in();
    let plain = scene.home.path().join("plain");
    fs::write(&plain, "no program\n").expect("the home is writable");
    let (plain, folder) = (plain.to_string_lossy(), scene.home.path().to_string_lossy());
    for missing in ["awsmfa-no-such-command", "./awsmfa-no-such-command", ""] {
        let run = fails(&scene, &["--", missing, "--flag"]);
        let stderr = formatdoc! {"
            error: can't run {missing}: it was not found, or something it needs to run was not
            hint: is its folder in PATH? shell aliases and functions can't be run
        "};
        scene.fails(run, 127, &stderr, &[]);
    }
    for locked in [&plain, &folder] {
        let run = fails(&scene, &["--", locked]);
        let stderr = format!("error: can't run {locked}: permission denied\n");
        scene.fails(run, 126, &stderr, &[]);
    }
}

#[test]
fn without_the_two_dashes_or_a_command_nothing_is_run() {
    let scene = Scene::signed_in();
    for args in [
        &["touch", "mark"][..],
        &[],
        &["--"],
        &["--typo", "--", "touch", "mark"],
    ] {
        let run = fails(&scene, args).check_stderr(|text| {
            assert!(text.starts_with("error: "), "{text}");
            assert!(text.contains("-- <COMMAND>..."), "{text}");
        });
        let before = snapshot(&scene.home);
        run.status(2).run();
        assert_eq!(snapshot(&scene.home), before, "it was run");
    }
}

#[test]
fn when_the_sign_in_fails_nothing_is_run() {
    let mark = ["--", "touch", "mark"];
    let attempt = |scene: &Scene, args: &[&str], status: i32| {
        let run = fails(scene, &[args, &mark[..]].concat());
        run.env("AWS_MAX_ATTEMPTS", "1")
            .status(status)
            .check_stderr(|text| assert!(text.starts_with("error: "), "{text}"))
            .run();
        assert!(!scene.home.path().join("mark").exists(), "it was run");
    };
    let scene = Scene::default();
    attempt(&scene, &["--no-input"], 7);
    attempt(&scene, &["--profile", "none"], 2);
    attempt(&scene, &["--code", &scene.aws.code_at(USER, 40)], 4);
    let code = scene.aws.code(USER);
    scene.aws.deactivate_key(KEY_ID);
    attempt(&scene, &["--code", &code], 5);
    let mut scene = Scene::default();
    scene.home = scene.home.endpoint("http://127.0.0.1:1");
    attempt(&scene, &["--code", "314159"], 6);
}

#[test]
fn without_a_good_session_it_signs_in_and_stores_it() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let args = [
        "exec",
        "-p",
        "dev",
        "--code",
        &code,
        "--",
        "sh",
        "-c",
        "echo $AWS_ACCESS_KEY_ID",
    ];
    let run = scene.run(&args).check_stdout(|_| {});
    let ran = scene.works(run, "", &["GetSessionToken"]);
    let session = scene.aws.sessions().pop().expect("one was issued");
    assert_eq!(ran.stdout, format!("{}\n", session.access_key_id));
    assert!(scene.home.read_credentials().contains(&session.token));
}

/// What the kernel says of the signals of a process: which are blocked, ignored and caught.
#[cfg(target_os = "linux")]
const SIGNALS: &str = "while read name value; do case $name in \
                       SigBlk:|SigIgn:|SigCgt:) echo $name $value;; esac; done < /proc/self/status";

/// Runs `$look` without awsmfa, then `"$@"`, which is awsmfa with a command that runs it too: what
/// both see does not come from awsmfa.
#[cfg(target_os = "linux")]
const TWICE: &str = "sh -c \"$look\" > direct; exec \"$@\"";

/// Shows that both looks saw the same, and returns it.
#[cfg(target_os = "linux")]
fn compare_looks(home: &Home) -> String {
    let read = |name| fs::read_to_string(home.path().join(name)).expect("it was written");
    assert_eq!(read("through"), read("direct"));
    read("through")
}

/// A runtime that asks at the terminal catches Ctrl-C, and Rust ignores a closed pipe.
#[test]
#[cfg(target_os = "linux")]
fn the_command_asks_at_the_same_terminal_and_has_no_signal_of_awsmfas() {
    let scene = Scene::default();
    let command = "sh -c \"$look\" > through; test -t 0 && test -t 1 && read it && echo read $it";
    let mut terminal = scene
        .terminal(&["exec", "-p", "dev", "--", "sh", "-c", command])
        .env("look", SIGNALS)
        .script(TWICE)
        .start();
    terminal.sees(PROMPT);
    let code = scene.aws.code(USER);
    terminal.types(&code);
    terminal.types("this");
    terminal.ends(0, &format!("{PROMPT}{code}\nthis\nread this\n"));
    assert_eq!(compare_looks(&scene.home).lines().count(), 3);
}

/// Ignores what `nohup` and a script's `&` ignore, and SIGTERM.
#[cfg(target_os = "linux")]
const IGNORED: &str = "trap '' HUP INT QUIT TERM";

/// Shows that the command ignores HUP, INT, QUIT and TERM (bits 0, 1, 2 and 14), and that its
/// signals are otherwise what they are without awsmfa.
#[cfg(target_os = "linux")]
fn assert_signals_ignored(home: &Home) {
    let signals = compare_looks(home);
    let ignored = signals.lines().find_map(|it| it.strip_prefix("SigIgn: "));
    let ignored = ignored.and_then(|it| u64::from_str_radix(it, 16).ok());
    assert_eq!(ignored.map(|it| it & 0x4007), Some(0x4007), "{signals}");
}

/// `nohup` is meant for the command, not for awsmfa.
#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_the_caller_ignores_stays_ignored_and_no_other() {
    let scene = Scene::signed_in();
    let command = exec(&scene.home, &["sh", "-c", "sh -c \"$look\" > through"]);
    let script = format!("trap '' HUP; {TWICE}");
    let mut shell = wrap("sh", &["-c", &script, "sh"], &command);
    shell.env("look", SIGNALS);
    assert_eq!(prints(shell), "");
    let ignored = compare_looks(&scene.home);
    let ignored = ignored.lines().find(|line| line.starts_with("SigIgn"));
    assert!(ignored.is_some_and(|it| it.ends_with('1')), "{ignored:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn signals_that_the_caller_ignores_stay_ignored_with_a_session_and_with_a_code() {
    let scene = Scene::signed_in();
    let command = "sh -c \"$look\" > through";
    for (flags, requests) in [
        (&["--no-input"][..], 0),
        (&["--force", "--code", "CODE"], 1),
        (&["--force", "--code-command", "echo CODE"], 2),
    ] {
        let code = scene.aws.code(USER);
        let flags = flags.iter().map(|it| it.replace("CODE", &code));
        let mut awsmfa = scene.home.command(["exec", "-p", "dev"]);
        awsmfa.args(flags).args(["--", "sh", "-c", command]);
        let script = format!("{IGNORED}; {TWICE}");
        let mut shell = wrap("sh", &["-c", &script, "sh"], &awsmfa);
        shell.env("look", SIGNALS);
        assert_eq!(prints(shell), "");
        assert_signals_ignored(&scene.home);
        assert_eq!(scene.aws.actions().len(), requests);
    }
}

/// A prompt catches Ctrl-C, but not when our caller ignores it.
#[test]
#[cfg(target_os = "linux")]
fn signals_that_the_caller_ignores_stay_ignored_after_a_prompt() {
    let scene = Scene::default();
    let mut terminal = scene
        .terminal(&["exec", "-p", "dev", "--", "sh", "-c"])
        .args(["sh -c \"$look\" > through"])
        .env("look", SIGNALS)
        .script(&format!("{IGNORED}; {TWICE}"))
        .start();
    terminal.sees(PROMPT);
    terminal.presses("\x03");
    // Ctrl-C makes the terminal drop what it has not shown yet.
    terminal.sees("^C");
    let code = scene.aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{PROMPT}^C{code}\n"));
    assert_signals_ignored(&scene.home);
}

#[test]
fn ctrl_c_at_the_prompt_runs_nothing() {
    let scene = Scene::default();
    let mut terminal = scene
        .terminal(&["exec", "-p", "dev", "--", "echo", "it runs"])
        .start();
    terminal.sees(PROMPT);
    wait_until("a request", || !scene.aws.actions().is_empty());
    terminal.presses("\x03");
    terminal.ends(130, &format!("{PROMPT}^C\nerror: cancelled\n"));
    assert!(scene.aws.sessions().is_empty());
}

/// A lock that a command inherits would be held for as long as it runs.
#[test]
#[cfg(target_os = "linux")]
fn the_command_inherits_no_open_file() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let look = ["sh", "-c", "sh -c \"$look\" > through"];
    let args = ["exec", "-p", "dev", "--code", &code, "--"];
    let command = scene.home.command(args.iter().chain(&look));
    let mut shell = wrap("sh", &["-c", TWICE, "sh"], &command);
    shell.env("look", "ls /proc/self/fd");
    assert_eq!(prints(shell), "");
    assert!(compare_looks(&scene.home).starts_with("0\n1\n"));
    assert_eq!(scene.aws.actions(), ["GetSessionToken"]);
}

/// Other programs of the user may not read the memory of awsmfa; that of the command they may, as
/// without awsmfa.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn the_command_can_be_debugged_as_usual() {
    assert!(
        is_installed("perl"),
        "perl is part of every system that the tests know"
    );
    let scene = Scene::signed_in();
    // prctl(PR_GET_DUMPABLE)
    let ask = ["perl", "-e", "print syscall(157, 3, 0, 0, 0, 0)"];
    assert_eq!(prints(exec(&scene.home, &ask)), "1");
}
