//! A machine that was examined and written down is examined again from what was written: the findings are the same,
//! and nobody is in it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use doctor::{
    exam::{Plan, Selection, examine, run::Limits},
    host::{
        Command, Host,
        machine::Machine,
        memo::Memo,
        recorder::Recorder,
        recording::{CommandSeen, Recording, Replay, Unstated},
    },
    model::{
        Broken, Finding, Outcome, Platform, Report,
        mask::Mask,
        report::{Program, Run},
        seen::{Bytes, Candidate, DirSeen, End, FileSeen, KeySeen, PathKind, PortSeen, Ran, Stat, System, View},
    },
    report::{Who, assemble},
};

/// A machine somebody lives on: a written one whose `~` is a real home folder with a name in it.
struct Lived {
    inner: Replay,
    home: String,
}

impl Lived {
    fn new(mut recording: Recording, home: &str) -> Self {
        recording.unstated = Unstated::Absent;
        recording.home = Some("~".into());
        Self { inner: Replay::new(recording), home: home.to_owned() }
    }

    /// What a question means on the written machine.
    fn asked(&self, text: &str) -> String {
        text.replace(&self.home, "~")
    }

    /// What an answer looks like on the lived one.
    fn told(&self, text: &str) -> String {
        let at_home = |sign: char| (format!("~{sign}"), format!("{}{sign}", self.home));
        let (slash, lived) = at_home('/');
        let (back, lived_back) = at_home('\\');
        if text == "~" { self.home.clone() } else { text.replace(&slash, &lived).replace(&back, &lived_back) }
    }

    fn bytes(&self, bytes: Bytes) -> Bytes {
        match String::from_utf8(bytes.0) {
            Ok(text) => Bytes(self.told(&text).into_bytes()),
            Err(error) => Bytes(error.into_bytes()),
        }
    }
}

impl Host for Lived {
    fn platform(&self) -> &Platform {
        self.inner.platform()
    }
    fn home(&self) -> Option<String> {
        Some(self.home.clone())
    }
    fn env(&self, name: &str) -> Option<String> {
        self.inner.env(name).map(|value| self.told(&value))
    }
    fn path(&self) -> Vec<String> {
        self.inner.path().iter().map(|folder| self.told(folder)).collect()
    }
    fn which(&self, name: &str) -> Vec<Candidate> {
        let told = |one: Candidate| Candidate {
            path: self.told(&one.path),
            real: self.told(&one.real),
            script: self.told(&one.script),
            ..one
        };
        self.inner.which(&self.asked(name)).into_iter().map(told).collect()
    }
    fn stat(&self, path: &str) -> Stat {
        let stat = self.inner.stat(&self.asked(path));
        Stat { real: self.told(&stat.real), ..stat }
    }
    fn read(&self, path: &str, view: View) -> FileSeen {
        let file = self.inner.read(&self.asked(path), view);
        FileSeen { content: self.bytes(file.content), ..file }
    }
    fn list(&self, path: &str) -> DirSeen {
        self.inner.list(&self.asked(path))
    }
    fn key(&self, path: &str) -> KeySeen {
        self.inner.key(&self.asked(path))
    }
    fn run(&self, command: &Command) -> Ran {
        let argv = command.argv.iter().map(|word| self.asked(word)).collect();
        let env = command.env.iter().map(|(name, value)| (name.clone(), self.asked(value))).collect();
        let ran = self.inner.run(&Command { argv, env, ..command.clone() });
        Ran { stdout: self.bytes(ran.stdout), stderr: self.bytes(ran.stderr), ..ran }
    }
    fn port(&self, port: u16) -> PortSeen {
        self.inner.port(port)
    }
    fn system(&self) -> System {
        self.inner.system()
    }
}

/// Examines a machine and reports; the time that looking took is left out, because it differs.
fn examined(host: Arc<dyn Host>, who: &Who) -> Report {
    let catalog = support::catalog();
    let selection = Selection { deep: true, online: true, ..Selection::default() };
    let plan = Plan::new(&catalog, &selection, host.platform()).unwrap();
    let limits = Limits { deadline: Instant::now() + Duration::from_secs(60), deep: true, jobs: None, in_turn: false };
    let findings = examine(&plan, &host, &catalog.calendar, limits, &mut |_| {});
    assemble(&*host, who, Program::default(), Run::default(), "", findings)
}

/// The machines that tests of the command line use.
fn machines() -> Vec<(String, Recording)> {
    let entries = fs::read_dir(support::folder("tests/cli/machines")).unwrap();
    let read = |path: std::path::PathBuf| {
        let recording = Recording::read(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), recording)
    };
    let machines: Vec<_> = entries.map(|entry| read(entry.unwrap().path())).collect();
    assert!(machines.len() >= 4, "there are machines to try");
    machines
}

/// Every machine of the command line's tests, and every machine of a case, lived on by somebody.
#[test]
fn findings_are_the_same_again_and_nobody_is_in_them() {
    let mut machines = machines();
    for (stem, cases) in support::cases::load_cases() {
        for case in cases.iter().filter(|case| case.machine.is_some()).step_by(7) {
            let platform = case.platform();
            let mut machine = case.machine.clone().unwrap();
            machine.platform = platform;
            machines.push((format!("{stem}: {}", case.name), machine));
        }
    }
    // Masked, these lines are far shorter: what is shown of them must be cut after that.
    let mut long = documented();
    let lines: String = (0..9).map(|at| format!("in ~/{at}/{}\n", "~/x ".repeat(30))).collect();
    long.commands[0].ran =
        Ran { end: End::Exited(1), stderr: format!("broken\n{lines}").as_str().into(), ..Ran::default() };
    machines.push(("long lines".to_owned(), long));
    for (name, recording) in machines {
        let windows = recording.platform.is("windows");
        let home = if windows { r"C:\Users\Lovelace" } else { "/home/lovelace" };
        let lived: Arc<dyn Host> = Arc::new(Lived::new(recording, home));
        let who = Who { id: "0123456789abcdef".into(), mask: Mask::new(Some(home)).user("lovelace").host("engine") };
        let recorder = Arc::new(Recorder::new(lived));
        let memo: Arc<dyn Host> = Arc::new(Memo::new(Arc::clone(&recorder) as Arc<dyn Host>));
        let first = examined(memo, &who);
        let text = recorder.finish(&who.mask, &who.id).write().unwrap();
        let written = serde_json::to_string(&first).unwrap();
        for (what, text) in [("recording", &text), ("report", &written)] {
            let at = text.to_lowercase().find("lovelace");
            let near = at.map(|at| &text[text.floor_char_boundary(at.saturating_sub(60))..at]);
            assert_eq!(near, None, "{name}: the {what} names somebody");
        }
        let again = Recording::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let who = Who::recorded(&again.machine);
        let replay = Arc::new(Replay::new(again));
        let second = examined(Arc::clone(&replay) as Arc<dyn Host>, &who);
        assert_eq!(replay.missing(), Vec::<String>::new(), "{name}");
        for (first, second) in first.findings.iter().zip(&second.findings) {
            assert_eq!(first, second, "{name}");
        }
        assert_eq!(first, second, "{name}");
    }
}

/// A machine with everything that is hard to write down.
fn odd() -> Recording {
    let ran = |end, stdout: &[u8], ms| Ran { end, stdout: Bytes(stdout.to_vec()), ms, ..Ran::default() };
    let command = |word: &str, ran| CommandSeen { argv: vec![word.into()], ran, ..CommandSeen::default() };
    let candidate = |path: &str| Candidate { path: path.into(), ..Candidate::default() };
    Recording {
        recording: 1,
        unstated: Unstated::Absent,
        home: Some("~".into()),
        path: vec!["/z".into(), "/a".into()],
        programs: [("x".to_owned(), vec![candidate("/z/x"), candidate("/a/x")])].into(),
        commands: vec![
            command("negative", ran(End::Exited(-1), b"", 3)),
            command("bytes", ran(End::Exited(0), b"\xff\x00caf\xe9 base64:x", 12_345)),
            command("looks", ran(End::Exited(0), b"base64:not code at all", 1)),
            command("killed", ran(End::Signal(9), b"half", 2)),
            command("slow", ran(End::TimedOut, b"", 10_000)),
            command("broken", ran(End::Broken(Broken::WrongArchitecture), b"", 0)),
        ],
        files: [("~/f".to_owned(), FileSeen { kind: PathKind::Denied, error: "no".into(), ..FileSeen::default() })]
            .into(),
        ports: [("5432".to_owned(), PortSeen::Open)].into(),
        system: System { disk_free: Some(u64::MAX), memory: None, now: Some(-1) },
        ..Recording::default()
    }
}

#[test]
fn what_is_hard_to_write_down_survives() {
    let recorder = Recorder::new(Arc::new(Replay::new(odd())));
    let words = ["negative", "bytes", "looks", "killed", "slow", "broken"];
    let ask = |host: &dyn Host| {
        let ran: Vec<Ran> = words.iter().map(|word| host.run(&Command::new([*word]))).collect();
        let files = (host.read("~/f", View::Whole), host.stat("/nowhere"), host.list("/nowhere"), host.key("~/k"));
        (
            ran,
            host.which("x"),
            host.which("y"),
            files,
            host.port(5432),
            host.port(1),
            host.env("A"),
            host.path(),
            host.system(),
        )
    };
    let first = ask(&recorder);
    assert_eq!(first.0[0].end, End::Exited(-1));
    assert_eq!(first.1.len(), 2);
    let text = recorder.finish(&Mask::default(), "m").write().unwrap();
    let replay = Replay::new(Recording::read(&text).unwrap());
    assert_eq!(ask(&replay), first);
    assert_eq!(replay.missing(), Vec::<String>::new());
}

#[test]
fn recordings_are_in_the_order_of_their_questions() {
    let written = |order: &[&str]| {
        let recorder = Recorder::new(Arc::new(Replay::new(odd())));
        for word in order {
            recorder.run(&Command::new([*word]).env("B", "1").env("A", "2"));
            recorder.which(word);
            recorder.env(word);
        }
        recorder.finish(&Mask::default(), "m").write().unwrap()
    };
    assert_eq!(written(&["slow", "bytes", "x"]), written(&["x", "slow", "bytes", "slow"]));
}

/// The same file seen through views that let out different things.
#[test]
fn views_are_kept_apart() {
    struct Views(Replay);
    impl Host for Views {
        fn platform(&self) -> &Platform {
            self.0.platform()
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
        fn read(&self, _: &str, view: View) -> FileSeen {
            FileSeen { kind: PathKind::File, content: view.words().as_str().into(), ..FileSeen::default() }
        }
        fn list(&self, _: &str) -> DirSeen {
            DirSeen::default()
        }
        fn key(&self, _: &str) -> KeySeen {
            KeySeen::default()
        }
        fn run(&self, _: &Command) -> Ran {
            Ran::default()
        }
        fn port(&self, _: u16) -> PortSeen {
            PortSeen::Unknown
        }
        fn system(&self) -> System {
            System::default()
        }
    }
    let recorder = Recorder::new(Arc::new(Views(Replay::default())));
    let views = [View::Json(&["b"]), View::Keys(&["a", "b"]), View::Keys(&["a"])];
    let ask = |host: &dyn Host| views.map(|view| host.read("~/.npmrc", view).content.text());
    let first = ask(&recorder);
    let replay = Replay::new(recorder.finish(&Mask::default(), ""));
    assert_eq!(ask(&replay), first);
}

/// The recording that the documentation shows.
fn documented() -> Recording {
    let text = fs::read_to_string(support::folder("docs/recording.md")).unwrap();
    let (_, rest) = text.split_once("```json\n").unwrap();
    Recording::read(rest.split_once("```").unwrap().0).unwrap()
}

/// Every finding about a recorded machine, by its id.
fn replayed(recording: Recording) -> std::collections::BTreeMap<String, Finding> {
    let host: Arc<dyn Host> = Arc::new(Replay::new(recording));
    let catalog = support::catalog();
    let plan = Plan::new(&catalog, &Selection::default(), host.platform()).unwrap();
    let limits = Limits { deadline: Instant::now() + Duration::from_secs(60), deep: false, jobs: None, in_turn: true };
    let findings = examine(&plan, &host, &catalog.calendar, limits, &mut |_| {});
    findings.into_iter().map(|finding| (finding.id.clone(), finding)).collect()
}

#[test]
fn the_documented_recording_holds_what_is_asked() {
    let findings = replayed(documented());
    for id in ["machine.home", "git.installed", "git.default-branch"] {
        assert_eq!(findings[id].outcome, Outcome::Pass, "{:?}", findings[id]);
    }
    for finding in findings.values() {
        assert!(!finding.found.contains("does not hold"), "{finding:?}");
    }
    // Nothing below the home folder need be written down for it to be there.
    assert_eq!(replayed(Recording { files: [].into(), ..documented() })["machine.home"].outcome, Outcome::Pass);
}

#[test]
fn what_is_missing_makes_its_own_checks_unknown_and_all_others_are_judged() {
    let whole = replayed(documented());
    let mut older = documented();
    older.commands.retain(|command| command.argv[1] != "config");
    let mut unknown = 0;
    for (id, finding) in replayed(older) {
        if finding.found.contains("does not hold") {
            let named = "The recording does not hold: command git config --show-origin";
            assert!(finding.outcome == Outcome::Unknown && finding.found.starts_with(named), "{finding:?}");
            unknown += 1;
        } else {
            assert_eq!((finding.outcome, &finding.found), (whole[&id].outcome, &whole[&id].found), "{id}");
        }
    }
    assert!(unknown > 0, "something asks git for its configuration");
}

#[test]
fn whoever_shares_work_shares_what_is_missing_for_it() {
    let replay = Replay::new(Recording { recording: 1, ..Recording::default() });
    let shared = || replay.once("shared", &mut || Arc::new(replay.env("A").is_some()));
    replay.env("B");
    shared();
    assert_eq!(replay.unanswered(), ["environment variable A", "environment variable B"]);
    assert!(replay.unanswered().is_empty());
    shared();
    assert_eq!(replay.unanswered(), ["environment variable A"]);
    assert_eq!(replay.missing().len(), 2);
}

#[test]
fn what_is_missing_is_named_and_never_looked_up() {
    let replay = Replay::new(Recording { recording: 1, ..Recording::default() });
    // Both are on every machine that runs this test, but not on the recorded one.
    let own = env!("CARGO_MANIFEST_DIR");
    assert_eq!(replay.stat(own).kind, PathKind::Missing);
    assert_eq!(replay.run(&Command::new(["cargo", "--version"])).end, End::Absent);
    assert_eq!(replay.env("PATH"), None);
    replay.which("cargo");
    replay.port(5432);
    replay.read("~/.gitconfig", View::Whole);
    let missing = replay.missing();
    for part in [own, "command cargo --version", "variable PATH", "program cargo", "port 5432", "file ~/.gitconfig"] {
        assert!(missing.iter().any(|line| line.contains(part)), "{part} is not named in {missing:?}");
    }
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let error = |text: &str| Recording::read(text).unwrap_err().to_string();
    assert!(error(r#"{"recording": 7, "new": 1}"#).contains("format 7"), "{}", error(r#"{"recording": 7}"#));
    assert!(error(r#"{"schema": 1}"#).contains("no recording"));
    assert!(error(r#"{"recording": 0}"#).contains("format 0"));
    assert_eq!(error("{\n  \"recording\": 1,\n  \"pth\": []\n}").split(':').next(), Some("line 3, column 7"));
    assert!(error("{\n \"recording\": 1,\n \"pth\": []}").contains("`pth`"));
    assert!(error("not json").starts_with("line 1, column"));
    assert_eq!(error(" \n"), "this file is empty");
    assert!(error(r#"{"schema": 1, "findings": []}"#).starts_with("this is a report and no recording"));
    assert!(Recording::read("\u{feff}{\"recording\": 1}").is_ok());
}

/// Secrets of every kind, wherever a machine can put them.
#[test]
fn secrets_are_nowhere_in_a_recording() {
    let secret = format!("ghp_{}", "a1B2c3D4e5".repeat(4));
    let file = |text: &str| FileSeen { kind: PathKind::File, content: text.into(), ..FileSeen::default() };
    let mut recording = odd();
    recording.env.insert("GITHUB_TOKEN".into(), Some("plain-hunter2-word".into()));
    recording.env.insert("PS1".into(), Some(secret.clone()));
    recording.files.insert("~/.npmrc".into(), file(&format!("//r.org/:_authToken={secret}\nemail=ada@lovelace.org")));
    recording.files.insert(format!("/srv/{secret}/x"), file("x"));
    recording.commands.push(CommandSeen {
        argv: vec!["curl".into(), format!("https://ada:{secret}@x.org")],
        ran: Ran { stderr: format!("caf\u{e9} {secret}").as_str().into(), ..Ran::default() },
        ..CommandSeen::default()
    });
    let recorder = Recorder::new(Arc::new(Replay::new(recording)));
    for name in ["GITHUB_TOKEN", "PS1"] {
        recorder.env(name);
    }
    recorder.read("~/.npmrc", View::Whole);
    recorder.read(&format!("/srv/{secret}/x"), View::Whole);
    recorder
        .run(&Command::new(["curl".to_owned(), format!("https://ada:{secret}@x.org")]).env("PGPASSWORD", "hunter2"));
    let text = recorder.finish(&Mask::default(), "m").write().unwrap();
    for leak in [secret.as_str(), "hunter2", "lovelace"] {
        assert!(!text.contains(leak), "{leak} in {text}");
    }
}

/// This very machine, examined and written down: the same again, without it.
#[test]
fn this_machine_is_the_same_again() {
    let deadline = Instant::now() + Duration::from_secs(60);
    let machine: Arc<dyn Host> = Arc::new(Machine::new(deadline));
    let who = Who::is_it(&*machine);
    let recorder = Arc::new(Recorder::new(machine));
    let memo: Arc<dyn Host> = Arc::new(Memo::new(Arc::clone(&recorder) as Arc<dyn Host>));
    let catalog = support::catalog();
    let plan = Plan::new(&catalog, &Selection::default(), memo.platform()).unwrap();
    let limits = Limits { deadline, deep: false, jobs: None, in_turn: false };
    let report = |host: &Arc<dyn Host>, who: &Who| {
        let findings = examine(&plan, host, &catalog.calendar, limits, &mut |_| {});
        assemble(&**host, who, Program::default(), Run::default(), "", findings)
    };
    let first = report(&memo, &who);
    let text = recorder.finish(&who.mask, &who.id).write().unwrap();
    let again = Recording::read(&text).unwrap();
    let who = Who::recorded(&again.machine);
    let replay = Arc::new(Replay::new(again));
    let second = report(&(Arc::clone(&replay) as Arc<dyn Host>), &who);
    assert_eq!(replay.missing(), Vec::<String>::new());
    assert_eq!(first, second);
    if let Some(file) = std::env::var_os("RECORDING") {
        fs::write(file, text).unwrap();
    }
}
