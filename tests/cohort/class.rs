//! A class of learners, put together sentence by sentence.

use std::sync::Arc;

use doctor::{
    catalog::Catalog,
    cohort::{
        Cohort, count,
        gather::{Gather, Wanted},
        roster::Roster,
    },
    host::collect::{self, Input, Origin, Piece, Take},
    model::report::Program,
    render::{
        Look,
        cohort::{self as views, Format, message::Messages},
    },
};
use serde_json::{Value, json};

/// 2026-11-22T12:00:00Z.
pub const NOW: i64 = 1_795_348_800;

/// A report to come.
#[derive(Clone)]
pub struct Report(pub Value);

/// An Ubuntu machine of this learner where all is well.
pub fn report(label: &str) -> Report {
    let check = |id: &str, level: &str| json!({ "id": id, "tool": "x", "title": "x", "level": level, "outcome": "pass", "found": "", "version": "1.2.3" });
    Report(json!({
        "schema": 1,
        "doctor": { "version": "0.1.0", "checks": "0" },
        "run": { "started": "2026-11-20T10:00:00Z", "ms": 1, "online": false, "deep": false, "strict": false },
        "machine": { "id": format!("m-{label}"), "label": label, "scope": "linux" },
        "platform": { "os": "linux", "arch": "x86_64", "family": "debian", "distro": "ubuntu", "version": "24.04", "name": "Ubuntu 24.04", "shell": "bash", "escalate": "sudo", "root": false },
        "summary": { "verdict": "ready" },
        "findings": [check("git.installed", "required"), check("git.identity", "required"), check("docker.daemon", "required"), check("git.default-branch", "recommended")],
    }))
}

impl Report {
    #[must_use]
    pub fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        *self.0.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.into();
        self
    }

    #[must_use]
    pub fn on(self, scope: &str, os: &str) -> Self {
        self.with("/machine/scope", scope).with("/platform/os", os)
    }

    #[must_use]
    pub fn at(self, started: &str) -> Self {
        self.with("/run/started", started)
    }

    #[must_use]
    pub fn machine(self, id: &str) -> Self {
        self.with("/machine/id", id)
    }

    /// A check of it fails in some state.
    #[must_use]
    pub fn fails(mut self, check: &str, state: &str) -> Self {
        self.0["summary"]["verdict"] = json!("not-ready");
        let finding = self.finding(check);
        finding["outcome"] = json!("fail");
        finding["diagnosis"] = json!(format!("{check}/{state}"));
        finding["found"] = json!(format!("The report says {state}"));
        self
    }

    pub fn finding(&mut self, check: &str) -> &mut Value {
        let findings = self.0["findings"].as_array_mut().unwrap();
        findings.iter_mut().find(|finding| finding["id"] == check).unwrap()
    }

    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

pub fn wanted() -> Wanted {
    Wanted { now: NOW, ..Wanted::default() }
}

pub fn roster(text: &str) -> Wanted {
    Wanted { roster: Roster::read(text).unwrap(), ..wanted() }
}

fn program() -> Program {
    Program { version: "0".into(), checks: "0".into(), knowledge: String::new() }
}

/// The cohort of texts under names, each read as a whole.
pub fn of(texts: &[(&str, &str)], wanted: Wanted) -> Cohort {
    let gather = Gather::new(wanted, Catalog::embedded().unwrap().subjects().map(|subject| subject.id()));
    let mut reader = gather.reader();
    for (at, (name, text)) in texts.iter().enumerate() {
        reader.read(&Arc::from(*name), (at as u32, 0), 0, false, text.as_bytes());
    }
    drop(reader);
    let (gathered, wanted) = gather.end();
    count::cohort(gathered, &wanted, &Catalog::embedded().unwrap(), program(), 2)
}

/// The cohort of reports in files of their labels' names.
pub fn class(reports: &[Report], wanted: Wanted) -> Cohort {
    let texts: Vec<String> = reports.iter().map(Report::text).collect();
    let named: Vec<(String, &str)> =
        texts.iter().enumerate().map(|(at, text)| (format!("{at}.json"), text.as_str())).collect();
    let named: Vec<(&str, &str)> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    of(&named, wanted)
}

/// The cohort of files, read by so many workers.
pub fn read(inputs: &[Input], workers: usize, wanted: Wanted) -> Cohort {
    struct Taker<'a>(doctor::cohort::gather::Reader<'a>);
    impl Take for Taker<'_> {
        fn piece(&mut self, piece: Piece<'_>) {
            self.0.read(&piece.origin.name, piece.origin.order, piece.at, piece.lines, piece.text);
        }
        fn refused(&mut self, origin: &Origin, reason: String) {
            self.0.refuse(&Arc::clone(&origin.name), (origin.order.0, origin.order.1, 0), String::new(), reason);
        }
    }
    let gather = Gather::new(wanted, Catalog::embedded().unwrap().subjects().map(|subject| subject.id()));
    drop(collect::read(collect::find(inputs), (0..workers).map(|_| Taker(gather.reader())).collect()));
    let (gathered, wanted) = gather.end();
    count::cohort(gathered, &wanted, &Catalog::embedded().unwrap(), program(), 2)
}

/// A view of it.
pub fn view(cohort: &Cohort, format: Format) -> String {
    let mut out = Vec::new();
    views::write(cohort, format, Look { width: 100, verbose: true, ..Look::default() }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Every message to its learners.
pub fn messages(cohort: &Cohort) -> Vec<(String, String)> {
    Messages::new(cohort).all().collect()
}

/// What is rejected, as `name: reason`.
pub fn rejected(cohort: &Cohort) -> Vec<String> {
    cohort.rejected.iter().map(|one| format!("{}: {}", one.source.rsplit('/').next().unwrap(), one.reason)).collect()
}

/// The kinds of notices.
pub fn notices(cohort: &Cohort) -> Vec<&str> {
    cohort.notices.iter().map(|notice| notice.kind.as_str()).collect()
}

/// Who is what.
pub fn verdicts(cohort: &Cohort) -> Vec<(&str, &str)> {
    let mut all: Vec<(&str, &str)> = cohort.learners.iter().map(|one| (one.id.as_str(), one.verdict.word())).collect();
    all.sort_unstable();
    all
}

/// The rows of a CSV; a second reader of the format than what the project has.
pub fn csv(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                row.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => row.last_mut().unwrap().push(c),
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]), "the last line ends");
    rows
}
