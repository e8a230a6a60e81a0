//! Lists the users of the account and of its groups, and reports who has a password, as IAM does. It
//! never changes one.

use super::account::{Account, Caller, ROOT};
use super::iam::{page, user};
use super::query::{ApiError, Call, element, nest};

/// ListUsers.
pub(crate) fn list(account: &Account, call: &Call) -> String {
    let users = account.users.iter().map(|it| it.name.as_str());
    let users = users.filter(|it| *it != ROOT);
    page(
        account,
        call,
        "Users",
        users.map(|it| fields(account, it)).collect(),
    )
}

/// GetGroup: a group exists if it has a member or a policy.
pub(crate) fn group(account: &Account, call: &Call) -> Result<String, ApiError> {
    let name = call.required("GroupName")?;
    let members = account.users.iter();
    let members = members.filter(|it| it.groups.iter().any(|group| group == name));
    let members: Vec<_> = members.map(|it| fields(account, &it.name)).collect();
    if members.is_empty() && !account.groups.iter().any(|it| it.name == name) {
        let message = format!("The group with name {name} cannot be found.");
        return Err(ApiError::new(404, "NoSuchEntity", message));
    }
    let group = group_fields(account, name);
    Ok(nest("Group", &group) + &page(account, call, "Users", members))
}

/// A group as IAM tells of one.
fn group_fields(account: &Account, name: &str) -> String {
    [
        element("Path", "/"),
        element("GroupName", name),
        element("GroupId", "AGPAIOSFODNN7EXAMPLE1"),
        element("Arn", &account.arn(&format!("group/{name}"))),
        element("CreateDate", "2020-01-01T00:00:00Z"),
    ]
    .concat()
}

/// ListGroupsForUser.
pub(crate) fn groups(account: &Account, caller: &Caller, call: &Call) -> Result<String, ApiError> {
    let name = user(account, caller, call)?;
    let known = account.users.iter().find(|it| it.name == name);
    let groups = known.iter().flat_map(|it| &it.groups);
    let groups = groups.map(|name| group_fields(account, name)).collect();
    Ok(page(account, call, "Groups", groups))
}

/// GetLoginProfile.
pub(crate) fn login_profile(
    account: &Account,
    caller: &Caller,
    call: &Call,
) -> Result<String, ApiError> {
    let name = user(account, caller, call)?;
    let mut users = account.users.iter();
    if !users.any(|it| it.name == name && it.has_password) {
        let message = format!("Login Profile for User {name} cannot be found.");
        return Err(ApiError::new(404, "NoSuchEntity", message));
    }
    let profile = [
        element("UserName", name),
        element("CreateDate", "2020-01-01T00:00:00Z"),
        element("PasswordResetRequired", "false"),
    ];
    Ok(nest("LoginProfile", &profile.concat()))
}

/// A user in IAM's XML.
pub(crate) fn fields(account: &Account, user: &str) -> String {
    [
        element("Path", account.path(user)),
        element("UserName", user),
        element("UserId", account.user_id(user)),
        element("Arn", &account.user_arn(user)),
        element("CreateDate", "2020-01-01T00:00:00Z"),
    ]
    .concat()
}
