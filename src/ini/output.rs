//! Inserts new text between the bytes that stay, with line ends, blank lines and indents. It does not
//! know which keys change.

use std::ops::Range;

use zeroize::Zeroizing;

use super::botocore;
use super::line::{self, start_of_text};

/// What happens to the lines below the first one when a property is rewritten or removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    /// They continue a value. An indented comment among them loses its indent; otherwise it would become
    /// part of the value above it.
    Value,
    /// They are a nested block, and a comment among them is removed with it, because it is about the
    /// block.
    Block,
    /// A comment among them is one at any indent, and stays as it is.
    OnlyValues,
}

/// Whether a line is not blank.
fn is_text(line: &[u8]) -> bool {
    line::lines(line, 0, line.len()).any(|line| !line::trim(line.text).is_empty())
}

/// The new bytes, written from front to back alongside the old ones.
pub(super) struct Output<'a> {
    source: &'a [u8],
    /// How much of the source has been handled.
    done: usize,
    bytes: Zeroizing<Vec<u8>>,
}

impl<'a> Output<'a> {
    /// `room` is how many bytes may be added. They are reserved at once: a vector that grows leaves
    /// copies of secrets behind.
    pub(super) fn new(source: &'a [u8], room: usize) -> Self {
        Self {
            source,
            done: 0,
            bytes: Zeroizing::new(Vec::with_capacity(source.len() + room)),
        }
    }

    /// Copies the rest of the source, and returns the new bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.copy_to(self.source.len());
        std::mem::take(&mut *self.bytes)
    }

    /// Copies the source up to `offset`.
    pub(super) fn copy_to(&mut self, offset: usize) {
        self.bytes
            .extend_from_slice(&self.source[self.done..offset]);
        self.done = offset;
    }

    /// Leaves out the bytes in `range`.
    pub(super) fn drop(&mut self, range: Range<usize>) {
        self.copy_to(range.start);
        self.done = range.end;
    }

    /// Leaves out the lines of a property from `start` to `end`, except blank lines and comments.
    pub(super) fn drop_lines(&mut self, start: usize, end: usize, below: Below) {
        self.copy_to(start);
        for line in line::lines(self.source, start, end) {
            let is_kept = match below {
                Below::OnlyValues => {
                    botocore::is_blank(line.text) || botocore::is_comment(line.text)
                }
                Below::Value | Below::Block => line::is_skipped(line.text),
            };
            if is_kept {
                self.copy_to(line.end);
            } else if let Some(comment) = line::indented_comment(line.text)
                && below == Below::Value
            {
                self.bytes.extend_from_slice(comment);
                let line_end = line.start + line.text.len()..line.end;
                self.bytes.extend_from_slice(&self.source[line_end]);
            }
            self.done = line.end;
        }
    }

    /// Writes a property in place of `old`, the first line of another, or leaves that line out. The
    /// lines below it are left to [`Output::drop_lines`]. A comment on the old line gets a line of its
    /// own.
    pub(super) fn replace(
        &mut self,
        old: Range<usize>,
        comment: Option<&[u8]>,
        indent: &[u8],
        value: Option<(&str, &str)>,
    ) {
        self.copy_to(old.start);
        let line_end = self.line_end(old.clone());
        if let Some(comment) = comment {
            self.line(&[comment], line_end);
        }
        if let Some((key, value)) = value {
            self.lines(indent, key, value, line_end);
        }
        let is_written = comment.is_some() || value.is_some();
        if is_written && !self.source[old.clone()].ends_with(b"\n") {
            let bare = self.bytes.len() - line_end.len();
            self.bytes.truncate(bare);
        }
        self.done = old.end;
    }

    /// Writes a property where there was none.
    pub(super) fn property(&mut self, indent: &[u8], key: &str, value: &str) {
        let line_end = self.line_end(self.done..self.done);
        self.end_line(line_end);
        self.lines(indent, key, value, line_end);
    }

    /// Writes a section at `offset` of the source, with blank lines around it. A file that ends in a
    /// blank line ends in one again: otherwise it would look the same as a file without one, and a
    /// removal couldn't tell which blank line came with the section.
    pub(super) fn new_section(&mut self, offset: usize, header: &str, properties: &[(&str, &str)]) {
        self.copy_to(offset);
        let line_end = self.line_end(offset..offset);
        self.end_line(line_end);
        let text = &self.bytes[start_of_text(&self.bytes)..];
        let above = text.split_inclusive(|&byte| byte == b'\n').next_back();
        let is_parted = above.is_some_and(|above| !is_text(above));
        if above.is_some_and(is_text) {
            self.line(&[], line_end);
        }
        self.line(&[header.as_bytes()], line_end);
        for (key, value) in properties {
            self.property(b"", key, value);
        }
        let below = self.source[offset..]
            .split_inclusive(|&byte| byte == b'\n')
            .next();
        if below.map_or(is_parted, is_text) {
            self.line(&[], line_end);
        }
    }

    /// Writes `key = value`, with further lines of the value indented below.
    fn lines(&mut self, indent: &[u8], key: &str, value: &str, line_end: &str) {
        let (key, mut lines) = (key.as_bytes(), value.split('\n').map(str::as_bytes));
        match lines.next() {
            None | Some([]) => self.line(&[indent, key, b" ="], line_end),
            Some(first) => self.line(&[indent, key, b" = ", first], line_end),
        }
        for line in lines {
            self.line(&[indent, b"    ", line], line_end);
        }
    }

    fn line(&mut self, parts: &[&[u8]], line_end: &str) {
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.extend_from_slice(line_end.as_bytes());
    }

    /// Adds a line end to a last line that has none.
    fn end_line(&mut self, line_end: &str) {
        let text = &self.bytes[start_of_text(&self.bytes)..];
        if !text.is_empty() && !text.ends_with(b"\n") {
            self.bytes.extend_from_slice(line_end.as_bytes());
        }
    }

    /// The line end of the line at `at`; if it has none, that of the line before, else of the next.
    fn line_end(&self, at: Range<usize>) -> &'static str {
        let (before, behind) = self.source.split_at(at.end);
        let last = before.iter().rposition(|&byte| byte == b'\n');
        let next = behind.iter().position(|&byte| byte == b'\n');
        let line_end = last.or_else(|| next.map(|next| at.end + next));
        match line_end {
            Some(line_end) if self.source[..line_end].ends_with(b"\r") => "\r\n",
            _ => "\n",
        }
    }
}
