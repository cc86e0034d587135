//! What the terminal can show: the only place that asks the environment about it.

use std::{
    env,
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use clap::ValueEnum;
use console::Term;

use crate::render::{Format, Look};

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Colour {
    // No doc comments here: clap would show them, and with them a long form of the whole help.
    #[default]
    Auto,
    Always,
    Never,
}

/// How much to say and how; shared by the commands that write for people.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Screen {
    /// When to use colours; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true, help_heading = "Output")]
    color: Colour,
    /// Say more
    #[arg(short, long, help_heading = "Output")]
    verbose: bool,
}

impl Screen {
    /// How text on standard output looks.
    pub(super) fn look(self, quiet: bool) -> Look {
        let terminal = io::stdout().is_terminal();
        let colour = match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => coloured(terminal),
        };
        let width = word("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let width = width.or_else(|| Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)));
        Look { width: width.unwrap_or(80), colour, unicode: unicode(terminal), verbose: self.verbose, quiet }
    }

    /// How progress on standard error looks.
    pub(super) fn look_of_progress(self) -> Look {
        let colour = self.color != Colour::Never && coloured(true);
        Look { colour, unicode: unicode(true), ..Look::default() }
    }
}

/// The format that suits where this runs: GitHub Actions reads annotations, everything else shows what people read.
pub(super) fn format() -> Format {
    if word("GITHUB_ACTIONS").is_some_and(|value| value == "true") { Format::Github } else { Format::Human }
}

/// The file that GitHub Actions shows as the job's summary.
pub(super) fn job_summary() -> Option<PathBuf> {
    word("GITHUB_STEP_SUMMARY").map(PathBuf::from)
}

/// Whether colours are wanted on standard output where no option says so.
pub(super) fn colour() -> bool {
    coloured(io::stdout().is_terminal())
}

/// How text on standard error looks.
pub(super) fn look_of_errors() -> Look {
    let terminal = io::stderr().is_terminal();
    Look { colour: coloured(terminal), unicode: unicode(terminal), ..Look::default() }
}

/// Says something on standard error that ends nothing.
pub(super) fn warn(words: &str) {
    use std::io::Write as _;
    // A closed standard error is nothing that could be told to anybody.
    let _ = writeln!(io::stderr(), "{}", crate::render::text::command(words));
}

/// Whether progress can be shown on standard error.
pub(super) fn can_show_progress() -> bool {
    io::stderr().is_terminal() && !dumb() && word("CI").is_none()
}

fn coloured(terminal: bool) -> bool {
    if word("NO_COLOR").is_some() {
        return false;
    }
    if word("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    terminal && !dumb() && word("CLICOLOR").is_none_or(|value| value != "0") && understands_colour()
}

/// Old Windows consoles must be told to; asking console does that.
fn understands_colour() -> bool {
    !cfg!(windows) || Term::stdout().features().colors_supported()
}

fn dumb() -> bool {
    word("TERM").is_some_and(|term| term == "dumb")
}

/// Whether more than ASCII arrives as it should.
fn unicode(terminal: bool) -> bool {
    // The Linux console's font has no check marks.
    if terminal && word("TERM").is_some_and(|term| term == "dumb" || term == "linux") {
        return false;
    }
    if cfg!(windows) {
        return !terminal || word("WT_SESSION").is_some() || word("TERM_PROGRAM").is_some();
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(word);
    match locale.map(|locale| locale.to_ascii_lowercase()) {
        Some(locale) => locale.contains("utf-8") || locale.contains("utf8"),
        None => cfg!(target_os = "macos"),
    }
}

/// An environment variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the terminal that is written to, not the machine examined")]
fn word(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
