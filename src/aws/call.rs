//! Follows one call to AWS: the operation, the attempts and where they went, and whether the answer was
//! complete. It makes text from outside fit for messages, and never judges an answer.

use super::settings::{Settings, host_and_port};
use crate::text::escape;
use crate::value::Keys;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use chrono::{DateTime, Utc};
use http::Uri;
use secrecy::ExposeSecret as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// A call in progress, or one that has just ended.
pub(super) struct Call<'a> {
    /// The operation as policies write it, such as `sts:GetSessionToken`.
    pub(super) operation: &'static str,
    /// How AWS is reached.
    pub(super) settings: &'a Settings,
    /// The id of the access key that signs.
    pub(super) access_key_id: &'a str,
    /// The keys that sign, which are never shown.
    keys: &'a Keys,
    /// The codes in the request, which are never shown.
    codes: Vec<&'a str>,
    /// Whether it must not be processed twice.
    is_once: bool,
    sent: Arc<Sent>,
    start: Instant,
}

impl<'a> Call<'a> {
    /// Starts the record of a call.
    pub(super) fn new(operation: &'static str, settings: &'a Settings, keys: &'a Keys) -> Self {
        Self {
            operation,
            settings,
            access_key_id: &keys.access_key_id,
            keys,
            codes: Vec::new(),
            is_once: false,
            sent: Arc::default(),
            start: Instant::now(),
        }
    }

    /// Marks the request as one that must not be processed twice, such as one that creates something.
    pub(super) fn once(mut self) -> Self {
        self.is_once = true;
        self
    }

    /// Marks the request as carrying `codes`, each of which works once and is kept out of every message.
    pub(super) fn with_codes(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        self.codes.extend(codes);
        self.once()
    }

    /// The interceptor that counts the attempts.
    pub(super) fn recorder(&self) -> Recorder {
        Recorder(Arc::clone(&self.sent))
    }

    /// Whether the request carries a code, which works once.
    pub(super) fn carries_code(&self) -> bool {
        !self.codes.is_empty()
    }

    /// Whether the request must not be processed twice.
    pub(super) fn is_once(&self) -> bool {
        self.is_once
    }

    /// How often the request was sent, successfully or not.
    pub(super) fn attempts(&self) -> u32 {
        self.sent.attempts.load(Ordering::Relaxed)
    }

    /// Whether the last attempt got a connection, so that the request may have been sent.
    pub(super) fn had_connection(&self) -> bool {
        // Even if poisoned, the value is whole, because it is replaced in one step.
        let connection = self
            .sent
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connection.as_ref().is_some_and(|c| c.get().is_some())
    }

    /// Whether the body of the last answer was complete.
    pub(super) fn answered_in_full(&self) -> bool {
        self.sent.answered_in_full.load(Ordering::Relaxed)
    }

    /// The time of AWS's clock at its last answer, to the second; ours may be wrong.
    pub(super) fn answered_at(&self) -> Option<DateTime<Utc>> {
        let told = self.sent.date.lock();
        let told = told.unwrap_or_else(PoisonError::into_inner);
        date(told.as_deref()?)
    }

    /// Records an attempt at `url` that does not come from an SDK client.
    pub(super) fn note_attempt(&self, url: &str) {
        self.sent.attempts.fetch_add(1, Ordering::Relaxed);
        self.sent.url.get_or_init(|| url.to_owned());
    }

    /// Where the request went, as `host:port`, and through which proxy.
    pub(super) fn place(&self) -> String {
        let host = self
            .url()
            .map_or_else(|| "AWS".to_owned(), |url| host_and_port(&url));
        match self.proxy() {
            Some(proxy) => format!("{host} through the proxy {proxy}"),
            None => host,
        }
    }

    /// The proxy that the request went through, as `host:port`.
    pub(super) fn proxy(&self) -> Option<String> {
        self.settings.proxies.shown_for_url(&self.url()?)
    }

    /// How often it was tried, and for how long.
    pub(super) fn tries(&self) -> String {
        let times = match self.attempts() {
            0 | 1 => "tried once".to_owned(),
            2 => "tried twice".to_owned(),
            n => format!("tried {n} times"),
        };
        format!("{times}, {:.1} s", self.start.elapsed().as_secs_f64())
    }

    /// AWS's message, fit for one line. Empty if it repeats something that the request carries: a code,
    /// however it is written, or part of the keys.
    pub(super) fn quote(&self, message: &str) -> String {
        let mut codes = self.codes.iter();
        if codes.any(|code| repeats_code(message, code)) || self.repeats_key(message) {
            return String::new();
        }
        one_line(message.trim().trim_end_matches('.'))
    }

    /// Whether a message contains the secret or the token, or a long part of one.
    fn repeats_key(&self, message: &str) -> bool {
        let token = self.keys.session_token.as_ref();
        let secrets = [Some(&self.keys.secret_access_key), token];
        let mut secrets = secrets.into_iter().flatten().map(|it| it.expose_secret());
        secrets.any(|secret| {
            let parts = secret.as_bytes().chunks(PART);
            // A very short secret, as a stand-in for AWS may have, would be found in any text.
            let is_telling = |part: &&[u8]| part.len() == PART || (8..PART).contains(&secret.len());
            let mut parts = parts.filter(is_telling);
            parts.any(|part| contains(message.as_bytes(), part))
        })
    }

    /// A name from AWS, such as an error code, fit for one line; `…` if it repeats a code.
    pub(super) fn quote_name(&self, name: &str) -> String {
        match self.quote(name) {
            empty if empty.is_empty() => "…".to_owned(),
            name => name,
        }
    }

    /// Whether the request went to a server that does not speak TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.url()
            .is_some_and(|url| url.scheme_str() == Some("http"))
    }

    fn url(&self) -> Option<Uri> {
        self.sent.url.get()?.parse().ok()
    }
}

/// The moment of a `Date` header.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some(at.to_utc())
}

/// This many characters of a secret in a row can't be a coincidence.
const PART: usize = 12;

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}

/// Whether a message repeats a code, even with other characters between its digits or in digits of
/// another script. Digits within a number as long as an account's are not a code.
fn repeats_code(message: &str, code: &str) -> bool {
    const ACCOUNT: usize = 12;
    if message.chars().any(|c| c.is_numeric() && !c.is_ascii()) {
        return true;
    }
    let close: String = message
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    let apart = message.split(|c: char| !c.is_ascii_digit());
    let together = close.split(|c: char| !c.is_ascii_digit());
    let is_it = |number: &str| number.len() < ACCOUNT && number.contains(code);
    apart.into_iter().any(is_it) || together.into_iter().any(is_it)
}

/// Text from outside on one line: control and direction characters escaped, runs of spaces collapsed,
/// cut if very long.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 400;
    let mut out = String::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(&escape(word));
        if out.len() > LONGEST {
            let end = out.floor_char_boundary(LONGEST);
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}

/// The requests of one call, and whether the answer was complete. Shared with the SDK while the call
/// runs.
#[derive(Debug, Default)]
struct Sent {
    attempts: AtomicU32,
    url: OnceLock<String>,
    answered_in_full: AtomicBool,
    date: Mutex<Option<String>>,
    connection: Mutex<Option<CaptureSmithyConnection>>,
}

/// Passes a call's attempts to its record.
#[derive(Debug)]
pub(super) struct Recorder(Arc<Sent>);

#[dyn_dispatch_hint]
impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
        *self
            .0
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = context.request().extension().cloned();
        self.0
            .url
            .get_or_init(|| context.request().uri().to_owned());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let whole = context.response().body().bytes().is_some_and(is_whole);
        self.0.answered_in_full.store(whole, Ordering::Relaxed);
        *self.0.date.lock().unwrap_or_else(PoisonError::into_inner) =
            context.response().headers().get("date").map(str::to_owned);
        Ok(())
    }
}

/// Whether `body` ends with the closing tag of its outermost element. The SDK accepts an incomplete
/// body, in which a key may be cut in half.
fn is_whole(body: &[u8]) -> bool {
    let end = body.trim_ascii_end();
    end.ends_with(b"Response>")
        && end
            .iter()
            .rposition(|&byte| byte == b'<')
            .is_some_and(|at| end[at..].starts_with(b"</"))
}

#[cfg(test)]
mod tests {
    use super::{contains, repeats_code};

    #[test]
    fn a_code_is_recognised_however_it_is_written() {
        for message in [
            "492039",
            "code=492039.",
            "492-039",
            "4 9 2 0 3 9",
            "4,9,2,0,3,9",
            "49\u{200b}2039",
            "0492039",
            "\u{664}\u{669}\u{662}\u{660}\u{663}\u{669}",
            "\u{ff14}92039",
        ] {
            assert!(repeats_code(message, "492039"), "{message}");
        }
        for message in [
            "",
            "account 123492039567",
            "user/alice 2026-11-25T08:00:00Z",
            "492 0 x 39",
        ] {
            assert!(!repeats_code(message, "492039"), "{message}");
        }
    }

    #[test]
    fn an_empty_part_is_in_no_text() {
        assert!(contains(b"abc", b"bc") && !contains(b"abc", b"ac"));
        assert!(!contains(b"abc", b"") && !contains(b"", b"a"));
    }
}
