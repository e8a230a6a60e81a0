//! Tests the questions of a rotation at a terminal.

use indoc::formatdoc;

use super::others::age;
use super::{BEGIN, CREATE, ids, rotate, signed_in, works};
use crate::scene::{PROMPT, Scene, alice, snapshot};
use crate::support::aws::{Fault, KEY_ID};
use crate::support::terminal::Terminal;

const OTHER_ID: &str = "AKIAI44QH8DHBEXAMPLE";
const LATE: &str = "; AWS may report a use hours late";

fn terminal<'a>(scene: &'a Scene, args: &[&str]) -> Terminal<'a> {
    scene.terminal(&["rotate", "dev"]).args(args)
}

/// The output while the key is rotated.
fn rotated() -> String {
    formatdoc! {"
        created access key AKIA{{*}}
        waiting for AWS to accept AKIA{{*}}, usually about 15 s, 90 s at most
        profile dev now uses AKIA{{*}}
        deactivated {KEY_ID}
    "}
}

/// The output up to the question about the old key.
fn shown() -> String {
    formatdoc! {"
    {BEGIN}{}delete the old key {KEY_ID} now (last used {{*}}, {{*}} in {{*}}{LATE})? [y/N] ", rotated()}
}

#[test]
fn the_old_key_is_deleted_only_after_a_yes_to_a_question_that_names_its_last_use() {
    for (answer, deleted) in [("y", true), ("", false), ("n", false)] {
        let scene = signed_in(alice());
        let mut terminal = terminal(&scene, &[]).start();
        terminal.sees("[y/N] ");
        let active = works(&scene.aws, &scene.home.read_credentials(), "dev");
        terminal.types(answer);
        let end = match deleted {
            true => format!("deleted access key {KEY_ID}\n"),
            false => format!("{KEY_ID} stays, inactive: {{*}}\n"),
        };
        terminal.ends(0, &format!("{}{answer}\n{end}", shown()));
        let inactive = (!deleted).then(|| KEY_ID.to_owned());
        let inactive = inactive.into_iter().collect();
        assert_eq!(ids(&scene.aws), (vec![active], inactive));
    }
}

#[test]
fn ctrl_d_and_ctrl_c_at_that_question_leave_a_finished_rotation() {
    let told =
        format!("error: cancelled\nhint: the key is rotated; {KEY_ID} stays, inactive: {{*}}\n");
    for (key, shows) in [("\x04", "\n"), ("\x03", "^C\n")] {
        let scene = signed_in(alice());
        let mut terminal = terminal(&scene, &[]).start();
        terminal.sees("[y/N] ");
        terminal.presses(key);
        terminal.ends(130, &format!("{}{shows}{told}", shown()));
        let active = works(&scene.aws, &scene.home.read_credentials(), "dev");
        assert_eq!(ids(&scene.aws), (vec![active], vec![KEY_ID.to_owned()]));
        rotate(&scene, &["--undo", "-q"]).run();
    }
}

#[test]
fn the_code_is_asked_for_before_anything_is_created() {
    let scene = Scene::with(alice().start());
    let mut terminal = terminal(&scene, &["--delete-old"]).start();
    terminal.sees(PROMPT);
    assert!(!scene.aws.actions().contains(&CREATE.to_owned()));
    let code = scene.aws.code("alice");
    terminal.types(&code);
    terminal.ends(
        0,
        &formatdoc! {"
            {BEGIN}rotating an access key needs MFA
            {PROMPT}{code}
            created access key AKIA{{*}}
            waiting for AWS to accept AKIA{{*}}, usually about 15 s, 90 s at most
            profile dev now uses AKIA{{*}}
            deactivated {KEY_ID}
            deleted access key {KEY_ID}
        "},
    );
}

#[test]
fn a_second_key_older_than_a_day_is_deleted_only_after_a_yes() {
    let builder = || {
        let two = alice().key(OTHER_ID, "another/secret");
        two.created_at("2024-01-02T03:04:05Z").inactive()
    };
    let question = format!(
        "{BEGIN}alice has two access keys, as many as AWS allows: delete {OTHER_ID} (inactive, created 2 Jan 2024, 03:04, never used{LATE}) and create a new one? [y/N] "
    );
    let scene = signed_in(builder());
    let before = snapshot(&scene.home);
    let mut asks = terminal(&scene, &[]).start();
    asks.sees("[y/N] ");
    asks.types("");
    asks.ends(130, &format!("{question}\nerror: cancelled\n"));
    assert_eq!(snapshot(&scene.home), before);
    assert_eq!(scene.aws.keys().len(), 2);
    let mut asks = terminal(&scene, &["--delete-old"]).start();
    asks.sees("[y/N] ");
    asks.types("y");
    asks.ends(
        0,
        &format!(
            "{question}y\ndeleted access key {OTHER_ID}\n{}deleted access key {KEY_ID}\n",
            rotated()
        ),
    );
    let active = works(&scene.aws, &scene.home.read_credentials(), "dev");
    assert_eq!(ids(&scene.aws), (vec![active], vec![]));
}

#[test]
fn a_key_with_a_lost_secret_is_offered_for_deletion_and_another_one_created() {
    for (fault, first) in [
        (Fault::LoseAnswer, true),
        (Fault::CutXml, true),
        (Fault::LoseAnswer, false),
    ] {
        let scene = signed_in(alice());
        scene.aws.fault(CREATE, fault);
        if !first {
            // The answer is lost in a run in which nobody can be asked.
            let run = rotate(&scene, &[]).status(1);
            run.check_stderr(|_| {}).run();
        }
        let mut asks = terminal(&scene, &["--delete-old"]).start();
        asks.sees("[y/N] ");
        let lost = ids(&scene.aws).0.pop().expect("the lost one");
        assert_eq!(scene.aws.keys().len(), 2);
        asks.types("y");
        let looking = match first {
            true => "no usable answer to iam:CreateAccessKey from {*}; looking for the key\n",
            false => "",
        };
        asks.ends(0, &formatdoc! {"
            {BEGIN}{looking}an earlier run may have created {lost} (active, created {{*}}, never used{LATE}) and lost its secret: delete it and create another? [y/N] y
            deleted access key {lost}
            {}deleted access key {KEY_ID}
        ", rotated()});
        let active = works(&scene.aws, &scene.home.read_credentials(), "dev");
        assert_eq!(ids(&scene.aws), (vec![active], vec![]));
    }
}

#[test]
fn a_key_replaced_today_is_offered_for_deletion_and_a_no_changes_nothing() {
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    age(&scene, 2);
    let before = snapshot(&scene.home);
    let mut asks = terminal(&scene, &[]).start();
    asks.sees("[y/N] ");
    asks.types("n");
    let question = format!(
        "{BEGIN}alice has two access keys, as many as AWS allows; profile dev no longer uses {KEY_ID} (inactive, created {{*}}{LATE}): delete it and create a new key? [y/N] "
    );
    asks.ends(130, &format!("{question}n\nerror: cancelled\n"));
    assert_eq!(snapshot(&scene.home), before);
    let mut asks = terminal(&scene, &[]).start();
    asks.sees("[y/N] ");
    asks.types("y");
    asks.sees("the old key");
    asks.sees("[y/N] ");
    asks.types("n");
    let second = works(&scene.aws, &scene.home.read_credentials(), "dev");
    let end = rotated().replace(&format!("deactivated {KEY_ID}"), "deactivated AKIA{*}");
    asks.ends(0, &format!("{question}y\ndeleted access key {KEY_ID}\n{end}delete the old key AKIA{{*}} now ({{*}})? [y/N] n\nAKIA{{*}} stays, inactive: {{*}}\n"));
    assert_eq!(ids(&scene.aws).0, [second]);
}

#[test]
fn ctrl_c_while_it_waits_for_aws_says_how_to_continue() {
    for (action, hint) in [
        (
            CREATE,
            "a key may have been created: `awsmfa rotate --profile dev` continues from here",
        ),
        (
            super::WHO,
            "profile dev keeps its key; the new one is waiting beside it in [dev], and `awsmfa rotate --profile dev` continues from here",
        ),
    ] {
        let scene = signed_in(alice());
        let number = if action == CREATE { 3 } else { 4 };
        scene.aws.fault_at(number, Fault::Silent);
        let before = scene.aws.requests().len();
        let mut asks = terminal(&scene, &[]).start();
        crate::scene::wait_until("the request", || {
            scene.aws.requests().len() >= before + number
        });
        asks.presses("\x03");
        let shown = match action {
            CREATE => BEGIN.to_owned(),
            _ => format!(
                "{BEGIN}created access key AKIA{{*}}\nwaiting for AWS to accept AKIA{{*}}, usually about 15 s, 90 s at most\n"
            ),
        };
        asks.ends(130, &format!("{shown}^C\nerror: cancelled\nhint: {hint}\n"));
        works(&scene.aws, &scene.home.read_credentials(), "dev");
        rotate(&scene, &["-q"]).run();
    }
}
