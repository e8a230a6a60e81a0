//! Reads both AWS files as three clients do: the AWS SDK for Rust, botocore, and the AWS SDK for
//! JavaScript. It never judges what they read.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use serde_json::Value;

use super::files::Files;
use super::helper::Helper;

/// A key's value.
pub(crate) type Section = BTreeMap<String, String>;

/// The sections of one file, a profile's as `profile NAME`; the error says why nothing is read.
pub(crate) type Read = Result<BTreeMap<String, Section>, String>;

/// Both files as one client reads them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct View {
    pub(crate) config: Read,
    pub(crate) credentials: Read,
}

/// A client of AWS.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Client {
    Rust,
    Botocore,
    JavaScript,
}

pub(crate) const CLIENTS: [Client; 3] = [Client::Rust, Client::Botocore, Client::JavaScript];

/// The clients that run as separate processes.
pub(crate) struct Readers {
    botocore: Helper,
    javascript: Helper,
}

/// Both files as every client reads them.
pub(crate) struct Views([View; 3]);

impl Views {
    /// What one client reads.
    pub(crate) fn of(&self, client: Client) -> &View {
        &self.0[client as usize]
    }
}

impl Readers {
    /// Starts the clients.
    pub(crate) fn start() -> anyhow::Result<Self> {
        Ok(Self {
            botocore: Helper::botocore()?,
            javascript: Helper::javascript()?,
        })
    }

    /// Reads `files`, which are also in `folder`.
    pub(crate) fn read(&self, folder: &Path, files: &Files) -> anyhow::Result<Views> {
        Ok(Views([
            as_rust_reads(files),
            view(&self.botocore.ask(folder)?),
            view(&self.javascript.ask(folder)?),
        ]))
    }
}

/// The answer of a helper.
fn view(answer: &Value) -> View {
    let file = |number: usize| match &answer[number] {
        Value::Object(file) if file.contains_key("error") => Err(text(&file["error"])),
        file => Ok(sections(&file["sections"])),
    };
    View {
        config: file(0),
        credentials: file(1),
    }
}

fn sections(all: &Value) -> BTreeMap<String, Section> {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let section = |(name, keys): (String, Value)| {
        let keys = object(&keys).into_iter();
        (name, keys.map(|(key, value)| (key, text(&value))).collect())
    };
    object(all).into_iter().map(section).collect()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Both files as the AWS SDK for Rust reads them. It merges the spellings of a section in an order that
/// changes from one reading to the next, so read again before calling two readings different.
pub(crate) fn as_rust_reads(files: &Files) -> View {
    let read = |kind, bytes: &Option<Vec<u8>>| {
        let bytes = bytes.as_deref().unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        parsed(&[(kind, text)]).map(|all| rust_sections(&all))
    };
    View {
        config: read(EnvConfigFileKind::Config, &files.config),
        credentials: read(EnvConfigFileKind::Credentials, &files.credentials),
    }
}

/// A profile's id, secret and token as the AWS SDK for Rust takes them from both files.
pub(crate) fn keys_in_rust(files: &Files, profile: &str) -> Option<[String; 3]> {
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap_or_default()).ok();
    let (config, credentials) = (text(&files.config)?, text(&files.credentials)?);
    let all = parsed(&[
        (EnvConfigFileKind::Config, &config),
        (EnvConfigFileKind::Credentials, &credentials),
    ]);
    let all = all.ok()?;
    let profile = all.get_profile(profile)?;
    let key = |name| profile.get(name).map(str::to_owned);
    Some([
        key("aws_access_key_id")?,
        key("aws_secret_access_key")?,
        key("aws_session_token").unwrap_or_default(),
    ])
}

fn parsed(texts: &[(EnvConfigFileKind, &str)]) -> Result<EnvConfigSections, String> {
    let files = texts
        .iter()
        .fold(EnvConfigFiles::builder(), |files, (kind, text)| {
            files.with_contents(*kind, *text)
        });
    let files = files.build();
    let (env, fs) = (Env::from_slice(&[]), Fs::from_slice(&[]));
    let load = pin!(source::load(&env, &fs, &files));
    match load.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(loaded) => {
            let loaded = loaded.map_err(|error| error.to_string())?;
            EnvConfigSections::parse(loaded).map_err(|error| error.to_string())
        }
        Poll::Pending => Err("it waits, though there is nothing to load".to_owned()),
    }
}

fn rust_sections(all: &EnvConfigSections) -> BTreeMap<String, Section> {
    let mut sections = BTreeMap::new();
    for name in all.profiles() {
        if let Some(profile) = all.get_profile(name) {
            let keys = keys_shown(&format!("{profile:?}"));
            let value = |key: &String| profile.get(key).unwrap_or_default().to_owned();
            let section = keys.iter().map(|key| (key.clone(), value(key))).collect();
            sections.insert(format!("profile {name}"), section);
        }
    }
    for name in all.sso_sessions() {
        if let Some(session) = all.sso_session(name) {
            let keys = keys_shown(&format!("{session:?}"));
            let value = |key: &String| session.get(key).unwrap_or_default().to_owned();
            let section = keys.iter().map(|key| (key.clone(), value(key))).collect();
            sections.insert(format!("sso-session {name}"), section);
        }
    }
    // The other sections are only in the debug output, in no fixed order.
    let shown = format!("{:?}", all.other_sections());
    let mut parts: Vec<&str> = shown.split("PropertiesKey ").skip(1).collect();
    parts.sort_unstable();
    let parts = parts.iter().enumerate();
    let part = |(number, part): (usize, &&str)| {
        let part = part.trim_end_matches([',', ' ', '}']);
        (number.to_string(), part.to_owned())
    };
    sections.insert("other sections".to_owned(), parts.map(part).collect());
    sections
}

/// The names of the properties in a section's debug output, because the SDK lists them nowhere else.
/// They are identifiers, and quotation marks in values are escaped.
fn keys_shown(shown: &str) -> Vec<String> {
    let behind = shown.split("Property { key: \"").skip(1);
    behind
        .filter_map(|it| Some(it.split_once('"')?.0.to_owned()))
        .collect()
}
