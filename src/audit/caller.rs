//! Asks AWS through the caller's session, kept or new. It makes one request at a time, and slows down
//! once AWS limits requests. It never asks with long-term keys.

use super::order::Whom;
use crate::access::{needs_mfa, will_not_do};
use crate::aws::settings::Settings;
use crate::aws::{Aws, Fault, Identity, Refusal};
use crate::caller::{Reach, keys};
use crate::exit::{Exit, Failure, Result};
use crate::files::Files;
use crate::profile::Way;
use crate::signin::{self, Ready, Request};
use crate::world::Context;
use crate::world::runtime::heed_ctrl_c;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use tokio::time::sleep;

/// The session that asks: a user's or a role's.
pub(super) struct Caller {
    context: Context,
    request: Request,
    reach: Reach,
    settings: Settings,
    session: RefCell<Ready>,
    /// Whether the user has signed in again in this run, or could not.
    is_anew: Cell<bool>,
    /// Who AWS says the caller is.
    pub(super) identity: Identity,
    /// The pause before each call, if AWS has limited requests recently.
    pause: Cell<Duration>,
    /// The number of calls made.
    calls: Cell<usize>,
    /// The number of calls made before those that were announced, and the number announced.
    expected: Cell<Option<(usize, usize)>>,
}

/// The pause before the first repetition of a call that AWS limited, after the SDK's own.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// A shorter pause is skipped.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause before a call.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a call is repeated for that reason.
const MOST_PAUSES: usize = 8;

impl Caller {
    /// Signs in by `request` unless a session is kept, and asks AWS who that is. A role that asks about
    /// itself is refused before that.
    pub(super) async fn open(request: Request, whom: &Whom, context: Context) -> Result<Self> {
        let files = Files::find(context)?;
        let contents = files.read_what_is_there()?;
        let profiles = contents.profiles();
        let source = keys::source(profiles, request.named.as_ref(), context.env)
            .map_err(|failure| files.or_no_place(failure))?;
        if let Way::Role(_) = source.way {
            whom.check_role(&source.holder().to_string())?;
        }
        heed_ctrl_c().await;
        let mut ready = signin::sign_in(context, request.clone()).await?;
        let profiles = ready.contents.profiles();
        let reach = Reach::new(context, request.region.clone());
        let partition = ready.session.made.device.as_ref();
        let partition = partition.and_then(|serial| serial.partition());
        let settings = match &source.way {
            Way::Role(chain) => {
                let partition = Some(chain.last.arn.partition());
                reach.settings(profiles, &chain.last.profile, &[&chain.base], partition)?
            }
            Way::Keys(_) => reach.settings(profiles, &source.profile, &[], partition)?,
        };
        context.ui.step(&settings.to_string());
        context
            .ui
            .step("asking AWS who is calling (sts:GetCallerIdentity)");
        let aws = reach.aws(&settings, &ready.session.keys)?;
        let identity = match aws.get_caller_identity().await {
            // No policy can deny this call, but a session may have ended.
            Err(fault) if needs_mfa(&fault) && !ready.renewed => {
                ready = sign_in_again(&request, &fault.into(), context).await?;
                let aws = reach.aws(&settings, &ready.session.keys)?;
                aws.get_caller_identity().await?
            }
            answer => answer?,
        };
        Ok(Self {
            context,
            request,
            reach,
            settings,
            session: RefCell::new(ready),
            is_anew: Cell::new(false),
            identity,
            pause: Cell::new(Duration::ZERO),
            calls: Cell::new(0),
            expected: Cell::new(None),
        })
    }

    /// The region whose endpoints are used.
    pub(super) fn region(&self) -> &str {
        &self.settings.region
    }

    /// From here on, shows how many of about `calls` calls have been made.
    pub(super) fn expect(&self, calls: usize) {
        self.expected.set(Some((self.calls.get(), calls)));
    }

    /// Asks AWS for something that is needed. If AWS denies it through a kept session (a policy may
    /// limit its age), or the session has ended, the user signs in again and the call is repeated.
    pub(super) async fn ask<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match self.ask_as_it_is(&ask).await {
            Err(fault) if needs_mfa(&fault) && (self.may_be_too_old() || is_over(&fault)) => {
                self.sign_in_anew(fault).await?;
                self.ask_as_it_is(&ask).await
            }
            answer => answer,
        }
    }

    /// Asks AWS for something optional. `None` if a policy denies it.
    pub(super) async fn ask_if_allowed<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<Option<T>> {
        match self.ask_as_it_is(&ask).await {
            Err(fault) if is_denied(&fault) => Ok(None),
            answer => Ok(Some(answer?)),
        }
    }

    /// Asks AWS with the session that there is. If AWS limits requests, waits and asks again.
    async fn ask_as_it_is<T>(
        &self,
        ask: &impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        for _ in 0..MOST_PAUSES {
            match self.ask_once(ask).await {
                Err(Fault::Refused {
                    refusal: Refusal::Throttled,
                    ..
                }) => self.slow_down(),
                answer => {
                    self.speed_up();
                    return answer;
                }
            }
        }
        self.ask_once(ask).await
    }

    fn slow_down(&self) {
        let pause = match self.pause.get() {
            short if short < FIRST_PAUSE => FIRST_PAUSE,
            pause => (pause * 2).min(LONGEST_PAUSE),
        };
        let seconds = pause.as_secs();
        let text = format!("AWS is limiting requests: waiting {seconds} s before the next one");
        self.context.ui.step(&text);
        self.pause.set(pause);
    }

    fn speed_up(&self) {
        let pause = self.pause.get() / 2;
        let is_short = pause < SHORTEST_PAUSE;
        self.pause
            .set(if is_short { Duration::ZERO } else { pause });
    }

    async fn ask_once<T>(&self, ask: &impl AsyncFn(Aws) -> Result<T, Fault>) -> Result<T, Fault> {
        if !self.pause.get().is_zero() {
            sleep(self.pause.get()).await;
        }
        self.calls.set(self.calls.get() + 1);
        let ui = self.context.ui;
        if let Some((before, all)) = self.expected.get() {
            let calls = self.calls.get() - before;
            ui.progress(&format!("{calls} of about {all} requests"));
        }
        let answer = ask(self.aws().map_err(Fault::Fatal)?).await;
        if self.expected.get().is_some() {
            ui.end_progress();
        }
        answer
    }

    fn may_be_too_old(&self) -> bool {
        !self.is_anew.get() && !self.session.borrow().renewed
    }

    /// Signs in again after `fault`. If nobody can be asked for a code, the denial stands.
    async fn sign_in_anew(&self, fault: Fault) -> Result<(), Fault> {
        self.is_anew.set(true);
        let is_over = is_over(&fault);
        let failure = Failure::from(fault);
        match sign_in_again(&self.request, &failure, self.context).await {
            Ok(ready) => {
                *self.session.borrow_mut() = ready;
                Ok(())
            }
            Err(why) if why.exit == Exit::CodeNeeded && !is_over => Err(Fault::Refused {
                refusal: Refusal::Denied,
                failure,
            }),
            Err(why) => Err(Fault::Fatal(why)),
        }
    }

    fn aws(&self) -> Result<Aws> {
        self.reach
            .aws(&self.settings, &self.session.borrow().session.keys)
    }
}

/// Signs in by `request` even if a session is kept, and explains that `failure` makes this necessary.
async fn sign_in_again(request: &Request, failure: &Failure, context: Context) -> Result<Ready> {
    let text = will_not_do(failure);
    match request.asking.place() {
        Ok(_) => context.ui.say(&text),
        Err(_) => context.ui.step(&text),
    }
    let request = Request {
        force: true,
        ..request.clone()
    };
    signin::sign_in(context, request).await
}

/// Whether the session has ended.
fn is_over(fault: &Fault) -> bool {
    fault.refusal().is_some_and(Refusal::ends_session)
}

/// Whether a policy denies it.
pub(super) fn is_denied(fault: &Fault) -> bool {
    fault.refusal() == Some(Refusal::Denied)
}

/// A permission that a check needs.
pub(super) struct Needed<'a> {
    action: &'static str,
    resource: &'a str,
}

impl<'a> Needed<'a> {
    pub(super) fn new(action: &'static str, resource: &'a str) -> Self {
        Self { action, resource }
    }

    /// The failure of a call without which `what` can't be done. If a policy denied the call, it names
    /// this permission and the smallest policy that grants it.
    pub(super) fn explain(&self, fault: Fault, what: &str) -> Failure {
        let is_denied = is_denied(&fault);
        let failure = Failure::from(fault);
        if !is_denied {
            return failure;
        }
        let Self { action, resource } = self;
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
        );
        Failure::new(
            failure.exit,
            format!("{what}: this needs {action} on {resource}; {failure}"),
        )
        .hint(format!("the smallest policy that grants it: {policy}"))
        .detail_of(failure)
    }
}
