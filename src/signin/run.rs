//! Holds what all sign-ins of one run share, and the result of a sign-in. It does nothing itself.

use crate::caller::Reach;
use crate::files::{Contents, Files};
use crate::value::{ProfileName, Session};
use crate::world::Context;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

/// A session that is ready for use.
#[derive(Clone)]
pub(crate) struct Ready {
    /// The profile that holds it.
    pub(crate) profile: ProfileName,
    /// The session.
    pub(crate) session: Session,
    /// The region for tools that use it, if the user or the files name one.
    pub(crate) region: Option<String>,
    /// Whether it was just made.
    pub(crate) renewed: bool,
    /// The content of both files when it was ready.
    pub(crate) contents: Contents,
}

/// One run: the files, the way to AWS, the context.
pub(super) struct Run {
    /// Both AWS files.
    pub(super) files: Rc<Files>,
    /// The way to AWS.
    pub(super) reach: Reach,
    /// The environment, terminal and clock.
    pub(super) context: Context,
    /// Whether the user was already told that no session is kept.
    pub(super) has_said_unkept: Cell<bool>,
    /// The warnings so far: the sign-ins of a chain of roles find the same ones.
    warned: RefCell<HashSet<String>>,
}

impl Run {
    /// Begins a run with `region` for AWS, if the user names one.
    pub(super) fn begin(files: Rc<Files>, context: Context, region: Option<String>) -> Self {
        Self {
            files,
            reach: Reach::new(context, region),
            context,
            has_said_unkept: Cell::new(false),
            warned: RefCell::default(),
        }
    }

    /// Warns, unless this warning was given already.
    pub(super) fn warn_once(&self, warning: String) {
        if !self.warned.borrow().contains(&warning) {
            self.context.ui.warn(&warning);
            self.warned.borrow_mut().insert(warning);
        }
    }
}
