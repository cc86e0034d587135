//! From gathered reports to the cohort: verdicts, causes, splits, and what somebody should know.

mod causes;
mod machine;
mod notices;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Absent, Cohort, Column, Counts, Learner, Machine, Notice, Rejected, SCHEMA, Selection, Split, Summary, Verdict,
    Word,
    advice::Adviser,
    gather::{Gathered, Run, Wanted, Who},
};
use crate::{
    calendar,
    catalog::Catalog,
    model::{Platform, report::Program},
};
use causes::Tally;

/// The cohort that these reports are.
pub fn cohort(gathered: Gathered, wanted: &Wanted, catalog: &Catalog, doctor: Program) -> Cohort {
    Counting::new(gathered, wanted, catalog).cohort(doctor)
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

struct Counting<'a> {
    gathered: Gathered,
    wanted: &'a Wanted,
    adviser: Adviser<'a>,
    platforms: Vec<Arc<Platform>>,
    /// What each platform's system and shell are called.
    systems: Vec<Arc<str>>,
    shells: Vec<Arc<str>>,
    /// What each state is shown as.
    words: Vec<Word>,
    /// Places of checks in the columns.
    column_of: Vec<usize>,
    columns: Vec<Column>,
    /// By system and column: in how many reports the check stands.
    common: HashMap<&'static str, (usize, Vec<usize>)>,
    causes: HashMap<Arc<str>, Tally>,
    groups: BTreeMap<&'static str, Split>,
    group_causes: HashMap<(&'static str, Arc<str>), usize>,
    notices: BTreeMap<&'static str, (String, Vec<String>)>,
}

impl<'a> Counting<'a> {
    fn new(gathered: Gathered, wanted: &'a Wanted, catalog: &'a Catalog) -> Self {
        let adviser = Adviser::new(catalog);
        let order: HashMap<String, usize> = adviser.order().enumerate().map(|(at, id)| (id, at)).collect();
        let checks = &gathered.symbols.checks;
        // Only what counting runs name is a column: others were replaced or left out.
        let mut used = vec![false; checks.len()];
        gathered.runs.iter().flat_map(|run| run.cells.iter()).for_each(|cell| used[usize::from(cell.check)] = true);
        let mut places: Vec<usize> = (0..checks.len()).filter(|at| used[*at]).collect();
        places.sort_by_key(|at| (order.get(&*checks[*at]).copied().unwrap_or(usize::MAX), &checks[*at]));
        let mut column_of = vec![usize::MAX; checks.len()];
        places.iter().enumerate().for_each(|(column, at)| column_of[*at] = column);
        let column = |at: &usize| {
            let subject = adviser.subject(&checks[*at]);
            Column {
                id: checks[*at].to_string(),
                tool: subject.map(|subject| subject.tool.tool.clone()).unwrap_or_default(),
                title: subject.map(|subject| subject.check.title.clone()).unwrap_or_default(),
                counts: Counts::default(),
            }
        };
        let columns: Vec<Column> = places.iter().map(column).collect();
        let mut common: HashMap<&'static str, (usize, Vec<usize>)> = HashMap::new();
        for run in &gathered.runs {
            let (runs, with) = common.entry(run.scope).or_insert_with(|| (0, vec![0; columns.len()]));
            *runs += 1;
            run.cells.iter().for_each(|cell| with[column_of[usize::from(cell.check)]] += 1);
        }
        Self {
            platforms: gathered.symbols.platforms.iter().cloned().map(Arc::new).collect(),
            systems: gathered.symbols.platforms.iter().map(|platform| machine::system(platform).into()).collect(),
            shells: gathered.symbols.platforms.iter().map(|platform| platform.shell.as_str().into()).collect(),
            words: gathered.symbols.states.iter().map(Word::of).collect(),
            gathered,
            wanted,
            adviser,
            column_of,
            columns,
            common,
            causes: HashMap::new(),
            groups: BTreeMap::new(),
            group_causes: HashMap::new(),
            notices: BTreeMap::new(),
        }
    }

    fn cohort(mut self, doctor: Program) -> Cohort {
        let mut runs = std::mem::take(&mut self.gathered.runs);
        let mut summary = Summary {
            counted: runs.len(),
            reports: self.gathered.reports,
            earlier: self.gathered.earlier.values().map(|many| *many as usize).sum(),
            before: self.gathered.before,
            elsewhere: self.gathered.elsewhere,
            rejected: self.gathered.refused_count,
            expected: self.wanted.roster.people.len(),
            ..Summary::default()
        };
        self.notice_runs(&runs);
        let mut reported = HashSet::new();
        self.by_learner(&mut runs);
        let mut learners = Vec::with_capacity(runs.chunk_by(|one, next| one.learner == next.learner).count());
        let mut runs = runs.into_iter().peekable();
        while let Some(first) = runs.next() {
            let nobody = Who::Listed(usize::MAX);
            let who = std::mem::replace(&mut self.gathered.symbols.learners[first.learner as usize], nobody);
            let mut own = vec![first];
            while let Some(run) = runs.next_if(|run| run.learner == own[0].learner) {
                own.push(run);
            }
            if !self.wanted.all {
                join(&mut own);
            }
            if let Who::Listed(person) = who {
                reported.insert(person);
            }
            let learner = self.learner(&who, own);
            summary.learners += 1;
            match learner.verdict {
                Verdict::Ready => summary.ready += 1,
                Verdict::Alone => summary.alone += 1,
                Verdict::Staff => summary.staff += 1,
                Verdict::Admin => summary.admin += 1,
            }
            learners.push(learner);
        }
        learners.sort_by(|left, right| (right.verdict, &left.id).cmp(&(left.verdict, &right.id)));
        // Their names are in the learners now.
        (self.gathered.symbols.learners, self.gathered.symbols.machines) = (Vec::new(), Vec::new());
        let people = &self.wanted.roster.people;
        let not_reported: Vec<Absent> = (people.iter().enumerate())
            .filter(|(at, _)| !reported.contains(at))
            .map(|(_, one)| Absent { id: one.id.clone(), name: one.name.clone(), group: one.group.clone() })
            .collect();
        summary.not_reported = not_reported.len();
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
        let causes = self.causes(summary.learners);
        let splits = self.splits();
        let rejected = (self.gathered.refused.iter())
            .map(|one| Rejected {
                source: one.origin.to_string(),
                place: one.place.clone(),
                reason: one.reason.clone(),
            })
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
            fixes: self.adviser.fixes,
            checks: self.columns,
            platforms: splits,
            not_reported,
            rejected,
            notices: (self.notices.into_iter())
                .map(|(kind, (say, learners))| Notice { kind: kind.to_owned(), say, learners })
                .collect(),
            symbols: self.gathered.symbols,
        }
    }

    /// Runs put together by learner, in the inputs' order of each one's first. One who is known by a machine only,
    /// which just one other learner has, is that learner.
    fn by_learner(&mut self, runs: &mut [Run]) {
        let mut owners: HashMap<u32, Vec<u32>> = HashMap::new();
        let symbols = &self.gathered.symbols;
        let is_named = |learner: u32| matches!(symbols.learners[learner as usize], Who::Listed(_) | Who::Labelled(_));
        for run in runs.iter().filter(|run| is_named(run.learner) && !symbols.machines[run.machine as usize].is_empty())
        {
            let owners = owners.entry(run.machine).or_default();
            if !owners.contains(&run.learner) {
                owners.push(run.learner);
            }
        }
        let mut first = vec![u32::MAX; symbols.learners.len()];
        for (at, run) in runs.iter_mut().enumerate() {
            if let Some([owner]) = owners.get(&run.machine).map(Vec::as_slice)
                && !is_named(run.learner)
            {
                run.learner = *owner;
            }
            let first = &mut first[run.learner as usize];
            *first = (*first).min(u32::try_from(at).unwrap_or(u32::MAX));
        }
        runs.sort_by_key(|run| first[run.learner as usize]);
        let shared: BTreeSet<u32> = owners.into_values().filter(|owners| owners.len() > 1).flatten().collect();
        let is_shared = |runs: &&[Run]| shared.contains(&runs[0].learner);
        let of_one = runs.chunk_by(|one, next| one.learner == next.learner);
        let names: Vec<String> = of_one
            .filter(is_shared)
            .map(|runs| self.name_of(&self.gathered.symbols.learners[runs[0].learner as usize], runs))
            .collect();
        self.notice(
            "same-machine",
            "One machine, several learners: a report under two names, or a computer that two use",
            names,
        );
    }

    /// What somebody is called.
    fn name_of(&self, who: &Who, runs: &[Run]) -> String {
        match who {
            Who::Listed(person) => self.wanted.roster.people[*person].id.clone(),
            Who::Labelled(folded) => {
                let latest = runs.iter().filter(|run| !run.label.is_empty()).max_by_key(|run| run.order);
                latest.map_or_else(|| folded.clone(), |run| run.label.to_string())
            }
            Who::Machine(id) => id.clone(),
            Who::Origin(name) => name.clone(),
        }
    }

    fn learner(&mut self, who: &Who, mut runs: Vec<Run>) -> Learner {
        runs.sort_by(|left, right| {
            (left.scope, left.machine, left.order).cmp(&(right.scope, right.machine, right.order))
        });
        let id = self.name_of(who, &runs);
        let (name, group) = match who {
            Who::Listed(person) => {
                let person = &self.wanted.roster.people[*person];
                (person.name.clone(), person.group.clone())
            }
            Who::Machine(_) => (name_in_path(&runs), String::new()),
            _ => (String::new(), String::new()),
        };
        let machines: Vec<Machine> = runs.into_iter().map(|run| self.machine(run)).collect();
        self.tally(&machines);
        let verdict = machines.iter().map(|machine| machine.verdict).max().unwrap_or_default();
        let worst = machines.iter().filter(|machine| machine.verdict == verdict).flat_map(|machine| &machine.open);
        let reason = worst
            .filter(|item| item.counts)
            .max_by_key(|item| (Verdict::waits_for(item.owner) == verdict, item.word != Word::Blocked))
            .map(|_| ());
        let reason = reason.and_then(|()| first_reason(&machines, verdict)).unwrap_or_default();
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
    Some(if item.found.is_empty() { item.cause.to_string() } else { item.found.clone() })
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
