//! A cohort: many reports seen as one, by an instructor. Reading them is safe whatever is in them ([`scan`], [`parse`],
//! [`text`]); of each learner, machine and system the latest counts ([`gather`]); what the cohort is follows from these
//! ([`count`]), with fixes from the catalogue of whoever collects and never from a report ([`advice`]). Pure: bytes
//! come from [`crate::host::collect`], every view is made from one [`Cohort`].

pub mod advice;
pub mod compare;
pub mod count;
pub mod gather;
pub mod parse;
pub mod roster;
pub mod scan;
pub mod text;
pub mod time;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Level, Outcome, Owner, Step, report::Program};
pub use gather::Symbols;

/// The version of the cohort's format.
pub const SCHEMA: u32 = 1;

/// The JSON Schema of cohorts, made from the types.
pub const COHORT_SCHEMA: &str = include_str!("../../docs/cohort.schema.json");

/// A whole cohort: what `doctor cohort --format json` writes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Cohort {
    /// The format's version: 1.
    pub schema: u32,
    /// Which program put it together, with whose checks.
    pub doctor: Program,
    /// When it was put together: UTC, RFC 3339.
    pub made: String,
    /// Which reports count.
    pub selection: Selection,
    /// How many of what.
    pub summary: Summary,
    /// Everybody who reported: those who need most help first, then by id.
    pub learners: Vec<Learner>,
    /// What is wrong, what helps most learners first: required causes before others, then by the number of learners.
    pub causes: Vec<Cause>,
    /// What to do, named by place in this list.
    pub fixes: Vec<Step>,
    /// Every check that some report has, in the chapter's order; the cells of a machine follow it.
    pub checks: Vec<Column>,
    /// The same by platform, to see where an instruction and not a learner is at fault.
    pub platforms: Vec<Split>,
    /// Who should report and did not.
    pub not_reported: Vec<Absent>,
    /// What was handed in and is no report.
    pub rejected: Vec<Rejected>,
    /// What somebody should know before trusting the rest.
    pub notices: Vec<Notice>,
    /// Names that the machines' facts point to.
    #[serde(skip)]
    pub symbols: Symbols,
}

/// Which reports count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Selection {
    /// `latest` of each learner, machine and system; or `all`.
    pub runs: String,
    /// Only those made since then: UTC, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Only those of these systems; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

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

/// How many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Learners who reported.
    pub learners: usize,
    /// Of these, ready.
    pub ready: usize,
    /// Of these, who can fix it alone.
    pub alone: usize,
    /// Of these, who need course staff.
    pub staff: usize,
    /// Of these, who need an administrator.
    pub admin: usize,
    /// People of the roster; 0 without one.
    pub expected: usize,
    /// Of these, who did not report.
    pub not_reported: usize,
    /// Reports that count.
    pub counted: usize,
    /// Reports that could be read.
    pub reports: usize,
    /// Of these, replaced by a later one of the same learner, machine and system.
    pub earlier: usize,
    /// Of these, made before `--since`.
    pub before: usize,
    /// Of these, of systems that are not looked at.
    pub elsewhere: usize,
    /// What is no report.
    pub rejected: usize,
}

/// Somebody who reported.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Learner {
    /// What they are known by: the roster's id, else the label, else the machine's pseudonym, else the file's name.
    pub id: String,
    /// A name, where one is known that is not the id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The roster's group.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Whether the roster has them; nothing without a roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
    /// The worst of their machines.
    pub verdict: Verdict,
    /// The first thing that keeps them from being ready, in words; empty where nothing does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Their machines: the latest report of each machine and system, or every report with `--all`.
    pub machines: Vec<Machine>,
}

/// One machine of a learner, by one report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Machine {
    /// Its pseudonym.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub id: Arc<str>,
    /// `windows`, `wsl`, `macos`, `linux`, `container` or `other`.
    pub scope: &'static str,
    /// What is split by: the scope, macOS by processor, Linux by family.
    pub platform: &'static str,
    /// The system's own name.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub system: Arc<str>,
    /// The login shell.
    #[serde(default, skip_serializing_if = "str::is_empty", serialize_with = "shared")]
    #[schemars(with = "String")]
    pub shell: Arc<str>,
    /// When the report was made: UTC, RFC 3339; nothing where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// Earlier reports of the same machine that this one replaced.
    pub earlier: u32,
    /// The version of the doctor that made it.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub doctor: Arc<str>,
    /// Where the report came from.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub source: Arc<str>,
    /// What it needs.
    pub verdict: Verdict,
    /// How many checks are what.
    pub counts: Counts,
    /// What is not in order, in the chapter's order: what keeps the machine from being ready, and what is recommended.
    pub open: Vec<Item>,
    /// What each check of `checks` found here, in that order.
    pub cells: Box<[Word]>,
    /// The report's place among the inputs: input, place in its archive, byte.
    #[serde(skip)]
    pub order: (u32, u32, u64),
    /// Whether it says it was made at a time that cannot be.
    #[serde(skip)]
    pub odd_time: bool,
    /// State and version of the cells, in their order; what is missing is left out. Their checks are places in
    /// `checks` of the cohort.
    #[serde(skip)]
    pub facts: Box<[gather::Cell]>,
}

impl Machine {
    /// State and version of a check, by its place in `checks`; nothing where the report does not have it.
    pub fn fact(&self, column: usize) -> Option<gather::Cell> {
        let here = |cell: &&gather::Cell| usize::from(cell.check) == column;
        // Mostly nothing is missing.
        self.facts.get(column).filter(here).copied().or_else(|| {
            let at = self.facts.binary_search_by_key(&column, |cell| usize::from(cell.check)).ok()?;
            Some(self.facts[at])
        })
    }
}

fn shared<S: serde::Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
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
    pub fn of(state: &gather::State) -> Self {
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
    /// Counts one more.
    pub fn add(&mut self, word: Word) {
        *match word {
            Word::Pass => &mut self.pass,
            Word::Fail => &mut self.fail,
            Word::Warn => &mut self.warn,
            Word::Unknown => &mut self.unknown,
            Word::Skip => &mut self.skip,
            Word::Blocked => &mut self.blocked,
            Word::Waived => &mut self.waived,
            Word::Missing => &mut self.missing,
        } += 1;
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

/// Something on a machine that is not in order.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Item {
    /// The check, or `report` for what is the matter with the report itself.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub check: Arc<str>,
    /// The cause: a diagnosis id.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub cause: Arc<str>,
    /// What the check found.
    pub word: Word,
    /// Whether it keeps the machine from being ready.
    pub counts: bool,
    /// What was found, in the report's words.
    pub found: String,
    /// Who can mend it.
    pub owner: Owner,
    /// What to do: a place in `fixes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<usize>,
    /// The command that showed it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// The program that answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub program: String,
    /// Programs of that name in PATH's order, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// Its first telling lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
}

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

/// Somebody who should report and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Absent {
    /// The roster's id.
    pub id: String,
    /// The roster's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The roster's group.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
}

/// Something that was handed in and is no report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Rejected {
    /// Its name.
    pub source: String,
    /// Where in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Why.
    pub reason: String,
}

/// Something to know before trusting the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Notice {
    /// What kind it is, for programs.
    pub kind: String,
    /// What it is.
    pub say: String,
    /// Whom it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learners: Vec<String>,
}
