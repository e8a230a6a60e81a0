//! Writes SVG elements so that the result is well-formed whatever they contain. It knows no picture.

use std::fmt::{self, Display, Formatter};

/// An element with its contents.
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Child>,
}

enum Child {
    Element(Element),
    Text(String),
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// The same with a length or a position, to a hundredth.
    pub(super) fn at(self, name: &'static str, value: f64) -> Self {
        self.with(name, short(value))
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    pub(super) fn child(mut self, child: Element) -> Self {
        self.children.push(Child::Element(child));
        self
    }

    pub(super) fn children(self, children: impl IntoIterator<Item = Element>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// A whole picture: its size, its title, its contents in words, and its style.
    pub(super) fn picture(
        width: f64,
        height: f64,
        title: &str,
        words: &str,
        style: String,
    ) -> Self {
        Self::new("svg")
            .with("xmlns", "http://www.w3.org/2000/svg")
            .at("width", width)
            .at("height", height)
            .with("viewBox", format!("0 0 {} {}", short(width), short(height)))
            .with("role", "img")
            .with("aria-labelledby", "title words")
            .child(Self::new("title").with("id", "title").text(title))
            .child(Self::new("desc").with("id", "words").text(words))
            .child(Self::new("style").text(style))
    }

    /// The text of a file with this element.
    pub(super) fn file(&self) -> String {
        format!("{self}\n")
    }
}

impl Display for Element {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(out, " {name}=\"{}\"", Escaped(value))?;
        }
        if self.children.is_empty() {
            return out.write_str("/>");
        }
        out.write_str(">")?;
        for child in &self.children {
            match child {
                // With a line for each element, a diff shows what has changed.
                Child::Element(element) => write!(out, "\n{element}")?,
                Child::Text(text) => write!(out, "{}", Escaped(text))?,
            }
        }
        let is_text = matches!(self.children.last(), Some(Child::Text(_)));
        write!(out, "{}</{}>", if is_text { "" } else { "\n" }, self.name)
    }
}

struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|it| match it {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            _ => write!(out, "{it}"),
        })
    }
}

/// A number to a hundredth, without trailing zeros.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
