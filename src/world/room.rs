//! Checks that the system has room for a run that asks AWS, because the runtime panics where it gets no
//! descriptor or no thread. It keeps nothing of what it takes.

use std::io;

/// What a run has open at a time beside what it began with, and a few more: the runtime, the terminal,
/// a command and its pipes, a connection, the locks, and the files of a save.
#[cfg(unix)]
const DESCRIPTORS: usize = 16;

/// Threads at a time: one reads what a person types, one looks a host up.
const THREADS: usize = 2;

/// Fails where the system gives no room, in its words.
pub(super) fn check() -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::net::UnixStream;
        // Taken at once, so that there are as many.
        let pairs: io::Result<Vec<_>> = (0..DESCRIPTORS / 2).map(|_| UnixStream::pair()).collect();
        pairs?;
    }
    threads()
}

/// Fails where as many threads can't be had at a time.
fn threads() -> io::Result<()> {
    let (ends, end) = std::sync::mpsc::sync_channel(0);
    let started: io::Result<Vec<_>> = (0..THREADS)
        .map(|_| {
            let ends = ends.clone();
            // Each waits until it is let go, and then ends.
            std::thread::Builder::new().spawn(move || ends.send(()))
        })
        .collect();
    // Lets go of those that have started, whether or not others could.
    drop(end);
    for thread in started? {
        let _ = thread.join();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_room_here() {
        super::check().expect("a test has room");
    }
}
