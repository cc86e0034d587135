//! Probes of Docker: its client, daemon, plugins and configuration, and a container that is really run.

mod config;
pub(super) mod daemon;
mod plugin;
mod run;

use super::{Ask, Native, program};
use crate::{
    host::Host,
    model::{Observation, Os, seen::PathKind},
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("docker-cli", cli),
    ("docker-config", config::config),
    ("docker-daemon", daemon::daemon),
    ("docker-plugin", plugin::plugin),
    ("docker-run", run::hello),
];

/// The client's version, and what the packages are called that a fix needs.
fn cli(ask: Ask<'_>) -> Observation {
    let argv = ["docker", "--version"].map(str::to_owned);
    let mut seen = program::observe(ask.host, &argv, &no_daemon(ask.host), ask.timeout, false);
    // In WSL Docker is not installed from packages.
    if ask.host.platform().wsl == 0 {
        name_packages(ask, &mut seen);
    }
    seen
}

/// An environment in which the client finds no daemon at once. Clients up to 20.10 ask the daemon before they say even
/// their own version: they wait for ever where it hangs, and fail where the context is gone.
fn no_daemon(host: &dyn Host) -> [(String, String); 2] {
    let nowhere = if host.platform().os == Os::Windows { "npipe:////./pipe/no-docker" } else { "unix:///dev/null" };
    [("DOCKER_HOST", nowhere), ("DOCKER_TLS_VERIFY", "")].map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Whether something stands at a path.
fn exists(host: &dyn Host, path: &str) -> bool {
    !matches!(host.stat(path).kind, PathKind::Missing | PathKind::Dangling)
}

/// The first of these paths where something stands.
fn first_existing<'a>(host: &dyn Host, paths: &[&'a str]) -> Option<&'a str> {
    paths.iter().copied().find(|path| exists(host, path))
}

/// Whose package a machine would install: Docker's own where its repository is set up, else the distribution's.
/// The check file gives the names: `with.docker` of Docker's repository, `with.ubuntu`, `with.debian` (13 and newer),
/// `with.fedora`; `with.vendor` is the installer where the distribution has none. The fact is `package` or `vendor`.
fn name_packages(ask: Ask<'_>, seen: &mut Observation) {
    const REPOSITORIES: &[&str] = &[
        "/etc/apt/sources.list.d/docker.list",
        "/etc/apt/sources.list.d/docker.sources",
        "/etc/yum.repos.d/docker-ce.repo",
    ];
    let platform = ask.host.platform();
    // Into a container's image it is built, not installed by hand.
    if platform.os != Os::Linux || !platform.container.is_empty() {
        return;
    }
    let old_debian = platform.distro == "debian"
        && platform
            .version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok())
            .is_some_and(|major| major < 13);
    let key = match platform.family.as_str() {
        "debian" | "fedora" if first_existing(ask.host, REPOSITORIES).is_some() => "docker",
        "debian" if old_debian => "vendor",
        "debian" if platform.distro == "debian" => "debian",
        "debian" => "ubuntu",
        "fedora" => "fedora",
        _ => return,
    };
    let value = ask.word(key);
    if !value.is_empty() {
        let names = if key == "vendor" { "vendor" } else { "package" };
        for (index, word) in value.split_whitespace().enumerate() {
            let name = if index == 0 { names.to_owned() } else { format!("{names}{}", index + 1) };
            seen.facts.insert(name, word.to_owned());
        }
    }
}
