//! npm: which one, whether this Node suits it, and whether its folders belong to the learner.

use super::{
    node_version, on_path, source, tilde,
    versions::{Package, exists, package, package_folder, runs_on},
};
use crate::{
    host::{Command, Host, expand, parent},
    model::{
        Observation, Os, Pattern, Seen, Source,
        seen::{PathKind, View},
    },
    native::{
        Ask,
        program::{self, Kind, Program},
    },
};

/// Which npm answers: `version`, `node_version`, `engines` and `supported` (`yes` or `no`), `by` as for Node.
pub fn npm(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(found) = program::inspect(host, "npm") else {
        return super::beside_first_use(host, "npm", Observation::absent());
    };
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    program::describe(&found, &mut seen);
    seen.evidence.argv = vec!["npm".to_owned(), "--version".to_owned()];
    if let Some(why) = found.broken {
        seen.seen = Seen::Broken(why);
        return seen;
    }
    seen = seen.with("source", source(host, &found.first));
    answer(ask, &found, folder(host, &found), seen)
}

/// The version of a program for Node, from its package file where Node is known to run and to suit it; else the program
/// itself is asked, because only it knows how badly it takes that.
pub fn answer(ask: Ask<'_>, found: &Program, folder: Option<String>, mut seen: Observation) -> Observation {
    let host = ask.host;
    let node = node_version(host);
    let known = folder.as_ref().and_then(|folder| package(host, folder));
    if let Some(version) = &node {
        seen = seen.with("node_version", version.clone());
    }
    let suits = known.as_ref().zip(node.as_ref()).and_then(|(Package { engines, .. }, node)| runs_on(engines, node));
    if let (Some(Package { engines, .. }), Some(suits)) = (&known, suits) {
        seen = seen.with("engines", engines.clone()).with("supported", if suits { "yes" } else { "no" });
    }
    match known {
        Some(Package { version, .. }) if node.is_some() && suits != Some(false) && !ask.deep => {
            seen.evidence.source = Source::File;
            seen.evidence.files.extend(folder.map(|folder| format!("{folder}/package.json")));
            seen.evidence.argv.clear();
            seen.with("version", version)
        }
        // A shim of a manager may download what it stands for.
        _ if matches!(found.kind, Kind::Mise | Kind::Volta | Kind::Asdf) && !ask.deep => seen.with("shim", "unclear"),
        _ => {
            let argv = seen.evidence.argv.clone();
            program::record(host.run(&Command::new(argv).timeout(ask.timeout)), &mut seen);
            seen
        }
    }
}

/// The folder of the npm package behind the launcher on PATH.
fn folder(host: &dyn Host, found: &Program) -> Option<String> {
    if let Some(folder) = package_folder(found.first.real(), "npm").filter(|folder| !folder.ends_with("/bin/npm")) {
        return Some(folder.to_owned());
    }
    let beside = parent(&found.first.path);
    let node = program::inspect(host, "node")?;
    let target = match super::target(host, &node) {
        super::Target::Program(argv) if argv[0] != "node" => argv[0].clone(),
        _ => node.first.real().to_owned(),
    };
    let prefix = parent(parent(&target));
    [
        format!("{beside}/node_modules/npm"),
        format!("{}/node_modules/npm", parent(&target)),
        format!("{prefix}/lib/node_modules/npm"),
        "/usr/share/nodejs/npm".to_owned(),
    ]
    .into_iter()
    .find(|folder| exists(host, &format!("{folder}/package.json")))
}

/// A setting of npm: from the environment, the learner's file, or the files that came with npm.
struct Setting {
    value: String,
    origin: &'static str,
}

fn npmrc(host: &dyn Host, path: &str, key: &'static str) -> Option<String> {
    const KEYS: &[&str] = &["prefix", "globalconfig", "cache"];
    let text = host.read(path, View::Keys(KEYS)).text()?;
    let value =
        Pattern::new(format!(r"(?m)^[ \t]*{key}[ \t]*=[ \t]*(.*\S)")).find(&text)?.trim_matches(['"', '\'']).to_owned();
    Some(value)
}

/// `~`, `${HOME}` and other variables of an npmrc value put in.
fn filled(host: &dyn Host, value: &str) -> String {
    let mut value = expand(value, host.home().as_deref());
    let variable = Pattern::new(r"\$\{(\w+)\}");
    for _ in 0..4 {
        let Some(found) = variable.captures(&value) else { break };
        let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { break };
        let known = if name.as_str() == "HOME" { host.home() } else { host.env(name.as_str()) };
        let with = known.unwrap_or_default();
        let range = whole.range();
        value.replace_range(range, &with);
    }
    value
}

fn setting(host: &dyn Host, key: &'static str) -> Option<Setting> {
    let env = [format!("npm_config_{key}"), format!("NPM_CONFIG_{}", key.to_uppercase())];
    if let Some(value) = env.iter().find_map(|name| host.env(name)) {
        return Some(Setting { value, origin: "environment" });
    }
    let file =
        host.env("NPM_CONFIG_USERCONFIG").unwrap_or_else(|| format!("{}/.npmrc", host.home().unwrap_or_default()));
    npmrc(host, &file, key).map(|value| Setting { value: filled(host, &value), origin: "npmrc" })
}

/// Where `npm install -g` puts things: `prefix`, `origin`, `bin`, `writable` and `on_path` (`yes`, `no` or `unknown`).
pub fn prefix(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(found) = program::inspect(host, "npm").filter(|found| found.broken.is_none()) else {
        return Observation::absent();
    };
    let windows = host.platform().os == Os::Windows;
    let node = program::inspect(host, "node");
    let Setting { value, origin } = match setting(host, "prefix") {
        Some(setting) => setting,
        None => match built_in(host, &found, node.as_ref()) {
            Some(value) => Setting { value, origin: "node" },
            None => return Observation::facts([("writable", "unknown")]),
        },
    };
    let prefix = value.trim_end_matches(['/', '\\']).to_owned();
    let (bin, modules) = match windows {
        true => (prefix.clone(), format!("{prefix}/node_modules")),
        false => (format!("{prefix}/bin"), format!("{prefix}/lib/node_modules")),
    };
    let writable = match (writable(host, &modules), writable(host, &bin)) {
        (Some(false), _) | (_, Some(false)) if !host.platform().root => "no",
        (None, _) | (_, None) => "unknown",
        _ => "yes",
    };
    let source = node.as_ref().map_or("none", |node| source(host, &node.first));
    let on_path = if on_path(host, &bin) { "yes" } else { "no" };
    let mut seen = Observation::facts([("origin", origin), ("writable", writable), ("source", source)])
        .with("prefix", tilde(host, &prefix))
        .with("bin", tilde(host, &bin))
        .with("on_path", on_path);
    seen = seen.with("rc", crate::native::shell::startup(host).rc.clone());
    let nvm = host.env("NVM_DIR").unwrap_or_else(|| format!("{}/.nvm", host.home().unwrap_or_default()));
    if exists(host, &format!("{nvm}/nvm.sh")) {
        // A prefix in ~/.npmrc would be in its way.
        seen = seen.with("nvm", tilde(host, &nvm));
    }
    if origin == "npmrc" {
        seen.evidence.files.push(format!("{}/.npmrc", host.home().unwrap_or_default()));
    }
    seen
}

/// npm's prefix where nobody set one: what its packager wrote beside it, else the folder that Node is in.
fn built_in(host: &dyn Host, npm: &Program, node: Option<&Program>) -> Option<String> {
    let folder = folder(host, npm);
    if let Some(value) = folder.as_ref().and_then(|folder| npmrc(host, &format!("{folder}/npmrc"), "prefix")) {
        return Some(filled(host, &value));
    }
    let node = node?;
    let real = match super::target(host, node) {
        super::Target::Program(argv) if argv[0] != "node" => argv[0].clone(),
        super::Target::Program(_) => node.first.real().to_owned(),
        super::Target::Nothing(_) => return None,
    };
    if folder.is_some_and(|folder| folder.starts_with("/usr/share/nodejs/")) {
        // Debian's npm keeps out of the folders that apt owns.
        return Some("/usr/local".to_owned());
    }
    if let Some(at) = real.find("/Cellar/") {
        return Some(real[..at].to_owned());
    }
    if host.platform().os == Os::Windows {
        return host.env("APPDATA").map(|folder| format!("{folder}\\npm"));
    }
    Some(parent(parent(&real)).to_owned()).filter(|prefix| !prefix.is_empty())
}

/// Whether this user may write in a folder, or create it below the nearest one that exists.
fn writable(host: &dyn Host, folder: &str) -> Option<bool> {
    let mut folder = folder;
    while !folder.is_empty() {
        let stat = host.stat(folder);
        match stat.kind {
            PathKind::Missing | PathKind::Dangling => folder = parent(folder),
            _ => return stat.writable,
        }
    }
    None
}

/// Whether npm's cache belongs to this user: `foreign` (`yes` or `no`) and the `path` that does not.
pub fn cache(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let home = host.home().unwrap_or_default();
    let default = match host.platform().os {
        Os::Windows => host.env("LOCALAPPDATA").map(|folder| format!("{folder}\\npm-cache")).unwrap_or_default(),
        _ => format!("{home}/.npm"),
    };
    let folder = setting(host, "cache").map_or(default, |setting| setting.value);
    let places = ["", "/_cacache", "/_cacache/tmp", "/_cacache/content-v2", "/_cacache/index-v5", "/_logs"];
    let foreign = places.iter().map(|place| format!("{folder}{place}")).find(|place| {
        let stat = host.stat(place);
        stat.mine == Some(false) && stat.writable != Some(true) && stat.kind != PathKind::Missing
    });
    let seen = Observation::facts([("foreign", if foreign.is_some() { "yes" } else { "no" })]);
    seen.with("folder", tilde(host, &folder))
        .with("path", foreign.map_or_else(|| folder.clone(), |path| tilde(host, &path)))
}

/// On Windows: `policy`, what PowerShell does with scripts such as `npm.ps1`, and `script` (`yes` where npm has one).
pub fn scripts(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(found) = program::inspect(host, "npm") else { return Observation::absent() };
    let script = exists(host, &format!("{}\\npm.ps1", parent(&found.first.path)));
    // Asking the registry takes a tenth of the time that asking PowerShell takes; the order is PowerShell's own.
    let keys = [
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell",
        "HKCU\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell",
        "HKCU\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell",
        "HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell",
    ];
    let value = Pattern::new(r"ExecutionPolicy\s+REG_SZ\s+(\w+)");
    let set = keys.iter().find_map(|key| {
        let ran = host.run(&Command::new(["reg", "query", key, "/v", "ExecutionPolicy"]).timeout(ask.timeout));
        value.find(&ran.stdout.text()).map(str::to_owned)
    });
    let policy = set.unwrap_or_else(|| "Undefined".to_owned());
    Observation::facts([("script", if script { "yes" } else { "no" })]).with("policy", policy)
}

/// What nvm refuses to work with: `prefix_in` (a file with `prefix` or `globalconfig`), or `prefix_variable`.
pub fn refused_by_nvm(host: &dyn Host, seen: Observation) -> Observation {
    let file = format!("{}/.npmrc", host.home().unwrap_or_default());
    if npmrc(host, &file, "prefix").is_some() || npmrc(host, &file, "globalconfig").is_some() {
        return seen.with("prefix_in", tilde(host, &file));
    }
    let nvm = host.env("NVM_DIR").unwrap_or_else(|| format!("{}/.nvm", host.home().unwrap_or_default()));
    let names = ["PREFIX", "NPM_CONFIG_PREFIX", "npm_config_prefix"];
    let inside = |value: &String| value.starts_with(&format!("{nvm}/"));
    match names.iter().find(|name| host.env(name).is_some_and(|value| !inside(&value))) {
        Some(name) => seen.with("prefix_variable", *name),
        None => seen,
    }
}
