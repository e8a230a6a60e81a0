//! Compares two states of a file line by line, and finds the section of a line. It accepts more as a key
//! or a header than any reader, unless only botocore reads the file: then it goes by indents, as
//! botocore does. It never compares parts of lines.

/// A file as lines, each with its end.
pub(crate) struct Lines<'a> {
    pub(crate) all: Vec<&'a [u8]>,
    /// The section of each line, by headers at the margin and by headers anywhere; both are the same if
    /// botocore's rules decide.
    sections: Vec<[String; 2]>,
    /// How botocore interprets each line, if only botocore reads the file.
    to_botocore: Option<Vec<Role>>,
}

/// A difference in one place: the removed lines, and the added ones.
pub(crate) struct Hunk {
    pub(crate) gone: std::ops::Range<usize>,
    pub(crate) new: std::ops::Range<usize>,
}

/// What a line seems to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Blank,
    Comment,
    Header,
    /// White space, then anything but a comment.
    Indented,
    Other,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        let all: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let mut now = [String::new(), String::new()];
        let sections = all
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let line = shown(at, line);
                if let Some(name) = header_name(&line) {
                    if line.starts_with('[') {
                        now[0].clone_from(&name);
                    }
                    now[1] = name;
                }
                now.clone()
            })
            .collect();
        Self {
            all,
            sections,
            to_botocore: None,
        }
    }

    /// The lines of a file that only botocore reads.
    pub(crate) fn of_botocore(bytes: &'a [u8]) -> Self {
        let mut lines = Self::of(bytes);
        let mut section = String::new();
        // The indent of the key that a deeper line would continue.
        let mut key: Option<usize> = None;
        let mut roles = Vec::new();
        for (at, line) in lines.all.iter().enumerate() {
            let line = shown(at, line);
            // Python also ends a line at a carriage return; the part before it decides what the line is.
            let parts = line.split('\r').enumerate().map(|(number, part)| {
                let indent = part.chars().take_while(|it| is_python_space(*it)).count();
                let role = match part.trim_matches(is_python_space).chars().next() {
                    None => Role::Blank,
                    Some('#' | ';') => Role::Comment,
                    _ if key.is_some_and(|key| indent > key) => Role::Indented,
                    Some('[') if part.contains(']') => Role::Header,
                    _ => Role::Other,
                };
                match role {
                    Role::Header => {
                        section = section_of_botocore(part);
                        key = None;
                    }
                    Role::Other => key = Some(indent),
                    Role::Blank | Role::Comment | Role::Indented => {}
                }
                if number == 0 {
                    lines.sections[at] = [section.clone(), section.clone()];
                }
                role
            });
            let parts: Vec<Role> = parts.collect();
            roles.push(parts[0]);
        }
        lines.to_botocore = Some(roles);
        lines
    }

    /// Whether only botocore reads the file.
    pub(crate) fn is_of_botocore(&self) -> bool {
        self.to_botocore.is_some()
    }

    /// Whether a line may belong to the section `name`.
    pub(crate) fn is_in(&self, at: usize, name: &str) -> bool {
        self.sections[at].iter().any(|section| section == name)
    }

    /// The section of a line, by headers at the margin.
    pub(crate) fn section(&self, at: usize) -> &str {
        &self.sections[at][0]
    }

    pub(crate) fn role(&self, at: usize) -> Role {
        if let Some(roles) = &self.to_botocore {
            return roles[at];
        }
        let line = shown(at, self.all[at]);
        let text = line.trim();
        match text.chars().next() {
            None => Role::Blank,
            Some('#' | ';') => Role::Comment,
            Some('[') if line.starts_with('[') => Role::Header,
            _ if line.starts_with(char::is_whitespace) => Role::Indented,
            _ => Role::Other,
        }
    }

    /// The key of a line, lower-cased, and its value.
    pub(crate) fn pair(&self, at: usize) -> Option<(String, String)> {
        let line = shown(at, self.all[at]);
        let sign = line.find(['=', ':'])?;
        let key = line[..sign].trim().to_lowercase();
        Some((key, line[sign + 1..].trim().to_owned()))
    }

    /// The key of the nearest line above that is not indented; anything indented below it belongs to it.
    pub(crate) fn key_above(&self, at: usize) -> Option<String> {
        let above = (0..at).rev();
        let mut above = above.filter(|at| matches!(self.role(*at), Role::Other | Role::Header));
        self.pair(above.next()?).map(|(key, _)| key)
    }

    /// Whether a line holds a carriage return that is not part of its end.
    pub(crate) fn has_lone_return(&self, at: usize) -> bool {
        let line = self.all[at];
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        text.contains(&b'\r')
    }
}

/// The line `at` as text, without its line end, and without a byte order mark at the start of the file.
fn shown(at: usize, line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let bare = text.strip_prefix('\u{feff}').filter(|_| at == 0);
    let text = bare.unwrap_or(&text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).to_owned()
}

/// The name in a header, in one canonical spelling; nothing for a header without an end.
fn header_name(line: &str) -> Option<String> {
    let inside = line.trim().strip_prefix('[')?;
    let name = inside.split_once(']').map(|(name, _)| canonical(name));
    Some(name.unwrap_or_default())
}

/// Whether Python takes a character for white space.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The name in a header up to its last bracket. For botocore, white space at its ends makes it a
/// different name.
fn section_of_botocore(header: &str) -> String {
    let inside = header.trim_matches(is_python_space);
    let inside = inside.rsplit_once(']').map_or(inside, |(inside, _)| inside);
    let inside = inside.strip_prefix('[').unwrap_or(inside);
    match inside.trim_matches(is_python_space) == inside {
        true => canonical(inside),
        false => inside.to_owned(),
    }
}

/// A section's name in one canonical spelling. Quotation marks are a matter of spelling only after the
/// word `profile`.
pub(crate) fn canonical(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.split_first() {
        Some((&"profile", rest)) => {
            let rest = rest.join(" ");
            format!("profile {}", rest.trim_matches(['"', '\'']).trim())
        }
        _ => words.join(" "),
    }
}

/// The lines removed from `old` and added in `new`, such that as many lines as possible stay. If lines
/// look alike, `last` decides that the last ones are those that stay.
pub(crate) fn differences(old: &Lines<'_>, new: &Lines<'_>, last: bool) -> Vec<Hunk> {
    let same = |a: usize, b: usize| {
        let (line, other) = (old.all[a], new.all[b]);
        // The last line may be given the line end that it lacked.
        let is_open = !line.ends_with(b"\n");
        let closed = || matches!(other.strip_prefix(line), Some(b"\n" | b"\r\n"));
        line == other || is_open && closed()
    };
    let (rows, columns) = (old.all.len(), new.all.len());
    let place = |a: usize, b: usize| {
        if last {
            (rows - 1 - a, columns - 1 - b)
        } else {
            (a, b)
        }
    };
    // How many lines stay from a place on.
    let mut stay = vec![vec![0_u32; columns + 1]; rows + 1];
    for a in (0..rows).rev() {
        for b in (0..columns).rev() {
            let (x, y) = place(a, b);
            stay[a][b] = if same(x, y) {
                stay[a + 1][b + 1] + 1
            } else {
                stay[a + 1][b].max(stay[a][b + 1])
            };
        }
    }
    let mut kept = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < rows && b < columns {
        let (x, y) = place(a, b);
        if same(x, y) {
            kept.push((x, y));
            (a, b) = (a + 1, b + 1);
        } else if stay[a + 1][b] >= stay[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    if last {
        kept.reverse();
    }
    kept.push((rows, columns));
    let mut hunks = Vec::new();
    let (mut a, mut b) = (0, 0);
    for (x, y) in kept {
        if a < x || b < y {
            hunks.push(Hunk {
                gone: a..x,
                new: b..y,
            });
        }
        (a, b) = (x + 1, y + 1);
    }
    hunks
}
