//! The command line: what can be asked for, one file per subcommand, and the exit codes, which are the same in every
//! format: 0 ready, 1 not ready, 2 doctor could not do its work.

mod check;
mod cohort;
mod completions;
mod diff;
mod explain;
mod failure;
mod fix;
mod list;
mod output;
mod profile;
mod schema;
mod screen;
mod version;
mod why;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{
    catalog::{Catalog, near},
    exam::plan,
    host::{author, process},
    model::{Report, report::Verdict},
};
use failure::Failure;

/// What a run of doctor ends with: an exit code, or why it could not do its work.
type Ended = Result<u8, Failure>;

/// Everything that was looked for is there, or what was asked for was shown.
const READY: u8 = 0;
/// Something that is required is missing.
const NOT_READY: u8 = 1;
/// doctor could not do its work.
const FAILED: u8 = 2;

/// Examine this machine: what is ready for the course, what is not, why, and what to paste
#[derive(Debug, Parser)]
#[command(
    name = "doctor",
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command, `doctor` means `doctor check`. It changes nothing on this machine; only `doctor fix` does.\n\
                  Exit codes: 0 ready, 1 not ready, 2 doctor could not do its work."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::Args,
    /// Say which doctor this is
    #[arg(short = 'V', long)]
    version: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Examine this machine (what `doctor` alone does)
    Check(Box<check::Args>),
    /// List every check
    List(list::Args),
    /// Explain a check, a tool, or what was found
    Explain(explain::Args),
    Why(why::Args),
    Cohort(Box<cohort::Args>),
    Diff(diff::Args),
    Profile(profile::Args),
    Fix(fix::Args),
    /// Print the JSON Schema of reports or recordings
    Schema(schema::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// The command line: every command and option, with its help.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Reads the command line, does what it says, and gives the exit code.
pub fn main() -> ExitCode {
    failure::own_up_to_defects();
    process::reserve_little();
    let words: Vec<OsString> = std::env::args_os().collect();
    // The whole command line's definition is not needed to say a version.
    if let [_, word] = words.as_slice()
        && (word == "--version" || word == "-V")
    {
        return ExitCode::from(version::run().unwrap_or_else(|failure| failure.tell(false)));
    }
    let json = wants_json(&words);
    let ended = match Cli::try_parse_from(&words) {
        Ok(cli) => run(cli, &words),
        Err(error) if error.use_stderr() => Err(Failure::usage(error)),
        Err(error) => output::stdout(error.render().ansi().to_string().as_bytes(), screen::colour()),
    };
    ExitCode::from(ended.unwrap_or_else(|failure| failure.tell(json)))
}

fn run(mut cli: Cli, words: &[OsString]) -> Ended {
    if cli.version {
        return version::run();
    }
    match cli.command {
        Some(Command::Check(args)) => check::run(*args),
        Some(Command::List(args)) => list::run(args),
        Some(Command::Explain(args)) => explain::run(args),
        Some(Command::Why(args)) => why::run(args),
        Some(Command::Cohort(args)) => cohort::run(*args),
        Some(Command::Diff(args)) => diff::run(args),
        Some(Command::Profile(args)) => profile::run(args),
        Some(Command::Fix(args)) => fix::run(args),
        Some(Command::Schema(args)) => schema::run(args),
        Some(Command::Completions(args)) => completions::run(args),
        None => {
            // Options may stand before `check` too: `doctor -v check git`. Then clap takes the word for a tool's name.
            match cli.check.first_name() {
                Some("check") => cli.check.drop_first_name(),
                Some(name) if Cli::command().find_subcommand(name).is_some() => {
                    return match command_first(words, name) {
                        Some(cli) => run(cli, words),
                        None => Err(Failure::new("usage", format!("options come after the command `{name}`"))
                            .hint(format!("`doctor {name} --help` shows those that it takes"))),
                    };
                }
                _ => {}
            }
            check::run(cli.check)
        }
    }
}

/// The same command line with the command before its options, where that makes sense.
fn command_first(words: &[OsString], name: &str) -> Option<Cli> {
    let places = words.iter().enumerate().skip(1).filter(|(_, word)| *word == name).map(|(at, _)| at);
    let moved = |at: usize| {
        let mut words = words.to_vec();
        let name = words.remove(at);
        words.insert(1, name);
        Cli::try_parse_from(words).ok()
    };
    // `doctor --label list list`: which of them is the command shows in what can be understood.
    { places }.find_map(moved)
}

/// Whether standard output was promised to be one JSON document: known even where the command line is wrong.
fn wants_json(words: &[OsString]) -> bool {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--").collect();
    words.iter().enumerate().any(|(at, word)| match *word {
        "--format" => words.get(at + 1) == Some(&"json"),
        "--output" => words.get(at + 1) == Some(&"json=-"),
        other => matches!(other, "--format=json" | "--output=json=-"),
    })
}

/// Where checks come from; shared by the commands that read them.
#[derive(Debug, clap::Args)]
struct Checks {
    /// Add the check files of this folder, or put them in place of those of the same name
    #[arg(long, value_name = "DIR")]
    checks: Option<PathBuf>,
}

impl Checks {
    fn load(&self) -> Result<Catalog, Failure> {
        self.load_with(None)
    }

    /// With the check files of a profile's folder, over which those that the person names win.
    fn load_with(&self, profile: Option<&Path>) -> Result<Catalog, Failure> {
        let folders: Vec<&Path> = profile.into_iter().chain(self.checks.as_deref()).collect();
        if folders.is_empty() {
            return Ok(Catalog::embedded()?);
        }
        let mut files = Vec::new();
        let mut own = BTreeMap::new();
        for folder in folders {
            let found = author::read_folder(folder).map_err(|(path, error)| {
                Failure::new("checks", format!("{} cannot be read: {}", path.display(), failure::reason(&error)))
            })?;
            if found.is_empty() {
                return Err(Failure::new("checks", format!("there is no check file (*.toml) in {}", folder.display())));
            }
            own.extend(found.iter().map(|(stem, _)| (format!("{stem}.toml"), folder)));
            files.extend(found);
        }
        Catalog::with_files(files).map_err(|mut error| {
            if let Some(folder) = own.get(&error.file) {
                error.file = folder.join(&error.file).display().to_string();
            }
            error.into()
        })
    }
}

fn unknown(error: plan::UnknownName) -> Failure {
    let failure = Failure::new("unknown-name", format!("there is no tool or check `{}`", error.name));
    // `doctor lits`: a mistyped command reads as a tool's name.
    let commands = Cli::command();
    let mut commands = commands.get_subcommands().map(clap::Command::get_name);
    match (commands.find(|name| near::is_slip(name, &error.name)), error.nearest) {
        _ if error.name == "help" => failure.hint("`doctor --help` shows what doctor can do"),
        (Some(command), _) => failure.hint(format!("did you mean `doctor {command}`?")),
        (None, Some(nearest)) => failure.hint(format!("did you mean `{nearest}`?")),
        (None, None) => failure.hint("`doctor list` shows all of them".to_owned()),
    }
}

/// The exit code of a report.
fn code(report: &Report) -> u8 {
    if report.summary.verdict == Verdict::Ready { READY } else { NOT_READY }
}
