//! `doctor schema`: the JSON Schemas of what doctor writes, made from the types.

use clap::ValueEnum;

use super::{Ended, output};
use crate::{
    cohort::COHORT_SCHEMA,
    report::{RECORDING_SCHEMA, REPORT_SCHEMA},
};

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
    /// What `doctor cohort --format json` writes
    Cohort,
}

/// Prints it.
pub(super) fn run(args: Args) -> Ended {
    let schema = match args.of {
        Of::Report => REPORT_SCHEMA,
        Of::Recording => RECORDING_SCHEMA,
        Of::Cohort => COHORT_SCHEMA,
    };
    output::stdout(schema.as_bytes(), true)
}
