//! One run's result: every view is made from this and from nothing else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Level, Os, Outcome, Platform};

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
    /// What "ready" meant in this run, where that is not the built-in chapter as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
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
    /// Whether times, durations and what identifies the machine are left out (`--stable`): `started` is empty then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stable: bool,
}

/// What "ready" meant in a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its version, as its author counts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// SHA-256 over its text and what it is built on, hexadecimal, first 16 digits.
    pub digest: String,
    /// The file it was read from; nothing for a built-in one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Whether it was found in the current folder and not named: then only its versions and levels were used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// Its waivers, and what became of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

/// The name of the profile that is used where none is named.
pub const DEFAULT_PROFILE: &str = "day1";

impl Profile {
    /// Whether it is the one that is used where none is named.
    pub fn is_default(&self) -> bool {
        self.file.is_empty() && self.name == DEFAULT_PROFILE
    }
}

/// What was waived, and what became of it in this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Waiver {
    /// A check's id, or a diagnosis id.
    pub id: String,
    /// Why, in its author's words.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: String,
    /// What became of it.
    pub state: WaiverState,
}

impl Waiver {
    /// Whether its day has passed.
    pub fn is_expired(&self) -> bool {
        self.state == WaiverState::Expired
    }
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// A finding does not count because of it.
    Used,
    /// There was nothing to waive.
    NotNeeded,
    /// Its day has passed; it waives nothing.
    Expired,
    /// It is for other platforms or labels.
    Elsewhere,
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
    /// Checks that do not apply here, were not asked for, or are optional and do not hold.
    pub skipped: usize,
    /// Checks that another one blocks.
    pub blocked: usize,
    /// Checks that could not be told.
    pub unknown: usize,
    /// Checks whose failure the profile waives.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waived: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// How a finding counts: the same in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It passed.
    Passed,
    /// It makes the machine unready.
    Failed,
    /// It could not be told, or is blocked with no failure in sight, and makes the machine unready.
    Unclear,
    /// It does not hold, or could not be told, and that can wait.
    Warned,
    /// It does not apply here, was not asked for, or is not missed.
    Skipped,
    /// A failure that is told elsewhere blocks it.
    Blocked,
    /// The profile waives it.
    Waived,
}

impl Standing {
    /// Whether it makes the machine unready.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Unclear)
    }
}

impl Report {
    /// How a finding of this report counts.
    pub fn standing(&self, finding: &Finding) -> Standing {
        let required = finding.level == Level::Required;
        match finding.outcome {
            Outcome::Pass => Standing::Passed,
            _ if finding.waived.is_some() => Standing::Waived,
            Outcome::Fail if required || self.run.strict && finding.level == Level::Recommended => Standing::Failed,
            Outcome::Fail if finding.level == Level::Recommended => Standing::Warned,
            Outcome::Fail => Standing::Skipped,
            Outcome::Unknown if required => Standing::Unclear,
            Outcome::Unknown if finding.level == Level::Recommended => Standing::Warned,
            Outcome::Unknown => Standing::Skipped,
            Outcome::Skip => match &finding.blocked_by {
                None => Standing::Skipped,
                // Without a failure that is told, an unready machine would have none.
                Some(by) if required && !self.tells(by) => Standing::Unclear,
                Some(_) => Standing::Blocked,
            },
        }
    }

    fn tells(&self, id: &str) -> bool {
        let root = self.findings.iter().find(|finding| finding.id == id);
        root.is_some_and(|root| {
            matches!(root.outcome, Outcome::Fail | Outcome::Unknown) && self.standing(root).is_bad()
        })
    }

    /// Whether doctor does not know this system, so that it is unready whatever was found.
    pub fn unknown_system(&self) -> bool {
        self.platform.os == Os::Other
    }

    /// Leaves out times, durations and what identifies the machine, so that two runs on the same image are the same
    /// text.
    pub fn make_stable(&mut self) {
        self.run.stable = true;
        self.run.started.clear();
        self.run.ms = 0;
        self.machine.id.clear();
        self.platform.today.clear();
        self.platform.evidence.clear();
        for finding in &mut self.findings {
            finding.ms = 0;
            if finding.varies {
                finding.found.clear();
                finding.version = None;
            }
            if let Some(evidence) = &mut finding.evidence {
                evidence.ms = 0;
                evidence.excerpt.clear();
            }
        }
    }
}

impl Summary {
    /// Counts findings and judges them; `strict` lets warnings count as failures.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>, platform: &Platform, strict: bool) -> Self {
        let mut summary = Self::default();
        let mut ready = platform.os != Os::Other;
        for finding in findings {
            let required = finding.level == Level::Required;
            match finding.outcome {
                Outcome::Pass => summary.passed += 1,
                _ if finding.waived.is_some() => summary.waived += 1,
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
