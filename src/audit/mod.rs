//! Judges with AWS's policy simulator what a user could do without MFA, with MFA and with old MFA. It
//! changes nothing at AWS, and nothing in the files except the session that it signs in for.

mod caller;
mod given;
mod judge;
mod order;
mod person;
mod recipe;
mod requests;
mod subject;
mod verdict;

pub(crate) use given::Given;
pub(crate) use judge::{Enrolment, Judged, Row, Step};
pub(crate) use order::{File, GroupName, Order, UserWord, Whom};
pub(crate) use person::Devices;
pub(crate) use recipe::{Answer, Report, audit};
pub(crate) use requests::{Asked, Situation};
pub(crate) use subject::Subject;
pub(crate) use verdict::{Conclusion, Found, Hider, Verdict};
