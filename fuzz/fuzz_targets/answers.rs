//! Answers awsmfa's calls to STS and IAM with arbitrary bytes, over a real connection on this machine:
//! nothing panics, no control character comes out, and anything passed on as a session fits in a
//! line-based file. It reaches nothing but its own listener.
//!
//! An input is a letter for the call (`s`ession, `i`dentity, `k`ey, `d`evices), a digit for the status,
//! and the body of the answer.
#![no_main]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use awsmfa::fuzzing::{Client, Operation, Outcome};
use libfuzzer_sys::fuzz_target;

/// The code that the client sends.
const CODE: &str = "492039";

/// The status and the body of the next answer.
type Answer = Arc<Mutex<(u16, Vec<u8>)>>;

thread_local! {
    static STAND: (Client, Answer) = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let endpoint = format!("http://{}", listener.local_addr().expect("it listens"));
        let answer = Answer::default();
        let shared = Arc::clone(&answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &answer));
            }
        });
        (Client::new(&endpoint), answer)
    };
}

fuzz_target!(|data: &[u8]| {
    let [call, status, body @ ..] = data else {
        return;
    };
    let operation = match call {
        b's' => Operation::GetSessionToken,
        b'i' => Operation::GetCallerIdentity,
        b'k' => Operation::GetAccessKeyInfo,
        b'd' => Operation::ListMfaDevices,
        _ => return,
    };
    let status = match status {
        b'2' => 200,
        b'4' => 403,
        b'0' => 400,
        b'5' => 500,
        b'3' => 503,
        _ => return,
    };
    STAND.with(|(client, answer)| {
        *answer.lock().expect("no holder panics") = (status, body.to_vec());
        judge(operation, client.ask(operation));
    });
});

fn judge(operation: Operation, outcome: Outcome) {
    let (accepted, texts) = match outcome {
        Outcome::Accepted(texts) => (true, texts),
        Outcome::Refused(texts) => (false, texts),
    };
    for text in &texts {
        assert!(
            !text.contains(char::is_control),
            "a control character comes out: {text:?}"
        );
        // Only this call sends the code: in the others it is a number like any other. Inside a longer
        // number, such as an account's, it is not the code.
        let is_sent = matches!(operation, Operation::GetSessionToken);
        let mut numbers = text.split(|c: char| !c.is_ascii_digit());
        assert!(
            accepted || !is_sent || numbers.all(|number| number != CODE),
            "the code comes out: {text:?}"
        );
    }
    if accepted && matches!(operation, Operation::GetSessionToken) {
        let word = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_graphic());
        assert!(texts.iter().all(|text| word(text)), "no words: {texts:?}");
        let id = |it: u8| it.is_ascii_alphanumeric() || b"_-.".contains(&it);
        assert!(texts[0].bytes().all(id), "no id: {:?}", texts[0]);
    }
}

/// Answers every request on a connection.
fn serve(mut stream: &TcpStream, answer: &Mutex<(u16, Vec<u8>)>) {
    let _ = stream.set_nodelay(true);
    let mut requests = BufReader::new(stream);
    while read_request(&mut requests).is_some() {
        let (status, body) = answer.lock().expect("no holder panics").clone();
        let length = body.len();
        let mut whole = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n"
        )
        .into_bytes();
        whole.extend(body);
        if stream.write_all(&whole).is_err() {
            return;
        }
    }
}

/// Reads one request; none at the end of the connection.
fn read_request(stream: &mut BufReader<&TcpStream>) -> Option<()> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    stream.read_exact(&mut vec![0; length]).ok()
}
