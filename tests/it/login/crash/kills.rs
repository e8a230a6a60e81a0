//! Kills logins at random moments after AWS has answered.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use crate::scene::{Scene, Version, leftovers, old_credentials, spawn, wait};

const KILLS: usize = 200;

/// The same moments in every run of the tests, if the machine repeats itself.
const SEED: u64 = 0x5eed_0fab_0a70;

#[test]
fn kills_at_two_hundred_moments_after_the_answer_leave_old_or_new_files() {
    let scene = Scene::with_devices(120);
    let home = scene.another_home();
    let mut old = old_credentials();
    // The time from the answer to the end on this machine: the slowest of six.
    let window = (0..6).map(|_| {
        let issued = scene.aws.sessions().len();
        let mut renewal = scene.renewal(&home);
        let child = spawn(&mut renewal.command);
        wait_until_answered(&scene, issued, &child);
        let begin = Instant::now();
        wait(child);
        old = home.read_credentials();
        begin.elapsed()
    });
    let window = window.max().expect("six runs");
    let mut random = SEED;
    let (mut olds, mut news, mut litter) = (0, 0, 0);
    let mut before_this = Vec::new();
    for _ in 0..KILLS {
        let issued = scene.aws.sessions().len();
        let mut renewal = scene.renewal(&home);
        let mut child = spawn(&mut renewal.command);
        wait_until_answered(&scene, issued, &child);
        let moment = Instant::now() + window.mul_f64(next_fraction(&mut random));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        child.kill().expect("the child can be killed");
        wait(child);
        match scene.version(&home, &old, &renewal.serial) {
            Version::Old => olds += 1,
            Version::New => news += 1,
        }
        old = home.read_credentials();
        let now = leftovers(&home);
        // A run cleans up what the last one left before it asks AWS.
        assert!(!before_this.iter().any(|it| now.contains(it)), "{now:?}");
        litter += usize::from(!now.is_empty());
        before_this = now;
    }
    println!(
        "seed {SEED:#x}, window {window:?}: {olds} old, {news} new, {litter} with files to clear up"
    );
    assert!(
        olds > 0 && news > 0,
        "no kill hit the other side: {olds} old, {news} new"
    );
    scene.renews_and_clears_up(&home);
}

/// Waits until the stand-in has issued the session.
fn wait_until_answered(scene: &Scene, issued: usize, child: &Child) {
    let begin = Instant::now();
    while scene.aws.sessions().len() == issued {
        let waited = begin.elapsed();
        assert!(
            waited < Duration::from_secs(20),
            "{} never asked",
            child.id()
        );
        thread::yield_now();
    }
}

/// The next number from 0 to 1 (splitmix64).
fn next_fraction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
