//! `doctor diff`: two reports beside each other.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{
    Checks, Ended, Failure, NOT_READY, READY,
    cohort::{gather, inputs, now, to_stdout},
    screen::Screen,
};
use crate::{
    cohort::{Cohort, compare, gather::Wanted},
    render::{cohort::changes, json},
};

/// Compare two reports: yesterday's and today's, or two builds of an image
///
/// Exit codes: 0 nothing got worse, 1 a required or recommended check got worse, 2 doctor could not do its work.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The older report; `-` is standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer report
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The format on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", hide_default_value = true, help_heading = "Output")]
    format: Format,
    /// Say the numbers only
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    #[command(flatten)]
    checks: Checks,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Md,
}

/// Compares them.
pub(super) fn run(args: Args) -> Ended {
    let catalog = args.checks.load()?;
    let read = |file: &PathBuf| {
        let wanted = Wanted { now: now(), all: true, ..Wanted::default() };
        one(file, gather(&inputs(std::slice::from_ref(file))?, wanted, &catalog))
    };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let diff = compare::reports(&old, &new).ok_or_else(|| Failure::new("no-report", "there is nothing to compare"))?;
    let look = args.screen.look(args.quiet);
    to_stdout(|out| match args.format {
        Format::Human => changes::reports(&diff, look, out),
        Format::Json => json::document(&diff, out),
        Format::Md => changes::reports_markdown(&diff, out),
    })?;
    Ok(if diff.regression { NOT_READY } else { READY })
}

/// A cohort that is one report.
fn one(file: &std::path::Path, cohort: Cohort) -> Result<Cohort, Failure> {
    let name = file.display();
    if let Some(rejected) = cohort.rejected.first() {
        let place = if rejected.place.is_empty() { String::new() } else { format!(", {}", rejected.place) };
        return Err(Failure::new("no-report", format!("{}{place}: {}", rejected.source, rejected.reason)));
    }
    match cohort.summary.counted {
        1 => Ok(cohort),
        many => Err(Failure::new("no-report", format!("{name} holds {many} reports; one is compared with one"))
            .hint("`doctor cohort OLD --vs NEW` compares many")),
    }
}
