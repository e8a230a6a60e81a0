//! Checks that the system has resources left for a run that asks AWS, because the runtime panics if it gets no
//! file descriptor or thread. It keeps nothing of what it takes.

use std::io;

/// The most descriptors that a run opens at a time, and a few more: the runtime, the terminal, a command
/// and its pipes, a connection, locks, and the files of a save.
#[cfg(unix)]
const DESCRIPTORS: usize = 16;

/// Threads at a time: one reads what is typed, one looks up a host.
const THREADS: usize = 2;

/// Fails with the system's error if there is no room.
pub(super) fn check() -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::net::UnixStream;
        // All at the same time, to prove that so many are available.
        let pairs: io::Result<Vec<_>> = (0..DESCRIPTORS / 2).map(|_| UnixStream::pair()).collect();
        pairs?;
    }
    threads()
}

/// Fails if that many threads can't run at the same time.
fn threads() -> io::Result<()> {
    let (ends, end) = std::sync::mpsc::sync_channel(0);
    let started: io::Result<Vec<_>> = (0..THREADS)
        .map(|_| {
            let ends = ends.clone();
            // Each waits for the signal to end.
            std::thread::Builder::new().spawn(move || ends.send(()))
        })
        .collect();
    // Ends those that have started, whether or not others could start.
    drop(end);
    for thread in started? {
        let _ = thread.join();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_finds_room_in_a_test() {
        super::check().expect("a test has room");
    }
}
