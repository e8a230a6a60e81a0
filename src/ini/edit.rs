//! Edits a document: the named keys of the named section change, and no other byte. It does not
//! decide what is to be written.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use zeroize::Zeroize as _;

use super::document::Document;
use super::index::Property;
use super::line::{self, start_of_text};
use super::output::Output;
use super::writable::{EditError, header, is_key, is_value};

/// What is to change in one section.
///
/// A value holds secrets, so there is no `Debug`.
pub(crate) struct Edit {
    /// The canonical name: `dev-mfa` in credentials, `profile dev-mfa` in config. A section that
    /// is missing is added as soon as there is a value to set.
    pub(crate) section: String,
    /// Keys in any case; `Some` sets, `None` removes every occurrence. The last change of a key
    /// counts. A value is one line, or what [`Document::get`] gives for several: what stands
    /// before the first `\n` goes on the key's line, each line after it below, indented. A nested
    /// block thus begins with `\n`. Else no line begins with `#` or `;`: below a value such a line
    /// is somebody's comment, and stays when the value goes.
    pub(crate) changes: Vec<(String, Option<String>)>,
}

impl Drop for Edit {
    fn drop(&mut self) {
        for value in self.changes.iter_mut().filter_map(|(_, it)| it.as_mut()) {
            value.zeroize();
        }
    }
}

/// Where a section goes that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Behind everything.
    End,
    /// Behind the section of this canonical name; `End` where there is none.
    After(String),
    /// Before the first header and the comment that touches it, behind the comment that opens
    /// the file.
    Start,
}

/// What becomes of a section when an edit takes its last key, and nothing else of the user's is in
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emptied {
    /// It goes, with the blank line that came with it.
    Goes,
    /// It stays: its header means something by itself.
    Stays,
}

/// One change, its text already checked.
struct Change<'a> {
    key: &'a str,
    /// `None` removes the key.
    value: Option<&'a str>,
    /// The occurrence that wins and so is the one to set.
    winner: Option<usize>,
}

impl Document {
    /// The document after `edit`, all of it in one pass; `place` matters only when the section is
    /// new, `emptied` only when nothing is left of it. What is already as it shall be keeps its
    /// bytes.
    ///
    /// # Errors
    /// When a name, key or value would not read back as it is given; nothing is half-written.
    pub(crate) fn edited(
        &self,
        edit: &Edit,
        place: &Place,
        emptied: Emptied,
    ) -> Result<Document, EditError> {
        let mut changes = distinct(&edit.changes)?;
        let mut output = Output::new(&self.bytes, room(edit));
        let section = match emptied {
            Emptied::Goes => self.emptied_by(edit),
            Emptied::Stays => None,
        };
        if let Some(section) = section {
            section.into_iter().for_each(|range| output.drop(range));
        } else if self.contains(&edit.section) {
            self.change_section(&edit.section, &mut changes, &mut output);
        } else if changes.iter().any(|change| change.value.is_some()) {
            let header = header(&edit.section)?;
            let properties = changes
                .iter()
                .filter_map(|change| Some((change.key, change.value?)));
            output.new_section(self.offset(place), &header, properties);
        }
        Ok(Document::parse(output.finish()))
    }

    /// The bytes to leave out where `edit` takes the last keys of its section and sets none.
    fn emptied_by(&self, edit: &Edit) -> Option<Vec<Range<usize>>> {
        if edit.changes.iter().any(|(_, value)| value.is_some()) {
            return None;
        }
        let keys = edit.changes.iter().map(|(key, _)| key.to_ascii_lowercase());
        let keys: HashSet<String> = keys.collect();
        self.emptied(&edit.section, |property| {
            keys.contains(&*self.key(property))
        })
    }

    fn change_section(&self, section: &str, changes: &mut [Change<'_>], output: &mut Output<'_>) {
        let by_key: HashMap<String, usize> = changes
            .iter()
            .enumerate()
            .map(|(at, change)| (change.key.to_ascii_lowercase(), at))
            .collect();
        let properties: Vec<&Property> = self.properties_of(section).collect();
        for (at, property) in properties.iter().enumerate() {
            if let Some(&change) = by_key.get(&*self.key(property)) {
                changes[change].winner = Some(at);
            }
        }
        for (at, property) in properties.iter().enumerate() {
            let Some(&change) = by_key.get(&*self.key(property)) else {
                continue;
            };
            let change = &changes[change];
            match change.value {
                None => {
                    output.drop_lines(property.start, property.end, self.is_block(property));
                }
                Some(value) if change.winner == Some(at) && !self.is_plainly(property, value) => {
                    let comment = self.pair(property).comment();
                    output.replace(property.start..property.next, change.key, value, comment);
                    output.drop_lines(property.next, property.end, self.is_block(property));
                }
                Some(_) => {}
            }
        }
        let end = self.behind_properties(section);
        for change in changes.iter().filter(|change| change.winner.is_none()) {
            if let Some(value) = change.value {
                output.copy_to(end);
                output.property(change.key, value);
            }
        }
    }

    /// Whether a property already has this value and is written in a way that all readers share.
    fn is_plainly(&self, property: &Property, value: &str) -> bool {
        let pair = self.pair(property);
        !pair.colon && pair.comment().is_none() && self.value(property) == value
    }

    /// Behind the last property of the last occurrence. Where that has none, behind every line
    /// of it that counts: an indented line below the header must not become a continuation.
    fn behind_properties(&self, section: &str) -> usize {
        let index = &self.index;
        let section = &index.sections[index.by_name[section]];
        let header = &index.headers[section.last()];
        match index.properties[header.properties.clone()].last() {
            Some(property) => property.end,
            None => header.tail,
        }
    }

    fn offset(&self, place: &Place) -> usize {
        let index = &self.index;
        let start = match place {
            Place::End => None,
            Place::After(section) => index.by_name.get(section.as_str()).map(|&section| {
                let tail = index.headers[index.sections[section].last()].tail;
                self.behind_comments(tail)
            }),
            Place::Start => index.headers.first().map(|first| self.before(first.start)),
        };
        start.unwrap_or(self.bytes.len())
    }

    /// Behind the comments below a section's last line, but for those that touch the next header:
    /// these are about what follows. Any other would come to look like one of the new section, and
    /// keep its header when its keys go.
    fn behind_comments(&self, tail: usize) -> usize {
        let mut end = tail;
        let mut comment = None;
        for line in line::lines(&self.bytes, tail, self.bytes.len()) {
            match line::role(line.text) {
                line::Role::Comment => comment = Some(line.end),
                line::Role::Blank => end = comment.take().unwrap_or(end),
                _ => return end,
            }
        }
        comment.unwrap_or(end)
    }

    /// Before the comment that touches the first header. Lines that are no comments keep their
    /// place before every header, so that none of them joins a section.
    fn before(&self, header: usize) -> usize {
        let mut comment = None;
        for line in line::lines(&self.bytes, start_of_text(&self.bytes), header) {
            match line::role(line.text) {
                line::Role::Comment => comment = comment.or(Some(line.start)),
                _ => comment = None,
            }
        }
        comment.unwrap_or(header)
    }
}

/// How many bytes `edit` can add at most. A property has its key, ` = `, line ends and, for each
/// further line of its value, an indent.
fn room(edit: &Edit) -> usize {
    let properties = edit.changes.iter().map(|(key, value)| {
        let value = value.as_deref().unwrap_or_default();
        key.len() + value.len() + 6 * value.matches('\n').count() + 16
    });
    edit.section.len() + 16 + properties.sum::<usize>()
}

/// The changes with each key once, checked.
fn distinct(changes: &[(String, Option<String>)]) -> Result<Vec<Change<'_>>, EditError> {
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut distinct: Vec<Change<'_>> = Vec::with_capacity(changes.len());
    for (key, value) in changes {
        if let Some(value) = value {
            if !is_key(key) {
                return Err(EditError::Key(key.clone()));
            }
            if !is_value(value) {
                return Err(EditError::Value(key.clone()));
            }
        }
        let change = Change {
            key,
            value: value.as_deref(),
            winner: None,
        };
        match at.get(&key.to_ascii_lowercase()) {
            Some(&at) => distinct[at] = change,
            None => {
                at.insert(key.to_ascii_lowercase(), distinct.len());
                distinct.push(change);
            }
        }
    }
    Ok(distinct)
}

#[cfg(test)]
mod tests {
    use super::super::can_set;
    use super::*;

    fn edit(section: &str, changes: &[(&str, Option<&str>)]) -> Edit {
        let owned =
            |&(key, value): &(&str, Option<&str>)| (key.to_owned(), value.map(str::to_owned));
        Edit {
            section: section.to_owned(),
            changes: changes.iter().map(owned).collect(),
        }
    }

    fn placed(text: &str, edit: &Edit, place: &Place) -> String {
        let edited = Document::parse(text)
            .edited(edit, place, Emptied::Goes)
            .expect("can be written");
        String::from_utf8(edited.as_bytes().to_vec()).expect("text stays text")
    }

    /// `text` with `changes` made in `[a]`.
    fn changed(text: &str, changes: &[(&str, Option<&str>)]) -> String {
        placed(text, &edit("a", changes), &Place::End)
    }

    #[test]
    fn setting_a_key_changes_its_line_and_no_other() {
        let text = "# top\n\n[a]\n  \nx  =  1 ; c\n k = v\nk=old\ny=2\n\n[b]\nk=old\n";
        assert_eq!(
            changed(text, &[("k", Some("new"))]),
            text.replacen("\nk=old", "\nk = new", 1)
        );
    }

    #[test]
    fn the_occurrence_that_wins_is_set() {
        let text = "[a]\nk = 1\nk = 2\n[b]\n[ a ]\nK = 3\nl = 4\n[c]\nk = 5\n";
        assert_eq!(
            changed(text, &[("k", Some("new"))]),
            text.replace("K = 3", "k = new")
        );
    }

    #[test]
    fn continuation_lines_go_with_the_value_and_comments_among_them_stay() {
        let text = "[a]\nk = x\n# c\n  y\n\n  z\n; d\nl = 1\n";
        assert_eq!(
            changed(text, &[("k", Some("new"))]),
            "[a]\nk = new\n# c\n\n; d\nl = 1\n"
        );
        assert_eq!(changed(text, &[("k", None)]), "[a]\n# c\n\n; d\nl = 1\n");
    }

    #[test]
    fn a_comment_on_the_line_moves_above_it() {
        assert_eq!(
            changed("[a]\nk = x # c ; d\n", &[("k", Some("new"))]),
            "[a]\n# c ; d\nk = new\n"
        );
        assert_eq!(
            changed("[a]\nk = x ;c", &[("k", Some("x"))]),
            "[a]\n;c\nk = x",
            "also when the value is the same: botocore would keep the comment in it"
        );
    }

    #[test]
    fn an_indented_comment_below_a_value_is_kept_without_its_indent() {
        let text = "[a]\nk = old\n  # mine\n\t; and this\n  rest\n[b]\n";
        let set = changed(text, &[("k", Some("new"))]);
        assert_eq!(set, "[a]\nk = new\n# mine\n; and this\n[b]\n");
        let removed = changed(text, &[("k", None)]);
        assert_eq!(removed, "[a]\n# mine\n; and this\n[b]\n");
        let last = changed("[a]\r\nk = old\r\n  # mine  ", &[("k", Some("new"))]);
        assert_eq!(last, "[a]\r\nk = new\r\n# mine  ");
        let below = changed("[a]\nj = 1\nk = old\n  # mine\n", &[("k", None)]);
        assert_eq!(below, "[a]\nj = 1\n# mine\n", "no part of what is above");
    }

    #[test]
    fn an_indented_comment_in_a_nested_block_goes_with_the_block() {
        let text = "[a]\nk = # c\n  # mine\n  x = 1\n# yours\n  ; y = 2\nl = 1\n";
        assert_eq!(changed(text, &[("k", None)]), "[a]\n# yours\nl = 1\n");
        assert_eq!(
            changed(text, &[("k", Some("new"))]),
            "[a]\n# c\nk = new\n# yours\nl = 1\n"
        );
    }

    #[test]
    fn an_indented_comment_keeps_its_indent_below_a_value_that_stays() {
        let text = "[a]\nk = 1\n  # c\nk = x\nl = 1\n  # d\n";
        assert_eq!(changed(text, &[("k", Some("x")), ("m", None)]), text);
    }

    #[test]
    fn a_value_that_is_there_already_keeps_its_line() {
        for text in [
            "[a]\nK=x  \n",
            "[a]\nk =\n\ts = 1\n# c\n\tt = 2\n",
            "[a]\nk = x",
        ] {
            let document = Document::parse(text);
            let value = document.get("a", "k").expect("is set").into_owned();
            assert_eq!(changed(text, &[("k", Some(&value))]), text);
        }
    }

    #[test]
    fn a_colon_becomes_an_equals_sign() {
        assert_eq!(changed("[a]\nk : x\n", &[("k", Some("x"))]), "[a]\nk = x\n");
    }

    #[test]
    fn a_nested_value_is_indented_by_four() {
        let nested = Some("\na = 1\nb = 2");
        assert_eq!(
            changed("[a]\ns3 = x\n y\nl = 1\n", &[("s3", nested)]),
            "[a]\ns3 =\n    a = 1\n    b = 2\nl = 1\n"
        );
        assert_eq!(
            changed("[a]\r\nl = 1", &[("s3", nested)]),
            "[a]\r\nl = 1\r\ns3 =\r\n    a = 1\r\n    b = 2\r\n"
        );
        assert_eq!(
            changed("[a]\n", &[("k", Some("x\ny"))]),
            "[a]\nk = x\n    y\n"
        );
    }

    #[test]
    fn missing_keys_go_behind_the_last_property_in_order() {
        let text = "[a]\nx = 1\n[b]\n[a]\ny = 2\n  more\n# c\n\n[c]\n";
        assert_eq!(
            changed(text, &[("m", Some("1")), ("l", Some("2"))]),
            "[a]\nx = 1\n[b]\n[a]\ny = 2\n  more\nm = 1\nl = 2\n# c\n\n[c]\n"
        );
        assert_eq!(
            changed("[a]\n\n[b]\n", &[("m", Some(""))]),
            "[a]\nm =\n\n[b]\n"
        );
        assert_eq!(
            changed("[a]\n# c\n", &[("m", Some("1"))]),
            "[a]\nm = 1\n# c\n"
        );
    }

    #[test]
    fn an_indented_line_below_a_header_does_not_join_a_new_key() {
        let edited = changed("[a]\n# c\n  early\n[b]\n", &[("m", Some("1"))]);
        assert_eq!(edited, "[a]\n# c\n  early\nm = 1\n[b]\n");
    }

    #[test]
    fn removing_a_key_removes_every_occurrence_and_keeps_the_header() {
        let text = "[a]\nk = 1 # c\n  more\nK : 2\n# c\n[b]\nk = 3\n[ a ] ; c\nk = 4";
        assert_eq!(
            changed(text, &[("k", None)]),
            "[a]\n# c\n[b]\nk = 3\n[ a ] ; c\n"
        );
    }

    #[test]
    fn nothing_to_change_changes_nothing() {
        let text = "\u{feff}x\r\n[a]\nk = 1\r\n[b";
        assert_eq!(changed(text, &[("none", None)]), text);
        assert_eq!(changed(text, &[]), text);
        assert_eq!(
            placed(text, &edit("new", &[("k", None)]), &Place::End),
            text
        );
        assert_eq!(placed(text, &edit("new", &[]), &Place::Start), text);
    }

    #[test]
    fn the_last_change_of_a_key_counts() {
        let twice = [("k", Some("1")), ("K", Some("2"))];
        assert_eq!(changed("[a]\n", &twice), "[a]\nK = 2\n");
        assert_eq!(
            changed("[a]\nk = 0\n", &[("k", Some("1")), ("k", None)]),
            "[a]\n"
        );
    }

    #[test]
    fn line_ends_are_those_of_the_neighbours() {
        assert_eq!(
            changed(
                "[a]\r\nk = 1 # c\r\nl = 2\r\n",
                &[("k", Some("x")), ("m", Some("y"))]
            ),
            "[a]\r\n# c\r\nk = x\r\nl = 2\r\nm = y\r\n"
        );
        assert_eq!(
            changed(
                "[a]\nk = 1\r\nl = 2\n[b]\r\n",
                &[("k", Some("x")), ("m", Some("y"))]
            ),
            "[a]\nk = x\r\nl = 2\nm = y\n[b]\r\n"
        );
        assert_eq!(
            placed(
                "[b]\r\nk = 1\r\n",
                &edit("a", &[("k", Some("1"))]),
                &Place::End
            ),
            "[b]\r\nk = 1\r\n\r\n[a]\r\nk = 1\r\n"
        );
        assert_eq!(
            placed(
                "[b]\r\nk = 1\r\n",
                &edit("a", &[("k", Some("1"))]),
                &Place::Start
            ),
            "[a]\r\nk = 1\r\n\r\n[b]\r\nk = 1\r\n"
        );
    }

    #[test]
    fn a_missing_line_end_is_added_only_when_something_follows() {
        assert_eq!(changed("[a]\nk = 1", &[("k", Some("2"))]), "[a]\nk = 2");
        assert_eq!(
            changed("[a]\nk = 1 # c", &[("k", Some("\nx = 1"))]),
            "[a]\n# c\nk =\n    x = 1"
        );
        assert_eq!(
            changed("[a]\nk = 1", &[("l", Some("2"))]),
            "[a]\nk = 1\nl = 2\n"
        );
        assert_eq!(changed("[a]", &[("l", Some("2"))]), "[a]\nl = 2\n");
        assert_eq!(
            changed("[a]\nk = 1\r", &[("l", Some("2"))]),
            "[a]\nk = 1\r\r\nl = 2\n",
            "a bare return is part of the value and stays it"
        );
        assert_eq!(
            changed("[a]\nl = 0\nk = 1", &[("l", Some("2"))]),
            "[a]\nl = 2\nk = 1"
        );
    }

    #[test]
    fn a_new_section_at_the_end_stands_behind_one_blank_line() {
        let set = edit("a", &[("k", Some("1")), ("none", None)]);
        for (before, after) in [
            ("", "[a]\nk = 1\n"),
            ("\u{feff}", "\u{feff}[a]\nk = 1\n"),
            ("[b]", "[b]\n\n[a]\nk = 1\n"),
            ("[b]\n", "[b]\n\n[a]\nk = 1\n"),
            // What ended in a blank line does so again.
            ("[b]\n\n", "[b]\n\n[a]\nk = 1\n\n"),
            ("[b]\n  ", "[b]\n  \n[a]\nk = 1\n\n"),
            ("# c\n", "# c\n\n[a]\nk = 1\n"),
            (
                "[b]\nx = 1 # [a]\n# [a]",
                "[b]\nx = 1 # [a]\n# [a]\n\n[a]\nk = 1\n",
            ),
        ] {
            assert_eq!(placed(before, &set, &Place::End), after);
        }
    }

    #[test]
    fn a_new_section_goes_behind_the_section_it_follows() {
        let set = edit("a", &[("k", Some("1"))]);
        let after = Place::After("b".into());
        for (before, expected) in [
            (
                "[b]\nx = 1\n\n# c\n[c]\n",
                "[b]\nx = 1\n\n[a]\nk = 1\n\n# c\n[c]\n",
            ),
            (
                "[b]\nx = 1\n# d\n\n[c]\n",
                "[b]\nx = 1\n# d\n\n[a]\nk = 1\n\n[c]\n",
            ),
            (
                "[b]\nx = 1\n# c\n[c]\n",
                "[b]\nx = 1\n\n[a]\nk = 1\n\n# c\n[c]\n",
            ),
            (
                "[b]\n# d\n\n# e\n\n# c\n[c]\n",
                "[b]\n# d\n\n# e\n\n[a]\nk = 1\n\n# c\n[c]\n",
            ),
            ("[b]\n\n# d", "[b]\n\n# d\n\n[a]\nk = 1\n"),
            (
                "[b]\n[c]\n[ b ]\n  odd\n[d]\n",
                "[b]\n[c]\n[ b ]\n  odd\n\n[a]\nk = 1\n\n[d]\n",
            ),
            (
                "[c]\n[b]\nx = 1\n  y",
                "[c]\n[b]\nx = 1\n  y\n\n[a]\nk = 1\n",
            ),
            ("[c]\n", "[c]\n\n[a]\nk = 1\n"),
        ] {
            assert_eq!(placed(before, &set, &after), expected);
        }
    }

    #[test]
    fn a_new_section_at_the_start_goes_behind_the_comment_that_opens_the_file() {
        let set = edit("a", &[("k", Some("1"))]);
        for (before, expected) in [
            ("", "[a]\nk = 1\n"),
            ("[b]\n", "[a]\nk = 1\n\n[b]\n"),
            ("\u{feff}[b]\n", "\u{feff}[a]\nk = 1\n\n[b]\n"),
            ("# top\n", "# top\n\n[a]\nk = 1\n"),
            ("# top\n\n[b]\n", "# top\n\n[a]\nk = 1\n\n[b]\n"),
            (
                "# top\n\n# b\n# b\n[b]\n",
                "# top\n\n[a]\nk = 1\n\n# b\n# b\n[b]\n",
            ),
            ("# b\n[b]\n", "[a]\nk = 1\n\n# b\n[b]\n"),
            (
                "x = 1\n  y\n# b\n[b]\n",
                "x = 1\n  y\n\n[a]\nk = 1\n\n# b\n[b]\n",
            ),
        ] {
            assert_eq!(placed(before, &set, &Place::Start), expected);
        }
    }

    #[test]
    fn a_name_of_several_words_is_quoted() {
        for (section, header) in [
            ("profile dev", "[profile dev]"),
            ("profile a b", "[profile \"a b\"]"),
            ("a b", "[a b]"),
        ] {
            let text = placed("", &edit(section, &[("k", Some("v"))]), &Place::End);
            assert_eq!(text, format!("{header}\nk = v\n"));
            assert!(Document::parse(text).contains(section));
        }
    }

    #[test]
    fn odd_characters_survive() {
        for odd in [
            "100%", "a#b;c", "\"q\"", r"a\", "'", "[x]", "a = b", "=", "é", ": x", "a\tb",
        ] {
            assert_eq!(
                changed("[a]\n", &[("k", Some(odd))]),
                format!("[a]\nk = {odd}\n")
            );
        }
    }

    #[test]
    fn what_would_not_read_back_is_refused() {
        let document = Document::parse("[a]\nk = old\n");
        for value in [
            "x # c",
            "x\t;c",
            "# c",
            ";",
            " x",
            "x ",
            "x\r",
            "x\ry",
            "x\r\n[b]",
            "x\0",
            "\n",
            "\n\nx = 1",
            "\n[b]",
            "\nx",
            "\n= 1",
            "\n x = 1",
            "\nx = 1\n",
            "x\n",
            "\nx : 1",
            "x\n y",
            "\nx # = 1",
            "x\n# y",
            "x\ny\n;",
        ] {
            let refused = document.edited(
                &edit("a", &[("k", Some(value))]),
                &Place::End,
                Emptied::Goes,
            );
            assert_eq!(
                refused.err(),
                Some(EditError::Value("k".into())),
                "{value:?}"
            );
        }
        for key in ["", " k", "k ", "a b", "[k", "#k", "k=", "k:l", "k\nl", "é"] {
            let refused =
                document.edited(&edit("a", &[(key, Some("v"))]), &Place::End, Emptied::Goes);
            assert_eq!(refused.err(), Some(EditError::Key(key.into())));
        }
        for section in [
            "",
            " b",
            "b ",
            "b]",
            "[b",
            "b#c",
            "b;c",
            "b\n[c",
            "b  c",
            "profile \"b\"",
            "b\rc",
        ] {
            let refused = document.edited(
                &edit(section, &[("k", Some("v"))]),
                &Place::End,
                Emptied::Goes,
            );
            assert_eq!(refused.err(), Some(EditError::Section(section.into())));
        }
    }

    #[test]
    fn what_can_be_set_is_told_beforehand() {
        for (key, value) in [
            ("k", "v"),
            ("k", "\nx = 1"),
            ("k", "v # c"),
            ("a b", "v"),
            ("k", "\nv"),
            ("k", "v\n# c"),
            ("k", "v\nw # c"),
            ("k", "\n# c = d"),
        ] {
            let set = Document::parse("").edited(
                &edit("a", &[(key, Some(value))]),
                &Place::End,
                Emptied::Goes,
            );
            assert_eq!(can_set(key, value), set.is_ok(), "{key:?} {value:?}");
        }
    }

    #[test]
    fn odd_keys_can_be_removed() {
        assert_eq!(
            changed("[a]\na b = 1\nÉ = 2\n= 3\n", &[("A B", None), ("É", None)]),
            "[a]\n= 3\n"
        );
    }

    #[test]
    fn no_error_shows_a_value() {
        let document = Document::parse("");
        let refused = document.edited(
            &edit("a", &[("k", Some("hunter2 # x"))]),
            &Place::End,
            Emptied::Goes,
        );
        let error = refused.expect_err("a comment in the value");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn the_output_never_grows_and_so_leaves_no_copies() {
        let value = format!("\n{}y = 2", "x = 1\n".repeat(500));
        let set = edit("profile a b", &[("k", Some(&value)), ("l", Some("x"))]);
        let changes = [("k", &*value), ("l", "x")];
        // What was asked for at once; a vector that grows has more in the end.
        let room_beside = |text: &str| Vec::<u8>::with_capacity(text.len() + room(&set)).capacity();
        for text in ["[b]\r\nk = v", "\r", "[a]\r\n[b]\r\n"] {
            let mut output = Output::new(text.as_bytes(), room(&set));
            output.new_section(text.len() / 2, "[profile \"a b\"]", changes.into_iter());
            assert_eq!(output.finish().capacity(), room_beside(text));
        }
        let text = "k = 1 # c\r\n x\r\n";
        let mut output = Output::new(text.as_bytes(), room(&set));
        output.replace(0..11, "k", &value, Some(b"# c"));
        output.drop_lines(11, text.len(), false);
        output.property("l", "x");
        assert_eq!(output.finish().capacity(), room_beside(text));
    }
}
