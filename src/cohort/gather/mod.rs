//! Many reports put together as they come, from several workers at once: of each learner, machine and system the
//! latest one, in a form small enough that memory is bounded by learners and not by reports. The outcome does not
//! depend on the order in which they come.

mod meaning;
mod reader;
mod symbols;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::{parse::Shown, roster::Roster, time::Moment};
use crate::model::{Level, Outcome};
pub use meaning::fingerprint;
pub use reader::{Reader, SCOPES};
pub use symbols::Symbols;

/// Refused inputs whose reasons are kept; further ones are counted.
const MOST_REFUSED: usize = 10_000;

/// Names longer than this are no names.
const LONGEST_NAME: usize = 200;

/// What is wanted of the reports.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Seconds since 1970 in UTC.
    pub now: i64,
    /// Reports from before are left out.
    pub since: Option<i64>,
    /// Every run, not only the latest of each learner, machine and system.
    pub all: bool,
    /// Systems that are looked at; all where none is named.
    pub scopes: Vec<String>,
    /// Who should report.
    pub roster: Roster,
}

/// What was found by one check in one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Place in [`Symbols::checks`].
    pub check: u16,
    /// Place in [`Symbols::states`].
    pub state: u16,
    /// Place in [`Symbols::versions`].
    pub version: u32,
}

/// A state that some check was found in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// What was found.
    pub outcome: Outcome,
    /// How much it matters.
    pub level: Level,
    /// Whether a profile waives it.
    pub waived: bool,
    /// Its stable id; may be empty.
    pub diagnosis: Arc<str>,
    /// The check that must hold first; may be empty.
    pub blocked_by: Arc<str>,
}

/// What a learner must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The check, as in [`Cell`].
    pub check: u16,
    /// What was found, and what shows it.
    pub shown: Arc<Shown>,
    /// The commands of its fix, as a number to compare with.
    pub fix: u64,
}

/// One report.
#[derive(Debug, Clone)]
pub struct Run {
    /// Place in [`Symbols::learners`].
    pub learner: u32,
    /// Place in [`Symbols::machines`].
    pub machine: u32,
    /// The system: `windows`, `wsl`, `macos`, `linux`, `container`, `other`.
    pub scope: &'static str,
    /// Place in [`Symbols::platforms`].
    pub platform: u32,
    /// Place in [`Symbols::versions`]: the doctor that wrote it.
    pub doctor: u32,
    /// When it was made; nothing where that cannot be read or believed.
    pub started: Option<Moment>,
    /// Whether it states a time that cannot be: before doctors, or after now.
    pub odd_time: bool,
    /// Where it came from: place of the input, inside its archive, and byte.
    pub order: (u32, u32, u64),
    /// The input's name.
    pub origin: Arc<str>,
    /// What it is labelled; may be empty. Nothing where that is what its learner is known by, letter by letter.
    pub label: Option<Box<str>>,
    /// Place in [`Symbols::versions`]: the profile's name and digest; empty without one.
    pub profile: u32,
    /// Whether recommended checks count.
    pub strict: bool,
    /// Whether it says that the machine is ready.
    pub says_ready: bool,
    /// Whether a check stands in it more than once; then the worst counts.
    pub twice: bool,
    /// Whether its label and its file's name mean two people of the roster.
    pub disagrees: bool,
    /// Every check once, in the report's order.
    pub cells: Box<[Cell]>,
    /// What is not in order, in the report's order.
    pub open: Box<[Open]>,
}

impl Run {
    /// Later runs are greater; of equal times what comes later in the inputs. A time that cannot be never wins.
    fn rank(&self) -> (bool, i64, (u32, u32, u64)) {
        let believed = self.started.filter(|_| !self.odd_time);
        (believed.is_some(), believed.map_or(0, |moment| moment.seconds), self.order)
    }
}

/// A learner as reports know them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person of the roster, by place.
    Listed(usize),
    /// Whom labels name, folded.
    Labelled(String),
    /// Known by their machine only.
    Machine(String),
    /// Known by nothing but where the report came from.
    Origin(String),
}

/// An input, or a part of one, that is no report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Its place among the inputs.
    pub order: (u32, u32, u64),
    /// Its name.
    pub origin: Arc<str>,
    /// Where in it; may be empty.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// Everything gathered.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Names met in reports.
    pub symbols: Symbols,
    /// Runs that count.
    pub runs: Vec<Run>,
    /// How many earlier runs each of `runs` replaced, by learner, machine and system.
    pub earlier: HashMap<(u32, u32, &'static str), u32>,
    /// What is no report; at most `MOST_REFUSED` of them.
    pub refused: Vec<Refused>,
    /// How many there are.
    pub refused_count: usize,
    /// Reports that were read.
    pub reports: usize,
    /// Of these, made before `since`.
    pub before: usize,
    /// Of these, of systems that are not looked at.
    pub elsewhere: usize,
    /// Place in `runs` of each learner's first one, and of those of their further machines and systems.
    first_of: Vec<u32>,
    place_of: HashMap<(u32, u32, &'static str), usize>,
}

/// No place in `runs`.
const NOWHERE: u32 = u32::MAX;

impl Gathered {
    fn add(&mut self, run: Run, all: bool) {
        let key = (run.learner, run.machine, run.scope);
        if all {
            return self.runs.push(run);
        }
        let learner = run.learner as usize;
        if self.first_of.len() <= learner {
            self.first_of.resize(learner + 1, NOWHERE);
        }
        let place = match self.runs.get(self.first_of[learner] as usize) {
            // Most learners have one machine.
            None => {
                self.first_of[learner] = u32::try_from(self.runs.len()).unwrap_or(NOWHERE);
                return self.runs.push(run);
            }
            Some(first) if (first.machine, first.scope) == (run.machine, run.scope) => self.first_of[learner] as usize,
            Some(_) => match self.place_of.get(&key) {
                Some(place) => *place,
                None => {
                    self.place_of.insert(key, self.runs.len());
                    return self.runs.push(run);
                }
            },
        };
        *self.earlier.entry(key).or_default() += 1;
        if run.rank() > self.runs[place].rank() {
            self.runs[place] = run;
        }
    }

    fn refuse(&mut self, refused: Refused) {
        self.refused_count += 1;
        if self.refused.len() < MOST_REFUSED {
            self.refused.push(refused);
        }
    }
}

/// Where several readers put what they read.
#[derive(Debug)]
pub struct Gather {
    wanted: Wanted,
    gathered: Mutex<Gathered>,
}

impl Gather {
    /// Of nothing yet. `known` are the ids of the collector's checks: however many others reports name, these are read.
    pub fn new(wanted: Wanted, known: impl Iterator<Item = String>) -> Self {
        let gathered = Gathered { symbols: Symbols::of(known), ..Gathered::default() };
        Self { wanted, gathered: Mutex::new(gathered) }
    }

    /// A reader for one worker.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(self)
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that was gathered, in the inputs' order, and what was wanted of it.
    pub fn end(self) -> (Gathered, Wanted) {
        let mut gathered = self.gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        (gathered.place_of, gathered.first_of) = (HashMap::new(), Vec::new());
        let Gathered { symbols, runs, refused, .. } = &mut gathered;
        thread::scope(|scope| {
            scope.spawn(|| symbols.end());
            // They are larger than their keys.
            runs.sort_by_cached_key(|run| run.order);
        });
        refused.sort();
        (gathered, self.wanted)
    }
}
