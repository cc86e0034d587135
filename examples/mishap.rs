//! A defect of doctor's own, made on purpose: examines this machine by a host that panics when git is run, and prints
//! each check with its outcome. Built like the released program it shows that all other checks are reported:
//! `cargo run --release --example mishap`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use doctor::{
    catalog::Catalog,
    exam::{Plan, Selection, examine, run::Limits},
    host::{Command, Host, machine::Machine},
    model::{
        Platform,
        seen::{Candidate, DirSeen, FileSeen, KeySeen, PortSeen, Ran, Stat, System, View},
    },
};

/// This machine, with a defect.
struct Defective(Machine);

impl Host for Defective {
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
    #[expect(clippy::panic, reason = "what happens then is what is shown here")]
    fn run(&self, command: &Command) -> Ran {
        if command.argv.first().is_some_and(|program| program.ends_with("git")) {
            panic!("a defect");
        }
        self.0.run(command)
    }
    fn port(&self, port: u16) -> PortSeen {
        self.0.port(port)
    }
    fn system(&self) -> System {
        self.0.system()
    }
}

fn main() -> ExitCode {
    let Ok(catalog) = Catalog::embedded() else { return ExitCode::from(2) };
    let deadline = Instant::now() + Duration::from_secs(60);
    let host: Arc<dyn Host> = Arc::new(Defective(Machine::new(deadline)));
    let Ok(plan) = Plan::new(&catalog, &Selection::default(), host.platform()) else { return ExitCode::from(2) };
    let limits = Limits { deadline, deep: false, jobs: None, in_turn: false };
    for finding in examine(&plan, &host, &catalog.calendar, limits, &mut |_| {}) {
        let line = format!("{} {:?}: {}\n", finding.id, finding.outcome, finding.found);
        if io::stdout().write_all(line.as_bytes()).is_err() {
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
