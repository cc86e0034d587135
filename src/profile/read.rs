//! A profile's text read, or what is wrong in it with line and column.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use super::{DEFAULT, Named, Place, Profile, ProfileError, Waiver, digest};
use crate::{
    calendar,
    catalog::error::place,
    model::{Level, Requirement, platform::WORDS, report::WaiverState},
};

/// The built-in profiles by name.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("day1", include_str!("../../checks/profiles/day1.toml")),
    ("ci-image", include_str!("../../checks/profiles/ci-image.toml")),
    ("minimal", include_str!("../../checks/profiles/minimal.toml")),
];

/// A profile as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: Spanned<String>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    based_on: Option<Spanned<String>>,
    #[serde(default)]
    checks: Option<String>,
    #[serde(default)]
    select: Select,
    #[serde(default)]
    versions: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    levels: BTreeMap<String, Spanned<Level>>,
    #[serde(default)]
    waive: Vec<Spanned<Waive>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Select {
    only: Vec<Spanned<String>>,
    skip: Vec<Spanned<String>>,
    level: Option<Level>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waive {
    id: Spanned<String>,
    reason: Spanned<String>,
    until: Spanned<toml::Value>,
    #[serde(default)]
    platform: Vec<Spanned<String>>,
    #[serde(default)]
    label: Vec<String>,
}

/// The built-in profile of this name.
pub fn built_in(name: &str) -> Option<Profile> {
    let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    // The tests read every one of them.
    Profile::read("", text).ok().map(|profile| Profile { name: (*name).to_owned(), ..profile })
}

impl Profile {
    /// Reads a profile's text. `file` is what its author knows it by; nothing for a built-in one.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn read(file: &str, text: &str) -> Result<Self, ProfileError> {
        let fail = |span: Option<Range<usize>>, message: String| ProfileError {
            file: file.to_owned(),
            at: span.map(|span| place(text, span.start)),
            message,
        };
        let written: Written = toml::from_str(text).map_err(|error| fail(error.span(), plain(error.message())))?;
        let base = match &written.based_on {
            // A built-in one is complete by itself.
            None if file.is_empty() => Self::default(),
            None => built_in(DEFAULT).unwrap_or_default(),
            Some(name) => built_in(name.get_ref()).ok_or_else(|| {
                let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                let message =
                    format!("there is no built-in profile `{}`; use one of {}", name.get_ref(), known.join(", "));
                fail(Some(name.span()), message)
            })?,
        };
        if written.name.get_ref().trim().is_empty() {
            return Err(fail(Some(written.name.span()), "a profile needs a name".to_owned()));
        }
        let at = |span: Range<usize>| -> Place { place(text, span.start) };
        let named = |word: Spanned<String>| Named { at: at(word.span()), name: word.into_inner() };
        let mut versions = Vec::new();
        for (name, wanted) in written.versions {
            let requirement = wanted.get_ref().parse::<Requirement>().map_err(|error| {
                fail(
                    Some(wanted.span()),
                    format!(
                        "`{}` is no version requirement such as `>=3.11` or `>=20, <25`: {error}",
                        wanted.get_ref()
                    ),
                )
            })?;
            versions.push((Named { name, at: at(wanted.span()) }, requirement));
        }
        let own = written.levels.into_iter();
        let own = own.map(|(name, level)| (Named { name, at: at(level.span()) }, level.into_inner()));
        // The last one that names a check holds.
        let levels = base.levels.into_iter().chain(own).collect();
        let waivers = written.waive.into_iter().map(|waive| waiver(waive.into_inner(), text, &at, &fail));
        let mut waivers = waivers.collect::<Result<Vec<_>, _>>()?;
        waivers.splice(0..0, base.waivers);
        let mut skip = base.skip;
        skip.extend(written.select.skip.into_iter().map(named));
        let only: Vec<Named> = written.select.only.into_iter().map(named).collect();
        Ok(Self {
            name: written.name.into_inner(),
            version: written.version,
            digest: if base.digest.is_empty() { digest(&[text]) } else { digest(&[&base.digest, text]) },
            file: file.to_owned(),
            found: false,
            checks: written.checks,
            only: if only.is_empty() { base.only } else { only },
            skip,
            level: written.select.level.or(base.level),
            versions,
            levels,
            waivers,
        })
    }
}

/// A parser's words in those of whoever writes a profile.
fn plain(message: &str) -> String {
    message.replace("expected a sequence", "expected a list in `[ ]`").replace("expected a map", "expected a table")
}

fn waiver(
    waive: Waive,
    text: &str,
    at: &impl Fn(Range<usize>) -> Place,
    fail: &impl Fn(Option<Range<usize>>, String) -> ProfileError,
) -> Result<Waiver, ProfileError> {
    if waive.reason.get_ref().trim().is_empty() {
        return Err(fail(Some(waive.reason.span()), "a waiver needs a reason".to_owned()));
    }
    // A day may stand in quotes or as TOML's own date.
    let until = match waive.until.get_ref() {
        toml::Value::String(text) => text.clone(),
        _ => text.get(waive.until.span()).unwrap_or_default().to_owned(),
    };
    // There and back again: `2026-02-31` is another day.
    if calendar::days(&until).map(calendar::date).as_deref() != Some(until.as_str()) {
        let message = format!("`{until}` is no day; write the last day on which the waiver holds as `2026-12-31`");
        return Err(fail(Some(waive.until.span()), message));
    }
    if let Some(word) = waive.platform.iter().find(|word| !WORDS.contains(&word.get_ref().as_str())) {
        let message = format!("`{}` is not a platform word: use one of {}", word.get_ref(), WORDS.join(", "));
        return Err(fail(Some(word.span()), message));
    }
    Ok(Waiver {
        id: Named { at: at(waive.id.span()), name: waive.id.into_inner() },
        reason: waive.reason.into_inner(),
        until,
        platform: waive.platform.into_iter().map(Spanned::into_inner).collect(),
        label: waive.label,
        state: WaiverState::NotNeeded,
    })
}
