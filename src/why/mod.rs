//! Explaining a text that a learner pastes: which diagnosis is known by it. Pure; the same catalogue as the exam.

mod english;
mod missing;

use std::cmp::Reverse;

use self::missing::{Missing, missing};
use crate::{
    catalog::Catalog,
    diagnose::{Subject, applies, diagnose, named_finding},
    model::{Condition, Finding, Observation, Outcome, Pattern, Platform, Probe, Seen, check::Diagnosis, pattern},
};

/// How sure an explanation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The text fits, but belongs to another system than this one, or fits loosely.
    Maybe,
    /// The text fits what the tool prints in this state; others fit nearly as well.
    Likely,
    /// The state is known by this text, and no other fits as well.
    Sure,
}

impl Certainty {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Maybe => "maybe",
            Self::Likely => "likely",
            Self::Sure => "sure",
        }
    }
}

/// One diagnosis that a text fits.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// What is wrong, with the fix for this platform.
    pub finding: Finding,
    /// How sure that is.
    pub certainty: Certainty,
    /// The part of the text that it is known by.
    pub matched: String,
    score: usize,
}

/// Weights of a match, in hundredths of its length: a text that the diagnosis is known by counts fully; what a probe
/// would have to see counts half, because it was written for one command's output; another system's counts little.
const KNOWN: usize = 100;
const SEEN: usize = 50;
const ELSEWHERE: usize = 30;
/// A probe's pattern, or a match of it, shorter than this says too little about a text of unknown origin.
const TELLING: usize = 14;

/// In a diagnosis's `not-found`: a program of any name, where no other diagnosis names it.
const ANY: &str = "*";

/// The diagnoses that a text fits, best first.
pub fn explain(catalog: &Catalog, text: &str, platform: &Platform) -> Vec<Explanation> {
    let texts = readings(text);
    let missing: Vec<Missing> = texts.iter().flat_map(|text| missing(text)).collect();
    let mut found: Vec<Explanation> = catalog
        .subjects()
        .flat_map(|subject| subject.check.diagnose.iter().map(move |diagnosis| (subject, diagnosis)))
        .filter_map(|(subject, diagnosis)| explanation(subject, diagnosis, &texts, &missing, platform))
        .collect();
    found.extend(missing_command(catalog, &missing, platform, &found));
    found.sort_by_key(|explanation| Reverse(explanation.score));
    let scores: Vec<usize> = found.iter().map(|explanation| explanation.score).collect();
    for (at, explanation) in found.iter_mut().enumerate() {
        let rival = scores.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, score)| *score).max();
        if explanation.certainty == Certainty::Sure && rival.is_some_and(|rival| rival * 5 > explanation.score * 4) {
            explanation.certainty = Certainty::Likely;
        }
    }
    found
}

/// A command that is not there, where a check looks for it and does not know the text by its own words.
fn missing_command(
    catalog: &Catalog,
    missing: &[Missing],
    platform: &Platform,
    found: &[Explanation],
) -> Option<Explanation> {
    let (subject, matched) = missing.iter().find_map(|one| {
        let subject = missing::check(catalog, &one.name).filter(|subject| applies(&subject.check.on, platform))?;
        Some((subject, one.matched.clone()))
    })?;
    // Where a check of the same tool knows the text, there is nothing to guess from the program's name.
    let tool = |id: &str| id.split('.').next().map(str::to_owned);
    let known = |explanation: &Explanation| {
        explanation.certainty == Certainty::Sure && tool(&explanation.finding.id) == tool(&subject.id())
    };
    if found.iter().any(known) {
        return None;
    }
    let mut finding = diagnose(subject, Observation::absent(), platform, &catalog.calendar);
    if finding.outcome == Outcome::Skip {
        finding.outcome = Outcome::Fail;
    }
    // More than the general "there is no such command", which the same words show.
    let score = matched.chars().count() * KNOWN + KNOWN;
    Some(Explanation { finding, certainty: Certainty::Sure, matched, score })
}

/// The ways to read a pasted text: as it is, without the marks that mail, chats and terminals put before a line; with
/// its lines joined by a space, for terminals that wrapped between words; with its lines joined by nothing, for those
/// that wrapped within them; and each of these in English, where a tool spoke another language.
fn readings(text: &str) -> Vec<String> {
    let plain: Vec<&str> = text.lines().map(unmarked).collect();
    let lines = || plain.iter().map(|line| line.trim());
    let spaced = lines().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut all = vec![plain.join("\n"), spaced, plain.concat()];
    // A text of one line reads the same in every way.
    all.dedup();
    let foreign: Vec<String> = all.iter().filter_map(|text| english::english(text)).collect();
    all.extend(foreign);
    all
}

/// A line without quotation marks (`> `, `│ `) before it.
fn unmarked(line: &str) -> &str {
    let rest = line.trim_start_matches(['>', '|', '│', '┃']);
    if rest.len() == line.len() { line } else { rest.strip_prefix(' ').unwrap_or(rest) }
}

fn explanation(
    subject: Subject<'_>,
    diagnosis: &Diagnosis,
    texts: &[String],
    missing: &[Missing],
    platform: &Platform,
) -> Option<Explanation> {
    let lost = missing.iter().filter(|one| diagnosis.not_found.contains(&one.name)).map(|one| one.matched.clone());
    let known = pattern::longest(diagnosis.known_by.iter(), texts)
        .map(str::to_owned)
        .into_iter()
        .chain(lost)
        .max_by_key(|text| text.chars().count());
    let known = known.map(|matched| (matched, KNOWN));
    let lost = |name: &String| missing.first().filter(|_| name == ANY).map(|one| (one.matched.clone(), SEEN));
    let known = known.or_else(|| diagnosis.not_found.iter().find_map(lost));
    let seen = || {
        let patterns = printed(subject, &diagnosis.when);
        let telling = |pattern: &&Pattern| pattern.as_str().len() >= TELLING;
        let matched = pattern::longest(patterns.into_iter().filter(telling), texts)?.to_owned();
        (matched.chars().count() >= TELLING && names_tool(subject, &texts[0])).then_some((matched, SEEN))
    };
    let (matched, weight) = known.or_else(seen)?;
    // A state that no probe sees holds where its own words say, whatever systems the check can look at.
    let own = diagnosis.when.is_empty() && !diagnosis.on.is_empty();
    let not_on = &subject.check.not_on;
    let looked_at = applies(&subject.check.on, platform) && (not_on.is_empty() || !applies(not_on, platform));
    let here = applies(&diagnosis.on, platform) && (own || looked_at);
    let length = matched.chars().count().clamp(4, 200);
    let certainty = match (here, weight) {
        (false, _) => Certainty::Maybe,
        (true, KNOWN) => Certainty::Sure,
        _ => Certainty::Likely,
    };
    let mut observation = observation(subject, diagnosis, texts);
    let named = missing.iter().find(|one| diagnosis.not_found.contains(&one.name));
    let any = || missing.first().filter(|_| diagnosis.not_found.iter().any(|name| name == ANY));
    if let Some(one) = named.or_else(any) {
        observation.facts.entry("command".to_owned()).or_insert_with(|| one.name.clone());
    }
    let finding = if here {
        named_finding(subject, diagnosis, &observation, platform)
    } else {
        elsewhere(subject, diagnosis, &observation, platform)
    };
    Some(Explanation { finding, certainty, matched, score: length * if here { weight } else { ELSEWHERE } })
}

/// Whether a text names the tool of a check. What a probe's command prints is the tool's own; a text of unknown origin
/// is that only where it says so, or every traceback would be that of each tool written in Python.
fn names_tool(subject: Subject<'_>, text: &str) -> bool {
    let id = subject.id();
    let stem = id.split('.').next().unwrap_or_default();
    let mut own: Vec<&str> = match &subject.check.probe {
        Probe::Command(probe) => probe.run.first().map(String::as_str).into_iter().collect(),
        Probe::Native(native) => {
            ["program", "package"].iter().filter_map(|key| native.with.get(*key)).map(String::as_str).collect()
        }
        _ => Vec::new(),
    };
    let started = subject.check.runs.iter().filter_map(|command| command.split_whitespace().next());
    own.extend(started.map(|program| program.trim_start_matches('…')).filter(|program| !program.is_empty()));
    // What looks at the machine itself has no program's name.
    let text = text.to_lowercase();
    own.is_empty() || own.into_iter().chain([stem]).any(|name| holds_word(&text, name))
}

/// Whether a text holds a name as a word of its own: `id` is not named by `pid`.
fn holds_word(text: &str, name: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric();
    text.match_indices(name)
        .any(|(at, found)| !text[..at].ends_with(letter) && !text[at + found.len()..].starts_with(letter))
}

/// The finding of another system's state, as of Windows where its text is pasted inside WSL: the step for that system,
/// said to be for there.
fn elsewhere(subject: Subject<'_>, diagnosis: &Diagnosis, seen: &Observation, platform: &Platform) -> Finding {
    let words = if diagnosis.on.is_empty() { &subject.check.on } else { &diagnosis.on };
    let known = words.iter().find_map(|word| Some((place(word)?, Platform::usual(word)?)));
    let Some((place, there)) = known else { return named_finding(subject, diagnosis, seen, platform) };
    let mut finding = named_finding(subject, diagnosis, seen, &there);
    if let Some(step) = &mut finding.fix {
        step.act = match step.act.as_str() {
            "" => format!("This is for {place}"),
            act if act.contains("PowerShell") => act.to_owned(),
            act => format!("This is for {place}: {act}"),
        };
    }
    finding
}

/// Where a command for another system is pasted.
fn place(word: &str) -> Option<&'static str> {
    match word {
        "windows" => Some("PowerShell on Windows"),
        "macos" | "macos-arm" | "macos-intel" => Some("the terminal of a Mac"),
        "wsl" => Some("a WSL terminal"),
        "linux" => Some("a Linux terminal"),
        _ => None,
    }
}

/// The patterns over output of a condition, where all of it or one alternative asks for them; none where it also asks
/// for a fact that no text shows.
fn printed<'a>(subject: Subject<'a>, when: &'a Condition) -> Vec<&'a Pattern> {
    if when.fact.keys().any(|name| !subject.check.facts.contains_key(name)) {
        return Vec::new();
    }
    let own = [&when.output, &when.stdout, &when.stderr].into_iter().flatten();
    own.chain(when.any.iter().flat_map(|when| printed(subject, when))).collect()
}

/// What the text says in facts: the check's own, and what named groups of the known texts catch.
fn observation(subject: Subject<'_>, diagnosis: &Diagnosis, texts: &[String]) -> Observation {
    let mut seen = Observation { seen: Seen::Text(texts[0].clone()), ..Observation::default() };
    for (name, pattern) in &subject.check.facts {
        if let Some(value) = texts.iter().find_map(|text| pattern.find(text)) {
            seen.facts.insert(name.clone(), value.to_owned());
        }
    }
    seen.facts.extend(pattern::named(diagnosis.known_by.iter(), texts));
    seen
}
