//! Judges an edit by what three clients of AWS read before and after it. It never looks at a line.

use std::collections::BTreeSet;

use super::{
    Edit, Kind, SESSION_KEYS, State, Step, TARGET, Violation, below_copied, copied, holds,
    is_marked, is_of_session,
};
use crate::files::Files;
use crate::lines::canonical;
use crate::readers::{CLIENTS, Client, Read, Section, View, as_rust_reads, keys_in_rust};

/// How often the SDK for Rust reads again before two readings are called different.
const READINGS: usize = 8;

/// The violations in what the clients read.
pub(super) fn violations(edit: &Edit<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for client in CLIENTS {
        let (before, after) = (edit.before.1.of(client), edit.after.1.of(client));
        let mut differing = differences(edit, client, before, after);
        if client == Client::Rust {
            for _ in 1..READINGS {
                if differing.is_empty() {
                    break;
                }
                let [before, after] = [edit.before.0, edit.after.0].map(as_rust_reads);
                let again = differences(edit, client, &before, &after);
                differing.retain(|it| again.contains(it));
            }
        }
        found.extend(
            differing
                .into_iter()
                .map(|(what, name)| Violation::new(format!("{client:?} {what}"), name)),
        );
        found.extend(match edit.step {
            Step::Login => login(edit, client),
            Step::Logout => logout(edit, client),
        });
    }
    if edit.step == Step::Logout {
        let left = edit.sessions.iter().flatten().filter(|part| {
            let mut files = Kind::BOTH.iter();
            files.any(|kind| holds(kind.bytes(edit.after.0), part))
        });
        let left = left.map(|part| part.chars().take(8).collect::<String>());
        found.extend(left.map(|part| Violation::new("a session's key is left after logout", part)));
    }
    found
}

fn of(view: &View, kind: Kind) -> &Read {
    match kind {
        Kind::Config => &view.config,
        Kind::Credentials => &view.credentials,
    }
}

/// Anything that a client reads differently or no longer, although it must not: the violation, and the
/// section.
fn differences(
    edit: &Edit<'_>,
    client: Client,
    before: &View,
    after: &View,
) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    for kind in Kind::BOTH {
        let Ok(was) = of(before, kind) else {
            continue;
        };
        let now = match of(after, kind) {
            Ok(now) => now,
            Err(why) => {
                found.insert((
                    "can't read the file any more",
                    format!("{}: {why}", kind.name()),
                ));
                continue;
            }
        };
        let names: BTreeSet<&String> = was.keys().chain(now.keys()).collect();
        for name in names {
            let (was, now) = (was.get(name), now.get(name));
            let place = format!("{}: {name}", kind.name());
            if !is_target(name, kind) {
                if was != now {
                    let shown = format!("{place}: {was:?} is now {now:?}");
                    found.insert(("reads another profile otherwise", shown));
                }
                continue;
            }
            // JavaScript takes lines indented below an empty key for parts of that key, so its reading
            // of the target depends on the keys around it; a login warns about such a file.
            if client == Client::JavaScript && kind.is_of_botocore(edit.before) {
                continue;
            }
            let (was, now) = (own(edit, kind, was), own(edit, kind, now));
            if was != now {
                let shown = format!("{place}: {was:?} is now {now:?}");
                found.insert(("reads the target's own settings otherwise", shown));
            }
        }
    }
    found
}

/// The settings of the target's section that an edit must not change.
fn own(edit: &Edit<'_>, kind: Kind, section: Option<&Section>) -> Section {
    let mut ours = if kind == Kind::Config {
        all_copied(edit)
    } else {
        Vec::new()
    };
    if kind == Kind::Credentials || edit.step == Step::Logout {
        ours.extend(SESSION_KEYS.map(str::to_owned));
    }
    let is_own = |key: &str| {
        // A nested setting belongs to its key.
        let key = key.to_lowercase();
        let key = key.split('.').next().unwrap_or_default();
        !ours.iter().any(|it| it == key)
    };
    let keys = section.into_iter().flatten();
    let own = keys.filter(|(key, _)| is_own(key));
    own.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Every setting of the config file that is awsmfa's before or after the edit.
fn all_copied(edit: &Edit<'_>) -> Vec<String> {
    let states = [edit.before, edit.after];
    let all = states.into_iter().flat_map(|state| {
        let mut names = copied(state);
        names.extend(below_copied(state, &names));
        names
    });
    all.collect()
}

/// Whether a section is the target's, in any spelling. botocore counts a comment after a header as part
/// of the name if it contains a bracket.
fn is_target(name: &str, kind: Kind) -> bool {
    let rest = name.split_once(' ').map_or("", |(_, rest)| rest);
    let name = canonical(rest.split(']').next().unwrap_or_default());
    let name = match kind {
        Kind::Config => name.strip_prefix("profile ").unwrap_or(&name),
        Kind::Credentials => &name,
    };
    name == TARGET
}

/// The keys of the target as a client takes them from both files; none if it reads nothing.
fn keys(client: Client, files: &Files, view: &View) -> Option<[String; 3]> {
    if client == Client::Rust {
        return keys_in_rust(files, TARGET);
    }
    let (Ok(config), Ok(credentials)) = (&view.config, &view.credentials) else {
        return None;
    };
    let name = format!("profile {TARGET}");
    let key = |key: &str| {
        let in_credentials = credentials.get(&name).and_then(|section| section.get(key));
        let in_config = || config.get(&name).and_then(|section| section.get(key));
        in_credentials.or_else(in_config).cloned()
    };
    Some([
        key("aws_access_key_id")?,
        key("aws_secret_access_key")?,
        key("aws_session_token").unwrap_or_default(),
    ])
}

/// After a login each client reads the new session, or awsmfa has warned.
fn login(edit: &Edit<'_>, client: Client) -> Option<Violation> {
    let (before, after) = (edit.before, edit.after);
    // JavaScript counts lines of other sections as the target's if a header has a comment.
    let old = keys(client, before.0, before.1.of(client)).filter(|_| client != Client::JavaScript);
    if let Some([id, secret, _]) = &old
        && !(id.is_empty() || secret.is_empty() || is_of_session(id))
        && !is_marked(before, id)
        && !is_of_defaults(before, id)
    {
        let kind = format!("{client:?} read a long-term pair in the target, which is hidden");
        return Some(Violation::new(kind, id));
    }
    // To JavaScript a header directly followed by a comment is not a header, so the lines below it
    // belong to the section above.
    if client == Client::JavaScript && has_touching_remark(edit.before.0) {
        return None;
    }
    let session = edit.sessions.last()?;
    let now = keys(client, after.0, after.1.of(client));
    if now.as_ref() == Some(session) || edit.is_warned() {
        return None;
    }
    // If the client could not read the files before, a login need not change that.
    let could_read = |view: &View| view.config.is_ok() && view.credentials.is_ok();
    could_read(before.1.of(client)).then(|| {
        let kind = format!("{client:?} does not read the session, and there is no warning");
        Violation::new(kind, format!("{now:?}"))
    })
}

/// Whether a header of the credentials file has a comment right after its bracket.
fn has_touching_remark(files: &Files) -> bool {
    let lines = Kind::Credentials.bytes(files).split(|byte| *byte == b'\n');
    let mut headers = lines.filter(|line| line.starts_with(b"["));
    headers.any(|line| line.windows(2).any(|pair| pair == b"]#" || pair == b"];"))
}

/// Whether a value comes from the credentials file's `[DEFAULT]`, which botocore applies to every
/// section.
fn is_of_defaults(state: State<'_>, value: &str) -> bool {
    let lines = Kind::Credentials.lines(state);
    let mut own = (0..lines.all.len()).filter(|at| lines.is_in(*at, "DEFAULT"));
    own.any(|at| lines.pair(at).is_some_and(|(_, it)| it == value))
}

/// After a logout no client reads a session's key in the target.
fn logout(edit: &Edit<'_>, client: Client) -> Option<Violation> {
    let view = edit.after.1.of(client);
    let left = Kind::BOTH.into_iter().find_map(|kind| {
        let sections = of(view, kind).as_ref().ok()?;
        let targets = sections.iter().filter(|(name, _)| is_target(name, kind));
        let mut keys = targets.flat_map(|(_, section)| section);
        let copied = if kind == Kind::Config {
            all_copied(edit)
        } else {
            Vec::new()
        };
        let is_left = |(key, value): &(&String, &String)| {
            let key = key.to_lowercase();
            let is_of_others = || match client {
                Client::JavaScript => is_of_another(edit, kind, value),
                Client::Botocore => is_of_defaults(edit.after, value),
                Client::Rust => false,
            };
            SESSION_KEYS[..3].contains(&key.as_str()) && !copied.contains(&key) && !is_of_others()
        };
        let (key, _) = keys.find(is_left)?;
        Some(format!("{}: {key}", kind.name()))
    })?;
    let kind = format!("{client:?} still reads a session's key after logout");
    Some(Violation::new(kind, left))
}

/// Whether a value belongs to another profile for Rust or botocore, whose rules awsmfa follows, or is in
/// a file that neither of them reads. Only JavaScript takes an indented header for a header, and a
/// header directly followed by a comment for none.
fn is_of_another(edit: &Edit<'_>, kind: Kind, value: &str) -> bool {
    let views = [Client::Rust, Client::Botocore].map(|client| of(edit.after.1.of(client), kind));
    if views.iter().all(|view| view.is_err()) {
        return true;
    }
    let mut sections = views.iter().flat_map(|view| view.iter().flatten());
    sections.any(|(name, section)| {
        !is_target(name, kind) && section.values().any(|it| it.contains(value))
    })
}
