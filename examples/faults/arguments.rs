//! Parses the arguments. It never starts anything.

use std::path::PathBuf;

use anyhow::{Context, bail};

/// The user's choices.
pub(crate) struct Arguments {
    pub(crate) kills: usize,
    pub(crate) races: usize,
    pub(crate) logins: usize,
    /// Kills of enrolments and replacements of devices; every other harm to them is tried once.
    pub(crate) devices: usize,
    /// The same seed gives the same files, moments and orders; only the machine's timing differs.
    pub(crate) seed: u64,
    /// Try this program instead of the one built with this example.
    pub(crate) program: Option<PathBuf>,
    /// The folder for the evidence of failures.
    pub(crate) keep: Option<PathBuf>,
}

impl Arguments {
    /// Parses `--name value` pairs. A number that is not given is 0, and its part is skipped.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut parsed = Self {
            kills: 0,
            races: 0,
            logins: 0,
            devices: 0,
            seed: 0x5eed_0fab_0a70,
            program: None,
            keep: None,
        };
        while let Some(name) = args.next() {
            let value = args
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            let number = || {
                let digits = value.strip_prefix("0x");
                digits
                    .map_or_else(|| value.parse(), |it| u64::from_str_radix(it, 16))
                    .with_context(|| format!("{name} {value}: not a number"))
            };
            match name.as_str() {
                "--kills" => parsed.kills = usize::try_from(number()?)?,
                "--races" => parsed.races = usize::try_from(number()?)?,
                "--logins" => parsed.logins = usize::try_from(number()?)?,
                "--devices" => parsed.devices = usize::try_from(number()?)?,
                "--seed" => parsed.seed = number()?,
                "--program" => {
                    let path = PathBuf::from(&value);
                    parsed.program = Some(path.canonicalize().with_context(|| value.clone())?);
                }
                "--keep" => parsed.keep = Some(PathBuf::from(&value)),
                _ => bail!(
                    "{name}: there are --kills N, --races N, --logins N, --devices N, --seed S, --program FILE, --keep FOLDER"
                ),
            }
        }
        if parsed.kills + parsed.races + parsed.logins + parsed.devices == 0 {
            bail!("nothing to do: say --kills N, --races N, --logins N or --devices N");
        }
        Ok(parsed)
    }
}
