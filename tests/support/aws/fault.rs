//! Plans what goes wrong between a client and AWS, and with which call.

use std::time::Duration;

use super::query::ApiError;

/// One thing that goes wrong with one call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Accepts the call, does nothing and never answers.
    Silent,
    /// Does what was asked, and never answers.
    SilentAfter,
    /// Closes the connection without having done anything.
    CloseBefore,
    /// Does what was asked, then closes the connection without an answer, so a code is used up.
    LoseAnswer,
    /// Does what was asked, and closes the connection in the middle of the answer.
    CutAnswer,
    /// Does what was asked, and answers well-formed HTTP with half of the XML.
    CutXml,
    /// Answers 200 with an HTML page, as a captive portal does, without having done anything.
    NotXml,
    /// Does what was asked, and answers 200 without `Credentials`.
    NoCredentials,
    /// Does what was asked, and answers 200 with every field empty.
    EmptyFields,
    /// Does what was asked, and answers with this text inserted before the value of one element.
    Before {
        element: &'static str,
        text: &'static str,
    },
    /// Does what was asked, and answers with this in the result.
    Instead(&'static str),
    /// Does what was asked, and answers with this many spaces inserted.
    Padded(usize),
    /// Answers with this 5xx status, without having done anything.
    Status(u16),
    /// Does what was asked, then answers with this status and an HTML page, like a gateway that timed
    /// out, so a code is used up.
    Gateway(u16),
    /// Answers `Throttling`, without having done anything.
    Throttled,
    /// Answers `EntityTemporarilyUnmodifiable`, as for a user who was deleted and recreated, without
    /// having done anything.
    Unmodifiable,
    /// Does what was asked and answers normally, but puts AWS's idea of the named device's clock out of
    /// step: none of its codes is right until it is resynchronised.
    OutOfSync,
    /// Denies the call as a policy would, explicitly or by not allowing it.
    Denied { explicit: bool },
    /// Answers any call with this error, without having done anything.
    Error {
        status: u16,
        code: &'static str,
        message: &'static str,
    },
    /// Answers normally, after this time.
    Delay(Duration),
    /// Answers normally, then closes the connection without announcing it.
    CloseAfter,
}

impl Fault {
    /// The error that is returned instead of doing anything.
    pub(crate) fn error(self) -> Option<ApiError> {
        match self {
            Self::Status(503) => Some(ApiError::new(
                503,
                "ServiceUnavailable",
                "The service is unavailable.",
            )),
            Self::Status(status) => Some(ApiError::new(
                status,
                "InternalFailure",
                "The request processing has failed because of an unknown error.",
            )),
            Self::Error {
                status,
                code,
                message,
            } => Some(ApiError::new(status, code, message)),
            Self::Unmodifiable => Some(ApiError::new(
                409,
                "EntityTemporarilyUnmodifiable",
                "The entity is temporarily unmodifiable, such as a user that was deleted and then \
                 recreated.",
            )),
            Self::Throttled => Some(ApiError::new(400, "Throttling", "Rate exceeded")),
            _ => None,
        }
    }

    /// The XML of an answer, damaged by this fault.
    pub(crate) fn spoil(self, xml: String) -> String {
        match self {
            Self::CutXml => xml[..xml.len() / 2].to_owned(),
            Self::NoCredentials => without_credentials(&xml),
            Self::EmptyFields => without_text(&xml),
            Self::Instead(text) => with_result(&xml, text),
            Self::Before { element, text } => {
                let start = format!("<{element}>");
                xml.replacen(&start, &format!("{start}{text}"), 1)
            }
            Self::Padded(count) => {
                let end = "</Credentials>";
                xml.replacen(end, &format!("{}{end}", " ".repeat(count)), 1)
            }
            _ => xml,
        }
    }
}

/// The planned faults, in the order they were added.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Vec<Planned>,
    /// The number of requests received.
    received: usize,
}

struct Planned {
    when: When,
    fault: Fault,
}

/// The requests that a fault happens to.
enum When {
    /// The next calls of an action: this many, or all.
    Action { name: String, left: Option<usize> },
    /// The request with this number, whatever it asks for.
    Number(usize),
}

impl Faults {
    /// Plans `fault` for the next `times` calls of `action`, or for all of them if `times` is none.
    pub(crate) fn plan(&mut self, action: &str, fault: Fault, times: Option<usize>) {
        let when = When::Action {
            name: action.to_owned(),
            left: times,
        };
        self.planned.push(Planned { when, fault });
    }

    /// Plans `fault` for one request, counted from now on; the next one is 1.
    pub(crate) fn plan_at(&mut self, number: usize, fault: Fault) {
        let when = When::Number(self.received + number);
        self.planned.push(Planned { when, fault });
    }

    /// The fault that happens to this call of `action`.
    pub(crate) fn next(&mut self, action: &str) -> Option<Fault> {
        self.received += 1;
        let received = self.received;
        let planned = self.planned.iter_mut().find(|it| match &it.when {
            When::Action { name, left } => name == action && *left != Some(0),
            When::Number(number) => *number == received,
        })?;
        if let When::Action {
            left: Some(left), ..
        } = &mut planned.when
        {
            *left -= 1;
        }
        Some(planned.fault)
    }

    /// Removes every planned fault.
    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }
}

/// The answer with another content of its element `…Result`.
fn with_result(xml: &str, text: &str) -> String {
    let start = xml.find("Result>").map(|it| it + "Result>".len());
    let end = xml.rfind("Result>").and_then(|it| xml[..it].rfind("</"));
    match (start, end) {
        (Some(start), Some(end)) if start <= end => {
            format!("{}{text}{}", &xml[..start], &xml[end..])
        }
        _ => xml.to_owned(),
    }
}

fn without_credentials(xml: &str) -> String {
    const END: &str = "</Credentials>";
    match (xml.find("<Credentials>"), xml.find(END)) {
        (Some(start), Some(end)) => format!("{}{}", &xml[..start], &xml[end + END.len()..]),
        _ => xml.to_owned(),
    }
}

fn without_text(xml: &str) -> String {
    let mut inside_tag = false;
    xml.chars()
        .filter(|character| {
            let tag = inside_tag || matches!(character, '<' | '>');
            match character {
                '<' => inside_tag = true,
                '>' => inside_tag = false,
                _ => {}
            }
            tag
        })
        .collect()
}
