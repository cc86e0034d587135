//! What is wrong, over all machines: causes, whom each fix helps, and on which platforms it is found.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use super::Counting;
use crate::{
    cohort::{
        Cause, FixFor, Machine, On, Split, Verdict,
        advice::{Adviser, named},
    },
    model::{Owner, Platform, template},
};

/// A cause that so many have, and so large a part of a platform's learners, but hardly anybody elsewhere, speaks
/// against the instruction.
const SUSPECT: (usize, usize, usize) = (3, 50, 10);

#[derive(Default)]
pub(super) struct Tally {
    check: Option<Arc<str>>,
    required: bool,
    learners: usize,
    machines: usize,
    owners: [usize; 3],
    fixes: BTreeMap<usize, (usize, BTreeSet<&'static str>)>,
    platforms: BTreeMap<&'static str, usize>,
}

impl Counting<'_> {
    /// Counts a learner's causes, each once.
    pub(super) fn tally(&mut self, machines: &[Machine]) {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut on_group: HashSet<(&str, &str)> = HashSet::new();
        let mut groups: HashSet<&str> = HashSet::new();
        let mut with_fix: HashSet<(&str, usize)> = HashSet::new();
        for machine in machines {
            let group = machine.platform;
            let split = self.groups.entry(group).or_default();
            split.learners += usize::from(groups.insert(group));
            split.machines += 1;
            match machine.verdict {
                Verdict::Ready => split.ready += 1,
                Verdict::Alone => split.alone += 1,
                Verdict::Staff => split.staff += 1,
                Verdict::Admin => split.admin += 1,
            }
            if machine.open.is_empty() {
                continue;
            }
            let mut on_machine: HashSet<&str> = HashSet::new();
            for item in &machine.open {
                let cause = &*item.cause;
                let tally = self.causes.entry(Arc::clone(&item.cause)).or_default();
                tally.check.get_or_insert_with(|| Arc::clone(&item.check));
                tally.required |= item.counts;
                tally.machines += usize::from(on_machine.insert(cause));
                if seen.insert(cause) {
                    tally.learners += 1;
                    tally.owners[item.owner as usize] += 1;
                }
                if on_group.insert((cause, group)) {
                    *tally.platforms.entry(group).or_default() += 1;
                    if item.counts {
                        *self.group_causes.entry((group, Arc::clone(&item.cause))).or_default() += 1;
                    }
                }
                if let Some(fix) = item.fix {
                    let (learners, platforms) = tally.fixes.entry(fix).or_default();
                    *learners += usize::from(with_fix.insert((cause, fix)));
                    platforms.insert(group);
                }
            }
        }
    }

    pub(super) fn causes(&mut self, learners: usize) -> Vec<Cause> {
        let groups = &self.groups;
        let mut causes: Vec<Cause> = std::mem::take(&mut self.causes)
            .into_iter()
            .map(|(id, tally)| {
                let check = tally.check.map(|check| check.to_string()).unwrap_or_default();
                let subject = self.adviser.subject(&check);
                let platforms: Vec<On> = (tally.platforms.iter())
                    .map(|(platform, learners)| On {
                        platform: (*platform).to_owned(),
                        learners: *learners,
                        of: groups.get(platform).map_or(0, |split| split.learners),
                    })
                    .collect();
                let mut fixes: Vec<FixFor> = (tally.fixes.into_iter())
                    .map(|(fix, (learners, platforms))| FixFor {
                        fix,
                        learners,
                        platforms: platforms.into_iter().map(str::to_owned).collect(),
                    })
                    .collect();
                fixes.sort_by_key(|fix| (std::cmp::Reverse(fix.learners), fix.fix));
                let owner = [Owner::Learner, Owner::Staff, Owner::Admin]
                    .into_iter()
                    .max_by_key(|owner| tally.owners[*owner as usize])
                    .unwrap_or_default();
                let all: usize = groups.values().map(|split| split.learners).sum();
                Cause {
                    say: say(&self.adviser, &check, &id),
                    tool: subject.map(|subject| subject.tool.tool.clone()).unwrap_or_default(),
                    known: subject.is_some() || check == "report",
                    check,
                    id: id.to_string(),
                    required: tally.required,
                    learners: tally.learners,
                    per_mille: (tally.learners * 1000 + learners / 2).checked_div(learners).unwrap_or(0),
                    machines: tally.machines,
                    owner,
                    fixes,
                    suspect: suspect(&platforms, all),
                    platforms,
                }
            })
            .collect();
        causes.sort_by(|left, right| {
            (right.required, right.learners, &left.id).cmp(&(left.required, left.learners, &right.id))
        });
        causes
    }

    pub(super) fn splits(&mut self) -> Vec<Split> {
        let mut splits: Vec<Split> = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|(group, mut split)| {
                group.clone_into(&mut split.platform);
                let mut top: Vec<(usize, &Arc<str>)> = (self.group_causes.iter())
                    .filter(|((of, _), _)| *of == group)
                    .map(|((_, cause), learners)| (*learners, cause))
                    .collect();
                top.sort_by_key(|(learners, cause)| (std::cmp::Reverse(*learners), *cause));
                split.top = top.into_iter().take(3).map(|(_, cause)| cause.to_string()).collect();
                split
            })
            .collect();
        splits.sort_by(|left, right| (right.learners, &left.platform).cmp(&(left.learners, &right.platform)));
        splits
    }
}

/// A cause in the collector's words.
fn say(adviser: &Adviser<'_>, check: &str, cause: &str) -> String {
    let state = cause.rsplit('/').next().unwrap_or_default();
    match cause {
        "report/incomplete" => return "Required checks are missing from the report".to_owned(),
        "report/unknown-system" => return "doctor does not know the system".to_owned(),
        _ => {}
    }
    let Some(subject) = adviser.subject(check) else { return String::new() };
    let known = named(subject, state, &Platform::default()).map(|diagnosis| &diagnosis.say);
    match known {
        Some(say) => template::fill_prose(say, &BTreeMap::new()),
        None if state == "blocked" => format!("Waits for another check: {}", subject.check.title),
        None => format!("Not so: {}", subject.check.title),
    }
}

/// Platforms where most have it and hardly anybody elsewhere.
fn suspect(platforms: &[On], all: usize) -> Vec<String> {
    let (least, part, elsewhere) = SUSPECT;
    let have: usize = platforms.iter().map(|on| on.learners).sum();
    platforms
        .iter()
        .filter(|on| {
            let (others_have, others) = (have - on.learners, all - on.of);
            on.learners >= least
                && on.learners * 100 >= on.of * part
                && others > 0
                && others_have * 100 <= others * elsewhere
        })
        .map(|on| on.platform.clone())
        .collect()
}
