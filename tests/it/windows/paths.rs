//! Puts the AWS files at paths that only Windows has: long ones, other forms of a path, links, and names
//! of devices.

use std::ffi::OsString;
use std::fs;
use std::os::windows::fs::{symlink_dir, symlink_file};
use std::path::{Component, Path, PathBuf, Prefix};
use std::process::Command;

use super::{has_session, left_nothing_in, login_with_tripwire, succeeds};
use crate::scene::{CONFIG, CREDENTIALS, Scene, TRIPWIRE};
use crate::support::run::Run;

/// A login to dev with both files at other paths.
fn login_at<'a>(scene: &'a Scene, config: &Path, credentials: &Path, args: &[&str]) -> Run<'a> {
    let run = scene.login(args).env("AWS_CONFIG_FILE", config);
    run.env("AWS_SHARED_CREDENTIALS_FILE", credentials)
}

/// Logs in through another form of the paths of both files.
fn works_by(form: impl Fn(&Path) -> PathBuf) {
    let scene = Scene::default();
    let (config, credentials) = (
        form(&scene.home.config_path()),
        form(&scene.home.credentials_path()),
    );
    succeeds(login_at(&scene, &config, &credentials, &["-p", "dev"]));
    has_session(&scene, CREDENTIALS);
    assert!(scene.home.read_config().contains("[profile dev-mfa]"));
}

#[test]
fn a_path_of_more_than_260_characters_is_a_path() {
    let scene = Scene::default();
    let parts = std::iter::repeat_n("a-folder-with-a-long-name-0123456789", 8);
    let folder = parts.fold(scene.home.path().to_path_buf(), |at, part| at.join(part));
    assert!(folder.as_os_str().len() > 260);
    fs::create_dir_all(&folder).expect("std knows long paths");
    let (config, credentials) = (folder.join("config"), folder.join("credentials"));
    // The config file is new; the credentials file is replaced.
    let text = CREDENTIALS.to_owned() + "region = eu-central-1\n";
    fs::write(&credentials, &text).expect("written");
    let run = |args: &[&str]| {
        let serial = ["--mfa-serial", crate::scene::SERIAL];
        succeeds(login_at(
            &scene,
            &config,
            &credentials,
            &[args, &serial].concat(),
        ));
    };
    run(&["-p", "dev"]);
    let now = fs::read_to_string(&credentials).expect("there");
    assert!(now.starts_with(&text) && now.contains("[dev-mfa]"), "{now}");
    let made = fs::read_to_string(&config).expect("made");
    assert!(made.contains("region = eu-central-1"), "{made}");
    scene.aws.to_next_window();
    run(&["-p", "dev", "--force"]);
    let again = fs::read_to_string(&credentials).expect("there");
    assert!(again.starts_with(&text) && again != now, "{again}");
    left_nothing_in(&folder);
}

#[test]
fn slashes_serve_as_well_as_backslashes() {
    works_by(|path| path.to_string_lossy().replace('\\', "/").into());
}

#[test]
fn a_path_in_the_systems_own_form_is_a_path() {
    works_by(|path| fs::canonicalize(path).expect("there"));
}

/// The drive of a path and what follows it.
fn drive(path: &Path) -> (char, PathBuf) {
    let mut parts = path.components();
    let letter = match parts.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => char::from(letter),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    (letter, parts.as_path().to_path_buf())
}

#[test]
fn a_path_without_a_drive_begins_at_the_current_one() {
    works_by(|path| drive(path).1);
}

/// awsmfa runs in the home.
#[test]
fn a_path_on_a_drive_without_its_root_begins_in_the_current_folder() {
    works_by(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        PathBuf::from(format!("{}:.aws\\{name}", drive(path).0))
    });
}

#[test]
fn a_file_on_a_share_is_a_file() {
    let scene = Scene::default();
    let share = |path: &Path| {
        let (letter, rest) = drive(path);
        let mut share = OsString::from(format!("\\\\localhost\\{letter}$"));
        share.push(rest);
        PathBuf::from(share)
    };
    if fs::metadata(share(&scene.home.credentials_path())).is_err() {
        eprintln!("SKIPPED: this system shares no drive with itself");
        return;
    }
    works_by(share);
}

/// On Windows, `nul` is in every folder, and so are the console and the ports.
#[test]
fn the_name_of_a_device_is_not_a_file() {
    for name in [
        "nul",
        "NUL",
        "con",
        "CONIN$",
        "aux",
        "com1",
        ".aws\\nul",
        "\\\\.\\nul",
    ] {
        let scene = Scene::default();
        login_with_tripwire(&scene)
            .env("AWS_SHARED_CREDENTIALS_FILE", name)
            .any_status()
            .check_stderr(|stderr| assert!(stderr.starts_with("error: "), "{stderr}"))
            .run();
        assert!(!scene.home.path().join(TRIPWIRE).exists(), "{name}");
        assert_eq!(scene.aws.actions(), Vec::<String>::new(), "{name}");
        assert_eq!(scene.home.read_credentials(), CREDENTIALS, "{name}");
    }
}

#[test]
fn a_profile_may_have_the_name_of_a_device() {
    for name in ["con", "NUL", "aux", "com1.x"] {
        let scene = Scene::with_files(
            CONFIG.replace("[profile dev]", &format!("[profile {name}]")),
            CREDENTIALS.replace("[dev]", &format!("[{name}]")),
        );
        let expected = format!("{name}-mfa is ready until ");
        let run = scene.login(&["-p", name]).check_stderr(move |stderr| {
            assert!(stderr.starts_with(&expected), "{stderr}");
        });
        run.run();
        let now = scene.home.read_credentials();
        assert!(now.contains(&format!("[{name}-mfa]")), "{now}");
    }
}

#[test]
fn a_folder_that_is_a_junction_stays_one() {
    let scene = Scene::default();
    let (folder, real) = (
        scene.home.path().join(".aws"),
        scene.home.path().join("real"),
    );
    fs::rename(&folder, &real).expect("renamed");
    let made = Command::new("cmd")
        .args(["/c", "mklink", "/J"])
        .args([&folder, &real])
        .output();
    if !made.is_ok_and(|it| it.status.success()) || !folder.join("config").exists() {
        eprintln!("SKIPPED: this system makes no junctions");
        return;
    }
    succeeds(scene.login(&["-p", "dev"]));
    has_session(&scene, CREDENTIALS);
    assert!(fs::read_link(&folder).is_ok(), "it is a junction");
    let now = fs::read_to_string(real.join("credentials")).expect("there");
    assert!(now.contains("[dev-mfa]"), "{now}");
}

#[test]
fn a_link_stays_a_link_and_what_it_leads_to_is_edited() {
    let scene = Scene::default();
    let real = scene.home.path().join("real");
    fs::create_dir(&real).expect("a folder");
    let link = scene.home.credentials_path();
    fs::rename(&link, real.join("credentials")).expect("renamed");
    if symlink_file("..\\real\\credentials", &link).is_err() || fs::read_link(&link).is_err() {
        eprintln!("SKIPPED: this system, or this user, makes no symbolic links");
        return;
    }
    succeeds(scene.login(&["-p", "dev"]));
    assert!(fs::read_link(&link).is_ok(), "it is a link");
    let now = fs::read_to_string(real.join("credentials")).expect("there");
    assert!(
        now.starts_with(CREDENTIALS) && now.contains("[dev-mfa]"),
        "{now}"
    );
}

#[test]
fn a_folder_that_is_a_link_stays_one() {
    let scene = Scene::default();
    let (folder, real) = (
        scene.home.path().join(".aws"),
        scene.home.path().join("real"),
    );
    fs::rename(&folder, &real).expect("renamed");
    if symlink_dir("real", &folder).is_err() || fs::read_link(&folder).is_err() {
        eprintln!("SKIPPED: this system, or this user, makes no symbolic links");
        return;
    }
    succeeds(scene.login(&["-p", "dev"]));
    assert!(fs::read_link(&folder).is_ok(), "it is a link");
    has_session(&scene, CREDENTIALS);
}
