//! Lets the programs that tests start end on a signal, even if the parent of the tests ignores it
//! (`nohup`, a script's `&`). It never changes what a signal does to the tests themselves.

use std::process::{Command, Stdio};
use std::sync::Once;

use tokio::signal::unix::{SignalKind, signal};

/// The signals that tests send or expect, by their names in a shell.
const SENT: [(&str, SignalKind); 4] = [
    ("HUP", SignalKind::hangup()),
    ("INT", SignalKind::interrupt()),
    ("QUIT", SignalKind::quit()),
    ("TERM", SignalKind::terminate()),
];

/// Makes every program started from now on begin with the default action for [`SENT`].
///
/// A program inherits ignored signals but not handlers. So each ignored signal gets a handler that does
/// nothing, which makes no difference here. The other signals keep their default, and Ctrl-C ends the
/// tests as usual.
pub(super) fn keep_ignored_from_children() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("the system has room for a runtime");
        let _inside = runtime.enter();
        for (name, kind) in SENT {
            if is_ignored(name) {
                // The handler outlives both the stream and the runtime.
                drop(signal(kind).expect("the system has this signal"));
            }
        }
    });
}

/// Whether a shell, which inherits ignored signals, survives this one. This works on every Unix.
fn is_ignored(name: &str) -> bool {
    let script = format!("ulimit -c 0; kill -s {name} $$");
    Command::new("/bin/sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .status()
        .expect("every Unix has a shell")
        .success()
}
