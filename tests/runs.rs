//! What `doctor list` says of a native probe is what it does: each command that any case makes it run stands in the
//! check's `runs`, and each line there is run by some case, but for checks that must be asked for and clean up after themselves.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/around.rs"]
mod around;
mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use around::Around;
use doctor::{
    catalog::Catalog,
    exam::probe::observe,
    host::{
        Command, Host as _,
        recording::{Replay, Unstated},
    },
    model::Probe,
};

/// Whether a command is one of these words, where `…` stands for anything.
fn is(command: &str, words: &str) -> bool {
    let Some((first, rest)) = words.split_once('…') else { return command == words };
    let Some(command) = command.strip_prefix(first) else { return false };
    match rest.split('…').next_back() {
        Some(last) if command.ends_with(last) => {
            let mut middle = rest.split('…').peekable();
            let mut at = 0;
            while let Some(part) = middle.next() {
                if middle.peek().is_none() {
                    break;
                }
                match command[at..].find(part) {
                    Some(found) => at += found + part.len(),
                    None => return false,
                }
            }
            command.len() >= at + last.len()
        }
        _ => false,
    }
}

/// What the probes of native checks ran over all their cases, by check.
fn ran(catalog: &Catalog) -> BTreeMap<String, BTreeSet<String>> {
    let mut ran: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (stem, cases) in support::cases::load_cases() {
        for case in cases {
            let Some(mut machine) = case.machine.clone() else { continue };
            let Some(subject) = catalog.find(&case.id(&stem)) else { continue };
            if !matches!(subject.check.probe, Probe::Native(_)) {
                continue;
            }
            machine.unstated = Unstated::Absent;
            machine.platform = case.platform();
            machine.home.get_or_insert_with(|| "~".to_owned());
            for deep in [false, true] {
                let noted = Mutex::new(BTreeSet::new());
                let host = Around(Replay::new(machine.clone()), |machine: &Replay, command: &Command| {
                    noted.lock().unwrap().insert(command.argv.join(" "));
                    machine.run(command)
                });
                observe(&subject.check.probe, &host, deep);
                ran.entry(subject.id()).or_default().extend(noted.into_inner().unwrap());
            }
        }
    }
    ran
}

#[test]
fn the_list_says_what_is_run() {
    let catalog = support::catalog();
    let ran = ran(&catalog);
    let mut wrong = String::new();
    for subject in catalog.subjects() {
        let none = BTreeSet::new();
        let ran = ran.get(&subject.id()).unwrap_or(&none);
        let runs = &subject.check.runs;
        for command in ran.iter().filter(|command| !runs.iter().any(|words| is(command, words))) {
            wrong.push_str(&format!("{} also runs {command:?}\n", subject.id()));
        }
        let idle = runs.iter().filter(|words| !ran.iter().any(|command| is(command, words)));
        for words in idle.filter(|_| subject.check.needs.is_none()) {
            wrong.push_str(&format!("{} runs {words:?} in no case\n", subject.id()));
        }
    }
    assert!(wrong.is_empty(), "`runs` in checks/*.toml is not what the probes do:\n{wrong}");
}
