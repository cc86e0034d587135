//! A machine's observations written down, and answered back without a look at the real machine.
//!
//! The same nouns serve a recording that `doctor --record` wrote (JSON) and the hand-written machine of a test case
//! (TOML). Everything is masked before it is written, see [`crate::model::mask`]: a recording's home folder is
//! `/home/user` or the like, a hand-written one's is literally `~`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{Command, Host, Worked, startup_files};
use crate::model::{
    Platform,
    seen::{Bytes, Candidate, DirSeen, FileSeen, KeySeen, PathKind, PortSeen, Ran, Stat, System, View},
};

/// The version of the recording format.
pub const FORMAT: u32 = 1;

/// What a machine answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recording {
    /// The format's version: 1.
    pub recording: u32,
    /// The version of the program that wrote it.
    pub doctor: String,
    /// The machine's pseudonym.
    pub machine: String,
    /// What to answer where nothing is written down: `missing` is an error that names it (what a real recording
    /// wants), `absent` means that it was not there (what a hand-written one wants).
    pub unstated: Unstated,
    /// What machine it was.
    pub platform: Platform,
    /// The home folder by nobody's name, by hand simply `~`; nothing where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Environment variables that were asked for; nothing for those that were not set.
    pub env: BTreeMap<String, Option<String>>,
    /// The folders of PATH.
    pub path: Vec<String>,
    /// Programs by the name they were looked up by.
    pub programs: BTreeMap<String, Vec<Candidate>>,
    /// Files that were read. Where a file was read through several views that let different things out, the further
    /// ones stand under the path with the view's words: `~/.npmrc (keys: prefix)`.
    pub files: BTreeMap<String, FileSeen>,
    /// Folders that were listed.
    pub dirs: BTreeMap<String, DirSeen>,
    /// Paths that were looked at without reading them.
    pub stats: BTreeMap<String, Stat>,
    /// SSH private keys, without their key material.
    pub keys: BTreeMap<String, KeySeen>,
    /// Commands that were run.
    pub commands: Vec<CommandSeen>,
    /// Ports that were tried.
    pub ports: BTreeMap<String, PortSeen>,
    /// Size and clock.
    pub system: System,
}

/// A recording that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingError {
    /// Line and column from 1, where there is a place.
    pub at: Option<(usize, usize)>,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(formatter, "line {line}, column {column}: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl std::error::Error for RecordingError {}

/// The part of a recording that says which format the rest has.
#[derive(Deserialize)]
struct Version {
    recording: Option<u32>,
    /// What reports have in its place.
    schema: Option<IgnoredAny>,
}

impl Recording {
    /// Reads a recording's JSON.
    ///
    /// # Errors
    /// What is wrong, with line and column where the text itself is.
    pub fn read(text: &str) -> Result<Self, RecordingError> {
        let text = text.trim_start_matches('\u{feff}');
        let refuse = |message: String| Err(RecordingError { at: None, message });
        if text.trim().is_empty() {
            return refuse("this file is empty".to_owned());
        }
        let version: Version = serde_json::from_str(text).map_err(located)?;
        match version.recording {
            Some(FORMAT) => serde_json::from_str(text).map_err(located),
            Some(newer) if newer > FORMAT => refuse(format!(
                "this recording has format {newer}, and this doctor reads format {FORMAT} only; use a newer doctor"
            )),
            Some(other) => refuse(format!("there is no recording format {other}; write `\"recording\": {FORMAT}`")),
            None if version.schema.is_some() => {
                refuse("this is a report and no recording; `doctor --record FILE` writes a recording".to_owned())
            }
            None => refuse(format!("this is no recording of doctor: it does not say `\"recording\": {FORMAT}`")),
        }
    }

    /// The JSON that [`Recording::read`] reads.
    ///
    /// # Errors
    /// Only if a number cannot be written in JSON, and there is none such.
    pub fn write(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Adds a file as seen through a view; the same seen through several views is written once.
    pub(super) fn add_file(&mut self, path: &str, view: &str, file: FileSeen) {
        match self.files.get(path) {
            None => drop(self.files.insert(path.to_owned(), file)),
            Some(same) if *same == file => {}
            Some(_) => drop(self.files.insert(viewed(path, view), file)),
        }
    }
}

/// Where a file stands that was seen through a view which lets out something else than the first one.
fn viewed(path: &str, view: &str) -> String {
    format!("{path} ({view})")
}

fn located(error: serde_json::Error) -> RecordingError {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned();
    RecordingError { at: (error.line() > 0).then(|| (error.line(), error.column())), message }
}

/// In a hand-written machine this word of a command stands for any one, such as a long script.
pub const ANY_WORD: &str = "…";

/// What to answer where nothing is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unstated {
    /// It is an error that names what is missing.
    #[default]
    Missing,
    /// It was not there.
    Absent,
}

/// One command with its answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandSeen {
    /// The program and its arguments as they were asked for; by hand `…` may stand for any one of them.
    pub argv: Vec<String>,
    /// What was added to the environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What it showed.
    pub ran: Ran,
}

/// A recording that answers as the machine did. What was not recorded is never looked up on the real machine.
#[derive(Debug, Default)]
pub struct Replay {
    recording: Recording,
    missing: Mutex<Missing>,
    worked: Mutex<BTreeMap<&'static str, (Worked, BTreeSet<String>)>>,
}

/// What was asked for and is not written down, in words.
#[derive(Debug, Default)]
struct Missing {
    ever: BTreeSet<String>,
    /// Since somebody wanted to know.
    lately: BTreeSet<String>,
}

impl Replay {
    /// Answers from a recording.
    pub fn new(recording: Recording) -> Self {
        Self { recording, missing: Mutex::default(), worked: Mutex::default() }
    }

    /// What was asked for and is not in the recording, in words.
    pub fn missing(&self) -> Vec<String> {
        lock(&self.missing).ever.iter().cloned().collect()
    }

    fn miss(&self, what: String) {
        let mut missing = lock(&self.missing);
        missing.ever.insert(what.clone());
        missing.lately.insert(what);
    }

    /// The answer that is written down, or nothing and, in a real recording, a note that it is missing.
    fn stated<T: Clone>(&self, map: &BTreeMap<String, T>, kind: &str, key: &str) -> Option<T> {
        let found = map.get(key).cloned();
        if found.is_none() && self.recording.unstated == Unstated::Missing {
            self.miss(format!("{kind} {key}"));
        }
        found
    }

    fn lenient(&self) -> bool {
        self.recording.unstated == Unstated::Absent
    }

    /// The names directly below a folder, as the paths of hand-written files and folders tell.
    fn below(&self, folder: &str) -> Vec<String> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let paths = self.recording.files.keys().chain(self.recording.dirs.keys()).chain(self.recording.stats.keys());
        let names: BTreeSet<String> = paths
            .filter_map(|path| path.strip_prefix(&prefix))
            .map(|rest| rest.split_once('/').map_or_else(|| rest.to_owned(), |(first, _)| format!("{first}/")))
            .collect();
        names.into_iter().collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Host for Replay {
    fn platform(&self) -> &Platform {
        &self.recording.platform
    }

    fn home(&self) -> Option<String> {
        self.recording.home.clone()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.stated(&self.recording.env, "environment variable", name).flatten()
    }

    fn path(&self) -> Vec<String> {
        self.recording.path.clone()
    }

    fn which(&self, name: &str) -> Vec<Candidate> {
        let known = self.recording.programs.get(name).cloned();
        if known.is_some() || !self.lenient() {
            return known.or_else(|| self.stated(&self.recording.programs, "program", name)).unwrap_or_default();
        }
        let by_path = self.recording.programs.values().flatten().find(|candidate| candidate.path == name).cloned();
        let by_file = || {
            let file = self.recording.files.get(name).filter(|file| file.kind == PathKind::File);
            file.map(|_| Candidate { path: name.to_owned(), ..Candidate::default() })
        };
        by_path.or_else(by_file).into_iter().collect()
    }

    fn stat(&self, path: &str) -> Stat {
        let recording = &self.recording;
        if let Some(stat) = recording.stats.get(path) {
            return stat.clone();
        }
        if !self.lenient() {
            return self.stated(&recording.stats, "look at", path).unwrap_or_default();
        }
        if let Some(file) = recording.files.get(path) {
            let size = Some(file.content.0.len() as u64);
            return Stat { kind: file.kind, mode: file.mode.clone(), size, mine: Some(true), ..Stat::default() };
        }
        if let Some(key) = recording.keys.get(path) {
            return Stat { kind: key.kind, mode: key.mode.clone(), mine: key.mine, ..Stat::default() };
        }
        let program = recording.programs.values().flatten().find(|candidate| candidate.path == path);
        if let Some(candidate) = program {
            return Stat { kind: PathKind::File, mode: "0755".into(), real: candidate.real.clone(), ..Stat::default() };
        }
        let kind = match recording.dirs.get(path) {
            Some(dir) => dir.kind,
            // Whoever writes a machine down by hand need not say that its home folder is one.
            None if path == "~" && recording.home.as_deref() == Some(path) || !self.below(path).is_empty() => {
                PathKind::Dir
            }
            None => PathKind::Missing,
        };
        Stat { kind, mine: Some(true), writable: Some(kind == PathKind::Dir), ..Stat::default() }
    }

    fn read(&self, path: &str, view: View) -> FileSeen {
        if let Some(file) = self.recording.files.get(&viewed(path, &view.words())) {
            return file.clone();
        }
        let mut file = self.stated(&self.recording.files, "file", path).unwrap_or_default();
        // What an older doctor wrote down, or a person, may hold more than is let out today.
        if view == View::StartUp {
            file.content = Bytes(startup_files::shown(&file.content.0));
        }
        file
    }

    fn list(&self, path: &str) -> DirSeen {
        if let Some(dir) = self.recording.dirs.get(path) {
            return dir.clone();
        }
        let names = if self.lenient() { self.below(path) } else { Vec::new() };
        if names.is_empty() {
            return self.stated(&self.recording.dirs, "folder", path).unwrap_or_default();
        }
        DirSeen { kind: PathKind::Dir, names }
    }

    fn key(&self, path: &str) -> KeySeen {
        self.stated(&self.recording.keys, "SSH key", path).unwrap_or_default()
    }

    fn run(&self, command: &Command) -> Ran {
        let env: BTreeMap<&str, &str> =
            command.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let word = |(stated, asked): (&String, &String)| stated == asked || self.lenient() && stated == ANY_WORD;
        let same = |seen: &&CommandSeen| {
            seen.argv.len() == command.argv.len() && seen.argv.iter().zip(&command.argv).all(word)
        };
        let exact = |seen: &&CommandSeen| {
            same(seen) && seen.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(env.clone())
        };
        let commands = &self.recording.commands;
        if let Some(seen) = commands.iter().find(exact).or_else(|| commands.iter().find(same)) {
            return seen.ran.clone();
        }
        let program = command.argv.first().map_or("", String::as_str);
        if !self.lenient() || !self.which(program).is_empty() {
            self.miss(format!("command {}", command.argv.join(" ")));
        }
        Ran::default()
    }

    fn port(&self, port: u16) -> PortSeen {
        self.stated(&self.recording.ports, "port", &port.to_string()).unwrap_or_default()
    }

    fn system(&self) -> System {
        self.recording.system.clone()
    }

    fn unanswered(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.missing).lately).into_iter().collect()
    }

    /// Whoever shares the work shares what was missing for it.
    fn once(&self, name: &'static str, work: &mut dyn FnMut() -> Worked) -> Worked {
        if let Some((worked, missing)) = lock(&self.worked).get(name).cloned() {
            lock(&self.missing).lately.extend(missing);
            return worked;
        }
        let before = std::mem::take(&mut lock(&self.missing).lately);
        let worked = work();
        let mut missing = lock(&self.missing);
        lock(&self.worked).insert(name, (worked.clone(), missing.lately.clone()));
        missing.lately.extend(before);
        worked
    }
}
