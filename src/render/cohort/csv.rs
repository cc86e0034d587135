//! A cohort as CSV (RFC 4180): a row per machine with a column per check, or a row per machine and check. It begins with
//! a byte order mark, without which Excel garbles names.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use crate::{
    cohort::{Cohort, Word},
    render::{Look, text},
};

/// A row per machine of a learner, a column per check with the same words as every other view; people who did not
/// report have a row too.
pub(super) fn wide(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    let mut head: Vec<&str> = vec![
        "learner",
        "name",
        "group",
        "verdict",
        "reason",
        "machine",
        "scope",
        "platform",
        "started",
        "source",
        "machine verdict",
    ];
    let words: Vec<String> = Word::ALL.iter().map(|word| format!("{} checks", word.word())).collect();
    head.extend(words.iter().map(String::as_str));
    head.extend(cohort.checks.iter().map(|check| check.id.as_str()));
    out.write_all("\u{feff}".as_bytes())?;
    row(head.iter().copied(), out)?;
    for learner in &cohort.learners {
        for machine in &learner.machines {
            let started = machine.started();
            let known = [
                learner.id.as_str(),
                &learner.name,
                &learner.group,
                learner.verdict.word(),
                &learner.reason,
                &machine.id,
                machine.scope,
                machine.platform,
                started.as_deref().unwrap_or_default(),
                &machine.source,
                machine.verdict.word(),
            ];
            let counts: Vec<String> = Word::ALL.iter().map(|word| machine.counts.of(*word).to_string()).collect();
            let cells = machine.cells.iter().map(|word| word.word());
            row(known.into_iter().chain(counts.iter().map(String::as_str)).chain(cells), out)?;
        }
    }
    for absent in &cohort.not_reported {
        let known = [absent.id.as_str(), &absent.name, &absent.group, "not-reported"];
        row(known.into_iter().chain(std::iter::repeat_n("", head.len() - 4)), out)?;
    }
    Ok(())
}

/// A row per machine and check.
pub(super) fn long(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let head = [
        "learner",
        "machine",
        "scope",
        "platform",
        "started",
        "source",
        "check",
        "word",
        "level",
        "diagnosis",
        "blocked by",
        "version",
    ];
    row(head.into_iter(), out)?;
    for learner in &cohort.learners {
        for machine in &learner.machines {
            let started = machine.started();
            for (column, check) in cohort.checks.iter().enumerate() {
                let fact = super::fact(cohort, machine, column);
                let cells = [
                    learner.id.as_str(),
                    &machine.id,
                    machine.scope,
                    machine.platform,
                    started.as_deref().unwrap_or_default(),
                    &machine.source,
                    &check.id,
                    machine.cells[column].word(),
                    fact.map_or("", |fact| fact.state.level.word()),
                    fact.map_or("", |fact| &fact.state.diagnosis),
                    fact.map_or("", |fact| &fact.state.blocked_by),
                    fact.map_or("", |fact| fact.version),
                ];
                row(cells.into_iter(), out)?;
            }
        }
    }
    Ok(())
}

fn row<'a>(cells: impl Iterator<Item = &'a str>, out: &mut dyn Write) -> io::Result<()> {
    for (at, text) in cells.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(cell(text).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// A cell that no spreadsheet takes for a formula: OWASP's list of first characters, full-width ones too. A number stays one.
fn cell(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/_ ".contains(&byte)) && !text.starts_with(' ') {
        return Cow::Borrowed(text);
    }
    let mut plain = text::line(text, Look::default());
    let is_number = plain.parse::<f64>().is_ok_and(f64::is_finite);
    if !is_number
        && plain.starts_with(['=', '+', '-', '@', '%', '|', '＝', '＋', '－', '＠', '﹣', '−', '﹢', '﹦', '﹫'])
    {
        plain.insert(0, '\'');
    }
    if plain.contains([',', '"', ';', '\'']) {
        Cow::Owned(format!("\"{}\"", plain.replace('"', "\"\"")))
    } else {
        Cow::Owned(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, want) in [
            ("=1+1", "\"'=1+1\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2+3", "\"'-2+3\""),
            ("\t=1", "\"'=1\""),
            ("\r=1", "\"'=1\""),
            ("\n=1", "\"'=1\""),
            ("\u{200b}=1", "\"'=1\""),
            ("\u{1b}[31m=1", "\"'=1\""),
            ("＝1", "\"'＝1\""),
            ("-5", "-5"),
            ("+1.5", "+1.5"),
            ("3.11.7", "3.11.7"),
            ("29.0.1-rc.1", "29.0.1-rc.1"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "two lines"),
            ("", ""),
        ] {
            assert_eq!(cell(text), want, "{text:?}");
        }
    }
}
