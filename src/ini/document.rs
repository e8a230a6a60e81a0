//! Reads the bytes of an AWS file by the rules of its dialect and keeps them as they are. It changes
//! nothing.

use super::botocore;
use super::dialect::{self, Dialect, Refusal};
use super::index::{Header, Index, Property, Section};
use super::line::{self, BLANK};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// The bytes of a file: shared by all who look at them, and overwritten when the last one lets go.
pub(crate) type Bytes = Arc<Zeroizing<Vec<u8>>>;

/// An AWS file, byte for byte.
///
/// The bytes are overwritten when it is dropped, and `Debug` does not show them.
pub(crate) struct Document {
    pub(super) bytes: Bytes,
    /// Made on first use: a text that is only written, or read by others, needs none.
    reading: OnceLock<Reading>,
}

/// How a document is read.
struct Reading {
    dialect: Dialect,
    refusal: Option<Refusal>,
    index: Index,
}

/// One place where a key is given a value.
pub(crate) struct Occurrence<'a> {
    document: &'a Document,
    property: &'a Property,
}

impl<'a> Occurrence<'a> {
    /// Its value, as [`Document::get`] would give it.
    pub(crate) fn value(&self) -> Cow<'a, str> {
        self.document.value(self.property)
    }

    /// Its line, from 1.
    pub(crate) fn line(&self) -> usize {
        self.document.line_number(self.property.start)
    }

    /// Whether a comment follows its value on the same line.
    pub(crate) fn has_comment(&self) -> bool {
        self.document.pair(self.property).comment().is_some()
    }

    /// The first indented comment below it, from 1.
    pub(crate) fn comment_below(&self) -> Option<usize> {
        let Property { next, end, .. } = *self.property;
        let mut below = line::lines(&self.document.bytes, next, end);
        let is_comment = |text| line::indented_comment(text).is_some();
        let first = below.find(|line| {
            // For botocore a comment is a comment at any indent.
            self.document.dialect() == Dialect::Sdk && is_comment(line.text)
        })?;
        Some(self.document.line_number(first.start))
    }

    /// The first indented line below it, from 1, that is not a comment: the SDKs read it as part of the
    /// value, people as a setting of its own.
    pub(crate) fn line_below(&self) -> Option<usize> {
        let Property { next, end, .. } = *self.property;
        let mut below = line::lines(&self.document.bytes, next, end);
        let first = below.find(|line| {
            !self.document.is_skipped(line.text) && line::indented_comment(line.text).is_none()
        })?;
        Some(self.document.line_number(first.start))
    }
}

impl Document {
    /// Parses any bytes; no input is refused.
    pub(crate) fn parse(bytes: impl Into<Vec<u8>>) -> Document {
        Self::of(Arc::new(Zeroizing::new(bytes.into())))
    }

    /// Like [`Document::parse`], without copying the bytes.
    pub(crate) fn of(bytes: Bytes) -> Document {
        Document {
            bytes,
            reading: OnceLock::new(),
        }
    }

    /// The bytes it was parsed from, for a caller that keeps them.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes it was parsed from.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The rules it is read by.
    pub(crate) fn dialect(&self) -> Dialect {
        self.reading().dialect
    }

    /// The first reason why the AWS SDKs refuse the file, if botocore reads it.
    pub(crate) fn only_for_botocore(&self) -> Option<Refusal> {
        let reading = self.reading();
        reading
            .refusal
            .filter(|_| reading.dialect == Dialect::Botocore)
    }

    /// The first reason why the AWS SDKs refuse the file, whether or not botocore reads it.
    pub(crate) fn refusal_of_sdks(&self) -> Option<Refusal> {
        self.reading().refusal
    }

    /// The canonical names of all sections, each once, in order of first appearance:
    /// `profile dev` for `[profile "dev"]`, `[ profile  dev ] ; note` and the like.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &str> {
        self.index().sections.iter().map(|section| &*section.name)
    }

    /// Whether a section has this canonical name, even an empty one.
    pub(crate) fn contains(&self, section: &str) -> bool {
        self.index().by_name.contains_key(section)
    }

    /// The line, from 1, of the section's first header.
    pub(crate) fn line_of(&self, section: &str) -> Option<usize> {
        let first = self.headers(section).next()?;
        Some(self.line_number(first.start))
    }

    /// The keys of a section, lower-cased, each once, in order of first appearance. They include keys
    /// that the SDKs skip because they are not identifiers, such as `a b`.
    pub(crate) fn keys(&self, section: &str) -> impl Iterator<Item = Cow<'_, str>> {
        let mut seen = HashSet::new();
        self.properties_of(section)
            .map(|property| self.key(property))
            .filter(move |key| seen.insert(key.clone()))
    }

    /// The value of a key as its dialect reads it: repeated sections are merged, the last occurrence
    /// wins, the case of the key is ignored, and continuation lines are trimmed and joined with `\n`,
    /// without empty ones. A nested block thus begins with `\n`. Bytes that are not UTF-8 are read as
    /// U+FFFD.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<Cow<'_, str>> {
        self.properties_of(section)
            .rev()
            .find(|property| self.has_key(property, key))
            .map(|property| self.value(property))
    }

    /// Every occurrence of a key in file order, including those that [`Document::get`] passes over
    /// because a later one wins.
    pub(crate) fn occurrences(
        &self,
        section: &str,
        key: &str,
    ) -> impl Iterator<Item = Occurrence<'_>> {
        self.properties_of(section)
            .filter(move |property| self.has_key(property, key))
            .map(|property| Occurrence {
                document: self,
                property,
            })
    }

    /// The first line of the section, from 1, that begins with white space and on which readers
    /// disagree: one between a header and the first property, which botocore takes for a key and which
    /// makes the SDKs refuse the file; one in brackets, which the JavaScript SDK takes for a header; one
    /// with a key that matters according to `counts`, which the JavaScript SDK takes for that key; and
    /// one that begins with white space that the other SDKs do not recognise as such.
    ///
    /// In a file that only botocore reads, a key may be indented. The JavaScript SDK refuses no file,
    /// and takes a deeper line for a key or a header there too.
    pub(crate) fn loose_line(&self, section: &str, counts: impl Fn(&str) -> bool) -> Option<usize> {
        if self.dialect() == Dialect::Botocore {
            return self.loose_line_to_botocore(section, counts);
        }
        self.headers(section).find_map(|header| {
            let first = self.index().properties[header.properties.clone()].first();
            let values = first.map_or(header.tail, |property| property.start);
            let mut lines = line::lines(&self.bytes, header.start, header.tail);
            let is_loose = |line: &line::Line<'_>| match line::role(line.text) {
                line::Role::Indented if line::indented_comment(line.text).is_some() => false,
                line::Role::Indented => {
                    let text = line::trim(line.text);
                    let is_key =
                        || line::pair(text).is_some_and(|it| counts(&line::folded(it.key)));
                    line.start < values || text.starts_with(b"[") || is_key()
                }
                line::Role::Property(_) | line::Role::Stray => starts_oddly(line.text),
                _ => false,
            };
            Some(self.line_number(lines.find(is_loose)?.start))
        })
    }

    fn loose_line_to_botocore(
        &self,
        section: &str,
        counts: impl Fn(&str) -> bool,
    ) -> Option<usize> {
        self.properties_of(section).find_map(|property| {
            let lines = line::lines(&self.bytes, property.start, property.end);
            let mut lines = lines.filter(|line| !self.is_skipped(line.text));
            let is_loose = |line: &line::Line<'_>| {
                let text = line::trim(line.text);
                let is_key = || line::pair(text).is_some_and(|it| counts(&line::folded(it.key)));
                let is_below = line.start > property.start;
                starts_oddly(text) || is_below && (text.starts_with(b"[") || is_key())
            };
            Some(self.line_number(lines.find(is_loose)?.start))
        })
    }

    /// The number, from 1, of the line that begins at `offset`.
    pub(super) fn line_number(&self, offset: usize) -> usize {
        let before = self.bytes[..offset].iter();
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    /// The sections that have one of `keys`, in the order of [`Self::sections`]. Inspects each property
    /// of the file once.
    pub(crate) fn sections_with(&self, keys: &[&str]) -> impl Iterator<Item = &str> {
        let is_one = |property: &Property| {
            let found = &self.bytes[property.key.clone()];
            keys.iter()
                .any(|key| found.eq_ignore_ascii_case(key.as_bytes()))
        };
        let sections = self.index().sections.iter();
        sections
            .filter(move |section| self.properties(section).any(is_one))
            .map(|section| &*section.name)
    }

    /// The sub-properties of a nested value (`s3 =` and the indented lines below it), in file order,
    /// with their names as written.
    pub(crate) fn nested(&self, section: &str, key: &str) -> Vec<(String, String)> {
        let value = self.get(section, key).unwrap_or_default();
        value
            .split('\n')
            .skip(1)
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim_matches(BLANK), value))
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| (name.into(), value.trim_matches(BLANK).into()))
            .collect()
    }

    /// The headers of a section.
    pub(super) fn headers(&self, section: &str) -> impl Iterator<Item = &Header> {
        let section = self.index().by_name.get(section);
        let section = section.map(|&at| &self.index().sections[at]);
        let headers = section.into_iter().flat_map(|section| &section.headers);
        headers.map(|&header| &self.index().headers[header])
    }

    /// The positions of everything in the file.
    pub(super) fn index(&self) -> &Index {
        &self.reading().index
    }

    fn reading(&self) -> &Reading {
        self.reading.get_or_init(|| {
            let (dialect, refusal) = dialect::dialect(&self.bytes);
            let index = match (dialect, std::str::from_utf8(&self.bytes)) {
                (Dialect::Botocore, Ok(text)) => Index::by_botocore(text),
                _ => Index::of(&self.bytes),
            };
            Reading {
                dialect,
                refusal,
                index,
            }
        })
    }

    /// Whether readers skip the line wherever it is: it is blank, or a comment.
    pub(super) fn is_skipped(&self, text: &[u8]) -> bool {
        self.is_blank_line(text) || self.is_comment(text)
    }

    /// Whether a line is a comment at any indent.
    pub(super) fn is_comment(&self, text: &[u8]) -> bool {
        match self.dialect() {
            Dialect::Sdk => matches!(line::role(text), line::Role::Comment),
            Dialect::Botocore => botocore::is_comment(text),
        }
    }

    /// Whether a line is blank.
    pub(super) fn is_blank_line(&self, text: &[u8]) -> bool {
        match self.dialect() {
            Dialect::Sdk => matches!(line::role(text), line::Role::Blank),
            Dialect::Botocore => botocore::is_blank(text),
        }
    }

    /// The white space before the key of a property. Only botocore's rules allow any.
    pub(super) fn indent(&self, property: &Property) -> &[u8] {
        &self.bytes[property.start..property.key.start]
    }

    pub(super) fn properties_of(
        &self,
        section: &str,
    ) -> impl DoubleEndedIterator<Item = &Property> {
        let section = self.index().by_name.get(section);
        let section = section.map(|&at| &self.index().sections[at]);
        section
            .into_iter()
            .flat_map(|section| self.properties(section))
    }

    pub(super) fn properties(
        &self,
        section: &Section,
    ) -> impl DoubleEndedIterator<Item = &Property> {
        section.headers.iter().flat_map(|&header| {
            &self.index().properties[self.index().headers[header].properties.clone()]
        })
    }

    /// The key of a property, lower-cased.
    pub(super) fn key(&self, property: &Property) -> Cow<'_, str> {
        line::folded(&self.bytes[property.key.clone()])
    }

    /// Whether the property's [key](Self::key) is `key`, in whatever case.
    fn has_key(&self, property: &Property, key: &str) -> bool {
        let text = &self.bytes[property.key.clone()];
        // Making text of every key that is passed over would take longer than the rest of the look-up.
        match text.is_ascii() {
            true => text.eq_ignore_ascii_case(key.as_bytes()),
            false => line::folded(text).eq_ignore_ascii_case(key),
        }
    }

    /// Whether the property's own line has no value, so that the lines indented below it are a nested
    /// block.
    pub(super) fn is_block(&self, property: &Property) -> bool {
        self.pair(property).value().is_empty()
    }

    /// The first line of a property, split into its parts.
    pub(super) fn pair(&self, property: &Property) -> line::Pair<'_> {
        let line = line::lines(&self.bytes, property.start, property.next).next();
        line.and_then(|line| match self.dialect() {
            Dialect::Sdk => line::pair(line.text),
            Dialect::Botocore => line::Pair::by_botocore(line.text),
        })
        .expect("a property was indexed because its first line is one")
    }

    pub(super) fn value(&self, property: &Property) -> Cow<'_, str> {
        let first = String::from_utf8_lossy(self.pair(property).value());
        if property.end == property.next {
            return first;
        }
        let mut value = first.into_owned();
        let mut add = |line: &str| {
            value.push('\n');
            value.push_str(line);
        };
        let below = &self.bytes[property.next..property.end];
        match self.dialect() {
            Dialect::Sdk => {
                let lines = line::lines(below, 0, below.len());
                for line in lines.filter(|line| !line::is_skipped(line.text)) {
                    add(&String::from_utf8_lossy(line::trim(line.text)));
                }
            }
            Dialect::Botocore => {
                let below = String::from_utf8_lossy(below);
                let lines = below.split(['\n', '\r']).map(botocore::stripped);
                let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
                lines.for_each(add);
            }
        }
        value.into()
    }
}

/// Whether a line begins with a character that Python or JavaScript trims and the other SDKs don't.
fn starts_oddly(text: &[u8]) -> bool {
    let first = String::from_utf8_lossy(&text[..text.len().min(4)])
        .chars()
        .next();
    first.is_some_and(line::is_space_to_some)
}

impl fmt::Debug for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Document")
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Document {
        Document::parse(text)
    }

    /// The value of `key` in `[a]`.
    fn value(text: &str, key: &str) -> Option<String> {
        let document = parse(text);
        document.get("a", key).map(Cow::into_owned)
    }

    fn names(text: &str) -> Vec<String> {
        parse(text).sections().map(str::to_owned).collect()
    }

    #[test]
    fn a_section_is_known_by_its_canonical_name() {
        for (header, name) in [
            ("[a]", "a"),
            ("[ a ]", "a"),
            ("[\ta\t]", "a"),
            ("[a] ; c", "a"),
            ("[a];c", "a"),
            ("[a]#c", "a"),
            ("[a] # [b]", "a"),
            ("[a]\t", "a"),
            ("[a] junk", "a"),
            ("[a]\r", "a"),
            ("[a#b]", "a#b"),
            ("[a]b]", "a]b"),
            ("[[a]]", "[a]"),
            ("[]", ""),
            ("[Profile A]", "Profile A"),
            ("[profile a]", "profile a"),
            ("[ profile \t a ]", "profile a"),
            ("[\u{a0}a]", "a"),
            ("[profile \u{a0}a]", "profile a"),
            ("[profile \"a\"]", "profile a"),
            ("[profile \"a  b\"]", "profile a b"),
            ("[profile 'a b'] ; c", "profile a b"),
            ("[profile a b]", "profile a b"),
            ("[profile \"a]", "profile \"a"),
            ("[profile \"]", "profile \""),
            ("[\"a\"]", "\"a\""),
            ("[sso-session s]", "sso-session s"),
            ("[profile é]", "profile é"),
        ] {
            assert_eq!(names(header), [name], "{header}");
            assert_eq!(names(&format!("{header}\nk = v\n")), [name], "{header}");
        }
    }

    #[test]
    fn a_header_that_never_closes_takes_its_keys_with_it() {
        let document = parse("[a]\nx = 1\n[b\nx = 2\n  y\n[c]\nx = 3\n");
        assert_eq!(document.sections().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(document.get("a", "x").as_deref(), Some("1"));
        assert_eq!(document.get("c", "x").as_deref(), Some("3"));
    }

    #[test]
    fn brackets_in_a_comment_or_a_value_are_not_a_header() {
        let text = "# [dev-mfa]\n;[dev-mfa]\n[a]\nk = [dev-mfa]\n  [dev-mfa]\nl = x [b]\n [c]\n";
        assert_eq!(names(text), ["a"]);
        assert_eq!(
            value(text, "k").as_deref(),
            Some("[dev-mfa]\n[dev-mfa]"),
            "an indented bracket goes on with the value"
        );
    }

    #[test]
    fn other_kinds_of_section_end_a_profile() {
        let text = "[profile a]\nregion = r\n[services x]\nsts =\n  endpoint_url = http://h\n\
                    [sso-session s]\nregion = q\n";
        let document = parse(text);
        let keys: Vec<_> = document.keys("profile a").collect();
        assert_eq!(keys, ["region"]);
        assert_eq!(document.get("profile a", "region").as_deref(), Some("r"));
        assert_eq!(
            document.get("sso-session s", "region").as_deref(),
            Some("q")
        );
        assert_eq!(
            document.nested("services x", "sts"),
            [("endpoint_url".into(), "http://h".into())]
        );
    }

    #[test]
    fn repeated_sections_merge_and_the_last_value_wins() {
        let text = "[a]\nk = 1\nl = 1\n[b]\nk = 2\n[a] ; again\nK = 3\n";
        assert_eq!(names(text), ["a", "b"]);
        assert_eq!(value(text, "k").as_deref(), Some("3"));
        assert_eq!(value(text, "l").as_deref(), Some("1"));
        assert_eq!(parse(text).keys("a").collect::<Vec<_>>(), ["k", "l"]);
    }

    #[test]
    fn a_repeated_key_does_not_keep_the_lines_of_the_first() {
        assert_eq!(
            value("[a]\nk =\n  x = 1\nk = 2\n", "k").as_deref(),
            Some("2")
        );
    }

    #[test]
    fn keys_are_read_in_any_case() {
        assert_eq!(
            value("[a]\nAws_Access_KEY_ID=x", "aws_access_key_id").as_deref(),
            Some("x")
        );
        assert_eq!(value("[a]\nk=x", "K").as_deref(), Some("x"));
        let document = parse("[a]\nREGION = x\nRegion = y\nÉ B = z");
        assert_eq!(document.keys("a").collect::<Vec<_>>(), ["region", "É b"]);
    }

    #[test]
    fn a_comment_needs_white_space_before_it_in_a_value() {
        for (line, expected) in [
            ("k = x # c", "x"),
            ("k = x ; c", "x"),
            ("k = x\t#c", "x"),
            ("k = x\u{a0}#c", "x\u{a0}"),
            ("k = x\u{b};c", "x\u{b}"),
            ("k = x;c", "x;c"),
            ("k = x#c", "x#c"),
            ("k = x#c # d", "x#c"),
            ("k = é#c", "é#c"),
            ("k = # c", ""),
            ("k =#c", "#c"),
            ("k =", ""),
            ("k=", ""),
            ("k#x = y", "#"),
        ] {
            let text = format!("[a]\n{line}\n");
            let key = if line.starts_with("k#") { "k#x" } else { "k" };
            let expected = if key == "k" { expected } else { "y" };
            assert_eq!(value(&text, key).as_deref(), Some(expected), "{line}");
        }
        assert_eq!(value("[a]\nk # c = x\n[a]\n", "k # c"), None);
        assert_eq!(value("[a]\nk # c = x\n[a]\n", "k"), None);
    }

    #[test]
    fn odd_characters_in_a_value_are_part_of_it() {
        for odd in [
            "100%",
            "%(x)s",
            "a%%b",
            "\"quoted\"",
            "'",
            r"C:\new\",
            r"\",
            "a=b==",
            "https://h/start#/",
            "x:y",
            "$HOME",
            "a  b",
            "é🐱",
            "]",
        ] {
            assert_eq!(
                value(&format!("[a]\nk = {odd}\nl = 1\n"), "k").as_deref(),
                Some(odd)
            );
            assert_eq!(value(&format!("[a]\nk={odd}"), "k").as_deref(), Some(odd));
        }
    }

    #[test]
    fn a_colon_separates_only_where_there_is_no_equals_sign() {
        assert_eq!(value("[a]\nk : v # a=b\n[a]\n", "k").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk: v", "k").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk:l = v", "k:l").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk:l = v", "k"), None);
    }

    #[test]
    fn a_file_that_only_botocore_reads_is_read_by_its_rules() {
        let text = "\
# top
  [a]
    k = 1 # no comment
    Nested =
      x = 1
      # a comment

      y : 2=3
    colon : v=w
\t[profile \"b c\"]
\tk = 1
[ d ]
k = 2
[e] ; f [g
k = 3
";
        let document = parse(text);
        assert_eq!(document.dialect(), Dialect::Botocore);
        let sections: Vec<_> = document.sections().collect();
        assert_eq!(sections, ["a", "profile b c", " d ", "e"]);
        for (section, key, expected) in [
            ("a", "k", "1 # no comment"),
            ("a", "nested", "\nx = 1\ny : 2=3"),
            ("a", "colon", "v=w"),
            ("profile b c", "k", "1"),
            (" d ", "k", "2"),
            ("e", "k", "3"),
        ] {
            assert_eq!(
                document.get(section, key).as_deref(),
                Some(expected),
                "{section} {key}"
            );
        }
        let keys: Vec<_> = document.keys("a").collect();
        assert_eq!(keys, ["k", "nested", "colon"]);
        let refusal = document.only_for_botocore().expect("the SDKs refuse it");
        assert_eq!((refusal.line, refusal.reason), (2, "it is indented"));
        assert_eq!(document.line_of("profile b c"), Some(10));
        let below = |key| {
            document
                .occurrences("a", key)
                .find_map(|it| it.line_below())
        };
        assert_eq!((below("k"), below("nested")), (None, Some(5)));
        assert_eq!(document.loose_line("a", |key| key == "k"), None);
        assert_eq!(document.loose_line("a", |key| key == "x"), Some(5));
    }

    #[test]
    fn a_comment_is_found_after_a_value_and_below_it() {
        let document = parse("[a]\nk = 1 # mine\n  x\n  # below\nl = 1\n  ; c\nm = 1\n");
        let of = |key| document.occurrences("a", key).next().expect("it is there");
        let found = ["k", "l", "m"].map(|key| (of(key).has_comment(), of(key).comment_below()));
        assert_eq!(found, [(true, Some(4)), (false, Some(6)), (false, None)]);
        // For every reader, a comment at the margin is not part of the value.
        let beside = parse("[a]\nk = 1\n# mine\n  x\n");
        let beside = beside.occurrences("a", "k").next().expect("it is there");
        assert_eq!(
            (beside.comment_below(), beside.line_below()),
            (None, Some(4))
        );
        // botocore alone takes it for a comment at any indent, and not for part of the value.
        let odd = parse("[a]\n  k = 1\n    # c\n");
        let below = odd.occurrences("a", "k").next().expect("it is there");
        assert_eq!(
            (odd.dialect(), below.comment_below()),
            (Dialect::Botocore, None)
        );
    }

    #[test]
    fn an_indented_comment_is_not_loose_even_before_the_first_key() {
        for text in [
            "[a]\n  # k = v\nk = 1\n  # x\n",
            "[a]\nk = 1\n  # l = x\n  ; [b]\n",
            // No reader accepts this file.
            "[a]\n  # k = v\nk = 1\n[b]\n[b]\n",
        ] {
            assert_eq!(parse(text).loose_line("a", |_| true), None, "{text}");
        }
    }

    #[test]
    fn continuation_lines_are_joined() {
        assert_eq!(
            value("[a]\nk = x\n  y\n\tz \nl = 1", "k").as_deref(),
            Some("x\ny\nz")
        );
        assert_eq!(
            value("[a]\nk =\r\n  x = 1\r\n", "k").as_deref(),
            Some("\nx = 1")
        );
    }

    #[test]
    fn comments_and_blank_lines_do_not_end_a_value_and_indented_marks_belong_to_it() {
        let text = "[a]\nk = x\n# c\n\n   \n;c\n  y\n  # no comment\nl = 1\n";
        assert_eq!(value(text, "k").as_deref(), Some("x\ny\n# no comment"));
    }

    #[test]
    fn nested_values_are_read_by_name() {
        let document =
            parse("[a]\ns3 =\n  One = 1\n  two=2=2 # c\n  odd\n  = 3\nt = 1\nu = x = y\n");
        assert_eq!(
            document.nested("a", "S3"),
            [("One".into(), "1".into()), ("two".into(), "2=2 # c".into())]
        );
        assert_eq!(document.nested("a", "t"), []);
        assert_eq!(document.nested("a", "u"), []);
        assert_eq!(document.nested("a", "none"), []);
        assert_eq!(document.nested("none", "s3"), []);
    }

    #[test]
    fn the_last_line_needs_no_line_end() {
        assert_eq!(value("[a]\nk = v", "k").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk =\n  x = 1", "k").as_deref(), Some("\nx = 1"));
        assert_eq!(names("[a]\n[b]"), ["a", "b"]);
    }

    #[test]
    fn a_carriage_return_ends_a_line_only_before_a_newline() {
        assert_eq!(value("[a]\r\nk = v\r\n", "k").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk = v\r", "k").as_deref(), Some("v\r"));
        assert_eq!(value("[a]\nk = v\r\r\n", "k").as_deref(), Some("v\r"));
        assert_eq!(
            value("[a]\nk = v\rl = w\n", "k").as_deref(),
            Some("v\rl = w")
        );
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(value("\u{feff}[a]\nk = v\n", "k").as_deref(), Some("v"));
        assert_eq!(names("\u{feff}"), [""; 0]);
    }

    #[test]
    fn lines_outside_every_section_and_stray_lines_are_ignored() {
        let text = "k = 0\n  x\n[a]\n  early\nstray\n  more\n= v\nk = 1\nstray\n  more\n";
        assert_eq!(names(text), ["a"]);
        assert_eq!(value(text, "k").as_deref(), Some("1"));
        assert_eq!(parse(text).keys("a").collect::<Vec<_>>(), ["k"]);
    }

    #[test]
    fn bytes_that_are_not_utf8_do_not_disturb_the_rest() {
        let bytes = b"# caf\xe9\n[a]\nk = v\nl = \xff\n  \xfe\n\xfd = x\n[\xfc]\n".to_vec();
        let document = Document::parse(bytes.clone());
        assert_eq!(document.get("a", "k").as_deref(), Some("v"));
        assert_eq!(
            document.get("a", "l").as_deref(),
            Some("\u{fffd}\n\u{fffd}")
        );
        assert_eq!(document.get("a", "\u{fffd}").as_deref(), Some("x"));
        assert!(document.contains("\u{fffd}"));
        assert_eq!(document.as_bytes(), bytes);
    }

    #[test]
    fn an_empty_section_exists_and_a_missing_one_does_not() {
        let document = parse("[a]\n");
        assert!(document.contains("a"));
        assert!(!document.contains("b"));
        assert_eq!(document.keys("a").count(), 0);
        assert_eq!(document.keys("b").count(), 0);
        assert_eq!(document.get("b", "k"), None);
        assert!(!parse("").contains(""));
    }

    #[test]
    fn debug_output_shows_no_contents() {
        let shown = format!("{:?}", parse("[dev]\naws_secret_access_key = hunter2\n"));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(
            !shown.contains(&format!("{:?}", b"hunter2")[1..20]),
            "{shown}"
        );
        assert!(shown.contains("Document"), "{shown}");
    }
}
