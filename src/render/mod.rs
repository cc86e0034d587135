//! From findings to words. Every view is made from one [`Report`] (or from the catalogue's checks) and from nothing
//! else, and writes to a `dyn Write`: nothing here prints by itself, asks the machine, or knows the command line.
//!
//! Texts in a report may come from anywhere, so each renderer makes them harmless for what it writes: see
//! [`text::line`] for terminals.

pub mod cohort;
pub mod explain;
pub mod github;
pub mod json;
pub mod junit;
pub mod list;
pub mod look;
pub mod markdown;
pub mod ndjson;
mod passed;
mod plain;
pub mod plan;
mod problem;
pub mod profile;
pub mod progress;
pub mod sarif;
pub mod tap;
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
    /// JUnit's XML.
    Junit,
    /// The Test Anything Protocol.
    Tap,
    /// Annotations for GitHub Actions.
    Github,
    /// Markdown.
    Markdown,
    /// SARIF, for code scanning.
    Sarif,
    /// GitLab's code quality report.
    Gitlab,
    /// The report line by line.
    Ndjson,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        Self::Human,
        Self::Json,
        Self::Junit,
        Self::Tap,
        Self::Github,
        Self::Markdown,
        Self::Sarif,
        Self::Gitlab,
        Self::Ndjson,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Tap => "tap",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Gitlab => "gitlab",
            Self::Ndjson => "ndjson",
        }
    }

    /// The endings of files that are written in this format.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Human => &["txt"],
            Self::Json => &["json"],
            Self::Junit => &["xml"],
            Self::Tap => &["tap"],
            Self::Markdown => &["md"],
            Self::Sarif => &["sarif"],
            Self::Ndjson => &["ndjson", "jsonl"],
            // Both are mostly written to files that end as others do.
            Self::Github | Self::Gitlab => &[],
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
        Format::Junit => junit::report(report, out),
        Format::Tap => tap::report(report, out),
        Format::Github => github::report(report, out),
        Format::Markdown => markdown::report(report, out),
        Format::Sarif => sarif::sarif(report, out),
        Format::Gitlab => sarif::gitlab(report, out),
        Format::Ndjson => ndjson::report(report, out),
    }
}
