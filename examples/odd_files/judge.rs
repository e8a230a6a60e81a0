//! Judges one edit by its promises: which lines may differ, and what each client must read before and
//! after. It never runs anything.

#[path = "judge/lines.rs"]
mod lines;
#[path = "judge/reading.rs"]
mod reading;

use super::files::Files;
use super::lines::{Lines, Role};
use super::readers::{Client, Views};

/// The profile that a session is written to.
pub(crate) const TARGET: &str = "dev-mfa";

/// The settings that a login writes or a logout removes, lower-cased.
const SESSION_KEYS: [&str; 17] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "x_security_token_expires",
    "expiration",
    "aws_expiration",
    "aws_credential_expiration",
    "awsmfa_source_profile",
    "awsmfa_mfa_serial",
    "awsmfa_access_key_id",
    "awsmfa_process_hash",
    "awsmfa_role_arn",
    "awsmfa_role_hash",
    "awsmfa_duration",
    "aws_account_id",
    "aws_credential_scope",
];

/// A promise that was broken.
pub(crate) struct Violation {
    /// The promise, in the same words for every violation of it.
    pub(crate) kind: String,
    /// The details of this case.
    pub(crate) what: String,
}

impl Violation {
    pub(crate) fn new(kind: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            what: what.into(),
        }
    }
}

/// The kind of edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Login,
    Logout,
}

/// One of the two files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Config,
    Credentials,
}

/// The files, and how the clients read them.
pub(crate) type State<'a> = (&'a Files, &'a Views);

/// An accepted edit: the state before and after it.
pub(crate) struct Edit<'a> {
    pub(crate) step: Step,
    pub(crate) before: State<'a>,
    pub(crate) after: State<'a>,
    /// What was printed to standard error.
    pub(crate) said: &'a str,
    /// The id, secret and token of each session that AWS handed out, the latest last.
    pub(crate) sessions: &'a [[String; 3]],
}

impl Edit<'_> {
    /// Every promise that this edit breaks.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        let mut found = lines::violations(self);
        found.extend(reading::violations(self));
        found
    }

    /// Whether there is a warning other than those about ordinary INI readers and about the file's
    /// permissions.
    fn is_warned(&self) -> bool {
        let warnings = self.said.lines().filter(|it| it.starts_with("warning: "));
        let mut telling = warnings.filter(|it| {
            !it.contains("as an ordinary INI file") && !it.contains("can be read by others")
        });
        telling.next().is_some()
    }
}

impl Kind {
    const BOTH: [Self; 2] = [Self::Config, Self::Credentials];

    fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Credentials => "credentials",
        }
    }

    fn bytes(self, files: &Files) -> &[u8] {
        let bytes = match self {
            Self::Config => &files.config,
            Self::Credentials => &files.credentials,
        };
        bytes.as_deref().unwrap_or_default()
    }

    /// Whether only botocore reads the file: then awsmfa promises to follow its rules.
    fn is_of_botocore(self, (_, views): State<'_>) -> bool {
        let is_read = |client| match self {
            Self::Config => views.of(client).config.is_ok(),
            Self::Credentials => views.of(client).credentials.is_ok(),
        };
        is_read(Client::Botocore) && !is_read(Client::Rust)
    }

    /// The lines of the file, by the rules under which it is read.
    fn lines<'a>(self, state: State<'a>) -> Lines<'a> {
        let bytes = self.bytes(state.0);
        if self.is_of_botocore(state) {
            Lines::of_botocore(bytes)
        } else {
            Lines::of(bytes)
        }
    }

    /// The target's section.
    fn section(self) -> String {
        match self {
            Self::Config => format!("profile {TARGET}"),
            Self::Credentials => TARGET.to_owned(),
        }
    }
}

/// The settings in the target's section of the config file that awsmfa lists as its own, including the
/// list itself.
fn copied(state: State<'_>) -> Vec<String> {
    let lines = Kind::Config.lines(state);
    let pairs = in_target(&lines).filter_map(|at| lines.pair(at));
    let lists = pairs.filter(|(key, _)| key == "awsmfa_copied");
    let mut names: Vec<String> = lists
        .flat_map(|(_, list)| {
            let names = without_remark(&list).split(',');
            let names = names.map(|name| name.trim().to_lowercase());
            names.collect::<Vec<_>>()
        })
        .collect();
    names.push("awsmfa_copied".to_owned());
    names
}

/// The keys indented below those: not every client takes them for parts of their values.
fn below_copied(state: State<'_>, copied: &[String]) -> Vec<String> {
    let lines = Kind::Config.lines(state);
    let below = in_target(&lines).filter(|at| {
        let above = lines.key_above(*at);
        lines.role(*at) == Role::Indented && above.is_some_and(|key| copied.contains(&key))
    });
    let keys = below.filter_map(|at| lines.pair(at));
    keys.map(|(key, _)| key).collect()
}

/// The lines of the target's section in the config file.
fn in_target(lines: &Lines<'_>) -> impl Iterator<Item = usize> {
    let section = Kind::Config.section();
    (0..lines.all.len()).filter(move |at| lines.is_in(*at, &section))
}

/// A value without the comment after it.
fn without_remark(value: &str) -> &str {
    let marks = value.match_indices(['#', ';']);
    let mut begins = marks.filter(|(at, _)| value[..*at].ends_with([' ', '\t']));
    begins.next().map_or(value, |(at, _)| &value[..at])
}

/// Whether an id belongs to a session. Characters that some client takes for white space may come before
/// it.
fn is_of_session(id: &str) -> bool {
    id.trim_start_matches(is_blank).starts_with("ASIA")
}

/// Whether awsmfa has marked the target's only key as that of a session it got. This is needed because a
/// local mock of AWS hands out other ids.
fn is_marked(state: State<'_>, id: &str) -> bool {
    let lines = Kind::Credentials.lines(state);
    let section = Kind::Credentials.section();
    let in_target = (0..lines.all.len()).filter(|at| lines.is_in(*at, &section));
    let pairs: Vec<_> = in_target.filter_map(|at| lines.pair(at)).collect();
    let values = |key: &'static str| {
        let values = pairs.iter().filter(move |(name, _)| name == key);
        values.map(|(_, value)| value.as_str())
    };
    let is_stated = |key| values(key).any(|it| !it.is_empty());
    !id.starts_with("AKIA")
        && values("aws_access_key_id").eq([id])
        && is_stated("aws_session_token")
        && is_stated("awsmfa_source_profile")
}

/// Whether some client takes a character for white space, or skips it.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\u{feff}\u{200b}".contains(c)
}

/// The beginning of a value or a comment, up to white space: enough to find it again.
fn word(text: &str) -> &str {
    let text = text.trim_start_matches(is_blank);
    text.split_whitespace().next().unwrap_or_default()
}

/// A long-term pair in a file, however a reader interprets it.
struct Pair {
    kind: Kind,
    id: String,
    secret: String,
}

/// The pairs in both files whose id is not a session's.
fn long_term_pairs(state: State<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for kind in Kind::BOTH {
        let lines = kind.lines(state);
        let mut sections: Vec<(&str, Vec<Half>)> = Vec::new();
        for at in 0..lines.all.len() {
            if let Some(half) = half(&lines, at) {
                let name = lines.section(at);
                match sections.iter_mut().find(|(section, _)| *section == name) {
                    Some((_, halves)) => halves.push(half),
                    None => sections.push((name, vec![half])),
                }
            }
        }
        for (_, halves) in sections {
            let both = paired(&halves).into_iter();
            let long_term = both.filter(|(id, _)| !is_of_session(id) && !is_marked(state, id));
            pairs.extend(long_term.map(|(id, secret)| Pair { kind, id, secret }));
        }
    }
    pairs
}

/// Half of a pair.
enum Half {
    Id(String),
    Secret(String),
}

fn half(lines: &Lines<'_>, at: usize) -> Option<Half> {
    if lines.role(at) == Role::Comment {
        return None;
    }
    let (key, value) = lines.pair(at)?;
    let value = word(&value);
    match key.as_str() {
        _ if value.is_empty() => None,
        "aws_access_key_id" => Some(Half::Id(value.to_owned())),
        "aws_secret_access_key" => Some(Half::Secret(value.to_owned())),
        _ => None,
    }
}

/// The first id with the first secret and so on, if there are as many of each; otherwise each secret
/// with the nearest id before it.
fn paired(halves: &[Half]) -> Vec<(String, String)> {
    let ids = halves.iter().filter_map(|half| match half {
        Half::Id(id) => Some(id.clone()),
        Half::Secret(_) => None,
    });
    let secrets = halves.iter().filter_map(|half| match half {
        Half::Id(_) => None,
        Half::Secret(secret) => Some(secret.clone()),
    });
    if ids.clone().count() == secrets.clone().count() {
        return ids.zip(secrets).collect();
    }
    let mut open = None;
    let mut pairs = Vec::new();
    for half in halves {
        match half {
            Half::Id(id) => open = Some(id.clone()),
            Half::Secret(secret) => pairs.extend(open.take().map(|id| (id, secret.clone()))),
        }
    }
    pairs
}

/// Whether `part` is in `bytes`.
fn holds(bytes: &[u8], part: &str) -> bool {
    bytes
        .windows(part.len().max(1))
        .any(|window| window == part.as_bytes())
}

/// Whether botocore finds a pair of keys in the profile that signs in, in a credentials file that only
/// botocore reads.
pub(crate) fn has_keys_for_botocore(state: State<'_>) -> bool {
    let sections = &state.1.of(Client::Botocore).credentials;
    let profile = sections.as_ref().ok().and_then(|it| it.get("profile dev"));
    let is_whole = |key| {
        let value = profile.and_then(|it| it.get(key));
        value.is_some_and(|value| !value.is_empty())
    };
    Kind::Credentials.is_of_botocore(state)
        && is_whole("aws_access_key_id")
        && is_whole("aws_secret_access_key")
}

/// Everything in the files that no output may show.
pub(crate) fn secrets(files: &Files) -> Vec<String> {
    const HUSHED: [&str; 6] = [
        "aws_secret_access_key",
        "aws_session_token",
        "aws_security_token",
        "mfa_secret",
        "password",
        "ldap_password",
    ];
    let of_file = |kind: Kind| {
        let lines = Lines::of(kind.bytes(files));
        let pairs = (0..lines.all.len()).filter_map(|at| lines.pair(at));
        let hushed = pairs.filter(|(key, _)| HUSHED.contains(&key.as_str()));
        let words: Vec<String> = hushed.map(|(_, value)| word(&value).to_owned()).collect();
        words
    };
    let all = Kind::BOTH.into_iter().flat_map(of_file);
    // A shorter one could be an ordinary word.
    all.filter(|secret| secret.len() >= 12).collect()
}
