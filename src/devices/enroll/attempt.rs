//! Tracks how far an enrollment has come with AWS, and so what may be undone if it ends early: only a
//! device that it made itself and that belongs to nobody. It sends nothing.

use crate::value::Serial;
use std::cell::RefCell;

/// How far the enrollment has come, as far as we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// AWS has made nothing for it.
    Nothing,
    /// AWS was asked to make this device, but has not answered.
    CreateSent(Serial),
    /// The same, and AWS does not say whether it exists.
    Unclear(Serial),
    /// AWS has made this device for it, and it belongs to nobody yet.
    Made(Serial),
    /// AWS was asked to assign this device to the user. Until AWS has listed the user's devices, it may
    /// be theirs.
    EnableSent(Serial, Origin),
    /// This device belongs to the user.
    Assigned(Serial),
}

impl Stage {
    /// The stage of a device that is not assigned yet, or is known not to be.
    pub(super) fn before_enabling(serial: &Serial, origin: Origin) -> Self {
        match origin {
            Origin::Made => Self::Made(serial.clone()),
            Origin::Found => Self::Nothing,
        }
    }
}

/// Where the device to assign comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// This enrolment made it.
    Made,
    /// It existed before, so it is never deleted unless the user says so.
    Found,
}

/// What has to be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Undo {
    /// Nothing.
    Nothing,
    /// It is not known whether this device was made, or by whom.
    FindOut(Serial),
    /// The same, and AWS does not tell.
    Unclear(Serial),
    /// Nothing: this device belongs to the user now.
    Keep(Serial),
    /// Delete this device.
    Delete(Serial),
    /// AWS has to list the user's devices first. If this one is not among them, and this enrollment made
    /// it, delete it.
    Settle(Serial, Origin),
}

impl Undo {
    /// The device that it concerns.
    pub(super) fn serial(&self) -> Option<&Serial> {
        match self {
            Self::Nothing => None,
            Self::FindOut(serial)
            | Self::Unclear(serial)
            | Self::Keep(serial)
            | Self::Delete(serial)
            | Self::Settle(serial, _) => Some(serial),
        }
    }
}

/// An enrollment under way.
#[derive(Debug)]
pub(super) struct Attempt(RefCell<Stage>);

impl Attempt {
    /// An enrollment that has not begun.
    pub(super) fn new() -> Self {
        Self(RefCell::new(Stage::Nothing))
    }

    /// Records that it has come to `stage`.
    pub(super) fn reach(&self, stage: Stage) {
        self.0.replace(stage);
    }

    /// What has to be undone if it ends now.
    pub(super) fn undo(&self) -> Undo {
        match self.0.borrow().clone() {
            Stage::Nothing => Undo::Nothing,
            Stage::CreateSent(serial) => Undo::FindOut(serial),
            Stage::Unclear(serial) => Undo::Unclear(serial),
            Stage::Made(serial) => Undo::Delete(serial),
            Stage::EnableSent(serial, origin) => Undo::Settle(serial, origin),
            Stage::Assigned(serial) => Undo::Keep(serial),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unassigned_device_created_here_is_deleted() {
        let serial: Serial = "arn:aws:iam::123456789012:mfa/alice"
            .parse()
            .expect("a serial");
        let undo = |stage| {
            let attempt = Attempt::new();
            attempt.reach(stage);
            attempt.undo()
        };
        let one = || serial.clone();
        assert_eq!(Attempt::new().undo(), Undo::Nothing);
        for (stage, expected) in [
            (Stage::Nothing, Undo::Nothing),
            (Stage::CreateSent(one()), Undo::FindOut(one())),
            (Stage::Unclear(one()), Undo::Unclear(one())),
            (Stage::Made(one()), Undo::Delete(one())),
            (Stage::Assigned(one()), Undo::Keep(one())),
        ] {
            assert_eq!(undo(stage), expected);
        }
        let settled = |origin| undo(Stage::before_enabling(&serial, origin));
        assert_eq!(settled(Origin::Made), Undo::Delete(one()));
        assert_eq!(settled(Origin::Found), Undo::Nothing);
        for origin in [Origin::Made, Origin::Found] {
            let sent = Stage::EnableSent(one(), origin);
            assert_eq!(undo(sent), Undo::Settle(one(), origin));
        }
    }
}
