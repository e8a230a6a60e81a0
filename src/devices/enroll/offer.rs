//! Offers to enroll a device to a user who wanted to sign in and has none. It enrolls none unasked.

use super::{Handing, Saving, Wishes, enroll};
use crate::access::Access;
use crate::exit::{Failure, Result};
use crate::picture::Ink;
use crate::signin::{self, Ready, Request};
use crate::world::question::at_terminal;
use crate::world::{Context, prompt};

/// Asks whether to enroll a device after the sign-in by `request` ended in `failure`, and signs in with
/// it. If nobody can be asked, or the user declines, returns the failure.
pub(crate) async fn offer(failure: Failure, request: Request, context: Context) -> Result<Ready> {
    // A code that was given or is to be read shows that there is a device somewhere.
    if request.code.is_some() || request.asking.place().is_err() {
        return Err(failure);
    }
    let question = format!("{failure}; enroll one now?");
    let agreed = at_terminal(
        request.asking,
        |_| failure.clone(),
        async |terminal| prompt::confirm(terminal, &question, true).await,
    )
    .await?;
    if !agreed {
        return Err(failure);
    }
    let access = Access::open(request.clone(), context).await?;
    let wishes = Wishes {
        name: None,
        handing: Handing::Picture(Ink::BlackOnWhite),
        code_command: None,
        saving: Saving::Usual,
        signs_in: true,
    };
    match enroll(&access, &wishes, None).await?.ready {
        Some(ready) if !access.request().is_base => Ok(ready),
        // The sign-in was for a role, which the user's new session can assume.
        _ => signin::sign_in(context, request).await,
    }
}
