//! Asks the simulator about one subject, and judges its answers. It does not decide what is printed.

use super::caller::{Caller, Needed};
use super::order::Order;
use super::person::Person;
use super::requests::{Asked, GROUPS, On, Should, Situation, may_say};
use super::subject::Subject;
use super::verdict::{Conclusion, Found, Hider, Outcome, Row4, Verdict, place};
use crate::aws::{Decision, Entry, Simulated, Simulation};
use crate::exit::{Exit, Failure, Result};
use crate::value::Arn;
use std::collections::BTreeSet;

/// Allows everything: simulated beside it, the policies show what they deny whatever else is attached.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A request with its verdict.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The request.
    pub(crate) asked: Asked,
    /// What the simulator says about it beside a document that allows everything.
    pub(crate) found: Row4,
    /// The verdict on that.
    pub(crate) verdict: Verdict,
    /// The same for the policies as they are, if that was asked.
    pub(crate) today: Option<Today>,
}

/// A request under today's policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Today {
    /// What the simulator says about it.
    pub(crate) found: Row4,
    /// The verdict on that.
    pub(crate) verdict: Verdict,
}

/// A request that enrolling takes, with what the simulator says about it beside a document that allows
/// everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// The request.
    pub(crate) asked: Asked,
    /// What the simulator says.
    pub(crate) found: Row4,
    /// What it says about the request with a key, under the policies as they are.
    today: Option<Found>,
}

impl Step {
    /// Whether nothing denies it without MFA.
    pub(crate) fn is_open(&self) -> bool {
        self.without_mfa().all(|it| it.outcome == Outcome::Allowed)
    }

    /// Whether a condition decides this on something that the request does not say.
    pub(crate) fn is_unclear(&self) -> bool {
        let mut stopped = self
            .without_mfa()
            .filter(|it| it.outcome != Outcome::Allowed);
        !self.is_open() && stopped.all(Found::is_unclear)
    }

    fn without_mfa(&self) -> impl Iterator<Item = Found> {
        let without = [Situation::WithKey, Situation::WithoutMfa].map(place);
        without.into_iter().map(|it| self.found[it])
    }
}

/// Whether the subject can enroll a first device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// Their policies allow it.
    Works,
    /// Nothing denies it, but no policy grants it yet.
    NotGranted,
    /// These actions are denied.
    Denied(Vec<&'static str>),
    /// A condition decides this on something that our requests don't say.
    CannotTell,
}

/// A subject, judged.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// The requests that should be closed.
    pub(crate) rows: Vec<Row>,
    /// Whether they can enroll.
    pub(crate) enrolment: Enrolment,
    /// The requests that enrolling takes.
    pub(crate) steps: Vec<Step>,
    /// What else is known about them.
    pub(crate) person: Person,
    /// Condition keys that the policies ask for, and that requests may have but ours lack.
    pub(crate) missing: BTreeSet<String>,
}

impl Judged {
    /// Whether the policies enforce MFA.
    pub(crate) fn conclusion(&self) -> Conclusion {
        let each = self.rows.iter().map(|row| row.verdict.conclusion());
        each.max().unwrap_or(Conclusion::CannotTell)
    }

    /// The requests that pass although they should be closed, without MFA or with old MFA.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Row> {
        let rows = self.rows.iter();
        rows.filter(|row| row.verdict.is_open())
    }

    /// The requests about which nothing can be said.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &Row> {
        let rows = self.rows.iter();
        rows.filter(|row| row.verdict.conclusion() == Conclusion::CannotTell)
    }
}

/// The least number of calls that [`judge`] makes.
pub(super) fn calls(order: &Order) -> usize {
    let of_all = GROUPS.len() * Situation::ALL.len();
    match order.today {
        true => 2 * of_all,
        false => of_all + 2,
    }
}

/// Asks the simulator about a subject, and judges it. Leaves the person's details open.
pub(super) async fn judge(caller: &Caller, subject: &Subject, order: &Order) -> Result<Judged> {
    let mut judge = Judge {
        caller,
        subject,
        order,
        missing: BTreeSet::new(),
        parts: None,
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

/// Whether the subject can enroll, from the outcomes of the requests that it takes.
fn enrolment_of(steps: &[Step]) -> Enrolment {
    let denied = steps.iter().filter(|it| !it.is_open() && !it.is_unclear());
    let denied: Vec<_> = denied.map(|it| it.asked.action).collect();
    let is_granted = |step: &Step| step.today.is_some_and(|it| it.outcome == Outcome::Allowed);
    let is_unclear = |step: &Step| step.is_unclear() || step.today.is_some_and(Found::is_unclear);
    if !denied.is_empty() {
        Enrolment::Denied(denied)
    } else if steps.iter().any(is_unclear) {
        Enrolment::CannotTell
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
    /// The parts that may deny a request by themselves, once they were needed.
    parts: Option<Vec<Part>>,
}

/// Some of a subject's policies. What they deny is denied, whatever the others ask for.
struct Part {
    principal: Option<Arn>,
    documents: Vec<String>,
}

impl Judge<'_> {
    /// What the simulator says about each request in each of `situations`, with or without a document
    /// that allows everything. A situation that is left out gets the answer of the first one.
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
        let mut context = situation.context(arn, name, self.caller.region(), self.order.max_age);
        let given = &self.order.given;
        let is_given = |key: &str| given.iter().any(|it| it.key.eq_ignore_ascii_case(key));
        context.retain(|it| !is_given(&it.key));
        context.extend(given.iter().cloned());
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
                let mut of_it = answer.iter().filter(|it| it.action == *action);
                let unclear = |what: &str| {
                    let text = format!("AWS's simulator gave {what} for {action}");
                    Failure::new(Exit::Unreachable, text).hint("try again")
                };
                let simulated = of_it.next().ok_or_else(|| unclear("no answer"))?;
                if of_it.next().is_some() {
                    return Err(unclear("two answers"));
                }
                let may_say_more = simulated.missing.iter().any(|key| may_say(action, key));
                Ok(Outcome::of(simulated, beside_everything, may_say_more))
            };
            actions.iter().map(find).collect::<Result<Vec<_>>>()
        };
        let mut found = outcomes(&answer)?;
        for it in answer {
            let Simulated {
                action, missing, ..
            } = it;
            let missing = missing.into_iter();
            self.missing
                .extend(missing.filter(|key| may_say(&action, key)));
        }
        self.settle(&mut found, actions, &resource, &context)
            .await?;
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

    /// Finds out whether a part of the policies denies what a condition in others leaves open.
    async fn settle(
        &mut self,
        found: &mut [Outcome],
        actions: &[&'static str],
        resource: &str,
        context: &[Entry],
    ) -> Result<()> {
        let is_unclear = |it: &Outcome| *it == Outcome::Hidden(Hider::Condition);
        if !found.iter().any(is_unclear) {
            return Ok(());
        }
        let parts = match self.parts.take() {
            Some(parts) => parts,
            None => self.find_parts().await?,
        };
        for part in &parts {
            let documents = [part.documents.as_slice(), &[EVERYTHING.to_owned()]].concat();
            let simulation = Simulation {
                principal: part.principal.as_ref(),
                documents: &documents,
                actions,
                resource,
                context,
            };
            let asked = self
                .caller
                .ask_if_allowed(async |aws| aws.simulate(&simulation).await);
            // If the question is not allowed, it stays unclear.
            let Some(answer) = asked.await? else { continue };
            for (outcome, action) in found.iter_mut().zip(actions) {
                let of_it: Vec<_> = answer.iter().filter(|it| it.action == *action).collect();
                if is_unclear(outcome)
                    && let [it] = of_it[..]
                    && it.decision == Decision::ExplicitDeny
                    && !it.missing.iter().any(|key| may_say(action, key))
                {
                    *outcome = Outcome::Denied;
                }
            }
        }
        self.parts = Some(parts);
        Ok(())
    }

    /// The parts of the policies that can be simulated by themselves: those of each group, and each
    /// document.
    async fn find_parts(&self) -> Result<Vec<Part>> {
        let documents = &self.subject.documents;
        if documents.len() > 1 {
            let each = documents.iter().map(|document| Part {
                principal: None,
                documents: vec![document.clone()],
            });
            return Ok(each.collect());
        }
        if !self.subject.is_real {
            return Ok(Vec::new());
        }
        let name = &self.subject.name;
        let groups = self
            .caller
            .ask_if_allowed(async |aws| aws.list_groups_for_user(name).await);
        let groups = groups.await?.unwrap_or_default();
        let each = groups.into_iter().map(|group| Part {
            principal: Some(group),
            documents: Vec::new(),
        });
        Ok(each.collect())
    }
}
