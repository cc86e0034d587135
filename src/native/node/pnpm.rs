//! pnpm: the real one, or Corepack's shim seen through by its files, because running that may download.

use super::{
    node_version, npm, on_path, source, tilde,
    versions::{installed, package, package_folder},
};
use crate::{
    host::{Command, Host, parent},
    model::{Observation, Os, Seen, Source, Version, seen::View},
    native::{
        Ask,
        program::{self, Kind, Program},
        shell::startup,
    },
};

/// Which pnpm answers: `version`, `node_version`, `engines` and `supported` as for npm; for Corepack's shim
/// `corepack` (its version), `cached` (what it has downloaded) and `shim` (`ready`, `not-downloaded`, `outdated`).
/// Where there is none: the `node_version` and `npm_writable` that decide how it can be installed.
pub fn pnpm(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let node = program::inspect(host, "node");
    let source = node.as_ref().map_or("none", |node| source(host, &node.first));
    let Some(found) = program::inspect(host, "pnpm") else {
        let mut seen = Observation::absent().with("source", source);
        if let Some(version) = node_version(host) {
            seen = seen.with("node_version", version);
        }
        if let Some(writable) = npm::prefix(ask).facts.remove("writable") {
            seen = seen.with("npm_writable", writable);
        }
        if let Some(path) = elsewhere(host) {
            seen = seen.with("found_in", tilde(host, &path)).with("rc", startup(host).rc.clone());
        }
        return super::beside_first_use(host, "pnpm", seen);
    };
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() }.with("source", source);
    program::describe(&found, &mut seen);
    seen.evidence.argv = vec!["pnpm".to_owned(), "--version".to_owned()];
    if let Some(why) = found.broken {
        seen.seen = Seen::Broken(why);
        return seen;
    }
    match found.kind {
        Kind::Corepack => corepack(host, &found, seen),
        Kind::Volta => volta(host, seen),
        _ if is_native(&found) => {
            let argv = seen.evidence.argv.clone();
            program::record(host.run(&Command::new(argv).timeout(ask.timeout)), &mut seen);
            seen.with("built", "native")
        }
        _ => npm::answer(ask, &found, folder(host, &found), seen),
    }
}

/// Whether it is a program of its own (the standalone pnpm, pnpm 12) rather than a script for Node.
fn is_native(found: &Program) -> bool {
    let real = found.first.real();
    let script = [".cjs", ".mjs", ".js", ".cmd", ".ps1"].iter().any(|ending| real.ends_with(ending));
    found.first.script.is_empty() && !script && found.kind == Kind::Plain
}

fn folder(host: &dyn Host, found: &Program) -> Option<String> {
    let beside = || format!("{}/node_modules/pnpm", parent(&found.first.path));
    let own = package_folder(found.first.real(), "pnpm").map(str::to_owned);
    own.into_iter().chain([beside()]).find(|folder| package(host, folder).is_some())
}

/// Volta keeps pnpm as a tool of its own or as a global package; a shim without either would fail.
fn volta(host: &dyn Host, seen: Observation) -> Observation {
    let home = host.env("VOLTA_HOME").unwrap_or_else(|| format!("{}/.volta", host.home().unwrap_or_default()));
    let json = host.read(&format!("{home}/tools/user/platform.json"), View::Json(&["pnpm"])).text();
    let json = json.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let chosen = json.as_ref().and_then(|json| json.get("pnpm")?.as_str()).map(str::to_owned);
    let global = || package(host, &format!("{home}/tools/image/packages/pnpm/lib/node_modules/pnpm"));
    let newest = || installed(host, &format!("{home}/tools/image/pnpm")).pop();
    match chosen.or_else(|| global().map(|package| package.version)).or_else(newest) {
        Some(version) => with_file(seen, format!("{home}/tools/user/platform.json")).with("version", version),
        None => seen.with("shim", "without-version"),
    }
}

fn with_file(mut seen: Observation, file: String) -> Observation {
    seen.evidence.source = Source::File;
    seen.evidence.argv.clear();
    seen.evidence.files.push(file);
    seen
}

/// Corepack from its version, its record of what was last good, and its cache.
fn corepack(host: &dyn Host, found: &Program, mut seen: Observation) -> Observation {
    let own = package_folder(found.first.real(), "corepack").and_then(|folder| package(host, folder));
    let home = corepack_home(host);
    let cached = [format!("{home}/v1/pnpm"), format!("{home}/pnpm")].map(|folder| installed(host, &folder));
    let cached: Vec<String> = cached.into_iter().flatten().collect();
    let record = host.read(&format!("{home}/lastKnownGood.json"), View::Json(&["pnpm"])).text();
    let record = record.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let good = record.as_ref().and_then(|json| json.get("pnpm")?.as_str());
    let good = good.map(|version| version.split('+').next().unwrap_or(version).to_owned());
    // Without a record Corepack asks the network which pnpm is the newest, whatever the cache holds.
    let chosen = good.clone().filter(|version| cached.contains(version)).or_else(|| match good {
        Some(_) => None,
        None => cached.last().cloned(),
    });
    if let Some(version) = node_version(host) {
        seen = seen.with("node_version", version);
    }
    if let Some(package) = &own {
        seen = seen.with("corepack", package.version.clone());
    }
    let parsed = |text: &String| text.parse::<Version>().ok();
    let old =
        own.as_ref().and_then(|package| parsed(&package.version)).is_some_and(|v| v.major() == 0 && v.minor() <= 31);
    // Corepack up to 0.31 starts `bin/pnpm.cjs`, which pnpm 11 and newer no longer have.
    let new_pnpm = chosen.as_ref().and_then(parsed).is_some_and(|version| version.major() >= 11);
    let shim = match &chosen {
        Some(_) if old && new_pnpm => "outdated",
        Some(_) => "ready",
        None if old => "outdated-empty",
        None => "not-downloaded",
    };
    seen = with_file(seen, format!("{home}/lastKnownGood.json")).with("shim", shim);
    match chosen {
        Some(version) => seen.with("version", version),
        None => seen,
    }
}

fn corepack_home(host: &dyn Host) -> String {
    let home = host.home().unwrap_or_default();
    if let Some(folder) = host.env("COREPACK_HOME") {
        return folder;
    }
    match host.platform().os {
        Os::Windows => format!("{}\\node\\corepack", host.env("LOCALAPPDATA").unwrap_or_default()),
        Os::Macos => format!("{home}/Library/Caches/node/corepack"),
        _ => match host.env("XDG_CACHE_HOME") {
            Some(cache) => format!("{cache}/node/corepack"),
            None => format!("{home}/.cache/node/corepack"),
        },
    }
}

/// A pnpm that is installed where PATH does not lead.
fn elsewhere(host: &dyn Host) -> Option<String> {
    let home = host.home()?;
    let named = host.env("PNPM_HOME");
    let usual = match host.platform().os {
        Os::Macos => format!("{home}/Library/pnpm"),
        Os::Windows => format!("{}\\pnpm", host.env("LOCALAPPDATA")?),
        _ => format!("{home}/.local/share/pnpm"),
    };
    let custom = [format!("{home}/.npm-global/bin")];
    let folders = named.into_iter().chain([usual]).flat_map(|folder| [format!("{folder}/bin"), folder]).chain(custom);
    let name = if host.platform().os == Os::Windows { "pnpm.exe" } else { "pnpm" };
    { folders }.find(|folder| super::versions::exists(host, &format!("{folder}/{name}")) && !on_path(host, folder))
}

/// Where pnpm puts global programs: `home`, `on_path` (`yes`, `no`, `only-old` where pnpm 11 moved its programs into
/// `bin`, which is not on PATH), or nothing where PNPM_HOME is not set.
pub fn home(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(home) = host.env("PNPM_HOME") else {
        return Observation::facts([("home", "unset")]);
    };
    let home = home.trim_end_matches(['/', '\\']).to_owned();
    let version = pnpm(ask).facts.get("version").and_then(|version| version.parse::<Version>().ok());
    let (old, new) = (on_path(host, &home), on_path(host, &format!("{home}/bin")));
    let moved = version.map(|version| version.major() >= 11);
    let verdict = match (moved, old, new) {
        (Some(true), true, false) => "only-old",
        (Some(true), false, false) | (_, false, false) => "no",
        (Some(false), false, true) => "no",
        _ => "yes",
    };
    let needed = if moved == Some(true) { format!("{home}/bin") } else { home.clone() };
    Observation::facts([("on_path", verdict)])
        .with("home", tilde(host, &home))
        .with("bin", tilde(host, &needed))
        .with("rc", startup(host).rc.clone())
}
