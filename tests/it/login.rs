//! Login as people use it every morning: what is asked, what is written, what is said.

mod code;
mod concurrency;
#[cfg(unix)]
mod crash;
mod device;
#[cfg(unix)]
mod disk;
mod errors;
mod files;
#[cfg(unix)]
mod prompt;
mod roles;
mod sources;

use crate::support::aws::Aws;
use crate::support::home::Home;
use crate::support::run::Run;

const CREDENTIALS: &str = "\
# mine, do not touch
[dev]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
";

const CONFIG: &str = "\
[profile dev]
region = eu-central-1
output = json
mfa_serial = arn:aws:iam::123456789012:mfa/alice
";

fn aws() -> Aws {
    Aws::builder()
        .user("alice")
        .key(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        )
        .device("alice", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        .start()
}

#[test]
fn a_login_leaves_a_session_profile_and_touches_nothing_else() {
    let aws = aws();
    let home = Home::with(&aws).credentials(CREDENTIALS).config(CONFIG);
    Run::new(&home)
        .args(["login", "--profile", "dev", "--code", &aws.code("alice")])
        .stderr(
            "dev-mfa is ready until {*} (12h from now)\nuse it with: export AWS_PROFILE=dev-mfa\n",
        )
        .run();
    assert_eq!(aws.actions(), ["GetSessionToken"]);
}
