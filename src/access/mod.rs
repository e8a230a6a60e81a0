//! Asks AWS for a user: with their long-term keys where those may, else through their session. It changes
//! nothing itself.
//!
//! A user without a device enrols the first with the long-term keys. Once there is one, AWS wants MFA
//! for each device that comes or goes, and so do policies that enforce MFA.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_cliapi.html>

pub(crate) mod lock;

use crate::aws::settings::Settings;
use crate::aws::{Aws, Fault, Identity, MfaDevice, Owner, Refusal};
use crate::caller::nested::InProgress;
use crate::caller::{Reach, keys};
use crate::code::CodeSource;
use crate::exit::{Exit, Failure, Result};
use crate::files::{Contents, Files};
use crate::profile::source::Holder;
use crate::profile::{KeySource, Source, device, setting};
use crate::signin::{self, Ready, Request};
use crate::value::{Keys, ProfileName, Serial};
use crate::world::Context;
use crate::world::asking::Asking;
use crate::world::runtime::heed_ctrl_c;
use std::cell::{Cell, RefCell};

/// The user whose devices or keys are meant.
pub(crate) struct User {
    /// Their name, without a path.
    pub(crate) name: String,
    /// Who AWS says they are.
    pub(crate) identity: Identity,
    /// The profile that holds their long-term keys.
    pub(crate) profile: ProfileName,
    /// Whose keys they are, for messages.
    pub(crate) holder: Holder,
}

impl User {
    /// The command line of awsmfa that does `what` for this user, for messages.
    pub(crate) fn command(&self, what: &str) -> String {
        format!("`{}`", self.holder.command(what))
    }
}

/// The ways to ask AWS for a user.
pub(crate) struct Access {
    /// The world.
    pub(crate) context: Context,
    /// The user's sign-in, should one be needed.
    request: Request,
    /// Who they are.
    pub(crate) user: User,
    /// Both AWS files.
    pub(crate) files: Files,
    /// What they held when this began.
    pub(crate) contents: Contents,
    reach: Reach,
    settings: Settings,
    with_keys: Aws,
    session: RefCell<Option<Ready>>,
    /// Why the user can't sign in, where they say so: a session that is kept has to do.
    no_sign_in: Option<Failure>,
    /// What to do where a sign-in has no code, unless the flags of a sign-in are those of the command.
    without_code: RefCell<Option<String>>,
    /// What a code is needed for, where that is to be said before it is asked for.
    purpose: Cell<Option<&'static str>>,
    /// Whether AWS has answered a call through the session.
    is_proven: Cell<bool>,
}

impl Access {
    /// Finds the user with whose long-term keys a sign-in by `request` begins, and asks AWS who they
    /// are. Fails where they are no user: a role has no devices, and the root's are not changed here.
    pub(crate) async fn open(request: Request, context: Context) -> Result<Self> {
        let (access, ()) = Self::open_where(request, context, |_, _| Ok(())).await?;
        Ok(access)
    }

    /// The same where `check` has nothing against where the keys come from, with what that makes of it. It
    /// is asked before a command for them is run, and before AWS is asked.
    pub(crate) async fn open_where<T>(
        request: Request,
        context: Context,
        check: impl FnOnce(&KeySource, &Holder) -> Result<T>,
    ) -> Result<(Self, T)> {
        let files = Files::find(context)?;
        let contents = files.read_what_is_there()?;
        let profiles = contents.profiles();
        let source = keys::source(profiles, request.named.as_ref(), context.env)
            .map_err(|failure| files.or_no_place(failure))?;
        let request = request.for_user(&source);
        let source = match &request.named {
            Some(base) if request.is_base => Source::of_base(profiles, base)?,
            _ => source,
        };
        let holder = source.holder();
        let (profile, source) = source.base(profiles)?;
        let checked = check(&source, &holder)?;
        heed_ctrl_c().await;
        let reach = Reach::new(context, request.region.clone());
        let device = device::named(profiles, &profile, setting::MFA_SERIAL)
            .ok()
            .flatten();
        let partition = device.as_ref().and_then(|serial| serial.partition());
        let settings = reach.settings(profiles, &profile, &[], partition)?;
        context.ui.step(&settings.to_string());
        let in_progress = InProgress::outside(context.env);
        let keys = keys::long_term(&source, &profile, &in_progress).await?;
        let with_keys = reach.aws(&settings, &keys)?;
        context
            .ui
            .step("asking AWS who the user is (sts:GetCallerIdentity)");
        let identity = with_keys.get_caller_identity().await?;
        let name = match Owner::of(&identity.arn) {
            Some(Owner::User(name)) => name.to_owned(),
            Some(Owner::Root) => return Err(is_root(&holder)),
            None => return Err(no_user(&holder, &identity)),
        };
        let access = Self {
            context,
            request,
            user: User {
                name,
                identity,
                profile,
                holder,
            },
            files,
            contents,
            reach,
            settings,
            with_keys,
            session: RefCell::new(None),
            no_sign_in: None,
            without_code: RefCell::new(None),
            purpose: Cell::new(None),
            is_proven: Cell::new(false),
        };
        Ok((access, checked))
    }

    /// AWS, asked with the long-term keys.
    pub(crate) fn with_keys(&self) -> &Aws {
        &self.with_keys
    }

    /// The user's devices. Asked with the long-term keys; where those may not, through a session that
    /// is kept, if there is one.
    pub(crate) async fn devices(&self) -> Result<Vec<MfaDevice>> {
        let owner = Owner::User(&self.user.name);
        self.context
            .ui
            .step("asking AWS for the MFA devices (iam:ListMFADevices)");
        let listed = self
            .without_code(async |aws| aws.list_mfa_devices(owner).await)
            .await;
        listed.map_err(|fault| {
            let is_denied = needs_mfa(&fault);
            let failure = Failure::from(fault);
            if !is_denied {
                return failure;
            }
            failure.hint(format!(
                "MFA may be required for this: sign in with {}, then try again; a user without a device needs iam:ListMFADevices allowed without MFA",
                self.user.command("login")
            ))
        })
    }

    /// Asks AWS with the long-term keys; where those may not, through a session that is kept, if there
    /// is one. Asks for no code.
    pub(crate) async fn without_code<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let kept = || {
            let kept = signin::kept(self.context, &self.request)?;
            kept.map(|kept| self.reach.aws(&self.settings, &kept.session.keys))
                .transpose()
        };
        keys_or_kept(&self.with_keys, kept, ask).await
    }

    /// Asks AWS with the long-term keys; where those may not, through the user's session, as
    /// [`Self::with_session`] does.
    pub(crate) async fn with_keys_or_session<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match ask(self.with_keys.clone()).await {
            Err(fault) if needs_mfa(&fault) => self.with_session(ask).await,
            answer => answer,
        }
    }

    /// AWS, asked with other `keys` in the same way.
    pub(crate) fn with_other_keys(&self, keys: &Keys) -> Result<Aws> {
        self.reach.aws(&self.settings, keys)
    }

    /// Takes it that the next call may want a younger session than those before: a policy may limit the
    /// age of MFA for what changes something alone.
    pub(crate) fn expect_a_limit_of_age(&self) {
        self.is_proven.set(false);
    }

    /// Whether and how a person may be asked.
    pub(crate) fn asking(&self) -> Asking {
        self.request.asking
    }

    /// Whether there is a session that is kept.
    pub(crate) fn has_kept(&self) -> Result<bool> {
        Ok(signin::kept(self.context, &self.request)?.is_some())
    }

    /// Signs in with the device `serial`, should that be needed.
    pub(crate) fn sign_in_with(&mut self, serial: Serial) {
        self.request.serial = Some(serial);
    }

    /// Says `hint` where a sign-in has no code: the command has none of the flags that would give one.
    /// Of several the first one counts.
    pub(crate) fn hint_without_code(&self, hint: impl FnOnce() -> String) {
        self.without_code.borrow_mut().get_or_insert_with(hint);
    }

    /// Says `purpose` before a person is asked for a code, once.
    pub(crate) fn say_before_code(&self, purpose: &'static str) {
        self.purpose.set(Some(purpose));
    }

    /// Has a session there, which may ask for a code, so that nothing else is asked for later.
    pub(crate) async fn be_signed_in(&self) -> Result<()> {
        self.session().await.map(drop)
    }

    /// Makes do with a session that is kept: where it would take a code, it fails with `why`.
    pub(crate) fn never_sign_in(&mut self, why: Failure) {
        self.no_sign_in = Some(why);
    }

    /// Goes on with `ready`, a session of the user that was made in this run.
    pub(crate) fn go_on_with(&self, ready: Ready) {
        *self.session.borrow_mut() = Some(ready);
        self.is_proven.set(true);
    }

    /// The user's sign-in.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// The profile that holds the session, where there was need of one.
    pub(crate) fn session_profile(&self) -> Option<ProfileName> {
        Some(self.session.borrow().as_ref()?.profile.clone())
    }

    /// The device that the session was made with, where there was need of one.
    pub(crate) fn device_of_session(&self) -> Option<Serial> {
        let session = self.session.borrow();
        session.as_ref()?.session.made.device.clone()
    }

    /// Asks AWS through the user's session, which is a kept one, or made now. Where AWS denies the
    /// first call through a kept one (a policy may have an age in it), the user signs in once more,
    /// and it is asked again.
    pub(crate) async fn with_session<T>(
        &self,
        ask: impl AsyncFn(Aws) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (aws, is_kept) = self.session().await.map_err(Fault::Fatal)?;
        let answer = ask(aws).await;
        let answer = match answer {
            Err(fault) if is_kept && !self.is_proven.get() && needs_mfa(&fault) => {
                let failure = Failure::from(fault);
                if let Some(why) = &self.no_sign_in {
                    return Err(Fault::Fatal(why.clone().detail_of(failure)));
                }
                self.context.ui.say(&will_not_do(&failure));
                let ready = self.sign_in(true).await.map_err(Fault::Fatal)?;
                let aws = self.reach.aws(&self.settings, &ready.session.keys);
                *self.session.borrow_mut() = Some(ready);
                ask(aws.map_err(Fault::Fatal)?).await
            }
            answer => answer,
        };
        self.is_proven.set(true);
        answer
    }

    async fn sign_in(&self, force: bool) -> Result<Ready> {
        let code = CodeSource::choose(self.request.code.as_ref(), self.context.env, None);
        if let Some(purpose) = self.purpose.get()
            && matches!(code, Ok(None))
            && self.request.asking.place().is_ok()
            && (force || !self.has_kept()?)
        {
            self.purpose.set(None);
            self.context.ui.say(purpose);
        }
        let request = Request {
            force,
            ..self.request.clone()
        };
        let ready = signin::sign_in(self.context, request).await;
        ready.map_err(|failure| match &*self.without_code.borrow() {
            Some(hint) if failure.exit == Exit::CodeNeeded => failure.hint(hint.clone()),
            _ => failure,
        })
    }

    /// AWS, asked through the user's session, and whether that was there already.
    async fn session(&self) -> Result<(Aws, bool)> {
        let there = self.session.borrow_mut().take();
        let ready = match there {
            Some(ready) => ready,
            None if let Some(why) = &self.no_sign_in => {
                signin::kept(self.context, &self.request)?.ok_or_else(|| why.clone())?
            }
            None => self.sign_in(self.request.force).await?,
        };
        let aws = self.reach.aws(&self.settings, &ready.session.keys)?;
        let is_kept = !ready.renewed;
        *self.session.borrow_mut() = Some(ready);
        Ok((aws, is_kept))
    }
}

/// Asks AWS `with_keys`; where those may not, through the session that `kept` finds, if there is one.
pub(crate) async fn keys_or_kept<T>(
    with_keys: &Aws,
    kept: impl FnOnce() -> Result<Option<Aws>>,
    ask: impl AsyncFn(Aws) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let refused = match ask(with_keys.clone()).await {
        Err(fault) if needs_mfa(&fault) => fault,
        answer => return answer,
    };
    match kept().map_err(Fault::Fatal)? {
        Some(aws) => ask(aws).await,
        None => Err(refused),
    }
}

/// Says that a person signs in although a session is kept, because of `failure`.
pub(crate) fn will_not_do(failure: &Failure) -> String {
    format!("the saved session can't be used ({failure}); signing in again")
}

/// Whether AWS may do for those who have signed in, or have done so just now, what it refuses here.
pub(crate) fn needs_mfa(fault: &Fault) -> bool {
    matches!(
        fault.refusal(),
        Some(
            Refusal::Denied
                | Refusal::MfaNeeded
                | Refusal::ExpiredSession
                | Refusal::UnknownSession
        )
    )
}

/// The failure of the keys of a root user.
pub(crate) fn is_root(holder: &Holder) -> Failure {
    Failure::failed(format!(
        "the keys of {holder} belong to the account's root user, whose devices and keys are managed in the AWS console"
    ))
    .hint("use the keys of an IAM user; AWS advises against having root keys at all")
}

/// The failure of keys that are no user's.
pub(crate) fn no_user(holder: &Holder, identity: &Identity) -> Failure {
    let text = format!(
        "the keys of {holder} belong to {}, which is not an IAM user",
        identity.arn
    );
    Failure::new(Exit::KeysRefused, text).hint("use the long-term keys of an IAM user")
}
