//! Starting a program in a session of its own by `posix_spawn`.
//!
//! The standard library starts new sessions by `fork` only, which copies this process's page tables for every program:
//! with sixty programs at once that costs three times as much as this.

use std::{
    collections::BTreeMap,
    env,
    ffi::{CStr, CString, OsStr, OsString, c_char, c_int},
    io,
    mem::MaybeUninit,
    os::{
        fd::{AsRawFd as _, OwnedFd, RawFd},
        unix::ffi::OsStrExt as _,
    },
    path::Path,
    ptr,
};

use rustix::process::Pid;

/// What to start.
pub struct Start<'a> {
    /// The program's file.
    pub program: &'a Path,
    /// Its arguments, without its own name.
    pub args: &'a [OsString],
    /// Its environment, on top of this process's own.
    pub env: &'a [(OsString, Option<OsString>)],
    /// One more variable.
    pub marker: (&'a str, &'a str),
    /// The folder to run it in.
    pub folder: &'a Path,
}

/// A program that runs, with the ends of its pipes.
pub struct Started {
    /// Its number, that of its process group and that of its session.
    pub pid: Pid,
    /// Its standard output.
    pub stdout: OwnedFd,
    /// Its standard error.
    pub stderr: OwnedFd,
}

#[cfg(target_os = "linux")]
const SETSID: c_int = libc::POSIX_SPAWN_SETSID as c_int;
/// `spawn.h`, macOS 10.15; the libc crate has no name for it.
#[cfg(target_os = "macos")]
const SETSID: c_int = 0x0400;

/// On macOS a pipe is not born closed to programs that other threads start in the same moment.
#[cfg(target_os = "macos")]
const CLOSED: c_int = libc::POSIX_SPAWN_CLOEXEC_DEFAULT;
#[cfg(not(target_os = "macos"))]
const CLOSED: c_int = 0;

impl Start<'_> {
    /// Starts it, without standard input and without controlling terminal.
    pub fn start(&self) -> io::Result<Started> {
        let program = text(self.program.as_os_str())?;
        let folder = text(self.folder.as_os_str())?;
        let args: Vec<CString> = self.args.iter().map(|arg| text(arg)).collect::<io::Result<_>>()?;
        let env = self.environment()?;
        let argv = pointers(std::iter::once(program.as_c_str()).chain(args.iter().map(CString::as_c_str)));
        let envp = pointers(env.iter().map(CString::as_c_str));
        let (stdout, theirs_out) = io::pipe()?;
        let (stderr, theirs_err) = io::pipe()?;
        let actions = Actions::new(&folder, theirs_out.as_raw_fd(), theirs_err.as_raw_fd())?;
        let attributes = Attributes::new()?;
        let mut pid = 0;
        // SAFETY: every pointer is to something that lives until the call returns; both arrays end in null.
        check(unsafe {
            libc::posix_spawn(
                &mut pid,
                program.as_ptr(),
                &actions.0,
                &attributes.0,
                argv.as_ptr().cast(),
                envp.as_ptr().cast(),
            )
        })?;
        let pid = Pid::from_raw(pid).ok_or_else(|| io::Error::other("the system gave no process number"))?;
        Ok(Started { pid, stdout: stdout.into(), stderr: stderr.into() })
    }

    fn environment(&self) -> io::Result<Vec<CString>> {
        let mut all: BTreeMap<OsString, OsString> = env::vars_os().collect();
        for (name, value) in self.env {
            match value {
                Some(value) => all.insert(name.clone(), value.clone()),
                None => all.remove(name),
            };
        }
        all.insert(self.marker.0.into(), self.marker.1.into());
        let join = |(mut name, value): (OsString, OsString)| {
            name.push("=");
            name.push(value);
            text(&name)
        };
        all.into_iter().map(join).collect()
    }
}

/// Whether this process was told to ignore a signal, by whoever started it.
pub fn is_ignored(signal: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: nothing is changed; the value is whole where the call succeeds.
    unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// See [`super::reserve_little`].
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn few_arenas() {
    // SAFETY: this sets a number of the allocator's, which it reads when it next wants an arena.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 2) };
}

/// Lets ended programs be waited for. Whoever started this process may have told it to forget them at once.
pub fn keep_the_dead() {
    if is_ignored(libc::SIGCHLD) {
        // SAFETY: this restores what is usual.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    }
}

fn text(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))
}

fn pointers<'a>(texts: impl Iterator<Item = &'a CStr>) -> Vec<*const c_char> {
    texts.map(CStr::as_ptr).chain([ptr::null()]).collect()
}

fn check(code: c_int) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) }
}

/// What is done in the new process before the program begins.
struct Actions(libc::posix_spawn_file_actions_t);

impl Actions {
    fn new(folder: &CStr, stdout: RawFd, stderr: RawFd) -> io::Result<Self> {
        let mut new = MaybeUninit::uninit();
        // SAFETY: the first call makes the value whole or fails; the others get a whole one, and copy their texts.
        unsafe {
            check(libc::posix_spawn_file_actions_init(new.as_mut_ptr()))?;
            let mut actions = Self(new.assume_init());
            check(libc::posix_spawn_file_actions_addchdir_np(&mut actions.0, folder.as_ptr()))?;
            let null = c"/dev/null".as_ptr();
            check(libc::posix_spawn_file_actions_addopen(&mut actions.0, 0, null, libc::O_RDONLY, 0))?;
            check(libc::posix_spawn_file_actions_adddup2(&mut actions.0, stdout, 1))?;
            check(libc::posix_spawn_file_actions_adddup2(&mut actions.0, stderr, 2))?;
            Ok(actions)
        }
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: the value is whole and is not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

/// What is different in the new process from its start: its own session, and no signal blocked or ignored.
struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new() -> io::Result<Self> {
        let flags = c_int::from(libc::POSIX_SPAWN_SETSIGMASK as i16)
            | c_int::from(libc::POSIX_SPAWN_SETSIGDEF as i16)
            | SETSID
            | CLOSED;
        let mut new = MaybeUninit::uninit();
        let mut set = MaybeUninit::uninit();
        // SAFETY: the first call makes the value whole or fails; a signal set is whole once it was emptied.
        unsafe {
            check(libc::posix_spawnattr_init(new.as_mut_ptr()))?;
            let mut attributes = Self(new.assume_init());
            libc::sigemptyset(set.as_mut_ptr());
            check(libc::posix_spawnattr_setsigmask(&mut attributes.0, set.as_ptr()))?;
            // Rust's programs ignore this one, and what is ignored would be inherited.
            libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
            check(libc::posix_spawnattr_setsigdefault(&mut attributes.0, set.as_ptr()))?;
            check(libc::posix_spawnattr_setflags(&mut attributes.0, flags as i16))?;
            Ok(attributes)
        }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the value is whole and is not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}
