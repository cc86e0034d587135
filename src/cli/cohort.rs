//! `doctor cohort`: everyone's reports seen as one.

use std::{
    io::{self, BufWriter, IsTerminal as _, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Checks, Ended, Failure, NOT_READY, READY, check::program, failure::reason, output, screen, screen::Screen,
};
use crate::{
    cohort::{
        Cohort, compare, count,
        gather::{Gather, Reader, SCOPES, Wanted},
        roster::Roster,
        time,
    },
    host::{
        self, Host as _, author,
        collect::{self, Input, Origin, Piece, Take},
    },
    render::{
        Look,
        cohort::{self as views, Format, changes, message::Messages},
        json,
    },
};

/// See everyone's reports as one: who is ready, who needs what, what helps most
///
/// Reads what learners handed in: reports as files, folders, NDJSON, .gz and .zip archives, in UTF-8 or UTF-16, with
/// whatever is around them. Commands to send back come from this doctor's own checks, never from a report. Exit codes: 0
/// everything was read, 1 something was rejected and is named, 2 doctor could not do its work.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders and patterns; `-` is standard input
    #[arg(value_name = "FILE|DIR", required = true)]
    inputs: Vec<PathBuf>,

    /// Who should report: a CSV with id, name and group
    #[arg(long, value_name = "FILE", help_heading = "Which reports")]
    roster: Option<PathBuf>,
    /// Only reports made since then: a day, a moment, or how long ago (7d, 36h)
    #[arg(long, value_name = "WHEN", help_heading = "Which reports")]
    since: Option<String>,
    /// The latest report of each learner, machine and system (this is the default)
    #[arg(long, overrides_with = "all", help_heading = "Which reports")]
    latest: bool,
    /// Every report
    #[arg(long, overrides_with = "latest", help_heading = "Which reports")]
    all: bool,
    /// Only reports of these systems: windows, wsl, macos, linux, container
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',', value_parser = scope, help_heading = "Which reports")]
    scope: Vec<String>,
    #[command(flatten)]
    checks: Checks,

    /// Compare with these reports, which are newer: what got better and what got worse
    #[arg(long, value_name = "FILE|DIR", num_args = 1.., help_heading = "Which reports")]
    vs: Vec<PathBuf>,

    /// The format on standard output
    #[arg(long, value_name = "FORMAT", value_parser = format(), help_heading = "Output")]
    format: Option<Format>,
    /// Also write a view to a file; its ending says the format. Can be given several times
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,
    /// Also write one message per learner into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "vs", help_heading = "Output")]
    messages: Option<PathBuf>,
    /// Say the numbers only
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    #[command(flatten)]
    screen: Screen,
}

fn scope(text: &str) -> Result<String, String> {
    match SCOPES.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("use {}", SCOPES.join(", "))),
    }
}

fn format() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = Format::ALL.iter().map(|format| format.name());
    PossibleValuesParser::new(names).map(|name| named(&name).unwrap_or(Format::Human))
}

fn named(name: &str) -> Option<Format> {
    Format::ALL.iter().copied().find(|format| format.name() == name)
}

/// Gathers, counts, and writes every view that is wanted.
pub(super) fn run(args: Args) -> Ended {
    let targets = args.output.iter().map(|path| target(path)).collect::<Result<Vec<_>, _>>()?;
    let catalog = args.checks.load()?;
    let wanted = args.wanted()?;
    let inputs = inputs(&args.inputs)?;
    let newer = wanted.clone();
    let cohort = gather(&inputs, wanted, &catalog);
    if cohort.summary.reports == 0 {
        return Err(none(&cohort));
    }
    if !args.vs.is_empty() {
        let new = gather(&self::inputs(&args.vs)?, newer, &catalog);
        return compare(&args, &cohort, &new, &targets);
    }
    let look = args.screen.look(args.quiet);
    let format = args.format.unwrap_or(Format::Human);
    if let Some(folder) = &args.messages {
        messages(folder, &cohort)?;
    }
    let shown = to_stdout(|out| views::write(&cohort, format, look, out));
    for (file, format) in targets {
        to_file(&file, |out| views::write(&cohort, format, Look { width: 100, ..Look::default() }, out))
            .map_err(Failure::after_report)?;
    }
    let ended = shown.map(|()| if cohort.summary.rejected == 0 { READY } else { NOT_READY });
    // The program ends here: to free what a hundred thousand learners hold piece by piece only takes time.
    std::mem::forget(cohort);
    ended
}

/// Writes what changed between two cohorts.
fn compare(args: &Args, old: &Cohort, new: &Cohort, targets: &[(PathBuf, Format)]) -> Ended {
    if new.summary.reports == 0 {
        return Err(none(new));
    }
    let comparison = compare::cohorts(old, new);
    let write = |format: Format, look: Look, out: &mut dyn Write| match format {
        Format::Json => json::document(&comparison, out),
        Format::Markdown => changes::cohorts_markdown(&comparison, out),
        _ => changes::cohorts(&comparison, look, out),
    };
    let format = args.format.unwrap_or(Format::Human);
    let known = |format: &Format| matches!(format, Format::Human | Format::Json | Format::Markdown);
    if let Some(other) = targets.iter().map(|(_, format)| *format).chain([format]).find(|format| !known(format)) {
        return Err(Failure::new("usage", format!("a comparison cannot be written as {}", other.name()))
            .hint("use human, md or json"));
    }
    to_stdout(|out| write(format, args.screen.look(args.quiet), out))?;
    for (file, format) in targets {
        to_file(file, |out| write(*format, Look { width: 100, ..Look::default() }, out))
            .map_err(Failure::after_report)?;
    }
    let rejected: Vec<_> = old.rejected.iter().chain(&new.rejected).collect();
    if !rejected.is_empty() && format == Format::Human {
        let lines: Vec<String> =
            rejected.iter().take(20).map(|one| format!("\n  {}: {}", one.source, one.reason)).collect();
        screen::warn(&format!("{} rejected:{}", rejected.len(), lines.concat()));
    }
    Ok(if rejected.is_empty() && !comparison.regression { READY } else { NOT_READY })
}

/// Writes one message per learner.
fn messages(folder: &std::path::Path, cohort: &Cohort) -> Result<(), Failure> {
    author::make_folder(folder).map_err(|error| output::failed(folder, &error))?;
    for (name, text) in Messages::new(cohort).all() {
        let file = folder.join(name);
        author::write(&file, text.as_bytes()).map_err(|error| output::failed(&file, &error))?;
    }
    Ok(())
}

impl Args {
    fn wanted(&self) -> Result<Wanted, Failure> {
        let now = now();
        let since = self.since.as_deref().map(|text| time::since(text, now)).transpose();
        let since = since.map_err(|message| Failure::new("usage", message))?;
        let roster = match &self.roster {
            None => Roster::default(),
            Some(file) => {
                let wrong = |message: String| Failure::new("roster", format!("{}: {message}", file.display()));
                let bytes = author::read_bytes(file).map_err(|error| wrong(reason(&error)))?;
                Roster::read(&crate::model::seen::Bytes(bytes).text()).map_err(wrong)?
            }
        };
        Ok(Wanted { now, since, all: self.all, scopes: self.scope.clone(), roster })
    }
}

/// Now, in seconds since 1970.
pub(super) fn now() -> i64 {
    let deadline = std::time::Instant::now() + host::TIMEOUT;
    host::machine::Machine::new(deadline).system().now.unwrap_or_default()
}

/// What the command line names; standard input at most once, and not where a person would have to type reports.
pub(super) fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    if paths.iter().any(is_stdin) && io::stdin().is_terminal() {
        return Err(Failure::new("usage", "standard input is a terminal, so no reports come from it")
            .hint("name the folder with the reports: `doctor cohort reports/`"));
    }
    let input = |path: &PathBuf| if is_stdin(path) { Input::Stdin } else { Input::Path(path.clone()) };
    Ok(paths.iter().map(input).collect())
}

/// Reads all inputs and counts what is in them.
pub(super) fn gather(inputs: &[Input], wanted: Wanted, catalog: &crate::catalog::Catalog) -> Cohort {
    let gather = Gather::new(wanted, catalog.subjects().map(|subject| subject.id()));
    let found = collect::find(inputs);
    let workers = collect::workers();
    let takers = (0..workers).map(|_| Taker(gather.reader())).collect();
    drop(collect::read(found, takers));
    let (gathered, wanted) = gather.end();
    count::cohort(gathered, &wanted, catalog, program(catalog), workers)
}

struct Taker<'a>(Reader<'a>);

impl Take for Taker<'_> {
    fn piece(&mut self, piece: Piece<'_>) {
        self.0.read(&piece.origin.name, piece.origin.order, piece.at, piece.lines, piece.text);
    }

    fn refused(&mut self, origin: &Origin, reason: String) {
        self.0.refuse(&Arc::clone(&origin.name), (origin.order.0, origin.order.1, 0), String::new(), reason);
    }
}

/// Nothing could be read: the first reasons.
fn none(cohort: &Cohort) -> Failure {
    let mut message = "there is no report in what was named".to_owned();
    for one in cohort.rejected.iter().take(20) {
        let place = if one.place.is_empty() { String::new() } else { format!(", {}", one.place) };
        message.push_str(&format!("\n  {}{place}: {}", one.source, one.reason));
    }
    if cohort.summary.rejected > 20 {
        message.push_str(&format!("\n  and {} more", cohort.summary.rejected - 20));
    }
    Failure::new("no-report", message).hint("learners make a report with `doctor --output report.json`")
}

/// A file to write and in which format.
fn target(path: &Path) -> Result<(PathBuf, Format), Failure> {
    let text = path.to_string_lossy();
    let (format, file) = match text.split_once('=').and_then(|(name, file)| Some((named(name)?, file))) {
        Some((format, file)) => (format, PathBuf::from(file)),
        None => {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
            let format = Format::ALL.iter().copied().find(|format| format.extension() == ending).ok_or_else(|| {
                Failure::new("usage", format!("the name `{text}` does not say in which format to write"))
                    .hint(format!("write the format in front: `--output json={text}`"))
            })?;
            (format, path.to_path_buf())
        }
    };
    author::may_write(&file).map_err(|error| output::failed(&file, &error))?;
    Ok((file, format))
}

/// Writes to standard output as it comes. That nobody reads on is no failure.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // What is still buffered cannot be written either.
            let (_, _) = out.into_parts();
            Err(Failure::new("output", format!("standard output cannot be written: {}", reason(&error))))
        }
        Err(_) => {
            let (_, _) = out.into_parts();
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Writes a file as a whole.
pub(super) fn to_file(
    file: &std::path::Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    author::write_with(file, write).map_err(|error| output::failed(file, &error))
}
