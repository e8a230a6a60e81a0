//! Finds out which device is meant: the one named, else the only one, else the one the user chooses. It
//! changes none.

use crate::access::{Access, User};
use crate::aws::MfaDevice;
use crate::exit::{Exit, Failure, Result};
use crate::profile::source::Holder;
use crate::profile::{device as profile_device, setting};
use crate::text::{escape, quoted};
use crate::value::{Arn, Serial};
use crate::world::question::at_terminal;
use crate::world::{Context, prompt};

/// How a user refers to a device: by its name, its ARN or the serial printed on it.
#[derive(Clone, Debug)]
pub(crate) struct DeviceWord(String);

impl DeviceWord {
    /// The word that was typed.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether it refers to the device with this serial. A name may include its path, and `mfa/` before
    /// that.
    pub(crate) fn means(&self, serial: &Serial) -> bool {
        let word = self.0.trim();
        let Some(before) = serial.as_str().strip_suffix(word) else {
            return false;
        };
        !word.is_empty() && (before.is_empty() || before.ends_with(['/', ':']))
    }

    /// Whether it is the serial itself.
    pub(super) fn is(&self, serial: &Serial) -> bool {
        self.0.trim() == serial.as_str()
    }

    /// The word, made fit for a message.
    pub(super) fn shown(&self) -> String {
        quoted(&self.0)
    }

    /// The virtual device that it refers to in the account of the user `arn`, as far as a word can tell.
    pub(super) fn as_virtual(&self, arn: &Arn) -> Option<Serial> {
        let word = self.0.trim();
        if word.starts_with("arn:") {
            return word.parse().ok();
        }
        let name = word.strip_prefix("mfa/").unwrap_or(word);
        Serial::of_virtual(arn.partition(), arn.account()?, name).ok()
    }
}

/// The device with its kind and its date of enrollment, for a list or a question.
pub(crate) fn describe(device: &MfaDevice, context: Context) -> String {
    let kind = device.serial.kind().name();
    match device.enabled {
        Some(at) => format!(
            "{} ({kind}, since {})",
            device.serial,
            context.local_time(at)
        ),
        None => format!("{} ({kind})", device.serial),
    }
}

/// The device that the user's profile names, if that is a serial.
pub(super) fn of_profile(access: &Access) -> Option<Serial> {
    // No profile goes with keys from the environment.
    if matches!(access.user.holder, Holder::Environment) {
        return None;
    }
    let profiles = access.contents.profiles();
    let named = profile_device::named(profiles, &access.user.profile, setting::MFA_SERIAL);
    named.ok().flatten()
}

/// AWS's limit of devices per user.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MOST: usize = 8;

/// Fails, listing the existing devices, if AWS allows no more.
pub(super) fn check_room(user: &User, owned: &[MfaDevice]) -> Result<()> {
    if owned.len() < MOST {
        return Ok(());
    }
    let failure = too_many(user);
    let message = format!("{}: {}", failure.message, serials(owned));
    Err(Failure { message, ..failure })
}

/// The failure that AWS allows the user no more devices.
pub(super) fn too_many(user: &User) -> Failure {
    Failure::failed(format!(
        "{} has {MOST} MFA devices, as many as AWS allows",
        user.name
    ))
    .hint(format!(
        "remove one first with {}",
        user.command("device remove")
    ))
}

/// The serials, separated by commas.
pub(super) fn serials(devices: &[MfaDevice]) -> String {
    let serials = devices.iter().map(|it| it.serial.to_string());
    serials.collect::<Vec<_>>().join(", ")
}

fn names(devices: &[MfaDevice]) -> String {
    let names = devices.iter().map(|it| escape(it.serial.device_name()));
    names.collect::<Vec<_>>().join(", ")
}

/// The devices of `owned` that `word` refers to.
pub(super) fn meant(owned: &[MfaDevice], word: &DeviceWord) -> Vec<MfaDevice> {
    let meant = owned.iter().filter(|it| word.means(&it.serial));
    meant.cloned().collect()
}

/// The failure that the word refers to none of the user's devices, which it lists. `command` is what was
/// to be done.
pub(super) fn unknown(
    access: &Access,
    word: &DeviceWord,
    owned: &[MfaDevice],
    command: &str,
) -> Failure {
    let user = &access.user;
    let text = format!("{} has no MFA device {}", user.name, word.shown());
    let failure = Failure::failed(text);
    let profiles = access.contents.profiles();
    let mut profiles = profiles.names().into_iter();
    if let Some(profile) = profiles.find(|it| it.as_str() == word.0) {
        let command = Holder::Profile(profile.clone()).command(command);
        return failure.hint(format!(
            "`{profile}` was taken as a device; for the profile {profile}: `{command}`"
        ));
    }
    if owned.is_empty() {
        return failure.hint(enroll_first(user));
    }
    failure.hint(format!("the devices are: {}", names(owned)))
}

/// The failure that the user has no device.
pub(super) fn none(user: &User) -> Failure {
    Failure::failed(format!("the user {} has no MFA device", user.name)).hint(enroll_first(user))
}

fn enroll_first(user: &User) -> String {
    format!("enroll one with {}", user.command("device enroll"))
}

/// The only one of `candidates`, or the one that the user chooses when asked this `question`.
pub(super) async fn one_of(
    access: &Access,
    mut candidates: Vec<MfaDevice>,
    question: &str,
) -> Result<MfaDevice> {
    let (user, context) = (access.user.name.as_str(), access.context);
    if candidates.len() == 1 {
        return Ok(candidates.remove(0));
    }
    let unasked = |nowhere| {
        let text = format!(
            "{user} has several MFA devices, and {nowhere}: {}",
            serials(&candidates)
        );
        Failure::new(Exit::CodeNeeded, text).hint("name the one you mean")
    };
    let title = format!("{user} has {} MFA devices:", candidates.len());
    let items = candidates.iter().map(|it| describe(it, context));
    let items: Vec<String> = items.collect();
    let chosen = at_terminal(access.asking(), unasked, async |terminal| {
        prompt::choose_for(terminal, &title, &items, question).await
    })
    .await?;
    Ok(candidates.swap_remove(chosen))
}

#[cfg(test)]
mod tests {
    use super::DeviceWord;

    #[test]
    fn a_device_is_found_by_name_arn_or_serial_and_never_by_a_part_of_one() {
        const PHONE: &str = "arn:aws:iam::123456789012:mfa/sec/phone";
        const KEY: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-7";
        for (word, serial, is_it) in [
            (PHONE, PHONE, true),
            ("phone", PHONE, true),
            (" phone ", PHONE, true),
            ("sec/phone", PHONE, true),
            ("mfa/sec/phone", PHONE, true),
            ("hone", PHONE, false),
            ("phon", PHONE, false),
            ("Phone", PHONE, false),
            ("", PHONE, false),
            ("/", PHONE, false),
            ("key-7", KEY, true),
            ("GAHT12345678", "GAHT12345678", true),
            ("12345678", "GAHT12345678", false),
        ] {
            let serial = serial.parse().expect("a serial");
            assert_eq!(DeviceWord::new(word).means(&serial), is_it, "{word}");
        }
    }
}
