//! `doctor --version`.

use super::{Ended, output};
use crate::embedded;

/// Says which doctor this is, for which system it was built, and of which day its knowledge is.
pub(super) fn run() -> Ended {
    let mut facts = vec![env!("DOCTOR_TARGET").to_owned(), format!("knowledge of {}", embedded::KNOWLEDGE)];
    if let Some(commit) = option_env!("DOCTOR_COMMIT").filter(|commit| !commit.is_empty()) {
        facts.insert(0, format!("commit {commit}"));
    }
    output::stdout(format!("doctor {} ({})\n", env!("CARGO_PKG_VERSION"), facts.join(", ")).as_bytes(), true)
}
