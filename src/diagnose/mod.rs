//! From a check and what was seen to a finding: the first diagnosis that holds is the finding; if none holds, `expect`
//! decides between pass and `otherwise`. Pure: no clock, no environment, no machine.
//!
//! States that every tool can be in are named here once, so that check files need not: `absent`, `broken` (and its
//! kinds `windows-program`, `store-alias`, `apple-shim`), `timed-out`, `unreadable`, `killed`, `too-old`, `older-than-asked`,
//! `newer-than-asked`, `other-than-asked`, `end-of-life`, `ending-soon`, `unrecognised`, `unexpected`. A check file that says more about one of them names it with its own words.

mod common;
mod mend;

pub use common::COMMON;
use common::{Common, common_trouble, expected, first_line, than_asked};

use crate::{
    calendar::Calendar,
    model::{
        Check, Finding, Fix, Level, Observation, Outcome, Owner, Pattern, Platform, Seen, Step, Tool, Version,
        check::Diagnosis,
        condition::streams,
        effect::Commands,
        finding::Asked,
        fix::step_for,
        pattern,
        template::{Quote, fill, fill_prose},
    },
};

/// The catalogue's side of a judgement: which check of which tool.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The file's stem: `docker`.
    pub stem: &'a str,
    /// The tool.
    pub tool: &'a Tool,
    /// The check.
    pub check: &'a Check,
    /// What is known of the commands of fixes.
    pub commands: &'a Commands,
}

impl Subject<'_> {
    /// The check's full id.
    pub fn id(&self) -> String {
        format!("{}.{}", self.stem, self.check.id)
    }

    /// The check's level on this platform.
    pub fn level(&self, platform: &Platform) -> Level {
        let special = platform.words().find_map(|word| self.check.level_on.get(word));
        special.copied().unwrap_or(self.check.level)
    }
}

/// Judges what was seen.
pub fn diagnose(subject: Subject<'_>, mut seen: Observation, platform: &Platform, calendar: &Calendar) -> Finding {
    let check = subject.check;
    read_facts(check, &mut seen, platform, calendar);
    let level = subject.level(platform);
    let found = check
        .diagnose
        .iter()
        .find(|diagnosis| applies(&diagnosis.on, platform) && holds(diagnosis, &seen))
        .map(Judgement::Named)
        .or_else(|| common_trouble(check, &seen).map(Judgement::Common));
    // Which version a file asks for goes before what is thought of versions in general.
    let asked = check.asked.as_ref().and_then(|_| than_asked(check, &seen)).map(Judgement::Common);
    let judgement = asked.or(found).unwrap_or_else(|| expected(check, &seen));
    let by_text = match &judgement {
        Judgement::Common(common) if common.id == "unexpected" => known_by_text(check, &mut seen, platform),
        _ => None,
    };
    let judgement = by_text.map_or(judgement, Judgement::Named);
    let mut finding = write(subject, &judgement, &seen, platform, level);
    if by_text.is_some() {
        // Elsewhere it may matter less, but here it keeps the check's own command from answering.
        finding.level = level;
        finding.blocks = true;
    }
    if finding.outcome == Outcome::Pass {
        finding.fix = None;
    }
    finding
}

/// The finding of a diagnosis that is known to hold, for whoever found that out by other means than a probe.
pub fn named_finding(subject: Subject<'_>, diagnosis: &Diagnosis, seen: &Observation, platform: &Platform) -> Finding {
    let finding = write(subject, &Judgement::Named(diagnosis), seen, platform, subject.level(platform));
    // A good state that a text is known by is named too, although a report of it has no diagnosis.
    Finding { diagnosis: Some(format!("{}/{}", finding.id, diagnosis.id)), ..finding }
}

/// Whether platform words let something apply; no words mean everywhere.
pub fn applies(words: &[String], platform: &Platform) -> bool {
    words.is_empty() || words.iter().any(|word| platform.is(word))
}

enum Judgement<'a> {
    Pass,
    Named(&'a Diagnosis),
    Common(Common),
}

/// What a command that failed in no way that the check looks for is known by elsewhere: it prints the same text when a
/// learner uses it and pastes that.
fn known_by_text<'a>(check: &'a Check, seen: &mut Observation, platform: &Platform) -> Option<&'a Diagnosis> {
    let Seen::Exited { code, stdout, stderr } = &seen.seen else { return None };
    if *code == 0 {
        return None;
    }
    let texts = [stdout.as_str(), stderr];
    let fails = |diagnosis: &&Diagnosis| {
        applies(&diagnosis.on, platform) && diagnosis.outcome.is_none_or(|outcome| outcome == Outcome::Fail)
    };
    let length = |diagnosis: &Diagnosis| Some(pattern::longest(diagnosis.known_by.iter(), &texts)?.len());
    let known = check.diagnose.iter().filter(fails).filter_map(|diagnosis| Some((length(diagnosis)?, diagnosis)));
    // Of equally long ones the first.
    let (_, known) = known.rev().max_by_key(|(length, _)| *length)?;
    let named: Vec<(String, String)> = pattern::named(known.known_by.iter(), &texts).collect();
    seen.facts.extend(named);
    Some(known)
}

/// A diagnosis without `when` gives words to a common state of the same id; it never holds by itself.
fn holds(diagnosis: &Diagnosis, seen: &Observation) -> bool {
    !diagnosis.when.is_empty() && diagnosis.when.holds(seen)
}

/// Adds what the check says is to be read: version, support calendar, further facts.
fn read_facts(check: &Check, seen: &mut Observation, platform: &Platform, calendar: &Calendar) {
    let (stdout, stderr) = streams(&seen.seen);
    let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
    let text = match &seen.seen {
        Seen::Text(text) => text.clone(),
        _ => String::new(),
    };
    let find =
        |pattern: &Pattern| [&stdout, &stderr, &text].iter().find_map(|stream| pattern.find(stream).map(str::to_owned));
    for (name, pattern) in &check.facts {
        if let Some(value) = find(pattern) {
            seen.facts.insert(name.clone(), value);
        }
    }
    if let Some(since) = calendar.age(&platform.today) {
        seen.facts.insert("since_taken".to_owned(), since.to_string());
        seen.facts.insert("taken".to_owned(), calendar.taken.clone());
    }
    if let (Some(asked), Some(want)) = (&check.asked, &check.expect.version) {
        seen.facts.insert("asked".to_owned(), asked.version.clone());
        seen.facts.extend(want.to_install().map(|version| ("install".to_owned(), version)));
    }
    let Some(read) = &check.version else { return };
    // Error texts carry version numbers of other things, so a version is read only from a command that succeeded.
    let succeeded = !matches!(seen.seen, Seen::Exited { code, .. } if code != 0);
    if let Some(version) = read.find.as_ref().filter(|_| succeeded).and_then(find) {
        seen.facts.insert("version".to_owned(), version);
    }
    let version = seen.facts.get("version").and_then(|text| text.parse::<Version>().ok());
    if let (Some(name), Some(version)) = (&read.calendar, version) {
        // A probe that looks at several systems says itself whose calendar is meant.
        let name = seen.facts.get("calendar").unwrap_or(name);
        let life = calendar.life(name, &version, &platform.today);
        seen.facts.insert("life".to_owned(), life.word().to_owned());
        if let Some(ends) = life.ends() {
            seen.facts.insert("ends".to_owned(), ends.to_owned());
        }
    }
}

/// Puts a judgement into words.
fn write(
    subject: Subject<'_>,
    judgement: &Judgement<'_>,
    seen: &Observation,
    platform: &Platform,
    level: Level,
) -> Finding {
    let Subject { tool, check, .. } = subject;
    let absent = matches!(seen.seen, Seen::Absent);
    let mut facts = seen.facts.clone();
    facts.entry("rc".to_owned()).or_insert_with(|| platform.rc().to_owned());
    facts.entry("line".to_owned()).or_insert_with(|| first_line(seen));
    let mut finding = Finding {
        id: subject.id(),
        tool: tool.tool.clone(),
        section: tool.section.clone(),
        title: check.title.clone(),
        level,
        outcome: Outcome::Pass,
        diagnosis: None,
        found: fill(&check.pass, &facts, Quote::None).unwrap_or_default(),
        why: check.why.clone(),
        version: facts.get("version").cloned(),
        blocked_by: None,
        fix: None,
        see: tool.page.clone(),
        evidence: (!check.private).then(|| seen.evidence.clone()),
        ms: seen.evidence.ms,
        blocks: false,
        caused_by: None,
        varies: check.varies,
        asked: check.asked.clone(),
        waived: None,
    };
    // A check file may give its own words to a common state by naming it without a `when`.
    let (id, outcome, lowered, own, say) = match judgement {
        Judgement::Pass => return finding,
        Judgement::Named(diagnosis) => (diagnosis.id.as_str(), Outcome::Fail, false, Some(*diagnosis), None),
        Judgement::Common(common) => {
            let own =
                check.diagnose.iter().find(|diagnosis| diagnosis.id == common.id && applies(&diagnosis.on, platform));
            (common.id, common.outcome, common.lowered, own, Some(common.say.clone()))
        }
    };
    finding.outcome = own.and_then(|diagnosis| diagnosis.outcome).unwrap_or(outcome);
    // Who asks for a version by name means it, however long it is supported.
    let lowered = lowered || check.asked.is_some() && id == "end-of-life";
    if let Some(lower) = own.and_then(|diagnosis| diagnosis.level).or(lowered.then_some(Level::Recommended)) {
        finding.level = level.min(lower);
    }
    if finding.outcome == Outcome::Fail && level == Level::Optional && absent {
        finding.outcome = Outcome::Skip;
    }
    let own_words = own.filter(|diagnosis| say.is_none() || fill(&diagnosis.say, &facts, Quote::None).is_some());
    finding.found = own_words.map(|diagnosis| fill_prose(&diagnosis.say, &facts)).or(say).unwrap_or_default();
    finding.diagnosis = Some(format!("{}/{id}", finding.id));
    finding.caused_by = own.and_then(|diagnosis| diagnosis.caused_by.clone());
    finding.blocks = own
        .and_then(|diagnosis| diagnosis.blocks)
        .unwrap_or(finding.outcome != Outcome::Pass && finding.level == level);
    let broken = match &seen.seen {
        Seen::Broken(why) if id == "broken" => Some(mend::Fault::Broken(*why)),
        Seen::Signal { signal, .. } if id == "killed" => Some(mend::Fault::Signal(*signal)),
        _ => None,
    };
    // A tool that could not be told is not therefore missing: what to do in general would be the wrong advice. So it
    // would be where a certain version is asked for: it brings the newest one.
    let by_version = id.ends_with("-than-asked");
    let past_asked = check.asked.as_ref().filter(|_| matches!(id, "end-of-life" | "ending-soon"));
    let general = (outcome != Outcome::Unknown && !by_version && past_asked.is_none()).then_some(check);
    let owner = own.and_then(|diagnosis| diagnosis.owner);
    let remedies = check.remedy.iter().filter(|remedy| remedy.states.iter().any(|state| state == id));
    finding.fix = remedies
        .filter(|remedy| remedy.when.holds(seen))
        .map(|remedy| &remedy.fix)
        .chain(own.into_iter().map(|diagnosis| &*diagnosis.fix))
        .find_map(|fix| fix_for(fix, platform, &facts, owner))
        .or_else(|| {
            let step = fix_for(&general?.fix, platform, &facts, owner)?;
            Some(match broken {
                Some(fault) => {
                    mend::mend(step, fault, facts.get("program").map(String::as_str), platform, subject.commands)
                }
                None => step,
            })
        })
        .or_else(|| by_version.then(|| install(subject, &facts)))
        .or_else(|| past_asked.map(|asked| ask_for_newer(asked, &tool.page)));
    if let Some(page) = own.map(|diagnosis| &diagnosis.see).filter(|page| !page.is_empty()) {
        finding.see.clone_from(page);
    }
    finding
}

/// What to do where the version that a file asks for is past its life: the newest one would not be what it asks for.
fn ask_for_newer(asked: &Asked, page: &str) -> Step {
    Step {
        act: format!(
            "Change line {} of {} to a version that still gets updates, then install that one",
            asked.line, asked.file
        ),
        see: page.to_owned(),
        ..Step::default()
    }
}

/// What to do where another version is wanted and the check file does not say how.
fn install(subject: Subject<'_>, facts: &std::collections::BTreeMap<String, String>) -> Step {
    let name = &subject.tool.tool;
    let version =
        facts.get("install").map_or_else(|| "a version that fits".to_owned(), |text| format!("version {text}"));
    let instead =
        subject.check.asked.as_ref().map(|asked| format!(", or change line {} of {}", asked.line, asked.file));
    Step {
        act: format!("Install {version} of {name}{}", instead.unwrap_or_default()),
        see: subject.tool.page.clone(),
        ..Step::default()
    }
}

/// The step for this machine with its facts put in; a command whose fact is unknown is left out.
fn fix_for(
    fix: &Fix,
    platform: &Platform,
    facts: &std::collections::BTreeMap<String, String>,
    owner: Option<Owner>,
) -> Option<Step> {
    let mut step = step_for(fix, platform)?;
    let quote = if platform.is("windows") { Quote::PowerShell } else { Quote::Posix };
    step.run = step.run.iter().filter_map(|command| fill(command, facts, quote)).collect();
    step.act = fill(&step.act, facts, Quote::None).unwrap_or_default();
    step.verify = fill(&step.verify, facts, quote).unwrap_or_default();
    step.owner = step.owner.max(owner.unwrap_or_default());
    (!step.is_empty()).then_some(step)
}
