//! What is seen over all machines: causes, checks, platforms.

use schemars::JsonSchema;
use serde::Serialize;

use super::Counts;
use crate::model::Owner;

/// Something that is wrong, on however many machines.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Cause {
    /// The diagnosis id, `docker.daemon/socket-denied`.
    pub id: String,
    /// The check.
    pub check: String,
    /// The tool's name.
    pub tool: String,
    /// What it is, in the collector's words.
    pub say: String,
    /// Whether it keeps anybody from being ready.
    pub required: bool,
    /// Whether the collector's checks know it.
    pub known: bool,
    /// Learners who have it.
    pub learners: usize,
    /// Of all who reported, in tenths of a percent.
    pub per_mille: usize,
    /// Machines that have it.
    pub machines: usize,
    /// Who can mend it, for most.
    pub owner: Owner,
    /// What to do, most needed first.
    pub fixes: Vec<FixFor>,
    /// Where it was found.
    pub platforms: Vec<On>,
    /// Platforms where most learners have it and hardly anybody elsewhere: look at the instruction first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspect: Vec<String>,
}

/// A fix and whom it helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FixFor {
    /// A place in `fixes`.
    pub fix: usize,
    /// Learners it helps.
    pub learners: usize,
    /// On which platforms.
    pub platforms: Vec<String>,
}

/// How often a cause was found on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct On {
    /// The platform.
    pub platform: String,
    /// Learners who have it there.
    pub learners: usize,
    /// Of so many.
    pub of: usize,
}

/// A check and what it found on everybody's machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Column {
    /// The check's full id.
    pub id: String,
    /// The tool's name; empty where the collector's checks do not know it.
    pub tool: String,
    /// The healthy condition; empty where the collector's checks do not know it.
    pub title: String,
    /// How many machines are what.
    pub counts: Counts,
}

/// One platform's part of the cohort.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Split {
    /// The platform.
    pub platform: String,
    /// Learners with a machine of it.
    pub learners: usize,
    /// Machines.
    pub machines: usize,
    /// Of these, ready.
    pub ready: usize,
    /// Of these, whose learner can fix it alone.
    pub alone: usize,
    /// Of these, that need course staff.
    pub staff: usize,
    /// Of these, that need an administrator.
    pub admin: usize,
    /// Its most frequent causes that keep machines from being ready: at most three ids.
    pub top: Vec<String>,
}
