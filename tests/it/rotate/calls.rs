//! Has strace kill a rotation at each call that changes a file, or make that call fail: both files hold
//! a key that works, and the next run finishes the rotation.
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::harm::{both_work, ends, scene};
use crate::scene::{CHANGES, Call, file_calls, need_strace, output_text, traced};

#[test]
fn after_a_kill_or_failure_at_a_file_call_the_next_run_completes_it() {
    need_strace();
    let begin = ["rotate", "dev", "--no-input", "--delete-old"];
    let whole = scene();
    let (output, trace) = traced(&whole.home, &whole.home.command(begin), &CHANGES, None);
    let said = output_text(&output);
    assert!(output.status.success(), "strace must work here: {said}");
    let calls: Vec<Call> = file_calls(&trace, &CHANGES).collect();
    let faults = ["signal=KILL", "error=ENOSPC", "error=EIO"];
    let cases: Vec<(Call, &str)> = calls
        .iter()
        .flat_map(|call| {
            let is_killed_alone = call.name == "flock";
            let faults = faults.iter().take(if is_killed_alone { 1 } else { 3 });
            faults.map(move |fault| (*call, *fault))
        })
        .collect();
    let (next, hits) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((call, fault)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let scene = scene();
                    let inject = format!("inject={}:{fault}:when={}", call.name, call.number);
                    let command = scene.home.command(begin);
                    let (output, trace) = traced(&scene.home, &command, &CHANGES, Some(&inject));
                    let is_hit =
                        trace.contains("killed by SIGKILL") || trace.contains("(INJECTED)");
                    hits.fetch_add(usize::from(is_hit), Ordering::Relaxed);
                    let story = format!("{inject}\n{}", output_text(&output));
                    both_work(&scene, &story);
                    if !output.status.success() {
                        ends(&scene, &story);
                    }
                }
            });
        }
    });
    let (hits, cases) = (hits.into_inner(), cases.len());
    println!("{cases} runs, {hits} of them hit");
    // Only the writes that wake the event loop vary from run to run.
    assert!(cases > 40 && hits * 10 >= cases * 8, "{hits} of {cases}");
}
