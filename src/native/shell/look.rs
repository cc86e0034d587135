//! Probes of the start-up files: what is in the wrong one, what one hides from the other, what PATH they make.

use super::{
    ask::{answered, ask_login_shell, shell_path},
    follow::startup,
    startup::{Read, Startup, tilde},
};
use crate::{
    host::Host,
    model::{Observation, Os, Pattern, Seen, seen::PathKind},
    native::Ask,
};

/// The probe `shell-login`: which shell it is, and whether it is there.
pub(super) fn login(ask: Ask<'_>) -> Observation {
    let startup = startup(ask.host);
    let mut seen = Observation::facts([("shell", startup.shell.clone())]);
    if let Some(path) = shell_path(ask.host) {
        let there = ask.host.which(&path).iter().any(|found| found.broken.is_none());
        seen.facts.insert("there".to_owned(), if there { "yes" } else { "no" }.to_owned());
        seen.facts.insert("path".to_owned(), path);
    }
    seen
}

/// Lines that set a tool of the chapter up, as `grep -E` knows them too, and the program that answers once it is.
const SET_UP: &[(&str, &str, &str)] = &[
    ("pyenv", r"pyenv +init|pyenv/(bin|shims)|PYENV_ROOT", "pyenv"),
    ("nvm", r"nvm\.sh|NVM_DIR", "node"),
    ("Homebrew", r"brew +shellenv", "brew"),
    ("cargo", r"\.cargo/(bin|env)", "cargo"),
    ("Go", r"/usr/local/go/bin|GOPATH", "go"),
];

/// The probe `shell-files`: mistakes that the files alone show.
pub(super) fn files(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let startup = startup(host);
    let mut seen = Observation::facts([("shell", startup.shell.clone()), ("rc", startup.rc.clone())]);
    seen.evidence.files = startup.files.iter().map(|file| file.path.clone()).collect();
    let mut fact = |name: &str, value: &str| seen.facts.insert(name.to_owned(), value.to_owned());
    if let Some(file) = startup.files.iter().find(|file| file.crlf) {
        fact("crlf", &file.path);
    }
    if let Some((hiding, hidden)) = shadowed(host, &startup) {
        fact("hiding", hiding);
        fact("hidden", hidden);
    }
    if let Some((tool, lines, file)) = misplaced(host, &startup) {
        fact("misplaced", tool);
        fact("lines", lines);
        fact("unread", &file);
    }
    if let Some(folder) = reordered(host, &startup) {
        fact("reordered", &folder);
    }
    seen
}

/// A login file of bash that keeps `~/.profile` or `~/.bashrc` from being read.
fn shadowed(host: &dyn Host, startup: &Startup) -> Option<(&'static str, &'static str)> {
    if startup.shell != "bash" {
        return None;
    }
    let is_read = |path: &str| startup.file(path).is_some();
    let hiding = ["~/.bash_profile", "~/.bash_login"].into_iter().find(|path| is_read(path))?;
    let unread = |path: &str| startup.unread.iter().any(|file| file.path == path);
    // What a login sets must hold in terminals too, so a file that sources ~/.bashrc leaves nothing out but ~/.profile's
    // own lines; where both exist and only ~/.bashrc is sourced, it was meant so.
    let sources_bashrc = startup.file("~/.bashrc").is_some_and(|file| file.from == hiding)
        || startup.file(hiding).is_some_and(|file| Pattern::new(r"(source|\.) +\S*\.bashrc").is_match(&file.text));
    if unread("~/.profile") && !sources_bashrc {
        return Some((hiding, "~/.profile"));
    }
    (host.platform().os == Os::Macos && unread("~/.bashrc")).then_some((hiding, "~/.bashrc"))
}

/// A tool that only files of another shell set up, and that does not answer here in some other way.
fn misplaced(host: &dyn Host, startup: &Startup) -> Option<(&'static str, &'static str, String)> {
    let other = |file: &str| match startup.shell.as_str() {
        "zsh" | "fish" => file.contains(".bash") || file.ends_with("/.profile"),
        "bash" => file.contains(".z"),
        _ => false,
    };
    SET_UP.iter().find_map(|(tool, lines, program)| {
        let pattern = Pattern::new(*lines);
        let place = startup.find_unread(&pattern).filter(|place| other(&place.file))?;
        let missed = startup.find(&pattern).is_none() && host.which(program).is_empty();
        missed.then_some((*tool, *lines, place.file))
    })
}

/// A folder that ~/.zshenv puts in front and macOS then moves behind the system's.
fn reordered(host: &dyn Host, startup: &Startup) -> Option<String> {
    if host.platform().os != Os::Macos || startup.shell != "zsh" {
        return None;
    }
    let home = host.home();
    let path: Vec<String> = host.path().iter().map(|folder| tilde(folder, home.as_deref())).collect();
    let system = path.iter().position(|folder| folder == "/usr/bin")?;
    let late = |folder: &str| {
        path.iter().position(|known| known.trim_end_matches('/') == folder).is_some_and(|at| at > system)
    };
    let elsewhere =
        |folder: &str| startup.path_folders().any(|(known, place)| known == folder && !place.file.ends_with(".zshenv"));
    startup
        .path_folders()
        .filter(|(_, place)| place.file.ends_with("/.zshenv") && place.text.find(':').is_some())
        .map(|(folder, _)| folder.trim_end_matches('/').to_owned())
        .find(|folder| late(folder) && !elsewhere(folder))
}

/// The probe `shell-path`: the login shell's view of PATH against this terminal's.
pub(super) fn path(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let startup = startup(host);
    let home = host.home();
    let here: Vec<String> =
        host.path().iter().map(|folder| tilde(folder.trim_end_matches(['/', '\\']), home.as_deref())).collect();
    let mut seen = Observation::facts([("shell", startup.shell.clone()), ("rc", startup.rc.clone())]);
    let promised = startup
        .path_folders()
        .filter(|(folder, place)| place.read == Read::Terminal && holds_programs(host, folder))
        .find(|(folder, _)| !here.iter().any(|known| known == folder.trim_end_matches('/')));
    let only_here = here.iter().find(|folder| {
        CHAPTER.contains(&folder.as_str()) && startup.path_has(folder).is_none() && holds_programs(host, folder)
    });
    if promised.is_none() && (only_here.is_none() || !host.platform().container.is_empty()) {
        return seen;
    }
    // The files say that something is amiss; the shell itself has the last word.
    let told = ask_login_shell(host, "printenv PATH", ask.timeout);
    seen.evidence = told.evidence.clone();
    let stdout = match &told.seen {
        Seen::Exited { stdout, .. } if answered(&told) && !stdout.trim().is_empty() => stdout,
        Seen::TimedOut { .. } => return seen.with("silent", "hung"),
        _ => return seen.with("silent", "failed"),
    };
    let line = stdout.lines().next().unwrap_or("");
    let there: Vec<String> =
        line.split(':').map(|folder| tilde(folder.trim_end_matches('/'), home.as_deref())).collect();
    let mut fact = |name: &str, value: &str| seen.facts.insert(name.to_owned(), value.to_owned());
    if let Some(folder) = only_here.filter(|folder| !there.contains(folder)) {
        fact("only_here", folder);
    } else if let Some((folder, place)) = promised.filter(|(folder, _)| there.iter().any(|known| known == folder)) {
        fact("not_here", folder);
        fact("set_in", &place.file);
    }
    seen
}

/// Folders that the chapter's installers use and start-up files must name; system folders come from elsewhere.
const CHAPTER: &[&str] = &[
    "~/.local/bin",
    "~/.cargo/bin",
    "~/.pyenv/bin",
    "~/.pyenv/shims",
    "~/go/bin",
    "/usr/local/go/bin",
    "~/.volta/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
];

fn holds_programs(host: &dyn Host, folder: &str) -> bool {
    let full = crate::host::expand(folder, host.home().as_deref());
    host.stat(&full).kind == PathKind::Dir && !host.list(&full).names.is_empty()
}
