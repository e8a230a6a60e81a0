//! Sets the scene of the logins: a home whose AWS knows a new device for every run, because a code
//! works once and AWS counts the codes of a device. It never measures anything.

use std::path::Path;
use std::process::Command;

use crate::files::long_term;
use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};
use crate::support::home::Home;
use crate::support::proxy::Proxy;

/// The secret of every device. Their codes are the same, but AWS asks for the serial too.
const DEVICE_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A home, its AWS, and the devices that are left.
pub(crate) struct Scene {
    pub(crate) home: Home,
    pub(crate) aws: Aws,
    /// The way to AWS, where it is a slow one.
    pub(crate) proxy: Option<Proxy>,
    devices: std::vec::IntoIter<String>,
}

impl Scene {
    /// A scene for `program` with devices for so many logins, and no AWS files yet. The home lies
    /// in `folder`.
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

    /// Leads every request through `proxy`.
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

    /// Leaves only the long-term keys in the credentials file.
    pub(crate) fn forget_sessions(&self) {
        std::fs::write(self.home.credentials_path(), long_term()).expect("the home is writable");
    }

    /// A login that finds its code in the environment, and makes a session in any case.
    pub(crate) fn login(&mut self, profile: &str) -> Command {
        let device = self.next_device();
        let mut command = self.login_without_code(profile, &device);
        command.env("AWSMFA_CODE", self.aws.code(&device));
        command
    }

    /// The same without the code of `device`.
    pub(crate) fn login_without_code(&self, profile: &str, device: &str) -> Command {
        let args = ["login", "--profile", profile, "--force", "--mfa-serial"];
        let mut command = self.home.command(args);
        command.arg(self.aws.serial(device));
        command
    }

    /// A device whose codes are all unused.
    pub(crate) fn next_device(&mut self) -> String {
        self.devices.next().expect("each login has a device")
    }
}
