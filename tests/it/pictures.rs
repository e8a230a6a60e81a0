//! Checks the pictures in the documentation: they show what the program prints now, and contain nothing that
//! a page would have to trust.

#[path = "../../examples/pictures/mod.rs"]
mod drawing;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use drawing::{FIGURES, Picture};
use roxmltree::{Document, Node};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}

fn committed(name: &str) -> String {
    let path = folder().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pictures as they would be drawn now.
fn drawn(figures: &str) -> anyhow::Result<Vec<Picture>> {
    drawing::all(Path::new(env!("CARGO_BIN_EXE_awsmfa")), figures)
}

/// The text of the element of this name.
fn text_of<'a>(document: &'a Document, name: &str) -> &'a str {
    let mut nodes = document.descendants();
    let found = nodes.find(|it| it.has_tag_name(("http://www.w3.org/2000/svg", name)));
    found.and_then(|it| it.text()).unwrap_or_default()
}

#[test]
fn the_pictures_show_what_the_program_says_now() {
    for picture in drawn(&committed(FIGURES)).expect("the figures are complete") {
        let name = picture.name;
        // Not `assert_eq`: nobody reads two whole pictures.
        let pairs = committed(name);
        let mut pairs = pairs.lines().zip(picture.svg.lines());
        let other = pairs.find(|(was, is)| was != is);
        let is_same = other.is_none() && committed(name).len() == picture.svg.len();
        assert!(
            is_same,
            "{name} is not what `cargo run --example pictures` draws now: {other:?}"
        );
    }
}

#[test]
fn a_picture_is_small_well_formed_and_safe_and_says_in_words_what_it_shows() {
    for name in ["login-light.svg", "login-dark.svg", "cost.svg"] {
        let text = committed(name);
        assert!(text.len() < 100_000, "{name} has {} bytes", text.len());
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            document
                .root_element()
                .has_tag_name(("http://www.w3.org/2000/svg", "svg"))
        );
        assert!(!text_of(&document, "title").is_empty(), "{name}");

        let is_harmless = |node: &Node| {
            let name = node.tag_name().name();
            let known = [
                "svg", "title", "desc", "style", "g", "rect", "circle", "line", "text",
            ];
            let acts = |name: &str| name.starts_with("on") || name.ends_with("href");
            known.contains(&name) && !node.attributes().any(|it| acts(it.name()))
        };
        let mut elements = document.descendants().filter(Node::is_element);
        let harmful = elements.find(|it| !is_harmless(it));
        assert!(harmful.is_none(), "{name}: {harmful:?}");
        let style = text_of(&document, "style");
        assert!(
            !style.contains("url(") && !style.contains("@import"),
            "{name}"
        );

        // Those who can't see the picture hear everything that is written in it.
        let words = ["title", "desc"].map(|it| text_of(&document, it)).concat();
        let mut lines = document.descendants().filter(|it| it.has_tag_name("text"));
        let missing = lines.find(|it| !words.contains(it.text().unwrap_or_default()));
        assert!(missing.is_none(), "{name}: {missing:?}");
    }
}

#[test]
fn a_login_that_nothing_may_move_shows_its_end() {
    for name in ["login-light.svg", "login-dark.svg"] {
        let text = committed(name);
        let document = Document::parse(&text).expect("it is well-formed");
        let style = text_of(&document, "style");
        let (still, moving) = style
            .split_once("@media (prefers-reduced-motion:no-preference){")
            .expect("there is a condition");
        for word in ["animation", "keyframes", "opacity"] {
            assert!(!still.contains(word), "{name}: {still}");
            assert!(moving.contains(word), "{name}: {moving}");
        }
        // The cursor's final position: two cells from the left, where a command would be typed.
        let end = |css: &str| {
            css.rsplit_once("transform:")
                .map(|(_, it)| it.split('}').next().map(str::to_owned))
        };
        assert_eq!(end(still), end(moving), "{name}");
    }
}

#[test]
fn a_figure_that_is_missing_is_named() {
    let figures = committed(FIGURES);
    for (line, named) in [
        (
            "login to a role, ",
            "`login to a role, 200 ms a round trip`",
        ),
        ("awsmfa --version", "`awsmfa --version`"),
        ("# ", "when it was"),
    ] {
        let without: String = figures
            .lines()
            .filter(|it| !it.starts_with(line))
            .map(|it| format!("{it}\n"))
            .collect();
        assert!(without.len() < figures.len(), "{line}");
        let error = drawing::cost(&without).map(|_| ()).expect_err(line);
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
#[ignore = "builds the example"]
fn the_command_writes_the_pictures_that_are_committed() {
    let folder = tempfile::tempdir().expect("there is room");
    let written = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--example", "pictures", "--"])
        .arg(folder.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there");
    assert!(written.status.success(), "{written:?}");
    let names = ["login-light.svg", "login-dark.svg", "cost.svg"];
    for name in names {
        let text = fs::read_to_string(folder.path().join(name)).expect("it is written");
        assert!(text == committed(name), "{name}");
    }
    let entries = fs::read_dir(folder.path()).expect("it can be read");
    assert_eq!(entries.count(), names.len());
}
