//! Tests whom a check can be about: a user, a group, everybody; and what it notices of them.

use super::*;

/// Alice, an administrator, and the documents that bob has.
fn bob(documents: &[&str]) -> Builder {
    let builder = alice().policy(ADMIN).user("team/bob");
    let documents = documents.iter().map(|it| ours(it));
    let builder = documents.fold(builder, |it, json| it.policy(&json));
    builder.policy(ADMIN)
}

#[test]
fn another_user_is_found_with_their_path() {
    let scene = signed_in(bob(&["force-mfa", "manage-mfa"]));
    let lines = [
        "bob: enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment works",
        "bob has no MFA device: whoever holds the key can enroll theirs first",
        SOURCE,
    ];
    says(&scene, &["--user", "bob"], 0, &lines);
    let arn = "arn:aws:iam::123456789012:user/team/bob";
    says(&scene, &["--user", arn], 0, &lines);
    assert_eq!(
        parse(&said(&scene, &["--user", arn, "--json"], 0))[0]["arn"],
        arn
    );
    let missing =
        "error: AWS refused iam:GetUser: The user with name carol cannot be found (NoSuchEntity)\n";
    let run = scene.run(&[
        "policy",
        "check",
        "-p",
        "dev",
        "--no-input",
        "--user",
        "carol",
    ]);
    run.status(5).stderr(missing).run();
    let role = "arn:aws:iam::123456789012:role/admin";
    check(&scene, &["--user", role])
        .status(2)
        .check_stderr(|text| assert!(text.contains("force-mfa is for users"), "{text}"))
        .run();
}

#[test]
fn what_becomes_of_a_user_is_told_beside_the_verdict() {
    let none = signed_in(bob(&["force-mfa"]));
    let has_no_device = "bob has no MFA device: whoever holds the key can enroll theirs first";
    says(&none, &["--user", "bob"], 0, &[has_no_device, SOURCE]);
    let text = said(&none, &["--user", "bob"], 0);
    assert!(!text.contains("looks like a program"), "no key: {text}");

    let fido = signed_in(bob(&["force-mfa"]).fido("bob-key"));
    let locked = "bob has only passkeys or FIDO keys, which give no codes: locked out of the command line where MFA is enforced";
    says(&fido, &["--user", "bob"], 0, &[locked, SOURCE]);

    let key = (
        "AKIAI44QH8DHBEXAMPLE",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    );
    let program = || {
        bob(&["force-mfa"]).key(key.0, key.1).last_used(
            "s3",
            "eu-central-1",
            "2026-11-20T08:00:00Z",
        )
    };
    let used = "bob looks like a program (no password, keys in use): force-mfa would stop it";
    let scene = signed_in(program());
    says(
        &scene,
        &["--user", "bob"],
        0,
        &[has_no_device, used, SOURCE],
    );
    for builder in [
        program().password(),
        program().inactive(),
        bob(&["force-mfa"]).key(key.0, key.1),
    ] {
        let text = said(&signed_in(builder), &["--user", "bob"], 0);
        assert!(text.contains(has_no_device), "{text}");
        assert!(!text.contains("looks like a program"), "{text}");
    }
}

#[test]
fn each_member_of_a_group_is_judged_as_a_user() {
    let force = ours("force-mfa");
    let builder = alice().policy(ADMIN);
    let builder = builder.user("bob").policy(ADMIN).group("people");
    let builder = builder.user("carol").policy(&force).group("people");
    let scene = signed_in(builder.user("dora").group_policy("people", ADMIN));
    let text = said(&scene, &["--group", "people"], 1);
    assert!(
        text.starts_with("bob: NOT enforced: 28 of 28 pass: "),
        "{text}"
    );
    assert!(text.contains("\ncarol: enforced: 28 of 28 "), "{text}");
    assert!(!text.contains("dora"), "{text}");
    let answers = parse(&said(&scene, &["--group", "people", "--json"], 1));
    let enforced = answers.as_array().expect("an array").iter();
    let enforced: Vec<_> = enforced.map(|it| (&it["user"], &it["enforced"])).collect();
    assert_eq!(json!(enforced), json!([["bob", false], ["carol", true]]));
    check(&scene, &["--group", "nobody"]).status(5).run();
}

#[test]
fn an_empty_group_is_judged_by_a_made_up_member() {
    let builder = alice().policy(ADMIN);
    let builder = builder.group_policy("people", &ours("force-mfa"));
    let builder = builder.group_policy("people", &ours("manage-mfa"));
    let scene = signed_in(builder.group_policy("open", &guide("ForceMFA")));
    let asked = scene.aws.requests().len();
    let line = "a member of people (it has none): enforced: 28 of 28 requests are denied without MFA, whatever else is attached; enrollment works";
    says(&scene, &["--group", "people"], 0, &[line, SOURCE]);
    let principal = "arn:aws:iam::123456789012:group/people";
    let requests = &scene.aws.requests()[asked..];
    let mut simulated = requests.iter().filter(|it| it.call.action == SIMULATE);
    assert!(simulated.all(|it| it.call.param("PolicySourceArn") == Some(principal)));
    let text = said(&scene, &["--group", "open"], 1);
    assert!(
        text.contains(
            "a member of open (it has none): NOT enforced: 22 of 28 pass: iam:CreateRole"
        ),
        "{text}"
    );
    let answers = parse(&said(&scene, &["--group", "people", "--json"], 0));
    assert_eq!(answers[0]["user"], Value::Null);
    assert_eq!(answers[0]["of"], "a member of people (it has none)");
}

#[test]
fn everybody_is_judged_with_all_pages() {
    let mut builder = with(&[ours("force-mfa"), ours("manage-mfa")]);
    for name in ["bob", "carol"] {
        builder = builder.user(name).policy(&ours("force-mfa"));
    }
    let scene = signed_in(builder.page_size(2));
    let run = check(&scene, &["--all-users"]).check_stderr(|text| {
        let estimate = "asking AWS's simulator about 3 users: about 72 requests, one at a time\n";
        assert_eq!(text, estimate);
    });
    let text = run.check_stdout(|_| {}).run().stdout;
    for (line, start) in text.lines().zip([
        "alice: enforced: 28 of 28 ",
        "bob: enforced: 28 of 28 ",
        "bob has no MFA device",
        "carol: enforced: 28 of 28 ",
        "carol has no MFA device",
        SOURCE,
    ]) {
        assert!(line.starts_with(start), "{text}");
    }
    // One is enough.
    let scene = signed_in(with(&[ours("force-mfa")]).user("bob").policy(ADMIN));
    let text = said(&scene, &["--all-users"], 1);
    assert!(text.contains("bob: NOT enforced: 28 of 28 pass"), "{text}");
}

#[test]
fn a_role_that_asks_has_to_name_a_user() {
    let config = indoc! {"
        [profile dev]
        region = eu-central-1
        mfa_serial = arn:aws:iam::123456789012:mfa/alice
        [profile admin]
        role_arn = arn:aws:iam::123456789012:role/admin
        source_profile = dev
    "};
    let builder = with(&[ours("force-mfa"), ours("manage-mfa")]).role("admin");
    let scene = Scene::with(builder.start()).config(config);
    let role = |args: &[&str]| {
        scene
            .run(&["policy", "check", "-p", "admin", "--no-input"])
            .args(args)
    };
    let refused = indoc! {"
        error: profile admin is a role, but force-mfa is for users: choose one
        hint: use --user NAME, --group NAME, --all-users or --file
    "};
    scene.fails(role(&[]), 2, refused, &[]);
    let code = scene.aws.code(USER);
    let run = role(&["--user", "alice", "--code", &code]);
    let run = run.check_stderr(|_| {}).check_stdout(|_| {}).run();
    assert!(run.stdout.contains(ENFORCED), "{}", run.stdout);
}

#[test]
fn two_whoms_are_one_too_many() {
    let scene = Scene::default();
    for args in [
        &["--user", "bob", "--all-users"][..],
        &["--group", "a", "--user", "b"],
        &["--file", "x", "--all-users"],
    ] {
        check(&scene, args).status(2).run();
    }
    assert_eq!(scene.aws.actions(), [""; 0]);
}
