//! Gathers the names that must not be shown to everybody: those that are met while everything is looked at,
//! and all that the files and the environment hold. It replaces none.

use super::scene::Scene;
use super::share::{PATH, PROFILE, Share, is_everybodys};
use crate::aws::settings::is_like_region;
use crate::aws::{Identity, Owner};
use crate::ini::Document;
use crate::profile::setting;
use crate::value::keys::KeyKind;
use crate::value::name::SUFFIX;
use crate::value::{Arn, ProfileName, Serial};

/// Names that are met while everything is looked at, and what each is the name of.
#[derive(Default)]
pub(super) struct Names(Vec<(&'static str, String)>);

impl Names {
    /// Notes who AWS says the user is.
    pub(super) fn identity(&mut self, identity: &Identity) {
        if let Some(Owner::User(user)) = Owner::of(&identity.arn) {
            self.add("user", user);
        }
        self.add("id", &identity.user_id);
        self.add("account", &identity.account);
    }

    /// Notes a device.
    pub(super) fn device(&mut self, serial: &Serial) {
        self.add("device", serial.device_name());
    }

    /// Notes a host.
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

    /// What replaces these names, and all that the files and the environment hold.
    pub(super) fn share(mut self, scene: &Scene) -> Share {
        // What a person gives a name to keeps the word of its kind, whatever else has the same name.
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
            for path in env.text(name).unwrap_or_default().split(':') {
                self.value(name, path);
            }
        }
        Share::new(self.0, env.home().map(|it| it.display().to_string()))
    }

    /// Notes a profile. That of a session begins with the name of its source, which is replaced in it.
    fn profile(&mut self, name: &ProfileName) {
        self.profile_name(name.as_str());
    }

    fn profile_name(&mut self, text: &str) {
        let text = text.strip_suffix(SUFFIX).unwrap_or(text);
        if !PUBLIC_WORDS.contains(&text) {
            self.add(PROFILE, text);
        }
    }

    /// Notes the names of sections, and what the settings in them say of somebody.
    fn document(&mut self, document: &Document) {
        for section in document.sections() {
            for word in section.split_whitespace() {
                self.profile_name(word);
            }
            for key in document.keys(section) {
                // A list of settings is nobody's.
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
        // The name of a profile, and what is as much a name, is one however short it is.
        let key = key.to_ascii_lowercase();
        if is_name(&key) {
            return self.profile_name(value);
        }
        let is_number = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_digit());
        // An id and each part of an ARN is replaced as what it is.
        let is_public = is_like_region(value)
            || is_number
            || value.parse::<Arn>().is_ok()
            || KeyKind::of(value) != KeyKind::Unknown
            || PUBLIC_WORDS.contains(&value)
            || is_url(value);
        if let Some(host) = host_of(value) {
            self.host(host);
        }
        // A part of an ARN may stand by itself, as the name of a device does.
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

/// How the variables begin that AWS tools and awsmfa read.
const VARIABLES: &str = "AWS";

/// Variables of other programs that hold paths.
const PATHS: [&str; 4] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_CONFIG_HOME",
    "ZDOTDIR",
];

/// Whether a setting or a variable of this name, in small letters, holds a name.
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

/// Whether a value is a URL, of which every part is replaced as what it is.
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

/// Words of headers and settings that are everybody's.
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

/// Whether the value of a setting is a secret, and so in no text anyway.
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
