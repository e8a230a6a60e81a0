//! Leads a sign-in through its phases: plan, wait for the turn, plan again, rehearse, ask, save. It does
//! none of these itself: they are in `plan`, `means`, `turn`, `issue`, `role` and `save`.

use super::device;
use super::means::{Means, NoMeans};
use super::outer::Outer;
use super::plan::Plan;
use super::request::{DURATION_FLAG, Request};
use super::run::{Ready, Run};
use super::save::Destination;
use super::turn::{Before, Turn, Waiter};
use crate::caller::nested::InProgress;
use crate::code::CodeFlag;
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::profile::role::Chain;
use crate::profile::{KeySource, Way, header, own_keys};
use crate::value::name::SUFFIX;
use crate::value::{Lifetime, ProfileName, expiry};
use crate::world::runtime::started;
use crate::world::{Context, job};
use std::rc::Rc;

/// Returns a session of the profile that `request` means: the stored one, or a new one, which it stores.
pub(crate) async fn sign_in(context: Context, request: Request) -> Result<Ready> {
    // Checked even if the device is not needed: a flag is never silently ignored.
    if let Some(serial) = &request.serial {
        device::check_has_codes(serial)?;
    }
    let files = Rc::new(Files::find(context)?);
    check_input(&files, &request)?;
    // Begins from scratch: after a stop, what was known of the files and the connection may be outdated.
    // Only a pipe is not read again.
    job::restarted(async || {
        let run = Run::begin(Rc::clone(&files), context, request.region.clone());
        let outer = Outer {
            in_progress: InProgress::outside(context.env),
            ..Outer::default()
        };
        run.sign_in(&request, &outer).await
    })
    .await
}

/// The stored session of the profile that `request` means, if it is good enough. Asks nobody.
pub(crate) fn kept(context: Context, request: &Request) -> Result<Option<Ready>> {
    let plan = Plan::make(&Files::find(context)?, request, context)?;
    Ok(plan.keep(request, false, context))
}

/// Whether another awsmfa is signing in to `profile` now.
pub(crate) fn is_under_way(files: &Files, profile: &ProfileName) -> bool {
    Turn::is_taken(&files.credentials, profile)
}

/// Rehearses storing the session that `request` would make. Fails if that is impossible. Asks nobody.
pub(crate) fn rehearse(files: &Files, context: Context, request: &Request) -> Result<()> {
    let plan = Plan::make(files, request, context)?;
    context.ui.step("trying out the edit of both files");
    let unkept = Destination::new(files, &plan, request).rehearse(Before::Nothing)?;
    unkept.map_or(Ok(()), |why| Err(Failure::failed(why)))
}

/// Refuses to read the code from standard input if one of the files is a pipe: it may be standard input
/// too, which can be read only once.
fn check_input(files: &Files, request: &Request) -> Result<()> {
    match (&request.code, files.piped()) {
        (Some(CodeFlag::Stdin), Some(variable)) => Err(Failure::new(
            Exit::Usage,
            format!("--code-stdin can't be used when {variable} is a pipe"),
        )
        .hint("give the code with --code-command or AWSMFA_CODE, or use a regular file")),
        _ => Ok(()),
    }
}

/// The remaining task once it is this run's turn.
enum Task<'a> {
    /// Exchange a code for a session of the user.
    Issue(&'a KeySource, Means),
    /// Assume the roles of a chain.
    Assume(&'a Chain),
}

impl Run {
    /// Returns a session of the profile that `request` means. If this sign-in is part of another,
    /// `outer` is what that one passes down.
    pub(super) async fn sign_in(&self, request: &Request, outer: &Outer) -> Result<Ready> {
        let planned = self
            .plan(request)
            .inspect_err(|_| self.files.warn_of_links(self.context.ui))?;
        let is_new = request.new_device.is_some();
        if let Some(ready) = planned.keep(request, is_new || request.force, self.context) {
            return Ok(self.kept(ready, request));
        }
        let early = self.look_for_means(&planned, request).await?;

        started().await;
        let turn = self.take_turn(&planned, request, outer).await?;
        // Another awsmfa, which had the turn before, may have just made the session that is wanted here.
        let plan = self.plan(request)?;
        if !plan.comes_to_the_same(&planned) {
            return Err(changed_meanwhile(&planned.source.profile));
        }
        let made = plan.stored_key() != planned.stored_key() && !plan.is_anothers();
        let renews = is_new || request.force && !made;
        if let Some(ready) = plan.keep(request, renews, self.context) {
            return Ok(self.kept(ready, request));
        }
        let before = if made {
            Before::Nothing
        } else {
            outer.before.or(turn.before)
        };
        let destination = Destination::new(&self.files, &plan, request);
        let is_kept = self.rehearse(&destination, &turn, before)?;
        let task = match &plan.source.way {
            Way::Keys(keys) => {
                let means = Means::for_turn(early, &plan, request, before, self.context);
                Task::Issue(keys, in_foreground(means).await?)
            }
            Way::Role(chain) => Task::Assume(chain),
        };

        if !renews {
            self.say_why(&plan, request, &task);
        }
        self.say_whose_keys(&plan, request);
        self.warn_of_what_is_misread(&plan, &destination);
        self.say_where(&plan);
        let attempt = turn.begin();
        let session = match task {
            Task::Issue(keys, means) => self.issue(&plan, keys, request, outer, means).await?,
            Task::Assume(chain) => self.assume(chain, &plan, request, outer, before).await?,
        };
        attempt.mark_succeeded();
        let session = plan.complete(session);
        if is_kept && let Some(warning) = destination.save(&session, self.context)? {
            self.say_unkept(&warning);
        }
        Ok(Ready {
            region: plan.region,
            profile: plan.target,
            session,
            renewed: true,
            // The settings may have just been copied.
            contents: self.files.last_seen().unwrap_or(plan.contents),
        })
    }

    /// Returns the session that is kept, and tells the user, but no program, if it was made for less time
    /// than is asked for now.
    fn kept(&self, ready: Ready, request: &Request) -> Ready {
        let left = ready.session.expiration;
        let left = left.map(|at| expiry::remaining(at, self.context.now()).rounded());
        let granted = ready.session.made.granted.map(Lifetime::rounded).or(left);
        if let (Some(left), Some(granted), Some(asked)) = (left, granted, request.duration)
            && granted < asked.rounded()
            && !request.is_for_program()
        {
            self.context.ui.say(&format!(
                "{} is still valid, but ends in {left}, sooner than {DURATION_FLAG} asks for ({asked}); --force renews it",
                ready.profile
            ));
        }
        ready
    }

    async fn take_turn(&self, plan: &Plan, request: &Request, outer: &Outer) -> Result<Turn> {
        let (ui, target) = (self.context.ui, &plan.target);
        let on_wait = || {
            ui.say(&format!(
                "waiting for another awsmfa that is signing in to {target}"
            ));
        };
        let credentials = &self.files.credentials;
        let is_outside = outer.in_progress.has_turn(target);
        let waiter = Waiter {
            profile: target,
            maker: &plan.maker,
            is_outside,
            limit: request.patience(),
        };
        Turn::take(credentials, waiter, on_wait).await
    }

    /// Rehearses the edit of both files. Returns whether the session can be kept; if not and the command
    /// can do without, warns.
    fn rehearse(&self, destination: &Destination<'_>, turn: &Turn, before: Before) -> Result<bool> {
        let ui = self.context.ui;
        ui.step("trying out the edit of both files");
        let unkept = destination.rehearse(before)?;
        match &unkept {
            Some(warning) => self.say_unkept(warning),
            // Only if the session is kept: otherwise two sign-ins each ask for a code even with a lock.
            None => turn
                .warning()
                .into_iter()
                .for_each(|warning| ui.warn(warning)),
        }
        Ok(unkept.is_none())
    }

    /// Warns once that no session is kept: a role's session and the one it is made with go to the same
    /// file.
    fn say_unkept(&self, warning: &str) {
        if !self.has_said_unkept.replace(true) {
            self.context.ui.warn(warning);
        }
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        Plan::make(&self.files, request, self.context)
    }

    /// The means for a code, as far as they are known before the turn. If there are none, this run may
    /// still wait while another awsmfa is prompting; else it fails here.
    async fn look_for_means(&self, plan: &Plan, request: &Request) -> Result<Option<Means>> {
        if matches!(plan.source.way, Way::Role(_)) {
            return Ok(None);
        }
        match Means::find(plan, request, self.context) {
            Err(NoMeans::NowhereToAsk(_) | NoMeans::InBackground(_))
                if Turn::is_taken(&self.files.credentials, &plan.target) =>
            {
                Ok(None)
            }
            means => in_foreground(means).await.map(Some),
        }
    }

    /// Tells where the session goes if that is not NAME-mfa, because not all tools would read that name.
    fn say_where(&self, plan: &Plan) {
        let source = &plan.source.profile;
        if source.stand_in().is_some() && plan.target == source.session_profile() {
            self.context.ui.say(&format!(
                "the session of `{source}` goes to {}: the AWS SDKs don't read a profile named `{source}{SUFFIX}`",
                plan.target
            ));
        }
    }

    /// Tells why an existing session is renewed without being asked to. A program that runs awsmfa for
    /// keys may show our messages to its user, so in that case only a question is explained.
    fn say_why(&self, plan: &Plan, request: &Request, task: &Task<'_>) {
        let asks = matches!(task, Task::Issue(_, Means::Prompt(_)));
        if let Some(why) = plan.why_renewed(request, self.context)
            && (asks || !request.is_for_program())
        {
            self.context.ui.say(&format!("{why}; renewing"));
        }
    }

    /// Keys in the environment surprise people, so say when they are used, and when they can't be
    /// because they are a session's.
    fn say_whose_keys(&self, plan: &Plan, request: &Request) {
        if matches!(plan.source.way, Way::Keys(KeySource::Environment(_))) {
            self.context
                .ui
                .say("using the access key from the environment (no profile given)");
        } else if request.environment_keys(self.context).is_some() {
            self.context.ui.say(&format!(
                "ignoring the session in the environment; signing in with profile {}",
                plan.source.profile
            ));
        }
    }

    /// Warns if not all tools read a file, if settings are where no tool looks for them, and if not all
    /// tools can use the keys of this sign-in.
    fn warn_of_what_is_misread(&self, plan: &Plan, destination: &Destination<'_>) {
        let (files, contents, profiles) = (&self.files, &plan.contents, plan.profiles());
        let source = &plan.source.profile;
        let who_reads = [
            files.config.who_reads(&contents.config),
            files.credentials.who_reads(&contents.credentials),
            destination.unread(),
        ];
        let headers = [source, &plan.target].map(|profile| header::wrong(profiles, profile));
        let headers = headers.into_iter().flatten().map(|it| it.to_string());
        let comment = match &plan.source.way {
            Way::Keys(KeySource::Profile(_)) => own_keys::disputed_comment(profiles, source),
            _ => None,
        };
        let warnings = who_reads
            .into_iter()
            .flatten()
            .chain(headers)
            .chain(comment);
        warnings.for_each(|warning| self.warn_once(warning));
    }
}

/// Returns the `means`. A job that can only ask in the foreground does not ask from the background: it
/// gives up its turn, stops until it is in the foreground, and begins again.
async fn in_foreground(means: Result<Means, NoMeans>) -> Result<Means> {
    match means {
        Err(NoMeans::InBackground(failure)) => match job::wait_for_foreground(failure).await {},
        means => Ok(means?),
    }
}

/// The failure that the turn waited for is no longer the one that is needed.
fn changed_meanwhile(profile: &ProfileName) -> Failure {
    Failure::failed(format!(
        "profile {profile} was changed by another program while awsmfa waited"
    ))
    .hint("run this again")
}
