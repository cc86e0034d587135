//! A cohort: many reports seen as one, by an instructor. Reading them is safe whatever is in them ([`scan`], [`parse`],
//! [`text`]); of each learner, machine and system the latest counts ([`gather`]); what the cohort is follows from these
//! ([`count`]), with fixes from the catalogue of whoever collects and never from a report ([`advice`]). Pure: bytes
//! come from [`crate::host::collect`], every view is made from one [`Cohort`].

pub mod advice;
mod cause;
pub mod compare;
pub mod count;
pub mod gather;
mod learner;
pub mod parse;
pub mod roster;
pub mod scan;
pub mod text;
pub mod time;
mod verdict;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Step, report::Program};
pub use cause::{Cause, Column, FixFor, On, Split};
pub use gather::Symbols;
pub use learner::{Item, Learner, Machine};
pub use verdict::{Counts, Verdict, Word};

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
