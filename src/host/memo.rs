//! Every question is put to the machine once, however many checks ask it: whoever asks while the answer is being
//! looked up waits for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{Command, Host, Worked};
use crate::model::{
    Platform,
    seen::{Candidate, DirSeen, FileSeen, KeySeen, PortSeen, Ran, Stat, System, View},
};

/// Answers by question.
struct Answers<K, V>(Mutex<BTreeMap<K, Arc<OnceLock<V>>>>);

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, V: Clone> Answers<K, V> {
    /// The known answer, or the one that `look` finds. The lock on the table is not held while looking.
    fn get(&self, key: K, look: impl FnOnce() -> V) -> V {
        let cell = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        cell.get_or_init(look).clone()
    }
}

/// What makes two commands the same one; how long each would wait does not.
type CommandKey = (Vec<String>, Vec<(String, String)>);

/// A host that remembers what another one answered.
pub struct Memo {
    inner: Arc<dyn Host>,
    env: Answers<String, Option<String>>,
    path: OnceLock<Vec<String>>,
    programs: Answers<String, Vec<Candidate>>,
    stats: Answers<String, Stat>,
    files: Answers<(String, String), FileSeen>,
    dirs: Answers<String, DirSeen>,
    keys: Answers<String, KeySeen>,
    commands: Answers<CommandKey, Ran>,
    ports: Answers<u16, PortSeen>,
    system: OnceLock<System>,
    worked: Answers<&'static str, Worked>,
}

impl Memo {
    /// Remembers what `inner` answers.
    pub fn new(inner: Arc<dyn Host>) -> Self {
        Self {
            inner,
            env: Answers::default(),
            path: OnceLock::new(),
            programs: Answers::default(),
            stats: Answers::default(),
            files: Answers::default(),
            dirs: Answers::default(),
            keys: Answers::default(),
            commands: Answers::default(),
            ports: Answers::default(),
            system: OnceLock::new(),
            worked: Answers::default(),
        }
    }
}

impl Host for Memo {
    fn platform(&self) -> &Platform {
        self.inner.platform()
    }

    fn home(&self) -> Option<String> {
        self.inner.home()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name.to_owned(), || self.inner.env(name))
    }

    fn path(&self) -> Vec<String> {
        self.path.get_or_init(|| self.inner.path()).clone()
    }

    fn which(&self, name: &str) -> Vec<Candidate> {
        self.programs.get(name.to_owned(), || self.inner.which(name))
    }

    fn stat(&self, path: &str) -> Stat {
        self.stats.get(path.to_owned(), || self.inner.stat(path))
    }

    fn read(&self, path: &str, view: View) -> FileSeen {
        self.files.get((path.to_owned(), view.words()), || self.inner.read(path, view))
    }

    fn list(&self, path: &str) -> DirSeen {
        self.dirs.get(path.to_owned(), || self.inner.list(path))
    }

    fn key(&self, path: &str) -> KeySeen {
        self.keys.get(path.to_owned(), || self.inner.key(path))
    }

    fn run(&self, command: &Command) -> Ran {
        let mut env = command.env.clone();
        env.sort();
        self.commands.get((command.argv.clone(), env), || self.inner.run(command))
    }

    fn port(&self, port: u16) -> PortSeen {
        self.ports.get(port, || self.inner.port(port))
    }

    fn system(&self) -> System {
        self.system.get_or_init(|| self.inner.system()).clone()
    }

    fn once(&self, name: &'static str, work: &mut dyn FnMut() -> Worked) -> Worked {
        self.worked.get(name, work)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    };

    use super::*;
    use crate::host::recording::Replay;

    /// Counts how often it is asked, and takes its time.
    #[derive(Default)]
    struct Slow {
        replay: Replay,
        asked: AtomicUsize,
    }

    impl Slow {
        fn work(&self) {
            self.asked.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
        }
    }

    impl Host for Slow {
        fn platform(&self) -> &Platform {
            self.replay.platform()
        }
        fn home(&self) -> Option<String> {
            None
        }
        fn env(&self, _: &str) -> Option<String> {
            None
        }
        fn path(&self) -> Vec<String> {
            Vec::new()
        }
        fn which(&self, _: &str) -> Vec<Candidate> {
            Vec::new()
        }
        fn stat(&self, _: &str) -> Stat {
            Stat::default()
        }
        fn read(&self, path: &str, view: View) -> FileSeen {
            self.work();
            FileSeen { content: format!("{path} {}", view.words()).as_str().into(), ..FileSeen::default() }
        }
        fn list(&self, _: &str) -> DirSeen {
            DirSeen::default()
        }
        fn key(&self, _: &str) -> KeySeen {
            KeySeen::default()
        }
        fn run(&self, command: &Command) -> Ran {
            self.work();
            Ran { stdout: command.argv.join(" ").as_str().into(), ..Ran::default() }
        }
        fn port(&self, _: u16) -> PortSeen {
            PortSeen::Unknown
        }
        fn system(&self) -> System {
            System::default()
        }
    }

    #[test]
    fn many_who_ask_at_once_get_one_answer() {
        let slow = Arc::new(Slow::default());
        let memo = Memo::new(Arc::clone(&slow) as Arc<dyn Host>);
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for at in 0..8 {
                let (memo, start) = (&memo, &start);
                scope.spawn(move || {
                    start.wait();
                    let command = Command::new(["node", "--version"]).timeout(Some(Duration::from_secs(at + 1)));
                    assert_eq!(memo.run(&command).stdout.0, b"node --version");
                });
            }
        });
        assert_eq!(slow.asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn what_differs_is_asked_again() {
        let slow = Arc::new(Slow::default());
        let memo = Memo::new(Arc::clone(&slow) as Arc<dyn Host>);
        let command = Command::new(["git", "--version"]);
        memo.run(&command);
        memo.run(&command.clone().env("A", "1").env("B", "2"));
        memo.run(&command.env("B", "2").env("A", "1"));
        assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
        for view in [View::Whole, View::Keys(&["name"]), View::Keys(&["email"]), View::Json(&["name"]), View::Whole] {
            memo.read("~/x", view);
        }
        assert_eq!(slow.asked.load(Ordering::SeqCst), 6);
    }
}
