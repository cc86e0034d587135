//! From gathered reports to the cohort: verdicts, causes, splits, and what somebody should know. Learners are counted
//! in several threads, some thousands in each; the outcome is that of one after the other.

mod causes;
mod learners;
mod machine;
mod notices;
mod tally;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    thread,
};

use super::{
    Absent, Cohort, Column, Counts, Learner, Notice, Rejected, SCHEMA, Selection, Summary, Verdict, Word,
    advice::Adviser,
    gather::{Gathered, Run, Wanted, Who},
};
use crate::{
    calendar,
    catalog::Catalog,
    model::{Platform, report::Program},
};
use tally::Tallies;

/// Reports that one thread counts at least: fewer are counted sooner than a thread is begun.
const FEW: usize = 2000;

/// The cohort that these reports are, counted in at most so many threads.
pub fn cohort(gathered: Gathered, wanted: &Wanted, catalog: &Catalog, doctor: Program, threads: usize) -> Cohort {
    let mut gathered = gathered;
    let mut runs = std::mem::take(&mut gathered.runs);
    let mut counting = Counting::new(gathered, &runs, wanted, catalog);
    counting.notice_runs(&runs);
    counting.by_learner(&mut runs);
    let reported = counting.reported(&runs);
    let counted = runs.len();
    let (mut learners, tallies) = counting.learners(runs, threads);
    learners.sort_by(order);
    counting.cohort(counted, learners, tallies, &reported, doctor)
}

/// Those who need most help first, then by id.
fn order(left: &Learner, right: &Learner) -> std::cmp::Ordering {
    (right.verdict, &left.id).cmp(&(left.verdict, &right.id))
}

/// The same learners in order. What is compared is put side by side first: looking for each id where it lies takes far
/// longer than comparing it.
fn sorted(learners: Vec<Learner>) -> Vec<Learner> {
    let key = |(at, one): (usize, &Learner)| {
        let mut start = [0; 16];
        one.id.bytes().zip(&mut start).for_each(|(byte, into)| *into = byte);
        (std::cmp::Reverse(one.verdict), start, at)
    };
    let mut keys: Vec<_> = learners.iter().enumerate().map(key).collect();
    keys.sort_unstable_by(|left, right| {
        let whole = || (&learners[left.2].id, left.2).cmp(&(&learners[right.2].id, right.2));
        (left.0, left.1).cmp(&(right.0, right.1)).then_with(whole)
    });
    let mut learners: Vec<Option<Learner>> = learners.into_iter().map(Some).collect();
    keys.into_iter().filter_map(|(_, _, at)| learners[at].take()).collect()
}

/// What machines are split by.
pub fn group(platform: &Platform, scope: &str) -> &'static str {
    match scope {
        "windows" => "windows",
        "wsl" => "wsl",
        "container" => "container",
        "macos" if platform.hardware() == "aarch64" => "macos-arm",
        "macos" => "macos-intel",
        "linux" => match platform.family.as_str() {
            "debian" => "linux-debian",
            "fedora" => "linux-fedora",
            "arch" => "linux-arch",
            "alpine" => "linux-alpine",
            "suse" => "linux-suse",
            _ => "linux",
        },
        _ => "other",
    }
}

/// What all threads look at.
struct Counting<'a> {
    gathered: Gathered,
    wanted: &'a Wanted,
    catalog: &'a Catalog,
    /// What each platform's system and shell are called.
    systems: Vec<Arc<str>>,
    shells: Vec<Arc<str>>,
    /// What each state is shown as.
    words: Vec<Word>,
    /// Places of checks in the columns, and the checks of columns.
    column_of: Vec<u16>,
    columns: Vec<u16>,
    /// Ids of checks that the collector knows.
    known: HashSet<String>,
    /// By system and column: in how many reports the check stands.
    common: HashMap<&'static str, (usize, Vec<usize>)>,
    notices: BTreeMap<&'static str, (String, Vec<String>)>,
}

impl<'a> Counting<'a> {
    fn new(gathered: Gathered, runs: &[Run], wanted: &'a Wanted, catalog: &'a Catalog) -> Self {
        let order: HashMap<String, usize> =
            catalog.subjects().enumerate().map(|(at, subject)| (subject.id(), at)).collect();
        let checks = &gathered.symbols.checks;
        // Only what counting runs name is a column: others were replaced or left out.
        let mut with: HashMap<&'static str, (usize, Vec<usize>)> = HashMap::new();
        for run in runs {
            let (runs, with) = with.entry(run.scope).or_insert_with(|| (0, vec![0; checks.len()]));
            *runs += 1;
            run.cells.iter().for_each(|cell| with[usize::from(cell.check)] += 1);
        }
        let mut columns: Vec<u16> = (0..checks.len())
            .filter(|at| with.values().any(|(_, with)| with[*at] > 0))
            .filter_map(|at| u16::try_from(at).ok())
            .collect();
        let name = |at: &u16| &checks[usize::from(*at)];
        columns.sort_by_key(|at| (order.get(&**name(at)).copied().unwrap_or(usize::MAX), name(at)));
        let mut column_of = vec![u16::MAX; checks.len()];
        (0..).zip(&columns).for_each(|(column, at)| column_of[usize::from(*at)] = column);
        let in_columns = |with: Vec<usize>| columns.iter().map(|at| with[usize::from(*at)]).collect();
        Self {
            common: with.into_iter().map(|(scope, (runs, with))| (scope, (runs, in_columns(with)))).collect(),
            systems: gathered.symbols.platforms.iter().map(|platform| machine::system(platform).into()).collect(),
            shells: gathered.symbols.platforms.iter().map(|platform| platform.shell.as_str().into()).collect(),
            words: gathered.symbols.states.iter().map(Word::of).collect(),
            gathered,
            wanted,
            catalog,
            column_of,
            columns,
            known: order.into_keys().collect(),
            notices: BTreeMap::new(),
        }
    }

    /// Everybody, each thread a part of them, and what was counted meanwhile.
    fn learners(&self, mut runs: Vec<Run>, threads: usize) -> (Vec<Learner>, Tallies<'a>) {
        let parts = (runs.len() / FEW).clamp(1, threads.max(1));
        let mut rest: Vec<Vec<Run>> = Vec::new();
        for part in (1..parts).rev() {
            let mut from = runs.len() * part / (part + 1);
            while from > 0 && runs[from - 1].learner == runs[from].learner {
                from -= 1;
            }
            rest.push(runs.split_off(from));
        }
        thread::scope(|scope| {
            let others: Vec<_> = (rest.into_iter().rev()).map(|runs| scope.spawn(|| self.part(runs))).collect();
            let (mut learners, mut tallies) = self.part(runs);
            for other in others {
                let (mut more, counted) = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                let fixes = tallies.add(counted);
                let items = more.iter_mut().flat_map(|one| &mut one.machines).flat_map(|machine| &mut machine.open);
                items.filter_map(|item| item.fix.as_mut()).for_each(|fix| *fix = fixes[*fix]);
                learners.append(&mut more);
            }
            (learners, tallies)
        })
    }

    fn part(&self, runs: Vec<Run>) -> (Vec<Learner>, Tallies<'a>) {
        let mut tallies = Tallies::new(Adviser::new(self.catalog), self.columns.len());
        let mut learners = Vec::with_capacity(runs.chunk_by(|one, next| one.learner == next.learner).count());
        let mut runs = runs.into_iter().peekable();
        let mut own = Vec::new();
        while let Some(first) = runs.next() {
            let learner = first.learner;
            own.push(first);
            while let Some(run) = runs.next_if(|run| run.learner == learner) {
                own.push(run);
            }
            learners.push(self.learner(learner, &mut own, &mut tallies));
        }
        (sorted(learners), tallies)
    }

    /// Which people of the roster reported.
    fn reported(&self, runs: &[Run]) -> Vec<bool> {
        let mut reported = vec![false; self.wanted.roster.people.len()];
        for run in runs {
            if let Who::Listed(person) = self.gathered.symbols.learners[run.learner as usize] {
                reported[person] = true;
            }
        }
        reported
    }

    fn cohort(
        mut self,
        counted: usize,
        learners: Vec<Learner>,
        tallies: Tallies<'_>,
        reported: &[bool],
        doctor: Program,
    ) -> Cohort {
        let people = &self.wanted.roster.people;
        let not_reported: Vec<Absent> = (people.iter().zip(reported))
            .filter(|(_, reported)| !**reported)
            .map(|(one, _)| Absent { id: one.id.clone(), name: one.name.clone(), group: one.group.clone() })
            .collect();
        let of = |verdict: Verdict| learners.iter().filter(|one| one.verdict == verdict).count();
        let summary = Summary {
            learners: learners.len(),
            ready: of(Verdict::Ready),
            alone: of(Verdict::Alone),
            staff: of(Verdict::Staff),
            admin: of(Verdict::Admin),
            expected: people.len(),
            not_reported: not_reported.len(),
            counted,
            reports: self.gathered.reports,
            earlier: self.gathered.earlier.values().map(|many| *many as usize).sum(),
            before: self.gathered.before,
            elsewhere: self.gathered.elsewhere,
            rejected: self.gathered.refused_count,
        };
        if !people.is_empty() {
            let strangers: Vec<String> =
                learners.iter().filter(|one| one.listed == Some(false)).map(|one| one.id.clone()).collect();
            self.notice("not-in-roster", "Not in the roster", strangers);
        }
        for (line, what) in &self.wanted.roster.wrong {
            let (say, _) = self
                .notices
                .entry("roster")
                .or_insert_with(|| ("The roster was not read as a whole".to_owned(), Vec::new()));
            say.push_str(&format!("; line {line}: {what}"));
        }
        let checks = self.checks(&tallies.adviser, &tallies.columns());
        let platforms = tallies.splits();
        let (causes, fixes) = tallies.causes(learners.len());
        let mut symbols = self.gathered.symbols;
        // Their names are in the learners.
        (symbols.learners, symbols.machines) = (Vec::new(), Vec::new());
        let rejected = (self.gathered.refused.into_iter())
            .map(|one| Rejected { source: one.origin.to_string(), place: one.place, reason: one.reason })
            .collect();
        Cohort {
            schema: SCHEMA,
            doctor,
            made: calendar::rfc3339(self.wanted.now),
            selection: Selection {
                runs: if self.wanted.all { "all" } else { "latest" }.to_owned(),
                since: self.wanted.since.map(calendar::rfc3339),
                scopes: self.wanted.scopes.clone(),
            },
            summary,
            learners,
            causes,
            fixes,
            checks,
            platforms,
            not_reported,
            rejected,
            notices: (self.notices.into_iter())
                .map(|(kind, (say, learners))| Notice { kind: kind.to_owned(), say, learners })
                .collect(),
            symbols,
        }
    }

    fn checks(&self, adviser: &Adviser<'_>, counts: &[Counts]) -> Vec<Column> {
        let column = |(check, counts): (&u16, &Counts)| {
            let id = &self.gathered.symbols.checks[usize::from(*check)];
            let subject = adviser.subject(id);
            Column {
                id: id.to_string(),
                tool: subject.map(|subject| subject.tool.tool.clone()).unwrap_or_default(),
                title: subject.map(|subject| subject.check.title.clone()).unwrap_or_default(),
                counts: *counts,
            }
        };
        self.columns.iter().zip(counts).map(column).collect()
    }
}
