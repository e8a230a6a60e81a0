//! Names the folders where the user's own programs look for files. It opens none of them.

use super::env::Env;
use std::path::PathBuf;

/// Where `man` looks for a user's own pages about commands.
pub(crate) fn manual_pages(env: Env) -> Option<PathBuf> {
    let data = env
        .path("XDG_DATA_HOME")
        .or_else(|| Some(env.home()?.join(".local/share")));
    data.map(|data| data.join("man/man1"))
}
