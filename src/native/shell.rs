//! Probes of the login shell and its start-up files.

mod ask;
mod follow;
mod look;
mod script;
mod startup;

pub use ask::{answered, ask_login_shell, shell_path};
pub use follow::startup;
pub use startup::{Place, Read, StartFile, Startup, shell_name, tilde};

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] =
    &[("shell-login", look::login), ("shell-files", look::files), ("shell-path", look::path)];
