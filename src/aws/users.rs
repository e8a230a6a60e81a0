//! Makes the IAM calls that find users (one, the members of a group, or all) and that tell whether a
//! user has a password. It changes nothing.

use super::client::{Aws, Watched};
use super::failure::{Fault, INCOMPLETE};
use super::iam::{Owner, Pages};
use super::refusal::Refusal;
use crate::value::Arn;
use aws_sdk_iam::types::User;

/// A group, with its members.
pub(crate) struct Group {
    /// Its ARN.
    pub(crate) arn: Arn,
    /// The ARNs of its users.
    pub(crate) users: Vec<Arn>,
}

impl Aws {
    /// The ARN of the user `name`.
    pub(crate) async fn get_user(&self, name: &str) -> Result<Arn, Fault> {
        let call = self.call("iam:GetUser");
        let asking = self
            .iam()
            .get_user()
            .user_name(name)
            .customize()
            .watched_by(&call)
            .send();
        call.answer(asking, |answer| {
            answer.user().and_then(arn).ok_or(INCOMPLETE)
        })
        .await
    }

    /// The ARNs of all users of the account, all pages.
    pub(crate) async fn list_users(&self) -> Result<Vec<Arn>, Fault> {
        Pages::all(Arn::eq, async |pages| {
            let call = self.call("iam:ListUsers");
            let asking = self
                .iam()
                .list_users()
                .set_marker(pages.marker())
                .customize()
                .watched_by(&call)
                .send();
            call.answer(asking, |page| {
                let arns: Option<Vec<Arn>> = page.users().iter().map(arn).collect();
                let arns = arns.ok_or(INCOMPLETE)?;
                pages.add(arns.into_iter(), page.is_truncated(), page.marker())
            })
            .await
        })
        .await
    }

    /// The group `name`, with its members, all pages.
    pub(crate) async fn get_group(&self, name: &str) -> Result<Group, Fault> {
        let mut group = None;
        let users = Pages::all(Arn::eq, async |pages| {
            let call = self.call("iam:GetGroup");
            let asking = self
                .iam()
                .get_group()
                .group_name(name)
                .set_marker(pages.marker())
                .customize()
                .watched_by(&call)
                .send();
            call.answer(asking, |page| {
                let told: Option<Arn> = page.group().and_then(|it| it.arn().parse().ok());
                group = Some(told.ok_or(INCOMPLETE)?);
                let arns: Option<Vec<Arn>> = page.users().iter().map(arn).collect();
                let arns = arns.ok_or(INCOMPLETE)?;
                pages.add(arns.into_iter(), page.is_truncated(), page.marker())
            })
            .await
        })
        .await?;
        let arn = group.expect("there is a first page, and each one tells it");
        Ok(Group { arn, users })
    }

    /// The ARNs of the groups that the user `name` is in, all pages.
    pub(crate) async fn list_groups_for_user(&self, name: &str) -> Result<Vec<Arn>, Fault> {
        Pages::all(Arn::eq, async |pages| {
            let call = self.call("iam:ListGroupsForUser");
            let asking = self
                .iam()
                .list_groups_for_user()
                .user_name(name)
                .set_marker(pages.marker())
                .customize()
                .watched_by(&call)
                .send();
            call.answer(asking, |page| {
                let groups = page.groups().iter();
                let arns: Option<Vec<Arn>> = groups.map(|it| it.arn().parse().ok()).collect();
                let arns = arns.ok_or(INCOMPLETE)?;
                pages.add(arns.into_iter(), page.is_truncated(), page.marker())
            })
            .await
        })
        .await
    }

    /// Whether the user `name` has a password for the console.
    pub(crate) async fn has_password(&self, name: &str) -> Result<bool, Fault> {
        let call = self.call("iam:GetLoginProfile");
        let asking = self
            .iam()
            .get_login_profile()
            .user_name(name)
            .customize()
            .watched_by(&call)
            .send();
        match call.answer(asking, |_| Ok(true)).await {
            Err(Fault::Refused {
                refusal: Refusal::NotFound,
                ..
            }) => Ok(false),
            answer => answer,
        }
    }
}

/// The ARN of a user; `None` if it is not a valid one.
fn arn(user: &User) -> Option<Arn> {
    let arn: Arn = user.arn().parse().ok()?;
    matches!(Owner::of(&arn), Some(Owner::User(_))).then_some(arn)
}
