//! Owns the call to STS that takes on a role.

use super::client::{Aws, Watched};
use super::failure::{Fault, cut_short, fault, incomplete};
use super::sts::{Issued, issued};
use crate::exit::Failure;
use crate::profile::role::Role;
use anyhow::Result;

/// A role taken on.
#[derive(Debug)]
pub(crate) struct Assumed {
    /// The role's temporary keys.
    pub(crate) issued: Issued,
    /// Who that is.
    pub(crate) arn: String,
}

/// Why a role is not taken on.
#[derive(Debug)]
pub(crate) enum RoleError {
    /// AWS does not take the session that asked, not any more.
    SessionEnded(Failure),
    /// Anything else.
    Other(Failure),
}

impl From<Fault> for RoleError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused { refusal, failure } if refusal.ends_session() => {
                Self::SessionEnded(failure)
            }
            fault => Self::Other(fault.into_failure()),
        }
    }
}

impl Aws {
    /// Takes on `role`, as its profile wants it. Carries no code, so it is sent again freely.
    pub(crate) async fn assume_role(&self, role: &Role) -> Result<Assumed, RoleError> {
        let call = self.call("sts:AssumeRole");
        let answer = self
            .sts()
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(&role.session_name)
            .set_external_id(role.external_id.clone())
            .duration_seconds(role.lifetime.as_seconds().cast_signed())
            .customize()
            .watched_by(&call)
            .send()
            .await
            .map_err(|error| fault(&error, &call))?;
        if let Some(failure) = cut_short(&call) {
            return Err(RoleError::Other(failure));
        }
        let user = answer.assumed_role_user();
        let arn = user.map(|user| user.arn()).unwrap_or_default().to_owned();
        match issued(answer.credentials()) {
            Some(issued) => Ok(Assumed { issued, arn }),
            None => Err(RoleError::Other(incomplete(&call))),
        }
    }

    /// Asks which account the access key `id` belongs to.
    pub(crate) async fn get_access_key_info(&self, id: &str) -> Result<String> {
        let call = self.call("sts:GetAccessKeyInfo");
        let answer = self
            .sts()
            .get_access_key_info()
            .access_key_id(id)
            .customize()
            .watched_by(&call)
            .send()
            .await
            .map_err(|error| fault(&error, &call).into_failure())?;
        if let Some(failure) = cut_short(&call) {
            return Err(failure.into());
        }
        match answer.account().filter(|account| !account.is_empty()) {
            Some(account) => Ok(account.to_owned()),
            None => Err(incomplete(&call).into()),
        }
    }
}
