//! Defines the options of commands that enrol a device: its name, how its secret is handed over, and
//! where its codes come from. It enrols none.

use crate::devices::enroll::{DeviceName, Format, Handing, Saving, Wishes};
use crate::picture::Ink;
use clap::{Args, ValueEnum};

/// The options of a new device.
#[derive(Debug, Args)]
pub(super) struct NewDeviceOptions {
    /// The new device's name; otherwise yours, then yours and -2, …
    ///
    /// Policies often allow only names that begin with your own.
    #[arg(long, value_name = "NAME")]
    name: Option<DeviceName>,

    /// Show the QR code white on black
    ///
    /// For terminals and apps that take no other.
    #[arg(long, conflicts_with = "secret")]
    invert: bool,

    /// Print the secret instead of the QR code, and nothing else
    ///
    /// As an otpauth URI, the only line on standard output.
    #[arg(long, group = "secret", conflicts_with = "json")]
    secret_stdout: bool,

    /// Give the secret to a shell command instead, as its input
    ///
    /// It gets one line, and must exit successfully within a minute. What it prints is shown.
    #[arg(long, value_name = "COMMAND", group = "secret")]
    secret_command: Option<String>,

    /// The form of that secret; otherwise uri
    #[arg(long, value_name = "FORMAT", requires = "secret")]
    secret_format: Option<SecretFormat>,

    /// A shell command that gives the codes of the new device
    ///
    /// The first line it prints is the code. It is run again each second until it gives another one,
    /// for 35 s at most. For a first device the profile's `mfa_process` does it, too.
    #[arg(long, value_name = "COMMAND")]
    code_command: Option<String>,
}

/// The forms of a secret.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SecretFormat {
    /// An otpauth URI, as QR codes hold it
    Uri,
    /// The secret alone, as apps take it that is typed in
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
