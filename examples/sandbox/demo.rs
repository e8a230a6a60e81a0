//! Shows one login: the files before and after it, and who AWS says the session is. It never prints a
//! whole secret.

use std::io::Write;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, ensure};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::config::{BehaviorVersion, Region};

use crate::Sandbox;
use crate::support::aws::USER;

/// Shows a login from beginning to end.
pub(crate) fn show(sandbox: &Sandbox) -> anyhow::Result<ExitCode> {
    println!("awsmfa in a sandbox: an AWS on loopback, a throw-away home, no account");
    println!("(its keys are good for nothing, and shortened here as real ones would be)\n");

    println!("1. before: long-term keys, which AWS lets do little without MFA");
    show_files(sandbox);

    let code = sandbox.aws.code(USER);
    println!("2. the login: $ awsmfa login --profile dev --code-stdin");
    println!("   (the virtual device shows {code}; awsmfa finds the device by itself)");
    login(sandbox, &code)?;

    println!("\n3. after: a session beside them");
    show_files(sandbox);

    println!("4. what the AWS SDK reads as profile dev-mfa, and who AWS says that is");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(show_identity(sandbox))?;
    println!("\nNothing of this is left. To try it yourself: cargo run --example sandbox -- bash");
    println!("It says at its start what can be tried there, and how a second terminal joins");
    Ok(ExitCode::SUCCESS)
}

fn login(sandbox: &Sandbox, code: &str) -> anyhow::Result<()> {
    let mut command = sandbox
        .home
        .command(["login", "--profile", "dev", "--code-stdin"]);
    let output = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut awsmfa| {
            let input = awsmfa.stdin.take().map(|mut it| writeln!(it, "{code}"));
            // A login that fails early does not read the code. Its exit code then says more than the
            // broken pipe.
            drop(input);
            awsmfa.wait_with_output()
        })
        .context("awsmfa")?;
    for line in [output.stdout, output.stderr]
        .concat()
        .split(|it| *it == b'\n')
    {
        if !line.is_empty() {
            println!("   > {}", String::from_utf8_lossy(line));
        }
    }
    ensure!(
        output.status.success(),
        "the login failed: {}",
        output.status
    );
    ensure!(
        !sandbox.aws.sessions().is_empty(),
        "the login asked AWS for no session"
    );
    Ok(())
}

fn show_files(sandbox: &Sandbox) {
    for (name, text) in [
        ("~/.aws/credentials", sandbox.home.read_credentials()),
        ("~/.aws/config", sandbox.home.read_config()),
    ] {
        println!("   {name}");
        for line in text.lines() {
            println!("{}", format!("   | {}", shorten(line)).trim_end());
        }
    }
    println!();
}

/// Cuts the middle out of a secret in a line of an AWS file.
fn shorten(line: &str) -> String {
    let secret = ["aws_secret_access_key", "aws_session_token"];
    match line.split_once('=') {
        Some((key, value)) if secret.contains(&key.trim()) => {
            let value: Vec<char> = value.trim().chars().collect();
            let (begin, end) = (&value[..value.len().min(4)], value.len().saturating_sub(4));
            let (begin, end): (String, String) =
                (begin.iter().collect(), value[end..].iter().collect());
            format!("{key}= {begin}…{end}")
        }
        _ => line.to_owned(),
    }
}

async fn show_identity(sandbox: &Sandbox) -> anyhow::Result<()> {
    let files = EnvConfigFiles::builder()
        .with_file(
            EnvConfigFileKind::Credentials,
            sandbox.home.credentials_path(),
        )
        .with_file(EnvConfigFileKind::Config, sandbox.home.config_path())
        .build();
    let http = aws_smithy_http_client::Builder::new().build_http();
    let bare = ProviderConfig::empty().with_http_client(http.clone());
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(&bare)
        .profile_name("dev-mfa")
        .profile_files(files)
        .build();
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(sandbox.aws.endpoint())
        .credentials_provider(profile)
        .http_client(http)
        .build();
    let answer = aws_sdk_sts::Client::from_conf(config)
        .get_caller_identity()
        .send()
        .await
        .context("GetCallerIdentity with the session of profile dev-mfa")?;
    let session = sandbox
        .aws
        .sessions()
        .pop()
        .context("no session was issued")?;
    println!("   arn      {}", answer.arn().unwrap_or_default());
    println!("   account  {}", answer.account().unwrap_or_default());
    println!(
        "   MFA      {}",
        if session.mfa.is_some() { "yes" } else { "no" }
    );
    println!("   until    {}", session.expiration.format("%F %T UTC"));
    Ok(())
}
