//! Checks by a trace in which order a login writes to the disk: a power cut can't be tried here, but its
//! effect depends on that order alone. It does not test the disk.

use std::fs;

use crate::scene::{Scene, Version, file_calls, need_strace, old_credentials, output_text, traced};
use crate::support::home::Home;

const CALLS: [&str; 5] = ["open", "fsync", "rename", "write", "unlink"];

/// What the calls of a login in `home` do to the folder of the files and its contents, in order: `sync`
/// and the name of what is synced, `rename`, `write` of the credentials file itself, or `unlink`.
fn steps(scene: &Scene, home: &Home) -> Vec<String> {
    need_strace();
    let renewal = scene.renewal(home);
    let (output, trace) = traced(home, &renewal.command, &CALLS, None);
    assert!(output.status.success(), "{}", output_text(&output));
    assert_eq!(
        scene.version(home, old_credentials(), &renewal.serial),
        Version::New
    );
    let folder = home.path().join(".aws");
    let folder = folder.to_str().expect("UTF-8");
    // The file of each descriptor, from when it was last opened.
    let mut open: Vec<(&str, &str)> = Vec::new();
    let mut steps = Vec::new();
    for call in file_calls(&trace, &CALLS) {
        let (arguments, result) = call.line.rsplit_once(" = ").unwrap_or((call.line, ""));
        let path = arguments.split('"').nth(1);
        let descriptor = arguments
            .split_once('(')
            .and_then(|(_, it)| it.split([',', ')']).next());
        let is_open = |it: &&(&str, &str)| Some(it.0) == descriptor;
        let file = open.iter().rev().find(is_open).map(|(_, path)| *path);
        let is_here = |path: &Option<&str>| path.is_some_and(|it| it.starts_with(folder));
        match call.deed {
            "open" => open.extend(path.map(|path| (result, path))),
            "fsync" => steps.extend(file.filter(|it| is_here(&Some(it))).map(|file| {
                let name = file[folder.len()..].trim_start_matches('/');
                let what = match (name, name.rsplit_once('.')) {
                    ("", _) => "folder",
                    ("credentials", _) => "file",
                    (_, Some((_, ending))) => ending,
                    _ => name,
                };
                format!("sync {what}")
            })),
            "write" if file.is_some_and(|it| it == format!("{folder}/credentials")) => {
                steps.push("write".to_owned());
            }
            "unlink" | "rename" if is_here(&path) => steps.push(call.deed.to_owned()),
            _ => {}
        }
    }
    steps
}

/// The index of `step` in `steps`.
fn at(steps: &[String], step: &str) -> usize {
    let found = steps.iter().position(|it| it == step);
    found.unwrap_or_else(|| panic!("no {step} in {steps:?}"))
}

#[test]
fn the_new_file_is_on_the_disk_before_it_takes_its_place_and_its_name_is_afterwards() {
    let scene = Scene::with_devices(1);
    let home = scene.another_home();
    let steps = steps(&scene, &home);
    let new = at(&steps, "sync tmp");
    let taken = new + at(&steps[new..], "rename");
    at(&steps[taken..], "sync folder");
}

#[test]
fn old_and_new_bytes_are_on_the_disk_with_their_names_before_a_file_is_written_in_place() {
    let scene = Scene::with_devices(1);
    let home = scene.another_home();
    fs::hard_link(home.credentials_path(), home.path().join("second")).expect("a link");
    let steps = steps(&scene, &home);
    let write = at(&steps, "write");
    let backup = at(&steps, "sync old").max(at(&steps, "sync new"));
    let named = backup + at(&steps[backup..], "sync folder");
    assert!(named < write, "{steps:?}");
    let written = write + at(&steps[write..], "sync file");
    at(&steps[written..], "unlink");
}
