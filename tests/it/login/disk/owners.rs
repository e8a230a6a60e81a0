//! Gives files and folders to another user, which only root can do.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use crate::scene::{
    SERIAL, Scene, Version, file_names, finish, leftovers, old_credentials, output_text, wrap,
};
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::home::Home;

/// The user `nobody` of every Linux.
const OTHER: u32 = 65534;
const BECOME_OTHER: [&str; 4] = ["--reuid", "65534", "--regid", "65534"];

/// Whether the tests run as root; says that the test is skipped if not.
fn is_root(home: &Home) -> bool {
    let is = fs::metadata(home.path()).expect("it is there").uid() == 0;
    if !is {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: a test of owners; only root can give files away"
        );
    }
    is
}

fn give_away(path: &Path, mode: u32) {
    chown(path, Some(OTHER), Some(OTHER)).expect("root may");
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("root may");
}

#[test]
fn a_file_of_another_user_stays_theirs() {
    let scene = Scene::with_devices(4);
    let home = scene.another_home();
    if !is_root(&home) {
        return;
    }
    for mode in [0o600, 0o640, 0o400] {
        let home = scene.another_home();
        let path = home.credentials_path();
        give_away(&path, mode);
        let renewal = scene.renewal(&home);
        let serial = renewal.serial.clone();
        let ended = finish(renewal.command);
        assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
        assert_eq!(
            scene.version(&home, old_credentials(), &serial),
            Version::New
        );
        let is = fs::metadata(&path).expect("it is there");
        assert_eq!(
            (is.uid(), is.gid(), is.mode() & 0o7777),
            (OTHER, OTHER, mode)
        );
        assert_eq!(leftovers(&home), Vec::<String>::new());
    }
}

#[test]
fn a_folder_of_another_user_lets_its_file_be_written_in_place_or_refuses_in_time() {
    let scene = Scene::with_devices(4);
    let first = scene.another_home();
    if !is_root(&first) {
        return;
    }
    // With a state folder for the backup, and without a place for it.
    for state in [true, false] {
        let home = scene.another_home();
        fs::set_permissions(home.path(), Permissions::from_mode(0o755))
            .expect("the home is writable");
        let state_folder = home.path().join(".local/state");
        fs::create_dir_all(&state_folder).expect("created");
        if state {
            give_away(&state_folder, 0o700);
        }
        give_away(&home.credentials_path(), 0o600);
        give_away(&home.config_path(), 0o600);
        let inode = fs::metadata(home.credentials_path())
            .expect("it is there")
            .ino();
        // The build may lie where no other user can go.
        let program = home.path().join("awsmfa");
        let spent = scene.spent_codes();
        let renewal = scene.renewal(&home);
        fs::copy(renewal.command.get_program(), &program).expect("copied");
        let home = home.program(&program);
        let renewal = {
            drop(renewal);
            scene.renewal(&home)
        };
        let mut args = BECOME_OTHER.to_vec();
        args.push("--clear-groups");
        let ended = finish(wrap("setpriv", &args, &renewal.command));
        let text = output_text(&ended);
        let now = fs::metadata(home.credentials_path()).expect("it is there");
        assert_eq!((now.ino(), now.uid()), (inode, OTHER));
        if state {
            assert_eq!(ended.status.code(), Some(0), "{text}");
            assert_eq!(
                scene.version(&home, old_credentials(), &renewal.serial),
                Version::New
            );
        } else {
            assert_eq!(ended.status.code(), Some(1), "{text}");
            assert!(text.contains("can't keep a backup of"), "{text}");
            assert!(text.contains(".aws/credentials"), "{text}");
            assert_eq!(scene.spent_codes(), spent, "a code was spent");
            assert_eq!(home.read_credentials(), old_credentials());
        }
        assert_eq!(leftovers(&home), Vec::<String>::new());
    }
}

#[test]
fn a_file_that_may_not_be_read_or_written_is_said_before_a_code_is_spent() {
    let scene = Scene::with_devices(4);
    let first = scene.another_home();
    if !is_root(&first) {
        return;
    }
    for mode in [0o600, 0o644] {
        let home = scene.another_home();
        fs::set_permissions(home.path(), Permissions::from_mode(0o755))
            .expect("the home is writable");
        fs::set_permissions(home.credentials_path(), Permissions::from_mode(mode))
            .expect("the home is writable");
        fs::set_permissions(home.config_path(), Permissions::from_mode(mode))
            .expect("the home is writable");
        let program = home.path().join("awsmfa");
        fs::copy(scene.renewal(&home).command.get_program(), &program).expect("copied");
        let home = home.program(&program);
        let mut args = BECOME_OTHER.to_vec();
        args.push("--clear-groups");
        let ended = finish(wrap("setpriv", &args, &scene.renewal(&home).command));
        let text = output_text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{text}");
        assert!(
            text.contains(".aws/co") || text.contains(".aws/cr"),
            "{text}"
        );
        assert!(
            text.contains("permission denied; it belongs to root"),
            "{text}"
        );
        assert_eq!(scene.spent_codes(), 0, "a code was spent");
        assert_eq!(home.read_credentials(), old_credentials());
    }
}

/// The mode of what is at `path`, which must be the other user's.
fn others_mode(path: &Path) -> u32 {
    let about = fs::metadata(path).expect("it is there");
    assert_eq!(
        (about.uid(), about.gid()),
        (OTHER, OTHER),
        "{}",
        path.display()
    );
    about.mode() & 0o7777
}

/// As `sudo` does that keeps HOME.
#[test]
fn what_root_makes_in_the_users_folder_is_the_users() {
    for is_folder_there in [true, false] {
        let scene = Scene::default();
        if !is_root(&scene.home) {
            return;
        }
        let folder = scene.home.path().join(".aws");
        fs::remove_dir_all(&folder).expect("it is there");
        if is_folder_there {
            fs::create_dir(&folder).expect("there is room");
            give_away(&folder, 0o700);
        }
        chown(scene.home.path(), Some(OTHER), Some(OTHER)).expect("root may");
        scene
            .login(&["--mfa-serial", SERIAL])
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .check_stderr(|_| {})
            .run();
        assert_eq!(others_mode(&folder), 0o700);
        let names = file_names(&folder);
        for name in &names {
            assert_eq!(others_mode(&folder.join(name)), 0o600);
        }
        for name in [
            "credentials",
            "credentials.awsmfa.lock",
            "credentials.awsmfa-default-mfa.lock",
        ] {
            assert!(
                names.iter().any(|it| it == name),
                "{name} is not in {names:?}"
            );
        }
    }
}

/// As an earlier run as root has left it.
#[test]
fn a_lock_of_roots_is_named_with_its_owner() {
    let scene = Scene::with_devices(4);
    let first = scene.another_home();
    if !is_root(&first) {
        return;
    }
    for lock in ["credentials.awsmfa-dev-mfa.lock", "config.awsmfa.lock"] {
        let home = scene.another_home();
        fs::set_permissions(home.path(), Permissions::from_mode(0o755))
            .expect("the home is writable");
        let path = home.path().join(".aws").join(lock);
        fs::write(&path, "").expect("there is room");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("root may");
        give_away(&home.path().join(".aws"), 0o700);
        give_away(&home.credentials_path(), 0o600);
        // A file that is not there can't be locked itself.
        fs::remove_file(home.config_path()).expect("it is there");
        let program = home.path().join("awsmfa");
        let renewal = scene.renewal(&home);
        fs::copy(renewal.command.get_program(), &program).expect("copied");
        let home = home.program(&program);
        let mut command = home.command(renewal.command.get_args());
        command.args(["--region", "eu-central-1"]);
        let mut args = BECOME_OTHER.to_vec();
        args.push("--clear-groups");
        let ended = finish(wrap("setpriv", &args, &command));
        let text = output_text(&ended);
        assert_eq!(ended.status.code(), Some(0), "{text}");
        let named = format!("{} belongs to root: remove it", path.display());
        assert!(text.contains(&named), "{text}");
    }
}
