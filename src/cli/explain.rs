//! `doctor explain`: why, how it is examined, what can be found, and what to do about it everywhere.

use super::{Checks, Ended, Failure, output, screen::Screen, unknown};
use crate::{catalog::Catalog, diagnose::Subject, exam::plan, render::explain};

/// Explain a check, a tool, or what was found
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A check (`docker.daemon`), a tool (`docker`), or what was found (`docker.daemon/stopped`)
    #[arg(value_name = "ID|TOOL", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    checks: Checks,
    #[command(flatten)]
    screen: Screen,
}

/// Explains them.
pub(super) fn run(args: Args) -> Ended {
    let catalog = args.checks.load()?;
    let mut bytes = Vec::new();
    for name in &args.names {
        write(&catalog, name, &args, &mut bytes)?;
    }
    output::stdout(&bytes, true)
}

fn write(catalog: &Catalog, name: &str, args: &Args, bytes: &mut Vec<u8>) -> Result<(), Failure> {
    let (id, state) = match name.split_once('/') {
        Some((id, state)) => (id, Some(state)),
        None => (name, None),
    };
    plan::known(catalog, &[id.to_owned()]).map_err(unknown)?;
    let subjects: Vec<Subject<'_>> = catalog.subjects().filter(|subject| plan::named(id, *subject)).collect();
    let states = || subjects.iter().flat_map(|subject| &subject.check.diagnose).map(|diagnosis| diagnosis.id.as_str());
    if let Some(state) =
        state.filter(|state| !states().any(|known| known == *state) && explain::common(state).is_none())
    {
        let message = format!("`{id}` has no state `{state}`");
        let known: Vec<&str> = states().collect();
        return Err(Failure::new("unknown-name", message).hint(format!("it knows {}", known.join(", "))));
    }
    if !bytes.is_empty() {
        bytes.extend(b"\n\n");
    }
    explain::terminal(&subjects, state, args.screen.look(false), bytes)
        .map_err(|error| Failure::new("output", error.to_string()))
}
