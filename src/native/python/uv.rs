//! uv: on PATH, or installed where PATH does not lead.

use super::pyenv::Pyenv;
use crate::{
    host::{Command, Host, expand, file_name, parent},
    model::{Observation, Os, Seen, condition::streams, seen::PathKind},
    native::{
        Ask,
        program::{self, Kind},
        shell,
    },
};

/// Where installers put uv: its own since 0.5, its own before, Homebrew, pipx and pip.
const PLACES: &[&str] = &[
    "~/.local/bin",
    "~/.cargo/bin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/usr/bin",
];

/// uv's path, on PATH or not; it is not run.
pub(super) fn path(host: &dyn Host) -> Option<String> {
    let found = program::inspect(host, "uv").filter(|found| found.broken.is_none());
    found.map(|found| found.first.path).or_else(|| elsewhere(host))
}

fn elsewhere(host: &dyn Host) -> Option<String> {
    let home = host.home();
    let own = ["UV_INSTALL_DIR", "XDG_BIN_HOME"].into_iter().filter_map(|name| host.env(name));
    let name = if host.platform().os == Os::Windows { "\\uv.exe" } else { "/uv" };
    own.chain(PLACES.iter().map(|place| expand(place, home.as_deref())))
        .map(|folder| format!("{}{name}", folder.trim_end_matches(['/', '\\'])))
        .find(|path| host.stat(path).kind == PathKind::File)
}

/// The probe `uv`.
pub(super) fn uv(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(found) = program::inspect(host, "uv") else { return hidden(host) };
    let pyenv = if found.kind == Kind::Pyenv { Pyenv::find(host, None) } else { None };
    let behind = pyenv.as_ref().map(|pyenv| (pyenv.behind(host, "uv"), pyenv));
    let path = match &behind {
        // The shim exists because some version has uv; the selected one does not.
        Some((None, pyenv)) if found.all.len() == 1 => {
            let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
            program::describe(&found, &mut seen);
            seen.facts.insert("other_version".to_owned(), holder(host, pyenv).unwrap_or_default());
            return seen;
        }
        Some((None, _)) => found.all[1].path.clone(),
        Some((Some((path, _)), _)) => path.clone(),
        None => found.first.path.clone(),
    };
    let mut seen = program::observe(host, &[path.clone(), "--version".to_owned()], &[], ask.timeout, false);
    program::describe(&found, &mut seen);
    if let Some(broken) = found.broken.filter(|_| path == found.first.path) {
        seen.seen = Seen::Broken(broken);
    }
    let other =
        found.all[1..].iter().find(|other| other.real() != found.first.real() && file_name(&other.path) == "uv");
    if let Some(other) = other
        && program::kind(other, host.platform()) == Kind::Plain
        && other.broken.is_none()
    {
        let ran = host.run(&Command::new([other.path.as_str(), "--version"]).timeout(ask.timeout));
        let (first, second) = (streams(&seen.seen).0.to_owned(), ran.stdout.text());
        if !first.is_empty() && !second.is_empty() && first != second {
            seen.facts.insert("other".to_owned(), other.path.clone());
            seen.facts.insert("other_line".to_owned(), second.trim().to_owned());
        }
    }
    seen
}

fn holder(host: &dyn Host, pyenv: &Pyenv) -> Option<String> {
    let has = |name: &&String| host.stat(&format!("{}/versions/{name}/bin/uv", pyenv.root)).kind == PathKind::File;
    pyenv.installed.iter().rev().find(has).cloned()
}

/// uv that is not on PATH: not there, or where PATH does not lead.
fn hidden(host: &dyn Host) -> Observation {
    let Some(path) = elsewhere(host) else { return Observation::absent() };
    let folder = parent(&path).to_owned();
    let mut seen = Observation::facts([("elsewhere", path), ("folder", folder.clone())]);
    let startup = shell::startup(host);
    let shown = shell::tilde(&folder, host.home().as_deref());
    if let Some(place) = startup.path_has(&shown) {
        seen.facts.insert("set_in".to_owned(), place.file.clone());
        let when = if place.read == shell::Read::Login { "login" } else { "terminal" };
        seen.facts.insert("set_when".to_owned(), when.to_owned());
    }
    seen.facts.insert("rc".to_owned(), startup.rc.clone());
    seen.facts.insert("shell".to_owned(), startup.shell.clone());
    seen
}
