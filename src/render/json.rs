//! JSON: one document on standard output for every exit code.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::report::SCHEMA;

/// Writes anything of ours as one pretty document.
///
/// # Errors
/// What writing says.
pub fn document(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Why doctor could not do its work; stands where the report would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failed<'a> {
    schema: u32,
    error: Words<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Words<'a> {
    kind: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hint: &'a str,
}

impl<'a> Failed<'a> {
    /// From its kind, what happened, and what to do.
    pub fn new(kind: &'a str, message: &'a str, hint: &'a str) -> Self {
        Self { schema: SCHEMA, error: Words { kind, message, hint } }
    }
}
