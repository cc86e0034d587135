//! Examining: every check in a thread of its own, all at once, because a hung tool then holds up nobody else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use super::{
    mishap,
    plan::{Plan, Skip},
    probe,
};
use crate::{
    calendar::Calendar,
    diagnose::{Subject, diagnose},
    host::Host,
    model::{Finding, Level, Observation, Outcome, Platform, Probe, Seen, check::Needs},
};

/// What happens during an exam, for whoever shows progress.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// This many checks are to be examined.
    Planned(usize),
    /// A check is being looked at.
    Started(&'a str),
    /// A check is done.
    Finished(&'a Finding),
}

/// How to examine.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The whole run's deadline.
    pub deadline: Instant,
    /// Whether tools are run where a file would answer.
    pub deep: bool,
    /// How many checks at a time; nothing for all at once.
    pub jobs: Option<usize>,
    /// Whether checks are looked at in turn, without threads: what was written down keeps nobody waiting.
    pub in_turn: bool,
}

/// How long after the deadline a check that is stuck in the operating system is waited for.
const GRACE: Duration = Duration::from_millis(150);

/// Bytes of stack for each check's thread. The system's usual 2 to 8 MiB for every check at once are more than a limited
/// shell (`ulimit -v`) lets a program have.
const STACK: usize = 1 << 20;

/// The order in which checks begin: those that may take longest first, so that they do not begin when all else is done.
fn longest_first(plan: &Plan<'_>, in_turn: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..plan.items.len()).collect();
    if !in_turn {
        order.sort_by_key(|at| std::cmp::Reverse(plan.items[*at].subject.check.probe.timeout()));
    }
    order
}

type Message = (usize, Observation);

/// Examines every check of a plan and returns the findings in the plan's order, whatever happens to each.
pub fn examine(
    plan: &Plan<'_>,
    host: &Arc<dyn Host>,
    calendar: &Calendar,
    limits: Limits,
    tell: &mut dyn FnMut(Event<'_>),
) -> Vec<Finding> {
    let platform = host.platform().clone();
    let home = host.home();
    let index: BTreeMap<String, usize> =
        plan.items.iter().enumerate().map(|(at, item)| (item.subject.id(), at)).collect();
    let mut run = Run {
        plan,
        host,
        calendar,
        limits,
        platform: &platform,
        index,
        order: longest_first(plan, limits.in_turn),
        findings: vec![None; plan.items.len()],
        started: vec![false; plan.items.len()],
        running: 0,
    };
    let (send, receive) = mpsc::channel::<Message>();
    tell(Event::Planned(plan.items.len()));
    run.start_ready(&send, tell);
    while run.findings.iter().any(Option::is_none) {
        let left = (limits.deadline + GRACE).saturating_duration_since(Instant::now());
        match receive.recv_timeout(left) {
            Ok((at, mut seen)) => {
                run.running -= 1;
                shorten_home(&mut seen, home.as_deref());
                let finding = diagnose(plan.items[at].subject, seen, &platform, calendar);
                run.finish(at, finding, tell);
            }
            Err(_) => run.give_up(tell),
        }
        run.start_ready(&send, tell);
    }
    let mut findings: Vec<Finding> = run.findings.into_iter().flatten().collect();
    what_follows(plan, &mut findings);
    one_failure_for_one_cause(&mut findings);
    findings
}

/// Has findings whose state follows from another check's, as a diagnosis says of itself, caused by that check.
fn what_follows(plan: &Plan<'_>, findings: &mut [Finding]) {
    let state = |finding: &Finding| finding.diagnosis.as_deref().and_then(|id| id.split('/').nth(1)).map(str::to_owned);
    let roots: Vec<(String, Vec<String>)> = findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Fail)
        .filter_map(|finding| {
            let item = plan.items.iter().find(|item| item.subject.id() == finding.id)?;
            let found = state(finding)?;
            let diagnosis = item.subject.check.diagnose.iter().find(|diagnosis| diagnosis.id == found)?;
            Some((finding.id.clone(), diagnosis.explains.clone()))
        })
        .collect();
    for (root, states) in roots.iter().filter(|(_, states)| !states.is_empty()) {
        for finding in findings.iter_mut().filter(|finding| finding.id != *root) {
            if state(finding).is_some_and(|state| states.contains(&state)) {
                finding.caused_by = Some(root.clone());
            }
        }
    }
}

/// Turns findings that are really another check's failure into findings blocked by that one, and lets everything that
/// is blocked name the root.
fn one_failure_for_one_cause(findings: &mut [Finding]) {
    let troubled = |finding: &Finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
    let roots: BTreeSet<String> =
        findings.iter().filter(|finding| troubled(finding)).map(|finding| finding.id.clone()).collect();
    let mut weights: BTreeMap<String, Level> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| troubled(finding)) {
        if let Some(cause) = finding.caused_by.take().filter(|cause| roots.contains(cause)) {
            finding.outcome = Outcome::Skip;
            finding.fix = None;
            let weight = weights.entry(cause.clone()).or_insert(finding.level);
            *weight = finding.level.max(*weight);
            finding.blocked_by = Some(cause);
        }
    }
    // A cause weighs as much as what follows from it, or a required failure would hide behind a recommendation.
    for finding in findings.iter_mut() {
        finding.level = weights.get(&finding.id).map_or(finding.level, |weight| finding.level.max(*weight));
    }
    let blocked: BTreeMap<String, String> =
        findings.iter().filter_map(|finding| Some((finding.id.clone(), finding.blocked_by.clone()?))).collect();
    for finding in findings {
        // As many steps as there are checks end every chain.
        for _ in 0..blocked.len() {
            match finding.blocked_by.as_ref().and_then(|by| blocked.get(by)) {
                Some(root) => finding.blocked_by = Some(root.clone()),
                None => break,
            }
        }
    }
}

/// Writes `~` for the home folder in facts, before they are quoted into commands: `~/'my keys'` works when pasted,
/// and the same command is right in every report.
fn shorten_home(seen: &mut Observation, home: Option<&str>) {
    let Some(home) = home.filter(|home| home.len() > 1) else { return };
    for fact in seen.facts.values_mut() {
        if let Some(rest) = fact.strip_prefix(home).filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\'])) {
            *fact = format!("~{rest}");
        }
    }
}

struct Run<'a> {
    plan: &'a Plan<'a>,
    host: &'a Arc<dyn Host>,
    calendar: &'a Calendar,
    limits: Limits,
    platform: &'a Platform,
    index: BTreeMap<String, usize>,
    order: Vec<usize>,
    findings: Vec<Option<Finding>>,
    started: Vec<bool>,
    running: usize,
}

/// Whether a check can be looked at now.
enum Ready {
    Yes,
    NotYet,
    Blocked(String),
}

impl Run<'_> {
    /// Starts every check whose requirements are met, and settles those that need no look.
    fn start_ready(&mut self, send: &mpsc::Sender<Message>, tell: &mut dyn FnMut(Event<'_>)) {
        let mut again = true;
        while std::mem::take(&mut again) {
            for next in 0..self.order.len() {
                let at = self.order[next];
                if self.started[at] {
                    continue;
                }
                let item = self.plan.items[at];
                if let Some(why) = item.skip {
                    again |= self.settle(at, skipped(item.subject, why, self.platform), tell);
                    continue;
                }
                match self.ready(item.subject) {
                    Ready::NotYet => {}
                    Ready::Blocked(by) => again |= self.settle(at, blocked(item.subject, by, self.platform), tell),
                    Ready::Yes => {
                        if let Probe::AnyOf(members) = &item.subject.check.probe {
                            let seen = self.any_of(members);
                            let finding = diagnose(item.subject, seen, self.platform, self.calendar);
                            again |= self.settle(at, finding, tell);
                        } else if self.limits.jobs.is_none_or(|jobs| self.running < jobs) {
                            again |= self.start(at, send, tell);
                        }
                    }
                }
            }
        }
    }

    /// Looks at a check; whether it is settled at once.
    fn start(&mut self, at: usize, send: &mpsc::Sender<Message>, tell: &mut dyn FnMut(Event<'_>)) -> bool {
        let subject = self.plan.items[at].subject;
        self.started[at] = true;
        self.running += 1;
        tell(Event::Started(&subject.id()));
        let (probe, host, send, deep) =
            (subject.check.probe.clone(), Arc::clone(self.host), send.clone(), self.limits.deep);
        // Nobody listens any more after the deadline; that is no error.
        if self.limits.in_turn {
            let seen = probe::observe(&probe, &*host, deep);
            let unanswered = host.unanswered();
            if unanswered.is_empty() {
                let _ = send.send((at, seen));
                return false;
            }
            // What is not written down looked as if it were not there, so nothing of what was seen can be trusted.
            self.running -= 1;
            return self.settle(at, not_recorded(subject, &unanswered, self.platform), tell);
        }
        let look = move || {
            let words = send.clone();
            let say = move |place| {
                let seen = Seen::Unreadable(format!("doctor itself failed here ({place}); please report it"));
                let _ = words.send((at, Observation { seen, ..Observation::default() }));
            };
            let seen = mishap::guarded(|| probe::observe(&probe, &*host, deep), say);
            let _ = send.send((at, seen));
        };
        if thread::Builder::new().stack_size(STACK).spawn(look).is_err() {
            self.running -= 1;
            let seen = Seen::Unreadable("the system would not start another thread".to_owned());
            let finding =
                diagnose(subject, Observation { seen, ..Observation::default() }, self.platform, self.calendar);
            return self.settle(at, finding, tell);
        }
        false
    }

    fn ready(&self, subject: Subject<'_>) -> Ready {
        let members: &[String] = match &subject.check.probe {
            Probe::AnyOf(ids) => ids,
            _ => &[],
        };
        for id in subject.check.requires.iter().chain(members) {
            let Some(at) = self.index.get(id.as_str()) else { continue };
            let Some(finding) = &self.findings[*at] else { return Ready::NotYet };
            // What does not apply here cannot be missing; an any-of looks at its members itself.
            let applies = self.plan.items[*at].skip != Some(Skip::Platform);
            if applies && finding.blocks && subject.check.requires.contains(id) {
                return Ready::Blocked(finding.blocked_by.clone().unwrap_or_else(|| id.clone()));
            }
        }
        Ready::Yes
    }

    /// The members of an any-of that passed, by title; absent where none did and one would be needed.
    fn any_of(&self, members: &[String]) -> Observation {
        let finding = |id: &String| self.findings[*self.index.get(id)?].as_ref();
        let passed: Vec<&Finding> =
            members.iter().filter_map(finding).filter(|finding| finding.outcome == Outcome::Pass).collect();
        let Some(first) = passed.first() else {
            // A member that says by name why it does not apply here speaks for the others: none of them is needed.
            let skipped = members.iter().filter_map(finding).find(|finding| {
                let named = finding.diagnosis.as_deref().is_some_and(|id| !id.ends_with("/absent"));
                finding.outcome == Outcome::Skip && named
            });
            if let Some(finding) = skipped {
                return Observation::facts([("skipped", finding.found.clone())]);
            }
            let unknown = members.iter().filter_map(finding).find(|finding| finding.outcome == Outcome::Unknown);
            let seen = unknown.map_or(Seen::Absent, |finding| Seen::Unreadable(finding.found.clone()));
            return Observation { seen, ..Observation::default() };
        };
        let names: Vec<&str> = passed.iter().map(|finding| finding.tool.as_str()).collect();
        let mut seen = Observation::facts([("found", names.join(" and ")), ("first", first.tool.clone())]);
        if let Some(version) = &first.version {
            seen = seen.with("version", version.clone());
        }
        seen
    }

    fn settle(&mut self, at: usize, finding: Finding, tell: &mut dyn FnMut(Event<'_>)) -> bool {
        self.started[at] = true;
        self.finish(at, finding, tell);
        true
    }

    fn finish(&mut self, at: usize, finding: Finding, tell: &mut dyn FnMut(Event<'_>)) {
        tell(Event::Finished(&finding));
        self.findings[at] = Some(finding);
    }

    /// The deadline has passed: whatever is still open gave no answer in time.
    fn give_up(&mut self, tell: &mut dyn FnMut(Event<'_>)) {
        for at in 0..self.plan.items.len() {
            if self.findings[at].is_none() {
                self.started[at] = true;
                let seen = Seen::TimedOut { stdout: String::new(), stderr: String::new() };
                let seen = Observation { seen, ..Observation::default() };
                let finding = diagnose(self.plan.items[at].subject, seen, self.platform, self.calendar);
                self.finish(at, finding, tell);
            }
        }
    }
}

fn without_look(subject: Subject<'_>, platform: &Platform, found: String) -> Finding {
    Finding {
        id: subject.id(),
        tool: subject.tool.tool.clone(),
        section: subject.tool.section.clone(),
        title: subject.check.title.clone(),
        level: subject.level(platform),
        outcome: Outcome::Skip,
        diagnosis: None,
        found,
        why: subject.check.why.clone(),
        version: None,
        blocked_by: None,
        fix: None,
        see: subject.tool.page.clone(),
        evidence: None,
        ms: 0,
        blocks: true,
        caused_by: None,
        varies: subject.check.varies,
        asked: subject.check.asked.clone(),
        waived: None,
    }
}

fn skipped(subject: Subject<'_>, why: Skip, platform: &Platform) -> Finding {
    let found = match why {
        Skip::Platform => "Does not apply to this system",
        Skip::Needs(Needs::Online) => "Not looked at; it uses the network: ask with `--online`",
        Skip::Needs(Needs::Deep) => "Not looked at; it takes longer: ask with `--deep`",
    };
    let mut finding = without_look(subject, platform, found.to_owned());
    // What was not asked for must not make a machine unready.
    if matches!(why, Skip::Needs(_)) {
        finding.level = finding.level.min(Level::Recommended);
    }
    finding
}

/// What the recording of another doctor, or one written by hand, cannot answer.
fn not_recorded(subject: Subject<'_>, unanswered: &[String], platform: &Platform) -> Finding {
    let named = unanswered.first().map_or("", String::as_str);
    let more = match unanswered.len() {
        0 | 1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let found = format!("The recording does not hold: {named}{more}; record again with this doctor");
    // What was recorded of others is judged all the same.
    Finding { outcome: Outcome::Unknown, blocks: false, ..without_look(subject, platform, found) }
}

fn blocked(subject: Subject<'_>, by: String, platform: &Platform) -> Finding {
    let mut finding = without_look(subject, platform, format!("Cannot be looked at before `{by}` passes"));
    finding.blocked_by = Some(by);
    finding
}
