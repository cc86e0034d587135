//! One run's result: every view is made from this and from nothing else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Level, Outcome, Platform};

/// The version of the report format. A reader of 1 can read every 1.
pub const SCHEMA: u32 = 1;

/// One run's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The format's version: 1.
    pub schema: u32,
    /// Which program wrote it.
    pub doctor: Program,
    /// When and how it was run.
    pub run: Run,
    /// A pseudonym of the machine and its user, the same in every run.
    pub machine: Machine,
    /// What machine this is, with evidence.
    pub platform: Platform,
    /// The verdict and the counts.
    pub summary: Summary,
    /// Every selected check exactly once, in the chapter's order.
    pub findings: Vec<Finding>,
}

/// Which program wrote a report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Program {
    /// Its version.
    pub version: String,
    /// SHA-256 over the checks it ran with, hexadecimal, first 16 digits.
    pub checks: String,
    /// The day its support calendars were taken, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub knowledge: String,
}

/// When and how it was run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// The start in UTC, RFC 3339.
    pub started: String,
    /// Milliseconds from start to end.
    pub ms: u64,
    /// Whether `--online` was given.
    pub online: bool,
    /// Whether `--deep` was given.
    pub deep: bool,
    /// Whether `--strict` was given.
    pub strict: bool,
    /// Whether it was judged from a recording.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
}

/// A pseudonym of the machine and its user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Machine {
    /// Random to whoever does not have the machine.
    pub id: String,
    /// What `--label` said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// `windows`, `wsl`, `macos`, `linux`, `container` or `other`.
    pub scope: String,
}

/// Whether the machine is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every required check passed or does not apply.
    Ready,
    /// A required check failed, is blocked or could not be told.
    #[default]
    NotReady,
}

/// The verdict and the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Whether the machine is ready.
    pub verdict: Verdict,
    /// Checks that passed.
    pub passed: usize,
    /// Required checks that failed.
    pub failed: usize,
    /// Recommended checks that failed.
    pub warned: usize,
    /// Checks that do not apply here.
    pub skipped: usize,
    /// Checks that another one blocks.
    pub blocked: usize,
    /// Checks that could not be told.
    pub unknown: usize,
}

impl Summary {
    /// Counts findings and judges them; `strict` lets warnings count as failures.
    pub fn of(findings: &[Finding], platform: &Platform, strict: bool) -> Self {
        let mut summary = Self::default();
        let mut ready = platform.os != super::Os::Other;
        for finding in findings {
            let required = finding.level == Level::Required;
            match finding.outcome {
                Outcome::Pass => summary.passed += 1,
                Outcome::Skip if finding.blocked_by.is_some() => {
                    summary.blocked += 1;
                    ready &= !required;
                }
                Outcome::Skip => summary.skipped += 1,
                Outcome::Unknown => {
                    summary.unknown += 1;
                    ready &= !required;
                }
                Outcome::Fail if required => {
                    summary.failed += 1;
                    ready = false;
                }
                Outcome::Fail if finding.level == Level::Recommended => {
                    summary.warned += 1;
                    ready &= !strict;
                }
                Outcome::Fail => summary.skipped += 1,
            }
        }
        summary.verdict = if ready { Verdict::Ready } else { Verdict::NotReady };
        summary
    }
}
