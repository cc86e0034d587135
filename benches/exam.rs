//! What an exam costs, as ratios taken side by side on this machine: `cargo bench --bench exam`.
//!
//! Every ratio is the median over pairs A B A B …, so that a machine whose speed drifts does not decide it. Nothing
//! here asserts: figures depend on what is installed. Each line says its goal and whether it was met this time.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::{
    env, fs,
    io::{self, Read},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use doctor::host::quiet;

const DOCTOR: &str = env!("CARGO_BIN_EXE_doctor");
const PAIRS: usize = 9;

/// The version commands of the chapter's tools as people type them.
const NAIVE: &[&[&str]] = &[
    &["git", "--version"],
    &["ssh", "-V"],
    &["docker", "version"],
    &["docker", "compose", "version"],
    &["docker", "buildx", "version"],
    &["python3", "--version"],
    &["pyenv", "--version"],
    &["pyenv", "versions"],
    &["uv", "--version"],
    &["node", "--version"],
    &["npm", "--version"],
    &["pnpm", "--version"],
    &["go", "version"],
    &["aws", "--version"],
    &["gcloud", "version"],
    &["az", "version"],
    &["code", "--version"],
    &["bash", "-c", ". \"${NVM_DIR:-$HOME/.nvm}/nvm.sh\" && nvm --version"],
];

fn main() {
    let work = tempfile();
    println!("doctor {} on {} cores; {PAIRS} pairs each, medians\n", env!("CARGO_PKG_VERSION"), cores());
    println!("{:<64} {:>8} {:>8}  met", "", "figure", "goal");
    let recording = work.join("recording.json");
    let record = doctor(&["--record", recording.to_str().unwrap(), "-q"]);
    assert!(record.code.is_some_and(|code| code < 2), "doctor --record failed");
    let recorded: serde_json::Value = serde_json::from_str(&fs::read_to_string(&recording).unwrap()).unwrap();
    let same = recorded_commands(&recorded);
    let checks = findings(&recording);

    let paired = pairs(|| doctor(&["-q"]).wall, || spawn_all(&same));
    line(&format!("(a) full run / the same {} commands, all at once", same.len()), paired.ratio, 1.10);
    println!("    full run {:.0} ms, the same commands {:.0} ms", paired.left * 1e3, paired.right * 1e3);
    let naive: Vec<Spawn> = NAIVE.iter().map(|argv| Spawn::of(argv)).filter(answers).collect();
    let names: Vec<String> = naive.iter().map(|spawn| spawn.argv.join(" ")).collect();
    let paired = pairs(|| doctor(&["-q"]).wall, || spawn_all(&naive));
    line(&format!("(b) full run / {} plain version commands, all at once", naive.len()), paired.ratio, 0.25);
    println!("    full run {:.0} ms, plain commands {:.0} ms:", paired.left * 1e3, paired.right * 1e3);
    println!("    {}", names.join(", "));
    envinfo(&work, checks);

    let replay = ["--replay", recording.to_str().unwrap(), "-q"];
    let times: Vec<f64> = (0..PAIRS * 3).map(|_| doctor(&replay).wall).collect();
    line("(d) own cost with every observation replayed, ms", median(times) * 1e3, 15.0);
    let paired = pairs(|| doctor(&["--version"]).wall, || run(Command::new("true")).wall);
    line("(e) start to `--version`, ms", paired.left * 1e3, 3.0);
    println!("    that is {:.1} x `true` ({:.2} ms)", paired.ratio, paired.right * 1e3);
    line("(f) size of this program, MB", fs::metadata(DOCTOR).unwrap().len() as f64 / 1e6, 4.0);
    for hung in [1, 5, 20] {
        hung_tools(&work, hung);
    }
    let _ = fs::remove_dir_all(work);
}

/// Compares the time per check with envinfo's per fact, where npm can fetch envinfo.
fn envinfo(work: &Path, checks: usize) {
    let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", work.to_str().unwrap(), "envinfo"];
    let script = work.join("node_modules/envinfo/dist/cli.js");
    let mut npm = Command::new("npm");
    npm.args(install);
    if run(npm).code != Some(0) || !script.exists() {
        println!("(c) left out: envinfo could not be installed with npm");
        return;
    }
    let groups = ["--system", "--binaries", "--languages", "--managers", "--utilities", "--virtualization", "--IDEs"];
    let ask = || {
        let mut command = Command::new("node");
        command.arg(&script).args(groups).arg("--json");
        command
    };
    let facts = leaves(&serde_json::from_slice(&ask().output().unwrap().stdout).unwrap_or_default());
    let paired = pairs(|| doctor(&["-q"]).wall, || run(ask()).wall);
    let ratio = paired.ratio * facts as f64 / checks as f64;
    line(&format!("(c) wall per check ({checks}) / envinfo's per fact ({facts})"), ratio, 0.5);
    println!("    full run {:.0} ms, envinfo {:.0} ms", paired.left * 1e3, paired.right * 1e3);
}

/// How long past its deadline a run with hung tools lasts, and whether anything is left of them.
fn hung_tools(work: &Path, count: usize) {
    const NAMES: &[&str] = &[
        "git",
        "docker",
        "node",
        "npm",
        "pnpm",
        "go",
        "uv",
        "aws",
        "gcloud",
        "az",
        "ssh",
        "ssh-add",
        "ssh-keygen",
        "code",
        "cursor",
        "pyenv",
        "python3",
        "brew",
        "docker-compose",
        "systemctl",
    ];
    let folder = work.join(format!("hung-{count}"));
    fs::create_dir_all(&folder).unwrap();
    let seconds = format!("{}.25", 7000 + count);
    for name in NAMES.iter().take(count) {
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\nsleep {seconds} & exec sleep {seconds}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let limit = 2.0;
    let mut command = Command::new(DOCTOR);
    let path = format!("{}:{}", folder.display(), env::var("PATH").unwrap());
    command.args(["-q", "--timeout", "2s"]).env("PATH", path).env("HOME", work);
    let past: Vec<f64> = (0..3).map(|_| run_again(&command).wall - limit).collect();
    line(&format!("(g) {count} hung tools: seconds past the deadline"), median(past), 0.3);
    thread::sleep(Duration::from_millis(100));
    let left = processes_with(&seconds);
    println!("    processes left: {left}");
}

fn run_again(command: &Command) -> Ran {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    for (name, value) in command.get_envs() {
        again.env(name, value.unwrap());
    }
    run(again)
}

fn processes_with(word: &str) -> usize {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

struct Ran {
    wall: f64,
    code: Option<i32>,
}

fn run(mut command: Command) -> Ran {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ran { wall: start.elapsed().as_secs_f64(), code: status.ok().and_then(|status| status.code()) }
}

fn doctor(args: &[&str]) -> Ran {
    let mut command = Command::new(DOCTOR);
    command.args(args);
    run(command)
}

/// A command of the minimal spawner.
struct Spawn {
    argv: Vec<String>,
    /// Doctor's environment for commands, with this one's own; nothing for the plain one.
    env: Option<Vec<(String, String)>>,
}

impl Spawn {
    fn of(argv: &[&str]) -> Self {
        Self { argv: argv.iter().map(|word| (*word).to_owned()).collect(), env: None }
    }

    /// Starts it in a session of its own, as doctor does, because a busy machine's time is shared out by sessions; both
    /// its streams come out of one pipe.
    fn start(&self) -> io::Result<(Child, io::PipeReader)> {
        let (reader, writer) = io::pipe()?;
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        for (name, value) in self.env.iter().flat_map(|own| quiet::environment(own)) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        // SAFETY: the new process makes one system call before the program begins.
        unsafe { command.pre_exec(|| Ok(rustix::process::setsid().map(drop)?)) };
        Ok((command.spawn()?, reader))
    }
}

/// The commands that a recording holds, with this machine's home folder in place of the recording's.
fn recorded_commands(recorded: &serde_json::Value) -> Vec<Spawn> {
    let home = env::var("HOME").unwrap();
    let masked = recorded["home"].as_str().unwrap_or("~").to_owned();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().replace(&masked, &home);
    let started = |seen: &&serde_json::Value| seen["ran"]["end"] != "absent";
    let commands = recorded["commands"].as_array().unwrap().iter().filter(started);
    commands
        .map(|seen| Spawn {
            argv: seen["argv"].as_array().unwrap().iter().map(text).collect(),
            env: Some(
                seen["env"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), text(value)))
                    .collect(),
            ),
        })
        .collect()
}

/// Starts every command at once, reads what they print, waits for all; the seconds that took.
fn spawn_all(commands: &[Spawn]) -> f64 {
    let start = Instant::now();
    let start_one = |spawn: &Spawn| spawn.start().unwrap_or_else(|error| panic!("{:?}: {error}", spawn.argv));
    let children: Vec<_> = commands.iter().map(start_one).collect();
    for (mut child, mut pipe) in children {
        let _ = pipe.read_to_end(&mut Vec::new());
        let _ = child.wait();
    }
    start.elapsed().as_secs_f64()
}

/// Whether a plain command is there and says its version. Docker's does where only the daemon is not reached.
fn answers(spawn: &Spawn) -> bool {
    let Ok((mut child, mut pipe)) = spawn.start() else { return false };
    let _ = pipe.read_to_end(&mut Vec::new());
    child.wait().is_ok_and(|status| status.success()) || spawn.argv.join(" ") == "docker version"
}

/// How many checks were looked at.
fn findings(recording: &Path) -> usize {
    let args = ["--replay", recording.to_str().unwrap(), "--format", "json"];
    let output = Command::new(DOCTOR).args(args).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let looked_at = |finding: &&serde_json::Value| finding["outcome"] != "skip" || finding["blocked-by"].is_string();
    report["findings"].as_array().unwrap().iter().filter(looked_at).count()
}

fn leaves(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Object(map) => map.values().map(leaves).sum(),
        serde_json::Value::Array(list) => list.iter().map(leaves).sum(),
        serde_json::Value::Null => 0,
        _ => 1,
    }
}

/// Two things measured side by side.
struct Paired {
    left: f64,
    right: f64,
    /// The median of the pairs' ratios.
    ratio: f64,
}

/// The medians of both, run in turn after one of each that is not counted.
fn pairs(mut a: impl FnMut() -> f64, mut b: impl FnMut() -> f64) -> Paired {
    a();
    b();
    let (left, right): (Vec<f64>, Vec<f64>) = (0..PAIRS).map(|_| (a(), b())).unzip();
    let ratio = median(left.iter().zip(&right).map(|(a, b)| a / b).collect());
    Paired { left: median(left), right: median(right), ratio }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn line(what: &str, figure: f64, goal: f64) {
    println!("{what:<64} {figure:>8.3} {goal:>8.2}  {}", if figure <= goal { "yes" } else { "NO" });
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn tempfile() -> PathBuf {
    let folder = env::temp_dir().join(format!("doctor-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
