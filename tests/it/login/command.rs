//! Shows how the commands are run that a sign-in needs, for a code and for keys: what they have of
//! the terminal, what of them is waited for, what is read, and what is ended.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use indoc::formatdoc;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::scene::{CONFIG, ISSUE, READY, Scene, output_text, wait_until};
#[cfg(target_os = "linux")]
use crate::scene::{finish, wrap};
use crate::support::aws::{KEY_ID, SECRET_KEY, USER};
use crate::support::run::Run;

/// Both kinds of commands may take a minute.
const AT_ONCE: Duration = Duration::from_secs(20);

/// What a daemon runs: it notes its number and keeps what it has open.
const DAEMON: &str = "echo $$ >>pids; exec sleep 300 2>/dev/null";

/// `login` with a command for the code, in which CODE is a good one.
fn login_with_command<'a>(scene: &'a Scene, line: &str) -> Run<'a> {
    let line = line.replace("CODE", &scene.aws.code(USER));
    scene.run(&["login", "-p", "dev", "--code-command", &line])
}

/// A scene in which `line` hands out alice's keys, as the JSON for the word KEYS; and a script for
/// `sh wait.sh`, for both kinds.
fn scene_with_process(line: &str) -> Scene {
    let scene = scene();
    let keys =
        format!(r#"{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}"#);
    fs::write(scene.home.path().join("keys.json"), keys).expect("the home is writable");
    let script = format!("{}\n", line.replace("KEYS", "cat keys.json"));
    fs::write(scene.home.path().join("keys.sh"), script).expect("the home is writable");
    let config = format!("{CONFIG}credential_process = sh keys.sh\n");
    scene.config(config).credentials("")
}

fn scene() -> Scene {
    let scene = Scene::default();
    fs::write(scene.home.path().join("wait.sh"), DAEMON).expect("the home is writable");
    scene
}

fn no_code(why: &str) -> String {
    formatdoc! {"
        error: --code-command gave no code: {why}
        hint: run the command yourself; the first line it prints must be the six-digit code
    "}
}

fn no_keys(what: &str) -> String {
    formatdoc! {"
        error: the credential_process of profile dev {what}
        hint: run the command yourself to see what it says
    "}
}

/// The processes that noted their numbers.
fn noted(scene: &Scene) -> Vec<Pid> {
    let text = fs::read_to_string(scene.home.path().join("pids")).unwrap_or_default();
    text.lines()
        .map(|line| Pid::from_raw(line.parse().expect("a number")).expect("a process"))
        .collect()
}

/// Whether it runs. One that was killed is listed until the system's first process has waited for
/// it.
fn lives(id: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero()));
    test_kill_process(id).is_ok() && !stat.is_ok_and(|stat| stat.contains(") Z "))
}

/// Shows that the one process which noted its number lives, and ends it.
fn assert_lives_on(scene: &Scene, line: &str) {
    let noted = noted(scene);
    assert_eq!(noted.len(), 1, "{line}");
    assert!(lives(noted[0]), "{line}");
    kill_process(noted[0], Signal::KILL).expect("it is ours");
}

#[test]
fn a_command_for_codes_is_in_the_foreground_and_keeps_the_terminal() {
    for line in [
        "test $(ps -o pgid= -p $$) = $(ps -o tpgid= -p $$) && echo foreground >&2; read -r code; echo $code",
        // A child, a pipeline, and the terminal by its name.
        "sh -c 'test $(ps -o pgid= -p $$) = $(ps -o tpgid= -p $$) && echo foreground >&2; read -r code; echo $code'",
        "echo foreground >&2; { read -r code </dev/tty; echo $code; } | cat",
        "test -t 0 && stty size >/dev/null && echo foreground >&2; head -n 1",
    ] {
        let scene = Scene::default();
        let mut terminal = scene
            .terminal(&["login", "-p", "dev", "--code-command", line])
            .start();
        terminal.sees("foreground");
        let code = scene.aws.code(USER);
        terminal.types(&code);
        terminal.ends(0, &format!("foreground\n{code}\n{READY}"));
    }
}

#[test]
fn after_its_line_and_its_end_nothing_more_is_waited_for_and_a_daemon_lives_on() {
    for line in [
        "sh wait.sh & echo CODE",
        "(sh wait.sh &); printf CODE",
        "nohup sh wait.sh 2>/dev/null & sleep 0.1; echo CODE",
        "sh -c 'sh wait.sh & echo CODE; echo more'",
        "{ sh wait.sh | cat; } 2>/dev/null & until test -s pids; do sleep 0.01; done; exec echo CODE",
    ] {
        let scene = scene();
        let ran = login_with_command(&scene, line).stderr(READY).run();
        assert!(ran.elapsed < AT_ONCE, "{line}: {:?}", ran.elapsed);
        wait_until("it has noted its number", || !noted(&scene).is_empty());
        assert_lives_on(&scene, line);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn so_does_one_with_a_session_of_its_own_that_has_the_pipe() {
    for line in [
        "setsid sh wait.sh & echo CODE",
        "setsid -f sh wait.sh; echo CODE",
    ] {
        let scene = scene();
        let ran = login_with_command(&scene, line).stderr(READY).run();
        assert!(ran.elapsed < AT_ONCE, "{line}: {:?}", ran.elapsed);
        wait_until("it has noted its number", || !noted(&scene).is_empty());
        assert_lives_on(&scene, line);
    }
}

#[test]
fn one_that_prints_nothing_ends_at_once_whoever_has_the_pipe() {
    for line in [
        "until test -s pids; do sleep 0.01; done & sh wait.sh & wait %1",
        "(sh wait.sh &); until test -s pids; do sleep 0.01; done",
        "sh wait.sh 2>/dev/null & until test -s pids; do sleep 0.01; done; exec true",
    ] {
        let scene = scene();
        let ran = login_with_command(&scene, line)
            .status(7)
            .stderr(no_code("it printed nothing"))
            .run();
        assert!(ran.elapsed < AT_ONCE, "{line}: {:?}", ran.elapsed);
        assert_lives_on(&scene, line);
    }
    let scene = scene();
    login_with_command(&scene, "echo touch your key >&2; : | cat")
        .status(7)
        .stderr(format!("touch your key\n{}", no_code("it printed nothing")))
        .run();
    assert_eq!(scene.aws.connections(), 0);
}

#[test]
fn a_gigabyte_behind_the_code_is_dropped_and_one_without_a_line_is_no_code() {
    const GIGABYTE: &str = "head -c 1073741824 /dev/zero";
    for line in [
        format!("echo CODE; {GIGABYTE}"),
        format!("echo CODE; {GIGABYTE} | cat"),
    ] {
        let scene = scene();
        login_with_command(&scene, &line).stderr(READY).run();
    }
    let scene = scene();
    login_with_command(&scene, GIGABYTE)
        .status(7)
        .stderr(no_code(
            "the first line it printed is not a code: a code is six digits",
        ))
        .run();
}

#[test]
fn keys_are_there_when_their_command_ends_whoever_has_the_pipe() {
    for line in [
        "KEYS",
        "sh wait.sh & KEYS",
        "(sh wait.sh &)\nKEYS | cat",
        "nohup sh wait.sh & until test -s pids; do sleep 0.01; done; exec KEYS",
        // It has no input, and whatever it says is thrown away.
        "cat && KEYS",
        "head -c 100000000 /dev/zero >&2; KEYS",
        "read -r line; KEYS",
    ] {
        let scene = scene_with_process(line);
        let run = scene.login(&["-p", "dev"]).stdin("123456\n");
        let ran = scene.works(run, READY, &[ISSUE]);
        assert!(ran.elapsed < AT_ONCE, "{line}: {:?}", ran.elapsed);
        if line.contains("wait.sh") {
            wait_until("it has noted its number", || !noted(&scene).is_empty());
            assert_lives_on(&scene, line);
        }
    }
}

#[test]
fn a_command_for_keys_that_prints_too_much_or_nothing_is_named_at_once() {
    let too_much = no_keys("gave no keys: it printed more than 1 MiB");
    let none = no_keys("failed, or did not print keys");
    for (line, said) in [
        ("head -c 1073741824 /dev/zero", &too_much),
        ("KEYS; exec yes", &too_much),
        ("yes hush | cat", &too_much),
        (
            "trap '' PIPE TERM; sh wait.sh & while :; do head -c 4096 /dev/zero; done",
            &too_much,
        ),
        ("cat keys.json >&2", &none),
        (
            "(sh wait.sh &); until test -s pids; do sleep 0.01; done",
            &none,
        ),
        ("sh wait.sh & exit 0", &none),
        ("KEYS; exit 1", &none),
    ] {
        let scene = scene_with_process(line);
        let ran = scene.login(&["-p", "dev"]).status(1).stderr(said).run();
        assert!(ran.elapsed < AT_ONCE, "{line}: {:?}", ran.elapsed);
        if line.contains("wait.sh") && said == &none {
            wait_until("it has noted its number", || !noted(&scene).is_empty());
            assert_lives_on(&scene, line);
        } else {
            let noted = noted(&scene);
            wait_until("it is ended", || !noted.iter().any(|id| lives(*id)));
        }
        assert_eq!(scene.aws.connections(), 0);
    }
}

/// awsmfa has memory for its own needs alone, and says still what is wrong.
#[cfg(target_os = "linux")]
#[test]
fn what_a_command_prints_does_not_fill_the_memory() {
    let scene = scene_with_process("ulimit -v unlimited; head -c 1073741824 /dev/zero");
    let command = scene
        .home
        .command(["login", "-p", "dev", "--code", "314159"]);
    let limited = r#"ulimit -Sv 400000; exec "$@""#;
    let output = finish(wrap("/bin/sh", &["-c", limited, "sh"], &command));
    assert_eq!(
        output_text(&output),
        no_keys("gave no keys: it printed more than 1 MiB")
    );
}

#[test]
fn ctrl_c_ends_a_command_for_keys_that_waits() {
    for line in ["touch runs; exec sleep 20", "touch runs; sleep 20; KEYS"] {
        let scene = scene_with_process(line);
        let mut terminal = scene
            .terminal(&["login", "-p", "dev", "--code", "314159"])
            .start();
        wait_until("it runs", || scene.home.path().join("runs").exists());
        terminal.presses("\x03");
        terminal.ends(130, "^C\nerror: cancelled\n");
        assert_eq!(scene.aws.connections(), 0);
    }
}

/// Runs it to its end at the limit of a minute.
fn takes_a_minute(scene: &Scene, args: &[&str], status: i32, said: &str) {
    let begin = Instant::now();
    let mut command = scene.home.command([&["login", "-p", "dev"], args].concat());
    let output = command.output().expect("awsmfa was built");
    let took = begin.elapsed().as_secs();
    assert!((60..70).contains(&took), "{took} s: {args:?}");
    assert_eq!(output.status.code(), Some(status), "{args:?}");
    assert_eq!(output_text(&output), said, "{args:?}");
}

#[test]
#[ignore = "takes a minute"]
fn after_a_minute_what_a_command_started_is_ended_and_no_daemon() {
    const LATE: &str = "it took longer than 60 seconds";
    let lines = [
        "sh wait.sh",
        "exec sh wait.sh",
        "echo 314159; sh wait.sh & sh wait.sh",
        "trap '' TERM; sh wait.sh | cat",
        "(trap '' TERM HUP INT; sh wait.sh); true",
        "(sh wait.sh 2>/dev/null &); echo daemon; exec sleep 300",
    ];
    thread::scope(|scope| {
        for line in lines {
            scope.spawn(move || {
                let scene = scene();
                let args = ["--code-command", line];
                takes_a_minute(&scene, &args, 7, &no_code(LATE));
                check_ended(&scene, line);
            });
            scope.spawn(move || {
                let scene = scene_with_process(line);
                let said = no_keys(&format!("gave no keys: {LATE}"));
                takes_a_minute(&scene, &["--code", "314159"], 1, &said);
                check_ended(&scene, line);
            });
        }
    });
}

fn check_ended(scene: &Scene, line: &str) {
    if line.contains("daemon") {
        return assert_lives_on(scene, line);
    }
    let noted = noted(scene);
    assert_eq!(noted.len(), line.matches("wait.sh").count(), "{line}");
    wait_until("they are gone", || !noted.iter().any(|id| lives(*id)));
}

/// Runs `args` at a terminal and then says whether that still shows what is typed, and hands on the
/// exit code.
#[cfg(target_os = "linux")]
const WITH_ECHO: &str = "trap : INT; \"$@\"; code=$?; \
                         stty -a </dev/tty | grep -q -- '-echo ' && echo no echo || echo echo; \
                         exit $code";

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_dies_without_echo_gives_the_terminal_its_echo_back() {
    for (line, why) in [
        (
            "stty -echo </dev/tty; kill -KILL $$",
            "it was ended by signal 9 (SIGKILL)",
        ),
        ("stty -echo -icanon </dev/tty; exit 3", "it failed (exit 3)"),
        ("stty raw -echo </dev/tty; true", "it printed nothing"),
    ] {
        let scene = Scene::default();
        let terminal = scene
            .terminal(&["login", "-p", "dev", "--code-command", line])
            .script(WITH_ECHO)
            .start();
        terminal.ends(7, &(no_code(why) + "echo\n"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_for_keys_that_is_ended_without_echo_gives_the_terminal_its_echo_back() {
    for (line, what) in [
        (
            "stty -echo </dev/tty; yes",
            "gave no keys: it printed more than 1 MiB",
        ),
        (
            "stty -echo </dev/tty; kill -TERM $$",
            "failed, or did not print keys",
        ),
    ] {
        let scene = scene_with_process(line);
        let terminal = scene
            .terminal(&["whoami", "-p", "dev"])
            .script(WITH_ECHO)
            .start();
        terminal.ends(1, &(no_keys(what) + "echo\n"));
    }
}

/// The command lives on for a moment; the terminal is the person's at once.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_while_a_command_has_the_echo_off_gives_it_back() {
    let scene = Scene::default();
    let line = "trap '' INT; stty -echo </dev/tty; echo ready >/dev/tty; sleep 5 2>/dev/null";
    let mut terminal = scene
        .terminal(&["login", "-p", "dev", "--code-command", line])
        .script(WITH_ECHO)
        .start();
    terminal.sees("ready");
    terminal.presses("\x03");
    terminal.ends(130, "ready\n\nerror: cancelled\necho\n");
}

/// The same where somebody else ends the sign-in alone.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_while_a_command_has_the_echo_off_gives_it_back() {
    for signal in ["TERM", "HUP", "QUIT", "USR1", "ALRM"] {
        let scene = Scene::default();
        let line = format!("stty raw -echo </dev/tty; kill -s {signal} $PPID; sleep 5 2>/dev/null");
        let terminal = scene
            .terminal(&["login", "-p", "dev", "--code-command", &line])
            .script(WITH_ECHO)
            .start();
        terminal.ends(130, "\nerror: cancelled\necho\n");
    }
}

/// In the background the modes are those of the program that has the terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_command_in_the_background_leaves_the_modes_alone() {
    let scene = Scene::default();
    let script = "set -m; \"$@\" 2>said & sleep 0.3; stty -echo </dev/tty; wait $!; \
                  stty -a </dev/tty | grep -q -- '-echo ' && echo no echo || echo echo";
    let terminal = scene
        .terminal(&["login", "-p", "dev", "--code-command", "sleep 0.8; exit 3"])
        .script(script)
        .start();
    terminal.ends(0, "no echo\n");
}
