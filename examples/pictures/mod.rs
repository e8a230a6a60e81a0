//! Draws the pictures of the documentation: a login at a terminal, and what it costs. It never
//! writes a file.

mod animation;
mod cost;
mod screen;
mod session;
mod svg;

use std::path::Path;

/// A picture with the name of its file.
pub(crate) struct Picture {
    pub(crate) name: &'static str,
    pub(crate) svg: String,
}

/// The file with the figures of the benchmark, beside the pictures.
pub(crate) const FIGURES: &str = "cost.tsv";

/// All pictures: of a login with `program`, and of the figures of the benchmark.
pub(crate) fn all(program: &Path, figures: &str) -> anyhow::Result<Vec<Picture>> {
    let cost = cost(figures)?;
    let events = session::record(program);
    let login = |name, theme| Picture {
        name,
        svg: animation::draw(&events, theme),
    };
    Ok(vec![
        login("login-light.svg", &animation::LIGHT),
        login("login-dark.svg", &animation::DARK),
        cost,
    ])
}

/// The picture of the figures of the benchmark. Fails where one is missing, and says which.
pub(crate) fn cost(figures: &str) -> anyhow::Result<Picture> {
    Ok(Picture {
        name: "cost.svg",
        svg: cost::draw(figures)?,
    })
}
