//! Goes through the cases in which AWS's SDKs show their rules for chains of roles, and shows that a
//! sign-in follows the same way: to the same keys and through the same roles, or to a refusal.
//!
//! The cases are those of `aws-config/test-data/assume-role-tests.json` in smithy-lang/smithy-rs
//! and awslabs/aws-sdk-rust (commit 6671903771f4), told in our own words. Where the SDKs would go on
//! without long-term keys, awsmfa refuses.

use super::ASSUME;
use crate::scene::{ISSUE, SERIAL, Scene, alice};
use crate::support::aws::{KEY_ID, SECRET_KEY};

/// What becomes of a sign-in to profile A.
enum Outcome {
    /// The keys marked RIGHT sign in, and these roles are assumed in turn; the last request has
    /// this parameter.
    Roles(
        &'static [&'static str],
        Option<(&'static str, &'static str)>,
    ),
    /// It is refused with this in its first line.
    Refused(&'static str),
}
use Outcome::{Refused, Roles};

const RIGHT: &str = "RIGHT";
const WRONG: &str = "WRONG";
const WRONG_ID: &str = "AKIAI44QH8DHBEXAMPLE";

/// The title of each case, its profiles in the form of the config file, and what becomes of A.
/// `KEYS RIGHT` stands for both lines of a pair, `ROLE X` for the line of a role.
const CASES: &[(&str, &str, Outcome)] = &[
    (
        "a role is reached with the keys of its source",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\nKEYS RIGHT\n",
        Roles(&["RoleA"], None),
    ),
    (
        "the keys beside the role that is asked for do not count",
        "[profile A]\nKEYS WRONG\nROLE A\nsource_profile = B\n[profile B]\nKEYS RIGHT\n",
        Roles(&["RoleA"], None),
    ),
    (
        "the name of the role's session is sent",
        "[profile A]\nROLE A\nrole_session_name = mine\nsource_profile = B\n[profile B]\nKEYS RIGHT\n",
        Roles(&["RoleA"], Some(("RoleSessionName", "mine"))),
    ),
    (
        "the external id is sent",
        "[profile A]\nROLE A\nexternal_id = my-id\nsource_profile = B\n[profile B]\nKEYS RIGHT\n",
        Roles(&["RoleA"], Some(("ExternalId", "my-id"))),
    ),
    (
        "a profile is its own source: its keys, and then its role",
        "[profile A]\nKEYS RIGHT\nROLE A\nsource_profile = A\n",
        Roles(&["RoleA"], None),
    ),
    (
        "the machine is the source",
        "[profile A]\nROLE A\ncredential_source = Ec2InstanceMetadata\n",
        Refused("from the machine it runs on (credential_source)"),
    ),
    (
        "a role without any source",
        "[profile A]\nROLE A\n",
        Refused("profile A names a role (role_arn) but no source_profile"),
    ),
    (
        "a role with both kinds of source",
        "[profile A]\nROLE A\ncredential_source = Environment\nsource_profile = B\n[profile B]\nKEYS RIGHT\n",
        Refused("profile A sets both source_profile and credential_source"),
    ),
    (
        "a source without its secret",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n",
        Refused("profile B holds only half a key: aws_secret_access_key is missing"),
    ),
    (
        "a source without its id",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\naws_secret_access_key = abc123\n",
        Refused("profile B holds only half a key: aws_access_key_id is missing"),
    ),
    (
        "an empty source",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\n",
        Refused("profile B holds no access key"),
    ),
    (
        "nothing about credentials",
        "[profile A]\nec2_metadata_service_endpoint_mode = IPv6\n",
        Refused("profile A holds no access key"),
    ),
    (
        "a source that is not there",
        "[profile A]\nROLE A\nsource_profile = B\n",
        Refused("source_profile of profile A names profile B, which is not in the AWS files"),
    ),
    (
        "no profile at all",
        "",
        Refused("there is no profile A in the AWS files"),
    ),
    (
        "a role behind a role",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\nROLE B\nsource_profile = C\n[profile C]\nKEYS RIGHT\n",
        Roles(&["RoleB", "RoleA"], None),
    ),
    (
        "the first source with keys ends the chain, whatever role it names",
        "[profile A]\nROLE A\nKEYS WRONG\nsource_profile = B\n[profile B]\nROLE B\nsource_profile = C\nKEYS RIGHT\n[profile C]\nKEYS WRONG\n",
        Roles(&["RoleA"], None),
    ),
    (
        "two roles in a circle",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\nROLE B\nsource_profile = A\n",
        Refused("source_profile goes in a circle: A, B, A"),
    ),
    (
        "keys where the circle began do not end it",
        "[profile A]\nROLE A\nKEYS WRONG\nsource_profile = B\n[profile B]\nROLE B\nsource_profile = A\n",
        Refused("source_profile goes in a circle: A, B, A"),
    ),
    (
        "a web identity token",
        "[profile A]\nROLE A\nweb_identity_token_file = /var/token.jwt\n",
        Refused("from a web identity token (web_identity_token_file)"),
    ),
    (
        "a web identity token with a session name",
        "[profile A]\nROLE A\nweb_identity_token_file = /var/token.jwt\nrole_session_name = some\n",
        Refused("from a web identity token (web_identity_token_file)"),
    ),
    (
        "a web identity token without a role",
        "[profile A]\nweb_identity_token_file = /var/token.jwt\n",
        Refused("from a web identity token (web_identity_token_file)"),
    ),
    (
        "a web identity token as source",
        "[profile A]\nROLE A\nsource_profile = B\n[profile B]\nROLE B\nweb_identity_token_file = /var/token.jwt\nrole_session_name = some\n",
        Refused("profile B gets its credentials from a web identity token"),
    ),
    (
        "IAM Identity Center",
        "[profile A]\nsso_account_id = 0123\nsso_region = us-east-7\nsso_role_name = r\nsso_start_url = https://foo.bar\n",
        Refused("from IAM Identity Center (sso_start_url)"),
    ),
    (
        "half of IAM Identity Center",
        "[profile A]\nsso_region = us-east-7\nsso_role_name = r\nsso_start_url = https://foo.bar\n",
        Refused("from IAM Identity Center (sso_start_url)"),
    ),
];

/// The text of a config file.
fn config(profiles: &str) -> String {
    let keys = |id: &str, secret: &str| {
        format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}")
    };
    profiles
        .replace(&format!("KEYS {RIGHT}"), &keys(KEY_ID, SECRET_KEY))
        .replace(&format!("KEYS {WRONG}"), &keys(WRONG_ID, "bug/if/used"))
        .replace("ROLE ", "role_arn = arn:aws:iam::123456789012:role/Role")
}

#[test]
fn a_chain_of_roles_is_what_the_sdks_of_aws_make_of_it() {
    for (title, profiles, outcome) in CASES {
        let aws = alice().role("RoleB").needs_mfa().role("RoleA");
        let scene = Scene::with(aws.start())
            .config(config(profiles))
            .credentials("");
        let args = ["-p", "A", "--mfa-serial", SERIAL, "-q"];
        match outcome {
            Roles(roles, param) => {
                println!("{title}");
                let mut actions = vec![ISSUE];
                actions.extend(vec![ASSUME; roles.len()]);
                scene.works(scene.login(&args), "", &actions);
                let requests = scene.aws.requests();
                assert_eq!(requests[0].access_key_id, KEY_ID, "{title}");
                let asked = requests[1..].iter().map(|it| it.call.param("RoleArn"));
                let asked: Vec<&str> = asked
                    .flatten()
                    .filter_map(|arn| arn.rsplit('/').next())
                    .collect();
                assert_eq!(asked, *roles, "{title}");
                let last = requests.last().expect("there are some");
                if let Some((name, value)) = param {
                    assert_eq!(last.call.param(name), Some(*value), "{title}");
                }
            }
            Refused(why) => {
                let stderr = format!("error: {{*}}{why}{{*}}\nhint: {{*}}\n");
                println!("{title}");
                scene.refuses(scene.login_with_tripwire(&args), 1, &stderr);
            }
        }
    }
}
