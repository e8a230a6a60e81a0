//! Shows the QR code of `device enroll` in real terminal emulators, and has zbar read it off the
//! display, as an app does with a camera.

use std::fs;
use std::path::PathBuf;

use super::enroll::without_device;
use crate::scene::Scene;
use crate::support::aws::secrets::Kind;
use crate::support::emulator::{Display, EMULATORS, Emulator, Window};

const LONG: &str = "Amazon%20Web%20Services";

fn display() -> Display {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    Display::start(&folder)
}

fn enroll<'a>(
    scene: &Scene,
    display: &'a Display,
    emulator: &Emulator,
    (columns, lines): (u32, u32),
    args: &[&str],
) -> Window<'a> {
    let command = ["device", "enroll", "--profile", "dev"].iter().chain(args);
    display.open(emulator, columns, lines, &scene.home.command(command))
}

/// The secret of the device that was made.
fn seed(scene: &Scene) -> String {
    let secrets = scene.home.secrets().into_iter();
    let mut seeds = secrets.filter(|(kind, _)| *kind == Kind::Device);
    seeds.next().expect("a device was made").1
}

/// The URI with this label, and `rest` after the seed.
fn uri(scene: &Scene, label: &str, rest: &str) -> String {
    let seed = seed(scene);
    assert_eq!(seed.len(), 64, "as long as AWS's");
    format!("otpauth://totp/{label}?secret={seed}{rest}")
}

fn bare(scene: &Scene, device: &str) -> String {
    uri(scene, device, "")
}

fn short(scene: &Scene) -> String {
    uri(scene, "AWS:alice@123456789012", "&issuer=AWS")
}

fn long(scene: &Scene, device: &str) -> String {
    let label = format!("{LONG}:{device}@123456789012");
    uri(scene, &label, &format!("&issuer={LONG}"))
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn zbar_reads_the_picture_off_every_terminal() {
    let display = display();
    for emulator in &EMULATORS {
        for size in [(80, 24), (100, 40), (40, 24)] {
            let scene = without_device();
            let window = enroll(&scene, &display, emulator, size, &[]);
            let read = window.code(&[]);
            let shown = match size {
                (80, 24) => short(&scene),
                (100, 40) => long(&scene, "alice"),
                _ => bare(&scene, "alice"),
            };
            assert_eq!(read, shown, "{} {size:?}", emulator.name);
        }
    }
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn zbar_reads_the_inverted_picture_in_reverse() {
    let display = display();
    for emulator in &EMULATORS {
        for size in [(80, 24), (100, 40)] {
            let scene = without_device();
            let window = enroll(&scene, &display, emulator, size, &["--invert"]);
            let read = window.code(&["-Stest-inverted"]);
            let shown = match size {
                (80, 24) => short(&scene),
                _ => long(&scene, "alice"),
            };
            assert_eq!(read, shown, "{} {size:?}", emulator.name);
        }
    }
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn zbar_reads_a_long_name_completely() {
    const NAME: &str = "first.middle+last-name_of=somebody@subsidiary.example.com";
    let name = NAME.replace('+', "%2B");
    let display = display();
    for (size, is_long) in [((100, 40), true), ((80, 24), false)] {
        let scene = without_device();
        let args = ["--name", NAME];
        let window = enroll(&scene, &display, &EMULATORS[0], size, &args);
        let read = window.code(&[]);
        let shown = if is_long {
            long(&scene, &name)
        } else {
            short(&scene)
        };
        assert_eq!(read, shown, "{size:?}");
    }
}

#[test]
#[ignore = "needs Xvfb, xterm, urxvt, st, ImageMagick and zbar"]
fn if_no_picture_fits_nothing_is_shown_before_the_user_agrees() {
    let display = display();
    for (size, args) in [
        ((36, 24), &[][..]),
        ((80, 21), &[]),
        (
            (40, 24),
            &["--name", "a.name.that.is.too.long.for.forty.columns"],
        ),
    ] {
        let scene = without_device();
        let window = enroll(&scene, &display, &EMULATORS[0], size, args);
        window.has_no_code(|| scene.aws.actions().len() >= 2);
        assert_eq!(scene.aws.actions().len(), 2, "{size:?}: nothing is made");
    }
}
