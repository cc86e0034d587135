//! Which checks a run looks at, and in which order.

use std::collections::BTreeSet;

use crate::{
    catalog::{Catalog, near},
    diagnose::{Subject, applies},
    model::{Level, Platform, Probe, check::Needs},
};

/// What the person asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Tools or full ids to look at; all where none is named.
    pub only: Vec<String>,
    /// Tools or full ids to leave out.
    pub skip: Vec<String>,
    /// The lowest level to look at.
    pub level: Option<Level>,
    /// Whether the network may be used.
    pub online: bool,
    /// Whether heavy looks are wanted: containers are started, tools are run where a file would answer.
    pub deep: bool,
}

/// A word of a selection that names nothing, with the nearest that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The word.
    pub name: String,
    /// The nearest tool or id.
    pub nearest: Option<String>,
}

/// The checks of a run, in the chapter's order.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What is to be examined, or why not.
    pub items: Vec<Item<'a>>,
}

/// One check of a run.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The check.
    pub subject: Subject<'a>,
    /// Why it is not looked at.
    pub skip: Option<Skip>,
}

/// Why a selected check is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// It does not apply on this platform.
    Platform,
    /// It must be asked for.
    Needs(Needs),
}

impl<'a> Plan<'a> {
    /// Selects checks. A check that a selected one leans on is selected too.
    ///
    /// # Errors
    /// The first word that names nothing.
    pub fn new(catalog: &'a Catalog, selection: &Selection, platform: &Platform) -> Result<Self, UnknownName> {
        known(catalog, &selection.only)?;
        known(catalog, &selection.skip)?;
        let wanted = |subject: Subject<'_>| {
            (selection.only.is_empty() || selection.only.iter().any(|name| named(name, subject)))
                && selection.level.is_none_or(|level| subject.level(platform) >= level)
        };
        let left_out = |subject: Subject<'_>| selection.skip.iter().any(|name| named(name, subject));
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<Subject<'_>> = catalog.subjects().filter(|subject| wanted(*subject)).collect();
        while let Some(subject) = open.pop() {
            if !left_out(subject) && ids.insert(subject.id()) {
                open.extend(catalog.leans_on(subject).filter_map(|id| catalog.find(id)));
            }
        }
        let items = catalog
            .subjects()
            .filter(|subject| ids.contains(&subject.id()))
            .map(|subject| Item { subject, skip: skip(subject, selection, platform) })
            .collect();
        Ok(Self { items })
    }
}

/// Refuses words that name no check and no tool.
///
/// # Errors
/// The first such word.
pub fn known(catalog: &Catalog, names: &[String]) -> Result<(), UnknownName> {
    match names.iter().find(|name| !catalog.subjects().any(|subject| named(name, subject))) {
        Some(name) => Err(UnknownName { name: name.clone(), nearest: near::nearest(catalog, name) }),
        None => Ok(()),
    }
}

/// Whether a word of a selection names a check: its full id, or its tool by file stem or name.
pub fn named(name: &str, subject: Subject<'_>) -> bool {
    name == subject.id() || name == subject.stem || name.eq_ignore_ascii_case(&subject.tool.tool)
}

fn skip(subject: Subject<'_>, selection: &Selection, platform: &Platform) -> Option<Skip> {
    let check = subject.check;
    if !applies(&check.on, platform) || check.not_on.iter().any(|word| platform.is(word)) {
        return Some(Skip::Platform);
    }
    // The any-of check stands for its members wherever one of them applies.
    debug_assert!(!matches!(&check.probe, Probe::AnyOf(ids) if ids.is_empty()), "an any-of has members");
    match check.needs {
        Some(Needs::Online) if !selection.online => Some(Skip::Needs(Needs::Online)),
        Some(Needs::Deep) if !selection.deep => Some(Skip::Needs(Needs::Deep)),
        _ => None,
    }
}
