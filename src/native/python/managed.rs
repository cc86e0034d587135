//! pyenv as learners meet it: the command, its shims on PATH, the versions it selects, its lock.

use super::{interpreter, pyenv::Pyenv};
use crate::{
    host::{Command, Host, parent},
    model::{
        Observation, Os, Pattern, Seen, Source, Version,
        seen::{PathKind, View},
    },
    native::{
        Ask,
        program::{self, Kind},
        shell::{self, Startup, tilde},
    },
};

/// The lines that set pyenv up, in whichever form.
const SET_UP: &str = r"pyenv(\.exe)?[\x22']? +(init|virtualenv-init)|\.?pyenv/(bin|shims)|PYENV_ROOT[}]?/(bin|shims)|antigen bundle pyenv";
/// The line that puts the shims on PATH.
const INIT: &str = r"pyenv[\x22']? +init|pyenv/shims|PYENV_ROOT[}]?/shims";

/// The probe `pyenv`: the command, or who stands in for it.
pub(super) fn pyenv(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    if let Some(found) = program::inspect(host, "pyenv") {
        let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
        program::describe(&found, &mut seen);
        if crlf(host, &found.first.path) || crlf(host, found.first.real()) {
            seen.facts.insert("crlf".to_owned(), "yes".to_owned());
        }
        match found.broken {
            Some(why) => seen.seen = Seen::Broken(why),
            None => version(ask, found.first.real(), &mut seen),
        }
        if let Some(pyenv) = Pyenv::find(host, None) {
            seen.facts.insert("root".to_owned(), pyenv.root);
        }
        return seen;
    }
    let startup = shell::startup(host);
    if let Some(pyenv) = Pyenv::find(host, Some(&startup)) {
        let program = format!("{}/bin/pyenv", pyenv.root);
        if host.stat(&program).kind == PathKind::File {
            let mut seen = Observation::facts([("elsewhere", program.clone()), ("root", pyenv.root)]);
            if crlf(host, &program) {
                seen.facts.insert("crlf".to_owned(), "yes".to_owned());
            }
            places(&startup, SET_UP, &mut seen);
            return seen;
        }
    }
    instead(ask, &startup)
}

/// Where start-up files speak of pyenv: `set_in` where the shell reads it, `unread` where it does not.
fn places(startup: &Startup, pattern: &str, seen: &mut Observation) {
    let pattern = Pattern::new(pattern);
    let mut fact = |name: &str, value: &str| seen.facts.insert(name.to_owned(), value.to_owned());
    fact("rc", &startup.rc);
    fact("shell", &startup.shell);
    if let Some(place) = startup.find(&pattern) {
        fact("set_in", &place.file);
        fact("set_at", &format!("{}:{}", place.file, place.line));
    } else if let Some(place) = startup.find_unread(&pattern) {
        fact("unread", &place.file);
    }
}

/// Whether a script was checked out with Windows line ends.
fn crlf(host: &dyn Host, path: &str) -> bool {
    host.platform().os != Os::Windows
        && host.stat(path).size.is_none_or(|size| size < 64 * 1024)
        && host
            .read(path, View::Whole)
            .content
            .0
            .split(|byte| *byte == b'\n')
            .next()
            .is_some_and(|line| line.ends_with(b"\r"))
}

/// pyenv writes its version into one of its own scripts; asking the program takes ten times as long.
fn version(ask: Ask<'_>, real: &str, seen: &mut Observation) {
    let folder = parent(real);
    let script = format!("{}/libexec/pyenv---version", folder.trim_end_matches("/bin").trim_end_matches("/libexec"));
    let text = if ask.deep { None } else { ask.host.read(&script, View::Whole).text() };
    match text.as_deref().and_then(|text| Pattern::new(r#"(?m)^version="(\d[^"]*)""#).find(text).map(str::to_owned)) {
        Some(version) => {
            seen.facts.insert("version".to_owned(), version);
            seen.evidence.files.push(script);
            seen.evidence.source = Source::File;
        }
        None => {
            let program = seen.facts.get("program").cloned().unwrap_or_else(|| real.to_owned());
            let argv = [program, "--version".to_owned()];
            program::record(ask.host.run(&Command::new(argv.clone()).timeout(ask.timeout)), seen);
            seen.evidence.argv = argv.to_vec();
        }
    }
}

/// Who else provides a Python that is new enough; absent where nobody does.
fn instead(ask: Ask<'_>, startup: &Startup) -> Observation {
    let with = [("name".to_owned(), "python3".to_owned())].into();
    let python = interpreter::python(Ask { with: &with, ..ask });
    let mut seen = Observation { facts: python.facts.clone(), ..Observation::absent() };
    for name in ["program", "real", "kind", "others"] {
        seen.facts.remove(name);
    }
    seen.facts.insert("rc".to_owned(), startup.rc.clone());
    seen.facts.insert("shell".to_owned(), startup.shell.clone());
    let Seen::Exited { stdout, .. } = &python.seen else { return seen };
    let Some(version) = stdout.strip_prefix("Python ").and_then(|text| text.split_whitespace().next()) else {
        return seen;
    };
    let enough = version.parse::<Version>().is_ok_and(|version| (version.major(), version.minor()) >= (3, 11));
    if enough {
        let manager = match python.facts.get("manager").map_or("", String::as_str) {
            "uv" => "uv",
            "mise" => "mise",
            "asdf" => "asdf",
            "conda" => "conda",
            "homebrew" => "Homebrew",
            "apple" => "Apple's Command Line Tools",
            "python.org" => "the python.org installer",
            "store" => "the Microsoft Store",
            "venv" => "a virtual environment",
            "nix" => "Nix",
            _ => "the system",
        };
        seen.seen = Seen::Facts;
        seen.facts.insert("manager_name".to_owned(), manager.to_owned());
        seen.facts.insert("python".to_owned(), version.to_owned());
    }
    seen
}

/// A root for the checks that only make sense with one.
fn with_pyenv(ask: Ask<'_>, look: impl FnOnce(&Pyenv, &Startup, &mut Observation)) -> Observation {
    let startup = shell::startup(ask.host);
    let found = Pyenv::find(ask.host, Some(&startup)).filter(|pyenv| {
        let program = |name: &str| ask.host.stat(&format!("{}/{name}", pyenv.root)).kind == PathKind::File;
        program("bin/pyenv") || program("libexec/pyenv") || program::inspect(ask.host, "pyenv").is_some()
    });
    let Some(pyenv) = found.filter(|_| ask.host.platform().os != Os::Windows) else {
        return Observation::facts([("pyenv", "none")]);
    };
    let mut seen = Observation::facts([("root", pyenv.root.clone())]);
    seen.facts.insert("rc".to_owned(), startup.rc.clone());
    seen.facts.insert("shell".to_owned(), startup.shell.clone());
    look(&pyenv, &startup, &mut seen);
    seen
}

/// The probe `pyenv-shims`: whether they are on PATH and come before other Pythons.
pub(super) fn shims(ask: Ask<'_>) -> Observation {
    with_pyenv(ask, |pyenv, startup, seen| {
        let host = ask.host;
        let home = host.home();
        let shims = tilde(&format!("{}/shims", pyenv.root), home.as_deref());
        let path: Vec<String> =
            host.path().iter().map(|folder| tilde(folder.trim_end_matches('/'), home.as_deref())).collect();
        places(startup, INIT, seen);
        let mut fact = |name: &str, value: String| seen.facts.insert(name.to_owned(), value);
        if let Some(place) = startup.path_has(&shims) {
            fact("shims_in", place.file.clone());
        }
        if let Some(folder) = host.env("VIRTUAL_ENV") {
            fact("venv", folder);
        }
        let Some(at) = path.iter().position(|folder| *folder == shims) else {
            fact("shims", "missing".to_owned());
            return;
        };
        let ahead = host.which("python3").into_iter().find(|candidate| {
            let folder = tilde(parent(&candidate.path), home.as_deref());
            path.iter().position(|known| *known == folder).is_some_and(|index| index < at)
        });
        match ahead {
            Some(ahead) => {
                let kind = program::kind(&ahead, host.platform());
                fact("shims", "behind".to_owned());
                fact("ahead", ahead.path.clone());
                fact("ahead_kind", if kind == Kind::Conda { "conda" } else { "other" }.to_owned());
            }
            None => {
                fact("shims", "first".to_owned());
            }
        }
    })
}

/// The probe `pyenv-selected`: whether the selected versions are there and whole.
pub(super) fn selected(ask: Ask<'_>) -> Observation {
    with_pyenv(ask, |pyenv, _, seen| {
        let host = ask.host;
        let mut fact = |name: &str, value: String| seen.facts.insert(name.to_owned(), value);
        fact("installed", pyenv.installed.join(" "));
        fact("origin", tilde(&pyenv.origin, host.home().as_deref()));
        if let Some(newest) = pyenv.newest_installed() {
            fact("newest", newest);
        }
        // What pyenv would select matters only where it is asked at all.
        let shims = format!("{}/shims", pyenv.root);
        let asked = host.path().iter().any(|folder| folder.trim_end_matches('/') == shims);
        if !asked && host.which("pyenv").is_empty() {
            fact("none", "inactive".to_owned());
            return;
        }
        if let Some(missing) = pyenv.missing.first() {
            let is_version = missing.contains(|c: char| c.is_ascii_digit())
                && (missing.starts_with(|c: char| c.is_ascii_digit()) || missing.contains("3."));
            fact(if is_version { "not_installed" } else { "no_virtualenv" }, missing.clone());
            return;
        }
        let whole = |name: &&String| {
            let python = format!("{}/versions/{name}/bin/python", pyenv.root);
            *name == "system" || host.stat(&python).kind == PathKind::File
        };
        if let Some(broken) = pyenv.resolved.iter().find(|name| !whole(name)) {
            fact("incomplete", broken.clone());
        } else if pyenv.resolved.iter().all(|name| name == "system") {
            let beyond = host
                .which("python")
                .into_iter()
                .any(|candidate| program::kind(&candidate, host.platform()) != Kind::Pyenv);
            fact("none", if beyond { "system" } else { "nothing" }.to_owned());
        } else {
            fact("selected", pyenv.resolved.join(" "));
        }
    })
}

/// How long a rehash may hold its lock, in seconds.
const REHASH: i64 = 90;

/// The probe `pyenv-lock`: a lock that an interrupted rehash left behind.
pub(super) fn lock(ask: Ask<'_>) -> Observation {
    with_pyenv(ask, |pyenv, _, seen| {
        let file = format!("{}/shims/.pyenv-shim", pyenv.root);
        let stat = ask.host.stat(&file);
        let age = ask.host.system().now.zip(stat.modified).map(|(now, modified)| now - modified);
        let held = stat.kind == PathKind::File && age.is_none_or(|age| age > REHASH);
        seen.facts.insert("lock".to_owned(), if held { "left" } else { "free" }.to_owned());
        seen.facts.insert("lock_file".to_owned(), file);
    })
}
