//! Who wipes its environment and leaves its session is still found when the last run of a process ends. A program of
//! its own with one test: in one with others, or below it, the end of somebody else's last run would find it too.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    thread,
    time::{Duration, Instant},
};

use doctor::{
    host::{Command, Host as _, machine::Machine},
    model::seen::End,
};

fn alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).is_some_and(|state| !"ZX".contains(state))
}

/// Whether it dies within four seconds; it would live for a minute by itself.
fn dies(pid: &str) -> bool {
    (0..200).any(|_| {
        thread::sleep(Duration::from_millis(20));
        !alive(pid)
    })
}

#[test]
fn who_left_everything_behind_dies_with_the_last_run() {
    let folder = tempfile::tempdir().unwrap();
    let (tool, pids) = (folder.path().join("tool"), folder.path().join("pids"));
    // The tool outlives the shell between the two, or that one's descendants would end with the tool.
    let body = format!(
        "#!/bin/sh\n(env -i setsid sh -c 'echo $$ > {0}; exec sleep 64' < /dev/null > /dev/null 2>&1 &)\n\
         while [ ! -s {0} ]; do sleep 0.02; done; sleep 0.3\n",
        pids.display()
    );
    fs::write(&tool, body).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let first = Machine::new(Instant::now() + Duration::from_secs(60));
    let other = Machine::new(Instant::now() + Duration::from_secs(60));
    assert_eq!(first.run(&Command::new([tool.to_str().unwrap()])).end, End::Exited(0));
    let pid = fs::read_to_string(pids).unwrap();
    assert!(alive(pid.trim()), "nobody waited for it");
    first.close();
    assert!(alive(pid.trim()), "it may be the other run's");
    other.close();
    assert!(dies(pid.trim()));
}
