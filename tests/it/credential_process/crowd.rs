//! Starts many callers at once and checks that one code is asked for and all get its session; if that
//! fails, no second code is spent.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use indoc::formatdoc;

use super::contract;
use crate::scene::{ISSUE, PROMPT, Scene, wait_until};
use crate::support::aws::USER;
use crate::support::home::Home;
use crate::support::terminal::Terminal;

const CALLERS: usize = 50;

/// Callers under way, each with a file for its standard error.
struct Crowd<'a> {
    home: &'a Home,
    callers: Vec<(Child, PathBuf)>,
}

/// How a caller ended: exit code, standard output, standard error.
type Ended = (Option<i32>, String, String);

impl<'a> Crowd<'a> {
    fn new(home: &'a Home) -> Self {
        Self {
            home,
            callers: Vec::new(),
        }
    }

    fn join(&mut self, args: &[&str], code: Option<&str>) {
        let mut command = self.home.command(["credential-process", "-p", "dev"]);
        command.args(args).stdout(Stdio::piped());
        command.envs(code.map(|code| ("AWSMFA_CODE", code)));
        let path = self
            .home
            .path()
            .join(format!("said-{}", self.callers.len()));
        command.stderr(fs::File::create(&path).expect("the home is writable"));
        let child = command.spawn().expect("awsmfa was built");
        self.callers.push((child, path));
    }

    fn said(&self) -> impl Iterator<Item = String> {
        let read = |path| fs::read_to_string(path).expect("the file is there");
        self.callers.iter().map(move |(_, path)| read(path))
    }

    fn ends(self) -> Vec<Ended> {
        let end = |(child, path): (Child, PathBuf)| {
            let output = child
                .wait_with_output()
                .expect("the child can be waited for");
            let stdout = String::from_utf8(output.stdout).expect("awsmfa prints UTF-8");
            let stderr = fs::read_to_string(path).expect("the file is there");
            (output.status.code(), stdout, stderr)
        };
        self.callers.into_iter().map(end).collect()
    }
}

const WAITING: &str = "waiting for another awsmfa that is signing in to dev-mfa\n";

/// A command that records that it runs, and prints `code` once the file `go` exists.
fn gate(code: &str) -> String {
    format!("echo run >>runs; until [ -e go ]; do sleep 0.05; done; echo {code}")
}

/// Starts fifty callers with a gate before their code, and opens it when all but one are waiting.
fn fifty_at_a_gate(scene: &Scene, code: &str, others: Option<&str>) -> Vec<Ended> {
    let gate = gate(code);
    let home = &scene.home;
    let mut crowd = Crowd::new(home);
    crowd.join(&["--code-command", &gate], None);
    wait_until("the first runs its command", || {
        home.path().join("runs").exists()
    });
    for _ in 1..CALLERS {
        match others {
            None => crowd.join(&["--code-command", &gate], None),
            given => crowd.join(&[], given),
        }
    }
    wait_until("the others wait", || {
        crowd.said().filter(|said| said == WAITING).count() == CALLERS - 1
    });
    fs::write(home.path().join("go"), "").expect("the home is writable");
    let ended = crowd.ends();
    let runs = fs::read_to_string(home.path().join("runs")).expect("one ran");
    assert_eq!(runs, "run\n", "one code is asked for");
    ended
}

#[test]
fn fifty_at_once_ask_for_one_code_and_all_get_the_session() {
    let scene = Scene::default();
    let ended = fifty_at_a_gate(&scene, &scene.aws.code(USER), None);
    assert_eq!(scene.aws.actions(), [ISSUE]);
    let expected = contract(&scene.aws.sessions()[0]);
    let mut waited = 0;
    for (status, stdout, stderr) in ended {
        assert_eq!((status, &stdout), (Some(0), &expected), "{stderr}");
        waited += usize::from(stderr == WAITING);
        assert!(stderr.is_empty() || stderr == WAITING, "{stderr}");
    }
    assert_eq!(waited, CALLERS - 1);
}

#[test]
fn fifty_at_once_with_the_same_code_in_the_environment_use_it_once() {
    let scene = Scene::default();
    let code = scene.aws.code(USER);
    let mut crowd = Crowd::new(&scene.home);
    for _ in 0..CALLERS {
        crowd.join(&[], Some(&code));
    }
    let ended = crowd.ends();
    assert_eq!(scene.aws.actions(), [ISSUE]);
    let expected = contract(&scene.aws.sessions()[0]);
    for (status, stdout, stderr) in ended {
        assert_eq!((status, &stdout), (Some(0), &expected), "{stderr}");
        assert!(stderr.is_empty() || stderr == WAITING, "{stderr}");
    }
}

/// Nine wrong codes would lock the device for three minutes.
#[test]
fn if_the_first_is_refused_the_others_do_not_spend_the_code_again() {
    for by_variable in [false, true] {
        let scene = Scene::default();
        let wrong = scene.aws.code_at(USER, 40);
        let ended = fifty_at_a_gate(&scene, &wrong, by_variable.then_some(wrong.as_str()));
        assert_eq!(scene.aws.actions(), [ISSUE]);
        let failed = formatdoc! {"
            {WAITING}error: the other awsmfa that signed in to dev-mfa got no session, so no code was tried here
            hint: see what the other one says, then run this again with a new code
        "};
        assert_eq!(ended[0].0, Some(4), "{}", ended[0].2);
        for (status, stdout, stderr) in &ended[1..] {
            let actual = (*status, stdout.as_str(), stderr.as_str());
            assert_eq!(actual, (Some(7), "", failed.as_str()));
        }
        // The next caller is free to try.
        let code = scene.aws.code(USER);
        let mut next = Crowd::new(&scene.home);
        next.join(&[], Some(&code));
        let ended = next.ends();
        assert_eq!(ended[0].0, Some(0), "{}", ended[0].2);
    }
}

/// A caller without a source for a code still gets the session that another one asks for.
#[test]
fn a_caller_that_can_not_ask_waits_for_one_that_does() {
    let scene = Scene::default();
    let mut crowd = Crowd::new(&scene.home);
    crowd.join(&["--code-command", &gate(&scene.aws.code(USER))], None);
    wait_until("the first runs its command", || {
        scene.home.path().join("runs").exists()
    });
    crowd.join(&["--no-input"], None);
    wait_until("the other waits", || {
        crowd.said().any(|said| said == WAITING)
    });
    fs::write(scene.home.path().join("go"), "").expect("the home is writable");
    let ended = crowd.ends();
    let expected = contract(&scene.aws.sessions()[0]);
    for (status, stdout, stderr) in ended {
        assert_eq!((status, &stdout), (Some(0), &expected), "{stderr}");
    }
}

#[test]
fn fifty_at_one_terminal_ask_once() {
    let scene = Scene::default();
    let home = &scene.home;
    let mut terminal = Terminal::new(home)
        .args(["credential-process", "-p", "dev"])
        .script("i=0; while [ $i -lt 50 ]; do \"$@\" >out-$i 2>said-$i & i=$((i+1)); done; wait")
        .start();
    terminal.sees(PROMPT);
    let read = |kind: &str| {
        let read = |it| fs::read_to_string(home.path().join(format!("{kind}-{it}")));
        let all = (0..CALLERS).map(|it| read(it).unwrap_or_default());
        all.collect::<Vec<_>>()
    };
    wait_until("the others wait", || {
        read("said").iter().filter(|said| *said == WAITING).count() == CALLERS - 1
    });
    let code = scene.aws.code(USER);
    terminal.types(&code);
    terminal.ends(0, &format!("{PROMPT}{code}\n"));
    let expected = contract(&scene.aws.sessions()[0]);
    for (stdout, stderr) in read("out").into_iter().zip(read("said")) {
        assert_eq!(stdout, expected, "{stderr}");
    }
    assert_eq!(scene.aws.actions(), ["GetCallerIdentity", ISSUE]);
}
