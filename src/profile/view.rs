//! Reads both AWS files as one: a setting of a profile comes from either. It gives no setting a meaning.

use super::place::Place;
use super::setting;
use crate::ini::{Document, FileKind, Occurrence};
use crate::value::ProfileName;
use crate::value::expiry::WallClock;
use fnv::FnvHashSet;
use std::borrow::Cow;

/// Both files, read as one: a profile's keys come from either, the credentials file first, as in the AWS
/// SDKs and the AWS CLI.
#[derive(Clone, Copy)]
pub(crate) struct Profiles<'a> {
    config: &'a Document,
    credentials: &'a Document,
    wall_clock: WallClock,
}

impl<'a> Profiles<'a> {
    /// The merged view of the two files. `wall_clock` interprets times that a tool wrote in the
    /// computer's own zone.
    pub(crate) fn new(
        config: &'a Document,
        credentials: &'a Document,
        wall_clock: WallClock,
    ) -> Self {
        Self {
            config,
            credentials,
            wall_clock,
        }
    }

    /// How a date and time without a zone are read on this computer.
    pub(crate) fn wall_clock(self) -> WallClock {
        self.wall_clock
    }

    /// The value of `key` in `profile`; an empty value counts as none.
    pub(crate) fn get(self, profile: &ProfileName, key: &str) -> Option<String> {
        let (_, value) = self.stated(profile, key)?;
        Some(value).filter(|value| !value.is_empty())
    }

    /// The value of `key` of `profile`, empty or not, and the file that it is in.
    pub(crate) fn stated(self, profile: &ProfileName, key: &str) -> Option<(FileKind, String)> {
        let own = self.credentials.get(profile.as_str(), key);
        let own = own.map(|value| (FileKind::Credentials, value));
        let (file, value) = own.or_else(|| {
            let section = section_in(self.config, FileKind::Config, profile);
            let value = self.config.get(&section, key)?;
            Some((FileKind::Config, value))
        })?;
        Some((file, without_comments(value.into_owned())))
    }

    /// The line with the value of `key` in `profile`.
    pub(super) fn place(self, profile: &ProfileName, key: &str) -> Option<Place> {
        self.place_in(profile, key, |it| Some(it.line()))
    }

    /// The line below `key` of `profile` that continues its value.
    pub(super) fn place_below(self, profile: &ProfileName, key: &str) -> Option<Place> {
        self.place_in(profile, key, |it| it.line_below())
    }

    /// The line of a comment that follows the value of `key` in `profile`.
    pub(super) fn comment_behind(self, profile: &ProfileName, key: &str) -> Option<Place> {
        self.place_in(profile, key, |it| it.has_comment().then(|| it.line()))
    }

    /// The line of an indented comment below the value of `key` in `profile`.
    pub(super) fn comment_below(self, profile: &ProfileName, key: &str) -> Option<Place> {
        self.place_in(profile, key, |it| it.comment_below())
    }

    /// A line near the occurrence of `key` that counts in `profile`.
    fn place_in(
        self,
        profile: &ProfileName,
        key: &str,
        line: impl Fn(&Occurrence) -> Option<usize>,
    ) -> Option<Place> {
        let (file, _) = self.stated(profile, key)?;
        let (document, section) = match file {
            FileKind::Credentials => (self.credentials, profile.to_string()),
            FileKind::Config => (self.config, section_in(self.config, file, profile)),
        };
        let last = document.occurrences(&section, key).last()?;
        let line = line(&last)?;
        Some(Place { file, line })
    }

    /// Whether either file has a section for `profile`.
    pub(crate) fn contains(self, profile: &ProfileName) -> bool {
        self.sections(profile)
            .iter()
            .any(|(document, section)| document.contains(section))
    }

    /// The keys of `profile` in both files, in lower case, each once; the credentials file's first.
    pub(crate) fn keys(self, profile: &ProfileName) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for (document, section) in self.sections(profile) {
            for key in document.keys(&section) {
                if !keys.iter().any(|known| *known == key) {
                    keys.push(key.into_owned());
                }
            }
        }
        keys
    }

    /// The names of all profiles, as written in the files; the credentials file's first.
    pub(crate) fn names(self) -> Vec<ProfileName> {
        self.names_where(|_| true)
    }

    /// The names of the profiles that have one of `keys` in either file, with or without a value, or
    /// whose name satisfies `fits`; in the order of [`Self::names`]. Other profiles cost little, however
    /// many there are.
    pub(crate) fn names_with(self, keys: &[&str], fits: impl Fn(&str) -> bool) -> Vec<ProfileName> {
        let in_config = self.config.sections_with(keys);
        let in_config = in_config.filter_map(|section| profile_in(FileKind::Config, section));
        let with_keys: FnvHashSet<&str> = self
            .credentials
            .sections_with(keys)
            .chain(in_config)
            .collect();
        self.names_where(|name| fits(name) || with_keys.contains(name))
    }

    fn names_where(self, wanted: impl Fn(&str) -> bool) -> Vec<ProfileName> {
        let both_defaults = self.config.contains("profile default");
        let config = self
            .config
            .sections()
            .filter(|section| *section != "default" || !both_defaults)
            .filter_map(|section| profile_in(FileKind::Config, section))
            .filter(|name| wanted(name) && !self.credentials.contains(name));
        // Each document lists a section only once.
        let credentials = self.credentials.sections().filter(|name| wanted(name));
        let names = credentials.chain(config);
        names.filter_map(|name| name.parse().ok()).collect()
    }

    /// The setting `key` of the service `service` (`sts`, `iam`) in the `[services …]` section that
    /// `profile` names.
    pub(crate) fn service(self, profile: &ProfileName, service: &str, key: &str) -> Option<String> {
        let section = format!("services {}", self.get(profile, setting::SERVICES)?);
        self.config
            .nested(&section, service)
            .into_iter()
            .rfind(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// The services in the `[services …]` section that `profile` names, in file order.
    pub(crate) fn services(self, profile: &ProfileName) -> Vec<String> {
        let Some(name) = self.get(profile, setting::SERVICES) else {
            return Vec::new();
        };
        let section = format!("services {name}");
        let keys = self.config.keys(&section);
        keys.map(Cow::into_owned).collect()
    }

    /// Every section that is meant for `profile`, including one that the AWS SDKs pass over: they ignore
    /// `[default]` in the config file if there is a `[profile default]`.
    pub(crate) fn places(
        self,
        profile: &ProfileName,
    ) -> impl Iterator<Item = (FileKind, &'a Document, String)> {
        let prefixed = format!("profile {profile}");
        let hidden = profile.is_default() && self.config.contains(&prefixed);
        let default = hidden.then(|| (FileKind::Config, self.config, profile.to_string()));
        let kinds = [FileKind::Credentials, FileKind::Config].into_iter();
        kinds
            .zip(self.sections(profile))
            .map(|(kind, (document, section))| (kind, document, section))
            .chain(default)
    }

    /// The two files in order of precedence.
    pub(super) fn documents(self) -> [(FileKind, &'a Document); 2] {
        [
            (FileKind::Credentials, self.credentials),
            (FileKind::Config, self.config),
        ]
    }

    fn sections(self, profile: &ProfileName) -> [(&'a Document, String); 2] {
        [
            (
                self.credentials,
                section_in(self.credentials, FileKind::Credentials, profile),
            ),
            (
                self.config,
                section_in(self.config, FileKind::Config, profile),
            ),
        ]
    }
}

/// A value without the indented comments below it. They are part of the value for the AWS SDKs but not
/// for the AWS CLI, and no value that is read here needs them. Comments in a nested block stay.
pub(super) fn without_comments(value: String) -> String {
    let is_comment = |line: &str| line.starts_with(['#', ';']);
    if value.starts_with('\n') || !value.lines().any(is_comment) {
        return value;
    }
    let lines: Vec<&str> = value.lines().filter(|line| !is_comment(line)).collect();
    lines.join("\n")
}

/// The section of `profile` in `document`, a file of `kind`.
///
/// In the config file `[profile default]` completely replaces `[default]` if both exist (AWS SDKs). A
/// new section gets its usual name.
pub(crate) fn section_in(document: &Document, kind: FileKind, profile: &ProfileName) -> String {
    let prefixed = format!("profile {profile}");
    match kind {
        FileKind::Credentials => profile.to_string(),
        FileKind::Config if profile.is_default() && !document.contains(&prefixed) => {
            profile.to_string()
        }
        FileKind::Config => prefixed,
    }
}

/// The name of the profile that a section of a file of `kind` belongs to; `None` for `[services x]` and
/// other sections that are not profiles.
pub(super) fn profile_in(kind: FileKind, section: &str) -> Option<&str> {
    match kind {
        FileKind::Credentials => Some(section),
        FileKind::Config => section
            .strip_prefix("profile ")
            .or_else(|| (section == "default").then_some(section)),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Both files from their texts. They live as long as the test.
    pub(crate) fn profiles(config: &str, credentials: &str) -> Profiles<'static> {
        let document =
            |text: &str| -> &'static Document { Box::leak(Box::new(Document::parse(text))) };
        Profiles::new(document(config), document(credentials), |at| {
            Some(at.and_utc())
        })
    }

    pub(crate) fn name(text: &str) -> ProfileName {
        text.parse().expect("a profile name of the test")
    }

    #[test]
    fn a_profile_is_read_from_both_files_and_the_credentials_file_wins() {
        let profiles = profiles(
            "[profile dev]\nregion = eu-west-1\noutput = json\n",
            "[dev]\nregion = us-east-1\n",
        );
        assert_eq!(
            profiles.get(&name("dev"), "region").as_deref(),
            Some("us-east-1")
        );
        assert_eq!(
            profiles.get(&name("dev"), "output").as_deref(),
            Some("json")
        );
        assert_eq!(profiles.keys(&name("dev")), ["region", "output"]);
    }

    #[test]
    fn the_services_are_those_of_the_section_that_the_profile_names() {
        let config = "[profile dev]\nservices = own\n[profile x]\nregion = r\n[services own]\nsts =\n  endpoint_url = u\niam =\n  endpoint_url = v\n";
        let profiles = profiles(config, "");
        assert_eq!(profiles.services(&name("dev")), ["sts", "iam"]);
        assert_eq!(profiles.services(&name("x")), [""; 0]);
    }

    #[test]
    fn an_indented_comment_is_not_part_of_a_value() {
        let both = profiles(
            "[profile dev]\nregion = eu-west-1\n  # mine\ns3 =\n  # its own\n  a = b\n",
            "",
        );
        let get = |key| both.get(&name("dev"), key);
        assert_eq!(get("region").as_deref(), Some("eu-west-1"));
        let one = profiles(
            "[profile dev]\nregion = eu-west-1\n  # mine\ns3 =\n  a = b\n  # c = d\n",
            "",
        );
        let read = |key| one.get(&name("dev"), key);
        assert_eq!(read("region").as_deref(), Some("eu-west-1"));
        assert_eq!(read("s3").as_deref(), Some("\na = b\n# c = d"));
        // Only botocore reads the file, and it skips comments even in a nested block.
        assert_eq!(get("s3").as_deref(), Some("\na = b"));
    }

    #[test]
    fn profile_default_replaces_default_in_the_config_file() {
        let both = profiles(
            "[default]\nregion = a\noutput = x\n[profile default]\nregion = b\n",
            "",
        );
        assert_eq!(both.get(&name("default"), "region").as_deref(), Some("b"));
        assert_eq!(both.get(&name("default"), "output"), None);
        let one = profiles("[default]\nregion = a\n", "");
        assert_eq!(one.get(&name("default"), "region").as_deref(), Some("a"));
        let named = profiles("[default]\n[profile default]\n[profile dev]\n", "");
        assert_eq!(named.names(), [name("default"), name("dev")]);
    }

    #[test]
    fn of_the_sections_that_no_sdk_reads_only_the_hidden_default_is_about_a_profile() {
        let places = |config: &str, profile: &str| {
            let profile = name(profile);
            let places = profiles(config, "").places(&profile);
            places.map(|(_, _, section)| section).collect::<Vec<_>>()
        };
        for (config, profile, expected) in [
            (
                "[default]\n[profile default]\n",
                "default",
                &["default", "profile default", "default"][..],
            ),
            ("[default]\n", "default", &["default", "default"]),
            ("[dev]\n[profile dev]\n", "dev", &["dev", "profile dev"]),
        ] {
            assert_eq!(places(config, profile), expected, "{config}");
        }
    }

    #[test]
    fn a_section_without_prefix_in_the_config_file_is_not_a_profile() {
        let profiles = profiles(
            "[dev]\nregion = a\n[services x]\ny = z\n[profile real]\n[default]\n",
            "[base]\n[real]\n",
        );
        assert!(!profiles.contains(&name("dev")));
        assert_eq!(
            profiles
                .names()
                .iter()
                .map(ProfileName::as_str)
                .collect::<Vec<_>>(),
            ["base", "real", "default"]
        );
    }

    #[test]
    fn a_service_setting_comes_from_the_services_section_of_the_profile() {
        let profiles = profiles(
            "[profile dev]\nservices = lab\n[services lab]\nsts =\n  endpoint_url = http://127.0.0.1:1\niam =\n  other = 1\n",
            "",
        );
        assert_eq!(
            profiles
                .service(&name("dev"), "sts", "endpoint_url")
                .as_deref(),
            Some("http://127.0.0.1:1")
        );
        assert_eq!(profiles.service(&name("dev"), "iam", "endpoint_url"), None);
    }
}
