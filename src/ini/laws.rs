//! Tests the laws of a document on generated files, and against the parser of the AWS SDK.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::property::PropertiesKey;
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::botocore::Reading;
use super::index::Property;
use super::line::{self, BOM, Role, start_of_text};
use super::*;

const KEYS: [&str; 7] = [
    "aws_access_key_id",
    "region",
    "s3",
    "output",
    "x:y",
    "a b",
    "k",
];
const SUB_KEYS: [&str; 3] = ["endpoint_url", "a", "b"];
const VALUES: [&str; 22] = [
    "",
    "v",
    "a=b==",
    "p#q",
    "p;q",
    "100%",
    "%(x)s",
    "\"q\"",
    "'",
    r"a\b",
    r"\",
    "[dev]",
    "x # c",
    "x ;c",
    "x\t#c",
    "# c",
    "é",
    "a  b ",
    "x\u{a0}#c",
    "x: y",
    "=",
    "a\rb",
];
const PLAIN: [&str; 14] = [
    "",
    "v",
    "a=b==",
    "p#q;r",
    "100%",
    "\"q\"",
    r"a\",
    "[dev]",
    "é",
    "x: y",
    "\na = 1\nb = 2 # c",
    "\nendpoint_url = http://h",
    "x\ny # c\nz",
    "a\tb",
];

fn one_of(texts: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    select(texts.to_vec()).prop_map(str::to_owned)
}

/// `key = value` in many spellings.
fn property() -> impl Strategy<Value = String> {
    let spelled = (one_of(&KEYS), any::<bool>())
        .prop_map(|(key, upper)| if upper { key.to_uppercase() } else { key });
    (
        spelled,
        one_of(&["=", " = ", " =", "\t=\t"]),
        one_of(&VALUES),
    )
        .prop_map(|(key, sign, value)| key + &sign + &value)
}

/// Values that can be read and yet can't be set: in their place, some of their lines would be somebody's
/// comments.
const ANNOTATED: [&str; 3] = ["x\n# y", "x\ny\n;c\nz", "x\n#\na = 1"];

/// Lines that do not change the state of a reader.
fn skipped() -> impl Strategy<Value = String> {
    one_of(&["", "  ", "\t", "# c", ";c", "#[dev-mfa]", "# k = v"])
}

fn indented() -> impl Strategy<Value = String> {
    one_of(&[
        "  a = b",
        "\tx = 1",
        "  # c = d",
        "\t ;c=d \t",
        " b=[dev]",
        "    endpoint_url = v # c",
        "  a=",
        "  a = \t",
    ])
}

fn line_end() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r\r\n")].prop_map(str::to_owned)
}

fn header() -> impl Strategy<Value = String> {
    one_of(&[
        "[default]",
        "[dev]",
        "[ dev ]",
        "[dev-mfa] ; c",
        "[profile dev]#c",
        "[profile \"a b\"]",
        "[profile  default]",
        "[sso-session s]",
        "[services x]",
        "[]",
        "[dev] junk",
        "[dev",
        "[a#b]",
    ])
}

/// Files made of lines that an AWS file may hold, in any order.
fn odd_file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        3 => header(),
        6 => property(),
        3 => indented(),
        2 => skipped(),
        1 => one_of(&["junk", "= v", "k : v", "k: v # c", "\u{a0}", "\r", "  x", "  # x", "\t;\t", "x # y = z", ":"]),
    ];
    let lines = vec((line, line_end()), 0..16);
    (any::<bool>(), lines, any::<bool>(), vec(any::<u8>(), 0..2)).prop_map(
        |(mark, lines, ended, tail)| {
            let mut file = String::from(if mark { "\u{feff}" } else { "" });
            for (line, end) in &lines {
                file += line;
                file += end;
            }
            if !ended {
                file.truncate(file.trim_end_matches('\n').len());
            }
            let mut file = file.into_bytes();
            file.extend(tail);
            file
        },
    )
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let soup = vec(
        select(b"[]=:#; \t\r\nakK\xef\xbb\xbf\xc2\xa0\"".to_vec()),
        0..60,
    );
    prop_oneof![4 => odd_file(), 2 => soup, 1 => vec(any::<u8>(), 0..80)]
}

/// Files that the SDK reads. Each section is always spelled the same, because the SDK merges different
/// spellings in no fixed order.
fn good_file() -> impl Strategy<Value = String> {
    let header = one_of(&[
        "[default]",
        "[dev]",
        "[ prod\t]",
        "[dev-mfa] ; c",
        "[profile dev]#c",
        "[profile \t prod ]",
        "[profile default]",
        "[sso-session s]",
        "[services x]",
        "[profile a b]",
        "[é]",
        "[profile +]",
    ]);
    let below = vec(prop_oneof![indented(), skipped()], 0..4);
    // A continuation line after `a = \t` and the like is a sub-property, so it has to look like one; all
    // of `indented` do.
    let properties = vec((property(), below), 0..5);
    let section =
        (header, vec(skipped(), 0..2), properties).prop_map(|(header, gap, properties)| {
            let mut lines = vec![header];
            lines.extend(gap);
            for (property, below) in properties {
                lines.push(property);
                lines.extend(below);
            }
            lines
        });
    let end = one_of(&["\n", "\r\n"]);
    (vec(skipped(), 0..3), vec(section, 0..6), end, any::<bool>()).prop_map(
        |(top, sections, end, ended)| {
            let lines: Vec<_> = top
                .into_iter()
                .chain(sections.into_iter().flatten())
                .collect();
            lines.join(&end) + if ended { &end } else { "" }
        },
    )
}

/// Files with indented lines, most of which botocore reads.
fn indented_file() -> impl Strategy<Value = String> {
    let indent = || one_of(&["", " ", "  ", "\t", "    ", "\u{a0} "]);
    let key = (
        indent(),
        one_of(&["k", "region", "S3", "x:y"]),
        one_of(&[" = ", "=", ": ", " :"]),
        one_of(&["", "v", "v # c", "a=b", "[c]"]),
    )
        .prop_map(|(indent, key, sign, value)| indent + &key + &sign + &value);
    let below = (indent(), one_of(&["", "# c", "x = 1", "y=", "[d]"]))
        .prop_map(|(indent, line)| indent + &line);
    let keys = vec((key, vec(below, 0..3)), 0..3);
    let section = (indent(), keys);
    let end = one_of(&["\n", "\r\n"]);
    (vec(section, 1..4), end).prop_map(|(sections, end)| {
        let names = ["a", "b", "profile c"];
        let mut file = String::new();
        for ((indent, keys), name) in sections.iter().zip(names) {
            let mut lines = vec![format!("{indent}[{name}]")];
            for (key, below) in keys {
                lines.push(key.clone());
                lines.extend(below.iter().cloned());
            }
            file += &(lines.join(&end) + &end);
        }
        file
    })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::End),
        Just(Place::Start),
        one_of(&["dev", "profile dev", "none"]).prop_map(Place::After),
    ]
}

fn changes(value: impl Strategy<Value = String>) -> impl Strategy<Value = Changes> {
    vec(
        (
            one_of(&["region", "s3", "k", "OUTPUT", "new"]),
            proptest::option::weighted(0.8, value),
        ),
        0..4,
    )
}

type Changes = Vec<(String, Option<String>)>;

fn any_edit() -> impl Strategy<Value = (String, Changes)> {
    let section = prop_oneof![
        8 => one_of(&["default", "dev", "dev-mfa", "profile dev", "profile a b", "k", ""]),
        1 => any::<String>(),
    ];
    let value = prop_oneof![
        8 => one_of(&PLAIN),
        1 => any::<String>(),
        1 => one_of(&VALUES),
        1 => one_of(&ANNOTATED),
    ];
    (section, changes(value))
}

/// Names that no generated file has.
fn new_section() -> impl Strategy<Value = String> {
    one_of(&["new-mfa", "profile new-mfa", "profile new mfa"])
}

/// The bytes before `changes` were made in a new section, and those after its keys were removed again.
fn there_and_back(
    file: Vec<u8>,
    section: String,
    mut changes: Changes,
    place: &Place,
) -> Result<(Vec<u8>, Vec<u8>), TestCaseError> {
    let before = Document::parse(file);
    prop_assume!(!before.contains(&section));
    let is_of_botocore = before.dialect() == Dialect::Botocore;
    prop_assume!(!is_of_botocore || *place == Place::End);
    changes.push(("first".into(), Some("v".into())));
    let there = Edit {
        section: section.clone(),
        changes: changes.clone(),
    };
    changes.iter_mut().for_each(|(_, value)| *value = None);
    let back = Edit { section, changes };
    let Ok(added) = before.edited(&[there], place, |_| false) else {
        prop_assert!(has_disputed_line(&before));
        return Err(TestCaseError::reject("a line is disputed"));
    };
    let after = added
        .edited(&[back], place, |_| false)
        .expect("a removal beside the same lines");
    Ok((before.as_bytes().to_vec(), after.as_bytes().to_vec()))
}

/// The last change of each key, lower-cased.
fn effective(edit: &Edit) -> HashMap<String, Option<String>> {
    let lower = |(key, value): &(String, Option<String>)| (key.to_ascii_lowercase(), value.clone());
    edit.changes.iter().map(lower).collect()
}

fn contents(document: &Document) -> Vec<(String, String, String)> {
    let mut contents = Vec::new();
    for section in document.sections() {
        for key in document.keys(section) {
            let value = document.get(section, &key).expect("keys have values");
            contents.push((section.to_owned(), key.into_owned(), value.into_owned()));
        }
    }
    contents.sort();
    contents
}

/// Whether a line is several lines to other readers, or a header to some of them but not to others. An
/// edit may be refused for that.
fn has_disputed_line(document: &Document) -> bool {
    text_lines(document).any(|line| {
        let is_open = || !line::is_closed_to_all(line.text);
        line::is_divided(&document.as_bytes()[line.start..line.end])
            || matches!(line::role(line.text), Role::Header(_)) && is_open()
    })
}

fn text_lines(document: &Document) -> impl Iterator<Item = line::Line<'_>> {
    let bytes = document.as_bytes();
    line::lines(bytes, start_of_text(bytes), bytes.len())
}

/// The properties that `edit` removes or rewrites. It leaves a property alone if a later one with the
/// same key wins, or if it already has the right value.
fn rewritten<'a>(document: &'a Document, edit: &Edit) -> Vec<&'a Property> {
    let keys = effective(edit);
    let mut last: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for property in document.properties_of(&edit.section) {
        last.insert(document.key(property), property.start);
    }
    let is_rewritten = |property: &&Property| {
        let key = document.key(property);
        match keys.get(&*key) {
            None => false,
            Some(None) => true,
            Some(Some(value)) => {
                let pair = document.pair(property);
                let is_plain = !pair.colon && pair.comment().is_none();
                let is_same = is_plain && document.value(property) == value.as_str();
                last[&key] == property.start && !is_same
            }
        }
    };
    let properties = document.properties_of(&edit.section);
    properties.filter(is_rewritten).collect()
}

/// The part of a line that must remain when `rewritten` are removed: all of it if it belongs to none of
/// them, is blank or is a comment; a comment after a value or indented below it, from its mark on; else
/// nothing.
fn left_of<'a>(
    document: &'a Document,
    rewritten: &[&Property],
    line: &line::Line<'a>,
) -> Option<&'a [u8]> {
    let bytes = document.as_bytes();
    let whole = Some(&bytes[line.start..line.end]);
    let is_of = |it: &&&Property| it.start <= line.start && line.start < it.end;
    let Some(property) = rewritten.iter().find(is_of) else {
        return whole;
    };
    if line::is_skipped(line.text) {
        return whole;
    }
    if line.start == property.start {
        let comment = document.pair(property).comment()?;
        return Some(&bytes[line.start + line.text.len() - comment.len()..line.end]);
    }
    let mark = line.text.iter().position(|byte| !b" \t".contains(byte))?;
    let is_comment = b"#;".contains(&line.text[mark]);
    let has_value = !document.pair(property).value().is_empty();
    (is_comment && has_value).then(|| &bytes[line.start + mark..line.end])
}

/// The lines that must still be there after `edit`, and the number of the others.
fn lines_kept(document: &Document, edit: &Edit) -> (Vec<Vec<u8>>, usize) {
    let rewritten = rewritten(document, edit);
    let lines = text_lines(document);
    let left: Vec<_> = lines
        .map(|line| left_of(document, &rewritten, &line))
        .collect();
    let kept: Vec<_> = left.iter().flatten().map(|line| line.to_vec()).collect();
    let others = left.len() - kept.len();
    (kept, others)
}

/// Whether all lines of `part` occur in `whole` in that order, byte for byte; a missing line end may
/// have been added.
fn is_subsequence(part: &[Vec<u8>], whole: &[&[u8]]) -> bool {
    let is_same = |old: &[u8], new: &[u8]| {
        old == new
            || !old.ends_with(b"\n")
                && matches!(new.strip_prefix(old), Some([b'\n'] | [b'\r', b'\n']))
    };
    let mut whole = whole.iter();
    part.iter().all(|old| whole.any(|new| is_same(old, new)))
}

fn sdk(kind: FileKind, text: &str) -> Option<EnvConfigSections> {
    let kind = match kind {
        FileKind::Config => EnvConfigFileKind::Config,
        FileKind::Credentials => EnvConfigFileKind::Credentials,
    };
    let files = EnvConfigFiles::builder().with_contents(kind, text).build();
    let (env, fs) = (Env::from_slice(&[]), Fs::from_slice(&[]));
    let load = pin!(source::load(&env, &fs, &files));
    match load.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(source) => EnvConfigSections::parse(source.expect("nothing to load")).ok(),
        Poll::Pending => panic!("contents need no waiting"),
    }
}

/// How many reasons the SDK has to refuse the file, if we read its lines correctly.
fn faults(bytes: &[u8]) -> usize {
    dialect::refusals(bytes).count()
}

#[test]
fn each_kind_of_line_that_the_sdk_refuses_is_recognised() {
    for text in [
        "[a] junk\n",
        "[b]\n[a\n",
        "[a]\nstray\n",
        "[a]\n= v\n",
        "[a]\nk : v\n",
        "k = v\n[a]\n",
        "# c\n  k\n[a]\n",
        "[a]\n# c\n  k = v\n",
        "[a]\nk =\n  x = 1\n  y\n",
        "\u{feff}[a]\n",
    ] {
        assert_eq!(faults(text.as_bytes()), 1, "{text:?}");
        assert!(sdk(FileKind::Config, text).is_none(), "{text:?}");
    }
    assert_eq!(faults(b"[a]\n# \xff\nk = \xfe\n"), 1);
    let text = "\
# c

[default]
region = r # c
s3 =
  a = b

# c
  c = d # e
k = x
  anything
[ a ]
k=1
K=2
[a]
";
    assert_eq!(faults(text.as_bytes()), 0);
    assert!(sdk(FileKind::Config, text).is_some());
}

fn is_identifier(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c);
    text.chars().all(is_part)
}

/// The profiles that the SDK finds in these sections, each with the section it reads.
fn profiles(kind: FileKind, document: &Document) -> Vec<(String, String)> {
    let profile = |section: &str| match (kind, section.split_once(' ')) {
        (FileKind::Credentials, None) => Some(section.to_owned()),
        (FileKind::Config, Some(("profile", name))) => Some(name.to_owned()),
        (FileKind::Config, None)
            if section == "default" && !document.contains("profile default") =>
        {
            Some(section.to_owned())
        }
        _ => None,
    };
    let mut profiles: Vec<_> = document
        .sections()
        .filter_map(|section| Some((profile(section)?, section.to_owned())))
        .filter(|(name, _)| is_identifier(name))
        .collect();
    profiles.sort();
    profiles
}

/// Asserts that the SDK and the document read the same, key by key.
fn agree(
    kind: FileKind,
    sdk: &EnvConfigSections,
    document: &Document,
) -> Result<(), TestCaseError> {
    let profiles = profiles(kind, document);
    let ours: BTreeSet<_> = profiles.iter().map(|(name, _)| name.as_str()).collect();
    prop_assert_eq!(ours, sdk.profiles().collect::<BTreeSet<_>>());
    let keys: Vec<_> = KEYS.into_iter().chain(["new"]).collect();
    for (name, section) in &profiles {
        let profile = sdk.get_profile(name).expect("the names are the same");
        for key in keys.iter().filter(|key| is_identifier(key)) {
            let ours = document.get(section, key);
            prop_assert_eq!(profile.get(key), ours.as_deref(), "{} of {}", key, section);
        }
    }
    if kind == FileKind::Config {
        for key in &keys {
            let session = sdk.sso_session("s").and_then(|session| session.get(key));
            if is_identifier(key) {
                let ours = document.get("sso-session s", key);
                prop_assert_eq!(session, ours.as_deref());
            }
            for sub in SUB_KEYS {
                if let Ok(path) = PropertiesKey::builder()
                    .section_key("services")
                    .section_name("x")
                    .property_name(*key)
                    .sub_property_name(sub)
                    .build()
                    && is_identifier(key)
                    && document
                        .get("services x", key)
                        .is_some_and(|value| value.starts_with('\n'))
                {
                    let nested = document.nested("services x", key);
                    let ours = nested.iter().rev().find(|(name, _)| name == sub);
                    prop_assert_eq!(
                        sdk.other_sections().get(&path).map(String::as_str),
                        ours.map(|(_, value)| value.as_str())
                    );
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_document_prints_as_the_bytes_it_was_parsed_from(file in any_file()) {
        let document = Document::parse(file.clone());
        prop_assert_eq!(document.as_bytes(), file);
        contents(&document);
    }

    #[test]
    fn an_edit_changes_the_named_keys_and_nothing_else(
        file in any_file(), (section, changes) in any_edit(), place in place(),
    ) {
        let edit = Edit { section, changes };
        let before = Document::parse(file);
        prop_assume!(before.dialect() == Dialect::Sdk);
        let Ok(after) = before.edited(std::slice::from_ref(&edit), &place, |_| false) else { return Ok(()) };
        let changes = effective(&edit);
        for (key, value) in &changes {
            let read = after.get(&edit.section, key);
            prop_assert_eq!(read.as_deref(), value.as_deref());
        }
        let others = |document: &Document| {
            let named = |section: &str, key: &str| section == edit.section && changes.contains_key(key);
            let mut all = contents(document);
            all.retain(|(section, key, _)| !named(section, key));
            all
        };
        prop_assert_eq!(others(&after), others(&before));

        let sets = changes.values().any(Option::is_some);
        let is_gone = before.contains(&edit.section) && !after.contains(&edit.section);
        let mut sections: BTreeSet<_> = before.sections().collect();
        if is_gone {
            prop_assert!(!sets && before.keys(&edit.section).all(|key| changes.contains_key(&*key)));
            sections.remove(&*edit.section);
        } else if sets {
            sections.insert(&edit.section);
        }
        prop_assert_eq!(after.sections().collect::<BTreeSet<_>>(), sections);

        let (mut kept, named) = lines_kept(&before, &edit);
        if is_gone {
            // Its headers and blank lines may be removed with it, but nothing else.
            kept.retain(|line| match line::lines(line, 0, line.len()).next().map(|it| line::role(it.text)) {
                None | Some(Role::Blank) => false,
                Some(Role::Header(Some(inside))) => line::canonical(inside) != edit.section,
                _ => true,
            });
        }
        let all: Vec<_> = text_lines(&after)
            .map(|line| &after.as_bytes()[line.start..line.end])
            .collect();
        prop_assert!(is_subsequence(&kept, &all));
        let comments = |lines: &[&[u8]]| {
            lines.iter().filter(|line| matches!(line::role(line), Role::Comment)).count()
        };
        let stay: Vec<_> = kept.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(comments(&all), comments(&stay));
        let written: usize = changes.values().flatten().map(|it| it.split('\n').count()).sum();
        prop_assert!(is_gone || all.len() <= kept.len() + named + written + 3);
        prop_assert!(faults(after.as_bytes()) <= faults(before.as_bytes()));

        let again = after.edited(std::slice::from_ref(&edit), &place, |_| false).expect("was written before");
        prop_assert_eq!(again.as_bytes(), after.as_bytes());
    }

    #[test]
    fn a_section_added_at_the_end_can_be_removed_without_a_trace(
        file in any_file(), section in new_section(), changes in changes(one_of(&PLAIN)),
    ) {
        let (before, after) = there_and_back(file.clone(), section, changes, &Place::End)?;
        if file.is_empty() || file == BOM || file.ends_with(b"\n") {
            prop_assert_eq!(after, before);
        } else {
            let line_end = after.strip_prefix(&*before);
            prop_assert!(matches!(line_end, Some([] | [b'\n'] | [b'\r', b'\n'])), "{:?}", line_end);
        }
    }

    #[test]
    fn a_section_added_anywhere_can_be_removed_except_for_blank_lines(
        file in any_file(), section in new_section(), changes in changes(one_of(&PLAIN)), place in place(),
    ) {
        let (before, after) = there_and_back(file, section, changes, &place)?;
        let text = |bytes: &[u8]| -> Vec<Vec<u8>> {
            line::lines(bytes, 0, bytes.len())
                .filter(|it| !line::trim(it.text).is_empty())
                .map(|it| it.text.strip_suffix(b"\r").unwrap_or(it.text).to_vec())
                .collect()
        };
        prop_assert_eq!(text(&after), text(&before));
    }

    #[test]
    fn a_section_added_among_tidy_ones_can_be_removed_without_a_trace(
        sections in vec(one_of(&["# c\n[b]\nk = 1\n", "[c]\n", "[d]\ns3 =\n  x = 1\n"]), 1..4),
        top in one_of(&["", "# top\n\n", "\n"]),
        is_crlf in any::<bool>(),
        section in new_section(),
        changes in changes(one_of(&PLAIN)),
        place in prop_oneof![
            Just(Place::End),
            Just(Place::Start),
            one_of(&["b", "c", "d"]).prop_map(Place::After),
        ],
    ) {
        let file = top + &sections.join("\n");
        let file = if is_crlf { file.replace('\n', "\r\n") } else { file };
        let (before, after) = there_and_back(file.into_bytes(), section, changes, &place)?;
        prop_assert_eq!(after, before);
    }

    #[test]
    fn a_section_is_removed_exactly_when_nothing_else_is_in_it(
        file in any_file(), section in one_of(&["default", "dev", "profile dev", "k"]),
    ) {
        let before = Document::parse(file);
        prop_assume!(before.dialect() == Dialect::Sdk);
        let changes = before.keys(&section).map(|key| (key.into_owned(), None)).collect();
        let edit = Edit { section, changes };
        let after = match before.edited(std::slice::from_ref(&edit), &Place::End, |_| false) {
            Ok(after) => after,
            Err(EditError::Dialect) => return Ok(()),
            Err(_) => {
                prop_assert!(has_disputed_line(&before));
                return Ok(());
            }
        };
        prop_assert_eq!(after.keys(&edit.section).count(), 0);
        if after.contains(&edit.section) {
            let other = text_lines(&after).any(|line| match line::role(line.text) {
                Role::Comment | Role::Stray | Role::Indented => true,
                Role::Header(_) => !line::is_bare(line.text),
                _ => false,
            });
            // Ordinary readers would join the line above with the next one.
            let lines: Vec<_> = text_lines(&after).map(|line| line.text).collect();
            let is_joined = lines.windows(2).any(|pair| {
                let is_ours = matches!(line::role(pair[1]), Role::Header(Some(inside)) if line::canonical(inside) == edit.section);
                is_ours && pair[0].ends_with(b"\\")
            });
            // Some readers count the lines below an unclosed header as part of the section above it.
            let is_before_open = text_lines(&after).any(|line| {
                matches!(line::role(line.text), Role::Header(_)) && !line::is_closed_to_all(line.text)
            });
            prop_assert!(other || is_joined || is_before_open || edit.changes.is_empty());
        }
        let (left, _) = lines_kept(&before, &edit);
        let comments = |lines: Vec<&[u8]>| -> Vec<Vec<u8>> {
            lines.into_iter()
                .filter_map(|line| line::lines(line, 0, line.len()).next())
                .filter(|line| matches!(line::role(line.text), Role::Comment | Role::Stray))
                .map(|line| line.text.to_vec())
                .collect()
        };
        let found = text_lines(&after).map(|line| line.text).collect();
        prop_assert_eq!(comments(found), comments(left.iter().map(Vec::as_slice).collect()));
    }

    #[test]
    fn a_value_that_can_be_read_can_be_written_where_readers_agree(file in good_file()) {
        let document = Document::parse(file);
        for (section, key, value) in contents(&document) {
            // Refused: control characters, white space that some readers trim, and text that `key = `
            // would turn into a comment.
            let is_trimmed = |line: &str| line.trim_matches(is_space_to_some) == line;
            if value.starts_with(['#', ';']) || !value.replace('\r', "").split('\n').all(is_trimmed) {
                continue;
            }
            let value = value.replace('\r', "");
            let edit = Edit { section, changes: vec![("new".into(), Some(value.clone()))] };
            let edited = document.edited(std::slice::from_ref(&edit), &Place::End, |_| false);
            if has_disputed_line(&document) {
                continue;
            }
            // Below a value, a line that the AWS CLI takes for a comment is one for us too.
            let (first, below) = value.split_once('\n').unwrap_or((&value, ""));
            if !first.is_empty() && below.split('\n').any(|line| line.starts_with(['#', ';'])) {
                prop_assert!(edited.is_err());
                continue;
            }
            let Ok(edited) = edited else {
                return Err(TestCaseError::fail(format!("{key} = {value:?}")));
            };
            let read = edited.get(&edit.section, "new");
            prop_assert_eq!(read.as_deref(), Some(&*value));
        }
    }

    #[test]
    fn the_sdk_reads_what_the_document_reads(file in good_file(), is_config in any::<bool>()) {
        let kind = if is_config { FileKind::Config } else { FileKind::Credentials };
        let Some(sdk) = sdk(kind, &file) else {
            return Err(TestCaseError::fail("the SDK refuses the file"));
        };
        let document = Document::parse(file);
        prop_assert_eq!(faults(document.as_bytes()), 0);
        agree(kind, &sdk, &document)?;
    }

    #[test]
    fn the_sdk_reads_an_edited_file_with_our_values_and_the_rest_as_before(
        file in good_file(),
        is_config in any::<bool>(),
        name in one_of(&["dev", "dev-mfa", "prod"]),
        changes in changes(one_of(&PLAIN)),
        place in place(),
    ) {
        let (kind, section) = if is_config {
            (FileKind::Config, format!("profile {name}"))
        } else {
            (FileKind::Credentials, name.clone())
        };
        let edit = Edit { section, changes };
        let before = sdk(kind, &file).expect("a good file");
        let document = Document::parse(file);
        let Ok(edited) = document.edited(std::slice::from_ref(&edit), &place, |_| false) else {
            prop_assert!(has_disputed_line(&document));
            return Ok(());
        };
        let text = std::str::from_utf8(edited.as_bytes()).expect("text stays text");
        let Some(after) = sdk(kind, text) else {
            return Err(TestCaseError::fail(format!("the SDK refuses\n{text}")));
        };
        agree(kind, &after, &edited)?;
        let changes = effective(&edit);
        for (key, value) in &changes {
            let read = after.get_profile(&name).and_then(|profile| profile.get(key));
            prop_assert_eq!(read, value.as_deref());
        }
        for profile in before.profiles() {
            for key in KEYS.into_iter().chain(["new"]) {
                if profile != name || !changes.contains_key(key) {
                    let read = |sections: &EnvConfigSections| {
                        sections.get_profile(profile).and_then(|it| it.get(key)).map(str::to_owned)
                    };
                    prop_assert_eq!(read(&after), read(&before));
                }
            }
        }
        prop_assert_eq!(after.other_sections(), before.other_sections());
    }

    #[test]
    fn a_file_that_only_botocore_reads_is_read_as_botocore_does(file in indented_file()) {
        let document = Document::parse(file.clone());
        let reading = Reading::of(&file);
        if document.dialect() != Dialect::Botocore {
            prop_assert!(faults(file.as_bytes()) == 0 || !reading.faults.is_empty());
            return Ok(());
        }
        let mut expected: Vec<_> = reading
            .options
            .iter()
            .map(|option| {
                let section = &file[reading.sections[option.section].name.clone()];
                let lines: Vec<_> = reading.value(&file, option).collect();
                let (first, below) = lines.split_first().expect("a value has a first line");
                let below = below.iter().filter(|line| !line.is_empty());
                let value = below.fold((*first).to_owned(), |value, line| value + "\n" + line);
                (section.to_owned(), reading.name(&file, option).into_owned(), value)
            })
            .collect();
        expected.sort();
        prop_assert_eq!(contents(&document), expected);
    }

    #[test]
    fn an_edit_of_a_file_that_only_botocore_reads_touches_only_the_lines_of_its_keys(
        file in indented_file(), section in one_of(&["a", "b", "new"]), changes in changes(one_of(&PLAIN)),
    ) {
        let before = Document::parse(file.clone());
        prop_assume!(before.dialect() == Dialect::Botocore);
        let edit = Edit { section, changes };
        let Ok(after) = before.edited(std::slice::from_ref(&edit), &Place::Start, |_| true) else {
            return Ok(());
        };
        let text = std::str::from_utf8(after.as_bytes()).expect("text stays text");
        let changes = effective(&edit);
        for (key, value) in &changes {
            let read = after.get(&edit.section, key);
            prop_assert_eq!(read.as_deref(), value.as_deref());
        }
        let header = format!("[{}]", edit.section);
        let is_new = |line: &str| !before.contains(&edit.section) && line == header;
        let lines = |text: &str, document: &Document| -> Vec<String> {
            let ours: Vec<_> = document
                .properties_of(&edit.section)
                .filter(|property| changes.contains_key(&*document.key(property)))
                .map(|property| property.start..property.end)
                .collect();
            line::lines(text.as_bytes(), 0, text.len())
                .filter(|line| !ours.iter().any(|range| range.contains(&line.start)))
                .map(|line| String::from_utf8_lossy(line.text).trim_end().to_owned())
                .filter(|line| !line.is_empty() && !is_new(line) && !line.trim().starts_with('#'))
                .collect()
        };
        prop_assert_eq!(lines(text, &after), lines(&file, &before));
        let comments = |text: &str| text.lines().filter(|line| line.trim().starts_with('#')).count();
        let behind = rewritten(&before, &edit).into_iter();
        let behind = behind.filter(|property| before.pair(property).comment().is_some());
        prop_assert_eq!(comments(text), comments(&file) + behind.count());

        let again = after.edited(std::slice::from_ref(&edit), &Place::End, |_| true).expect("was written before");
        prop_assert_eq!(again.as_bytes(), after.as_bytes());
    }

    #[test]
    fn a_section_added_to_a_file_that_only_botocore_reads_can_be_removed_without_a_trace(
        file in indented_file(), section in new_section(), changes in changes(one_of(&PLAIN)),
    ) {
        prop_assume!(Document::parse(&*file).dialect() == Dialect::Botocore);
        let (before, after) = there_and_back(file.into_bytes(), section, changes, &Place::End)?;
        prop_assert_eq!(after, before);
    }

    #[test]
    fn the_sdk_refuses_a_file_exactly_when_we_find_a_fault_in_it(file in odd_file()) {
        if let Ok(text) = String::from_utf8(file) {
            let refused = sdk(FileKind::Config, &text).is_none();
            prop_assert_eq!(refused, faults(text.as_bytes()) > 0);
        }
    }
}
