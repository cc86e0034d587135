//! The only door to the machine. A probe asks a [`Host`] questions; the real machine answers them
//! ([`machine`]), or a recording of one ([`recording`]). Nothing here knows what a check is, and no answer is an opinion.

pub mod aloud;
#[expect(clippy::disallowed_methods, reason = "what the command line names is read and written as it says")]
pub mod author;
#[expect(clippy::disallowed_methods, reason = "the person agreed to this change")]
pub mod change;
#[expect(clippy::disallowed_methods, reason = "what the command line names is read as it was handed in")]
pub mod collect;
pub mod distro;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
mod files;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
mod inspect;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub mod machine;
pub mod memo;
pub mod platform;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub mod process;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub mod quiet;
pub mod recorder;
pub mod recording;
mod redact;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
mod scratch;
#[cfg_attr(unix, expect(clippy::disallowed_methods, reason = "this is the door"))]
mod size;
mod startup_files;
mod turns;
#[expect(clippy::disallowed_methods, reason = "this is the door")]
mod which;

use std::{any::Any, path::Path, sync::Arc, time::Duration};

use crate::model::{
    Platform,
    seen::{Candidate, DirSeen, FileSeen, KeySeen, PortSeen, Ran, Stat, System, View},
};

/// A command to run: never through a shell, with standard input closed, from an empty folder, in the C locale, with
/// prompts, pagers, colours, update notices and downloads switched off by environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// The program (a name to be found on PATH, or a path) and its arguments.
    pub argv: Vec<String>,
    /// Further environment; it wins over what the host sets.
    pub env: Vec<(String, String)>,
    /// How long to wait before the whole process tree is killed.
    pub timeout: Duration,
}

/// How long a command may take where its check does not say.
pub const TIMEOUT: Duration = Duration::from_secs(10);

impl Command {
    /// A command with the usual time limit.
    pub fn new<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> Self {
        Self { argv: argv.into_iter().map(Into::into).collect(), env: Vec::new(), timeout: TIMEOUT }
    }

    /// Adds to the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the time limit.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout.unwrap_or(self.timeout);
        self
    }
}

/// A machine that can be asked. Every answer is a noun of [`crate::model::seen`]; none is an error: what cannot be
/// seen is an answer too. Paths are text with `/` or `\` as the machine writes them; `~` at the start is the home
/// folder. Asking changes nothing on the machine.
pub trait Host: Send + Sync {
    /// What machine this is.
    fn platform(&self) -> &Platform;
    /// The home folder: `HOME` where it is set and absolute, because that is where tools look, else what the user
    /// database has; without a final separator; nothing where there is none.
    fn home(&self) -> Option<String>;
    /// An environment variable that is set and not empty.
    fn env(&self, name: &str) -> Option<String>;
    /// The folders of PATH in order, as they stand there.
    fn path(&self) -> Vec<String>;
    /// Every program of this name on PATH in order, or the one at this path, inspected but not run.
    fn which(&self, name: &str) -> Vec<Candidate>;
    /// What stands at a path, without reading it.
    fn stat(&self, path: &str) -> Stat;
    /// A file's content, as far as `view` lets it out.
    fn read(&self, path: &str, view: View) -> FileSeen;
    /// The names in a folder.
    fn list(&self, path: &str) -> DirSeen;
    /// What an SSH private key file is; its key material stays inside.
    fn key(&self, path: &str) -> KeySeen;
    /// Runs a command.
    fn run(&self, command: &Command) -> Ran;
    /// Tries to connect to a port of this machine's loopback address.
    fn port(&self, port: u16) -> PortSeen;
    /// The machine's size and clock.
    fn system(&self) -> System;
    /// What was asked since this was last called and has no answer here, in words, because a recording does not hold
    /// it. Of questions put one after the other: a real machine has an answer to all.
    fn unanswered(&self) -> Vec<String> {
        Vec::new()
    }
    /// What a probe works out of answers, under its name: worked out once a run where this host remembers.
    fn once(&self, _name: &'static str, work: &mut dyn FnMut() -> Worked) -> Worked {
        work()
    }
}

/// Something that a probe worked out, to be shared by all that ask for it.
pub type Worked = Arc<dyn Any + Send + Sync>;

/// `~/x` with the home folder put in, where there is one; other paths unchanged.
pub fn expand(path: &str, home: Option<&str>) -> String {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(['/', '\\']) => format!("{home}{rest}"),
        _ => path.to_owned(),
    }
}

/// The part of a path after its last separator.
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The folder a path stands in; empty where it has none.
pub fn parent(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |at| &path[..at])
}

/// The text form of a path that the operating system gave.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
