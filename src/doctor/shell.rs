//! Looks for the completions and the manual pages. It installs nothing, and runs no shell: completions
//! that the system loads by itself are not found.

use super::finding::Finding;
use super::scene::Scene;
use crate::world::env::Env;
use crate::world::{places, plain};
use std::path::{Path, PathBuf};

const SUBJECT: &str = "shell";

/// What a start file of a shell says that loads the completions.
const LOADS: &[u8] = b"awsmfa completions";
/// As what a page says whose version it is of.
const VERSION: &str = concat!("\"awsmfa ", env!("CARGO_PKG_VERSION"), "\"");

/// The longest file that is read.
const LONGEST: u64 = 1024 * 1024;

pub(super) fn check(scene: &Scene) -> Option<Finding> {
    if cfg!(windows) {
        return None;
    }
    let env = scene.context.env;
    let page = places::manual_pages(env).map(|folder| folder.join("awsmfa.1"));
    let page = page.and_then(|path| Some((plain::read(&path, LONGEST).ok()?, path)));
    if let Some((text, path)) = &page
        && !String::from_utf8_lossy(text).contains(VERSION)
    {
        return Some(
            Finding::warning(
                SUBJECT,
                format!("{} is from another version of awsmfa", path.display()),
            )
            .hint("update the manual pages with `awsmfa man --install`"),
        );
    }
    let manual = match &page {
        Some((_, path)) => format!("the manual pages are in {}", path.display()),
        None => "no manual pages".to_owned(),
    };
    let completions = match start_file(env) {
        Some((shell, file)) if loads(&file) => {
            format!("{shell} completes awsmfa, with {}", file.display())
        }
        Some((_, file)) => format!("no completions in {}", file.display()),
        None => "no completions".to_owned(),
    };
    Some(Finding::good(SUBJECT, format!("{completions}; {manual}")))
}

/// The shell of the user, and the file that it loads at its start.
fn start_file(env: Env) -> Option<(String, PathBuf)> {
    let shell = env.text("SHELL")?;
    let shell = shell.rsplit('/').next()?.to_owned();
    let home = env.home()?;
    let config = env.path("XDG_CONFIG_HOME");
    let config = config.unwrap_or_else(|| home.join(".config"));
    let file = match shell.as_str() {
        "bash" => home.join(".bashrc"),
        "zsh" => env.path("ZDOTDIR").unwrap_or(home).join(".zshrc"),
        "fish" => config.join("fish").join("config.fish"),
        "elvish" => config.join("elvish").join("rc.elv"),
        _ => return None,
    };
    Some((shell, file))
}

fn loads(file: &Path) -> bool {
    let text = plain::read(file, LONGEST);
    text.is_ok_and(|text| text.windows(LOADS.len()).any(|it| it == LOADS))
}
