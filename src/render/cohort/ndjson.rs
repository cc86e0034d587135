//! A cohort as flat rows for a database, one JSON object a line, every row with the same keys: `docs/cohort-sql.md` has
//! the queries. Rows are of five kinds: `machine` (one report), `finding` (a check in a report), `open` (what is not in
//! order in a report), `not-reported` and `rejected`.

use std::io::{self, Write};

use serde::Serialize;

use crate::cohort::{Cohort, Learner, Machine};

/// One row. Names are no words of SQL, so that they need no quotes.
#[derive(Serialize, Default)]
struct Row<'a> {
    kind: &'a str,
    learner: Option<&'a str>,
    name: Option<&'a str>,
    team: Option<&'a str>,
    machine: Option<&'a str>,
    scope: Option<&'a str>,
    platform: Option<&'a str>,
    started: Option<&'a str>,
    /// Whether `started` is a time that can be; where it is not, the report never replaces another one.
    time_ok: Option<bool>,
    source: Option<&'a str>,
    /// The report's place among the inputs, so that equal texts sort as the inputs do.
    run: Option<&'a str>,
    doctor: Option<&'a str>,
    verdict: Option<&'a str>,
    check_id: Option<&'a str>,
    word: Option<&'a str>,
    level: Option<&'a str>,
    diagnosis: Option<&'a str>,
    blocked_by: Option<&'a str>,
    version: Option<&'a str>,
    /// Of `open`: whether it keeps the machine from being ready.
    counts: Option<bool>,
    owner: Option<&'a str>,
    found: Option<&'a str>,
}

/// Writes every row.
pub(super) fn cohort(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    for learner in &cohort.learners {
        for machine in &learner.machines {
            self::machine(cohort, learner, machine, out)?;
        }
    }
    for absent in &cohort.not_reported {
        let row = Row {
            kind: "not-reported",
            learner: Some(&absent.id),
            name: some(&absent.name),
            team: some(&absent.group),
            ..Row::default()
        };
        line(&row, out)?;
    }
    for one in &cohort.rejected {
        let row = Row {
            kind: "rejected",
            source: Some(&one.source),
            run: some(&one.place),
            found: Some(&one.reason),
            ..Row::default()
        };
        line(&row, out)?;
    }
    Ok(())
}

fn machine(cohort: &Cohort, learner: &Learner, machine: &Machine, out: &mut dyn Write) -> io::Result<()> {
    let run = format!("{:08}.{:08}.{:016}", machine.order.0, machine.order.1, machine.order.2);
    let started = machine.started();
    let known = || Row {
        learner: Some(&learner.id),
        name: some(&learner.name),
        team: some(&learner.group),
        machine: Some(&machine.id),
        scope: Some(machine.scope),
        platform: Some(machine.platform),
        started: started.as_deref(),
        time_ok: Some(machine.started.is_some() && !machine.odd_time),
        source: Some(&machine.source),
        run: Some(&run),
        doctor: some(&machine.doctor),
        verdict: Some(machine.verdict.word()),
        ..Row::default()
    };
    line(&Row { kind: "machine", ..known() }, out)?;
    for (column, check) in cohort.checks.iter().enumerate() {
        let fact = super::fact(cohort, machine, column);
        let row = Row {
            kind: "finding",
            check_id: Some(&check.id),
            word: Some(machine.cells[column].word()),
            level: fact.map(|fact| fact.state.level.word()),
            diagnosis: fact.and_then(|fact| some(&fact.state.diagnosis)),
            blocked_by: fact.and_then(|fact| some(&fact.state.blocked_by)),
            version: fact.and_then(|fact| some(fact.version)),
            ..known()
        };
        line(&row, out)?;
    }
    for item in &machine.open {
        let row = Row {
            kind: "open",
            check_id: Some(&item.check),
            word: Some(item.word.word()),
            diagnosis: Some(&item.cause),
            counts: Some(item.counts),
            owner: Some(super::owner(item.owner)),
            found: some(&item.shown.found),
            ..known()
        };
        line(&row, out)?;
    }
    Ok(())
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn line(row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}
