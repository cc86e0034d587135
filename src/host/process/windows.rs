//! Running a program on Windows: each in a job object that kills all of its tree when it is closed, and this process
//! itself in one too, so that nothing outlives it however it ends.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Read},
    os::windows::{
        io::{AsHandle as _, AsRawHandle as _, FromRawHandle as _, OwnedHandle, RawHandle},
        process::CommandExt as _,
    },
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{self, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use windows_sys::Win32::System::{
    Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler},
    JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
        TerminateJobObject,
    },
    Threading::{CREATE_NO_WINDOW, GetCurrentProcess, INFINITE, WaitForSingleObject},
};

use super::{CAP, Exit, Job, LINGER, MARKER, Outcome, lock};

/// How long a killed program is waited for.
const DYING: Duration = Duration::from_millis(100);

/// The jobs of programs that run, by marker.
static LIVE: Mutex<BTreeMap<String, Arc<Tree>>> = Mutex::new(BTreeMap::new());

/// A job object.
struct Tree(OwnedHandle);

impl Tree {
    fn new() -> io::Result<Self> {
        // SAFETY: both pointers may be null: default security, no name. The new handle is ours alone.
        let tree = unsafe {
            let handle = CreateJobObjectW(std::ptr::null(), std::ptr::null());
            if handle.is_null() {
                return Err(io::Error::last_os_error());
            }
            Self(OwnedHandle::from_raw_handle(handle as RawHandle))
        };
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = u32::try_from(size_of_val(&limits)).unwrap_or_default();
        // SAFETY: the structure is the one this class of information wants, and lives through the call.
        unsafe {
            let limits = std::ptr::from_ref(&limits).cast();
            SetInformationJobObject(tree.0.as_raw_handle(), JobObjectExtendedLimitInformation, limits, size);
        }
        Ok(tree)
    }

    fn take(&self, process: RawHandle) {
        // SAFETY: both handles are open. A process that may not be moved stays where it is.
        unsafe { AssignProcessToJobObject(self.0.as_raw_handle(), process) };
    }

    fn kill(&self) {
        // SAFETY: the handle is open.
        unsafe { TerminateJobObject(self.0.as_raw_handle(), 1) };
    }
}

/// Puts this process into a job that ends with it.
pub fn open() {
    static OWN: OnceLock<Option<Tree>> = OnceLock::new();
    OWN.get_or_init(|| {
        let tree = Tree::new().ok()?;
        // SAFETY: the call has no conditions; what it returns needs no closing.
        tree.take(unsafe { GetCurrentProcess() } as RawHandle);
        Some(tree)
    });
}

/// Kills what a run still has.
pub fn close(run: &str) {
    lock(&LIVE).iter().filter(|(marker, _)| marker.starts_with(run)).for_each(|(_, tree)| tree.kill());
}

enum Told {
    Chunk(usize, Vec<u8>),
    Closed,
    Ended,
}

/// Runs a program to its end or its deadline.
pub fn run(job: &Job<'_>) -> Outcome {
    let marker = job.run.marker();
    let (mut child, tree) = match start(job, &marker) {
        Ok(Some(started)) => started,
        Ok(None) => return Outcome::only(Exit::TimedOut),
        Err(error) => return Outcome::only(Exit::NotStarted(error)),
    };
    let mut outcome = Outcome::only(Exit::TimedOut);
    let in_time = watch(&mut child, &mut outcome, job.deadline);
    tree.kill();
    lock(&LIVE).remove(&marker);
    // SAFETY: the handle is open as long as `child` lives.
    unsafe { WaitForSingleObject(child.as_raw_handle(), u32::try_from(DYING.as_millis()).unwrap_or_default()) };
    if in_time && let Ok(Some(status)) = child.try_wait() {
        outcome.exit = Exit::Code(status.code().unwrap_or(-1));
    }
    outcome
}

fn start(job: &Job<'_>, marker: &str) -> io::Result<Option<(Child, Arc<Tree>)>> {
    let closed = job.run.closed.read().unwrap_or_else(PoisonError::into_inner);
    if *closed || Instant::now() >= job.deadline {
        return Ok(None);
    }
    let mut command = Command::new(job.program);
    command.args(job.args).current_dir(job.folder).creation_flags(CREATE_NO_WINDOW);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, value) in job.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env(MARKER, marker);
    let tree = Arc::new(Tree::new()?);
    let child = command.spawn()?;
    // It cannot have started anything yet: that takes far longer than these few instructions.
    tree.take(child.as_raw_handle());
    lock(&LIVE).insert(marker.to_owned(), Arc::clone(&tree));
    Ok(Some((child, tree)))
}

/// Collects output until both pipes are closed and the program has ended, or until it has been waited for long enough.
/// Whether it ended by itself.
fn watch(child: &mut Child, outcome: &mut Outcome, deadline: Instant) -> bool {
    let (send, receive) = mpsc::channel();
    let mut open = 0;
    open += usize::from(child.stdout.take().is_some_and(|pipe| read(0, pipe, &send)));
    open += usize::from(child.stderr.take().is_some_and(|pipe| read(1, pipe, &send)));
    await_end(child, send);
    let mut ended: Option<Instant> = None;
    while ended.is_none() || open > 0 {
        let limit = ended.map_or(deadline, |at| at + LINGER);
        match receive.recv_timeout(limit.saturating_duration_since(Instant::now())) {
            Ok(Told::Chunk(stream, bytes)) => {
                let kept = if stream == 0 { &mut outcome.stdout } else { &mut outcome.stderr };
                let room = (CAP - kept.len()).min(bytes.len());
                kept.extend_from_slice(&bytes[..room]);
                outcome.truncated |= room < bytes.len();
                // An endless writer never lets the time run out.
                if Instant::now() >= limit {
                    break;
                }
            }
            Ok(Told::Closed) => open -= 1,
            Ok(Told::Ended) => ended = Some(Instant::now()),
            Err(_) => break,
        }
    }
    ended.is_some()
}

/// Reads a pipe in a thread of its own, which outlives the run where somebody out of reach holds the pipe.
fn read(stream: usize, mut pipe: impl Read + Send + 'static, send: &Sender<Told>) -> bool {
    let send = send.clone();
    let read = move || {
        let mut buffer = vec![0; 32 * 1024];
        loop {
            match pipe.read(&mut buffer) {
                Ok(count) if count > 0 => {
                    if send.send(Told::Chunk(stream, buffer[..count].to_vec())).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        let _ = send.send(Told::Closed);
    };
    thread::Builder::new().spawn(read).is_ok()
}

fn await_end(child: &Child, send: Sender<Told>) {
    let Ok(process) = child.as_handle().try_clone_to_owned() else { return };
    let wait = move || {
        // SAFETY: the handle is this thread's own.
        unsafe { WaitForSingleObject(process.as_raw_handle(), INFINITE) };
        let _ = send.send(Told::Ended);
    };
    let _ = thread::Builder::new().spawn(wait);
}

/// From now on Ctrl-C kills everything that was started, removes the neutral folder, shows the cursor again and ends
/// this process with 130.
pub fn install_signal_handler() {
    // SAFETY: the handler is a plain function that lives as long as the program.
    unsafe { SetConsoleCtrlHandler(Some(interrupted), 1) };
}

unsafe extern "system" fn interrupted(event: u32) -> i32 {
    if !matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT) {
        return 0;
    }
    if super::ASIDE.load(std::sync::atomic::Ordering::SeqCst) {
        return 1;
    }
    super::INTERRUPTED.store(true, std::sync::atomic::Ordering::SeqCst);
    close("");
    super::super::scratch::remove_all();
    let mut terminal = io::stderr();
    if io::IsTerminal::is_terminal(&terminal) {
        let _ = io::Write::write_all(&mut terminal, b"\r\x1b[2K\x1b[?25h");
    }
    super::say_last_words();
    std::process::exit(130)
}
