//! What is wrong, over all machines: causes, whom each fix helps, and on which platforms it is found.

use std::{collections::BTreeMap, sync::Arc};

use super::tally::{Tallies, Tally};
use crate::{
    cohort::{
        Cause, FixFor, On, Split,
        advice::{Adviser, named},
    },
    model::{Owner, Platform, Step, template},
};

/// A cause that so many have, and so large a part of a platform's learners, but hardly anybody elsewhere, speaks
/// against the instruction.
const SUSPECT: (usize, usize, usize) = (3, 50, 10);

impl Tallies<'_> {
    /// Every cause, what helps most learners first, and the fixes that they name.
    pub(super) fn causes(self, learners: usize) -> (Vec<Cause>, Vec<Step>) {
        let Self { adviser, groups, causes, .. } = self;
        let all: usize = groups.sorted().iter().map(|(_, (split, _))| split.learners).sum();
        let cause = |(id, tally): (Arc<str>, Tally)| {
            let check = tally.check.map(|check| check.to_string()).unwrap_or_default();
            let subject = adviser.subject(&check);
            let platforms: Vec<On> = (tally.platforms.sorted().into_iter())
                .map(|(platform, found)| On {
                    platform: platform.to_owned(),
                    learners: found.learners,
                    of: groups.get(platform).map_or(0, |(split, _)| split.learners),
                })
                .collect();
            let mut fixes: Vec<FixFor> = (tally.fixes.into_iter())
                .map(|(fix, helped)| FixFor {
                    fix,
                    learners: helped.learners,
                    platforms: helped
                        .platforms
                        .sorted()
                        .into_iter()
                        .map(|(platform, ())| platform.to_owned())
                        .collect(),
                })
                .collect();
            fixes.sort_by_key(|fix| (std::cmp::Reverse(fix.learners), fix.fix));
            let owner = [Owner::Learner, Owner::Staff, Owner::Admin]
                .into_iter()
                .max_by_key(|owner| tally.owners[*owner as usize])
                .unwrap_or_default();
            Cause {
                say: say(&adviser, &check, &id),
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
        };
        let mut causes: Vec<Cause> = causes.into_iter().map(cause).collect();
        causes.sort_by(|left, right| {
            (right.required, right.learners, &left.id).cmp(&(left.required, left.learners, &right.id))
        });
        (causes, adviser.fixes)
    }

    /// Every platform, the one with most learners first.
    pub(super) fn splits(&self) -> Vec<Split> {
        let split = |(group, (split, _)): (&'static str, &(Split, usize))| {
            let mut top: Vec<(usize, &Arc<str>)> = (self.causes.iter())
                .filter_map(|(cause, tally)| Some((tally.platforms.get(group)?.counting, cause)))
                .filter(|(counting, _)| *counting > 0)
                .collect();
            top.sort_by_key(|(learners, cause)| (std::cmp::Reverse(*learners), *cause));
            let top = top.into_iter().take(3).map(|(_, cause)| cause.to_string()).collect();
            Split { platform: group.to_owned(), top, ..split.clone() }
        };
        let mut splits: Vec<Split> = self.groups.sorted().into_iter().map(split).collect();
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
