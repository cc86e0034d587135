//! A defect of doctor's own, made on purpose: examines this machine by a host that panics when git is run, and prints
//! each check with its outcome. Built like the released program it shows that all other checks are reported:
//! `cargo run --release --example mishap`.

#[path = "../tests/support/around.rs"]
mod around;

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use around::Around;
use doctor::{
    catalog::Catalog,
    exam::{Plan, Selection, examine, run::Limits},
    host::{Command, Host, machine::Machine},
    model::seen::Ran,
};

/// Runs a command, but for git, where it has a defect.
#[expect(clippy::panic, reason = "what happens then is what is shown here")]
fn defective(machine: &Machine, command: &Command) -> Ran {
    if command.argv.first().is_some_and(|program| program.ends_with("git")) {
        panic!("a defect");
    }
    machine.run(command)
}

fn main() -> ExitCode {
    let Ok(catalog) = Catalog::embedded() else { return ExitCode::from(2) };
    let deadline = Instant::now() + Duration::from_secs(60);
    let host: Arc<dyn Host> = Arc::new(Around(Machine::new(deadline), defective));
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
