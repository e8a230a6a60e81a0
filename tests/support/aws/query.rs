//! Reads and writes AWS's Query protocol: a form-encoded call in, XML out. It never knows what an action
//! means.

use std::collections::BTreeMap;

use super::policy::Denial;
use super::random;

/// The service that a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Iam,
}

impl Service {
    /// The service's name in the scope of a signature.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam => "iam",
        }
    }

    fn namespace(self) -> &'static str {
        match self {
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        }
    }
}

/// One call: the action and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) action: String,
    pub(crate) params: BTreeMap<String, String>,
}

impl Call {
    /// Reads a form-encoded body. The `Version` identifies the service.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut params: BTreeMap<String, String> =
            form_urlencoded::parse(body).into_owned().collect();
        let service = match params.remove("Version").as_deref() {
            Some("2011-06-15") => Service::Sts,
            Some("2010-05-08") => Service::Iam,
            _ => return Err(ApiError::new(400, "InvalidAction", "no such version")),
        };
        let action = params
            .remove("Action")
            .ok_or_else(|| ApiError::new(400, "MissingAction", "no action"))?;
        Ok(Self {
            service,
            action,
            params,
        })
    }

    /// A parameter's value; an empty one counts as absent.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The items of a list parameter.
    pub(crate) fn members(&self, name: &str) -> impl Iterator<Item = &str> {
        (1..).map_while(move |number| self.param(&format!("{name}.member.{number}")))
    }

    /// A parameter that the action requires.
    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.param(name).ok_or_else(|| {
            let member = lower_first(name);
            ApiError::validation(&[format!(
                "Value at '{member}' failed to satisfy constraint: Member must not be null"
            )])
        })
    }
}

/// An error answer from AWS.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// `AccessDenied`, 403.
    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// The answer if policies deny `action` on `resource`, explicitly or by not allowing it.
    pub(crate) fn unauthorized(arn: &str, action: &str, resource: &str, denial: Denial) -> Self {
        let Denial { explicit, policy } = denial;
        let why = match (explicit, policy) {
            (true, "identity-based policy") => format!("with an explicit deny in an {policy}"),
            (true, policy) => format!("with an explicit deny in a {policy}"),
            (false, policy) => format!("because no {policy} allows the {action} action"),
        };
        Self::denied(format!(
            "User: {arn} is not authorized to perform: {action} on resource: {resource} {why}"
        ))
    }

    /// The answer to an unknown key, and to a session without MFA that calls IAM.
    pub(crate) fn invalid_token() -> Self {
        Self::new(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    }

    /// `ValidationError`, 400, with every constraint that is not met.
    pub(crate) fn validation(unmet: &[String]) -> Self {
        let errors = if unmet.len() == 1 { "error" } else { "errors" };
        let message = format!(
            "{} validation {errors} detected: {}",
            unmet.len(),
            unmet.join("; ")
        );
        Self::new(400, "ValidationError", message)
    }

    /// The error's XML.
    pub(crate) fn xml(&self, service: Service) -> String {
        let fault = if self.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        let error = [
            element("Type", fault),
            element("Code", self.code),
            element("Message", &self.message),
        ]
        .concat();
        format!(
            "<ErrorResponse xmlns=\"{}\">\n{}\n{}\n</ErrorResponse>\n",
            service.namespace(),
            nest("Error", &error),
            element("RequestId", &random::request_id()),
        )
    }
}

/// The XML of a successful call; `result` is XML already, and empty for an action without a result.
pub(crate) fn success(call: &Call, result: &str) -> String {
    let action = &call.action;
    let result = if result.is_empty() {
        String::new()
    } else {
        nest(&format!("{action}Result"), result)
    };
    let metadata = nest(
        "ResponseMetadata",
        &element("RequestId", &random::request_id()),
    );
    format!(
        "<{action}Response xmlns=\"{}\">\n{result}\n{metadata}\n</{action}Response>\n",
        call.service.namespace(),
    )
}

/// An element that contains text.
pub(crate) fn element(name: &str, text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    nest(name, &text)
}

/// An element that contains XML.
pub(crate) fn nest(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// A list in the Query protocol, with each item in a `member`.
pub(crate) fn list(name: &str, items: impl IntoIterator<Item = String>) -> String {
    let members: String = items
        .into_iter()
        .map(|item| nest("member", &item))
        .collect();
    nest(name, &members)
}

fn lower_first(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_ascii_lowercase())
}
