//! Tests checks in difficulties: denials, rate limits, a session that is too old, an organization, a
//! boundary.

#[cfg(unix)]
use std::time::Duration;

use chrono::TimeDelta;

use super::*;
use crate::support::aws::Fault;

const FORCE: [&str; 2] = ["force-mfa", "manage-mfa"];

fn enforced() -> Builder {
    with(&FORCE.map(ours))
}

#[test]
fn a_denied_call_names_the_permission_and_the_smallest_policy() {
    let policy = r#"{"Statement": {"Effect": "Allow", "Action": ["s3:*", "iam:ListMFADevices"], "Resource": "*"}}"#;
    let scene = signed_in(alice().policy(policy));
    let arn = "arn:aws:iam::123456789012:user/alice";
    let expected = format!(
        "error: can't check alice: this needs iam:SimulatePrincipalPolicy on {arn}; AWS refused iam:SimulatePrincipalPolicy: {{*}}\nhint: the smallest policy that grants it: {{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"iam:SimulatePrincipalPolicy\",\"Resource\":\"{arn}\"}}]}}\n"
    );
    let run = scene.run(&["policy", "check", "-p", "dev", "--no-input"]);
    let stderr =
        format!("asking AWS's simulator about alice: about 24 requests, one at a time\n{expected}");
    run.status(5).stderr(stderr).run();
    for (args, action, resource) in [
        (
            &["--user", "bob"][..],
            "iam:GetUser",
            "arn:aws:iam::123456789012:user/bob",
        ),
        (
            &["--group", "people"],
            "iam:GetGroup",
            "arn:aws:iam::123456789012:group/people",
        ),
        (&["--all-users"], "iam:ListUsers", "*"),
    ] {
        let needed = format!(": this needs {action} on {resource}; ");
        let policy = format!(r#""Action":"{action}","Resource":"{resource}""#);
        check(&scene, args)
            .status(5)
            .check_stderr(move |text| {
                assert!(text.contains(&needed) && text.contains(&policy), "{text}");
            })
            .run();
    }
}

#[test]
fn a_user_who_cannot_be_judged_is_never_called_enforced() {
    let force = ours("force-mfa");
    // Nothing may be asked about bob.
    let blind = r#"{"Statement": {"Effect": "Deny", "Action": "iam:Simulate*",
        "Resource": "arn:aws:iam::123456789012:user/bob"}}"#;
    let builder = with(&[force.clone(), blind.to_owned()]);
    let scene = signed_in(builder.user("bob").policy(&force));
    let run = check(&scene, &["--all-users"]).status(5);
    let run = run.check_stderr(|text| {
        assert!(
            text.contains("warning: can't check bob: this needs iam:SimulatePrincipalPolicy on "),
            "{text}"
        );
        assert!(text.contains("hint: the smallest policy"), "{text}");
    });
    let text = run.check_stdout(|_| {}).run().stdout;
    assert!(text.starts_with("alice: enforced: "), "{text}");
    let answers = parse(&said(&scene, &["--all-users", "--json"], 5));
    assert_eq!(answers[1]["enforced"], Value::Null);
    assert!(
        answers[1]["error"]
            .as_str()
            .is_some_and(|it| it.starts_with("can't check bob"))
    );
}

#[test]
fn what_goes_wrong_with_one_user_is_told_of_them_and_stops_no_other() {
    let gone = Fault::Error {
        status: 404,
        code: "NoSuchEntity",
        message: "The user with name bob cannot be found.",
    };
    let builder = || {
        let bob = enforced().user("bob").policy(&ours("force-mfa"));
        bob.user("carol").policy(&ours("force-mfa"))
    };
    // In the middle of what is asked about bob, or when his devices are looked at.
    for number in [27, 30, 48] {
        let scene = signed_in(builder());
        scene.aws.fault_at(number, gone);
        let run = check(&scene, &["--all-users"]).status(5);
        let run = run.check_stderr(|text| {
            let warning = "\nwarning: can't check bob: AWS refused iam:";
            assert!(text.contains(warning), "{text}");
        });
        let text = run.check_stdout(|_| {}).run().stdout;
        assert!(
            text.contains("\ncarol: enforced: ") && !text.contains("bob"),
            "{text}"
        );
    }
}

#[test]
fn a_denied_list_of_devices_stops_nothing() {
    let blind = r#"{"Statement": {"Effect": "Deny", "Action": "iam:ListMFADevices", "Resource": "arn:aws:iam::123456789012:user/bob"}}"#;
    let force = ours("force-mfa");
    let builder = with(&[force.clone(), ours("manage-mfa"), blind.to_owned()]);
    let scene = signed_in(builder.user("bob").policy(&force));
    let run = check(&scene, &["--user", "bob"]).check_stderr(|text| {
        let warning = "warning: iam:ListMFADevices is denied: can't tell which users have no device, or are programs\n";
        assert!(text.contains(warning), "{text}");
    });
    let text = run.check_stdout(|_| {}).run().stdout;
    assert!(
        text.contains("bob: enforced: 28 of 28") && !text.contains("has no MFA device"),
        "{text}"
    );
}

#[test]
fn throttled_requests_are_repeated_later() {
    let scene = signed_in(enforced());
    scene.aws.fault_times(SIMULATE, 4, Fault::Throttled);
    says(&scene, &[], 0, &[ENFORCED]);
    let asked = scene.aws.actions();
    assert_eq!(asked.iter().filter(|it| *it == SIMULATE).count(), 22 + 4);
}

#[test]
fn an_answer_that_never_comes_ends_it_with_the_results_so_far() {
    let builder = enforced().user("bob").policy(ADMIN);
    let scene = signed_in(builder);
    // In the middle of the questions about bob, which come after 25 requests.
    for number in 0..12 {
        scene.aws.fault_at(32 + number, Fault::Status(500));
    }
    let run = check(&scene, &["--all-users"]).status(6);
    let text = run.check_stdout(|_| {}).run().stdout;
    assert_eq!(text, format!("{ENFORCED}\n{SOURCE}\n"));
}

#[test]
fn a_session_that_is_too_old_is_renewed() {
    let old = [ours("force-mfa--max-age"), ours("manage-mfa--max-age")];
    let scene = signed_in(with(&old));
    scene.aws.shift_clock(TimeDelta::hours(2));
    // Nobody gives a code.
    check(&scene, &[])
        .status(5)
        .check_stderr(|text| assert!(text.contains("can't check alice: "), "{text}"))
        .run();
    let code = scene.aws.code(USER);
    says(&scene, &["--code", &code], 0, &[ENFORCED]);
}

#[test]
fn a_session_that_aws_has_ended_is_renewed() {
    let scene = signed_in(enforced());
    scene.aws.expire_sessions();
    check(&scene, &[]).status(7).run();
    let code = scene.aws.code(USER);
    says(&scene, &["--code", &code], 0, &[ENFORCED]);
}

#[test]
fn a_session_that_expires_meanwhile_ends_it_with_the_results_so_far() {
    let scene = signed_in(enforced().user("bob").policy(ADMIN));
    let over = Fault::Error {
        status: 403,
        code: "ExpiredToken",
        message: "The security token included in the request is expired",
    };
    scene.aws.fault_at(32, over);
    let run = check(&scene, &["--all-users"]).status(7);
    let text = run.check_stdout(|_| {}).run().stdout;
    assert_eq!(text, format!("{ENFORCED}\n{SOURCE}\n"));
    // Somebody gives a code.
    scene.aws.fault_at(32, over);
    let code = scene.aws.code(USER);
    let text = said(&scene, &["--all-users", "--code", &code], 1);
    assert!(text.contains("bob: NOT enforced: 28 of 28 pass"), "{text}");
}

#[test]
fn an_organization_that_requires_mfa_is_distinguished() {
    let scp = ours("scp-force-mfa");
    let builder = || with(&[ours("manage-mfa")]).service_control(&scp);
    let line = "alice: enforced: 28 of 28 requests are denied without MFA, whatever else is attached (28 of them not by the user's own policies: SCP or permissions boundary); enrollment works";
    let scene = signed_in(builder());
    says(&scene, &[], 0, &[line, SOURCE]);
    let text = said(&scene, &[], 0);
    assert_eq!(text.matches("closed (SCP)").count(), 28, "{text}");
    // This simulator can't leave the organization out.
    says(&signed_in(builder().old_simulator()), &[], 0, &[line]);
    // The user's own policies deny it all the same.
    let scene = signed_in(enforced().service_control(&scp));
    says(&scene, &[], 0, &[ENFORCED]);
}

#[test]
fn nothing_can_be_said_about_requests_that_an_organization_denies_anyway() {
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": ["s3:*", "ec2:*"], "Resource": "*"}}"#;
    let scene = signed_in(alice().policy(ADMIN).service_control(deny));
    let text = said(&scene, &[], 1);
    assert!(text.contains("can't tell (SCP)"), "{text}");
    assert!(
        text.contains("alice: NOT enforced: 25 of 28 pass: lambda:"),
        "{text}"
    );
    let all = r#"{"Statement": {"Effect": "Deny", "NotAction": "iam:Simulate*", "Resource": "*"}}"#;
    let scene = signed_in(alice().policy(ADMIN).service_control(all));
    let text = said(&scene, &[], 1);
    assert!(
        text.contains("alice: can't tell (SCP): 28 of 28 are stopped with and without MFA: "),
        "{text}"
    );
    assert_eq!(
        parse(&said(&scene, &["--json"], 1))[0]["enforced"],
        Value::Null
    );
    // Without the organization, the user's own policies decide.
    let scene = signed_in(enforced().service_control(deny));
    says(&scene, &[], 0, &[ENFORCED]);
    // If the simulator can't leave the organization out, that stays hidden.
    let scene = signed_in(enforced().service_control(deny).old_simulator());
    let text = said(&scene, &[], 1);
    assert!(text.contains("alice: can't tell (SCP): 3 of 28 "), "{text}");
}

#[test]
fn a_boundary_that_hides_the_answer_is_named() {
    let only = r#"{"Statement": {"Effect": "Allow", "Action": ["s3:*", "iam:Simulate*", "iam:ListMFADevices"], "Resource": "*"}}"#;
    let scene = signed_in(alice().policy(ADMIN).boundary(only));
    let text = said(&scene, &[], 1);
    assert!(text.contains("can't tell (permissions boundary)"), "{text}");
    assert!(
        text.contains("alice: NOT enforced: 1 of 28 pass: s3:GetObject\n"),
        "{text}"
    );
    let scene = signed_in(enforced().boundary(only));
    says(
        &scene,
        &[],
        0,
        &[
            "alice: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment is denied: iam:EnableMFADevice, iam:ResyncMFADevice, iam:CreateVirtualMFADevice",
        ],
    );
}

#[test]
#[cfg(unix)]
fn a_cancelled_check_prints_the_results_so_far() {
    let scene = signed_in(enforced().user("bob").policy(ADMIN));
    let delay = Fault::Delay(Duration::from_millis(50));
    scene.aws.fault_always(SIMULATE, delay);
    let args = ["policy", "check", "-p", "dev", "--all-users"];
    let mut session = scene.terminal(&args).start();
    session.sees("30 of about 48 requests");
    session.presses("\x03");
    let screen = format!(
        "asking AWS's simulator about 2 users: about 48 requests, one at a time\n{{*}}\n{ENFORCED}\n{SOURCE}\nerror: cancelled\n"
    );
    session.ends(130, &screen);
}
