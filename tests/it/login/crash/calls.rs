//! Has strace kill a login at each of its file calls, and make each of them fail.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::scene::{
    CHANGES, Call, NEW_CONFIG, OLD_CONFIG, Scene, Version, file_calls, finish, from_first_file,
    leftovers, need_strace, old_credentials, output_text, traced,
};
use crate::support::home::Home;

/// The deeds that change files or end a change, and those that a login can do without.
fn calls() -> Vec<&'static str> {
    let others = ["open", "fchown", "fsetxattr", "close"];
    CHANGES.into_iter().chain(others).collect()
}

/// Errors of disks, mounts and sandboxes.
const ERRORS: [&str; 6] = ["ENOSPC", "EIO", "EROFS", "EXDEV", "EBUSY", "EPERM"];

/// How the credentials file gets its new contents.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Path {
    Rename,
    /// The file has a second hard link, which a rename would leave behind.
    InPlace,
}

/// A call in an undisturbed run: its name, and its first and last number after awsmfa opened its first
/// file.
struct Seen {
    name: &'static str,
    deed: &'static str,
    first: usize,
    last: usize,
}

#[test]
fn a_kill_at_any_file_call_leaves_old_or_new_files() {
    harm_each_call(Path::Rename, &["signal=KILL"]);
}

#[test]
fn after_a_kill_at_any_file_call_of_a_write_in_place_the_next_run_completes_the_files() {
    harm_each_call(Path::InPlace, &["signal=KILL"]);
}

#[test]
fn a_failure_of_any_file_call_loses_nothing_and_is_reported() {
    harm_each_call(
        Path::Rename,
        &ERRORS.map(error).each_ref().map(String::as_str),
    );
}

#[test]
fn a_failure_of_any_file_call_of_a_write_in_place_loses_nothing_and_is_reported() {
    harm_each_call(
        Path::InPlace,
        &ERRORS.map(error).each_ref().map(String::as_str),
    );
}

/// A disk that has failed or filled up does not recover for the next call: neither the write nor undoing
/// it may be possible.
#[test]
fn after_failures_from_any_call_on_the_next_run_completes_a_write_in_place() {
    harm_each_call(Path::InPlace, &["error=EIO+", "error=ENOSPC+"]);
}

fn error(name: &str) -> String {
    format!("error={name}")
}

/// A home for `path`.
fn home(scene: &Scene, path: Path) -> Home {
    let home = scene.another_home();
    if path == Path::InPlace {
        fs::hard_link(home.credentials_path(), home.path().join("second")).expect("a link");
    }
    home
}

fn harm_each_call(path: Path, harms: &[&str]) {
    need_strace();
    let seen = trace_whole_run(path);
    let cases: Vec<(&str, usize, &str)> = seen
        .iter()
        .flat_map(|it| (it.first..=it.last).map(move |number| (it.name, number)))
        .flat_map(|(name, number)| harms.iter().map(move |harm| (name, number, *harm)))
        // A login does not notice if a `close` fails.
        .filter(|(name, _, harm)| *harm == "signal=KILL" || *name != "close")
        .collect();
    // A login mostly waits, so two at once fill one core.
    let (next, hits) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let scene = Scene::with_devices(cases.len());
                while let Some((call, number, harm)) =
                    cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let hit = harm_login(&scene, path, call, *number, harm);
                    hits.fetch_add(usize::from(hit), Ordering::Relaxed);
                }
            });
        }
    });
    let (hits, cases) = (hits.into_inner(), cases.len());
    println!("{path:?}: {cases} runs, {hits} of them harmed");
    // Only the writes that wake the event loop vary from run to run.
    assert!(
        hits * 10 >= cases * 8,
        "only {hits} of {cases} runs were harmed"
    );
}

/// Runs a login under strace, and returns the trace.
fn trace_login(scene: &Scene, home: &Home, inject: Option<&str>) -> (Output, String, String) {
    let renewal = scene.renewal(home);
    let (output, trace) = traced(home, &renewal.command, &calls(), inject);
    (output, trace, renewal.serial)
}

/// The calls of an undisturbed login.
fn trace_whole_run(path: Path) -> Vec<Seen> {
    let scene = Scene::with_devices(1);
    let home = home(&scene, path);
    let (output, trace, serial) = trace_login(&scene, &home, None);
    assert!(
        output.status.success(),
        "strace must work here: {}",
        output_text(&output)
    );
    assert_eq!(
        scene.version(&home, old_credentials(), &serial),
        Version::New
    );
    let mut seen: Vec<Seen> = Vec::new();
    for Call {
        name, deed, number, ..
    } in from_first_file(file_calls(&trace, &calls()))
    {
        match seen.iter_mut().find(|it| it.name == name) {
            Some(seen) => seen.last = number,
            None => seen.push(Seen {
                name,
                deed,
                first: number,
                last: number,
            }),
        }
    }
    for deed in ["open", "write", "fsync", "flock", "unlink", "close"] {
        assert!(
            seen.iter().any(|it| it.deed == deed),
            "no {deed} in\n{trace}"
        );
    }
    seen
}

/// Makes one login with `harm` at the call, and returns whether the harm was done.
fn harm_login(scene: &Scene, path: Path, call: &str, number: usize, harm: &str) -> bool {
    let home = home(scene, path);
    let spent = scene.spent_codes();
    let (once, on) = match harm.strip_suffix('+') {
        Some(harm) => (harm, "+"),
        None => (harm, ""),
    };
    let inject = format!("inject={call}:{once}:when={number}{on}");
    let (output, trace, serial) = trace_login(scene, &home, Some(&inject));
    let killed = harm == "signal=KILL";
    let hit = trace
        .lines()
        .find(|line| line.contains("(INJECTED)") || line.contains("killed by SIGKILL"));
    let Some(hit) = hit else {
        return false;
    };
    let story = format!("{path:?} {inject}\n{hit}\n{}", output_text(&output));
    // Writes of eight bytes wake the event loop, and descriptor 2 is what the user reads.
    if !killed && (hit.contains("write(2,") || wakes_the_loop(hit)) {
        return false;
    }
    let lasting = !on.is_empty();
    if (killed || lasting) && path == Path::InPlace {
        // Any run that reads the files completes an interrupted write; this one asks for no code.
        let _ = finish(home.command(["login", "--profile", "dev", "--no-input"]));
    }
    let now = home.read_credentials();
    let version = std::panic::catch_unwind(AssertUnwindSafe(|| {
        scene.version(&home, old_credentials(), &serial)
    }))
    .unwrap_or_else(|_| panic!("torn by {story}"));
    let config = home.read_config();
    assert!(
        config == OLD_CONFIG || config == NEW_CONFIG,
        "{config}\n{story}"
    );
    if path == Path::InPlace {
        let second = fs::read_to_string(home.path().join("second")).expect("it is there");
        assert_eq!(now, second, "parted by {story}");
    }
    if lasting {
        let done = output.status.code() == Some(0);
        assert!(
            !done || version == Version::New,
            "a session is lost: {story}"
        );
    } else if !killed {
        let done = output.status.code() == Some(0);
        assert!(!story.contains("panicked"), "{story}");
        assert_eq!(
            done,
            version == Version::New,
            "its word and its deed differ: {story}"
        );
        assert!(
            done || output_text(&output).contains("/.aws"),
            "no file is named: {story}"
        );
        // What fails in the rehearsal fails before a code is spent.
        let before_answer = scene.spent_codes() == spent;
        assert!(done || !before_answer || version == Version::Old, "{story}");
    }
    let litter = leftovers(&home);
    let well = AssertUnwindSafe(|| scene.renews_and_clears_up(&home));
    if std::panic::catch_unwind(well).is_err() {
        panic!("not cleared up after {story}");
    }
    if path == Path::InPlace {
        let second = fs::read_to_string(home.path().join("second")).expect("it is there");
        assert_eq!(
            home.read_credentials(),
            second,
            "{litter:?} parted by {story}"
        );
    }
    true
}

/// Whether the call writes eight bytes, as the event loop does to wake itself. All of awsmfa's files are
/// longer.
fn wakes_the_loop(call: &str) -> bool {
    call.contains("write(") && call.contains(", 8) ")
}
