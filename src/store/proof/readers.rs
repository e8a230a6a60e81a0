//! Reads a text with three readers: the AWS SDK's parser, botocore's rules, and rust-ini as a stand-in
//! for ordinary INI readers. They never see a file.

use super::subject::Subject;
use crate::exit;
use crate::ini::{Document, FileKind, botocore};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use ini::{Ini, ParseOption};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

/// The readers' results for one text.
///
/// Never freed: a result consists of many small pieces, and freeing them takes half as long as the
/// reading did. One run makes three of them for a file, and ends.
#[derive(Clone, Copy)]
pub(in crate::store) struct Readings {
    pub(super) sdk: &'static Result<EnvConfigSections, Fault>,
    /// None where rust-ini gave up.
    pub(super) ini: &'static Option<Ini>,
    pub(super) botocore: &'static botocore::Reading,
}

/// Where and why a reader gave up. Holds nothing of the text.
#[derive(Debug)]
pub(super) struct Fault {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) reason: String,
}

/// What the SDK makes of the section with a canonical name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SdkSection<'a> {
    Profile(&'a str),
    /// Something else, or nothing.
    Other,
}

/// Texts longer than this are read by two threads. For a shorter one, starting a thread takes as long as
/// reading it.
const LONG: usize = 128 * 1024;

impl Readings {
    /// Reads `text` with all three.
    pub(super) fn of(kind: FileKind, text: &str) -> Self {
        // rust-ini takes about as long as the two others together.
        let these = || (read_as_sdk(kind, text), botocore::Reading::of(text));
        let ((sdk, botocore), ini) = in_parallel(text, these, || read_as_rust_ini(text));
        Self::keep(sdk, ini.flatten(), botocore)
    }

    /// Keeps the results for a text until the run ends.
    pub(super) fn keep(
        sdk: Result<EnvConfigSections, Fault>,
        ini: Option<Ini>,
        botocore: botocore::Reading,
    ) -> Self {
        Self {
            sdk: Box::leak(Box::new(sdk)),
            ini: Box::leak(Box::new(ini)),
            botocore: Box::leak(Box::new(botocore)),
        }
    }

    /// Why botocore refuses the text.
    pub(in crate::store) fn refusals_of_cli(&self) -> &'static [botocore::Fault] {
        &self.botocore.faults
    }

    /// Reads the document of a file with all three. Fails if it is not text.
    pub(in crate::store) fn of_document(
        subject: Subject,
        document: &Document,
    ) -> exit::Result<Self> {
        let text = text(document.as_bytes())
            .map_err(|line| subject.cannot_be_read(line, "it is not UTF-8"))?;
        Ok(Self::of(subject.kind, text))
    }
}

/// Runs both functions, in parallel if the text is long. `None` if `other` panicked.
pub(super) fn in_parallel<A, B: Send>(
    text: &str,
    this: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> (A, Option<B>) {
    if text.len() < LONG {
        return (this(), Some(other()));
    }
    // Taken by whoever runs it: if the thread can't be started, it is still here.
    let other = Mutex::new(Some(other));
    let take = || other.lock().unwrap_or_else(PoisonError::into_inner).take();
    let other = || take().map(|other| other());
    thread::scope(
        |scope| match thread::Builder::new().spawn_scoped(scope, other) {
            Ok(thread) => (this(), thread.join().ok().flatten()),
            Err(_) => (this(), other()),
        },
    )
}

/// `bytes` as text; the error is the line, from 1, of the first byte that is not UTF-8.
pub(in crate::store) fn text(bytes: &[u8]) -> Result<&str, usize> {
    std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        1 + good.iter().filter(|byte| **byte == b'\n').count()
    })
}

/// Reads `text` with the AWS SDK's parser.
pub(super) fn read_as_sdk(kind: FileKind, text: &str) -> Result<EnvConfigSections, Fault> {
    let kind = match kind {
        FileKind::Config => EnvConfigFileKind::Config,
        FileKind::Credentials => EnvConfigFileKind::Credentials,
    };
    sdk_sections(&EnvConfigFiles::builder().with_contents(kind, text).build())
}

/// Reads files with the AWS SDK's parser, merged as every AWS tool does.
pub(super) fn sdk_sections(files: &EnvConfigFiles) -> Result<EnvConfigSections, Fault> {
    let (env, fs) = (Env::from_slice(&[]), Fs::from_slice(&[]));
    let gave_up = |reason: String| Fault { line: 0, reason };
    // It could only wait for a file to be read, and there is none.
    let load = pin!(source::load(&env, &fs, files));
    let source = match load.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(loaded) => loaded.map_err(|error| gave_up(error.to_string()))?,
        Poll::Pending => return Err(gave_up("the reader waited".to_owned())),
    };
    EnvConfigSections::parse(source).map_err(|error| {
        // The message is `error parsing  on line 3:\n  Expected …`; the line is not accessible
        // otherwise.
        let said = error.to_string();
        let (head, reason) = said.split_once(":\n").unwrap_or((&said, &said));
        let line = head.rsplit(' ').next().and_then(|line| line.parse().ok());
        let mut reason = reason.trim().to_owned();
        if let Some(first) = reason.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        Fault {
            line: line.unwrap_or(0),
            reason,
        }
    })
}

/// Reads `text` with rust-ini, with the options that misread AWS files least. `None` if it gives up;
/// nobody needs the reason.
pub(super) fn read_as_rust_ini(text: &str) -> Option<Ini> {
    let options = ParseOption {
        enabled_quote: false,
        enabled_escape: false,
        enabled_indented_mutiline_value: true,
        ..ParseOption::default()
    };
    Ini::load_from_str_opt(text, options).ok()
}

/// What the SDK makes of the section `name`.
pub(super) fn sdk_section(kind: FileKind, name: &str) -> SdkSection<'_> {
    let profile = match kind {
        FileKind::Config if name == "default" => Some(name),
        FileKind::Config => name.strip_prefix("profile "),
        FileKind::Credentials => Some(name),
    };
    let known = |name: &&str| {
        let mut letters = name.bytes();
        letters.all(|byte| byte.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&byte))
    };
    match profile.filter(known) {
        Some(name) => SdkSection::Profile(name),
        None => SdkSection::Other,
    }
}

/// The line, from 1, of the first header of the profile `name`, or of the last line.
pub(super) fn line_of(document: &Document, kind: FileKind, name: &str) -> usize {
    let wanted = document
        .sections()
        .find(|section| *section == name || sdk_section(kind, section) == SdkSection::Profile(name))
        .map(str::to_owned);
    let text = String::from_utf8_lossy(document.as_bytes());
    let header = text.lines().position(|line| {
        let inside = line.trim_start().strip_prefix('[');
        let inside = inside.and_then(|inside| inside.split_once(']'));
        inside.is_some_and(|(inside, _)| {
            let words: Vec<&str> = inside.split_whitespace().collect();
            Some(words.join(" ")) == wanted
        })
    });
    1 + header.unwrap_or_else(|| text.lines().count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_takes_default_for_a_profile_in_both_files() {
        for kind in [FileKind::Config, FileKind::Credentials] {
            assert!(sdk_section(kind, "default") == SdkSection::Profile("default"));
        }
    }

    #[test]
    fn a_section_is_found_by_its_own_name_and_by_that_of_its_profile() {
        let document = Document::parse("[default]\n[services x]\n[profile  dev]\nk = v\n");
        let line = |name| line_of(&document, FileKind::Config, name);
        assert_eq!(line("default"), 1);
        assert_eq!(line("services x"), 2);
        assert_eq!(line("dev"), 3);
        // The last one, for what has no header.
        assert_eq!(line("nosuch"), 4);
    }
}
