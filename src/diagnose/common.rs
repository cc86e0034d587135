//! States that every tool can be in, named here once, so that check files need not.

use super::Judgement;
use crate::{
    calendar::Life,
    model::{Broken, Check, Condition, Observation, Outcome, Probe, Seen, Version, condition::streams},
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
pub(super) struct Common {
    pub(super) id: &'static str,
    pub(super) outcome: Outcome,
    pub(super) lowered: bool,
    pub(super) say: String,
}

/// States that every tool can be in and that are trouble whatever is expected.
pub(super) fn common_trouble(check: &Check, seen: &Observation) -> Option<Common> {
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
pub(super) fn expected<'a>(check: &'a Check, seen: &Observation) -> Judgement<'a> {
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
pub(super) fn than_asked(check: &Check, seen: &Observation) -> Option<Common> {
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
pub(super) fn first_line(seen: &Observation) -> String {
    let (stdout, stderr) = streams(&seen.seen);
    let telling = |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
    let line = telling(stderr).or_else(|| telling(stdout)).unwrap_or_default();
    match line.char_indices().nth(160) {
        Some((most, _)) => line[..line[..most].rfind(char::is_whitespace).unwrap_or(0)].trim_end().to_owned(),
        None => line,
    }
}
