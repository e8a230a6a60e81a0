//! Draws a session at a terminal as an SVG that moves by CSS alone: typed text appears letter by letter,
//! and a program's output at once. It never reads a clock, so two runs draw the same.

use std::fmt::Write as _;

use super::screen::{COLUMNS, Piece, Place, Screen};
use super::session::Event;
use super::svg::{Element, short};

/// The width of a character and the height of a row, in pixels. `textLength` forces every font to this
/// width.
const CELL: (f64, f64) = (9.0, 21.0);
const FONT_SIZE: f64 = 15.0;
/// The space around the text, below the title bar.
const PADDING: f64 = 24.0;
const TITLE_BAR: f64 = 40.0;
const TEXT_WIDTH: f64 = COLUMNS as f64 * CELL.0;
const WIDTH: f64 = TEXT_WIDTH + 2.0 * PADDING;

/// Times in milliseconds, at a person's pace. awsmfa itself answers within a single frame.
const BEFORE_TYPING: u32 = 900;
const BEFORE_RETURN: u32 = 350;
const BEFORE_CODE: u32 = 1_700;
const READING: u32 = 600;
const READING_A_LINE: u32 = 320;
const LAST: u32 = 5_000;
/// People don't type evenly. These delays take turns.
const LETTERS: [u32; 7] = [85, 60, 75, 105, 65, 80, 50];
/// A code is read from a phone.
const DIGIT: u32 = 170;

/// The colours of a picture, as on GitHub's pages.
pub(super) struct Theme {
    background: &'static str,
    border: &'static str,
    /// What the user types, and what is bold.
    typed: &'static str,
    text: &'static str,
    quiet: &'static str,
    /// Black, red, green, yellow, blue, magenta, cyan, white.
    ansi: [&'static str; 8],
}

pub(super) const LIGHT: Theme = Theme {
    background: "#f6f8fa",
    border: "#d1d9e0",
    typed: "#1f2328",
    text: "#424a53",
    quiet: "#59636e",
    ansi: [
        "#1f2328", "#cf222e", "#1a7f37", "#8a4600", "#0969da", "#8250df", "#1b7c83", "#59636e",
    ],
};

pub(super) const DARK: Theme = Theme {
    background: "#151b23",
    border: "#3d444d",
    typed: "#f0f6fc",
    text: "#c4ccd6",
    quiet: "#9198a1",
    ansi: [
        "#9198a1", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#f0f6fc",
    ],
};

/// The picture of `events`.
pub(super) fn draw(events: &[Event], theme: &Theme) -> String {
    let screen = Screen::after(events);
    let times = Times::of(events, &screen);
    let lines = screen.lines();
    let height = TITLE_BAR + lines.len() as f64 * CELL.1 + PADDING - 6.0;
    let words = format!(
        "A terminal, in which a person signs in to AWS with one code:\n{}",
        lines.join("\n").trim_end_matches("\n$")
    );
    let frame = Element::new("rect")
        .at("x", 0.5)
        .at("y", 0.5)
        .at("width", WIDTH - 1.0)
        .at("height", height - 1.0)
        .with("rx", 10)
        .with("fill", theme.background)
        .with("stroke", theme.border);
    let buttons = (0..3).map(|number| {
        Element::new("circle")
            .at("cx", PADDING + 5.0 + 20.0 * f64::from(number))
            .at("cy", TITLE_BAR / 2.0)
            .with("r", 5.5)
            .with("fill", theme.border)
    });
    // It clips what is outside of it.
    let terminal = Element::new("svg")
        .at("x", PADDING)
        .at("y", TITLE_BAR)
        .at("width", TEXT_WIDTH)
        .at("height", lines.len() as f64 * CELL.1);
    let shown = events.iter().enumerate().map(|(number, _)| {
        let pieces = screen.pieces.iter().filter(|it| it.event == number);
        Element::new("g")
            .with("class", format!("e e{number}"))
            .children(pieces.map(|piece| draw_piece(piece, theme)))
    });
    Element::picture(
        WIDTH,
        height,
        "Signing in with awsmfa",
        &words,
        style(&times, theme),
    )
    .child(frame)
    .children(buttons)
    .child(terminal.children(shown).child(cursor(theme)))
    .file()
}

fn draw_piece(piece: &Piece, theme: &Theme) -> Element {
    let (x, y) = position(Place {
        row: piece.row,
        column: piece.column,
    });
    let length = piece.text.chars().count();
    let mut element = Element::new("text").at("x", x).at("y", y + 15.5);
    if length > 1 {
        element = element.at("textLength", length as f64 * CELL.0);
    }
    if piece.look.is_bold {
        element = element.with("font-weight", "bold");
    }
    let colour = piece.look.colour.map(|it| theme.ansi[usize::from(it)]);
    let colour = colour
        .or(piece.look.is_dim.then_some(theme.quiet))
        .or(piece.look.is_bold.then_some(theme.typed));
    if let Some(colour) = colour {
        element = element.with("fill", colour);
    }
    element.text(&piece.text)
}

/// The cursor, and the cover over the letters that are not typed yet.
fn cursor(theme: &Theme) -> Element {
    let cover = Element::new("rect")
        .at("width", TEXT_WIDTH)
        .at("height", CELL.1)
        .with("fill", theme.background);
    let block = Element::new("rect")
        .at("y", 2.0)
        .at("width", CELL.0)
        .at("height", CELL.1 - 4.0)
        .with("fill", theme.quiet);
    Element::new("g")
        .with("class", "cursor")
        .child(cover)
        .child(block)
}

/// The upper left corner of a cell, relative to that of the terminal.
fn position(place: Place) -> (f64, f64) {
    (place.column as f64 * CELL.0, place.row as f64 * CELL.1)
}

/// When things happen, in milliseconds.
struct Times {
    /// When each event begins to show.
    events: Vec<u32>,
    /// When the cursor moves, and where to.
    cursor: Vec<(u32, Place)>,
    end: u32,
}

impl Times {
    fn of(events: &[Event], screen: &Screen) -> Self {
        let mut times = Self {
            events: Vec::new(),
            cursor: Vec::new(),
            end: 0,
        };
        let mut now = 0;
        for (number, event) in events.iter().enumerate() {
            times.events.push(now);
            match event {
                Event::Typed(text) => {
                    let is_code = text.bytes().all(|it| it.is_ascii_digit());
                    now += if is_code { BEFORE_CODE } else { 0 };
                    let mut place = screen.cursors[number];
                    for at in 0..text.chars().count() {
                        now += if is_code {
                            DIGIT
                        } else {
                            LETTERS[at % LETTERS.len()]
                        };
                        place.column += 1;
                        times.cursor.push((now, place));
                    }
                    now += BEFORE_RETURN;
                }
                Event::Shown(text) => {
                    times.cursor.push((now, screen.cursors[number + 1]));
                    // The first line end belongs to what was typed.
                    let lines = text.matches('\n').count().saturating_sub(1) as u32;
                    now += match lines {
                        0 if number == 0 => BEFORE_TYPING,
                        lines => READING + lines * READING_A_LINE,
                    };
                }
            }
        }
        times.end = now + LAST;
        times
    }

    /// A moment as a fraction of the whole.
    fn percent(&self, at: u32) -> String {
        let percent = format!("{:.3}", 100.0 * f64::from(at) / f64::from(self.end));
        format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// If motion is unwanted or CSS can't animate, the rules outside of the condition show the end.
fn style(times: &Times, theme: &Theme) -> String {
    let place = |place: Place| {
        let (x, y) = position(place);
        format!("transform:translate({}px,{}px)", short(x), short(y))
    };
    let last = times.cursor.last().map_or(Place::default(), |(_, it)| *it);
    let mut css = format!(
        "\nsvg{{font:{FONT_SIZE}px ui-monospace,SFMono-Regular,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans Mono\",\
         \"Liberation Mono\",monospace;fill:{}}}\n.cursor{{{}}}\n\
         @media (prefers-reduced-motion:no-preference){{\n\
         .e,.cursor{{animation:{}s step-end infinite}}\n",
        theme.text,
        place(last),
        short(f64::from(times.end) / 1000.0)
    );
    for (number, at) in times.events.iter().enumerate() {
        // What is there from the beginning never changes.
        if *at > 0 {
            let _ = writeln!(
                css,
                ".e{number}{{animation-name:e{number}}}@keyframes e{number}{{0%{{opacity:0}}{}{{opacity:1}}}}",
                times.percent(*at)
            );
        }
    }
    css += ".cursor{animation-name:cursor}@keyframes cursor{\n";
    for (at, where_to) in &times.cursor {
        let _ = writeln!(css, "{}{{{}}}", times.percent(*at), place(*where_to));
    }
    css + "}}\n"
}
