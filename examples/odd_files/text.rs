//! Holds a generated file as lines, so that it can be changed line by line. It never knows what a line
//! means.

/// A line and its line end.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) text: Vec<u8>,
    pub(crate) end: &'static str,
}

/// The lines of a file.
#[derive(Clone, Default)]
pub(crate) struct Text(pub(crate) Vec<Line>);

impl Text {
    /// Adds a line.
    pub(crate) fn push(&mut self, text: impl Into<Vec<u8>>) {
        self.0.push(Line::from(text));
    }

    /// Inserts a line before the one at this place.
    pub(crate) fn insert(&mut self, at: usize, text: impl Into<Vec<u8>>) {
        self.0.insert(at.min(self.0.len()), Line::from(text));
    }

    /// The places of the lines for which `is_one` is true.
    pub(crate) fn places(&self, is_one: impl Fn(&str) -> bool) -> Vec<usize> {
        let lines = self.0.iter().enumerate();
        lines
            .filter(|(_, line)| is_one(&String::from_utf8_lossy(&line.text)))
            .map(|(at, _)| at)
            .collect()
    }

    /// The content of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let lines = self.0.iter();
        lines
            .flat_map(|line| [line.text.as_slice(), line.end.as_bytes()].concat())
            .collect()
    }
}

impl<T: Into<Vec<u8>>> From<T> for Line {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            end: "\n",
        }
    }
}
