//! Holds what one sign-in passes down to another that it begins with. It does nothing itself.

use super::device::Device;
use super::turn::Before;
use crate::caller::nested::InProgress;

/// What a sign-in, such as that of a role, passes down to the one that it begins with.
#[derive(Clone, Debug, Default)]
pub(super) struct Outer {
    /// The result of another sign-in that was waited for on the way.
    pub(super) before: Before,
    /// The device of the role that the session is for; counts if the source names none.
    pub(super) device: Option<Device>,
    /// What is in progress already, in this run and in those that run it.
    pub(super) in_progress: InProgress,
}
