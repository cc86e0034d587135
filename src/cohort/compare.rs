//! What got better and what got worse: between two cohorts, and between two reports. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Cohort, Learner, Machine, SCHEMA, Summary, Verdict, Word, roster::fold};
use crate::model::Level;

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It got worse.
    Worse,
    /// It got better.
    Better,
    /// It is not the same, and neither better nor worse.
    Changed,
    /// Only the new one has it.
    Came,
    /// Only the old one has it.
    Gone,
}

impl Way {
    /// Every way, the worst first.
    pub const ALL: [Self; 5] = [Self::Worse, Self::Better, Self::Changed, Self::Came, Self::Gone];

    /// The word used everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Changed => "changed",
            Self::Came => "new",
            Self::Gone => "gone",
        }
    }
}

/// Two cohorts beside each other: what `doctor cohort OLD --vs NEW --format json` writes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// The format's version: 1.
    pub schema: u32,
    /// How many of what before.
    pub old: Summary,
    /// How many of what now.
    pub new: Summary,
    /// Whether anybody got worse.
    pub regression: bool,
    /// Learners who got worse, better, came or are gone, in this order; those who stayed as they were are not named.
    pub learners: Vec<LearnerChange>,
    /// Learners who stayed as they were.
    pub same: usize,
    /// Causes whose number of learners changed, the most grown first.
    pub causes: Vec<CauseChange>,
}

/// How it went with a learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LearnerChange {
    /// Who.
    pub id: String,
    /// Which way.
    pub way: Way,
    /// Their verdict before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Verdict>,
    /// Their verdict now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Verdict>,
    /// Causes that are gone.
    pub mended: Vec<String>,
    /// Causes that are new.
    pub broken: Vec<String>,
}

/// How it went with a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CauseChange {
    /// The diagnosis id.
    pub id: String,
    /// What it is.
    pub say: String,
    /// Learners who had it.
    pub was: usize,
    /// Learners who have it.
    pub now: usize,
}

/// Compares two cohorts.
pub fn cohorts(old: &Cohort, new: &Cohort) -> Comparison {
    let by_id = |cohort: &Cohort| -> HashMap<String, usize> {
        cohort.learners.iter().enumerate().map(|(at, learner)| (fold(&learner.id), at)).collect()
    };
    let (before, after) = (by_id(old), by_id(new));
    let mut learners = Vec::new();
    let mut same = 0;
    for learner in &new.learners {
        let was = before.get(&fold(&learner.id)).map(|at| &old.learners[*at]);
        let change = learner_change(was, Some(learner));
        if was.is_some() && change.was == change.now && change.mended.is_empty() && change.broken.is_empty() {
            same += 1;
            continue;
        }
        learners.push(change);
    }
    let gone = old.learners.iter().filter(|learner| !after.contains_key(&fold(&learner.id)));
    learners.extend(gone.map(|learner| learner_change(Some(learner), None)));
    learners.sort_by(|left, right| (left.way, &left.id).cmp(&(right.way, &right.id)));
    let mut causes: BTreeMap<&str, CauseChange> = BTreeMap::new();
    for (cohort, is_new) in [(old, false), (new, true)] {
        for cause in &cohort.causes {
            let change = causes.entry(&cause.id).or_insert_with(|| CauseChange {
                id: cause.id.clone(),
                say: cause.say.clone(),
                was: 0,
                now: 0,
            });
            *(if is_new { &mut change.now } else { &mut change.was }) = cause.learners;
        }
    }
    let mut causes: Vec<CauseChange> = causes.into_values().filter(|change| change.was != change.now).collect();
    causes.sort_by_key(|change| {
        (std::cmp::Reverse(change.now.cast_signed() - change.was.cast_signed()), change.id.clone())
    });
    Comparison {
        schema: SCHEMA,
        old: old.summary,
        new: new.summary,
        regression: learners.iter().any(|change| change.way == Way::Worse),
        learners,
        same,
        causes,
    }
}

fn open(learner: &Learner) -> BTreeMap<&str, bool> {
    let mut causes: BTreeMap<&str, bool> = BTreeMap::new();
    for item in learner.machines.iter().flat_map(|machine| &machine.open) {
        *causes.entry(&item.cause).or_default() |= item.counts;
    }
    causes
}

fn learner_change(old: Option<&Learner>, new: Option<&Learner>) -> LearnerChange {
    let (before, after) = (old.map(open).unwrap_or_default(), new.map(open).unwrap_or_default());
    let both = old.is_some() && new.is_some();
    let only = |one: &BTreeMap<&str, bool>, other: &BTreeMap<&str, bool>| -> Vec<String> {
        one.keys().filter(|cause| both && !other.contains_key(*cause)).map(|cause| (*cause).to_owned()).collect()
    };
    let (mended, broken) = (only(&before, &after), only(&after, &before));
    let way = match (old, new) {
        (None, _) => Way::Came,
        (_, None) => Way::Gone,
        // What keeps nobody from being ready makes no verdict worse.
        (Some(old), Some(new)) if old.verdict == new.verdict && broken.iter().any(|cause| after[cause.as_str()]) => {
            Way::Worse
        }
        (Some(old), Some(new)) if old.verdict == new.verdict && !mended.is_empty() => Way::Better,
        (Some(old), Some(new)) => match new.verdict.cmp(&old.verdict) {
            std::cmp::Ordering::Greater => Way::Worse,
            std::cmp::Ordering::Less => Way::Better,
            std::cmp::Ordering::Equal => Way::Changed,
        },
    };
    let id = new.or(old).map(|learner| learner.id.clone()).unwrap_or_default();
    LearnerChange { id, way, was: old.map(|old| old.verdict), now: new.map(|new| new.verdict), mended, broken }
}

/// Two reports beside each other: what `doctor diff --format json` writes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Diff {
    /// The format's version: 1.
    pub schema: u32,
    /// The first report.
    pub old: Side,
    /// The second report.
    pub new: Side,
    /// Whether a required or recommended check got worse, or the machine is not ready any more.
    pub regression: bool,
    /// Checks that are not as they were: worse first, then better, changed, new and gone, each in the chapter's order.
    pub changes: Vec<Change>,
    /// Checks that are as they were.
    pub same: usize,
}

/// One of two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Side {
    /// Where it came from.
    pub source: String,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// The machine's pseudonym.
    pub machine: String,
    /// What it is split by.
    pub platform: String,
    /// The system's own name.
    pub system: String,
    /// What it needs.
    pub verdict: Verdict,
}

/// A check that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The check's full id.
    pub check: String,
    /// Which way.
    pub way: Way,
    /// What it found before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Found>,
    /// What it finds now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Found>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Found {
    /// The word that views show.
    pub word: Word,
    /// How much it matters.
    pub level: Level,
    /// Which state.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diagnosis: String,
    /// The version that was found.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// In the report's words, where it is not in order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
}

impl Found {
    /// How bad it is: what is recommended counts less than what is required, what is optional not at all.
    fn badness(&self) -> u8 {
        match (self.word, self.level) {
            (_, Level::Optional) | (Word::Pass | Word::Skip | Word::Waived | Word::Missing, _) => 0,
            (Word::Warn, _) | (Word::Unknown | Word::Blocked, Level::Recommended) => 1,
            (Word::Unknown | Word::Blocked, Level::Required) => 2,
            (Word::Fail, _) => 3,
        }
    }
}

/// Compares the first machine of two cohorts that hold one report each.
pub fn reports(old: &Cohort, new: &Cohort) -> Option<Diff> {
    let machine = |cohort: &'_ Cohort| -> Option<Machine> { Some(cohort.learners.first()?.machines.first()?.clone()) };
    let (before, after) = (machine(old)?, machine(new)?);
    let (was, now) = (found(old, &before), found(new, &after));
    // The new one's order, then what only the old one has.
    let mut order: Vec<&String> = new.checks.iter().map(|check| &check.id).collect();
    let known: BTreeSet<&String> = order.iter().copied().collect();
    order.extend(old.checks.iter().map(|check| &check.id).filter(|id| !known.contains(id)));
    let mut changes = Vec::new();
    let mut same = 0;
    for check in order {
        let (was, now) = (was.get(check.as_str()), now.get(check.as_str()));
        let way = match (was, now) {
            (None, None) => continue,
            (None, Some(_)) => Way::Came,
            (Some(_), None) => Way::Gone,
            // What waits for another check says nothing of itself; that other check tells the way.
            (Some(was), Some(now)) if (was.word == Word::Blocked) != (now.word == Word::Blocked) => Way::Changed,
            (Some(was), Some(now)) => match now.badness().cmp(&was.badness()) {
                std::cmp::Ordering::Greater => Way::Worse,
                std::cmp::Ordering::Less => Way::Better,
                std::cmp::Ordering::Equal
                    if (was.word, &was.diagnosis, &was.version) == (now.word, &now.diagnosis, &now.version) =>
                {
                    same += 1;
                    continue;
                }
                std::cmp::Ordering::Equal => Way::Changed,
            },
        };
        changes.push(Change { check: check.clone(), way, was: was.cloned(), now: now.cloned() });
    }
    changes.sort_by_key(|change| change.way);
    let is_worse = before.verdict == Verdict::Ready && after.verdict != Verdict::Ready;
    let regression = is_worse || changes.iter().any(|change| change.way == Way::Worse);
    Some(Diff { schema: SCHEMA, old: side(before), new: side(after), regression, changes, same })
}

fn side(machine: Machine) -> Side {
    Side {
        source: machine.source.to_string(),
        started: machine.started(),
        machine: machine.id.to_string(),
        platform: machine.platform.to_owned(),
        system: machine.system.to_string(),
        verdict: machine.verdict,
    }
}

fn found<'a>(cohort: &'a Cohort, machine: &'a Machine) -> HashMap<&'a str, Found> {
    let says: HashMap<&str, &str> = machine.open.iter().map(|item| (&*item.check, item.shown.found.as_str())).collect();
    let mut all = HashMap::new();
    for fact in &machine.facts {
        let column = usize::from(fact.check);
        let state = &cohort.symbols.states[usize::from(fact.state)];
        let check = cohort.checks[column].id.as_str();
        let found = Found {
            word: machine.cells[column],
            level: state.level,
            diagnosis: state.diagnosis.to_string(),
            version: cohort.symbols.versions[fact.version as usize].to_string(),
            says: says.get(check).map(|says| (*says).to_owned()).unwrap_or_default(),
        };
        all.insert(check, found);
    }
    all
}
