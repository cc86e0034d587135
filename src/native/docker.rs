//! Probes of Docker, its plugins, contexts and the Postgres lab.

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
