//! Gives the targets in `fuzz/` what they drive: documents, the recovery of a file, answers of AWS. It
//! is compiled only with `cfg(fuzzing)`, so no release contains it, and it decides nothing itself.

use crate::aws::{Aws, Fault, Owner, settings};
use crate::code::Code;
use crate::exit::Failure;
use crate::ini::{self, FileKind};
use crate::store::{AwsFile, Meaning, Mode};
use crate::value::{Keys, Lifetime, Session};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// An AWS file, as our own reader reads it.
pub struct Document(ini::Document);

/// The place of a new section.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    End,
    Start,
    AfterFirst,
}

impl Document {
    pub fn parse(bytes: &[u8]) -> Self {
        Self(ini::Document::parse(bytes))
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Every section, key and value.
    pub fn contents(&self) -> Vec<(String, String, String)> {
        let of = |section: &str| -> Vec<_> {
            let keys = self.0.keys(section);
            let value = |key: &str| self.0.get(section, key).unwrap_or_default().into_owned();
            keys.map(|key| (section.to_owned(), key.to_string(), value(&key)))
                .collect()
        };
        self.0.sections().flat_map(of).collect()
    }

    /// Sets (`Some`) and removes (`None`) keys of one section. `None` if the edit is refused.
    pub fn edited(
        &self,
        section: &str,
        changes: &[(String, Option<String>)],
        place: Place,
        emptied_stays: bool,
    ) -> Option<Self> {
        let edit = ini::Edit {
            section: section.to_owned(),
            changes: changes.to_vec(),
        };
        let place = match (place, self.0.sections().next()) {
            (Place::End, _) => ini::Place::End,
            (Place::AfterFirst, Some(first)) => ini::Place::After(first.to_owned()),
            (Place::Start | Place::AfterFirst, _) => ini::Place::Start,
        };
        let edited = self.0.edited(&[edit], &place, |_| emptied_stays);
        edited.ok().map(Self)
    }
}

/// Recovers what a killed run left, as every run does before it edits an AWS file.
pub fn recover(path: &Path) {
    let meaning = Meaning {
        is_secret: |_| true,
        header_counts: |_, _| false,
    };
    let file = AwsFile::new(FileKind::Credentials, path.to_owned(), meaning);
    // A failed recovery is an error message; what it leaves behind is for the target to judge.
    let _ = file.update(Mode::Rehearse, &mut |_| Ok(Vec::new()));
}

/// A call to AWS.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    GetSessionToken,
    GetCallerIdentity,
    GetAccessKeyInfo,
    ListMfaDevices,
}

/// The result of an answer.
#[derive(Debug)]
pub enum Outcome {
    /// Values that are written to files and handed to programs.
    Accepted(Vec<String>),
    /// The texts that a user sees: message, hint, detail.
    Refused(Vec<String>),
}

/// AWS, reached at an endpoint on this machine over one connection.
pub struct Client {
    aws: Aws,
    runtime: Runtime,
}

impl Client {
    pub fn new(endpoint: &str) -> Self {
        let find = |name: &str| {
            let value = match name {
                "AWS_ENDPOINT_URL" => endpoint,
                // A hostile answer need not be asked for twice.
                "AWS_MAX_ATTEMPTS" => "1",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let sources = settings::Sources {
            env: &find,
            is_set: &|_| false,
            profile: &|_| None,
            service: &|_, _| None,
            region_flag: None,
            partition: None,
        };
        let settings = settings::Settings::resolve(&sources).expect("an endpoint on this machine");
        let keys = Keys {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: SecretString::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: None,
        };
        Self {
            aws: Aws::new(&settings, &keys).expect("no bundle is asked for"),
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        }
    }

    /// Makes the call and returns what became of its answer.
    pub fn ask(&self, operation: Operation) -> Outcome {
        let answer = self.runtime.block_on(self.answer(operation));
        answer.map_or_else(
            |fault| {
                let Failure {
                    message,
                    hint,
                    detail,
                    ..
                } = fault.into();
                Outcome::Refused(
                    [Some(message), hint, detail]
                        .into_iter()
                        .flatten()
                        .collect(),
                )
            },
            Outcome::Accepted,
        )
    }

    async fn answer(&self, operation: Operation) -> Result<Vec<String>, Fault> {
        Ok(match operation {
            Operation::GetSessionToken => {
                let serial = "arn:aws:iam::123456789012:mfa/alice".parse();
                let serial = serial.expect("a serial");
                let code = Code::parse("492039").expect("a code");
                let lifetime = Lifetime::seconds(3600);
                let session = self.aws.get_session_token(&serial, &code, lifetime).await?;
                parts(&session)
            }
            Operation::GetCallerIdentity => {
                let identity = self.aws.get_caller_identity().await?;
                let arn = identity.arn.as_str().to_owned();
                vec![identity.account, identity.user_id, arn]
            }
            Operation::GetAccessKeyInfo => {
                let id = "AKIAIOSFODNN7EXAMPLE";
                vec![self.aws.get_access_key_info(id).await?]
            }
            Operation::ListMfaDevices => {
                let devices = self.aws.list_mfa_devices(Owner::User("alice")).await?;
                let serials = devices.iter().map(|it| it.serial.as_str().to_owned());
                serials.collect()
            }
        })
    }
}

/// Id, secret, token, end.
fn parts(session: &Session) -> Vec<String> {
    let keys = &session.keys;
    let token = keys.session_token.as_ref().expect("a session has a token");
    let end = session.expiration.expect("it ends");
    vec![
        keys.access_key_id.clone(),
        keys.secret_access_key.expose_secret().to_owned(),
        token.expose_secret().to_owned(),
        end.to_rfc3339(),
    ]
}
