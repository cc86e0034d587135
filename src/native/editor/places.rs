//! Where an editor lies on each system.

use serde_json::Value;

use crate::{
    host::{Host, expand, parent},
    model::{
        Os,
        seen::{PathKind, View},
    },
    native::{Ask, program::is_windows_path},
};

/// An editor that was found.
#[derive(Debug, Clone)]
pub struct App {
    /// Its folder.
    pub folder: String,
    /// `here`, `windows` (seen from WSL), `server` (used from another machine).
    pub side: &'static str,
    /// Its version, where its files say it.
    pub version: Option<String>,
    /// The files that were read.
    pub files: Vec<String>,
    /// The folder of its command.
    pub bin: String,
}

/// The first of an editor's places where it lies.
pub fn find(ask: Ask<'_>) -> Option<App> {
    let host = ask.host;
    let (key, side) = match host.platform().os {
        Os::Macos => ("macos", "here"),
        Os::Windows => ("windows", "here"),
        Os::Linux if host.platform().wsl > 0 => ("wsl", "windows"),
        _ => ("linux", "here"),
    };
    let known = |key: &str, side: &'static str| {
        let places = ask.word(key).split('|').filter(|place| !place.is_empty());
        places.flat_map(|place| expanded(host, place)).find_map(|folder| at(host, &folder, side))
    };
    known(key, side)
        .or_else(|| behind_command(ask))
        .or_else(|| (host.platform().wsl > 0).then(|| known("linux", "here")).flatten())
        .or_else(|| (host.platform().os == Os::Linux).then(|| known("server", "server")).flatten())
}

/// An editor unpacked somewhere else, known by its command: `<folder>/bin/code`.
fn behind_command(ask: Ask<'_>) -> Option<App> {
    let candidate = ask.host.which(ask.word("command")).into_iter().next()?;
    let real = candidate.real().replace('\\', "/");
    if real.contains("/remote-cli/") {
        return None;
    }
    let side = if ask.host.platform().wsl > 0 && is_windows_path(&real) { "windows" } else { "here" };
    let folder = parent(parent(&real));
    // The macOS app keeps its command below Contents/Resources/app/bin.
    let folder = folder.strip_suffix("/Contents/Resources/app").unwrap_or(folder);
    // Whose command it is is told by the folder's product file alone.
    at(ask.host, folder, side).filter(|app| {
        let wants_cursor = ask.word("command") == "cursor";
        app.folder.to_ascii_lowercase().contains("cursor") == wants_cursor
    })
}

/// A place with `~`, a leading `$NAME` and one `*` (any folder) put in.
fn expanded(host: &dyn Host, place: &str) -> Vec<String> {
    let place = match place.strip_prefix('$').map(|rest| rest.split_at(rest.find('/').unwrap_or(rest.len()))) {
        Some((name, rest)) => match host.env(name) {
            Some(value) => format!("{}{rest}", value.replace('\\', "/")),
            None => return Vec::new(),
        },
        None => expand(place, host.home().as_deref()),
    };
    let Some((before, after)) = place.split_once("/*") else { return vec![place] };
    users(host, before).into_iter().map(|name| format!("{before}/{name}{after}")).collect()
}

/// The names of people's folders, Windows' own left out.
fn users(host: &dyn Host, folder: &str) -> Vec<String> {
    const OWN: &[&str] = &["Public", "Default", "Default User", "All Users", "WsiAccount"];
    let names = host.list(folder).names.into_iter();
    names
        .filter_map(|name| Some(name.strip_suffix('/')?.to_owned()))
        .filter(|name| !OWN.contains(&name.as_str()))
        .collect()
}

/// Every extension folder that `place` may mean.
pub fn folders(host: &dyn Host, place: &str) -> Vec<String> {
    expanded(host, place)
}

/// The editor in this folder, if there is one.
fn at(host: &dyn Host, folder: &str, side: &'static str) -> Option<App> {
    if side == "server" {
        return (host.stat(folder).kind == PathKind::Dir).then(|| server(host, folder));
    }
    let inside = resources(host, folder)?;
    let app = |version, files| App { folder: folder.to_owned(), side, version, files, bin: bin(host, folder, &inside) };
    for name in ["product.json", "package.json"] {
        let path = format!("{inside}/{name}");
        if let Some(version) = version(host, &path) {
            return Some(app(Some(version), vec![path]));
        }
    }
    Some(app(None, Vec::new()))
}

/// The folder with the editor's own files: plain, in a macOS app, below a folder named after the build, as newer Windows
/// installers make it, or the folder itself, as in Arch's package `code`.
fn resources(host: &dyn Host, folder: &str) -> Option<String> {
    let plain = [format!("{folder}/resources/app"), format!("{folder}/Contents/Resources/app")];
    if let Some(found) = plain.into_iter().find(|path| host.stat(path).kind == PathKind::Dir) {
        return Some(found);
    }
    let builds = host.list(folder).names.into_iter().filter(|name| name.ends_with('/') && name.len() >= 8);
    let mut build = builds.map(|name| format!("{folder}/{name}resources/app"));
    let itself = || (host.stat(&format!("{folder}/product.json")).kind == PathKind::File).then(|| folder.to_owned());
    build.find(|path| host.stat(path).kind == PathKind::Dir).or_else(itself)
}

fn bin(host: &dyn Host, folder: &str, inside: &str) -> String {
    let own = format!("{folder}/bin");
    if host.stat(&own).kind == PathKind::Dir { own } else { format!("{inside}/bin") }
}

fn version(host: &dyn Host, path: &str) -> Option<String> {
    let text = host.read(path, View::Json(&["version"])).text()?;
    let version = serde_json::from_str::<Value>(&text).ok()?.get("version")?.as_str()?.to_owned();
    (!version.is_empty()).then_some(version)
}

/// What an editor leaves on a machine that it is used on from afar: one folder for each build.
fn server(host: &dyn Host, folder: &str) -> App {
    let below = |path: String, rest: &str| {
        let names = host.list(&path).names.into_iter().filter(|name| name.ends_with('/'));
        names.map(|name| format!("{path}/{name}{rest}product.json")).collect::<Vec<_>>()
    };
    let files = [below(format!("{folder}/cli/servers"), "server/"), below(format!("{folder}/bin"), "")].concat();
    let found = files.into_iter().find_map(|path| Some((version(host, &path)?, path)));
    let (version, files) = found.map_or((None, Vec::new()), |(version, path)| (Some(version), vec![path]));
    App { folder: folder.to_owned(), side: "server", version, files, bin: String::new() }
}
