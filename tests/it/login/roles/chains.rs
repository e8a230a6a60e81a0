//! Signs in to roles that are reached from roles.

use indoc::indoc;

use super::{ASSUME, ready, scene, without_code};
use crate::scene::ISSUE;

/// Two more steps behind `admin`.
const STEPS: &str = indoc! {"
    [profile second]
    role_arn = arn:aws:iam::123456789012:role/open
    source_profile = admin

    [profile third]
    role_arn = arn:aws:iam::123456789012:role/inner
    source_profile = second
"};

#[test]
fn a_chain_of_one_two_and_three_takes_one_code() {
    for (profile, steps) in [("admin", 1), ("second", 2), ("third", 3)] {
        let scene = scene(STEPS);
        let mut actions = vec![ISSUE];
        actions.extend(vec![ASSUME; steps]);
        let run = scene.login(&["-p", profile]);
        scene.works(run, &ready(profile), &actions);
        assert_eq!(scene.aws.connections(), 1, "one for the whole chain");
        let roles =
            ["admin", "open", "inner"].map(|it| format!("arn:aws:iam::123456789012:role/{it}"));
        let requests = scene.aws.requests();
        let asked = requests[1..].iter().map(|it| it.call.param("RoleArn"));
        let asked: Vec<&str> = asked.map(|it| it.expect("a role is named")).collect();
        assert_eq!(asked, roles[..steps]);
        // The last one is stored with the MFA session, and none between them.
        let sessions = scene.aws.sessions();
        let written = scene.home.read_credentials();
        for (at, session) in sessions.iter().enumerate() {
            let stored = at == 0 || at == steps;
            assert_eq!(written.contains(&session.token), stored, "{at} of {steps}");
        }
        let arn = sessions[steps].role.as_ref().map(|(arn, _)| arn.as_str());
        let name = roles[steps - 1]
            .rsplit('/')
            .next()
            .expect("a role has a name");
        assert_eq!(
            arn,
            Some(
                format!("arn:aws:sts::123456789012:assumed-role/{name}/awsmfa-{profile}").as_str()
            )
        );
    }
}

#[test]
fn a_role_reached_from_a_role_is_cut_to_an_hour_with_a_word() {
    let scene = scene(&format!("{STEPS}duration_seconds = 7200\n"));
    let cut = "asking for a session of third that lasts 1h, not 2h: AWS grants no more to a role reached from another role\n";
    let run = scene.login(&["-p", "third"]);
    scene.works(
        run,
        &format!("{cut}{}", ready("third")),
        &[ISSUE, ASSUME, ASSUME, ASSUME],
    );
    // A session that is kept is not cut, so nothing is said.
    let kept = indoc! {"
        third-mfa is still valid until {*} (1h left); --force renews it
        use it with: export AWS_PROFILE=third-mfa
    "};
    scene.works(without_code(&scene, "third"), kept, &[]);
}

#[test]
fn the_device_of_the_nearest_role_profile_serves_the_source() {
    let steps = STEPS.replace(
        "source_profile = second\n",
        "source_profile = second\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n",
    );
    let scene = scene(&steps);
    let config = scene.home.read_config().replacen(
        "mfa_serial = arn:aws:iam::123456789012:mfa/alice\n",
        "",
        1,
    );
    let scene = scene.config(config);
    let run = scene.login(&["-p", "third"]);
    scene.works(run, &ready("third"), &[ISSUE, ASSUME, ASSUME, ASSUME]);
}
