//! Waits until AWS takes a new access key: what IAM has created is not known everywhere at once. It
//! changes nothing.

use crate::access::Access;
use crate::aws::{Fault, Refusal};
use crate::exit::{Exit, Failure, Result};
use crate::value::Keys;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A new key works after 8 to 15 seconds (measured by others, such as aws-vault's PR 170 and
/// aws-sdk-js's issue 559); no AWS service says when.
const LIMIT: Duration = Duration::from_secs(90);
/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);
/// So often in a row AWS has to take it: one server that knows it is not all of them.
const IN_A_ROW: usize = 2;

/// Waits until AWS takes `keys` as those of the user.
pub(super) async fn wait(access: &Access, keys: &Keys) -> Result<()> {
    let aws = access.with_other_keys(keys)?;
    let id = &keys.access_key_id;
    access.context.ui.step(&format!(
        "asking AWS whether it accepts {id} (sts:GetCallerIdentity)"
    ));
    let begun = Instant::now();
    let mut taken = 0;
    loop {
        let failure = match aws.get_caller_identity().await {
            Ok(identity) if identity.arn != access.user.identity.arn => {
                return Err(Failure::new(
                    Exit::KeysRefused,
                    format!(
                        "AWS says that {id} is a key of {}, not of {}",
                        identity.arn, access.user.name
                    ),
                ));
            }
            Ok(_) => {
                taken += 1;
                if taken == IN_A_ROW {
                    return Ok(());
                }
                sleep(PAUSE).await;
                continue;
            }
            Err(fault) if may_change(&fault) => Failure::from(fault),
            Err(fault) => return Err(fault.into()),
        };
        taken = 0;
        if begun.elapsed() >= LIMIT {
            let message = format!("AWS does not accept {id} yet: {}", failure.message);
            return Err(Failure { message, ..failure });
        }
        sleep(PAUSE).await;
    }
}

/// Whether AWS may answer otherwise in a moment.
fn may_change(fault: &Fault) -> bool {
    match fault {
        Fault::NotSent(_) | Fault::Lost(_) => true,
        Fault::Refused { refusal, .. } => matches!(
            refusal,
            Refusal::UnknownKey
                | Refusal::UnrecognizedClient
                | Refusal::Throttled
                | Refusal::Unavailable
                | Refusal::ServiceFailed
        ),
        Fault::Fatal(_) => false,
    }
}
