//! What `doctor list` says of a native probe is what it does: each command that any case makes it run stands in the
//! check's `runs`, and each line there is run by some case, but for checks that must be asked for and clean up after themselves.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use doctor::{
    catalog::Catalog,
    exam::probe::observe,
    host::{
        Command, Host,
        recording::{Replay, Unstated},
    },
    model::{
        Platform, Probe,
        seen::{Candidate, DirSeen, FileSeen, KeySeen, PortSeen, Ran, Stat, System, View},
    },
};

/// A machine that notes which commands it was asked to run.
struct Noting(Replay, Mutex<BTreeSet<String>>);

impl Host for Noting {
    fn platform(&self) -> &Platform {
        self.0.platform()
    }
    fn home(&self) -> Option<String> {
        self.0.home()
    }
    fn env(&self, name: &str) -> Option<String> {
        self.0.env(name)
    }
    fn path(&self) -> Vec<String> {
        self.0.path()
    }
    fn which(&self, name: &str) -> Vec<Candidate> {
        self.0.which(name)
    }
    fn stat(&self, path: &str) -> Stat {
        self.0.stat(path)
    }
    fn read(&self, path: &str, view: View) -> FileSeen {
        self.0.read(path, view)
    }
    fn list(&self, path: &str) -> DirSeen {
        self.0.list(path)
    }
    fn key(&self, path: &str) -> KeySeen {
        self.0.key(path)
    }
    fn run(&self, command: &Command) -> Ran {
        self.1.lock().unwrap().insert(command.argv.join(" "));
        self.0.run(command)
    }
    fn port(&self, port: u16) -> PortSeen {
        self.0.port(port)
    }
    fn system(&self) -> System {
        self.0.system()
    }
}

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
                let host = Noting(Replay::new(machine.clone()), Mutex::default());
                observe(&subject.check.probe, &host, deep);
                ran.entry(subject.id()).or_default().extend(host.1.into_inner().unwrap());
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
