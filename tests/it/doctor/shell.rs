//! Shows what `doctor` says of completions and manual pages.

#![cfg(unix)]

use std::fs;

use indoc::indoc;

use super::{doctor, finds};
use crate::scene::{CONFIG, CREDENTIALS};
use crate::support::home::Home;
use crate::support::run::Run;

#[test]
fn completions_and_pages_are_found_where_they_are_installed() {
    let home = Home::new().config(CONFIG).credentials(CREDENTIALS);
    let run = |shell: &str| doctor(&home, &["dev", "--offline"]).env("SHELL", shell);
    let told = "good    shell: no completions in {home}/.bashrc; no manual pages\n";
    finds(&home, run("/bin/bash"), 0, &[told]);
    let line = "source <(awsmfa completions bash)\n";
    fs::write(home.path().join(".bashrc"), line).expect("there is room");
    Run::new(&home).args(["man", "--install", "-q"]).run();
    let told = "good    shell: bash completes awsmfa, with {home}/.bashrc; the manual pages are in {home}/.local/share/man/man1/awsmfa.1\n";
    finds(&home, run("/usr/bin/bash"), 0, &[told]);
    for (shell, file) in [
        ("/bin/zsh", "{home}/.zshrc"),
        ("/usr/bin/fish", "{home}/.config/fish/config.fish"),
    ] {
        let told = format!("good    shell: no completions in {file}; {{*}}\n");
        finds(&home, run(shell), 0, &[&told]);
    }
    let told = "good    shell: no completions; {*}\n";
    finds(&home, run("/bin/dash"), 0, &[told]);
}

#[test]
fn pages_of_another_version_are_to_be_renewed() {
    let home = Home::new().config(CONFIG).credentials(CREDENTIALS);
    Run::new(&home).args(["man", "--install", "-q"]).run();
    let page = home.path().join(".local/share/man/man1/awsmfa.1");
    let text = fs::read_to_string(&page).expect("it is there");
    let version = concat!("awsmfa ", env!("CARGO_PKG_VERSION"));
    fs::write(&page, text.replace(version, "awsmfa 0.0.9")).expect("there is room");
    let told = indoc! {"
        warning shell: {home}/.local/share/man/man1/awsmfa.1 is from another version of awsmfa
                hint: update the manual pages with `awsmfa man --install`
    "};
    finds(&home, doctor(&home, &["dev", "--offline"]), 0, &[told]);
}
