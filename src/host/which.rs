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
    /// Windows: the endings of programs, in order of preference.
    endings: Vec<String>,
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

/// What stands at a place where a program might be.
enum Place {
    Nothing,
    Program,
    Broken(Broken),
}

impl Paths {
    /// The folders of this process's PATH.
    pub fn from_env() -> Self {
        let endings = env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
        let here = env::current_dir().unwrap_or_default();
        Self::new(&env::var_os("PATH").unwrap_or_default(), &here, &endings)
    }

    /// The folders of a PATH; an empty one has none, an empty entry means the current folder.
    pub fn new(path: &OsStr, here: &Path, endings: &str) -> Self {
        let written: Vec<PathBuf> = if path.is_empty() { Vec::new() } else { env::split_paths(path).collect() };
        let mut known = BTreeSet::new();
        let absolute = |folder: &PathBuf| if folder.is_relative() { here.join(folder) } else { folder.clone() };
        let first = |folder: &PathBuf| fs::canonicalize(folder).is_ok_and(|real| known.insert(real));
        let folders = written.iter().map(absolute).filter(first).collect();
        let endings = endings.split(';').filter(|ending| ending.len() > 1).map(str::to_ascii_lowercase).collect();
        Self { written, folders, endings }
    }

    /// Every program of a name in order, or the one at a path. A shell passes over files that it may not execute and
    /// complains only where there is nothing else; so these are named only then.
    pub fn which(&self, name: &str) -> Vec<Found> {
        let is_path = name.contains('/') || cfg!(windows) && name.contains(['\\', ':']);
        let places: Vec<PathBuf> = if name.is_empty() {
            Vec::new()
        } else if is_path {
            self.spellings(Path::new(name)).collect()
        } else {
            self.folders.iter().flat_map(|folder| self.spellings(&folder.join(name))).collect()
        };
        let mut refused = Vec::new();
        let mut programs = Vec::new();
        for place in places {
            match look(&place) {
                Place::Nothing => {}
                Place::Program => programs.push(candidate(place)),
                Place::Broken(why) => refused.push((place, why)),
            }
            if is_path && !programs.is_empty() {
                break;
            }
        }
        if programs.is_empty() {
            programs.extend(refused.into_iter().map(|(place, why)| {
                let candidate = Candidate { broken: Some(why), ..plain(&place) };
                Found { path: place, candidate, bare_script: false }
            }));
        }
        programs
    }

    /// A path, on Windows with every ending unless it has one.
    fn spellings(&self, path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
        let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy().to_ascii_lowercase()));
        let has_ending = !cfg!(windows) || ending.is_some_and(|ending| self.endings.contains(&ending));
        let endings = if has_ending { vec![String::new()] } else { self.endings.clone() };
        let path = path.as_os_str().to_owned();
        endings.into_iter().map(move |ending| {
            let mut path: OsString = path.clone();
            path.push(ending);
            PathBuf::from(path)
        })
    }
}

fn look(place: &Path) -> Place {
    match fs::metadata(place) {
        Ok(found) if !found.is_file() => Place::Nothing,
        Ok(_) if may_execute(place) => Place::Program,
        Ok(_) => Place::Broken(Broken::NotExecutable),
        Err(_) => match fs::symlink_metadata(place) {
            // A stand-in of the Microsoft Store is a link that only the system itself can follow.
            Ok(_) if cfg!(windows) => Place::Program,
            Ok(link) if link.is_symlink() => Place::Broken(Broken::Dangling),
            _ => Place::Nothing,
        },
    }
}

#[cfg(unix)]
fn may_execute(place: &Path) -> bool {
    rustix::fs::access(place, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn may_execute(_: &Path) -> bool {
    true
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
