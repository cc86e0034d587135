//! Probes of AWS CLI, Google Cloud CLI and Azure CLI.

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
