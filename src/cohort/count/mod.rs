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
    let mut counting = Counting::new(gathered, &runs, wanted, catalog, threads);
    counting.notice_runs(&runs, threads);
    counting.by_learner(&mut runs);
    let reported = counting.reported(&runs);
    let counted = runs.len();
    let (parts, tallies) = counting.learners(runs, threads);
    let names = counting.gathered.symbols.names();
    // Nobody waits for it; without a thread it is done here.
    let _ = thread::Builder::new().spawn(|| drop(names));
    let learners = merged(parts);
    counting.cohort(counted, learners, tallies, &reported, doctor)
}

/// What learners are sorted by: those who need most help first, then by id, of which this is the beginning.
type Key = (std::cmp::Reverse<Verdict>, u128);

/// Learners in order, with their keys. What is compared is put side by side: looking for each id where it lies takes
/// far longer than comparing it.
type Sorted = (Vec<Key>, Vec<Learner>);

fn sorted(learners: Vec<Learner>) -> Sorted {
    let key = |(at, one): (usize, &Learner)| {
        let mut start = [0; 16];
        let long = one.id.len().min(start.len());
        start[..long].copy_from_slice(&one.id.as_bytes()[..long]);
        ((std::cmp::Reverse(one.verdict), u128::from_be_bytes(start)), at)
    };
    let mut keys: Vec<(Key, usize)> = learners.iter().enumerate().map(key).collect();
    keys.sort_unstable_by(|left, right| {
        let whole = || (&learners[left.1].id, left.1).cmp(&(&learners[right.1].id, right.1));
        left.0.cmp(&right.0).then_with(whole)
    });
    let mut learners: Vec<Option<Learner>> = learners.into_iter().map(Some).collect();
    let learners = keys.iter().filter_map(|(_, at)| learners[*at].take()).collect();
    (keys.into_iter().map(|(key, _)| key).collect(), learners)
}

/// Several parts in one order.
fn merged(parts: Vec<Sorted>) -> Vec<Learner> {
    let mut learners = Vec::with_capacity(parts.iter().map(|(_, learners)| learners.len()).sum());
    let mut parts: Vec<_> =
        parts.into_iter().map(|(keys, learners)| keys.into_iter().zip(learners).peekable()).collect();
    loop {
        let heads = parts.iter_mut().enumerate().filter_map(|(at, part)| Some((at, part.peek()?)));
        let first = heads.min_by(|(_, left), (_, right)| (left.0, &left.1.id).cmp(&(right.0, &right.1.id)));
        let Some(at) = first.map(|(at, _)| at) else { return learners };
        learners.extend(parts[at].next().map(|(_, learner)| learner));
    }
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

/// By system: how many reports there are of it, and in how many of them each check stands.
type Standing = HashMap<&'static str, (usize, Vec<usize>)>;

fn standing(runs: &[Run], checks: usize, threads: usize) -> Standing {
    let count = |runs: &[Run]| {
        let mut with = Standing::new();
        for runs in runs.chunk_by(|one, next| one.scope == next.scope) {
            let (many, with) = with.entry(runs[0].scope).or_insert_with(|| (0, vec![0; checks]));
            *many += runs.len();
            runs.iter().flat_map(|run| &run.cells).for_each(|cell| with[usize::from(cell.check)] += 1);
        }
        with
    };
    let mut with = Standing::new();
    for part in in_parts(runs, threads, count) {
        for (scope, (many, more)) in part {
            let (so_far, with) = with.entry(scope).or_insert_with(|| (0, vec![0; checks]));
            *so_far += many;
            with.iter_mut().zip(more).for_each(|(with, more)| *with += more);
        }
    }
    with
}

/// What comes out for each part of the runs, in their order, each part in a thread of its own.
fn in_parts<T: Send>(runs: &[Run], threads: usize, of: impl Fn(&[Run]) -> T + Sync) -> Vec<T> {
    let mut parts = runs.chunks(runs.len().div_ceil(threads.max(1)).max(FEW));
    thread::scope(|scope| {
        let (first, of) = (parts.next().unwrap_or_default(), &of);
        let others: Vec<_> = parts.map(|part| scope.spawn(move || of(part))).collect();
        let mut all = vec![of(first)];
        all.extend(others.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        all
    })
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
    common: Standing,
    notices: BTreeMap<&'static str, (String, Vec<String>)>,
}

impl<'a> Counting<'a> {
    fn new(gathered: Gathered, runs: &[Run], wanted: &'a Wanted, catalog: &'a Catalog, threads: usize) -> Self {
        let order: HashMap<String, usize> =
            catalog.subjects().enumerate().map(|(at, subject)| (subject.id(), at)).collect();
        let checks = &gathered.symbols.checks;
        // Only what counting runs name is a column: others were replaced or left out.
        let with = standing(runs, checks.len(), threads);
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
    fn learners(&self, mut runs: Vec<Run>, threads: usize) -> (Vec<Sorted>, Tallies<'a>) {
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
            let (learners, mut tallies) = self.part(runs);
            let mut parts = vec![learners];
            for other in others {
                let (mut more, counted) = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                let fixes = tallies.add(counted);
                let items = more.1.iter_mut().flat_map(|one| &mut one.machines).flat_map(|machine| &mut machine.open);
                items.filter_map(|item| item.fix.as_mut()).for_each(|fix| *fix = fixes[*fix]);
                parts.push(more);
            }
            (parts, tallies)
        })
    }

    fn part(&self, runs: Vec<Run>) -> (Sorted, Tallies<'a>) {
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
        let symbols = self.gathered.symbols;
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
