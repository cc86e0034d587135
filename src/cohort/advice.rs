//! What to do about a diagnosis, from the checks of whoever collects the reports. Nothing that a report says is ever
//! told to anybody as a command: a report only chooses between texts of the catalogue.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::gather::fingerprint;
use crate::{
    catalog::Catalog,
    diagnose::{Subject, applies},
    model::{Fix, Outcome, Owner, Platform, Step, check::Diagnosis, fix::step_for, template},
};

/// What the catalogue knows about a diagnosis on a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// Who can mend it.
    pub owner: Owner,
    /// What to do: a place in [`Adviser::fixes`].
    pub fix: Option<usize>,
}

/// Looks up what to do, each answer once.
#[derive(Debug)]
pub struct Adviser<'a> {
    catalog: &'a Catalog,
    by_id: HashMap<String, Subject<'a>>,
    /// Every step that was given.
    pub fixes: Vec<Step>,
    known: HashMap<(u16, u32, u64), Advice, RandomState>,
}

/// A state to be advised on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The check's full id.
    pub check: &'a str,
    /// The diagnosis id.
    pub diagnosis: &'a str,
    /// What was found.
    pub outcome: Outcome,
    /// The commands that the report has, as [`fingerprint`] numbers them; 0 where it has none.
    pub fix: u64,
}

impl<'a> Adviser<'a> {
    /// With a catalogue.
    pub fn new(catalog: &'a Catalog) -> Self {
        let by_id = catalog.subjects().map(|subject| (subject.id(), subject)).collect();
        Self { catalog, by_id, fixes: Vec::new(), known: HashMap::default() }
    }

    /// The check of this id.
    pub fn subject(&self, check: &str) -> Option<Subject<'a>> {
        self.by_id.get(check).copied()
    }

    /// Every check's id, in the chapter's order.
    pub fn order(&self) -> impl Iterator<Item = String> + 'a {
        self.catalog.subjects().map(|subject| subject.id())
    }

    /// What to do, remembered by the places of state and platform.
    pub fn on(&mut self, key: (u16, u32), case: Case<'_>, platform: &Platform) -> Advice {
        let key = (key.0, key.1, case.fix);
        if let Some(advice) = self.known.get(&key) {
            return *advice;
        }
        let advice = self.find(case, platform);
        self.known.insert(key, advice);
        advice
    }

    /// A step of our own.
    pub fn own(&mut self, step: Step) -> usize {
        self.fixes.iter().position(|known| *known == step).unwrap_or_else(|| {
            self.fixes.push(step);
            self.fixes.len() - 1
        })
    }

    fn find(&mut self, case: Case<'_>, platform: &Platform) -> Advice {
        let nobody = Advice { owner: Owner::Staff, fix: None };
        let Some(subject) = self.subject(case.check) else { return nobody };
        let state = case.diagnosis.rsplit('/').next().unwrap_or_default();
        let diagnosis = named(subject, state, platform);
        let owner = diagnosis.and_then(|diagnosis| diagnosis.owner);
        let remedies = subject.check.remedy.iter().filter(|remedy| remedy.states.iter().any(|id| id == state));
        let general = (case.outcome != Outcome::Unknown).then_some(&*subject.check.fix);
        let own = diagnosis.map(|diagnosis| &*diagnosis.fix);
        let fixes: Vec<&Fix> = own.into_iter().chain(general).collect();
        // A remedy depends on what was seen there, which a report does not hold; that it was chosen, its commands show.
        let chosen = remedies
            .map(|remedy| &remedy.fix)
            .chain(fixes.iter().copied())
            .filter(|_| case.fix != 0)
            .filter_map(|fix| step(fix, platform))
            .find(|(step, whole)| *whole && fingerprint(&step.run) == case.fix);
        let found = chosen.or_else(|| fixes.iter().find_map(|fix| step(fix, platform)));
        let Some((mut step, whole)) = found else { return Advice { owner: owner.unwrap_or(Owner::Staff), fix: None } };
        step.owner = step.owner.max(owner.unwrap_or_default());
        if !whole {
            step = Step {
                act: format!("Run `doctor` and paste what it shows under `{}`", case.check),
                owner: step.owner,
                see: step.see,
                ..Step::default()
            };
        }
        let owner = step.owner;
        Advice { owner, fix: Some(self.own(step)) }
    }
}

/// The diagnosis of this name, as far as it holds on a platform.
pub fn named<'a>(subject: Subject<'a>, state: &str, platform: &Platform) -> Option<&'a Diagnosis> {
    let mut of_name = subject.check.diagnose.iter().filter(|diagnosis| diagnosis.id == state);
    let first = of_name.clone().next();
    of_name.find(|diagnosis| applies(&diagnosis.on, platform)).or(first)
}

/// The step for a platform, and whether all of it can be told without having seen the machine.
fn step(fix: &Fix, platform: &Platform) -> Option<(Step, bool)> {
    let mut step = step_for(fix, platform).filter(|step| !step.is_empty())?;
    let facts: BTreeMap<String, String> = [("rc".to_owned(), platform.rc().to_owned())].into();
    let mut whole = true;
    let mut fill = |text: &mut String| match template::fill(text, &facts, template::Quote::None) {
        Some(filled) => *text = filled,
        None => whole = false,
    };
    step.run.iter_mut().for_each(&mut fill);
    fill(&mut step.act);
    if template::fill(&step.verify, &facts, template::Quote::None).is_none() {
        step.verify.clear();
    }
    Some((step, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Os;

    fn case<'a>(check: &'a str, diagnosis: &'a str) -> Case<'a> {
        Case { check, diagnosis, outcome: Outcome::Fail, fix: 0 }
    }

    #[test]
    fn commands_come_from_the_catalogue_for_the_platform() {
        let catalog = Catalog::embedded().unwrap();
        let mut adviser = Adviser::new(&catalog);
        let debian = Platform { os: Os::Linux, family: "debian".into(), shell: "bash".into(), ..Platform::default() };
        let mac = Platform { os: Os::Macos, arch: "aarch64".into(), shell: "zsh".into(), ..Platform::default() };
        let git = case("git.installed", "git.installed/absent");
        let (on_debian, on_mac) = (adviser.on((0, 0), git, &debian), adviser.on((0, 1), git, &mac));
        let run = |advice: Advice| adviser.fixes[advice.fix.unwrap()].run.join("; ");
        assert!(run(on_debian).contains("apt-get install"), "{}", run(on_debian));
        assert!(!run(on_mac).contains("apt-get"));
        assert_eq!(on_debian.owner, Owner::Learner);
    }

    #[test]
    fn what_the_catalogue_does_not_know_is_for_staff() {
        let catalog = Catalog::embedded().unwrap();
        let mut adviser = Adviser::new(&catalog);
        let advice = adviser.on((0, 0), case("x.y", "x.y/z"), &Platform::default());
        assert_eq!(advice, Advice { owner: Owner::Staff, fix: None });
    }

    #[test]
    fn no_advice_holds_a_placeholder_or_half_a_recipe() {
        let catalog = Catalog::embedded().unwrap();
        let mut adviser = Adviser::new(&catalog);
        let words = ["windows", "wsl", "linux", "macos-arm", "macos-intel"];
        let platforms: Vec<Platform> = words.iter().filter_map(|word| Platform::usual(word)).collect();
        let mut state = 0;
        for subject in catalog.subjects() {
            let id = subject.id();
            for diagnosis in &subject.check.diagnose {
                let named = format!("{id}/{}", diagnosis.id);
                state += 1;
                for (at, platform) in platforms.iter().enumerate() {
                    adviser.on((state, at as u32), case(&id, &named), platform);
                }
            }
        }
        assert!(adviser.fixes.len() > 100);
        for step in &adviser.fixes {
            for text in step.run.iter().chain([&step.act, &step.verify]) {
                assert!(template::names(text).is_empty(), "{text}");
            }
        }
    }
}
