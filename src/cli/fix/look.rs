//! Looking at the machine: before the plan, and again after each step.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::Args;
use crate::{
    calendar::rfc3339,
    catalog::Catalog,
    cli::{Ended, Failure, READY, check::recording_in, output, screen, unknown},
    exam::{Plan, Selection, examine, run::Limits},
    host::{
        Command, Host,
        change::{self, Shell},
        machine::Machine,
        memo::Memo,
        process,
        recording::Replay,
    },
    model::{Finding, Platform, seen::End},
    render::{json, progress::Progress},
};

/// How long a look may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What was found.
pub(super) struct Looked {
    /// On which machine.
    pub(super) platform: Platform,
    /// By every selected check, in the chapter's order. Nothing is masked: it is for this very person.
    pub(super) findings: Vec<Finding>,
    /// The shell that this person types into.
    pub(super) shell: Shell,
    /// The home folder.
    pub(super) home: Option<String>,
    /// The file that holds git's settings for this person.
    pub(super) git_config: PathBuf,
    /// The time, as it can stand in a file's name: `20261122T192451Z`.
    pub(super) stamp: String,
}

/// Stands before what one doctor tells another, because start-up files may print things of their own.
const MARK: &str = ":doctor:findings:";

/// PATH before any start-up file is read.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The first look.
pub(super) fn first(catalog: &Catalog, args: &Args) -> Result<Looked, Failure> {
    let selection =
        Selection { only: args.names.clone(), skip: args.skip.clone(), online: args.online, ..Selection::default() };
    match &args.replay {
        Some(file) => replayed(catalog, &selection, file),
        None => machine(catalog, &selection, args),
    }
}

/// Looks at what somebody wrote down.
fn replayed(catalog: &Catalog, selection: &Selection, file: &Path) -> Result<Looked, Failure> {
    let wrong = |error: anyhow::Error| Failure::new("replay", format!("{}: {error:#}", file.display()));
    let recording = recording_in(file).map_err(wrong)?;
    let host: Arc<dyn Host> = Arc::new(Replay::new(recording));
    examined(catalog, selection, &host, true, None)
}

/// Looks at this machine.
fn machine(catalog: &Catalog, selection: &Selection, args: &Args) -> Result<Looked, Failure> {
    process::last_words(process::ONLY_LOOKED.to_owned());
    process::install_signal_handler();
    let machine = Arc::new(Machine::new(Instant::now() + LIMIT));
    let host: Arc<dyn Host> = Arc::new(Memo::new(Arc::clone(&machine) as Arc<dyn Host>));
    let looked = examined(catalog, selection, &host, false, Some(args));
    process::stay_if_interrupted();
    machine.close();
    looked
}

fn examined(
    catalog: &Catalog,
    selection: &Selection,
    host: &Arc<dyn Host>,
    in_turn: bool,
    shown: Option<&Args>,
) -> Result<Looked, Failure> {
    let plan = Plan::new(catalog, selection, host.platform()).map_err(unknown)?;
    if plan.items.is_empty() {
        return Err(Failure::new("nothing-selected", "no check is selected")
            .hint("`doctor list` shows all of them, with their levels"));
    }
    let limits = Limits { deadline: Instant::now() + LIMIT, deep: false, jobs: None, in_turn };
    let look = shown.filter(|_| screen::can_show_progress()).map(|args| args.screen.look_of_progress());
    let mut progress = Progress::new(look.is_some(), look.unwrap_or_default());
    let findings = examine(&plan, host, &catalog.calendar, limits, &mut |event| progress.tell(event));
    progress.end();
    let found = |name: &str| host.which(name).first().map(|program| program.path.clone());
    let stamp: String = rfc3339(host.system().now.unwrap_or_default());
    Ok(Looked {
        findings,
        shell: Shell::of(host.platform(), host.env("SHELL"), found),
        home: host.home(),
        git_config: change::git_config(host.home().as_deref(), |name| host.env(name)),
        stamp: stamp.chars().filter(|c| c.is_ascii_alphanumeric()).collect(),
        platform: host.platform().clone(),
    })
}

/// Looks at some checks again: here, or as a new terminal of this shell would see them.
pub(super) fn again(
    catalog: &Catalog,
    args: &Args,
    ids: &[String],
    shell: Option<&Shell>,
) -> Result<Vec<Finding>, String> {
    let machine = Arc::new(Machine::new(Instant::now() + LIMIT));
    let found = match shell.filter(|_| cfg!(unix)) {
        Some(shell) => in_new_terminal(&machine, args, ids, shell),
        None => {
            let selection = Selection { only: ids.to_vec(), online: args.online, ..Selection::default() };
            let host: Arc<dyn Host> = Arc::new(Memo::new(Arc::clone(&machine) as Arc<dyn Host>));
            examined(catalog, &selection, &host, false, None)
                .map(|looked| looked.findings)
                .map_err(|_| "it could not be looked at again".to_owned())
        }
    };
    process::stay_if_interrupted();
    machine.close();
    found
}

/// Has another doctor look from inside a new login shell, which has read the start-up files as they are now.
fn in_new_terminal(machine: &Machine, args: &Args, ids: &[String], shell: &Shell) -> Result<Vec<Finding>, String> {
    let doctor = std::env::current_exe().map_err(|error| format!("doctor does not find itself: {error}"))?;
    let mut words = vec!["fix".to_owned(), "--look-only".to_owned()];
    words.extend(args.online.then(|| "--online".to_owned()));
    if let Some(folder) = &args.checks.checks {
        words.extend(["--checks".to_owned(), folder.display().to_string()]);
    }
    words.extend(ids.iter().cloned());
    let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
    let script = format!("exec \"$DOCTOR_EXE\" {}", quoted.join(" "));
    let mut command = Command::new([shell.program(), "-lic", &script]);
    if machine.platform().container.is_empty() {
        command = command.env("PATH", PATH);
    }
    let command = command
        .env("DOCTOR_EXE", doctor.display().to_string())
        .env("HISTFILE", "")
        .env("fish_history", "")
        .env("DISABLE_AUTO_UPDATE", "true")
        .timeout(Some(LIMIT));
    let ran = machine.run(&command);
    let out = ran.stdout.text();
    let told = out.split_once(MARK).map(|(_, rest)| rest).filter(|_| matches!(ran.end, End::Exited(_)));
    let found = told.and_then(|json| serde_json::from_str(json).ok());
    found.ok_or_else(|| "a new terminal could not be looked at; open one and run `doctor` there".to_owned())
}

/// What another doctor asked for.
pub(super) fn for_doctor(catalog: &Catalog, args: &Args) -> Ended {
    let selection = Selection { only: args.names.clone(), online: args.online, ..Selection::default() };
    let looked = machine(catalog, &selection, args)?;
    let mut bytes = MARK.as_bytes().to_vec();
    json::document(&looked.findings, &mut bytes).map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)?;
    Ok(READY)
}
