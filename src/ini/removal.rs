//! Decides whether a section is removed with its last key, and which lines are removed with it. It does
//! not decide which keys are removed.

use std::ops::Range;

use super::document::Document;
use super::index::{Header, Property};
use super::line::{self, Line, Role, start_of_text};

impl Document {
    /// The bodies of `section`, in file order, if nothing is left of it without the properties that
    /// `is_removed` picks; `None` if the section stays, as it does if it has no properties at all.
    ///
    /// Either all its occurrences are removed or none. If only some were, readers that take the first
    /// one, or that refuse the file because of the second, would read the file differently than before.
    ///
    /// It stays if anything of the user's is in it, including comments above it and on its lines. A
    /// comment directly above the next header, with a blank line before it, is not in it.
    pub(super) fn emptied(
        &self,
        section: &str,
        is_removed: impl Fn(&Property) -> bool,
    ) -> Option<Vec<Range<usize>>> {
        let index = self.index();
        let section = &index.sections[*index.by_name.get(section)?];
        let headers = || section.headers.iter().map(|&header| &index.headers[header]);
        // After a key that is nearer to the margin, an indented header would be part of its value.
        let next = section
            .headers
            .iter()
            .filter_map(|at| index.headers.get(at + 1));
        if next.into_iter().any(|next| self.bytes[next.start] != b'[')
            || headers().any(|header| self.open_header_behind(header.tail).is_some())
        {
            return None;
        }
        if headers().all(|header| header.properties.is_empty())
            || !headers().all(|header| self.is_emptied(header, &is_removed))
        {
            return None;
        }
        let mut bodies: Vec<Range<usize>> = Vec::new();
        for header in headers() {
            match bodies.last_mut() {
                Some(body) if self.is_blank(body.end..header.start) => body.end = header.tail,
                _ => bodies.push(header.start..header.tail),
            }
        }
        Some(bodies)
    }

    /// The next header after `at`, if some reader passes over it: that reader counts the lines below it
    /// as part of the section above, and they must not become part of another.
    pub(super) fn open_header_behind(&self, at: usize) -> Option<usize> {
        let lines = line::lines(&self.bytes, at, self.bytes.len());
        let mut headers = lines.filter(|line| matches!(line::role(line.text), Role::Header(_)));
        let next = headers.next()?;
        (!line::is_closed_to_all(next.text)).then_some(next.start)
    }

    /// The ranges to leave out for the bodies of removed sections: each with the blank line that was
    /// added with it. Bodies with at most one blank line between them count as one.
    pub(super) fn with_blank_lines(&self, mut bodies: Vec<Range<usize>>) -> Vec<Range<usize>> {
        bodies.sort_by_key(|body| body.start);
        let mut runs: Vec<Range<usize>> = Vec::new();
        for body in bodies {
            match runs.last_mut() {
                Some(run) if self.is_one_gap(run.end..body.start) => run.end = body.end,
                _ => runs.push(body),
            }
        }
        runs.into_iter().map(|run| self.spaced(run)).collect()
    }

    fn is_one_gap(&self, range: Range<usize>) -> bool {
        let lines = line::lines(&self.bytes, range.start, range.end).count();
        lines <= 1 && self.is_blank(range)
    }

    fn is_emptied(&self, header: &Header, is_removed: impl Fn(&Property) -> bool) -> bool {
        let properties = &self.index().properties[header.properties.clone()];
        // A comment after a value stays, on a line of its own.
        let leaves_nothing = |it: &Property| is_removed(it) && self.pair(it).comment().is_none();
        if !properties.iter().all(leaves_nothing) {
            return false;
        }
        let mut lines = line::lines(&self.bytes, header.start, header.tail);
        let goes = |line: Line<'_>| match line.text {
            text if self.is_blank_line(text) => true,
            text if self.is_comment(text) => false,
            _ => {
                let at = properties.partition_point(|it| it.end <= line.start);
                // An indented comment below a value stays when the value is removed.
                let goes = |it: &Property| {
                    it.start <= line.start
                        && (self.is_block(it) || line::indented_comment(line.text).is_none())
                };
                properties.get(at).is_some_and(goes)
            }
        };
        // A comment above is about this header. A line that ends in `\` would be joined with the next
        // one by ordinary readers.
        let clings = |line: Line<'_>| self.is_comment(line.text) || line.text.ends_with(b"\\");
        lines.next().is_some_and(|line| line::is_bare(line.text))
            && lines.all(goes)
            && !self.line_above(header.start).is_some_and(clings)
            && self.holds_nothing_behind(header.tail)
    }

    /// Whether the comments between `tail` and the next header, if any, are all about that header: they
    /// are directly above it, and not directly below anything else.
    fn holds_nothing_behind(&self, tail: usize) -> bool {
        let mut is_behind_blank = false;
        let mut is_in_comment = false;
        for line in line::lines(&self.bytes, tail, self.bytes.len()) {
            match line.text {
                text if self.is_blank_line(text) && is_in_comment => return false,
                text if self.is_blank_line(text) => is_behind_blank = true,
                text if self.is_comment(text) && is_behind_blank => is_in_comment = true,
                text if self.is_comment(text) => return false,
                _ => return true,
            }
        }
        !is_in_comment
    }

    /// A body and the blank line to remove with it: the one that was added with a new section, as far as
    /// we can tell. A blank line stays if it is all that separates the neighbours.
    pub(super) fn spaced(&self, body: Range<usize>) -> Range<usize> {
        let above = self.line_above(body.start);
        let below = line::lines(&self.bytes, body.end, self.bytes.len()).next();
        let is_blank = |line: &Line<'_>| line::trim(line.text).is_empty();
        let is_droppable =
            |line: &Option<Line<'_>>| line.as_ref().is_some_and(|line| line.text.is_empty());
        let is_parted_below = below.as_ref().is_none_or(is_blank);
        match &above {
            Some(line) if !is_blank(line) => body,
            _ if !is_parted_below && above.is_some() => body,
            _ if is_droppable(&below) => body.start..below.map_or(body.end, |line| line.end),
            Some(line) if is_droppable(&above) => line.start..body.end,
            _ => body,
        }
    }

    /// The line that ends at `start`.
    fn line_above(&self, start: usize) -> Option<Line<'_>> {
        let text = start_of_text(&self.bytes);
        let before = self.bytes[text..start].strip_suffix(b"\n")?;
        let from = before.iter().rposition(|&byte| byte == b'\n');
        line::lines(&self.bytes, text + from.map_or(0, |at| at + 1), start).next()
    }

    fn is_blank(&self, range: Range<usize>) -> bool {
        line::lines(&self.bytes, range.start, range.end)
            .all(|line| line::trim(line.text).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Edit, Place};
    use super::*;

    /// `text` after the keys `k` and `s3` were removed from the section `a`.
    fn without(text: &str) -> String {
        let edit = Edit {
            section: "a".to_owned(),
            changes: vec![("k".to_owned(), None), ("s3".to_owned(), None)],
        };
        let edited = Document::parse(text).edited(&[edit], &Place::End, |_| false);
        let edited = edited.expect("a removal can always be written");
        String::from_utf8(edited.as_bytes().to_vec()).expect("text stays text")
    }

    /// `text` without the lines of the keys that [`without`] removes, and otherwise unchanged.
    fn without_keys(text: &str) -> String {
        let is_ours = |line: &&str| line.starts_with("k =") || line.starts_with("s3 =");
        text.split_inclusive('\n')
            .filter(|line| !is_ours(line))
            .collect()
    }

    #[test]
    fn a_section_is_removed_with_its_last_key_and_the_blank_line_that_came_with_it() {
        for (text, expected) in [
            ("[a]\nk = 1\n", ""),
            ("\u{feff}[a]\nk = 1\n", "\u{feff}"),
            ("[b]\n\n[a]\nk = 1\n", "[b]\n"),
            ("[b]\n\n[a]\nk = 1", "[b]\n"),
            ("[b]\n\n\n[a]\nk = 1\n", "[b]\n\n"),
            ("[b]\n\n[a]\nk = 1\n\n", "[b]\n\n"),
            ("[b]\n\n[a]\nk = 1\n\n[c]\n", "[b]\n\n[c]\n"),
            ("[b]\n\n[a]\nk = 1\n\n\n[c]\n", "[b]\n\n\n[c]\n"),
            ("[b]\n[a]\nk = 1\n\n[c]\n", "[b]\n\n[c]\n"),
            ("[b]\n[a]\nk = 1\n[c]\n", "[b]\n[c]\n"),
            // The only separator between the neighbours stays, and so does a line that is not empty.
            ("[b]\n\n[a]\nk = 1\n[c]\n", "[b]\n\n[c]\n"),
            ("[b]\n  \n[a]\nk = 1\n", "[b]\n  \n"),
            ("[a]\nk = 1\n\n[c]\n", "[c]\n"),
            ("[b]\r\n\r\n[a]\r\nk = 1\r\n", "[b]\r\n"),
            ("[ a\t]\nk = 1\nS3 =\n  x = 1\n\n\ty = 2\nK = 2\n", ""),
            ("[a]\n\nk = 1\n \ns3 = 1\n\n[c]\n", "[c]\n"),
            ("[b]\n  \n[a]\nk = 1\n\n[c]\n", "[b]\n  \n[c]\n"),
            ("[b]\n\n[a]\nk = 1\n  \n[c]\n", "[b]\n  \n[c]\n"),
        ] {
            assert_eq!(without(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_comment_about_the_next_section_does_not_keep_this_one() {
        assert_eq!(
            without("[b]\n\n[a]\nk = 1\n\n# c\n# c\n[c]\n"),
            "[b]\n\n# c\n# c\n[c]\n"
        );
        assert_eq!(without("[a]\nk = 1\n\n# c\n[c]\n"), "# c\n[c]\n");
    }

    #[test]
    fn a_section_stays_if_anything_of_the_users_is_left() {
        for text in [
            "[a]\nk = 1\nl = 2\n",
            "[a]\nk = 1\na b = 2\n",
            "[a]\n# c\nk = 1\n\n[c]\n",
            "[a]\nk = 1\n# c\n[c]\n",
            "[a]\nk = 1\n# c\n",
            "[a]\nk = 1\n\n# c",
            "[a]\nk = 1\n\n# c\n\n[c]\n",
            "[a]\nk = 1\n\n# c\n\n# d\n[c]\n",
            "[a]\ns3 =\n# c\n",
            "[a]\nk = 1\nstray\n",
            "[a]\n  early\nk = 1\n",
            "# about a\n[a]\nk = 1\n",
            "\u{feff}# about a\n[a]\nk = 1\n",
            "[b]\n\n; about a\n[a]\nk = 1\n\n[c]\n",
            "[b]\nl = \\\n[a]\nk = 1\n",
            "[a] # c\nk = 1\n",
            "[a] ;\nk = 1\n",
        ] {
            assert_eq!(without(text), without_keys(text), "{text:?}");
            assert!(without(text).contains("[a]"));
        }
    }

    #[test]
    fn a_section_stays_if_an_indented_comment_below_a_value_is_left() {
        for (text, expected) in [
            ("[a]\nk = 1\n  # c\n\n[c]\n", "[a]\n# c\n\n[c]\n"),
            ("[a]\nk = 1\n\t;c\n  more\ns3 = 2", "[a]\n;c\n"),
            ("[a]\nk = 1\n[a]\nk = 1\n  # c", "[a]\n[a]\n# c"),
            ("[a]\ns3 =\n  # c\n  x = 1\n", "[a]\n  # c\n"),
            (
                "[a]\nj : 1\nj : 1\n[a]\ns3 =\n  # c\n  x = 1\n",
                "[a]\nj : 1\nj : 1\n[a]\n",
            ),
        ] {
            assert_eq!(without(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_section_stays_before_an_indented_header() {
        let text = "[b]\nx = 1\n\n[a]\n  k = 1\n  [c]\n  l = 2\n";
        assert_eq!(without(text), text.replace("  k = 1\n", ""));
    }

    #[test]
    fn a_section_stays_before_a_header_that_some_readers_pass_over() {
        for header in ["[c];note", "[c]#note", "[c]l = 1", "[c] junk", "[c"] {
            let text = format!("[b]\nx = 1\n\n[a]\nk = 1\n\n# c\n{header}\nl = 2\n");
            assert_eq!(without(&text), without_keys(&text));
        }
    }

    #[test]
    fn an_edit_that_sets_a_key_keeps_the_section() {
        let edit = Edit {
            section: "a".to_owned(),
            changes: vec![
                ("k".to_owned(), None),
                ("l".to_owned(), Some(String::new())),
            ],
        };
        let edited = Document::parse("[a]\nk = 1\n").edited(&[edit], &Place::End, |_| false);
        assert_eq!(edited.expect("written").as_bytes(), b"[a]\nl =\n");
    }

    #[test]
    fn a_section_that_was_empty_before_stays() {
        for text in ["[a]\n", "[b]\n\n[a]\n\n[c]\n"] {
            assert_eq!(without(text), text);
        }
    }

    #[test]
    fn repeated_sections_are_removed_together_or_not_at_all() {
        for (text, expected) in [
            (
                "[a]\nk = 1\n\n[b]\nk = 1\n\n[ a ]\ns3 = 2\n\n[c]\n",
                "[b]\nk = 1\n\n[c]\n",
            ),
            ("[b]\n\n[a]\nk = 1\n\n[a]\n\n\n[a]\nk = 2\n", "[b]\n"),
            ("[a]\nk = 1\n[a]\nl = 1\n", "[a]\n[a]\nl = 1\n"),
            ("[a]\nl = 1\n\n[a]\nk = 1\n", "[a]\nl = 1\n\n[a]\n"),
            ("[a]\nk = 1\n# c\n[a]\nk = 1\n", "[a]\n# c\n[a]\n"),
        ] {
            assert_eq!(without(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_section_whose_header_counts_stays() {
        let text = "[b]\nk = 1\n\n[a]\nk = 2\n";
        let edit = [Edit {
            section: "a".to_owned(),
            changes: vec![("k".to_owned(), None)],
        }];
        for (counts, expected) in [(true, "[b]\nk = 1\n\n[a]\n"), (false, "[b]\nk = 1\n")] {
            let edited = Document::parse(text).edited(&edit, &Place::End, |_| counts);
            assert_eq!(edited.expect("written").as_bytes(), expected.as_bytes());
        }
    }
}
