//! One worker's reading: what a report says becomes numbers that all workers share, asked for once and remembered.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use super::{Cell, Gather, Open, Refused, Run, State, Who, symbols::CHECKS};
use crate::{
    cohort::{
        parse::{self, Doc, Habit, Row, Shown, short},
        roster::fold,
        text, time,
    },
    model::{Level, Outcome},
};

/// Names longer than this are no names.
const LONGEST_NAME: usize = 200;
/// A clock may be this much ahead, in seconds, before its time is not believed.
const AHEAD: i64 = 86_400;
/// Nobody ran a doctor before 2020.
const FIRST: i64 = 1_577_836_800;

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
    habit: Habit,
    known: Vec<Known>,
    known_at: HashMap<Box<[u8]>, usize>,
    /// Which checks the report at hand had already, a bit each.
    seen: Vec<u64>,
    /// Places in `known` in the order of the last report: the next one mostly has the same.
    expected: Vec<usize>,
    /// What was read and is not yet told the others.
    read: Vec<Read>,
    platforms: Vec<(Box<[u8]>, u32)>,
    /// The last input's name and whom of the roster it means.
    path: Option<(Arc<str>, Option<usize>)>,
    /// Reports read, made before `since`, of other systems.
    skipped: (usize, usize, usize),
}

/// The systems that reports come from, as [`Platform::scope`](crate::model::Platform::scope) names them.
pub const SCOPES: &[&str] = &["windows", "wsl", "macos", "linux", "container", "other"];

/// A report whose names have no numbers yet.
#[derive(Debug)]
struct Read {
    run: Run,
    who: Who,
    machine: String,
    version: String,
    profile: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(gather: &'a Gather) -> Self {
        Self {
            gather,
            habit: Habit::default(),
            known: Vec::new(),
            known_at: HashMap::new(),
            seen: Vec::new(),
            expected: Vec::new(),
            read: Vec::new(),
            platforms: Vec::new(),
            path: None,
            skipped: (0, 0, 0),
        }
    }

    /// Reads every report of a text that ends where documents end.
    pub fn read(&mut self, origin: &Arc<str>, order: (u32, u32), at: u64, lines: bool, bytes: &[u8]) {
        // A part of something longer may be blank without anything being the matter.
        if at > 0 && bytes.trim_ascii().is_empty() {
            return;
        }
        let text = text::utf8(bytes);
        let text: &[u8] = &text;
        let mut habit = std::mem::take(&mut self.habit);
        text::reports(text, lines, &mut habit, |begins, doc| {
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
        self.habit = habit;
        let mut gathered = self.gather.lock();
        for Read { mut run, who, machine, version, profile } in self.read.drain(..) {
            let symbols = &mut gathered.symbols;
            run.learner = symbols.learner(who);
            run.machine = symbols.machine(&machine);
            run.doctor = symbols.version(&version);
            run.profile = symbols.version(&profile);
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
        let run = Run {
            learner: 0,
            machine: 0,
            scope,
            platform,
            doctor: 0,
            started,
            odd_time,
            order,
            origin: Arc::clone(origin),
            label: label.trim().into(),
            profile: 0,
            strict: doc.strict,
            says_ready: doc.says_ready,
            twice,
            disagrees,
            cells: cells.into_boxed_slice(),
            open: open.into_boxed_slice(),
        };
        let (machine, version) = (machine.trim().to_owned(), short(&doc.version.text(), 64));
        self.read.push(Read { run, who, machine, version, profile });
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
        let mut seen = std::mem::take(&mut self.seen);
        seen.clear();
        seen.resize(CHECKS.div_ceil(64), 0);
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
        self.seen = seen;
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
                        let check = self.gather.lock().symbols.check(&id)?;
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
        let mut open: Vec<Open> = Vec::new();
        for row in doc.rows.iter().filter(is_open) {
            let Some(known) = self.known_at.get(row.id.raw).map(|place| &self.known[*place]) else { continue };
            if !cells.iter().any(|cell| cell.check == known.check) || open.iter().any(|one| one.check == known.check) {
                continue;
            }
            let mut shown = if row.evidence.is_empty() { Shown::default() } else { parse::evidence(row.evidence) };
            if shown.candidates.len() < 2 {
                shown.candidates = Vec::new();
            }
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
        diagnosis: diagnosis.into(),
        blocked_by: blocked_by.into(),
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
    let version = gather.lock().symbols.version(&short(&row.version.text(), 64));
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
