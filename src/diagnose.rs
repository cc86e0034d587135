//! From a check and what was seen to a finding: the first diagnosis that holds is the finding; if none holds, `expect`
//! decides between pass and `otherwise`. Pure: no clock, no environment, no machine.
//!
//! States that every tool can be in are named here once, so that check files need not: `absent`, `broken` (and its
//! kinds `windows-program`, `store-alias`, `apple-shim`), `timed-out`, `unreadable`, `killed`, `too-old`, `older-than-asked`,
//! `newer-than-asked`, `other-than-asked`, `end-of-life`, `ending-soon`, `unrecognised`, `unexpected`. A check file that says more about one of them names it with its own words.

use crate::{
    calendar::{Calendar, Life},
    model::{
        Broken, Check, Condition, Finding, Fix, Level, Observation, Outcome, Owner, Platform, Probe, Seen, Tool,
        Version,
        check::Diagnosis,
        condition::streams,
        fix::step_for,
        template::{Quote, fill, fill_prose},
    },
};

/// The ids of the states that every tool can be in.
pub const COMMON: &[&str] = &[
    "absent",
    "broken",
    "windows-program",
    "store-alias",
    "apple-shim",
    "timed-out",
    "unreadable",
    "killed",
    "too-old",
    "older-than-asked",
    "newer-than-asked",
    "other-than-asked",
    "end-of-life",
    "ending-soon",
    "unrecognised",
    "unexpected",
];

/// A state that every tool can be in.
struct Common {
    id: &'static str,
    outcome: Outcome,
    lowered: bool,
    say: String,
}

/// The catalogue's side of a judgement: which check of which tool.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The file's stem: `docker`.
    pub stem: &'a str,
    /// The tool.
    pub tool: &'a Tool,
    /// The check.
    pub check: &'a Check,
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
    let mut finding = write(subject, &judgement, &seen, platform, level);
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
    let find = |pattern: &crate::model::Pattern| {
        [&stdout, &stderr, &text].iter().find_map(|stream| pattern.find(stream).map(str::to_owned))
    };
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

/// States that every tool can be in and that are trouble whatever is expected.
fn common_trouble(check: &Check, seen: &Observation) -> Option<Common> {
    let what = match &check.probe {
        Probe::Command(command) => format!("`{}`", command.run.first().map_or("", String::as_str)),
        _ => "It".to_owned(),
    };
    let at = seen.facts.get("program").map(|path| format!(" at {path}")).unwrap_or_default();
    let common = |id, outcome, say| Some(Common { id, outcome, lowered: false, say });
    let says_so = |field: fn(&Condition) -> Option<bool>| field(&check.expect).unwrap_or(false);
    match &seen.seen {
        Seen::Absent if says_so(|expect| expect.absent) => None,
        Seen::Absent => {
            let say = match &check.probe {
                Probe::File(file) => format!("There is no {}", file.read.join(" or ")),
                Probe::Dir(dir) => format!("There is no folder {}", dir.list.join(" or ")),
                Probe::Env(env) => format!("The environment variable {} is not set", env.name),
                _ => format!("{what} is not installed, or not on PATH"),
            };
            common("absent", Outcome::Fail, say)
        }
        Seen::Broken(why) => match why {
            Broken::WindowsProgram => common(
                "windows-program",
                Outcome::Fail,
                format!("{what} is the Windows program{at}, not one of this Linux"),
            ),
            Broken::StoreAlias => common(
                "store-alias",
                Outcome::Fail,
                format!("{what} is only the Microsoft Store's stand-in{at}; nothing is installed"),
            ),
            Broken::AppleShim => common(
                "apple-shim",
                Outcome::Fail,
                format!("{what} is only Apple's stand-in{at}; the Command Line Tools are missing"),
            ),
            other => {
                common("broken", Outcome::Fail, format!("{what} is there{at} but cannot run: {}", broken_words(*other)))
            }
        },
        Seen::TimedOut { .. } => common("timed-out", Outcome::Unknown, format!("{what} gave no answer in time")),
        Seen::Unreadable(error) => common("unreadable", Outcome::Unknown, format!("It could not be read: {error}")),
        Seen::Signal { signal, .. } => {
            common("killed", Outcome::Fail, format!("{what} was ended by signal {signal} before it answered"))
        }
        _ => None,
    }
}

fn broken_words(why: Broken) -> &'static str {
    match why {
        Broken::MissingInterpreter => "the interpreter its first line names does not exist",
        Broken::MissingLoader => "the loader it needs does not exist; it is built for another kind of Linux",
        Broken::WrongArchitecture => "it is built for another processor",
        Broken::NotExecutable => "it has no permission to be executed",
        Broken::Dangling => "it is a link to a file that is gone",
        Broken::Empty => "the file is empty",
        Broken::WindowsProgram | Broken::StoreAlias | Broken::AppleShim | Broken::Refused => {
            "the system refused to start it"
        }
    }
}

/// Where nothing is wrong by name: pass, or what `expect` misses.
fn expected<'a>(check: &'a Check, seen: &Observation) -> Judgement<'a> {
    let common = |id, outcome, lowered, say| Judgement::Common(Common { id, outcome, lowered, say });
    let version = seen.facts.get("version");
    let life = seen.facts.get("life").map(String::as_str);
    let ends = seen.facts.get("ends").map_or("", String::as_str);
    // A command that failed did not merely answer unreadably: its own words tell more.
    let failed = matches!(seen.seen, Seen::Exited { code, .. } if code != 0);
    if let Some(want) = check.expect.version.as_ref().filter(|_| version.is_some() || !failed) {
        let Some(text) = version else {
            return common(
                "unrecognised",
                Outcome::Unknown,
                false,
                "It ran, but its version could not be read from what it printed".to_owned(),
            );
        };
        let too_old = text.parse::<Version>().ok().zip(want.least()).is_some_and(|(version, least)| version < least);
        if too_old {
            let least = want.least().map(|least| short(&least)).unwrap_or_default();
            let say = format!("Version {text} is too old; {least} or newer is needed");
            return common("too-old", Outcome::Fail, false, say);
        }
    }
    match life.zip(version) {
        // Within a year of its end a version still works with most things, so it is a warning; after that it is not.
        Some((life, version)) if life == Life::ENDED || life == Life::LATELY => {
            let since = if ends.is_empty() { "for a long time".to_owned() } else { format!("since {ends}") };
            let say = format!("Version {version} has had no security updates {since}");
            return common("end-of-life", Outcome::Fail, life == Life::LATELY, say);
        }
        Some((life, version)) if life == Life::ENDING => {
            return common(
                "ending-soon",
                Outcome::Fail,
                true,
                format!("Version {version} gets security updates only until {ends}"),
            );
        }
        _ => {}
    }
    if let Some(common) = than_asked(check, seen) {
        return Judgement::Common(common);
    }
    if check.expect.holds(seen) {
        return Judgement::Pass;
    }
    match check.otherwise.as_deref().and_then(|id| check.diagnose.iter().find(|diagnosis| diagnosis.id == id)) {
        Some(diagnosis) => Judgement::Named(diagnosis),
        None => common("unexpected", Outcome::Fail, false, unexpected(seen)),
    }
}

/// A version that was read and is not one of those that are asked for.
fn than_asked(check: &Check, seen: &Observation) -> Option<Common> {
    let text = seen.facts.get("version")?;
    let (want, version) = (check.expect.version.as_ref()?, text.parse::<Version>().ok()?);
    if want.holds(&version) {
        return None;
    }
    let (id, how) = if want.least().is_some_and(|least| version < least) {
        ("older-than-asked", "older than")
    } else if want.is_below(&version) {
        ("newer-than-asked", "newer than")
    } else {
        ("other-than-asked", "not")
    };
    let say = format!("Version {text} is {how} what is asked for: {want}");
    Some(Common { id, outcome: Outcome::Fail, lowered: false, say })
}

/// A version without the zeros nobody says.
fn short(version: &Version) -> String {
    let text = version.to_string();
    text.trim_end_matches(".0").to_owned()
}

fn unexpected(seen: &Observation) -> String {
    let line = first_line(seen);
    match &seen.seen {
        Seen::Exited { code, .. } if line.is_empty() => format!("It ended with code {code} and said nothing"),
        Seen::Exited { code, .. } if *code != 0 => format!("It ended with code {code}: {line}"),
        _ if line.is_empty() => "It is not as it should be".to_owned(),
        _ => format!("It answered something else: {line}"),
    }
}

/// The first line that tells something, errors before output: at most 160 characters, in whole words, because half a
/// path or half a key would pass the masks that know the whole.
fn first_line(seen: &Observation) -> String {
    let (stdout, stderr) = streams(&seen.seen);
    let telling = |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
    let line = telling(stderr).or_else(|| telling(stdout)).unwrap_or_default();
    match line.char_indices().nth(160) {
        Some((most, _)) => line[..line[..most].rfind(char::is_whitespace).unwrap_or(0)].trim_end().to_owned(),
        None => line,
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
    // A tool that could not be told is not therefore missing: what to do in general would be the wrong advice. So it
    // would be where a certain version is asked for: it brings the newest one.
    let by_version = id.ends_with("-than-asked");
    let general = (outcome != Outcome::Unknown && !by_version).then_some(check);
    let remedies = check.remedy.iter().filter(|remedy| remedy.states.iter().any(|state| state == id));
    finding.fix = remedies
        .filter(|remedy| remedy.when.holds(seen))
        .map(|remedy| &remedy.fix)
        .chain(own.into_iter().map(|diagnosis| &*diagnosis.fix))
        .chain(general.into_iter().map(|check| &*check.fix))
        .find_map(|fix| fix_for(fix, platform, &facts, own.and_then(|diagnosis| diagnosis.owner)))
        .or_else(|| by_version.then(|| install(subject, &facts)));
    if let Some(page) = own.map(|diagnosis| &diagnosis.see).filter(|page| !page.is_empty()) {
        finding.see.clone_from(page);
    }
    finding
}

/// What to do where another version is wanted and the check file does not say how.
fn install(subject: Subject<'_>, facts: &std::collections::BTreeMap<String, String>) -> crate::model::Step {
    let name = &subject.tool.tool;
    let version =
        facts.get("install").map_or_else(|| "a version that fits".to_owned(), |text| format!("version {text}"));
    let instead =
        subject.check.asked.as_ref().map(|asked| format!(", or change line {} of {}", asked.line, asked.file));
    crate::model::Step {
        act: format!("Install {version} of {name}{}", instead.unwrap_or_default()),
        see: subject.tool.page.clone(),
        ..crate::model::Step::default()
    }
}

/// The step for this machine with its facts put in; a command whose fact is unknown is left out.
fn fix_for(
    fix: &Fix,
    platform: &Platform,
    facts: &std::collections::BTreeMap<String, String>,
    owner: Option<Owner>,
) -> Option<crate::model::Step> {
    let mut step = step_for(fix, platform)?;
    let quote = if platform.is("windows") { Quote::PowerShell } else { Quote::Posix };
    step.run = step.run.iter().filter_map(|command| fill(command, facts, quote)).collect();
    step.act = fill(&step.act, facts, Quote::None).unwrap_or_default();
    step.verify = fill(&step.verify, facts, quote).unwrap_or_default();
    step.owner = step.owner.max(owner.unwrap_or_default());
    (!step.is_empty()).then_some(step)
}
