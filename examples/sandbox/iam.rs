//! Stands in for the AWS CLI in the sandbox: `awsmfa-iam` attaches a policy to a group, takes it off, and
//! lists users. It asks only the sandbox's AWS, with the credentials that AWS tools would use.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::config::{BehaviorVersion, Region};
use aws_sdk_iam::error::{DisplayErrorContext, ProvideErrorMetadata};

const USAGE: &str = "\
awsmfa-iam attach FILE GROUP   attach the policy in a file
awsmfa-iam detach FILE GROUP   take it off again, and delete it
awsmfa-iam users               list the users";

/// Does what the arguments say.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match args[..] {
            ["attach", file, group] => attach(file, group).await,
            ["detach", file, group] => detach(file, group).await,
            ["users"] => list_users().await,
            _ => bail!("{USAGE}"),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn client() -> anyhow::Result<Client> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL_IAM");
    let endpoint = endpoint.context("awsmfa-iam works only inside a sandbox")?;
    let environment = EnvironmentVariableCredentialsProvider::new();
    let http = aws_smithy_http_client::Builder::new().build_http();
    let bare = ProviderConfig::without_region().with_http_client(http.clone());
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(&bare)
        .build();
    let credentials =
        CredentialsProviderChain::first_try("environment", environment).or_else("profile", profile);
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(credentials)
        .http_client(http)
        .build();
    Ok(Client::from_conf(config))
}

/// The name that a policy gets, and its ARN: those of the file.
fn name(file: &str) -> anyhow::Result<(&str, String)> {
    let name = Path::new(file).file_stem().and_then(|it| it.to_str());
    let name = name.context("the name of the file becomes that of the policy")?;
    Ok((name, format!("arn:aws:iam::123456789012:policy/{name}")))
}

async fn attach(file: &str, group: &str) -> anyhow::Result<()> {
    let (name, arn) = name(file)?;
    let document = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
    let client = client()?;
    let create = client.create_policy().policy_name(name);
    create
        .policy_document(document)
        .send()
        .await
        .map_err(said)?;
    let attach = client.attach_group_policy().group_name(group);
    attach.policy_arn(arn).send().await.map_err(said)?;
    println!("{name} is attached to {group}");
    Ok(())
}

async fn detach(file: &str, group: &str) -> anyhow::Result<()> {
    let (name, arn) = name(file)?;
    let client = client()?;
    let detach = client.detach_group_policy().group_name(group);
    detach.policy_arn(&arn).send().await.map_err(said)?;
    let delete = client.delete_policy().policy_arn(arn);
    delete.send().await.map_err(said)?;
    println!("{name} is attached to {group} no more");
    Ok(())
}

async fn list_users() -> anyhow::Result<()> {
    let answer = client()?.list_users().send().await.map_err(said)?;
    for user in answer.users() {
        println!("{}", user.user_name());
    }
    Ok(())
}

/// What AWS says of an error, else what the SDK does.
fn said(error: impl ProvideErrorMetadata + std::error::Error) -> anyhow::Error {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => anyhow::anyhow!("{code}: {message}"),
        _ => anyhow::anyhow!("{}", DisplayErrorContext(&error)),
    }
}
