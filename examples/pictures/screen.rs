//! Works out what is where on a terminal after lines with colours were written to it. It does not emulate a
//! terminal: it panics if a program moves the cursor.

use super::session::Event;

/// A longer line continues in the next row.
pub(super) const COLUMNS: usize = 80;

/// How text looks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    pub(super) is_bold: bool,
    pub(super) is_dim: bool,
    /// The number of an ANSI colour; `None` for the default.
    pub(super) colour: Option<u8>,
}

/// Text in one row that looks alike and came with one event. It never contains two spaces in a row.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) text: String,
    pub(super) look: Look,
    /// The number of the event.
    pub(super) event: usize,
}

/// A cell of the screen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: usize,
}

/// A screen that is never full.
#[derive(Default)]
pub(super) struct Screen {
    pub(super) pieces: Vec<Piece>,
    /// Where the cursor is before the first event, and after each one.
    pub(super) cursors: Vec<Place>,
    cursor: Place,
    look: Look,
    /// Whether a piece can be continued.
    goes_on: bool,
}

impl Screen {
    /// The screen after `events`.
    pub(super) fn after(events: &[Event]) -> Self {
        let mut screen = Self::default();
        screen.cursors.push(Place::default());
        for (number, event) in events.iter().enumerate() {
            screen.goes_on = false;
            match event {
                Event::Typed(text) => {
                    // What the user types stands out, as in shells that colour it.
                    screen.look.is_bold = true;
                    screen.write(text, number);
                    screen.look.is_bold = false;
                }
                Event::Shown(text) => screen.write(text, number),
            }
            screen.cursors.push(screen.cursor);
        }
        screen
    }

    /// The text of each row.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![String::new(); self.cursor.row + 1];
        for piece in &self.pieces {
            let line = &mut lines[piece.row];
            let blank = piece.column - line.chars().count();
            line.extend(std::iter::repeat_n(' ', blank));
            line.push_str(&piece.text);
        }
        lines
    }

    fn write(&mut self, text: &str, event: usize) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\r' => assert!(rest.starts_with('\n'), "a line is written over: {text:?}"),
                '\n' => self.begin_row(),
                '\x1b' => {
                    let sequence = rest.strip_prefix('[').and_then(|it| it.split_once('m'));
                    let (codes, after) = sequence.expect("the only sequences are those of colours");
                    codes.split(';').for_each(|code| self.change_look(code));
                    rest = after;
                    self.goes_on = false;
                }
                ' ' => {
                    // A piece continues after a single space, and ends before several.
                    let single =
                        self.goes_on && !rest.starts_with([' ', '\r', '\x1b']) && !rest.is_empty();
                    match self.pieces.last_mut() {
                        Some(piece) if single => piece.text.push(' '),
                        _ => self.goes_on = false,
                    }
                    self.advance();
                }
                c => {
                    assert!(!c.is_control(), "a control character: {text:?}");
                    match self.pieces.last_mut() {
                        Some(piece) if self.goes_on => piece.text.push(c),
                        _ => self.pieces.push(Piece {
                            row: self.cursor.row,
                            column: self.cursor.column,
                            text: c.into(),
                            look: self.look,
                            event,
                        }),
                    }
                    self.goes_on = true;
                    self.advance();
                }
            }
        }
    }

    fn begin_row(&mut self) {
        self.cursor = Place {
            row: self.cursor.row + 1,
            column: 0,
        };
        self.goes_on = false;
    }

    fn advance(&mut self) {
        self.cursor.column += 1;
        if self.cursor.column == COLUMNS {
            self.begin_row();
        }
    }

    fn change_look(&mut self, code: &str) {
        let number = if code.is_empty() { Ok(0) } else { code.parse() };
        match number.expect("the code of a look") {
            0 => self.look = Look::default(),
            1 => self.look.is_bold = true,
            2 => self.look.is_dim = true,
            code @ 30..=37 => self.look.colour = Some(code - 30),
            code @ 90..=97 => self.look.colour = Some(code - 90),
            39 => self.look.colour = None,
            code => panic!("the pictures have no look for code {code}"),
        }
    }
}
