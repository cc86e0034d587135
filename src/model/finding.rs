//! What a check found on this machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Evidence, Level, Step};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The healthy condition holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It does not apply here, or another check blocks it; the finding says which.
    Skip,
    /// Looked, and could not tell.
    Unknown,
}

impl Outcome {
    /// The word used everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
            Self::Unknown => "unknown",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// The check's full id, `docker.daemon`.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// The chapter's section.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub section: String,
    /// The healthy condition.
    pub title: String,
    /// How much it matters, lowered by the diagnosis where that says so.
    pub level: Level,
    /// What was found.
    pub outcome: Outcome,
    /// Which state it is: `docker.daemon/stopped`. Stable; on a pass only where the good state has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<String>,
    /// What was found, in plain words.
    pub found: String,
    /// Why it matters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The version that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version that a file asks for, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Why it does not count, where the profile waives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
    /// The check that must hold first, where this one is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
    /// What to do about it on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Step>,
    /// The page that explains it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub see: String,
    /// What shows it; nothing for private checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Milliseconds that looking took, as far as commands were run.
    #[serde(default)]
    pub ms: u64,
    /// Whether checks that require this one cannot be looked at; for the exam, not for reports.
    #[serde(skip)]
    pub blocks: bool,
    /// The check whose failure this really is, if that one fails too; for the exam, not for reports.
    #[serde(skip)]
    pub caused_by: Option<String>,
    /// Whether what was found differs from run to run on the same machine, such as free space; for the report that must
    /// not.
    #[serde(skip)]
    pub varies: bool,
}

/// What a file asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Asked {
    /// In the words of the file: `>=22`, `lts/*`.
    pub version: String,
    /// The file, as it was named on the command line.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Waived {
    /// In the words of the profile's author.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub until: String,
}

impl Finding {
    /// Whether the person should act: it failed, or could not be told, it matters, and nobody waives it.
    pub fn is_problem(&self) -> bool {
        match self.outcome {
            _ if self.waived.is_some() => false,
            Outcome::Fail => self.level > Level::Optional,
            Outcome::Unknown => self.level > Level::Optional,
            Outcome::Pass | Outcome::Skip => false,
        }
    }

    /// A recommended check that failed: a view, not an outcome.
    pub fn is_warning(&self) -> bool {
        self.outcome == Outcome::Fail && self.level < Level::Required && self.waived.is_none()
    }
}
