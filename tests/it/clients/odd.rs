//! Checks that botocore and the AWS SDK for JavaScript read the rest of an odd but real file as before,
//! after awsmfa has edited it.

use indoc::{formatdoc, indoc};
use serde_json::{Map, Value};

use super::{answer, node, python, run_in};
use crate::scene::{KEYS, Scene};
use crate::support::aws::USER;
use crate::support::home::Home;
use crate::support::run::Run;

/// Every profile as botocore reads it, by name.
fn botocore(home: &Home) -> Map<String, Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/client.py");
    let words = [
        python().to_string_lossy().into_owned(),
        script.to_owned(),
        "files".to_owned(),
    ];
    read(home, &words)
}

/// Both files as the SDK for JavaScript reads them; keys are the file's name and the profile's.
fn javascript(home: &Home) -> Map<String, Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/client.cjs");
    let words = [
        node().to_string_lossy().into_owned(),
        script.to_owned(),
        "files".to_owned(),
    ];
    let files = read(home, &words);
    let profiles = files.iter().flat_map(|(file, profiles)| {
        let profiles = profiles.as_object().expect("a file is an object");
        profiles
            .iter()
            .map(move |(name, values)| (format!("{file} {name}"), values.clone()))
    });
    profiles.collect()
}

fn read(home: &Home, words: &[String]) -> Map<String, Value> {
    let text = answer(run_in(home, words), &words[1]);
    serde_json::from_str(&text).expect("it is an object")
}

/// Signs in twice (a new section, then an edit of it), signs out, and checks that both readers read the
/// rest as it was.
fn stays_readable(config: &str, credentials: &str) {
    let scene = Scene::with_files(config, credentials);
    let home = &scene.home;
    let before = (botocore(home), javascript(home));
    assert!(
        before.0.contains_key("dev"),
        "botocore reads the file before"
    );
    // The session profile may exist, with the user's own lines.
    let mut rest = before.clone();
    rest.0.remove("dev-mfa");
    for of in ["credentialsFile", "configFile"] {
        rest.1.remove(&format!("{of} dev-mfa"));
    }
    for force in ["--quiet", "--force"] {
        scene
            .login(&["-p", "dev", force])
            .check_stderr(|_| {})
            .run();
        let (mut botocore, mut javascript) = (botocore(home), javascript(home));
        let session = scene.aws.sessions().pop().expect("a session was issued");
        let token = Value::from(session.token);
        let section = botocore
            .remove("dev-mfa")
            .expect("botocore reads the session");
        assert_eq!(section["aws_session_token"], token);
        let section = javascript
            .remove("credentialsFile dev-mfa")
            .expect("so does JavaScript");
        assert_eq!(section["aws_session_token"], token);
        javascript.remove("configFile dev-mfa");
        assert_eq!(
            (botocore, javascript),
            rest,
            "something else changed\n{}",
            home.read_credentials()
        );
    }
    let logout = Run::new(home).args(["logout", "-p", "dev", "--purge"]);
    logout.check_stderr(|_| {}).run();
    assert_eq!((botocore(home), javascript(home)), before, "after logout");
}

#[test]
#[ignore = "needs tests/clients/install"]
fn comments_of_every_kind_stay_readable() {
    stays_readable(
        indoc! {"
            ; of the team
            # [profile not-me]
            [profile dev]
            region = eu-central-1
            #region = us-east-1
            ; [profile dev-mfa]
            output = json

            # the end"},
        &formatdoc! {"
            # [dev-mfa]
            #aws_access_key_id = x

            [dev]
            {KEYS}; note

            [other]
            # in between
            aws_access_key_id=AKIA#NOT;A#COMMENT
            aws_secret_access_key=a%b#c;d\\e\"f
        "},
    );
}

#[test]
#[ignore = "needs tests/clients/install"]
fn windows_line_ends_stay_readable() {
    let config = indoc! {"
        [profile dev]
        region = eu-central-1
        s3 =
          max_concurrent_requests = 20

        [profile after]
        region = us-east-1
    "};
    let credentials = formatdoc! {"
        # mine
        [dev]
        {KEYS}
        [after]
        {KEYS}"};
    let crlf = |text: &str| text.replace('\n', "\r\n");
    stays_readable(&crlf(config), &crlf(&credentials));
}

#[test]
#[ignore = "needs tests/clients/install"]
fn nested_blocks_services_and_sso_sections_stay_readable() {
    stays_readable(
        indoc! {"
            [default]
            region = us-east-1
            s3 =
                max_concurrent_requests = 20
                addressing_style = path

            [profile dev]
            region = eu-central-1
            services = local
            s3 =
              max_queue_size = 1000
            cli_pager =

            [services local]
            dynamodb =
              endpoint_url = http://127.0.0.1:8000

            [sso-session us]
            sso_start_url = https://example.com/start#/
            sso_region = us-east-1

            [profile after]
            sso_session = us
            sso_account_id = 123456789012
            sso_role_name = reader
        "},
        &formatdoc! {"
            [dev]
            {KEYS}s3 =
              signature_version = s3v4
            [default]
            {KEYS}"},
    );
}

#[test]
#[ignore = "needs tests/clients/install"]
fn files_without_spaces_and_without_a_last_line_end_stay_readable() {
    let keys = KEYS.replace(" = ", "=");
    stays_readable(
        "[profile dev]\nregion=eu-central-1",
        &format!("[dev]\n{}", keys.trim_end()),
    );
    stays_readable(
        "[profile dev]\nregion   =   eu-central-1   \n",
        &format!("\n\n\n[dev]\n{}\n\n\n\n", KEYS.replace(" = ", "\t=\t")),
    );
}

#[test]
#[ignore = "needs tests/clients/install"]
fn our_section_in_the_middle_with_the_users_own_lines_stays_readable() {
    let device = format!("arn:aws:iam::123456789012:mfa/{USER}");
    stays_readable(
        indoc! {"
            [profile dev]
            region = eu-central-1
            [profile zoo]
            region = eu-west-1
        "},
        &formatdoc! {"
            [dev]
            {KEYS}mfa_serial = {device}
            [zoo]
            {KEYS}
            # the last word
        "},
    );
}

#[test]
#[ignore = "needs tests/clients/install"]
fn indented_lines_below_each_header_stay_readable() {
    for indent in ["  ", "\t"] {
        let config = indoc! {"
            # mine
            [profile dev]
            >region = eu-central-1
            ># a comment
            >s3 =
            >>addressing_style = path

            >>max_concurrent_requests = 20
            [profile after]
            >region : us-east-1 # no comment
        "};
        let credentials = formatdoc! {"
            [dev]
            {}
            [after]
            >aws_access_key_id = AKIAX
            >>goes = on
            >note = x
        ", KEYS.replace("aws_", ">aws_")};
        stays_readable(
            &config.replace('>', indent),
            &credentials.replace('>', indent),
        );
    }
}

#[test]
#[ignore = "needs tests/clients/install"]
fn indented_headers_with_an_existing_session_profile_stay_readable() {
    let config = "  [profile dev]\n    region = eu-central-1\n  [profile dev-mfa]\n    output = text\n  [profile zoo]\n  region = x\n";
    let keys = KEYS.replace("aws_", "    aws_");
    let credentials =
        format!("  [zoo]\n  k = v\n  [dev-mfa]\n      # mine\n      region = x\n\n  [dev]\n{keys}");
    stays_readable(config, &credentials);
}
