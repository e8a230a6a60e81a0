//! Reads a text as botocore does, which the AWS CLI and boto3 read the AWS files with: Python's
//! `configparser` and what botocore makes of it. It never sees a file, and judges nothing.
//!
//! Source: `configparser.RawConfigParser` of Python 3.10 to 3.13, and `botocore/configloader.py`.
//! Other than the SDKs, Python ends a line at a carriage return too, trims every white space there is,
//! separates at a colon as well as at an equals sign, takes a line for a continuation when it is
//! indented deeper than the one that it goes on with, and refuses a file in which a section or key is
//! repeated.

use fnv::FnvHashMap;
use memchr::{memchr2, memrchr2};
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::iter;
use std::ops::Range;

/// A text as botocore reads it, in offsets of the text.
pub(crate) struct Reading {
    /// In order of first appearance.
    pub(crate) sections: Vec<Section>,
    /// What stands between the brackets of each header, in file order: more of them than there are
    /// sections where `[DEFAULT]` stands twice.
    pub(crate) headers: Vec<Range<usize>>,
    /// By section, then in file order.
    pub(crate) options: Vec<Opt>,
    /// The lines below the options' own.
    below: Vec<Range<usize>>,
    /// Why botocore reads nothing of the text: all the reasons, by line.
    pub(crate) faults: Vec<Fault>,
}

/// A section.
pub(crate) struct Section {
    /// What stands between the brackets, as it is spelled.
    pub(crate) name: Range<usize>,
    /// The line of its header, counted from 1.
    pub(crate) line: usize,
}

/// A key of a section.
pub(crate) struct Opt {
    /// Index of [`Reading::sections`].
    pub(crate) section: usize,
    pub(crate) name: Range<usize>,
    /// What stands on its own line.
    pub(crate) value: Range<usize>,
    /// Indices of [`Reading::below`].
    below: Range<usize>,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// A reason why botocore reads nothing of a text. Shows no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Counted from 1.
    pub(crate) line: usize,
    /// In words, without the line.
    pub(crate) reason: String,
}

impl Reading {
    /// Reads `text`. What botocore gives up at is noted, and the rest is read all the same.
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = Reader {
            text,
            reading: Self {
                sections: Vec::new(),
                headers: Vec::new(),
                options: Vec::new(),
                below: Vec::new(),
                faults: Vec::new(),
            },
            by_name: FnvHashMap::default(),
            section: None,
            in_option: false,
            indent: 0,
        };
        for (number, line) in lines(text) {
            reader.line(number, line);
        }
        let mut reading = reader.reading;
        // Only the options of a second `[DEFAULT]` are not in this order already.
        reading.options.sort_by_key(|option| option.section);
        reading.check_keys(text);
        reading.check_blocks(text);
        reading.faults.sort_by_key(|fault| fault.line);
        reading
    }

    /// The name of an option, as botocore knows it: lower-cased.
    pub(crate) fn name<'a>(&self, text: &'a str, option: &Opt) -> Cow<'a, str> {
        folded(&text[option.name.clone()])
    }

    /// The lines of an option's value, the first one on its own line; no empty ones at the end.
    pub(crate) fn value<'a>(
        &'a self,
        text: &'a str,
        option: &'a Opt,
    ) -> impl Iterator<Item = &'a str> {
        let below = &self.below[option.below.clone()];
        let full = below.iter().rposition(|line| !line.is_empty());
        let below = &below[..full.map_or(0, |last| last + 1)];
        let lines = iter::once(&option.value).chain(below);
        lines.map(|line| &text[line.clone()])
    }

    /// The lines below an option that go on with its value; none of them is empty.
    pub(crate) fn lines_below<'a>(
        &'a self,
        option: &Opt,
    ) -> impl Iterator<Item = &'a Range<usize>> {
        let below = &self.below[option.below.clone()];
        below.iter().filter(|line| !line.is_empty())
    }

    /// A value that begins below its key is a block, and botocore wants an equals sign on each of its
    /// lines.
    fn check_blocks(&mut self, text: &str) {
        for option in self.options.iter().filter(|option| option.value.is_empty()) {
            let is_odd = |line: &&Range<usize>| {
                let parts = text[(*line).clone()].split(is_line_end);
                let mut parts = parts.filter(|part| !strip_start(part).is_empty());
                parts.any(|part| !part.contains('='))
            };
            if self.below[option.below.clone()]
                .iter()
                .any(|line| is_odd(&line))
            {
                self.faults.push(Fault {
                    line: option.line,
                    reason: "a line below it has no equals sign".to_owned(),
                });
            }
        }
    }

    /// No key may be repeated in a section.
    fn check_keys(&mut self, text: &str) {
        let mut names: Vec<(Cow<'_, str>, usize)> = Vec::new();
        for own in self
            .options
            .chunk_by(|one, next| one.section == next.section)
        {
            names.clear();
            names.extend(
                own.iter()
                    .map(|option| (self.name(text, option), option.line)),
            );
            names.sort_unstable();
            for same in names.chunk_by(|one, next| one.0 == next.0) {
                let [(name, first), more @ ..] = same else {
                    continue;
                };
                let section = &text[self.sections[own[0].section].name.clone()];
                self.faults.extend(more.iter().map(|(_, line)| Fault {
                    line: *line,
                    reason: format!("{name} in [{section}] is already set on line {first}"),
                }));
            }
        }
    }
}

/// What has been read so far.
struct Reader<'a> {
    text: &'a str,
    reading: Reading,
    /// Where a section is in [`Reading::sections`].
    by_name: FnvHashMap<&'a str, usize>,
    section: Option<usize>,
    /// Whether a deeper line goes on with the last option.
    in_option: bool,
    /// How far the last line that began something is indented.
    indent: usize,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: usize, line: Range<usize>) {
        let whole = &self.text[line.clone()];
        let value = strip_start(whole);
        let start = line.end - value.len();
        let value = strip_end(value);
        let range = start..start + value.len();
        if value.starts_with(['#', ';']) {
            return;
        }
        if value.is_empty() {
            if self.in_option {
                self.go_on(start..start);
            }
            return;
        }
        let indent = match range.start - line.start {
            0 => 0,
            bytes => whole[..bytes].chars().count(),
        };
        if self.in_option && indent > self.indent {
            self.go_on(range);
            return;
        }
        self.indent = indent;
        if value.starts_with('[')
            && let Some(close) = value.rfind(']').filter(|close| *close > 1)
        {
            self.header(number, start + 1..start + close);
        } else if let Some(section) = self.section {
            self.option(number, section, range);
        } else if self.reading.faults.is_empty() {
            let reason = match value.starts_with('\u{feff}') {
                true => "there is a byte order mark before it: save the file as UTF-8 without one",
                false => "it comes before the first [section]",
            };
            self.fault(number, reason.to_owned());
        }
    }

    fn go_on(&mut self, line: Range<usize>) {
        self.reading.below.push(line);
        if let Some(option) = self.reading.options.last_mut() {
            option.below.end = self.reading.below.len();
        }
    }

    fn header(&mut self, line: usize, name: Range<usize>) {
        let spelled = &self.text[name.clone()];
        self.in_option = false;
        let section = match self.by_name.entry(spelled) {
            Entry::Vacant(free) => {
                let name = name.clone();
                self.reading.sections.push(Section { name, line });
                *free.insert(self.reading.sections.len() - 1)
            }
            Entry::Occupied(taken) => {
                let section = *taken.get();
                let first = self.reading.sections[section].line;
                if spelled != DEFAULTS {
                    self.reading.faults.push(Fault {
                        line,
                        reason: format!("[{spelled}] already begins on line {first}"),
                    });
                }
                section
            }
        };
        self.reading.headers.push(name);
        self.section = Some(section);
    }

    fn option(&mut self, line: usize, section: usize, range: Range<usize>) {
        let text = &self.text[range.clone()];
        let Some((name, value)) = parted(text) else {
            self.fault(
                line,
                "it is not a header, a comment or `key = value`".to_owned(),
            );
            return;
        };
        let value = strip_start(value);
        if name.is_empty() {
            self.fault(line, "it has no key before the sign".to_owned());
        }
        let below = self.reading.below.len();
        self.reading.options.push(Opt {
            section,
            name: range.start..range.start + name.len(),
            value: range.end - value.len()..range.end,
            below: below..below,
            line,
        });
        self.in_option = true;
    }

    fn fault(&mut self, line: usize, reason: String) {
        self.reading.faults.push(Fault { line, reason });
    }
}

/// The section whose options every other section has too.
pub(crate) const DEFAULTS: &str = "DEFAULT";

/// The key on the line `text` of an option, and all that follows the sign.
pub(crate) fn parted(text: &str) -> Option<(&str, &str)> {
    let sign = memchr2(b'=', b':', text.as_bytes())?;
    Some((strip_end(&text[..sign]), &text[sign + 1..]))
}

/// `text` without white space at its ends.
pub(crate) fn stripped(text: &str) -> &str {
    strip_end(strip_start(text))
}

/// Whether the line `text` is a comment, wherever it stands.
pub(crate) fn is_comment(text: &[u8]) -> bool {
    stripped(&String::from_utf8_lossy(text)).starts_with(['#', ';'])
}

/// Whether there is nothing on the line `text`.
pub(crate) fn is_blank(text: &[u8]) -> bool {
    stripped(&String::from_utf8_lossy(text)).is_empty()
}

/// Where the line ends that holds the offset `at`, and where the next one begins.
pub(crate) fn line_end(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let end = memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |found| at + found);
    let next = match &bytes[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [] => end,
        _ => end + 1,
    };
    (end, next)
}

/// Where the line begins that holds the offset `at`.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    let before = memrchr2(b'\n', b'\r', &text.as_bytes()[..at]);
    before.map_or(0, |end| end + 1)
}

/// The lines of `text` without their ends, each with its number. Python ends a line at `\n`, `\r\n` and
/// `\r`; they are counted as editors count them, by `\n` alone.
fn lines(text: &str) -> impl Iterator<Item = (usize, Range<usize>)> {
    let bytes = text.as_bytes();
    let (mut next, mut number) = (0, 1);
    iter::from_fn(move || {
        let start = next;
        if start == bytes.len() {
            return None;
        }
        let own = number;
        let end;
        (end, next) = line_end(text, start);
        number += usize::from(bytes[end..next].ends_with(b"\n"));
        Some((own, start..end))
    })
}

/// White space as of Python's `str.isspace`.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Where Python's `str.splitlines` ends a line.
fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn strip_start(text: &str) -> &str {
    // Nearly always there is nothing to trim, and a byte tells.
    match text.as_bytes().first() {
        Some(first) if first.is_ascii_graphic() => text,
        _ => text.trim_start_matches(is_space),
    }
}

fn strip_end(text: &str) -> &str {
    match text.as_bytes().last() {
        Some(last) if last.is_ascii_graphic() => text,
        _ => text.trim_end_matches(is_space),
    }
}

/// A key in lower case.
fn folded(key: &str) -> Cow<'_, str> {
    if key
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        key.into()
    } else {
        key.to_lowercase().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[section] key = value` of every option, the lines of a value parted by `|`.
    fn read(text: &str) -> Vec<String> {
        let reading = Reading::of(text);
        let options = reading.options.iter().map(|option| {
            let section = &text[reading.sections[option.section].name.clone()];
            let value: Vec<&str> = reading.value(text, option).collect();
            format!(
                "[{section}] {} = {}",
                reading.name(text, option),
                value.join("|")
            )
        });
        options.collect()
    }

    #[test]
    fn a_line_of_white_space_is_blank_and_one_of_a_comment_is_not() {
        for text in ["", " \t", "\u{a0}\u{3000}"] {
            assert!(is_blank(text.as_bytes()), "{text:?}");
        }
        assert!(!is_blank(b" # c") && !is_blank(b"k"));
    }

    fn faults(text: &str) -> Vec<String> {
        let faults = Reading::of(text).faults.into_iter();
        faults
            .map(|fault| format!("{}: {}", fault.line, fault.reason))
            .collect()
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn lines_end_as_they_do_in_python() {
        let text = "[a]\rx = 1\r\ny = 2\n\r\n[b]\rz=3\u{b}\u{2028}w\r";
        assert_eq!(
            read(text),
            ["[a] x = 1", "[a] y = 2", "[b] z = 3\u{b}\u{2028}w"]
        );
        assert_eq!(faults(text), NOTHING);
    }

    #[test]
    fn every_white_space_is_trimmed() {
        let text = "[a]\n\u{a0}x\u{2003}=\u{1c}1\u{3000}\n";
        assert_eq!(read(text), ["[a] x = 1"]);
        assert_eq!(read("[a]\nx = 1\n\u{a0}y = 2\n"), ["[a] x = 1|y = 2"]);
    }

    #[test]
    fn a_deeper_line_goes_on_with_the_option_and_a_comment_is_none() {
        let text = "[a]\n  x = 1\n    2\n  # c\n\n   3\n y = 4\n\n\n";
        assert_eq!(read(text), ["[a] x = 1|2||3", "[a] y = 4"]);
    }

    #[test]
    fn a_header_ends_in_its_last_bracket_and_keeps_its_spelling() {
        assert_eq!(
            read("[ a ]\nx = 1\n[b] ; [c]\nx = 2\n"),
            ["[ a ] x = 1", "[b] ; [c] x = 2"]
        );
        assert_eq!(
            read("[a]\nx : 1 = 2\nY=:\n"),
            ["[a] x = 1 = 2", "[a] y = :"]
        );
    }

    #[test]
    fn what_botocore_gives_up_at_is_told_with_its_line() {
        for (text, told) in [
            (
                "[a]\nk=1\n[b]\nk=2\n[a]\nl=3\n",
                "5: [a] already begins on line 1",
            ),
            ("[a]\nk=1\nK : 2", "3: k in [a] is already set on line 2"),
            (
                "[a]\n\u{a0}k=1\nk = 2",
                "3: k in [a] is already set on line 2",
            ),
            (
                "# c\r# d\n\rk = 1\n[a]\n",
                "2: it comes before the first [section]",
            ),
            (
                "\u{feff}[a]\n",
                "1: there is a byte order mark before it: save the file as UTF-8 without one",
            ),
            (
                "[a]\n[]\n",
                "2: it is not a header, a comment or `key = value`",
            ),
            ("[a]\n= 1\n", "2: it has no key before the sign"),
            (
                "[a]\ns3 =\n  x = 1\n  y\n",
                "2: a line below it has no equals sign",
            ),
            (
                "[a]\ns3 =\n  x = 1\u{2028}y\n",
                "2: a line below it has no equals sign",
            ),
        ] {
            assert_eq!(faults(text), [told], "{text:?}");
        }
        for text in [
            "[a]\n[ a ]\n",
            "[a]\nk = 1\n[b]\nk = 1\n",
            "[a]\ns3 =\n\n x = 1\n\n",
            "[DEFAULT]\n[DEFAULT]\n",
        ] {
            assert_eq!(faults(text), NOTHING, "{text:?}");
        }
    }

    #[test]
    fn what_is_repeated_in_a_repeated_section_is_told_too() {
        let twice = [
            "3: [a] already begins on line 1",
            "4: k in [a] is already set on line 2",
        ];
        assert_eq!(faults("[a]\nk=1\n[a]\nk=2\n"), twice);
    }

    #[test]
    fn no_fault_shows_a_value() {
        let told = faults("secret\n[a]\nk = secret\nk = secret\nsecret\n= secret\ns =\n  secret\n");
        assert_eq!(told.len(), 5);
        assert!(!told.concat().contains("secret"));
    }
}
