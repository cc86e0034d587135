//! What a repository already says it needs: the requirement files of a folder, read and never run, made into what checks
//! are asked. Pure: whoever calls brings the texts.

mod files;
mod json;

use std::collections::BTreeMap;

pub use files::FILES;

use crate::{
    catalog::Catalog,
    model::{Finding, Level, Outcome, Probe, Requirement, finding::Asked},
};

/// One line of a file that asks for a version.
#[derive(Debug, Clone, PartialEq)]
pub struct Want {
    /// The tool, as the file calls it.
    pub tool: String,
    /// What the file says.
    pub asked: Asked,
    /// What that means; nothing for words such as `lts/*` that are no version.
    pub requirement: Option<Requirement>,
    /// The lower, the sooner it is the one to go by: what version managers install before what ranges allow.
    rank: u8,
    /// Whether it only names what would be nice.
    suggestion: bool,
}

/// What a folder's files ask for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// Every line that asks for something.
    pub wants: Vec<Want>,
    /// What cannot be read, each with its file.
    pub wrong: Vec<String>,
    /// By a check's id: what it is asked for, the one to go by first.
    by_check: BTreeMap<String, Vec<Want>>,
}

/// The check that tells what became of the files themselves.
const CHECK: &str = "project.files";

impl Project {
    /// Reads the files of a folder: the name of each on the command line, its own name, and its text.
    pub fn read(texts: &[(String, &str, String)]) -> Self {
        let mut project = Self::default();
        for (file, name, text) in texts {
            match files::read(name, file, text.trim_start_matches('\u{feff}')) {
                Ok(wants) => project.wants.extend(wants),
                Err(error) => project.wrong.push(error),
            }
        }
        project
    }

    /// Asks the checks for what the files ask for; what is asked for is required.
    pub fn apply(&mut self, catalog: &mut Catalog) {
        let mut unexamined = Vec::new();
        for want in &self.wants {
            let ids = catalog.tools.iter().flat_map(|(stem, tool)| tool.check.iter().map(move |check| (stem, check)));
            let asked = { ids }.find_map(|(stem, check)| {
                let project = check.project.as_ref().filter(|project| project.names.contains(&want.tool))?;
                let alias = project.aliases.get(&want.asked.version.to_lowercase());
                Some((format!("{stem}.{}", check.id), alias.and_then(|version| Requirement::starting_with(version))))
            });
            match asked {
                Some((id, alias)) => {
                    let requirement = alias.or_else(|| want.requirement.clone());
                    self.by_check.entry(id).or_default().push(Want { requirement, ..want.clone() });
                }
                None => unexamined.push(format!("{} {}", want.tool, place(&want.asked))),
            }
        }
        for (id, wants) in &mut self.by_check {
            wants.sort_by_key(|want| (want.suggestion, want.rank));
            let Some((whole, kept)) = settle(wants) else { continue };
            let Some((stem, name)) = id.split_once('.') else { continue };
            let tools = catalog.tools.iter_mut().filter(|(known, _)| known == stem);
            for check in tools.flat_map(|(_, tool)| &mut tool.check).filter(|check| check.id == name) {
                check.level = Level::Required;
                check.level_on.clear();
                check.expect.version = Some(whole.clone());
                check.asked = kept.first().map(|first| first.want.asked.clone());
            }
        }
        self.tell(catalog, &unexamined);
    }

    /// Tells the check of the files themselves what it is to judge.
    fn tell(&self, catalog: &mut Catalog, unexamined: &[String]) {
        let (contradictions, anchor) = self.contradictions();
        let names: Vec<&str> = {
            let mut names: Vec<&str> = self.wants.iter().map(|want| want.asked.file.as_str()).collect();
            names.dedup();
            names
        };
        let asks = self.by_check.values().filter_map(|wants| wants.first());
        let asks: Vec<String> = asks.map(|want| format!("{} {}", want.tool, place(&want.asked))).collect();
        let facts = [
            ("files", names.join(", ")),
            ("asks", asks.join(", ")),
            ("unexamined", unexamined.join(", ")),
            ("contradiction", contradictions.join("; ")),
            ("wrong", self.wrong.join("; ")),
        ];
        let Some((stem, name)) = CHECK.split_once('.') else { return };
        let tools = catalog.tools.iter_mut().filter(|(known, _)| known == stem);
        for check in tools.flat_map(|(_, tool)| &mut tool.check).filter(|check| check.id == name) {
            check.asked = anchor.clone();
            if let Probe::Native(native) = &mut check.probe {
                native.with.extend(
                    facts.iter().filter(|(_, fact)| !fact.is_empty()).map(|(n, fact)| ((*n).to_owned(), fact.clone())),
                );
            }
        }
    }

    /// The lines that no version satisfies together, in words, and where the first of them stands.
    fn contradictions(&self) -> (Vec<String>, Option<Asked>) {
        let (mut words, mut anchor) = (Vec::new(), None);
        let kept = self.by_check.values().filter_map(|wants| settle(wants)).flat_map(|(_, kept)| kept);
        for Kept { want: used, requirement, against } in kept {
            let Some(((first, wanted), more)) = against.split_first() else { continue };
            anchor.get_or_insert_with(|| first.asked.clone());
            let at = |want: &Want| format!("{}:{}", want.asked.file, want.asked.line);
            let mut said = format!("{} asks for {} {wanted}", at(first), used.tool);
            for (want, wanted) in more.iter().chain([&(used, requirement)]) {
                said.push_str(&format!(", {} for {wanted}", at(want)));
            }
            words.push(format!("{said}; {} is used", used.asked.file));
        }
        (words, anchor)
    }

    /// Lets each finding name the line that it does not satisfy, where several lines ask.
    pub fn anchor(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.outcome != Outcome::Pass) {
            let version = finding.version.as_ref().and_then(|version| version.parse().ok());
            let (Some(version), Some(wants)) = (version, self.by_check.get(&finding.id)) else { continue };
            let unmet = wants
                .iter()
                .filter(|want| !want.suggestion)
                .find(|want| want.requirement.as_ref().is_some_and(|requirement| !requirement.holds(&version)));
            if let Some(want) = unmet {
                finding.asked = Some(want.asked.clone());
            }
        }
    }
}

/// A line that is gone by, and the lines of the same tool that contradict it.
struct Kept<'a> {
    want: &'a Want,
    requirement: &'a Requirement,
    against: Vec<(&'a Want, &'a Requirement)>,
}

/// What lines about one tool, the one to go by first, come to: everything that does not contradict the lines before it is
/// asked for too. Nothing where none asks for a version.
fn settle(wants: &[Want]) -> Option<(Requirement, Vec<Kept<'_>>)> {
    let asking = wants.iter().filter(|want| !want.suggestion);
    let mut asking = asking.filter_map(|want| Some((want, want.requirement.as_ref()?)));
    let (want, requirement) = asking.next()?;
    let mut whole = requirement.clone();
    let mut kept = vec![Kept { want, requirement, against: Vec::new() }];
    for (want, requirement) in asking {
        match whole.and(requirement) {
            Some(both) => {
                whole = both;
                kept.push(Kept { want, requirement, against: Vec::new() });
            }
            None => {
                // It may go together with each of them and not with all.
                let at = kept.iter().position(|kept| !kept.requirement.meets(requirement)).unwrap_or(0);
                kept[at].against.push((want, requirement));
            }
        }
    }
    Some((whole, kept))
}

/// `>=20 (package.json:7)`.
fn place(asked: &Asked) -> String {
    format!("{} ({}:{})", asked.version, asked.file, asked.line)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
