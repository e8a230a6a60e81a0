//! Runs the command `rotate`: replaces the access key of a profile. It does not ask AWS itself.

use super::common::{Common, ProfileWord};
use super::sign_in_options::{MARGIN, SignInOptions};
use crate::exit::Result;
use crate::rotation::{self, OldKey, Order, Rotated};
use crate::value::ProfileName;
use crate::world::Context;
use clap::Args;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  awsmfa rotate dev               a new access key in place of the old one
  awsmfa rotate dev --delete-old  the same, and the old key is deleted
  awsmfa rotate dev --undo        back to the old key, while it is there
  awsmfa rotate dev --no-input --code-command 'ykman oath accounts code -s aws'";

/// Replace your long-term access key
///
/// Creates a new key, stores it beside the old one, and uses it in every profile that has the old
/// one once AWS accepts it; then deactivates the old key. Your session goes on. AWS requires MFA
/// for this: a saved session is enough, otherwise you are asked for a code. If it is interrupted,
/// run it again.
///
/// The old key is deleted when you say so, or by a rotation a day or more later: that leaves time
/// to notice programs elsewhere that still use it, and to go back. With a role profile, the key
/// that its role is reached with is replaced.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rotate {
    #[command(flatten)]
    profile: ProfileWord,

    /// Delete the old key at once instead of only deactivating it
    ///
    /// If the old key of an earlier rotation is still there, that one is deleted, and nothing is
    /// rotated.
    #[arg(long)]
    delete_old: bool,

    /// Go back: activate the previous key again and use it
    ///
    /// The key in use now is deactivated. Run it once more to go forward again.
    #[arg(long, conflicts_with = "delete_old")]
    undo: bool,

    /// Print a JSON object
    #[arg(long)]
    json: bool,

    #[command(
        flatten,
        next_help_heading = "Options for signing in, if that is needed"
    )]
    sign_in: SignInOptions,
}

/// Rotates the key.
pub(crate) async fn run(rotate: Rotate, common: Common, context: Context) -> Result<()> {
    let named = rotate.profile.or(common.profile)?;
    let request = rotate.sign_in.request(named, context, MARGIN)?;
    let order = Order {
        delete_old: rotate.delete_old,
        undo: rotate.undo,
    };
    let rotated = rotation::rotate(request, order, context).await?;
    if !rotate.json {
        return Ok(());
    }
    context.ui.data(&as_json(&rotated))
}

fn as_json(rotated: &Rotated) -> String {
    let (old_id, old_state) = rotated.old.as_ref().map_or((None, None), |(id, state)| {
        let state = match state {
            OldKey::Inactive => "inactive",
            OldKey::Deleted => "deleted",
        };
        (Some(id), Some(state))
    });
    let profiles: Vec<&str> = rotated.profiles.iter().map(ProfileName::as_str).collect();
    json!({
        "profile": rotated.profile.as_str(),
        "access_key_id": rotated.access_key_id,
        "rotated": rotated.rotated,
        "profiles": profiles,
        "old_access_key_id": old_id,
        "old_state": old_state,
    })
    .to_string()
}
