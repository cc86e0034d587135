//! A machine that answers as another one does, but for the commands, which go another way.

use doctor::{
    host::{Command, Host},
    model::{
        Platform,
        seen::{Candidate, DirSeen, FileSeen, KeySeen, PortSeen, Ran, Stat, System, View},
    },
};

/// The machine behind, and what running a command on it is instead.
pub struct Around<H, R>(pub H, pub R);

impl<H: Host, R: Fn(&H, &Command) -> Ran + Send + Sync> Host for Around<H, R> {
    fn platform(&self) -> &Platform {
        self.0.platform()
    }
    fn home(&self) -> Option<String> {
        self.0.home()
    }
    fn env(&self, name: &str) -> Option<String> {
        self.0.env(name)
    }
    fn path(&self) -> Vec<String> {
        self.0.path()
    }
    fn which(&self, name: &str) -> Vec<Candidate> {
        self.0.which(name)
    }
    fn stat(&self, path: &str) -> Stat {
        self.0.stat(path)
    }
    fn read(&self, path: &str, view: View) -> FileSeen {
        self.0.read(path, view)
    }
    fn list(&self, path: &str) -> DirSeen {
        self.0.list(path)
    }
    fn key(&self, path: &str) -> KeySeen {
        self.0.key(path)
    }
    fn run(&self, command: &Command) -> Ran {
        (self.1)(&self.0, command)
    }
    fn port(&self, port: u16) -> PortSeen {
        self.0.port(port)
    }
    fn system(&self) -> System {
        self.0.system()
    }
}
