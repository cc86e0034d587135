//! The catalogue: check files read into checks, or an error that names file, line and column.

pub mod error;

use std::collections::BTreeMap;

pub use error::CatalogError;
use serde::Deserialize as _;
use sha2::{Digest as _, Sha256};

use crate::{
    calendar::Calendar,
    diagnose::Subject,
    model::{Probe, Tool},
};

/// The check files embedded at build time: stem and text, sorted.
pub const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// Whether a word stands in what the built-in checks say or tell to run.
pub fn says(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    EMBEDDED.iter().any(|(_, text)| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.map(str::to_ascii_lowercase).any(|line| {
            line.match_indices(&word)
                .any(|(at, _)| !joins(line[..at].chars().next_back()) && !joins(line[at + word.len()..].chars().next()))
        })
    })
}

/// The stem of the file that holds the support calendar.
const CALENDAR: &str = "calendar";

/// The day the built-in support calendar was taken, read without reading the rest: for `--version`.
pub fn knowledge() -> &'static str {
    let text = EMBEDDED.iter().find(|(stem, _)| *stem == CALENDAR).map_or("", |(_, text)| *text);
    let line = text.lines().find_map(|line| line.strip_prefix("taken"));
    line.and_then(|line| line.split('"').nth(1)).unwrap_or("an unknown day")
}

/// All check files of a run.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Tools with their file's stem, in the chapter's order.
    pub tools: Vec<(String, Tool)>,
    /// The support calendar.
    pub calendar: Calendar,
    /// SHA-256 over all files, hexadecimal, first 16 digits.
    pub digest: String,
}

impl Catalog {
    /// The built-in checks.
    ///
    /// # Errors
    /// Only if a built-in file is wrong, which the tests exclude.
    pub fn embedded() -> Result<Self, CatalogError> {
        Self::from_files(EMBEDDED.iter().map(|(stem, text)| ((*stem).to_owned(), (*text).to_owned())).collect(), &[])
    }

    /// The built-in checks with an author's own files (stem and text), which add to them or replace those of the
    /// same stem.
    ///
    /// # Errors
    /// What is wrong in which file at which line and column.
    pub fn with_files(own: Vec<(String, String)>) -> Result<Self, CatalogError> {
        let mut files: BTreeMap<String, String> =
            EMBEDDED.iter().map(|(stem, text)| ((*stem).to_owned(), (*text).to_owned())).collect();
        let stems: Vec<String> = own.iter().map(|(stem, _)| stem.clone()).collect();
        files.extend(own);
        Self::from_files(files, &stems)
    }

    /// Reads files given as stem and text; those named in `strict` are looked through for mistakes that would only
    /// show when a pattern is used.
    ///
    /// # Errors
    /// What is wrong in which file at which line and column.
    pub fn from_files(files: BTreeMap<String, String>, strict: &[String]) -> Result<Self, CatalogError> {
        let mut catalog = Self::default();
        let mut digest = Sha256::new();
        for (stem, text) in files {
            digest.update(stem.as_bytes());
            digest.update([0]);
            digest.update(text.as_bytes());
            digest.update([0]);
            if stem == CALENDAR {
                catalog.calendar = parse(&stem, &text, Calendar::deserialize)?;
                continue;
            }
            let tool = parse(&stem, &text, Tool::deserialize)?;
            if strict.contains(&stem) {
                error::lint(&stem, &text, &tool)?;
            }
            catalog.tools.push((stem, tool));
        }
        catalog.tools.sort_by(|(a, left), (b, right)| (left.step, a).cmp(&(right.step, b)));
        catalog.digest = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        if !strict.is_empty() {
            error::lint_links(&catalog)?;
        }
        Ok(catalog)
    }

    /// Every check, in the chapter's order.
    pub fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        self.tools.iter().flat_map(|(stem, tool)| tool.check.iter().map(move |check| Subject { stem, tool, check }))
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

fn parse<'t, T>(
    stem: &str,
    text: &'t str,
    read: impl FnOnce(toml::Deserializer<'t>) -> Result<T, toml::de::Error>,
) -> Result<T, CatalogError> {
    let deserializer = toml::Deserializer::parse(text).map_err(|error| error::located(stem, text, &error))?;
    read(deserializer).map_err(|error| error::located(stem, text, &error))
}
