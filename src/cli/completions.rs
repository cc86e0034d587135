//! `doctor completions SHELL`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Ended, output};

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints them.
pub(super) fn run(args: Args) -> Ended {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "doctor", &mut bytes);
    output::stdout(&bytes, true)
}
