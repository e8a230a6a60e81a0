//! Checks that botocore resolves every setting under `exec` as it does with AWS_PROFILE set to the
//! session profile. It asks nothing of AWS.

use std::process::Command;

use indoc::formatdoc;

use super::{answer, python, run_in};
use crate::scene::{CREDENTIALS, SESSION};
use crate::support::home::Home;

/// Prints all settings as botocore resolves them, and the endpoints of some services.
const RESOLVE: &str = r#"
import botocore.config, botocore.configprovider as c, botocore.session as s
session = s.Session()
# Whether endpoints are ignored shows in the endpoints below.
passed_over = {"ignore_configured_endpoint_urls", "profile", "config_file", "credentials_file", 
    "csm_enabled", "csm_host", "csm_port", "csm_client_id"}
names = sorted(set(c.BOTOCORE_DEFAUT_SESSION_VARIABLES) - passed_over)
for name in names:
    value = session.get_config_variable(name)
    # What botocore itself takes for the same.
    print(name, None if value in (None, False, "false") else str(value))
for service in ["s3", "sts", "dynamodb", "elasticbeanstalk"]:
    try:
        print(service, session.create_client(service, region_name="us-east-1").meta.endpoint_url)
    except Exception as error:
        print(service, error)
"#;

/// Settings whose absence means the same to every tool.
const COMMON: &str = "use_fips_endpoint = true
use_dualstack_endpoint = true
disable_request_compression = true
disable_host_prefix_injection = true
request_checksum_calculation = when_required
response_checksum_validation = when_required
request_min_compression_size_bytes = 7
account_id_endpoint_mode = disabled
ec2_metadata_v1_disabled = true
imds_use_ipv6 = true
tcp_keepalive = true
s3_disable_express_session_auth = true
";

/// The other settings.
const OWN: &str = "max_attempts = 9
retry_mode = adaptive
defaults_mode = standard
sts_regional_endpoints = legacy
endpoint_discovery_enabled = true
sdk_ua_app_id = app
metadata_service_timeout = 8
metadata_service_num_attempts = 6
ec2_metadata_service_endpoint_mode = ipv6
sigv4a_signing_region_set = *
auth_scheme_preference = sigv4a
";

const ENDPOINTS: &str = "endpoint_url = http://all.test
services = lab
";

const LAB: &str = "[services lab]
s3 =
  endpoint_url = http://s3.test
elastic_beanstalk =
  endpoint_url = http://beans.test
";

fn resolve(home: &Home, env: &[(&str, &str)], under_exec: bool) -> String {
    let python = python().to_string_lossy().into_owned();
    let mut words = vec![python, "-c".to_owned(), RESOLVE.to_owned()];
    if under_exec {
        let awsmfa = [env!("CARGO_BIN_EXE_awsmfa"), "exec", "-p", "dev", "--"];
        words.splice(0..0, awsmfa.map(str::to_owned));
    }
    let mut command: Command = run_in(home, &words);
    command
        .env_remove("AWS_ENDPOINT_URL")
        .envs(env.iter().copied());
    if !under_exec {
        command.env("AWS_PROFILE", "dev-mfa");
    }
    answer(command, "botocore")
}

#[test]
#[ignore = "needs tests/clients/install"]
fn botocore_sees_the_same_under_exec_as_with_the_profile() {
    let both = |settings: &str| format!("[profile dev]\n{settings}[profile dev-mfa]\n{settings}");
    let some = format!("{COMMON}{OWN}");
    for (config, env) in [
        (both(""), &[][..]),
        (both(&some), &[]),
        (
            format!("[default]\n{COMMON}output = text\n{}", both("")),
            &[],
        ),
        (
            format!(
                "[default]\n{COMMON}{}",
                both(&some.replace("true", "false"))
            ),
            &[],
        ),
        (
            both(&some),
            &[
                ("AWS_MAX_ATTEMPTS", "2"),
                ("AWS_USE_FIPS_ENDPOINT", "false"),
            ],
        ),
        (format!("{}{LAB}", both(ENDPOINTS)), &[]),
        (format!("[default]\n{ENDPOINTS}{}{LAB}", both("")), &[]),
        (
            format!(
                "[default]\nendpoint_url = http://x.test\n{}{LAB}",
                both(ENDPOINTS)
            ),
            &[],
        ),
        (
            format!("{}{LAB}", both(ENDPOINTS)),
            &[("AWS_ENDPOINT_URL", "http://users.test")],
        ),
        (
            format!("{}{LAB}", both(ENDPOINTS)),
            &[("AWS_ENDPOINT_URL_S3", "http://users.test")],
        ),
        (
            format!("[default]\n{ENDPOINTS}{}{LAB}", both("")),
            &[("AWS_ENDPOINT_URL", "http://users.test")],
        ),
        (
            format!(
                "[default]\n{ENDPOINTS}{}{LAB}",
                both(&format!(
                    "{ENDPOINTS}ignore_configured_endpoint_urls = true\n"
                ))
            ),
            &[],
        ),
    ] {
        let home = Home::new()
            .credentials(CREDENTIALS.to_owned() + SESSION)
            .config(&config);
        let with_profile = resolve(&home, env, false);
        let under_exec = resolve(&home, env, true);
        assert_eq!(
            under_exec,
            with_profile,
            "{}",
            formatdoc! {"{env:?}
            {config}"}
        );
    }
}
