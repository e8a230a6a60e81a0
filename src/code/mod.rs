//! Parses a one-time code, and chooses which of the possible sources gives it.
//!
//! A code works once: nothing here reads one before it is needed, and none is ever printed.

pub(crate) mod command;
pub(crate) mod stdin;

use crate::exit::{Exit, Failure, Result};
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

/// Where a code comes from when no person is asked; exactly one source serves a login.
#[derive(Clone, Debug)]
pub(crate) enum CodeSource {
    /// Given on the command line or in the environment.
    Given(Code),
    /// The first line of standard input.
    Stdin,
    /// The first line that a command prints; the flag or setting that named it, for messages.
    Command {
        line: String,
        named_by: &'static str,
    },
}

/// The flag of a command line that says where the code comes from.
#[derive(Clone, Debug)]
pub(crate) enum CodeFlag {
    /// `--code`: whatever was typed, which need not be a code.
    Code(SecretString),
    /// `--code-stdin`.
    Stdin,
    /// `--code-command`.
    Command(String),
}

impl CodeSource {
    /// The first source that is there: the flag, `AWSMFA_CODE`, the profile's `mfa_process`. None:
    /// a person is asked. Fails when what is given is not a code.
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
