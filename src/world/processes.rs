//! Lists the running processes and their parents. It ends none.

/// A running process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    /// Its process id.
    pub(super) id: i32,
    /// The process id of its parent.
    pub(super) parent: i32,
    /// When it started; zero if the system does not say.
    begun: u64,
}

impl Process {
    /// Tells it from a later process with the same id, as far as the system allows.
    pub(super) fn identity(&self) -> (i32, u64) {
        (self.id, self.begun)
    }
}

/// All visible processes; none if the system does not list them.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it is the kernel's, no AWS file")]
pub(super) async fn list() -> Vec<Process> {
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = folders.filter_map(|folder| {
        let id = folder.file_name().to_str()?.parse().ok()?;
        of_stat(id, &std::fs::read(folder.path().join("stat")).ok()?)
    });
    processes.collect()
}

/// The process `id` from the text of /proc/PID/stat: after the name in parentheses, which may contain
/// anything, come the state, the parent, and as the 20th field the start time (proc_pid_stat(5)).
///
/// `None` for a process that has ended but was not waited for.
#[cfg(target_os = "linux")]
fn of_stat(id: i32, stat: &[u8]) -> Option<Process> {
    let name = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&stat[name + 1..]).ok()?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let has_ended = matches!(*fields.first()?, "Z" | "X");
    let process = Process {
        id,
        parent: fields.get(1)?.parse().ok()?,
        begun: fields.get(19)?.parse().ok()?,
    };
    (!has_ended).then_some(process)
}

/// All visible processes; none if the system does not list them.
#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::disallowed_methods,
    reason = "POSIX tells of processes by a program alone"
)]
pub(super) async fn list() -> Vec<Process> {
    use std::process::Stdio;
    let output = tokio::process::Command::new("ps")
        .args(["-A", "-o", "pid=,ppid="])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(5), output).await;
    let text = output.ok().and_then(Result::ok).map(|output| output.stdout);
    of_ps(&String::from_utf8_lossy(&text.unwrap_or_default()))
}

/// The processes by the lines of `ps -A -o pid=,ppid=`.
#[cfg(any(test, not(target_os = "linux")))]
fn of_ps(text: &str) -> Vec<Process> {
    let processes = text.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(str::parse);
        Some(Process {
            id: numbers.next()?.ok()?,
            parent: numbers.next()?.ok()?,
            begun: 0,
        })
    });
    processes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_process_and_its_parent_are_listed() {
        let own = std::process::id().cast_signed();
        let parent = std::os::unix::process::parent_id().cast_signed();
        let all = list().await;
        let found = all.iter().find(|it| it.id == own).expect("it runs");
        assert_eq!(found.parent, parent);
        assert!(all.iter().any(|it| it.id == parent));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernels_line_is_read_after_any_name() {
        let line = |name: &str, state: &str| {
            format!("7 ({name}) {state} 3 7 7 34816 7 4194304 100 0 0 0 1 2 0 0 20 0 1 0 4711 2 3")
        };
        let expected = Process {
            id: 7,
            parent: 3,
            begun: 4711,
        };
        for name in ["sh", "a b", ") Z 1 (", ""] {
            assert_eq!(of_stat(7, line(name, "S").as_bytes()), Some(expected));
            assert_eq!(of_stat(7, line(name, "Z").as_bytes()), None);
        }
        let odd = [b"7 (\xff) R 3 ".as_slice(), b"", b"7 (sh)", b"7 (sh) S x"];
        assert!(odd.iter().all(|line| of_stat(7, line).is_none()));
    }

    #[test]
    fn a_line_of_ps_gives_a_process_and_its_parent() {
        let all = of_ps("    1     0\n 4711   1\n\n  x  y\n 9\n");
        let all: Vec<(i32, i32)> = all.iter().map(|it| (it.id, it.parent)).collect();
        assert_eq!(all, [(1, 0), (4711, 1)]);
    }
}
