//! Runs awsmfa on systems with another /etc: certificate authorities where each distribution keeps them,
//! or nowhere, and users whom no file knows. The /etc is in a namespace of the run.

use indoc::indoc;

use crate::scene::{READY, Scene, alice};

/// Begins a script with an empty /etc, and without what some systems have in /opt.
const EMPTY: &str = "for it in /etc /opt; do [ ! -d $it ] || mount -t tmpfs none $it; done; ";

/// A scene over TLS in which `script` prepares the empty /etc; `None` if the system allows no namespace.
fn prepared(script: &str) -> Option<Scene> {
    let script = format!("{EMPTY}{script}; exec \"$@\"");
    Scene::with(alice().tls().start()).in_namespace(&script)
}

#[test]
fn the_authorities_of_each_distribution_are_found_in_their_place() {
    for place in [
        // Debian, Ubuntu, Arch, Gentoo, NixOS.
        "ssl/certs/ca-certificates.crt",
        // Fedora, RHEL, Amazon Linux.
        "pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "pki/tls/certs/ca-bundle.crt",
        // openSUSE, SLES.
        "ssl/ca-bundle.pem",
        // Alpine.
        "ssl/cert.pem",
        // A folder of single files, as OpenSSL reads it.
        "ssl/certs/0a1b2c3d.0",
        "pki/tls/certs/0a1b2c3d.0",
    ] {
        let put = format!("mkdir -p $(dirname /etc/{place}); cp ca.pem /etc/{place}");
        let Some(scene) = prepared(&put) else { return };
        let run = scene.login(&["-p", "dev"]).env_remove("AWS_CA_BUNDLE");
        scene.works(run, READY, &["GetSessionToken"]);
    }
}

#[test]
fn a_system_without_authorities_is_reported_before_a_code_is_read() {
    let said = indoc! {"
        error: this system has no certificate authorities, so AWS can't be trusted
        hint: install the package ca-certificates, or point SSL_CERT_FILE or AWS_CA_BUNDLE to a file of certificates
    "};
    for there in [
        "true",
        "mkdir -p /etc/ssl/certs",
        "mkdir -p /etc/ssl/certs; ln -s nowhere /etc/ssl/certs/0a1b2c3d.0",
        "mkdir -p /etc/pki/tls/certs/old",
        "mkdir -p /etc/ssl/certs; touch /etc/ssl/certs/0a1b2c3d.0",
    ] {
        let Some(scene) = prepared(there) else { return };
        let run = scene.login_with_tripwire(&["-p", "dev"]);
        scene.refuses(run.env_remove("AWS_CA_BUNDLE"), 1, said);
        // What it recommends works.
        let login = scene.login(&["-p", "dev"]).env_remove("AWS_CA_BUNDLE");
        let bundle = scene.home.path().join("ca.pem");
        login.env("SSL_CERT_FILE", bundle).stderr(READY).run();
    }
}

#[test]
fn an_empty_file_of_authorities_is_named_before_a_code_is_read() {
    let said = indoc! {"
        error: this system's file of certificate authorities, /etc/ssl/certs/ca-certificates.crt, holds none, so AWS can't be trusted
        hint: install the package ca-certificates, or point SSL_CERT_FILE or AWS_CA_BUNDLE to a file of certificates
    "};
    let there = "mkdir -p /etc/ssl/certs; touch /etc/ssl/certs/ca-certificates.crt";
    let Some(scene) = prepared(there) else { return };
    let run = scene.login_with_tripwire(&["-p", "dev"]);
    scene.refuses(run.env_remove("AWS_CA_BUNDLE"), 1, said);
    // A folder is enough.
    let there = format!("{there}; cp ca.pem /etc/ssl/certs/0a1b2c3d.0");
    let Some(scene) = prepared(&there) else {
        return;
    };
    let run = scene.login(&["-p", "dev"]).env_remove("AWS_CA_BUNDLE");
    scene.works(run, READY, &["GetSessionToken"]);
}

#[test]
fn without_home_the_user_file_gives_the_folder_of_the_files() {
    let user = "echo \"me:x:$(id -u):0::$HOME:/bin/sh\" >/etc/passwd; unset HOME";
    let Some(scene) = prepared(user) else { return };
    scene.login(&["-p", "dev"]).stderr(READY).run();
}

#[test]
fn without_home_a_user_whom_no_file_knows_is_told_to_set_it() {
    let Some(scene) = prepared("unset HOME") else {
        return;
    };
    let said = indoc! {"
        error: there is no home folder to find the AWS config file in
        hint: set HOME, or set AWS_CONFIG_FILE to the file
    "};
    scene.refuses(scene.login_with_tripwire(&["-p", "dev"]), 1, said);
}

/// The zone comes from the system's own files, whose place `TZ` names, and not from the C library.
#[test]
fn the_time_zone_is_read_from_the_systems_files() {
    for (zone, set) in [
        ("", "cp \"$zone\" /etc/localtime; unset TZ"),
        (
            "a file of its own",
            "cp \"$zone\" /etc/own; export TZ=:/etc/own",
        ),
        ("a rule", "export TZ=EST5"),
    ] {
        // New York in winter, as the first file with a rule for it.
        let script = format!("zone=/usr/share/zoneinfo/EST5EDT; [ -e $zone ] || zone=; {set}");
        let session = crate::scene::SESSION.replace("2099-01-02T03:04:05Z", "2099-01-02T12:00:00Z");
        let scene = Scene::signed_in().credentials(crate::scene::CREDENTIALS.to_owned() + &session);
        let script = format!("{EMPTY}{script}; exec \"$@\"");
        let Some(scene) = scene.in_namespace(&script) else {
            return;
        };
        if zone != "a rule" && !std::path::Path::new("/usr/share/zoneinfo/EST5EDT").exists() {
            continue;
        }
        let check = move |text: &str| assert!(text.contains("07:00"), "{zone}: {text}");
        scene.run(&["status"]).check_stdout(check).run();
    }
}
