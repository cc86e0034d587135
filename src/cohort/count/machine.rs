//! One machine by one report: what is in order and what is not, and who can mend it.

use std::sync::Arc;

use super::{Counting, Tallies, group};
use crate::{
    cohort::{
        Item, Machine, Verdict, Word,
        advice::{Adviser, Case},
        gather::{Cell, Run},
        parse::Shown,
    },
    model::{Level, Os, Outcome, Owner, Platform, Step},
};

impl Counting<'_> {
    pub(super) fn machine(&self, mut run: Run, tallies: &mut Tallies<'_>) -> Machine {
        let at = run.platform as usize;
        let platform = &self.gathered.symbols.platforms[at];
        let group = group(platform, run.scope);
        let mut cells: Box<[Word]> = vec![Word::Missing; self.columns.len()].into();
        let mut facts = std::mem::take(&mut run.cells);
        for fact in &mut facts {
            fact.check = self.column_of[usize::from(fact.check)];
            cells[usize::from(fact.check)] = self.words[usize::from(fact.state)];
        }
        tallies.sort(&mut facts);
        let counts = tallies.count(&cells);
        let open = self.open(&run, platform, &cells, &facts, tallies);
        let verdict =
            open.iter().filter(|item| item.counts).map(|item| Verdict::waits_for(item.owner)).max().unwrap_or_default();
        let key = (run.learner, run.machine, run.scope);
        Machine {
            id: Arc::clone(&self.gathered.symbols.machines[run.machine as usize]),
            scope: run.scope,
            platform: group,
            system: Arc::clone(&self.systems[at]),
            shell: Arc::clone(&self.shells[at]),
            started: run.started.map(|moment| moment.seconds),
            earlier: self.gathered.earlier.get(&key).copied().unwrap_or(0),
            doctor: Arc::clone(&self.gathered.symbols.versions[run.doctor as usize]),
            source: run.origin,
            order: run.order,
            odd_time: run.odd_time,
            verdict,
            counts,
            open,
            cells,
            facts,
        }
    }

    /// What is not in order on a machine.
    fn open(
        &self,
        run: &Run,
        platform: &Platform,
        cells: &[Word],
        facts: &[Cell],
        tallies: &mut Tallies<'_>,
    ) -> Vec<Item> {
        let mut open = Vec::new();
        if platform.os == Os::Other {
            open.push(item(
                "report",
                "report/unknown-system",
                "doctor does not know this system, so it cannot judge it",
                Owner::Staff,
            ));
        }
        let mut blocked: Vec<(Item, &str)> = Vec::new();
        for fact in facts {
            let word = self.words[usize::from(fact.state)];
            // Most of most reports; nothing is copied for it.
            if matches!(word, Word::Pass | Word::Skip | Word::Waived | Word::Missing) {
                continue;
            }
            let state = &self.gathered.symbols.states[usize::from(fact.state)];
            let place = self.columns[usize::from(fact.check)];
            let check = &self.gathered.symbols.checks[usize::from(place)];
            match word {
                Word::Blocked if state.level != Level::Required => continue,
                Word::Blocked => {
                    let found = format!("Cannot be looked at before `{}` passes", state.blocked_by);
                    let one = item(check, &format!("{check}/blocked"), &found, Owner::Staff);
                    // Kept until it is known whether what blocks it is told itself.
                    blocked.push((Item { word, ..one }, &state.blocked_by));
                    continue;
                }
                Word::Unknown if state.level == Level::Optional => continue,
                _ => {}
            }
            let detail = run.open.iter().find(|open| open.check == place);
            let cause: Arc<str> = match state.diagnosis.is_empty() {
                true => format!("{check}/unexplained").into(),
                false => Arc::clone(&state.diagnosis),
            };
            let fix = detail.map_or(0, |open| open.fix);
            let case = Case { check, diagnosis: &cause, outcome: state.outcome, fix };
            let advice = tallies.adviser.on((fact.state, run.platform), case, platform);
            let counts = state.level == Level::Required || run.strict && state.outcome == Outcome::Fail;
            let (check, shown) = (Arc::clone(check), detail.map(|open| Arc::clone(&open.shown)).unwrap_or_default());
            open.push(Item { check, cause, word, counts, owner: advice.owner, fix: advice.fix, shown });
        }
        for (one, by) in blocked {
            match open.iter_mut().find(|item| *item.check == *by) {
                // One cause is one failure: what waits for it only makes it count.
                Some(item) => item.counts = true,
                None => open.push(one),
            }
        }
        if facts.len() < cells.len() {
            open.extend(self.incomplete(run.scope, platform, cells, &mut tallies.adviser));
        }
        open.shrink_to_fit();
        open
    }

    /// Required checks that most reports of this system have and this one does not.
    fn incomplete(
        &self,
        scope: &'static str,
        platform: &Platform,
        cells: &[Word],
        adviser: &mut Adviser<'_>,
    ) -> Option<Item> {
        let (runs, with) = self.common.get(scope)?;
        let name = |column: usize| &*self.gathered.symbols.checks[usize::from(self.columns[column])];
        let is_required = |column: usize| {
            adviser.subject(name(column)).is_some_and(|subject| subject.level(platform) == Level::Required)
        };
        let missing: Vec<&str> = (0..cells.len())
            .filter(|column| cells[*column] == Word::Missing && with[*column] * 2 >= *runs && is_required(*column))
            .map(name)
            .collect();
        if missing.is_empty() {
            return None;
        }
        let more = if missing.len() > 3 { format!(" and {} more", missing.len() - 3) } else { String::new() };
        let named = missing.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let found = format!("Required checks are missing from the report: {named}{more}");
        let act = "Run the newest `doctor` without leaving checks out, and hand its report in".to_owned();
        let fix = Some(adviser.own(Step { act, ..Step::default() }));
        Some(Item { word: Word::Missing, fix, ..item("report", "report/incomplete", &found, Owner::Learner) })
    }
}

fn item(check: &str, cause: &str, found: &str, owner: Owner) -> Item {
    Item {
        check: check.into(),
        cause: cause.into(),
        word: Word::Unknown,
        counts: true,
        owner,
        fix: None,
        shown: Arc::new(Shown { found: found.to_owned(), ..Shown::default() }),
    }
}

pub(super) fn system(platform: &Platform) -> String {
    let name = if platform.name.is_empty() {
        format!("{} {}", platform.distro, platform.version)
    } else {
        platform.name.clone()
    };
    let name = name.trim();
    if platform.hardware().is_empty() { name.to_owned() } else { format!("{name}, {}", platform.hardware()) }
}
