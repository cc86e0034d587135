//! Python: which program answers, what really stands behind it, and what it can do.

use super::pyenv::Pyenv;
use crate::{
    host::{Command, Host, expand, parent},
    model::{
        Observation, Os, Pattern, Seen,
        seen::{Candidate, End, PathKind, Ran, View},
    },
    native::{
        Ask,
        program::{self, Kind, Program},
    },
};

/// Asks one interpreter everything at once: 3 ms instead of 100 through a shim. It writes nothing, and finds modules
/// without importing them but for three whose C library may be gone.
const QUESTION: &str = r#"import sys
def has(m):
    try: return m in sys.builtin_module_names or sys.modules["_frozen_importlib_external"].PathFinder.find_spec(m) is not None
    except KeyError: return True
def bad(m):
    try: __import__(m)
    except ImportError: return str(sys.exc_info()[1]).split("\n")[0]
print("Python " + sys.version.split()[0])
i = getattr(sys, "implementation", None)
print("implementation=" + (i.name if i else "cpython"))
print("level=" + sys.version_info[3])
print("prefix=" + sys.prefix)
print("base=" + getattr(sys, "base_prefix", sys.prefix))
gone = [m for m in ("_ssl", "zlib", "venv", "ensurepip", "_ctypes", "_sqlite3", "_bz2", "_lzma", "readline", "_curses") if not has(m)]
print("missing=" + " ".join(gone))
for m in ("_ssl", "_ctypes", "_sqlite3"):
    if m not in gone and bad(m): print("unloadable=" + m + ": " + bad(m))
"#;

/// What a shim of a version manager leads to.
struct Behind {
    path: String,
    selected: String,
}

/// The probe `python`: `with.name` is the program.
pub(super) fn python(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let pyenv = Pyenv::find(host, None);
    let Some(program) = find(host, ask.word("name")) else {
        return about(host, pyenv.as_ref(), Observation::absent());
    };
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    program::describe(&program, &mut seen);
    let (candidate, behind) = match through_shims(host, &program, ask.word("name"), pyenv.as_ref()) {
        Some(found) => found,
        None => {
            seen.facts.insert("shim_empty".to_owned(), program.kind.word().to_owned());
            return about(host, pyenv.as_ref(), seen);
        }
    };
    let path = behind.as_ref().map_or_else(|| candidate.path.clone(), |behind| behind.path.clone());
    let looked = program::inspect(host, &path);
    let real = looked.as_ref().map_or_else(|| path.clone(), |looked| looked.first.real().to_owned());
    seen.facts.insert("interpreter".to_owned(), path.clone());
    seen.facts.insert("manager".to_owned(), manager(host, &path, &real, pyenv.as_ref()).to_owned());
    if behind.is_none() {
        seen.facts.insert("program".to_owned(), candidate.path.clone());
    }
    seen.facts.insert("real".to_owned(), real);
    if let Some(behind) = behind {
        seen.facts.insert("selected".to_owned(), behind.selected);
    }
    let broken = if candidate.path == program.first.path { program.broken } else { None };
    if let Some(why) = broken.or(looked.and_then(|looked| looked.broken)) {
        seen.seen = Seen::Broken(why);
    } else {
        // `python` and `python3` are mostly one file; asked by that, it is asked once. Where links lead from matters to
        // virtual environments, which find their settings beside the link, and to Homebrew's folders.
        let one = matches!(seen.facts.get("manager").map(String::as_str), Some("pyenv" | "system"));
        let path = if one { seen.facts.get("real").cloned().unwrap_or(path) } else { path };
        interview(ask, &path, &mut seen);
    }
    about(host, pyenv.as_ref(), seen)
}

/// The program of this name; on Windows Python is `python`, or `py`, wherever it comes from.
fn find(host: &dyn Host, name: &str) -> Option<Program> {
    let first = program::inspect(host, name);
    if host.platform().os != Os::Windows || first.as_ref().is_some_and(|found| found.broken.is_none()) {
        return first;
    }
    let others = ["python", "py"].into_iter().filter_map(|other| program::inspect(host, other));
    let mut others: Vec<Program> = others.collect();
    match others.iter().position(|found| found.broken.is_none()) {
        Some(sound) => Some(others.swap_remove(sound)),
        None => first.or_else(|| others.into_iter().next()),
    }
}

/// Follows shims without starting them: the first candidate that leads to a real program.
fn through_shims(
    host: &dyn Host,
    program: &Program,
    name: &str,
    pyenv: Option<&Pyenv>,
) -> Option<(Candidate, Option<Behind>)> {
    for candidate in &program.all {
        match program::kind(candidate, host.platform()) {
            Kind::Pyenv if host.platform().os != Os::Windows => {
                if let Some((path, selected)) = pyenv.and_then(|pyenv| pyenv.behind(host, name)) {
                    return Some((candidate.clone(), Some(Behind { path, selected })));
                }
                // Without a selected version that has it, pyenv looks for the program on the rest of PATH.
            }
            Kind::Asdf => {
                return Some((candidate.clone(), tool_version(host, name, "~/.asdf/installs/python")));
            }
            Kind::Mise => {
                return Some((candidate.clone(), tool_version(host, name, "~/.local/share/mise/installs/python")));
            }
            _ => return Some((candidate.clone(), None)),
        }
    }
    None
}

/// What asdf or mise selects for the home folder, where its file says so plainly.
fn tool_version(host: &dyn Host, program: &str, installs: &str) -> Option<Behind> {
    let home = host.home();
    let files = ["~/.tool-versions", "~/.config/mise/config.toml"];
    let version = files.iter().find_map(|file| {
        let text = host.read(&expand(file, home.as_deref()), View::Whole).text()?;
        text.lines().find_map(|line| {
            let rest = line.trim().strip_prefix("python")?.trim_start_matches([' ', '\t', '=']);
            let version = rest.trim_matches(['"', '[', ']', ' ']).split([' ', '"', ',']).next()?;
            (!version.is_empty()).then(|| version.to_owned())
        })
    })?;
    let path = format!("{}/{version}/bin/{program}", expand(installs, home.as_deref()));
    (host.stat(&path).kind == PathKind::File).then_some(Behind { path, selected: version })
}

/// Who installed an interpreter, by its path.
fn manager(host: &dyn Host, path: &str, real: &str, pyenv: Option<&Pyenv>) -> &'static str {
    let (slashed, real) = (path.replace('\\', "/"), real.replace('\\', "/"));
    let any = |part: &str| slashed.contains(part) || real.contains(part);
    let mac = host.platform().os == Os::Macos;
    if host.env("VIRTUAL_ENV").is_some_and(|folder| !folder.is_empty() && path.starts_with(&folder)) {
        "venv"
    } else if any("/uv/python/") {
        "uv"
    } else if pyenv.is_some_and(|pyenv| path.starts_with(&pyenv.root)) || any("/.pyenv/") {
        "pyenv"
    } else if any("/mise/") {
        "mise"
    } else if any("/.asdf/") {
        "asdf"
    } else if any("conda") || any("miniforge") || any("mambaforge") {
        "conda"
    } else if any("/Cellar/") || any("/opt/homebrew/") || any("/linuxbrew/") {
        "homebrew"
    } else if real.contains("/Python.framework/") && real.starts_with("/Library/Frameworks/") {
        "python.org"
    } else if mac && (slashed.starts_with("/usr/bin/") || any("/CommandLineTools/") || any("/Xcode.app/")) {
        "apple"
    } else if real.starts_with("/nix/") {
        "nix"
    } else if host.platform().os == Os::Windows {
        if any("/WindowsApps/") { "store" } else { "python.org" }
    } else {
        "system"
    }
}

/// Runs the interpreter once and reads its answers; what does not understand the question is asked for its version.
fn interview(ask: Ask<'_>, path: &str, seen: &mut Observation) {
    let run = |argv: Vec<String>| (ask.host.run(&Command::new(argv.clone()).timeout(ask.timeout)), argv);
    let script = path.to_ascii_lowercase();
    let asks = !(script.ends_with(".bat") || script.ends_with(".cmd"));
    let question = || [path, "-I", "-S", "-c", QUESTION].map(str::to_owned).to_vec();
    let (ran, argv) = if asks { run(question()) } else { (Ran::default(), Vec::new()) };
    let understood = ran.stdout.text().starts_with("Python ");
    let gone = matches!(ran.end, End::Signal(_) | End::TimedOut | End::Broken(_));
    let (ran, argv) = if understood || gone { (ran, argv) } else { run(vec![path.to_owned(), "--version".to_owned()]) };
    let answer = ran.stdout.text();
    seen.evidence.argv = argv;
    if let Some(long) = seen.evidence.argv.iter_mut().find(|word| word.contains('\n')) {
        "…".clone_into(long);
    }
    program::record(ran, seen);
    for (name, value) in answer.lines().filter_map(|line| line.split_once('=')) {
        let name = match name {
            "level" if value != "final" => "prerelease",
            "implementation" | "prefix" | "base" | "missing" | "unloadable" => name,
            _ => continue,
        };
        if !value.trim().is_empty() {
            seen.facts.entry(name.to_owned()).or_insert_with(|| value.trim().to_owned());
        }
    }
    // Without `site` an interpreter does not tell that it belongs to a virtual environment; its folder does.
    let venv = parent(parent(path));
    if ask.host.stat(&format!("{venv}/pyvenv.cfg")).kind == PathKind::File {
        seen.facts.insert("manager".to_owned(), "venv".to_owned());
        seen.facts.insert("prefix".to_owned(), venv.to_owned());
    }
}

/// Facts that stand beside the interpreter: what could replace it, what would disturb it, what belongs to it.
fn about(host: &dyn Host, pyenv: Option<&Pyenv>, mut seen: Observation) -> Observation {
    let mut fact = |name: &str, value: String| {
        seen.facts.entry(name.to_owned()).or_insert(value);
    };
    let platform = host.platform();
    fact("distro", format!("{} {}", platform.distro, platform.version).trim().to_owned());
    if let Some(pyenv) = pyenv {
        fact("pyenv", pyenv.root.clone());
        if let Some(newest) = pyenv.newest_installed() {
            fact("newest", newest);
        }
        if !pyenv.missing.is_empty() {
            fact("not_installed", pyenv.missing.join(" "));
        }
    }
    if let Some(uv) = super::uv::path(host) {
        fact("uv", uv);
    }
    for (name, variable) in [("conda_env", "CONDA_DEFAULT_ENV"), ("pythonhome", "PYTHONHOME"), ("venv", "VIRTUAL_ENV")]
    {
        if let Some(value) = host.env(variable) {
            fact(name, value);
        }
    }
    let version = match &seen.seen {
        Seen::Exited { stdout, .. } => stdout.strip_prefix("Python ").map(str::to_owned),
        _ => None,
    };
    if let Some(version) = version {
        // A shared build that finds the library of another Python runs as that one.
        let program = seen.evidence.argv.first().cloned().unwrap_or_default();
        let folder = Pattern::new(r"/versions/(\d+\.\d+\.\d+)/bin/").find(&program).map(str::to_owned);
        let runs = Pattern::new(r"^\d+\.\d+\.\d+").captures(&version).map(|found| found[0].to_owned());
        if let (Some(folder), Some(runs)) = (folder, runs)
            && folder != runs
        {
            seen.facts.insert("built_as".to_owned(), folder);
        }
        library(host, &version, &mut seen);
    }
    seen
}

/// What lies beside the standard library: pip, the mark of a managed environment, Debian's package names.
fn library(host: &dyn Host, version: &str, seen: &mut Observation) {
    let mut numbers = version.split(['.', ' ', '\n', 'a', 'b', 'r', '+']);
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else { return };
    seen.facts.insert("minor".to_owned(), format!("{major}.{minor}"));
    let (Some(prefix), Some(base)) = (seen.facts.get("prefix").cloned(), seen.facts.get("base").cloned()) else {
        return;
    };
    let is_there = |path: String| host.stat(&path).kind != PathKind::Missing;
    let line = format!("python{major}.{minor}");
    let folder = |prefix: &str| match host.platform().os {
        Os::Windows => format!("{prefix}\\Lib"),
        _ => format!("{prefix}/lib/{line}"),
    };
    let home = host.home();
    let mut packages = vec![
        format!("{}/site-packages/pip", folder(&prefix)),
        expand(&format!("~/.local/lib/{line}/site-packages/pip"), home.as_deref()),
    ];
    if prefix == base {
        packages.extend([
            format!("{prefix}/lib64/{line}/site-packages/pip"),
            format!("{prefix}/local/lib/{line}/dist-packages/pip"),
            "/usr/local/lib/python3/dist-packages/pip".to_owned(),
            "/usr/lib/python3/dist-packages/pip".to_owned(),
        ]);
        if is_there(format!("{}/EXTERNALLY-MANAGED", folder(&base))) {
            seen.facts.insert("externally_managed".to_owned(), "yes".to_owned());
        }
    }
    let pip = if packages.into_iter().any(is_there) { "yes" } else { "no" };
    seen.facts.insert("pip".to_owned(), pip.to_owned());
}
