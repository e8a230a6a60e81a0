//! Mounts a full disk, a read-only one, a single file, and links to another disk. Each mount is
//! in a namespace of the run, so the rest of the machine never sees it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use indoc::{formatdoc, indoc};

use crate::scene::{
    NEW_CONFIG, OLD_CONFIG, Renewal, Scene, Version, file_names, find_namespace, finish, leftovers,
    new_credentials, old_credentials, output_text, spawn, wait, wait_until, wrap,
};
use crate::support::aws::Fault;
use crate::support::home::Home;

/// A small disk at `.aws`, with the files of the home.
const SMALL_DISK: &str = indoc! {"
    set -e; mkdir kept; cp -p .aws/* kept
    mount -t tmpfs -o size=64k,mode=700 none .aws
    cp -p kept/* .aws; cd .aws; set +e; fill() { cat /dev/zero >fill 2>/dev/null; true; }
"};

/// Keeps what is on that disk at the end, for the test to see.
const SHOW: &str = "\ncode=$?; mkdir ../seen; rm -f fill; cp -p $(ls -A) ../seen; exit $code";

/// The renewal as `"$@"` of a script that runs in a namespace, in the folder of the home.
fn in_namespace(namespace: &[&str], script: &str, renewal: &Renewal) -> Command {
    let mut args = namespace.to_vec();
    args.extend(["sh", "-c", script, "sh"]);
    wrap("unshare", &args, &renewal.command)
}

/// The files that [`SHOW`] kept.
fn read_kept(home: &Home) -> (String, String, Vec<String>) {
    let folder = home.path().join("seen");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("it was kept");
    let mut names = file_names(&folder);
    names.retain(|name| !name.ends_with(".lock"));
    (read("credentials"), read("config"), names)
}

#[test]
fn a_full_disk_is_said_before_a_code_is_spent() {
    let Some(namespace) = find_namespace() else {
        return;
    };
    let scene = Scene::with_devices(4);
    for link in ["", "ln credentials second; "] {
        let home = scene.another_home();
        let script = format!("{SMALL_DISK}{link}fill; \"$@\"{SHOW}");
        let ended = finish(in_namespace(namespace, &script, &scene.renewal(&home)));
        let text = output_text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{text}");
        assert!(
            text.contains(".aws/credentials") && text.contains("no space left"),
            "{text}"
        );
        assert_eq!(scene.spent_codes(), 0, "a code was spent");
        let (credentials, config, mut names) = read_kept(&home);
        assert_eq!(
            (credentials.as_str(), config.as_str()),
            (old_credentials().as_str(), OLD_CONFIG)
        );
        names.retain(|name| name != "second");
        assert_eq!(names, ["config", "credentials"]);
    }
}

#[test]
fn a_disk_that_fills_up_during_the_request_keeps_the_old_file() {
    let Some(namespace) = find_namespace() else {
        return;
    };
    let scene = Scene::with_devices(4);
    for link in ["", "ln credentials second; "] {
        let home = scene.another_home();
        let spent = scene.spent_codes();
        scene
            .aws
            .fault("GetSessionToken", Fault::Delay(Duration::from_millis(700)));
        let script = format!(
            "{SMALL_DISK}{link}\"$@\" & until [ -e ../go ]; do sleep 0.01; done; fill; wait $!{SHOW}"
        );
        let child = spawn(&mut in_namespace(namespace, &script, &scene.renewal(&home)));
        wait_until("the request", || scene.spent_codes() > spent);
        fs::write(home.path().join("go"), "").expect("written");
        let ended = wait(child);
        let text = output_text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{text}");
        assert!(
            text.contains(".aws/credentials") && text.contains("no space left"),
            "{text}"
        );
        assert!(
            text.contains("issued a session, but it was not saved"),
            "{text}"
        );
        let (credentials, config, mut names) = read_kept(&home);
        assert_eq!(
            (credentials.as_str(), config.as_str()),
            (old_credentials().as_str(), OLD_CONFIG)
        );
        names.retain(|name| name != "second");
        assert_eq!(names, ["config", "credentials"], "left behind");
    }
}

#[test]
fn a_read_only_folder_is_said_before_a_code_is_spent() {
    let Some(namespace) = find_namespace() else {
        return;
    };
    let scene = Scene::with_devices(2);
    let home = scene.another_home();
    let script = "mount --bind .aws .aws && mount -o remount,ro,bind .aws && exec \"$@\"";
    let ended = finish(in_namespace(namespace, script, &scene.renewal(&home)));
    let text = output_text(&ended);
    assert_eq!(ended.status.code(), Some(1), "{text}");
    assert!(text.contains(".aws/credentials"), "{text}");
    assert_eq!(scene.spent_codes(), 0, "a code was spent");
    assert_eq!(
        (home.read_credentials(), home.read_config()),
        (old_credentials(), OLD_CONFIG.to_owned())
    );
    scene.renews_and_clears_up(&home);
}

#[test]
fn a_file_that_is_a_mount_gets_its_new_bytes_in_place() {
    let Some(namespace) = find_namespace() else {
        return;
    };
    let scene = Scene::with_devices(4);
    // With a folder that takes new files, and with one that takes none.
    for folder in ["true", "mount -o remount,ro,bind .aws"] {
        let home = scene.another_home();
        let script = formatdoc! {"
            set -e; mkdir disk; cp -p .aws/c* disk; : >.aws/credentials; : >.aws/config
            mount --bind .aws .aws; {folder}
            for it in credentials config; do mount --bind disk/$it .aws/$it; done; exec \"$@\""};
        let renewal = scene.renewal(&home);
        let ended = finish(in_namespace(namespace, &script, &renewal));
        assert_eq!(
            ended.status.code(),
            Some(0),
            "{folder}: {}",
            output_text(&ended)
        );
        let said = output_text(&ended);
        for name in ["credentials", "config"] {
            let warning = format!(".aws/{name} is mounted as a single file: ");
            assert_eq!(said.matches(&warning).count(), 1, "{folder}: {said}");
        }
        let session = scene.aws.sessions().pop().expect("it was issued");
        let read = |name: &str| {
            fs::read_to_string(home.path().join("disk").join(name)).expect("it is there")
        };
        assert_eq!(
            read("credentials"),
            new_credentials(&session, &renewal.serial),
            "{folder}"
        );
        assert_eq!(read("config"), NEW_CONFIG, "{folder}");
        assert_eq!(leftovers(&home), Vec::<String>::new(), "{folder}");
        assert_eq!(
            file_names(&home.path().join("disk")),
            ["config", "credentials"],
            "{folder}"
        );
    }
}

#[test]
fn a_link_to_another_disk_stays_a_link() {
    let scene = Scene::with_devices(4);
    let home = scene.another_home();
    let Ok(disk) = tempfile::TempDir::new_in("/dev/shm") else {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: a link to another disk; no /dev/shm here"
        );
        return;
    };
    let device = |path: &Path| fs::metadata(path).expect("it is there").dev();
    assert_ne!(
        device(disk.path()),
        device(home.path()),
        "two disks are needed"
    );
    let (path, there) = (home.credentials_path(), disk.path().join("real"));
    fs::copy(&path, &there).expect("copied");
    fs::remove_file(&path).expect("removed");
    symlink(&there, &path).expect("a link");
    let renewal = scene.renewal(&home);
    let serial = renewal.serial.clone();
    let ended = finish(renewal.command);
    assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
    assert_eq!(
        scene.version(&home, old_credentials(), &serial),
        Version::New
    );
    assert_eq!(fs::read_link(&path).expect("a link"), there);
    let mut beside = file_names(disk.path());
    beside.retain(|name| !name.ends_with(".lock"));
    assert_eq!(beside, ["real"]);
    assert_eq!(leftovers(&home), Vec::<String>::new());
}
