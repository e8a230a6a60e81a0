//! Holds the state of a list that narrows as the user types (the text, the matches, the chosen one), decides
//! what each key does to it, and draws it as text. It reads no key and writes to no terminal.

use super::item::{Item, fitting};
use super::keys::Key;
use crate::picture::Size;
use crate::text::escape;
use anstyle::{Effects, Style};

/// The most lines that are shown at a time.
const ROWS: usize = 10;

/// The last column stays free: some terminals wrap as soon as it is written to.
const MARGIN: usize = 1;

/// Goes to where the list begins, the start of its line, and clears everything below.
pub(super) const CLEAR: &str = "\r\x1b[J";

/// Turns wrapping off and on again: a line that is wider than it looks (some characters take two
/// columns) is cut instead of wrapped.
const CUT: [&str; 2] = ["\x1b[?7l", "\x1b[?7h"];

const CHOSEN: Style = Style::new().effects(Effects::BOLD);
const ASIDE: Style = Style::new().effects(Effects::DIMMED);

/// The effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// The list stays open.
    Nothing,
    /// The item with this index is chosen.
    Chosen(usize),
    /// The user wants none.
    Cancelled,
}

/// A list with the text typed so far.
pub(super) struct List<'a> {
    question: &'a str,
    items: &'a [Item],
    typed: String,
    /// The items that match, the best first.
    fitting: Vec<usize>,
    /// The match that Enter would choose.
    at: usize,
    /// The first match that is shown.
    top: usize,
    /// How many matches were shown.
    rows: usize,
}

impl<'a> List<'a> {
    /// All `items`, under `question`.
    pub(super) fn new(question: &'a str, items: &'a [Item]) -> Self {
        Self {
            question,
            items,
            typed: String::new(),
            fitting: fitting(items, ""),
            at: 0,
            top: 0,
            rows: ROWS,
        }
    }

    /// Does what `key` asks for.
    pub(super) fn press(&mut self, key: Key) -> Pressed {
        let last = self.fitting.len().saturating_sub(1);
        match key {
            Key::Cancel => return Pressed::Cancelled,
            Key::Enter => {
                // Without a match there is nothing to choose.
                let chosen = self.fitting.get(self.at);
                return chosen.map_or(Pressed::Nothing, |item| Pressed::Chosen(*item));
            }
            Key::Up => self.at = self.at.checked_sub(1).unwrap_or(last),
            Key::Down => self.at = if self.at < last { self.at + 1 } else { 0 },
            Key::PageUp => self.at = self.at.saturating_sub(self.rows),
            Key::PageDown => self.at = (self.at + self.rows).min(last),
            Key::First => self.at = 0,
            Key::Last => self.at = last,
            Key::Char(c) => {
                self.typed.push(c);
                self.narrow();
            }
            Key::Backspace => {
                self.typed.pop();
                self.narrow();
            }
            Key::BackWord => {
                let kept = self.typed.trim_end();
                let kept = kept.rfind(char::is_whitespace).map_or(0, |space| space + 1);
                self.typed.truncate(kept);
                self.narrow();
            }
            Key::BackAll => {
                self.typed.clear();
                self.narrow();
            }
        }
        Pressed::Nothing
    }

    fn narrow(&mut self) {
        self.fitting = fitting(self.items, &self.typed);
        (self.at, self.top) = (0, 0);
    }

    /// The text that draws it on a terminal of that `size`, over what was drawn before. The cursor ends
    /// up behind the typed text.
    pub(super) fn draw(&mut self, size: Size, is_styled: bool) -> String {
        let room = size.lines.saturating_sub(1);
        let below = self.below(room, size.columns.saturating_sub(MARGIN), is_styled);
        let count = below.len();
        let below: String = below.iter().map(|line| format!("\n{line}")).collect();
        let up = match count {
            0 => String::new(),
            lines => format!("\x1b[{lines}A"),
        };
        let line = self.line(&escape(&self.typed), size);
        format!("{}{CLEAR}{below}{up}\r{line}{}", CUT[0], CUT[1])
    }

    /// The text that replaces it at the end: the question and `answer`.
    pub(super) fn close(&self, answer: &str, size: Size) -> String {
        format!("{CLEAR}{}\n", self.line(&escape(answer), size))
    }

    /// The text that replaces a cancelled list.
    pub(super) fn close_cancelled(&self, size: Size) -> String {
        self.close(&self.typed, size)
    }

    /// The line with the question. If it is too long, its end, where the user is typing.
    fn line(&self, answer: &str, size: Size) -> String {
        let line = format!("{}{answer}", self.question);
        let length = line.chars().count();
        let gone = length.saturating_sub(size.columns.saturating_sub(MARGIN));
        line.chars().skip(gone).collect()
    }

    /// The lines below it, for which there is `room`.
    fn below(&mut self, room: usize, columns: usize, is_styled: bool) -> Vec<String> {
        let count = self.fitting.len();
        let styled = |style: Style, text: &str| match is_styled && !text.is_empty() {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        };
        let cut = |text: String, columns| text.chars().take(columns).collect::<String>();
        if count == 0 {
            let none = cut("  no profile matches".to_owned(), columns);
            return [none].into_iter().take(room).collect();
        }
        let all_fit = count <= room.min(ROWS);
        // The last line says that there are more.
        self.rows = match all_fit {
            true => count,
            false => room.saturating_sub(1).clamp(1, ROWS),
        };
        self.top = self
            .top
            .clamp((self.at + 1).saturating_sub(self.rows), self.at);
        let shown = self
            .fitting
            .iter()
            .enumerate()
            .skip(self.top)
            .take(self.rows);
        let shown: Vec<(bool, &Item)> = shown
            .map(|(number, item)| (number == self.at, &self.items[*item]))
            .collect();
        let width = shown
            .iter()
            .map(|(_, item)| item.name.chars().count())
            .max();
        let lines = shown.iter().map(|(is_chosen, item)| {
            let (mark, style) = match is_chosen {
                true => ("> ", CHOSEN),
                false => ("  ", Style::new()),
            };
            let name = escape(&item.name);
            let gap = match item.note.is_empty() {
                true => 0,
                false => width.unwrap_or(0).saturating_sub(name.chars().count()) + 2,
            };
            let name = cut(format!("{mark}{name}"), columns);
            let left = columns.saturating_sub(name.chars().count());
            let note = cut(format!("{}{}", " ".repeat(gap.min(left)), item.note), left);
            styled(style, &name) + &styled(ASIDE, &note)
        });
        let mut lines: Vec<String> = lines.collect();
        if !all_fit {
            let more = format!("  {} of {count}; type to narrow", self.rows);
            lines.push(styled(ASIDE, &cut(more, columns)));
        }
        lines.truncate(room);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size {
        columns: 40,
        lines: 24,
    };

    fn items(names: &[&str]) -> Vec<Item> {
        let item = |name: &&str| Item {
            name: (*name).to_owned(),
            note: String::new(),
        };
        names.iter().map(item).collect()
    }

    /// The drawing without escape sequences, line by line.
    fn lines(list: &mut List<'_>, size: Size) -> Vec<String> {
        let drawn = list.draw(size, false);
        let (_, drawn) = drawn.split_once(CLEAR).expect("it is cleared first");
        let (below, line) = drawn.rsplit_once('\r').expect("the question comes last");
        let below = below.split("\x1b[").next().unwrap_or_default();
        let line = line.trim_end_matches(CUT[1]);
        let lines = [line].into_iter().chain(below.split('\n').skip(1));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn keys_move_through_what_fits_and_enter_chooses() {
        let names: Vec<String> = (0..30).map(|it| format!("team-{it:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let items = items(&names);
        for (keys, chosen) in [
            (&[][..], 0),
            (&[Key::Down], 1),
            (&[Key::Up], 29),
            (&[Key::Up, Key::Down], 0),
            (&[Key::PageDown], 10),
            (&[Key::PageDown; 9], 29),
            (&[Key::PageDown, Key::PageUp, Key::PageUp], 0),
            (&[Key::Last], 29),
            (&[Key::Last, Key::First], 0),
            (&[Key::Char('1'), Key::Char('7')], 17),
            (&[Key::Char('7'), Key::Down], 17),
            (&[Key::Char('x'), Key::Backspace], 0),
            (
                &[
                    Key::Char('9'),
                    Key::Char(' '),
                    Key::Char('x'),
                    Key::BackWord,
                ],
                9,
            ),
            (&[Key::Char('9'), Key::BackAll, Key::Down], 1),
            (&[Key::Backspace, Key::BackWord, Key::BackAll], 0),
        ] {
            let mut list = List::new("which? ", &items);
            list.draw(SIZE, false);
            for key in keys {
                assert_eq!(list.press(*key), Pressed::Nothing);
                list.draw(SIZE, false);
            }
            assert_eq!(list.press(Key::Enter), Pressed::Chosen(chosen), "{keys:?}");
        }
        let mut list = List::new("which? ", &items);
        list.press(Key::Char('x'));
        for key in [Key::Enter, Key::Up, Key::Down, Key::PageDown, Key::Enter] {
            assert_eq!(list.press(key), Pressed::Nothing, "nothing fits");
        }
        assert_eq!(list.press(Key::Cancel), Pressed::Cancelled);
    }

    #[test]
    fn what_is_chosen_is_always_shown_and_never_more_than_there_is_room_for() {
        let names: Vec<String> = (0..1_000).map(|it| format!("team-{it:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let items = items(&names);
        let mut list = List::new("which profile? ", &items);
        assert_eq!(
            lines(&mut list, SIZE)[..2],
            ["which profile? ", "> team-000"]
        );
        for (columns, rows) in [(40, 24), (40, 4), (40, 2), (40, 1), (4, 3), (1, 1), (0, 0)] {
            let size = Size {
                columns,
                lines: rows,
            };
            for key in [Key::Down, Key::PageDown, Key::Up, Key::Last, Key::First] {
                list.press(key);
                let lines = lines(&mut list, size);
                assert!(lines.len() <= rows.max(1), "{size:?} {lines:?}");
                let is_chosen = |line: &&String| line.starts_with('>');
                let chosen = lines.iter().skip(1).filter(is_chosen).count();
                let has_room = rows > 1 && columns > 2;
                assert_eq!(chosen, usize::from(has_room), "{size:?} {lines:?}");
                let widest = lines.iter().map(|it| it.chars().count()).max();
                assert!(widest < Some(columns.max(1)), "{size:?} {lines:?}");
            }
        }
    }

    #[test]
    fn what_is_said_of_an_item_stands_in_a_column_and_no_name_breaks_a_line() {
        let item = |name: &str, note: &str| Item {
            name: name.to_owned(),
            note: note.to_owned(),
        };
        let items = [
            item("dev", "7h left"),
            item("production", ""),
            item("a\u{1b}[2J\nb", "role"),
        ];
        let mut list = List::new("which profile? ", &items);
        assert_eq!(
            lines(&mut list, SIZE),
            [
                "which profile? ",
                "> dev         7h left",
                "  production",
                "  a\\u{1b}[2J\\nb  role"
            ]
        );
        list.press(Key::Char('z'));
        assert_eq!(
            lines(&mut list, SIZE),
            ["which profile? z", "  no profile matches"]
        );
        assert_eq!(
            list.close("dev", SIZE),
            format!("{CLEAR}which profile? dev\n")
        );
    }

    proptest! {
        #[test]
        fn no_keys_make_it_panic_or_choose_what_is_not_shown(
            keys in prop::collection::vec(0..16_u8, 0..60),
            columns in 0..60_usize,
            rows in 0..20_usize,
        ) {
            let items = items(&["dev", "prod", "staging", "my dev", "é-日本"]);
            let mut list = List::new("which? ", &items);
            let size = Size { columns, lines: rows };
            for key in keys {
                let drawn = list.draw(size, true);
                let key = match key {
                    0 => Key::Up,
                    1 => Key::Down,
                    2 => Key::PageUp,
                    3 => Key::PageDown,
                    4 => Key::First,
                    5 => Key::Last,
                    6 => Key::Backspace,
                    7 => Key::BackWord,
                    8 => Key::BackAll,
                    9 => Key::Enter,
                    other => Key::Char(b"dev pr"[usize::from(other - 10)].into()),
                };
                if let Pressed::Chosen(chosen) = list.press(key) {
                    let line = format!("> {}", items[chosen].name);
                    prop_assert!(rows < 2 || columns < 20 || drawn.contains(&line));
                }
            }
        }
    }
}
