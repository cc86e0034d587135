//! `doctor why`: what an error text means and what to do about it.

use std::io::{self, IsTerminal as _, Read as _};

use clap::ValueEnum;

use super::{Checks, Ended, Failure, NOT_READY, READY, output, screen::Screen};
use crate::{
    host::{self, Host as _},
    model::{observation::clean, seen::Bytes},
    render::why,
    why::explain,
};

/// Explain an error text, or a command that fails
///
/// The text is given in quotes, on standard input (`docker run … 2>&1 | doctor why`), or is what a command prints that
/// is given after `--`: `doctor why -- docker compose up`. Exit codes: 0 explained (or the command succeeded), 1 not known.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The text
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// The command to run and explain
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "text")]
    command: Vec<String>,
    /// The format on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", hide_default_value = true)]
    format: Format,
    #[command(flatten)]
    checks: Checks,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// The most text that is looked at, in bytes: the end of a longer one, where errors stand.
const LONGEST: usize = 64 * 1024;

/// Explains it.
pub(super) fn run(args: Args) -> Ended {
    let catalog = args.checks.load()?;
    let Some(text) = text(&args)? else {
        return output::stdout(b"The command succeeded; there is nothing to explain.\n", true);
    };
    let machine = host::machine::Machine::new(std::time::Instant::now() + host::TIMEOUT);
    let platform = machine.platform();
    let found = explain(&catalog, &text, platform);
    let mut bytes = Vec::new();
    match args.format {
        Format::Human => why::terminal(&found, platform, args.screen.look(false), &mut bytes),
        Format::Json => why::json(&found, &mut bytes),
    }
    .map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)?;
    Ok(if found.is_empty() { NOT_READY } else { READY })
}

/// The text to explain; nothing where a command succeeded.
fn text(args: &Args) -> Result<Option<String>, Failure> {
    let bytes = if !args.command.is_empty() {
        let shown = host::aloud::run(&args.command)
            .map_err(|error| Failure::new("command", format!("{} could not be run: {error}", args.command[0])));
        match shown {
            Ok((true, _)) => return Ok(None),
            Ok((false, bytes)) => bytes,
            // A program that is not there is what the shell would say of it.
            Err(_) => format!("{}: command not found", args.command[0]).into_bytes(),
        }
    } else if !args.text.is_empty() {
        args.text.join(" ").into_bytes()
    } else if io::stdin().is_terminal() {
        return Err(Failure::new("usage", "there is no text to explain")
            .hint("write `doctor why \"the error text\"`, or put `2>&1 | doctor why` after the command that fails"));
    } else {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::new("input", error.to_string()))?;
        bytes
    };
    let end = &bytes[bytes.len().saturating_sub(LONGEST)..];
    let text = if bytes.len() > LONGEST { clean(end) } else { Bytes(bytes).text() };
    if text.trim().is_empty() {
        return Err(Failure::new("usage", "the text to explain is empty")
            .hint("error texts are often on the other stream: put `2>&1 | doctor why` after the command"));
    }
    Ok(Some(text))
}
