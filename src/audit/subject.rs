//! Finds whose policies the simulator is asked about: those of the caller, a user, the members of a group or
//! everybody, or documents alone. It judges nobody.

use super::caller::{self, Caller, Needed};
use super::order::{GroupName, UserWord, Whom};
use crate::aws::{Identity, Owner};
use crate::exit::{Exit, Failure, Result};
use crate::value::Arn;

/// Somebody whom the simulator is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The name in messages.
    pub(crate) label: String,
    /// Whose policies count; `None` if only documents do.
    pub(super) principal: Option<Arn>,
    /// The documents that count in place of policies.
    pub(super) documents: Vec<String>,
    /// The user name in the requests.
    pub(super) name: String,
    /// The ARN in the requests.
    pub(crate) arn: Arn,
    /// Whether the user exists.
    pub(crate) is_real: bool,
}

/// The name of the made-up user.
const MADE_UP: &str = "awsmfa-check";

impl Subject {
    fn of_user(arn: Arn) -> Option<Self> {
        let Some(Owner::User(name)) = Owner::of(&arn) else {
            return None;
        };
        Some(Self {
            label: name.to_owned(),
            principal: Some(arn.clone()),
            documents: Vec::new(),
            name: name.to_owned(),
            arn,
            is_real: true,
        })
    }

    fn made_up(label: String, principal: Option<Arn>, identity: &Identity) -> Result<Self> {
        Ok(Self {
            label,
            principal,
            documents: Vec::new(),
            name: MADE_UP.to_owned(),
            arn: arn_of(identity, &format!("user/{MADE_UP}"))?,
            is_real: false,
        })
    }
}

/// An ARN of the caller's account.
fn arn_of(identity: &Identity, resource: &str) -> Result<Arn> {
    let partition = identity.arn.partition();
    let arn = format!("arn:{partition}:iam::{}:{resource}", identity.account);
    arn.parse()
        .map_err(|why: String| Failure::new(Exit::Usage, why))
}

/// The subjects that `whom` means.
pub(super) async fn find(whom: &Whom, caller: &Caller) -> Result<Vec<Subject>> {
    let identity = &caller.identity;
    match whom {
        Whom::Caller => match Owner::of(&identity.arn) {
            Some(Owner::User(_)) => Ok(vec![subject(identity.arn.clone())?]),
            Some(Owner::Root) => Err(Failure::new(
                Exit::Usage,
                "no policy applies to the account's root user, and force-mfa is for users: choose one",
            )
            .hint("use --user NAME, --group NAME, --all-users or --file")),
            None => {
                whom.check_role(identity.arn.as_str())?;
                Ok(Vec::new())
            }
        },
        Whom::User(word) => Ok(vec![user(word, caller).await?]),
        Whom::Group(GroupName(name)) => {
            let arn = arn_of(identity, &format!("group/{name}"))?;
            let group = caller
                .ask(async |aws| aws.get_group(name).await)
                .await
                .map_err(|fault| {
                    let needed = Needed::new("iam:GetGroup", arn.as_str());
                    needed.explain(fault, &format!("can't list the members of {name}"))
                })?;
            let users = group.users.into_iter().filter_map(Subject::of_user);
            let users: Vec<_> = users.collect();
            if users.is_empty() {
                let label = format!("a member of {name} (it has none)");
                return Ok(vec![Subject::made_up(label, Some(group.arn), identity)?]);
            }
            Ok(users)
        }
        Whom::Everybody => {
            let users = caller.ask(async |aws| aws.list_users().await).await;
            let users = users.map_err(|fault| {
                Needed::new("iam:ListUsers", "*").explain(fault, "can't list the users")
            })?;
            let users: Vec<_> = users.into_iter().filter_map(Subject::of_user).collect();
            // An empty list proves nothing, and a user who asks should be in it.
            let is_whole = match Owner::of(&identity.arn) {
                Some(Owner::User(_)) => users.iter().any(|it| it.arn == identity.arn),
                _ => true,
            };
            match (is_whole, users.is_empty()) {
                (true, false) => Ok(users),
                (true, true) => Err(Failure::new(
                    Exit::KeysRefused,
                    "AWS names no user of the account: nobody was judged",
                )),
                (false, _) => {
                    let text = format!("AWS lists the account's users without {}", identity.arn);
                    Err(Failure::new(Exit::Unreachable, text).hint("try again"))
                }
            }
        }
        Whom::Documents(files) => {
            let names: Vec<&str> = files.iter().map(|it| it.name.as_str()).collect();
            let subject = Subject::made_up(names.join(" with "), None, identity)?;
            let documents = files.iter().map(|it| it.text.clone()).collect();
            Ok(vec![Subject {
                documents,
                ..subject
            }])
        }
    }
}

/// The user that `word` names.
async fn user(word: &UserWord, caller: &Caller) -> Result<Subject> {
    let name = match word {
        UserWord::Arn(arn) => return subject(arn.clone()),
        UserWord::Name(name) => name,
    };
    if let Some(Owner::User(own)) = Owner::of(&caller.identity.arn)
        && own == name
    {
        return subject(caller.identity.arn.clone());
    }
    let arn = arn_of(&caller.identity, &format!("user/{name}"))?;
    let found = caller.ask(async |aws| aws.get_user(name).await).await;
    let arn = found.map_err(|fault| {
        let is_denied = caller::is_denied(&fault);
        let needed = Needed::new("iam:GetUser", arn.as_str());
        let failure = needed.explain(fault, &format!("can't look up {name}"));
        match is_denied {
            true => failure.further_hint("or give the user's ARN instead of the name"),
            false => failure,
        }
    })?;
    subject(arn)
}

/// The user with this ARN.
fn subject(arn: Arn) -> Result<Subject> {
    Subject::of_user(arn.clone())
        .ok_or_else(|| Failure::new(Exit::Usage, format!("{arn} is not a user")))
}
