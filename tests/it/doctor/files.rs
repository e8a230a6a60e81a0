//! Gives `doctor` files that are missing, unreadable, unwritable or odd: each is reported with what to
//! do, and left as it is.

use std::fs;
#[cfg(unix)]
use std::path::Path;

use indoc::{formatdoc, indoc};

#[cfg(unix)]
use super::tells;
use super::{doctor, finds, finds_offline, with_session};
#[cfg(target_os = "linux")]
use crate::scene::Scene;
use crate::scene::{CONFIG, CREDENTIALS, KEYS};
use crate::support::aws::{KEY_ID, SECRET_KEY};
use crate::support::home::Home;

fn home() -> Home {
    Home::new().config(CONFIG).credentials(with_session())
}

fn offline(home: &Home, status: i32, blocks: &[&str]) {
    finds(home, doctor(home, &["dev", "--offline"]), status, blocks);
}

#[cfg(unix)]
fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).expect("there is room");
}

#[test]
fn missing_files_are_reported() {
    let home = Home::new();
    let config =
        "good    config file: {home}/.aws/config does not exist, which is the same as empty\n";
    let credentials = indoc! {"
        warning credentials file: {home}/.aws/credentials does not exist
                hint: store an access key in it with `awsmfa setup`
    "};
    offline(&home, 1, &[config, credentials]);
    let run = doctor(&home, &["--offline"])
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let credentials = "good    credentials file: {home}/.aws/credentials does not exist, which is the same as empty\n";
    finds(&home, run, 0, &[config, credentials]);
}

#[test]
fn a_file_in_an_unreadable_encoding_is_a_single_bad_line() {
    for (text, form) in [
        (
            &b"\xff\xfe[\0d\0]\0"[..],
            "is in UTF-16, which AWS tools don't read",
        ),
        (
            b"\xff\xfe\0\0[\0\0\0",
            "is in UTF-32, which AWS tools don't read",
        ),
    ] {
        let home = home().credentials(text);
        let block = formatdoc! {"
            bad     credentials file: {{home}}/.aws/credentials {form}
                    hint: save it as UTF-8, in an editor or with iconv; {{*}}
            good    environment: it holds no AWS keys
        "};
        offline(&home, 1, &[&block]);
    }
    let block = indoc! {"
        bad     config file: the lines of {home}/.aws/config end only in carriage returns, which the AWS SDKs don't read
                hint: save it with Unix or Windows line endings, {*}
    "};
    offline(&home().config("[profile dev]\rregion = r\r"), 1, &[block]);
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let home = home();
    let file = fs::OpenOptions::new().write(true).open(home.config_path());
    let file = file.expect("it is there");
    file.set_len(65 * 1024 * 1024).expect("it takes no room");
    let block = "bad     config file: can't read {home}/.aws/config: longer than 64 MiB, the most awsmfa reads of an AWS file\n";
    offline(&home, 1, &[block]);
}

#[test]
fn a_file_that_no_reader_accepts_is_named_with_the_line() {
    for (text, line, reason, hint) in [
        (
            &b"[dev]\nk = v\n[x]\nk = \xff\n"[..],
            4,
            "it is not UTF-8",
            "save the file as UTF-8",
        ),
        (
            b"\xef\xbb\xbf[profile dev]\nregion = eu-west-1\n",
            1,
            "it begins with a byte order mark",
            "fix that line",
        ),
        (
            b"[profile dev]\nregion = r\nnonsense\n",
            3,
            "it has no equals sign",
            "fix that line",
        ),
    ] {
        let block = formatdoc! {"
            bad     config file: neither the AWS CLI nor the AWS SDKs can read {{home}}/.aws/config: line {line}: {reason}
                    hint: {hint}
        "};
        offline(&home().config(text), 1, &[&block]);
    }
}

#[test]
fn a_file_that_only_some_tools_read_is_reported_with_their_names() {
    let block = indoc! {"
        warning config file: only the AWS CLI and boto3 can read {home}/.aws/config: the other AWS SDKs give up at line 2, because it is indented
                hint: fix that line
    "};
    offline(
        &home().config("[profile dev]\n  region = eu-west-1\n"),
        0,
        &[block],
    );
    let twice = indoc! {"
        [profile dev]
        region = eu-west-1
        region = eu-west-1
        [profile x]
        [profile x]
    "};
    let block = indoc! {"
        bad     config file: the AWS CLI refuses {home}/.aws/config, line 3: region in [profile dev] is already set on line 2
                hint: fix that line
        bad     config file: the AWS CLI refuses {home}/.aws/config, line 5: {*}
                hint: fix that line
    "};
    offline(&home().config(twice), 1, &[block]);
    let block = indoc! {"
        warning credentials file: the AWS CLI does not find [dev] on line 1 of {home}/.aws/credentials
                hint: write [dev] there, without spaces in its brackets or brackets after them
    "};
    offline(&home().credentials(format!("[ dev ]\n{KEYS}")), 0, &[block]);
    let spaced = indoc! {"
        [ profile dev ]
        region = eu-west-1
        [ default ]
        region = eu-west-1
        [ services x ]
        sts =
          endpoint_url = http://localhost
    "};
    let block = indoc! {"
        warning config file: the AWS CLI does not find [profile dev] on line 1 of {home}/.aws/config
                hint: write [profile dev] there, without spaces in its brackets or brackets after them
        warning config file: the AWS CLI does not find [default] on line 3 of {home}/.aws/config
                hint: write [default] there, without spaces in its brackets or brackets after them
    "};
    let home = home().config(spaced);
    let shown = finds(&home, doctor(&home, &["dev", "--offline"]), 0, &[block]);
    assert!(!shown.contains("services"), "{shown}");
}

#[test]
fn a_header_that_belongs_in_the_other_file_is_named_with_its_line() {
    let hint = "        hint: fix that header: no AWS tool reads what is below it\n";
    for (config, credentials, line) in [
        (
            CONFIG,
            format!("{CREDENTIALS}[profile x]\n{KEYS}"),
            "line 5 of the credentials file says [profile x], but AWS tools need [x] there",
        ),
        (
            "[profile dev]\n[team]\nregion = eu-west-1\n",
            CREDENTIALS.to_owned(),
            "line 2 of the config file says [team], but AWS tools need [profile team] there",
        ),
        (
            "[dev]\noutput = json\n",
            CREDENTIALS.to_owned(),
            "line 1 of the config file says [dev], but AWS tools need [profile dev] there",
        ),
        (
            "[Profile dev]\n",
            CREDENTIALS.to_owned(),
            "line 1 of the config file says [Profile dev], but AWS tools need [profile dev] there",
        ),
    ] {
        finds_offline(
            config,
            &credentials,
            0,
            &[&format!("warning files: {line}\n{hint}")],
        );
    }
    let others = "[profile dev]\n[plugins]\nk = v\n[services x]\nsts =\n  k = v\n[sso-session y]\n";
    let shown = finds_offline(others, CREDENTIALS, 0, &[]);
    assert!(!shown.contains("header"), "{shown}");
}

#[test]
fn two_variables_for_one_file_and_an_unclear_path_are_reported() {
    let home = home();
    let run = doctor(&home, &["dev", "--offline"]);
    let run = run.env("AWS_CONFIG_FILE", home.credentials_path());
    let block = indoc! {"
        bad     files: the config file and the credentials file are the same file, {home}/.aws/credentials
                hint: set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE to two files, or unset both
        good    environment: it holds no AWS keys
    "};
    finds(&home, run, 1, &[block]);
    let run = doctor(&home, &["dev", "--offline"]).env("AWS_CONFIG_FILE", "$NOWHERE/config");
    let block = indoc! {"
        bad     files: AWS_CONFIG_FILE is $NOWHERE/config, where {*}
                hint: set AWS_CONFIG_FILE to the full path of the file
    "};
    finds(&home, run, 1, &[block]);
    let run = doctor(&home, &["dev", "--offline"]).env("AWS_CONFIG_FILE", "$HOME/.aws/config");
    let block = "warning files: awsmfa expands $HOME in AWS_CONFIG_FILE, as the AWS CLI and boto3 do; {*}\n";
    finds(&home, run, 0, &[block]);
}

#[cfg(unix)]
mod unix {
    use std::fs::{File, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};

    use super::*;
    use crate::scene::snapshot;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    }

    #[test]
    fn secrets_that_others_can_read_are_reported() {
        let home = home();
        set_mode(&home.credentials_path(), 0o644);
        let block = indoc! {"
            warning credentials file: {home}/.aws/credentials can be read by others (mode 0644)
                    hint: fix it with `chmod 600 {home}/.aws/credentials`
        "};
        offline(&home, 0, &[block]);
        let home = Home::new().config(format!("[profile dev]\n{KEYS}"));
        set_mode(&home.config_path(), 0o640);
        let block = "warning config file: {home}/.aws/config can be read by others (mode 0640)\n";
        offline(&home, 0, &[block]);
        set_mode(&home.path().join(".aws"), 0o777);
        let block = indoc! {"
            warning config file: everybody can add files to {home}/.aws (mode 0777)
                    hint: fix it with `chmod 700 {home}/.aws`
        "};
        offline(&home, 0, &[block]);
    }

    #[test]
    fn another_users_file_is_reported() {
        let home = home();
        if fs::metadata(home.path()).expect("it is there").uid() != 0 {
            return;
        }
        chown(home.credentials_path(), Some(65534), None).expect("root may");
        let block = indoc! {"
            warning credentials file: {home}/.aws/credentials belongs to user 65534
                    hint: change its owner with `chown`, as root
        "};
        offline(&home, 0, &[block]);
    }

    #[test]
    fn links_are_followed_and_named() {
        let home = home();
        let (path, there) = (home.config_path(), home.path().join("there"));
        fs::rename(&path, &there).expect("there is room");
        symlink(&there, &path).expect("there is room");
        let block =
            "good    config file: all tools can read {home}/.aws/config, a link to {home}/there\n";
        offline(&home, 0, &[block]);
        fs::hard_link(&there, home.path().join("again")).expect("there is room");
        let block = "good    config file: all tools can read {home}/.aws/config, a link to {home}/there; it has another name (a hard link), so it is written in place\n";
        offline(&home, 0, &[block]);
        fs::remove_file(&there).expect("it is there");
        let block = indoc! {"
            bad     config file: {home}/.aws/config is a link to {home}/there, which does not exist
                    hint: create the file it points to, or point the link somewhere else
        "};
        tells(&home, doctor(&home, &["dev", "--offline"]), 1, &[block]);
        fs::remove_file(&path).expect("it is there");
        symlink("config", &path).expect("there is room");
        let block = "bad     config file: {home}/.aws/config is a link that points to itself\n";
        tells(&home, doctor(&home, &["dev", "--offline"]), 1, &[block]);
    }

    #[test]
    fn a_folder_or_a_device_in_place_of_a_file_is_reported() {
        let home = home();
        fs::remove_file(home.config_path()).expect("it is there");
        fs::create_dir(home.config_path()).expect("there is room");
        let block = indoc! {"
            bad     config file: can't read {home}/.aws/config: is a directory
                    hint: check what is there and who may use it
            good    credentials file: all tools can read {home}/.aws/credentials
        "};
        offline(&home, 1, &[block]);
        let run = doctor(&home, &["dev", "--offline"]).env("AWS_CONFIG_FILE", "/dev/zero");
        let block = "bad     config file: can't read /dev/zero: not a regular file\n";
        finds(&home, run, 1, &[block]);
    }

    #[test]
    fn a_pipe_is_read_once_and_can_not_be_written() {
        let home = Home::new().config(CONFIG);
        let run = doctor(&home, &["dev", "--offline"])
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/stdin")
            .stdin(CREDENTIALS);
        let blocks = [
            indoc! {"
                warning credentials file: can't write /dev/stdin: it is a pipe, which can only be read
                        hint: use a file that can be written instead
            "},
            "good    profile: profile dev holds the access key AKIAIOSFODNN7EXAMPLE, in the credentials file\n",
        ];
        finds(&home, run, 0, &blocks);
    }

    #[test]
    fn a_lock_that_is_held_or_can_not_be_taken_is_reported() {
        let home = home();
        let lock = home.path().join(".aws/credentials.awsmfa.lock");
        let file = File::create(&lock).expect("there is room");
        file.lock().expect("nobody has it");
        // The file there may belong to that program.
        let left = home.path().join(".aws/.credentials.awsmfa-aB3dE6gH9j.tmp");
        write(&left, "");
        set_mode(&left, 0o600);
        let block = indoc! {"
            warning credentials file: another program holds the lock of {home}/.aws/credentials right now
                    hint: if this persists, see which process has {home}/.aws/credentials.awsmfa.lock open, and stop it
            good    environment: it holds no AWS keys
        "};
        offline(&home, 0, &[block]);
        drop(file);
        fs::remove_file(&left).expect("it is there");
        offline(
            &home,
            0,
            &["good    credentials file: all tools can read {home}/.aws/credentials\n"],
        );
        let file = File::open(home.credentials_path()).expect("it is there");
        file.lock().expect("nobody has it");
        let block = "warning credentials file: another program holds the lock of {home}/.aws/credentials right now\n";
        offline(&home, 0, &[block]);
        drop(file);
        fs::remove_file(&lock).expect("it is there");
        fs::create_dir(&lock).expect("there is room");
        let block = indoc! {"
            warning credentials file: {home}/.aws/credentials can't be locked by {home}/.aws/credentials.awsmfa.lock (is a directory), so two runs of awsmfa may write to it at once
                    hint: check what is there and who owns it
        "};
        offline(&home, 0, &[block]);
    }

    #[test]
    fn leftovers_of_killed_runs_are_reported_and_stay() {
        let home = home();
        let left = |name: &str, text: &str, mode| {
            let path = home.path().join(".aws").join(name);
            write(&path, text);
            set_mode(&path, mode);
            path
        };
        let ours = left(".credentials.awsmfa-aB3dE6gH9j.tmp", "", 0o600);
        let block = indoc! {"
            warning credentials file: an interrupted write left {home}/.aws/.credentials.awsmfa-aB3dE6gH9j.tmp
                    hint: the next sign-in removes it
        "};
        offline(&home, 0, &[block]);
        set_mode(&ours, 0o644);
        let block = indoc! {"
            warning credentials file: {home}/.aws/.credentials.awsmfa-aB3dE6gH9j.tmp belongs to somebody else, or can be used by others, although it has one of awsmfa's names: it is left unchanged
                    hint: check what it is, then remove it
        "};
        offline(&home, 0, &[block]);
        fs::remove_file(ours).expect("it is there");
        let hashes = "0123456789abcdef-0123456789abcdef";
        let swap = left(
            &format!(".credentials.awsmfa-aB3dE6gH9j-{hashes}.swap"),
            "x",
            0o600,
        );
        let block = indoc! {"
            warning credentials file: {home}/.aws/.credentials.awsmfa-aB3dE6gH9j-{*}.swap may hold what another program wrote to {home}/.aws/credentials while awsmfa was killed
                    hint: compare, then remove it
        "};
        offline(&home, 0, &[block]);
        fs::remove_file(swap).expect("it is there");
        let text = home.read_credentials();
        left(".credentials.awsmfa-aB3dE6gH9j.old", &text, 0o600);
        left(
            ".credentials.awsmfa-aB3dE6gH9j.new",
            &(text + "# more\n"),
            0o600,
        );
        // A half that others could have put there proves nothing.
        for half in ["old", "new"] {
            let half = home
                .path()
                .join(format!(".aws/.credentials.awsmfa-aB3dE6gH9j.{half}"));
            set_mode(&half, 0o644);
            let block = indoc! {"
                warning credentials file: {home}/.aws/.credentials.awsmfa-aB3dE6gH9j.old or its counterpart can't be trusted, although it has one of awsmfa's names: it is left unchanged
                        hint: check what it is, then remove it
            "};
            offline(&home, 0, &[block]);
            set_mode(&half, 0o600);
        }
        let before = snapshot(&home);
        let blocks = [
            indoc! {"
                warning credentials file: a write of {home}/.aws/credentials was cut short; its old content is in {home}/.aws/.credentials.awsmfa-aB3dE6gH9j.old
                        hint: the next sign-in, or `awsmfa status`, finishes it
            "},
            "unknown sign-in: both files must be readable before it can be tried out\n",
        ];
        offline(&home, 0, &blocks);
        assert_eq!(snapshot(&home), before, "it is for others to finish");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_that_can_not_be_written_are_reported() {
        let read_only = |path: &str| {
            format!("mount --bind {path} {path} && mount -o remount,ro,bind {path} && exec \"$@\"")
        };
        let way = "hint: make it writable; until then `awsmfa exec` and `awsmfa export` hand out a session without saving it\n";
        let scene = |script: &str| Scene::signed_in().in_namespace(script);
        let Some(of_folder) = scene(&read_only(".aws")) else {
            return;
        };
        let block = format!(
            "warning credentials file: {{home}}/.aws/credentials can't be written: read-only file system\n        {way}"
        );
        offline(&of_folder.home, 0, &[&block]);
        let gone = Scene::with_files(CONFIG, "").in_namespace(&read_only(".aws"));
        let gone = gone.expect("as before");
        fs::remove_file(gone.home.credentials_path()).expect("it is there");
        let block = format!(
            "warning credentials file: {{home}}/.aws/credentials can't be created: no file can be created in {{home}}/.aws (read-only file system)\n        {way}"
        );
        offline(&gone.home, 1, &[&block]);
        let alone = scene("mount --bind .aws/config .aws/config && exec \"$@\"");
        let block = indoc! {"
            warning config file: {home}/.aws/config is mounted as a single file: if its container stops in the middle of a write, the backup is lost with it
                    hint: mount its folder instead
        "};
        offline(&alone.expect("as before").home, 0, &[block]);
        let files = "mount --bind .aws/config /mnt/config";
        let folder = format!(
            "mount -t tmpfs none /mnt && touch /mnt/config /mnt/credentials && mount --bind .aws/credentials /mnt/credentials && {files} && mount -o remount,ro /mnt && export AWS_CONFIG_FILE=/mnt/config AWS_SHARED_CREDENTIALS_FILE=/mnt/credentials && exec \"$@\""
        );
        let block = indoc! {"
            warning config file: no file can be created in /mnt (read-only file system), so /mnt/config is written in place
                    hint: make the folder writable, so that the file is replaced as a whole
        "};
        offline(&scene(&folder).expect("as before").home, 0, &[block]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_home_there_is_no_place_for_the_files() {
        let Some(scene) = Scene::default().by_other_user(54321) else {
            return;
        };
        let run = doctor(&scene.home, &["dev", "--offline"]).env_remove("HOME");
        let block = indoc! {"
            bad     config file: there is no home folder to find the AWS config file in
                    hint: set HOME, or set AWS_CONFIG_FILE to the file
            bad     credentials file: there is no home folder to find the AWS credentials file in
                    hint: set HOME, or set AWS_SHARED_CREDENTIALS_FILE to the file
        "};
        finds(&scene.home, run, 1, &[block]);
    }
}

#[cfg(unix)]
#[test]
fn for_a_device_in_place_of_a_file_no_chmod_is_suggested() {
    let home = Home::new();
    let run = doctor(&home, &["--offline"])
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let shown = finds(&home, run, 1, &[]);
    assert!(!shown.contains("chmod"), "{shown}");
    assert!(shown.contains("all tools can read /dev/null"), "{shown}");
}
