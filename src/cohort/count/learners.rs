//! Whose reports are whose, and what one learner needs.

use super::{Counting, Tallies};
use crate::cohort::{
    Learner, Machine, Verdict,
    gather::{Run, Who},
};

/// Owners of a machine that has none, or several.
const NOBODY: u32 = u32::MAX;
const SEVERAL: u32 = u32::MAX - 1;

impl Counting<'_> {
    /// Runs put together by learner, in the inputs' order of each one's first. One who is known by a machine only,
    /// which just one other learner has, is that learner.
    pub(super) fn by_learner(&mut self, runs: &mut [Run]) {
        let symbols = &self.gathered.symbols;
        let is_named = |learner: u32| matches!(symbols.learners[learner as usize], Who::Listed(_) | Who::Labelled(_));
        let mut owners = vec![NOBODY; symbols.machines.len()];
        let with_owner = |run: &&Run| is_named(run.learner) && !symbols.machines[run.machine as usize].is_empty();
        for run in runs.iter().filter(with_owner) {
            let owner = &mut owners[run.machine as usize];
            *owner = if matches!(*owner, NOBODY) || *owner == run.learner { run.learner } else { SEVERAL };
        }
        let mut shares = vec![false; symbols.learners.len()];
        for run in runs.iter().filter(with_owner).filter(|run| owners[run.machine as usize] == SEVERAL) {
            shares[run.learner as usize] = true;
        }
        let mut first = vec![u32::MAX; symbols.learners.len()];
        for (at, run) in (0..).zip(runs.iter_mut()) {
            let owner = owners[run.machine as usize];
            if !matches!(owner, NOBODY | SEVERAL) && !is_named(run.learner) {
                run.learner = owner;
            }
            let first = &mut first[run.learner as usize];
            *first = at.min(*first);
        }
        runs.sort_by_key(|run| first[run.learner as usize]);
        let names: Vec<String> = (runs.chunk_by(|one, next| one.learner == next.learner))
            .filter(|runs| shares[runs[0].learner as usize])
            .map(|runs| self.name_of(runs))
            .collect();
        self.notice(
            "same-machine",
            "One machine, several learners: a report under two names, or a computer that two use",
            names,
        );
    }

    /// What the learner of these runs is called.
    pub(super) fn name_of(&self, runs: &[Run]) -> String {
        match &self.gathered.symbols.learners[runs[0].learner as usize] {
            Who::Listed(person) => self.wanted.roster.people[*person].id.clone(),
            Who::Labelled(folded) => {
                let is_labelled = |run: &&Run| run.label.as_deref() != Some("");
                let latest = runs.iter().filter(is_labelled).max_by_key(|run| run.order);
                latest.and_then(|run| run.label.as_deref()).unwrap_or(folded).to_owned()
            }
            Who::Machine(id) => id.clone(),
            Who::Origin(name) => name.clone(),
        }
    }

    /// A learner by all their runs, of which nothing is left.
    pub(super) fn learner(&self, learner: u32, runs: &mut Vec<Run>, tallies: &mut Tallies<'_>) -> Learner {
        if !self.wanted.all {
            join(runs);
        }
        runs.sort_by(|left, right| {
            (left.scope, left.machine, left.order).cmp(&(right.scope, right.machine, right.order))
        });
        let id = self.name_of(runs);
        let who = &self.gathered.symbols.learners[learner as usize];
        let (name, group) = match who {
            Who::Listed(person) => {
                let person = &self.wanted.roster.people[*person];
                (person.name.clone(), person.group.clone())
            }
            Who::Machine(_) => (name_in_path(runs), String::new()),
            _ => (String::new(), String::new()),
        };
        let machines: Vec<Machine> = runs.drain(..).map(|run| self.machine(run, tallies)).collect();
        tallies.learner(&machines);
        let verdict = machines.iter().map(|machine| machine.verdict).max().unwrap_or_default();
        let reason = first_reason(&machines, verdict).unwrap_or_default();
        let listed = (!self.wanted.roster.people.is_empty()).then_some(matches!(who, Who::Listed(_)));
        Learner { name: if name == id { String::new() } else { name }, id, group, listed, verdict, reason, machines }
    }
}

/// Of several runs of one machine and system the latest: where two names turned out to be one learner.
fn join(runs: &mut Vec<Run>) {
    runs.sort_by_key(|run| {
        (run.scope, run.machine, std::cmp::Reverse(run.started.filter(|_| !run.odd_time)), std::cmp::Reverse(run.order))
    });
    runs.dedup_by(|later, first| later.scope == first.scope && later.machine == first.machine);
}

/// The first thing of those that make the verdict.
fn first_reason(machines: &[Machine], verdict: Verdict) -> Option<String> {
    let items = || machines.iter().flat_map(|machine| &machine.open).filter(|item| item.counts);
    let item = items().find(|item| Verdict::waits_for(item.owner) == verdict).or_else(|| items().next())?;
    Some(if item.shown.found.is_empty() { item.cause.to_string() } else { item.shown.found.clone() })
}

/// A name for somebody whom only a machine's pseudonym is known of: their file's, where it says something.
fn name_in_path(runs: &[Run]) -> String {
    let Some(run) = runs.iter().max_by_key(|run| run.order).filter(|run| run.order.2 < 4) else { return String::new() };
    let mut parts = run.origin.rsplit(['/', '\\']);
    let stem = |part: &str| part.trim_end_matches(".gz").trim_end_matches(".json").trim_end_matches(".txt").to_owned();
    let file = stem(parts.next().unwrap_or_default());
    let says_nothing = |name: &str| {
        let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
        matches!(
            plain.as_str(),
            "" | "report" | "doctor" | "doctorreport" | "reports" | "output" | "standardinput" | "stdin"
        ) || name.ends_with(".ndjson")
            || name.ends_with(".jsonl")
    };
    if says_nothing(&file) { stem(parts.next().unwrap_or_default()) } else { file }
}
