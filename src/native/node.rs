//! Probes of Node, its managers, npm and pnpm.

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
