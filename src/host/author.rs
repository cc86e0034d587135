//! Files that their author names on the command line, as opposed to what a probe looks at.

use std::{
    fs, io,
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
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            files.push((stem.to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}
