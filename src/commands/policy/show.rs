//! Runs the command `policy show`: prints a document in a format, or in plain words. It attaches nothing.

use super::choices::{RuleOptions, TagOptions};
use super::place::{Hints, Needs};
use crate::commands::common::{Common, RegionOption};
use crate::exit::{Exit, Failure, Result};
use crate::policy::{
    self, Account, Boundary, Given, MaxAge, Partition, Policy, RolePath, UserPath,
};
use crate::world::Context;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  awsmfa policy show force-mfa --max-age 12h
  awsmfa policy show force-mfa --scp --path /people/   for an organization
  awsmfa policy show create-role --path /app/
  awsmfa policy show role-boundary                     what create-role needs
  awsmfa policy show manage-mfa --explain
  awsmfa policy show manage-mfa --format terraform > manage-mfa.tf";

/// Print a policy document, or explain it
///
/// The document names your account: the one of the profile's MFA device, otherwise AWS is asked.
/// Templates for CloudFormation and Terraform look up the account themselves, so they are right in
/// every account.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The document
    #[arg(value_name = "NAME")]
    name: Name,

    /// Explain each statement instead, and what the policy can't do
    #[arg(long, conflicts_with = "format")]
    explain: bool,

    /// The output format; by default json
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    #[command(flatten)]
    rules: RuleOptions,

    /// Print force-mfa as a service control policy, for an organization
    #[arg(long)]
    scp: bool,

    /// The path of roles (create-role) or of users (--scp)
    ///
    /// By default /awsmfa/ for roles, and / (all of them) for users. The path of roles can't be /: it must
    /// hold only roles that have the boundary.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,

    /// The name of role-boundary, with its path; by default awsmfa-role-boundary
    #[arg(long, value_name = "NAME")]
    boundary: Option<Boundary>,

    #[command(flatten)]
    tag: TagOptions,

    /// The account number; * means any, where possible
    #[arg(long, value_name = "NUMBER")]
    account: Option<Account>,

    /// The partition: aws, aws-cn, aws-us-gov, …
    ///
    /// Otherwise that of the MFA device, the region or the keys.
    #[arg(long, value_name = "NAME")]
    partition: Option<Partition>,

    #[command(flatten)]
    region: RegionOption,
}

/// The documents by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    ForceMfa,
    ManageMfa,
    RequireMfa,
    ReadOnly,
    Ec2Restrict,
    CreateRole,
    RoleBoundary,
    RoleTrust,
}

impl Name {
    /// The document where nothing is chosen.
    fn usual(self) -> Policy {
        let all = Policy::all();
        let [
            force,
            _,
            manage,
            require,
            read,
            ec2,
            create,
            boundary,
            trust,
        ] = all;
        match self {
            Self::ForceMfa => force,
            Self::ManageMfa => manage,
            Self::RequireMfa => require,
            Self::ReadOnly => read,
            Self::Ec2Restrict => ec2,
            Self::CreateRole => create,
            Self::RoleBoundary => boundary,
            Self::RoleTrust => trust,
        }
    }
}

impl ValueEnum for Name {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::ForceMfa,
            Self::ManageMfa,
            Self::RequireMfa,
            Self::ReadOnly,
            Self::Ec2Restrict,
            Self::CreateRole,
            Self::RoleBoundary,
            Self::RoleTrust,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let policy = self.usual();
        Some(PossibleValue::new(policy.name()).help(policy.purpose()))
    }
}

/// What is printed of a document.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The document, as IAM takes it
    Json,
    /// A template that is right in every account of a StackSet
    Cloudformation,
    /// A resource that is right in every account
    Terraform,
    /// AWS CLI commands that create it
    Cli,
}

impl Show {
    /// The document that was asked for. Fails where an option is not for it.
    fn policy(&self) -> Result<Policy> {
        self.check_options()?;
        let boundary = self.boundary.clone().unwrap_or_else(Boundary::usual);
        let rules = self.rules.rules();
        Ok(match self.name {
            Name::ForceMfa if self.scp => {
                let path = parsed(self.path.as_deref())?;
                Policy::ForceMfaScp(rules, path.unwrap_or_else(UserPath::all))
            }
            Name::ForceMfa => Policy::ForceMfa(rules),
            Name::ManageMfa => Policy::ManageMfa(rules),
            Name::RequireMfa => Policy::RequireMfa(rules.max_age),
            Name::ReadOnly => Policy::ReadOnly,
            Name::Ec2Restrict => Policy::Ec2Restrict(self.tag.tag()),
            Name::CreateRole => {
                let path = parsed(self.path.as_deref())?;
                Policy::CreateRole(path.unwrap_or_else(RolePath::usual), boundary)
            }
            Name::RoleBoundary => Policy::RoleBoundary(boundary),
            Name::RoleTrust => Policy::RoleTrust(rules.max_age.unwrap_or(MaxAge::HOUR)),
        })
    }

    /// An option that does not apply is a mistake: the person expects something else of the document.
    fn check_options(&self) -> Result<()> {
        use Name::{
            CreateRole, Ec2Restrict, ForceMfa, ManageMfa, RequireMfa, RoleBoundary, RoleTrust,
        };
        let enrolment = [ForceMfa, ManageMfa].as_slice();
        let with_age = [ForceMfa, ManageMfa, RequireMfa, RoleTrust].as_slice();
        let with_path: &[Name] = if self.scp {
            &[ForceMfa, CreateRole]
        } else {
            &[CreateRole]
        };
        let options = [
            ("--max-age", self.rules.max_age.is_some(), with_age),
            (
                "--allow-password-change",
                self.rules.allow_password_change,
                enrolment,
            ),
            (
                "--allow-console-enrolment",
                self.rules.allow_console_enrolment,
                enrolment,
            ),
            ("--scp", self.scp, &[ForceMfa]),
            ("--path", self.path.is_some(), with_path),
            (
                "--boundary",
                self.boundary.is_some(),
                &[CreateRole, RoleBoundary],
            ),
            ("--tag-key", self.tag.tag_key.is_some(), &[Ec2Restrict]),
            ("--tag-value", self.tag.tag_value.is_some(), &[Ec2Restrict]),
        ];
        for (flag, is_given, names) in options {
            if is_given && !names.contains(&self.name) {
                let names: Vec<_> = names.iter().map(|it| it.usual().name()).collect();
                let name = self.name.usual().name();
                let hint = match (flag, self.name) {
                    ("--path", ForceMfa) => {
                        "it applies to create-role, and to force-mfa with --scp".to_owned()
                    }
                    _ => format!("it applies to {}", names.join(", ")),
                };
                let message = format!("{flag} does not apply to {name}");
                return Err(Failure::new(Exit::Usage, message).hint(hint));
            }
        }
        Ok(())
    }

    fn given(&self) -> Given {
        Given {
            partition: self.partition.clone(),
            account: self.account.clone(),
        }
    }
}

/// A path that was given, as the document needs it.
fn parsed<T: std::str::FromStr<Err = String>>(path: Option<&str>) -> Result<Option<T>> {
    let parsed = path.map(str::parse).transpose();
    parsed.map_err(|why| Failure::new(Exit::Usage, format!("--path: {why}")))
}

/// Prints the document.
pub(super) async fn run(show: Show, common: Common, context: Context) -> Result<()> {
    let policy = show.policy()?;
    let given = show.given();
    if policy.needs_one_account() && given.account.as_ref().is_some_and(Account::is_any) {
        let name = policy.name();
        let message = format!("{name} needs one account, not --account *");
        return Err(Failure::new(Exit::Usage, message).hint(
            "give the number, or use --format cloudformation or terraform, which look it up",
        ));
    }
    let format = show.format.unwrap_or(Format::Json);
    let text = match format {
        _ if show.explain => policy::explain(&policy, &given),
        Format::Cloudformation => policy::template(&policy, &given),
        Format::Terraform => policy::resource(&policy, &given),
        Format::Json | Format::Cli => {
            let is_cli = matches!(format, Format::Cli);
            let needs = Needs {
                account: policy.names_account(),
                partition: policy.names_partition() || is_cli,
            };
            let hints = Hints {
                given,
                profile: common.profile,
                region: show.region.region,
            };
            let place = hints.find(needs, context).await?;
            if is_cli {
                policy::commands(&policy, &place)
            } else {
                policy::json(&policy, &place)
            }
        }
    };
    context.ui.data(&text)
}
