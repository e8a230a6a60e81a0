//! Turns a panic, which is a defect of awsmfa's, into one line and an exit code. It never shows the
//! panic's own words: they may hold a key.

use super::alternate;
use super::ui::Ui;
use crate::exit::{Exit, Failure};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the line is out: a panic on one thread often makes another one panic.
static REPORTED: AtomicBool = AtomicBool::new(false);

/// Runs `work`; where it panics, says so and calls `after`. Returns the exit code of either.
///
/// What a run holds is let go as ever: temporary files go, and a terminal gets its echo back.
pub(crate) fn caught(work: impl FnOnce() -> u8, after: impl FnOnce()) -> u8 {
    set_hook(Box::new(report));
    // Nothing of `work` is looked at once it has panicked.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        after();
        Exit::Failed as u8
    })
}

fn report(panic: &PanicHookInfo<'_>) {
    alternate::leave();
    if REPORTED.swap(true, Ordering::Relaxed) {
        return;
    }
    let place = panic.location().map_or_else(String::new, |place| {
        // The file alone: the folders are those of whoever built it.
        let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
        format!(" ({file}, line {})", place.line())
    });
    let failure = Failure::failed(format!("awsmfa stopped because of a bug{place}")).hint(
        "`awsmfa status` shows what there is now; please report this line and the command you ran",
    );
    Ui::default().error(&failure);
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that runs itself as a process of its own"
)]
mod tests {
    use super::*;
    use std::process::{Command, Output, exit};

    /// Set in the process that a test makes of itself: the hook is the whole process's.
    const CHILD: &str = "AWSMFA_TEST_CHILD";

    /// Runs `work` as a test's own process, and returns what came of it in the test itself.
    fn in_a_process(test: &str, work: impl FnOnce() -> u8) -> Output {
        if std::env::var_os(CHILD).is_some() {
            exit(i32::from(caught(work, || eprintln!("after"))));
        }
        Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "--nocapture"])
            .arg(format!("world::defect::tests::{test}"))
            .env(CHILD, "1")
            .output()
            .expect("it runs")
    }

    #[test]
    fn a_panic_on_any_thread_is_one_line_without_its_words() {
        let ended = in_a_process(
            "a_panic_on_any_thread_is_one_line_without_its_words",
            || {
                let secret = "hush\nhush";
                let thread = std::thread::spawn(move || panic!("{secret}"));
                thread.join().unwrap_or_else(|_| panic!("{secret}"))
            },
        );
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let lines = stderr.lines().collect::<Vec<_>>();
        assert_eq!(ended.status.code(), Some(1), "{stderr}");
        assert_eq!(lines.len(), 3, "{stderr}");
        let error = "error: awsmfa stopped because of a bug (defect.rs, line ";
        assert!(lines[0].starts_with(error), "{stderr}");
        assert!(lines[1].starts_with("hint: "), "{stderr}");
        assert_eq!(lines[2], "after", "{stderr}");
    }

    #[test]
    fn work_that_does_not_panic_keeps_its_exit_code() {
        let ended = in_a_process("work_that_does_not_panic_keeps_its_exit_code", || 126);
        assert_eq!(ended.status.code(), Some(126));
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    }
}
