//! Killing a process tree, with those in it that left their parent, their group and their session.
//!
//! Whoever a program started is found by any of these: its process group, its session, its descendants, its marker in
//! the environment. All programs that time out in the same moment are looked for in one walk over the processes.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, PoisonError, RwLock},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};

#[cfg(target_os = "linux")]
use super::linux as system;
#[cfg(not(target_os = "linux"))]
use super::ps as system;
use super::{
    lock,
    spawn::{self, Start, Started},
};

/// A process as the system lists it. Dead ones are not listed.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// Its parent's.
    pub parent: i32,
    /// Its session's, 0 where the system does not say.
    pub session: i32,
    /// The marker in its environment, where it can be read.
    pub marker: Option<String>,
}

/// Milliseconds for which dead programs are waited for at the end: one that hangs inside the kernel does not die.
const COLLECTING: u32 = 300;

/// Programs that have been started and not waited for, with their markers.
static LIVE: Mutex<BTreeMap<i32, String>> = Mutex::new(BTreeMap::new());
/// Held for reading while a program is started, so that one who holds it for writing knows them all.
static GATE: RwLock<()> = RwLock::new(());
/// The runs that are not closed.
static RUNS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Trees to be killed by whoever gets to sweep next.
static DOOMED: Mutex<Vec<(i32, String)>> = Mutex::new(Vec::new());
static SWEEP: Mutex<()> = Mutex::new(());

/// A run begins.
pub fn open(run: &str) {
    spawn::keep_the_dead();
    #[cfg(target_os = "linux")]
    system::adopt_orphans();
    lock(&RUNS).push(run.to_owned());
}

/// Starts a program and remembers it.
pub fn start(what: &Start<'_>) -> io::Result<Started> {
    let _open = GATE.read().unwrap_or_else(PoisonError::into_inner);
    let started = what.start()?;
    lock(&LIVE).insert(started.pid.as_raw_pid(), what.marker.1.to_owned());
    Ok(started)
}

/// A program has been waited for.
pub fn forget(pid: Pid) {
    lock(&LIVE).remove(&pid.as_raw_pid());
}

/// Kills a program with everything it started; it may itself be dead but must not have been waited for.
pub fn kill(pid: Pid, marker: &str) {
    lock(&DOOMED).push((pid.as_raw_pid(), marker.to_owned()));
    let _turn = lock(&SWEEP);
    // Whoever swept before may have done it for us.
    let doomed = std::mem::take(&mut *lock(&DOOMED));
    if doomed.is_empty() {
        return;
    }
    sweep(|all| {
        let marked = |process: &Process| {
            let marker = process.marker.as_deref();
            marker.is_some_and(|marker| doomed.iter().any(|(_, doomed)| doomed == marker))
        };
        let rooted = |pid: i32| doomed.iter().any(|(root, _)| *root == pid);
        all.values()
            .filter(|process| rooted(process.session) || marked(process) || lineage(all, process.pid).any(rooted))
            .map(|process| process.pid)
            .collect()
    });
    for (pid, _) in &doomed {
        kill_group(*pid);
    }
}

/// Kills whatever a run has left: programs that still run and what they left behind.
pub fn close(run: &str) {
    // Nothing is started meanwhile: who is between birth and its program has no marker yet and would be taken for
    // somebody who wiped it.
    let _closed = GATE.write().unwrap_or_else(PoisonError::into_inner);
    end(run);
}

/// Ends a run while nothing can be started.
fn end(run: &str) {
    let last = {
        let mut runs = lock(&RUNS);
        runs.retain(|open| open != run);
        runs.is_empty()
    };
    let ours = |marker: &str| marker.starts_with(run);
    let live = lock(&LIVE).values().any(|marker| ours(marker));
    if !live && !system::has_children() {
        return;
    }
    let _turn = lock(&SWEEP);
    let me = getpid().as_raw_pid();
    sweep(|all| {
        let live = lock(&LIVE).clone();
        let own_session = all.get(&me).map_or(0, |process| process.session);
        // Whatever a run starts leaves this session at once, and orphans come back as children of this process; so who
        // descends from a child in this session was started by somebody else here, who looks after it.
        let left_behind = |pid: i32| {
            let child = lineage(all, pid).find_map(|pid| all.get(&pid).filter(|process| process.parent == me));
            child.is_some_and(|child| child.session != own_session)
        };
        let is_ours = |process: &&Process| match &process.marker {
            Some(marker) => ours(marker),
            // Somebody who wiped the environment: a descendant outside this session. It is known whose it is while
            // what started it still runs; else the last run takes it along.
            None if process.session == own_session => false,
            None => match lineage(all, process.pid).find_map(|pid| live.get(&pid)) {
                Some(marker) => ours(marker),
                None => last && left_behind(process.pid),
            },
        };
        all.values().filter(is_ours).map(|process| process.pid).collect()
    });
}

/// Kills everything of every run, now and for good: no program can be started afterwards.
pub fn stop() {
    std::mem::forget(GATE.write().unwrap_or_else(PoisonError::into_inner));
    let live: Vec<i32> = lock(&LIVE).keys().copied().collect();
    live.into_iter().for_each(kill_group);
    let runs = lock(&RUNS).clone();
    runs.iter().for_each(|run| end(run));
    // Whoever waits for them collects them now. Left to the system they may stay in its list, dead, for as long as a
    // container runs.
    for _ in 0..COLLECTING {
        if lock(&LIVE).is_empty() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn kill_group(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Kills whom `find` picks, and looks again until nobody is left, because who is not dead yet may have had children.
fn sweep(find: impl Fn(&BTreeMap<i32, Process>) -> Vec<i32>) {
    for round in 0..20 {
        let victims = find(&system::processes());
        if victims.is_empty() {
            return;
        }
        for pid in victims {
            if let Some(pid) = Pid::from_raw(pid) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        thread::sleep(Duration::from_millis(1 + round));
    }
}

/// A process, its parent, and so on upwards.
fn lineage(all: &BTreeMap<i32, Process>, pid: i32) -> impl Iterator<Item = i32> {
    std::iter::successors(Some(pid), |pid| all.get(pid).map(|process| process.parent).filter(|parent| *parent > 0))
        .take(100)
}
