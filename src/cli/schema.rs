//! `doctor schema`: the JSON Schemas of what doctor writes, made from the types.

use clap::ValueEnum;
use schemars::schema_for;

use super::{Ended, Failure, output};
use crate::{host::recording::Recording, model::Report, render::json};

/// Print a JSON Schema
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of what
    #[arg(default_value = "report")]
    of: Of,
}

/// What can be described.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// What `--format json` writes
    Report,
    /// What `--record` writes
    Recording,
}

/// Prints it.
pub(super) fn run(args: Args) -> Ended {
    let schema = match args.of {
        Of::Report => schema_for!(Report),
        Of::Recording => schema_for!(Recording),
    };
    let mut bytes = Vec::new();
    json::document(&schema, &mut bytes).map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)
}
