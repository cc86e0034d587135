//! Running a program on Linux and macOS: one thread, one `poll`, no busy waiting.

use std::{
    fs::File,
    io::{self, ErrorKind, Read as _, Write as _},
    os::fd::{AsFd as _, OwnedFd},
    sync::PoisonError,
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid},
};

use super::{
    CAP, Exit, Job, LINGER, MARKER, Outcome,
    spawn::{self, Start, Started},
    tree,
};

/// How often a program's end is looked for where the system cannot tell of it (macOS, Linux before 5.3).
const LOOK: Duration = Duration::from_millis(20);

/// How long a killed program is waited for: one that hangs inside the kernel does not die.
const DYING: Duration = Duration::from_millis(50);

/// Runs a program to its end or its deadline.
pub fn run(job: &Job<'_>) -> Outcome {
    let marker = job.run.marker();
    let Started { pid, stdout, stderr } = match start(job, &marker) {
        Ok(Some(started)) => started,
        Ok(None) => return Outcome::only(Exit::TimedOut),
        Err(error) => return Outcome::only(Exit::NotStarted(error)),
    };
    let mut streams = [Stream::new(stdout), Stream::new(stderr)];
    let end = Ending::new(pid);
    let in_time = watch(&mut streams, &end, job.deadline);
    if in_time && streams.iter().all(|stream| stream.pipe.is_none()) {
        // Its process group may hold children in the background. The program itself, dead but not yet waited for,
        // keeps the number of the group from being given to somebody else.
        let _ = kill_process_group(pid, Signal::KILL);
    } else {
        tree::kill(pid, &marker);
        streams.iter_mut().for_each(Stream::rest);
    }
    let exit = match end.reap() {
        Some(exit) if in_time => exit,
        _ => Exit::TimedOut,
    };
    tree::forget(pid);
    let [stdout, stderr] = streams;
    Outcome { exit, truncated: stdout.more || stderr.more, stdout: stdout.kept, stderr: stderr.kept }
}

/// Starts it; nothing where the run is over.
fn start(job: &Job<'_>, marker: &str) -> io::Result<Option<Started>> {
    let what =
        Start { program: job.program, args: job.args, env: job.env, marker: (MARKER, marker), folder: job.folder };
    let mut patience = [1, 5, 20, 50].into_iter();
    loop {
        let closed = job.run.closed.read().unwrap_or_else(PoisonError::into_inner);
        if *closed || Instant::now() >= job.deadline {
            return Ok(None);
        }
        let started = tree::start(&what);
        drop(closed);
        // A file that somebody else is still writing, or no process to be had: both pass.
        let passes = |error: &io::Error| matches!(error.kind(), ErrorKind::ExecutableFileBusy | ErrorKind::WouldBlock);
        match patience.next().filter(|_| started.as_ref().is_err_and(passes)) {
            Some(wait) => thread::sleep(Duration::from_millis(wait)),
            None => return started.map(Some),
        }
    }
}

/// Reads until both pipes are closed and the program has ended, or until it has been waited for long enough.
/// Whether it ended by itself.
fn watch(streams: &mut [Stream; 2], end: &Ending, deadline: Instant) -> bool {
    let mut ended: Option<Instant> = None;
    let mut patience = Duration::from_micros(100);
    loop {
        let open = streams.iter().any(|stream| stream.pipe.is_some());
        if ended.is_none() && end.has_come() {
            ended = Some(Instant::now());
        }
        if ended.is_some() && !open {
            return true;
        }
        let now = Instant::now();
        let limit = ended.map_or(deadline, |at| at + LINGER);
        if now >= limit {
            return ended.is_some();
        }
        let mut left = limit - now;
        if ended.is_none() && end.pidfd.is_none() {
            // Most programs end right after they close their output.
            patience = if open { LOOK } else { (patience * 2).min(LOOK) };
            left = left.min(patience);
        }
        let told = if ended.is_none() { end.pidfd.as_ref() } else { None };
        wait(streams, told, left);
    }
}

/// Waits until something can be read or has ended, and reads once.
fn wait(streams: &mut [Stream; 2], pidfd: Option<&OwnedFd>, left: Duration) {
    let mut fds = Vec::with_capacity(3);
    fds.extend(streams.iter().filter_map(|stream| stream.pipe.as_ref()).map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    fds.extend(pidfd.map(|fd| PollFd::new(fd, PollFlags::IN)));
    let timeout = Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
    if poll(&mut fds, Some(&timeout)).is_err() {
        return;
    }
    let mut ready = fds.iter().map(|fd| !fd.revents().is_empty()).collect::<Vec<_>>().into_iter();
    for stream in streams.iter_mut().filter(|stream| stream.pipe.is_some()) {
        if ready.next() == Some(true) {
            stream.read();
        }
    }
}

/// One pipe and what came out of it.
struct Stream {
    pipe: Option<File>,
    kept: Vec<u8>,
    more: bool,
}

impl Stream {
    fn new(pipe: OwnedFd) -> Self {
        Self { pipe: Some(File::from(pipe)), kept: Vec::new(), more: false }
    }

    /// Reads what is there, once; something is.
    fn read(&mut self) {
        let Some(pipe) = &mut self.pipe else { return };
        let mut buffer = [0; 16 * 1024];
        match pipe.read(&mut buffer) {
            Ok(0) => self.pipe = None,
            Ok(count) => {
                let room = (CAP - self.kept.len()).min(count);
                self.kept.extend_from_slice(&buffer[..room]);
                self.more |= room < count;
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(_) => self.pipe = None,
        }
    }

    /// Reads what is left in the pipe after the kill, without waiting for anybody, and closes it.
    fn rest(&mut self) {
        // A pipe holds 64 KiB; whoever still writes is not listened to any longer.
        for _ in 0..8 {
            let Some(pipe) = &self.pipe else { return };
            let mut fds = [PollFd::new(pipe, PollFlags::IN)];
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            if !poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0) {
                break;
            }
            self.read();
        }
        self.pipe = None;
    }
}

/// How a program's end is noticed.
struct Ending {
    pid: Pid,
    pidfd: Option<OwnedFd>,
}

impl Ending {
    fn new(pid: Pid) -> Self {
        #[cfg(target_os = "linux")]
        let pidfd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok();
        #[cfg(not(target_os = "linux"))]
        let pidfd = None;
        Self { pid, pidfd }
    }

    /// Whether it has ended; it stays to be waited for.
    fn has_come(&self) -> bool {
        let flags = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid), flags), Ok(None))
    }

    /// Waits for it a moment.
    fn comes_within(&self, time: Duration) -> bool {
        let limit = Instant::now() + time;
        while !self.has_come() {
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            match &self.pidfd {
                Some(fd) => {
                    let timeout = Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 });
                    let _ = poll(&mut [PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)], Some(&timeout));
                }
                None => thread::sleep(left.min(Duration::from_millis(2))),
            }
        }
        true
    }

    /// Takes the dead program's status; nothing where it does not die.
    fn reap(&self) -> Option<Exit> {
        if !self.comes_within(DYING) {
            return None;
        }
        let flags = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let status = waitid(WaitId::Pid(self.pid), flags).ok()??;
        status.exit_status().map(Exit::Code).or_else(|| status.terminating_signal().map(Exit::Signal))
    }
}

/// From now on a Ctrl-C, a hang-up or a request to end kills everything that was started, removes the neutral folder,
/// shows the cursor again, and ends this process with 128 + the signal's number.
pub fn install_signal_handler() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // What was ignored from the start stays so: `nohup` and jobs in the background rely on it.
    let heard = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !spawn::is_ignored(*signal));
    let Ok(mut signals) = signal_hook::iterator::Signals::new(heard) else { return };
    let wait = move || {
        let for_us = |signal: &i32| *signal != SIGINT || !super::ASIDE.load(std::sync::atomic::Ordering::SeqCst);
        let Some(signal) = signals.forever().find(for_us) else { return };
        // A second signal while the first is being answered ends this process at once.
        let _ = thread::Builder::new().spawn(move || {
            if let Some(signal) = signals.forever().next() {
                farewell();
                std::process::exit(128 + signal);
            }
        });
        super::INTERRUPTED.store(true, std::sync::atomic::Ordering::SeqCst);
        tree::stop();
        super::super::scratch::remove_all();
        farewell();
        std::process::exit(128 + signal);
    };
    let _ = thread::Builder::new().name("signals".to_owned()).spawn(wait);
}

/// Takes away the line of progress with what the terminal wrote behind it, and says that the run has ended.
fn farewell() {
    let mut terminal = io::stderr();
    if io::IsTerminal::is_terminal(&terminal) {
        let _ = terminal.write_all(b"\r\x1b[2K\x1b[?25h");
    }
    super::say_last_words();
}
