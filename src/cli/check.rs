//! `doctor check`, which is also `doctor` alone: examine this machine, or a recording of one.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Checks, Ended, Failure, code, failure::reason, output, output::Outputs, screen, screen::Screen, unknown};
use crate::{
    catalog::Catalog,
    exam::{Plan, Selection, examine, run::Limits},
    host::{
        Host, author,
        machine::Machine,
        process::install_signal_handler,
        recording::{Recording, Replay},
    },
    model::{
        Level, Report,
        check::parse_duration,
        report::{self, Program},
    },
    render::{Format, progress::Progress},
};

/// Examine this machine
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tools or ids to examine; all where none is named
    #[arg(value_name = "TOOL|ID", value_delimiter = ',')]
    names: Vec<String>,

    /// Examine these tools or ids only
    #[arg(long, value_name = "TOOL|ID", value_delimiter = ',', help_heading = "What to examine")]
    only: Vec<String>,
    /// Leave these tools or ids out
    #[arg(long, value_name = "TOOL|ID", value_delimiter = ',', help_heading = "What to examine")]
    skip: Vec<String>,
    /// Examine what matters at least this much: required, recommended, optional
    #[arg(long, value_name = "LEVEL", value_parser = level, help_heading = "What to examine")]
    level: Option<Level>,
    /// Also make the checks that use the network
    #[arg(long, overrides_with = "offline", help_heading = "What to examine")]
    online: bool,
    /// Use no network (this is the default)
    #[arg(long, overrides_with = "online", help_heading = "What to examine")]
    offline: bool,
    /// Also make the checks that take longer: start a container, run every tool for real
    #[arg(long, help_heading = "What to examine")]
    deep: bool,
    #[command(flatten)]
    checks: Checks,

    /// Let failed recommended checks count too
    #[arg(long, help_heading = "How to examine")]
    strict: bool,
    /// The time limit of the whole run, such as 30s or 2m
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s", help_heading = "How to examine")]
    timeout: Duration,
    /// How many checks at a time; all at once where nothing is given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "How to examine")]
    jobs: Option<u16>,
    /// Write down everything that was seen, to be examined again anywhere
    #[arg(long, value_name = "FILE", conflicts_with = "replay", help_heading = "How to examine")]
    record: Option<PathBuf>,
    /// Examine what was written down in place of this machine
    #[arg(long, value_name = "FILE", help_heading = "How to examine")]
    replay: Option<PathBuf>,

    /// The format on standard output
    #[arg(long, value_name = "FORMAT", value_parser = output::format_parser(), help_heading = "Output")]
    format: Option<Format>,
    /// Also write the report to a file; its ending says the format, or `json=FILE`. Can be given several times
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    output: Vec<OsString>,
    /// A word to know this report by
    #[arg(long, value_name = "WORD", default_value = "", hide_default_value = true, help_heading = "Output")]
    label: String,
    /// Say the verdict only
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    #[command(flatten)]
    screen: Screen,
}

fn level(text: &str) -> Result<Level, String> {
    let levels = [Level::Required, Level::Recommended, Level::Optional];
    levels.into_iter().find(|level| level.word() == text).ok_or_else(|| "use required, recommended or optional".into())
}

impl Args {
    /// The first word that is no option.
    pub(super) fn first_name(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// Forgets it.
    pub(super) fn drop_first_name(&mut self) {
        self.names.remove(0);
    }

    fn selection(&self) -> Selection {
        Selection {
            only: self.names.iter().chain(&self.only).cloned().collect(),
            skip: self.skip.clone(),
            level: self.level,
            online: self.online,
            deep: self.deep,
        }
    }
}

/// Which doctor writes a report.
pub(super) fn program(catalog: &Catalog) -> Program {
    Program {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        checks: catalog.digest.clone(),
        knowledge: catalog.calendar.taken.clone(),
    }
}

/// Examines, writes the report everywhere it is wanted, and gives the exit code that it means.
pub(super) fn run(args: Args) -> Ended {
    let outputs = Outputs::new(args.format, &args.output)?;
    let catalog = args.checks.load()?;
    let deadline = Instant::now() + args.timeout;
    let for_people = !outputs.on_stdout().is_for_machines();
    let report = match &args.replay {
        Some(file) => {
            let host: Arc<dyn Host> = replay(file)?;
            look(&args, &catalog, &host, deadline, for_people)?
        }
        None => {
            install_signal_handler();
            let machine = Arc::new(Machine::new(deadline));
            let host: Arc<dyn Host> = Arc::clone(&machine) as Arc<dyn Host>;
            let report = look(&args, &catalog, &host, deadline, for_people);
            // A probe that hangs holds the machine too, so dropping it may not be enough.
            machine.close();
            report?
        }
    };
    outputs.write(&report, args.screen.look(args.quiet))?;
    Ok(code(&report))
}

fn replay(file: &Path) -> Result<Arc<Replay>, Failure> {
    let wrong = |message: String| Failure::new("replay", format!("{}: {message}", file.display()));
    let text = author::read(file).map_err(|error| wrong(reason(&error)))?;
    let recording: Recording = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(Arc::new(Replay::new(recording)))
}

/// Examines what was selected and puts the findings together.
fn look(
    args: &Args,
    catalog: &Catalog,
    host: &Arc<dyn Host>,
    deadline: Instant,
    for_people: bool,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let plan = Plan::new(catalog, &args.selection(), host.platform()).map_err(unknown)?;
    if plan.items.is_empty() {
        return Err(Failure::new("nothing-selected", "no check is selected")
            .hint("`doctor list` shows all of them, with their levels"));
    }
    let limits = Limits { deadline, deep: args.deep, jobs: args.jobs.map(usize::from) };
    let wanted = for_people && !args.quiet && screen::can_show_progress();
    let mut progress = Progress::new(wanted, args.screen.look_of_progress());
    let findings = examine(&plan, host, &catalog.calendar, limits, &mut |event| progress.tell(event));
    progress.end();
    let platform = host.platform().clone();
    Ok(Report {
        schema: report::SCHEMA,
        doctor: program(catalog),
        run: report::Run {
            started: String::new(),
            ms: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            online: args.online,
            deep: args.deep,
            strict: args.strict,
            replayed: args.replay.is_some(),
        },
        machine: report::Machine { id: String::new(), label: args.label.clone(), scope: platform.scope().to_owned() },
        summary: report::Summary::of(&findings, &platform, args.strict),
        platform,
        findings,
    })
}
