//! The words that a cohort is told in: what somebody needs, what a check found, and how many are what.

use schemars::JsonSchema;
use serde::Serialize;

use super::gather::State;
use crate::model::{Level, Outcome, Owner};

/// What a learner needs before the machine is ready; the later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing: every required check passed or does not apply, on each of their machines.
    #[default]
    Ready,
    /// They can fix it alone, with what doctor tells them.
    Alone,
    /// Course staff must look.
    Staff,
    /// Whoever administers the machine or the account must do something.
    Admin,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Alone, Self::Staff, Self::Admin];

    /// The word in machine-readable formats.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Alone => "alone",
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Alone => "can fix it alone",
            Self::Staff => "needs staff",
            Self::Admin => "needs admin",
        }
    }

    /// What somebody's verdict is, who waits for `owner`.
    pub fn waits_for(owner: Owner) -> Self {
        match owner {
            Owner::Learner => Self::Alone,
            Owner::Staff => Self::Staff,
            Owner::Admin => Self::Admin,
        }
    }
}

/// What a check found on a machine, as a view shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It is as it should be.
    Pass,
    /// A required check failed.
    Fail,
    /// A recommended check failed.
    Warn,
    /// It could not be told.
    Unknown,
    /// It does not apply, or was not asked for.
    Skip,
    /// Another check must pass first.
    Blocked,
    /// A profile waives its failure.
    Waived,
    /// The report does not have it.
    Missing,
}

impl Word {
    /// Every word.
    pub const ALL: [Self; 8] =
        [Self::Pass, Self::Fail, Self::Warn, Self::Unknown, Self::Skip, Self::Blocked, Self::Waived, Self::Missing];

    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Skip => "skip",
            Self::Blocked => "blocked",
            Self::Waived => "waived",
            Self::Missing => "missing",
        }
    }

    /// What a state is shown as.
    pub fn of(state: &State) -> Self {
        match state.outcome {
            Outcome::Pass => Self::Pass,
            _ if state.waived => Self::Waived,
            Outcome::Unknown => Self::Unknown,
            Outcome::Skip if !state.blocked_by.is_empty() => Self::Blocked,
            Outcome::Skip => Self::Skip,
            Outcome::Fail => match state.level {
                Level::Required => Self::Fail,
                Level::Recommended => Self::Warn,
                // An optional tool that is not as it should be is nobody's task.
                Level::Optional => Self::Skip,
            },
        }
    }
}

/// How many checks are what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// As it should be.
    pub pass: usize,
    /// Required and failed.
    pub fail: usize,
    /// Recommended and failed.
    pub warn: usize,
    /// Could not be told.
    pub unknown: usize,
    /// Does not apply.
    pub skip: usize,
    /// Another check must pass first.
    pub blocked: usize,
    /// Waived by a profile.
    pub waived: usize,
    /// Not in the report.
    pub missing: usize,
}

impl Counts {
    /// The number of this.
    pub fn at(&mut self, word: Word) -> &mut usize {
        match word {
            Word::Pass => &mut self.pass,
            Word::Fail => &mut self.fail,
            Word::Warn => &mut self.warn,
            Word::Unknown => &mut self.unknown,
            Word::Skip => &mut self.skip,
            Word::Blocked => &mut self.blocked,
            Word::Waived => &mut self.waived,
            Word::Missing => &mut self.missing,
        }
    }

    /// How many are this.
    pub fn of(&self, word: Word) -> usize {
        match word {
            Word::Pass => self.pass,
            Word::Fail => self.fail,
            Word::Warn => self.warn,
            Word::Unknown => self.unknown,
            Word::Skip => self.skip,
            Word::Blocked => self.blocked,
            Word::Waived => self.waived,
            Word::Missing => self.missing,
        }
    }
}
