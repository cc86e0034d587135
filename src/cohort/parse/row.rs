//! One finding read in place.

use super::Once;
use crate::{
    cohort::scan::{Cursor, Str, Wrong},
    model::{Level, Outcome},
};

/// A finding, borrowed from its report.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The check.
    pub id: Str<'a>,
    /// What was found; `unknown` for words that are not known.
    pub outcome: Outcome,
    /// How much it matters; `required` for words that are not known.
    pub level: Level,
    /// Whether a profile waives it.
    pub waived: bool,
    /// Which state it is.
    pub diagnosis: Str<'a>,
    /// The check that must hold first.
    pub blocked_by: Str<'a>,
    /// What was found, in words.
    pub found: Str<'a>,
    /// The version that was found.
    pub version: Str<'a>,
    /// The evidence's text, where there is some.
    pub evidence: &'a [u8],
    /// The fix's text, where there is one.
    pub fix: &'a [u8],
}

/// Reads the finding that begins here. `numbers` gets where whole numbers stand that nobody asks for.
pub(super) fn row<'a>(cursor: &mut Cursor<'a>, numbers: &mut Vec<(usize, usize)>) -> Result<Row<'a>, Wrong> {
    if !matches!(cursor.peek(), b'{' | 0) {
        return cursor.other("one of its `findings` is no object");
    }
    numbers.clear();
    let mut row = Row {
        id: Str::default(),
        outcome: Outcome::Unknown,
        level: Level::Required,
        waived: false,
        diagnosis: Str::default(),
        blocked_by: Str::default(),
        found: Str::default(),
        version: Str::default(),
        evidence: b"",
        fix: b"",
    };
    let mut once = Once(0);
    cursor.object(|at, name| {
        let name = name.plain();
        let (bit, into) = match &*name {
            b"id" => (0, &mut row.id),
            b"found" => (1, &mut row.found),
            b"version" => (2, &mut row.version),
            b"diagnosis" => (3, &mut row.diagnosis),
            b"blocked-by" => (4, &mut row.blocked_by),
            b"outcome" => {
                once.see(at, 5, &name)?;
                row.outcome = match at.maybe_string()?.unwrap_or_default().raw {
                    b"pass" => Outcome::Pass,
                    b"fail" => Outcome::Fail,
                    b"skip" => Outcome::Skip,
                    _ => Outcome::Unknown,
                };
                return Ok(());
            }
            b"level" => {
                once.see(at, 6, &name)?;
                row.level = match at.maybe_string()?.unwrap_or_default().raw {
                    b"recommended" => Level::Recommended,
                    b"optional" => Level::Optional,
                    _ => Level::Required,
                };
                return Ok(());
            }
            b"evidence" => {
                once.see(at, 7, &name)?;
                row.evidence = evidence(at, numbers)?;
                return Ok(());
            }
            b"fix" => {
                once.see(at, 8, &name)?;
                row.fix = at.span()?;
                return Ok(());
            }
            b"waived" => {
                once.see(at, 9, &name)?;
                row.waived = at.peek() == b'{';
                return at.skip();
            }
            _ => return aside(at, numbers),
        };
        once.see(at, bit, &name)?;
        *into = at.maybe_string()?.unwrap_or_default();
        Ok(())
    })?;
    if row.id.is_empty() {
        return cursor.other("one of its `findings` has no `id`");
    }
    Ok(row)
}

/// Passes over the evidence of a finding; of its numbers the exit code is asked for.
fn evidence<'a>(cursor: &mut Cursor<'a>, numbers: &mut Vec<(usize, usize)>) -> Result<&'a [u8], Wrong> {
    if cursor.peek() != b'{' {
        return cursor.span();
    }
    let start = cursor.at;
    cursor.object(|at, name| if *name.plain() == *b"exit" { at.skip() } else { aside(at, numbers) })?;
    Ok(cursor.since(start))
}

/// Passes over a value that nobody asks for.
pub(super) fn aside(cursor: &mut Cursor<'_>, numbers: &mut Vec<(usize, usize)>) -> Result<(), Wrong> {
    if !cursor.peek().is_ascii_digit() {
        return cursor.skip();
    }
    let start = cursor.at;
    if cursor.number()?.iter().all(u8::is_ascii_digit) {
        numbers.push((start, cursor.at));
    }
    Ok(())
}
