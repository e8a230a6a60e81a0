//! Ends a child process and everything it started, as far as the system still knows the parents. It
//! never ends a daemon, which has no parent any more.

use std::time::Duration;
use tokio::process::Child;
use tokio::time::timeout;

/// The time to exit voluntarily, so that a password prompt can restore the terminal's echo and temporary
/// files are deleted.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(1);

/// The time that killed processes have to disappear.
const GONE: Duration = Duration::from_secs(1);

/// Ends `child` and its descendants.
pub(super) async fn end(child: &mut Child) {
    // A child that was waited for has no descendants any more.
    if let Some(id) = child.id() {
        end_tree(id, child).await;
    }
    // If the system told us nothing, at least the child is killed; usually it has ended already.
    let _ = child.start_kill();
    // Not forever: a process of another user, as `exec sudo` starts one, can't be ended.
    let _ = timeout(GONE, child.wait()).await;
}

#[cfg(unix)]
async fn end_tree(id: u32, child: &mut Child) {
    use rustix::process::Signal;
    let mut tree = tree::Tree::of(id).await;
    tree.stop().await;
    tree.signal(Signal::TERM);
    tree.signal(Signal::CONT);
    if timeout(GRACE, tree.wait(child)).await.is_err() {
        tree.stop().await;
        tree.signal(Signal::KILL);
    }
}

#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "Windows ends a tree of processes by a program of its own"
)]
async fn end_tree(id: u32, _: &mut Child) {
    use std::process::Stdio;
    let ended = tokio::process::Command::new("taskkill.exe")
        .args(["/T", "/F", "/PID", &id.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let _ = timeout(Duration::from_secs(10), ended).await;
}

#[cfg(unix)]
mod tree {
    use crate::world::processes::{self, Process};
    use rustix::process::{Pid, Signal, kill_process};
    use std::time::Duration;
    use tokio::process::Child;
    use tokio::time::sleep;

    /// A process and its descendants as they were last seen.
    ///
    /// A descendant stays in the list when its parent ends.
    pub(super) struct Tree(Vec<Process>);

    impl Tree {
        /// Only the process itself, for now.
        pub(super) async fn of(root: u32) -> Self {
            let mut all = processes::list().await;
            all.retain(|it| u32::try_from(it.id) == Ok(root));
            Self(all)
        }

        /// Stops them all. Otherwise one could start another, which would have no known parent once its
        /// own had ended.
        pub(super) async fn stop(&mut self) {
            let mut stopped = Vec::new();
            loop {
                self.look().await;
                let is_new = |it: &&Process| !stopped.contains(&it.identity());
                let new: Vec<Process> = self.0.iter().filter(is_new).copied().collect();
                if new.is_empty() {
                    break;
                }
                new.iter().for_each(|it| send(it, Signal::STOP));
                stopped.extend(new.iter().map(Process::identity));
            }
        }

        /// Sends `signal` to all that were last seen.
        pub(super) fn signal(&self, signal: Signal) {
            self.0.iter().for_each(|it| send(it, signal));
        }

        /// Waits until all have ended. `root` is the first of them, and our child.
        pub(super) async fn wait(&mut self, root: &mut Child) {
            loop {
                // The system lists a child until it is waited for.
                let _ = root.try_wait();
                self.look().await;
                if self.0.is_empty() {
                    break;
                }
                sleep(Duration::from_millis(20)).await;
            }
        }

        /// Updates the list: which of them are alive, and what they have started since.
        async fn look(&mut self) {
            let (mut living, mut others): (Vec<Process>, Vec<Process>) = processes::list()
                .await
                .into_iter()
                .partition(|it| self.0.iter().any(|known| known.identity() == it.identity()));
            let mut next = 0;
            while let Some(parent) = living.get(next).map(|it| it.id) {
                living.extend(others.extract_if(.., |it| it.parent == parent));
                next += 1;
            }
            self.0 = living;
        }
    }

    /// A process that has just ended, or belongs to another user, gets no signal.
    fn send(process: &Process, signal: Signal) {
        if let Some(id) = Pid::from_raw(process.id) {
            let _ = kill_process(id, signal);
        }
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use crate::world::command::{CommandLine, Unfinished};
    use rustix::process::{Pid, Signal, kill_process, test_kill_process};
    use std::time::{Duration, Instant};
    use tempfile::TempDir;
    use tokio::task::JoinSet;

    /// A folder with the script `wait.sh`, which writes down its process id and then waits.
    fn folder() -> TempDir {
        let folder = TempDir::new().expect("a folder");
        let script = "echo $$ >>pids; exec sleep 300\n";
        std::fs::write(folder.path().join("wait.sh"), script).expect("it is ours");
        folder
    }

    /// The process ids that were written down.
    fn noted(folder: &TempDir) -> Vec<Pid> {
        let text = std::fs::read_to_string(folder.path().join("pids")).unwrap_or_default();
        text.lines()
            .map(|line| line.parse().expect("a number"))
            .map(|id| Pid::from_raw(id).expect("a process"))
            .collect()
    }

    /// Runs `line` until its limit of half a second.
    async fn run(folder: &TempDir, line: &str) {
        let line = format!("cd {}; exec 2>/dev/null; {line}", folder.path().display());
        let command = CommandLine {
            line: &line,
            in_progress: "",
            variables: &[],
            limit: Duration::from_millis(500),
        };
        let begin = Instant::now();
        let ended = command.first_line(16).await;
        assert!(matches!(ended, Err(Unfinished::Late(_))), "{line}");
        assert!(begin.elapsed() < Duration::from_secs(10), "{line}");
    }

    /// Whether it is running. A killed process is listed until its parent, usually process 1, has waited
    /// for it.
    fn lives(id: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero()));
        test_kill_process(id).is_ok() && !stat.is_ok_and(|stat| stat.contains(") Z "))
    }

    fn assert_ended(id: Pid, line: &str) {
        let begin = Instant::now();
        while lives(id) {
            assert!(begin.elapsed() < Duration::from_secs(5), "{line}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[tokio::test]
    async fn the_commands_children_end_with_it() {
        let mut all = JoinSet::new();
        for (line, count) in [
            ("exec sh wait.sh", 1),
            ("sh wait.sh; true", 1),
            ("sh wait.sh & sh wait.sh & wait", 2),
            ("sh wait.sh | cat | sh wait.sh", 2),
            ("sh -c 'sh -c \"sh wait.sh; true\"; true'; true", 1),
            // Jobs with process groups of their own.
            ("bash -c 'set -m; sh wait.sh & sh wait.sh & wait'", 2),
            // These ignore SIGTERM, and so does everything they start.
            ("trap '' TERM; sh wait.sh; true", 1),
            (
                "(trap '' TERM INT HUP; sh wait.sh & sh wait.sh; true); true",
                2,
            ),
            // This one reacts to SIGTERM by starting another process, and goes on.
            (
                "trap 'sh wait.sh' TERM; sh wait.sh & while :; do sleep 0.1; done",
                2,
            ),
            ("sh wait.sh & kill -STOP $$; wait", 1),
        ] {
            all.spawn(async move {
                let folder = folder();
                run(&folder, line).await;
                let noted = noted(&folder);
                assert_eq!(noted.len(), count, "{line}");
                noted.into_iter().for_each(|id| assert_ended(id, line));
            });
        }
        all.join_all().await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_separate_session_does_not_save_a_child() {
        for line in ["setsid sh wait.sh & wait", "setsid -w sh wait.sh"] {
            let folder = folder();
            run(&folder, line).await;
            let noted = noted(&folder);
            assert_eq!(noted.len(), 1, "{line}");
            noted.into_iter().for_each(|id| assert_ended(id, line));
        }
    }

    #[tokio::test]
    async fn a_command_that_keeps_starting_children_is_ended_with_all_of_them() {
        let folder = folder();
        let line = "trap '' TERM; while :; do sh wait.sh & sleep 0.01; done";
        run(&folder, line).await;
        let before = noted(&folder);
        assert!(before.len() > 5, "{}", before.len());
        std::thread::sleep(Duration::from_millis(300));
        let after = noted(&folder);
        assert_eq!(before.len(), after.len());
        after.into_iter().for_each(|id| assert_ended(id, line));
    }

    #[tokio::test]
    async fn a_command_that_ends_on_sigterm_may_clean_up() {
        let folder = folder();
        let line = "trap 'echo tidy >tidied; exit' TERM; sh wait.sh & wait";
        run(&folder, line).await;
        let tidied = std::fs::read_to_string(folder.path().join("tidied"));
        assert_eq!(tidied.expect("it tidied up"), "tidy\n");
    }

    #[tokio::test]
    async fn a_daemon_lives_on() {
        for line in [
            "(sh wait.sh &); sleep 300",
            "sh -c 'nohup sh wait.sh >nohup.out 2>&1 &'; sleep 300",
            "(trap '' HUP; sh wait.sh & exit); exec sleep 300",
        ] {
            let folder = folder();
            run(&folder, line).await;
            let noted = noted(&folder);
            assert_eq!(noted.len(), 1, "{line}");
            for id in noted {
                assert!(lives(id), "{line}");
                kill_process(id, Signal::KILL).expect("it is ours");
            }
        }
    }
}
