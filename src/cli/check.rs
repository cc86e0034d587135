//! `doctor check`, which is also `doctor` alone: examine this machine, or a recording of one.

use std::{
    ffi::OsString,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::anyhow;

use super::{
    Checks, Ended, Failure, code, failure, failure::reason, output, output::Outputs, profile::Which, screen,
    screen::Screen, unknown,
};
use crate::{
    catalog::Catalog,
    embedded,
    exam::{Event, Plan, Selection, examine, run::Limits, wait},
    host::{
        Host, author,
        machine::Machine,
        memo::Memo,
        process,
        recorder::Recorder,
        recording::{Recording, Replay},
    },
    model::{
        Level, Report,
        check::parse_duration,
        report::{Program, Run},
    },
    profile::Profile,
    project::{FILES, Project},
    render::{Format, json, progress::Progress},
    report::{self, Who},
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
    profile: Which,
    /// Ask for the versions that the files of this folder ask for: package.json, .nvmrc, .tool-versions, go.mod, …
    #[arg(long, value_name = "DIR", help_heading = "What to examine")]
    project: Option<PathBuf>,
    #[command(flatten)]
    checks: Checks,

    /// Let failed recommended checks count too
    #[arg(long, help_heading = "How to examine")]
    strict: bool,
    /// The time limit of the whole run, such as 30s or 2m
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s", help_heading = "How to examine")]
    timeout: Duration,
    /// Wait this long for what may still come up, such as the Docker daemon, and tell its last state
    #[arg(long, value_name = "TIME", value_parser = parse_duration, conflicts_with_all = ["replay", "record"], help_heading = "How to examine")]
    wait: Option<Duration>,
    /// How many checks at a time; all at once where nothing is given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "How to examine")]
    jobs: Option<u16>,
    /// Write down everything that was seen, to be examined again anywhere
    #[arg(long, value_name = "FILE", conflicts_with = "replay", help_heading = "How to examine")]
    record: Option<PathBuf>,
    /// Examine a recording in place of this machine; `-` reads standard input
    #[arg(long, value_name = "FILE", help_heading = "How to examine")]
    replay: Option<PathBuf>,

    /// The format on standard output
    #[arg(long, value_name = "FORMAT", value_parser = output::format_parser(), help_heading = "Output")]
    format: Option<Format>,
    /// Also write the report to a file; its ending says the format, or `json=FILE`. Can be given several times
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    output: Vec<OsString>,
    /// Leave out times, durations and what identifies the machine, so that two runs can be compared line by line
    #[arg(long, help_heading = "Output")]
    stable: bool,
    /// A word to know this report by
    #[arg(long, value_name = "WORD", value_parser = label, help_heading = "Output")]
    label: Option<String>,
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

fn label(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("it is empty; leave `--label` out, or give a word".into())
    } else {
        Ok(text.into())
    }
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
    if args.replay.is_some() {
        // Nearly every machine has something to be told of. Where commands are to be started first, that comes later.
        let _ = thread::Builder::new().spawn(embedded::fixes);
    }
    // Left to the end of the process: taking thousands of patterns apart costs as much as reading them did.
    let (profile, mut catalog) = args.profile.load(&args.checks)?;
    let project = match &args.project {
        Some(folder) => requirements(folder, &mut catalog)?,
        None => Project::default(),
    };
    let catalog = &*ManuallyDrop::new(catalog);
    let exam = Exam { args: &args, profile, project, catalog, for_people: !outputs.on_stdout().is_for_machines() };
    let (mut report, recording) = match &args.replay {
        Some(file) => (exam.replay(file)?, None),
        None => exam.machine()?,
    };
    if args.stable {
        report.make_stable();
    }
    let written = outputs.write(&report, args.screen.look(args.quiet));
    // The report is worth having even where the recording cannot be written, and the other way round.
    let recorded = match (&args.record, recording) {
        (Some(file), Some(recording)) => record(file, &recording).map_err(Failure::after_report),
        _ => Ok(()),
    };
    written.and(recorded).map(|()| code(&report))
}

fn record(file: &Path, recording: &Recording) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    json::document(recording, &mut bytes)
        .and_then(|()| author::write(file, &bytes))
        .map_err(|error| output::failed(file, &error))
}

/// Reads what somebody wrote down; `-` is standard input.
pub(super) fn recording_in(file: &Path) -> anyhow::Result<Recording> {
    let text = if file == Path::new("-") { author::read_stdin() } else { author::read(file) };
    Ok(Recording::read(&text.map_err(|error| anyhow!(reason(&error)))?)?)
}

/// Reads what a folder's files ask for and asks the checks for it.
fn requirements(folder: &Path, catalog: &mut Catalog) -> Result<Project, Failure> {
    let wrong = |path: &Path, error: &std::io::Error| {
        Failure::new("project", format!("{} cannot be read: {}", path.display(), reason(error)))
    };
    let mut texts = Vec::new();
    for name in FILES {
        let path = if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) };
        if let Some(text) = author::read_found(&path).map_err(|error| wrong(&path, &error))? {
            texts.push((author::from_here(&path), *name, text));
        }
    }
    if texts.is_empty() {
        author::list(folder).map_err(|error| wrong(folder, &error))?;
        let message = format!("no file in {} says which versions it needs", folder.display());
        return Err(Failure::new("project", message).hint(format!("doctor reads {}", FILES.join(", "))));
    }
    let mut project = Project::read(&texts);
    project.apply(catalog);
    Ok(project)
}

/// How long `--wait` lets pass between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// What is to be examined, and how.
struct Exam<'a> {
    args: &'a Args,
    profile: Profile,
    project: Project,
    catalog: &'a Catalog,
    for_people: bool,
}

impl Exam<'_> {
    /// Examines what somebody wrote down.
    fn replay(&self, file: &Path) -> Result<Report, Failure> {
        let wrong = |message: String| Failure::new("replay", format!("{}: {message}", file.display()));
        let recording = recording_in(file).map_err(|error| wrong(format!("{error:#}")))?;
        let who = Who::recorded(&recording.machine);
        let replay = Arc::new(Replay::new(recording));
        let host = Arc::clone(&replay) as Arc<dyn Host>;
        let report = self.examine(&host, &who, &|| Arc::clone(&host))?;
        let missing = replay.missing().len();
        if missing > 0 {
            let answers = if missing == 1 { "1 answer".to_owned() } else { format!("{missing} answers") };
            failure::note(&format!(
                "{} does not hold {answers} that this doctor asks for, so some checks are unknown; \
                 record the machine again with this doctor",
                file.display()
            ));
        }
        Ok(report)
    }

    /// Examines this machine, and writes down what was seen where that was asked for.
    fn machine(&self) -> Result<(Report, Option<Recording>), Failure> {
        process::last_words(process::ONLY_LOOKED.to_owned());
        process::install_signal_handler();
        if let Some(file) = &self.args.record {
            author::may_write(file).map_err(|error| output::failed(file, &error))?;
        }
        let machine = Arc::new(Machine::new(self.deadline() + self.args.wait.unwrap_or_default()));
        let who = Who::is_it(&*machine);
        let memo: Arc<dyn Host> = Arc::new(Memo::new(Arc::clone(&machine) as Arc<dyn Host>));
        let recorder = self.args.record.as_ref().map(|_| Arc::new(Recorder::new(Arc::clone(&memo))));
        let host = recorder.as_ref().map_or(memo, |recorder| Arc::clone(recorder) as Arc<dyn Host>);
        let again = || Arc::new(Memo::new(Arc::clone(&machine) as Arc<dyn Host>)) as Arc<dyn Host>;
        let report = self.examine(&host, &who, &again);
        process::stay_if_interrupted();
        // A probe that hangs holds the machine too, so dropping it may not be enough.
        machine.close();
        Ok((report?, recorder.map(|recorder| recorder.finish(&who.mask, &who.id))))
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.args.timeout
    }

    /// Examines what was selected and puts the findings together. `again` gives the machine without its old answers.
    fn examine(&self, host: &Arc<dyn Host>, who: &Who, again: &dyn Fn() -> Arc<dyn Host>) -> Result<Report, Failure> {
        let Self { args, catalog, .. } = *self;
        let started = Instant::now();
        let plan = Plan::new(catalog, &self.profile.select(args.selection()), host.platform()).map_err(unknown)?;
        if plan.items.is_empty() {
            return Err(Failure::new("nothing-selected", "no check is selected")
                .hint("`doctor list` shows all of them, with their levels"));
        }
        let in_turn = args.replay.is_some();
        let limits =
            || Limits { deadline: self.deadline(), deep: args.deep, jobs: args.jobs.map(usize::from), in_turn };
        let wanted = self.for_people && !args.quiet && screen::can_show_progress();
        let mut progress = Progress::new(wanted, args.screen.look_of_progress());
        let mut tell = |event: Event<'_>| progress.tell(event);
        let mut findings = examine(&plan, host, &catalog.calendar, limits(), &mut tell);
        if let Some(longest) = args.wait {
            let end = started + longest;
            let mut pause = |_: &[String]| {
                let left = end.saturating_duration_since(Instant::now());
                thread::sleep(left.min(BETWEEN_LOOKS));
                !left.is_zero()
            };
            let mut machine = || (again(), limits());
            findings = wait(&plan, findings, &catalog.calendar, &mut machine, &mut pause, &mut tell);
        }
        progress.end();
        let run = Run {
            started: String::new(),
            ms: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            online: args.online,
            deep: args.deep,
            strict: args.strict,
            replayed: args.replay.is_some(),
            stable: false,
        };
        self.project.anchor(&mut findings);
        let mut profile = self.profile.clone();
        let label = args.label.as_deref().unwrap_or_default();
        profile.waive(&mut findings, host.platform(), label);
        let report = report::assemble(&**host, who, program(catalog), run, label, findings);
        Ok(report::with_profile(report, &**host, who, profile.reported()))
    }
}
