//! Tests the calls against raw servers on the loopback interface, which count what reaches them and
//! answer as told, however broken. Nothing here leaves this computer.

mod calls;
mod connections;

mod proxies;
mod refusals;
mod resends;
mod tls;

use super::settings::{Settings, Sources, Timeouts};
use super::{Aws, Fault, Owner};
use crate::code::Code;
use crate::exit::Failure;
use crate::value::{Keys, Lifetime, Serial, Session};
use crate::world::runtime::block_on;
use secrecy::SecretString;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CODE: &str = "987654";
const SERIAL: &str = "arn:aws:iam::123456789012:mfa/jane";

/// What the server does with one request after reading it.
#[derive(Clone)]
enum Reply {
    /// A complete answer with these additional headers.
    Answer(u16, &'static str, String),
    /// These bytes, then the connection is closed.
    Raw(String),
    /// No answer, and the connection is closed.
    Close,
    /// No answer, and the connection stays open.
    Silence,
}

/// A server that answers requests with its replies in order, repeating the last one for ever.
struct Server {
    port: u16,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicU32,
    requests: Mutex<Vec<String>>,
}

impl Server {
    fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::start_with(None, replies)
    }

    /// A server that speaks TLS with `tls`, or plain text without.
    fn start_with(
        tls: Option<Arc<rustls::ServerConfig>>,
        replies: impl IntoIterator<Item = Reply>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (seen, replies) = (Arc::clone(&shared), Arc::clone(&replies));
                let tls = tls.clone();
                std::thread::spawn(move || match tls {
                    None => serve(stream, &seen, &replies),
                    Some(config) => {
                        let session = rustls::ServerConnection::new(config).unwrap();
                        serve(rustls::StreamOwned::new(session, stream), &seen, &replies);
                    }
                });
            }
        });
        Self { port, seen }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn requests(&self) -> usize {
        self.seen.requests.lock().unwrap().len()
    }

    fn request(&self, index: usize) -> String {
        self.seen.requests.lock().unwrap()[index].clone()
    }

    fn connections(&self) -> u32 {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: impl Read + Write, seen: &Seen, replies: &Mutex<VecDeque<Reply>>) {
    while let Some(request) = read_request(&mut stream) {
        seen.requests.lock().unwrap().push(request);
        let reply = {
            let mut replies = replies.lock().unwrap();
            if replies.len() > 1 {
                replies.pop_front().unwrap()
            } else {
                replies.front().unwrap().clone()
            }
        };
        match reply {
            Reply::Answer(status, headers, body) => {
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: text/xml\r\nx-amzn-requestid: req-1\r\n{headers}content-length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).unwrap();
                stream.flush().unwrap();
            }
            Reply::Raw(bytes) => {
                stream.write_all(bytes.as_bytes()).unwrap();
                stream.flush().unwrap();
                return;
            }
            Reply::Close => return,
            Reply::Silence => std::thread::sleep(Duration::from_secs(60)),
        }
    }
}

/// One request with its body, or `None` at the end of the connection.
fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.trim().parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
        }
    }
}

/// A port that nobody listens on.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Settings from these variables, with timeouts short enough for a test.
pub(super) fn settings(env: &[(&str, &str)]) -> Settings {
    let find = |name: &str| {
        env.iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let mut settings = Settings::resolve(&Sources {
        env: &find,
        is_set: &|name| find(name).is_some(),
        profile: &|_| None,
        service: &|_, _| None,
        region_flag: None,
        partition: None,
    })
    .unwrap();
    settings.timeouts = Timeouts {
        connect: Duration::from_millis(500),
        attempt: Duration::from_millis(400),
        call: Duration::from_millis(1500),
    };
    settings
}

fn keys() -> Keys {
    Keys {
        access_key_id: "AKIAEXAMPLE".into(),
        secret_access_key: SecretString::from("the-secret-key"),
        session_token: None,
    }
}

/// AWS at `url`, for both services.
fn aws_at(url: &str) -> Aws {
    Aws::new(&settings(&[("AWS_ENDPOINT_URL", url)]), &keys()).unwrap()
}

fn serial() -> Serial {
    SERIAL.parse().unwrap()
}

/// Exchanges the code for a session.
async fn ask_for_session(aws: &Aws) -> Result<Session, Fault> {
    let code = Code::parse(CODE).unwrap();
    aws.get_session_token(&serial(), &code, Lifetime::seconds(3600))
        .await
}

fn get_session_token(aws: &Aws) -> Result<Session, Fault> {
    block_on(ask_for_session(aws)).unwrap()
}

fn refused(status: u16, code: &str, message: &str) -> Reply {
    Reply::Answer(
        status,
        "",
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>"
        ),
    )
}

fn session() -> String {
    "<GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetSessionTokenResult><Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>new-secret</SecretAccessKey><SessionToken>new-token</SessionToken><Expiration>2031-01-02T03:04:05Z</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>".to_owned()
}

fn issue() -> Reply {
    Reply::Answer(200, "", session())
}

fn identity() -> Reply {
    Reply::Answer(200, "", "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/jane</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>".to_owned())
}

/// Every text that the user may see, in one string.
fn all_words(failure: &Failure) -> String {
    format!(
        "{} | {} | {}",
        failure.message,
        failure.hint.as_deref().unwrap_or_default(),
        failure.detail.as_deref().unwrap_or_default()
    )
}
