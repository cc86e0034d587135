//! The client's plugins, found as the client finds them and asked directly: that needs no daemon and half the time.

use serde_json::Value;

use super::{name_packages, no_daemon};
use crate::{
    host::{Command, Host},
    model::{Broken, Observation, Os, Seen, seen::PathKind},
    native::{Ask, program},
};

/// Asks the plugin `with.plugin` for its version. Facts: `plugin` (its file), `plugin_state` (`found`, `dangling`,
/// `missing`), and for Compose `standalone` (what the old `docker-compose` command says).
pub fn plugin(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let name = format!("docker-{}", ask.word("plugin"));
    let asked = ["docker", ask.word("plugin"), "version"].map(str::to_owned);
    let found = find(host, &name);
    let client = program::inspect(host, "docker");
    // Podman and snaps look for plugins in places of their own, so there the client is asked.
    let plain = client.as_ref().is_none_or(|client| !matches!(client.kind, program::Kind::Snap));
    let direct = found.as_ref().filter(|found| plain && !ask.deep && found.state == "found").cloned();
    let mut seen = match &direct {
        Some(found) => {
            let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
            let argv = [found.path.clone(), "version".to_owned()];
            seen.evidence.argv = argv.to_vec();
            program::record(host.run(&Command::new(argv).timeout(ask.timeout)), &mut seen);
            seen
        }
        None => program::observe(host, &asked, &no_daemon(host), ask.timeout, false),
    };
    let state = found.as_ref().map_or("missing", |found| found.state);
    seen.facts.insert("plugin_state".to_owned(), state.to_owned());
    if let Some(found) = found {
        seen.facts.insert("plugin".to_owned(), found.path);
    }
    let works = matches!(seen.seen, Seen::Exited { code: 0, .. });
    if ask.word("plugin") == "compose" && !works {
        seen.facts.extend(standalone(host));
    }
    name_packages(ask, &mut seen);
    seen
}

/// A plugin's file.
#[derive(Debug, Clone)]
struct Found {
    path: String,
    state: &'static str,
}

/// The first folder that has it wins, as for the client; a dead link is remembered in case nothing better follows.
fn find(host: &dyn Host, name: &str) -> Option<Found> {
    let windows = host.platform().os == Os::Windows;
    let file = if windows { format!("{name}.exe") } else { name.to_owned() };
    let mut dead = None;
    for folder in folders(host) {
        let path = format!("{folder}/{file}");
        match host.stat(&path).kind {
            PathKind::File => return Some(Found { path, state: "found" }),
            PathKind::Dangling => dead = dead.or(Some(Found { path, state: "dangling" })),
            _ => {}
        }
    }
    dead
}

/// The folders in the client's order: the configuration's own, the user's, the system's.
fn folders(host: &dyn Host) -> Vec<String> {
    const SYSTEM: &[&str] = &[
        "/usr/local/lib/docker/cli-plugins",
        "/usr/local/libexec/docker/cli-plugins",
        "/usr/lib/docker/cli-plugins",
        "/usr/libexec/docker/cli-plugins",
    ];
    let user = super::config::folder(host);
    let text = user.as_ref().and_then(|user| host.read(&format!("{user}/config.json"), super::config::VIEW).text());
    let config = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let extra = config.as_ref().and_then(|config| config.get("cliPluginsExtraDirs")).and_then(Value::as_array);
    let mut folders: Vec<String> =
        extra.into_iter().flatten().filter_map(|folder| folder.as_str().map(str::to_owned)).collect();
    folders.extend(user.map(|user| format!("{user}/cli-plugins")));
    if host.platform().os == Os::Windows {
        let below = |variable: &str, rest: &str| host.env(variable).map(|folder| format!("{folder}/{rest}"));
        folders.extend(below("ProgramData", "Docker/cli-plugins"));
        folders.extend(below("ProgramFiles", "Docker/cli-plugins"));
        folders.extend(below("ProgramFiles", "Docker/Docker/resources/cli-plugins"));
    } else {
        folders.extend(SYSTEM.iter().map(|&folder| folder.to_owned()));
    }
    folders
}

/// What the `docker-compose` command of its own says, where there is one.
fn standalone(host: &dyn Host) -> Option<(String, String)> {
    let program = program::inspect(host, "docker-compose")?;
    let text = match program.broken {
        Some(Broken::Dangling) => "a dead link".to_owned(),
        Some(_) => return None,
        None => {
            let ran = host.run(&Command::new(["docker-compose", "version"]));
            ran.stdout.text().lines().find(|line| !line.trim().is_empty())?.to_owned()
        }
    };
    Some(("standalone".to_owned(), text))
}
