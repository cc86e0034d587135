//! Probes of Go.

use super::{Ask, Native, program, shell::startup};
use crate::{
    host::{Host, expand},
    model::{
        Observation, Os, Pattern, Seen,
        seen::{PathKind, View},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[("go", go), ("go-bin", bin)];

/// Go as it answers now; `goroot` and `goroot_version` where GOROOT is set; `found_in` where a Go is installed and PATH
/// does not lead there. A toolchain that a module asks for is never downloaded: the folder is empty, and the host
/// sets `GOTOOLCHAIN=local`.
fn go(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    if program::inspect(host, "go").is_none() {
        return match elsewhere(host) {
            Some(folder) => {
                let place = Observation::facts([("found_in", folder)]);
                place.with("rc", startup(host).rc.clone())
            }
            None => Observation::absent(),
        };
    }
    let argv = ["go", "version"].map(str::to_owned);
    let mut seen = program::observe(host, &argv, &[("GOTOOLCHAIN".to_owned(), "local".to_owned())], ask.timeout, false);
    let Some(root) = host.env("GOROOT") else { return seen };
    let file = host.read(&format!("{root}/VERSION"), View::Whole).text();
    let first = file.as_deref().and_then(|text| text.lines().next()).map(|line| line.trim().to_owned());
    seen = seen.with("goroot", root.clone());
    if host.stat(&root).kind != PathKind::Dir {
        return seen.with("goroot_state", "missing");
    }
    let own = match &seen.seen {
        Seen::Exited { code: 0, stdout, .. } => {
            Pattern::new(r"\bgo(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)").find(stdout)
        }
        _ => None,
    };
    let other = first.as_deref().map(|line| line.trim_start_matches("go").to_owned());
    let state = match (own, &other) {
        (Some(own), Some(other)) if own == other.split([' ', '-']).next().unwrap_or("") => "same",
        (Some(_), Some(_)) => "other",
        _ => "unknown",
    };
    seen = seen.with("goroot_state", state);
    match other {
        Some(other) => seen.with("goroot_version", other),
        None => seen,
    }
}

/// A Go that is installed where PATH does not lead: the folder of its program.
fn elsewhere(host: &dyn Host) -> Option<String> {
    let unix = [
        "/usr/local/go/bin",
        "/opt/homebrew/bin",
        "/opt/homebrew/opt/go/bin",
        "/usr/local/opt/go/bin",
        "/home/linuxbrew/.linuxbrew/bin",
        "/usr/lib/go/bin",
        "/snap/bin",
        "~/.local/go/bin",
        "~/go/bin",
        "~/sdk/go/bin",
        "~/.go/bin",
    ];
    let windows = ["C:\\Program Files\\Go\\bin", "C:\\Go\\bin"];
    let (folders, name) = match host.platform().os {
        Os::Windows => (windows.as_slice(), "\\go.exe"),
        _ => (unix.as_slice(), "/go"),
    };
    let home = host.home();
    let path = |folder: &&&str| format!("{}{name}", expand(folder, home.as_deref()));
    let found = folders.iter().find(|folder| host.stat(&path(folder)).kind == PathKind::File);
    found.map(|folder| (*folder).to_owned())
}

/// Where `go install` puts programs: `bin`, `filled` (`yes` where there are some) and `on_path`.
fn bin(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let windows = host.platform().os == Os::Windows;
    let home = host.home().unwrap_or_default();
    let first = |list: String| list.split(if windows { ';' } else { ':' }).next().unwrap_or_default().to_owned();
    let saved = saved_settings(host, &home);
    let value = |name: &str| host.env(name).or_else(|| saved(name));
    let gopath = value("GOPATH").map_or_else(|| format!("{home}/go"), first);
    let bin = value("GOBIN").unwrap_or_else(|| format!("{gopath}/bin"));
    let names = host.list(&bin).names;
    // `go` itself may live in ~/go/bin where somebody unpacked the archive there; that is another check's matter.
    let filled = names.iter().any(|name| !name.ends_with('/') && !name.starts_with('.'));
    let plain = |path: &str| {
        let path = expand(path, Some(&home)).replace('\\', "/").trim_end_matches('/').to_owned();
        if windows { path.to_lowercase() } else { path }
    };
    let on_path = host.path().iter().any(|entry| plain(entry) == plain(&bin));
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let short = bin.strip_prefix(&format!("{home}/")).map_or_else(|| bin.clone(), |rest| format!("~/{rest}"));
    let seen = Observation::facts([("filled", word(filled)), ("on_path", word(on_path))]);
    let seen = seen.with("bin", short).with("rc", startup(host).rc.clone());
    match host.env("GOROOT") {
        Some(root) if plain(&root) == plain(&gopath) => seen.with("same_as_goroot", "yes"),
        _ => seen,
    }
}

/// What `go env -w` wrote down.
fn saved_settings(host: &dyn Host, home: &str) -> impl Fn(&str) -> Option<String> {
    let folder = match host.platform().os {
        Os::Windows => host.env("APPDATA").unwrap_or_default(),
        Os::Macos => format!("{home}/Library/Application Support"),
        _ => host.env("XDG_CONFIG_HOME").unwrap_or_else(|| format!("{home}/.config")),
    };
    let text = host.read(&format!("{folder}/go/env"), View::Keys(&["GOPATH", "GOBIN"])).text().unwrap_or_default();
    move |name| Pattern::new(format!(r"(?m)^{name}=(\S.*)$")).find(&text).map(|value| value.trim().to_owned())
}
