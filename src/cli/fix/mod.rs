//! `doctor fix`: what to do about what was found, in order; shown, asked, run, and looked at again.

mod answer;
mod carry;
mod look;
mod session;

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use clap::ValueEnum;

use super::{Checks, Ended, Failure, NOT_READY, READY, output, screen::Screen};
use crate::{
    remedy::{self, Plan},
    render::{json, plan as view},
};

/// Fix what was found, step by step: each command is shown and asked for before it runs
///
/// Without a terminal nobody can be asked: then it needs `--yes` or `--dry-run`. Exit codes: 0 ready, 1 something that is
/// required is left to do, 2 doctor could not do its work.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tools or ids to fix; all where none is named
    #[arg(value_name = "TOOL|ID", value_delimiter = ',')]
    names: Vec<String>,
    /// Leave these tools or ids out
    #[arg(long, value_name = "TOOL|ID", value_delimiter = ',')]
    skip: Vec<String>,
    /// Show the plan and change nothing
    #[arg(long, conflicts_with_all = ["yes", "allow"])]
    dry_run: bool,
    /// Run without asking whatever neither removes anything nor needs a password nor comes from a maker's own installer
    #[arg(long)]
    yes: bool,
    /// With `--yes`, also run what needs this
    #[arg(long, value_name = "WHAT", requires = "yes")]
    allow: Vec<Allow>,
    /// Also make the checks that use the network
    #[arg(long)]
    online: bool,
    /// Make the plan for a recorded machine; only with `--dry-run`
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    replay: Option<PathBuf>,
    #[command(flatten)]
    checks: Checks,
    /// Write what these checks find, for doctor itself
    #[arg(long, hide = true)]
    look_only: bool,
    /// The format of the plan; json only with `--dry-run`
    #[arg(long, value_name = "FORMAT", default_value = "human", hide_default_value = true)]
    format: Format,
    #[command(flatten)]
    screen: Screen,
}

/// What unattended runs may do only when told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allow {
    /// Commands with root's rights
    Sudo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Plans, and carries out what it is let.
pub(super) fn run(args: Args) -> Ended {
    if args.format == Format::Json && !args.dry_run {
        return Err(Failure::new("usage", "a run that asks and acts cannot be written as JSON")
            .hint("`doctor fix --dry-run --format json` writes the plan"));
    }
    let catalog = args.checks.load()?;
    if args.look_only {
        return look::for_doctor(&catalog, &args);
    }
    let asks = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !asks && !args.yes && !args.dry_run {
        return Err(Failure::new("no-terminal", "`doctor fix` asks before each step, and nobody can be asked here")
            .hint("`doctor fix --dry-run` shows the steps; `doctor fix --yes` runs those that are safe unattended"));
    }
    let looked = look::first(&catalog, &args)?;
    if args.dry_run {
        let plan = remedy::plan(&catalog, &looked.findings, &looked.platform, !args.names.is_empty());
        return dry_run(&args, &looked, &plan);
    }
    let ready = session::Session::new(&args, &catalog, looked, asks)?.run()?;
    Ok(if ready { READY } else { NOT_READY })
}

fn dry_run(args: &Args, looked: &look::Looked, plan: &Plan) -> Ended {
    let mut bytes = Vec::new();
    match args.format {
        Format::Human => view::overview(plan, &looked.platform, args.screen.look(false), &mut bytes),
        Format::Json => json::document(plan, &mut bytes),
    }
    .map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)?;
    Ok(if remedy::is_ready(&looked.findings) { READY } else { NOT_READY })
}
