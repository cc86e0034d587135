//! Running one program to its end or to its deadline, and leaving nothing of it behind.
//!
//! A program gets no standard input, no controlling terminal and a neutral folder. At the deadline its whole process
//! tree is killed and its pipes are no longer waited for. A program that ends while a child of its own still holds
//! its pipes is done [`LINGER`] later. Output beyond [`CAP`] is read and thrown away, so that nobody blocks on it.

use std::{
    ffi::OsString,
    io,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(unix, not(target_os = "linux")))]
mod ps;
#[cfg(unix)]
mod spawn;
#[cfg(unix)]
mod tree;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{install_signal_handler, run};
#[cfg(windows)]
pub use windows::{install_signal_handler, run};

/// Whether the person asked this run to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether a command of the person's own has the terminal: then Ctrl-C is for that command.
static ASIDE: AtomicBool = AtomicBool::new(false);

/// What is said where the person ends this run.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

/// Does something during which Ctrl-C does not end this run.
pub fn aside<T>(act: impl FnOnce() -> T) -> T {
    ASIDE.store(true, Ordering::SeqCst);
    let done = act();
    ASIDE.store(false, Ordering::SeqCst);
    done
}

/// What is said where a run is ended that only looks.
pub const ONLY_LOOKED: &str = "Stopped before the end; nothing on this machine was changed.\n";

/// Sets what is said on standard error where the person ends this run.
pub fn last_words(words: String) {
    *lock(&LAST_WORDS) = words;
}

/// Says it, once however many signals come.
fn say_last_words() {
    let words = std::mem::take(&mut *lock(&LAST_WORDS));
    // Whoever is gone need not be told.
    let _ = io::Write::write_all(&mut io::stderr(), words.as_bytes());
}

/// Has the memory of all threads come from few places: glibc reserves 64 MiB of addresses for each of dozens, which a
/// limited shell (`ulimit -v`) does not have. Other C libraries do no such thing.
pub fn reserve_little() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    spawn::few_arenas();
}

/// Before this process ends by a defect of its own: ends everything that was started and removes what was written for it,
/// as far as that is possible within a second, because whoever failed may hold what is needed for it.
pub fn end_all() {
    let (done, wait) = std::sync::mpsc::channel();
    let clear = move || {
        #[cfg(unix)]
        tree::stop();
        super::scratch::remove_all();
        let _ = done.send(());
    };
    if std::thread::Builder::new().spawn(clear).is_ok() {
        let _ = wait.recv_timeout(Duration::from_secs(1));
    }
}

/// Never comes back once the person asked this run to end: what was killed for that must not be told as a finding
/// while the signal's own thread clears up and ends the process.
pub fn stay_if_interrupted() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::park_timeout(Duration::from_secs(1));
    }
}

/// How much of each stream is kept.
pub const CAP: usize = 1024 * 1024;

/// How long after a program's end its pipes are read on, where somebody else still holds them.
pub const LINGER: Duration = Duration::from_millis(150);

/// The environment variable by which everything that a probe started can be found again.
pub const MARKER: &str = "DOCTOR_PROBE";

/// What to run.
#[derive(Debug)]
pub struct Job<'a> {
    /// The program's file.
    pub program: &'a Path,
    /// Its arguments.
    pub args: &'a [OsString],
    /// What to set in its environment (or to remove), on top of this process's own.
    pub env: &'a [(OsString, Option<OsString>)],
    /// The folder to run it in.
    pub folder: &'a Path,
    /// When to kill it.
    pub deadline: Instant,
    /// Whose it is, see [`Run`].
    pub run: &'a Run,
}

/// How a program ended.
#[derive(Debug)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It was killed at the deadline.
    TimedOut,
    /// It could not be started.
    NotStarted(io::Error),
}

/// What a program showed.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub exit: Exit,
    /// Standard output, at most [`CAP`].
    pub stdout: Vec<u8>,
    /// Standard error, at most [`CAP`].
    pub stderr: Vec<u8>,
    /// There was more.
    pub truncated: bool,
}

impl Outcome {
    /// Nothing but an end.
    pub fn only(exit: Exit) -> Self {
        Self { exit, stdout: Vec::new(), stderr: Vec::new(), truncated: false }
    }
}

/// Everything that one [`super::machine::Machine`] starts: it ends with it.
#[derive(Debug)]
pub struct Run {
    name: String,
    next: AtomicU64,
    closed: RwLock<bool>,
}

impl Run {
    /// A run of its own name.
    #[expect(clippy::new_without_default, reason = "two runs are never equal")]
    pub fn new() -> Self {
        let name = random();
        #[cfg(unix)]
        tree::open(&name);
        #[cfg(windows)]
        windows::open();
        Self { name, next: AtomicU64::new(1), closed: RwLock::new(false) }
    }

    /// A marker for the next program: `NAME-1.`, `NAME-2.`, … The dot keeps `-1` from being found in `-10`.
    fn marker(&self) -> String {
        format!("{}-{}.", self.name, self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Does something that must not be done any more once the run is closed.
    pub fn while_open<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        (!*closed).then(act)
    }

    /// Kills whatever still runs and starts nothing more.
    pub fn close(&self) {
        let before = std::mem::replace(&mut *self.closed.write().unwrap_or_else(PoisonError::into_inner), true);
        if !before {
            #[cfg(unix)]
            tree::close(&self.name);
            #[cfg(windows)]
            windows::close(&self.name);
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.close();
    }
}

/// Sixteen letters and digits that no other process chose.
pub fn random() -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
