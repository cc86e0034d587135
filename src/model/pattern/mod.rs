//! A regular expression as check files write it: one string, compiled when it is first needed.

mod needle;

use std::sync::OnceLock;

use needle::Needles;
use regex_lite::{Captures, Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A regular expression. It is kept as text and compiled on first use, because a run needs only a few of the
/// hundreds in the catalogue. [`Pattern::check`] says whether it compiles; the catalogue calls it for author files,
/// the laws call it for the built-in ones, and a pattern that does not compile matches nothing.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    // In a box: most patterns of a run are never used, and thousands of empty places cost memory that must be fetched.
    used: OnceLock<Box<Used>>,
}

/// What is worked out when a pattern is first used.
#[derive(Debug, Clone)]
struct Used {
    needles: Needles,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Makes a pattern from text.
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), used: OnceLock::new() }
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the expression compiles.
    ///
    /// # Errors
    /// The regular-expression engine's own words about what is wrong.
    pub fn check(&self) -> Result<(), String> {
        compile(&self.source).map(drop).map_err(|error| error.to_string())
    }

    fn used(&self) -> &Used {
        self.used.get_or_init(|| Box::new(Used { needles: Needles::of(&self.source), compiled: OnceLock::new() }))
    }

    fn regex(&self) -> Option<&Regex> {
        self.used().compiled.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    fn may_match(&self, text: &str) -> bool {
        self.used().needles.may_match(text)
    }

    /// Whether the expression matches anywhere in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.may_match(text) && self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The first match with its groups.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        if !self.may_match(text) {
            return None;
        }
        self.regex()?.captures(text)
    }

    /// What the named groups of the first match caught.
    pub fn named(&self, text: &str) -> Option<Vec<(String, String)>> {
        let captures = self.captures(text)?;
        let regex = self.regex()?;
        let caught = regex.capture_names().flatten().filter_map(|name| Some((name.to_owned(), captures.name(name)?)));
        Some(caught.map(|(name, found)| (name, found.as_str().to_owned())).collect())
    }

    /// The text of the first group that took part in the first match, or of the whole match where there is no group.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let captures = self.captures(text)?;
        let group = (1..captures.len()).find_map(|index| captures.get(index));
        group.or_else(|| captures.get(0)).map(|found| found.as_str())
    }
}

/// The longest text that one of several patterns matches, in the first of some texts that it matches.
pub fn longest<'p, 't>(
    patterns: impl IntoIterator<Item = &'p Pattern>,
    texts: &'t [impl AsRef<str>],
) -> Option<&'t str> {
    let matched =
        |pattern: &Pattern| texts.iter().find_map(|text| Some(pattern.captures(text.as_ref())?.get(0)?.as_str()));
    patterns.into_iter().filter_map(matched).max_by_key(|matched| matched.chars().count())
}

/// What the named groups of several patterns catch, each in the first of some texts that it matches.
pub fn named<'p>(
    patterns: impl IntoIterator<Item = &'p Pattern>,
    texts: &[impl AsRef<str>],
) -> impl Iterator<Item = (String, String)> {
    patterns.into_iter().filter_map(move |pattern| texts.iter().find_map(|text| pattern.named(text.as_ref()))).flatten()
}

/// `^` and `$` stand for the ends of a line, because that is what tools print; `\A` and `\z` for those of the text.
fn compile(source: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(source).multi_line(true).build()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl schemars::JsonSchema for Pattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pattern".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "regex" })
    }
}
