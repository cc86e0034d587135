//! From findings to a plan: what to do about them, in the order in which the steps unblock each other, one entry for one
//! cause, and who must do it. Pure: no machine, no clock, no words on a screen. Whoever carries a plan out asks first.

pub mod difference;
pub mod edit;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    catalog::Catalog,
    model::{
        Finding, Level, Outcome, Owner, Platform, Step,
        effect::{Commands, Effect},
    },
};

/// What to do on a machine, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// One entry for each cause.
    pub steps: Vec<Planned>,
    /// The ids of checks that could not be told or mended: nothing is known but to show them to somebody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsolved: Vec<String>,
}

/// What to do about one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Planned {
    /// The ids of the checks that it mends; the first one is the one that is told.
    pub mends: Vec<String>,
    /// The tool's name.
    pub tool: String,
    /// Which state it is: `docker.daemon/stopped`.
    pub diagnosis: String,
    /// How much it matters.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// Why it matters.
    pub why: String,
    /// The ids of checks that cannot be looked at before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unblocks: Vec<String>,
    /// Whose it is to do.
    pub by: By,
    /// What to do.
    pub step: Step,
    /// What each command of it does.
    pub effects: Vec<Effect>,
}

/// Whose a step is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// doctor can run its commands where the learner lets it.
    Doctor,
    /// The learner's, by hand: there is no command for it.
    Hand,
    /// The learner's: its commands only show something that a person must judge.
    Eye,
    /// The learner's, in the terminal that it is about: its commands act on nothing else.
    Terminal,
    /// Somebody's of the course staff.
    Staff,
    /// An administrator's of this machine or account.
    Admin,
}

impl Planned {
    /// Whether anything of it asks for root's rights.
    pub fn sudo(&self) -> bool {
        self.step.sudo() || self.effects.iter().any(|effect| effect.sudo)
    }

    /// Whether anything of it fetches from the network.
    pub fn download(&self) -> bool {
        self.step.installer || self.effects.iter().any(|effect| effect.download)
    }

    /// Whether anything of it asks the person something.
    pub fn talks(&self) -> bool {
        !self.step.ask.is_empty() || self.effects.iter().any(|effect| effect.talks)
    }

    /// What it changes, each once.
    pub fn changes(&self) -> Vec<&str> {
        let mut changes: Vec<&str> = Vec::new();
        // What a command does to its own terminal is over with it.
        for change in self.effects.iter().filter(|effect| !effect.here).flat_map(|effect| &effect.changes) {
            if !changes.contains(&change.as_str()) {
                changes.push(change);
            }
        }
        changes
    }

    /// The addresses that an installer of it is fetched from.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.effects.iter().flat_map(|effect| &effect.addresses).map(String::as_str)
    }
}

/// Makes the plan for findings, which are in the chapter's order. What the person named is mended even where it is
/// optional.
pub fn plan(catalog: &Catalog, findings: &[Finding], platform: &Platform, named: bool) -> Plan {
    let wanted = |finding: &&Finding| finding.is_problem() || named && finding.outcome == Outcome::Fail;
    let problems: Vec<&Finding> =
        findings.iter().filter(wanted).filter(|finding| finding.blocked_by.is_none()).collect();
    let mut plan = Plan { steps: Vec::new(), unsolved: Vec::new() };
    for finding in in_order(catalog, &problems) {
        let Some(step) = finding.fix.as_ref().filter(|step| !step.is_empty()) else {
            plan.unsolved.push(finding.id.clone());
            continue;
        };
        let same = |planned: &&mut Planned| planned.step == *step;
        match plan.steps.iter_mut().find(same) {
            Some(planned) => planned.mends.push(finding.id.clone()),
            None => plan.steps.push(planned(catalog, finding, step, findings, platform)),
        }
    }
    plan
}

fn planned(catalog: &Catalog, finding: &Finding, step: &Step, all: &[Finding], platform: &Platform) -> Planned {
    let effects: Vec<Effect> = step.run.iter().map(|command| catalog.commands.effect(command)).collect();
    let waits = |other: &&Finding| other.blocked_by.as_ref() == Some(&finding.id);
    Planned {
        mends: vec![finding.id.clone()],
        tool: finding.tool.clone(),
        diagnosis: finding.diagnosis.clone().unwrap_or_else(|| finding.id.clone()),
        level: finding.level,
        found: told(finding),
        why: finding.why.clone(),
        unblocks: all.iter().filter(waits).map(|other| other.id.clone()).collect(),
        by: by(step, &effects, platform),
        step: step.clone(),
        effects,
    }
}

/// What was found, as the head of a step: "It is not installed" would not say what.
fn told(finding: &Finding) -> String {
    match finding.found.as_str() {
        "" => format!("Not yet: {}", finding.title),
        found if found.starts_with("It ") => format!("Not yet: {} ({found})", finding.title),
        found => found.to_owned(),
    }
}

fn by(step: &Step, effects: &[Effect], platform: &Platform) -> By {
    match step.owner {
        Owner::Staff => By::Staff,
        Owner::Admin => By::Admin,
        Owner::Learner if effects.is_empty() => By::Hand,
        Owner::Learner if effects.iter().all(Effect::looks) => By::Eye,
        Owner::Learner if effects.iter().all(|effect| effect.here || effect.looks()) => By::Terminal,
        // `wsl.exe` can be called from inside WSL, but it ends the very system that doctor runs in.
        Owner::Learner if platform.wsl > 0 && step.run.iter().any(|line| line.starts_with("wsl.exe --shutdown")) => {
            By::Hand
        }
        Owner::Learner => By::Doctor,
    }
}

/// The findings so that what a check leans on comes before it; else as they are. Where two lean on each other, which
/// the catalogue excludes, the order stays too.
fn in_order<'a>(catalog: &Catalog, problems: &[&'a Finding]) -> Vec<&'a Finding> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut ordered = Vec::with_capacity(problems.len());
    while ordered.len() < problems.len() {
        let open = || problems.iter().filter(|finding| !done.contains(finding.id.as_str()));
        let waits = |finding: &&&Finding| {
            let leans = leans_on(catalog, &finding.id);
            open().any(|other| other.id != finding.id && leans.contains(&other.id))
        };
        let Some(next) = open().find(|finding| !waits(finding)).or_else(|| open().next()).copied() else { break };
        done.insert(&next.id);
        ordered.push(next);
    }
    ordered
}

/// Every check that one leans on, directly or by others.
fn leans_on(catalog: &Catalog, id: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![id.to_owned()];
    while let Some(subject) = open.pop().and_then(|id| catalog.find(&id)) {
        for id in catalog.leans_on(subject) {
            if all.insert(id.to_owned()) {
                open.push(id.to_owned());
            }
        }
    }
    all
}

/// What no plan may contain, and why; for whoever writes a plan down and for the tests.
pub fn breaches(planned: &Planned, commands: &Commands) -> Vec<String> {
    let mut breaches = Vec::new();
    for line in planned.step.run.iter().chain([&planned.step.verify]) {
        let says = |bad: &str| line.contains(bad);
        let piped = says("curl") || says("wget") || says("Invoke-WebRequest") || says("irm ");
        let into = line.split('|').skip(1).map(str::trim_start);
        let root = piped && into.clone().any(|part| part.starts_with("sudo") || part.starts_with("doas"));
        let shell = piped && into.clone().any(|part| ["sh", "bash", "Invoke-Expression", "iex"].contains(&first(part)));
        let mut note = |holds: bool, what: &str| {
            if holds {
                breaches.push(format!("{}: {what}: {line}", planned.diagnosis));
            }
        };
        note(says("rm -rf") || says("rm -fr"), "removes whole folders");
        note(says("chmod 777") || says("chmod -R 777"), "lets everybody write");
        note(says("wsl --unregister") || says("wsl.exe --unregister"), "deletes a distribution");
        note(root, "lets root run what the network sends");
        note((shell || says("$(curl")) && !planned.step.installer, "runs an installer and does not say so");
        note(unresolved(line), "a value is not filled in");
        note(!commands.unknown(line).is_empty(), "what it does is not known");
    }
    if planned.step.installer && planned.addresses().next().is_none() {
        breaches.push(format!("{}: an installer without its address", planned.diagnosis));
    }
    breaches
}

fn first(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace()).next().unwrap_or("")
}

/// Whether a value stands for one that only somebody else knows.
fn unresolved(line: &str) -> bool {
    let examples = ["Your Name", "you@example", "<your", "<name", "YOUR_", "/path/to", "…"];
    examples.iter().any(|example| line.contains(example)) || !crate::model::template::names(line).is_empty()
}

/// Whether every problem that is left is one that can wait.
pub fn is_ready(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| {
        finding.level < Level::Required
            || finding.outcome == Outcome::Pass
            || finding.outcome == Outcome::Skip && finding.blocked_by.is_none()
    })
}
