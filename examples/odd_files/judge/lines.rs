//! Judges an edit by the removed and added lines. It never asks how a client reads them.

use super::{Edit, Kind, SESSION_KEYS, Step, Violation, copied, holds, long_term_pairs};
use crate::lines::{Hunk, Lines, Role, differences};

/// The violations in the lines of both files.
pub(super) fn violations(edit: &Edit<'_>) -> Vec<Violation> {
    let mut found: Vec<Violation> = Kind::BOTH
        .into_iter()
        .flat_map(|kind| {
            // If lines look alike, either may be the one that stayed.
            let first = of_file(edit, kind, false);
            if first.is_empty() {
                first
            } else {
                let last = of_file(edit, kind, true);
                if last.len() < first.len() {
                    last
                } else {
                    first
                }
            }
        })
        .collect();
    for pair in long_term_pairs(edit.before) {
        let after = pair.kind.bytes(edit.after.0);
        if !holds(after, &pair.id) || !holds(after, &pair.secret) {
            found.push(Violation::new(
                "a long-term pair is gone",
                format!("{} and its secret, in {}", pair.id, pair.kind.name()),
            ));
        }
    }
    found
}

/// The lines of one file, and which of them may differ.
struct Judge<'a> {
    step: Step,
    kind: Kind,
    section: String,
    old: Lines<'a>,
    new: Lines<'a>,
    /// The keys that may differ in the target's section.
    ours: Vec<String>,
    /// The keys there whose indented lines may be removed.
    blocks: Vec<String>,
    found: Vec<Violation>,
}

fn of_file(edit: &Edit<'_>, kind: Kind, last: bool) -> Vec<Violation> {
    let (before, after) = (kind.bytes(edit.before.0), kind.bytes(edit.after.0));
    if before == after {
        return Vec::new();
    }
    let (old, new) = (kind.lines(edit.before), kind.lines(edit.after));
    let mut blocks = Vec::new();
    if kind == Kind::Config {
        blocks.extend(copied(edit.before));
        blocks.extend(copied(edit.after));
    }
    let mut ours = blocks.clone();
    if kind == Kind::Credentials || edit.step == Step::Logout {
        ours.extend(SESSION_KEYS.map(str::to_owned));
    }
    let hunks = differences(&old, &new, last);
    let mut judge = Judge {
        step: edit.step,
        kind,
        section: kind.section(),
        old,
        new,
        ours,
        blocks,
        found: Vec::new(),
    };
    for hunk in &hunks {
        judge.returns(hunk);
    }
    judge.blanks(&hunks);
    for at in hunks.iter().flat_map(|hunk| hunk.gone.clone()) {
        judge.gone(at, &hunks);
    }
    for at in hunks.iter().flat_map(|hunk| hunk.new.clone()) {
        judge.come(at, &hunks);
    }
    judge.found
}

impl Judge<'_> {
    fn add(&mut self, kind: &str, line: &[u8]) {
        let line: String = String::from_utf8_lossy(line).chars().take(300).collect();
        let what = format!("{}: {line:?}", self.kind.name());
        self.found.push(Violation::new(kind, what));
    }

    /// An edit must be refused if a line that it removes or changes, or the line next to one, contains a
    /// lone carriage return.
    fn returns(&mut self, hunk: &Hunk) {
        let beside = hunk.gone.start.saturating_sub(1)..(hunk.gone.end + 1).min(self.old.all.len());
        let returns: Vec<usize> = beside.filter(|at| self.old.has_lone_return(*at)).collect();
        for at in returns {
            self.add("an edit beside a lone carriage return", self.old.all[at]);
        }
    }

    /// A blank line may come with a section and is removed with one. Alignment may make it look as if
    /// another blank line had been removed.
    fn blanks(&mut self, hunks: &[Hunk]) {
        let come = hunks.iter().flat_map(|hunk| hunk.new.clone());
        let come = come.filter(|at| self.new.role(*at) == Role::Blank).count();
        let (mut gone, mut sections) = (0, 0);
        for hunk in hunks {
            let count = |role| {
                hunk.gone
                    .clone()
                    .filter(|at| self.old.role(*at) == role)
                    .count()
            };
            match count(Role::Header) {
                0 => gone += count(Role::Blank),
                headers => sections += headers,
            }
        }
        if gone > sections {
            self.add("a blank line is gone", format!("{gone} of them").as_bytes());
        }
        if come > 2 {
            self.add("a blank line came", format!("{come} of them").as_bytes());
        }
    }

    fn gone(&mut self, at: usize, hunks: &[Hunk]) {
        let line = self.old.all[at];
        let in_target = self.old.is_in(at, &self.section);
        match self.old.role(at) {
            Role::Blank => {}
            Role::Comment if self.block(&self.old, at) => {}
            Role::Comment if self.came_as_own(line, hunks) => {}
            Role::Comment => self.add("a comment is gone", line),
            Role::Header if in_target && self.was_ours_alone(at) => {
                self.behind(at, hunks);
            }
            Role::Header => self.add("a header is gone", line),
            Role::Indented if self.block(&self.old, at) => {}
            Role::Indented if !self.is_ours(&self.old, at) => {
                self.add("a setting below another is gone", line);
            }
            _ if self.is_ours(&self.old, at) => self.behind(at, hunks),
            _ if in_target => self.add("a setting of the target's own is gone", line),
            _ => self.add("a line of another section is gone", line),
        }
    }

    /// A comment after a value moves to a line of its own, or stays where it is.
    fn behind(&mut self, at: usize, hunks: &[Hunk]) {
        let line = String::from_utf8_lossy(self.old.all[at]).into_owned();
        let marks = line.char_indices().filter(|(at, mark)| {
            matches!(mark, '#' | ';') && line[..*at].ends_with([' ', '\t', ']'])
        });
        let Some((mark, _)) = marks.into_iter().next() else {
            return;
        };
        let remark = line[mark..].trim();
        if !remark.contains(char::is_alphanumeric) {
            return;
        }
        let came = hunks.iter().flat_map(|hunk| hunk.new.clone());
        let mut came = came.map(|at| String::from_utf8_lossy(self.new.all[at]).into_owned());
        if !came.any(|it| it.trim_end().ends_with(remark)) {
            self.add("a comment behind a value is gone", line.as_bytes());
        }
    }

    fn come(&mut self, at: usize, hunks: &[Hunk]) {
        let line = self.new.all[at];
        match self.new.role(at) {
            Role::Blank => {}
            Role::Header if self.new.is_in(at, &self.section) => {
                if headers(&self.old, &self.section) > 0 {
                    self.add("a second header came", line);
                }
            }
            Role::Indented | Role::Comment if self.block(&self.new, at) => {}
            Role::Comment if self.was_behind(line, hunks) => {}
            _ if self.is_ours(&self.new, at) && self.step == Step::Login => {}
            _ => self.add("a line came that is no session's", line),
        }
    }

    /// Whether it is one of the target's keys that may differ.
    fn is_ours(&self, lines: &Lines<'_>, at: usize) -> bool {
        let pair = lines.pair(at);
        lines.is_in(at, &self.section) && pair.is_some_and(|(key, _)| self.ours.contains(&key))
    }

    /// Whether it is in a block that awsmfa copied.
    fn block(&self, lines: &Lines<'_>, at: usize) -> bool {
        let above = lines.key_above(at);
        let is_indented = lines.all[at].starts_with(b" ") || lines.all[at].starts_with(b"\t");
        // For botocore a comment is a comment wherever it is, and never part of a block.
        let is_below = match lines.is_of_botocore() {
            true => lines.role(at) == Role::Indented,
            false => is_indented,
        };
        is_below
            && lines.is_in(at, &self.section)
            && above.is_some_and(|key| self.blocks.contains(&key))
    }

    /// Whether the lines below a header were only lines that may be removed.
    fn was_ours_alone(&self, header: usize) -> bool {
        let below = header + 1..self.old.all.len();
        let mut below = below.take_while(|at| self.old.role(*at) != Role::Header);
        below.all(|at| match self.old.role(at) {
            // The comment may now be in the previous section, which is fine.
            Role::Blank | Role::Comment => true,
            _ => self.is_ours(&self.old, at) || self.block(&self.old, at),
        })
    }

    /// Whether an indented comment was added again at the margin.
    fn came_as_own(&self, line: &[u8], hunks: &[Hunk]) -> bool {
        let mut came = hunks.iter().flat_map(|hunk| hunk.new.clone());
        came.any(|at| self.new.all[at].trim_ascii() == line.trim_ascii())
    }

    /// Whether a comment was after or below a value that changed.
    fn was_behind(&self, line: &[u8], hunks: &[Hunk]) -> bool {
        let mut gone = hunks.iter().flat_map(|hunk| hunk.gone.clone());
        gone.any(|at| {
            self.old.all[at]
                .trim_ascii_end()
                .ends_with(line.trim_ascii())
        })
    }
}

/// How many headers a section has at the margin, followed by nothing but perhaps a comment.
fn headers(lines: &Lines<'_>, section: &str) -> usize {
    let all = 0..lines.all.len();
    let headers = all.filter(|at| {
        let line = String::from_utf8_lossy(lines.all[*at]);
        let behind = line.split_once(']').map_or("", |(_, behind)| behind.trim());
        let is_whole = behind.is_empty() || behind.starts_with(['#', ';']);
        lines.role(*at) == Role::Header && lines.is_in(*at, section) && is_whole
    });
    headers.count()
}
