//! Whether the engine answers, and where it does not, who would have to.

use serde_json::Value;

use super::{
    config::{VIEW, folder},
    exists, first_existing,
};
use crate::{
    host::{Command, Host},
    model::{
        Observation, Os, Pattern, Seen,
        condition::streams,
        seen::{End, View},
    },
    native::{Ask, program, shell::startup},
};

/// Asks the engine for its version. The client says it in JSON even where the engine is not reachable (then with
/// `"Server":null` and exit 1), so its words are read whatever the exit code is.
pub fn daemon(ask: Ask<'_>) -> Observation {
    if let Some(endpoint) = over_ssh(ask.host) {
        // To ask it would log in on another machine, with this person's key, maybe with a question.
        let facts = [("over_ssh", endpoint)].into_iter().chain(settings(ask.host)).chain(setter(ask.host));
        return Observation::facts(facts.collect::<Facts>());
    }
    let argv = ["docker", "version", "--format", "{{json .}}"].map(str::to_owned);
    let mut seen = program::observe(ask.host, &argv, &[], ask.timeout, false);
    let answered = match &seen.seen {
        Seen::Exited { code: 0, .. } => true,
        Seen::Exited { .. } | Seen::TimedOut { .. } => false,
        _ => return seen,
    };
    let mut facts = server(streams(&seen.seen).0);
    if !answered {
        let kind = seen.facts.get("kind").map_or("", String::as_str);
        facts.extend(settings(ask.host));
        facts.extend(setter(ask.host));
        facts.extend(contexts(ask.host));
        facts.push(("engine", engine(ask.host, kind)));
        facts.push(("init", init(ask.host)));
        facts.extend(group(ask.host));
        facts.extend(unit(ask.host));
    }
    seen.facts.extend(facts.into_iter().map(|(name, value)| (name.to_owned(), value)));
    seen
}

type Facts = Vec<(&'static str, String)>;

/// What the client's JSON says.
fn server(stdout: &str) -> Facts {
    let json =
        stdout.lines().find(|line| line.starts_with('{')).and_then(|line| serde_json::from_str::<Value>(line).ok());
    let Some(json) = json else { return Facts::new() };
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let wanted = [
        ("client", "/Client/Version"),
        ("context", "/Client/Context"),
        ("version", "/Server/Version"),
        ("product", "/Server/Platform/Name"),
        ("server_os", "/Server/Os"),
    ];
    wanted.into_iter().filter_map(|(name, pointer)| Some((name, text(pointer)?.to_owned()))).collect()
}

/// The engine's address where the client would reach it by ssh: DOCKER_HOST's, else the selected context's.
pub(in crate::native) fn over_ssh(host: &dyn Host) -> Option<String> {
    let by_ssh = |endpoint: &String| endpoint.starts_with("ssh://");
    if let Some(endpoint) = host.env("DOCKER_HOST") {
        return Some(endpoint).filter(by_ssh);
    }
    let folder = folder(host)?;
    let named = || {
        let config = host.read(&format!("{folder}/config.json"), VIEW).text()?;
        let config: Value = serde_json::from_str(&config).ok()?;
        Some(config.get("currentContext")?.as_str()?.to_owned())
    };
    let context = host.env("DOCKER_CONTEXT").or_else(named).filter(|name| !matches!(name.as_str(), "" | "default"))?;
    let meta = format!("{folder}/contexts/meta");
    host.list(&meta).names.iter().take(40).find_map(|entry| {
        let path = format!("{meta}/{}/meta.json", entry.trim_end_matches('/'));
        let text = host.read(&path, View::Json(&["Name", "Host"])).text()?;
        let json: Value = serde_json::from_str(&text).ok()?;
        let host = json.pointer("/Endpoints/docker/Host")?.as_str()?.to_owned();
        (json.get("Name")?.as_str()? == context).then_some(host).filter(by_ssh)
    })
}

/// The environment variables that overrule everything else.
fn settings(host: &dyn Host) -> Facts {
    let names = [
        ("docker_host", "DOCKER_HOST"),
        ("docker_context", "DOCKER_CONTEXT"),
        ("api_version", "DOCKER_API_VERSION"),
        ("tls_verify", "DOCKER_TLS_VERIFY"),
    ];
    names.into_iter().filter_map(|(name, variable)| Some((name, host.env(variable)?))).collect()
}

/// The line of a start-up file that sets the first of those variables that is set.
fn setter(host: &dyn Host) -> Facts {
    let set = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_API_VERSION"].into_iter().find(|name| host.env(name).is_some());
    let place = set.and_then(|name| startup(host).find(&Pattern::new(format!(r"\b{name}\b"))));
    place.map_or_else(Facts::new, |place| vec![("set_in", place.file), ("set_at", place.line.to_string())])
}

/// The context of an engine that is there, to change to where the selected one is not.
fn contexts(host: &dyn Host) -> Facts {
    let folder = "~/.docker/contexts/meta";
    let Some(home) = host.home() else { return Facts::new() };
    let folder = folder.replacen('~', &home, 1);
    let name = |entry: &String| {
        let path = format!("{folder}/{}/meta.json", entry.trim_end_matches('/'));
        let text = host.read(&path, View::Json(&["Name"])).text()?;
        serde_json::from_str::<Value>(&text).ok()?.get("Name")?.as_str().map(str::to_owned)
    };
    let names: Vec<String> = host.list(&folder).names.iter().take(40).filter_map(name).collect();
    let installed = |name: &str| match name {
        "desktop-linux" => has_desktop(host),
        "orbstack" => exists(host, "/Applications/OrbStack.app"),
        "rancher-desktop" => exists(host, "/Applications/Rancher Desktop.app"),
        "colima" => !host.which("colima").is_empty(),
        _ => false,
    };
    let best = ["desktop-linux", "orbstack", "colima", "rancher-desktop"]
        .into_iter()
        .find(|wanted| names.iter().any(|name| name == wanted) && installed(wanted));
    vec![("good_context", best.unwrap_or("default").to_owned())]
}

/// Whether Docker Desktop is installed, whatever it does now.
fn has_desktop(host: &dyn Host) -> bool {
    let places: &[&str] = match host.platform().os {
        Os::Macos => &["/Applications/Docker.app"],
        Os::Windows => &["C:/Program Files/Docker/Docker/Docker Desktop.exe"],
        _ if host.platform().wsl > 0 => &["/mnt/c/Program Files/Docker/Docker/Docker Desktop.exe"],
        _ => &["/opt/docker-desktop"],
    };
    first_existing(host, places).is_some()
}

/// Who serves the usual socket on this machine.
fn engine(host: &dyn Host, kind: &str) -> String {
    const ENGINES: &[&str] = &["/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd", "/sbin/dockerd"];
    let platform = host.platform();
    let word = match platform.os {
        Os::Linux if !platform.container.is_empty() => "container",
        Os::Linux if kind == "docker-desktop" => "desktop",
        Os::Linux if first_existing(host, ENGINES).is_some() || !host.which("dockerd").is_empty() => "system",
        Os::Linux if first_existing(host, &["/snap/bin/docker"]).is_some() => "snap",
        Os::Macos if exists(host, "/Applications/Docker.app") => "desktop",
        Os::Macos if exists(host, "/Applications/OrbStack.app") => "orbstack",
        Os::Macos if exists(host, "/Applications/Rancher Desktop.app") => "rancher",
        Os::Macos if !host.which("colima").is_empty() => "colima",
        _ if has_desktop(host) => "desktop",
        _ => "none",
    };
    word.to_owned()
}

/// What starts services here.
fn init(host: &dyn Host) -> String {
    let word = if host.platform().systemd {
        "systemd"
    } else if exists(host, "/sbin/openrc") {
        "openrc"
    } else {
        "none"
    };
    word.to_owned()
}

fn output(host: &dyn Host, argv: &[&str]) -> Option<String> {
    let ran = host.run(&Command::new(argv.iter().copied()));
    (ran.end == End::Exited(0)).then(|| ran.stdout.text())
}

/// Where this user stands with the group `docker`: `none` (there is no such group), `outside`, `session-old` (the user
/// was added after this session began), `inside`.
fn group(host: &dyn Host) -> Option<(&'static str, String)> {
    if host.platform().os != Os::Linux || host.platform().root {
        return None;
    }
    let here = output(host, &["id", "-Gn"])?;
    let word = if here.split_whitespace().any(|name| name == "docker") {
        "inside"
    } else {
        // getent also asks LDAP and the like; Alpine has it too.
        let line = output(host, &["getent", "group", "docker"]);
        let user = || host.env("USER").or_else(|| Some(output(host, &["id", "-un"])?.trim().to_owned()));
        match line.as_deref().and_then(|line| line.trim().rsplit(':').next()) {
            None => "none",
            Some(members) if user().is_some_and(|user| members.split(',').any(|name| name == user)) => "session-old",
            Some(_) => "outside",
        }
    };
    Some(("group", word.to_owned()))
}

/// What systemd says of the engine's unit: `failed`, `masked`, `inactive`, `active`, `activating`, `not-found`.
fn unit(host: &dyn Host) -> Option<(&'static str, String)> {
    if !host.platform().systemd || host.which("systemctl").is_empty() {
        return None;
    }
    let text = output(host, &["systemctl", "show", "docker.service", "--property=LoadState,ActiveState"])?;
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("");
    let word = match value("LoadState=") {
        "" | "loaded" => value("ActiveState="),
        other => other,
    };
    (!word.is_empty()).then(|| ("unit", word.to_owned()))
}
