//! Lists, creates, changes and deletes access keys, and reports when one was last used, as IAM does. It
//! never decides whether a key works.

use chrono::{DateTime, Utc};

use super::account::{Account, Caller, Key, KeyStatus};
use super::iam::{date, page, user, without_user_name};
use super::query::{ApiError, Call, element, nest};
use super::random;
use super::secrets::Kind;

/// AWS's limit on keys per user.
const MOST: usize = 2;

/// ListAccessKeys.
pub(crate) fn list(account: &Account, caller: &Caller, call: &Call) -> Result<String, ApiError> {
    let user = named(account, caller, call)?;
    let keys = account.keys.iter().filter(|it| it.user == user);
    let items = keys.map(fields).collect();
    Ok(page(account, call, "AccessKeyMetadata", items))
}

/// CreateAccessKey.
pub(crate) fn create(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    let user = user(account, caller, call)?;
    if account.keys.iter().filter(|it| it.user == user).count() >= MOST {
        let message = "Cannot exceed quota for AccessKeysPerUser: 2";
        return Err(ApiError::new(409, "LimitExceeded", message));
    }
    let key = Key {
        id: random::access_key_id("AKIA", &account.id),
        secret: random::secret_key(),
        user: user.to_owned(),
        status: KeyStatus::Active,
        created: now,
        ready: now + account.key_delay,
        last_use: None,
    };
    let secret = element("SecretAccessKey", &key.secret);
    let xml = nest("AccessKey", &(fields(&key) + &secret));
    account.keys.push(key);
    Ok(xml)
}

/// UpdateAccessKey.
pub(crate) fn update(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
) -> Result<String, ApiError> {
    let status = match call.required("Status")? {
        "Active" => KeyStatus::Active,
        "Inactive" => KeyStatus::Inactive,
        other => {
            return Err(ApiError::validation(&[format!(
                "Value '{other}' at 'status' failed to satisfy constraint: Member must satisfy \
                 enum value set: [Active, Inactive]"
            )]));
        }
    };
    find(account, caller, call)?.status = status;
    Ok(String::new())
}

/// DeleteAccessKey.
pub(crate) fn delete(
    account: &mut Account,
    caller: &Caller,
    call: &Call,
) -> Result<String, ApiError> {
    let key = find(account, caller, call)?;
    let (id, secret) = (key.id.clone(), key.secret.clone());
    account.keys.retain(|it| it.id != id);
    account.gone.push((Kind::LongTerm, secret));
    Ok(String::new())
}

/// GetAccessKeyLastUsed.
pub(crate) fn last_used(account: &Account, call: &Call) -> Result<String, ApiError> {
    let id = call.required("AccessKeyId")?;
    let key = account.keys.iter().find(|it| it.id == id);
    let key = key.ok_or_else(|| missing(id))?;
    let fields = match &key.last_use {
        Some(it) => [
            element("LastUsedDate", &date(it.at)),
            element("ServiceName", &it.service),
            element("Region", &it.region),
        ]
        .concat(),
        None => element("ServiceName", "N/A") + &element("Region", "N/A"),
    };
    Ok(element("UserName", &key.user) + &nest("AccessKeyLastUsed", &fields))
}

fn missing(id: &str) -> ApiError {
    let message = format!("The Access Key with id {id} cannot be found.");
    ApiError::new(404, "NoSuchEntity", message)
}

fn fields(key: &Key) -> String {
    let status = match key.status {
        KeyStatus::Active => "Active",
        KeyStatus::Inactive => "Inactive",
        KeyStatus::Expired => "Expired",
    };
    [
        element("UserName", &key.user),
        element("AccessKeyId", &key.id),
        element("Status", status),
        element("CreateDate", &date(key.created)),
    ]
    .concat()
}

fn find<'a>(
    account: &'a mut Account,
    caller: &Caller,
    call: &Call,
) -> Result<&'a mut Key, ApiError> {
    let user = named(account, caller, call)?.to_owned();
    let id = call.required("AccessKeyId")?;
    let mut keys = account.keys.iter_mut();
    keys.find(|it| it.id == id && it.user == user)
        .ok_or_else(|| missing(id))
}

/// The user that a call is about. Only long-term keys may leave out the name.
fn named<'a>(account: &Account, caller: &'a Caller, call: &'a Call) -> Result<&'a str, ApiError> {
    if call.param("UserName").is_none() && caller.session.is_some() {
        return Err(without_user_name());
    }
    user(account, caller, call)
}
