//! `doctor list`: what can be examined.

use super::{Checks, Ended, Failure, check, output, profile::Which, screen::Screen, unknown};
use crate::{
    catalog::Catalog,
    exam::plan::{self, Selection},
    profile::Profile,
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
    profile: Which,
    #[command(flatten)]
    checks: Checks,
    #[command(flatten)]
    screen: Screen,
}

/// Lists them.
pub(super) fn run(args: Args) -> Ended {
    let (profile, catalog) = args.profile.load(&args.checks)?;
    plan::known(&catalog, &args.names).map_err(unknown)?;
    let mut bytes = Vec::new();
    write(&args, &profile, &catalog, &mut bytes).map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)
}

fn write(args: &Args, profile: &Profile, catalog: &Catalog, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let asked = profile.select(Selection { only: args.names.clone(), ..Selection::default() });
    let named = |subject: &crate::diagnose::Subject<'_>| {
        let any = |names: &[String]| names.iter().any(|name| plan::named(name, *subject));
        (asked.only.is_empty() || any(&asked.only)) && !any(&asked.skip)
    };
    let subjects = catalog.subjects().filter(named);
    if args.format.is_for_machines() {
        json::document(&list::List::new(&check::program(catalog), subjects), bytes)
    } else {
        list::terminal(subjects, args.screen.look(false), bytes)
    }
}
