//! Checks the signature of a request (SigV4 in the `Authorization` header). It never looks up the key:
//! the caller passes the secret in.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hyper::http::request::Parts;

use super::query::ApiError;

const FORMAT: &str = "%Y%m%dT%H%M%SZ";
const TOLERANCE: TimeDelta = TimeDelta::minutes(15);

/// The parts of a request that concern its signature.
pub(crate) struct Signature {
    pub(crate) access_key_id: String,
    pub(crate) session_token: Option<String>,
    pub(crate) region: String,
    service: String,
    signed_headers: Vec<String>,
    signature: String,
    date: DateTime<Utc>,
}

impl Signature {
    /// Reads the `Authorization`, `X-Amz-Date` and `X-Amz-Security-Token` headers.
    pub(crate) fn read(head: &Parts) -> Result<Self, ApiError> {
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let authorization = header("authorization").ok_or_else(|| {
            ApiError::new(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            )
        })?;
        Self::parse(
            authorization,
            header("x-amz-date"),
            header("x-amz-security-token"),
        )
        .ok_or_else(|| {
            ApiError::new(
                400,
                "IncompleteSignature",
                "The request signature does not conform to AWS standards.",
            )
        })
    }

    fn parse(authorization: &str, date: Option<&str>, token: Option<&str>) -> Option<Self> {
        let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let scope: Vec<&str> = field("Credential")?.split('/').collect();
        let [key, _day, region, service, "aws4_request"] = scope[..] else {
            return None;
        };
        let date = NaiveDateTime::parse_from_str(date?, FORMAT).ok()?.and_utc();
        Some(Self {
            access_key_id: key.to_owned(),
            session_token: token.map(str::to_owned),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: field("SignedHeaders")?
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: field("Signature")?.to_owned(),
            date,
        })
    }

    /// Checks the time and then the signature, which is recomputed from the request as received.
    pub(crate) fn check(
        &self,
        head: &Parts,
        body: &[u8],
        secret: &str,
        service: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        self.check_time(now)?;
        let covers_host = self.signed_headers.iter().any(|name| name == "host");
        if covers_host
            && self.service == service
            && self.again(head, body, secret) == self.signature
        {
            return Ok(());
        }
        Err(mismatch(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method. Consult the service \
             documentation for details.",
        ))
    }

    fn check_time(&self, now: DateTime<Utc>) -> Result<(), ApiError> {
        let (date, at) = (self.date.format(FORMAT), now.format(FORMAT));
        if self.date < now - TOLERANCE {
            let limit = (now - TOLERANCE).format(FORMAT);
            return Err(mismatch(format!(
                "Signature expired: {date} is now earlier than {limit} ({at} - 15 min.)"
            )));
        }
        if self.date > now + TOLERANCE {
            let limit = (now + TOLERANCE).format(FORMAT);
            return Err(mismatch(format!(
                "Signature not yet current: {date} is still later than {limit} ({at} + 15 min.)"
            )));
        }
        Ok(())
    }

    fn again(&self, head: &Parts, body: &[u8], secret: &str) -> String {
        let identity = Credentials::new(&self.access_key_id, secret, None, None, "stand-in").into();
        let mut settings = SigningSettings::default();
        // The client chose which headers to sign, so no list of ours may leave any out.
        settings.excluded_headers = None;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(self.date.into())
            .settings(settings)
            .build()
            .expect("every parameter is set")
            .into();
        let headers = head.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str();
            let signed = self.signed_headers.iter().any(|signed| signed == name);
            // The signer adds the date itself.
            (signed && name != "x-amz-date").then_some((name, value.to_str().ok()?))
        });
        SignableRequest::new(
            head.method.as_str(),
            head.uri.to_string(),
            headers,
            SignableBody::Bytes(body),
        )
        .and_then(|request| sign(request, &params))
        .map(|signed| signed.signature().to_owned())
        .unwrap_or_default()
    }
}

fn mismatch(message: impl Into<String>) -> ApiError {
    ApiError::new(403, "SignatureDoesNotMatch", message)
}
