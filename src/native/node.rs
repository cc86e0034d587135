//! Probes of Node, its version managers, npm and pnpm.
//!
//! Node itself is started once (7 ms); npm and older pnpm are programs for Node whose version stands in the
//! `package.json` beside the resolved launcher, so they are only run where that file does not settle it.

mod managers;
mod npm;
mod pnpm;
mod versions;

use super::{
    Ask, Native,
    program::{self, Kind, Program},
    shell::{Startup, startup},
};
use crate::{
    host::{Command, Host, expand, parent},
    model::{
        Observation, Os, Pattern, Platform, Seen,
        seen::{Candidate, End, View},
    },
};
use managers::{Manager, survey};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("node", node),
    ("node-manager", manager),
    ("npm", npm::npm),
    ("npm-prefix", npm::prefix),
    ("npm-cache", npm::cache),
    ("npm-scripts", npm::scripts),
    ("pnpm", pnpm::pnpm),
    ("pnpm-home", pnpm::home),
];

/// Node as it answers now: `version`; `source` (who installed it, see [`source`]) and `by` (that name for people);
/// where there is none, `manager`, `inactive` (why the manager gives none) and its `folder`, `versions`, `wanted`.
fn node(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(found) = program::inspect(host, "node") else {
        return match on_first_use(host) {
            Some(path) => first_use(ask, &path),
            None => no_node(host, Observation::absent()),
        };
    };
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    program::describe(&found, &mut seen);
    let source = source(host, &found.first);
    seen = seen.with("source", source).with("by", display(source, host.platform()));
    seen.evidence.argv = vec!["node".to_owned(), "--version".to_owned()];
    if let Some(why) = found.broken {
        seen.seen = Seen::Broken(why);
        return no_node(host, seen);
    }
    if let Some(arch) = built_for(host, &found.first) {
        seen = seen.with("built_for", arch);
    }
    match target(host, &found) {
        Target::Program(argv) => {
            seen.evidence.argv.clone_from(&argv);
            program::record(host.run(&Command::new(argv).timeout(ask.timeout)), &mut seen);
            seen
        }
        Target::Nothing(manager) => describe_manager(host, &manager, &startup(host), seen),
    }
}

/// The node of an nvm that the start-up files load only when `node` or `nvm` is first typed, as zsh-nvm and many
/// hand-written lines do: healthy, although PATH has no node before.
fn on_first_use(host: &dyn Host) -> Option<String> {
    let lazily = r"\bNVM_LAZY(_LOAD)?=|:omz:plugins:nvm'? +lazy +'?(yes|true|on|1)\b|\blazy_?(load_)?nvm\b|^\s*(function +)?(nvm|node|npm) *\(\) *\{|^\s*function +(nvm|node)\b";
    let startup = startup(host);
    startup.find(&Pattern::new(lazily))?;
    let manager = survey(host, &startup).into_iter().find(|manager| manager.name == "nvm")?;
    manager.node(false).filter(|path| manager.state() == "ready" && versions::exists(host, path))
}

/// What the node says that a first use brings.
fn first_use(ask: Ask<'_>, path: &str) -> Observation {
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    seen = seen.with("program", path).with("source", "nvm").with("by", "nvm").with("first_use", "yes");
    seen.evidence.argv = vec![path.to_owned(), "--version".to_owned()];
    program::record(ask.host.run(&Command::new([path, "--version"]).timeout(ask.timeout)), &mut seen);
    seen
}

/// Whether a program lies beside the node that a first use brings (fact `first_use`).
fn beside_first_use(host: &dyn Host, name: &str, seen: Observation) -> Observation {
    let there = on_first_use(host).is_some_and(|node| versions::exists(host, &format!("{}/{name}", parent(&node))));
    if there { seen.with("first_use", "yes") } else { seen }
}

/// Adds what the managers say about a machine without node.
fn no_node(host: &dyn Host, seen: Observation) -> Observation {
    let startup = startup(host);
    let managers = survey(host, &startup);
    let best = managers.iter().find(|manager| !manager.versions.is_empty()).or_else(|| managers.first());
    match best {
        Some(manager) => describe_manager(host, manager, &startup, seen),
        None => match unlinked(host) {
            Some(path) => seen.with("inactive", "not-on-path").with("found_at", path),
            None => seen,
        },
    }
}

fn describe_manager(host: &dyn Host, manager: &Manager, startup: &Startup, mut seen: Observation) -> Observation {
    let state = match manager.state() {
        "ready" => "inactive",
        state => state,
    };
    seen = seen.with("manager", manager.name).with("inactive", format!("{}-{state}", manager.name));
    seen = seen.with("folder", tilde(host, &manager.folder)).with("rc", startup.rc.clone());
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            seen.facts.insert(name.to_owned(), value);
        }
    };
    fact("versions", Some(manager.versions.join(", ")));
    fact("newest", manager.versions.last().cloned());
    fact("wanted", manager.wanted.clone());
    fact("elsewhere", manager.elsewhere.clone().filter(|_| manager.loaded.is_none()));
    fact("misplaced", manager.misplaced.as_ref().map(|folder| tilde(host, folder)));
    seen
}

/// A node that stands where installers put one, although PATH does not lead there: one that Homebrew keeps unlinked,
/// or a fresh installation in a terminal from before it.
fn unlinked(host: &dyn Host) -> Option<String> {
    let windows = ["C:\\Program Files\\nodejs\\node.exe".to_owned()];
    let kegs = ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];
    let unix = || {
        kegs.iter().flat_map(|folder| {
            let names = host.list(folder).names.into_iter().map(|name| name.trim_end_matches('/').to_owned());
            let nodes = names.filter(|name| name == "node" || name.starts_with("node@"));
            nodes.map(move |name| format!("{folder}/{name}/bin/node")).collect::<Vec<_>>()
        })
    };
    match host.platform().os {
        Os::Windows => windows.into_iter().find(|path| versions::exists(host, path)),
        _ => unix().find(|path| versions::exists(host, path)),
    }
}

/// What is to be run for a node on PATH.
enum Target {
    Program(Vec<String>),
    /// A shim whose manager has nothing to start, so that running it would fail or download.
    Nothing(Manager),
}

fn target(host: &dyn Host, found: &Program) -> Target {
    let name = match found.kind {
        Kind::Mise => "mise",
        Kind::Volta => "volta",
        Kind::Asdf => "asdf",
        _ if found.first.path.contains("nodenv/shims/") => "nodenv",
        _ => return Target::Program(vec!["node".to_owned(), "--version".to_owned()]),
    };
    let manager = survey(host, &startup(host)).into_iter().find(|manager| manager.name == name);
    let manager = manager.unwrap_or(Manager { name, loaded: Some(String::new()), ..Manager::default() });
    match manager.node(host.platform().os == Os::Windows) {
        Some(path) => Target::Program(vec![path, "--version".to_owned()]),
        None => Target::Nothing(manager),
    }
}

/// The version of the node that answers, where one does, without the leading `v`. The host remembers commands, so
/// asking again costs nothing.
fn node_version(host: &dyn Host) -> Option<String> {
    let found = program::inspect(host, "node").filter(|found| found.broken.is_none())?;
    let Target::Program(argv) = target(host, &found) else { return None };
    let ran = host.run(&Command::new(argv));
    let text = ran.stdout.text();
    let version = Pattern::new(r"(?m)^v(\d+\.\d+\.\d+)").find(&text).map(str::to_owned);
    version.filter(|_| ran.end == End::Exited(0))
}

/// Who installed a node, by its paths: `nvm`, `nvm.fish`, `fnm`, `volta`, `mise`, `asdf`, `nodenv`, `n`, `nvm-windows`, `homebrew`,
/// `snap`, `conda`, `nix`, `system` (the distribution's packages), `installer`, `other`.
pub fn source(host: &dyn Host, node: &Candidate) -> &'static str {
    let (path, real) = (node.path.replace('\\', "/"), node.real().replace('\\', "/"));
    let either = |part: &str| path.contains(part) || real.contains(part);
    let platform = host.platform();
    let nvm = || host.env("NVM_DIR").is_some_and(|folder| path.starts_with(&format!("{folder}/")));
    let symlink = || {
        let folder = host.env("NVM_SYMLINK").map(|folder| folder.replace('\\', "/").to_lowercase());
        folder.is_some_and(|folder| path.to_lowercase().starts_with(&folder))
    };
    let n = || {
        host.env("N_PREFIX").is_some_and(|prefix| path.starts_with(&format!("{prefix}/")))
            || (path == "/usr/local/bin/node" && versions::exists(host, "/usr/local/n/versions/node"))
    };
    if platform.os == Os::Windows && (symlink() || either("/nvm/v") || either("/nvm4w/")) {
        "nvm-windows"
    } else if either("/share/nvm/v") {
        "nvm.fish"
    } else if either("/.nvm/") || either("/nvm/versions/node/") || nvm() {
        "nvm"
    } else if either("/fnm_multishells/") || either("/fnm/node-versions/") || either("/.fnm/") {
        "fnm"
    } else if either("/.volta/") || either("/Volta/") || real.ends_with("/volta-shim") {
        "volta"
    } else if either("/mise/installs/") || either("/mise/shims/") || real.ends_with("/bin/mise") {
        "mise"
    } else if either("/.asdf/") || either("/asdf/shims/") || either("/asdf/installs/") {
        "asdf"
    } else if either("/.nodenv/") || either("/nodenv/shims/") {
        "nodenv"
    } else if either("/n/versions/node/") || n() {
        "n"
    } else if either("/Cellar/") || either("/opt/homebrew/") || either("/linuxbrew/") {
        "homebrew"
    } else if path.starts_with("/snap/") {
        "snap"
    } else if either("/nix/store/") {
        "nix"
    } else if either("conda") || either("/miniforge") {
        "conda"
    } else if platform.os == Os::Linux && (path.starts_with("/usr/bin/") || path.starts_with("/bin/")) {
        "system"
    } else if either("/Program Files/nodejs/") || (platform.os == Os::Macos && path.starts_with("/usr/local/")) {
        "installer"
    } else {
        "other"
    }
}

/// The same for people.
fn display(source: &'static str, platform: &Platform) -> &'static str {
    match source {
        "volta" => "Volta",
        "homebrew" => "Homebrew",
        "snap" => "Snap",
        "conda" => "Conda",
        "nix" => "Nix",
        "installer" => "the Node.js installer",
        "other" => "hand",
        "system" => match platform.family.as_str() {
            "debian" => "apt",
            "fedora" => "dnf",
            "arch" => "pacman",
            "alpine" => "apk",
            "suse" => "zypper",
            _ => "the system",
        },
        name => name,
    }
}

/// On a Mac with Apple's processor: `x64` where a node is built for Intel and so runs slowly in emulation. Its path
/// tells (the Intel Homebrew lives in `/usr/local`), or the build settings that every release carries.
fn built_for(host: &dyn Host, node: &Candidate) -> Option<String> {
    if !host.platform().is("macos-arm") {
        return None;
    }
    if node.real().starts_with("/usr/local/Cellar/") {
        return Some("x64".to_owned());
    }
    let prefix = parent(parent(node.real()));
    let settings = host.read(&format!("{prefix}/include/node/config.gypi"), View::Whole).text()?;
    Pattern::new(r#"['"]host_arch['"]\s*:\s*['"](\w+)"#).find(&settings).map(str::to_owned)
}

/// How the version manager is set up: `manager`, `state` and, for nvm, what it refuses to work with.
fn manager(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let startup = startup(host);
    let managers = survey(host, &startup);
    let found = program::inspect(host, "node");
    let source = found.as_ref().map_or("none", |found| source(host, &found.first));
    let own = managers.iter().find(|manager| manager.name == source);
    // nvm.fish needs no line in a start-up file, and an nvm beside it is for other shells.
    let others = || managers.first().filter(|_| source != "nvm.fish");
    let Some(manager) = own.or_else(others) else {
        if found.as_ref().is_none_or(|node| node.broken.is_some()) {
            return Observation::facts([("state", "node-missing"), ("source", source)]);
        }
        let by = display(source, host.platform());
        return Observation::facts([("state", "no-manager"), ("source", source), ("by", by)]);
    };
    let mut seen = describe_manager(host, manager, &startup, Observation::facts([("source", source)]));
    let state = match manager.state() {
        _ if found.is_none() => "node-missing",
        // Node answers; what the manager's files say of a new terminal matters only where it is this manager's node.
        "ready" => "ready",
        "not-loaded" if own.is_some() => "ready",
        // Its default is the link that this node was reached by.
        "no-default" if own.is_some() && manager.name == "nvm-windows" => "ready",
        state => state,
    };
    seen = seen.with("state", state);
    if !manager.version.is_empty() {
        seen = seen.with("version", manager.version.clone());
    }
    if manager.name == "nvm" && manager.loaded.is_some() {
        seen = npm::refused_by_nvm(host, seen);
    }
    seen
}

/// Whether a folder is on PATH, `~`, final separators and, on Windows, letter case aside.
fn on_path(host: &dyn Host, folder: &str) -> bool {
    let home = host.home();
    let windows = host.platform().os == Os::Windows;
    let plain = |path: &str| {
        let path = expand(path, home.as_deref()).replace('\\', "/");
        let path = path.trim_end_matches('/').to_owned();
        if windows { path.to_lowercase() } else { path }
    };
    let folder = plain(folder);
    host.path().iter().any(|entry| plain(entry) == folder)
}

/// A path with `~` for the home folder, as fixes write it.
fn tilde(host: &dyn Host, path: &str) -> String {
    let rest = host.home().and_then(|home| path.strip_prefix(&home).map(str::to_owned));
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}
