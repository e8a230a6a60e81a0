//! Answers for names as a name server does, on port 53 of a loopback of its own. It knows the names that
//! the tests ask for, and counts who asked how.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

/// Where it listens.
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// What it does about a name.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    /// Has these addresses.
    At(&'static [IpAddr]),
    /// Is another name of `ADDRESS`, through an alias.
    Alias(&'static str),
    /// Has so many addresses that the answer needs TCP.
    Long,
    /// Gives no answer to the first query of each kind.
    SecondTime,
    /// Gives no answer at all.
    Silent,
    /// Fails (SERVFAIL).
    Fails,
}

pub(super) const FOUR: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(super) const SIX: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// The queries: a name, and how it was asked for.
type Asked = Arc<Mutex<Vec<String>>>;

/// A running name server. It ends with the process, and with it its namespace.
pub(super) struct Server {
    asked: Asked,
}

impl Server {
    /// Starts one that knows these names, and none besides.
    pub(super) fn start(entries: &[(&'static str, Entry)]) -> Self {
        let entries: HashMap<_, _> = entries.iter().copied().collect();
        let zone = Arc::new(Zone {
            entries,
            asked: Asked::default(),
        });
        let asked = zone.asked.clone();
        let socket = UdpSocket::bind((ADDRESS, 53)).expect("the namespace is ours");
        let listener = TcpListener::bind((ADDRESS, 53)).expect("the namespace is ours");
        let of_udp = zone.clone();
        thread::spawn(move || {
            let mut query = [0; 4096];
            while let Ok((length, sender)) = socket.recv_from(&mut query) {
                if let Some(answer) = of_udp.answer(&query[..length], "UDP") {
                    let _ = socket.send_to(&answer, sender);
                }
            }
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A resolver may send several queries, and leaves when it has its answers.
                while let Some(()) = zone.answer_next(&stream) {}
            }
        });
        Self { asked }
    }

    /// Every query so far, as `name A UDP`.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no holder panics").clone()
    }
}

struct Zone {
    entries: HashMap<&'static str, Entry>,
    asked: Asked,
}

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

impl Zone {
    /// Answers the next query of a connection; `None` at its end.
    fn answer_next(&self, mut stream: &TcpStream) -> Option<()> {
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut query).ok()?;
        let answer = self.answer(&query, "TCP")?;
        let length = u16::try_from(answer.len()).expect("an answer is short");
        stream
            .write_all(&[&length.to_be_bytes()[..], &answer].concat())
            .ok()
    }

    /// The answer to `query`; `None` if it gives none.
    fn answer(&self, query: &[u8], way: &str) -> Option<Vec<u8>> {
        let (name, end) = name_at(query, 12)?;
        let kind = u16::from_be_bytes([*query.get(end)?, *query.get(end + 1)?]);
        let word = match kind {
            A => "A",
            AAAA => "AAAA",
            _ => "?",
        };
        let line = format!("{name} {word} {way}");
        let is_first = {
            let mut asked = self.asked.lock().expect("no holder panics");
            let is_first = !asked.contains(&line);
            asked.push(line);
            is_first
        };
        let mut answer = Answer::to(query, end + 4);
        match self.entries.get(&*name) {
            None => answer.code = 3,
            Some(Entry::Silent) => return None,
            Some(Entry::SecondTime) if is_first => return None,
            Some(Entry::Fails) => answer.code = 2,
            Some(Entry::Long) if way == "UDP" => answer.is_cut = true,
            Some(Entry::Long) if kind == A => {
                // The first is the only one at which anybody listens.
                answer.address(FOUR);
                for number in 2..=60 {
                    answer.address(Ipv4Addr::new(127, 0, 9, number).into());
                }
            }
            Some(Entry::At(addresses)) => {
                let fits = |it: &&IpAddr| it.is_ipv4() == (kind == A);
                let fitting = addresses.iter().filter(fits);
                fitting.for_each(|it| answer.address(*it));
            }
            Some(Entry::Alias(target)) => {
                answer.record(CNAME, &wire_name(target));
                if kind == A {
                    answer.address_of(&wire_name(target), FOUR);
                }
            }
            Some(Entry::SecondTime) if kind == A => answer.address(FOUR),
            Some(Entry::SecondTime | Entry::Long) => {}
        }
        Some(answer.bytes())
    }
}

/// An answer that grows.
struct Answer {
    id: [u8; 2],
    question: Vec<u8>,
    records: Vec<u8>,
    count: u16,
    code: u8,
    is_cut: bool,
}

/// The name in the question, which stands first in the message.
const ASKED_NAME: [u8; 2] = [0xc0, 12];

impl Answer {
    /// An empty answer to the query, whose question ends at `end`.
    fn to(query: &[u8], end: usize) -> Self {
        Self {
            id: [query[0], query[1]],
            question: query[12..end].to_vec(),
            records: Vec::new(),
            count: 0,
            code: 0,
            is_cut: false,
        }
    }

    fn address(&mut self, address: IpAddr) {
        self.address_of(&ASKED_NAME, address);
    }

    fn address_of(&mut self, name: &[u8], address: IpAddr) {
        match address {
            IpAddr::V4(it) => self.record_of(name, A, &it.octets()),
            IpAddr::V6(it) => self.record_of(name, AAAA, &it.octets()),
        }
    }

    fn record(&mut self, kind: u16, data: &[u8]) {
        self.record_of(&ASKED_NAME, kind, data);
    }

    fn record_of(&mut self, name: &[u8], kind: u16, data: &[u8]) {
        let length = u16::try_from(data.len()).expect("a record is short");
        self.count += 1;
        self.records.extend(name);
        self.records.extend(kind.to_be_bytes());
        // Of the internet, for 60 seconds.
        self.records.extend([0, 1, 0, 0, 0, 60]);
        self.records.extend(length.to_be_bytes());
        self.records.extend(data);
    }

    fn bytes(self) -> Vec<u8> {
        // An answer to a recursive query, from a server that does recursion.
        let flags = [0x81 | u8::from(self.is_cut) << 1, 0x80 | self.code];
        let mut bytes = [self.id, flags, [0, 1], self.count.to_be_bytes()].concat();
        bytes.extend([0; 4]);
        bytes.extend(self.question);
        bytes.extend(self.records);
        bytes
    }
}

/// The name at `start` of a query, in lower case, and where it ends.
fn name_at(query: &[u8], start: usize) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), start);
    loop {
        let length = usize::from(*query.get(at)?);
        let label = query.get(at + 1..at + 1 + length)?;
        at += 1 + length;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(label).to_lowercase());
    }
}

/// `name` as it stands in a message.
fn wire_name(name: &str) -> Vec<u8> {
    let label = |label: &str| {
        let length = u8::try_from(label.len()).expect("a label is short");
        [&[length], label.as_bytes()].concat()
    };
    let mut wire: Vec<u8> = name.split('.').flat_map(label).collect();
    wire.push(0);
    wire
}
