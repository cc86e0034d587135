//! Somebody who reported: their machines, and what is not in order on each.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Counts, Verdict, Word, gather::Cell, parse::Shown};
use crate::{calendar, model::Owner};

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
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "moment")]
    #[schemars(with = "Option<String>")]
    pub started: Option<i64>,
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
    pub facts: Box<[Cell]>,
}

impl Machine {
    /// When the report was made: UTC, RFC 3339.
    pub fn started(&self) -> Option<String> {
        self.started.map(calendar::rfc3339)
    }

    /// State and version of a check, by its place in `checks`; nothing where the report does not have it.
    pub fn fact(&self, column: usize) -> Option<Cell> {
        let here = |cell: &&Cell| usize::from(cell.check) == column;
        // Mostly nothing is missing.
        self.facts.get(column).filter(here).copied().or_else(|| {
            let at = self.facts.binary_search_by_key(&column, |cell| usize::from(cell.check)).ok()?;
            Some(self.facts[at])
        })
    }
}

pub(super) fn shared<S: serde::Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

fn moment<S: serde::Serializer>(seconds: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
    match seconds {
        Some(seconds) => to.serialize_str(&calendar::rfc3339(*seconds)),
        None => to.serialize_none(),
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
    /// Who can mend it.
    pub owner: Owner,
    /// What to do: a place in `fixes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<usize>,
    /// What was found, and what showed it.
    #[serde(flatten)]
    pub shown: Arc<Shown>,
}
