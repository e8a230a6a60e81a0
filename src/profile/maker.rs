//! Works out which keys and roles would make the session of a source now, reads which ones made a stored
//! session, and names the settings that record them. It never runs a command for keys.

use super::role::{Chain, Role};
use super::{KeySource, Profiles, Source, Way, setting};
use crate::ini::can_set;
use crate::value::hash::hash_of_parts;
use crate::value::maker::{AssumedRole, Origin};
use crate::value::{Maker, ProfileName};

/// The keys and roles with which a sign-in of `source` would make a session, as the files are now.
///
/// If a role's base no longer has keys, that part is unknown, and no stored session counts as the same.
pub(crate) fn of(profiles: Profiles<'_>, source: &Source) -> Maker {
    match &source.way {
        Way::Keys(keys) => of_keys(keys),
        Way::Role(chain) => {
            let base = source.clone().base(profiles).ok();
            let maker = base.map(|(_, keys)| of_keys(&keys)).unwrap_or_default();
            maker.with_role(of_roles(chain))
        }
    }
}

/// The maker of a user's session.
pub(crate) fn of_keys(source: &KeySource) -> Maker {
    let origin = match source {
        KeySource::Profile(keys) | KeySource::Environment(keys) => {
            Origin::Key(keys.access_key_id.clone())
        }
        KeySource::Process(command) => Origin::process(command),
    };
    Maker {
        origin: Some(origin),
        role: None,
    }
}

/// The part that the roles of a chain add. Their duration is not included, because it does not change
/// the identity.
pub(crate) fn of_roles(chain: &Chain) -> AssumedRole {
    let asked = |role: &Role| [role.external_id.clone(), Some(role.session_name.clone())];
    let before = chain.before.iter().flat_map(|role| {
        let arn = [Some(role.arn.to_string())];
        arn.into_iter().chain(asked(role))
    });
    let parts: Vec<Option<String>> = asked(&chain.last).into_iter().chain(before).collect();
    AssumedRole {
        arn: chain.last.arn.to_string(),
        hash: hash_of_parts(parts.iter().map(Option::as_deref)),
    }
}

/// The maker of the session in `profile`, as far as its settings tell.
pub(crate) fn stored(profiles: Profiles<'_>, profile: &ProfileName) -> Maker {
    let get = |setting| profiles.get(profile, setting);
    let process = || get(setting::MADE_BY_PROCESS).map(Origin::Process);
    Maker {
        origin: get(setting::MADE_BY_KEY).map(Origin::Key).or_else(process),
        role: get(setting::MADE_FOR_ROLE).map(|arn| AssumedRole {
            arn,
            hash: get(setting::MADE_WITH).unwrap_or_default(),
        }),
    }
}

/// The settings that record the maker of a session. A setting whose value is unknown, or can't be
/// written, is removed.
pub(crate) fn settings(maker: &Maker) -> [(&'static str, Option<String>); 4] {
    let (key, process) = match &maker.origin {
        Some(Origin::Key(id)) => (Some(id.clone()), None),
        Some(Origin::Process(hash)) => (None, Some(hash.clone())),
        None => (None, None),
    };
    let role = maker.role.as_ref();
    let all = [
        (setting::MADE_BY_KEY, key),
        (setting::MADE_BY_PROCESS, process),
        (setting::MADE_FOR_ROLE, role.map(|role| role.arn.clone())),
        (setting::MADE_WITH, role.map(|role| role.hash.clone())),
    ];
    all.map(|(setting, value)| (setting, value.filter(|value| can_set(setting, value))))
}
