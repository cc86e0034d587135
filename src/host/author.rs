//! Files that their author names on the command line, as opposed to what a probe looks at.

use std::{
    env, fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// The `*.toml` files of a folder: stem and text.
///
/// # Errors
/// The file or folder that cannot be read, with the system's reason.
pub fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "toml")
            && let Some(stem) = path.file_stem()
        {
            // Only the folder was named: what lies in it may be a pipe, and a pipe is not waited for.
            let known = fs::metadata(&path).map_err(at(&path))?;
            if !known.is_file() && !known.is_dir() {
                return Err((path, io::Error::other("it is a pipe or a device, not a file")));
            }
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            files.push((stem.to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// A file's text.
///
/// # Errors
/// The system's reason.
pub fn read(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
}

/// A file's text, where people write kilobytes: a device without end ends the reading too.
///
/// # Errors
/// The system's reason.
pub fn read_small(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(file)?.take(MOST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(text) }
}

/// A file as reports name it: from the current folder where it lies in it, as readers of annotations and code scanning
/// want it, else as it was named.
pub fn from_here(file: &Path) -> String {
    let here = env::current_dir().ok().filter(|here| here.parent().is_some());
    let inside = here.and_then(|here| file.strip_prefix(here).ok().map(Path::to_owned));
    inside.as_deref().unwrap_or(file).display().to_string()
}

/// The text on standard input.
///
/// # Errors
/// The system's reason.
pub fn read_stdin() -> io::Result<String> {
    io::read_to_string(io::stdin())
}

/// A file's bytes.
///
/// # Errors
/// The system's reason.
pub fn read_bytes(file: &Path) -> io::Result<Vec<u8>> {
    fs::read(file)
}

/// The most that is read where people write kilobytes.
const MOST: u64 = 1 << 20;

/// A file's text where a small regular file of this name is there. Nobody named it, so it may be anything: a pipe or a
/// device is not waited for.
///
/// # Errors
/// The system's reason.
pub fn read_found(file: &Path) -> io::Result<Option<String>> {
    match fs::metadata(file) {
        Ok(known) if known.is_file() && known.len() <= MOST => fs::read_to_string(file).map(Some),
        Ok(known) if known.is_file() => Err(io::ErrorKind::FileTooLarge.into()),
        Ok(_) => Ok(None),
        // A folder that lets nobody in holds nothing that was meant for this run.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The names in a folder.
///
/// # Errors
/// The system's reason.
pub fn list(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Makes a folder where there is none.
///
/// # Errors
/// The system's reason.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Whether a file could be written, as far as that can be told without writing.
///
/// # Errors
/// The system's reason why not.
pub fn may_write(file: &Path) -> io::Result<()> {
    if file.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    match folder_of(file).metadata() {
        Ok(folder) if !folder.is_dir() => Err(io::ErrorKind::NotADirectory.into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes a file as a whole: a reader sees the old one or the new one and never a part. Devices and pipes are written
/// to as they are, and so is a file whose folder lets no other one be made.
///
/// # Errors
/// The system's reason.
pub fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(file, |out| out.write_all(bytes))
}

/// The same for what is too long to be held.
///
/// # Errors
/// The system's reason.
pub fn write_with(file: &Path, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let to = |part: fs::File| {
        let mut part = io::BufWriter::with_capacity(1 << 16, part);
        write(&mut part).and_then(|()| part.flush())
    };
    // A link stays a link: what it leads to is written.
    let file = &fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let exists = fs::metadata(file);
    if exists.as_ref().is_ok_and(|known| !known.is_file()) {
        return to(fs::OpenOptions::new().write(true).open(file)?);
    }
    let name = file.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
    let beside = folder_of(file).join(format!(".{name}.{}.tmp", std::process::id()));
    match fs::File::create_new(&beside) {
        Ok(part) => {
            let written = to(part).and_then(|()| fs::rename(&beside, file));
            if written.is_err() {
                // What could not become the file must not stay beside it; the first error is the one to tell.
                let _ = fs::remove_file(&beside);
            }
            written
        }
        Err(_) if exists.is_ok() => to(fs::File::create(file)?),
        Err(error) => Err(error),
    }
}

/// Writes at the end of a file, which is made where there is none.
///
/// # Errors
/// The system's reason.
pub fn append(file: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).open(file)?.write_all(bytes)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
