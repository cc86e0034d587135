//! Probes of WSL from both sides.

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
