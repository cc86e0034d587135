//! Profiles: what "ready" means for a course, an image or a repository. A profile is a TOML file that selects checks and
//! overrides versions and levels; it may bring check files of its own and waive what a course knows about. Reading and
//! applying one is pure: whoever calls brings the text.

mod read;
mod waive;

use std::fmt;

pub use read::{BUILT_IN, built_in};
use sha2::{Digest as _, Sha256};

use crate::{
    catalog::{Catalog, near},
    exam::plan::{self, Selection},
    model::{
        Level, Platform, Requirement,
        finding::Asked,
        report::{self, WaiverState},
    },
};

/// The profile of whoever names none.
pub const DEFAULT: &str = report::DEFAULT_PROFILE;

/// The file of the current folder that is used where no profile is named: for versions and levels only.
pub const FOUND: &str = "doctor.toml";

/// Where something stands in a profile's text: line and column from 1.
pub type Place = (usize, usize);

/// A profile.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its version, as its author counts.
    pub version: String,
    /// SHA-256 over its text and the texts it is based on, hexadecimal, first 16 digits.
    pub digest: String,
    /// The file; empty for a built-in one.
    pub file: String,
    /// Whether it was found in the current folder and not named.
    pub found: bool,
    /// The folder of its own check files, as it stands in it, relative to its own.
    pub checks: Option<String>,
    /// Tools and ids to look at; all where none is named.
    only: Vec<Named>,
    /// Tools and ids to leave out.
    skip: Vec<Named>,
    /// The lowest level to look at.
    level: Option<Level>,
    /// Versions by tool or id.
    versions: Vec<(Named, Requirement)>,
    /// Levels by tool or id.
    levels: Vec<(Named, Level)>,
    waivers: Vec<Waiver>,
}

/// A tool or id, and where it is named.
#[derive(Debug, Clone)]
struct Named {
    name: String,
    at: Place,
}

/// One waiver, as it stands in the file.
#[derive(Debug, Clone)]
struct Waiver {
    id: Named,
    reason: String,
    until: String,
    platform: Vec<String>,
    label: Vec<String>,
    state: WaiverState,
}

/// What is wrong with a profile, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The file, as its author knows it.
    pub file: String,
    /// Line and column from 1, where there is a place.
    pub at: Option<Place>,
    /// What is wrong, and what to do where that is clear.
    pub message: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(formatter, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(formatter, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    fn error(&self, at: Option<Place>, message: impl Into<String>) -> ProfileError {
        let file = if self.file.is_empty() { &self.name } else { &self.file };
        ProfileError { file: file.clone(), at, message: message.into() }
    }

    /// Keeps versions and levels only: what a file may say that nobody named.
    #[must_use]
    pub fn as_found(self) -> Self {
        let Self { name, version, digest, file, versions, levels, .. } = self;
        Self { name, version, digest, file, versions, levels, found: true, ..Self::default() }
    }

    /// Puts versions and levels into the checks, and looks whether everything that it names exists.
    ///
    /// # Errors
    /// The first name that is none, with its place and the nearest name.
    pub fn apply(&self, catalog: &mut Catalog) -> Result<(), ProfileError> {
        let waived = self.waivers.iter().map(|waiver| &waiver.id);
        let named = self.only.iter().chain(&self.skip).chain(self.levels.iter().map(|(named, _)| named));
        for Named { name, at } in named {
            plan::known(catalog, std::slice::from_ref(name)).map_err(|error| self.unknown(*at, &error))?;
        }
        for Named { name, at } in waived {
            self.waivable(catalog, name).map_err(|message| self.error(Some(*at), message))?;
        }
        for (named, level) in &self.levels {
            for (stem, tool) in &mut catalog.tools {
                let whole = named.name == *stem || named.name.eq_ignore_ascii_case(&tool.tool);
                for check in &mut tool.check {
                    if whole || named.name == format!("{stem}.{}", check.id) {
                        check.level = *level;
                        check.level_on.clear();
                    }
                }
            }
        }
        for (named, requirement) in &self.versions {
            let file = if self.file.is_empty() { self.name.clone() } else { self.file.clone() };
            let asked = Asked { version: requirement.to_string(), file, line: named.at.0 };
            ask(catalog, &named.name, requirement, asked).map_err(|Unknown { name, known }| match known {
                true => self.error(Some(named.at), format!("`{name}` reads no version that could be asked for")),
                false => self.unknown(named.at, &plan::UnknownName { nearest: near::nearest(catalog, &name), name }),
            })?;
        }
        Ok(())
    }

    fn unknown(&self, at: Place, error: &plan::UnknownName) -> ProfileError {
        let hint = error.nearest.as_ref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
        self.error(Some(at), format!("there is no tool or check `{}`{hint}", error.name))
    }

    fn waivable(&self, catalog: &Catalog, name: &str) -> Result<(), String> {
        let (id, state) = name.split_once('/').map_or((name, None), |(id, state)| (id, Some(state)));
        let Some(subject) = catalog.find(id) else {
            if plan::known(catalog, &[id.to_owned()]).is_ok() {
                return Err(format!("`{id}` is a tool; a waiver is for one of its checks, which `doctor list` names"));
            }
            let hint = near::nearest(catalog, id).map(|nearest| format!("; did you mean `{nearest}`?"));
            return Err(format!("there is no check `{id}`{}", hint.unwrap_or_default()));
        };
        let Some(state) = state else { return Ok(()) };
        let known: Vec<&str> = subject.check.diagnose.iter().map(|diagnosis| diagnosis.id.as_str()).collect();
        if known.contains(&state) || crate::diagnose::COMMON.contains(&state) {
            return Ok(());
        }
        Err(format!("`{id}` has no state `{state}`; it knows {}", known.join(", ")))
    }

    /// What a run looks at: the profile's selection, unless the person names something.
    pub fn select(&self, mut asked: Selection) -> Selection {
        let words = |list: &[Named]| list.iter().map(|named| named.name.clone()).collect::<Vec<_>>();
        // What is asked for by name is looked at even where the profile leaves it out.
        let left_out = words(&self.skip).into_iter().filter(|skip| !asked.only.iter().any(|name| within(name, skip)));
        asked.skip.extend(left_out);
        if asked.only.is_empty() {
            asked.only = words(&self.only);
        }
        asked.level = asked.level.or(self.level);
        asked
    }

    /// The same as it stands today on this platform, without any findings.
    pub fn reported_on(&self, platform: &Platform) -> report::Profile {
        let mut fresh = self.clone();
        fresh.waive(&mut [], platform, "");
        fresh.reported()
    }

    /// What a report says of it.
    pub fn reported(&self) -> report::Profile {
        report::Profile {
            name: self.name.clone(),
            version: self.version.clone(),
            digest: self.digest.clone(),
            file: self.file.clone(),
            found: self.found,
            waivers: self.waivers.iter().map(Waiver::reported).collect(),
        }
    }
}

/// Whether a name is a word of a selection or a part of it: `ssh.keys` of `ssh`.
fn within(name: &str, word: &str) -> bool {
    name.eq_ignore_ascii_case(word) || name.split_once('.').is_some_and(|(tool, _)| tool == word)
}

/// A name that no version can be asked of.
#[derive(Debug)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// Whether it is a check, only one that reads no version.
    pub known: bool,
}

/// Asks for a version: of the check of this id, or of the first check of this tool that reads one. What was there is
/// replaced, and so is the support calendar: who asks for an old version means it.
///
/// # Errors
/// A name that is none, or that reads no version.
pub fn ask(catalog: &mut Catalog, name: &str, requirement: &Requirement, asked: Asked) -> Result<(), Unknown> {
    let mut known = false;
    for (stem, tool) in &mut catalog.tools {
        let whole = name == stem || name.eq_ignore_ascii_case(&tool.tool);
        for check in &mut tool.check {
            if whole || name == format!("{stem}.{}", check.id) {
                known = true;
                if check.expect.version.is_some() {
                    check.expect.version = Some(requirement.clone());
                    check.asked = Some(asked);
                    return Ok(());
                }
            }
        }
    }
    Err(Unknown { name: name.to_owned(), known })
}

/// SHA-256 over texts, hexadecimal, first 16 digits.
fn digest(texts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
