//! Replaces names and numbers in the findings, so that they can be shown to anybody: the same name by
//! the same word everywhere. It replaces too much rather than too little.

use super::finding::without_secrets;
use super::our_words::OUR_WORDS;
use crate::aws::settings::{is_like_region, is_this_computer};
use crate::text::{escape, excerpt};
use crate::value::ProfileName;
use std::collections::{HashMap, HashSet};

/// The replacements for the names in a text.
pub(super) struct Share {
    /// The user's home folder, in every form in which it may be shown.
    homes: Vec<String>,
    /// The names to look for, the longest first.
    names: Vec<Name>,
    /// The replacement of each name that was found.
    words: HashMap<String, String>,
    /// The number of names found, by kind.
    counts: HashMap<&'static str, usize>,
}

/// A name as it may occur in a text.
#[derive(Clone)]
struct Name {
    kind: &'static str,
    text: String,
    /// The name itself, if it is shown in another form.
    of: String,
}

/// The kind of a name that is a path.
pub(super) const PATH: &str = "path";
/// The kind of a name that is a profile's.
pub(super) const PROFILE: &str = "profile";

/// A name in a text: its start, its length, and its replacement.
type Hit = (usize, usize, String);

/// A part of a text: finished, or still to be searched.
enum Piece {
    Done(String),
    Raw(String),
}

impl Share {
    /// Replaces these names, each given with its kind, and the path of the user's `home`.
    pub(super) fn new(names: Vec<(&'static str, String)>, home: Option<String>) -> Self {
        // `/` as a home identifies nobody.
        let home = home.filter(|home| home.len() > 1);
        let homes = home.map_or_else(Vec::new, |home| forms(home.trim_end_matches(['/', '\\'])));
        let homes: Vec<String> = homes.into_iter().map(with_slashes).collect();
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for (kind, of) in names {
            let mut texts: Vec<String> = forms(&of).into_iter().map(with_slashes).collect();
            if kind == PATH {
                texts = texts
                    .iter()
                    .map(|text| without_home(text, &homes))
                    .collect();
            }
            // A profile's session may be kept under a similar name that all tools can read.
            if kind == PROFILE
                && let Ok(name) = of.parse::<ProfileName>()
            {
                texts.extend(name.stand_in().map(|it| it.as_str().to_owned()));
            }
            texts.retain(|text| seen.insert(text.clone()));
            let named = |text| Name {
                kind,
                text,
                of: of.clone(),
            };
            all.extend(texts.into_iter().map(named));
        }
        all.sort_by_key(|name| std::cmp::Reverse(name.text.len()));
        Self {
            homes,
            names: all,
            words: HashMap::new(),
            counts: HashMap::new(),
        }
    }

    /// `text` with every name in it replaced.
    pub(super) fn hide(&mut self, text: &str) -> String {
        let text = with_slashes(text.to_owned());
        let text = without_words_of_aws(&without_home(&text, &self.homes));
        let mut pieces = vec![Piece::Raw(text)];
        // The rules below would split names with spaces or slashes.
        pieces = self.names(pieces, |name| {
            name.contains(is_end_of_path) || name.contains('/')
        });
        pieces = split(pieces, &mut |text| self.url(text));
        pieces = split(pieces, &mut |text| self.arn(text));
        pieces = split(pieces, &mut |text| self.path(text));
        pieces = self.names(pieces, |_| true);
        pieces = split(pieces, &mut |text| self.number(text));
        pieces = split(pieces, &mut |text| self.key_id(text));
        let done = pieces.into_iter().map(|piece| match piece {
            Piece::Done(text) | Piece::Raw(text) => text,
        });
        done.collect()
    }

    /// The pieces, with those names replaced that `is_meant` selects.
    fn names(&mut self, mut pieces: Vec<Piece>, is_meant: impl Fn(&str) -> bool) -> Vec<Piece> {
        for number in 0..self.names.len() {
            let name = self.names[number].clone();
            if !is_meant(&name.text) {
                continue;
            }
            pieces = split(pieces, &mut |text| {
                let at = find_name(text, &name.text)?;
                let word = match name.kind {
                    PATH => self.path_word(&name.text),
                    kind => self.word(kind, &name.of),
                };
                Some((at, name.text.len(), word))
            });
        }
        pieces
    }

    /// The first path in a text that does not belong to the system.
    fn path(&mut self, text: &str) -> Option<Hit> {
        let mut from = 0;
        while let Some(at) = text[from..].find(['/', '~']).map(|at| from + at) {
            let end = text[at..].find(is_end_of_path);
            let end = end.map_or(text.len(), |end| at + end);
            from = end.max(at + 1);
            // `C:` belongs to it.
            let at = if has_drive(&text[..at]) { at - 2 } else { at };
            // Inside a word no path begins.
            let is_path = at == 0 || text[..at].ends_with(is_start_of_path);
            let path = &text[at..end];
            let is_systems = SYSTEMS.iter().any(|it| path.starts_with(it));
            if is_path && !is_systems {
                return Some((at, path.len(), self.path_word(path)));
            }
        }
        None
    }

    /// The replacement of a path: the home folder, and names that every home contains, stay.
    fn path_word(&mut self, path: &str) -> String {
        let (root, rest) = match path.strip_prefix('~') {
            Some(rest) => ("~", rest),
            None => ("", path),
        };
        let (folder, file) = match rest.rfind('/') {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None if root.is_empty() => ("", Some(rest)),
            None => (rest, None),
        };
        let is_plain = folder.split('/').all(|part| PUBLIC_PARTS.contains(&part));
        let folder = match is_plain {
            true => folder.to_owned(),
            false if root.is_empty() => self.word("folder", folder),
            false => format!("/{}", self.word("folder", folder)),
        };
        let file = match file {
            None => String::new(),
            Some(file) => {
                let sign = if rest.contains('/') { "/" } else { "" };
                match PUBLIC_PARTS.contains(&file) {
                    true => format!("{sign}{file}"),
                    false => format!("{sign}{}", self.word("file", file)),
                }
            }
        };
        format!("{root}{folder}{file}")
    }

    /// The first URL in a text that points somewhere: host, user and path are replaced.
    fn url(&mut self, text: &str) -> Option<Hit> {
        const SIGN: &str = "://";
        let mut from = 0;
        while let Some(sign) = text[from..].find(SIGN).map(|at| from + at) {
            let begin = sign + SIGN.len();
            from = begin;
            let end = text[begin..].find(|c: char| c.is_whitespace() || "()`'\",;".contains(c));
            let end = end.map_or(text.len(), |end| begin + end);
            let (authority, path) = {
                let rest = &text[begin..end];
                rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
            };
            let place = authority.rsplit('@').next().unwrap_or_default();
            let port = place.rfind(':').filter(|at| !place[*at..].contains(']'));
            let (host, port) = place.split_at(port.unwrap_or(place.len()));
            let is_plain = path.len() < 2 && place.len() == authority.len();
            if host.is_empty() || is_plain && is_everybodys(host) {
                continue;
            }
            let host = match is_everybodys(host) {
                true => host.to_owned(),
                false => self.word("host", host),
            };
            let path = match path.len() {
                ..2 => path.to_owned(),
                _ => format!("/{}", self.word("name", path)),
            };
            return Some((begin, end - begin, format!("{host}{port}{path}")));
        }
        None
    }

    /// The replacement of a name.
    fn word(&mut self, kind: &'static str, name: &str) -> String {
        let known = self.names.iter().find(|known| known.text == name);
        let known = known.filter(|known| known.kind != PATH);
        let (kind, name) = known.map_or((kind, name.to_owned()), |it| (it.kind, it.of.clone()));
        if let Some(word) = self.words.get(&name) {
            return word.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let word = format!("{kind}-{count}");
        self.words.insert(name, word.clone());
        word
    }

    /// The first ARN in a text, or the beginning of one; its account and names are replaced.
    fn arn(&mut self, text: &str) -> Option<Hit> {
        const BEGIN: &str = "arn:";
        let at = text
            .match_indices(BEGIN)
            .map(|(at, _)| at)
            .find(|at| !text[..*at].ends_with(is_part_of_word))?;
        let is_end = |c: char| c.is_whitespace() || "()[]`'\";".contains(c);
        let end = text[at..].find(is_end).unwrap_or(text.len() - at);
        let arn = text[at..at + end].trim_end_matches([',', ':', '.']);
        let mut hidden = vec!["arn".to_owned()];
        for (number, part) in arn.splitn(6, ':').enumerate().skip(1) {
            hidden.push(match number {
                _ if part.is_empty() => String::new(),
                1 if PARTITIONS.contains(&part) => part.to_owned(),
                2 if ["iam", "sts"].contains(&part) => part.to_owned(),
                3 if is_like_region(part) => part.to_owned(),
                4 if part == "aws" => part.to_owned(),
                4 => self.word("account", part),
                5 => self.resource(part),
                _ => self.word("name", part),
            });
        }
        let length = arn.len().max(BEGIN.len());
        let colon = if arn.len() < BEGIN.len() { ":" } else { "" };
        Some((at, length, hidden.join(":") + colon))
    }

    /// The replacement of an ARN's resource: its type stays, its name and path are replaced.
    fn resource(&mut self, resource: &str) -> String {
        let parts: Vec<&str> = resource.split('/').collect();
        let mut hidden = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let is_kind =
                number == 0 && (parts.len() > 1 || *part == "root") && RESOURCES.contains(part);
            hidden.push(match is_kind || part.is_empty() {
                true => (*part).to_owned(),
                false => self.word("name", part),
            });
        }
        hidden.join("/")
    }

    /// The first number in a text that is as long as an account's.
    fn number(&mut self, text: &str) -> Option<Hit> {
        const ACCOUNT: usize = 12;
        let (at, number) =
            words(text, |c| c.is_ascii_digit()).find(|(_, number)| number.len() == ACCOUNT)?;
        Some((at, number.len(), self.word("account", number)))
    }

    /// The first id in a text as AWS gives them to keys, users and roles.
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

/// Folders of the system.
const SYSTEMS: [&str; 4] = ["/dev/", "/etc/", "/proc/", "/usr/"];

/// Folders and files that every home contains.
const PUBLIC_PARTS: [&str; 18] = [
    "",
    ".aws",
    "config",
    "credentials",
    ".config",
    ".local",
    "share",
    "man",
    "man1",
    "awsmfa.1",
    ".bashrc",
    ".zshrc",
    "fish",
    "config.fish",
    "elvish",
    "rc.elv",
    "cli",
    "cache",
];

/// AWS's partitions as they are in ARNs.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// The resource types in ARNs.
const RESOURCES: [&str; 9] = [
    "user",
    "role",
    "mfa",
    "group",
    "policy",
    "root",
    "u2f",
    "assumed-role",
    "federated-user",
];

/// Whether a host is public knowledge: this computer, a host that AWS runs for all customers, or an
/// example. A customer's own endpoint is below AWS's domains, too.
pub(super) fn is_everybodys(host: &str) -> bool {
    if is_this_computer(host) || ["proxy.example.com", "host"].contains(&host) {
        return true;
    }
    let domains = [".amazonaws.com.cn", ".amazonaws.com", ".api.aws"];
    let service = domains.iter().find_map(|it| host.strip_suffix(it));
    let (service, region) = match service.map(|it| it.split_once('.').unwrap_or((it, ""))) {
        Some(parts) => parts,
        None => return false,
    };
    let is_service = ["sts", "iam", "sts-fips", "iam-fips"].contains(&service);
    is_service && (["", "us-gov", "global"].contains(&region) || is_like_region(region))
}

/// `text` with one separator in all paths, so that one set of rules finds their parts.
fn with_slashes(text: String) -> String {
    match cfg!(windows) {
        true => text.replace('\\', "/"),
        false => text,
    }
}

/// Whether a drive of Windows is named at the end of `before`.
fn has_drive(before: &str) -> bool {
    let mut last = before.chars().rev();
    cfg!(windows)
        && last.next() == Some(':')
        && last.next().is_some_and(|c| c.is_ascii_alphabetic())
        && last.next().is_none_or(is_start_of_path)
}

/// Whether a path can begin after `c`.
fn is_start_of_path(c: char) -> bool {
    c.is_whitespace() || "([`'\"=,".contains(c)
}

/// Whether a path in a message ends before `c`.
fn is_end_of_path(c: char) -> bool {
    c.is_whitespace() || "()[]`'\",;:".contains(c)
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The forms in which messages show a text: as it is, escaped, as a shell word, its beginning only, and
/// without possible secrets.
fn forms(text: &str) -> Vec<String> {
    let begin = excerpt(text);
    let begin = begin.strip_suffix('…').unwrap_or(&begin);
    let mut forms = vec![
        text.to_owned(),
        escape(text),
        text.replace('\'', r"'\''"),
        text.replace('\'', "''"),
        begin.to_owned(),
        without_secrets(text),
    ];
    let mut seen = HashSet::new();
    forms.retain(|form| !form.is_empty() && seen.insert(form.clone()));
    forms
}

/// `text` with `~` for the home folder, except at the beginning of a longer folder name.
fn without_home(text: &str, homes: &[String]) -> String {
    let mut text = text.to_owned();
    for home in homes {
        let mut shown = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(home.as_str()) {
            let after = &rest[at + home.len()..];
            let goes_on = after.starts_with(|c| is_part_of_word(c) || "-.".contains(c));
            shown.push_str(&rest[..at]);
            shown.push_str(if goes_on { home } else { "~" });
            rest = after;
        }
        text = shown + rest;
    }
    text
}

/// `text` without AWS's own message, which names users and policies; its error code says as much.
fn without_words_of_aws(text: &str) -> String {
    for (begin, is_operation) in [
        ("AWS refused ", true),
        ("AWS does not accept the region ", false),
        ("STS is not activated in the region ", false),
    ] {
        let Some(at) = text.find(begin).map(|at| at + begin.len()) else {
            continue;
        };
        let Some(colon) = text[at..].find(": ").map(|colon| at + colon) else {
            continue;
        };
        let (what, words) = (&text[at..colon], &text[colon + 2..]);
        if !is_operation {
            return text[..colon].to_owned();
        }
        if !what.contains(':') || what.contains(' ') {
            continue;
        }
        let code = words.strip_suffix(')').and_then(|it| it.rsplit_once(" ("));
        let code = code.map_or(words, |(_, code)| code);
        return format!("{}: {code}", &text[..colon]);
    }
    text.to_owned()
}

/// Where `name` occurs in `text` as a name, not as part of another word or as one of our own words.
fn find_name(text: &str, name: &str) -> Option<usize> {
    // A name that begins or ends with a sign needs no boundary there.
    let begins = name.starts_with(is_part_of_word);
    let ends = name.ends_with(is_part_of_word);
    let is_ours = OUR_WORDS.contains(&name)
        || name.chars().count() < 2
        || name.bytes().all(|byte| byte.is_ascii_digit()) && name.len() < 12;
    let is_name = |at: usize| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let is_inside = begins && before.ends_with(is_part_of_word)
            || ends && after.starts_with(is_part_of_word);
        !is_inside && (!is_ours || stands_as_name(before, after))
    };
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| is_name(*at))
}

/// Whether the text between these two is certainly a name. Elsewhere a name that is also one of our
/// words can't be told from that word.
fn stands_as_name(before: &str, after: &str) -> bool {
    let signs = [
        "--profile ",
        "--profile=",
        "--profile '",
        "--session-profile ",
        "awsmfa setup ",
        "_PROFILE is ",
        "_PROFILE=",
        "_PROFILE = \"",
        "[profile ",
        "[sso-session ",
        " named `",
    ];
    let of_profile = before.strip_suffix("profile ").is_some_and(|before| {
        let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
        ["", "of", "from", "in", "than", "for", "what", "names"].contains(&word)
    });
    before.is_empty() && after.is_empty()
        || of_profile
        || signs.iter().any(|sign| before.ends_with(sign))
        || before.ends_with('[') && after.starts_with(']')
        || after.starts_with("-mfa")
            && !after["-mfa".len()..].starts_with(|c| is_part_of_word(c) || c == '-')
}

/// The runs of such characters in a text, each with its start.
fn words(text: &str, is_of_word: fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + text[end..].find(is_of_word)?;
        let length = text[start..].find(|c| !is_of_word(c));
        end = length.map_or(text.len(), |length| start + length);
        Some((start, &text[start..end]))
    })
}

/// Replaces what `find` finds in the unfinished pieces, one hit after the other.
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
    #[cfg(windows)]
    use super::PATH;
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
    fn a_name_is_replaced_with_one_word_and_only_as_a_whole() {
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
                "https://host-1:8443/name-2",
            ),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[test]
    fn parts_of_a_path_that_every_home_has_stay() {
        let mut share = share();
        for (text, hidden) in [
            ("/home/alice/.aws/config is read", "~/.aws/config is read"),
            ("(/home/alice)", "(~)"),
            ("/home/alice2/config", "folder-1/config"),
            ("~/zqsub/zqfile, a", "~/folder-2/file-1, a"),
            (
                "/srv/acme/aws/config, a link to /srv/acme/aws/x",
                "folder-3/config, a link to folder-3/file-2",
            ),
            ("can't read /proc/x: /etc/x", "can't read /proc/x: /etc/x"),
            ("a/b/c, _ - / and ~", "a/b/c, _ - / and ~"),
            ("/config and /zq", "/config and /file-3"),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[cfg(windows)]
    #[test]
    fn paths_of_windows_are_hidden_too() {
        let home = Some("C:\\Users\\Zq Q\\".to_owned());
        let mut share = Share::new(vec![(PATH, "D:\\zq zq\\keys.csv".to_owned())], home);
        for (text, hidden) in [
            (
                "all read C:\\Users\\Zq Q\\.aws\\config",
                "all read ~/.aws/config",
            ),
            (
                "can't read D:\\zq\\zqfile: x",
                "can't read folder-1/file-1: x",
            ),
            ("(d:/zq/config)", "(folder-2/config)"),
            ("`D:\\zq zq\\keys.csv`", "`folder-3/file-2`"),
            ("\\\\zqserver\\zqshare\\zqfile, a", "folder-4/file-1, a"),
            ("https://sts.amazonaws.com/", "https://sts.amazonaws.com/"),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[test]
    fn a_home_is_replaced_whatever_characters_it_has() {
        for home in [
            "/srv/John Smith",
            "/srv/J (x) 'y', \"z\": a",
            "/usr/home/bsd",
            "/etc/x",
            "/srv/a\u{1b}b",
            "C:\\Users\\Zq Q",
        ] {
            let mut share = Share::new(Vec::new(), Some(home.to_owned()));
            let shown = crate::text::escape(home);
            for home in [home, &shown] {
                let text = format!("{home}/.aws/config, `{home}`: x");
                assert_eq!(share.hide(&text), "~/.aws/config, `~`: x");
            }
        }
    }

    #[test]
    fn a_short_arn_does_not_hide_a_later_one() {
        let mut share = share();
        for (text, hidden) in [
            (
                "arn:zq and arn:aws:iam::123456789012:zqthing",
                "arn:name-1 and arn:aws:iam::account-1:name-2",
            ),
            ("arn: and arn:aws:zq", "arn: and arn:aws:name-1"),
            (
                "arn:aws:iam::aws:policy/zqp, arn:aws:iam::123456789012:root",
                "arn:aws:iam::aws:policy/name-3, arn:aws:iam::account-1:root",
            ),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[test]
    fn only_hosts_that_all_customers_share_stay() {
        let mut share = share();
        for (text, hidden) in [
            (
                "https://vpce-0zq.sts.eu-central-1.vpce.amazonaws.com",
                "https://host-1",
            ),
            ("https://iam.amazonaws.com/", "https://iam.amazonaws.com/"),
            (
                "https://sts.cn-north-1.amazonaws.com.cn:443",
                "https://sts.cn-north-1.amazonaws.com.cn:443",
            ),
            (
                "http://us:zq@zq.test:80/zq/a and https:// goes",
                "http://host-2:80/name-1 and https:// goes",
            ),
            ("http://us:zq@127.0.0.1:1/", "http://127.0.0.1:1/"),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[test]
    fn messages_from_aws_are_left_out() {
        let mut share = share();
        for (text, hidden) in [
            (
                "AWS refused iam:X: User: zq is (not) authorized: zq (AccessDenied)",
                "AWS refused iam:X: AccessDenied",
            ),
            (
                "AWS refused iam:X: Throttled",
                "AWS refused iam:X: Throttled",
            ),
            (
                "AWS refused the signature: this computer's clock is off",
                "AWS refused the signature: this computer's clock is off",
            ),
            (
                "AWS does not accept the region eu-west-1: zq",
                "AWS does not accept the region eu-west-1",
            ),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }

    #[test]
    fn a_name_that_is_also_an_ordinary_word_is_replaced_only_as_a_name() {
        let names = ["the", "is", "key", "login", "zq$x"];
        let names = names.map(|name| ("profile", name.to_owned()));
        let mut share = Share::new(names.to_vec(), None);
        for (text, hidden) in [
            (
                "the access key of profile key is the one",
                "the access key of profile profile-1 is the one",
            ),
            (
                "no profile is named: `awsmfa login --profile is`, is-mfa",
                "no profile is named: `awsmfa login --profile profile-2`, profile-2-mfa",
            ),
            (
                "zq-x-mfa of profile zq$x",
                "profile-3-mfa of profile profile-3",
            ),
            (
                "AWS_PROFILE is the, and it names profile the: `awsmfa setup the`",
                "AWS_PROFILE is profile-4, and it names profile profile-4: `awsmfa setup profile-4`",
            ),
            ("login", "profile-5"),
        ] {
            assert_eq!(share.hide(text), hidden);
        }
    }
}
