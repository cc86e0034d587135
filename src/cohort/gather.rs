//! Many reports put together as they come, from several workers at once: of each learner, machine and system the
//! latest one, in a form small enough that memory is bounded by learners and not by reports. The outcome does not
//! depend on the order in which they come.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    parse::{self, Doc, Row, Shown, short},
    roster::{Roster, fold},
    text,
    time::{self, Moment},
};
use crate::model::{Level, Outcome, Platform};

/// Names longer than this are no names.
const LONGEST_NAME: usize = 200;
/// Checks that nobody knows, and states, that are told apart. Beyond them a report is refused, by name.
const MOST_CHECKS: usize = 10_000;
const MOST_STATES: usize = 60_000;
/// Refused inputs whose reasons are kept; further ones are counted.
const MOST_REFUSED: usize = 10_000;
/// A clock may be this much ahead, in seconds, before its time is not believed.
const AHEAD: i64 = 86_400;
/// Nobody ran a doctor before 2020.
const FIRST: i64 = 1_577_836_800;

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
    pub diagnosis: String,
    /// The check that must hold first; may be empty.
    pub blocked_by: String,
}

/// What a learner must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The check, as in [`Cell`].
    pub check: u16,
    /// What was found, in words.
    pub found: Box<str>,
    /// What shows it.
    pub shown: Shown,
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
    /// What it is labelled; may be empty.
    pub label: Box<str>,
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

/// Names met in reports, each once.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    /// Ids of checks.
    pub checks: Vec<String>,
    /// States.
    pub states: Vec<State>,
    /// Versions; the first is empty.
    pub versions: Vec<String>,
    /// Platforms.
    pub platforms: Vec<Platform>,
    /// Learners.
    pub learners: Vec<Who>,
    /// Pseudonyms of machines.
    pub machines: Vec<String>,
    /// How many of `checks` the collector knows.
    known: usize,
    check_at: HashMap<String, u16>,
    state_at: HashMap<State, u16>,
    version_at: HashMap<String, u32>,
    platform_at: HashMap<String, u32>,
    learner_at: HashMap<Who, u32>,
    machine_at: HashMap<String, u32>,
}

fn place<K: Clone + Eq + std::hash::Hash>(names: &mut Vec<K>, at: &mut HashMap<K, u32>, name: K) -> u32 {
    if let Some(place) = at.get(&name) {
        return *place;
    }
    let place = u32::try_from(names.len()).unwrap_or(u32::MAX);
    names.push(name.clone());
    at.insert(name, place);
    place
}

impl Symbols {
    /// Lets go of what only gathering needs.
    fn forget(&mut self) {
        (self.check_at, self.state_at) = (HashMap::new(), HashMap::new());
        (self.version_at, self.platform_at) = (HashMap::new(), HashMap::new());
        (self.learner_at, self.machine_at) = (HashMap::new(), HashMap::new());
    }

    fn check(&mut self, id: String) -> Result<u16, String> {
        if let Some(place) = self.check_at.get(&id) {
            return Ok(*place);
        }
        if self.checks.len() - self.known >= MOST_CHECKS {
            return Err(format!("it names a check beyond the {MOST_CHECKS} that other reports name"));
        }
        let place = self.checks.len() as u16;
        self.checks.push(id.clone());
        self.check_at.insert(id, place);
        Ok(place)
    }

    fn state(&mut self, state: State) -> Result<u16, String> {
        if let Some(place) = self.state_at.get(&state) {
            return Ok(*place);
        }
        if self.states.len() >= MOST_STATES {
            return Err(format!("it names a state beyond the {MOST_STATES} that other reports name"));
        }
        let place = self.states.len() as u16;
        self.states.push(state.clone());
        self.state_at.insert(state, place);
        Ok(place)
    }

    fn platform(&mut self, platform: Platform) -> u32 {
        let key = format!("{platform:?}");
        if let Some(place) = self.platform_at.get(&key) {
            return *place;
        }
        let place = u32::try_from(self.platforms.len()).unwrap_or(u32::MAX);
        self.platforms.push(platform);
        self.platform_at.insert(key, place);
        place
    }
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
    place_of: HashMap<(u32, u32, &'static str), usize>,
}

impl Gathered {
    fn add(&mut self, run: Run, all: bool) {
        let key = (run.learner, run.machine, run.scope);
        if all {
            return self.runs.push(run);
        }
        match self.place_of.get(&key) {
            None => {
                self.place_of.insert(key, self.runs.len());
                self.runs.push(run);
            }
            Some(place) => {
                *self.earlier.entry(key).or_default() += 1;
                if run.rank() > self.runs[*place].rank() {
                    self.runs[*place] = run;
                }
            }
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
        let mut gathered = Gathered::default();
        for (place, id) in known.take(MOST_CHECKS).enumerate() {
            gathered.symbols.check_at.insert(id.clone(), place as u16);
            gathered.symbols.checks.push(id);
        }
        gathered.symbols.known = gathered.symbols.checks.len();
        place(&mut gathered.symbols.versions, &mut gathered.symbols.version_at, String::new());
        Self { wanted, gathered: Mutex::new(gathered) }
    }

    /// A reader for one worker.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            gather: self,
            known: Vec::new(),
            known_at: HashMap::new(),
            expected: Vec::new(),
            runs: Vec::new(),
            platforms: Vec::new(),
            path: None,
            skipped: (0, 0, 0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that was gathered, in the inputs' order, and what was wanted of it.
    pub fn end(self) -> (Gathered, Wanted) {
        let mut gathered = self.gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        gathered.place_of = HashMap::new();
        gathered.symbols.forget();
        gathered.runs.sort_by_key(|run| run.order);
        gathered.refused.sort();
        (gathered, self.wanted)
    }
}

/// A state of a check as reports write it, and the number it got.
type Written = (Outcome, Level, bool, Box<[u8]>, Box<[u8]>, u16);

/// What a reader knows of a check without asking the others.
#[derive(Debug)]
struct Known {
    id: Box<[u8]>,
    check: u16,
    states: Vec<Written>,
    versions: Vec<(Box<[u8]>, u32)>,
}

/// States and versions of a check that a reader remembers by itself.
const REMEMBERED: usize = 16;

/// One worker's reading.
#[derive(Debug)]
pub struct Reader<'a> {
    gather: &'a Gather,
    known: Vec<Known>,
    known_at: HashMap<Box<[u8]>, usize>,
    /// Places in `known` in the order of the last report: the next one mostly has the same.
    expected: Vec<usize>,
    runs: Vec<Run>,
    platforms: Vec<(Box<[u8]>, u32)>,
    /// The last input's name and whom of the roster it means.
    path: Option<(Arc<str>, Option<usize>)>,
    /// Reports read, made before `since`, of other systems.
    skipped: (usize, usize, usize),
}

/// The systems that reports come from, as [`Platform::scope`] names them.
pub const SCOPES: &[&str] = &["windows", "wsl", "macos", "linux", "container", "other"];

impl Reader<'_> {
    /// Reads every report of a text that ends where documents end.
    pub fn read(&mut self, origin: &Arc<str>, order: (u32, u32), at: u64, lines: bool, bytes: &[u8]) {
        // A part of something longer may be blank without anything being the matter.
        if at > 0 && bytes.trim_ascii().is_empty() {
            return;
        }
        let text = text::utf8(bytes);
        let text: &[u8] = &text;
        text::reports(text, lines, |begins, doc| {
            let order = (order.0, order.1, at + begins as u64);
            let added = match doc {
                Ok(doc) => self.add(origin, order, &doc).map_err(|reason| (begins, reason)),
                Err(wrong) => Err((wrong.at, wrong.what.into_owned())),
            };
            if let Err((byte, reason)) = added {
                let place = if at == 0 { line_of(text, byte) } else { format!("byte {}", at + byte as u64) };
                self.refuse(origin, order, place, reason);
            }
        });
        let mut gathered = self.gather.lock();
        for run in self.runs.drain(..) {
            gathered.add(run, self.gather.wanted.all);
        }
        let (reports, before, elsewhere) = std::mem::take(&mut self.skipped);
        gathered.reports += reports;
        gathered.before += before;
        gathered.elsewhere += elsewhere;
    }

    /// Notes that something is no report.
    pub fn refuse(&mut self, origin: &Arc<str>, order: (u32, u32, u64), place: String, reason: String) {
        self.gather.lock().refuse(Refused { order, origin: Arc::clone(origin), place, reason });
    }

    fn add(&mut self, origin: &Arc<str>, order: (u32, u32, u64), doc: &Doc<'_>) -> Result<(), String> {
        self.skipped.0 += 1;
        let wanted = &self.gather.wanted;
        let started = time::read(&doc.started.text());
        let odd_time = started.is_some_and(|moment| moment.seconds < FIRST || moment.seconds > wanted.now + AHEAD);
        if let Some(since) = wanted.since
            && started.is_none_or(|moment| moment.seconds < since)
        {
            self.skipped.1 += 1;
            return Ok(());
        }
        let platform = self.platform(doc.platform);
        let scope = SCOPES.iter().find(|scope| scope.as_bytes() == doc.scope.raw).copied().unwrap_or("other");
        if !wanted.scopes.is_empty() && !wanted.scopes.iter().any(|wanted| wanted == scope) {
            self.skipped.2 += 1;
            return Ok(());
        }
        let (cells, twice) = self.cells(doc)?;
        let open = self.open(doc, &cells);
        let (label, machine) = (doc.label.text(), doc.machine.text());
        if label.len() > LONGEST_NAME || machine.len() > LONGEST_NAME {
            return Err(format!("its label or its machine's id is longer than {LONGEST_NAME} bytes"));
        }
        let profile = match doc.profile.0.is_empty() && doc.profile.1.is_empty() {
            true => String::new(),
            false => short(&format!("{} {}", doc.profile.0.text(), doc.profile.1.text()), 120),
        };
        let (who, disagrees) = self.who(origin, label.trim(), machine.trim());
        let mut gathered = self.gather.lock();
        let symbols = &mut gathered.symbols;
        let run = Run {
            learner: place(&mut symbols.learners, &mut symbols.learner_at, who),
            machine: place(&mut symbols.machines, &mut symbols.machine_at, machine.trim().to_owned()),
            scope,
            platform,
            doctor: place(&mut symbols.versions, &mut symbols.version_at, short(&doc.version.text(), 64)),
            started,
            odd_time,
            order,
            origin: Arc::clone(origin),
            label: label.trim().into(),
            profile: place(&mut symbols.versions, &mut symbols.version_at, profile),
            strict: doc.strict,
            says_ready: doc.says_ready,
            twice,
            disagrees,
            cells: cells.into_boxed_slice(),
            open: open.into_boxed_slice(),
        };
        drop(gathered);
        self.runs.push(run);
        Ok(())
    }

    /// Whose report it is: a label that the roster knows, a path that it knows, a label, a machine, a path.
    fn who(&mut self, origin: &Arc<str>, label: &str, machine: &str) -> (Who, bool) {
        let roster = &self.gather.wanted.roster;
        let labelled = if label.is_empty() || roster.people.is_empty() { None } else { roster.called(label) };
        let by_path = if roster.people.is_empty() {
            None
        } else {
            match &self.path {
                Some((known, person)) if Arc::ptr_eq(known, origin) => *person,
                _ => {
                    let person = roster.in_path(origin);
                    self.path = Some((Arc::clone(origin), person));
                    person
                }
            }
        };
        let disagrees = labelled.is_some() && by_path.is_some() && labelled != by_path;
        let who = match labelled.or(if label.is_empty() { by_path } else { None }) {
            Some(person) => Who::Listed(person),
            None if !fold(label).is_empty() => Who::Labelled(fold(label)),
            None if !machine.is_empty() => Who::Machine(machine.to_owned()),
            None => Who::Origin(origin.to_string()),
        };
        (who, disagrees)
    }

    fn platform(&mut self, text: &[u8]) -> u32 {
        if let Some((_, place)) = self.platforms.iter().find(|(known, _)| **known == *text) {
            return *place;
        }
        let place = self.gather.lock().symbols.platform(parse::platform(text));
        if self.platforms.len() >= 64 {
            self.platforms.clear();
        }
        self.platforms.push((text.into(), place));
        place
    }

    /// Every check once; of one that stands there several times the worst.
    fn cells(&mut self, doc: &Doc<'_>) -> Result<(Vec<Cell>, bool), String> {
        let mut cells: Vec<Cell> = Vec::with_capacity(doc.rows.len());
        let mut seen = vec![0_u64; (2 * MOST_CHECKS).div_ceil(64)];
        let mut twice = false;
        for (at, row) in doc.rows.iter().enumerate() {
            let gather = self.gather;
            let known = self.known(at, row)?;
            let state = state(gather, known, row)?;
            let version = if row.version.is_empty() { 0 } else { version(gather, known, row) };
            let cell = Cell { check: known.check, state, version };
            let (word, bit) = (usize::from(cell.check) / 64, 1 << (cell.check % 64));
            if seen[word] & bit != 0 {
                twice = true;
                self.keep_worst(&mut cells, cell);
                continue;
            }
            seen[word] |= bit;
            cells.push(cell);
        }
        Ok((cells, twice))
    }

    fn keep_worst(&self, cells: &mut [Cell], cell: Cell) {
        let gathered = self.gather.lock();
        let badness = |cell: Cell| match gathered.symbols.states[usize::from(cell.state)].outcome {
            Outcome::Pass => 0,
            Outcome::Skip => 1,
            Outcome::Unknown => 2,
            Outcome::Fail => 3,
        };
        if let Some(before) = cells.iter_mut().find(|before| before.check == cell.check)
            && badness(cell) > badness(*before)
        {
            *before = cell;
        }
    }

    fn known(&mut self, at: usize, row: &Row<'_>) -> Result<&mut Known, String> {
        let fits = |known: &[Known], place: usize| *known[place].id == *row.id.raw;
        let place = match self.expected.get(at) {
            Some(place) if fits(&self.known, *place) => *place,
            _ => {
                let place = match self.known_at.get(row.id.raw) {
                    Some(place) => *place,
                    None => {
                        let id = row.id.text();
                        if id.len() > LONGEST_NAME {
                            return Err(format!("a check's id is longer than {LONGEST_NAME} bytes"));
                        }
                        let check = self.gather.lock().symbols.check(id.into_owned())?;
                        self.known_at.insert(row.id.raw.into(), self.known.len());
                        self.known.push(Known {
                            id: row.id.raw.into(),
                            check,
                            states: Vec::new(),
                            versions: Vec::new(),
                        });
                        self.known.len() - 1
                    }
                };
                self.expected.resize(self.expected.len().max(at + 1), 0);
                self.expected[at] = place;
                place
            }
        };
        Ok(&mut self.known[place])
    }

    fn open(&self, doc: &Doc<'_>, cells: &[Cell]) -> Vec<Open> {
        let is_open = |row: &&Row<'_>| matches!(row.outcome, Outcome::Fail | Outcome::Unknown);
        if !doc.rows.iter().any(|row| is_open(&row)) {
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut open = Vec::new();
        for row in doc.rows.iter().filter(is_open) {
            let Some(known) = self.known_at.get(row.id.raw).map(|place| &self.known[*place]) else { continue };
            if !cells.iter().any(|cell| cell.check == known.check) || !seen.insert(known.check) {
                continue;
            }
            let shown = if row.evidence.is_empty() { Shown::default() } else { parse::evidence(row.evidence) };
            let fix = if row.fix.is_empty() { 0 } else { fingerprint(&parse::commands(row.fix)) };
            open.push(Open { check: known.check, found: short(&row.found.text(), 300).into(), shown, fix });
        }
        open
    }
}

/// A number that is the same for the same commands, within one run of the program.
pub fn fingerprint(commands: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    commands.hash(&mut hasher);
    hasher.finish()
}

fn state(gather: &Gather, known: &mut Known, row: &Row<'_>) -> Result<u16, String> {
    let fits = known.states.iter().find(|(outcome, level, waived, diagnosis, blocked, _)| {
        *outcome == row.outcome
            && *level == row.level
            && *waived == row.waived
            && **diagnosis == *row.diagnosis.raw
            && **blocked == *row.blocked_by.raw
    });
    if let Some((.., state)) = fits {
        return Ok(*state);
    }
    let (diagnosis, blocked_by) = (row.diagnosis.text().into_owned(), row.blocked_by.text().into_owned());
    if diagnosis.len() > LONGEST_NAME || blocked_by.len() > LONGEST_NAME {
        return Err(format!("a diagnosis is longer than {LONGEST_NAME} bytes"));
    }
    let state = gather.lock().symbols.state(State {
        outcome: row.outcome,
        level: row.level,
        waived: row.waived,
        diagnosis,
        blocked_by,
    })?;
    if known.states.len() >= REMEMBERED {
        known.states.pop();
    }
    known.states.push((row.outcome, row.level, row.waived, row.diagnosis.raw.into(), row.blocked_by.raw.into(), state));
    Ok(state)
}

fn version(gather: &Gather, known: &mut Known, row: &Row<'_>) -> u32 {
    if let Some((_, version)) = known.versions.iter().find(|(raw, _)| **raw == *row.version.raw) {
        return *version;
    }
    let text = short(&row.version.text(), 64);
    let mut gathered = gather.lock();
    let symbols = &mut gathered.symbols;
    let version = place(&mut symbols.versions, &mut symbols.version_at, text);
    if known.versions.len() >= REMEMBERED {
        known.versions.pop();
    }
    known.versions.push((row.version.raw.into(), version));
    version
}

/// `line 3` or `line 3, column 14` of a text.
fn line_of(text: &[u8], byte: usize) -> String {
    let before = &text[..byte.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    if column == 1 { format!("line {line}") } else { format!("line {line}, column {column}") }
}
