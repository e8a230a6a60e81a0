//! Asks AWS through the session of whoever runs a check: one that is kept, or one that is made now. It asks
//! one thing at a time, and slower once AWS limits requests. It never asks with long-term keys.

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

/// The session of whoever asks: a user's, or a role's.
pub(super) struct Caller {
    context: Context,
    request: Request,
    reach: Reach,
    settings: Settings,
    session: RefCell<Ready>,
    /// Whether the person has signed in once more in this run, or could not.
    is_anew: Cell<bool>,
    /// Whom AWS says they are.
    pub(super) identity: Identity,
    /// How long each call waits, where AWS has limited requests a short while ago.
    pause: Cell<Duration>,
    /// How many calls were made.
    calls: Cell<usize>,
    /// How many had been made before those that a person was told of, and how many these are.
    expected: Cell<Option<(usize, usize)>>,
}

/// How long the first call waits that is made again because AWS limits requests, after the SDK's own.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// A shorter wait is none.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// How long a call waits at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often one call is made again for that.
const MOST_PAUSES: usize = 8;

impl Caller {
    /// Signs in by `request`, where no session is kept, and asks AWS who that is. A role that asks about
    /// itself is refused before.
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
            // No policy denies that, but a session may have ended.
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

    /// The region whose endpoints are asked.
    pub(super) fn region(&self) -> &str {
        &self.settings.region
    }

    /// Shows from here on how many of about `calls` calls are made.
    pub(super) fn expect(&self, calls: usize) {
        self.expected.set(Some((self.calls.get(), calls)));
    }

    /// Asks AWS for what is needed. Where it denies that through a session that was kept (a policy may
    /// have an age in it), or the session is over, the person signs in once more, and it is asked again.
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

    /// Asks AWS for what can be done without. Where it limits requests, this waits and asks again.
    pub(super) async fn ask_as_it_is<T>(
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

    /// Signs in once more after `fault`. A denial stands where nobody can be asked for a code.
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

/// Signs in by `request`, whatever session is kept, and says that it will not do because of `failure`.
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

    /// The failure of a call, which names this permission and the smallest policy with it where a policy
    /// denies the call. `what` can't be done without it.
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
