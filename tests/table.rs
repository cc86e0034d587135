//! What is known, in one table: `cargo test --test table -- --nocapture` prints, for every tool, how many real states of
//! real tools are answered rightly (outcome, cause, fix), and then which rule catches each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use doctor::{
    model::{Finding, Outcome, observation::clean},
    why::explain,
};
use support::cases::{load_cases, load_whys};

/// How the states of one tool are answered.
#[derive(Default)]
struct Row {
    states: usize,
    healthy: usize,
    alarms: usize,
    outcome: usize,
    cause: usize,
    fix: usize,
}

impl Row {
    /// Counts one state: what must be found (an id, an outcome word, or nothing), and what is.
    fn count(&mut self, want: &str, found: Option<&Finding>) {
        self.states += 1;
        let outcome = found.map(|finding| finding.outcome.word()).unwrap_or("");
        let cause = found.and_then(|finding| finding.diagnosis.as_deref()).unwrap_or("");
        let short = cause.split('/').nth(1).unwrap_or("");
        let right_cause = [outcome, cause, short].contains(&want);
        let fails = found.is_some_and(|finding| finding.outcome == Outcome::Fail);
        let has_fix = found.and_then(|finding| finding.fix.as_ref()).is_some_and(|step| !step.is_empty());
        let healthy = ["pass", "skip", ""].contains(&want);
        self.healthy += usize::from(healthy);
        self.alarms += usize::from(healthy && fails);
        self.outcome += usize::from(right_cause || (!healthy && fails));
        self.cause += usize::from(right_cause);
        self.fix += usize::from(!fails || has_fix);
    }
}

#[test]
fn every_known_state_is_answered_rightly() {
    let catalog = support::catalog();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut rules = Vec::new();
    let mut caught = |source: &str, stem: &str, name: &str, found: Option<&Finding>| {
        let rule = found.map(|finding| match &finding.diagnosis {
            Some(diagnosis) => diagnosis.clone(),
            None => format!("{} ({})", finding.id, finding.outcome.word()),
        });
        let source = if source.is_empty() { format!("{stem}: {name}") } else { source.to_owned() };
        rules.push(format!("{source:<60} {}", rule.unwrap_or_else(|| "nothing known, as it should be".to_owned())));
    };
    for (stem, cases) in load_cases() {
        for case in cases {
            let finding = case.find(&stem, &catalog).unwrap_or_else(|why| panic!("{stem}, {}: {why}", case.name));
            rows.entry(stem.clone()).or_default().count(&case.finding, Some(&finding));
            caught(&case.source, &stem, &case.name, Some(&finding));
        }
    }
    for (stem, whys) in load_whys() {
        for why in whys {
            let found = explain(&catalog, &clean(why.text.as_bytes()), &support::platform(&why.on));
            let first = found.first().map(|one| &one.finding);
            rows.entry(stem.clone()).or_default().count(&why.finding, first);
            caught(&why.source, &stem, &why.name, first);
        }
    }
    let line = |name: &str, row: &Row| {
        let Row { states, healthy, alarms, outcome, cause, fix } = row;
        println!("{name:<14} {states:>7} {outcome:>8} {cause:>8} {fix:>8} {healthy:>8} {alarms:>13}");
    };
    println!(
        "{:<14} {:>7} {:>8} {:>8} {:>8} {:>8} {:>13}",
        "tool", "states", "outcome", "cause", "fix", "healthy", "false alarms"
    );
    let mut all = Row::default();
    for (name, row) in &rows {
        line(name, row);
        all.states += row.states;
        all.outcome += row.outcome;
        all.cause += row.cause;
        all.fix += row.fix;
        all.healthy += row.healthy;
        all.alarms += row.alarms;
    }
    line("all", &all);
    rules.sort();
    println!("\nwhich rule catches each:\n{}", rules.join("\n"));
    assert!(all.states > 400);
    assert_eq!((all.outcome, all.cause, all.fix, all.alarms), (all.states, all.states, all.states, 0));
}

/// A diagnosis that would hold for everything would be reached too: so there is a state of the same check, or a text of
/// the same tool, that is something else.
#[test]
fn every_diagnosis_has_a_neighbour_that_is_something_else() {
    let catalog = support::catalog();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (stem, cases) in load_cases() {
        for case in cases {
            found.entry(case.id(&stem)).or_default().insert(case.finding);
        }
    }
    let texts: Vec<String> = load_whys().into_values().flatten().map(|why| why.finding).collect();
    let mut lonely = Vec::new();
    for subject in catalog.subjects() {
        let id = subject.id();
        for diagnosis in &subject.check.diagnose {
            let full = format!("{id}/{}", diagnosis.id);
            let by_case = found.get(&id).is_some_and(|states| states.iter().any(|state| *state != diagnosis.id));
            let by_text = texts.iter().any(|text| text.starts_with(&format!("{}.", subject.stem)) && *text != full);
            if !by_case && !by_text {
                lonely.push(full);
            }
        }
    }
    assert!(lonely.is_empty(), "{}", lonely.join("\n"));
}
