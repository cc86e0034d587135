//! What is odd about reports, and whom it is about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Counting, in_parts};
use crate::{
    cohort::{
        Symbols, Word,
        gather::{Run, State},
    },
    model::{Level, Os},
};

/// Learners that a notice names; further ones are counted.
const NAMED: usize = 20;

/// What may be odd about a report, in the order in which it is asked.
const TOLD: [(&str, &str); 9] = [
    ("other-profile", "A report by another profile than most, so that other things were asked"),
    ("copied", "The same report as somebody else's"),
    ("odd-time", "A report from before 2020 or from the future, which never replaces another one"),
    ("no-time", "A report that does not say when it was made"),
    ("no-zone", "A report without a time zone, taken as UTC"),
    ("name-and-file", "A label that is another person than the file's name; the label counts"),
    ("summary-disagrees", "A summary that says otherwise than its findings; the findings count"),
    ("check-twice", "A check that stands in a report twice; the worse one counts"),
    ("unknown-checks", "Checks that this doctor does not know, so that it has no fix for them"),
];

const USUALLY: u8 = 1;
const STRICTLY: u8 = 2;
const UNKNOWN: u8 = 4;

impl Counting<'_> {
    /// What is odd about reports.
    pub(super) fn notice_runs(&mut self, runs: &[Run], threads: usize) {
        let symbols = &self.gathered.symbols;
        // One bit each: whether a state spoils a report, a strict one, and whether nobody knows the check.
        let spoils =
            |state: &State| (u8::from(spoils(state, false)) * USUALLY) | (u8::from(spoils(state, true)) * STRICTLY);
        let states: Vec<u8> = symbols.states.iter().map(spoils).collect();
        let checks: Vec<u8> =
            symbols.checks.iter().map(|check| u8::from(!self.known.contains(&**check)) * UNKNOWN).collect();
        let of = |run: &Run| {
            (run.cells.iter())
                .fold(0, |bits, cell| bits | states[usize::from(cell.state)] | checks[usize::from(cell.check)])
        };
        let bits = in_parts(runs, threads, |runs| runs.iter().map(of).collect::<Vec<u8>>()).concat();
        let is_copied = copied(runs, symbols);
        let usual = usual_profile(runs, symbols);
        let mut told = TOLD.map(|_| Vec::new());
        for ((at, run), bits) in runs.iter().enumerate().zip(bits) {
            let spoilt = bits & if run.strict { STRICTLY } else { USUALLY } != 0;
            let is_known = symbols.platforms[run.platform as usize].os != Os::Other;
            let odd = [
                run.profile != usual,
                is_copied.contains(&at),
                run.odd_time,
                run.started.is_none(),
                run.started.is_some_and(|moment| !moment.zoned),
                run.disagrees,
                run.says_ready != (is_known && !spoilt),
                run.twice,
                bits & UNKNOWN != 0,
            ];
            for (names, _) in told.iter_mut().zip(odd).filter(|(_, odd)| *odd) {
                names.push(self.name_of(std::slice::from_ref(run)));
            }
        }
        for ((kind, say), learners) in TOLD.into_iter().zip(told) {
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

/// Places of reports that somebody else handed in too: of one machine and one moment.
fn copied(runs: &[Run], symbols: &Symbols) -> HashSet<usize> {
    // Mostly a machine is one learner's; only of others the moments are compared.
    let mut owners: Vec<Option<u32>> = vec![None; symbols.machines.len()];
    let mut shared = vec![false; symbols.machines.len()];
    for run in runs {
        let machine = run.machine as usize;
        shared[machine] |= *owners[machine].get_or_insert(run.learner) != run.learner;
    }
    let mut moments: HashMap<(u32, i64), (BTreeSet<u32>, Vec<usize>)> = HashMap::new();
    for (at, run) in runs.iter().enumerate() {
        let machine = run.machine as usize;
        if let Some(moment) = run.started.filter(|_| shared[machine] && !symbols.machines[machine].is_empty()) {
            let (who, places) = moments.entry((run.machine, moment.seconds)).or_default();
            who.insert(run.learner);
            places.push(at);
        }
    }
    moments.into_values().filter(|(who, _)| who.len() > 1).flat_map(|(_, places)| places).collect()
}

/// The profile of most reports; of equally many the one that sorts first.
fn usual_profile(runs: &[Run], symbols: &Symbols) -> u32 {
    let mut profiles: BTreeMap<u32, usize> = BTreeMap::new();
    runs.iter().for_each(|run| *profiles.entry(run.profile).or_default() += 1);
    let usual = profiles
        .iter()
        .max_by_key(|(profile, many)| (**many, std::cmp::Reverse(&symbols.versions[**profile as usize])));
    usual.map_or(0, |(profile, _)| *profile)
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
