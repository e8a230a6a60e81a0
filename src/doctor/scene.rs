//! Holds what all checks look at: both files as they were read, the profile that is meant, and where a
//! sign-in to it would begin. It checks nothing itself.

use super::wish::Wish;
use crate::caller::{keys, named, stored};
use crate::exit::{Failure, Result};
use crate::files::{Contents, Files};
use crate::ini::Document;
use crate::profile::kind::OtherWay;
use crate::profile::source::Holder;
use crate::profile::{KeySource, Kind, Profile, Profiles, SessionProfile, Source, setting};
use crate::signin::{self, Device, Ready, Request};
use crate::store::Inspection;
use crate::value::ProfileName;
use crate::world::Context;
use std::cell::OnceCell;
use std::sync::Arc;

/// Everything that the checks look at.
pub(super) struct Scene {
    pub(super) context: Context,
    pub(super) wish: Wish,
    /// Both files, or why their place is unknown.
    pub(super) files: Result<Files>,
    /// What was found at each place, the config file first.
    pub(super) inspections: Vec<(&'static str, Inspection)>,
    /// The contents of both files; one that can't be read counts as empty.
    pub(super) contents: Contents,
    /// The profile named by a word, a flag or a variable, or why that is no valid name.
    pub(super) named: Result<Option<ProfileName>>,
    /// What [`Self::device`] has found.
    device: OnceCell<Option<Option<Device>>>,
}

/// The names of the two files.
const CONFIG: &str = "config file";
pub(super) const CREDENTIALS: &str = "credentials file";

impl Scene {
    /// Looks at both files.
    pub(super) fn set(wish: Wish, context: Context) -> Self {
        let files = Files::locate(context.env);
        let inspections: Vec<(&str, Inspection)> = match &files {
            Ok(files) => vec![
                (CONFIG, files.config.inspect()),
                (CREDENTIALS, files.credentials.inspect()),
            ],
            Err(_) => Vec::new(),
        };
        let document = |number: usize| {
            let found = inspections.get(number);
            let document = found.and_then(|(_, it)| it.document.as_ref().ok());
            document.map_or_else(|| Document::parse("").into(), Arc::clone)
        };
        let contents = Contents {
            config: document(0),
            credentials: document(1),
        };
        Self {
            named: named::profile(wish.profile.clone(), context.env),
            context,
            wish,
            files,
            contents,
            inspections,
            device: OnceCell::new(),
        }
    }

    pub(super) fn profiles(&self) -> Profiles<'_> {
        self.contents.profiles()
    }

    /// The profile that is named, if its name is valid.
    pub(super) fn named(&self) -> Option<&ProfileName> {
        self.named.as_ref().ok()?.as_ref()
    }

    /// The profile that is meant, even if none is named.
    pub(super) fn name(&self) -> ProfileName {
        self.named().cloned().unwrap_or_default()
    }

    /// Where a sign-in begins.
    pub(super) fn source(&self) -> Result<Source> {
        keys::source(self.profiles(), self.named(), self.context.env)
    }

    /// Whose keys those are, if there are any.
    pub(super) fn holder(&self) -> Holder {
        match self.source() {
            Ok(source) => source.holder(),
            Err(_) => Holder::Profile(self.name()),
        }
    }

    /// The awsmfa command line that does `what` for the profile.
    pub(super) fn command(&self, what: &str) -> String {
        format!("`{}`", self.holder().command(what))
    }

    /// The profile that holds the session.
    pub(super) fn session(&self) -> Result<SessionProfile> {
        let chosen = self.request().ok();
        let chosen = chosen.and_then(|request| request.session_profile.clone());
        stored::session_of(self.named(), self.profiles(), chosen)
    }

    /// Whether the long-term keys are in the files.
    pub(super) fn holds_keys(&self) -> bool {
        let base = self.source().and_then(|it| it.base(self.profiles()));
        matches!(base, Ok((_, KeySource::Profile(_))))
    }

    /// Whether the environment holds a session and no profile is named: then AWS tools use that session,
    /// and there is nothing to sign in to.
    pub(super) fn is_within_session(&self) -> bool {
        self.named().is_none() && keys::session_in_environment(self.context.env).is_some()
    }

    /// How the profile gets credentials other than by its own keys, if that configuration is complete:
    /// half a role does not count.
    pub(super) fn other_way(&self) -> Option<OtherWay> {
        match Profile::read(self.profiles(), &self.name()).kind {
            Kind::Elsewhere(way) => {
                let is_half = [setting::ROLE_ARN, setting::SOURCE_PROFILE].contains(&way.setting);
                (!is_half).then_some(way)
            }
            _ => None,
        }
    }

    /// Whether a file exists but could not be read, so that its contents are unknown.
    pub(super) fn is_unread(&self) -> bool {
        let mut found = self.inspections.iter();
        found.any(|(_, it)| it.document.is_err())
    }

    /// Whether some AWS tools can't read one of the files.
    pub(super) fn is_misread(&self) -> bool {
        let mut troubles = self.inspections.iter().flat_map(|(_, it)| &it.troubles);
        troubles.any(|trouble| trouble.is_grave)
    }

    /// The sign-in according to the variables and flags.
    pub(super) fn request(&self) -> Result<&Request> {
        self.wish.request.as_ref().map_err(Clone::clone)
    }

    /// Whether both files were read, and no interrupted write has to be finished.
    pub(super) fn are_files_whole(&self) -> bool {
        let mut found = self.inspections.iter();
        self.files.is_ok() && found.all(|(_, it)| it.document.is_ok() && !it.is_pending)
    }

    /// The session that a sign-in by `request` would keep. Fails if a sign-in would be refused before a
    /// code is asked for; `None` if that can't be told.
    pub(super) fn kept(&self, request: &Request) -> Option<Result<Option<Ready>, Failure>> {
        let files = self.files.as_ref().ok()?;
        self.are_files_whole()
            .then(|| signin::look_ahead(files, self.context, request))
    }

    /// The device that a sign-in uses without asking AWS; `None` if no sign-in can begin.
    pub(super) fn device(&self) -> Option<Option<Device>> {
        let look = || {
            let files = self.files.as_ref().ok()?;
            let request = self.request().ok().filter(|_| self.are_files_whole())?;
            signin::device_ahead(files, self.context, request).ok()
        };
        // Several checks ask, and each look reads both files.
        self.device.get_or_init(look).clone()
    }
}
