//! Versions as tools print them, compared as numbers and never as text.

mod range;

use std::{fmt, str::FromStr};

use semver::Op;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A version with up to three numbers; what follows them (`rc1`, `.windows.2`, `-deb12u1`) is dropped, because a
/// learner with a release candidate of a newer version has what is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(semver::Version);

impl Version {
    /// The first number.
    pub fn major(&self) -> u64 {
        self.0.major
    }
    /// The second number, 0 where there was none.
    pub fn minor(&self) -> u64 {
        self.0.minor
    }
}

/// Why a text is not a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAVersion(String);

impl fmt::Display for NotAVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` does not start with a version number", self.0)
    }
}

impl std::error::Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads `1.2.3`, `v20.19.5`, `go1.25rc1`, `2.47.1.windows.2`, `3.10`, `29`. Leading letters are passed over;
    /// missing numbers are 0; numbers too large for 64 bits are an error.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let error = || NotAVersion(text.chars().take(40).collect());
        let rest = text.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
        let mut numbers = [0_u64; 3];
        let mut rest = rest;
        for (index, slot) in numbers.iter_mut().enumerate() {
            let digits: &str = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
            if digits.is_empty() {
                if index == 0 {
                    return Err(error());
                }
                break;
            }
            *slot = digits.parse().map_err(|_| error())?;
            match rest[digits.len()..].strip_prefix('.') {
                Some(after) => rest = after,
                None => break,
            }
        }
        Ok(Self(semver::Version::new(numbers[0], numbers[1], numbers[2])))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a version must satisfy. Check files write it in Cargo's notation: `>=3.11`, `>=18, <25`, `2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// Of these one must hold.
    any: Vec<semver::VersionReq>,
    /// As its author wrote it.
    text: String,
}

impl Requirement {
    /// From alternatives in Cargo's notation; nothing where one of them is none.
    fn any_of(text: &str, alternatives: &[String]) -> Option<Self> {
        let any: Vec<semver::VersionReq> = alternatives
            .iter()
            .map(|one| if one.is_empty() { "*" } else { one }.parse().ok())
            .collect::<Option<_>>()?;
        (!any.is_empty()).then(|| Self { any, text: text.trim().to_owned() })
    }

    /// Whether `version` satisfies every comparison of one of the alternatives.
    pub fn holds(&self, version: &Version) -> bool {
        self.any.iter().any(|one| one.matches(&version.0))
    }

    /// The lowest version that a lower bound names; the rest of the requirement is about too new.
    pub fn least(&self) -> Option<Version> {
        let least = self.any.iter().map(|one| {
            let lower = one.comparators.iter().filter(|c| !matches!(c.op, Op::Less | Op::LessEq | Op::Wildcard));
            lower.map(bound).max()
        });
        // An alternative without a lower bound lets every old version in.
        least.collect::<Option<Vec<_>>>()?.into_iter().min()
    }

    /// Whether `version` lies above everything that is asked for, and not in a gap.
    pub fn is_below(&self, version: &Version) -> bool {
        let newer = |one: &semver::VersionReq| one.comparators.iter().all(|c| bound(c) <= *version);
        !self.holds(version) && self.any.iter().all(newer)
    }

    /// What satisfies both; nothing where no version does.
    pub fn and(&self, other: &Self) -> Option<Self> {
        let both = |one: &semver::VersionReq, more: &semver::VersionReq| semver::VersionReq {
            comparators: one.comparators.iter().chain(&more.comparators).cloned().collect(),
        };
        let any = self.any.iter().flat_map(|one| other.any.iter().map(move |more| both(one, more))).collect();
        self.meets(other).then(|| Self { any, text: format!("{}, {}", self.text, other.text) })
    }

    /// What satisfies one of the two.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.any.extend(other.any);
        self.text = format!("{}, {}", self.text, other.text);
        self
    }

    /// Whether some version satisfies both.
    pub fn meets(&self, other: &Self) -> bool {
        // Where two such sets share anything, they share the beginning of one of their stretches.
        let bounds = self.any.iter().chain(&other.any).flat_map(|one| &one.comparators).flat_map(|c| {
            let semver::Version { major, minor, patch, .. } = bound(c).0;
            [(major, minor, patch), (major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0)]
        });
        let starts = bounds.chain([(0, 0, 0)]).map(|(a, b, c)| Version(semver::Version::new(a, b, c)));
        { starts }.any(|version| self.holds(&version) && other.holds(&version))
    }
}

/// The version that a comparison names, what it leaves out as zeros.
fn bound(comparator: &semver::Comparator) -> Version {
    let (minor, patch) = (comparator.minor.unwrap_or(0), comparator.patch.unwrap_or(0));
    Version(semver::Version::new(comparator.major, minor, patch))
}

impl FromStr for Requirement {
    type Err = semver::Error;
    fn from_str(text: &str) -> Result<Self, semver::Error> {
        Ok(Self { any: vec![text.parse()?], text: text.to_owned() })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Requirement {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Requirement".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "a version requirement such as `>=3.11`" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn vendor_suffixes_and_missing_parts_are_read() {
        for (text, want) in [
            ("2.47.1.windows.2", "2.47.1"),
            ("v20.19.5", "20.19.5"),
            ("go1.25rc1", "1.25.0"),
            ("2.55.0.rc1", "2.55.0"),
            ("29", "29.0.0"),
            ("3.10", "3.10.0"),
            ("2.26.1-4+b1", "2.26.1"),
        ] {
            assert_eq!(version(text).to_string(), want, "{text}");
        }
        assert!("no numbers".parse::<Version>().is_err());
        assert!("99999999999999999999999".parse::<Version>().is_err());
    }

    #[test]
    fn comparison_is_by_number() {
        assert!(version("3.10") > version("3.9"));
        assert!(version("10.0.22000") >= version("10.0.19041"));
        let requirement: Requirement = ">=28".parse().unwrap();
        assert!(requirement.holds(&version("29")) && requirement.holds(&version("28.0.0")));
        assert!(!requirement.holds(&version("27.5.1")));
    }
}
