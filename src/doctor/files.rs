//! Checks both AWS files: whether they are there, read by every tool, private, writable, and free of what
//! killed runs leave. It leaves what they hold to the others.

use super::finding::{Finding, Level};
use super::scene::{CREDENTIALS, Scene};
use crate::caller::keys;
use crate::profile::header;
use crate::store::Inspection;

/// No more of one kind of trouble is told.
const MOST: usize = 3;

pub(super) fn check(scene: &Scene) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &scene.files {
        Err(failure) => {
            let failure = failure.clone();
            findings.push(Finding::failure(Level::Bad, "files", failure));
        }
        Ok(files) => findings.extend(
            files
                .warning()
                .map(|warning| Finding::warning("files", warning)),
        ),
    }
    let has_keys = keys::of_environment(scene.context.env).is_ok_and(|keys| keys.is_some());
    for (subject, inspection) in &scene.inspections {
        findings.extend(of_file(subject, inspection, has_keys));
    }
    let odd = header::all_wrong(scene.profiles()).into_iter().take(MOST);
    findings.extend(odd.map(|header| {
        Finding::warning("files", header.to_string())
            .hint("fix that header: no AWS tool reads what is below it")
    }));
    findings
}

fn of_file(
    subject: &'static str,
    inspection: &Inspection,
    has_keys_elsewhere: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let named = inspection.named.as_deref();
    match (&inspection.document, named) {
        (Err(failure), _) => {
            findings.push(Finding::failure(Level::Bad, subject, failure.clone()));
        }
        (Ok(_), Some(named)) if inspection.is_there => {
            let how = match inspection.has_other_names {
                true => "; it has another name (a hard link), so it is written in place",
                false => "",
            };
            // What is the matter with it says enough.
            if inspection.troubles.is_empty() {
                let text = format!("all tools can read {named}{how}");
                findings.push(Finding::good(subject, text));
            }
        }
        (Ok(_), Some(named)) if inspection.troubles.is_empty() => {
            let text = format!("{named} does not exist");
            findings.push(match subject == CREDENTIALS && !has_keys_elsewhere {
                true => Finding::warning(subject, text)
                    .hint("store an access key in it with `awsmfa setup`"),
                false => Finding::good(subject, format!("{text}, which is the same as empty")),
            });
        }
        (Ok(_), _) => {}
    }
    let troubles = inspection.troubles.iter();
    findings.extend(troubles.map(|trouble| Finding::trouble(subject, trouble)));
    findings
}
