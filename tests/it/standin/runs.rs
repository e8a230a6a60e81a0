//! Checks that a run in a test is as strict as it says, with a shell in place of awsmfa.

use crate::support::aws::secrets::Kind;
use crate::support::aws::{Aws, SECRET_KEY};
use crate::support::home::Home;
use crate::support::run::Run;

fn shell() -> Home {
    Home::new().program("/bin/sh")
}

fn dev() -> Home {
    let keys = format!("[dev]\naws_secret_access_key = {SECRET_KEY}\n");
    shell().credentials(keys)
}

#[test]
fn a_run_sees_the_home_and_none_of_the_callers_environment() {
    let home = shell();
    let script = "echo $HOME; env | cut -d= -f1 | grep -v -e ^_ -e PWD -e SHLVL | sort | xargs";
    Run::new(&home)
        .args(["-c", script])
        .stdout(
            "{home}\nAWS_EC2_METADATA_DISABLED AWS_ENDPOINT_URL HOME PATH RUST_BACKTRACE TEMP TMP \
             TMPDIR TZ USERPROFILE\n",
        )
        .run();
}

#[test]
fn requests_reach_nobody_without_a_stand_in_and_only_it_with_one() {
    let aws = Aws::builder().tls().start();
    let script = "echo $AWS_ENDPOINT_URL $AWS_CA_BUNDLE";
    let run = |home: &Home, expected: &str| {
        let run = Run::new(home).args(["-c", script]);
        run.stdout(format!("{expected}\n")).run();
    };
    run(&shell(), "http://127.0.0.1:1");
    let home = Home::with(&aws).program("/bin/sh");
    run(&home, &format!("{} {{home}}/ca.pem", aws.endpoint()));
}

#[test]
fn input_output_exit_code_and_placeholders_are_checked() {
    Run::new(&shell())
        .args(["-c", "read a; echo $a at $$ now; echo oops >&2; exit 3"])
        .stdin("hello\n")
        .status(3)
        .stdout("hello at {*} now\n")
        .check_stderr(|text| assert_eq!(text, "oops\n"))
        .run();
}

#[test]
#[should_panic(expected = "stdout is not")]
fn unexpected_output_fails() {
    Run::new(&shell()).args(["-c", "echo surprise"]).run();
}

#[test]
#[should_panic(expected = "stderr is not")]
fn a_second_line_is_not_hidden_by_a_placeholder() {
    let home = shell();
    let run = Run::new(&home).args(["-c", "echo a >&2; echo b >&2"]);
    run.stderr("{*}\n").run();
}

#[test]
#[should_panic(expected = "exit code")]
fn another_exit_code_fails() {
    Run::new(&shell()).args(["-c", "exit 1"]).run();
}

#[test]
#[should_panic(expected = "a secret is shown (LongTerm)")]
fn showing_a_key_from_the_file_fails() {
    let home = dev();
    let run = Run::new(&home).args(["-c", "cat .aws/credentials >&2; rm .aws/credentials"]);
    run.stderr("{*}\n{*}\n").run();
}

#[test]
fn a_run_meant_to_show_a_key_may_do_so() {
    let home = dev();
    let run = Run::new(&home).args(["-c", "cat .aws/credentials"]);
    let run = run.may_show(Kind::LongTerm);
    run.stdout("[dev]\naws_secret_access_key = {*}\n").run();
}

#[test]
#[should_panic(expected = "a secret is shown (Code)")]
fn showing_a_code_fails() {
    let home = shell();
    let run = Run::new(&home).args(["-c", "read c; echo code $c."]);
    run.stdin("012345\n").stdout("code {*}\n").run();
}

#[test]
fn six_digits_of_a_longer_number_are_not_a_code() {
    let home = shell();
    let run = Run::new(&home).args(["-c", "read c; echo 9$c"]);
    run.stdin("012345\n").stdout("9012345\n").run();
}
