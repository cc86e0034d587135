//! Replays every case of `tests/cases/*.toml`: what was seen on some machine, and what must be found.
//!
//! The files are read when the test runs, so that a check or a case can be changed without a new build. `CASE=docker`
//! in the environment narrows the run to one file, `CASE=docker.daemon` to one check.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use doctor::model::Outcome;
use support::cases::{Case, load_cases, load_whys};

#[test]
fn every_case_is_found_as_it_says() {
    let catalog = support::catalog();
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (stem, cases) in load_cases() {
        for case in cases.iter().filter(|case| case.id(&stem).starts_with(&wanted)) {
            count += 1;
            if let Err(why) = case.run(&stem, &catalog) {
                wrong.push(format!("{stem}.toml, case `{}`: {why}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_pasted_text_is_explained_as_it_says() {
    let catalog = support::catalog();
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (stem, whys) in load_whys().into_iter().filter(|(stem, _)| stem.starts_with(&wanted)) {
        for why in whys {
            count += 1;
            if let Err(message) = why.run(&catalog) {
                wrong.push(format!("{stem}.toml, text `{}`: {message}", why.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} texts are explained wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every diagnosis is some case's finding, and every check has a passing case.
#[test]
fn every_diagnosis_is_reached_and_every_check_passes_somewhere() {
    let catalog = support::catalog();
    let mut reached: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (stem, cases) in load_cases() {
        for Case { check, finding, .. } in cases {
            reached.entry(format!("{stem}.{check}")).or_default().insert(finding);
        }
    }
    for why in load_whys().into_values().flatten() {
        if let Some((check, diagnosis)) = why.finding.split_once('/') {
            reached.entry(check.to_owned()).or_default().insert(diagnosis.to_owned());
        }
    }
    let mut missing = Vec::new();
    for subject in catalog.subjects() {
        let found = reached.remove(&subject.id()).unwrap_or_default();
        // A good state is found as a pass, whatever it is called.
        let failing = subject.check.diagnose.iter().filter(|diagnosis| diagnosis.outcome != Some(Outcome::Pass));
        let diagnoses = failing.map(|diagnosis| diagnosis.id.as_str());
        for want in diagnoses.chain([Outcome::Pass.word()]) {
            if !found.contains(want) {
                missing.push(format!("{} has no case that finds `{want}`", subject.id()));
            }
        }
    }
    missing.extend(reached.keys().map(|id| format!("there are cases for `{id}`, which is no check")));
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
