//! From findings to words. Every view is made from one [`Report`] (or from the catalogue's checks) and from nothing
//! else, and writes to a `dyn Write`: nothing here prints by itself, asks the machine, or knows the command line.
//!
//! Texts in a report may come from anywhere, so each renderer makes them harmless for what it writes: see
//! [`text::line`] for terminals.

pub mod explain;
pub mod json;
pub mod list;
pub mod look;
mod passed;
mod problem;
pub mod progress;
pub mod terminal;
pub mod text;
pub mod why;

use std::io::{self, Write};

pub use look::Look;

use crate::model::Report;

/// A form in which a report can be written. A new one is a line here, in [`Format::ALL`], and a renderer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// The report itself.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Human, Self::Json];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }

    /// The endings of files that are written in this format.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Human => &["txt"],
            Self::Json => &["json"],
        }
    }

    /// Whether a program reads it, so that nothing else may stand beside it.
    pub fn is_for_machines(self) -> bool {
        self != Self::Human
    }
}

/// Writes a report in a format.
///
/// # Errors
/// What writing says.
pub fn write(report: &Report, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => terminal::report(report, look, out),
        Format::Json => json::document(report, out),
    }
}
