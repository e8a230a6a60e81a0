//! Asks the simulator about one subject, and judges what it says. It decides nothing of what is printed.

use super::caller::{Caller, Needed};
use super::order::Order;
use super::person::Person;
use super::requests::{Asked, GROUPS, On, Should, Situation};
use super::subject::Subject;
use super::verdict::{Conclusion, Found, Hider, Outcome, Row4, Verdict, place};
use crate::aws::{Simulated, Simulation};
use crate::exit::{Exit, Failure, Result};
use std::collections::BTreeSet;

/// Allows everything: beside it shows what policies deny, and what they would deny whatever else is attached.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A request, with what it comes to.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The request.
    pub(crate) asked: Asked,
    /// What the simulator says of it beside a document that allows everything.
    pub(crate) found: Row4,
    /// What that comes to.
    pub(crate) verdict: Verdict,
    /// The same as the policies are, where that was asked.
    pub(crate) today: Option<Today>,
}

/// A request as policies are today.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Today {
    /// What the simulator says of it.
    pub(crate) found: Row4,
    /// What that comes to.
    pub(crate) verdict: Verdict,
}

/// A request that it takes to enrol, with what the simulator says of it beside a document that allows
/// everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// The request.
    pub(crate) asked: Asked,
    /// What the simulator says.
    pub(crate) found: Row4,
    /// What it says of it with a key, as the policies are.
    today: Option<Found>,
}

impl Step {
    /// Whether nothing denies it without MFA.
    pub(crate) fn is_open(&self) -> bool {
        let without = [Situation::WithKey, Situation::WithoutMfa].map(place);
        let mut found = without.iter().map(|it| self.found[*it]);
        found.all(|it| it.outcome == Outcome::Allowed)
    }
}

/// Whether somebody can enrol their first device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// Their policies let them.
    Works,
    /// Nothing denies it, but no policy grants it yet.
    NotGranted,
    /// These actions are denied.
    Denied(Vec<&'static str>),
}

/// A subject, judged.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// The requests that should be closed.
    pub(crate) rows: Vec<Row>,
    /// Whether they can enrol.
    pub(crate) enrolment: Enrolment,
    /// The requests that it takes.
    pub(crate) steps: Vec<Step>,
    /// What is known of them otherwise.
    pub(crate) person: Person,
    /// The keys that the policies ask for, and that no request here has.
    pub(crate) missing: BTreeSet<String>,
}

impl Judged {
    /// Whether the policies enforce MFA.
    pub(crate) fn conclusion(&self) -> Conclusion {
        let each = self.rows.iter().map(|row| row.verdict.conclusion());
        each.max().unwrap_or(Conclusion::CannotTell)
    }

    /// The requests that pass although they should be closed: without MFA, or with old MFA.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Row> {
        let rows = self.rows.iter();
        rows.filter(|row| row.verdict.is_open())
    }

    /// The requests of which it can't be told.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &Row> {
        let rows = self.rows.iter();
        rows.filter(|row| row.verdict.conclusion() == Conclusion::CannotTell)
    }
}

/// How many calls [`judge`] makes at least.
pub(super) fn calls(order: &Order) -> usize {
    let of_all = GROUPS.len() * Situation::ALL.len();
    match order.today {
        true => 2 * of_all,
        false => of_all + 2,
    }
}

/// Asks the simulator about a subject, and judges it. What is known of them otherwise is left open.
pub(super) async fn judge(caller: &Caller, subject: &Subject, order: &Order) -> Result<Judged> {
    let mut judge = Judge {
        caller,
        subject,
        order,
        missing: BTreeSet::new(),
    };
    let mut rows = Vec::new();
    let mut steps = Vec::new();
    for (on, requests) in GROUPS {
        let requests: Vec<Asked> = requests
            .iter()
            .map(|&(action, should)| Asked { action, on, should })
            .collect();
        let beside = judge.ask(on, &requests, true, &Situation::ALL).await?;
        let needed: Vec<Asked> = requests
            .iter()
            .filter(|it| it.should == Should::StayOpen)
            .copied()
            .collect();
        let today = match order.today {
            true => Some(judge.ask(on, &requests, false, &Situation::ALL).await?),
            false => None,
        };
        let granted = match &today {
            Some(today) => requests
                .iter()
                .zip(today)
                .map(|(it, row)| (it.action, row[0]))
                .collect(),
            None if needed.is_empty() => Vec::new(),
            None => {
                let with_key = [Situation::WithKey];
                let rows = judge.ask(on, &needed, false, &with_key).await?;
                let rows = needed.iter().zip(rows);
                rows.map(|(it, row)| (it.action, row[0]))
                    .collect::<Vec<_>>()
            }
        };
        for (number, (asked, found)) in requests.iter().zip(beside).enumerate() {
            if asked.should == Should::StayOpen {
                let today = granted.iter().find(|(action, _)| *action == asked.action);
                steps.push(Step {
                    asked: *asked,
                    found,
                    today: today.map(|(_, found)| *found),
                });
                continue;
            }
            let verdict = |row: &Row4| Verdict::of(row, asked.should, order.max_age.is_some());
            rows.push(Row {
                asked: *asked,
                found,
                verdict: verdict(&found),
                today: today.as_ref().map(|today| Today {
                    found: today[number],
                    verdict: verdict(&today[number]),
                }),
            });
        }
    }
    Ok(Judged {
        rows,
        enrolment: enrolment_of(&steps),
        steps,
        person: Person::default(),
        missing: judge.missing,
    })
}

/// Whether somebody can enrol, by what becomes of each request that it takes.
fn enrolment_of(steps: &[Step]) -> Enrolment {
    let denied = steps.iter().filter(|it| !it.is_open());
    let denied: Vec<_> = denied.map(|it| it.asked.action).collect();
    let is_granted = |step: &Step| step.today.is_some_and(|it| it.outcome == Outcome::Allowed);
    if !denied.is_empty() {
        Enrolment::Denied(denied)
    } else if steps.iter().all(is_granted) {
        Enrolment::Works
    } else {
        Enrolment::NotGranted
    }
}

struct Judge<'a> {
    caller: &'a Caller,
    subject: &'a Subject,
    order: &'a Order,
    missing: BTreeSet<String>,
}

impl Judge<'_> {
    /// What the simulator says of each request in each of `situations`, beside a document that allows
    /// everything or not. Of a situation that is left out it is what the first one says.
    async fn ask(
        &mut self,
        on: On,
        requests: &[Asked],
        beside_everything: bool,
        situations: &[Situation],
    ) -> Result<Vec<Row4>> {
        let actions: Vec<&str> = requests.iter().map(|it| it.action).collect();
        let mut columns = Vec::new();
        for situation in situations {
            columns.push(
                self.simulate(on, &actions, beside_everything, *situation)
                    .await?,
            );
        }
        let rows = (0..requests.len())
            .map(|number| std::array::from_fn(|at| columns.get(at).unwrap_or(&columns[0])[number]));
        Ok(rows.collect())
    }

    async fn simulate(
        &mut self,
        on: On,
        actions: &[&'static str],
        beside_everything: bool,
        situation: Situation,
    ) -> Result<Vec<Found>> {
        let Subject { arn, name, .. } = self.subject;
        let mut documents = self.subject.documents.clone();
        if beside_everything {
            documents.push(EVERYTHING.to_owned());
        }
        let context = situation.context(arn, name, self.caller.region(), self.order.max_age);
        let resource = on.resource(arn, name);
        let simulation = Simulation {
            principal: self.subject.principal.as_ref(),
            documents: &documents,
            actions,
            resource: &resource,
            context: &context,
        };
        let (caller, label) = (self.caller, &self.subject.label);
        let needed = match simulation.principal {
            Some(arn) => Needed::new("iam:SimulatePrincipalPolicy", arn.as_str()),
            None => Needed::new("iam:SimulateCustomPolicy", "*"),
        };
        let answer = caller
            .ask(async |aws| aws.simulate(&simulation).await)
            .await;
        let answer =
            answer.map_err(|fault| needed.explain(fault, &format!("can't check {label}")))?;
        let outcomes = |answer: &[Simulated]| {
            let find = |action: &&str| {
                let simulated = answer.iter().find(|it| it.action == *action);
                simulated
                    .map(|it| Outcome::of(it, beside_everything))
                    .ok_or_else(|| {
                        let text = format!("AWS's simulator said nothing about {action}");
                        Failure::new(Exit::Unreachable, text).hint("try again")
                    })
            };
            actions.iter().map(find).collect::<Result<Vec<_>>>()
        };
        let found = outcomes(&answer)?;
        let missing = answer.into_iter().flat_map(|it| it.missing);
        let is_of_mfa = |key: &String| key.to_ascii_lowercase().starts_with("aws:multifactorauth");
        self.missing.extend(missing.filter(|key| !is_of_mfa(key)));
        let is_hidden = |it: &Outcome| *it == Outcome::Hidden(Hider::Organization);
        let behind = match found.iter().any(is_hidden) {
            true => caller
                .ask(async |aws| aws.simulate_without_organization(&simulation).await)
                .await?
                .map(|answer| outcomes(&answer))
                .transpose()?,
            false => None,
        };
        let found = found
            .into_iter()
            .enumerate()
            .map(|(number, outcome)| Found {
                outcome,
                behind: behind.as_ref().map(|it| it[number]),
            });
        Ok(found.collect())
    }
}
