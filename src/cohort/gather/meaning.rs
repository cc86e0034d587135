//! What findings mean in the numbers that all workers share: asked for once by each worker, and remembered for every
//! finding of the same form.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use super::{Cell, Gather, LONGEST_NAME, Open, State, symbols::CHECKS};
use crate::{
    cohort::parse::{self, Doc, FORMS, Row, Shown, short},
    model::{Level, Outcome},
};

/// A state of a check as reports write it, and the number it got.
type Written = (Outcome, Level, bool, Box<[u8]>, Box<[u8]>, u16);

/// What a worker knows of a check without asking the others.
#[derive(Debug)]
struct Known {
    check: u16,
    states: Vec<Written>,
    versions: Vec<(Box<[u8]>, u32)>,
}

/// States and versions of a check that a worker remembers by itself.
const REMEMBERED: usize = 16;

/// What a finding means.
#[derive(Debug, Clone)]
struct Meaning {
    /// The form it is remembered by.
    form: u32,
    cell: Cell,
    open: Option<Open>,
}

/// What one worker knows of findings.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    /// By the form's number; further ones take the places of those that are not used any more.
    by_form: Vec<Option<Meaning>>,
    by_check: HashMap<Box<[u8]>, Known>,
    /// In which report each check was seen last, counted.
    seen: Vec<u32>,
    reports: u32,
}

/// What a report's findings say.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Every check once; of one that stands there several times the worst.
    pub(super) cells: Vec<Cell>,
    /// What is not in order.
    pub(super) open: Vec<Open>,
    /// Whether a check stands there several times.
    pub(super) twice: bool,
}

impl Meanings {
    /// What the findings of a report say.
    ///
    /// # Errors
    /// Why the report is refused.
    pub(super) fn of(&mut self, gather: &Gather, doc: &Doc<'_>) -> Result<Said, String> {
        let mut said = Said { cells: Vec::with_capacity(doc.findings.len()), ..Said::default() };
        self.seen.resize(CHECKS, 0);
        self.reports = self.reports.wrapping_add(1).max(1);
        for finding in &doc.findings {
            let place = finding.form as usize % FORMS;
            let known = self.by_form.get(place).and_then(Option::as_ref);
            let read;
            let meaning = match known.filter(|known| finding.form > 0 && known.form == finding.form) {
                Some(known) => known,
                None => {
                    let row = doc.row(finding).map_err(|wrong| wrong.what.into_owned())?;
                    let meaning = self.read(gather, &row, finding.form)?;
                    if finding.form > 0 {
                        self.by_form.resize_with(self.by_form.len().max(place + 1), || None);
                        &*self.by_form[place].insert(meaning)
                    } else {
                        read = meaning;
                        &read
                    }
                }
            };
            let cell = meaning.cell;
            let seen = &mut self.seen[usize::from(cell.check)];
            if std::mem::replace(seen, self.reports) == self.reports {
                said.twice = true;
                keep_worst(gather, &mut said.cells, cell);
                if said.open.iter().any(|open| open.check == cell.check) {
                    continue;
                }
            } else {
                said.cells.push(cell);
            }
            said.open.extend(meaning.open.clone());
        }
        Ok(said)
    }

    fn read(&mut self, gather: &Gather, row: &Row<'_>, form: u32) -> Result<Meaning, String> {
        let known = match self.by_check.get_mut(row.id.raw) {
            Some(known) => known,
            None => {
                let id = row.id.text();
                if id.len() > LONGEST_NAME {
                    return Err(format!("a check's id is longer than {LONGEST_NAME} bytes"));
                }
                let check = gather.lock().symbols.check(&id)?;
                let known = Known { check, states: Vec::new(), versions: Vec::new() };
                self.by_check.entry(row.id.raw.into()).or_insert(known)
            }
        };
        let state = state(gather, known, row)?;
        let version = if row.version.is_empty() { 0 } else { version(gather, known, row) };
        let open = matches!(row.outcome, Outcome::Fail | Outcome::Unknown).then(|| open(known.check, row));
        Ok(Meaning { form, cell: Cell { check: known.check, state, version }, open })
    }
}

fn keep_worst(gather: &Gather, cells: &mut [Cell], cell: Cell) {
    let gathered = gather.lock();
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

fn open(check: u16, row: &Row<'_>) -> Open {
    let mut shown = if row.evidence.is_empty() { Shown::default() } else { parse::evidence(row.evidence) };
    if shown.candidates.len() < 2 {
        shown.candidates = Vec::new();
    }
    let fix = if row.fix.is_empty() { 0 } else { fingerprint(&parse::commands(row.fix)) };
    shown.found = short(&row.found.text(), 300);
    Open { check, shown: Arc::new(shown), fix }
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
