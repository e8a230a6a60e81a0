//! Reads the bytes of an AWS file as the AWS SDKs do, and keeps them as they are. It changes nothing.

use super::index::{Header, Index, Property, Section};
use super::line::{self, BLANK};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// The bytes of a file: held once, however many look at them, and overwritten when the last one
/// lets go.
pub(crate) type Bytes = Arc<Zeroizing<Vec<u8>>>;

/// An AWS file as it is.
///
/// The bytes are overwritten when it is dropped, and `Debug` does not show them.
pub(crate) struct Document {
    pub(super) bytes: Bytes,
    /// Made when it is first asked for: a text that is only written and read by others needs none.
    index: OnceLock<Index>,
}

/// One place where a key is given a value.
pub(crate) struct Occurrence<'a> {
    document: &'a Document,
    property: &'a Property,
}

impl<'a> Occurrence<'a> {
    /// Its value, as of [`Document::get`].
    pub(crate) fn value(&self) -> Cow<'a, str> {
        self.document.value(self.property)
    }

    /// Its line, from 1.
    pub(crate) fn line(&self) -> usize {
        self.document.line_number(self.property.start)
    }

    /// Whether a comment stands behind its value, on the same line.
    pub(crate) fn has_comment(&self) -> bool {
        self.document.pair(self.property).comment().is_some()
    }

    /// The first indented comment below it, from 1.
    pub(crate) fn comment_below(&self) -> Option<usize> {
        let Property { next, end, .. } = *self.property;
        let mut below = line::lines(&self.document.bytes, next, end);
        let first = below.find(|line| line::indented_comment(line.text).is_some())?;
        Some(self.document.line_number(first.start))
    }

    /// The first indented line below it, from 1, that is no comment: the SDKs read it as part of the
    /// value, people as a setting of its own.
    pub(crate) fn line_below(&self) -> Option<usize> {
        let Property { next, end, .. } = *self.property;
        let mut below = line::lines(&self.document.bytes, next, end);
        let first = below.find(|line| {
            !line::is_skipped(line.text) && line::indented_comment(line.text).is_none()
        })?;
        Some(self.document.line_number(first.start))
    }
}

impl Document {
    /// Reads any bytes; there is no input that it refuses.
    pub(crate) fn parse(bytes: impl Into<Vec<u8>>) -> Document {
        Self::of(Arc::new(Zeroizing::new(bytes.into())))
    }

    /// The same without a copy.
    pub(crate) fn of(bytes: Bytes) -> Document {
        Document {
            bytes,
            index: OnceLock::new(),
        }
    }

    /// The bytes it was parsed from, to be held.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes it was parsed from.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The canonical names of all sections, each once, in order of first appearance:
    /// `profile dev` for `[profile "dev"]`, `[ profile  dev ] ; note` and the like.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &str> {
        self.index().sections.iter().map(|section| &*section.name)
    }

    /// Whether there is a section of this canonical name, even an empty one.
    pub(crate) fn contains(&self, section: &str) -> bool {
        self.index().by_name.contains_key(section)
    }

    /// The line, from 1, of the section's first header.
    pub(crate) fn line_of(&self, section: &str) -> Option<usize> {
        let first = self.headers(section).next()?;
        Some(self.line_number(first.start))
    }

    /// The keys of a section, lower-cased, each once, in order of first appearance. Keys that the
    /// SDKs skip because they are no identifiers, such as `a b`, are among them.
    pub(crate) fn keys(&self, section: &str) -> impl Iterator<Item = Cow<'_, str>> {
        let mut seen = HashSet::new();
        self.properties_of(section)
            .map(|property| self.key(property))
            .filter(move |key| seen.insert(key.clone()))
    }

    /// The value of a key as the SDKs read it: repeated sections merged, the last one wins, the
    /// key in any case, continuation lines trimmed and joined with `\n`. A nested block thus
    /// begins with `\n`. Bytes that are not UTF-8 are read as U+FFFD.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<Cow<'_, str>> {
        self.properties_of(section)
            .rev()
            .find(|property| self.key(property).eq_ignore_ascii_case(key))
            .map(|property| self.value(property))
    }

    /// Every occurrence of a key in file order, also those that [`Document::get`] passes over because
    /// a later one wins.
    pub(crate) fn occurrences(
        &self,
        section: &str,
        key: &str,
    ) -> impl Iterator<Item = Occurrence<'_>> {
        self.properties_of(section)
            .filter(move |property| self.key(property).eq_ignore_ascii_case(key))
            .map(|property| Occurrence {
                document: self,
                property,
            })
    }

    /// The first line of the section, from 1, that starts with white space and is more to some readers
    /// than a part of the value above it, or less: one between a header and the first property, which
    /// botocore takes for a key and for which the SDKs refuse the file; one in brackets, a header to
    /// the JavaScript SDK, which also takes one with a key for that key, as where `counts` says that
    /// it matters; and one that starts with white space that is none to the other SDKs.
    pub(crate) fn loose_line(&self, section: &str, counts: impl Fn(&str) -> bool) -> Option<usize> {
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

    /// The line, from 1, that begins at `offset`.
    pub(super) fn line_number(&self, offset: usize) -> usize {
        let before = self.bytes[..offset].iter();
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    /// The sections that have one of `keys`, in the order of [`Self::sections`]: each property of the
    /// file is inspected once.
    pub(crate) fn sections_with(&self, keys: &[&str]) -> impl Iterator<Item = &str> {
        let is_one = |property: &Property| {
            let found = self.key(property);
            keys.iter().any(|key| found.eq_ignore_ascii_case(key))
        };
        let sections = self.index().sections.iter();
        sections
            .filter(move |section| self.properties(section).any(is_one))
            .map(|section| &*section.name)
    }

    /// The sub-properties of a nested value (`s3 =` and the indented lines below it), in file
    /// order, names as they are spelled. Empty when there are none.
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

    /// Where everything stands.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.bytes))
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

    /// Whether the property's own line has no value: what is indented below it is a nested block.
    pub(super) fn is_block(&self, property: &Property) -> bool {
        self.pair(property).value().is_empty()
    }

    /// The first line of a property, taken apart.
    pub(super) fn pair(&self, property: &Property) -> line::Pair<'_> {
        line::lines(&self.bytes, property.start, property.next)
            .next()
            .and_then(|line| line::pair(line.text))
            .expect("a property was indexed because its first line is one")
    }

    pub(super) fn value(&self, property: &Property) -> Cow<'_, str> {
        let first = String::from_utf8_lossy(self.pair(property).value());
        if property.end == property.next {
            return first;
        }
        let mut value = first.into_owned();
        for line in line::lines(&self.bytes, property.next, property.end) {
            if !line::is_skipped(line.text) {
                value.push('\n');
                value.push_str(&String::from_utf8_lossy(line::trim(line.text)));
            }
        }
        value.into()
    }
}

/// Whether a line starts with a character that Python or JavaScript trims, and the other SDKs don't.
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
    fn a_section_in_a_comment_or_a_value_is_no_section() {
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
        assert_eq!(value("[a]\nk # c = x\n", "k # c"), None);
        assert_eq!(value("[a]\nk # c = x\n", "k"), None);
    }

    #[test]
    fn odd_characters_in_a_value_are_the_value() {
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
        assert_eq!(value("[a]\nk : v # a=b", "k").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk: v", "k").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk:l = v", "k:l").as_deref(), Some("v"));
        assert_eq!(value("[a]\nk:l = v", "k"), None);
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
    fn bytes_that_are_no_text_are_read_around() {
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
    fn an_empty_section_is_there_and_a_missing_one_is_not() {
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
    }
}
