//! Replaces the system's certificate authorities, and looks at what awsmfa then trusts and what it reads
//! for that. Each replacement is in a namespace of the run, so the rest of the machine never sees it.

use std::fs;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use crate::scene::{Scene, alice, find_namespace, need_strace, output_text, traced, wrap};

/// Puts the folder `system` in the place of the system's authorities.
const REPLACE: &str = "mount --bind system /etc/ssl/certs && exec \"$@\"";
const BUNDLE: &str = "ca-certificates.crt";
/// In place of a file's text: a pipe that nobody writes to.
const PIPE: &str = "a pipe";
const REFUSED: &str = "its certificate is not from a trusted authority";

/// The certificate of a new authority.
fn authority(name: &str) -> String {
    let mut params = CertificateParams::new(Vec::new()).expect("no names to get wrong");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("ring makes keys");
    params.self_signed(&key).expect("they are complete").pem()
}

/// Asks AWS on a system with these files of certificates. Returns the output and the names of the files
/// that were opened; an empty one is the folder itself.
fn ask(namespace: &[&str], scene: &Scene, files: &[(&str, &str)]) -> (String, Vec<String>) {
    let system = scene.home.path().join("system");
    let _ = fs::remove_dir_all(&system);
    fs::create_dir(&system).expect("the home is writable");
    for (name, pem) in files {
        let path = system.join(name);
        if *pem == PIPE {
            let made = Command::new("mkfifo").arg(path).status();
            assert!(made.expect("there is mkfifo").success());
        } else {
            fs::write(path, pem).expect("the home is writable");
        }
    }
    let mut whoami = scene.home.command(["whoami", "--profile", "dev"]);
    whoami.env_remove("AWS_CA_BUNDLE");
    let args = [namespace, &["sh", "-c", REPLACE, "sh"]].concat();
    let whoami = wrap("unshare", &args, &whoami);
    let (output, trace) = traced(&scene.home, &whoami, &["open", "openat"], None);
    let paths = trace.lines().filter_map(|line| line.split('"').nth(1));
    let opened = paths
        .filter_map(|path| path.strip_prefix("/etc/ssl/certs"))
        .map(|path| path.trim_start_matches('/').to_owned())
        .collect();
    (output_text(&output), opened)
}

#[test]
fn the_systems_authorities_are_trusted_wherever_they_are() {
    need_strace();
    let Some(namespace) = find_namespace() else {
        return;
    };
    let scene = Scene::with(alice().tls().start());
    let ours = scene.aws.ca_pem().expect("it speaks TLS");
    let strangers = ["one", "two", "three"].map(authority).concat();
    let namesake = authority("AWS stand-in");
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nnoise\n";
    let cut = &ours[..ours.len() / 2];
    for (bundle, folder) in [
        ([&strangers, ours].concat(), ""),
        ([ours, &strangers].concat(), ""),
        ([junk, &namesake, &strangers, ours, junk].concat(), ""),
        ([ours, cut].concat(), ""),
        (strangers.clone(), ours),
        (namesake.clone(), ours),
        (junk.to_owned(), ours),
        (String::new(), ours),
        (PIPE.to_owned(), ours),
    ] {
        let files = [(BUNDLE, bundle.as_str()), ("one.pem", folder)];
        let (said, _) = ask(namespace, &scene, &files);
        assert!(said.contains("user/alice"), "{bundle}{folder}{said}");
    }
    let (said, _) = ask(namespace, &scene, &[("one.pem", ours)]);
    assert!(said.contains("user/alice"), "{said}");
    for (bundle, folder) in [
        (strangers.as_str(), namesake.as_str()),
        (namesake.as_str(), junk),
        (cut, ""),
    ] {
        let files = [(BUNDLE, bundle), ("one.pem", folder)];
        let (said, _) = ask(namespace, &scene, &files);
        assert!(said.contains(REFUSED), "{bundle}{folder}{said}");
    }
    for (bundle, folder) in [("", ""), (PIPE, PIPE), ("", PIPE)] {
        let files = [(BUNDLE, bundle), ("one.pem", folder)];
        let (said, _) = ask(namespace, &scene, &files);
        let has_none =
            "file of certificate authorities, /etc/ssl/certs/ca-certificates.crt, holds none";
        assert!(said.contains(has_none), "{bundle}{folder}{said}");
    }
}

#[test]
fn if_the_systems_file_has_the_authority_no_other_is_read_and_it_only_once() {
    need_strace();
    let Some(namespace) = find_namespace() else {
        return;
    };
    let scene = Scene::with(alice().tls().start());
    let ours = scene.aws.ca_pem().expect("it speaks TLS");
    let stranger = authority("one");
    let both = [&stranger, ours].concat();
    let (said, opened) = ask(
        namespace,
        &scene,
        &[(BUNDLE, &both), ("one.pem", &stranger)],
    );
    assert!(said.contains("user/alice"), "{said}");
    assert_eq!(opened, [BUNDLE]);
    // Otherwise all are.
    let (said, opened) = ask(namespace, &scene, &[(BUNDLE, &stranger), ("one.pem", ours)]);
    assert!(said.contains("user/alice"), "{said}");
    for name in ["", "one.pem"] {
        assert!(opened.iter().any(|it| it == name), "{name}: {opened:?}");
    }
}

#[test]
fn named_authorities_are_read_once_and_the_systems_not_at_all() {
    need_strace();
    let scene = Scene::with(alice().tls().start());
    let bundle = scene.home.path().join("ca.pem");
    for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let mut whoami = scene.home.command(["whoami", "--profile", "dev"]);
        whoami.env_remove("AWS_CA_BUNDLE").env(name, &bundle);
        let (output, trace) = traced(&scene.home, &whoami, &["open", "openat"], None);
        let said = output_text(&output);
        assert!(said.contains("user/alice"), "{name}: {said}");
        let of = |path: &str| trace.lines().filter(|line| line.contains(path)).count();
        assert_eq!(of("ca.pem"), 1, "{name}: {trace}");
        assert_eq!(of("/etc/ssl/certs"), 0, "{name}: {trace}");
    }
}
