//! Probes of Python, pyenv and uv.

mod interpreter;
mod managed;
mod pyenv;
mod uv;

use super::Native;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("python", interpreter::python),
    ("pyenv", managed::pyenv),
    ("pyenv-shims", managed::shims),
    ("pyenv-selected", managed::selected),
    ("pyenv-lock", managed::lock),
    ("uv", uv::uv),
];
