//! Knows which sources of host names this system has that this build can't ask: a static one brings its
//! own resolver, which reads /etc/hosts and asks DNS, while glibc's programs also load what
//! /etc/nsswitch.conf names. It looks up no name.

use crate::world::plain;
use std::path::Path;

/// Far more than the file ever has.
const LONGEST: u64 = 64 * 1024;

/// The addition to a hint for an unknown host; empty if nothing else could have known it.
pub(super) fn hint() -> String {
    if !cfg!(target_env = "musl") {
        return String::new();
    }
    let text = plain::read(Path::new("/etc/nsswitch.conf"), LONGEST).unwrap_or_default();
    match others(&String::from_utf8_lossy(&text)).split_last() {
        None => String::new(),
        Some((last, before)) => {
            let before = before.iter().map(|it| format!("{it}, "));
            let before = before.collect::<String>();
            let names = match before.strip_suffix(", ") {
                None => (*last).to_owned(),
                Some(before) => format!("{before} or {last}"),
            };
            format!("; this build asks /etc/hosts and DNS only, not {names}")
        }
    }
}

/// The services for hosts in nsswitch.conf's `text` besides the two that every build has.
fn others(text: &str) -> Vec<&str> {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(""));
    let mut hosts = lines.filter_map(|line| line.trim_start().strip_prefix("hosts:"));
    // What to do about an answer is in brackets, and may contain spaces.
    let pieces = hosts.next().unwrap_or_default().split('[').enumerate();
    let services = pieces.flat_map(|(number, piece)| match number {
        0 => piece.split_whitespace(),
        _ => piece
            .split_once(']')
            .map_or("", |it| it.1)
            .split_whitespace(),
    });
    services
        .filter(|it| !["files", "dns"].contains(it))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_are_those_for_hosts_without_the_reactions() {
        for (text, services) in [
            ("", &[][..]),
            ("passwd: files sss\nhosts: files dns\n", &[]),
            (
                "hosts:files  myhostname resolve [!UNAVAIL=return] dns",
                &["myhostname", "resolve"],
            ),
            (
                "  hosts:\tfiles mdns4_minimal [ NOTFOUND = return ]dns#nis",
                &["mdns4_minimal"],
            ),
            ("#hosts: wins\nhosts: wins [open", &["wins"]),
        ] {
            assert_eq!(others(text), services, "{text}");
        }
    }

    #[test]
    fn only_a_static_build_has_something_to_say() {
        assert!(cfg!(target_env = "musl") || hint().is_empty());
    }
}
