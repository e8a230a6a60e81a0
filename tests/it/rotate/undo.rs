//! Tests `rotate --undo`: the earlier key is activated and used again.

use indoc::formatdoc;

use super::{LIST, UPDATE, WHO, ids, rotate, signed_in, value, works};
use crate::scene::alice;
use crate::support::aws::{Fault, KEY_ID, SECRET_KEY};

#[test]
fn the_old_key_is_restored_and_can_be_replaced_again() {
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    let new = works(&scene.aws, &scene.home.read_credentials(), "dev");
    let told = formatdoc! {"
        activated {KEY_ID} again
        profile dev now uses {KEY_ID}
        deactivated {new}
        {new} stays, inactive: `awsmfa rotate --undo --profile dev` goes back to it, `awsmfa rotate --delete-old --profile dev` deletes it, and so does a rotation after {{*}}
    "};
    let requests = [WHO, LIST, UPDATE, WHO, WHO, UPDATE];
    scene.works(rotate(&scene, &["--undo"]), &told, &requests);
    let credentials = scene.home.read_credentials();
    assert_eq!(works(&scene.aws, &credentials, "dev"), KEY_ID);
    assert_eq!(
        value(&credentials, "dev", "aws_secret_access_key").as_deref(),
        Some(SECRET_KEY)
    );
    assert_eq!(
        ids(&scene.aws),
        (vec![KEY_ID.to_owned()], vec![new.clone()])
    );
    rotate(&scene, &["--undo", "-q"]).run();
    assert_eq!(
        works(&scene.aws, &scene.home.read_credentials(), "dev"),
        new
    );
}

#[test]
fn a_deleted_key_can_not_be_restored() {
    let scene = signed_in(alice());
    let told = "error: profile dev has no previous access key to go back to\n";
    scene.fails(rotate(&scene, &["--undo"]), 1, told, &[WHO]);
    rotate(&scene, &["--delete-old", "-q"]).run();
    scene.fails(rotate(&scene, &["--undo"]), 1, told, &[WHO]);
    // Somebody else has deleted it.
    let scene = signed_in(alice());
    rotate(&scene, &["-q"]).run();
    scene.aws.delete_key(KEY_ID);
    let told = format!(
        "error: the previous access key {KEY_ID} has been deleted: there is nothing to go back to\n"
    );
    scene.fails(rotate(&scene, &["--undo"]), 1, &told, &[WHO, LIST]);
}

#[test]
fn an_interrupted_undo_is_finished_or_reversed() {
    for again in [&["--undo"][..], &[]] {
        let scene = signed_in(alice());
        rotate(&scene, &["-q"]).run();
        let new = works(&scene.aws, &scene.home.read_credentials(), "dev");
        // After who, list and the activation.
        for number in 4..=5 {
            scene.aws.fault_at(number, Fault::Status(500));
        }
        scene
            .aws
            .fault_always(WHO, Fault::Denied { explicit: true });
        rotate(&scene, &["--undo"])
            .status(5)
            .check_stderr(|_| {})
            .run();
        scene.aws.heal();
        works(&scene.aws, &scene.home.read_credentials(), "dev");
        let run = rotate(&scene, again);
        if again.is_empty() {
            // A key that somebody has activated again is not deactivated unasked.
            run.status(1).check_stderr(|_| {}).run();
            assert_eq!(
                works(&scene.aws, &scene.home.read_credentials(), "dev"),
                new
            );
        } else {
            run.check_stderr(|_| {}).run();
            let id = works(&scene.aws, &scene.home.read_credentials(), "dev");
            assert_eq!(id, KEY_ID);
            assert_eq!(ids(&scene.aws), (vec![KEY_ID.to_owned()], vec![new]));
        }
    }
}
