//! Says that the files don't contain the named profile, and which one was probably meant. It chooses
//! none.

use super::key_profile::setup_command;
use super::{Profile, Profiles, header, setting};
use crate::exit::Failure;
use crate::text::escape;
use crate::value::ProfileName;
use crate::value::name::SUFFIX;
use std::collections::HashSet;
use strsim::osa_distance;

/// The most names that are worth listing.
pub(super) const SHORT: usize = 8;
/// The most guesses to show.
const GUESSES: usize = 3;

/// The failure that the files don't contain `profile`.
pub(crate) fn unknown(profiles: Profiles<'_>, profile: &ProfileName) -> Failure {
    let failure = Failure::failed(message(profile));
    if let Some(header) = header::wrong(profiles, profile) {
        return failure.hint(header.to_string());
    }
    // In a large file this quickly rules out most profiles.
    let marks = [setting::SOURCE, setting::COPIED];
    let sessions = profiles.names_with(&marks, |name| name.ends_with(SUFFIX));
    let is_session = |name: &ProfileName| Profile::read(profiles, name).is_session_profile();
    let sessions: HashSet<ProfileName> = sessions.into_iter().filter(is_session).collect();
    let names = profiles.names();
    let is_source = |name: &&ProfileName| !sessions.contains(name);
    let sources: Vec<&ProfileName> = names.iter().filter(is_source).collect();
    let found = match sources.len() {
        many if many > SHORT => format!(" ({many} profiles found)"),
        _ => String::new(),
    };
    let close = close(profile.as_str(), &sources);
    let guesses = close.iter().map(|name| escape(name.as_str()));
    let guesses: Vec<String> = guesses.collect();
    failure.hint(match (sources.len(), guesses.split_last()) {
        (0, _) => format!("add one with `{}`", setup_command(profile)),
        (_, Some((last, []))) => format!("did you mean {last}?{found}"),
        (_, Some((last, others))) => {
            format!("did you mean {} or {last}?{found}", others.join(", "))
        }
        (1..=SHORT, None) => choose_one(sources),
        // Nobody misspells the profile that is used if none is named.
        (many, None) if profile.is_default() => choose_one_of(many),
        (many, None) => format!("{many} profiles found; none has a similar name"),
    })
}

/// The hint to name one of a few profiles.
pub(super) fn choose_one<'a>(names: impl IntoIterator<Item = &'a ProfileName>) -> String {
    let names = names.into_iter().map(|name| escape(name.as_str()));
    let names: Vec<String> = names.collect();
    format!("choose one with --profile: {}", names.join(", "))
}

/// The hint to name one of many profiles.
pub(super) fn choose_one_of(many: usize) -> String {
    format!("choose one of {many} with --profile; `awsmfa status --all` lists them")
}

/// Says that the files don't contain `profile`, without guessing at another.
pub(crate) fn message(profile: &ProfileName) -> String {
    format!(
        "there is no profile {} in the AWS files",
        escape(profile.as_str())
    )
}

/// Those of `names` that `typed` may mean, the closest one first.
fn close<'a>(typed: &str, names: &[&'a ProfileName]) -> Vec<&'a ProfileName> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    let mut near: Vec<(usize, &ProfileName)> = names
        .iter()
        .filter_map(|name| {
            let known = name.as_str().to_lowercase();
            let mistakes = osa_distance(&typed, &known);
            let shorter = length.min(known.chars().count());
            let is_near = mistakes <= 1 + shorter / 6 && mistakes * 2 <= shorter;
            // People remember part of a long name.
            let is_part = shorter >= 3 && (known.contains(&typed) || typed.contains(&known));
            (is_near || is_part).then_some((mistakes, *name))
        })
        .collect();
    near.sort_by_key(|(mistakes, _)| *mistakes);
    near.truncate(GUESSES);
    near.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{name, profiles};
    use super::*;

    fn hint(sections: &[&str], typed: &str) -> String {
        let credentials: String = sections.iter().map(|it| format!("[{it}]\n")).collect();
        let failure = unknown(profiles("", &credentials), &name(typed));
        failure.hint.expect("a hint")
    }

    #[test]
    fn the_likely_name_is_suggested_and_all_are_listed_only_if_they_are_few() {
        for (sections, typed, told) in [
            (&["dev", "prod"][..], "dve", "did you mean dev?"),
            (&["dev", "prod"], "Dev", "did you mean dev?"),
            (
                &["dev", "prod"],
                "porduction",
                "choose one with --profile: dev, prod",
            ),
            (
                &["team-a-production", "team-b"],
                "production",
                "did you mean team-a-production?",
            ),
            (
                &["dev1", "dev2", "prod"],
                "dev",
                "did you mean dev1 or dev2?",
            ),
            (
                &["prod-eu", "prod-us", "prod-ap", "prod-sa"],
                "prod",
                "did you mean prod-eu, prod-us or prod-ap?",
            ),
            (&["dev"], "nosuch", "choose one with --profile: dev"),
            // One mistake in a short name, if anything of it is right; two in a longer one.
            (&["qa", "prod"], "qb", "did you mean qa?"),
            (&["a"], "b", "choose one with --profile: a"),
            (&["stage1"], "stgae2", "did you mean stage1?"),
            (&["elephant"], "elephabc", "did you mean elephant?"),
            (
                &["elephant"],
                "elepxyzw",
                "choose one with --profile: elephant",
            ),
            (&[], "dev", "add one with `awsmfa setup dev`"),
        ] {
            assert_eq!(hint(sections, typed), told, "{typed}");
        }
        let many: Vec<String> = (0..120)
            .map(|it| format!("team-{it:03}-production"))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let told = hint(&many, "team-001-prodction");
        assert!(
            told.starts_with("did you mean team-001-production"),
            "{told}"
        );
        assert!(told.ends_with("? (120 profiles found)"), "{told}");
        assert_eq!(
            hint(&many, "x"),
            "120 profiles found; none has a similar name"
        );
        assert_eq!(
            hint(&many, "default"),
            "choose one of 120 with --profile; `awsmfa status --all` lists them"
        );
        // As many as are listed are not counted.
        assert_eq!(
            hint(&many[..SHORT - 1], "x").matches("team-").count(),
            SHORT - 1
        );
        let told = hint(&many[..SHORT], "team-001-prodction");
        assert!(told.ends_with('?'), "{told}");
        // A session profile is not suggested, only its source.
        let files = profiles("", "[dev]\n[dev-mfa]\nawsmfa_source_profile = dev\n");
        let failure = unknown(files, &name("dev-mf"));
        assert_eq!(failure.hint.as_deref(), Some("did you mean dev?"));
    }
}
