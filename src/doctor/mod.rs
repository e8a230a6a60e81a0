//! Finds out what prevents a sign-in or keeps AWS tools from working: the recipe behind the command
//! `doctor`. It changes nothing, never signs in or asks for a code, and lets no problem hide another.

mod access_keys;
mod asker;
mod aws;
mod clock;
mod devices;
mod environment;
mod files;
mod finding;
mod names;
mod network;
mod others;
mod our_words;
mod profile;
mod scene;
mod session;
mod share;
mod shell;
mod tools;
mod wish;

use crate::caller::Reach;
use crate::world::Context;
pub(crate) use finding::{Finding, Level};
use names::Names;
use profile::SIGN_IN;
use scene::Scene;
use std::collections::HashSet;
pub(crate) use wish::Wish;

/// The result.
pub(crate) struct Diagnosis {
    /// The profile that was meant, in a form that may be shown.
    pub(crate) profile: String,
    /// The findings, in the order of the checks.
    pub(crate) findings: Vec<Finding>,
}

/// Checks everything.
pub(crate) async fn examine(wish: Wish, context: Context) -> Diagnosis {
    let scene = Scene::set(wish, context);
    let reach = Reach::new(context, scene.wish.region.clone());
    let mut names = Names::default();
    let mut findings = vec![version()];
    findings.extend(files::check(&scene));
    findings.extend(environment::check(&scene));
    findings.extend(profile::check(&scene));
    findings.extend(session::check(&scene));
    findings.extend(devices::check_named(&scene, &mut names));
    let (of_network, settings) = network::check(&scene, &reach, &mut names);
    findings.extend(of_network);
    match settings {
        _ if scene.wish.is_offline => findings.push(Finding::unknown(
            "AWS",
            "not asked (--offline): the connection, the clock, the user's keys and devices",
        )),
        Some(settings) => {
            findings.extend(aws::check(&scene, &reach, &settings, &mut names).await);
        }
        None => findings.push(Finding::unknown(
            "AWS",
            "it can't be asked with these settings",
        )),
    }
    findings.extend(others::check(&scene));
    findings.extend(tools::check(&scene));
    findings.extend(shell::check(&scene));
    let findings = each_once(findings);
    let profile = finding::without_secrets(scene.name().as_str());
    if !scene.wish.is_shared {
        return Diagnosis { profile, findings };
    }
    let mut share = names.share(&scene);
    Diagnosis {
        profile: share.hide(&profile),
        findings: findings
            .into_iter()
            .map(|finding| Finding {
                message: share.hide(&finding.message),
                hint: finding.hint.map(|hint| share.hide(&hint)),
                ..finding
            })
            .collect(),
    }
}

/// Each finding once: what keeps a profile, a device or the network from being used also keeps a sign-in
/// from beginning.
fn each_once(mut findings: Vec<Finding>) -> Vec<Finding> {
    let causes = findings.iter().filter(|it| it.subject != SIGN_IN);
    let causes: HashSet<String> = causes.map(|it| it.message.clone()).collect();
    let mut told = HashSet::new();
    findings.retain(|it| {
        let is_told = it.subject == SIGN_IN && causes.contains(&it.message);
        it.level != Level::Bad || !is_told && told.insert(it.message.clone())
    });
    findings
}

/// The version of awsmfa, and the system that it runs on.
fn version() -> Finding {
    use std::env::consts::{ARCH, OS};
    let version = env!("CARGO_PKG_VERSION");
    Finding::good("awsmfa", format!("{version} on {OS}, {ARCH}"))
}
