//! The empty neutral folder that commands run in, so that no project's settings change what they answer.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Folders that are still there, for whoever ends this process.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A folder that is removed with all that commands left in it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    made: bool,
}

impl Scratch {
    /// Makes one that only this user may enter; where no disk can be written, the root folder serves.
    pub fn new() -> Self {
        Self::in_one_of(&[env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/dev/shm")])
    }

    fn in_one_of(places: &[PathBuf]) -> Self {
        let name = format!("doctor-{}", super::process::random());
        for place in places.iter().filter(|place| place.is_absolute()) {
            let path = place.join(&name);
            if make(&path) {
                lock().push(path.clone());
                return Self { path, made: true };
            }
        }
        let root = env::temp_dir().ancestors().last().map_or_else(|| PathBuf::from("/"), Path::to_owned);
        Self { path: root, made: false }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes one of these folders.
pub fn remove(scratch: Option<&Scratch>) {
    if let Some(scratch) = scratch.filter(|scratch| scratch.made) {
        let _ = fs::remove_dir_all(&scratch.path);
        lock().retain(|path| *path != scratch.path);
    }
}

/// Removes the folders of every run.
pub fn remove_all() {
    for path in lock().drain(..) {
        let _ = fs::remove_dir_all(path);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make(path: &Path) -> bool {
    #[cfg(unix)]
    let made = std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700).create(path);
    #[cfg(not(unix))]
    let made = fs::create_dir(path);
    made.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_place_serves_where_one_cannot_be_written_and_the_root_at_last() {
        let (file, folder) = (tempfile::NamedTempFile::new().unwrap(), tempfile::tempdir().unwrap());
        let scratch = Scratch::in_one_of(&[file.path().to_owned(), folder.path().to_owned()]);
        assert!(scratch.path().starts_with(folder.path()) && scratch.path().is_dir());
        remove(Some(&scratch));
        assert!(!scratch.path().exists());
        let scratch = Scratch::in_one_of(&[file.path().to_owned(), PathBuf::from("relative")]);
        assert_eq!((scratch.path().parent(), scratch.made), (None, false));
        remove(Some(&scratch));
        assert!(scratch.path().exists());
    }
}
