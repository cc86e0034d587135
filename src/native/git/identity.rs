//! Who git says made a commit: only whether name and e-mail are set, never what they are.

use std::collections::BTreeMap;

use super::{
    super::{Ask, program},
    HARMLESS,
    ini::{self, Entry},
    tilde,
};
use crate::{
    host::{expand, parent},
    model::{Observation, Seen, Source, condition::streams, placeholder::is_placeholder, seen::PathKind},
};

/// What a key of the identity is, from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Missing,
    Empty,
    Placeholder,
    /// Set only for some folders, by a conditional include.
    Conditional,
    Set,
}

impl Class {
    fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Placeholder => "placeholder",
            Self::Conditional => "conditional",
            Self::Set => "set",
        }
    }

    fn of(value: Option<&str>) -> Self {
        match value.map(str::trim) {
            None | Some("") => Self::Empty,
            Some(value) if is_placeholder(value) => Self::Placeholder,
            Some(_) => Self::Set,
        }
    }

    fn is_good(self) -> bool {
        matches!(self, Self::Set | Self::Conditional)
    }
}

/// How deep includes may be nested.
const DEPTH: u8 = 5;

#[derive(Default)]
struct Found {
    /// The last value of each key that counts everywhere.
    class: BTreeMap<&'static str, Class>,
    /// Keys that are good where a conditional include holds.
    conditional: Vec<&'static str>,
    /// Keys that stand more than once in the same file.
    twice: Vec<&'static str>,
    files: Vec<String>,
}

const KEYS: [(&str, &str, [&str; 2]); 2] = [
    ("name", "user.name", ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]),
    ("email", "user.email", ["GIT_AUTHOR_EMAIL", "EMAIL"]),
];

/// Whether git knows a name and an e-mail address to write into commits.
pub fn identity(ask: Ask<'_>) -> Observation {
    let mut found = Found::default();
    for file in global_files(ask) {
        look(ask, &file, &mut found, false, 0);
    }
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    seen.evidence.source = Source::File;
    for (fact, key, variables) in KEYS {
        let mut class = found.class.get(fact).copied().unwrap_or(Class::Missing);
        if !class.is_good() && found.conditional.contains(&fact) {
            class = Class::Conditional;
        }
        if class == Class::Missing && git_has(ask, key, &mut seen) {
            class = Class::Set;
        }
        if !class.is_good() && variables.iter().any(|variable| environment_has(ask, variable, &mut seen)) {
            class = Class::Set;
        }
        seen.facts.insert(fact.to_owned(), class.word().to_owned());
    }
    if let Some(key) = found.twice.first() {
        seen.facts.insert("twice".to_owned(), (*key).to_owned());
    }
    seen.evidence.files = found.files;
    seen
}

/// git's files for one user, the one that counts most last.
fn global_files(ask: Ask<'_>) -> Vec<String> {
    if let Some(file) = ask.host.env("GIT_CONFIG_GLOBAL") {
        return vec![tilde(ask, &file)];
    }
    let folder = ask.host.env("XDG_CONFIG_HOME").map_or_else(|| "~/.config".to_owned(), |path| tilde(ask, &path));
    vec![format!("{folder}/git/config"), "~/.gitconfig".to_owned()]
}

fn look(ask: Ask<'_>, file: &str, found: &mut Found, conditional: bool, depth: u8) {
    let seen = ask.host.read(file, HARMLESS);
    if seen.kind != PathKind::File || depth > DEPTH {
        return;
    }
    found.files.push(file.to_owned());
    let entries = ini::parse(&seen.text().unwrap_or_default());
    let mut here: Vec<&'static str> = Vec::new();
    for Entry { section, sub, key, value } in entries {
        let condition = section == "includeif";
        if key == "path" && (condition || section == "include") {
            if let Some(path) = value.filter(|path| !path.is_empty()) {
                look(ask, &included(ask, file, &path), found, conditional || condition, depth + 1);
            }
            continue;
        }
        if !sub.is_empty() || !matches!(section.as_str(), "user" | "author") {
            continue;
        }
        let Some((fact, name, _)) = KEYS.iter().find(|(fact, ..)| *fact == key) else { continue };
        let class = Class::of(value.as_deref());
        if conditional {
            if class == Class::Set {
                found.conditional.push(fact);
            }
            continue;
        }
        if section == "user" {
            if here.contains(fact) {
                found.twice.push(name);
            }
            here.push(fact);
        }
        found.class.insert(fact, class);
    }
}

/// Where an include leads: relative paths start at the file that includes.
fn included(ask: Ask<'_>, from: &str, path: &str) -> String {
    let absolute = path.starts_with(['/', '~']) || path.get(1..2) == Some(":");
    let whole = if absolute { path.to_owned() } else { format!("{}/{path}", parent(from)) };
    tilde(ask, &expand(&whole, ask.host.home().as_deref()))
}

/// Whether git finds the key where we did not look, as in the system's own file. Only the key is printed.
fn git_has(ask: Ask<'_>, key: &str, seen: &mut Observation) -> bool {
    let pattern = format!("^{}$", key.replace('.', r"\."));
    let argv = ["git", "config", "--includes", "--name-only", "--get-regexp", &pattern].map(str::to_owned);
    answers(ask, &argv, key, seen)
}

/// Whether a variable of the environment gives it. git is asked to read the variable, so that its value stays there.
fn environment_has(ask: Ask<'_>, variable: &str, seen: &mut Observation) -> bool {
    let given = format!("--config-env=doctor.found={variable}");
    let argv = ["git", &given, "config", "--name-only", "--get-regexp", r"^doctor\.found$", "."].map(str::to_owned);
    answers(ask, &argv, "doctor.found", seen)
}

fn answers(ask: Ask<'_>, argv: &[String], word: &str, seen: &mut Observation) -> bool {
    let asked = program::observe(ask.host, argv, &[], ask.timeout, false);
    seen.evidence.ms += asked.evidence.ms;
    let (stdout, _) = streams(&asked.seen);
    matches!(asked.seen, Seen::Exited { code: 0, .. }) && stdout.contains(word)
}
