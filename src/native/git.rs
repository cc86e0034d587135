//! Probes of git and its configuration.

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
