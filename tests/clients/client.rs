//! Asks AWS who the caller is, as a user's program with the AWS SDK for Rust would: with the profile in
//! its argument, or with the default chain. It never uses anything of awsmfa's.
#![expect(clippy::print_stdout, reason = "the rule is for the product")]

use aws_config::BehaviorVersion;
use aws_smithy_http_client::Builder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    // Without TLS it can reach nothing but a stand-in.
    let http = Builder::new().build_http();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(profile) = std::env::args().nth(1) {
        loader = loader.profile_name(profile);
    }
    let client = aws_sdk_sts::Client::new(&loader.load().await);
    let identity = client.get_caller_identity().send().await?;
    let (account, arn) = (identity.account(), identity.arn());
    println!(
        "{} {}",
        account.unwrap_or_default(),
        arn.unwrap_or_default()
    );
    Ok(())
}
