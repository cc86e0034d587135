//! Probes that data cannot express. They observe and never speak: every word about what they saw is in `checks/`.
//!
//! A probe asks its [`Host`] only, so each can be tested by a recording. What it saw goes into facts (small letters,
//! digits and `_`); what was not there is [`Observation::absent`].

pub mod cloud;
pub mod cloud_login;
pub mod docker;
pub mod editor;
pub mod git;
pub mod go;
pub mod ini;
pub mod inside;
pub mod machine;
pub mod macos;
pub mod node;
pub mod packages;
pub mod postgres;
pub mod program;
pub mod python;
pub mod shell;
pub mod ssh;
pub mod told;
pub mod wsl;

use std::{collections::BTreeMap, time::Duration};

use crate::{host::Host, model::Observation};

/// What a probe is told.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The machine.
    pub host: &'a dyn Host,
    /// `with` of the check file.
    pub with: &'a BTreeMap<String, String>,
    /// How long each command may take; nothing for the usual time.
    pub timeout: Option<Duration>,
    /// Whether tools are to be run for real where a file would answer too.
    pub deep: bool,
}

impl Ask<'_> {
    /// What the check file says under this name; empty where it says nothing.
    pub fn word(&self, name: &str) -> &str {
        self.with.get(name).map_or("", String::as_str)
    }
}

/// A probe written in Rust.
pub type Native = fn(Ask<'_>) -> Observation;

/// Every file's probes.
const FILES: &[&[(&str, Native)]] = &[
    cloud::PROBES,
    docker::PROBES,
    editor::PROBES,
    git::PROBES,
    go::PROBES,
    inside::PROBES,
    machine::PROBES,
    macos::PROBES,
    node::PROBES,
    packages::PROBES,
    postgres::PROBES,
    python::PROBES,
    shell::PROBES,
    ssh::PROBES,
    told::PROBES,
    wsl::PROBES,
];

fn all() -> impl Iterator<Item = &'static (&'static str, Native)> {
    FILES.iter().copied().flatten()
}

/// The probe of this name.
pub fn find(name: &str) -> Option<Native> {
    all().find(|(known, _)| *known == name).map(|(_, native)| *native)
}

/// The names of all probes, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = all().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}
