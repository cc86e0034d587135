//! One case: what was seen on a machine, and what must be found. The format is explained in `tests/cases/README.md`.

use std::collections::BTreeMap;

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
    case: Vec<Case>,
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

/// Every file of cases by its stem.
pub fn load_cases() -> BTreeMap<String, Vec<Case>> {
    let read = |(stem, text): (String, String)| {
        let cases: Cases = toml::from_str(&text).unwrap_or_else(|error| panic!("tests/cases/{stem}.toml: {error}"));
        (stem, cases.case)
    };
    super::toml_files("tests/cases").into_iter().map(read).collect()
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
        if self.says.as_ref().is_some_and(|says| !says.is_match(&finding.found)) {
            return Err(format!("it says: {}", finding.found));
        }
        let fix = finding.fix.clone().unwrap_or_default();
        let words = format!("{}\n{}\n{}", fix.run.join("\n"), fix.act, fix.see);
        if self.fix.as_ref().is_some_and(|pattern| !pattern.is_match(&words)) {
            return Err(format!("the fix is: {words}"));
        }
        if finding.outcome == Outcome::Fail && fix.is_empty() {
            return Err("there is no fix for it here".to_owned());
        }
        Ok(())
    }
}
