//! A probe that looks at nothing: it gives back what it was told. What is judged here was read from files that the command
//! line names, and is no matter of the machine.

use super::{Ask, Native};
use crate::model::Observation;

/// The probes of this file.
pub const PROBES: &[(&str, Native)] = &[("told", told)];

fn told(ask: Ask<'_>) -> Observation {
    Observation::facts(ask.with.iter().map(|(name, fact)| (name.as_str(), fact.clone())))
}
