//! What is odd about reports, and whom it is about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Counting;
use crate::{
    cohort::{
        Word,
        gather::{Run, State},
    },
    model::{Level, Os},
};

/// Learners that a notice names; further ones are counted.
const NAMED: usize = 20;

impl Counting<'_> {
    /// What is odd about reports.
    pub(super) fn notice_runs(&mut self, runs: &[Run]) {
        let name =
            |run: &Run| self.name_of(&self.gathered.symbols.learners[run.learner as usize], std::slice::from_ref(run));
        let of = |odd: &dyn Fn(&Run) -> bool| -> Vec<String> { runs.iter().filter(|run| odd(run)).map(name).collect() };
        let symbols = &self.gathered.symbols;
        let spoils: Vec<(bool, bool)> =
            symbols.states.iter().map(|state| (spoils(state, false), spoils(state, true))).collect();
        let disagrees = |run: &Run| {
            let spoilt = run.cells.iter().any(|cell| {
                let (usually, strictly) = spoils[usize::from(cell.state)];
                if run.strict { strictly } else { usually }
            });
            let is_known = symbols.platforms[run.platform as usize].os != Os::Other;
            run.says_ready != (is_known && !spoilt)
        };
        let is_unknown: Vec<bool> = symbols.checks.iter().map(|check| self.adviser.subject(check).is_none()).collect();
        let unknown = |run: &Run| run.cells.iter().any(|cell| is_unknown[usize::from(cell.check)]);
        // One report under two names has one machine and one moment.
        let mut moments: HashMap<(u32, i64), BTreeSet<u32>> = HashMap::new();
        for run in runs {
            if let Some(moment) = run.started.filter(|_| !symbols.machines[run.machine as usize].is_empty()) {
                moments.entry((run.machine, moment.seconds)).or_default().insert(run.learner);
            }
        }
        let copied = |run: &Run| {
            run.started
                .is_some_and(|moment| moments.get(&(run.machine, moment.seconds)).is_some_and(|who| who.len() > 1))
        };
        // Of equally many the one that sorts first.
        let mut profiles: BTreeMap<u32, usize> = BTreeMap::new();
        runs.iter().for_each(|run| *profiles.entry(run.profile).or_default() += 1);
        let usual = profiles
            .iter()
            .max_by_key(|(profile, many)| (**many, std::cmp::Reverse(&symbols.versions[**profile as usize])));
        let usual = usual.map_or(0, |(profile, _)| *profile);
        let told = [
            (
                "other-profile",
                "A report by another profile than most, so that other things were asked",
                of(&|run| run.profile != usual),
            ),
            ("copied", "The same report as somebody else's", of(&copied)),
            (
                "odd-time",
                "A report from before 2020 or from the future, which never replaces another one",
                of(&|run| run.odd_time),
            ),
            ("no-time", "A report that does not say when it was made", of(&|run| run.started.is_none())),
            (
                "no-zone",
                "A report without a time zone, taken as UTC",
                of(&|run| run.started.is_some_and(|moment| !moment.zoned)),
            ),
            (
                "name-and-file",
                "A label that is another person than the file's name; the label counts",
                of(&|run| run.disagrees),
            ),
            (
                "summary-disagrees",
                "A summary that says otherwise than its findings; the findings count",
                of(&disagrees),
            ),
            ("check-twice", "A check that stands in a report twice; the worse one counts", of(&|run| run.twice)),
            ("unknown-checks", "Checks that this doctor does not know, so that it has no fix for them", of(&unknown)),
        ];
        for (kind, say, learners) in told {
            self.notice(kind, say, learners);
        }
    }

    pub(super) fn notice(&mut self, kind: &'static str, say: &str, learners: Vec<String>) {
        let mut learners: Vec<String> = learners.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if learners.is_empty() {
            return;
        }
        let more = learners.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", the first {NAMED} of them") } else { String::new() };
        let many =
            if learners.len() == 1 { "1 learner".to_owned() } else { format!("{} learners{more}", learners.len()) };
        let say = format!("{say} ({many})");
        learners.truncate(NAMED);
        self.notices.insert(kind, (say, learners));
    }
}

/// Whether a state keeps a machine from being ready: the same rule as of one report.
fn spoils(state: &State, strict: bool) -> bool {
    let required = state.level == Level::Required;
    match Word::of(state) {
        Word::Fail => true,
        Word::Unknown | Word::Blocked => required,
        Word::Warn => strict,
        Word::Pass | Word::Skip | Word::Waived | Word::Missing => false,
    }
}
