//! What an exam costs, as ratios taken side by side on this machine: `cargo bench --bench exam`.
//!
//! Every ratio is the median over pairs A B A B …, so that a machine whose speed drifts does not decide it. Nothing
//! here asserts: figures depend on what is installed. Each line says its goal and whether it was met this time.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

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

    let (ours, spawner) = pairs(|| doctor(&["-q"]).wall, || spawn_all(&same));
    line(&format!("(a) full run / the same {} commands, all at once", same.len()), ours / spawner, 1.10);
    let naive: Vec<Spawn> = NAIVE.iter().filter(|argv| is_there(argv)).map(|argv| Spawn::of(argv)).collect();
    let names: Vec<String> = naive.iter().map(|spawn| spawn.argv.join(" ")).collect();
    let (ours, plain) = pairs(|| doctor(&["-q"]).wall, || spawn_all(&naive));
    line(&format!("(b) full run / {} plain version commands, all at once", naive.len()), ours / plain, 0.25);
    println!("    full run {:.0} ms, plain commands {:.0} ms: {}", ours * 1e3, plain * 1e3, names.join(", "));
    envinfo(&work, checks);

    let replay = ["--replay", recording.to_str().unwrap(), "-q"];
    let times: Vec<f64> = (0..PAIRS * 3).map(|_| doctor(&replay).wall).collect();
    line("(d) own cost with every observation replayed, ms", median(times) * 1e3, 15.0);
    let (version, nothing) = pairs(|| doctor(&["--version"]).wall, || run(Command::new("true")).wall);
    line("(e) start to `--version`, ms", version * 1e3, 3.0);
    println!("    that is {:.1} x `true` ({:.2} ms)", version / nothing, nothing * 1e3);
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
    let (ours, theirs) = pairs(|| doctor(&["-q"]).wall, || run(ask()).wall);
    let ratio = (ours / checks as f64) / (theirs / facts.max(1) as f64);
    line(&format!("(c) wall per check ({checks}) / envinfo's per fact ({facts})"), ratio, 0.5);
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
    env: BTreeMap<String, String>,
}

impl Spawn {
    fn of(argv: &[&str]) -> Self {
        Self { argv: argv.iter().map(|word| (*word).to_owned()).collect(), env: BTreeMap::new() }
    }
}

/// The commands that a recording holds; `~` is this home again.
fn recorded_commands(recorded: &serde_json::Value) -> Vec<Spawn> {
    let home = env::var("HOME").unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().replace('~', &home);
    let commands = recorded["commands"].as_array().unwrap().iter();
    commands
        .map(|seen| Spawn {
            argv: seen["argv"].as_array().unwrap().iter().map(text).collect(),
            env: seen["env"]
                .as_object()
                .map(|env| env.iter().map(|(name, value)| (name.clone(), text(value))).collect())
                .unwrap_or_default(),
        })
        .collect()
}

/// Starts every command at once, reads what they print, waits for all; the seconds that took.
fn spawn_all(commands: &[Spawn]) -> f64 {
    let start = Instant::now();
    let children: Vec<_> = commands
        .iter()
        .filter_map(|spawn| {
            let mut command = Command::new(&spawn.argv[0]);
            command.args(&spawn.argv[1..]).envs(&spawn.env).env("LC_ALL", "C").env("NO_COLOR", "1");
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()
        })
        .collect();
    for mut child in children {
        let _ = child.stdout.take().unwrap().read_to_end(&mut Vec::new());
        let _ = child.wait();
    }
    start.elapsed().as_secs_f64()
}

fn is_there(argv: &[&str]) -> bool {
    if argv[0] == "bash" {
        let home = PathBuf::from(env::var("HOME").unwrap_or_default());
        return env::var_os("NVM_DIR").is_some() || home.join(".nvm/nvm.sh").exists();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(argv[0]).is_file())
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

/// The medians of both, run in turn after one of each that is not counted.
fn pairs(mut a: impl FnMut() -> f64, mut b: impl FnMut() -> f64) -> (f64, f64) {
    a();
    b();
    let (left, right): (Vec<f64>, Vec<f64>) = (0..PAIRS).map(|_| (a(), b())).unzip();
    (median(left), median(right))
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
