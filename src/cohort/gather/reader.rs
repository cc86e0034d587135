//! One worker's reading: what a report says becomes numbers that all workers share, asked for once and remembered.

use std::sync::Arc;

use super::{Gather, LONGEST_NAME, Refused, Run, Who, meaning::Meanings};
use crate::cohort::{
    parse::{self, Doc, Habit, short},
    roster::fold,
    text, time,
};

/// A clock may be this much ahead, in seconds, before its time is not believed.
const AHEAD: i64 = 86_400;
/// Nobody ran a doctor before 2020.
const FIRST: i64 = 1_577_836_800;

/// One worker's reading.
#[derive(Debug)]
pub struct Reader<'a> {
    gather: &'a Gather,
    habit: Habit,
    meanings: Meanings,
    /// What was read, and what was refused, and is not yet told the others.
    read: Vec<Read>,
    refused: Vec<Refused>,
    platforms: Numbered,
    doctors: Numbered,
    /// The last input's name and whom of the roster it means.
    path: Option<(Arc<str>, Option<usize>)>,
    /// Reports read, made before `since`, of other systems.
    skipped: (usize, usize, usize),
}

/// The systems that reports come from, as [`Platform::scope`](crate::model::Platform::scope) names them.
pub const SCOPES: &[&str] = &["windows", "wsl", "macos", "linux", "container", "other"];

/// Texts and the numbers that they got.
type Numbered = Vec<(Box<[u8]>, u32)>;

/// A report whose names have no numbers yet.
#[derive(Debug)]
struct Read {
    run: Run,
    who: Who,
    machine: String,
    profile: String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(gather: &'a Gather) -> Self {
        Self {
            gather,
            habit: Habit::default(),
            meanings: Meanings::default(),
            read: Vec::new(),
            refused: Vec::new(),
            platforms: Vec::new(),
            doctors: Vec::new(),
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
        // Mostly it is UTF-8, and mostly so alike other reports that this need not be found out byte by byte.
        if self.texts(origin, order, at, lines, bytes).is_none() {
            self.read.clear();
            self.refused.clear();
            self.skipped = (0, 0, 0);
            self.texts(origin, order, at, lines, &text::utf8(bytes));
        }
        let mut gathered = self.gather.lock();
        for Read { mut run, who, machine, profile } in self.read.drain(..) {
            let symbols = &mut gathered.symbols;
            run.learner = symbols.learner(who);
            run.machine = symbols.machine(&machine);
            run.profile = symbols.version(&profile);
            gathered.add(run, self.gather.wanted.all);
        }
        self.refused.drain(..).for_each(|refused| gathered.refuse(refused));
        let (reports, before, elsewhere) = std::mem::take(&mut self.skipped);
        gathered.reports += reports;
        gathered.before += before;
        gathered.elsewhere += elsewhere;
    }

    /// Reads every report of a text; nothing where the text is not UTF-8, and what was read of it counts for nothing.
    fn texts(&mut self, origin: &Arc<str>, order: (u32, u32), at: u64, lines: bool, text: &[u8]) -> Option<()> {
        let mut habit = std::mem::take(&mut self.habit);
        let mut is_utf8 = true;
        // Asked once: there may be as many broken reports in a text as it has lines.
        let whole = std::cell::LazyCell::new(|| std::str::from_utf8(text).is_ok());
        text::reports(text, lines, &mut habit, |begins, doc| {
            is_utf8 &= doc.as_ref().map_or_else(|_| *whole, |doc| doc.is_utf8);
            if !is_utf8 {
                return;
            }
            let order = (order.0, order.1, at + begins as u64);
            let added = match doc {
                Ok(doc) => self.add(origin, order, &doc).map_err(|reason| (begins, reason)),
                Err(wrong) => Err((wrong.at, wrong.what.into_owned())),
            };
            if let Err((byte, reason)) = added {
                let place = if at == 0 { line_of(text, byte) } else { format!("byte {}", at + byte as u64) };
                self.refused.push(Refused { order, origin: Arc::clone(origin), place, reason });
            }
        });
        self.habit = habit;
        is_utf8.then_some(())
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
        let said = self.meanings.of(self.gather, doc)?;
        let doctor = self.doctor(doc.doctor);
        let (label, machine) = (doc.label.text(), doc.machine.text());
        if label.len() > LONGEST_NAME || machine.len() > LONGEST_NAME {
            return Err(format!("its label or its machine's id is longer than {LONGEST_NAME} bytes"));
        }
        let profile = match doc.profile.0.is_empty() && doc.profile.1.is_empty() {
            true => String::new(),
            false => short(&format!("{} {}", doc.profile.0.text(), doc.profile.1.text()), 120),
        };
        let (who, disagrees) = self.who(origin, label.trim(), machine.trim());
        let is_known_by_it = matches!(&who, Who::Labelled(folded) if folded == label.trim());
        let run = Run {
            learner: 0,
            machine: 0,
            scope,
            platform,
            doctor,
            started,
            odd_time,
            order,
            origin: Arc::clone(origin),
            label: (!is_known_by_it).then(|| label.trim().into()),
            profile: 0,
            strict: doc.strict,
            says_ready: doc.says_ready,
            twice: said.twice,
            disagrees,
            cells: said.cells.into(),
            open: said.open.into(),
        };
        self.read.push(Read { run, who, machine: machine.trim().to_owned(), profile });
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
            None => match (fold(label), machine) {
                (folded, _) if !folded.is_empty() => Who::Labelled(folded),
                (_, "") => Who::Origin(origin.to_string()),
                _ => Who::Machine(machine.to_owned()),
            },
        };
        (who, disagrees)
    }

    fn platform(&mut self, text: &[u8]) -> u32 {
        numbered(&mut self.platforms, text, || self.gather.lock().symbols.platform(parse::platform(text)))
    }

    fn doctor(&mut self, text: &[u8]) -> u32 {
        numbered(&mut self.doctors, text, || self.gather.lock().symbols.version(&parse::version(text)))
    }
}

/// The number of a text that many reports share.
fn numbered(known: &mut Numbered, text: &[u8], number: impl FnOnce() -> u32) -> u32 {
    const MOST: usize = 64;
    if let Some((_, number)) = known.iter().find(|(one, _)| **one == *text) {
        return *number;
    }
    let number = number();
    if known.len() >= MOST {
        known.clear();
    }
    known.push((text.into(), number));
    number
}

/// `line 3` or `line 3, column 14` of a text.
fn line_of(text: &[u8], byte: usize) -> String {
    let before = &text[..byte.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    if column == 1 { format!("line {line}") } else { format!("line {line}, column {column}") }
}
