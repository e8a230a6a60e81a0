//! Asks AWS whether its hosts answer, what their clocks say, whose the keys are, and which keys and
//! devices the user has. It uses the long-term keys and a kept session, and asks for no code.

use super::asker::Asker;
use super::clock::{self, Reading};
use super::finding::{Finding, Level};
use super::names::Names;
use super::scene::Scene;
use super::{access_keys, devices};
use crate::access::{is_root, no_user};
use crate::aws::settings::{Settings, Timeouts};
use crate::aws::{Answered, Aws, Fault, Identity, Owner, Service};
use crate::caller::nested::InProgress;
use crate::caller::{Reach, keys};
use crate::exit::{Exit, Failure, Result};
use crate::profile::KeySource;
use crate::profile::rotation::Record;
use crate::profile::source::Holder;
use crate::world::runtime::heed_ctrl_c;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

const USER: &str = "user";
const ACCESS_KEY: &str = "access key";

/// A run has to report a dead network within seconds.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    attempt: Duration::from_secs(5),
    call: Duration::from_secs(8),
};
/// The second, if the first shows that the clock is off.
const ATTEMPTS: u32 = 2;

/// Asks everything there is to ask.
pub(super) async fn check(
    scene: &Scene,
    reach: &Reach,
    settings: &Settings,
    names: &mut Names,
) -> Vec<Finding> {
    let settings = Settings {
        timeouts: TIMEOUTS,
        max_attempts: ATTEMPTS,
        ..settings.clone()
    };
    // The check of trusted authorities has reported why we can't connect.
    let Ok(front) = reach.without_keys(&settings) else {
        return vec![Finding::unknown(
            "AWS",
            "it can't be asked without trusted certificate authorities",
        )];
    };
    heed_ctrl_c().await;
    let (sts, iam, identity) = tokio::join!(
        probe(scene, &front, Service::Sts),
        probe(scene, &front, Service::Iam),
        identify(scene, reach, &settings),
    );
    let readings: Vec<Reading> = [&sts, &iam]
        .into_iter()
        .filter_map(|it| reading(it.as_ref().ok()?))
        .collect();
    let (is_reached, is_iam_reached) = (sts.is_ok(), iam.is_ok());
    let mut findings = vec![
        reachability(Service::Sts, sts),
        reachability(Service::Iam, iam),
        clock::check(&readings),
    ];
    findings.extend(match identity {
        Ok(caller) => {
            names.identity(&caller.identity);
            let kept = kept(scene, reach, &settings);
            of_user(scene, caller, kept, is_iam_reached, names).await
        }
        Err(Unasked::Nobody) => Vec::new(),
        Err(Unasked::NoKeys(failure) | Unasked::Refused(failure)) => {
            vec![Finding::failure(Level::Bad, ACCESS_KEY, failure)]
        }
        Err(Unasked::NotTold(_) | Unasked::Garbled(_)) if !is_reached => vec![Finding::unknown(
            USER,
            "who owns the keys, and which keys and devices they have: STS can't be reached",
        )],
        // Something answers in place of AWS, or AWS's answer is garbled on the way.
        Err(Unasked::Garbled(failure)) => vec![Finding::failure(Level::Bad, USER, failure)],
        Err(Unasked::NotTold(failure)) => {
            vec![Finding::failure(Level::Unknown, USER, failure)]
        }
    });
    findings
}

/// An answer, and the computer's time when it arrived.
type Probed = Result<(Answered, DateTime<Utc>)>;

async fn probe(scene: &Scene, front: &Aws, service: Service) -> Probed {
    let ui = scene.context.ui;
    ui.step(&format!("asking {} for its front page", service.name()));
    let answered = front.probe(service).await?;
    Ok((answered, scene.context.now()))
}

fn reading((answered, here): &(Answered, DateTime<Utc>)) -> Option<Reading> {
    Some(Reading {
        aws: answered.at?,
        here: *here,
        took: TimeDelta::from_std(answered.took).unwrap_or_default(),
    })
}

fn reachability(service: Service, probed: Probed) -> Finding {
    let subject = service.name();
    match (probed, service) {
        (Ok((answered, _)), _) => {
            let Answered { place, status, .. } = &answered;
            let took = answered.took.as_millis();
            match status {
                500.. => Finding::warning(
                    subject,
                    format!("{place} answers in {took} ms, with HTTP status {status}"),
                )
                .hint("something between you and AWS may have answered: check the endpoint and proxy settings, or try again"),
                _ => Finding::good(subject, format!("{place} answers in {took} ms")),
            }
        }
        (Err(failure), Service::Sts) => Finding::failure(Level::Bad, subject, failure),
        // A sign-in can do without if the files name the device.
        (Err(failure), Service::Iam) => Finding::failure(Level::Warning, subject, failure),
    }
}

/// Why nothing could be asked about the user.
enum Unasked {
    /// There are no keys; the finding about the profile says so.
    Nobody,
    /// The keys could not be obtained.
    NoKeys(Failure),
    /// AWS refused them.
    Refused(Failure),
    /// The answer was not AWS's.
    Garbled(Failure),
    /// AWS did not say whose they are.
    NotTold(Failure),
}

/// Whose the long-term keys are.
struct Caller {
    /// AWS with these keys.
    aws: Aws,
    access_key_id: String,
    identity: Identity,
}

/// Gets the long-term keys, and asks whose they are.
async fn identify(scene: &Scene, reach: &Reach, settings: &Settings) -> Result<Caller, Unasked> {
    let source = scene.source().and_then(|it| it.base(scene.profiles()));
    let (profile, source) = source.map_err(|_| Unasked::Nobody)?;
    let in_progress = InProgress::outside(scene.context.env);
    let keys = keys::long_term(&source, &profile, &in_progress).await;
    let keys = keys.map_err(Unasked::NoKeys)?;
    let aws = reach.aws(settings, &keys).map_err(Unasked::NoKeys)?;
    scene
        .context
        .ui
        .step("asking AWS who the user is (sts:GetCallerIdentity)");
    match aws.get_caller_identity().await {
        Ok(identity) => Ok(Caller {
            aws,
            access_key_id: keys.access_key_id.clone(),
            identity,
        }),
        Err(Fault::Lost(failure)) => Err(Unasked::Garbled(failure)),
        Err(fault) => match Failure::from(fault) {
            failure if failure.exit == Exit::KeysRefused => Err(Unasked::Refused(failure)),
            failure => Err(Unasked::NotTold(failure)),
        },
    }
}

async fn of_user(
    scene: &Scene,
    caller: Caller,
    kept: Option<Aws>,
    is_iam_reached: bool,
    names: &mut Names,
) -> Vec<Finding> {
    let holder = scene.holder();
    let identity = &caller.identity;
    let user = match Owner::of(&identity.arn) {
        Some(Owner::User(user)) => user,
        Some(Owner::Root) => {
            return vec![Finding::failure(Level::Bad, USER, is_root(&holder))];
        }
        None => {
            return vec![Finding::failure(
                Level::Bad,
                USER,
                no_user(&holder, identity),
            )];
        }
    };
    let text = format!(
        "{} to {user} in account {} ({})",
        match &holder {
            Holder::Profile(profile) => format!("the keys of profile {profile} belong"),
            Holder::Environment => format!("{holder} belongs"),
        },
        identity.account,
        identity.arn
    );
    let mut findings = vec![Finding::good(USER, text)];
    if !is_iam_reached {
        findings.push(Finding::unknown(
            USER,
            format!("which keys and devices {user} has: IAM can't be reached"),
        ));
        return findings;
    }
    let asker = Asker {
        scene,
        user,
        access_key_id: caller.access_key_id,
        previous_id: previous_id(scene),
        with_keys: caller.aws,
        kept,
    };
    let ui = scene.context.ui;
    ui.step("asking AWS for the access keys and the MFA devices (iam:ListAccessKeys, iam:ListMFADevices)");
    let (keys, devices) = tokio::join!(
        access_keys::check(&asker),
        devices::check(&asker, &identity.arn, names)
    );
    findings.extend(keys);
    findings.extend(devices);
    findings
}

/// AWS through the user's kept session, if there is one.
fn kept(scene: &Scene, reach: &Reach, settings: &Settings) -> Option<Aws> {
    let request = scene.request().ok()?.for_user(&scene.source().ok()?);
    let kept = scene.kept(&request)?.ok()??;
    reach.aws(settings, &kept.session.keys).ok()
}

/// The id of the key that a rotation has replaced, according to its record.
fn previous_id(scene: &Scene) -> Option<String> {
    let profiles = scene.profiles();
    let (base, keys) = scene.source().ok()?.base(profiles).ok()?;
    let KeySource::Profile(keys) = keys else {
        return None;
    };
    let record = Record::read(profiles, &base, &keys).ok()?;
    Some(record.previous?.keys.access_key_id)
}
