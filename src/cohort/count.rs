//! From gathered reports to the cohort: verdicts, causes, splits, and what somebody should know.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Absent, Cause, Cohort, Column, Counts, FixFor, Item, Learner, Machine, Notice, On, Rejected, SCHEMA, Selection,
    Split, Summary, Verdict, Word,
    advice::{Adviser, Case, named},
    gather::{Cell, Gathered, Open, Run, Wanted, Who},
};
use crate::{
    calendar,
    catalog::Catalog,
    model::{Level, Os, Outcome, Owner, Platform, Step, report::Program, template},
};

/// Learners that a notice names; further ones are counted.
const NAMED: usize = 20;
/// A cause that so many have, and so large a part of a platform's learners, but hardly anybody elsewhere, speaks
/// against the instruction.
const SUSPECT: (usize, usize, usize) = (3, 50, 10);

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
    /// Places of checks in the columns.
    column_of: Vec<usize>,
    columns: Vec<Column>,
    /// By system and column: in how many reports the check stands.
    common: HashMap<&'static str, (usize, Vec<usize>)>,
    causes: BTreeMap<String, Tally>,
    groups: BTreeMap<&'static str, Split>,
    group_causes: HashMap<(&'static str, String), usize>,
    notices: BTreeMap<&'static str, (String, Vec<String>)>,
}

#[derive(Default)]
struct Tally {
    check: String,
    required: bool,
    learners: usize,
    machines: usize,
    owners: [usize; 3],
    fixes: BTreeMap<usize, (usize, BTreeSet<&'static str>)>,
    platforms: BTreeMap<&'static str, usize>,
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
        places.sort_by_key(|at| (order.get(&checks[*at]).copied().unwrap_or(usize::MAX), &checks[*at]));
        let mut column_of = vec![usize::MAX; checks.len()];
        places.iter().enumerate().for_each(|(column, at)| column_of[*at] = column);
        let column = |at: &usize| {
            let subject = adviser.subject(&checks[*at]);
            Column {
                id: checks[*at].clone(),
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
            gathered,
            wanted,
            adviser,
            column_of,
            columns,
            common,
            causes: BTreeMap::new(),
            groups: BTreeMap::new(),
            group_causes: HashMap::new(),
            notices: BTreeMap::new(),
        }
    }

    fn cohort(mut self, doctor: Program) -> Cohort {
        let runs = std::mem::take(&mut self.gathered.runs);
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
        let mut learners = Vec::new();
        for (who, runs) in self.by_learner(runs) {
            if let Who::Listed(person) = who {
                reported.insert(person);
            }
            let learner = self.learner(&who, runs);
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

    /// Runs by learner. One who is known by a machine only, which just one other learner has, is that learner.
    fn by_learner(&mut self, runs: Vec<Run>) -> Vec<(Who, Vec<Run>)> {
        let mut owners: HashMap<u32, BTreeSet<u32>> = HashMap::new();
        let symbols = &self.gathered.symbols;
        let is_named = |learner: u32| matches!(symbols.learners[learner as usize], Who::Listed(_) | Who::Labelled(_));
        for run in runs.iter().filter(|run| is_named(run.learner) && !symbols.machines[run.machine as usize].is_empty())
        {
            owners.entry(run.machine).or_default().insert(run.learner);
        }
        let mut by: BTreeMap<u32, Vec<Run>> = BTreeMap::new();
        for run in runs {
            let owner = owners.get(&run.machine).filter(|owners| owners.len() == 1).and_then(|owners| owners.first());
            let learner = owner.copied().filter(|_| !is_named(run.learner)).unwrap_or(run.learner);
            by.entry(learner).or_default().push(run);
        }
        let shared: Vec<&BTreeSet<u32>> = owners.values().filter(|owners| owners.len() > 1).collect();
        let ids: BTreeSet<u32> = shared.into_iter().flatten().copied().collect();
        let names: Vec<String> = ids.iter().map(|id| self.name_of(&symbols.learners[*id as usize], &by[id])).collect();
        let mut learners: Vec<(Who, Vec<Run>)> =
            by.into_iter().map(|(learner, runs)| (symbols.learners[learner as usize].clone(), runs)).collect();
        if !self.wanted.all {
            learners.iter_mut().for_each(|(_, runs)| join(runs));
        }
        self.notice(
            "same-machine",
            "One machine, several learners: a report under two names, or a computer that two use",
            names,
        );
        learners
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

    fn machine(&mut self, mut run: Run) -> Machine {
        let platform = Arc::clone(&self.platforms[run.platform as usize]);
        let group = group(&platform, run.scope);
        let mut cells = vec![Word::Missing; self.columns.len()];
        let mut facts: Box<[Option<Cell>]> = vec![None; self.columns.len()].into();
        for cell in &run.cells {
            let column = self.column_of[usize::from(cell.check)];
            cells[column] = Word::of(&self.gathered.symbols.states[usize::from(cell.state)]);
            facts[column] = Some(*cell);
        }
        let mut counts = Counts::default();
        for (column, word) in cells.iter().enumerate() {
            counts.add(*word);
            self.columns[column].counts.add(*word);
        }
        let details = std::mem::take(&mut run.open).into_vec();
        let open = self.open(&run, details, &platform, &cells, &facts);
        let verdict =
            open.iter().filter(|item| item.counts).map(|item| Verdict::waits_for(item.owner)).max().unwrap_or_default();
        let key = (run.learner, run.machine, run.scope);
        Machine {
            id: self.gathered.symbols.machines[run.machine as usize].clone(),
            scope: run.scope.to_owned(),
            platform: group.to_owned(),
            system: system(&platform),
            shell: platform.shell.clone(),
            started: run.started.map(|moment| calendar::rfc3339(moment.seconds)),
            earlier: self.gathered.earlier.get(&key).copied().unwrap_or(0),
            doctor: self.gathered.symbols.versions[run.doctor as usize].clone(),
            source: run.origin.to_string(),
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
        facts: &[Option<Cell>],
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
        for fact in facts.iter().flatten() {
            let state = &self.gathered.symbols.states[usize::from(fact.state)];
            let word = Word::of(state);
            // Most of most reports; nothing is copied for it.
            if word == Word::Pass {
                continue;
            }
            let (state, check) = (state.clone(), self.gathered.symbols.checks[usize::from(fact.check)].clone());
            match word {
                Word::Pass | Word::Skip | Word::Waived | Word::Missing => continue,
                Word::Blocked if state.level != Level::Required => continue,
                Word::Blocked => {
                    let mut one = item(
                        &check,
                        "",
                        &format!("Cannot be looked at before `{}` passes", state.blocked_by),
                        Owner::Staff,
                    );
                    one.cause = format!("{check}/blocked");
                    one.word = word;
                    // Kept until it is known whether what blocks it is told itself.
                    one.program = state.blocked_by;
                    blocked.push(one);
                    continue;
                }
                Word::Unknown if state.level == Level::Optional => continue,
                Word::Fail | Word::Warn | Word::Unknown => {}
            }
            // Taken and not copied: there are few of them, and many learners.
            let detail = details.iter().position(|open| open.check == fact.check).map(|at| details.swap_remove(at));
            let cause =
                if state.diagnosis.is_empty() { format!("{check}/unexplained") } else { state.diagnosis.clone() };
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
            match open.iter_mut().find(|item| item.check == by) {
                // One cause is one failure: what waits for it only makes it count.
                Some(item) => item.counts = true,
                None => open.push(one),
            }
        }
        self.incomplete(run.scope, platform, cells, &mut open);
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

    /// Counts a learner's causes, each once.
    fn tally(&mut self, machines: &[Machine]) {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut on_group: HashSet<(&str, &str)> = HashSet::new();
        let mut groups: HashSet<&str> = HashSet::new();
        let mut with_fix: HashSet<(&str, usize)> = HashSet::new();
        for machine in machines {
            let group = GROUPS.iter().find(|group| **group == machine.platform).copied().unwrap_or("other");
            let split = self.groups.entry(group).or_default();
            split.learners += usize::from(groups.insert(&machine.platform));
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
                let cause = item.cause.as_str();
                let tally = self.causes.entry(item.cause.clone()).or_default();
                if tally.check.is_empty() {
                    tally.check.clone_from(&item.check);
                }
                tally.required |= item.counts;
                tally.machines += usize::from(on_machine.insert(cause));
                if seen.insert(cause) {
                    tally.learners += 1;
                    tally.owners[item.owner as usize] += 1;
                }
                if on_group.insert((cause, &machine.platform)) {
                    *tally.platforms.entry(group).or_default() += 1;
                    if item.counts {
                        *self.group_causes.entry((group, item.cause.clone())).or_default() += 1;
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

    fn causes(&mut self, learners: usize) -> Vec<Cause> {
        let groups = &self.groups;
        let mut causes: Vec<Cause> = std::mem::take(&mut self.causes)
            .into_iter()
            .map(|(id, tally)| {
                let subject = self.adviser.subject(&tally.check);
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
                    say: say(&self.adviser, &tally.check, &id),
                    tool: subject.map(|subject| subject.tool.tool.clone()).unwrap_or_default(),
                    known: subject.is_some() || tally.check == "report",
                    check: tally.check,
                    id,
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

    fn splits(&mut self) -> Vec<Split> {
        let mut splits: Vec<Split> = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|(group, mut split)| {
                group.clone_into(&mut split.platform);
                let mut top: Vec<(usize, &String)> = (self.group_causes.iter())
                    .filter(|((of, _), _)| *of == group)
                    .map(|((_, cause), learners)| (*learners, cause))
                    .collect();
                top.sort_by_key(|(learners, cause)| (std::cmp::Reverse(*learners), *cause));
                split.top = top.into_iter().take(3).map(|(_, cause)| cause.clone()).collect();
                split
            })
            .collect();
        splits.sort_by(|left, right| (right.learners, &left.platform).cmp(&(left.learners, &right.platform)));
        splits
    }

    /// What is odd about reports.
    fn notice_runs(&mut self, runs: &[Run]) {
        let name =
            |run: &Run| self.name_of(&self.gathered.symbols.learners[run.learner as usize], std::slice::from_ref(run));
        let of = |odd: &dyn Fn(&Run) -> bool| -> Vec<String> { runs.iter().filter(|run| odd(run)).map(name).collect() };
        let symbols = &self.gathered.symbols;
        let disagrees = |run: &Run| {
            let platform = &symbols.platforms[run.platform as usize];
            let states = run.cells.iter().map(|cell| &symbols.states[usize::from(cell.state)]);
            run.says_ready != is_ready(states, platform, run.strict)
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

    fn notice(&mut self, kind: &'static str, say: &str, learners: Vec<String>) {
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

/// Every word of [`group`].
const GROUPS: &[&str] = &[
    "windows",
    "wsl",
    "container",
    "macos-arm",
    "macos-intel",
    "linux-debian",
    "linux-fedora",
    "linux-arch",
    "linux-alpine",
    "linux-suse",
    "linux",
    "other",
];

/// Of several runs of one machine and system the latest: where two names turned out to be one learner.
fn join(runs: &mut Vec<Run>) {
    runs.sort_by_key(|run| {
        (run.scope, run.machine, std::cmp::Reverse(run.started.filter(|_| !run.odd_time)), std::cmp::Reverse(run.order))
    });
    runs.dedup_by(|later, first| later.scope == first.scope && later.machine == first.machine);
}

fn item(check: &str, cause: &str, found: &str, owner: Owner) -> Item {
    Item {
        check: check.to_owned(),
        cause: cause.to_owned(),
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

/// The first thing of those that make the verdict.
fn first_reason(machines: &[Machine], verdict: Verdict) -> Option<String> {
    let items = || machines.iter().flat_map(|machine| &machine.open).filter(|item| item.counts);
    let item = items().find(|item| Verdict::waits_for(item.owner) == verdict).or_else(|| items().next())?;
    Some(if item.found.is_empty() { item.cause.clone() } else { item.found.clone() })
}

/// Whether findings make a machine ready: the same rule as of one report.
fn is_ready<'a>(states: impl Iterator<Item = &'a super::gather::State>, platform: &Platform, strict: bool) -> bool {
    let mut ready = platform.os != Os::Other;
    for state in states {
        let required = state.level == Level::Required;
        match Word::of(state) {
            Word::Fail => ready = false,
            Word::Unknown | Word::Blocked => ready &= !required,
            Word::Warn => ready &= !strict,
            Word::Pass | Word::Skip | Word::Waived | Word::Missing => {}
        }
    }
    ready
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

fn system(platform: &Platform) -> String {
    let name = if platform.name.is_empty() {
        format!("{} {}", platform.distro, platform.version)
    } else {
        platform.name.clone()
    };
    let name = name.trim();
    if platform.hardware().is_empty() { name.to_owned() } else { format!("{name}, {}", platform.hardware()) }
}
