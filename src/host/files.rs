//! Looking at files and folders: never opening what is not an ordinary file, never writing.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read as _},
    path::Path,
    time::UNIX_EPOCH,
};

use super::{redact, startup_files, text, which::canonical};
use crate::model::seen::{Bytes, DirSeen, FileSeen, PathKind, Stat, View};

/// How much of a file is let out.
const CAP: u64 = 256 * 1024;
/// How much of a file is read to be redacted.
const REDACTED_CAP: u64 = 4 * 1024 * 1024;
/// How many names of a folder are let out.
const NAMES: usize = 2000;

/// What stands at a path, and what is known of it.
fn look(path: &Path) -> (PathKind, Option<Metadata>) {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => (PathKind::File, Some(found)),
        Ok(found) if found.is_dir() => (PathKind::Dir, Some(found)),
        Ok(found) => (PathKind::Special, Some(found)),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => (PathKind::Denied, None),
        Err(_) => match fs::symlink_metadata(path) {
            // A stand-in of the Microsoft Store is a link that only the system itself can follow.
            Ok(link) if cfg!(windows) && !link.is_dir() => (PathKind::File, Some(link)),
            Ok(_) => (PathKind::Dangling, None),
            Err(_) => (PathKind::Missing, None),
        },
    }
}

#[cfg(unix)]
fn mode(found: &Metadata) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    format!("{:04o}", found.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> String {
    String::new()
}

#[cfg(unix)]
fn mine(found: &Metadata) -> Option<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Some(found.uid() == rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn mine(_: &Metadata) -> Option<bool> {
    None
}

#[cfg(unix)]
fn writable(path: &Path) -> Option<bool> {
    Some(rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok())
}

#[cfg(not(unix))]
fn writable(_: &Path) -> Option<bool> {
    None
}

/// What stands at a path.
pub fn stat(path: &Path) -> Stat {
    let (kind, found) = look(path);
    let Some(found) = found else { return Stat { kind, ..Stat::default() } };
    let modified = found.modified().ok().and_then(|time| match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok(),
        Err(before) => i64::try_from(before.duration().as_secs()).ok().map(|seconds| -seconds),
    });
    let real = canonical(path).ok().filter(|real| real != path).map(|real| text(&real)).unwrap_or_default();
    Stat {
        kind,
        mode: mode(&found),
        mine: mine(&found),
        writable: writable(path),
        size: Some(found.len()),
        modified,
        real,
    }
}

/// The words of the system without Rust's number behind them.
fn words(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Opens an ordinary file; what became a pipe or a device in the meantime neither blocks nor gets read.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not an ordinary file")) }
}

/// The bytes of an ordinary file, as far as `cap`, and what `stat` would say of it.
pub fn bytes(path: &Path, cap: u64) -> (FileSeen, Option<bool>) {
    let (kind, found) = look(path);
    let mut seen = FileSeen { kind, ..FileSeen::default() };
    let owner = found.as_ref().and_then(mine);
    if let Some(found) = &found {
        seen.mode = mode(found);
    }
    if kind != PathKind::File {
        return (seen, owner);
    }
    let read = open(path).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(cap + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    match read {
        Ok(mut bytes) => {
            let cap = usize::try_from(cap).unwrap_or(usize::MAX);
            seen.truncated = bytes.len() > cap;
            bytes.truncate(cap);
            seen.content = Bytes(bytes);
        }
        Err(error) => {
            if error.kind() == ErrorKind::PermissionDenied {
                seen.kind = PathKind::Denied;
            }
            seen.error = words(&error);
        }
    }
    (seen, owner)
}

/// A file's content, as far as `view` lets it out.
pub fn read(path: &Path, view: View) -> FileSeen {
    let cap = if matches!(view, View::Whole | View::StartUp) { CAP } else { REDACTED_CAP };
    let (mut seen, _) = bytes(path, cap);
    if seen.kind != PathKind::File || !seen.error.is_empty() {
        return seen;
    }
    match view {
        View::Whole => {}
        View::Keys(keys) => seen.content = Bytes(redact::ini(&seen.content.0, keys)),
        View::StartUp => seen.content = Bytes(startup_files::shown(&seen.content.0)),
        View::SshConfig => seen.content = Bytes(redact::ssh_config(&seen.content.0)),
        View::Json(keys) => {
            let (shown, error) = redact::json(&seen.content.0, keys);
            seen.content = Bytes(shown);
            seen.error = error.unwrap_or_default();
        }
    }
    seen
}

/// The names in a folder.
pub fn list(path: &Path) -> DirSeen {
    let (kind, _) = look(path);
    let mut seen = DirSeen { kind, names: Vec::new() };
    if kind != PathKind::Dir {
        return seen;
    }
    match fs::read_dir(path) {
        Ok(entries) => {
            let names = entries.filter_map(|entry| {
                let entry = entry.ok()?;
                let name = text(Path::new(&entry.file_name()));
                let kind = entry.file_type().ok()?;
                let is_dir = kind.is_dir() || kind.is_symlink() && entry.path().is_dir();
                Some(if is_dir { format!("{name}/") } else { name })
            });
            seen.names = names.collect();
            seen.names.sort();
            seen.names.truncate(NAMES);
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => seen.kind = PathKind::Denied,
        Err(_) => {}
    }
    seen
}
