//! Which of the chapter's extensions an editor has, by the lists it keeps in files.

use std::collections::BTreeSet;

use serde_json::Value;

use super::places;
use crate::{
    host::Host,
    model::{
        Observation, Source,
        seen::{PathKind, View},
    },
    native::Ask,
};

/// An editor that keeps a list of extensions.
struct Editor {
    name: &'static str,
    command: &'static str,
    /// Where it keeps them, below home.
    own: &'static str,
    /// Where its server keeps them on a machine that it is used on from afar, below home.
    server: &'static str,
    /// Where its command lies on macOS when it is not on PATH.
    bin: &'static str,
}

/// Any of these will do; the one that has most of the wanted extensions is told about.
const EDITORS: &[Editor] = &[
    Editor {
        name: "VS Code",
        command: "code",
        own: ".vscode/extensions",
        server: ".vscode-server/extensions",
        bin: "/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code",
    },
    Editor {
        name: "Cursor",
        command: "cursor",
        own: ".cursor/extensions",
        server: ".cursor-server/extensions",
        bin: "/Applications/Cursor.app/Contents/Resources/app/bin/cursor",
    },
    Editor {
        name: "VS Code Insiders",
        command: "code-insiders",
        own: ".vscode-insiders/extensions",
        server: ".vscode-server-insiders/extensions",
        bin: "/Applications/Visual Studio Code - Insiders.app/Contents/Resources/app/bin/code",
    },
    Editor {
        name: "VSCodium",
        command: "codium",
        own: ".vscode-oss/extensions",
        server: ".vscodium-server/extensions",
        bin: "/Applications/VSCodium.app/Contents/Resources/app/bin/codium",
    },
];

/// A wanted extension: `with.NAME = "Title: id other-id …"`. Any of the ids will do; the first one is what to install,
/// in Cursor one of its own where there is one.
struct Wanted<'a> {
    key: &'a str,
    title: &'a str,
    ids: Vec<&'a str>,
}

/// What an editor has.
struct Has {
    editor: &'static Editor,
    ids: BTreeSet<String>,
    files: Vec<String>,
    /// Only a server's list could be seen, and that holds only what runs there.
    partial: bool,
}

/// Facts: `editor`, `command`, `missing` (titles), `count`, and for each missing extension `missing_NAME` (its id);
/// `partial` where the list of the other side cannot be seen. An extension whose name is in `with.windows_only` is
/// wanted on Windows and in WSL only.
pub fn extensions(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let wanted = wanted(ask);
    let lists: Vec<Has> = EDITORS.iter().filter_map(|editor| has(host, editor)).collect();
    let lacks = |has: &Has| wanted.iter().filter(|one| !one.ids.iter().any(|id| has.ids.contains(*id))).count();
    let best = lists.iter().min_by_key(|has| (lacks(has), has.partial));
    let none = Has { editor: installed(host), ids: BTreeSet::new(), files: Vec::new(), partial: false };
    let best = best.unwrap_or(&none);
    let missing: Vec<&Wanted<'_>> =
        wanted.iter().filter(|one| !one.ids.iter().any(|id| best.ids.contains(*id))).collect();
    let titles: Vec<&str> = missing.iter().map(|one| one.title).collect();
    let mut seen = Observation::facts([("editor", best.editor.name), ("command", command(host, best.editor))]);
    seen.evidence.source = Source::File;
    seen.evidence.files.clone_from(&best.files);
    seen = seen.with("count", missing.len().to_string());
    if !titles.is_empty() {
        seen = seen.with("missing", titles.join(", "));
    }
    if best.partial {
        seen = seen.with("partial", "yes");
    }
    for one in missing {
        let own = one.ids.iter().find(|id| best.editor.command == "cursor" && id.starts_with("anysphere."));
        let id = own.or_else(|| one.ids.first()).copied().unwrap_or_default();
        seen = seen.with(&format!("missing_{}", one.key), id);
    }
    seen
}

fn wanted(ask: Ask<'_>) -> Vec<Wanted<'_>> {
    let platform = ask.host.platform();
    let windows = platform.wsl > 0 || platform.is("windows");
    let only: Vec<&str> = ask.word("windows_only").split_whitespace().collect();
    ask.with
        .iter()
        .filter(|(key, _)| windows || !only.contains(&key.as_str()))
        .filter_map(|(key, value)| {
            let (title, ids) = value.split_once(": ")?;
            Some(Wanted { key, title, ids: ids.split_whitespace().collect() })
        })
        .collect()
}

/// The editor to install extensions into where none has any yet.
fn installed(host: &dyn Host) -> &'static Editor {
    let there =
        |editor: &&Editor| !host.which(editor.command).is_empty() || host.stat(editor.bin).kind != PathKind::Missing;
    EDITORS.iter().find(there).unwrap_or(&EDITORS[0])
}

/// How to call an editor: by its name where that is on PATH, else by the path that macOS has it at.
fn command(host: &dyn Host, editor: &'static Editor) -> &'static str {
    let off_path = host.which(editor.command).is_empty() && host.stat(editor.bin).kind == PathKind::File;
    if off_path { editor.bin } else { editor.command }
}

/// What an editor's lists on this machine say, those of the Windows side included; nothing where there is none.
fn has(host: &dyn Host, editor: &'static Editor) -> Option<Has> {
    let mut has = Has { editor, ids: BTreeSet::new(), files: Vec::new(), partial: true };
    let mut add = |folder: &str, whole: bool| {
        if host.stat(folder).kind == PathKind::Dir {
            read(host, folder, &mut has);
            has.partial &= !whole;
        }
    };
    if let Some(own) = host.env("VSCODE_EXTENSIONS").filter(|_| editor.command == "code") {
        add(&own, true);
    }
    let wsl = host.platform().wsl > 0;
    for folder in places::folders(host, &format!("~/{}", editor.own)) {
        add(&folder, !wsl);
    }
    for folder in places::folders(host, &format!("~/{}", editor.server)) {
        add(&folder, false);
    }
    if wsl {
        for folder in places::folders(host, &format!("/mnt/c/Users/*/{}", editor.own)) {
            add(&folder, true);
        }
    }
    (!has.files.is_empty()).then_some(has)
}

/// The ids in a folder of extensions: by its list, less what is marked as removed; by the names of its folders where
/// there is no list that can be read.
fn read(host: &dyn Host, folder: &str, has: &mut Has) {
    let list = format!("{folder}/extensions.json");
    let obsolete = removed(host, folder);
    let text = host.read(&list, View::Json(&["id", "relativeLocation"])).text();
    let entries = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if let Some(entries) = entries.as_ref().and_then(Value::as_array) {
        has.files.push(list);
        for entry in entries {
            let place = entry.get("relativeLocation").and_then(Value::as_str).unwrap_or_default();
            if let Some(id) =
                entry.pointer("/identifier/id").and_then(Value::as_str).filter(|_| !obsolete.contains(place))
            {
                has.ids.insert(id.to_ascii_lowercase());
            }
        }
        return;
    }
    has.files.push(folder.to_owned());
    let names = host.list(folder).names.into_iter().filter_map(|name| Some(name.strip_suffix('/')?.to_owned()));
    has.ids.extend(names.filter(|name| !obsolete.contains(name)).map(|name| id_of(&name)));
}

/// The folders that are marked as removed.
fn removed(host: &dyn Host, folder: &str) -> BTreeSet<String> {
    let text = host.read(&format!("{folder}/.obsolete"), View::Json(&[])).text();
    let marks = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let marks = marks.as_ref().and_then(Value::as_object).into_iter().flatten();
    marks.filter(|(_, mark)| mark.as_bool() == Some(true)).map(|(name, _)| name.clone()).collect()
}

/// `ms-python.python-2026.2.0-linux-x64` is `ms-python.python`.
fn id_of(folder: &str) -> String {
    let version = folder
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| folder[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    folder[..version.unwrap_or(folder.len())].to_ascii_lowercase()
}
