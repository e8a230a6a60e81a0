//! Gathers the names that not everybody should see: those that come up during the checks, and all those
//! in the files and the environment. It replaces none.

use super::scene::Scene;
use super::share::{PATH, PROFILE, Share, is_everybodys};
use crate::aws::settings::is_like_region;
use crate::aws::{Identity, Owner};
use crate::ini::Document;
use crate::profile::setting;
use crate::value::keys::KeyKind;
use crate::value::name::SUFFIX;
use crate::value::{Arn, ProfileName, Serial};

/// Names that came up during the checks, each with its kind.
#[derive(Default)]
pub(super) struct Names(Vec<(&'static str, String)>);

impl Names {
    /// Adds who AWS says the user is.
    pub(super) fn identity(&mut self, identity: &Identity) {
        if let Some(Owner::User(user)) = Owner::of(&identity.arn) {
            self.add("user", user);
        }
        self.add("id", &identity.user_id);
        self.add("account", &identity.account);
    }

    /// Adds a device.
    pub(super) fn device(&mut self, serial: &Serial) {
        self.add("device", serial.device_name());
    }

    /// Adds a host.
    pub(super) fn host(&mut self, host: &str) {
        if !is_everybodys(host) {
            self.add("host", host);
        }
    }

    fn add(&mut self, kind: &'static str, text: &str) {
        if !text.is_empty() {
            self.0.push((kind, text.to_owned()));
        }
    }

    /// The replacements for these names and for all those in the files and the environment.
    pub(super) fn share(mut self, scene: &Scene) -> Share {
        // Profiles and other things that users name come first, so that their kind wins if something
        // else has the same name.
        let met = std::mem::take(&mut self.0);
        for name in scene.profiles().names().iter().chain([&scene.name()]) {
            self.profile(name);
        }
        self.0.extend(met);
        for document in [&scene.contents.config, &scene.contents.credentials] {
            self.document(document);
        }
        let env = scene.context.env;
        for name in env.names_with_prefix(VARIABLES) {
            for line in env.as_tools_read(&name).unwrap_or_default().lines() {
                self.value(&name, line.trim());
            }
        }
        for name in PATHS {
            for path in env.text(name).unwrap_or_default().split(BETWEEN_PATHS) {
                self.value(name, path);
            }
        }
        Share::new(self.0, env.home().map(|it| it.display().to_string()))
    }

    /// Adds a profile. A session profile's name begins with that of its source, which is replaced within
    /// it.
    fn profile(&mut self, name: &ProfileName) {
        self.profile_name(name.as_str());
    }

    fn profile_name(&mut self, text: &str) {
        let text = text.strip_suffix(SUFFIX).unwrap_or(text);
        if !PUBLIC_WORDS.contains(&text) {
            self.add(PROFILE, text);
        }
    }

    /// Adds the names of sections, and what their settings reveal about somebody.
    fn document(&mut self, document: &Document) {
        for section in document.sections() {
            for word in section.split_whitespace() {
                self.profile_name(word);
            }
            for key in document.keys(section) {
                // A list of settings reveals nothing.
                if is_secret(&key) || key == setting::COPIED {
                    continue;
                }
                let value = document.get(section, &key).unwrap_or_default();
                for line in value.lines() {
                    self.value(&key, line.trim());
                }
            }
        }
    }

    fn value(&mut self, key: &str, value: &str) {
        // The name of a profile, or something like it, counts however short it is.
        let key = key.to_ascii_lowercase();
        if is_name(&key) {
            return self.profile_name(value);
        }
        let is_number = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_digit());
        // Ids and the parts of ARNs are replaced according to their kind.
        let is_public = is_like_region(value)
            || is_number
            || value.parse::<Arn>().is_ok()
            || KeyKind::of(value) != KeyKind::Unknown
            || PUBLIC_WORDS.contains(&value)
            || is_url(value);
        if let Some(host) = host_of(value) {
            self.host(host);
        }
        // A part of an ARN may occur by itself, such as the name of a device.
        if let Ok(arn) = value.parse::<Arn>() {
            for name in arn.resource().split('/').skip(1) {
                self.add("name", name);
            }
        }
        let is_path = value.starts_with(['/', '~']) || value.contains(":\\");
        match (is_public, is_path) {
            (true, _) => {}
            (false, true) => self.add(PATH, value),
            (false, false) => self.add("value", value),
        }
    }
}

/// The prefix of the variables that AWS tools and awsmfa read.
const VARIABLES: &str = "AWS";

/// What separates the paths in a variable.
const BETWEEN_PATHS: char = if cfg!(windows) { ';' } else { ':' };

/// Variables of other programs that hold paths.
const PATHS: [&str; 4] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_CONFIG_HOME",
    "ZDOTDIR",
];

/// Whether the setting or variable `key`, in lower case, holds a name.
fn is_name(key: &str) -> bool {
    let parts = [
        "profile",
        "sso_session",
        "role_name",
        "account_name",
        "session_name",
    ];
    parts.iter().any(|it| key.contains(it))
        || ["aws_vault", "services", "login_session"].contains(&key)
}

/// Whether a value is a URL; the parts of one are replaced according to their kind.
fn is_url(value: &str) -> bool {
    let is_web = ["http://", "https://"]
        .iter()
        .any(|it| value.starts_with(it));
    is_web
        && !value.contains(|c: char| c.is_whitespace() || c.is_control() || "()`'\",;".contains(c))
}

/// The host of a URL.
fn host_of(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit('@').next()?;
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    Some(host)
}

/// Common words in headers and settings.
const PUBLIC_WORDS: [&str; 13] = [
    "default",
    "profile",
    "services",
    "sso-session",
    "true",
    "false",
    "json",
    "yaml",
    "text",
    "table",
    "legacy",
    "regional",
    "standard",
];

/// Whether the value of a setting is a secret, which no finding contains anyway.
fn is_secret(key: &str) -> bool {
    let secrets = [
        setting::SECRET_ACCESS_KEY,
        setting::NEXT_SECRET,
        setting::PREVIOUS_SECRET,
        setting::SESSION_TOKEN,
        setting::SECURITY_TOKEN,
    ];
    secrets.contains(&key)
}
