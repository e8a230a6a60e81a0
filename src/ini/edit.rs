//! Edits a document: the named keys of the named sections change, and no other byte. It does not decide
//! what is written.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use zeroize::Zeroize as _;

use super::dialect::Dialect;
use super::document::Document;
use super::index::Property;
use super::line::{self, start_of_text};
use super::output::{Below, Output};
use super::splice::Splice;
use super::writable::{EditError, header, is_key, is_value};

/// The changes to one section.
///
/// A value may be a secret, so there is no `Debug`.
pub(crate) struct Edit {
    /// The canonical name: `dev-mfa` in credentials, `profile dev-mfa` in config. A missing section is
    /// added as soon as there is a value to set.
    pub(crate) section: String,
    /// Keys in any case; `Some` sets, `None` removes every occurrence. The last change of a key counts.
    /// A value is one line, or several in the form that [`Document::get`] gives: the part before the
    /// first `\n` goes on the key's line, each line after it is indented below. A nested block thus
    /// begins with `\n`. In any other value no line may begin with `#` or `;`: below a value such a line
    /// is somebody's comment, and stays when the value is removed.
    pub(crate) changes: Vec<(String, Option<String>)>,
}

impl Edit {
    /// The edit that removes every key that this one sets.
    pub(crate) fn undone(&self) -> Self {
        let set = self.changes.iter().filter(|(_, value)| value.is_some());
        Self {
            section: self.section.clone(),
            changes: set.map(|(key, _)| (key.clone(), None)).collect(),
        }
    }
}

impl Drop for Edit {
    fn drop(&mut self) {
        for value in self.changes.iter_mut().filter_map(|(_, it)| it.as_mut()) {
            value.zeroize();
        }
    }
}

/// Where to put a new section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the end of the file.
    End,
    /// After the section of this canonical name; the same as `End` if there is none.
    After(String),
    /// Before the first header and the comment directly above it, but after the comment that opens the
    /// file.
    Start,
}

/// All changes to one section, each key once, with their text already checked.
struct SectionEdit<'a> {
    section: &'a str,
    changes: Vec<Change<'a>>,
    /// The index in `changes` of each key, lower-cased.
    by_key: HashMap<String, usize>,
}

/// One change.
struct Change<'a> {
    key: &'a str,
    /// `None` removes the key.
    value: Option<&'a str>,
}

impl Document {
    /// The document after all of `edits`, made in one pass; `place` matters only for a new section. A
    /// section is removed with its last key if nothing else of the user's is in it, unless
    /// `header_counts` says that its header means something by itself. A value that is already right
    /// keeps its bytes.
    ///
    /// # Errors
    /// If a name, key or value would not read back as given, or an affected line is several lines to
    /// other readers. Nothing is half-written.
    pub(crate) fn edited(
        &self,
        edits: &[Edit],
        place: &Place,
        header_counts: impl Fn(&str) -> bool,
    ) -> Result<Document, EditError> {
        let sections = by_section(edits)?;
        let mut splices = Vec::new();
        let mut emptied = Vec::new();
        for edit in &sections {
            if !self.contains(edit.section) {
                if edit.changes.iter().any(|change| change.value.is_some()) {
                    let at = self.offset(place);
                    if let Some(header) = self.open_header_behind(at) {
                        return Err(EditError::Header(self.line_number(header)));
                    }
                    splices.push(Splice::Section {
                        at,
                        header: header(edit.section)?,
                        properties: edit.values().collect(),
                    });
                }
                continue;
            }
            let is_emptied = edit.values().next().is_none() && !header_counts(edit.section);
            let is_removed = |property: &Property| edit.by_key.contains_key(&*self.key(property));
            match self
                .emptied(edit.section, is_removed)
                .filter(|_| is_emptied)
            {
                Some(bodies) => emptied.extend(bodies),
                None => self.change_section(edit, &mut splices),
            }
        }
        let gone = self.with_blank_lines(emptied);
        splices.extend(gone.into_iter().map(Splice::Gone));
        splices.sort_by_key(Splice::order);
        for splice in &splices {
            self.check_undivided(&self.reach(splice))?;
        }
        if !splices.is_empty() {
            // The whole section is checked, because what is written into it now must be removable later.
            for edit in &sections {
                self.check_section(edit.section)?;
            }
        }
        let mut output = Output::new(&self.bytes, self.room(edits));
        for splice in &splices {
            splice.write(&mut output);
        }
        let edited = Document::parse(output.finish());
        self.check_reading(&edited, &sections)?;
        Ok(edited)
    }

    /// Fails if the edited file would be misread: by other rules than before, or by botocore's, under
    /// which a line may continue another one.
    fn check_reading(&self, edited: &Document, edits: &[SectionEdit]) -> Result<(), EditError> {
        let is_as_before = edited.dialect() == self.dialect();
        // For the SDKs, what a line is does not depend on the lines around it.
        if is_as_before && self.dialect() == Dialect::Sdk {
            return Ok(());
        }
        let contents = |document: &Document| {
            let mut contents = BTreeMap::new();
            for section in document.sections() {
                for key in document.keys(section) {
                    let value = document.get(section, &key).map(Cow::into_owned);
                    contents.insert((section.to_owned(), key.into_owned()), value);
                }
            }
            contents
        };
        let mut expected = contents(self);
        for edit in edits {
            for Change { key, value } in &edit.changes {
                let at = (edit.section.to_owned(), key.to_ascii_lowercase());
                match value {
                    Some(value) => drop(expected.insert(at, Some((*value).to_owned()))),
                    None => drop(expected.remove(&at)),
                }
            }
        }
        match contents(edited) == expected {
            true => Ok(()),
            false if is_as_before => Err(EditError::Misread),
            false => Err(EditError::Dialect),
        }
    }

    /// The most bytes that `edits` can add. A property has its key, ` = `, line ends and, for each line
    /// of its value, an indent.
    fn room(&self, edits: &[Edit]) -> usize {
        let indent = match self.dialect() {
            Dialect::Sdk => 0,
            Dialect::Botocore => {
                let properties = self.index().properties.iter();
                let deepest = properties.map(|property| self.indent(property).len()).max();
                let headers = edits.iter().filter(|edit| self.contains(&edit.section));
                let indents = headers.map(|edit| self.indent_of_new(&edit.section).len());
                indents.max().max(deepest).unwrap_or(0)
            }
        };
        let room = |edit: &Edit| {
            let properties = edit.changes.iter().map(|(key, value)| {
                let value = value.as_deref().unwrap_or_default();
                let below = value.matches('\n').count();
                key.len() + value.len() + (6 + indent) * below + 16 + indent
            });
            edit.section.len() + 16 + properties.sum::<usize>()
        };
        edits.iter().map(room).sum()
    }

    fn change_section<'a>(&'a self, edit: &SectionEdit<'a>, splices: &mut Vec<Splice<'a>>) {
        let change_of = |property: &Property| edit.by_key.get(&*self.key(property)).copied();
        let properties: Vec<&Property> = self.properties_of(edit.section).collect();
        // The occurrence that wins is the one to set.
        let mut winners: Vec<Option<usize>> = vec![None; edit.changes.len()];
        for (at, property) in properties.iter().enumerate() {
            if let Some(change) = change_of(property) {
                winners[change] = Some(at);
            }
        }
        for (at, property) in properties.iter().enumerate() {
            let Some(change) = change_of(property) else {
                continue;
            };
            let Change { key, value } = edit.changes[change];
            let value = match value {
                Some(_) if winners[change] != Some(at) => continue,
                Some(value) if self.is_plainly(property, value) => continue,
                Some(value) => Some((key, value)),
                None => None,
            };
            splices.push(Splice::Property {
                line: property.start..property.next,
                end: property.end,
                below: match self.dialect() {
                    Dialect::Botocore => Below::OnlyValues,
                    Dialect::Sdk if self.is_block(property) => Below::Block,
                    Dialect::Sdk => Below::Value,
                },
                // No key in a section is indented deeper than the one above it, so this is the indent of
                // the first one unless a later one is nearer to the margin.
                indent: self.indent(property),
                comment: self.pair(property).comment(),
                value,
            });
        }
        let at = self.behind_properties(edit.section);
        let indent = self.indent_of_new(edit.section);
        let missing = edit.changes.iter().zip(&winners);
        let missing = missing.filter(|(_, winner)| winner.is_none());
        for (key, value) in missing.filter_map(|(change, _)| Some((change.key, change.value?))) {
            splices.push(Splice::NewProperty {
                at,
                indent,
                key,
                value,
            });
        }
    }

    /// Fails if readers disagree on the lines of a section, or on whether it is one.
    fn check_section(&self, section: &str) -> Result<(), EditError> {
        for header in self.headers(section) {
            self.check_undivided(&self.spaced(header.start..header.tail))?;
            let mut lines = line::lines(&self.bytes, header.start, header.tail);
            if !lines
                .next()
                .is_some_and(|line| line::is_header_to_all(line.text))
            {
                return Err(EditError::Header(self.line_number(header.start)));
            }
        }
        Ok(())
    }

    /// The bytes that a splice affects, and those that a later removal would affect: for a new section,
    /// the blank line after it.
    fn reach(&self, splice: &Splice) -> Range<usize> {
        let range = splice.range();
        if !matches!(splice, Splice::Section { .. }) {
            return range;
        }
        let below = line::lines(&self.bytes, range.end, self.bytes.len()).next();
        let blank = below.filter(|line| line.text.is_empty());
        range.start..blank.map_or(range.end, |line| line.end)
    }

    /// Fails if a line in `range`, or one next to it, is several lines to other readers: Python and Java
    /// also end a line at a carriage return. Our reading of such a line says nothing about theirs.
    fn check_undivided(&self, range: &Range<usize>) -> Result<(), EditError> {
        let before = &self.bytes[..range.start.saturating_sub(1)];
        let above = before.iter().rposition(|&byte| byte == b'\n');
        let from = above.map_or(0, |line_end| line_end + 1);
        let lines = line::lines(&self.bytes, from, self.bytes.len());
        let mut affected = lines.take_while(|line| line.start <= range.end);
        match affected.find(|line| line::is_divided(&self.bytes[line.start..line.end])) {
            Some(line) => Err(EditError::Divided(self.line_number(line.start))),
            None => Ok(()),
        }
    }

    /// Whether a property already has this value and is written in a way that all readers share.
    fn is_plainly(&self, property: &Property, value: &str) -> bool {
        let pair = self.pair(property);
        !pair.colon && pair.comment().is_none() && self.value(property) == value
    }

    /// The offset after the last property of the last occurrence. If that has none, the offset after its
    /// last significant line: an indented line below the header must not become a continuation.
    fn behind_properties(&self, section: &str) -> usize {
        let index = self.index();
        let section = &index.sections[index.by_name[section]];
        let header = &index.headers[section.last()];
        match index.properties[header.properties.clone()].last() {
            Some(property) => property.end,
            None => header.tail,
        }
    }

    /// The white space to put before a new key in `section`. With a deeper indent it would continue the
    /// key above it; and what follows must not be deeper, or it would continue the new one.
    fn indent_of_new(&self, section: &str) -> &[u8] {
        if self.dialect() == Dialect::Sdk {
            return b"";
        }
        let index = self.index();
        let last = index.sections[index.by_name[section]].last();
        let properties = index.headers[last].properties.clone();
        if let Some(property) = index.properties[properties].last() {
            return self.indent(property);
        }
        let own = [Some(&index.headers[last]), index.headers.get(last + 1)];
        let indents = own.into_iter().flatten().map(|header| {
            let line = &self.bytes[header.start..];
            let bracket = line.iter().position(|&byte| byte == b'[');
            &line[..bracket.unwrap_or(0)]
        });
        // Other kinds of white space look empty, but not every reader skips them.
        let plain = indents.filter(|indent| line::trim(indent).is_empty());
        plain.max_by_key(|indent| indent.len()).unwrap_or(b"")
    }

    fn offset(&self, place: &Place) -> usize {
        let index = self.index();
        let start = match place {
            // After a key that is nearer to the margin, an indented header would be part of its value.
            _ if self.dialect() == Dialect::Botocore => None,
            Place::End => None,
            Place::After(section) => index.by_name.get(section.as_str()).map(|&section| {
                let tail = index.headers[index.sections[section].last()].tail;
                self.behind_comments(tail)
            }),
            Place::Start => index.headers.first().map(|first| self.before(first.start)),
        };
        start.unwrap_or(self.bytes.len())
    }

    /// The offset after the comments below a section's last line, except those directly above the next
    /// header, which belong to that. Any other comment would seem to belong to the new section, and
    /// would keep its header there when its keys are removed.
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

    /// The offset of the comment directly above the first header. Other lines stay before every header,
    /// so that none of them joins a section.
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

/// The changes by section, checked.
fn by_section(edits: &[Edit]) -> Result<Vec<SectionEdit<'_>>, EditError> {
    let mut at: HashMap<&str, usize> = HashMap::with_capacity(edits.len());
    let mut sections: Vec<SectionEdit<'_>> = Vec::with_capacity(edits.len());
    for edit in edits {
        let at = *at.entry(&edit.section).or_insert(sections.len());
        if at == sections.len() {
            sections.push(SectionEdit {
                section: &edit.section,
                changes: Vec::with_capacity(edit.changes.len()),
                by_key: HashMap::with_capacity(edit.changes.len()),
            });
        }
        for (key, value) in &edit.changes {
            sections[at].set(key, value.as_deref())?;
        }
    }
    Ok(sections)
}

impl<'a> SectionEdit<'a> {
    /// Records a change, which replaces an earlier one of the same key.
    fn set(&mut self, key: &'a str, value: Option<&'a str>) -> Result<(), EditError> {
        if let Some(value) = value {
            if !is_key(key) {
                return Err(EditError::Key(key.to_owned()));
            }
            if !is_value(value) {
                return Err(EditError::Value(key.to_owned()));
            }
        }
        let change = Change { key, value };
        match self.by_key.get(&key.to_ascii_lowercase()) {
            Some(&at) => self.changes[at] = change,
            None => {
                let at = self.changes.len();
                self.by_key.insert(key.to_ascii_lowercase(), at);
                self.changes.push(change);
            }
        }
        Ok(())
    }

    /// The keys that are set, with their values.
    fn values(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let changes = self.changes.iter();
        changes.filter_map(|change| Some((change.key, change.value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::can_set;
    use super::*;
    use std::slice;

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
            .edited(slice::from_ref(edit), place, |_| false)
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
        // Nobody reads it; by botocore's rules a comment would stay.
        let text = "[a]\nk = # c\n  # mine\n  x = 1\n# yours\n  ; y = 2\nl = 1\nl = 1\n";
        assert_eq!(
            changed(text, &[("k", None)]),
            "[a]\n# c\n# yours\nl = 1\nl = 1\n"
        );
        assert_eq!(
            changed(text, &[("k", Some("new"))]),
            "[a]\n# c\nk = new\n# yours\nl = 1\nl = 1\n"
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
    fn a_colon_becomes_an_equals_sign_unless_only_botocore_reads_the_file() {
        let nobody = "[a]\nk : x\n[b]\n[b]\n";
        assert_eq!(
            changed(nobody, &[("k", Some("x"))]),
            nobody.replace(':', "=")
        );
        let text = "[a]\nk : x\n";
        assert_eq!(changed(text, &[("k", Some("x"))]), text);
        assert_eq!(changed(text, &[("k", Some("y"))]), "[a]\nk = y\n");
    }

    const INDENTED: &str = "[a]\n  k = 1\n  # c\n    2\n  l = 1 # v\n\n[b]\n\t\tk = 1\n\n  [c]\n    s3 =\n      x = 1\n";

    #[test]
    fn in_a_file_that_only_botocore_reads_new_keys_take_the_indent_of_the_section() {
        let changed = |section: &str, changes: &[(&str, Option<&str>)]| {
            placed(INDENTED, &edit(section, changes), &Place::Start)
        };
        assert_eq!(
            changed("a", &[("k", Some("2")), ("m", Some("x\ny"))]),
            INDENTED
                .replace("  k = 1\n  # c\n    2\n", "  k = 2\n  # c\n")
                .replace("# v\n", "# v\n  m = x\n      y\n")
        );
        assert_eq!(
            changed("b", &[("m", Some("1"))]),
            INDENTED.replace("\t\tk = 1\n", "\t\tk = 1\n\t\tm = 1\n")
        );
        assert_eq!(
            changed("c", &[("s3", Some("\ny = 2")), ("m", Some("1"))]),
            INDENTED.replace("      x = 1\n", "        y = 2\n    m = 1\n")
        );
        assert_eq!(
            changed("d", &[("m", Some("1"))]),
            format!("{INDENTED}\n[d]\nm = 1\n")
        );
        assert_eq!(
            changed("a", &[("k", None)]),
            INDENTED.replace("  k = 1\n  # c\n    2\n", "  # c\n")
        );
        assert_eq!(
            changed("b", &[("k", None)]),
            INDENTED.replace("[b]\n\t\tk = 1\n", "[b]\n")
        );
        assert_eq!(changed("a", &[("l", Some("1 # v"))][..0]), INDENTED);
        let empty = "[a]\n  [b]\n    k = 1\n";
        let set = placed(empty, &edit("a", &[("k", Some("1"))]), &Place::End);
        assert_eq!(set, empty.replace("[a]\n", "[a]\n  k = 1\n"));
    }

    #[test]
    fn in_a_file_that_only_botocore_reads_a_comment_after_a_removed_value_stays() {
        for (line, left) in [
            ("k = 1 ; mine", "; mine\n"),
            ("k : 1\t# mine # too", "# mine # too\n"),
            ("k = # mine", "# mine\n"),
            ("k = 1 ; mine\u{a0}", "; mine\n"),
            ("k = 1;not", ""),
            ("k =#not", ""),
        ] {
            let text = format!("[a]\n  j = 1\n  {line}\n    more\n\n[b]\n  k = 1\n");
            let left = |new: &str| format!("[a]\n  j = 1\n{left}{new}\n[b]\n  k = 1\n");
            assert_eq!(changed(&text, &[("k", Some("2"))]), left("  k = 2\n"));
            assert_eq!(changed(&text, &[("k", None)]), left(""));
        }
        // Its section stays because of it.
        let text = "[a]\n  k = 1 ; mine\n\n[b]\n  k = 1\n";
        assert_eq!(
            changed(text, &[("k", None)]),
            text.replace("  k = 1 ; mine", "; mine")
        );
    }

    #[test]
    fn an_edit_after_which_other_rules_would_read_something_else_is_refused() {
        // Without the second [b], botocore would read the file, with the comment as part of a value.
        let text = "[a]\nk : 1 # c\n[b]\nk = 1\n[c]\nl = 1\nl = 2\n";
        let edit = edit("c", &[("l", None)]);
        let refused = Document::parse(text).edited(&[edit], &Place::End, |_| false);
        assert_eq!(refused.err(), Some(EditError::Dialect));
    }

    #[test]
    fn an_edit_after_which_botocore_would_read_something_else_is_refused() {
        // botocore counts the white space before the header that follows as an indent, so the header
        // would continue the key.
        for text in ["[b]\n\u{a0} [c]\n", "[b]\n\u{2003}[c]\n  k = 1\n"] {
            let document = Document::parse(text);
            assert_eq!(document.dialect(), Dialect::Botocore);
            let edit = edit("b", &[("k", Some("v"))]);
            let refused = document.edited(&[edit], &Place::End, |_| false);
            assert_eq!(refused.err(), Some(EditError::Misread), "{text:?}");
        }
    }

    #[test]
    fn a_header_after_white_space_that_not_every_reader_trims_is_left_alone() {
        for blank in ["\u{1d}", "\u{85}", "\u{a0}", " \u{1f} "] {
            let text = format!("[b]\n     k = 1\n{blank}[a]\n k = 1\n");
            for value in [Some("2"), None] {
                let edit = edit("a", &[("k", value)]);
                let refused = Document::parse(text.as_str()).edited(&[edit], &Place::End, |_| true);
                assert_eq!(refused.err(), Some(EditError::Header(3)), "{text:?}");
            }
        }
    }

    #[test]
    fn a_value_that_some_readers_trim_is_refused() {
        let text = "\u{a0}[a]\n k = 1\n";
        for value in ["v\u{2028}", "\u{a0}v", "\nx = 1\u{1680}", "v\u{feff}"] {
            let edit = edit("b", &[("k", Some(value))]);
            let refused = Document::parse(text).edited(&[edit], &Place::End, |_| false);
            assert_eq!(
                refused.err(),
                Some(EditError::Value("k".into())),
                "{value:?}"
            );
        }
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
    fn missing_keys_go_after_the_last_property_in_order() {
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
            "[a]\n# c\n# c\n[b]\nk = 3\n[ a ] ; c\n"
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
            ""
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
            changed("[a]\nl = 0\nk = 1", &[("l", Some("2"))]),
            "[a]\nl = 2\nk = 1"
        );
    }

    #[test]
    fn a_new_section_at_the_end_follows_one_blank_line() {
        let set = edit("a", &[("k", Some("1")), ("none", None)]);
        for (before, after) in [
            ("", "[a]\nk = 1\n"),
            ("\u{feff}", "\u{feff}[a]\nk = 1\n"),
            ("[b]", "[b]\n\n[a]\nk = 1\n"),
            ("[b]\n", "[b]\n\n[a]\nk = 1\n"),
            // A file that ended in a blank line ends in one again.
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
    fn a_new_section_goes_after_the_named_one() {
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
    fn a_new_section_at_the_start_goes_after_the_comment_that_opens_the_file() {
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
    fn an_edit_that_would_not_read_back_is_refused() {
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
            let refused =
                document.edited(&[edit("a", &[("k", Some(value))])], &Place::End, |_| false);
            assert_eq!(
                refused.err(),
                Some(EditError::Value("k".into())),
                "{value:?}"
            );
        }
        for key in ["", " k", "k ", "a b", "[k", "#k", "k=", "k:l", "k\nl", "é"] {
            let refused =
                document.edited(&[edit("a", &[(key, Some("v"))])], &Place::End, |_| false);
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
            let refused =
                document.edited(&[edit(section, &[("k", Some("v"))])], &Place::End, |_| {
                    false
                });
            assert_eq!(refused.err(), Some(EditError::Section(section.into())));
        }
    }

    #[test]
    fn whether_a_value_can_be_set_is_known_beforehand() {
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
                &[edit("a", &[(key, Some(value))])],
                &Place::End,
                |_| false,
            );
            assert_eq!(can_set(key, value), set.is_ok(), "{key:?} {value:?}");
        }
    }

    #[test]
    fn a_line_that_other_readers_divide_and_its_neighbours_are_left_alone() {
        for (text, line) in [
            ("[a]\nk = 1\r[b]\n", 2),
            ("[a]\nk = 1\n  x\r  y\nl = 2\n", 3),
            ("[a]\nj = 1\rm = 2\nk = 1\n", 2),
            ("[a]\nk = 1\n# c\r[b]\n", 3),
            ("[a]\nk = 1\r\r\n", 2),
            ("[a]\nk = 1\r", 2),
            ("[b]\rk = 1\r[a]\rk = 1", 1),
            ("[a]\n\r\n\rk = 1\nk = 1", 3),
        ] {
            for value in [Some("new"), None] {
                let edit = edit("a", &[("k", value), ("new", value.filter(|_| line == 1))]);
                let refused = Document::parse(text).edited(&[edit], &Place::End, |_| false);
                let expected = Some(EditError::Divided(line));
                assert_eq!(refused.err(), expected, "{text:?}");
            }
        }
        let far = "# c\r[b]\n\n[a]\nk = 1\n\n[c]\nx = y\rz\n";
        assert_eq!(
            changed(far, &[("k", Some("2"))]),
            far.replace("k = 1", "k = 2")
        );
    }

    #[test]
    fn a_new_section_is_not_put_below_a_line_that_other_readers_divide() {
        let new = edit("new", &[("k", Some("v"))]);
        let added = Document::parse("[a]\nk = x\ry = 1\n").edited(&[new], &Place::End, |_| false);
        assert_eq!(added.err(), Some(EditError::Divided(2)));
    }

    #[test]
    fn a_blank_line_within_a_removed_value_stays_if_only_botocore_reads_the_file() {
        let text = "[a]\n  k = 1\n\n    2\n \t\n  l = 1\n";
        assert_eq!(Document::parse(text).dialect(), Dialect::Botocore);
        assert_eq!(
            changed(text, &[("k", Some("3"))]),
            "[a]\n  k = 3\n\n \t\n  l = 1\n"
        );
        assert_eq!(changed(text, &[("k", None)]), "[a]\n\n \t\n  l = 1\n");
    }

    #[test]
    fn a_section_is_only_added_where_it_can_be_removed_again() {
        // The blank line after the new section is removed with it later, and that edit would be next to
        // the line that readers divide.
        let place = Place::After("a".to_owned());
        let new = edit("new", &[("k", Some("v"))]);
        for (text, line) in [
            ("\u{feff}[a] junk\n\n[b] ; c\r", 3),
            ("[a]\nk = 1\n\n[b] ; c\r\r\nk = 1\n", 4),
            ("[a]\nk = 1\n\n# c\r[c]\n[b]\n", 4),
        ] {
            let added = Document::parse(text).edited(slice::from_ref(&new), &place, |_| false);
            assert_eq!(added.err(), Some(EditError::Divided(line)), "{text:?}");
        }
        for text in [
            "[a]\n\n  \n[b] ; c\r\r\nk = 1\n",
            "[a]\r\n\r\n[b]\r\nk = 1\rl = 1\n",
        ] {
            let added = Document::parse(text).edited(slice::from_ref(&new), &place, |_| false);
            let removed = added
                .expect(text)
                .edited(&[new.undone()], &place, |_| false);
            assert_eq!(removed.expect(text).as_bytes(), text.as_bytes());
        }
    }

    #[test]
    fn editing_several_sections_in_one_pass_equals_editing_one_after_the_other() {
        let text = "# top\n\n[a]\nk = 1\n\n[b]\nk = 1 # c\n\n[c]\nk = 1\n[d]\nk = 1\nl = 2\n\n[a]\nk = 2\n\n\n[e]\nk = 1\n";
        let set = |section| edit(section, &[("k", Some("new")), ("m", Some("x"))]);
        let remove = |section| edit(section, &[("k", None)]);
        for edits in [
            vec![remove("e"), remove("a")],
            vec![remove("a"), remove("b"), remove("c"), remove("d")],
            vec![set("d"), remove("c"), set("b"), remove("e")],
            vec![set("e"), set("a"), remove("none"), set("new")],
            vec![remove("c"), set("new"), set("newer"), remove("d")],
        ] {
            let at_once = Document::parse(text).edited(&edits, &Place::End, |_| false);
            let in_turn = edits.iter().fold(text.to_owned(), |text, edit| {
                placed(&text, edit, &Place::End)
            });
            let at_once = at_once.expect("written");
            assert_eq!(String::from_utf8_lossy(at_once.as_bytes()), in_turn);
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
            &[edit("a", &[("k", Some("hunter2 # x"))])],
            &Place::End,
            |_| false,
        );
        let error = refused.expect_err("a comment in the value");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn the_output_never_grows_and_so_leaves_no_copies() {
        let value = format!("\n{}y = 2", "x = 1\n".repeat(500));
        let set = edit("profile a b", &[("k", Some(&value)), ("l", Some("x"))]);
        let changes = [("k", &*value), ("l", "x")];
        // The capacity reserved at first; a vector that had to grow would have more in the end.
        let room = |text: &str| Document::parse(text).room(slice::from_ref(&set));
        let room_beside = |text: &str| Vec::<u8>::with_capacity(text.len() + room(text)).capacity();
        for text in ["[b]\r\nk = v", "\r", "[a]\r\n[b]\r\n"] {
            let mut output = Output::new(text.as_bytes(), room(text));
            output.new_section(text.len() / 2, "[profile \"a b\"]", &changes);
            assert_eq!(output.finish().capacity(), room_beside(text));
        }
        let text = "k = 1 # c\r\n x\r\n";
        let mut output = Output::new(text.as_bytes(), room(text));
        output.replace(0..11, Some(b"# c"), b"", Some(("k", &value)));
        output.drop_lines(11, text.len(), Below::Value);
        output.property(b"", "l", "x");
        assert_eq!(output.finish().capacity(), room_beside(text));

        // Nor is much more reserved than needed, for many short keys or for a few long ones.
        const SLACK: usize = 12;
        let short: Vec<String> = (10..40).map(|it| format!("k{it}")).collect();
        let short: Vec<(&str, Option<&str>)> = short.iter().map(|it| (&**it, Some("v"))).collect();
        let long = "k".repeat(100);
        let nested = format!("\n{}", "x = 1\n".repeat(40).trim_end());
        let long = [(&*long, Some(&*value)), ("s3", Some(&*nested))];
        let name = "n".repeat(50);
        for (text, section) in [
            ("[b]\r\n", &*name),
            ("[a]\r\nx = 1\r\n", "a"),
            ("[a]\n   x = 1\n", "a"),
            ("", "a"),
        ] {
            let document = Document::parse(text);
            for changes in [&short[..], &long] {
                let set = edit(section, changes);
                let edited = document.edited(slice::from_ref(&set), &Place::End, |_| false);
                let added = edited.expect("written").as_bytes().len() - text.len();
                let lines: usize = changes
                    .iter()
                    .map(|it| it.1.map_or(0, |it| it.lines().count()))
                    .sum();
                let room = document.room(slice::from_ref(&set));
                let most = added + SLACK * (lines + 1) + section.len() + 16;
                assert!(
                    (added..=most).contains(&room),
                    "{room} for {added} to {most}"
                );
            }
        }

        let deep = " ".repeat(100);
        let text = format!("[profile a b]\n{deep}k = 1\n");
        assert_eq!(Document::parse(&*text).dialect(), Dialect::Botocore);
        let edited = Document::parse(&*text).edited(slice::from_ref(&set), &Place::End, |_| false);
        let edited = edited.expect("written");
        assert!(edited.as_bytes().len() <= text.len() + room(&text));
    }
}
