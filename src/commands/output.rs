//! Writes the commands' output: the details of a session as JSON, in one form for every command, and
//! tables. It never shows a secret.

use crate::aws::MfaDevice;
use crate::value::{Made, ProfileName, expiry};
use anstyle::Style;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// The members that describe a session, in every command that prints JSON.
pub(super) struct SessionJson(Map<String, Value>);

impl SessionJson {
    /// The details of the session in `profile` that every command gives; a command may add members.
    /// Unknown values are null.
    pub(super) fn new(
        profile: Option<&ProfileName>,
        made: &Made,
        expiration: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        let remaining = |at| expiry::remaining(at, now).as_seconds();
        Self(Map::new())
            .with("profile", profile.map(ProfileName::as_str))
            .with(
                "source_profile",
                made.source.as_ref().map(ProfileName::as_str),
            )
            .with("expiration", expiration.map(expiry::format))
            .with("remaining_seconds", expiration.map(remaining))
            .with("managed", made.by_awsmfa)
    }

    /// Adds the device and the account.
    pub(super) fn with_device(self, made: &Made) -> Self {
        self.with(
            "mfa_serial",
            made.device.as_ref().map(|serial| serial.as_str()),
        )
        .with("account", made.account.as_deref())
    }

    /// Adds a member.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The object.
    pub(super) fn value(self) -> Value {
        json!(self.0)
    }
}

/// The JSON of an MFA device, the same in every command; a command may add members.
pub(super) fn device_json(device: &MfaDevice, is_used: bool) -> Value {
    json!({
        "mfa_serial": device.serial.as_str(),
        "kind": device.serial.kind().name(),
        "enabled": device.enabled.map(expiry::format),
        "for_sessions": !device.serial.is_fido(),
        "used_by_profile": is_used,
    })
}

/// The text of a table cell, safe to print, and its style.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell that is highlighted if there is colour. Its text says the same.
    pub(super) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// Adds spaces on the right. This does not use a format width, which has only 16 bits: a name may be
    /// longer.
    fn padded(&self, width: usize) -> String {
        let Self { text, style } = self;
        let spaces = " ".repeat(width - self.width());
        format!("{style}{text}{style:#}{spaces}")
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

/// Stands for a missing value.
pub(super) const NONE: &str = "-";

/// The space between columns.
const GAP: &str = "  ";

/// Rows in columns, one line each, below `titles`. A column is as wide as its widest cell; nothing is
/// truncated.
///
/// If a line would not fit into `room`, columns are left out, in the order of `expendable`. If that is
/// not enough, a row takes two lines: the first cell, and below it the cells that there is room for.
pub(super) fn in_columns<const N: usize>(
    titles: [&str; N],
    rows: &[[Cell; N]],
    expendable: &[usize],
    room: Option<usize>,
) -> String {
    let titles = titles.map(Cell::from);
    let lines: Vec<&[Cell; N]> = [&titles].into_iter().chain(rows).collect();
    let all: Vec<usize> = (0..N).collect();
    let Some(room) = room else {
        return aligned(&lines, &all);
    };
    let (columns, fits) = fitting(&lines, all.clone(), expendable, room);
    if fits {
        return aligned(&lines, &columns);
    }
    let room = room.saturating_sub(GAP.len());
    let (below, _) = fitting(&lines, all[1..].to_vec(), expendable, room);
    let below = aligned(&lines, &below);
    let firsts = lines.iter().map(|line| line[0].padded(line[0].width()));
    let rows = firsts.zip(below.split('\n'));
    rows.map(|(first, below)| format!("{first}\n{GAP}{below}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The columns among `columns` to show in `room`, and whether they fit.
fn fitting<const N: usize>(
    lines: &[&[Cell; N]],
    mut columns: Vec<usize>,
    expendable: &[usize],
    room: usize,
) -> (Vec<usize>, bool) {
    let width = |columns: &[usize]| {
        let widths = columns.iter().map(|column| width_of(lines, *column));
        widths.sum::<usize>() + GAP.len() * columns.len().saturating_sub(1)
    };
    let mut next = expendable.iter();
    while width(&columns) > room {
        match next.next() {
            Some(gone) => columns.retain(|it| it != gone),
            None => return (columns, false),
        }
    }
    (columns, true)
}

fn width_of<const N: usize>(lines: &[&[Cell; N]], column: usize) -> usize {
    lines
        .iter()
        .map(|line| line[column].width())
        .max()
        .unwrap_or(0)
}

fn aligned<const N: usize>(lines: &[&[Cell; N]], columns: &[usize]) -> String {
    let widths: Vec<usize> = columns.iter().map(|it| width_of(lines, *it)).collect();
    let line = |line: &&[Cell; N]| {
        let cells = columns.iter().zip(&widths);
        let cells = cells.map(|(column, width)| line[*column].padded(*width));
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}
