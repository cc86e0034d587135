//! A cohort in words, one consumer per file; every number of every view is one of [`Cohort`]'s own.
//!
//! What stands in a cohort was written by many people's machines, so each view makes every text harmless for its reader.

pub mod changes;
mod csv;
mod html;
mod markdown;
pub mod message;
mod ndjson;
mod terminal;

use std::io::{self, Write};

use super::{Look, json};
use crate::{
    cohort::{Cohort, Machine, Verdict, gather::State},
    model::{Owner, Step},
};

/// A form in which a cohort can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Human,
    /// The cohort itself.
    Json,
    /// A row per machine, a column per check.
    Csv,
    /// A row per machine and check.
    CsvLong,
    /// To paste into a chat or an issue.
    Markdown,
    /// A page that works offline.
    Html,
    /// Flat rows for a database.
    Ndjson,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] =
        &[Self::Human, Self::Json, Self::Csv, Self::CsvLong, Self::Markdown, Self::Html, Self::Ndjson];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::CsvLong => "csv-long",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Ndjson => "ndjson",
        }
    }

    /// The ending of files that are written in this format; the long CSV must be asked for by name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Human => "txt",
            other => other.name(),
        }
    }
}

/// Writes a cohort in a format.
///
/// # Errors
/// What writing says.
pub fn write(cohort: &Cohort, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => terminal::cohort(cohort, look, out),
        Format::Json => json::document(cohort, out),
        Format::Csv => csv::wide(cohort, out),
        Format::CsvLong => csv::long(cohort, out),
        Format::Markdown => markdown::cohort(cohort, out),
        Format::Html => html::cohort(cohort, out),
        Format::Ndjson => ndjson::cohort(cohort, out),
    }
}

/// What a cell of a machine stands for.
#[derive(Clone, Copy)]
struct Fact<'a> {
    state: &'a State,
    version: &'a str,
}

fn fact<'a>(cohort: &'a Cohort, machine: &Machine, column: usize) -> Option<Fact<'a>> {
    let cell = machine.fact(column)?;
    let symbols = &cohort.symbols;
    Some(Fact { state: &symbols.states[usize::from(cell.state)], version: &symbols.versions[cell.version as usize] })
}

/// The word for who can mend something.
fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Learner => "learner",
        Owner::Staff => "staff",
        Owner::Admin => "admin",
    }
}

/// `33 %`, from tenths of a percent; `<1 %` where it is not nothing.
fn percent(per_mille: usize) -> String {
    match per_mille {
        1..5 => "<1 %".to_owned(),
        _ => format!("{} %", (per_mille + 5) / 10),
    }
}

/// How many are what, in one line of words.
fn standing(cohort: &Cohort) -> Vec<String> {
    let summary = &cohort.summary;
    let mut words = vec![match summary.learners {
        1 => "1 learner".to_owned(),
        many => format!("{many} learners"),
    }];
    let of = |verdict| match verdict {
        Verdict::Ready => summary.ready,
        Verdict::Alone => summary.alone,
        Verdict::Staff => summary.staff,
        Verdict::Admin => summary.admin,
    };
    words.extend(Verdict::ALL.iter().map(|verdict| format!("{} {}", of(*verdict), plural(*verdict, of(*verdict)))));
    if summary.expected > 0 {
        words.push(format!("{} not reported", summary.not_reported));
    }
    words
}

fn plural(verdict: Verdict, number: usize) -> &'static str {
    match verdict {
        Verdict::Alone => "can fix it alone",
        Verdict::Staff if number != 1 => "need staff",
        Verdict::Admin if number != 1 => "need admin",
        other => other.words(),
    }
}

/// Which reports count and which do not, in words.
fn counted(cohort: &Cohort) -> Vec<String> {
    let summary = &cohort.summary;
    let read = match summary.reports {
        1 => "1 report read".to_owned(),
        many => format!("{many} reports read"),
    };
    let of =
        if cohort.selection.runs == "all" { "every run" } else { "the latest of each learner, machine and system" };
    let mut words = vec![read, format!("{} count ({of})", summary.counted)];
    for (number, what) in [
        (summary.earlier, "replaced by later ones"),
        (summary.before, "from before --since"),
        (summary.elsewhere, "of other systems"),
        (summary.rejected, "rejected"),
    ] {
        if number > 0 {
            words.push(format!("{number} {what}"));
        }
    }
    words
}

/// What is to be known about a step beyond its commands, each a sentence.
fn notes(step: &Step) -> Vec<String> {
    let mut notes = Vec::new();
    if !step.act.is_empty() {
        notes.push(super::text::sentence(&step.act));
    }
    for (holds, words) in [
        (step.installer, "This downloads the maker's own installer and runs it."),
        (step.destructive, "Careful: this removes or overwrites something."),
        (step.new_shell && !step.new_login && !step.restart, "Then open a new terminal."),
        (step.new_login && !step.restart, "Then log out and log in again."),
        (step.restart, "Then restart the computer."),
    ] {
        if holds {
            notes.push(words.to_owned());
        }
    }
    notes
}
