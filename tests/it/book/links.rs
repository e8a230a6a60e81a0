//! Follows every relative link in README, CONTRIBUTING, SECURITY, the changelog and the book: the file
//! exists, and so does the heading. It never follows a link to another host.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{page, pages};

/// A text without its code, which may look like links.
fn without_code(text: &str) -> String {
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The destinations of a text's links and pictures.
fn links(text: &str) -> Vec<String> {
    let text = without_code(text);
    let markdown = text.split("](").skip(1);
    let markdown = markdown.filter_map(|rest| rest.split(')').next());
    let pictures = ["src=\"", "srcset=\""].into_iter();
    let pictures = pictures.flat_map(|attribute| text.split(attribute).skip(1));
    let pictures = pictures.filter_map(|rest| rest.split('"').next());
    markdown.chain(pictures).map(str::to_owned).collect()
}

/// The anchors of a text's headings, as GitHub and mdBook form them.
fn anchors(text: &str) -> BTreeSet<String> {
    let text = without_code(text);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim();
            let kept = heading.chars().filter_map(|it| match it {
                ' ' => Some('-'),
                '-' | '_' => Some(it),
                _ => it.is_alphanumeric().then(|| it.to_ascii_lowercase()),
            });
            kept.collect()
        })
        .collect()
}

/// The target of a link on the page at `path`, both relative to the root of the repository.
fn resolved(path: &str, link: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let papers = ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned);
    let mut followed = 0;
    for path in pages().into_iter().chain(papers) {
        for link in links(&page(&path)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let file = match file {
                "" => path.clone(),
                file => resolved(&path, file),
            };
            let there = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
            assert!(there.exists(), "{path}: {link}");
            if !anchor.is_empty() {
                assert!(anchors(&page(&file)).contains(anchor), "{path}: {link}");
            }
            // The book contains only its own folder, and its README.md becomes index.html.
            let is_in_book = file.starts_with("docs/")
                && (!file.ends_with("/README.md") || path == "docs/SUMMARY.md");
            assert!(!path.starts_with("docs/") || is_in_book, "{path}: {link}");
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn the_summary_names_every_page_once() {
    let summary = links(&page("docs/SUMMARY.md"));
    let named: BTreeSet<String> = summary.iter().map(|it| format!("docs/{it}")).collect();
    assert_eq!(named.len(), summary.len(), "{summary:?}");
    let pages = pages().into_iter();
    let pages = pages.filter(|path| path.starts_with("docs/") && path != "docs/SUMMARY.md");
    assert_eq!(named, pages.collect());
}

/// The pages that `.ci/book` has built.
fn built(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect(".ci/book has built it") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            built(&path, found);
        } else if path.extension().is_some_and(|it| it == "html") {
            found.push(path);
        }
    }
}

#[test]
#[ignore = "needs the book, which .ci/book builds"]
fn every_link_of_the_built_book_leads_to_a_file_and_an_anchor() {
    let mut pages = Vec::new();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/book");
    built(&book, &mut pages);
    // Those are assembled from the others, or shown at any address.
    let made = ["print.html", "toc.html", "404.html"].map(|name| book.join(name));
    let read = |path: &Path| fs::read_to_string(path).expect("it was just found");
    let mut followed = 0;
    for path in pages.iter().filter(|path| !made.contains(path)) {
        let text = read(path);
        let links = ["href=\"", "src=\""].into_iter();
        let links = links.flat_map(|attribute| text.split(attribute).skip(1));
        for link in links.filter_map(|rest| rest.split('"').next()) {
            if link.contains(':') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let there = match file {
                "" => path.clone(),
                file => path.parent().expect("a folder").join(file),
            };
            assert!(there.exists(), "{}: {link}", path.display());
            if !anchor.is_empty() {
                let has = read(&there).contains(&format!("id=\"{anchor}\""));
                assert!(has, "{}: {link}", path.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 500, "{followed}");
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    assert_eq!(
        links("[a](b.md#c) `x`\n```\n[d](e.md)\n```\n<img src=\"f.svg\">"),
        ["b.md#c", "f.svg"]
    );
    let heading = "## Names in `--json`\n### `… is 1` – so\n";
    let expected = ["names-in---json", "-is-1--so"].map(str::to_owned);
    assert_eq!(anchors(heading), BTreeSet::from(expected));
    assert_eq!(
        resolved("docs/recipes/ci.md", "../files.md"),
        "docs/files.md"
    );
}
