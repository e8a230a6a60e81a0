//! Compares every text that the program can print with golden files: the messages as they are in the source,
//! and the `--help` of every command. A changed text shows there, in one place.
//!
//! `INSTA_UPDATE=always cargo test --test it messages` updates them.
//!
//! A text is a string literal of two or more words outside of tests. This can't see texts of one word, texts
//! that are put together at run time, and those of AWS, the system and clap. Literals that only look like
//! texts for people, such as a shell's script, are listed, too.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

#[cfg(target_os = "linux")]
use crate::help::{commands, words_and};
use crate::sources::rust_files;
#[cfg(target_os = "linux")]
use crate::support::{home::Home, run::Run};

/// Compares `text` with the golden file `name`.
fn compare(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("messages");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The texts of a file, and the names of its modules that are for tests only.
#[derive(Default)]
struct Found {
    texts: Vec<String>,
    tests: Vec<String>,
}

impl Found {
    fn read(path: &Path) -> Self {
        let source = fs::read_to_string(path).expect("a source is text");
        let tokens: TokenStream = source.parse().expect("a source is Rust");
        let mut found = Self::default();
        found.walk(tokens);
        found
    }

    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let [first, after @ ..] = rest {
            rest = match (first, after) {
                (TokenTree::Punct(hash), [TokenTree::Group(attribute), after @ ..])
                    if hash.as_char() == '#' && attribute.delimiter() == Delimiter::Bracket =>
                {
                    match attribute.stream().to_string().as_str() {
                        it if is_for_tests(it) => self.skip_item(after),
                        // Other attributes hold help and reasons.
                        it if it.starts_with("error") => {
                            self.walk(attribute.stream());
                            after
                        }
                        _ => after,
                    }
                }
                // `#![…]` is the head of a file.
                (
                    TokenTree::Punct(hash),
                    [TokenTree::Punct(_), TokenTree::Group(_), after @ ..],
                ) if hash.as_char() == '#' => after,
                // Messages of panics are for developers.
                (TokenTree::Ident(name), [TokenTree::Group(_), after @ ..]) if name == "expect" => {
                    after
                }
                (
                    TokenTree::Ident(name),
                    [TokenTree::Punct(_), TokenTree::Group(_), after @ ..],
                ) if ["unreachable", "panic", "assert", "debug_assert"]
                    .iter()
                    .any(|it| name == it) =>
                {
                    after
                }
                (TokenTree::Group(group), after) => {
                    self.walk(group.stream());
                    after
                }
                (TokenTree::Literal(literal), after) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.texts.push(text.value());
                    }
                    after
                }
                (_, after) => after,
            };
        }
    }

    /// The rest of `tokens` after their first item.
    fn skip_item<'a>(&mut self, tokens: &'a [TokenTree]) -> &'a [TokenTree] {
        let end = tokens.iter().position(|it| match it {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        });
        let (item, rest) = tokens.split_at(end.map_or(tokens.len(), |end| end + 1));
        if let [.., TokenTree::Ident(module), TokenTree::Ident(name), end] = item
            && module == "mod"
            && matches!(end, TokenTree::Punct(_))
        {
            self.tests.push(name.to_string());
        }
        rest
    }
}

/// Whether an attribute makes its item for tests only: `cfg(test)`, `cfg(all(test, unix))`.
fn is_for_tests(attribute: &str) -> bool {
    let mut words = attribute.split(|it: char| !it.is_alphabetic());
    words.next() == Some("cfg") && words.any(|it| it == "test")
}

/// Whether a literal reads like a text: two words, or a word beside a placeholder.
fn is_text(literal: &str) -> bool {
    let words = literal.split_whitespace();
    let words = words.filter(|word| {
        let word = word.trim_matches(|it: char| !it.is_alphanumeric() && !"{}".contains(it));
        word.starts_with('{')
            || (word.len() > 1
                && word
                    .chars()
                    .all(|it| it.is_alphabetic() || "'-".contains(it)))
    });
    let has_word = literal
        .split(|it: char| !it.is_alphabetic())
        .any(|word| word.len() > 1);
    has_word && words.count() > 1
}

#[test]
fn every_message_is_the_one_in_the_golden_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<(PathBuf, Found)> = rust_files("src")
        .into_iter()
        .map(|path| {
            let found = Found::read(&path);
            (path, found)
        })
        .collect();
    let for_tests: BTreeSet<PathBuf> = files
        .iter()
        .flat_map(|(path, found)| {
            let is_folder = path
                .file_stem()
                .is_some_and(|it| it == "mod" || it == "lib");
            let folder = match is_folder {
                true => path.parent().expect("it is in src").to_owned(),
                false => path.with_extension(""),
            };
            found.tests.iter().map(move |name| folder.join(name))
        })
        .collect();
    let is_for_tests = |path: &Path| {
        let path = path.with_extension("");
        path.ancestors().any(|it| for_tests.contains(it))
    };
    let mut golden = String::new();
    for (path, found) in &files {
        let texts: Vec<&String> = found.texts.iter().filter(|it| is_text(it)).collect();
        if texts.is_empty() || is_for_tests(path) || path.ends_with("fuzzing.rs") {
            continue;
        }
        let name = path.strip_prefix(&root).expect("it is in src").display();
        let name = name.to_string().replace('\\', "/");
        let _ = write!(golden, "\n== {name}\n");
        for text in texts {
            let text = text.trim_end().replace('\n', "\n    ");
            let _ = writeln!(golden, "{text}");
        }
    }
    let texts = golden.lines().count();
    assert!(texts > 500, "the walk finds only {texts} lines");
    compare("messages", golden.trim_start());
}

/// The help at 80 columns.
#[cfg(target_os = "linux")]
fn help(args: &[&str]) -> String {
    let home = Home::new();
    let run = Run::new(&home).args(args).env("COLUMNS", "80");
    run.check_stdout(|_| {}).run().stdout
}

/// On some systems the help names things that others lack.
#[cfg(target_os = "linux")]
#[test]
fn the_help_of_every_command_is_the_one_in_its_golden_file() {
    let commands = [vec![String::new()], commands(&help)].concat();
    assert!(commands.len() > 20, "{}", commands.len());
    for command in commands {
        let name = words_and("awsmfa", &command).join(" ");
        let name = name.trim_end().replace(' ', "-");
        compare(&name, &help(&words_and(&command, "--help")));
    }
}
