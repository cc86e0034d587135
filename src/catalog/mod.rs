//! The catalogue: check files read into checks, or an error that names file, line and column.

pub mod error;
pub mod near;
mod own;

use std::{borrow::Cow, collections::BTreeMap, thread};

pub use error::CatalogError;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::{
    calendar::Calendar,
    diagnose::Subject,
    embedded,
    model::{Probe, Tool, effect::Commands},
};

/// The stem of the file that holds the support calendar.
const CALENDAR: &str = "calendar";

/// The stem of the file that says what commands do.
const COMMANDS: &str = "commands";

/// A check file.
enum File {
    /// One of ours, as JSON, and its digest.
    BuiltIn(&'static str, &'static str),
    /// An author's, as TOML; it is looked through for mistakes that would only show when a pattern is used.
    Own(String),
}

impl File {
    fn built_in() -> impl Iterator<Item = (String, Self)> {
        embedded::files().map(|(stem, text, digest)| (stem.to_owned(), Self::BuiltIn(text, digest)))
    }

    /// SHA-256 of the content; of ours it was worked out when they were embedded.
    fn digest(&self) -> Cow<'static, str> {
        match self {
            Self::BuiltIn(_, digest) => Cow::Borrowed(digest),
            Self::Own(text) => Cow::Owned(hexadecimal(&Sha256::digest(text))),
        }
    }

    fn read<T: DeserializeOwned>(&self, stem: &str) -> Result<T, CatalogError> {
        match self {
            Self::BuiltIn(text, _) => {
                serde_json::from_str(text).map_err(|error| error::at(stem, "", None, error.to_string()))
            }
            Self::Own(text) => own::read(stem, text),
        }
    }
}

/// What a check file may hold.
enum Content {
    Calendar(Calendar),
    Commands(Commands),
    Tool(Box<Tool>),
}

/// Reads files in two threads: it is most of what a run costs beside its commands.
fn read_all(mut files: Vec<(String, File)>) -> Result<Vec<(String, Content)>, CatalogError> {
    let rest = files.split_off(files.len() / 2);
    thread::scope(|scope| {
        let other = scope.spawn(|| read_each(rest));
        let read = read_each(files);
        let more = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // The first mistake in the order of the files is told.
        let mut read = read?;
        read.extend(more?);
        Ok(read)
    })
}

fn read_each(files: Vec<(String, File)>) -> Result<Vec<(String, Content)>, CatalogError> {
    let read = |(stem, file): (String, File)| {
        let content = match stem.as_str() {
            CALENDAR => Content::Calendar(file.read(&stem)?),
            COMMANDS => Content::Commands(file.read(&stem)?),
            _ => Content::Tool(Box::new(file.read(&stem)?)),
        };
        if let (File::Own(text), Content::Tool(tool)) = (&file, &content) {
            error::lint(&stem, text, tool)?;
        }
        Ok((stem, content))
    };
    files.into_iter().map(read).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All check files of a run.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Tools with their file's stem, in the chapter's order.
    pub tools: Vec<(String, Tool)>,
    /// The support calendar.
    pub calendar: Calendar,
    /// What is known of the commands of fixes.
    pub commands: Commands,
    /// SHA-256 over all files' stems and digests, hexadecimal, first 16 digits.
    pub digest: String,
}

impl Catalog {
    /// The built-in checks.
    ///
    /// # Errors
    /// Only if a built-in file is wrong, which the tests exclude.
    pub fn embedded() -> Result<Self, CatalogError> {
        Self::assemble(File::built_in().collect())
    }

    /// The built-in checks with an author's own files (stem and text), which add to them or replace those of the
    /// same stem.
    ///
    /// # Errors
    /// What is wrong in which file at which line and column.
    pub fn with_files(own: Vec<(String, String)>) -> Result<Self, CatalogError> {
        let own = own.into_iter().map(|(stem, text)| (stem, File::Own(text)));
        Self::assemble(File::built_in().chain(own).collect())
    }

    /// The checks of files given as stem and text, and no others.
    ///
    /// # Errors
    /// What is wrong in which file at which line and column.
    pub fn from_files(files: BTreeMap<String, String>) -> Result<Self, CatalogError> {
        Self::assemble(files.into_iter().map(|(stem, text)| (stem, File::Own(text))).collect())
    }

    fn assemble(files: BTreeMap<String, File>) -> Result<Self, CatalogError> {
        let mut catalog = Self::default();
        let mut digest = Sha256::new();
        let own: BTreeMap<String, String> = files
            .iter()
            .filter_map(|(stem, file)| match file {
                File::Own(text) => Some((stem.clone(), text.clone())),
                _ => None,
            })
            .collect();
        for (stem, file) in &files {
            digest.update(stem.as_bytes());
            digest.update([0]);
            digest.update(file.digest().as_bytes());
        }
        catalog.digest = hexadecimal(&digest.finalize()[..8]);
        for (stem, content) in read_all(files.into_iter().collect())? {
            match content {
                Content::Calendar(calendar) => catalog.calendar = calendar,
                Content::Commands(commands) => catalog.commands = commands,
                Content::Tool(tool) => catalog.tools.push((stem, *tool)),
            }
        }
        catalog.tools.sort_by(|(a, left), (b, right)| (left.step, a).cmp(&(right.step, b)));
        if !own.is_empty() {
            error::lint_links(&catalog, &own)?;
        }
        Ok(catalog)
    }

    /// Every check, in the chapter's order.
    pub fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        self.tools.iter().flat_map(move |(stem, tool)| {
            tool.check.iter().map(move |check| Subject { stem, tool, check, commands: &self.commands })
        })
    }

    /// The check with this full id.
    pub fn find(&self, id: &str) -> Option<Subject<'_>> {
        let (stem, name) = id.split_once('.')?;
        self.subjects().find(|subject| subject.stem == stem && subject.check.id == name)
    }

    /// The full ids that a check leans on: what it requires, and the members of an any-of.
    pub fn leans_on<'a>(&'a self, subject: Subject<'a>) -> impl Iterator<Item = &'a str> {
        let members = match &subject.check.probe {
            Probe::AnyOf(ids) => ids.as_slice(),
            _ => &[],
        };
        subject.check.requires.iter().chain(members).map(String::as_str)
    }
}
