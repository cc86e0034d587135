//! What files the command line means: folders are gone through, patterns matched, in one order on every machine.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Input;

/// Something to read, or why it cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How it is named to people.
    pub name: String,
    /// What to open; nothing for standard input.
    pub path: Option<PathBuf>,
    /// Whether the command line names it itself; then a pipe or a device is read too.
    pub named: bool,
    /// Why it is not read, where that is known already.
    pub refused: Option<String>,
    /// Left by the system and no report by anybody: not read, and no fault.
    pub debris: bool,
}

/// Folders inside folders that are gone into.
const DEEPEST: usize = 64;

/// Everything that the inputs mean, in order, none twice.
pub fn find(inputs: &[Input]) -> Vec<Found> {
    let mut found = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin => found.push(found_at("standard input".to_owned(), None)),
            Input::Path(path) => named(path, &mut found),
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|one: &Found| seen.insert(one.path.clone()));
    found
}

fn found_at(name: String, path: Option<PathBuf>) -> Found {
    Found { name, path, named: true, refused: None, debris: false }
}

fn refused(path: &Path, reason: String) -> Found {
    let name = path.to_string_lossy().into_owned();
    Found { name, path: Some(path.to_owned()), named: true, refused: Some(reason), debris: false }
}

fn named(path: &Path, found: &mut Vec<Found>) {
    match fs::metadata(path) {
        Ok(known) if known.is_dir() => folder(path, 0, found),
        Ok(_) => found.push(found_at(path.to_string_lossy().into_owned(), Some(path.to_owned()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_pattern(path) => {
            let before = found.len();
            pattern(path, found);
            if found.len() == before {
                found.push(refused(path, "no file matches this pattern".to_owned()));
            }
        }
        Err(error) => found.push(refused(path, reason(&error))),
    }
}

/// Why something could not be read, in plain words.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read (permission denied)".to_owned(),
        _ => error.to_string(),
    }
}

fn folder(path: &Path, depth: usize, found: &mut Vec<Found>) {
    if depth > DEEPEST {
        return found.push(refused(path, format!("more than {DEEPEST} folders inside each other")));
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return found.push(refused(path, reason(&error))),
    };
    let mut inside: Vec<(PathBuf, io::Result<fs::FileType>)> = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => inside.push((entry.path(), entry.file_type())),
            Err(error) => found.push(refused(path, reason(&error))),
        }
    }
    inside.sort_by(|(left, _), (right, _)| left.cmp(right));
    for (path, kind) in inside {
        let link_to_folder = || fs::metadata(&path).is_ok_and(|known| known.is_dir());
        match kind {
            Ok(kind) if kind.is_dir() => match is_debris(&path) {
                true => found.push(debris(&path)),
                false => folder(&path, depth + 1, found),
            },
            // It may lead back up here, or out of what was handed in.
            Ok(kind) if kind.is_symlink() && link_to_folder() => {
                found.push(refused(&path, "links to folders are not followed".to_owned()));
            }
            Ok(_) if is_debris(&path) => found.push(debris(&path)),
            Ok(_) => {
                let name = path.to_string_lossy().into_owned();
                found.push(Found { named: false, ..found_at(name, Some(path)) });
            }
            Err(error) => found.push(refused(&path, reason(&error))),
        }
    }
}

fn debris(path: &Path) -> Found {
    Found { debris: true, ..refused(path, "left there by the system".to_owned()) }
}

/// Whether a name is one that systems leave in folders and archives by themselves, or git's own.
pub(super) fn is_debris(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    matches!(name.as_str(), ".ds_store" | "thumbs.db" | "desktop.ini" | "__macosx" | ".git" | ".gitkeep" | ".gitignore")
        || name.starts_with("._")
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?'])
}

/// What matches a pattern: for shells that do not replace it themselves.
fn pattern(path: &Path, found: &mut Vec<Found>) {
    let mut bases = vec![PathBuf::new()];
    let parts: Vec<_> = path.components().collect();
    for (at, part) in parts.iter().enumerate() {
        let text = part.as_os_str().to_string_lossy();
        let last = at + 1 == parts.len();
        if !text.contains(['*', '?']) {
            bases.iter_mut().for_each(|base| base.push(part));
            continue;
        }
        let mut next = Vec::new();
        for base in &bases {
            let here = if base.as_os_str().is_empty() { Path::new(".") } else { base };
            if text == "**" {
                below(here, base, 0, &mut next);
            } else {
                let names = entries(here).into_iter().filter(|(name, dir)| (last || *dir) && matches(&text, name));
                next.extend(names.map(|(name, _)| base.join(name)));
            }
        }
        bases = next;
    }
    for path in bases {
        if fs::symlink_metadata(&path).is_ok() {
            named(&path, found);
        }
    }
}

/// A folder and every folder below it.
fn below(here: &Path, base: &Path, depth: usize, into: &mut Vec<PathBuf>) {
    into.push(base.to_owned());
    if depth < DEEPEST {
        for (name, _) in entries(here).into_iter().filter(|(_, dir)| *dir) {
            below(&here.join(&name), &base.join(&name), depth + 1, into);
        }
    }
}

/// Names in a folder in order, and whether each is a folder itself.
fn entries(folder: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<(String, bool)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().into_string().ok()?, entry.file_type().is_ok_and(|kind| kind.is_dir())))
        })
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// Whether a name matches `*` (any characters) and `?` (one character). Takes time in proportion to both lengths.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut on) = (0, 0);
    let mut star = None;
    while on < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, on));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[on] => (at, on) = (at + 1, on + 1),
            _ => match star {
                Some((from, taken)) => {
                    star = Some((from, taken + 1));
                    (at, on) = (from + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, fits) in [
            ("*.json", "a.json", true),
            ("*.json", "a.json.bak", false),
            ("?.json", "ab.json", false),
            ("r*t*.js?n", "report-ada.json", true),
            ("*", "", true),
            ("a*b*c", "a-b-b", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
