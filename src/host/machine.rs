//! The real machine.

use std::{
    env,
    ffi::OsString,
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::{
    Command, Host, expand, files, inspect,
    platform::{self, World},
    process::{self, Exit, Job, Outcome, Run},
    quiet,
    scratch::Scratch,
    size, text,
    turns::Turns,
    which::Paths,
};
use crate::model::{
    Broken, Platform,
    seen::{Bytes, Candidate, DirSeen, End, FileSeen, KeySeen, PathKind, PortSeen, Ran, Stat, System, View},
    sshkey,
};

/// How long a port of this very machine is waited for.
const PORT_TIMEOUT: Duration = Duration::from_millis(300);

/// How long a command that tells what machine this is may take.
const PLATFORM_TIMEOUT: Duration = Duration::from_secs(2);

/// How much of an SSH key is read.
const KEY_CAP: u64 = 64 * 1024;

/// The machine this program runs on.
#[derive(Debug)]
pub struct Machine {
    deadline: Instant,
    platform: Platform,
    home: Option<String>,
    paths: Paths,
    turns: Turns,
    run: Run,
    scratch: OnceLock<Scratch>,
}

impl Machine {
    /// This machine; no command outlives `deadline`.
    pub fn new(deadline: Instant) -> Self {
        let mut machine = Self {
            deadline,
            platform: Platform::default(),
            home: home(),
            paths: Paths::from_env(),
            turns: Turns::new(),
            run: Run::new(),
            scratch: OnceLock::new(),
        };
        machine.platform = platform::detect(&machine);
        machine
    }

    /// Kills whatever a command left behind and removes the neutral folder; no command is run afterwards. Dropping
    /// the machine does the same, but a thread that hangs may keep it from being dropped.
    pub fn close(&self) {
        self.run.close();
        super::scratch::remove(self.scratch.get());
    }

    fn place(&self, path: &str) -> PathBuf {
        PathBuf::from(expand(path, self.home.as_deref()))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.close();
    }
}

/// What telling machines apart asks.
impl World for Machine {
    fn read(&self, path: &str) -> Option<String> {
        Host::read(self, path, View::Whole).text()
    }

    fn exists(&self, path: &str) -> bool {
        matches!(Host::stat(self, path).kind, PathKind::File | PathKind::Dir | PathKind::Special)
    }

    fn env(&self, name: &str) -> Option<String> {
        Host::env(self, name)
    }

    fn run(&self, argv: &[&str]) -> Option<String> {
        let ran = Host::run(self, &Command::new(argv.iter().copied()).timeout(Some(PLATFORM_TIMEOUT)));
        (ran.end == End::Exited(0)).then(|| ran.stdout.text())
    }

    fn euid(&self) -> Option<u32> {
        #[cfg(unix)]
        return Some(rustix::process::geteuid().as_raw());
        #[cfg(not(unix))]
        return None;
    }

    fn now(&self) -> i64 {
        now().unwrap_or_default()
    }
}

impl Host for Machine {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn home(&self) -> Option<String> {
        self.home.clone()
    }

    fn env(&self, name: &str) -> Option<String> {
        env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
    }

    fn path(&self) -> Vec<String> {
        self.paths.written.iter().map(|folder| text(folder)).collect()
    }

    fn which(&self, name: &str) -> Vec<Candidate> {
        let name = expand(name, self.home.as_deref());
        self.paths.which(&name).into_iter().map(|found| found.candidate).collect()
    }

    fn stat(&self, path: &str) -> Stat {
        files::stat(&self.place(path))
    }

    fn read(&self, path: &str, view: View) -> FileSeen {
        files::read(&self.place(path), view)
    }

    fn list(&self, path: &str) -> DirSeen {
        files::list(&self.place(path))
    }

    fn key(&self, path: &str) -> KeySeen {
        let (file, mine) = files::bytes(&self.place(path), KEY_CAP);
        let key = match file.kind {
            PathKind::File if file.error.is_empty() => sshkey::parse(&file.content.0),
            PathKind::File | PathKind::Denied => KeySeen { format: "unreadable".to_owned(), ..KeySeen::default() },
            _ => KeySeen::default(),
        };
        KeySeen { kind: file.kind, mode: file.mode, mine, ..key }
    }

    fn run(&self, command: &Command) -> Ran {
        let Some((name, args)) = command.argv.split_first() else { return Ran::default() };
        let name = expand(name, self.home.as_deref());
        let Some(found) = self.paths.which(&name).into_iter().next() else { return Ran::default() };
        if let Some(why) = found.candidate.broken {
            return Ran { end: End::Broken(why), ..Ran::default() };
        }
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let mut program = found.path;
        if found.bare_script {
            // The system refuses text without a `#!` line; a shell runs it with sh.
            args.insert(0, program.into_os_string());
            program = PathBuf::from("/bin/sh");
        }
        let _turn = self.turns.take(command.timeout, self.deadline);
        let now = Instant::now();
        // A thread that hung until after the end must not make the neutral folder anew.
        let Some(scratch) = self.run.while_open(|| self.scratch.get_or_init(Scratch::new)) else {
            return Ran { end: End::TimedOut, ..Ran::default() };
        };
        let job = Job {
            program: &program,
            args: &args,
            env: &quiet::environment(&command.env),
            folder: scratch.path(),
            deadline: now.checked_add(command.timeout).map_or(self.deadline, |limit| limit.min(self.deadline)),
            run: &self.run,
        };
        let outcome = process::run(&job);
        let ms = u64::try_from(now.elapsed().as_millis()).unwrap_or(u64::MAX);
        ran(outcome, &program, ms)
    }

    fn port(&self, port: u16) -> PortSeen {
        let addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, port)), SocketAddr::from((Ipv6Addr::LOCALHOST, port))];
        let tried = addresses.map(|address| TcpStream::connect_timeout(&address, PORT_TIMEOUT));
        let closed = |error: &io::Error| {
            // A machine without IPv6 has no ::1 to listen on.
            matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::AddrNotAvailable)
                || error.kind() == ErrorKind::Unsupported
        };
        if tried.iter().any(Result::is_ok) {
            PortSeen::Open
        } else if tried.iter().flat_map(|tried| tried.as_ref().err()).any(closed) {
            PortSeen::Closed
        } else {
            PortSeen::Unknown
        }
    }

    fn system(&self) -> System {
        let home = self.home.as_deref().map_or_else(|| Path::new("/"), Path::new);
        System { disk_free: size::disk_free(home), memory: size::memory(), now: now() }
    }
}

fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// What the host says of a program that ended or never started.
fn ran(outcome: Outcome, program: &Path, ms: u64) -> Ran {
    let end = match outcome.exit {
        Exit::Code(code) => End::Exited(code),
        Exit::Signal(signal) => End::Signal(signal),
        Exit::TimedOut => End::TimedOut,
        Exit::NotStarted(error) => not_started(&error, program),
    };
    Ran { end, stdout: Bytes(outcome.stdout), stderr: Bytes(outcome.stderr), truncated: outcome.truncated, ms }
}

/// Why a program that looked sound could not be started.
fn not_started(error: &io::Error, program: &Path) -> End {
    if std::fs::symlink_metadata(program).is_err() {
        return End::Absent;
    }
    const EXEC_FORMAT: i32 = 8;
    const BAD_EXE_FORMAT: i32 = 193;
    const WRONG_MACHINE: i32 = 216;
    let wrong = if cfg!(windows) { [BAD_EXE_FORMAT, WRONG_MACHINE] } else { [EXEC_FORMAT, EXEC_FORMAT] };
    End::Broken(match (inspect::look(program).broken, error.raw_os_error()) {
        (Some(why), _) => why,
        (None, Some(code)) if wrong.contains(&code) => Broken::WrongArchitecture,
        // The file is there, so what is missing is what would load it.
        (None, _) if error.kind() == ErrorKind::NotFound => Broken::MissingLoader,
        _ => Broken::Refused,
    })
}

/// The home folder: `HOME` where it is set and absolute, because that is where the learner's tools look; else what
/// the user database says.
fn home() -> Option<String> {
    let set = env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from);
    let home = set.filter(|home| home.is_absolute()).or_else(dirs::home_dir).filter(|home| home.is_absolute())?;
    let home = text(&home);
    let trimmed = home.trim_end_matches(std::path::MAIN_SEPARATOR);
    Some(if trimmed.is_empty() || trimmed.ends_with(':') { home } else { trimmed.to_owned() })
}
