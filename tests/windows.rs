//! The real Windows machine: programs found by their endings, run to their end or their deadline.
#![cfg(windows)]
#![allow(clippy::unwrap_used)]

use std::{
    thread,
    time::{Duration, Instant},
};

use doctor::{
    host::{Command, Host as _, machine::Machine},
    model::seen::{End, Ran},
};

fn run(line: &str, timeout: u64) -> (Ran, Duration) {
    let machine = Machine::new(Instant::now() + Duration::from_secs(60));
    let start = Instant::now();
    let command = Command::new(["cmd", "/d", "/c", line]).timeout(Some(Duration::from_millis(timeout)));
    (machine.run(&command), start.elapsed())
}

#[test]
fn a_program_is_found_by_its_ending_and_answers() {
    let machine = Machine::new(Instant::now() + Duration::from_secs(60));
    let found = machine.which("cmd");
    assert!(found[0].path.to_ascii_lowercase().ends_with("cmd.exe"), "{found:?}");
    assert_eq!((machine.which("doctor-has-no-such-program").len(), found[0].broken), (0, None));
    let (ran, _) = run("echo out& echo err>&2& exit 3", 20_000);
    assert_eq!((ran.end, ran.stdout.text().trim(), ran.stderr.text().trim()), (End::Exited(3), "out", "err"));
}

#[test]
fn a_hung_tree_dies_at_its_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("tool.cmd");
    std::fs::write(&tool, "@echo off\r\nif \"%1\"==\"\" cmd /d /c \"%~f0\" again\r\n:again\r\ngoto again\r\n").unwrap();
    let (ran, took) = run(tool.to_str().unwrap(), 1000);
    assert_eq!(ran.end, End::TimedOut);
    assert!(took < Duration::from_millis(3000), "{took:?}");
}

#[test]
fn twenty_at_once_answer() {
    thread::scope(|scope| {
        for number in 0..20 {
            scope.spawn(move || assert_eq!(run(&format!("exit {number}"), 50_000).0.end, End::Exited(number)));
        }
    });
}
