//! What one thread counts over its learners' machines, and how the counts of several are put together.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use foldhash::fast::RandomState;

use crate::cohort::{Counts, Item, Machine, Split, Verdict, Word, advice::Adviser, gather::Cell};

/// Something for each of some platforms, of which there are a dozen.
#[derive(Debug, Default)]
pub(super) struct Few<T>(Vec<(&'static str, T)>);

impl<T: Default> Few<T> {
    fn of(&mut self, platform: &'static str) -> &mut T {
        let place = self.0.iter().position(|(known, _)| *known == platform).unwrap_or_else(|| {
            self.0.push((platform, T::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    pub(super) fn get(&self, platform: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| *known == platform).map(|(_, of)| of)
    }

    /// All of them, by the platforms' names.
    pub(super) fn sorted(&self) -> Vec<(&'static str, &T)> {
        let mut all: Vec<_> = self.0.iter().map(|(platform, of)| (*platform, of)).collect();
        all.sort_by_key(|(platform, _)| *platform);
        all
    }
}

/// How often a cause was found.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) check: Option<Arc<str>>,
    pub(super) required: bool,
    pub(super) learners: usize,
    pub(super) machines: usize,
    /// Learners by who can mend it.
    pub(super) owners: [usize; 3],
    pub(super) fixes: BTreeMap<usize, Helped>,
    pub(super) platforms: Few<Found>,
    /// The learner and the machine it was counted for last; each is counted once.
    last: (usize, usize),
}

/// Whom a fix helps.
#[derive(Debug, Default)]
pub(super) struct Helped {
    pub(super) learners: usize,
    pub(super) platforms: Few<()>,
    last: usize,
}

/// Learners who have a cause on a platform.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) learners: usize,
    /// Of these, whom it keeps from being ready.
    pub(super) counting: usize,
    last: usize,
}

/// What is counted of many machines.
pub(super) struct Tallies<'a> {
    pub(super) adviser: Adviser<'a>,
    /// How many machines are what, by column, in the order of [`Word::ALL`].
    columns: Vec<[usize; Word::ALL.len()]>,
    /// A machine's cells by column, while they are put in order.
    cells: Vec<Option<Cell>>,
    pub(super) causes: HashMap<Arc<str>, Tally, RandomState>,
    /// By platform, and the learner that was counted there last.
    pub(super) groups: Few<(Split, usize)>,
    /// Learners and machines so far.
    learners: usize,
    machines: usize,
}

/// Whether something is new for somebody; now it is not any more.
fn first(last: &mut usize, now: usize) -> bool {
    std::mem::replace(last, now) != now
}

impl<'a> Tallies<'a> {
    /// Of nothing yet, with as many columns.
    pub(super) fn new(adviser: Adviser<'a>, columns: usize) -> Self {
        Self {
            adviser,
            columns: vec![[0; Word::ALL.len()]; columns],
            cells: vec![None; columns],
            causes: HashMap::default(),
            groups: Few::default(),
            learners: 0,
            machines: 0,
        }
    }

    /// How many machines are what, by column.
    pub(super) fn columns(&self) -> Vec<Counts> {
        self.columns.iter().map(|column| counts(*column)).collect()
    }

    /// Puts a machine's cells in the columns' order, each of which stands there once at most.
    pub(super) fn sort(&mut self, facts: &mut [Cell]) {
        for fact in &*facts {
            self.cells[usize::from(fact.check)] = Some(*fact);
        }
        let cells = self.cells.iter_mut().filter_map(Option::take);
        facts.iter_mut().zip(cells).for_each(|(fact, cell)| *fact = cell);
    }

    /// Counts a machine's cells.
    pub(super) fn count(&mut self, cells: &[Word]) -> Counts {
        let mut own = [0; Word::ALL.len()];
        for (column, word) in self.columns.iter_mut().zip(cells) {
            own[*word as usize] += 1;
            column[*word as usize] += 1;
        }
        counts(own)
    }

    /// Counts a learner's machines and causes, each once.
    pub(super) fn learner(&mut self, machines: &[Machine]) {
        self.learners += 1;
        for machine in machines {
            self.machines += 1;
            let (split, last) = self.groups.of(machine.platform);
            split.learners += usize::from(first(last, self.learners));
            split.machines += 1;
            *of(split, machine.verdict) += 1;
            for item in &machine.open {
                self.item(item, machine.platform);
            }
        }
    }

    fn item(&mut self, item: &Item, group: &'static str) {
        let learner = self.learners;
        let tally = match self.causes.get_mut(&item.cause) {
            Some(tally) => tally,
            None => self.causes.entry(Arc::clone(&item.cause)).or_default(),
        };
        tally.check.get_or_insert_with(|| Arc::clone(&item.check));
        tally.required |= item.counts;
        tally.machines += usize::from(first(&mut tally.last.1, self.machines));
        if first(&mut tally.last.0, learner) {
            tally.learners += 1;
            tally.owners[item.owner as usize] += 1;
        }
        let found = tally.platforms.of(group);
        if first(&mut found.last, learner) {
            found.learners += 1;
            found.counting += usize::from(item.counts);
        }
        if let Some(fix) = item.fix {
            let helped = tally.fixes.entry(fix).or_default();
            helped.learners += usize::from(first(&mut helped.last, learner));
            helped.platforms.of(group);
        }
    }

    /// Adds what was counted of other learners, who come later; gives the places that their fixes get here.
    pub(super) fn add(&mut self, other: Tallies<'_>) -> Vec<usize> {
        let fixes: Vec<usize> = other.adviser.fixes.into_iter().map(|step| self.adviser.own(step)).collect();
        for (ours, theirs) in self.columns.iter_mut().zip(&other.columns) {
            ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours += theirs);
        }
        for (group, (theirs, _)) in other.groups.0 {
            let (ours, _) = self.groups.of(group);
            ours.learners += theirs.learners;
            ours.machines += theirs.machines;
            ours.ready += theirs.ready;
            ours.alone += theirs.alone;
            ours.staff += theirs.staff;
            ours.admin += theirs.admin;
        }
        for (cause, theirs) in other.causes {
            self.causes.entry(cause).or_default().add(theirs, &fixes);
        }
        fixes
    }
}

impl Tally {
    fn add(&mut self, other: Self, fixes: &[usize]) {
        self.check = self.check.take().or(other.check);
        self.required |= other.required;
        self.learners += other.learners;
        self.machines += other.machines;
        self.owners.iter_mut().zip(other.owners).for_each(|(ours, theirs)| *ours += theirs);
        for (fix, theirs) in other.fixes {
            let ours = self.fixes.entry(fixes[fix]).or_default();
            ours.learners += theirs.learners;
            theirs.platforms.0.iter().for_each(|(group, ())| *ours.platforms.of(group) = ());
        }
        for (group, theirs) in other.platforms.0 {
            let ours = self.platforms.of(group);
            ours.learners += theirs.learners;
            ours.counting += theirs.counting;
        }
    }
}

fn counts(of: [usize; Word::ALL.len()]) -> Counts {
    let mut counts = Counts::default();
    Word::ALL.into_iter().zip(of).for_each(|(word, many)| *counts.at(word) = many);
    counts
}

fn of(split: &mut Split, verdict: Verdict) -> &mut usize {
    match verdict {
        Verdict::Ready => &mut split.ready,
        Verdict::Alone => &mut split.alone,
        Verdict::Staff => &mut split.staff,
        Verdict::Admin => &mut split.admin,
    }
}
