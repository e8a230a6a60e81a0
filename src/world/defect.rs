//! Turns a panic, which is a bug in awsmfa, into one line and an exit code. It never shows the panic's
//! message, which may contain a key.

use super::alternate;
use super::ui::Ui;
use crate::exit::{Exit, Failure};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the line has been printed: a panic on one thread often causes another.
static REPORTED: AtomicBool = AtomicBool::new(false);

/// Runs `work`. If it panics, prints the line and calls `after`. Returns the exit code.
///
/// Unwinding drops everything as usual: temporary files are deleted, and the terminal gets its echo
/// back.
pub(crate) fn caught(work: impl FnOnce() -> u8, after: impl FnOnce()) -> u8 {
    set_hook(Box::new(report));
    // Nothing that `work` used is looked at after a panic.
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
        // Only the file: the folders are those of the machine that built awsmfa.
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

    /// Set in the child process that a test starts of itself, because the panic hook is global.
    const CHILD: &str = "AWSMFA_TEST_CHILD";

    /// Runs `work` in a process of the test's own, and returns its output to the test.
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
    fn a_panic_on_any_thread_is_one_line_without_its_message() {
        let ended = in_a_process(
            "a_panic_on_any_thread_is_one_line_without_its_message",
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
