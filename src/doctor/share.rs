//! Replaces names and numbers in what was found, so that it can be shown to everybody: the same name by
//! the same word, wherever it stands. It replaces too much rather than too little.

use super::scene::Scene;
use crate::aws::settings::{is_like_region, is_this_computer};
use crate::aws::{Identity, Owner};
use crate::ini::Document;
use crate::profile::setting;
use crate::value::keys::KeyKind;
use crate::value::name::SUFFIX;
use crate::value::{ProfileName, Serial};
use std::collections::HashMap;

/// Names that are met while everything is looked at, and what each is the name of.
#[derive(Default)]
pub(super) struct Names(Vec<(&'static str, String)>);

impl Names {
    /// Notes who AWS says the user is.
    pub(super) fn identity(&mut self, identity: &Identity) {
        if let Some(Owner::User(user)) = Owner::of(&identity.arn) {
            self.add("user", user);
        }
        self.add("id", &identity.user_id);
        self.add("account", &identity.account);
    }

    /// Notes a device.
    pub(super) fn device(&mut self, serial: &Serial) {
        self.add("device", serial.device_name());
    }

    /// Notes a host.
    pub(super) fn host(&mut self, host: &str) {
        let is_everybodys = [".amazonaws.com", ".amazonaws.com.cn"]
            .iter()
            .any(|it| host.ends_with(it));
        if !is_everybodys && !is_this_computer(host) {
            self.add("host", host);
        }
    }

    fn add(&mut self, kind: &'static str, text: &str) {
        if !text.is_empty() {
            self.0.push((kind, text.to_owned()));
        }
    }

    /// What replaces these names, and all that the files and the environment hold.
    pub(super) fn share(mut self, scene: &Scene) -> Share {
        // What a person gives a name to keeps the word of its kind, whatever else has the same name.
        let met = std::mem::take(&mut self.0);
        for name in scene.profiles().names().iter().chain([&scene.name()]) {
            self.profile(name);
        }
        self.0.extend(met);
        for document in [&scene.contents.config, &scene.contents.credentials] {
            self.document(document);
        }
        Share::new(
            self,
            scene.context.env.home().map(|it| it.display().to_string()),
        )
    }

    /// Notes a profile. That of a session begins with the name of its source, which is replaced in it.
    fn profile(&mut self, name: &ProfileName) {
        if !name.is_default() {
            let text = name.as_str();
            self.add("profile", text.strip_suffix(SUFFIX).unwrap_or(text));
        }
    }

    /// Notes the names of sections, and what the settings in them say of somebody.
    fn document(&mut self, document: &Document) {
        for section in document.sections() {
            for word in section.split_whitespace() {
                if !PUBLIC_WORDS.contains(&word) {
                    self.add("profile", word.strip_suffix(SUFFIX).unwrap_or(word));
                }
            }
            for key in document.keys(section) {
                // A list of settings is nobody's.
                if is_secret(&key) || key == setting::COPIED {
                    continue;
                }
                let value = document.get(section, &key).unwrap_or_default();
                for line in value.lines() {
                    self.value(line.trim());
                }
            }
        }
    }

    fn value(&mut self, value: &str) {
        let is_number = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_digit());
        // A word of a few letters would be found in every text.
        let is_telling = value.chars().count() >= 4;
        // An id and each part of an ARN is replaced as what it is.
        let is_public = is_like_region(value)
            || is_number
            || value.starts_with("arn:")
            || KeyKind::of(value) != KeyKind::Unknown
            || PUBLIC_WORDS.contains(&value);
        if is_telling && !is_public {
            self.add("value", value);
        }
    }
}

/// Words of headers and settings that are everybody's.
const PUBLIC_WORDS: [&str; 13] = [
    "default",
    "profile",
    "services",
    "sso-session",
    "true",
    "false",
    "json",
    "yaml",
    "text",
    "table",
    "legacy",
    "regional",
    "standard",
];

/// Whether the value of a setting is a secret, and so in no text anyway.
fn is_secret(key: &str) -> bool {
    let secrets = [
        setting::SECRET_ACCESS_KEY,
        setting::NEXT_SECRET,
        setting::SESSION_TOKEN,
        setting::SECURITY_TOKEN,
    ];
    secrets.contains(&key)
}

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
    fn new(names: Names, home: Option<String>) -> Self {
        let mut seen = HashMap::new();
        let mut names: Vec<(&'static str, String)> = names
            .0
            .into_iter()
            .filter(|(_, text)| seen.insert(text.clone(), ()).is_none())
            .collect();
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
        let mut pieces = vec![Piece::Raw(text.to_owned())];
        if let Some(home) = self.home.clone() {
            pieces = split(pieces, &mut |text| {
                let (at, found) = text.match_indices(&home).find(|(at, _)| {
                    let rest = &text[at + home.len()..];
                    !rest.starts_with(is_part_of_word)
                })?;
                Some((at, found.len(), "~".to_owned()))
            });
        }
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
