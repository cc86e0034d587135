//! The real Windows machine: programs found by their endings, run to their end or their deadline, and what doctor then
//! says. The tools are played by copies of `examples/stand_in.rs`, which `cargo test` builds; on its own this file wants
//! `cargo build --example stand_in` before.
#![cfg(windows)]
#![allow(clippy::unwrap_used)]

use std::{
    env, fs,
    io::{ErrorKind, Read as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, Instant},
};

use doctor::{
    host::{Command, Host as _, machine::Machine},
    model::seen::{End, Ran},
};
use serde_json::{Value, json};
use tempfile::TempDir;

fn run(argv: &[&str], timeout: u64) -> (Ran, Duration) {
    let machine = Machine::new(Instant::now() + Duration::from_secs(60));
    let start = Instant::now();
    let command = Command::new(argv.iter().copied()).timeout(Some(Duration::from_millis(timeout)));
    (machine.run(&command), start.elapsed())
}

fn cmd(line: &str, timeout: u64) -> (Ran, Duration) {
    run(&["cmd", "/d", "/c", line], timeout)
}

/// A learner's machine: a home and a folder on PATH, both with spaces and letters of several scripts in their names.
struct Learner {
    root: TempDir,
}

impl Learner {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        for folder in ["Zoë Müller/AppData/Local/Microsoft/WindowsApps", "Größere Dateien (x86)/ツール", "checks"]
        {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        Self { root }
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("Zoë Müller")
    }

    fn bin(&self) -> PathBuf {
        self.root.path().join("Größere Dateien (x86)").join("ツール")
    }

    /// Puts a program onto PATH that answers so; gives its path.
    fn plays(&self, name: &str, answers: &Value) -> String {
        // Examples lie beside the folder of the tests.
        let tests = env::current_exe().unwrap();
        let stand_in = tests.parent().and_then(Path::parent).unwrap().join("examples/stand_in.exe");
        let program = self.bin().join(name);
        fs::copy(&stand_in, &program).unwrap_or_else(|error| panic!("{}: {error}", stand_in.display()));
        fs::write(program.with_extension("json"), answers.to_string()).unwrap();
        program.to_str().unwrap().to_owned()
    }

    fn file(&self, path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Starts `doctor` with these words, by `cmd` where that is asked for.
    fn command(&self, by: &[&str], words: &[&str]) -> process::Command {
        let doctor = env!("CARGO_BIN_EXE_doctor");
        let all: Vec<&str> = by.iter().copied().chain([doctor]).chain(words.iter().copied()).collect();
        let mut command = process::Command::new(all[0]);
        let system = PathBuf::from(env::var_os("SystemRoot").unwrap()).join("system32");
        let store = self.home().join("AppData/Local/Microsoft/WindowsApps");
        command
            .args(&all[1..])
            .env("PATH", env::join_paths([store, self.bin(), system]).unwrap())
            .env("PATHEXT", ".COM;.EXE;.BAT;.CMD")
            .env("USERPROFILE", self.home())
            .env("LOCALAPPDATA", self.home().join("AppData/Local"))
            .stdin(process::Stdio::null());
        command
    }

    fn report(&self, words: &[&str]) -> Value {
        let out = self.command(&[], words).args(["--format", "json"]).output().unwrap();
        serde_json::from_slice(&out.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
        })
    }
}

/// A finding of a report.
fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let all = report["findings"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    all.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("no {id} in {report:#}"))
}

/// How programs of Windows write to a pipe: UTF-16 without a mark, and line ends in three characters.
fn inbox(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_program_is_found_by_its_ending_and_answers() {
    let machine = Machine::new(Instant::now() + Duration::from_secs(60));
    let found = machine.which("cmd");
    assert!(found[0].path.to_ascii_lowercase().ends_with("cmd.exe"), "{found:?}");
    assert_eq!((machine.which("doctor-has-no-such-program").len(), found[0].broken), (0, None));
    let (ran, _) = cmd("echo out& echo err>&2& exit 3", 20_000);
    assert_eq!((ran.end, ran.stdout.text().trim(), ran.stderr.text().trim()), (End::Exited(3), "out", "err"));
}

#[test]
fn a_hung_tree_dies_at_its_deadline() {
    let folder = TempDir::new().unwrap();
    let tool = folder.path().join("tool.cmd");
    fs::write(&tool, "@echo off\r\nif \"%1\"==\"\" cmd /d /c \"%~f0\" again\r\n:again\r\ngoto again\r\n").unwrap();
    let (ran, took) = cmd(tool.to_str().unwrap(), 1000);
    assert_eq!(ran.end, End::TimedOut);
    assert!(took < Duration::from_millis(3000), "{took:?}");
}

#[test]
fn twenty_at_once_answer() {
    thread::scope(|scope| {
        for number in 0..20 {
            scope.spawn(move || assert_eq!(cmd(&format!("exit {number}"), 50_000).0.end, End::Exited(number)));
        }
    });
}

#[test]
fn what_inbox_programs_write_is_read_and_their_codes_are_kept() {
    let learner = Learner::new();
    let (list, error) = ("  NAME      STATE\n* Ubuntu    Läuft\n", "Wsl/CallMsi/Install/REGDB_E_CLASSNOTREG\n");
    let answers = json!({
        "-l -v": { "stdout": inbox(list), "stderr": inbox("ツール\n") },
        "--status": { "stdout": inbox(error), "code": -1 },
        "two \"words\" C:\\a folder\\ ": { "stdout": "asked\r\n".as_bytes() },
    });
    let wsl = learner.plays("wsl.exe", &answers);
    let (ran, _) = run(&[&wsl, "-l", "-v"], 20_000);
    assert_eq!(
        (ran.end, ran.stdout.text(), ran.stderr.text()),
        (End::Exited(0), list.to_owned(), "ツール\n".to_owned())
    );
    let (ran, _) = run(&[&wsl, "--status"], 20_000);
    assert_eq!((ran.end, ran.stdout.text()), (End::Exited(-1), error.to_owned()));
    let (ran, _) = run(&[&wsl, "two", "\"words\"", "C:\\a folder\\ "], 20_000);
    assert_eq!((ran.end, ran.stdout.text()), (End::Exited(0), "asked\n".to_owned()), "{}", ran.stderr.text());
}

/// A program starts another, that one a third: at the deadline none of them lives.
#[test]
fn the_deadline_ends_the_whole_tree() {
    let learner = Learner::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let docker = learner.plays("docker.exe", &json!({ "up": { "stdout": "begun\r\n".as_bytes(), "tree": address } }));
    // Whoever connects is held until its process ends.
    let lives = thread::spawn(move || (0..3).map(|_| listener.accept().unwrap().0).collect::<Vec<TcpStream>>());
    let (ran, _) = run(&[&docker, "up"], 5000);
    assert_eq!((ran.end, ran.stdout.text()), (End::TimedOut, "begun\n".to_owned()));
    assert!(lives.is_finished(), "the tree had not grown to three when its time was over");
    for mut life in lives.join().unwrap() {
        life.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        match life.read(&mut [0]) {
            Ok(0) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            alive => panic!("one of the tree still lives: {alive:?}"),
        }
    }
}

#[test]
fn what_a_learner_has_on_windows_is_diagnosed() {
    let learner = Learner::new();
    learner.plays(
        "wsl.exe",
        &json!({
            "--status": { "stdout": inbox("Standardverteilung: Ubuntu\nStandardversion: 2\n") },
            "-l -v": { "stdout": inbox("  NAME              STATE           VERSION\n* Ubuntu            Running         2\n  docker-desktop    Stopped         2\n") },
        }),
    );
    let client =
        r#"{"Client":{"Version":"28.3.2","Os":"windows","Arch":"amd64","Context":"desktop-linux"},"Server":null}"#;
    let down = "error during connect: Get \"http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/v1.51/version\": open //./pipe/dockerDesktopLinuxEngine: The system cannot find the file specified.\n";
    learner.plays(
        "docker.exe",
        &json!({ "--version": { "stdout": "Docker version 28.3.2, build 578ccf6\r\n".as_bytes() }, "version --format {{json .}}": { "stdout": client.as_bytes(), "stderr": down.as_bytes(), "code": 1 } }),
    );
    learner.file(learner.home().join("AppData/Local/Microsoft/WindowsApps/python.exe"), "");
    let report = learner.report(&["wsl", "docker", "python"]);
    let got = |id: &str| finding(&report, id)["diagnosis"].as_str().unwrap_or_default().to_owned();
    assert_eq!(finding(&report, "wsl.distribution")["outcome"], "pass", "{:#}", finding(&report, "wsl.distribution"));
    assert_eq!(finding(&report, "wsl.installed")["outcome"], "pass");
    assert_eq!(got("docker.daemon"), "docker.daemon/desktop-stopped", "{:#}", finding(&report, "docker.daemon"));
    assert_eq!(got("python.version"), "python.version/store-alias", "{:#}", finding(&report, "python.version"));
    // An error of WSL comes with exit code -1, which is 4294967295 to others.
    learner.plays(
        "wsl.exe",
        &json!({ "--status": { "stdout": inbox("Wsl/CallMsi/Install/REGDB_E_CLASSNOTREG\n"), "code": -1 } }),
    );
    let report = learner.report(&["wsl"]);
    let found = finding(&report, "wsl.installed");
    assert_eq!(
        (&found["diagnosis"], &found["evidence"]["exit"]),
        (&json!("wsl.installed/package-corrupt"), &json!(-1))
    );
}

#[test]
fn a_command_file_below_a_folder_with_spaces_runs() {
    let learner = Learner::new();
    let app = learner.home().join("AppData/Local/Programs/Microsoft VS Code");
    learner.file(app.join("resources/app/product.json"), r#"{"applicationName":"code","version":"1.104.2"}"#);
    learner.file(app.join("resources/app/package.json"), r#"{"name":"Code","version":"1.104.2"}"#);
    let script = "@echo off\r\necho 1.104.2\r\necho e3a5acfb517a443235981655413d566533107e92\r\necho x64\r\n";
    learner.file(app.join("bin/code.cmd"), script);
    learner.file(learner.bin().join("code.cmd"), script);
    let report = learner.report(&["vscode.app", "vscode.command", "--deep"]);
    let found = finding(&report, "vscode.command");
    assert_eq!((&found["outcome"], &found["evidence"]["exit"]), (&json!("pass"), &json!(0)), "{found:#}");
    assert!(found["evidence"]["program"].as_str().unwrap().to_lowercase().ends_with("code.cmd"), "{found:#}");
}

#[test]
fn the_ending_that_comes_first_in_pathext_wins() {
    let learner = Learner::new();
    let check = "tool = \"Pick\"\nstep = 97\n\n[[check]]\nid = \"one\"\ntitle = \"The first ending wins\"\nwhy = \"It is so in every terminal.\"\n\
                 level = \"required\"\nprobe.command.run = [\"pick\"]\nexpect.exit = 0\nfix.any.do = \"Look\"\n";
    learner.file(learner.root.path().join("checks/pick.toml"), check);
    learner.plays("pick.exe", &json!({ "": {} }));
    learner.file(learner.bin().join("pick.cmd"), "@exit /b 0\r\n");
    let checks = learner.root.path().join("checks");
    for (order, wins) in [(".EXE;.CMD", "pick.exe"), (".CMD;.EXE", "pick.cmd")] {
        let words = ["pick", "--checks", checks.to_str().unwrap(), "--format", "json"];
        let out = learner.command(&[], &words).env("PATHEXT", order).output().unwrap();
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        let seen = &finding(&report, "pick.one")["evidence"];
        let candidates: Vec<String> =
            seen["candidates"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_lowercase()).collect();
        assert!(seen["program"].as_str().unwrap().to_lowercase().ends_with(wins), "{order}: {seen:#}");
        assert_eq!(candidates.len(), 2, "{order}: {candidates:?}");
    }
}

/// The commands are PowerShell's, and doctor says so wherever it is started: the Command Prompt would not know them.
#[test]
fn fixes_are_for_powershell_also_when_doctor_is_started_by_cmd() {
    let learner = Learner::new();
    for by in [&[][..], &["cmd", "/d", "/c"]] {
        let out = learner.command(by, &["fix", "--dry-run", "docker.cli"]).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(1), "{text}");
        assert!(text.contains("in PowerShell:"), "{by:?}: {text}");
        assert!(text.contains("        winget install --id Docker.DockerDesktop -e\n"), "{by:?}: {text}");
    }
}
