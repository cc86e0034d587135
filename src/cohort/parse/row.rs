//! One finding read in place.

use super::{
    Once,
    habit::{Field, Habit},
};
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

/// Reads the finding that begins here, the `place`th of its report.
pub(super) fn row<'a>(cursor: &mut Cursor<'a>, habit: &mut Habit, place: usize) -> Result<Row<'a>, Wrong> {
    if !matches!(cursor.peek(), b'{' | 0) {
        return cursor.other("one of its `findings` is no object");
    }
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
    habit.object(cursor, place, &mut |at, field, value| {
        if let Some(name) = field.name() {
            once.see(at, field as u32, name)?;
        }
        match field {
            Field::Id => row.id = value.text(),
            Field::Found => row.found = value.text(),
            Field::Version => row.version = value.text(),
            Field::Diagnosis => row.diagnosis = value.text(),
            Field::BlockedBy => row.blocked_by = value.text(),
            Field::Outcome => {
                row.outcome = match value.text().raw {
                    b"pass" => Outcome::Pass,
                    b"fail" => Outcome::Fail,
                    b"skip" => Outcome::Skip,
                    _ => Outcome::Unknown,
                }
            }
            Field::Level => {
                row.level = match value.text().raw {
                    b"recommended" => Level::Recommended,
                    b"optional" => Level::Optional,
                    _ => Level::Required,
                }
            }
            Field::Waived => row.waived = value.span.first() == Some(&b'{'),
            Field::Evidence => row.evidence = value.span,
            Field::Fix => row.fix = value.span,
            Field::Other => {}
        }
        Ok(())
    })?;
    if row.id.is_empty() {
        return cursor.other("one of its `findings` has no `id`");
    }
    Ok(row)
}
