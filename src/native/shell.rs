//! Probes of the login shell and its start-up files.

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
