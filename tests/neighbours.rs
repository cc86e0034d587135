//! For every diagnosis a case that reaches it, and its nearest neighbour: the case most like it that must be found to be
//! something else. `cargo test --test neighbours -- --nocapture` prints each pair and how alike the two are.
//!
//! That each case is found to be what it says is `tests/cases.rs`; here it is shown that the diagnoses are told apart
//! from what looks like them, not only from what does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use support::cases::{load_cases, load_whys};

/// From how many percent on two cases count as neighbours.
const NEAR: usize = 25;

/// Something seen, and what it must be found to be.
struct Seen {
    /// The full id of a diagnosis, or the check with an outcome word, or nothing.
    found: String,
    tool: String,
    name: String,
    words: BTreeSet<String>,
}

impl Seen {
    fn new(found: String, tool: &str, name: &str, text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1);
        Self { found, tool: tool.to_owned(), name: name.to_owned(), words: words.map(str::to_lowercase).collect() }
    }

    /// How many of all their words both have, in percent.
    fn likeness(&self, other: &Self) -> usize {
        let shared = self.words.intersection(&other.words).count();
        let all = self.words.len() + other.words.len() - shared;
        (shared * 100).checked_div(all).unwrap_or(0)
    }
}

fn all() -> Vec<Seen> {
    let mut all = Vec::new();
    for (tool, cases) in load_cases() {
        for case in cases {
            let text = format!("{} {:?} {:?} {:?}", case.check, case.saw, case.facts, case.machine);
            all.push(Seen::new(format!("{tool}.{}/{}", case.check, case.finding), &tool, &case.name, &text));
        }
    }
    for (tool, whys) in load_whys() {
        all.extend(whys.into_iter().map(|why| Seen::new(why.finding, &tool, &why.name, &why.text)));
    }
    all
}

#[test]
fn every_diagnosis_is_told_apart_from_its_nearest_neighbour() {
    let catalog = support::catalog();
    let all = all();
    let mut by_id: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for seen in &all {
        by_id.entry(&seen.found).or_default().push(seen);
    }
    let mut pairs = Vec::new();
    for subject in catalog.subjects() {
        for diagnosis in &subject.check.diagnose {
            let id = format!("{}/{}", subject.id(), diagnosis.id);
            let reached = by_id.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            let nearest = reached
                .iter()
                .flat_map(|own| all.iter().filter(|other| other.found != id).map(move |other| (own, other)))
                .max_by_key(|(own, other)| (own.likeness(other), own.tool == other.tool));
            pairs.push((nearest.map_or(0, |(own, other)| own.likeness(other)), id, nearest));
        }
    }
    pairs.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    for (likeness, id, pair) in &pairs {
        let (own, other) = pair.map_or(("", ""), |(own, other)| (own.name.as_str(), other.name.as_str()));
        let found = pair.map_or("", |(_, other)| other.found.as_str());
        println!("{likeness:>3} %  {id:<55} {own:<50} not {found}: {other}");
    }
    let near = pairs.iter().filter(|(likeness, ..)| *likeness >= NEAR).count();
    println!("{near} of {} diagnoses have a neighbour that is at least {NEAR} % like them", pairs.len());
    let unreached: Vec<&String> = pairs.iter().filter(|(.., pair)| pair.is_none()).map(|(_, id, _)| id).collect();
    assert!(unreached.is_empty(), "no case finds {unreached:?} by this id");
    // A new diagnosis comes with a case that looks like it and is something else.
    let far: Vec<&str> = pairs.iter().filter(|(likeness, ..)| *likeness < NEAR).map(|(_, id, _)| id.as_str()).collect();
    assert!(far.is_empty(), "write a case that is {NEAR} % like them and something else: {far:?}");
}
