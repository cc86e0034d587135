//! A run of the built program, put together sentence by sentence. What is not stated is empty: no environment, an empty
//! home, an empty PATH.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A file of these tests.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(name)
}

/// A run to come.
pub struct Doctor {
    /// The learner's home, an empty folder; PATH is `bin` in it.
    pub home: TempDir,
    command: Command,
}

/// What a run showed.
pub struct Shown {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    home: String,
}

/// A run on an empty machine.
pub fn doctor(words: &str) -> Doctor {
    Doctor::of(env!("CARGO_BIN_EXE_doctor")).args(words.split_whitespace())
}

/// A run that looks at a recorded machine with the checks of these tests.
pub fn replayed(machine: &str, words: &str) -> Doctor {
    doctor(words).course().args(["--replay", file(&format!("machines/{machine}.json")).to_str().unwrap()])
}

impl Doctor {
    /// A run of this program, mostly doctor itself.
    pub fn of(program: &str) -> Self {
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join("bin")).unwrap();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", home.path().join("bin"))
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "100")
            .current_dir(home.path())
            .stdin(Stdio::null());
        Self { home, command }
    }

    #[must_use]
    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Takes the checks of these tests.
    #[must_use]
    pub fn course(self) -> Self {
        self.args(["--checks", file("course").to_str().unwrap()])
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    #[cfg(unix)]
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    #[must_use]
    pub fn width(self, columns: usize) -> Self {
        self.env("COLUMNS", &columns.to_string())
    }

    #[cfg(unix)]
    #[must_use]
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    #[must_use]
    pub fn stdin(mut self, from: impl Into<Stdio>) -> Self {
        self.command.stdin(from);
        self
    }

    /// Puts a program of this name on PATH, a script of `sh`.
    #[cfg(unix)]
    #[must_use]
    pub fn tool(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.home.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// Puts a file into the home folder.
    #[must_use]
    pub fn with(self, name: &str, text: &str) -> Self {
        let path = self.home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Starts it and lets it run.
    #[cfg(unix)]
    pub fn start(&mut self) -> std::process::Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn run(&mut self) -> Shown {
        let out = self.command.stderr(Stdio::piped()).output().unwrap();
        Shown {
            code: out.status.code(),
            stdout: String::from_utf8(out.stdout).expect("what doctor prints is UTF-8"),
            stderr: String::from_utf8(out.stderr).expect("what doctor prints is UTF-8"),
            home: self.home.path().display().to_string(),
        }
    }
}

impl Shown {
    /// Asserts the exit code.
    #[track_caller]
    pub fn code(self, want: i32) -> Self {
        assert_eq!(self.code, Some(want), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that standard error says this.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "stderr is:\n{}", self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in:\n{}", self.stdout))
    }

    /// Compares the whole screen with the file of this name.
    #[track_caller]
    pub fn screen(self, name: &str) -> Self {
        let mut all = format!("exit code: {}\n{}", self.code.map_or("none".to_owned(), |c| c.to_string()), self.stdout);
        if !self.stderr.is_empty() {
            all.push_str(&format!("--- standard error ---\n{}", self.stderr));
        }
        screen(name, &all.replace(&self.home, "HOME").replace(file("").to_str().unwrap(), "TESTS/"));
        self
    }
}

/// Compares a whole text with the file of this name.
#[track_caller]
pub fn screen(name: &str, text: &str) {
    let all = tidy(text);
    let path = file("snapshots").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &all).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == all, "the screen `{name}` has changed (UPDATE=1 accepts it); it is now:\n{all}");
}

/// Takes out what differs between versions and machines, and shows escape characters.
fn tidy(text: &str) -> String {
    let text = text.replace('\u{1b}', "␛").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    // The run's own time stands right below its start.
    let mut lines: Vec<&str> = text.lines().collect();
    for at in 1..lines.len() {
        if lines[at - 1].trim_start().starts_with("\"started\"") {
            lines[at - 1] = "    \"started\": STARTED,";
            lines[at] = "    \"ms\": MS,";
        }
    }
    let text = lines.join("\n") + "\n";
    let mut out = String::with_capacity(text.len());
    let mut hex = String::new();
    // The digest of the checks: 16 hexadecimal digits in a row.
    for c in text.chars().chain(['\0']) {
        if matches!(c, '0'..='9' | 'a'..='f') {
            hex.push(c);
            continue;
        }
        out.push_str(if hex.len() == 16 { "DIGEST" } else { &hex });
        hex.clear();
        out.push(c);
    }
    out.trim_end_matches('\0').to_owned()
}
