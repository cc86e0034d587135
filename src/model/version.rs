//! Versions as tools print them, compared as numbers and never as text.

use std::{fmt, str::FromStr};

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

/// What a version must satisfy, in Cargo's notation: `>=3.11`, `>=18, <25`, `2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement(semver::VersionReq);

impl Requirement {
    /// Whether `version` satisfies every comparison.
    pub fn holds(&self, version: &Version) -> bool {
        self.0.matches(&version.0)
    }

    /// The lowest version that a `>=` or `>` comparison names; the rest of the requirement is about too new.
    pub fn least(&self) -> Option<Version> {
        use semver::Op;
        let lower = self.0.comparators.iter().find(|c| !matches!(c.op, Op::Less | Op::LessEq | Op::Wildcard))?;
        Some(Version(semver::Version::new(lower.major, lower.minor.unwrap_or(0), lower.patch.unwrap_or(0))))
    }
}

impl FromStr for Requirement {
    type Err = semver::Error;
    fn from_str(text: &str) -> Result<Self, semver::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
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
#[allow(clippy::unwrap_used)]
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
