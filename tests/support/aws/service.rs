//! Handles one request: logs it, lets a fault spoil it, authenticates it and passes it to its service.
//! It never touches a connection.

use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use hyper::http::request::Parts;

use super::account::Account;
use super::clock::Clock;
use super::fault::{Fault, Faults};
use super::policy::Denial;
use super::query::{self, ApiError, Call, Service};
use super::signature::Signature;
use super::{iam, sts};

/// The state that the server's thread and a test share.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    account: Mutex<Account>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    connections: usize,
}

/// A request that the stand-in received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) call: Call,
    /// Empty if the request was not signed.
    pub(crate) access_key_id: String,
    /// The region in the signature's scope; empty if the request was not signed.
    pub(crate) region: String,
    /// The number of the connection it came on; the first is 1.
    pub(crate) connection: usize,
    pub(crate) user_agent: String,
    /// The stand-in's time.
    pub(crate) at: DateTime<Utc>,
}

/// The answer to send.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Shared {
    pub(crate) fn new(account: Account) -> Self {
        Self {
            clock: Clock::system(),
            account: Mutex::new(account),
            faults: Mutex::default(),
            log: Mutex::default(),
        }
    }

    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().expect("no holder panics")
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().expect("no holder panics")
    }

    /// Every request so far, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log().requests.clone()
    }

    /// The number of connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.log().connections
    }

    /// Counts a connection, and returns its number.
    pub(crate) fn connected(&self) -> usize {
        let mut log = self.log();
        log.connections += 1;
        log.connections
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().expect("no holder panics")
    }

    /// Reads and logs a request, and returns the fault that happens to it.
    pub(crate) fn receive(
        &self,
        head: &Parts,
        body: &[u8],
        connection: usize,
    ) -> Result<(Call, Option<Fault>), ApiError> {
        let call = Call::parse(body)?;
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
        let (access_key_id, region) = Signature::read(head)
            .map(|it| (it.access_key_id, it.region))
            .unwrap_or_default();
        self.log().requests.push(Request {
            call: call.clone(),
            access_key_id,
            region,
            connection,
            user_agent: header("user-agent").unwrap_or_default().to_owned(),
            at: self.clock.now(),
        });
        let fault = self.faults().next(&call.action);
        Ok((call, fault))
    }

    /// Does what the call asks for, unless `fault` says otherwise.
    pub(crate) fn answer(
        &self,
        head: &Parts,
        body: &[u8],
        call: &Call,
        fault: Option<Fault>,
    ) -> Answer {
        if let Some(Fault::NotXml) = fault {
            let page = "<!DOCTYPE html><html><body><h1>Welcome to the hotel</h1><br></body></html>";
            return Answer::new(200, page);
        }
        if let Some(error) = fault.and_then(Fault::error) {
            return Answer::error(&error, call.service);
        }
        let performed = self.perform(head, body, call, fault);
        if let Some(Fault::Gateway(status)) = fault {
            return Answer::new(
                status,
                "<html><body><h1>Gateway Time-out</h1></body></html>",
            );
        }
        match performed {
            Ok(result) => {
                let xml = query::success(call, &result);
                Answer::new(200, fault.map_or(xml.clone(), |fault| fault.spoil(xml)))
            }
            Err(error) => Answer::error(&error, call.service),
        }
    }

    fn perform(
        &self,
        head: &Parts,
        body: &[u8],
        call: &Call,
        fault: Option<Fault>,
    ) -> Result<String, ApiError> {
        let now = self.clock.now();
        let signature = Signature::read(head)?;
        let mut account = self.account();
        account.check_region(&signature.region)?;
        let id = &signature.access_key_id;
        let secret = account.secret(id, signature.session_token.as_deref(), now)?;
        signature.check(head, body, secret, call.service.signing_name(), now)?;
        let caller = account.caller(id, now)?;
        account.note_use(id, call.service.signing_name(), &signature.region, now);
        if let Some(Fault::Denied { explicit }) = fault {
            let arn = account.caller_arn(&caller);
            let action = format!("{}:{}", call.service.signing_name(), call.action);
            let resource = match call.service {
                Service::Sts => arn.clone(),
                Service::Iam => iam::resource(&account, &caller, call),
            };
            let denial = Denial {
                explicit,
                policy: "identity-based policy",
            };
            return Err(ApiError::unauthorized(&arn, &action, &resource, denial));
        }
        let result = match call.service {
            Service::Sts => sts::answer(&mut account, &caller, call, now),
            Service::Iam => iam::answer(&mut account, &caller, call, now),
        }?;
        if let Some(Fault::OutOfSync) = fault
            && let Some(serial) = call.param("SerialNumber")
        {
            account.lose_sync(serial);
        }
        Ok(result)
    }
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            body: body.into(),
        }
    }

    /// The answer with an error.
    pub(crate) fn error(error: &ApiError, service: Service) -> Self {
        Self::new(error.status, error.xml(service))
    }
}
