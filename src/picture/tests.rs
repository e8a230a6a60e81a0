//! Reads each picture back with an independent decoder, rqrr, as an app reads it from a screen.

use super::*;
use crate::value::otpauth::{Names, Seed};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rqrr::{DeQRError, MetaData, PreparedImage};

/// As long as AWS's: 64 letters.
const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The text below the picture of the tests.
const BELOW: usize = 4;

const HUGE: Size = Size {
    columns: 1000,
    lines: 1000,
};

fn uris(seed: &str, device: &str, user: &str, account: &str) -> [Uri; 3] {
    let seed = Seed::parse(seed.as_bytes()).expect("a seed");
    let names = Names {
        device,
        user,
        account,
    };
    Uri::all(&seed, names)
}

fn of_alice() -> [Uri; 3] {
    uris(SEED, "alice", "alice", "123456789012")
}

fn size(columns: usize, lines: usize) -> Size {
    Size { columns, lines }
}

const BLACK_ON_WHITE: &str = "0;38;5;16;48;5;231";
const WHITE_ON_BLACK: &str = "0;38;5;231;48;5;16";

/// The picture as a terminal shows it: row by row, whether each half of a character is black.
fn dots(picture: &Picture) -> Vec<Vec<bool>> {
    let mut dots = Vec::new();
    for line in picture.expose().split_terminator("\r\n") {
        let (mut upper, mut lower) = (Vec::new(), Vec::new());
        let line = line.strip_suffix("\x1b[0m").expect("the usual colours");
        let mut runs = line.split("\x1b[");
        assert_eq!(runs.next(), Some(""), "colours come first");
        for run in runs {
            let (colours, characters) = run.split_once('m').expect("colours");
            let is_black = match colours {
                BLACK_ON_WHITE => false,
                WHITE_ON_BLACK => true,
                other => panic!("{other} in a picture"),
            };
            for c in characters.chars() {
                upper.push(is_black);
                lower.push(match c {
                    ' ' => is_black,
                    '▄' => !is_black,
                    c => panic!("{c:?} in a picture"),
                });
            }
        }
        dots.extend([upper, lower]);
    }
    dots
}

/// The text that a reader finds in it. A phone reads both polarities; rqrr reads dark on light, so an
/// inverted picture is inverted back first.
///
/// rqrr misplaces its grid at some sizes of a dot where zbar reads them all, so it gets several.
fn read(picture: &Picture, ink: Ink) -> String {
    let read = [4, 5, 3]
        .into_iter()
        .map(|dot| read_at(picture, ink, dot))
        .reduce(Result::or);
    let (about, text) = read.expect("several sizes").expect("it can be read");
    assert_eq!(about.ecc_level, 1, "level L");
    text
}

/// What rqrr finds if a dot is that many pixels wide.
fn read_at(picture: &Picture, ink: Ink, dot: usize) -> Result<(MetaData, String), DeQRError> {
    let dots = dots(picture);
    let is_inverted = ink == Ink::WhiteOnBlack;
    let grey = |x: usize, y: usize| {
        let is_dark = dots[y / dot][x / dot] != is_inverted;
        if is_dark { 0 } else { 255 }
    };
    let (width, height) = (dots[0].len() * dot, dots.len() * dot);
    let mut image = PreparedImage::prepare_from_greyscale(width, height, grey);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code in {width}x{height}");
    grids[0].decode()
}

#[test]
fn each_label_has_its_size() {
    let needed = of_alice().map(|uri| {
        let code = Code::of(&uri).expect("a code");
        (code.side, code.size(4), code.size(2))
    });
    assert_eq!(
        needed,
        [
            (45, size(53, 27), size(49, 25)),
            (37, size(45, 23), size(41, 21)),
            (33, size(41, 21), size(37, 19)),
        ]
    );
}

#[test]
fn the_first_label_that_fits_is_shown_with_the_widest_zone_that_does() {
    let uris = of_alice();
    for (room, shown, taken) in [
        (HUGE, 0, size(53, 27)),
        (size(100, 40), 0, size(53, 27)),
        (size(53, 31), 0, size(53, 27)),
        // A narrow zone is better than a shorter label, whether columns or lines are short.
        (size(52, 31), 0, size(49, 25)),
        (size(53, 30), 0, size(49, 25)),
        (size(48, 31), 1, size(45, 23)),
        (size(80, 28), 1, size(45, 23)),
        (size(80, 25), 1, size(41, 21)),
        (size(80, 24), 2, size(37, 19)),
        (size(40, 24), 2, size(37, 19)),
        (size(37, 23), 2, size(37, 19)),
    ] {
        for ink in [Ink::BlackOnWhite, Ink::WhiteOnBlack] {
            let picture = fit(&uris, room, BELOW, ink).expect("it fits");
            assert_eq!(read(&picture, ink), uris[shown].expose(), "{room:?}");
            assert_eq!(picture.size(), taken, "{room:?}");
        }
    }
    for room in [size(36, 100), size(100, 22), size(0, 0)] {
        let needed = fit(&uris, room, BELOW, Ink::BlackOnWhite).expect_err("too small");
        assert_eq!(needed, size(37, 23), "{room:?}");
    }
}

#[test]
fn the_quiet_zone_is_light_and_the_inverted_picture_its_reverse() {
    let uris = of_alice();
    for (room, quiet) in [(size(53, 31), 4), (size(49, 29), 2)] {
        let plain = fit(&uris, room, BELOW, Ink::BlackOnWhite).expect("it fits");
        let plain = dots(&plain);
        let last = plain[0].len() - 1;
        for (y, row) in plain.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                let is_zone = [x, y, last - x].iter().any(|it| *it < quiet) || y > last - quiet;
                assert!(!is_zone || !is_dark, "{x},{y} is dark");
            }
        }
        assert!(plain[quiet][quiet] && plain[quiet][last - quiet], "{quiet}");
        let inverted = fit(&uris, room, BELOW, Ink::WhiteOnBlack).expect("it fits");
        let inverted = dots(&inverted);
        let reverse = |row: &Vec<bool>| row.iter().map(|it| !it).collect::<Vec<_>>();
        assert_eq!(inverted, plain.iter().map(reverse).collect::<Vec<_>>());
    }
}

#[test]
fn a_text_too_long_for_a_code_is_skipped() {
    let long = "x".repeat(3000);
    let [aws, short, bare] = uris(SEED, &long, "alice", "123456789012");
    let picture = fit(
        &[aws.clone(), short.clone(), bare.clone()],
        HUGE,
        BELOW,
        Ink::BlackOnWhite,
    );
    assert_eq!(
        read(&picture.expect("it fits"), Ink::BlackOnWhite),
        short.expose()
    );
    let nowhere = fit(&[aws, bare], HUGE, BELOW, Ink::BlackOnWhite);
    assert_eq!(nowhere.expect_err("too long"), size(usize::MAX, usize::MAX));
}

#[test]
fn debug_output_shows_no_picture() {
    let picture = fit(&of_alice(), HUGE, BELOW, Ink::BlackOnWhite).expect("it fits");
    let shown = format!("{picture:?} {picture:#?}");
    assert!(!shown.contains('▄'), "{shown}");
}

/// Names that IAM accepts.
fn name(longest: usize) -> impl Strategy<Value = String> {
    let letter = select(b"abcxyzABCXYZ0123456789_+=,.@-".to_vec());
    vec(letter, 1..=longest).prop_map(|it| String::from_utf8(it).expect("letters"))
}

fn account() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{12}", "[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_picture_fits_its_room_and_contains_its_text(
        seed in "[A-Z2-7]{16,104}",
        device in name(128),
        user in name(64),
        account in account(),
        room in (20..140_usize, 10..80_usize),
        below in 2..8_usize,
        is_inverted in any::<bool>(),
    ) {
        let uris = uris(&seed, &device, &user, &account);
        let room = size(room.0, room.1);
        let ink = if is_inverted { Ink::WhiteOnBlack } else { Ink::BlackOnWhite };
        match fit(&uris, room, below, ink) {
            Ok(picture) => {
                let taken = picture.size();
                prop_assert!(taken.columns <= room.columns && taken.lines + below <= room.lines);
                let dots = dots(&picture);
                prop_assert_eq!(dots.len(), 2 * taken.lines);
                prop_assert!(dots.iter().all(|row| row.len() == taken.columns));
                let text = read(&picture, ink);
                prop_assert!(uris.iter().any(|uri| uri.expose() == text), "{}", text);
            }
            Err(needed) => {
                prop_assert!(needed.columns > room.columns || needed.lines > room.lines);
                let exact = fit(&uris, needed, below, ink).expect("it is enough");
                let text = read(&exact, ink);
                prop_assert!(uris.iter().any(|uri| uri.expose() == text), "{}", text);
                let narrow = size(needed.columns - 1, needed.lines);
                let low = size(needed.columns, needed.lines - 1);
                for less in [narrow, low] {
                    prop_assert!(fit(&uris, less, below, ink).is_err(), "{:?}", less);
                }
            }
        }
    }
}
