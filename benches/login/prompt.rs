//! Measures the prompt: a code is typed at a pseudo-terminal, and the time runs from Enter to the
//! answer. It never measures the typing.

use std::fs::File;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use rexpect::process::PtyProcess;

use crate::runner::Figures;
use crate::scene::Scene;

/// A user takes longer, and by then the connection is open.
const TYPING: Duration = Duration::from_millis(1_500);

/// Signs in at the prompt and measures from Enter to the line that reports the session.
pub(crate) fn measure_answer(scene: &mut Scene) -> Figures {
    let device = scene.next_device();
    let command = scene.login_without_code("dev", &device);
    let process = PtyProcess::new(command).expect("the system has a terminal");
    let mut terminal = process.get_file_handle().expect("the terminal is open");
    read_until(&mut terminal, "): ");
    std::thread::sleep(TYPING);
    let line = format!("{}\n", scene.aws.code(&device));
    let enter = Instant::now();
    terminal
        .write_all(line.as_bytes())
        .expect("the terminal is open");
    read_until(&mut terminal, "is ready until");
    Figures {
        wall_ms: enter.elapsed().as_secs_f64() * 1e3,
        ..Figures::default()
    }
}

fn read_until(terminal: &mut File, text: &str) {
    let mut seen = String::new();
    let mut piece = [0; 1024];
    while !seen.contains(text) {
        let length = terminal.read(&mut piece).expect("awsmfa goes on");
        seen.push_str(&String::from_utf8_lossy(&piece[..length]));
        assert_ne!(length, 0, "it ended after: {seen}");
    }
}
