//! Defines the options of commands that enrol a device: its name, how its secret is handed over, and
//! where its codes come from. It enrols none.

use crate::devices::enroll::{DeviceName, Format, Handing, Saving, Wishes};
use crate::picture::Ink;
use clap::{Args, ValueEnum};

/// The options of a new device.
#[derive(Debug, Args)]
pub(super) struct NewDeviceOptions {
    /// The new device's name; by default your user name, then that with -2, -3 and so on
    ///
    /// Policies often allow only names that begin with your own.
    #[arg(long, value_name = "NAME")]
    name: Option<DeviceName>,

    /// Show the QR code white on black
    ///
    /// For terminals and apps that can't use it otherwise.
    #[arg(long, conflicts_with = "secret")]
    invert: bool,

    /// Print only the secret, instead of the QR code
    ///
    /// As an otpauth URI, the only line on standard output.
    #[arg(long, group = "secret", conflicts_with = "json")]
    secret_stdout: bool,

    /// Pass the secret to this shell command instead, as its input
    ///
    /// It gets one line, and must succeed within a minute. What it prints is shown.
    #[arg(long, value_name = "COMMAND", group = "secret")]
    secret_command: Option<String>,

    /// The format of that secret; by default uri
    #[arg(long, value_name = "FORMAT", requires = "secret")]
    secret_format: Option<SecretFormat>,

    /// Run this command for the codes of the new device
    ///
    /// The first line it prints is the code. It is run again every second until it prints another
    /// one, for at most 35 s. For a first device, the profile's `mfa_process` works too.
    #[arg(long, value_name = "COMMAND")]
    code_command: Option<String>,
}

/// The forms of a secret.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SecretFormat {
    /// An otpauth URI, as in QR codes
    Uri,
    /// The secret alone, as you would type it into an app
    Base32,
}

impl NewDeviceOptions {
    /// The wishes expressed by these options, for a command that saves the device as `saving` says, and
    /// signs in or not.
    pub(super) fn wishes(&self, saving: Saving, signs_in: bool) -> Wishes {
        let format = match self.secret_format {
            Some(SecretFormat::Base32) => Format::Base32,
            Some(SecretFormat::Uri) | None => Format::Uri,
        };
        Wishes {
            name: self.name.clone(),
            handing: match &self.secret_command {
                Some(command) => Handing::Command(command.clone(), format),
                None if self.secret_stdout => Handing::Stdout(format),
                None if self.invert => Handing::Picture(Ink::WhiteOnBlack),
                None => Handing::Picture(Ink::BlackOnWhite),
            },
            code_command: self.code_command.clone(),
            saving,
            signs_in,
        }
    }
}
