//! `doctor list`: what can be examined.

use super::{Checks, Ended, Failure, check, output, screen::Screen, unknown};
use crate::{
    catalog::Catalog,
    exam::plan,
    render::{Format, json, list},
};

/// List every check
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tools or ids to list; all where none is named
    #[arg(value_name = "TOOL|ID", value_delimiter = ',')]
    names: Vec<String>,
    /// The format
    #[arg(long, default_value = "human", hide_default_value = true, value_parser = output::plain_format_parser())]
    format: Format,
    #[command(flatten)]
    checks: Checks,
    #[command(flatten)]
    screen: Screen,
}

/// Lists them.
pub(super) fn run(args: Args) -> Ended {
    let catalog = args.checks.load()?;
    plan::known(&catalog, &args.names).map_err(unknown)?;
    let mut bytes = Vec::new();
    write(&args, &catalog, &mut bytes).map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)
}

fn write(args: &Args, catalog: &Catalog, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let named = |subject: &crate::diagnose::Subject<'_>| {
        args.names.is_empty() || args.names.iter().any(|name| plan::named(name, *subject))
    };
    let subjects = catalog.subjects().filter(named);
    if args.format.is_for_machines() {
        json::document(&list::List::new(&check::program(catalog), subjects), bytes)
    } else {
        list::terminal(subjects, args.screen.look(false), bytes)
    }
}
