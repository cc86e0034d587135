//! Probes of the login shell and its start-up files.

mod ask;
mod script;
mod startup;

pub use ask::{answered, ask_login_shell, shell_path};
pub use startup::{Place, Read, StartFile, Startup, shell_name, startup};

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[];
