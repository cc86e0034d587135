//! One machine by one report: what is in order and what is not, and who can mend it.

use std::sync::Arc;

use super::{Counting, group};
use crate::{
    calendar,
    cohort::{
        Counts, Item, Machine, Verdict, Word,
        advice::Case,
        gather::{Cell, Open, Run},
    },
    model::{Level, Os, Outcome, Owner, Platform, Step},
};

impl Counting<'_> {
    pub(super) fn machine(&mut self, mut run: Run) -> Machine {
        let at = run.platform as usize;
        let (platform, system, shell) =
            (Arc::clone(&self.platforms[at]), Arc::clone(&self.systems[at]), Arc::clone(&self.shells[at]));
        let group = group(&platform, run.scope);
        let mut cells: Box<[Word]> = vec![Word::Missing; self.columns.len()].into();
        let mut facts = std::mem::take(&mut run.cells);
        for cell in &facts {
            cells[self.column_of[usize::from(cell.check)]] = self.words[usize::from(cell.state)];
        }
        facts.sort_unstable_by_key(|cell| self.column_of[usize::from(cell.check)]);
        let mut counts = Counts::default();
        for (column, word) in cells.iter().enumerate() {
            counts.add(*word);
            self.columns[column].counts.add(*word);
        }
        let details = std::mem::take(&mut run.open).into_vec();
        let open = self.open(&run, details, &platform, &cells, &facts);
        facts.iter_mut().for_each(|cell| cell.check = self.column_of[usize::from(cell.check)] as u16);
        let verdict =
            open.iter().filter(|item| item.counts).map(|item| Verdict::waits_for(item.owner)).max().unwrap_or_default();
        let key = (run.learner, run.machine, run.scope);
        Machine {
            id: Arc::clone(&self.gathered.symbols.machines[run.machine as usize]),
            scope: run.scope,
            platform: group,
            system,
            shell,
            started: run.started.map(|moment| calendar::rfc3339(moment.seconds)),
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
        &mut self,
        run: &Run,
        mut details: Vec<Open>,
        platform: &Platform,
        cells: &[Word],
        facts: &[Cell],
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
        let mut blocked: Vec<Item> = Vec::new();
        for fact in facts {
            let word = self.words[usize::from(fact.state)];
            // Most of most reports; nothing is copied for it.
            if matches!(word, Word::Pass | Word::Skip | Word::Waived | Word::Missing) {
                continue;
            }
            let state = self.gathered.symbols.states[usize::from(fact.state)].clone();
            let check = Arc::clone(&self.gathered.symbols.checks[usize::from(fact.check)]);
            match word {
                Word::Blocked if state.level != Level::Required => continue,
                Word::Blocked => {
                    let mut one = item(
                        &check,
                        "",
                        &format!("Cannot be looked at before `{}` passes", state.blocked_by),
                        Owner::Staff,
                    );
                    one.cause = format!("{check}/blocked").into();
                    one.word = word;
                    // Kept until it is known whether what blocks it is told itself.
                    one.program = state.blocked_by.to_string();
                    blocked.push(one);
                    continue;
                }
                Word::Unknown if state.level == Level::Optional => continue,
                _ => {}
            }
            // Taken and not copied: there are few of them, and many learners.
            let detail = details.iter().position(|open| open.check == fact.check).map(|at| details.swap_remove(at));
            let cause: Arc<str> = match state.diagnosis.is_empty() {
                true => format!("{check}/unexplained").into(),
                false => state.diagnosis,
            };
            let fix = detail.as_ref().map_or(0, |open| open.fix);
            let case = Case { check: &check, diagnosis: &cause, outcome: state.outcome, fix };
            let advice = self.adviser.on((fact.state, run.platform), case, platform);
            let counts = state.level == Level::Required || run.strict && state.outcome == Outcome::Fail;
            let (found, shown) = detail.map(|open| (open.found.into_string(), open.shown)).unwrap_or_default();
            open.push(Item {
                check,
                cause,
                word,
                counts,
                found,
                owner: advice.owner,
                fix: advice.fix,
                command: shown.command,
                program: shown.program,
                candidates: if shown.candidates.len() > 1 { shown.candidates } else { Vec::new() },
                exit: shown.exit,
                excerpt: shown.excerpt,
            });
        }
        for mut one in blocked {
            let by = std::mem::take(&mut one.program);
            match open.iter_mut().find(|item| *item.check == *by) {
                // One cause is one failure: what waits for it only makes it count.
                Some(item) => item.counts = true,
                None => open.push(one),
            }
        }
        if facts.len() < cells.len() {
            self.incomplete(run.scope, platform, cells, &mut open);
        }
        open.shrink_to_fit();
        open
    }

    /// Required checks that most reports of this system have and this one does not.
    fn incomplete(&mut self, scope: &'static str, platform: &Platform, cells: &[Word], open: &mut Vec<Item>) {
        let Some((runs, with)) = self.common.get(scope) else { return };
        let is_required = |column: usize| {
            let subject = self.adviser.subject(&self.columns[column].id);
            subject.is_some_and(|subject| subject.level(platform) == Level::Required)
        };
        let missing: Vec<&str> = (0..cells.len())
            .filter(|column| cells[*column] == Word::Missing && with[*column] * 2 >= *runs && is_required(*column))
            .map(|column| self.columns[column].id.as_str())
            .collect();
        if missing.is_empty() {
            return;
        }
        let more = if missing.len() > 3 { format!(" and {} more", missing.len() - 3) } else { String::new() };
        let named = missing.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let found = format!("Required checks are missing from the report: {named}{more}");
        let mut one = item("report", "report/incomplete", &found, Owner::Learner);
        one.word = Word::Missing;
        let act = "Run the newest `doctor` without leaving checks out, and hand its report in".to_owned();
        one.fix = Some(self.adviser.own(Step { act, ..Step::default() }));
        open.push(one);
    }
}

fn item(check: &str, cause: &str, found: &str, owner: Owner) -> Item {
    Item {
        check: check.into(),
        cause: cause.into(),
        word: Word::Unknown,
        counts: true,
        found: found.to_owned(),
        owner,
        fix: None,
        command: String::new(),
        program: String::new(),
        candidates: Vec::new(),
        exit: None,
        excerpt: String::new(),
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
