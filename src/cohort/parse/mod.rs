//! One report read in place: what a cohort asks of it, borrowed from its text. Fields that are not known are passed
//! over, so that a report of a newer doctor of the same schema is read; what makes it no report is said in words.

use std::borrow::Cow;

mod habit;
mod parts;
mod row;

use super::scan::{Cursor, Str, Wrong};
use crate::model::report::SCHEMA;
pub use habit::{FORMS, Habit};
pub use parts::{Shown, commands, evidence, platform, short, version};
pub use row::Row;

/// The most findings of one report; doctor has some hundred checks.
pub const MOST_FINDINGS: usize = 2000;

/// A report, borrowed from its text.
#[derive(Debug, Clone, Default)]
pub struct Doc<'a> {
    /// The text of what says which doctor wrote it, to be read with [`version`].
    pub doctor: &'a [u8],
    /// When it says it was made.
    pub started: Str<'a>,
    /// Whether recommended checks count.
    pub strict: bool,
    /// The machine's pseudonym.
    pub machine: Str<'a>,
    /// What `--label` said.
    pub label: Str<'a>,
    /// `windows`, `wsl`, …, as it says.
    pub scope: Str<'a>,
    /// The platform's text, to be read with [`platform`].
    pub platform: &'a [u8],
    /// Whether it says that the machine is ready.
    pub says_ready: bool,
    /// The profile's name and digest, where one was used.
    pub profile: (Str<'a>, Str<'a>),
    /// Every finding.
    pub findings: Vec<Finding<'a>>,
    /// Whether all of its text is UTF-8. Only what was not known by its bytes had to be looked at.
    pub is_utf8: bool,
    rows: Vec<Row<'a>>,
}

/// A finding as it stands in a report.
#[derive(Debug, Clone, Copy)]
pub struct Finding<'a> {
    /// The number of its form; 0 where it has none. Findings of one form say the same. Numbers of forms that have
    /// not come for long mean nothing any more; those in use differ by less than [`FORMS`].
    pub form: u32,
    text: &'a [u8],
    /// Its place among those that were read, from 1 on; 0 where it was known.
    row: u32,
}

impl<'a> Doc<'a> {
    /// What it says beside its findings.
    pub fn head(&self) -> Self {
        Self { findings: Vec::new(), rows: Vec::new(), ..self.clone() }
    }

    /// What a finding of this report says. One that was known by its form is read only now.
    ///
    /// # Errors
    /// None for a finding of this report.
    pub fn row(&self, finding: &Finding<'a>) -> Result<Row<'a>, Wrong> {
        match self.rows.get((finding.row as usize).wrapping_sub(1)) {
            Some(row) => Ok(*row),
            None => row::row(&mut Cursor::new(finding.text, 0), &mut Vec::new()),
        }
    }
}

/// A field that stands there twice makes it undecided what a report says.
struct Once(u32);

impl Once {
    fn see(&mut self, cursor: &Cursor<'_>, bit: u32, name: &[u8]) -> Result<(), Wrong> {
        let before = self.0;
        self.0 |= 1 << bit;
        if before & 1 << bit == 0 {
            return Ok(());
        }
        cursor.other(format!("`{}` stands in it twice", String::from_utf8_lossy(name)))
    }
}

/// Reads the report that begins here; `habit` is what reports before it were like.
///
/// # Errors
/// Why it is none.
pub fn report<'a>(cursor: &mut Cursor<'a>, habit: &mut Habit) -> Result<Doc<'a>, Wrong> {
    let mut doc = Doc { is_utf8: true, ..Doc::default() };
    let mut once = Once(0);
    // From where on it was read a value at a time.
    let mut read_from = cursor.at;
    let mut failed: Option<Cow<'a, str>> = None;
    let mut recording = false;
    let start = *cursor;
    let read = cursor.object(|at, name| {
        let name = name.plain();
        match &*name {
            b"schema" => {
                once.see(at, 0, &name)?;
                schema(at)
            }
            b"doctor" => {
                once.see(at, 1, &name)?;
                doc.doctor = object(at, habit)?;
                Ok(())
            }
            b"run" => {
                once.see(at, 2, &name)?;
                fields(at, |at, name| match name {
                    b"started" => at.maybe_string().map(|text| doc.started = text.unwrap_or_default()),
                    b"strict" => at.truth().map(|strict| doc.strict = strict),
                    _ => at.skip(),
                })
            }
            b"machine" => {
                once.see(at, 3, &name)?;
                fields(at, |at, name| {
                    let into = match name {
                        b"id" => &mut doc.machine,
                        b"label" => &mut doc.label,
                        b"scope" => &mut doc.scope,
                        _ => return at.skip(),
                    };
                    *into = at.maybe_string()?.unwrap_or_default();
                    Ok(())
                })
            }
            b"platform" => {
                once.see(at, 4, &name)?;
                doc.platform = object(at, habit)?;
                Ok(())
            }
            b"summary" => {
                once.see(at, 5, &name)?;
                doc.says_ready = summary(at, habit)?;
                Ok(())
            }
            b"profile" => {
                once.see(at, 7, &name)?;
                fields(at, |at, name| match name {
                    b"name" => at.maybe_string().map(|text| doc.profile.0 = text.unwrap_or_default()),
                    b"digest" => at.maybe_string().map(|text| doc.profile.1 = text.unwrap_or_default()),
                    _ => at.skip(),
                })
            }
            b"findings" => {
                once.see(at, 6, &name)?;
                if at.peek() != b'[' {
                    return at.other("its `findings` are no list");
                }
                doc.is_utf8 &= is_utf8(at.since(read_from));
                findings(at, habit, &mut doc)?;
                read_from = at.at;
                Ok(())
            }
            b"error" => fields(at, |at, name| {
                if name == b"message" {
                    failed = at.maybe_string()?.map(Str::text);
                    return Ok(());
                }
                at.skip()
            }),
            b"recording" => {
                recording = true;
                at.skip()
            }
            _ => at.skip(),
        }
    });
    read?;
    doc.is_utf8 &= is_utf8(cursor.since(read_from));
    if recording {
        return start.other("it is a recording, no report; `doctor --replay` makes a report of it");
    }
    if once.0 & 1 == 0 {
        return start.other("it has no `schema`, so it is no report of doctor's");
    }
    if let Some(message) = failed {
        let message: String = message.chars().take(200).collect();
        return start.other(format!("doctor could not do its work there: {message}"));
    }
    if once.0 & 1 << 6 == 0 {
        return start.other("it has no `findings`");
    }
    Ok(doc)
}

/// Reads the list of findings, each of which is known by its form or read.
fn findings<'a>(cursor: &mut Cursor<'a>, habit: &mut Habit, doc: &mut Doc<'a>) -> Result<(), Wrong> {
    let mut last = habit::BEGINNING;
    let mut numbers = Vec::new();
    doc.findings.reserve(habit.usual());
    cursor.list(|at| {
        if doc.findings.len() >= MOST_FINDINGS {
            return at.other(format!("more than {MOST_FINDINGS} findings, which no doctor writes"));
        }
        at.peek();
        let start = at.at;
        let mut row = 0;
        last = match habit.again(last, at) {
            Some(place) => place,
            None => {
                doc.rows.push(row::row(at, &mut numbers)?);
                row = doc.rows.len() as u32;
                let is_utf8 = is_utf8(at.since(start));
                doc.is_utf8 &= is_utf8;
                numbers.iter_mut().for_each(|(from, to)| (*from, *to) = (*from - start, *to - start));
                if is_utf8 { habit.learn(last, at.since(start), &numbers) } else { habit::NONE }
            }
        };
        doc.findings.push(Finding { form: habit.number(last), text: at.since(start), row });
        Ok(())
    })?;
    habit.had(doc.findings.len());
    Ok(())
}

/// An object of a report's head, passed over.
fn object<'a>(cursor: &mut Cursor<'a>, habit: &mut Habit) -> Result<&'a [u8], Wrong> {
    cursor.peek();
    let start = cursor.at;
    if !habit.object_again(cursor) {
        cursor.skip()?;
        if is_utf8(cursor.since(start)) {
            habit.learn_object(cursor.since(start));
        }
    }
    Ok(cursor.since(start))
}

/// Whether a report's summary says that the machine is ready.
fn summary(cursor: &mut Cursor<'_>, habit: &mut Habit) -> Result<bool, Wrong> {
    cursor.peek();
    if let Some(ready) = habit.summary_again(cursor) {
        return Ok(ready);
    }
    let (start, mut ready, mut numbers) = (cursor.at, false, Vec::new());
    fields(cursor, |at, name| {
        if name != b"verdict" {
            return row::aside(at, &mut numbers);
        }
        ready = at.maybe_string()?.is_some_and(|word| word.raw == b"ready");
        Ok(())
    })?;
    numbers.iter_mut().for_each(|(from, to)| (*from, *to) = (*from - start, *to - start));
    habit.learn_summary(cursor.since(start), &numbers, ready);
    Ok(ready)
}

fn is_utf8(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
}

/// The fields of an object, or nothing of a value that is none.
fn fields<'a>(
    cursor: &mut Cursor<'a>,
    mut field: impl FnMut(&mut Cursor<'a>, &[u8]) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    if cursor.peek() != b'{' {
        return cursor.skip();
    }
    cursor.object(|at, name| field(at, &name.plain()))
}

/// A whole number of another size than ours is told by name; a fraction is a newer minor version, which reads.
fn schema(cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
    if !matches!(cursor.peek(), b'-' | b'0'..=b'9') {
        let is_text = cursor.peek() == b'"';
        cursor.skip()?;
        return cursor.other(if is_text { "its `schema` is a text, no number" } else { "its `schema` is no number" });
    }
    let number = cursor.number()?;
    let number = std::str::from_utf8(number).unwrap_or_default();
    let major = number.parse::<f64>().map_or(-1.0, f64::floor);
    if major > f64::from(SCHEMA) {
        return cursor
            .other(format!("it was written by a newer doctor (schema {number}); this one reads schema {SCHEMA}"));
    }
    if major < f64::from(SCHEMA) {
        return cursor.other(format!("schema {number} is none that any doctor wrote"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Level, Outcome};

    fn why_not(text: &str) -> String {
        report(&mut Cursor::new(text.as_bytes(), 0), &mut Habit::default()).unwrap_err().what.into_owned()
    }

    #[test]
    fn a_report_is_read_whatever_else_is_in_it() {
        let text = r#"{"new":[{"x":1}],"schema":1,"machine":{"id":"m","l\u0061bel":"Ada","scope":"wsl"},"run":{"started":"2026-11-22T10:00:00Z"},
            "summary":{"verdict":"ready"},"findings":[{"id":"git.installed","outcome":"fail","level":"required","diagnosis":"git.installed/absent",
            "found":"It \"is\" not","evidence":{"argv":["git","--version"],"exit":1},"later":null},{"id":"x","outcome":"exploded"}]}"#;
        let doc = report(&mut Cursor::new(text.as_bytes(), 0), &mut Habit::default()).unwrap();
        assert_eq!((doc.label.text(), doc.machine.text(), doc.scope.text()), ("Ada".into(), "m".into(), "wsl".into()));
        assert!(doc.says_ready);
        let row = |at: usize| doc.row(&doc.findings[at]).unwrap();
        assert_eq!(row(0).found.text(), "It \"is\" not");
        let shown = evidence(row(0).evidence);
        assert_eq!((shown.command.as_str(), shown.exit), ("git --version", Some(1)));
        assert_eq!((row(1).outcome, row(1).level), (Outcome::Unknown, Level::Required));
    }

    #[test]
    fn schema_versions_are_told_apart() {
        let with = |schema: &str| format!(r#"{{"schema":{schema},"findings":[]}}"#);
        for good in ["1", "1.0", "1.7", "10e-1"] {
            assert!(report(&mut Cursor::new(with(good).as_bytes(), 0), &mut Habit::default()).is_ok(), "{good}");
        }
        assert!(why_not(&with("999")).contains("newer doctor (schema 999)"));
        assert!(why_not(&with("2")).contains("newer doctor"));
        assert!(why_not(&with("0")).contains("schema 0"));
        assert!(why_not(&with("-1")).contains("schema -1"));
        assert!(why_not(&with("\"1\"")).contains("is a text"));
        assert!(why_not(&with("null")).contains("no number"));
        assert!(why_not(&with("1e400")).contains("newer doctor"));
        assert!(why_not(r#"{"findings":[]}"#).contains("no `schema`"));
    }

    #[test]
    fn what_is_no_report_is_said_by_name() {
        assert!(why_not(r#"{"schema":1}"#).contains("no `findings`"));
        assert!(why_not(r#"{"schema":1,"findings":{}}"#).contains("no list"));
        assert!(why_not(r#"{"schema":1,"findings":[1]}"#).contains("no object"));
        assert!(why_not(r#"{"schema":1,"findings":[{}]}"#).contains("no `id`"));
        assert!(why_not(r#"{"schema":1,"schema":1,"findings":[]}"#).contains("twice"));
        assert!(why_not(r#"{"schema":1,"findings":[{"id":"a","id":"b"}]}"#).contains("twice"));
        assert!(
            why_not(r#"{"schema":1,"error":{"kind":"usage","message":"no such option"}}"#).contains("no such option")
        );
        assert!(why_not(r#"{"recording":1,"commands":[]}"#).contains("recording"));
        assert!(why_not(r#"{"schema":1,"findings":[{"id":"a""#).contains("ends too early"));
        let many = format!(r#"{{"schema":1,"findings":[{}{{"id":"x"}}]}}"#, r#"{"id":"x"},"#.repeat(5000));
        assert!(why_not(&many).contains("more than 2000 findings"));
    }
}
