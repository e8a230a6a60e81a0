//! Plants files with awsmfa's names next to an AWS file, as anybody can who may write to the folder, and
//! shows that none of them is trusted.

use super::{Home, TWO, save, session};
use crate::store::Mode;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// What the attacker wants in the file.
const EVIL: &str = "[default]\ncredential_process = evil\n";

const OLD: &str = ".credentials.awsmfa-aB3dE6gH9j.old";
const NEW: &str = ".credentials.awsmfa-aB3dE6gH9j.new";

/// Plants a file in `home` that differs from those that awsmfa leaves.
fn plant(home: &Home, how: &str, name: &str, content: &str) {
    let path = home.folder.path().join(name);
    let elsewhere = home.folder.path().join(format!("elsewhere{name}"));
    let real = || {
        fs::write(&elsewhere, content).expect("written");
        super::set_mode(&elsewhere, 0o600);
    };
    match how {
        "mode" => {
            fs::write(&path, content).expect("written");
            super::set_mode(&path, 0o644);
        }
        "setuid" => {
            fs::write(&path, content).expect("written");
            super::set_mode(&path, 0o4600);
        }
        "link" => {
            real();
            symlink(&elsewhere, &path).expect("a link");
        }
        "dangling" => symlink(&elsewhere, &path).expect("a link"),
        "second name" => {
            real();
            fs::hard_link(&elsewhere, &path).expect("a second name");
        }
        "folder" => fs::create_dir(&path).expect("a folder"),
        "pipe" => {
            let made = Command::new("mkfifo").arg(&path).status();
            assert!(made.expect("mkfifo runs").success());
        }
        _ => unreachable!("{how} is not known"),
    }
}

const HOW: [&str; 7] = [
    "mode",
    "setuid",
    "link",
    "dangling",
    "second name",
    "folder",
    "pipe",
];

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[test]
fn a_planted_pair_is_neither_written_to_the_file_nor_removed() {
    for how in HOW {
        for which in [&[OLD][..], &[NEW], &[OLD, NEW]] {
            let home = Home::with(TWO);
            for (name, content) in [(OLD, TWO), (NEW, EVIL)] {
                if which.contains(&name) {
                    plant(&home, how, name, content);
                } else {
                    home.leave(name, content);
                }
            }
            // The file looks like a write that was cut short between the two.
            fs::write(home.path(), [EVIL, &TWO[EVIL.len()..]].concat()).expect("written");
            let before = home.content();
            home.file().read().expect("read");
            assert_eq!(home.content(), before, "{how}");
            let report = home.file().update(Mode::Rehearse, &mut |_| Ok(Vec::new()));
            let warnings = report.expect("nothing to do").warnings;
            assert_eq!(home.content(), before, "{how}");
            assert_eq!(warnings.len(), 1, "{how}: {warnings:?}");
            let named = which.iter().any(|name| warnings[0].contains(name));
            assert!(
                named && warnings[0].contains("one of awsmfa's"),
                "{warnings:?}"
            );
            assert!(
                which
                    .iter()
                    .all(|name| is_there(&home.folder.path().join(name)))
            );
        }
    }
}

#[test]
fn a_planted_temporary_file_or_half_is_left_and_named() {
    for how in HOW {
        for name in [".credentials.awsmfa-aB3dE6gH9j.tmp", OLD, NEW] {
            let home = Home::with(TWO);
            plant(&home, how, name, "x");
            let report = save(&home.file(), "dev-mfa").expect("saved");
            assert!(
                report.warnings.iter().any(|warning| warning.contains(name)),
                "{how} {name}"
            );
            assert!(is_there(&home.folder.path().join(name)), "{how} {name}");
            assert!(home.content().starts_with(TWO));
        }
    }
}

#[test]
fn a_lock_that_is_also_another_file_gets_no_number() {
    let home = Home::with(TWO);
    let precious = home.folder.path().join("precious");
    fs::write(&precious, "x".repeat(5000)).expect("written");
    fs::hard_link(
        &precious,
        home.folder.path().join("credentials.awsmfa-a.lock"),
    )
    .expect("a link");
    home.leave("credentials.awsmfa-b.lock", &"x".repeat(5000));
    for name in ["a", "b"] {
        let lock = home.file().named_lock(name).expect("opened");
        lock.set_number(1);
        assert_eq!(lock.number(), 5000, "{name}");
    }
    assert_eq!(fs::metadata(&precious).expect("there").len(), 5000);
}

/// Such a file holds only zeros, as a lock file does, but awsmfa did not make it.
#[test]
fn a_blank_file_that_is_not_one_of_our_locks_gets_no_number() {
    let home = Home::with(TWO);
    let number_of = |name: &str| {
        let lock = home.file().named_lock(name).expect("opened");
        lock.set_number(1);
        lock.number()
    };
    let leave = |name: &str, length: usize| {
        home.leave(
            &format!("credentials.awsmfa-{name}.lock"),
            &"\0".repeat(length),
        )
    };
    leave("own", 4095);
    assert_eq!(number_of("own"), 1);
    for length in [4096, 5000] {
        leave("long", length);
        assert_eq!(number_of("long"), length as u64);
    }
    let linked = leave("linked", 10);
    fs::hard_link(linked, home.folder.path().join("precious")).expect("a link");
    assert_eq!(number_of("linked"), 10);

    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can give a file away");
        return;
    }
    let give = |path: &Path| {
        std::os::unix::fs::chown(path, Some(12345), None).expect("given away");
    };
    give(&leave("given", 10));
    assert_eq!(number_of("given"), 10);
    // A lock that root makes in somebody else's folder is given to that user, and is still a lock.
    give(home.folder.path());
    assert_eq!(number_of("given"), 1);
    assert_eq!(number_of("new"), 1);
    assert_eq!(number_of("own"), 1);
    std::os::unix::fs::chown(home.folder.path(), Some(0), None).expect("taken back");
}

#[test]
fn a_swap_that_belongs_to_somebody_else_is_not_read() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can give a file away");
        return;
    }
    let home = Home::with(TWO);
    let path = home.leave(&swap_name(TWO, TWO), TWO);
    std::os::unix::fs::chown(&path, Some(12345), None).expect("given away");
    let report = save(&home.file(), "dev-mfa").expect("saved");
    assert!(is_there(&path));
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains(".swap")),
        "{:?}",
        report.warnings
    );
    // The AWS file may belong to another user, and then so may what a run left for it.
    std::os::unix::fs::chown(home.path(), Some(12345), None).expect("given away");
    save(&home.file(), "other").expect("saved");
    assert!(!is_there(&path));
}

/// The name of a file that was to change places with the AWS file.
fn swap_name(old: &str, new: &str) -> String {
    let hash = |text: &str| crate::value::hash::content_hash(text.as_bytes());
    format!(
        ".credentials.awsmfa-aB3dE6gH9j-{:016x}-{:016x}.swap",
        hash(old),
        hash(new)
    )
}

#[test]
fn a_swap_is_removed_only_if_its_content_proves_what_it_is() {
    let name = swap_name(TWO, "[x]\n");
    for (content, goes) in [
        (TWO, true),
        ("[x]\n", true),
        ("[theirs]\nk = v\n", false),
        ("", false),
    ] {
        // It was given the mode of the AWS file.
        for mode in [0o600, 0o644] {
            let home = Home::with("[now]\n");
            let path = home.leave(&name, content);
            super::set_mode(&path, mode);
            let report = save(&home.file(), "dev-mfa").expect("saved");
            assert_eq!(is_there(&path), !goes, "{content:?}");
            let said = report
                .warnings
                .iter()
                .any(|warning| warning.contains(&name));
            assert_eq!(said, !goes, "{:?}", report.warnings);
        }
    }
    for how in ["link", "dangling", "second name", "folder", "pipe"] {
        let home = Home::with(TWO);
        plant(&home, how, &name, TWO);
        let report = save(&home.file(), "dev-mfa").expect("saved");
        assert!(is_there(&home.folder.path().join(&name)), "{how}");
        assert!(
            report
                .warnings
                .iter()
                .any(|warning| warning.contains(&name)),
            "{how}"
        );
    }
}

/// The name of a swap without the first digit of its first hash.
fn shortened(name: &str) -> String {
    let at = name.find("j-").expect("a token before the hash") + 2;
    format!("{}{}", &name[..at], &name[at + 1..])
}

#[test]
fn a_leftover_that_can_not_be_opened_is_named_with_the_systems_reason() {
    use std::os::unix::net::UnixListener;
    for name in [
        ".credentials.awsmfa-aB3dE6gH9j.tmp".to_owned(),
        swap_name(TWO, TWO),
    ] {
        let home = Home::with(TWO);
        let path = home.folder.path().join(&name);
        // A socket can't be opened as a file, and is not a link.
        let _socket = UnixListener::bind(&path).expect("a socket");
        let report = save(&home.file(), "dev-mfa").expect("saved");
        let said: Vec<&String> = report
            .warnings
            .iter()
            .filter(|warning| warning.contains(&name))
            .collect();
        assert_eq!(said.len(), 1, "{:?}", report.warnings);
        assert!(
            said[0].contains("can't be opened (no such device"),
            "{said:?}"
        );
        assert!(is_there(&path));
    }
}

#[test]
fn only_a_pair_of_our_own_counts_as_a_write_under_way() {
    use crate::store::write::is_pending;
    let home = Home::with(TWO);
    let pending = || is_pending(&home.target(), &home.state());
    assert!(!pending());
    let old = home.leave(OLD, TWO);
    assert!(!pending(), "half a pair is none");
    let new = home.leave(NEW, EVIL);
    assert!(pending());
    for strange in [&old, &new] {
        super::set_mode(strange, 0o644);
        assert!(!pending(), "{}", strange.display());
        super::set_mode(strange, 0o600);
    }
}

#[test]
fn names_almost_like_those_of_a_swap_are_ignored() {
    let good = swap_name(TWO, TWO);
    for name in [
        good.replace("aB3dE6gH9j", "aB3dE6gH9"),
        good.replace(".swap", ".swapx"),
        good.replacen('-', "_", 2),
        good.to_uppercase(),
        good.replace(".swap", "-0.swap"),
        good.replace(".swap", "0.swap"),
        shortened(&good),
        // Rust parses this as a number, but it is not a hash.
        shortened(&good).replacen("j-", "j-+", 1),
    ] {
        let home = Home::with(TWO);
        home.leave(&name, TWO);
        let report = home
            .file()
            .update(Mode::Rehearse, &mut |_| Ok(session("dev-mfa")));
        let warnings = report.expect("rehearsed").warnings;
        assert!(is_there(&home.folder.path().join(&name)), "{name}");
        assert!(
            !warnings.iter().any(|warning| warning.contains(&name)),
            "{warnings:?}"
        );
    }
}
