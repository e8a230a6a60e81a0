//! Finds a place where an edit reads as it must, by what independent readers read in the old and the
//! new text. It touches no file.

use super::cli::{Read, satisfies_cli};
use super::expected::{Changes, reads_same};
use super::ini::reads_ini;
use super::lines::stray_line;
use super::readers::{Fault, Readings, in_parallel, read_as_rust_ini, read_as_sdk, text};
use super::sdk::satisfies_sdk;
use super::subject::Subject;
use crate::exit::{Failure, Result};
use crate::ini::{Dialect, Document, Edit, EditError, Place, botocore};

/// Sections tried as the place of a new one, from the end, before giving up on rust-ini.
const PLACES: usize = 6;

/// An edited document that has been proven, and how the readers read it.
pub(in crate::store) struct Proven {
    pub(in crate::store) document: Document,
    pub(in crate::store) readings: Readings,
    /// What ordinary INI readers, or the SDKs, will not see as it is.
    pub(in crate::store) warnings: Vec<String>,
}

/// What those say of an edit that can't refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// Ordinary INI readers read it as they must, or have no say.
    Satisfied,
    /// They don't.
    NotOrdinaryReaders,
    /// Nor does the AWS CLI find what is set, as a warning says.
    NotTheCli,
}

/// Applies `edits` to `old` so that the readers are satisfied, or fails and names the line.
pub(in crate::store) fn prove(
    subject: Subject,
    old: &Document,
    readings: &Readings,
    edits: &[Edit],
) -> Result<Proven> {
    let proven = attempt(subject, old, readings, edits)?;
    if readings.sdk.is_err() {
        // Of such a file less can be proven when something goes than when it comes: what is set in it
        // must be removable.
        let back: Vec<Edit> = edits.iter().map(Edit::undone).collect();
        attempt(subject, &proven.document, &proven.readings, &back)?;
    }
    Ok(proven)
}

/// The same, without a look at how to take it back.
fn attempt(
    subject: Subject,
    old: &Document,
    readings: &Readings,
    edits: &[Edit],
) -> Result<Proven> {
    if let (Dialect::Sdk, Err(fault), Err(_)) = (old.dialect(), readings.sdk, readings.ini) {
        return Err(subject.cannot_be_read(fault.line, &fault.reason));
    }
    let changes = Changes::of(edits);
    let mut second = None;
    let mut first_failure = None;
    for place in places(old, edits) {
        let new = edited(subject, old, edits, &place)?;
        match inspect(subject, (old, readings), new, &changes) {
            Ok((proven, Others::Satisfied)) => return Ok(proven),
            Ok(found) => second = second.or(Some(found)),
            Err(error) => first_failure = first_failure.or(Some(error)),
        }
    }
    let (mut proven, others) = match (second, first_failure) {
        (Some(found), _) => found,
        (None, Some(error)) => return Err(error),
        (None, None) => return Err(Failure::failed("there is nowhere to write to")),
    };
    let file = subject.path.display();
    let is_set = |edit: &&Edit| edit.changes.iter().any(|(_, value)| value.is_some());
    let names: Vec<&str> = edits
        .iter()
        .filter(is_set)
        .map(|edit| edit.section.as_str())
        .collect();
    if others == Others::NotTheCli || !proven.readings.botocore.faults.is_empty() {
        // What the AWS CLI finds says more than what ordinary readers find.
    } else if !names.is_empty() {
        let names = names.join("], [");
        proven.warnings.push(format!(
            "programs that read {file} as an ordinary INI file may not find [{names}] in it; the AWS tools do",
        ));
    } else if readings.ini.is_ok() {
        proven.warnings.push(format!(
            "programs that read {file} as an ordinary INI file may find other things changed in it; the AWS tools do not",
        ));
    }
    Ok(proven)
}

/// Where a new section may go. Only one choice when every section is there already.
fn places(old: &Document, edits: &[Edit]) -> Vec<Place> {
    let mut places = vec![Place::End];
    // Elsewhere an indented header behind a new section would be a part of its last value.
    if old.dialect() == Dialect::Sdk && edits.iter().any(|edit| !old.contains(&edit.section)) {
        let sections: Vec<&str> = old.sections().collect();
        let last = sections.iter().rev().skip(1).take(PLACES);
        places.extend(last.map(|section| Place::After((*section).to_owned())));
        places.push(Place::Start);
    }
    places
}

fn edited(subject: Subject, old: &Document, edits: &[Edit], place: &Place) -> Result<Document> {
    let header_counts = |section: &str| (subject.header_counts)(old, section);
    old.edited(edits, place, header_counts).map_err(|error| {
        let failure = Failure::failed(format!("can't edit {}: {error}", subject.path.display()));
        match error {
            EditError::Divided(_) => failure.hint("replace it with a line break, or remove it"),
            EditError::Header(_) => failure.hint("put it on a line of its own, or remove it"),
            EditError::Dialect | EditError::Misread => {
                failure.hint("remove the white space at the start of its lines, then try again")
            }
            _ => failure,
        }
    })
}

/// Proves that `new` is `old` with `changes`. rust-ini stands for ordinary readers.
fn inspect(
    subject: Subject,
    (old, readings): (&Document, &Readings),
    new: Document,
    changes: &Changes,
) -> Result<(Proven, Others)> {
    let old_text =
        text(old.as_bytes()).map_err(|line| subject.cannot_be_read(line, "it is not UTF-8"))?;
    let text = text(new.as_bytes())
        .map_err(|line| subject.cannot_be_read(line, "it would not be UTF-8"))?;
    let by_sdk = || {
        let after = read_as_sdk(subject.kind, text);
        let satisfied = readings
            .sdk
            .as_ref()
            .map(|before| satisfies_sdk(subject, (old, before), (&new, text), &after, changes));
        (after, satisfied)
    };
    let by_ini = || {
        let after = read_as_rust_ini(text);
        let satisfied = match (readings.ini, &after) {
            (Ok(before), Ok(after)) => reads_ini(before, after, changes),
            _ => false,
        };
        (after, satisfied)
    };
    let by_cli = || {
        let after = botocore::Reading::of(text);
        let read = |text, reading| Read { text, reading };
        let (old, new) = (read(old_text, readings.botocore), read(text, &after));
        let satisfied = satisfies_cli(subject, old, new, changes);
        (after, satisfied)
    };
    let (((sdk, satisfied), (botocore, by_cli)), ini) =
        in_parallel(text, || (by_sdk(), by_cli()), by_ini);
    let (ini, ordinary) = ini.unwrap_or_else(|| (Err(Fault::panicked()), false));
    let mut warnings = Vec::new();
    if old.dialect() == Dialect::Botocore {
        warnings.extend(by_cli?);
        let read = |text, reading| Read { text, reading };
        let (was, now) = (read(old_text, readings.botocore), read(text, &botocore));
        let stray = stray_line(was, now, changes);
        if stray.is_some() || !reads_same(old, &new, changes) {
            let line = stray.map(|line| format!(" line {line} of"));
            return Err(Failure::failed(format!(
                "{} was left unchanged: the AWS CLI would misread{} the edited file",
                subject.path.display(),
                line.unwrap_or_default()
            ))
            .hint("remove the white space at the start of its lines, then try again"));
        }
        let proven = Proven {
            document: new,
            readings: Readings::keep(sdk, ini, botocore),
            warnings,
        };
        // No ordinary reader has a say where the file is not written for it.
        return Ok((proven, Others::Satisfied));
    }
    match satisfied {
        Ok(ignored) => {
            let ignored = ignored?;
            warnings.extend(ignored.into_iter().map(|section| {
                format!(
                    "the AWS SDKs ignore [{section}] in {}: they don't know a section of that name",
                    subject.path.display()
                )
            }));
        }
        Err(fault) => {
            let refused = || {
                Failure::failed(format!(
                    "{} was left unchanged: the edit could not be checked, because the AWS SDKs can't read line {}",
                    subject.path.display(),
                    fault.line
                ))
                .hint("fix or remove that line")
            };
            // Then one of the others has to do.
            let is_read = ordinary || readings.botocore.faults.is_empty() && by_cli.is_ok();
            if !is_read || !reads_same(old, &new, changes) {
                return Err(refused());
            }
            let fault = sdk.as_ref().err().unwrap_or(fault);
            warnings.push(format!(
                "the AWS SDKs can't read {} because of line {}: {}",
                subject.path.display(),
                fault.line,
                fault.reason
            ));
        }
    }
    let not_found = by_cli?;
    let others = match (ordinary, not_found.is_empty()) {
        (true, _) => Others::Satisfied,
        (false, true) => Others::NotOrdinaryReaders,
        (false, false) => Others::NotTheCli,
    };
    warnings.extend(not_found);
    let proven = Proven {
        document: new,
        readings: Readings::keep(sdk, ini, botocore),
        warnings,
    };
    Ok((proven, others))
}

#[cfg(test)]
mod tests {
    use super::super::readers::sdk_sections;
    use super::*;
    use crate::ini::FileKind;
    use crate::store::tests::{TWO, edit};
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_runtime::env_config::section::EnvConfigSections;
    use std::path::Path;

    fn subject(kind: FileKind) -> Subject<'static> {
        Subject {
            kind,
            path: Path::new("the-file"),
            header_counts: |_, _| false,
        }
    }

    fn read(kind: FileKind, text: &str) -> (Document, Readings) {
        (Document::parse(text), Readings::of(kind, text))
    }

    fn sdk_of_both(config: &str, credentials: &str) -> EnvConfigSections {
        let files = EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, config)
            .with_contents(EnvConfigFileKind::Credentials, credentials);
        sdk_sections(&files.build()).expect("read")
    }

    fn token() -> Vec<Edit> {
        vec![edit("dev-mfa", &[("aws_session_token", Some("t"))])]
    }

    /// Whether `new` passes for `old` with [`token`] set, and what was said if not.
    fn judged(kind: FileKind, old: &str, new: &str) -> std::result::Result<bool, String> {
        let (old, readings) = read(kind, old);
        inspect(
            subject(kind),
            (&old, &readings),
            Document::parse(new),
            &Changes::of(&token()),
        )
        .map(|(_, others)| others == Others::Satisfied)
        .map_err(|error| error.to_string())
    }

    fn proved(kind: FileKind, text: &str, edits: &[Edit]) -> Result<Proven> {
        let (old, readings) = read(kind, text);
        prove(subject(kind), &old, &readings, edits)
    }

    #[test]
    fn a_right_edit_passes_both_readers() {
        let new = format!("{TWO}[dev-mfa]\naws_session_token = t\n");
        assert_eq!(judged(FileKind::Credentials, TWO, &new), Ok(true));
    }

    #[test]
    fn every_wrong_edit_is_refused_with_its_line() {
        let ours = "[dev-mfa]\naws_session_token = t\n";
        for (wrong, line) in [
            // Ours is missing, or has another value, or is not what was asked for.
            (TWO.to_owned(), 8),
            (format!("{TWO}[dev-mfa]\naws_session_token = u\n"), 9),
            (
                format!("{TWO}[dev-mfa]\naws_session_token = t\nmore = x\n"),
                9,
            ),
            (
                format!("{TWO}[dev-mfa]\naws_session_token = t # x\nmore = x\n"),
                9,
            ),
            // Another profile has changed, gone, come or been renamed.
            (format!("{}{ours}", TWO.replace("s2", "s3")), 6),
            (
                format!("{}{ours}", TWO.replace("aws_secret_access_key=s2\n", "")),
                6,
            ),
            (
                format!("{}{ours}", &TWO[..TWO.find("[dev]").expect("there")]),
                7,
            ),
            (format!("{TWO}[new]\na = b\n{ours}"), 9),
            // It does not parse any more.
            (format!("{TWO}{ours}stray\n"), 11),
            (format!("{TWO}[dev-mfa\naws_session_token = t\n"), 9),
        ] {
            let said = judged(FileKind::Credentials, TWO, &wrong).expect_err(&wrong);
            assert!(said.starts_with("the-file was left unchanged"), "{said}");
            assert!(said.contains(&format!(" line {line} ")), "{said}\n{wrong}");
        }
    }

    #[test]
    fn a_changed_sso_session_or_service_is_refused() {
        let old = "\
[profile a]
x = y
[sso-session s]
sso_region = r
[services v]
sts =
  endpoint_url = u
";
        let edits = [edit("profile dev-mfa", &[("region", Some("r"))])];
        let ours = "[profile dev-mfa]\nregion = r\n";
        let (before, readings) = read(FileKind::Config, old);
        let judge = |new: String| {
            inspect(
                subject(FileKind::Config),
                (&before, &readings),
                Document::parse(new),
                &Changes::of(&edits),
            )
            .is_ok()
        };
        assert!(judge(format!("{old}{ours}")));
        assert!(!judge(format!("{}{ours}", old.replace("= r", "= q"))));
        assert!(!judge(format!("{}{ours}", old.replace("= u", "= w"))));
        assert!(!judge(format!(
            "{}{ours}",
            old.replace("session s", "session t")
        )));
    }

    #[test]
    fn a_file_that_the_sdk_can_not_read_is_proven_by_rust_ini_and_ourselves() {
        // Neither does botocore, for which no section stands twice.
        let old = format!("{TWO}[odd]\nkey : value\n[odd]\n");
        let right = format!("{old}[dev-mfa]\naws_session_token = t\n");
        assert_eq!(judged(FileKind::Credentials, &old, &right), Ok(true));
        for wrong in [
            right.replace("s2", "s3"),
            right.replace("= t", "= u"),
            right.replace("[odd]\nkey : value\n", ""),
            // What rust-ini reads as before, and we don't.
            right.replace("\n[odd]\nkey", "\n[odd]\n# new\n  key"),
        ] {
            let said = judged(FileKind::Credentials, &old, &wrong).expect_err(&wrong);
            assert!(said.contains("line 1"), "{said}");
        }
        // What rust-ini can't read either nobody but ourselves can prove.
        let old = old.replace("[odd]\nkey", "[odd] ; c\nkey");
        let right = right.replace("[odd]\nkey", "[odd] ; c\nkey");
        let said = judged(FileKind::Credentials, &old, &right).expect_err(&right);
        assert!(said.contains("could not be checked"), "{said}");
    }

    #[test]
    fn a_file_that_only_botocore_reads_is_proven_by_its_rules_and_line_by_line() {
        let old = TWO.replace("\naws_", "\n  aws_");
        let right = format!("{old}[dev-mfa]\naws_session_token = t\n");
        assert_ne!(old, TWO);
        assert_eq!(judged(FileKind::Credentials, &old, &right), Ok(true));
        for wrong in [
            old.clone(),
            right.replace("s2", "s3"),
            right.replace("= t", "= u"),
            right.replace("= t", "= t # x"),
            right.replace("  aws_", "aws_"),
            right.replace("[dev]", "[dev] "),
            right.replace("[dev]\n", "[dev]\n# new\n"),
            right.replace(
                "\naws_session_token",
                "\n aws_session_token = t\naws_session_token",
            ),
            format!("{right}more = x\n"),
        ] {
            let said = judged(FileKind::Credentials, &old, &wrong).expect_err(&wrong);
            assert!(said.starts_with("the-file was left unchanged"), "{said}");
        }
    }

    #[test]
    fn a_new_section_goes_where_ordinary_readers_find_it_too() {
        // rust-ini reads a backslash as joining lines: what is put behind it is not read as it is.
        let old = "[a]\nx = y\n[b]\nx = y\\";
        let proven = proved(FileKind::Credentials, old, &token()).expect("proven");
        assert_eq!(proven.warnings, Vec::<String>::new());
        assert!(!proven.document.as_bytes().starts_with(old.as_bytes()));
        let ini = proven.readings.ini.as_ref().expect("read");
        assert_eq!(
            ini.get_from(Some("dev-mfa"), "aws_session_token"),
            Some("t")
        );
        let sdk = proven.readings.sdk.as_ref().expect("read");
        assert_eq!(sdk.profiles().count(), 3);
    }

    #[test]
    fn where_no_place_suits_ordinary_readers_the_edit_goes_on_with_a_warning() {
        let old = "[a] ; rust-ini gives up here\nx = y\n";
        let proven = proved(FileKind::Credentials, old, &token()).expect("proven");
        let said = proven.warnings.join("\n");
        assert!(
            said.contains("ordinary INI file may not find [dev-mfa]"),
            "{said}"
        );
        assert_eq!(
            proven
                .document
                .get("dev-mfa", "aws_session_token")
                .as_deref(),
            Some("t")
        );
    }

    #[test]
    fn what_the_aws_cli_finds_says_more_than_what_ordinary_readers_find() {
        let set = [edit("a", &[("aws_session_token", Some("t"))])];
        for (old, edits) in [
            // The AWS CLI does not find the section, or reads nothing of the file.
            ("[a] ; [b]\nl = 1\n", &set[..]),
            ("[b] ; c\nl = 1\nl = 2\n", &token()),
        ] {
            let proven = proved(FileKind::Credentials, old, edits).expect("proven");
            let said = proven.warnings.join("\n");
            assert!(!said.contains("ordinary INI file"), "{old}: {said}");
        }
    }

    #[test]
    fn there_is_only_one_place_where_no_section_is_new_or_only_botocore_reads_the_file() {
        let places = |text: &str, section| {
            let edits = [edit(section, &[("k", Some("v"))])];
            places(&Document::parse(text), &edits)
        };
        let text = "[a]\nk = 1\n[b]\nk = 1\n";
        assert_eq!(places(text, "a"), [Place::End]);
        assert_eq!(places(&text.replace("k", "  k"), "new"), [Place::End]);
        let all = [Place::End, Place::After("a".into()), Place::Start];
        assert_eq!(places(text, "new"), all);
    }

    #[test]
    fn what_to_do_about_a_line_that_is_in_the_way_is_told() {
        let space = "remove the white space at the start of its lines, then try again";
        for (text, section, key, hint) in [
            (
                "[a]\nk = x\ry\n",
                "a",
                "k",
                Some("replace it with a line break, or remove it"),
            ),
            (
                "[b]\n     k = 1\n\u{a0}[a]\n k = 1\n",
                "a",
                "k",
                Some("put it on a line of its own, or remove it"),
            ),
            (
                "[a]\nk : 1 # c\n[b]\nk = 1\n[c]\nl = 1\nl = 2\n",
                "c",
                "l",
                Some(space),
            ),
            ("[b]\n\u{a0} [c]\n", "b", "l", Some(space)),
            ("[a]\nk = 1\n", "a", "k k", None),
        ] {
            let value = (section != "c").then_some("v");
            let edits = [edit(section, &[(key, value)])];
            let document = Document::parse(text);
            let subject = subject(FileKind::Credentials);
            let failure = edited(subject, &document, &edits, &Place::End).expect_err(text);
            assert_eq!(failure.hint.as_deref(), hint, "{failure}");
        }
    }

    #[test]
    fn headers_that_the_sdk_merges_in_no_certain_order_are_no_hindrance() {
        let old = "[a]\nx = 1\n[ a ]\nx = 2\n";
        for _ in 0..32 {
            proved(FileKind::Credentials, old, &token()).expect("proven");
        }
    }

    #[test]
    fn a_name_that_the_sdks_ignore_is_written_with_a_warning() {
        let edits = [edit("my dev-mfa", &[("aws_session_token", Some("t"))])];
        let proven = proved(FileKind::Credentials, TWO, &edits).expect("proven");
        assert!(
            proven
                .warnings
                .join("\n")
                .contains("the AWS SDKs ignore [my dev-mfa]")
        );
        // To them these quotes are a part of the name.
        let old = "[profile \"a\"]\nregion = r\n";
        let edits = [edit("profile a", &[("region", Some("q"))])];
        let proven = proved(FileKind::Config, old, &edits).expect("proven");
        let said = proven.warnings.join("\n");
        assert!(said.contains("the AWS SDKs ignore [profile a]"), "{said}");
    }

    #[test]
    fn values_are_removed_and_nested_ones_set() {
        let old = "[profile a]\nregion = r\n[profile dev-mfa]\nregion = q\noutput = json\n";
        let edits = [edit(
            "profile dev-mfa",
            &[
                ("region", None),
                ("s3", Some("\nmax_concurrent_requests = 20")),
            ],
        )];
        let proven = proved(FileKind::Config, old, &edits).expect("proven");
        let sdk = proven.readings.sdk.as_ref().expect("read");
        let profile = sdk.get_profile("dev-mfa").expect("there");
        assert_eq!(profile.get("region"), None);
        assert_eq!(profile.get("s3"), Some("\nmax_concurrent_requests = 20"));
        assert_eq!(profile.get("output"), Some("json"));
    }

    /// Both readers' verdict on `new` for `old` without the token and the note of `dev-mfa`.
    fn judged_removal(old: &str, new: &str) -> std::result::Result<bool, String> {
        let edits = [edit(
            "dev-mfa",
            &[("aws_session_token", None), ("note", None)],
        )];
        let (old, readings) = read(FileKind::Credentials, old);
        let subject = subject(FileKind::Credentials);
        inspect(
            subject,
            (&old, &readings),
            Document::parse(new),
            &Changes::of(&edits),
        )
        .map(|(_, others)| others == Others::Satisfied)
        .map_err(|error| error.to_string())
    }

    #[test]
    fn a_profile_whose_keys_are_all_removed_may_be_gone_or_empty_and_no_other_may() {
        let empty = format!("{TWO}[dev-mfa]\n");
        let old = format!("{empty}aws_session_token = t\nnote = n\n");
        assert_eq!(judged_removal(&old, TWO), Ok(true));
        assert_eq!(judged_removal(&old, &empty), Ok(true));
        for wrong in [
            TWO[..TWO.find("[dev]").expect("there")].to_owned(),
            TWO.replace("[dev]\n", ""),
            TWO.replace("s2", "s3"),
            format!("{TWO}[other]\n"),
            format!("{empty}note = n\n"),
            old.clone(),
        ] {
            let said = judged_removal(&old, &wrong).expect_err(&wrong);
            assert!(said.starts_with("the-file was left unchanged"), "{said}");
        }
    }

    #[test]
    fn a_profile_with_a_key_left_or_one_that_was_empty_before_may_not_be_gone() {
        for more in ["region = r\n", "odd key = 1\n"] {
            let left = format!("{TWO}[dev-mfa]\n{more}");
            let old = format!("{left}aws_session_token = t\n");
            assert_eq!(judged_removal(&old, &left), Ok(true));
            judged_removal(&old, TWO).expect_err(more);
        }
        let empty = format!("{TWO}[dev-mfa]\n");
        assert_eq!(judged_removal(&empty, &empty), Ok(true));
        judged_removal(&empty, TWO).expect_err("nothing was removed");
        judged_removal(TWO, &empty).expect_err("nothing was set");

        let old = format!("{empty}aws_session_token = t\n");
        let changes = [("aws_session_token", None), ("region", Some("r"))];
        let (document, readings) = read(FileKind::Credentials, &old);
        let judge = |new: &str| {
            let new = Document::parse(new);
            let edits = [edit("dev-mfa", &changes)];
            inspect(
                subject(FileKind::Credentials),
                (&document, &readings),
                new,
                &Changes::of(&edits),
            )
            .is_ok()
        };
        assert!(judge(&format!("{empty}region = r\n")));
        assert!(!judge(TWO), "a key was to be set in it");
    }

    #[test]
    fn the_same_holds_for_a_file_that_the_sdk_can_not_read() {
        let odd = format!("{TWO}[odd]\nkey : value\n");
        let empty = format!("{odd}[dev-mfa]\n");
        let old = format!("{empty}aws_session_token = t\n");
        assert_eq!(judged_removal(&old, &odd), Ok(true));
        assert_eq!(judged_removal(&old, &empty), Ok(true));
        judged_removal(&old, TWO).expect_err("[odd] is gone");
        judged_removal(&empty, &odd).expect_err("nothing was removed");
        judged_removal(&format!("{old}note : n\nx = y\n"), &odd).expect_err("x is gone");
    }

    #[test]
    fn of_a_profile_in_both_files_the_other_half_stays() {
        let config = "[profile dev-mfa]\nregion = r\n";
        let credentials = "[dev]\nk = v\n\n[dev-mfa]\naws_session_token = t\n";
        let edits = [edit("dev-mfa", &[("aws_session_token", None)])];
        let proven = proved(FileKind::Credentials, credentials, &edits).expect("proven");
        let after = std::str::from_utf8(proven.document.as_bytes()).expect("text");
        assert_eq!(after, "[dev]\nk = v\n");
        assert_eq!(proven.warnings, Vec::<String>::new());
        let merged = sdk_of_both(config, after);
        let profile = merged.get_profile("dev-mfa").expect("the config file's");
        assert_eq!(profile.get("region"), Some("r"));
        assert_eq!(profile.get("aws_session_token"), None);
        let merged = sdk_of_both("", after);
        assert_eq!(merged.profiles().collect::<Vec<_>>(), ["dev"]);
    }

    #[test]
    fn a_removal_is_no_reason_to_warn_of_what_ordinary_readers_never_found() {
        let old = "[a] ; rust-ini gives up here\nx = y\n\n[dev-mfa]\naws_session_token = t\n";
        let edits = [edit("dev-mfa", &[("aws_session_token", None)])];
        let proven = proved(FileKind::Credentials, old, &edits).expect("proven");
        assert_eq!(proven.warnings, Vec::<String>::new());
    }

    #[test]
    fn a_line_that_ordinary_readers_join_with_the_next_keeps_the_header_below_it() {
        let old = "[a]\nx = y\\\n[dev-mfa]\naws_session_token = t\n[b]\nx = y\n";
        let edits = [edit("dev-mfa", &[("aws_session_token", None)])];
        let proven = proved(FileKind::Credentials, old, &edits).expect("proven");
        let ini = proven.readings.ini.as_ref().expect("read");
        assert_eq!(ini.get_from(Some("b"), "x"), Some("y"));
    }
}
