//! What must hold of an observation: the `when` of a diagnosis and the `expect` of a check.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Observation, Pattern, Requirement, Seen, Version};

/// Statements about an observation; every one that is given must hold.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Condition {
    /// The command ended with this code.
    pub exit: Option<i32>,
    /// The command ended by itself with another code than this.
    pub not_exit: Option<i32>,
    /// Standard output matches.
    pub stdout: Option<Pattern>,
    /// Standard error matches.
    pub stderr: Option<Pattern>,
    /// Either stream, or the text of a file, matches.
    pub output: Option<Pattern>,
    /// Neither stream, nor the text of a file, matches.
    pub not_output: Option<Pattern>,
    /// There was no answer in time.
    pub timed_out: Option<bool>,
    /// What was looked for is not there.
    pub absent: Option<bool>,
    /// It is there but cannot be run, for a reason that matches.
    pub broken: Option<Pattern>,
    /// It is there but cannot be read.
    pub unreadable: Option<bool>,
    /// A signal ended the command.
    pub killed: Option<bool>,
    /// The version satisfies this.
    pub version: Option<Requirement>,
    /// Each named fact exists and matches. Built in: `version`, `program`, `real`, `kind`, `others`, `life`, `ends`.
    pub fact: BTreeMap<String, Pattern>,
    /// None of these facts exists.
    pub no_fact: Vec<String>,
    /// At least one of these holds.
    pub any: Vec<Condition>,
    /// None of these holds.
    pub none: Vec<Condition>,
}

impl Condition {
    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether every statement holds.
    pub fn holds(&self, seen: &Observation) -> bool {
        let (stdout, stderr) = streams(&seen.seen);
        let exit = match seen.seen {
            Seen::Exited { code, .. } => Some(code),
            _ => None,
        };
        let text = match &seen.seen {
            Seen::Text(text) => text.as_str(),
            _ => "",
        };
        let output = |pattern: &Pattern| [stdout, stderr, text].iter().any(|stream| pattern.is_match(stream));
        let broken = match &seen.seen {
            Seen::Broken(why) => Some(why.word()),
            _ => None,
        };
        let version = || seen.facts.get("version").and_then(|text| text.parse::<Version>().ok());
        self.exit.is_none_or(|code| exit == Some(code))
            && self.not_exit.is_none_or(|code| exit.is_some_and(|exit| exit != code))
            && self.stdout.as_ref().is_none_or(|pattern| pattern.is_match(stdout))
            && self.stderr.as_ref().is_none_or(|pattern| pattern.is_match(stderr))
            && self.output.as_ref().is_none_or(output)
            && self.not_output.as_ref().is_none_or(|pattern| !output(pattern))
            && self.timed_out.is_none_or(|want| matches!(seen.seen, Seen::TimedOut { .. }) == want)
            && self.absent.is_none_or(|want| matches!(seen.seen, Seen::Absent) == want)
            && self.unreadable.is_none_or(|want| matches!(seen.seen, Seen::Unreadable(_)) == want)
            && self.killed.is_none_or(|want| matches!(seen.seen, Seen::Signal { .. }) == want)
            && self.broken.as_ref().is_none_or(|pattern| broken.is_some_and(|word| pattern.is_match(word)))
            && self.version.as_ref().is_none_or(|want| version().is_some_and(|version| want.holds(&version)))
            && self.fact.iter().all(|(name, pattern)| seen.facts.get(name).is_some_and(|fact| pattern.is_match(fact)))
            && self.no_fact.iter().all(|name| !seen.facts.contains_key(name))
            && (self.any.is_empty() || self.any.iter().any(|one| one.holds(seen)))
            && !self.none.iter().any(|one| one.holds(seen))
    }

    /// Every pattern in it, nested ones too.
    pub fn patterns(&self) -> Vec<&Pattern> {
        let own = [&self.stdout, &self.stderr, &self.output, &self.not_output, &self.broken].into_iter().flatten();
        own.chain(self.fact.values()).chain(self.any.iter().chain(&self.none).flat_map(Self::patterns)).collect()
    }
}

/// Standard output and error of whatever wrote any.
pub fn streams(seen: &Seen) -> (&str, &str) {
    match seen {
        Seen::Exited { stdout, stderr, .. }
        | Seen::Signal { stdout, stderr, .. }
        | Seen::TimedOut { stdout, stderr } => (stdout, stderr),
        _ => ("", ""),
    }
}
