//! Replaces names and numbers in what was found, so that it can be shown to everybody: the same name by
//! the same word, wherever it stands. It replaces too much rather than too little.

use std::collections::{HashMap, HashSet};

/// What replaces the names in a text.
pub(super) struct Share {
    /// The user's home.
    home: Option<String>,
    /// What is looked for, the longest first.
    names: Vec<(&'static str, String)>,
    /// What each name that was met is replaced by.
    words: HashMap<String, String>,
    /// How many of each kind were met.
    counts: HashMap<&'static str, usize>,
}

/// A name in a text: where it begins, how long it is, and what replaces it.
type Hit = (usize, usize, String);

/// A part of a text: one that is done, or one in which more may be found.
enum Piece {
    Done(String),
    Raw(String),
}

impl Share {
    /// Replaces these names, each with what it is the name of, and the path of the user's `home`.
    pub(super) fn new(names: Vec<(&'static str, String)>, home: Option<String>) -> Self {
        let mut seen = HashSet::new();
        let mut names = names;
        names.retain(|(_, text)| seen.insert(text.clone()));
        names.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
        Self {
            // A root folder is nobody's.
            home: home.filter(|home| home.len() > 1),
            names,
            words: HashMap::new(),
            counts: HashMap::new(),
        }
    }

    /// `text` with every name in it replaced.
    pub(super) fn hide(&mut self, text: &str) -> String {
        let mut pieces = self.folders(text);
        pieces = split(pieces, &mut |text| self.arn(text));
        for number in 0..self.names.len() {
            let (kind, name) = self.names[number].clone();
            pieces = split(pieces, &mut |text| {
                let at = find_word(text, &name)?;
                Some((at, name.len(), self.word(kind, &name)))
            });
        }
        pieces = split(pieces, &mut |text| self.number(text));
        pieces = split(pieces, &mut |text| self.key_id(text));
        let done = pieces.into_iter().map(|piece| match piece {
            Piece::Done(text) | Piece::Raw(text) => text,
        });
        done.collect()
    }

    /// A text with the home of the user, and every other folder that is not the system's, replaced.
    fn folders(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut begin = 0;
        let mut from = 0;
        while let Some(at) = text[from..].find('/').map(|at| from + at) {
            let end = text[at..].find(is_end_of_path);
            let end = end.map_or(text.len(), |end| at + end);
            from = end;
            // Within a word, or a URL, it begins no path.
            let is_path = at == 0 || text[..at].ends_with(is_start_of_path);
            let path = &text[at..end];
            let is_systems = SYSTEMS.iter().any(|it| path.starts_with(it));
            if !is_path || is_systems {
                continue;
            }
            let of_home = self.home.as_ref().filter(|home| {
                let rest = path.strip_prefix(home.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            let (length, word) = match (of_home, path.rfind('/')) {
                (Some(home), _) => (home.len(), "~".to_owned()),
                (None, Some(name)) if name > 0 => (name, self.word("folder", &path[..name])),
                _ => continue,
            };
            pieces.push(Piece::Raw(text[begin..at].to_owned()));
            pieces.push(Piece::Done(word));
            begin = at + length;
        }
        pieces.push(Piece::Raw(text[begin..].to_owned()));
        pieces
    }

    /// What stands for a name.
    fn word(&mut self, kind: &'static str, name: &str) -> String {
        if let Some(word) = self.words.get(name) {
            return word.clone();
        }
        let kind = self
            .names
            .iter()
            .find(|(_, known)| known == name)
            .map_or(kind, |(kind, _)| kind);
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let word = format!("{kind}-{count}");
        self.words.insert(name.to_owned(), word.clone());
        word
    }

    /// The first ARN of a text, whose account and names are replaced.
    fn arn(&mut self, text: &str) -> Option<Hit> {
        let at = text
            .match_indices("arn:")
            .map(|(at, _)| at)
            .find(|at| !text[..*at].ends_with(is_part_of_word))?;
        let is_end = |c: char| c.is_whitespace() || "()[]`'\",;".contains(c);
        let end = text[at..].find(is_end).unwrap_or(text.len() - at);
        let parts: Vec<&str> = text[at..at + end].splitn(6, ':').collect();
        let [arn, partition, service, region, account, resource] = parts.as_slice() else {
            return None;
        };
        let account = match account.is_empty() {
            true => String::new(),
            false => self.word("account", account),
        };
        let mut words = resource.split('/');
        let mut resource = vec![words.next().unwrap_or_default().to_owned()];
        let within: Vec<&str> = words.collect();
        for word in within {
            resource.push(self.word("name", word));
        }
        let hidden = [
            *arn,
            partition,
            service,
            region,
            &account,
            &resource.join("/"),
        ];
        Some((at, end, hidden.join(":")))
    }

    /// The first number of a text that is as long as an account's.
    fn number(&mut self, text: &str) -> Option<Hit> {
        const ACCOUNT: usize = 12;
        let (at, number) =
            words(text, |c| c.is_ascii_digit()).find(|(_, number)| number.len() == ACCOUNT)?;
        Some((at, number.len(), self.word("account", number)))
    }

    /// The first id of a text that AWS gives to keys, users and roles.
    fn key_id(&mut self, text: &str) -> Option<Hit> {
        let is_id = |word: &str| {
            let begin = ["AKIA", "ASIA", "AIDA", "AROA"];
            word.len() > 4 && begin.iter().any(|it| word.starts_with(it))
        };
        let (at, id) = words(text, |c| c.is_ascii_alphanumeric()).find(|(_, it)| is_id(it))?;
        let kind = if id.starts_with("AKIA") || id.starts_with("ASIA") {
            "key"
        } else {
            "id"
        };
        Some((at, id.len(), self.word(kind, id)))
    }
}

/// Folders of the system's, which are everybody's.
const SYSTEMS: [&str; 4] = ["/dev/", "/etc/", "/proc/", "/usr/"];

/// Whether a path can begin behind `c`.
fn is_start_of_path(c: char) -> bool {
    c.is_whitespace() || "([`'\"".contains(c)
}

/// Whether a path ends before `c`, as one in a message does.
fn is_end_of_path(c: char) -> bool {
    c.is_whitespace() || "()[]`'\",;:".contains(c)
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where `name` stands in `text`, and not as a part of another word.
fn find_word(text: &str, name: &str) -> Option<usize> {
    // A name that begins or ends with a sign stands by itself there.
    let begins = name.starts_with(is_part_of_word);
    let ends = name.ends_with(is_part_of_word);
    let is_whole = |at: usize| {
        let is_inside = begins && text[..at].ends_with(is_part_of_word)
            || ends && text[at + name.len()..].starts_with(is_part_of_word);
        !is_inside
    };
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| is_whole(*at))
}

/// The runs of such characters in a text, each with where it begins.
fn words(text: &str, is_of_word: fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find(is_of_word)?;
        let length = text[start..].find(|c| !is_of_word(c));
        end = length.map_or(text.len(), |length| start + length);
        Some((start, &text[start..end]))
    })
}

/// Takes out of every raw piece what `find` finds there, one after the other, with what replaces it.
fn split(pieces: Vec<Piece>, find: &mut dyn FnMut(&str) -> Option<Hit>) -> Vec<Piece> {
    let mut done = Vec::new();
    for piece in pieces {
        let Piece::Raw(text) = piece else {
            done.push(piece);
            continue;
        };
        let mut rest = text.as_str();
        while let Some((at, length, word)) = find(rest) {
            done.push(Piece::Raw(rest[..at].to_owned()));
            done.push(Piece::Done(word));
            rest = &rest[at + length..];
        }
        done.push(Piece::Raw(rest.to_owned()));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::Share;

    fn share() -> Share {
        let names = [
            ("profile", "dev"),
            ("profile", "dev team"),
            ("user", "alice"),
            ("device", "alice"),
            ("host", "sts.corp.test"),
            ("value", "dev-secret"),
        ];
        let names = names.map(|(kind, name)| (kind, name.to_owned()));
        Share::new(names.to_vec(), Some("/home/alice".to_owned()))
    }

    #[test]
    fn a_name_is_replaced_by_one_word_and_only_as_a_whole() {
        let mut share = share();
        for (text, hidden) in [
            ("the device of dev", "the device of profile-1"),
            (
                "dev-mfa, dev and devel",
                "profile-1-mfa, profile-1 and devel",
            ),
            (
                "`awsmfa login --profile 'dev team'`",
                "`awsmfa login --profile 'profile-2'`",
            ),
            ("dev-secret", "value-1"),
            ("alice has alice", "user-1 has user-1"),
            (
                "arn:aws:iam::123456789012:user/eu/alice (AKIAX1, ASIAX2)",
                "arn:aws:iam::account-1:user/name-1/user-1 (key-1, key-2)",
            ),
            (
                "account 123456789012, not 1234567890123",
                "account account-1, not 1234567890123",
            ),
            ("AIDAX and AKIA", "id-1 and AKIA"),
            (
                "https://sts.corp.test:8443/alice",
                "https://host-1:8443/user-1",
            ),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[test]
    fn of_a_path_the_name_of_the_file_stays() {
        let mut share = share();
        for (text, hidden) in [
            ("/home/alice/.aws/config is read", "~/.aws/config is read"),
            ("(/home/alice)", "(~)"),
            ("/home/alice2/config", "folder-1/config"),
            (
                "/srv/acme/aws/config, a link to /srv/acme/aws/x",
                "folder-2/config, a link to folder-2/x",
            ),
            ("can't read /proc/x: /etc/x", "can't read /proc/x: /etc/x"),
            ("http://a.test/b/c and a/b/c", "http://a.test/b/c and a/b/c"),
            ("/config", "/config"),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }
}
