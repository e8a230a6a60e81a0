//! Makes a file odd, in ways that readers of AWS files disagree about. It never generates a whole file.

use super::dice::Dice;
use super::files::long_term;
use super::text::{Line, Text};

/// White space and line ends that not every reader recognises.
const BLANKS: [&str; 19] = [
    "\u{a0}", "\t", " ", "  ", "\u{2003}", "\u{3000}", "\u{1680}", "\u{feff}", "\u{200b}", "\u{b}",
    "\u{c}", "\u{1c}", "\u{1d}", "\u{1e}", "\u{1f}", "\u{85}", "\u{2028}", "\u{2029}", "\r",
];

/// Bytes that mean something to some reader.
const BITS: [&str; 24] = [
    "[", "]", "=", ":", "#", ";", " ", "\t", "\"", "'", "\\", "%", "%(x)s", "${x}", "=", " = ",
    " #", " ;", "\r", "\n", "\u{a0}", "\u{85}", "é", ",",
];

const BELOW: [&str; 9] = [
    "  sub = 1",
    "\tmine = 2",
    "  # an indented note",
    "    more of it",
    "  aws_session_token = innertoken/JQ4TBZ7WQK",
    "  [other]",
    " key",
    "  a : b",
    "\u{a0}\u{a0}nbsp = 3",
];

const BEHIND: [&str; 9] = [
    " ; ticket OPS-17",
    " # ticket OPS-18",
    "\t# ticket OPS-19",
    ";ticket OPS-20",
    "#ticket OPS-21",
    " # ]",
    " ; [prod]",
    "   ",
    " # %(x)s",
];

const REMARKS: [&str; 6] = [
    "# ticket OPS-22",
    "; ticket OPS-23",
    "#ticket OPS-24",
    "  # ticket OPS-25",
    "# aws_secret_access_key = commented/OPS26",
    ";[dev-mfa]",
];

const STRAYS: [&str; 12] = [
    "stray",
    "= v",
    "k : v",
    "k: v",
    "k == v",
    "k=v=w",
    "a b = c",
    ":",
    "key=%(nothing)s",
    "quoted = \"a # b\"",
    "empty =",
    "empty:",
];

/// Adds one oddity; `of_config` tells which of the files it is.
pub(crate) fn add(dice: &mut Dice, text: &mut Text, of_config: bool) {
    if text.0.is_empty() {
        text.push(dice.one(&STRAYS));
    }
    match dice.below(26) {
        0 => spell_header(dice, text, of_config),
        1 => repeat_header(dice, text, of_config),
        2 => repeat_key(dice, text),
        3 | 4 => put_blank(dice, text),
        5 | 6 => put_return(dice, text),
        7 => change_ends(dice, text),
        8 => text.0[0]
            .text
            .splice(0..0, "\u{feff}".bytes())
            .for_each(drop),
        9 => end_without_newline(dice, text),
        10 | 11 => put_below(dice, text),
        12 => {
            let at = dice.below(text.0.len() + 1);
            text.insert(at, dice.one(&STRAYS));
        }
        13 | 14 => {
            let behind = dice.one(&BEHIND);
            line_of(dice, text).text.extend(behind.bytes());
        }
        15 => {
            let at = dice.below(text.0.len() + 1);
            text.insert(at, dice.one(&REMARKS));
        }
        16 | 17 => hide_long_term(dice, text, of_config),
        18 => half_pair(dice, text, of_config),
        19 => spread(dice, text, of_config),
        20 => session_in_config(dice, text, of_config),
        21 => lengthen(dice, text),
        22 => break_utf8(dice, text),
        23 => change_case(dice, text),
        _ => mutate(dice, text),
    }
}

fn target(of_config: bool) -> &'static str {
    if of_config {
        "profile dev-mfa"
    } else {
        "dev-mfa"
    }
}

/// A line, usually one that a login or a logout touches.
fn place_of(dice: &mut Dice, text: &Text) -> usize {
    let ours = text.places(|line| {
        [
            "session",
            "dev-mfa",
            "ASIA",
            "x_security",
            "awsmfa_",
            "aws_account",
        ]
        .iter()
        .any(|part| line.contains(part))
    });
    if ours.is_empty() || dice.happens(35) {
        dice.below(text.0.len())
    } else {
        dice.one(&ours)
    }
}

fn line_of<'a>(dice: &mut Dice, text: &'a mut Text) -> &'a mut Line {
    let at = place_of(dice, text);
    &mut text.0[at]
}

fn spell_header(dice: &mut Dice, text: &mut Text, of_config: bool) {
    let headers = text.places(|line| line.starts_with('['));
    if headers.is_empty() {
        return repeat_header(dice, text, of_config);
    }
    let ours = text.places(|line| line.starts_with('[') && line.contains("dev-mfa"));
    let at = if ours.is_empty() || dice.happens(30) {
        dice.one(&headers)
    } else {
        dice.one(&ours)
    };
    let old = String::from_utf8_lossy(&text.0[at].text).into_owned();
    let inside = old.trim_matches(['[', ']']).to_owned();
    let last = inside.rsplit(' ').next().unwrap_or_default();
    let new = match dice.below(16) {
        0 => format!("[ {inside} ]"),
        1 => format!("[{inside}] ; [x]"),
        2 => format!("[{inside}] # note ]"),
        3 => format!("[profile \"{last}\"]"),
        4 => format!("[profile '{last}']"),
        5 => format!("[profile\t{last}]"),
        6 => format!("[{inside}] junk"),
        7 => format!("[{inside}"),
        8 => format!("  [{inside}]"),
        9 => format!("[{inside}];note"),
        10 => format!("[\u{a0}{inside}]"),
        11 => format!("[{inside} ]"),
        12 => format!("[\"{inside}\"]"),
        13 => format!("[profile  {last}]"),
        14 => format!("[{inside}]\t"),
        _ => format!("[{}]", inside.to_uppercase()),
    };
    text.0[at].text = new.into_bytes();
}

fn repeat_header(dice: &mut Dice, text: &mut Text, of_config: bool) {
    let headers = text.places(|line| line.starts_with('['));
    let header = if headers.is_empty() || dice.happens(60) {
        format!("[{}]", target(of_config)).into_bytes()
    } else {
        text.0[dice.one(&headers)].text.clone()
    };
    let at = match dice.happens(50) {
        true => text.0.len(),
        false => dice.below(text.0.len() + 1),
    };
    text.insert(at, header);
    if dice.happens(50) {
        text.insert(at + 1, dice.one(&["mine = 1", "region = eu-west-3", ""]));
    }
}

fn repeat_key(dice: &mut Dice, text: &mut Text) {
    let at = place_of(dice, text);
    let mut line = text.0[at].clone();
    if dice.happens(40) {
        line.text.make_ascii_uppercase();
    }
    if dice.happens(40) {
        line.text.extend(b"x");
    }
    let at = if dice.happens(60) {
        at
    } else {
        dice.below(text.0.len())
    };
    text.0.insert(at, line);
}

fn put_blank(dice: &mut Dice, text: &mut Text) {
    let blank = dice.one(&BLANKS);
    let way = dice.below(6);
    let at = dice.below(text.0.len() + 1);
    if way == 5 {
        return text.insert(at, blank);
    }
    let line = line_of(dice, text);
    let length = line.text.len();
    let sign = line.text.iter().position(|byte| *byte == b'=');
    let at = match (way, sign) {
        (1, _) => length,
        (2, Some(sign)) => sign,
        (3, Some(sign)) => sign + 1,
        (4, Some(sign)) => sign + (length - sign) / 2,
        _ => 0,
    };
    line.text.splice(at..at, blank.bytes());
}

fn put_return(dice: &mut Dice, text: &mut Text) {
    let line = line_of(dice, text);
    let length = line.text.len();
    match dice.below(7) {
        0 => line.end = "\r",
        1 => line.end = "\r\r\n",
        2 => line.text.extend(b"\r"),
        3 => line.text.extend(b"\r[other]\rkey = 1"),
        4 => line.text.extend(b"\rkey = 1"),
        5 => line.text.extend(b"\r# remark"),
        _ => {
            let at = length / 2;
            line.text.insert(at, b'\r');
        }
    }
}

fn change_ends(dice: &mut Dice, text: &mut Text) {
    let percent = dice.one(&[100, 100, 50, 10]);
    for line in &mut text.0 {
        if dice.happens(percent) {
            line.end = "\r\n";
        }
    }
}

fn end_without_newline(dice: &mut Dice, text: &mut Text) {
    while dice.happens(70) && text.0.len() > 1 && text.0.last().is_some_and(|it| it.text.is_empty())
    {
        text.0.pop();
    }
    if let Some(last) = text.0.last_mut() {
        last.end = "";
    }
}

fn put_below(dice: &mut Dice, text: &mut Text) {
    let at = place_of(dice, text) + 1;
    text.insert(at, dice.one(&BELOW));
    if dice.happens(30) {
        text.insert(at + 1, dice.one(&BELOW));
    }
    if dice.happens(20) {
        text.insert(at, dice.one(&["", "# between", "  "]));
    }
}

/// Puts a long-term pair before or after the content of the target, in a section of its own or not.
fn hide_long_term(dice: &mut Dice, text: &mut Text, of_config: bool) {
    let (id, secret) = long_term(dice);
    let lines = [
        format!("aws_access_key_id = {id}"),
        format!("aws_secret_access_key = {secret}"),
    ];
    let headers = text.places(|line| line.starts_with('[') && line.contains("dev-mfa"));
    let own_section = headers.is_empty() || dice.happens(50);
    let mut at = match headers.first() {
        Some(at) if !own_section => at + 1,
        Some(at) if dice.happens(50) => *at,
        _ => text.0.len(),
    };
    if !own_section {
        at += dice.below(4);
    }
    if own_section {
        text.insert(at, format!("[{}]", target(of_config)));
        at += 1;
    }
    for (number, line) in lines.into_iter().enumerate() {
        text.insert(at + number, line);
    }
}

fn half_pair(dice: &mut Dice, text: &mut Text, of_config: bool) {
    let (id, secret) = long_term(dice);
    let half = if dice.happens(50) {
        format!("aws_access_key_id = {id}")
    } else {
        format!("aws_secret_access_key = {secret}")
    };
    let headers = text.places(|line| line.starts_with('[') && line.contains("dev-mfa"));
    match headers.first() {
        Some(at) if dice.happens(50) => text.insert(at + 1, half),
        _ => {
            text.push(format!("[{}]", target(of_config)));
            text.push(half);
        }
    }
}

/// Splits the target's section in two.
fn spread(dice: &mut Dice, text: &mut Text, of_config: bool) {
    let ours = text.places(|line| line.contains("session") || line.contains("ASIA"));
    let at = if ours.is_empty() {
        dice.below(text.0.len() + 1)
    } else {
        dice.one(&ours)
    };
    text.insert(at, format!("[{}]", target(of_config)));
    if dice.happens(50) {
        text.insert(at, dice.one(&["[prod]", "[between]", "[default]"]));
    }
}

fn session_in_config(dice: &mut Dice, text: &mut Text, of_config: bool) {
    text.push(format!("[{}]", target(of_config)));
    for line in [
        format!("aws_access_key_id = ASIA{}", dice.letters(16)),
        format!("aws_secret_access_key = oldsession/{}", dice.letters(22)),
        format!("aws_session_token = oldtoken/{}", dice.letters(40)),
    ] {
        if dice.happens(85) {
            text.push(line);
        }
    }
}

fn lengthen(dice: &mut Dice, text: &mut Text) {
    let length = dice.one(&[300, 5_000, 70_000]);
    let remark = dice.happens(50);
    let line = line_of(dice, text);
    if remark {
        line.text.extend(b" # ");
    }
    line.text.extend(std::iter::repeat_n(b'x', length));
}

fn break_utf8(dice: &mut Dice, text: &mut Text) {
    let bytes: &[u8] = dice.one(&[b"\xff".as_slice(), b"\xc3", b"\xed\xa0\x80", b"\x80", b"\0"]);
    let remark = dice.happens(50);
    let at = dice.below(text.0.len() + 1);
    if remark {
        return text.insert(at, [b"# ", bytes].concat());
    }
    let line = line_of(dice, text);
    let at = line.text.len() / 2;
    line.text.splice(at..at, bytes.iter().copied());
}

fn change_case(dice: &mut Dice, text: &mut Text) {
    let line = line_of(dice, text);
    let key = line.text.iter().position(|it| *it == b'=').unwrap_or(0);
    match dice.below(2) {
        0 => line.text[..key].make_ascii_uppercase(),
        _ => line.text[..key.min(1)].make_ascii_uppercase(),
    }
}

/// Changes lines and bytes anywhere.
fn mutate(dice: &mut Dice, text: &mut Text) {
    let at = place_of(dice, text);
    let other = dice.below(text.0.len());
    match dice.below(8) {
        0 => drop(text.0.remove(at)),
        1 => {
            let line = text.0[at].clone();
            text.0.insert(other, line);
        }
        2 => text.0.swap(at, other),
        3 => text.0[at].end = "",
        4 => {
            let length = text.0[at].text.len();
            let keep = dice.below(length + 1);
            text.0[at].text.truncate(keep);
        }
        5 => {
            let mut text_of = std::mem::take(&mut text.0[at].text);
            if !text_of.is_empty() {
                text_of.remove(dice.below(text_of.len()));
            }
            text.0[at].text = text_of;
        }
        _ => {
            let bit = dice.one(&BITS);
            let line = &mut text.0[at].text;
            let at = dice.below(line.len() + 1);
            line.splice(at..at, bit.bytes());
        }
    }
}
