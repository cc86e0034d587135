//! The real machine, with tools that misbehave: nothing hangs, nothing is left behind, and what happened is told apart.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, Instant},
};

use doctor::{
    host::{Command, Host as _, machine::Machine},
    model::{
        Broken,
        seen::{End, Ran},
    },
};

/// A folder with fake tools.
struct Tools(tempfile::TempDir);

impl Tools {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A tool with these bytes, executable.
    fn tool(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn script(&self, body: &str) -> PathBuf {
        self.tool("tool", format!("#!/bin/sh\n{body}\n"))
    }
}

fn machine() -> Machine {
    Machine::new(Instant::now() + Duration::from_secs(60))
}

fn run(path: &Path, timeout: u64) -> Ran {
    let command = Command::new([path.to_str().unwrap()]).timeout(Some(Duration::from_millis(timeout)));
    machine().run(&command)
}

/// Runs a script that leaves the numbers of its processes in the file `pids`, and asserts that all of them are dead.
fn run_and_bury(body: &str, timeout: u64) -> (Ran, Duration) {
    let tools = Tools::new();
    let pids = tools.path("pids");
    let tool = tools.script(&body.replace("PIDS", pids.to_str().unwrap()));
    let start = Instant::now();
    // The machine stays until all are known to be dead; its own end would kill them too.
    let machine = machine();
    let command = Command::new([tool.to_str().unwrap()]).timeout(Some(Duration::from_millis(timeout)));
    let ran = machine.run(&command);
    let took = start.elapsed();
    let text = fs::read_to_string(&pids).unwrap_or_default();
    assert!(!text.is_empty(), "the tool told its numbers");
    for pid in text.split_whitespace() {
        assert!(dead(pid), "process {pid} of {body:?} is left");
    }
    (ran, took)
}

fn alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).is_some_and(|state| !"ZX".contains(state))
}

/// Whether a process is dead. One that was killed may need a moment on a busy machine; those here would live for a
/// minute by themselves.
fn dead(pid: &str) -> bool {
    (0..200).any(|_| {
        let dead = !alive(pid);
        if !dead {
            thread::sleep(Duration::from_millis(20));
        }
        dead
    })
}

/// The machine that runs the tests may be busy; the exact limit is measured in [`twenty_hung_tools_end_together`].
fn near(took: Duration, wanted: u64) {
    let took = took.as_millis();
    assert!((u128::from(wanted)..u128::from(wanted) + 1500).contains(&took), "{took} ms instead of {wanted}");
}

#[test]
fn a_healthy_tool_answers_at_once() {
    let tools = Tools::new();
    let tool = tools.script("echo out; echo err >&2; exit 3");
    let ran = run(&tool, 10_000);
    assert_eq!((ran.end, ran.stdout.text(), ran.stderr.text()), (End::Exited(3), "out\n".into(), "err\n".into()));
    assert!(ran.ms < 1000 && !ran.truncated);
}

#[test]
fn a_hung_tool_dies_at_its_deadline() {
    let (ran, took) = run_and_bury("echo $$ > PIDS; echo begun; sleep 60", 300);
    assert_eq!((ran.end, ran.stdout.text()), (End::TimedOut, "begun\n".into()));
    near(took, 300);
}

#[test]
fn the_run_s_deadline_comes_first() {
    let tools = Tools::new();
    let tool = tools.script("sleep 60");
    let machine = Machine::new(Instant::now() + Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(machine.run(&Command::new([tool.to_str().unwrap()])).end, End::TimedOut);
    near(start.elapsed(), 200);
    assert_eq!(machine.run(&Command::new(["/bin/true"])).end, End::TimedOut, "and nothing is started after it");
}

#[test]
fn children_that_hold_the_pipes_are_not_waited_for() {
    for child in [
        "sleep 62 & echo $! >> PIDS",
        "setsid sh -c 'echo $$ >> PIDS; exec sleep 62' & while [ ! -s PIDS ]; do sleep 0.02; done",
        "(setsid sh -c '(echo $$ >> PIDS; sleep 62) & sleep 62' &); while [ ! -s PIDS ]; do sleep 0.02; done",
    ] {
        let (ran, took) = run_and_bury(&format!("echo answer; {child}; exit 4"), 10_000);
        assert_eq!((ran.end, ran.stdout.text()), (End::Exited(4), "answer\n".into()), "{child}");
        assert!(took < Duration::from_millis(2500), "{child}: {took:?}");
    }
}

#[test]
fn the_whole_tree_of_a_hung_tool_dies() {
    for child in [
        "sleep 63 & echo $! >> PIDS",
        "setsid sh -c 'echo $$ >> PIDS; exec sleep 63' &",
        "(setsid sh -c 'echo $$ >> PIDS; sleep 63; true' > /dev/null 2>&1 &)",
        "env -i setsid sh -c 'echo $$ >> PIDS; exec sleep 63' &",
    ] {
        let (ran, took) = run_and_bury(&format!("{child}\nsleep 63"), 400);
        assert_eq!(ran.end, End::TimedOut, "{child}");
        near(took, 400);
    }
}

#[test]
fn a_tool_that_ignores_requests_to_end_dies() {
    let (ran, took) = run_and_bury("trap '' TERM INT HUP; echo $$ > PIDS; while :; do sleep 0.1; done", 300);
    assert_eq!(ran.end, End::TimedOut);
    near(took, 300);
}

#[test]
fn a_tool_that_multiplies_dies() {
    let (ran, took) = run_and_bury("echo $$ > PIDS; while :; do setsid sleep 65 & sleep 0.005; done", 300);
    assert_eq!(ran.end, End::TimedOut);
    near(took, 300);
    let left = fs::read_dir("/proc")
        .unwrap()
        .filter_map(Result::ok)
        .filter(|entry| fs::read(entry.path().join("cmdline")).is_ok_and(|line| line.starts_with(b"sleep\x0065\0")));
    assert_eq!(left.count(), 0);
}

#[test]
fn endless_output_is_cut_and_does_not_stall() {
    let (ran, took) = run_and_bury("echo $$ > PIDS; yes doctor", 400);
    assert_eq!((ran.end, ran.stdout.0.len(), ran.truncated), (End::TimedOut, 1024 * 1024, true));
    near(took, 400);
    let (ran, _) = run_and_bury("echo $$ > PIDS; head -c 50000000 /dev/zero; head -c 2000000 /dev/zero >&2", 20_000);
    assert_eq!((ran.end, ran.stdout.0.len(), ran.stderr.0.len()), (End::Exited(0), 1024 * 1024, 1024 * 1024));
    assert!(ran.truncated);
}

#[test]
fn output_is_kept_byte_by_byte() {
    let tools = Tools::new();
    let ran = run(&tools.script(r"printf '\377\000\001\200'; printf 'a\000b\000\r\000\n\000' >&2"), 5000);
    assert_eq!(ran.stdout.0, b"\xff\0\x01\x80");
    assert_eq!(ran.stderr.text(), "ab\n");
}

#[test]
fn a_tool_that_closes_its_output_is_waited_for() {
    let tools = Tools::new();
    let ran = run(&tools.script("exec > /dev/null 2>&1; sleep 0.3; exit 7"), 5000);
    assert_eq!(ran.end, End::Exited(7));
    let (ran, took) = run_and_bury("echo $$ > PIDS; exec > /dev/null 2>&1; sleep 66", 300);
    assert_eq!(ran.end, End::TimedOut);
    near(took, 300);
}

#[test]
fn a_signal_is_told_apart() {
    let tools = Tools::new();
    for (signal, number) in [("KILL", 9), ("SEGV", 11), ("TERM", 15), ("PIPE", 13)] {
        assert_eq!(run(&tools.script(&format!("kill -{signal} $$")), 5000).end, End::Signal(number));
    }
}

#[test]
fn it_runs_alone_in_an_empty_folder_without_terminal_and_input() {
    let tools = Tools::new();
    let body = "pwd; ls -A; cat; ps -o pid=,sid=,tty= -p $$ | tr -s ' '; echo $$; touch left; echo $DOCTOR_PROBE";
    let machine = machine();
    let ran = machine.run(&Command::new([tools.script(body).to_str().unwrap()]));
    let text = ran.stdout.text();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let [folder, session, pid, marker] = lines[..] else { panic!("{text} {}", ran.stderr.text()) };
    assert_eq!(session, format!("{pid} {pid} ?"));
    assert!(!marker.is_empty());
    assert!(Path::new(folder).join("left").exists(), "every command of a run has the same folder");
    machine.close();
    assert!(!Path::new(folder).exists(), "and it is gone afterwards");
    assert_eq!(machine.run(&Command::new(["/bin/true"])).end, End::TimedOut, "nothing is started after the end");
    assert!(!Path::new(folder).exists());
}

#[test]
fn tools_are_asked_to_be_quiet() {
    let tools = Tools::new();
    let tool = tools.script("echo $LC_ALL,$NO_COLOR,$GIT_TERMINAL_PROMPT,$PAGER,$OWN,$GIT_DIR; [ -n \"$PATH\" ]");
    let command = Command::new([tool.to_str().unwrap()]).env("OWN", "yes").env("PAGER", "less");
    let ran = machine().run(&command);
    assert_eq!((ran.end, ran.stdout.text()), (End::Exited(0), "C,1,0,less,yes,\n".into()));
}

#[test]
fn what_cannot_be_run_says_why() {
    let tools = Tools::new();
    let own = fs::read(std::env::current_exe().unwrap()).unwrap();
    let mut foreign = own[..4096].to_vec();
    foreign[18] = if foreign[18] == 62 { 183 } else { 62 };
    // Not this program itself, which may be static and holds the names looked for as its own words.
    let mut loader = fs::read("/bin/sh").unwrap();
    let at = loader.windows(8).position(|bytes| bytes == b"/lib64/l" || bytes == b"/lib/ld-").unwrap();
    loader[at + 1..at + 4].copy_from_slice(b"xxx");
    let broken = [
        (tools.tool("interpreter", "#!/no/such/python\n"), Broken::MissingInterpreter),
        (tools.tool("crlf", "#!/bin/sh\r\necho\r\n"), Broken::MissingInterpreter),
        (tools.tool("foreign", foreign), Broken::WrongArchitecture),
        (tools.tool("macos", b"\xcf\xfa\xed\xfe\x07\0\0\x01"), Broken::WrongArchitecture),
        (tools.tool("loader", loader), Broken::MissingLoader),
        (tools.tool("empty", ""), Broken::Empty),
        (tools.path("dangling"), Broken::Dangling),
        (tools.path("plain"), Broken::NotExecutable),
    ];
    std::os::unix::fs::symlink("/no/such/file", tools.path("dangling")).unwrap();
    fs::write(tools.path("plain"), "#!/bin/sh\n").unwrap();
    for (path, why) in broken {
        // Root may execute whatever has any execute bit, so only a file without one is not executable for everybody.
        assert_eq!(run(&path, 1000).end, End::Broken(why), "{path:?}");
        assert_eq!(machine().which(path.to_str().unwrap())[0].broken, Some(why), "{path:?}");
    }
    fs::create_dir(tools.path("folder")).unwrap();
    assert_eq!(run(&tools.path("folder"), 1000).end, End::Absent);
    assert_eq!(run(&tools.path("nothing"), 1000).end, End::Absent);
    assert_eq!(run(Path::new("doctor-has-no-such-program"), 1000).end, End::Absent);
}

#[test]
fn text_without_interpreter_line_runs_as_in_a_shell() {
    let tools = Tools::new();
    let ran = run(&tools.tool("bare", "echo bare $#\n"), 5000);
    assert_eq!((ran.end, ran.stdout.text()), (End::Exited(0), "bare 0\n".into()));
}

#[test]
fn twenty_hung_tools_end_together() {
    let tools = Tools::new();
    let tool = tools.script("setsid sleep 61 & sleep 61");
    let machine = machine();
    let once = || {
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..20 {
                let command = Command::new([tool.to_str().unwrap()]).timeout(Some(Duration::from_millis(500)));
                let machine = &machine;
                scope.spawn(move || assert_eq!(machine.run(&command).end, End::TimedOut));
            }
        });
        start.elapsed()
    };
    let best = (0..5).map(|_| once()).find(|took| took.as_millis() < 800);
    assert!(best.is_some(), "twenty hung tools took more than 0.3 s beyond their limit, five times");
}

#[test]
fn a_request_to_end_leaves_nothing_behind() {
    const TOOL: &str = "DOCTOR_TEST_TOOL";
    if let Some(tool) = std::env::var_os(TOOL) {
        doctor::host::process::install_signal_handler();
        machine().run(&Command::new([tool.to_str().unwrap()]).timeout(Some(Duration::from_secs(50))));
        panic!("it was not ended");
    }
    // A signal that was ignored from the start (by `nohup`, by a shell's `&`) stays ignored.
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t")).unwrap();
    let ignored = u64::from_str_radix(ignored, 16).unwrap();
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        if ignored >> (code - 128 - 1) & 1 == 1 {
            continue;
        }
        let tools = Tools::new();
        let pids = tools.path("pids");
        let tool = tools.script(&format!(
            "pwd > {0}.pwd; setsid sleep 67 & echo $! > {0}.new; echo $$ >> {0}.new; mv {0}.new {0}; sleep 67",
            pids.display()
        ));
        let mut command = process::Command::new(std::env::current_exe().unwrap());
        command.args(["a_request_to_end_leaves_nothing_behind", "--exact"]).env(TOOL, tool);
        let mut child = command.stdout(process::Stdio::null()).stderr(process::Stdio::null()).spawn().unwrap();
        while !pids.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        let pid = child.id().to_string();
        process::Command::new("kill").args(["-s", signal, &pid]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
        for pid in fs::read_to_string(&pids).unwrap().split_whitespace() {
            assert!(dead(pid), "process {pid} is left after {signal}");
        }
        let folder = fs::read_to_string(pids.with_extension("pwd")).unwrap();
        assert!(folder.contains("/doctor-") && !Path::new(folder.trim()).exists(), "{folder}");
    }
}

#[test]
fn ended_programs_are_waited_for_even_where_that_was_switched_off() {
    const AGAIN: &str = "DOCTOR_TEST_AGAIN";
    if std::env::var_os(AGAIN).is_some() {
        let tools = Tools::new();
        assert_eq!(run(&tools.script("exit 5"), 5000).end, End::Exited(5));
        return;
    }
    let mut command = process::Command::new(std::env::current_exe().unwrap());
    // SAFETY: one system call, before the program begins.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            Ok(())
        });
    }
    command.args(["ended_programs_are_waited_for_even_where_that_was_switched_off", "--exact"]).env(AGAIN, "1");
    assert!(command.output().unwrap().status.success());
}
