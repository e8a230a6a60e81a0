//! Leads a setup through its steps: region, keys, who AWS says they belong to, both files, and a
//! session. It stores nothing that AWS refuses.

use super::given::{Given, unusable};
use super::key_file::Row;
use super::question::{self, DEFAULT_REGION, REGION_FORM, check_id};
use super::request::{KeyFile, Request};
use super::save::Destination;
use crate::aws::settings::is_like_region;
use crate::aws::{Fault, Identity, Owner, Refusal};
use crate::caller::{Reach, keys as caller_keys};
use crate::code::CodeSource;
use crate::devices::enroll::offer;
use crate::exit::{Exit, Failure, Remedy, Result};
use crate::files::{Contents, Files};
use crate::handover::shell::Shell;
use crate::profile::key_profile::{self, KeyProfile};
use crate::profile::source::profile_flag;
use crate::profile::{Profile, Profiles, setting};
use crate::signin::{self, Ready};
use crate::store::Report;
use crate::value::keys::shown_id;
use crate::value::{Keys, ProfileName};
use crate::world::asking::Nowhere;
use crate::world::runtime::heed_ctrl_c;
use crate::world::runtime::until_cancelled;
use crate::world::tty::Terminal;
use crate::world::ui::Ui;
use crate::world::{Context, job, prompt, shell};

/// The result of a setup.
pub(crate) struct Done {
    /// The profile with the keys.
    pub(crate) profile: ProfileName,
    /// Who AWS says they are.
    pub(crate) identity: Identity,
    /// The id of the access key.
    pub(crate) access_key_id: String,
    /// The region in which AWS was asked.
    pub(crate) region: String,
    /// Whether any file was changed.
    pub(crate) stored: bool,
    /// The session, if there is one now.
    pub(crate) session: Option<Ready>,
    /// Prints its reminder when everything else has been said.
    _reminder: Reminder,
}

/// Sets up the profile in `request`: what exists stays, and what is missing comes from the supplied keys
/// or the terminal.
pub(crate) async fn set_up(context: Context, mut request: Request) -> Result<Done> {
    refuse_session(context)?;
    let files = Files::find(context)?;
    files.warn_of_links(context.ui);
    if let Some(variable) = files.piped() {
        return Err(
            Failure::failed(format!("keys can't be stored when {variable} is a pipe"))
                .hint("use a regular file, or unset the variable"),
        );
    }
    let (profile, found) = {
        let contents = files.read()?;
        let profile = meant(contents.profiles(), &request.profile);
        let found = KeyProfile::of(contents.profiles(), &profile)?;
        (profile, found)
    };
    request.sign_in.named = Some(profile.clone());
    request.profile = profile;
    heed_ctrl_c().await;
    let given = Given::read(&request, matches!(found, KeyProfile::Free), context.ui).await?;
    let setup = Setup {
        files: &files,
        given,
        request: &request,
        context,
    };
    // From the beginning, because the files may have changed during a stop.
    let (mut done, region) = job::restarted(async || setup.keys_and_region().await).await?;
    if request.login {
        let mut sign_in = request.sign_in.clone();
        sign_in.region = region.or(sign_in.region);
        let signed_in = until_cancelled(setup.login(&sign_in)).await;
        done.session = signed_in.map_err(|failure| setup.with_keys_stored(failure))?;
    }
    Ok(done)
}

/// AWS tools would prefer the session to the stored keys, and somebody who has one has keys already.
fn refuse_session(context: Context) -> Result<()> {
    let Some(token) = caller_keys::session_in_environment(context.env) else {
        return Ok(());
    };
    let shell = Shell::of_program(&shell::program(context.env));
    let clear = shell.evaluated("export --unset");
    Err(Failure::failed(format!(
        "the environment holds a session ({token}), which AWS tools would use rather than the keys of a profile"
    ))
    .hint(format!("clear it with `{clear}`, or unset AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN")))
}

/// The profile that `named` means: for a session profile, its source.
fn meant(profiles: Profiles<'_>, named: &ProfileName) -> ProfileName {
    let found = Profile::read(profiles, named);
    found.stands_for().unwrap_or(named).clone()
}

/// A setup under way.
struct Setup<'a> {
    files: &'a Files,
    given: Given,
    request: &'a Request,
    context: Context,
}

/// The region of a run.
struct Region {
    name: String,
    /// Whether it was chosen, rather than being the default.
    is_said: bool,
    /// Whether it was chosen at the terminal.
    is_answered: bool,
    /// Whether the profile should get it.
    is_to_stay: bool,
}

/// How often to ask for keys that AWS refuses: the user may mistype, but a wrong region stays wrong.
const TRIES: usize = 3;

/// What was stored just now.
#[derive(Clone, Copy)]
struct Stored {
    keys: bool,
    region: bool,
}

impl Setup<'_> {
    /// Makes sure that the profile has a region and keys that AWS knows. Returns the region for the
    /// sign-in, if the profile does not have it.
    async fn keys_and_region(&self) -> Result<(Done, Option<String>)> {
        let contents = self.files.read()?;
        let (ui, profile) = (self.context.ui, &self.request.profile);
        let destination = Destination {
            files: self.files,
            profile,
        };
        // Everything that can fail cheaply fails before the user is asked for a secret.
        let found = KeyProfile::of(contents.profiles(), profile)?;
        let (in_hand, is_new) = match found {
            KeyProfile::Holds(held) => {
                self.check_same(&held)?;
                (Some(held), false)
            }
            KeyProfile::Free => (self.handed_in().await?, true),
        };
        if is_new {
            key_profile::check_free(contents.profiles(), profile, in_hand.as_ref())?;
            self.check_can_be_had()?;
            ui.step("trying out the edit of both files");
            destination.rehearse_keys()?;
        }
        let region = self.region(&contents, &destination).await?;
        let (keys, identity) = match in_hand {
            Some(keys) => {
                let identity = self.ask_aws(&contents, &keys, &region.name).await;
                let identity = identity.map_err(|fault| match is_new {
                    true => explained(fault),
                    false => fault.into(),
                })?;
                (keys, identity)
            }
            None => self.ask_for_keys(&contents, &region).await?,
        };
        check_user(&identity)?;
        // The keys first: if somebody has put something else into the profile meanwhile, it stays as
        // they left it, without our region.
        if is_new {
            warn_of(&destination.save_keys(&keys)?, ui);
        }
        let stored = Stored {
            keys: is_new,
            region: region.is_to_stay && self.save_region(&destination, &region.name, is_new)?,
        };
        // What another program has written meanwhile counts, not what we were going to write.
        let contents = self.files.last_seen().unwrap_or(contents);
        self.tell_of(contents.profiles(), stored, &keys, &region);
        self.tell(&format!("AWS says it is {}", whom(&identity)));
        let is_in_profile =
            contents.profiles().get(profile, setting::REGION).as_ref() == Some(&region.name);
        let for_sign_in = (region.is_said && !is_in_profile).then(|| region.name.clone());
        let done = Done {
            profile: profile.clone(),
            identity,
            access_key_id: keys.access_key_id,
            region: region.name,
            stored: stored.keys || stored.region,
            session: None,
            _reminder: Reminder {
                file: self.request.file.clone(),
                ui,
            },
        };
        Ok((done, for_sign_in))
    }

    /// Asks the user for keys that AWS knows. Asks again if AWS refuses them and a typing error can be
    /// the reason.
    async fn ask_for_keys(&self, contents: &Contents, region: &Region) -> Result<(Keys, Identity)> {
        let profile = &self.request.profile;
        let terminal = self.terminal("an access key", KEYS_HINT).await?;
        if !region.is_answered {
            question::begin(&terminal, profile)?;
        }
        let mut known = None;
        let mut tries = 1;
        loop {
            let keys = question::keys(&terminal, known.as_deref()).await?;
            key_profile::check_free(contents.profiles(), profile, Some(&keys))?;
            let fault = match self.ask_aws(contents, &keys, &region.name).await {
                Ok(identity) => return Ok((keys, identity)),
                Err(fault) => fault,
            };
            let id = shown_id(&keys.access_key_id);
            match &fault {
                Fault::Refused { .. } if tries >= TRIES => return Err(explained(fault)),
                Fault::Refused {
                    refusal: Refusal::WrongSecret,
                    ..
                } => {
                    prompt::show(
                        &terminal,
                        &format!("that is not the secret of {id}; paste it again"),
                    )?;
                    known = Some(keys.access_key_id);
                }
                Fault::Refused {
                    refusal: Refusal::UnknownKey | Refusal::UnrecognizedClient,
                    ..
                } => {
                    prompt::show(
                        &terminal,
                        &format!(
                            "AWS does not know the access key {id} in {}: check for a typo, and type it again",
                            region.name
                        ),
                    )?;
                    known = None;
                }
                _ => return Err(explained(fault)),
            }
            tries += 1;
        }
    }

    /// Stores the region after the keys, and returns whether it was still needed.
    fn save_region(
        &self,
        destination: &Destination<'_>,
        region: &str,
        are_keys_new: bool,
    ) -> Result<bool> {
        let saved = destination.save_region(region);
        let saved = saved.map_err(|failure| match are_keys_new {
            true => Failure {
                message: format!(
                    "the keys are stored, but the region is not: {}",
                    failure.message
                ),
                ..failure
            },
            false => failure,
        })?;
        if let Some(report) = &saved {
            warn_of(report, self.context.ui);
        }
        Ok(saved.is_some())
    }

    /// Reports what is in the files now.
    fn tell_of(&self, profiles: Profiles<'_>, stored: Stored, keys: &Keys, region: &Region) {
        let profile = &self.request.profile;
        let id = shown_id(&keys.access_key_id);
        let own = profiles.get(profile, setting::REGION);
        let its_region = match &own {
            Some(region) => format!("region {region}"),
            None => "no region".to_owned(),
        };
        self.tell(&match (stored.keys, stored.region) {
            (true, true) => format!("stored access key {id} and {its_region} in profile {profile}"),
            (true, false) => {
                format!("stored access key {id} in profile {profile}, which has {its_region}")
            }
            (false, true) => {
                format!("stored {its_region} in profile {profile}, which has access key {id}")
            }
            (false, false) => format!("profile {profile} has access key {id} and {its_region}"),
        });
        let used = &region.name;
        match own {
            Some(own) if region.is_said && own != *used => self.tell(&format!(
                "profile {profile} keeps its region {own}; {used} is for this run only"
            )),
            None if region.is_said => self.tell(&format!(
                "region {used} is for this run only: profile {profile} has an empty `region =`, which is left unchanged"
            )),
            _ => {}
        }
    }

    /// Fails if keys are needed, none were supplied, and nobody can be asked.
    fn check_can_be_had(&self) -> Result<()> {
        match self.given {
            Given::Nothing => {
                let asking = self.request.sign_in.asking.check_for_secret();
                asking.map_err(|nowhere| self.lacks("an access key", nowhere, KEYS_HINT))
            }
            Given::Pair(_) | Given::Rows(_) => Ok(()),
        }
    }

    /// The region as AWS tools choose it, else the user's answer. It stays if the files have none and
    /// the user has chosen it.
    async fn region(&self, contents: &Contents, destination: &Destination<'_>) -> Result<Region> {
        let (profiles, profile) = (contents.profiles(), &self.request.profile);
        let reach = Reach::new(self.context, self.request.sign_in.region.clone());
        let is_stated = profiles.stated(profile, setting::REGION).is_some();
        let named = reach.named_region(profiles, profile)?;
        if let Some(name) = &named
            && profiles.get(profile, setting::REGION).as_ref() != Some(name)
        {
            self.check_region(name)?;
        }
        let terminal = match named {
            Some(_) => None,
            None => self.terminal_or_none().await,
        };
        if !is_stated && (named.is_some() || terminal.is_some()) {
            destination.rehearse_region(named.as_deref())?;
        }
        let is_answered = terminal.is_some();
        let (name, is_said) = match (named, terminal) {
            (Some(name), _) => (name, true),
            (None, Some(terminal)) => {
                question::begin(&terminal, profile)?;
                (question::region(&terminal).await?, true)
            }
            (None, None) => (DEFAULT_REGION.to_owned(), false),
        };
        Ok(Region {
            name,
            is_answered,
            is_said,
            is_to_stay: is_said && !is_stated,
        })
    }

    /// Refuses a region in the flag or the environment that does not look like one of AWS's, because it
    /// would be stored in the profile.
    fn check_region(&self, name: &str) -> Result<()> {
        if is_like_region(name) {
            return Ok(());
        }
        let (exit, from, hint) = match self.request.sign_in.region {
            Some(_) => (Exit::Usage, "--region", REGION_FORM.to_owned()),
            None => {
                let hint = format!("{REGION_FORM}: correct AWS_REGION or AWS_DEFAULT_REGION");
                (Exit::Failed, "the region of the environment", hint)
            }
        };
        Err(Failure::new(exit, format!("{from} is not one of AWS's: {name}")).hint(hint))
    }

    /// The keys that were supplied, if any.
    async fn handed_in(&self) -> Result<Option<Keys>> {
        let keys = match &self.given {
            Given::Nothing => return Ok(None),
            Given::Pair(keys) => keys.clone(),
            Given::Rows(rows) => self.keys_of(self.choose(rows).await?)?.clone(),
        };
        check_id(&keys.access_key_id).map_err(Failure::failed)?;
        Ok(Some(keys))
    }

    /// The row that is meant.
    async fn choose<'r>(&self, rows: &'r [Row]) -> Result<&'r Row> {
        let file = self.file();
        if let Some(id) = &self.request.access_key_id {
            return self.named_row(rows, id);
        }
        if let [row] = rows {
            return Ok(row);
        }
        let what = format!("one of the access keys of {file} ({})", list(rows));
        let terminal = self
            .terminal(&what, "choose one with --access-key-id")
            .await?;
        let chosen = question::row(&terminal, rows, &file).await?;
        Ok(&rows[chosen])
    }

    /// The keys of the chosen `row`.
    fn keys_of<'r>(&self, row: &'r Row) -> Result<&'r Keys> {
        row.keys().map_err(|unfit| unusable(&self.file(), unfit))
    }

    /// The row with the `id` that the user named.
    fn named_row<'r>(&self, rows: &'r [Row], id: &str) -> Result<&'r Row> {
        let row = rows.iter().find(|row| row.is_of(id));
        row.ok_or_else(|| {
            let (file, id) = (self.file(), shown_id(id));
            Failure::new(
                Exit::Usage,
                format!("{file} does not hold the access key {id}"),
            )
            .hint(format!("it holds {}", list(rows)))
        })
    }

    /// Refuses supplied keys that differ from those in the profile.
    fn check_same(&self, held: &Keys) -> Result<()> {
        let given = match (&self.given, &self.request.access_key_id) {
            (Given::Nothing, _) => return Ok(()),
            (Given::Pair(keys), _) => keys,
            (Given::Rows(rows), Some(id)) => self.keys_of(self.named_row(rows, id)?)?,
            (Given::Rows(rows), None) => {
                let same = rows.iter().find(|row| row.is_of(&held.access_key_id));
                match same.or(rows.first()) {
                    Some(row) => self.keys_of(row)?,
                    None => return Ok(()),
                }
            }
        };
        match given.are(held) {
            true => Ok(()),
            false => Err(key_profile::other_keys(&self.request.profile, held, given)),
        }
    }

    /// Asks AWS whose `keys` they are.
    async fn ask_aws(
        &self,
        contents: &Contents,
        keys: &Keys,
        region: &str,
    ) -> Result<Identity, Fault> {
        let reach = Reach::new(self.context, Some(region.to_owned()));
        let settings = reach
            .settings(contents.profiles(), &self.request.profile, &[], None)
            .map_err(Fault::Fatal)?;
        self.context.ui.step(&settings.to_string());
        self.context
            .ui
            .step("asking AWS whose keys these are (sts:GetCallerIdentity)");
        let aws = reach.aws(&settings, keys).map_err(Fault::Fatal)?;
        aws.get_caller_identity().await
    }

    /// A session, if there is a good one, or if one is wanted and possible.
    async fn login(&self, sign_in: &signin::Request) -> Result<Option<Ready>> {
        let context = self.context;
        if !sign_in.force
            && let Some(ready) = signin::kept(context, sign_in)?
        {
            return Ok(Some(ready));
        }
        let contents = self.files.read()?;
        let mfa_process = contents
            .profiles()
            .get(&self.request.profile, setting::MFA_PROCESS);
        let source = CodeSource::choose(sign_in.code.as_ref(), context.env, mfa_process)?;
        if source.is_none() && !self.wants_login().await? {
            self.tell_of_login();
            return Ok(None);
        }
        match signin::sign_in(context, sign_in.clone()).await {
            Err(failure) if failure.remedy == Some(Remedy::Enroll) => {
                self.enroll(failure, sign_in).await
            }
            signed_in => signed_in.map(Some),
        }
    }

    /// Offers to enroll a device if the sign-in ended in `failure` because the user has none. Declining
    /// is no failure: the keys are stored.
    async fn enroll(&self, failure: Failure, sign_in: &signin::Request) -> Result<Option<Ready>> {
        let is_asked = sign_in.code.is_none() && sign_in.asking.place().is_ok();
        let (message, hint) = (failure.message.clone(), failure.hint.clone());
        match offer(failure, sign_in.clone(), self.context).await {
            Err(failure) if is_asked && failure.remedy == Some(Remedy::Enroll) => {
                self.tell(&format!("{message}; {}", hint.unwrap_or_default()));
                Ok(None)
            }
            offered => offered.map(Some),
        }
    }

    /// The failure of a cancelled sign-in; by then the keys are stored.
    fn with_keys_stored(&self, failure: Failure) -> Failure {
        if failure.exit != Exit::Cancelled {
            return failure;
        }
        let profile = &self.request.profile;
        let again = key_profile::setup_command(profile);
        let message = format!(
            "{}; the keys of profile {profile} are stored",
            failure.message
        );
        Failure { message, ..failure }.further_hint(format!("`{again}` continues from there"))
    }

    fn tell_of_login(&self) {
        let profile = profile_flag(&self.request.profile);
        self.tell(&format!("sign in with `awsmfa login {profile}`"));
    }

    fn tell(&self, text: &str) {
        if self.request.tells {
            self.context.ui.say(text);
        }
    }

    /// Whether the user wants a session now. If nobody can be asked, nobody could give a code either.
    async fn wants_login(&self) -> Result<bool> {
        job::restarted(async || match self.terminal_or_none().await {
            Some(terminal) => prompt::confirm(&terminal, "sign in now?", true).await,
            None => Ok(false),
        })
        .await
    }

    /// The terminal; `None` if there is none or nobody may be asked.
    async fn terminal_or_none(&self) -> Option<Terminal> {
        let unasked = |nowhere| self.lacks("an answer", nowhere, KEYS_HINT);
        let terminal = prompt::terminal(self.request.sign_in.asking, unasked).await;
        terminal.ok()
    }

    /// The terminal, for asking `what`.
    async fn terminal(&self, what: &str, hint: &str) -> Result<Terminal> {
        let unasked = |nowhere| self.lacks(what, nowhere, hint);
        let terminal = prompt::terminal(self.request.sign_in.asking, unasked).await;
        terminal.map_err(unasked)
    }

    fn lacks(&self, what: &str, nowhere: Nowhere, hint: &str) -> Failure {
        let profile = &self.request.profile;
        Failure::new(
            Exit::CodeNeeded,
            format!("profile {profile} needs {what}, and {nowhere}"),
        )
        .hint(hint)
    }

    /// The file with the keys, for messages.
    fn file(&self) -> String {
        let file = self.request.file.as_ref();
        file.map_or_else(String::new, ToString::to_string)
    }
}

const KEYS_HINT: &str = "give AWS's file with --from-csv, or the access key id and its secret on standard input, one per line";

fn list(rows: &[Row]) -> String {
    let rows: Vec<String> = rows.iter().map(Row::to_string).collect();
    rows.join(", ")
}

const PARTITIONS: &str = "keys of AWS China and GovCloud are known only there: use --region cn-north-1 or --region us-gov-west-1";

/// A refusal, reworded for somebody whose keys are in no file yet.
fn explained(fault: Fault) -> Failure {
    match fault {
        Fault::Refused {
            refusal: Refusal::UnknownKey | Refusal::UnrecognizedClient,
            failure,
        } => {
            let hints = [Some("check for a typo"), failure.hint.as_deref(), Some(PARTITIONS)];
            let hint = hints.into_iter().flatten().collect::<Vec<_>>().join("; ");
            failure.hint(hint)
        }
        Fault::Refused {
            refusal: Refusal::WrongSecret,
            failure,
        } => failure.hint("copy the secret again, without a missing or extra character; AWS shows it only once, so if it is lost, make a new access key"),
        fault => fault.into(),
    }
}

/// Refuses keys that are not an IAM user's.
fn check_user(identity: &Identity) -> Result<()> {
    let Identity { account, arn, .. } = identity;
    match Owner::of(arn) {
        Some(Owner::User(_)) => Ok(()),
        Some(Owner::Root) => Err(Failure::failed(format!(
            "these are the keys of the root user of account {account}, which may do everything and can't be limited"
        ))
        .hint("make an IAM user with its own access key, and delete the root user's")),
        None => Err(Failure::failed(format!(
            "these are the keys of {arn}, which is not an IAM user"
        ))
        .hint("use the long-term access key of an IAM user")),
    }
}

/// The user's name in messages.
fn whom(identity: &Identity) -> String {
    let Identity { account, arn, .. } = identity;
    match Owner::of(arn) {
        Some(Owner::User(user)) => format!("{user} of account {account} ({arn})"),
        _ => arn.to_string(),
    }
}

fn warn_of(report: &Report, ui: Ui) {
    for warning in &report.warnings {
        ui.warn(warning);
    }
}

/// Names, however the setup ends, the file that still contains the secret.
struct Reminder {
    file: Option<KeyFile>,
    ui: Ui,
}

impl Drop for Reminder {
    fn drop(&mut self) {
        if let Some(file @ KeyFile::Path(_)) = &self.file {
            self.ui.warn(&format!(
                "{file} still holds the secret access key: delete it, or keep it where nobody else can read it"
            ));
        }
    }
}
