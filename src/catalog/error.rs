//! What is wrong with a check file, and where: messages for the person who wrote it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

use toml::de::{DeTable, DeValue};

use super::{Catalog, near::nearest};
use crate::model::{Probe, Tool, platform::WORDS};

/// A mistake in a check file, or a file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError {
    /// The file, as the person knows it.
    pub file: String,
    /// Line and column from 1, where there is a place.
    pub at: Option<(usize, usize)>,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(formatter, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(formatter, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for CatalogError {}

pub(super) fn at(stem: &str, text: &str, span: Option<Range<usize>>, message: impl Into<String>) -> CatalogError {
    CatalogError { file: format!("{stem}.toml"), at: span.map(|span| place(text, span.start)), message: message.into() }
}

/// Line and column, from 1, of a byte of a text.
pub fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(byte.min(text.len()))];
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or("").chars().count() + 1)
}

/// Where a text or a key first stands in a file.
fn place_of(text: &str, word: &str) -> Option<Range<usize>> {
    let table = DeTable::parse(text).ok()?;
    let mut places = Vec::new();
    places_in(table.get_ref(), word, &mut places);
    places.into_iter().min_by_key(|place| place.start)
}

fn places_in(table: &DeTable<'_>, word: &str, places: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        places.extend((key.get_ref() == word).then(|| key.span()));
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value.get_ref() {
                DeValue::String(text) if text == word => places.push(value.span()),
                DeValue::Array(values) => open.extend(values.iter()),
                DeValue::Table(table) => places_in(table, word, places),
                _ => {}
            }
        }
    }
}

/// Looks through one author's file for mistakes that the reader does not see: patterns that do not compile, ids and
/// platform words that do not exist, conditions that state nothing.
pub(super) fn lint(stem: &str, text: &str, tool: &Tool) -> Result<(), CatalogError> {
    let wrong = |value: &str, message: String| Err(at(stem, text, place_of(text, value), message));
    for check in &tool.check {
        let conditions = std::iter::once(&check.expect)
            .chain(check.diagnose.iter().map(|diagnosis| &diagnosis.when))
            .chain(check.remedy.iter().map(|remedy| &remedy.when));
        let patterns = conditions
            .flat_map(crate::model::Condition::patterns)
            .chain(check.facts.values())
            .chain(check.version.iter().filter_map(|read| read.find.as_ref()))
            .chain(check.diagnose.iter().flat_map(|diagnosis| diagnosis.known_by.iter()));
        for pattern in patterns {
            if let Err(message) = pattern.check() {
                return wrong(pattern.as_str(), format!("not a regular expression: {message}"));
            }
        }
        for id in std::iter::once(&check.id).chain(check.diagnose.iter().map(|diagnosis| &diagnosis.id)) {
            if !is_kebab(id) {
                return wrong(id, format!("`{id}` is not an id: use small letters, digits and single hyphens"));
            }
        }
        let fixes = std::iter::once(&*check.fix)
            .chain(check.diagnose.iter().map(|diagnosis| &*diagnosis.fix))
            .chain(check.remedy.iter().map(|remedy| &remedy.fix));
        let words = check.on.iter().chain(&check.not_on).chain(check.diagnose.iter().flat_map(|d| &d.on));
        for word in words.chain(check.level_on.keys()).chain(fixes.flat_map(|fix| fix.keys())) {
            if !WORDS.contains(&word.as_str()) {
                return wrong(word, format!("`{word}` is not a platform word: use one of {}", WORDS.join(", ")));
            }
        }
        let says_nothing =
            check.expect.is_empty() && check.diagnose.is_empty() && !matches!(check.probe, Probe::AnyOf(_));
        if says_nothing && check.version.is_none() {
            return wrong(
                &check.id,
                format!("check `{}` expects nothing and diagnoses nothing, so it cannot fail", check.id),
            );
        }
        if let Probe::Native(native) = &check.probe
            && crate::native::find(&native.name).is_none()
        {
            return wrong(
                &native.name,
                format!("there is no native probe `{}`: use one of {}", native.name, crate::native::names().join(", ")),
            );
        }
    }
    Ok(())
}

/// Small letters, digits and single hyphens, a letter first.
pub fn is_kebab(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// Looks through the whole catalogue for links to checks that do not exist, ids used twice, and circles. The texts are
/// those of an author's own files, in which places can be named.
pub(super) fn lint_links(catalog: &Catalog, texts: &BTreeMap<String, String>) -> Result<(), CatalogError> {
    let mut ids = BTreeSet::new();
    for subject in catalog.subjects() {
        let text = texts.get(subject.stem).map_or("", String::as_str);
        let wrong = |word: &str, message: String| Err(at(subject.stem, text, place_of(text, word), message));
        let meant = |id: &str| match nearest(catalog, id).filter(|near| near.contains('.') && *near != subject.id()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => "; `doctor list` names them all".to_owned(),
        };
        if !ids.insert(subject.id()) {
            return wrong(&subject.check.id, format!("the id `{}` is used twice", subject.id()));
        }
        for id in catalog.leans_on(subject) {
            if catalog.find(id).is_none() {
                let message = format!("`{}` leans on `{id}`, which does not exist{}", subject.id(), meant(id));
                return wrong(id, message);
            }
        }
        for cause in subject.check.diagnose.iter().filter_map(|diagnosis| diagnosis.caused_by.as_deref()) {
            if catalog.find(cause).is_none() {
                let message = format!("`{}` names the cause `{cause}`, which does not exist", subject.id());
                return wrong(cause, message + &meant(cause));
            }
        }
        let mut open: Vec<&str> = catalog.leans_on(subject).collect();
        let mut steps = 0;
        while let Some(id) = open.pop() {
            steps += 1;
            if id == subject.id() || steps > 10_000 {
                return wrong(&subject.check.id, format!("`{}` requires itself in a circle", subject.id()));
            }
            open.extend(catalog.find(id).into_iter().flat_map(|next| catalog.leans_on(next)));
        }
    }
    Ok(())
}
