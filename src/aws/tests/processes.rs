//! Owns the tests of keys that a command prints, and of the runtime.

use secrecy::ExposeSecret;

use super::*;
use crate::aws::process;
use crate::aws::runtime::cancelled;

#[cfg(unix)]
fn keys_of(command: &str) -> anyhow::Result<Keys> {
    block_on(process::keys("dev", command)).unwrap()
}

#[cfg(unix)]
#[test]
fn a_command_hands_out_its_keys() {
    let keys = keys_of(
        r#"echo '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"shh","SessionToken":"tok"}'"#,
    )
    .unwrap();
    assert_eq!(keys.access_key_id, "AKIAP");
    assert_eq!(keys.secret_access_key.expose_secret(), "shh");
    assert_eq!(keys.session_token.unwrap().expose_secret(), "tok");
}

#[cfg(unix)]
#[test]
fn a_failing_command_is_named_by_its_profile_and_never_quoted() {
    for command in [
        "echo hush-out; echo hush-err >&2; exit 3",
        "echo hush-out",
        r#"echo '{"Version":2,"AccessKeyId":"hush-id","SecretAccessKey":"hush"}'"#,
        r#"echo '{"Version":1,"AccessKeyId":"","SecretAccessKey":"hush"}'"#,
        r#"echo '{"Version":1,"AccessKeyId":"hush"#,
    ] {
        let error = keys_of(command).unwrap_err();
        let shown = format!("{error:?} {error:#}");
        assert!(
            shown.contains("credential_process of profile dev"),
            "{shown}"
        );
        assert!(!shown.contains("hush"), "{shown}");
    }
}

#[test]
fn a_read_that_still_waits_does_not_hold_up_the_end() {
    let start = std::time::Instant::now();
    block_on(async {
        tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(5)));
        tokio::task::yield_now().await;
    })
    .unwrap();
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn waiting_for_ctrl_c_loses_against_a_call_that_ends() {
    let first = block_on(async {
        tokio::select! {
            _ = cancelled() => "cancelled",
            () = tokio::time::sleep(Duration::from_millis(20)) => "done",
        }
    })
    .unwrap();
    assert_eq!(first, "done");
}
