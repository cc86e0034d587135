//! A check as its file states it: a healthy condition, the probe that looks, and the diagnoses that name what is wrong.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Condition, Fix, Later, Outcome, Owner, Pattern, finding::Asked};

/// How much a check matters; never an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nice to have; its absence is a skip.
    Optional,
    /// Its failure is a warning.
    Recommended,
    /// Its failure means "not ready".
    Required,
}

impl Level {
    /// The word used everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Recommended => "recommended",
            Self::Required => "required",
        }
    }
}

/// One file of `checks/`: a tool of the setup chapter and its checks.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tool {
    /// The tool's name as people write it.
    pub tool: String,
    /// Its place in the setup chapter; unique.
    pub step: u32,
    /// The section of the chapter.
    #[serde(default)]
    pub section: String,
    /// The page to read about the tool where a diagnosis names none.
    #[serde(default)]
    pub page: String,
    /// Its checks, in the order in which they are told.
    pub check: Vec<Check>,
}

/// A healthy condition and how to see it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// Its name within the tool; the file's stem and this make the full id, `docker.daemon`.
    pub id: String,
    /// The healthy condition in the present tense.
    pub title: String,
    /// Why it matters to the learner, one sentence.
    pub why: String,
    /// How much it matters.
    pub level: Level,
    /// How much it matters on some platforms, where that differs.
    #[serde(default)]
    pub level_on: BTreeMap<String, Level>,
    /// Platform words where it applies; everywhere where none is given.
    #[serde(default)]
    pub on: Vec<String>,
    /// Platform words where it does not apply.
    #[serde(default)]
    pub not_on: Vec<String>,
    /// What kind of look must be asked for: `online` or `deep`.
    #[serde(default)]
    pub needs: Option<Needs>,
    /// Full ids of checks that must hold first.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Facts and excerpts are kept out of reports.
    #[serde(default)]
    pub private: bool,
    /// Whether what is found differs from run to run on the same machine, such as free space: left out of `--stable`.
    #[serde(default)]
    pub varies: bool,
    /// The diagnoses that may pass by themselves while a service comes up: what `--wait` waits for.
    #[serde(default)]
    pub may_come_up: Vec<String>,
    /// By which names a repository's files ask for this tool's version.
    #[serde(default)]
    pub project: Option<ProjectNames>,
    /// Which file asks for the version, where one does; not written in check files.
    #[serde(skip)]
    pub asked: Option<Asked>,
    /// How to look.
    pub probe: Probe,
    /// The commands that a native probe runs at most, as they would be typed; `…` stands for what differs from machine to
    /// machine. `tests/runs.rs` holds the probes to it.
    #[serde(default)]
    pub runs: Vec<String>,
    /// How to read the version out of what was seen.
    #[serde(default)]
    pub version: Option<VersionRead>,
    /// Further facts to read out of the output: name and pattern, first group.
    #[serde(default)]
    pub facts: BTreeMap<String, Pattern>,
    /// What must hold for a pass, where no diagnosis holds.
    #[serde(default)]
    pub expect: Condition,
    /// The diagnosis id where neither a diagnosis nor `expect` holds.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// What to say on a pass; `{fact}` is replaced.
    #[serde(default)]
    pub pass: String,
    /// What to do where a diagnosis says nothing of its own.
    #[serde(default)]
    pub fix: Later<Fix>,
    /// What to do where more is known than the platform, such as which manager installed a tool.
    #[serde(default)]
    pub remedy: Later<Vec<Remedy>>,
    /// States that can be told apart, tried in order.
    #[serde(default)]
    pub diagnose: Vec<Diagnosis>,
}

/// By which names a repository's files ask for a tool's version.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectNames {
    /// The tool's names in `.tool-versions`, `mise.toml`, `package.json`.
    pub names: Vec<String>,
    /// Words that mean a version, in small letters: `lts/iron` is 20.
    pub aliases: BTreeMap<String, String>,
}

/// What to do about some diagnoses of a check where its `when` holds: the first one that has a step for this machine
/// wins over the diagnosis's own fix, which stays for all other machines.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Remedy {
    /// The ids of the diagnoses.
    #[serde(rename = "for")]
    pub states: Vec<String>,
    /// What must have been seen.
    pub when: Condition,
    /// What to do then.
    pub fix: Fix,
}

/// A look that happens only when asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Uses the network: `--online`.
    Online,
    /// Starts a container or something as heavy: `--deep`.
    Deep,
}

/// One state that can be told from all others.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Diagnosis {
    /// The state's name, never the remedy's.
    pub id: String,
    /// Platform words where it can hold; everywhere where none is given.
    #[serde(default)]
    pub on: Vec<String>,
    /// What must have been seen.
    #[serde(default)]
    pub when: Condition,
    /// What was found, in plain words, one sentence without a full stop; `{fact}` is replaced.
    pub say: Later<String>,
    /// A lower level than the check's, for a state that works but wants attention.
    #[serde(default)]
    pub level: Option<Level>,
    /// What the state is: a failure where nothing is given.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// Whether checks that require this one cannot be looked at. Where nothing is given: only if it fails at the
    /// check's own level.
    #[serde(default)]
    pub blocks: Option<bool>,
    /// The check whose failure this really is: where that one fails in the same run, this finding is blocked by it, so
    /// that one cause is one failure.
    #[serde(default)]
    pub caused_by: Option<String>,
    /// States of other checks that follow from this one, as tools are `absent` while PATH is empty: in a run where this
    /// is found, those are blocked by it.
    #[serde(default)]
    pub explains: Vec<String>,
    /// Who can mend it, where that is not the learner alone.
    #[serde(default)]
    pub owner: Option<Owner>,
    /// What to do.
    #[serde(default)]
    pub fix: Later<Fix>,
    /// The page that explains this state.
    #[serde(default)]
    pub see: Later<String>,
    /// Other texts by which the state is known: what a learner may paste to `doctor why`.
    #[serde(default)]
    pub known_by: Later<Vec<Pattern>>,
    /// Programs whose absence is this state: texts in which any shell, in any of its languages, finds no such program.
    #[serde(default)]
    pub not_found: Vec<String>,
}

/// How to read a version.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VersionRead {
    /// Pattern over the output, first group; not needed where the probe itself gives the fact `version`.
    #[serde(default)]
    pub find: Option<Pattern>,
    /// The support calendar to judge it by: `node`, `python`, `go`, …
    #[serde(default)]
    pub calendar: Option<String>,
}

/// How to look; exactly one kind.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// Run a program found on PATH.
    Command(CommandProbe),
    /// Run words in the learner's own login shell, with its start-up files.
    Shell(ShellProbe),
    /// Read a file.
    File(FileProbe),
    /// List a folder: facts `names` and `count`.
    Dir(DirProbe),
    /// Read an environment variable: fact `value`.
    Env(EnvProbe),
    /// Ask a probe written in Rust.
    Native(NativeProbe),
    /// Pass where one of these checks passes; it is named in the fact `found`.
    AnyOf(Vec<String>),
}

impl Probe {
    /// How long its commands may take, where the check file says so.
    pub fn timeout(&self) -> Option<Duration> {
        match self {
            Self::Command(probe) => probe.timeout,
            Self::Shell(probe) => probe.timeout,
            Self::Native(probe) => probe.timeout,
            Self::File(_) | Self::Dir(_) | Self::Env(_) | Self::AnyOf(_) => None,
        }
    }
}

/// Run a program.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandProbe {
    /// The program's name and its arguments.
    pub run: Vec<String>,
    /// Seconds to wait, as `8s` or `500ms`; 10 s where nothing is given.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Duration>,
    /// Further environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether a Windows program on WSL's PATH is the right answer, as for `code`.
    #[serde(default)]
    pub windows_program_ok: bool,
}

/// Run words in the learner's login shell.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ShellProbe {
    /// The words, valid in sh, bash, zsh and fish alike.
    pub run: String,
    /// Seconds to wait.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Duration>,
}

/// Read a file. `~` is the home folder, `$NAME` at the start an environment variable.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileProbe {
    /// The file; of several the first that exists.
    pub read: Vec<String>,
}

/// List a folder.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DirProbe {
    /// The folder; of several the first that exists.
    pub list: Vec<String>,
}

/// Read an environment variable.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnvProbe {
    /// Its name.
    pub name: String,
}

/// Ask a probe written in Rust.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NativeProbe {
    /// Its name in `src/native`.
    pub name: String,
    /// What it is told.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Seconds to wait for each command that it runs.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Duration>,
}

/// Reads `8s` or `500ms`.
///
/// # Errors
/// A sentence that says what is accepted.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let number = |digits: &str, unit: fn(u64) -> Duration| digits.trim().parse().ok().map(unit);
    let minutes = |n: u64| Duration::from_secs(n.saturating_mul(60));
    if let Some(digits) = text.strip_suffix("ms") {
        number(digits, Duration::from_millis)
    } else if let Some(digits) = text.strip_suffix('s') {
        number(digits, Duration::from_secs)
    } else if let Some(digits) = text.strip_suffix('m') {
        number(digits, minutes)
    } else {
        number(text, Duration::from_secs)
    }
    .filter(|duration| !duration.is_zero())
    .ok_or_else(|| format!("`{text}` is not a duration; write `8s`, `500ms` or `2m`"))
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).map(Some).map_err(serde::de::Error::custom)
}
