//! Draws the pictures of the documentation from a login in a sandbox and from the last figures of the
//! benchmark. It never asks the real AWS.
//!
//! `cargo run --example pictures` writes them to `docs/pictures`; with `-- FOLDER` to another folder.
#![expect(
    clippy::print_stderr,
    reason = "a tool speaks to a person; the rule is for the product"
)]
#![cfg_attr(
    unix,
    expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "the rules are for the product"
    )
)]

#[cfg(unix)]
#[path = "pictures/mod.rs"]
mod pictures;
#[cfg(unix)]
#[path = "../tests/support/mod.rs"]
mod support;

#[cfg(unix)]
use std::path::Path;
use std::process::ExitCode;

#[cfg(unix)]
use anyhow::Context as _;

#[cfg(unix)]
fn main() -> ExitCode {
    // The awsmfa in the picture is a link to this program: the name it is called by tells them apart.
    let name = std::env::args_os().next().unwrap_or_default();
    if Path::new(&name).file_stem() == Some("awsmfa".as_ref()) {
        return awsmfa::run(std::env::args_os());
    }
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pictures: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!(
        "pictures: the login is played at a terminal of Unix, which this system does not have"
    );
    ExitCode::FAILURE
}

#[cfg(unix)]
fn write() -> anyhow::Result<()> {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let figures = committed.join(pictures::FIGURES);
    let figures = std::fs::read_to_string(&figures).context("docs/pictures/cost.tsv")?;
    let folder = std::env::args_os().nth(1).map_or(committed, Into::into);
    let bin = tempfile::tempdir()?;
    let program = bin.path().join("awsmfa");
    std::os::unix::fs::symlink(std::env::current_exe()?, &program)?;
    for picture in pictures::all(&program, &figures)? {
        let path = folder.join(picture.name);
        std::fs::write(&path, &picture.svg)?;
        println!("{}: {} bytes", path.display(), picture.svg.len());
    }
    Ok(())
}
