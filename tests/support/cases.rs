//! One case: what was seen on a machine, and what must be found. The format is explained in `tests/cases/README.md`.

use std::collections::BTreeMap;

use doctor::why::explain;
use doctor::{
    catalog::Catalog,
    diagnose::diagnose,
    exam::probe::observe,
    host::recording::{Recording, Replay, Unstated},
    model::{Evidence, Finding, Level, Observation, Outcome, Pattern, Platform, Seen},
};
use serde::Deserialize;

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    #[serde(default)]
    case: Vec<Case>,
    #[serde(default)]
    why: Vec<Why>,
}

/// A text that a learner pastes, and the diagnosis that explains it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Why {
    /// What text this is.
    pub name: String,
    /// The platform word of the machine; a usual Ubuntu where none is given.
    #[serde(default = "any")]
    pub on: String,
    /// The pasted text.
    pub text: String,
    /// The full id of the diagnosis that must come first; empty where nothing may be recognised.
    pub finding: String,
    /// What commands, instruction or page of the fix must match.
    #[serde(default)]
    pub fix: Option<Pattern>,
    /// What the words must match.
    #[serde(default)]
    pub says: Option<Pattern>,
    /// Where the text was seen.
    #[serde(default)]
    pub source: String,
}

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// The check's id within the file's tool.
    pub check: String,
    /// What state this is.
    pub name: String,
    /// The platform word of the machine; a usual Ubuntu where none is given.
    #[serde(default = "any")]
    pub on: String,
    /// What differs from the usual machine of that word.
    #[serde(default)]
    pub platform: toml::Table,
    /// What the probe saw …
    #[serde(default)]
    pub saw: Option<Seen>,
    /// … with the facts it read.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Or the machine the probe is let loose on.
    #[serde(default)]
    pub machine: Option<Recording>,
    /// A diagnosis id, or `pass`, `unknown`, `skip`.
    pub finding: String,
    /// The finding's level, where it is to be checked.
    #[serde(default)]
    pub level: Option<Level>,
    /// What the words must match.
    #[serde(default)]
    pub says: Option<Pattern>,
    /// What commands, instruction or page of the fix must match.
    #[serde(default)]
    pub fix: Option<Pattern>,
    /// Where the state was seen.
    #[serde(default)]
    pub source: String,
}

fn any() -> String {
    "any".to_owned()
}

/// Every file's pasted texts by its stem.
pub fn load_whys() -> BTreeMap<String, Vec<Why>> {
    load().into_iter().map(|(stem, cases)| (stem, cases.why)).collect()
}

/// Every file's cases by its stem.
pub fn load_cases() -> BTreeMap<String, Vec<Case>> {
    load().into_iter().map(|(stem, cases)| (stem, cases.case)).collect()
}

/// The cases of one file's text.
pub fn read_cases(stem: &str, text: &str) -> Vec<Case> {
    read(stem, text).case
}

fn read(stem: &str, text: &str) -> Cases {
    toml::from_str(text).unwrap_or_else(|error| panic!("tests/cases/{stem}.toml: {error}"))
}

fn load() -> BTreeMap<String, Cases> {
    let read = |(stem, text): (String, String)| {
        let cases = read(&stem, &text);
        (stem, cases)
    };
    super::toml_files("tests/cases").into_iter().map(read).collect()
}

impl Why {
    /// Whether the text is explained as the case says.
    pub fn run(&self, catalog: &Catalog) -> Result<(), String> {
        let text = doctor::model::observation::clean(self.text.as_bytes());
        let found = explain(catalog, &text, &super::platform(&self.on));
        let ids: Vec<&str> = found.iter().filter_map(|one| one.finding.diagnosis.as_deref()).collect();
        if ids.first().copied().unwrap_or("") != self.finding {
            return Err(format!("explained by {ids:?}, wanted `{}`", self.finding));
        }
        found.first().map_or(Ok(()), |first| words_match(&first.finding, self.says.as_ref(), self.fix.as_ref()))
    }
}

/// Whether a finding's words and fix are what a case says.
fn words_match(finding: &Finding, says: Option<&Pattern>, fix: Option<&Pattern>) -> Result<(), String> {
    if says.is_some_and(|says| !says.is_match(&finding.found)) {
        return Err(format!("it says: {}", finding.found));
    }
    let step = finding.fix.clone().unwrap_or_default();
    let words = format!("{}\n{}\n{}\n{}", step.run.join("\n"), step.act, step.see, finding.see);
    if fix.is_some_and(|pattern| !pattern.is_match(&words)) {
        return Err(format!("the fix is: {words}"));
    }
    if finding.outcome == Outcome::Fail && step.is_empty() {
        return Err("there is no fix for it here".to_owned());
    }
    Ok(())
}

impl Case {
    /// The full id of its check.
    pub fn id(&self, stem: &str) -> String {
        format!("{stem}.{}", self.check)
    }

    /// The machine it happened on.
    pub fn platform(&self) -> Platform {
        let mut table = toml::Table::try_from(super::platform(&self.on)).unwrap();
        table.extend(self.platform.clone());
        table.try_into().unwrap_or_else(|error| panic!("case `{}`: {error}", self.name))
    }

    /// What is found when the case is replayed.
    pub fn find(&self, stem: &str, catalog: &Catalog) -> Result<Finding, String> {
        let id = self.id(stem);
        let subject = catalog.find(&id).ok_or_else(|| format!("there is no check `{id}`"))?;
        let platform = self.platform();
        let seen = match (&self.saw, &self.machine) {
            (Some(seen), None) => {
                Observation { seen: seen.clone(), facts: self.facts.clone(), evidence: Evidence::default() }
            }
            (None, Some(machine)) => {
                let mut machine = machine.clone();
                machine.unstated = Unstated::Absent;
                machine.platform = platform.clone();
                machine.home.get_or_insert_with(|| "~".to_owned());
                let host = Replay::new(machine);
                let seen = observe(&subject.check.probe, &host, false);
                let missing = host.missing();
                if !missing.is_empty() {
                    return Err(format!("the machine does not say: {}", missing.join("; ")));
                }
                seen
            }
            _ => return Err("a case has either `saw` or `machine`".to_owned()),
        };
        Ok(diagnose(subject, seen, &platform, &catalog.calendar))
    }

    /// Whether what is found is what the case says.
    pub fn run(&self, stem: &str, catalog: &Catalog) -> Result<(), String> {
        let finding = self.find(stem, catalog)?;
        let diagnosis = finding.diagnosis.as_deref().and_then(|id| id.split('/').nth(1));
        let found = diagnosis.unwrap_or_else(|| finding.outcome.word());
        // A state may also be asked for by its outcome alone.
        if found != self.finding && finding.outcome.word() != self.finding {
            return Err(format!(
                "found `{found}` ({}: {}), wanted `{}`",
                finding.outcome.word(),
                finding.found,
                self.finding
            ));
        }
        if self.level.is_some_and(|level| level != finding.level) {
            return Err(format!("the level is {}", finding.level.word()));
        }
        words_match(&finding, self.says.as_ref(), self.fix.as_ref())
    }
}
