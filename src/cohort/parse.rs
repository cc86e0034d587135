//! One report read in place: what a cohort asks of it, borrowed from its text. Fields that are not known are passed
//! over, so that a report of a newer doctor of the same schema is read; what makes it no report is said in words.

use std::borrow::Cow;

use super::scan::{Cursor, Str, Wrong};
use crate::model::{Level, Os, Outcome, Platform, platform::Escalate, report::SCHEMA};

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

/// A field that stands there twice makes it undecided what a report says.
struct Once(u32);

impl Once {
    fn see(&mut self, cursor: &Cursor<'_>, bit: u32, name: &str) -> Result<(), Wrong> {
        let before = self.0;
        self.0 |= 1 << bit;
        if before & 1 << bit == 0 { Ok(()) } else { cursor.other(format!("`{name}` stands in it twice")) }
    }
}

/// Reads the report that begins here.
///
/// # Errors
/// Why it is none.
pub fn report<'a>(cursor: &mut Cursor<'a>) -> Result<Doc<'a>, Wrong> {
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
                    let row = self::row(at)?;
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

fn row<'a>(cursor: &mut Cursor<'a>) -> Result<Row<'a>, Wrong> {
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
    cursor.object(|at, name| {
        let decoded;
        let plain = name.raw;
        let name = if plain.contains(&b'\\') {
            decoded = name.text();
            decoded.as_bytes()
        } else {
            plain
        };
        let (bit, into) = match name {
            b"id" => (0, &mut row.id),
            b"found" => (1, &mut row.found),
            b"version" => (2, &mut row.version),
            b"diagnosis" => (3, &mut row.diagnosis),
            b"blocked-by" => (4, &mut row.blocked_by),
            b"outcome" => {
                once.see(at, 5, "outcome")?;
                row.outcome = match at.maybe_string()?.unwrap_or_default().raw {
                    b"pass" => Outcome::Pass,
                    b"fail" => Outcome::Fail,
                    b"skip" => Outcome::Skip,
                    _ => Outcome::Unknown,
                };
                return Ok(());
            }
            b"level" => {
                once.see(at, 6, "level")?;
                row.level = match at.maybe_string()?.unwrap_or_default().raw {
                    b"recommended" => Level::Recommended,
                    b"optional" => Level::Optional,
                    _ => Level::Required,
                };
                return Ok(());
            }
            b"waived" => {
                once.see(at, 9, "waived")?;
                row.waived = at.peek() == b'{';
                return at.skip();
            }
            b"evidence" => {
                once.see(at, 7, "evidence")?;
                return at.span().map(|span| row.evidence = span);
            }
            b"fix" => {
                once.see(at, 8, "fix")?;
                return at.span().map(|span| row.fix = span);
            }
            _ => return at.skip(),
        };
        once.see(at, bit, &String::from_utf8_lossy(name))?;
        *into = at.maybe_string()?.unwrap_or_default();
        Ok(())
    })?;
    if row.id.is_empty() {
        return cursor.other("one of its `findings` has no `id`");
    }
    Ok(row)
}

/// What machine it was, as far as fixes and groups depend on it. Unknown words leave the default: an unknown system.
pub fn platform(text: &[u8]) -> Platform {
    let mut platform = Platform::default();
    let mut cursor = Cursor::new(text, 0);
    // The text was read through once already.
    let _ = fields(&mut cursor, |at, name| {
        let into = match name {
            "os" => {
                platform.os = match at.maybe_string()?.unwrap_or_default().raw {
                    b"linux" => Os::Linux,
                    b"macos" => Os::Macos,
                    b"windows" => Os::Windows,
                    _ => Os::Other,
                };
                return Ok(());
            }
            "escalate" => {
                platform.escalate = match at.maybe_string()?.unwrap_or_default().raw {
                    b"doas" => Escalate::Doas,
                    b"none" => Escalate::None,
                    _ => Escalate::Sudo,
                };
                return Ok(());
            }
            "wsl" => {
                platform.wsl = match at.span()? {
                    b"1" => 1,
                    b"2" => 2,
                    _ => 0,
                };
                return Ok(());
            }
            "root" => return at.truth().map(|root| platform.root = root),
            "systemd" => return at.truth().map(|systemd| platform.systemd = systemd),
            "arch" => &mut platform.arch,
            "hardware" => &mut platform.hardware,
            "family" => &mut platform.family,
            "distro" => &mut platform.distro,
            "version" => &mut platform.version,
            "name" => &mut platform.name,
            "container" => &mut platform.container,
            "shell" => &mut platform.shell,
            _ => return at.skip(),
        };
        *into = at.maybe_string()?.map(|text| short(&text.text(), 60)).unwrap_or_default();
        Ok(())
    });
    platform
}

/// The evidence of a finding as the one line that shows the cause: what ran, what answered, what else was there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// What was run.
    pub command: String,
    /// The program that answered.
    pub program: String,
    /// All programs of that name, in PATH's order.
    pub candidates: Vec<String>,
    /// The exit code.
    pub exit: Option<i32>,
    /// The first telling lines of its output.
    pub excerpt: String,
}

/// Reads the evidence of a finding, each part at most so long that many learners fit into memory.
pub fn evidence(text: &[u8]) -> Shown {
    let mut shown = Shown::default();
    let mut cursor = Cursor::new(text, 0);
    let _ = fields(&mut cursor, |at, name| match name {
        "argv" => {
            let words = strings(at, 12, 80)?;
            shown.command = short(&words.join(" "), 160);
            Ok(())
        }
        "program" => at.maybe_string().map(|text| shown.program = short(&text.unwrap_or_default().text(), 160)),
        "candidates" => strings(at, 4, 160).map(|paths| shown.candidates = paths),
        "exit" => at.span().map(|number| {
            shown.exit = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        }),
        "excerpt" => at.maybe_string().map(|text| shown.excerpt = short(&text.unwrap_or_default().text(), 240)),
        _ => at.skip(),
    });
    shown
}

/// The commands of a fix, to be told from others by.
pub fn commands(text: &[u8]) -> Vec<String> {
    let mut commands = Vec::new();
    let mut cursor = Cursor::new(text, 0);
    let _ = fields(&mut cursor, |at, name| match name {
        "run" => strings(at, 16, 1000).map(|run| commands = run),
        _ => at.skip(),
    });
    commands
}

fn strings(cursor: &mut Cursor<'_>, most: usize, len: usize) -> Result<Vec<String>, Wrong> {
    let mut texts = Vec::new();
    if cursor.peek() != b'[' {
        return cursor.skip().map(|()| texts);
    }
    cursor.list(|at| {
        let text = at.maybe_string()?;
        if texts.len() < most {
            texts.extend(text.map(|text| short(&text.text(), len)));
        }
        Ok(())
    })?;
    Ok(texts)
}

/// A text's first characters, at most so many bytes.
pub fn short(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most.saturating_sub(3)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why_not(text: &str) -> String {
        report(&mut Cursor::new(text.as_bytes(), 0)).unwrap_err().what.into_owned()
    }

    #[test]
    fn a_report_is_read_whatever_else_is_in_it() {
        let text = r#"{"new":[{"x":1}],"schema":1,"machine":{"id":"m","l\u0061bel":"Ada","scope":"wsl"},"run":{"started":"2026-11-22T10:00:00Z"},
            "summary":{"verdict":"ready"},"findings":[{"id":"git.installed","outcome":"fail","level":"required","diagnosis":"git.installed/absent",
            "found":"It \"is\" not","evidence":{"argv":["git","--version"],"exit":1},"later":null},{"id":"x","outcome":"exploded"}]}"#;
        let doc = report(&mut Cursor::new(text.as_bytes(), 0)).unwrap();
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
            assert!(report(&mut Cursor::new(with(good).as_bytes(), 0)).is_ok(), "{good}");
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
