//! Holds what all sign-ins of one run share, and what a sign-in comes to. It does nothing itself.

use super::turn::Before;
use crate::caller::Reach;
use crate::caller::nested::InProgress;
use crate::files::{Contents, Files};
use crate::value::{ProfileName, Serial, Session};
use crate::world::Context;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

/// A session that is ready to be used.
#[derive(Clone)]
pub(crate) struct Ready {
    /// The profile that holds it.
    pub(crate) profile: ProfileName,
    /// The session.
    pub(crate) session: Session,
    /// The region for tools that use it, where the person or the files name one.
    pub(crate) region: Option<String>,
    /// Whether it was made just now.
    pub(crate) renewed: bool,
    /// What both files held when it was ready.
    pub(crate) contents: Contents,
}

/// One run: the files, the way to AWS, the world.
pub(super) struct Run {
    /// Both AWS files.
    pub(super) files: Rc<Files>,
    /// The way to AWS.
    pub(super) reach: Reach,
    /// The world.
    pub(super) context: Context,
    /// Whether it was said already that no session is kept.
    pub(super) has_said_unkept: Cell<bool>,
    /// What has been warned of: the sign-ins of a chain of roles find the same.
    warned: RefCell<HashSet<String>>,
}

/// What a sign-in hands down to the one that it begins with, as that of a role does.
#[derive(Clone, Debug, Default)]
pub(super) struct Outer {
    /// What came of another's sign-in that was waited for on the way.
    pub(super) before: Before,
    /// The device of the role that the session is for: counts when the source names none.
    pub(super) device: Option<Serial>,
    /// What is in progress already, in this run and in those that it is run by.
    pub(super) in_progress: InProgress,
}

impl Run {
    /// A run in which AWS is asked in `region`, where the person names one.
    pub(super) fn begin(files: Rc<Files>, context: Context, region: Option<String>) -> Self {
        Self {
            files,
            reach: Reach::new(context, region),
            context,
            has_said_unkept: Cell::new(false),
            warned: RefCell::default(),
        }
    }

    /// Warns, unless that has been said.
    pub(super) fn warn_once(&self, warning: String) {
        if !self.warned.borrow().contains(&warning) {
            self.context.ui.warn(&warning);
            self.warned.borrow_mut().insert(warning);
        }
    }
}
