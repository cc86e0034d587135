//! One report read in place: what a cohort asks of it, borrowed from its text. Fields that are not known are passed
//! over, so that a report of a newer doctor of the same schema is read; what makes it no report is said in words.

use std::borrow::Cow;

mod habit;
mod parts;
mod row;

use super::scan::{Cursor, Str, Wrong};
use crate::model::report::SCHEMA;
pub use habit::Habit;
pub use parts::{Shown, commands, evidence, platform, short};
pub use row::Row;

/// The most findings of one report; doctor has some hundred checks.
pub const MOST_FINDINGS: usize = 2000;

/// A report, borrowed from its text.
#[derive(Debug, Clone, Default)]
pub struct Doc<'a> {
    /// The version of the doctor that wrote it.
    pub version: Str<'a>,
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
    pub rows: Vec<Row<'a>>,
}

/// A field that stands there twice makes it undecided what a report says.
struct Once(u32);

impl Once {
    fn see(&mut self, cursor: &Cursor<'_>, bit: u32, name: &str) -> Result<(), Wrong> {
        let before = self.0;
        self.0 |= 1 << bit;
        if before & 1 << bit == 0 { Ok(()) } else { cursor.other(format!("`{name}` stands in it twice")) }
    }
}

/// Reads the report that begins here; `habit` is what reports before it were like.
///
/// # Errors
/// Why it is none.
pub fn report<'a>(cursor: &mut Cursor<'a>, habit: &mut Habit) -> Result<Doc<'a>, Wrong> {
    let mut doc = Doc::default();
    let mut once = Once(0);
    let mut failed: Option<Cow<'a, str>> = None;
    let mut recording = false;
    let start = *cursor;
    let read = cursor.object(|at, name| {
        let name = name.text();
        match &*name {
            "schema" => {
                once.see(at, 0, &name)?;
                schema(at)
            }
            "doctor" => {
                once.see(at, 1, &name)?;
                fields(at, |at, name| {
                    if name == "version" {
                        doc.version = at.maybe_string()?.unwrap_or_default();
                        return Ok(());
                    }
                    at.skip()
                })
            }
            "run" => {
                once.see(at, 2, &name)?;
                fields(at, |at, name| match name {
                    "started" => at.maybe_string().map(|text| doc.started = text.unwrap_or_default()),
                    "strict" => at.truth().map(|strict| doc.strict = strict),
                    _ => at.skip(),
                })
            }
            "machine" => {
                once.see(at, 3, &name)?;
                fields(at, |at, name| {
                    let into = match name {
                        "id" => &mut doc.machine,
                        "label" => &mut doc.label,
                        "scope" => &mut doc.scope,
                        _ => return at.skip(),
                    };
                    *into = at.maybe_string()?.unwrap_or_default();
                    Ok(())
                })
            }
            "platform" => {
                once.see(at, 4, &name)?;
                doc.platform = at.span()?;
                Ok(())
            }
            "summary" => {
                once.see(at, 5, &name)?;
                fields(at, |at, name| {
                    if name == "verdict" {
                        doc.says_ready = at.maybe_string()?.is_some_and(|word| word.raw == b"ready");
                        return Ok(());
                    }
                    at.skip()
                })
            }
            "profile" => {
                once.see(at, 7, &name)?;
                fields(at, |at, name| match name {
                    "name" => at.maybe_string().map(|text| doc.profile.0 = text.unwrap_or_default()),
                    "digest" => at.maybe_string().map(|text| doc.profile.1 = text.unwrap_or_default()),
                    _ => at.skip(),
                })
            }
            "findings" => {
                once.see(at, 6, &name)?;
                if at.peek() != b'[' {
                    return at.other("its `findings` are no list");
                }
                doc.rows.reserve(96);
                at.list(|at| {
                    if doc.rows.len() >= MOST_FINDINGS {
                        return at.other(format!("more than {MOST_FINDINGS} findings, which no doctor writes"));
                    }
                    let row = row::row(at, habit, doc.rows.len())?;
                    doc.rows.push(row);
                    Ok(())
                })
            }
            "error" => fields(at, |at, name| {
                if name == "message" {
                    failed = at.maybe_string()?.map(Str::text);
                    return Ok(());
                }
                at.skip()
            }),
            "recording" => {
                recording = true;
                at.skip()
            }
            _ => at.skip(),
        }
    });
    read?;
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

/// The fields of an object, or nothing of a value that is none.
fn fields<'a>(
    cursor: &mut Cursor<'a>,
    mut field: impl FnMut(&mut Cursor<'a>, &str) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    if cursor.peek() != b'{' {
        return cursor.skip();
    }
    cursor.object(|at, name| field(at, &name.text()))
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
        assert_eq!(doc.rows[0].found.text(), "It \"is\" not");
        let shown = evidence(doc.rows[0].evidence);
        assert_eq!((shown.command.as_str(), shown.exit), ("git --version", Some(1)));
        assert_eq!((doc.rows[1].outcome, doc.rows[1].level), (Outcome::Unknown, Level::Required));
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
