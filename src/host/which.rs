//! Programs on PATH, as the learner's shell would find them, all of them.

use std::{
    collections::BTreeSet,
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use super::{inspect, text};
use crate::model::{Broken, seen::Candidate};

/// The folders of PATH.
#[derive(Debug, Default)]
pub struct Paths {
    /// As they stand there.
    pub written: Vec<PathBuf>,
    /// Those that exist, absolute, each once: `/bin` is often another name of `/usr/bin`.
    folders: Vec<PathBuf>,
    /// The same as one text.
    joined: OsString,
    /// The current folder, from which a path without root is looked for.
    here: PathBuf,
}

/// A program that was found.
#[derive(Debug)]
pub struct Found {
    /// Its file.
    pub path: PathBuf,
    /// What is told of it.
    pub candidate: Candidate,
    /// It is text without a `#!` line.
    pub bare_script: bool,
}

impl Paths {
    /// The folders of this process's PATH.
    pub fn from_env() -> Self {
        let here = env::current_dir().unwrap_or_default();
        Self::new(&env::var_os("PATH").unwrap_or_default(), here)
    }

    /// The folders of a PATH; an empty one has none, an empty entry means the current folder.
    fn new(path: &OsStr, here: PathBuf) -> Self {
        let written: Vec<PathBuf> = if path.is_empty() { Vec::new() } else { env::split_paths(path).collect() };
        let mut known = BTreeSet::new();
        let first = |folder: &PathBuf| fs::canonicalize(folder).is_ok_and(|real| known.insert(real));
        // A current folder with PATH's separator in its name cannot stand in a PATH.
        let fits = |folder: &PathBuf| env::join_paths([folder]).is_ok();
        let folders: Vec<PathBuf> = written.iter().map(|folder| here.join(folder)).filter(fits).filter(first).collect();
        let joined = env::join_paths(&folders).unwrap_or_default();
        Self { written, folders, joined, here }
    }

    /// Every program of a name in order, or the one at a path. A shell passes over files that it may not execute and
    /// complains only where there is nothing else; so these are named only then.
    pub fn which(&self, name: &str) -> Vec<Found> {
        let is_path = name.contains('/') || cfg!(windows) && name.contains(['\\', ':']);
        // An empty PATH would mean the current folder.
        if name.is_empty() || !is_path && self.folders.is_empty() {
            return Vec::new();
        }
        let most = if is_path { 1 } else { usize::MAX };
        let runnable = which::which_in_all(name, Some(&self.joined), &self.here).into_iter().flatten();
        let programs: Vec<Found> = runnable.take(most).map(candidate).collect();
        if !programs.is_empty() {
            return programs;
        }
        let folders = if is_path { std::slice::from_ref(&self.here) } else { &self.folders };
        folders.iter().filter_map(|folder| refused(folder.join(name))).collect()
    }
}

/// What stands at a place and cannot be run. Windows tells programs by their endings, so there is no such thing.
fn refused(place: PathBuf) -> Option<Found> {
    if cfg!(windows) {
        return None;
    }
    let broken = match fs::metadata(&place) {
        Ok(found) if found.is_file() => Broken::NotExecutable,
        Ok(_) => return None,
        Err(_) if fs::symlink_metadata(&place).is_ok_and(|link| link.is_symlink()) => Broken::Dangling,
        Err(_) => return None,
    };
    let candidate = Candidate { broken: Some(broken), ..plain(&place) };
    Some(Found { path: place, candidate, bare_script: false })
}

fn plain(place: &Path) -> Candidate {
    Candidate { path: text(place), ..Candidate::default() }
}

fn candidate(place: PathBuf) -> Found {
    let mut candidate = plain(&place);
    if let Ok(real) = canonical(&place)
        && real != place
    {
        candidate.real = text(&real);
    }
    let looked = inspect::look(&place);
    candidate.broken = looked.broken;
    candidate.script = looked.script;
    Found { path: place, candidate, bare_script: looked.bare_script }
}

/// Where a path's symbolic links end, without Windows' `\\?\`.
pub fn canonical(path: &Path) -> std::io::Result<PathBuf> {
    let real = fs::canonicalize(path)?;
    let shown = real.to_str().and_then(|real| real.strip_prefix(r"\\?\")).filter(|real| !real.starts_with("UNC"));
    Ok(shown.map_or_else(|| real.clone(), PathBuf::from))
}
