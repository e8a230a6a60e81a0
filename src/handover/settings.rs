//! Chooses the variables by which a program that gets a session sees the settings of the session's
//! profile too. It neither reads nor sets a variable.
//!
//! AWS_PROFILE is cleared for that program, so it reads `[default]` and not the profile. It is to
//! see what it would see with AWS_PROFILE set to the session profile. What the user has set in the
//! environment wins over both, and is left alone.

use super::variables::Variable;
use crate::profile::paired::{self, Paired, endpoint_variable};
use crate::profile::{Profiles, setting};
use crate::value::ProfileName;
use zeroize::Zeroizing;

/// The variables of a profile's settings.
#[derive(Default)]
pub(crate) struct Settings {
    /// The variables to set, none of which the user has set.
    pub(crate) set: Vec<Variable>,
    /// What can't be handed over, for a person to read.
    pub(crate) warnings: Vec<String>,
}

/// What the user has set in the environment.
#[derive(Clone, Copy)]
pub(crate) struct Users<'a> {
    /// The value of a variable.
    pub(crate) value: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the endpoint of any single service is among them.
    pub(crate) names_endpoint_of_service: bool,
}

impl Users<'_> {
    fn value(self, name: &str) -> Option<String> {
        (self.value)(name)
    }
}

struct Choice<'a> {
    profiles: Profiles<'a>,
    /// The profiles that say what the program is to see, the first one first.
    of: &'a [&'a ProfileName],
    users: Users<'a>,
    settings: Settings,
}

/// The variables of the settings of the profiles `of`, the first of which wins.
pub(crate) fn of_profiles(
    profiles: Profiles<'_>,
    of: &[&ProfileName],
    users: Users<'_>,
) -> Settings {
    let mut choice = Choice {
        profiles,
        of,
        users,
        settings: Settings::default(),
    };
    for setting in &paired::ALL {
        choice.hand_over(setting);
    }
    if !choice.endpoints_are_ignored() {
        choice.hand_over_endpoints();
    }
    choice.settings
}

impl<'a> Choice<'a> {
    fn hand_over(&mut self, setting: &Paired) {
        let own = self.own(setting.key);
        let value = match own {
            Some(value) => Some(value),
            // The program would take the value of `[default]`.
            None => setting.absent.map(str::to_owned).filter(|absent| {
                self.of_default(setting.key)
                    .is_some_and(|default| !default.eq_ignore_ascii_case(absent))
            }),
        };
        let Some(value) = value else {
            return;
        };
        for variable in setting.variables {
            self.set((*variable).to_owned(), &value, setting.key);
        }
    }

    /// The endpoints of the environment win over all of a profile, those of one service over the
    /// one for all, as in the AWS SDKs.
    fn hand_over_endpoints(&mut self) {
        let of_all = paired::ENDPOINT.variables[0];
        if self.users.value(of_all).is_some() {
            return;
        }
        let mut own_services = Vec::new();
        let of_services = self.of_services();
        for (service, variable) in self.services(of_services) {
            let Some(url) = self.service_endpoint(of_services, &service) else {
                continue;
            };
            self.set(variable, &url, paired::ENDPOINT.key);
            own_services.push(service);
        }
        if let Some(url) = self.own(paired::ENDPOINT.key) {
            self.set(of_all.to_owned(), &url, paired::ENDPOINT.key);
            return;
        }
        self.keep_from_default(&own_services);
    }

    /// Keeps the program from an endpoint that `[default]` alone names, as far as it can be done:
    /// what makes tools pass over it makes them pass over the endpoints of the environment too.
    fn keep_from_default(&mut self, own_services: &[String]) {
        let default = ProfileName::default();
        let only_default = Some(&default);
        let is_named = |(service, variable): &(String, String)| {
            own_services.contains(service) || self.users.value(variable).is_some()
        };
        let services = self.services(only_default);
        let names_service = services
            .iter()
            .filter(|it| !is_named(it))
            .any(|(service, _)| self.service_endpoint(only_default, service).is_some());
        if self.of_default(paired::ENDPOINT.key).is_none() && !names_service {
            return;
        }
        let ignore = paired::IGNORE_ENDPOINTS;
        let users_ignore = ignore
            .variables
            .iter()
            .any(|it| self.users.value(it).is_some());
        if own_services.is_empty() && !users_ignore && !self.users.names_endpoint_of_service {
            // In the place of what said that they count, if something did.
            let name = ignore.variables[0];
            self.settings.set.retain(|(it, _)| it != name);
            self.set(name.to_owned(), "true", ignore.key);
        } else {
            self.settings.warnings.push(format!(
                "profile default sets an endpoint, and profile {} does not: with this session AWS tools use it wherever the environment sets none",
                self.of[0]
            ));
        }
    }

    /// Whether the program passes over every endpoint that is configured.
    fn endpoints_are_ignored(&self) -> bool {
        let ignore = paired::IGNORE_ENDPOINTS;
        let users = ignore.variables.iter().find_map(|it| self.users.value(it));
        users
            .or_else(|| self.own(ignore.key))
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// The value of `key`, where one of the profiles has one. An empty value is one too: it keeps
    /// the next profile's from counting.
    fn own(&self, key: &str) -> Option<String> {
        let mut stated = self.of.iter();
        let (_, value) = stated.find_map(|profile| self.profiles.stated(profile, key))?;
        present(value)
    }

    /// The value of `key` in `[default]`, which the program takes where none of the profiles has one:
    /// also where `[default]` is among them, and the first one's empty value hides it.
    fn of_default(&self, key: &str) -> Option<String> {
        present(self.profiles.get(&ProfileName::default(), key)?)
    }

    /// The profile whose `[services …]` section counts.
    fn of_services(&self) -> Option<&'a ProfileName> {
        let mut stated = self.of.iter().copied();
        stated.find(|profile| self.profiles.stated(profile, setting::SERVICES).is_some())
    }

    /// The services that `profile` names, each with its variable.
    fn services(&self, profile: Option<&ProfileName>) -> Vec<(String, String)> {
        let services = profile.map(|profile| self.profiles.services(profile));
        let services = services.into_iter().flatten();
        services
            .filter_map(|service| Some((service.clone(), endpoint_variable(&service)?)))
            .collect()
    }

    fn service_endpoint(&self, profile: Option<&ProfileName>, service: &str) -> Option<String> {
        present(
            self.profiles
                .service(profile?, service, paired::ENDPOINT.key)?,
        )
    }

    /// Sets `name` where the user has not, and where it is not set yet.
    fn set(&mut self, name: String, value: &str, key: &str) {
        if self.users.value(&name).is_some() || self.settings.set.iter().any(|(it, _)| *it == name)
        {
            return;
        }
        if value.contains(char::is_control) {
            let warning = format!(
                "{key} of profile {} is not passed on: it has a line break or another control character",
                self.of[0]
            );
            // A setting may have several variables.
            if !self.settings.warnings.contains(&warning) {
                self.settings.warnings.push(warning);
            }
            return;
        }
        let value = Zeroizing::new(value.to_owned());
        self.settings.set.push((name.into(), value));
    }
}

fn present(value: String) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}
