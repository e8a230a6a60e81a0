//! Parses a one-time code, and chooses which of the possible sources supplies it. A code works once, so
//! nothing here reads one before it is needed or prints one.

pub(crate) mod command;
mod line;
pub(crate) mod stdin;
pub(crate) mod wanted;

use crate::exit::{Exit, Failure, Result};
use crate::text::{PASTE, is_hyphen, is_invisible};
use crate::world::env::{self, Env};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroize as _;

/// Six digits from an MFA device. A string, because leading zeros matter.
#[derive(Clone, Debug)]
pub(crate) struct Code(SecretString);

impl Code {
    /// Reads a code as people type and paste it and as programs write it: six ASCII digits. White space,
    /// invisible characters, bracketed-paste marks and hyphens between digits are dropped. The error
    /// never repeats the input.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        const NO_CODE: &str = "a code is six digits";
        // Allocated once: text that grows leaves copies of a code behind.
        let mut digits = String::with_capacity(text.len());
        let mut was_hyphen = false;
        for c in shown(text) {
            match c {
                '0'..='9' => {
                    digits.push(c);
                    was_hyphen = false;
                }
                c if is_hyphen(c) && !was_hyphen && !digits.is_empty() => was_hyphen = true,
                _ => {
                    digits.zeroize();
                    return Err(NO_CODE);
                }
            }
        }
        let digits = SecretString::from(digits);
        if digits.expose_secret().len() == 6 && !was_hyphen {
            Ok(Self(digits))
        } else {
            Err(NO_CODE)
        }
    }

    /// The six digits, for the request that uses them.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The characters of `text` that a person sees.
fn shown(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some(after) = PASTE.iter().find_map(|sign| rest.strip_prefix(sign)) {
            rest = after;
        }
        let mut characters = rest.chars();
        let next = characters.next();
        rest = characters.as_str();
        next
    })
    .filter(|c| !c.is_whitespace() && !is_invisible(*c))
}

/// The source of a code that needs no prompt; a sign-in uses exactly one.
#[derive(Clone, Debug)]
pub(crate) enum CodeSource {
    /// Given on the command line or in the environment.
    Given(Code),
    /// The first line of standard input.
    Stdin,
    /// The first line of a command's output, with the flag or setting that holds the command, for
    /// messages.
    Command {
        line: String,
        named_by: &'static str,
    },
}

/// The command-line flag that supplies the code.
#[derive(Clone, Debug)]
pub(crate) enum CodeFlag {
    /// `--code`: what was typed, which need not be a valid code.
    Code(SecretString),
    /// `--code-stdin`.
    Stdin,
    /// `--code-command`.
    Command(String),
}

impl CodeFlag {
    /// Fails if the flag's value can't be a code, even if no code will be needed.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Code(code) => given(code.expose_secret(), "--code").map(drop),
            Self::Stdin | Self::Command(_) => Ok(()),
        }
    }
}

impl CodeSource {
    /// The first source that is set: the flag, `AWSMFA_CODE`, the profile's `mfa_process`. `None` means
    /// prompting. Fails if a given value is not a code.
    pub(crate) fn choose(
        flag: Option<&CodeFlag>,
        env: Env,
        mfa_process: Option<String>,
    ) -> Result<Option<Self>> {
        let command = |line, named_by| Some(Self::Command { line, named_by });
        match flag {
            Some(CodeFlag::Code(code)) => return given(code.expose_secret(), "--code"),
            Some(CodeFlag::Stdin) => return Ok(Some(Self::Stdin)),
            Some(CodeFlag::Command(line)) => return Ok(command(line.clone(), "--code-command")),
            None => {}
        }
        if let Some(code) = env.text(env::CODE).map(SecretString::from) {
            return given(code.expose_secret(), env::CODE);
        }
        Ok(mfa_process.and_then(|line| command(line, "mfa_process")))
    }
}

fn given(text: &str, from: &str) -> Result<Option<CodeSource>> {
    match Code::parse(text) {
        Ok(code) => Ok(Some(CodeSource::Given(code))),
        Err(why) => Err(Failure::new(
            Exit::Usage,
            format!("{from} does not hold a code: {why}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn characters_around_a_code_are_dropped() {
        for text in [
            "492039",
            "492 039",
            " 492039\r",
            "4 9 2 0 3 9",
            "492\u{a0}039",
            "\u{feff}492039",
            "\u{202a}492\u{200b}039\u{202c}",
            "\u{61c}4920\u{2060}39\u{200d}",
            "\u{1b}[200~492039\u{1b}[201~",
            "\u{1b}[200~492 039\n\u{1b}[201~ ",
            "492\u{1b}[201~039",
            "492-039",
            "492 - 039",
            "49\u{2011}20\u{2010}39",
            "492\u{2013}039",
            "492\u{2212}039",
            "4-9-2-0-3-9",
        ] {
            let code = Code::parse(text).expect(text);
            assert_eq!(code.expose(), "492039", "{text:?}");
        }
        let code = Code::parse(" 012 345 ").expect("a code");
        assert_eq!(code.expose(), "012345");
    }

    #[test]
    fn anything_else_is_not_a_code() {
        for text in [
            "",
            "49203",
            "4920390",
            "49203a",
            "١٢٣٤٥٦",
            "４９２０３９",
            "-492039",
            "492039-",
            "492--039",
            "492- -039",
            "492+039",
            "492.039",
            "\u{1b}[200492039",
            "\u{1b}[200~49203",
            "[200~492039[201~",
            "\u{1b}[20\u{1b}[200~0~492039",
            "\u{1b}\u{200b}[200~492039",
            "\u{1b}[A492039",
            "\u{fffd}492039",
            "492\u{0}039",
        ] {
            assert!(Code::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_output_does_not_show_a_code() {
        let code = Code::parse("987654").expect("a code");
        assert!(!format!("{code:?}").contains("987654"));
    }
}
