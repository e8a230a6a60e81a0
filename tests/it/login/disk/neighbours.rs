//! Lets other programs use the same files during a login.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indoc::indoc;

use crate::scene::{
    NEW_CONFIG, Scene, leftovers, new_credentials, old_credentials, output_text, spawn, wait,
    wait_until,
};
use crate::support::aws::Fault;
use crate::support::home::Home;

const THEIRS: &str = indoc! {"

    [theirs]
    aws_access_key_id = AKIATHEIRS
"};

/// How another program writes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Appends, as `aws configure` does for a new profile.
    Append,
    /// Renames a new file over the old one.
    Rename,
    /// Empties the file and writes it again, with a pause in between.
    Rewrite,
}

impl Way {
    fn write(self, path: &Path, text: &str) {
        match self {
            Self::Append => {
                let mut file = OpenOptions::new()
                    .append(true)
                    .open(path)
                    .expect("it is there");
                file.write_all(THEIRS.as_bytes()).expect("written");
            }
            Self::Rename => {
                let new = path.with_extension("theirs");
                fs::write(&new, text).expect("written");
                fs::rename(&new, path).expect("renamed");
            }
            Self::Rewrite => {
                let mut file = File::create(path).expect("it is there");
                thread::sleep(Duration::from_millis(5));
                file.write_all(text.as_bytes()).expect("written");
            }
        }
    }
}

#[test]
fn changes_by_others_during_the_request_are_kept_beside_the_session() {
    let scene = Scene::with_devices(8);
    let ways = [Way::Append, Way::Rename, Way::Rewrite];
    for (linked, way) in [false, true]
        .into_iter()
        .flat_map(|it| ways.map(|way| (it, way)))
    {
        let home = scene.another_home();
        let second = home.path().join("second");
        if linked {
            fs::hard_link(home.credentials_path(), &second).expect("a link");
        }
        during_the_request(&scene, &home, Duration::from_millis(300), |home| {
            way.write(&home.credentials_path(), &(old_credentials() + THEIRS));
            way.write(&home.config_path(), &(home.read_config() + THEIRS));
        });
        let config = home.read_config();
        let parts = NEW_CONFIG
            .split_once("\n[profile dev-mfa]")
            .expect("two parts");
        assert!(config.starts_with(parts.0), "{way:?}: {config}");
        assert!(
            config.contains(&format!("[profile dev-mfa]{}", parts.1)),
            "{way:?}: {config}"
        );
        assert!(config.contains(THEIRS.trim()), "{way:?}: {config}");
        if linked && way != Way::Rename {
            let now = fs::read_to_string(&second).expect("it is there");
            assert_eq!(now, home.read_credentials(), "{way:?} parted the names");
        }
    }
}

/// A neighbour that takes no lock and adds sections while many logins save.
#[test]
fn everything_that_others_keep_adding_is_there_at_the_end() {
    const LOGINS: usize = 15;
    let scene = Scene::with_devices(LOGINS);
    let home = scene.another_home();
    let path = home.credentials_path();
    let done = AtomicBool::new(false);
    // A quarter of what the last login took, because a busy machine slows both down.
    let pause = AtomicU64::new(15);
    let added = thread::scope(|scope| {
        let neighbour = scope.spawn(|| {
            let (mut added, begin) = (0, Instant::now());
            // The thread must end if the test fails.
            while !done.load(Ordering::Relaxed) && begin.elapsed() < Duration::from_secs(300) {
                let mut file = OpenOptions::new()
                    .append(true)
                    .open(&path)
                    .expect("it is there");
                let inode = file.metadata().expect("open").ino();
                let line = format!("[n{added}]\na = b\n");
                file.write_all(line.as_bytes()).expect("written");
                // A line that went to a file that was just replaced is added again.
                let there = fs::metadata(&path).expect("it is there");
                added += usize::from(there.ino() == inode);
                thread::sleep(Duration::from_millis(pause.load(Ordering::Relaxed)));
            }
            added
        });
        for _ in 0..LOGINS {
            let mut renewal = scene.renewal(&home);
            let begin = Instant::now();
            let ended = wait(spawn(&mut renewal.command));
            let took = begin.elapsed().as_millis() as u64;
            pause.store((took / 4).clamp(15, 1000), Ordering::Relaxed);
            assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
            let session = scene.aws.sessions().pop().expect("it was issued");
            assert!(home.read_credentials().contains(&session.token));
        }
        done.store(true, Ordering::Relaxed);
        neighbour.join().expect("it does not panic")
    });
    let text = home.read_credentials();
    let there = (0..added).filter(|it| text.contains(&format!("[n{it}]\n")));
    let lost = added - there.count();
    println!("{added} sections added during {LOGINS} logins, {lost} lost");
    // Only a write between the last look and the rename, two consecutive calls, can be lost.
    assert!(
        added > LOGINS / 2 && lost <= 1,
        "{lost} of {added} lost:\n{text}"
    );
}

#[test]
fn a_lock_that_is_never_released_causes_a_failure_before_a_code_is_spent() {
    let scene = Scene::with_devices(2);
    let home = scene.another_home();
    let path = home.path().join(".aws/credentials.awsmfa.lock");
    let lock = File::create(&path).expect("created");
    lock.lock().expect("free");
    let begin = Instant::now();
    let mut renewal = scene.renewal(&home);
    let ended = wait(spawn(&mut renewal.command));
    let took = begin.elapsed();
    let text = output_text(&ended);
    assert_eq!(ended.status.code(), Some(1), "{text}");
    assert!(
        text.contains("has held the lock of") && text.contains("for 20 s"),
        "{text}"
    );
    assert!(text.contains(path.to_str().expect("UTF-8")), "{text}");
    assert!(
        took >= Duration::from_secs(19) && took < Duration::from_secs(25),
        "{took:?}"
    );
    assert_eq!(scene.spent_codes(), 0);
    assert_eq!(home.read_credentials(), old_credentials());
    drop(lock);
    scene.renews_and_clears_up(&home);
}

#[test]
fn a_lock_that_is_released_in_time_is_waited_for() {
    let scene = Scene::with_devices(2);
    let home = scene.another_home();
    let path = home.path().join(".aws/credentials.awsmfa.lock");
    let lock = File::create(&path).expect("created");
    lock.lock().expect("free");
    let mut renewal = scene.renewal(&home);
    let child = spawn(&mut renewal.command);
    thread::sleep(Duration::from_millis(400));
    assert_eq!(scene.spent_codes(), 0, "it did not wait");
    drop(lock);
    let ended = wait(child);
    assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
    scene.renews_and_clears_up(&home);
}

/// Takes a lease for reading or (second argument) for writing on the file in its first argument, and
/// releases it this many seconds (third) after being asked to.
#[cfg(target_os = "linux")]
const LEASE: &str = r#"
    my ($path, $kind, $delay) = @ARGV;
    open(my $file, $kind ? "+<" : "<", $path) or die "open: $!";
    $SIG{IO} = sub { select(undef, undef, undef, $delay); fcntl($file, 1024, 2); };
    fcntl($file, 1024, $kind + 0) or die "lease: $!";
    $| = 1;
    print "ready\n";
    sleep 1 while 1;
"#;

/// Another program that holds a lease; it is ended when this is dropped.
#[cfg(target_os = "linux")]
struct Lease(std::process::Child);

#[cfg(target_os = "linux")]
impl Lease {
    fn on(path: &Path, kind: &str, delay: &str) -> Self {
        use std::io::{BufRead as _, BufReader};
        use std::process::{Command, Stdio};
        let mut child = Command::new("perl")
            .args(["-e", LEASE])
            .args([path.as_os_str(), kind.as_ref(), delay.as_ref()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("perl is on every Linux");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        output.read_line(&mut line).expect("it says so");
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Lease {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Like a file server that lets its clients keep a file for a while.
#[cfg(target_os = "linux")]
#[test]
fn a_lease_on_a_file_is_waited_for_and_one_that_stays_spends_no_code() {
    for kind in ["0", "1"] {
        let scene = Scene::with_devices(3);
        let home = scene.another_home();
        let lease = Lease::on(&home.credentials_path(), kind, "0.3");
        let mut renewal = scene.renewal(&home);
        let ended = wait(spawn(&mut renewal.command));
        assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
        drop(lease);
        scene.renews_and_clears_up(&home);

        let spent = scene.spent_codes();
        let before = home.read_credentials();
        let lease = Lease::on(&home.credentials_path(), kind, "60");
        let mut renewal = scene.renewal(&home);
        let ended = wait(spawn(&mut renewal.command));
        let text = output_text(&ended);
        assert_eq!(ended.status.code(), Some(1), "{text}");
        assert!(text.contains(".aws/credentials: "), "{text}");
        assert_eq!(scene.spent_codes(), spent, "a code was spent");
        drop(lease);
        assert_eq!(home.read_credentials(), before);
    }
}

/// The session is saved by then, and works without its settings.
#[cfg(target_os = "linux")]
#[test]
fn a_lease_that_stays_on_the_config_file_does_not_prevent_a_session() {
    let scene = Scene::default();
    let home = scene.another_home();
    let config = home.path().join(".aws/config");
    let before = fs::read(&config).expect("there");
    let lease = Lease::on(&config, "0", "60");
    let begin = Instant::now();
    let mut renewal = scene.renewal(&home);
    let ended = wait(spawn(&mut renewal.command));
    let took = begin.elapsed();
    let text = output_text(&ended);
    assert_eq!(ended.status.code(), Some(0), "{text}");
    assert!(
        text.contains("its settings are not: can't write "),
        "{text}"
    );
    assert!(took < Duration::from_secs(22), "{took:?}");
    assert_eq!(fs::read(&config).expect("there"), before);
    drop(lease);
}

/// Runs a login, and `meanwhile` between its request and the answer. The credentials file must end up
/// with the session and what was added.
fn during_the_request(scene: &Scene, home: &Home, time: Duration, meanwhile: impl Fn(&Home)) {
    scene.aws.fault("GetSessionToken", Fault::Delay(time));
    let spent = scene.spent_codes();
    let mut renewal = scene.renewal(home);
    let child = spawn(&mut renewal.command);
    wait_until("the request", || scene.spent_codes() > spent);
    meanwhile(home);
    let ended = wait(child);
    assert_eq!(ended.status.code(), Some(0), "{}", output_text(&ended));
    let session = scene.aws.sessions().pop().expect("it was issued");
    assert_eq!(
        home.read_credentials(),
        new_credentials(&session, &renewal.serial) + THEIRS
    );
    assert_eq!(leftovers(home), Vec::<String>::new());
}
