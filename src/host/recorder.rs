//! Writes down every answer that a host gives, so that the same machine can be examined again anywhere.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    Command, Host, Worked, file_name,
    recording::{CommandSeen, FORMAT, Recording, Unstated},
};
use crate::model::{
    Platform,
    mask::Mask,
    seen::{Bytes, Candidate, DirSeen, FileSeen, KeySeen, PortSeen, Ran, Stat, System, View},
};

/// What has been asked and answered so far.
#[derive(Default)]
struct Book {
    env: BTreeMap<String, Option<String>>,
    programs: BTreeMap<String, Vec<Candidate>>,
    files: BTreeMap<(String, String), FileSeen>,
    dirs: BTreeMap<String, DirSeen>,
    stats: BTreeMap<String, Stat>,
    keys: BTreeMap<String, KeySeen>,
    commands: BTreeMap<(Vec<String>, BTreeMap<String, String>), Ran>,
    ports: BTreeMap<u16, PortSeen>,
}

/// A host that writes down what another one answers. Everything is kept in order of its question, never of time, so
/// that two recordings of the same machine can be compared.
pub struct Recorder {
    inner: Arc<dyn Host>,
    book: Mutex<Book>,
    system: OnceLock<System>,
}

impl Recorder {
    /// Writes down what `inner` answers.
    pub fn new(inner: Arc<dyn Host>) -> Self {
        Self { inner, book: Mutex::default(), system: OnceLock::new() }
    }

    fn note(&self, write: impl FnOnce(&mut Book)) {
        write(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Everything that was asked and answered, masked. `machine` is the machine's pseudonym.
    pub fn finish(&self, mask: &Mask, machine: &str) -> Recording {
        let mask = &mask.clone().for_recording();
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |text: &str| mask.text(text);
        let bytes = |bytes: Bytes| Bytes(mask.bytes(&bytes.0));
        let texts = |list: Vec<String>| list.iter().map(|one| mask.text(one)).collect::<Vec<_>>();
        let candidate = |one: Candidate| Candidate {
            path: text(&one.path),
            real: text(&one.real),
            script: text(&one.script),
            broken: one.broken,
        };
        let mut recording = Recording {
            recording: FORMAT,
            doctor: env!("CARGO_PKG_VERSION").to_owned(),
            machine: machine.to_owned(),
            unstated: Unstated::Missing,
            platform: mask.platform(self.inner.platform()),
            home: self.inner.home().map(|home| mask.text(&home)),
            path: texts(self.inner.path()),
            // What was answered during the run, where it was asked: the clock has gone on since.
            system: self.system(),
            ..Recording::default()
        };
        for (name, value) in std::mem::take(&mut book.env) {
            recording.env.entry(text(&name)).or_insert_with(|| value.map(|value| mask.variable(&name, &value)));
        }
        for (name, candidates) in std::mem::take(&mut book.programs) {
            recording.programs.entry(text(&name)).or_insert_with(|| candidates.into_iter().map(candidate).collect());
        }
        for ((path, view), file) in std::mem::take(&mut book.files) {
            let file = FileSeen { content: bytes(file.content), error: text(&file.error), ..file };
            recording.add_file(&text(&path), &view, file);
        }
        for (path, dir) in std::mem::take(&mut book.dirs) {
            // A name in `/home` is somebody's, so it is masked as the path that it belongs to.
            let named = |name: &String| {
                let (stem, end) = name.strip_suffix('/').map_or((name.as_str(), ""), |stem| (stem, "/"));
                let whole = text(&format!("{}/{stem}", path.trim_end_matches(['/', '\\'])));
                format!("{}{end}", file_name(&whole))
            };
            let dir = DirSeen { names: dir.names.iter().map(named).collect(), ..dir };
            recording.dirs.entry(text(&path)).or_insert(dir);
        }
        for (path, stat) in std::mem::take(&mut book.stats) {
            let stat = Stat { real: text(&stat.real), ..stat };
            recording.stats.entry(text(&path)).or_insert(stat);
        }
        for (path, key) in std::mem::take(&mut book.keys) {
            recording.keys.entry(text(&path)).or_insert(key);
        }
        for ((argv, env), ran) in std::mem::take(&mut book.commands) {
            let printed = |bytes: Bytes| Bytes(mask.printed(&argv, &bytes.0));
            let ran = Ran { stdout: printed(ran.stdout), stderr: printed(ran.stderr), ..ran };
            recording.commands.push(CommandSeen {
                env: env.iter().map(|(name, value)| (name.clone(), mask.variable(name, value))).collect(),
                argv: texts(argv),
                ran,
            });
        }
        for (port, seen) in std::mem::take(&mut book.ports) {
            recording.ports.insert(port.to_string(), seen);
        }
        recording
    }
}

impl Host for Recorder {
    fn platform(&self) -> &Platform {
        self.inner.platform()
    }

    fn home(&self) -> Option<String> {
        self.inner.home()
    }

    fn env(&self, name: &str) -> Option<String> {
        let answer = self.inner.env(name);
        self.note(|book| drop(book.env.insert(name.to_owned(), answer.clone())));
        answer
    }

    fn path(&self) -> Vec<String> {
        self.inner.path()
    }

    fn which(&self, name: &str) -> Vec<Candidate> {
        let answer = self.inner.which(name);
        self.note(|book| drop(book.programs.insert(name.to_owned(), answer.clone())));
        answer
    }

    fn stat(&self, path: &str) -> Stat {
        let answer = self.inner.stat(path);
        self.note(|book| drop(book.stats.insert(path.to_owned(), answer.clone())));
        answer
    }

    fn read(&self, path: &str, view: View) -> FileSeen {
        let answer = self.inner.read(path, view);
        self.note(|book| drop(book.files.insert((path.to_owned(), view.words()), answer.clone())));
        answer
    }

    fn list(&self, path: &str) -> DirSeen {
        let answer = self.inner.list(path);
        self.note(|book| drop(book.dirs.insert(path.to_owned(), answer.clone())));
        answer
    }

    fn key(&self, path: &str) -> KeySeen {
        let answer = self.inner.key(path);
        self.note(|book| drop(book.keys.insert(path.to_owned(), answer.clone())));
        answer
    }

    fn run(&self, command: &Command) -> Ran {
        let answer = self.inner.run(command);
        let key = (command.argv.clone(), command.env.iter().cloned().collect());
        self.note(|book| drop(book.commands.insert(key, answer.clone())));
        answer
    }

    fn port(&self, port: u16) -> PortSeen {
        let answer = self.inner.port(port);
        self.note(|book| {
            book.ports.insert(port, answer);
        });
        answer
    }

    fn system(&self) -> System {
        self.system.get_or_init(|| self.inner.system()).clone()
    }

    fn once(&self, name: &'static str, work: &mut dyn FnMut() -> Worked) -> Worked {
        self.inner.once(name, work)
    }
}
