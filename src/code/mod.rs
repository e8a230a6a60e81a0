//! Owns what a one-time code is, and which of the possible sources gives it.
//!
//! A code works once: nothing here reads one before it is needed, and none is ever printed.

pub(crate) mod command;
pub(crate) mod stdin;

use crate::exit::{Exit, Failure};
use crate::world::env::{self, Env};
use secrecy::{ExposeSecret as _, SecretString};

/// Six digits from an MFA device. A string, because leading zeros matter.
#[derive(Clone, Debug)]
pub(crate) struct Code(SecretString);

impl Code {
    /// Reads a code as people and programs write it: six ASCII digits, spaces between dropped.
    /// The error never repeats what was read.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        // Room for all of it at once: text that grows leaves copies of a code behind.
        let mut digits = String::with_capacity(text.len());
        digits.extend(text.chars().filter(|c| !c.is_whitespace()));
        let digits = SecretString::from(digits);
        let text = digits.expose_secret();
        if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err("a code is six digits")
        }
    }

    /// The six digits, for the request that uses them.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Where the code comes from; exactly one source serves a login.
#[derive(Debug)]
pub(crate) enum Source {
    /// Given on the command line or in the environment.
    Given(Code),
    /// The first line of standard input.
    Stdin,
    /// The first line that a command prints; who named the command, for messages.
    Command {
        line: String,
        named_by: &'static str,
    },
    /// Asked for at the terminal.
    Prompt,
}

/// The code flags of a command line, as given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    /// `--code`.
    pub(crate) code: Option<SecretString>,
    /// `--code-stdin`.
    pub(crate) stdin: bool,
    /// `--code-command`.
    pub(crate) command: Option<String>,
}

impl Source {
    /// The first source that is there: the flags, `AWSMFA_CODE`, the profile's `mfa_process`,
    /// else the prompt. Fails when a code that is given is no code.
    pub(crate) fn choose(
        flags: Flags,
        env: Env,
        mfa_process: Option<String>,
    ) -> anyhow::Result<Self> {
        if let Some(code) = flags.code {
            return given(code.expose_secret(), "--code");
        }
        if flags.stdin {
            return Ok(Self::Stdin);
        }
        if let Some(line) = flags.command {
            return Ok(Self::Command {
                line,
                named_by: "--code-command",
            });
        }
        if let Some(code) = env.text(env::CODE).map(SecretString::from) {
            return given(code.expose_secret(), env::CODE);
        }
        Ok(match mfa_process {
            Some(line) => Self::Command {
                line,
                named_by: "mfa_process",
            },
            None => Self::Prompt,
        })
    }
}

fn given(text: &str, from: &str) -> anyhow::Result<Source> {
    match Code::parse(text) {
        Ok(code) => Ok(Source::Given(code)),
        Err(why) => {
            Err(Failure::new(Exit::Usage, format!("{from} does not hold a code: {why}")).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_is_six_ascii_digits_and_spaces_are_dropped() {
        for text in ["012345", "123 456", " 123456\r", "1 2 3 4 5 6"] {
            assert!(Code::parse(text).is_ok(), "{text}");
        }
        assert_eq!(
            Code::parse(" 012 345 ").map(|code| code.expose().to_owned()),
            Ok("012345".into())
        );
        for text in [
            "",
            "12345",
            "1234567",
            "12345a",
            "١٢٣٤٥٦",
            "-12345",
            "123-456",
        ] {
            assert!(Code::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_code_is_not_in_its_debug_form() {
        let code = Code::parse("987654").expect("a code");
        assert!(!format!("{code:?}").contains("987654"));
    }
}
