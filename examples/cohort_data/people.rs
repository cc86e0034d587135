//! Learners, and the reports that their machines make.

use std::collections::BTreeMap;

use doctor::model::{
    Finding, Platform, Report,
    report::{Machine, Program, Run, SCHEMA, Summary},
};

use crate::{Dice, kinds::Kind};

/// One learner.
pub(crate) struct Person {
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) group: &'static str,
    pub(crate) machine: String,
    pub(crate) kind: usize,
    /// Check and which of its other findings, at the first run; each later run mends some.
    pub(crate) wrong: Vec<(usize, usize)>,
}

const FIRST: &[&str] = &[
    "Ada", "Bob", "Chen", "Dora", "Emil", "Fatou", "Grace", "Hugo", "Ines", "Jan", "Kim", "Lea", "Mei", "Noor", "Olga",
    "Per",
];
const LAST: &[&str] = &[
    "Arslan", "Babic", "Costa", "Diallo", "Engel", "Fischer", "Garcia", "Hopper", "Ito", "Jensen", "Kaya", "Lopez",
    "Moreau",
];

pub(crate) fn person(at: usize, kinds: &[Kind], dice: &mut Dice) -> Person {
    let (first, last) = (FIRST[at % FIRST.len()], LAST[at / FIRST.len() % LAST.len()]);
    let again = at / (FIRST.len() * LAST.len());
    let label = match again {
        0 => format!("{}-{}", first.to_lowercase(), last.to_lowercase()),
        again => format!("{}-{}-{again}", first.to_lowercase(), last.to_lowercase()),
    };
    let kind = match dice.below(100) {
        0..30 => 0,
        30..48 => 1,
        48..68 => 2,
        68..76 => 3,
        76..94 => 4,
        _ => 5,
    };
    let checks = &kinds[kind].checks;
    let mut wrong = Vec::new();
    let can = |check: usize| checks.get(check).map_or(0, |(_, other)| other.len());
    if !dice.chance(34) {
        for _ in 0..=dice.below(3) {
            let check = dice.below(checks.len());
            if can(check) > 0 {
                wrong.push((check, dice.below(can(check))));
            }
        }
        // What many share, and what most on one platform have: an instruction that is wrong there.
        for (id, kind_only, percent) in [
            ("docker.daemon", None, 45),
            ("git.identity", None, 20),
            ("ssh.key", None, 15),
            ("python.uv", None, 10),
            ("homebrew.path", Some(2), 85),
            ("wsl-inside.version", Some(0), 30),
        ] {
            let check = checks.iter().position(|(usual, other)| usual.id == id && !other.is_empty());
            if let Some(check) = check.filter(|_| kind_only.is_none_or(|only| only == kind) && dice.chance(percent)) {
                wrong.push((check, dice.below(can(check).min(3))));
            }
        }
    }
    let machine = format!("{:016x}", dice.roll());
    Person { label, name: format!("{first} {last}"), group: ["A", "B", "C"][at % 3], machine, kind, wrong }
}

/// A kind's findings written once, so that a million reports are made in reasonable time; cut where a time stands,
/// which no two reports have the same.
pub(crate) struct Parts {
    usual: Vec<Vec<String>>,
    others: Vec<Vec<Vec<String>>>,
    platform: String,
}

const TIME: &str = "\"ms\":";

impl Parts {
    pub(crate) fn of(kind: &Kind) -> Self {
        let text = |finding: &Finding| {
            let text = serde_json::to_string(finding).unwrap();
            text.split(&format!("{TIME}12")).map(str::to_owned).collect::<Vec<_>>()
        };
        Self {
            usual: kind.checks.iter().map(|(usual, _)| text(usual)).collect(),
            others: kind.checks.iter().map(|(_, others)| others.iter().map(text).collect()).collect(),
            platform: serde_json::to_string(&kind.platform).unwrap(),
        }
    }
}

pub(crate) fn report(person: &Person, run: usize, kind: &Kind, parts: &Parts, dice: &mut Dice, out: &mut String) {
    // Each run mends the first thing that the one before had.
    let wrong: BTreeMap<usize, usize> = person.wrong.iter().skip(run.min(person.wrong.len())).copied().collect();
    let finding = |at: usize| match wrong.get(&at) {
        Some(which) => &kind.checks[at].1[*which],
        None => &kind.checks[at].0,
    };
    let summary = Summary::of((0..kind.checks.len()).map(finding), &kind.platform, false);
    let day = 1 + run % 20;
    let started = format!("2026-11-{day:02}T{:02}:{:02}:{:02}Z", dice.below(24), dice.below(60), dice.below(60));
    let program =
        Program { version: "0.1.0".into(), checks: "0123456789abcdef".into(), knowledge: "2026-11-22".into() };
    let how = Run { started, ms: 400 + dice.below(400) as u64, ..Run::default() };
    let machine =
        Machine { id: person.machine.clone(), label: person.label.clone(), scope: kind.platform.scope().into() };
    let head = Report {
        schema: SCHEMA,
        doctor: program,
        run: how,
        machine,
        platform: Platform::default(),
        profile: None,
        summary,
        findings: Vec::new(),
    };
    let text = serde_json::to_string(&head).unwrap();
    let platform = serde_json::to_string(&Platform::default()).unwrap();
    let text = text.replacen(&platform, &parts.platform, 1);
    let mut times = Dice(dice.0);
    out.push_str(text.strip_suffix("[]}").unwrap());
    out.push('[');
    for at in 0..kind.checks.len() {
        if at > 0 {
            out.push(',');
        }
        let parts = match wrong.get(&at) {
            Some(which) => &parts.others[at][*which],
            None => &parts.usual[at],
        };
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                out.push_str(&format!("{TIME}{}", 1 + times.below(400)));
            }
            out.push_str(part);
        }
    }
    out.push_str("]}");
}
