//! Sets the scene of the logins: a home whose AWS knows a new device for every run, because a code works
//! once and AWS limits the tries of a device. It never measures anything.

use std::path::Path;
use std::process::Command;

use crate::files::long_term;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::proxy::Proxy;

/// The secret of every device. So they all show the same codes, but AWS checks the serial too.
const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A home, its AWS, and the unused devices.
pub(crate) struct Scene {
    pub(crate) home: Home,
    pub(crate) aws: Aws,
    /// The proxy in front of AWS, if the network is slow.
    pub(crate) proxy: Option<Proxy>,
    devices: std::vec::IntoIter<String>,
}

impl Scene {
    /// A scene for `program` with devices for this many logins, and no AWS files yet. The home is in
    /// `folder`.
    pub(crate) fn new(program: &Path, folder: &Path, logins: usize, tls: bool) -> Self {
        let devices: Vec<String> = (0..logins)
            .map(|number| format!("device-{number}"))
            .collect();
        let mut builder = Aws::builder().user(USER).key(KEY_ID, SECRET_KEY);
        for device in &devices {
            builder = builder.device(device, DEVICE_SECRET);
        }
        // A session of a role carries no MFA, so only the first role can ask for it.
        let builder = builder.role("outer").needs_mfa().role("inner");
        let aws = if tls { builder.tls() } else { builder }.start();
        Self {
            home: Home::new_in(folder).program(program).connected(&aws),
            aws,
            proxy: None,
            devices: devices.into_iter(),
        }
    }

    /// Sends every request through `proxy`.
    pub(crate) fn through(mut self, proxy: Proxy) -> Self {
        let endpoint = format!("https://{}", proxy.address());
        self.home = self.home.endpoint(endpoint);
        self.proxy = Some(proxy);
        self
    }

    /// Writes the credentials file.
    pub(crate) fn credentials(mut self, text: &str) -> Self {
        self.home = self.home.credentials(text);
        self
    }

    /// Writes the config file.
    pub(crate) fn config(mut self, text: &str) -> Self {
        self.home = self.home.config(text);
        self
    }

    /// Removes everything but the long-term keys from the credentials file.
    pub(crate) fn forget_sessions(&self) {
        std::fs::write(self.home.credentials_path(), long_term()).expect("the home is writable");
    }

    /// A login with its code in the environment, which makes a new session in any case.
    pub(crate) fn login(&mut self, profile: &str) -> Command {
        let device = self.next_device();
        let mut command = self.login_without_code(profile, &device);
        command.env("AWSMFA_CODE", self.aws.code(&device));
        command
    }

    /// A login with `device` but without its code.
    pub(crate) fn login_without_code(&self, profile: &str, device: &str) -> Command {
        let args = ["login", "--profile", profile, "--force", "--mfa-serial"];
        let mut command = self.home.command(args);
        command.arg(self.aws.serial(device));
        command
    }

    /// A device with all its codes unused.
    pub(crate) fn next_device(&mut self) -> String {
        self.devices.next().expect("each login has a device")
    }
}
