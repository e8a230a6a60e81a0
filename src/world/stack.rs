//! Runs the program with as much stack on Windows as other systems give it. It decides nothing else.

/// What Linux and macOS give the first thread of a program. Windows gives it 1 or 2 MiB, by the linker,
/// which is too little for a build without optimizations.
#[cfg(windows)]
const ENOUGH: usize = 8 * 1024 * 1024;

/// Runs `work` with enough stack, and returns its exit code.
#[cfg(windows)]
pub(crate) fn with_enough(work: impl Fn() -> u8 + Sync) -> u8 {
    use crate::exit::Exit;
    use std::thread::{Builder, scope};

    scope(|scope| {
        let thread = Builder::new().stack_size(ENOUGH);
        match thread.spawn_scoped(scope, &work) {
            // `work` catches its panics.
            Ok(thread) => thread.join().unwrap_or(Exit::Failed as u8),
            // It is probably enough all the same.
            Err(_) => work(),
        }
    })
}

/// Runs `work`, and returns its exit code.
#[cfg(not(windows))]
pub(crate) fn with_enough(work: impl Fn() -> u8) -> u8 {
    work()
}
