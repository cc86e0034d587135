//! The real machine, with tools that misbehave: nothing hangs, nothing is left behind, and what happened is told apart.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use doctor::{
    host::{Command, Host as _, machine::Machine},
    model::{
        Broken,
        seen::{End, Ran},
    },
};

/// A folder with fake tools.
struct Tools(tempfile::TempDir);

impl Tools {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A tool with these bytes, executable.
    fn tool(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn script(&self, body: &str) -> PathBuf {
        self.tool("tool", format!("#!/bin/sh\n{body}\n"))
    }
}

fn machine() -> Machine {
    Machine::new(Instant::now() + Duration::from_secs(60))
}

fn run(path: &Path, timeout: u64) -> Ran {
    let command = Command::new([path.to_str().unwrap()]).timeout(Some(Duration::from_millis(timeout)));
    machine().run(&command)
}

/// Runs a script that leaves the numbers of its processes in the file `pids`, and asserts that all of them are dead.
fn run_and_bury(body: &str, timeout: u64) -> (Ran, Duration) {
    let tools = Tools::new();
    let pids = tools.path("pids");
    let tool = tools.script(&body.replace("PIDS", pids.to_str().unwrap()));
    let start = Instant::now();
    let ran = run(&tool, timeout);
    let took = start.elapsed();
    let text = fs::read_to_string(&pids).unwrap_or_default();
    assert!(!text.is_empty(), "the tool told its numbers");
    for pid in text.split_whitespace() {
        assert!(!alive(pid), "process {pid} of {body:?} is left");
    }
    (ran, took)
}

fn alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).is_some_and(|state| !"ZX".contains(state))
}

fn near(took: Duration, wanted: u64) {
    let took = took.as_millis();
    assert!((u128::from(wanted)..u128::from(wanted) + 300).contains(&took), "{took} ms instead of {wanted}");
}

#[test]
fn a_healthy_tool_answers_at_once() {
    let tools = Tools::new();
    let tool = tools.script("echo out; echo err >&2; exit 3");
    let ran = run(&tool, 10_000);
    assert_eq!((ran.end, ran.stdout.text(), ran.stderr.text()), (End::Exited(3), "out\n".into(), "err\n".into()));
    assert!(ran.ms < 1000 && !ran.truncated);
}

#[test]
fn a_hung_tool_dies_at_its_deadline() {
    let (ran, took) = run_and_bury("echo $$ > PIDS; echo begun; sleep 60", 300);
    assert_eq!((ran.end, ran.stdout.text()), (End::TimedOut, "begun\n".into()));
    near(took, 300);
}

#[test]
fn the_run_s_deadline_comes_first() {
    let tools = Tools::new();
    let tool = tools.script("sleep 60");
    let machine = Machine::new(Instant::now() + Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(machine.run(&Command::new([tool.to_str().unwrap()])).end, End::TimedOut);
    near(start.elapsed(), 200);
    assert_eq!(machine.run(&Command::new(["/bin/true"])).end, End::TimedOut, "and nothing is started after it");
}

#[test]
fn a_missing_interpreter_is_not_a_missing_program() {
    let tools = Tools::new();
    let tool = tools.tool("tool", "#!/no/such/python\n");
    assert_eq!(run(&tool, 1000).end, End::Broken(Broken::MissingInterpreter));
}

#[test]
fn twenty_hung_tools_end_together() {
    let tools = Tools::new();
    let tool = tools.script("setsid sleep 61 & sleep 61");
    let machine = machine();
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..20 {
            let command = Command::new([tool.to_str().unwrap()]).timeout(Some(Duration::from_millis(500)));
            scope.spawn(|| assert_eq!({ command }.run_on(&machine), End::TimedOut));
        }
    });
    near(start.elapsed(), 500);
}

trait RunOn {
    fn run_on(self, machine: &Machine) -> End;
}

impl RunOn for Command {
    fn run_on(self, machine: &Machine) -> End {
        machine.run(&self).end
    }
}
