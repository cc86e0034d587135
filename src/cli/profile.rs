//! `doctor profile`: what a profile asks for, and whether it is in order; and where a run's profile comes from.

use std::path::Path;

use clap::Subcommand;

use super::{Checks, Ended, Failure, READY, failure::reason, output, screen::Screen};
use crate::{
    catalog::Catalog,
    exam::plan::{Plan, Selection},
    host::{Host as _, author, machine::Machine},
    model::Platform,
    profile::{self, BUILT_IN, FOUND, Profile, ProfileError, built_in},
    render,
};

/// Which profile; shared by the commands that select checks.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Which {
    /// What "ready" means: day1 (where nothing is named), ci-image, minimal, or a file of your own
    #[arg(long, value_name = "NAME|FILE", help_heading = "What to examine")]
    profile: Option<String>,
}

/// Show or look through profiles
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what a profile asks for; the one that `doctor` would use here where none is named
    Show {
        /// A built-in profile or a file
        #[arg(value_name = "NAME|FILE")]
        profile: Option<String>,
        #[command(flatten)]
        checks: Checks,
        #[command(flatten)]
        screen: Screen,
    },
    /// Look through a profile for mistakes
    Lint {
        /// The file
        #[arg(value_name = "FILE", required = true)]
        files: Vec<String>,
        #[command(flatten)]
        checks: Checks,
    },
}

/// Shows or looks through.
pub(super) fn run(args: Args) -> Ended {
    match args.command {
        Command::Show { profile, checks, screen } => {
            let (profile, catalog) = Which { profile }.load(&checks)?;
            let platform = here();
            let plan = plan(&profile, &catalog, &platform)?;
            let mut bytes = Vec::new();
            render::profile::show(&profile.reported_on(&platform), &plan, &platform, screen.look(false), &mut bytes)
                .map_err(|error| Failure::new("output", error.to_string()))?;
            output::stdout(&bytes, true)
        }
        Command::Lint { files, checks } => {
            let platform = here();
            let mut failed = None;
            for file in files {
                // One mistake does not keep the other files from being looked through.
                if let Some(before) = lint(file, &checks, &platform).err().and_then(|error| failed.replace(error)) {
                    before.tell(false);
                }
            }
            failed.map_or(Ok(READY), Err)
        }
    }
}

fn lint(file: String, checks: &Checks, platform: &Platform) -> Ended {
    let (profile, catalog) = Which { profile: Some(file) }.load(checks)?;
    let plan = plan(&profile, &catalog, platform)?;
    let mut bytes = Vec::new();
    render::profile::in_order(&profile.reported_on(platform), &plan, &mut bytes)
        .map_err(|error| Failure::new("output", error.to_string()))?;
    output::stdout(&bytes, true)
}

/// What machine this is, for what a profile would select on it.
fn here() -> Platform {
    let machine = Machine::new(std::time::Instant::now() + std::time::Duration::from_secs(5));
    let platform = machine.platform().clone();
    machine.close();
    platform
}

fn plan<'a>(profile: &Profile, catalog: &'a Catalog, platform: &Platform) -> Result<Plan<'a>, Failure> {
    let plan = Plan::new(catalog, &profile.select(Selection::default()), platform).map_err(super::unknown)?;
    if plan.items.is_empty() {
        let which = if profile.file.is_empty() { &profile.name } else { &profile.file };
        return Err(Failure::new("nothing-selected", format!("{which}: this profile selects no check"))
            .hint("look at its `[select]`: what `only` names, `skip` or `level` leaves out"));
    }
    Ok(plan)
}

impl Which {
    /// The profile with the checks that it is about.
    pub(super) fn load(&self, checks: &Checks) -> Result<(Profile, Catalog), Failure> {
        let profile = self.profile()?;
        let own = profile.checks.as_ref().map(|folder| {
            let beside = Path::new(&profile.file).parent().unwrap_or(Path::new(""));
            beside.join(folder)
        });
        let mut catalog = checks.load_with(own.as_deref())?;
        profile.apply(&mut catalog).map_err(|error| told(error, profile.found))?;
        Ok((profile, catalog))
    }

    fn profile(&self) -> Result<Profile, Failure> {
        let Some(name) = &self.profile else { return found() };
        if let Some(profile) = built_in(name) {
            return Ok(profile);
        }
        let text = author::read_small(Path::new(name)).map_err(|error| {
            let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            Failure::new("profile", format!("the profile `{name}` cannot be read: {}", reason(&error)))
                .hint(format!("name a file, or one of {}", known.join(", ")))
        })?;
        Profile::read(&author::from_here(Path::new(name)), &text).map_err(|error| told(error, false))
    }
}

/// The profile of the current folder, else the default one.
fn found() -> Result<Profile, Failure> {
    let text = author::read_found(Path::new(FOUND)).map_err(|error| {
        Failure::new("profile", format!("{FOUND} of this folder cannot be read: {}", reason(&error))).hint(IGNORE)
    })?;
    match text {
        Some(text) => Profile::read(FOUND, &text).map(Profile::as_found).map_err(|error| told(error, true)),
        None => Ok(built_in(profile::DEFAULT).unwrap_or_default()),
    }
}

/// What to do about a file that nobody named.
const IGNORE: &str =
    "doctor uses the versions and levels of this file because it lies in this folder; `--profile day1` ignores it";

fn told(error: ProfileError, found: bool) -> Failure {
    let failure = Failure::new("profile", error.to_string());
    if found { failure.hint(IGNORE) } else { failure }
}
