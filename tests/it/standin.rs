//! Checks that the stand-in answers as AWS does, without which no other test means anything. It asks
//! with the SDK's own clients, built by hand, and never through awsmfa.

mod codes;
mod devices;
mod faults;
mod keys;
mod management;
pub(crate) mod policies;
mod proxies;
mod requests;
#[cfg(unix)]
mod runs;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_session_token::GetSessionTokenOutput;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::support::aws::{Aws, KEY_ID, SECRET_KEY, USER};

/// Long enough for an answer on a busy machine, and short for a test that waits for nothing.
const PATIENCE: Duration = Duration::from_millis(800);

/// An error as a client sees it: code, status, message.
type Refusal = (String, u16, String);

fn long_term() -> Credentials {
    Credentials::new(KEY_ID, SECRET_KEY, None, None, "test")
}

fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}

fn https(ca_pem: &str) -> SharedHttpClient {
    let trust = TrustStore::empty().with_pem_certificate(ca_pem);
    let context = TlsContext::builder().with_trust_store(trust).build();
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.expect("the context is complete"))
        .build_https()
}

fn sts(aws: &Aws, credentials: Credentials, http: SharedHttpClient) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(aws_sdk_sts::config::Region::new("us-east-1"))
        .endpoint_url(aws.endpoint())
        .credentials_provider(credentials)
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

fn iam(aws: &Aws, credentials: Credentials) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(aws_sdk_iam::config::BehaviorVersion::latest())
        .region(aws_sdk_iam::config::Region::new("us-east-1"))
        .endpoint_url(aws.endpoint())
        .credentials_provider(credentials)
        .http_client(http())
        .retry_config(RetryConfig::disabled())
        .build();
    aws_sdk_iam::Client::from_conf(config)
}

/// GetSessionToken with alice's long-term keys, a serial and a code.
async fn login(aws: &Aws, serial: &str, code: &str) -> Result<GetSessionTokenOutput, Refusal> {
    sts(aws, long_term(), http())
        .get_session_token()
        .serial_number(serial)
        .token_code(code)
        .send()
        .await
        .map_err(refusal)
}

/// The same with a code of alice's own device.
async fn login_alice(aws: &Aws, code: &str) -> Result<GetSessionTokenOutput, Refusal> {
    login(aws, &aws.serial(USER), code).await
}

fn session_keys(output: &GetSessionTokenOutput) -> Credentials {
    let it = output.credentials().expect("the answer has credentials");
    let token = Some(it.session_token().to_owned());
    Credentials::new(it.access_key_id(), it.secret_access_key(), token, None, "t")
}

fn refusal<E: ProvideErrorMetadata>(error: SdkError<E, HttpResponse>) -> Refusal {
    let status = error.raw_response().map_or(0, |it| it.status().as_u16());
    let code = error.code().unwrap_or_default().to_owned();
    (code, status, error.message().unwrap_or_default().to_owned())
}

fn refused(code: &str, status: u16, message: &str) -> Refusal {
    (code.to_owned(), status, message.to_owned())
}

fn wrong_code() -> Refusal {
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    refused("AccessDenied", 403, message)
}

fn not_verified() -> Refusal {
    let message = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                   your MFA serial number is valid and associated with this user.";
    refused("AccessDenied", 403, message)
}
