//! Probes of git and its configuration. What names a person never leaves the host: names and e-mail addresses are
//! read through a view that lets only their kind out.

mod helper;
mod identity;
mod ini;

use super::{Ask, Native, program};
use crate::model::{
    Observation, Os, Pattern, Seen,
    condition::streams,
    observation::looks_utf16le,
    seen::{PathKind, View},
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("git-version", version),
    ("git-configuration", configuration),
    ("git-settings", settings_facts),
    ("git-identity", identity::identity),
    ("git-credential-helper", helper::credential_helper),
    ("git-home", home_repository),
];

/// Keys of git's configuration whose values say nothing about a person.
pub const HARMLESS: View = View::Keys(&["path", "useconfigonly"]);

/// The settings that are asked for; values that may hold a secret are not let out.
const SETTINGS: &[&str] = &[
    "git",
    "config",
    "--show-origin",
    "--get-regexp",
    r"^(init\.defaultbranch|core\.(autocrlf|eol)|credential(\..*)?\.helper)$",
    "!(password|token|secret)",
];

/// How git names the place in its files where it stumbled. `line` means the output's first line elsewhere, so the
/// line's number is `at_line`.
const PLACES: &[&str] = &[
    r"bad config variable '[^']*' in file '(?P<file>[^'\n]+)' at line (?P<at_line>\d+)",
    r"line (?P<at_line>\d+) in (?:file|blob) '?(?P<file>[^'\n]+)",
    r"(?:access|read config file) '(?P<file>[^'\n]+)'",
    r"config value '[^']*' for '[^']*' in (?:file )?(?P<file>[^'\n:]+)",
];

/// git's version, asked for without its configuration: a broken file would make even `git --version` fail.
fn version(ask: Ask<'_>) -> Observation {
    let env = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let argv = ["git", "--version"].map(str::to_owned);
    let platform = ask.host.platform();
    program::observe(ask.host, &argv, &env, ask.timeout, false).with("distro", platform.distro.clone())
}

/// One setting as git itself understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    file: String,
    key: String,
    /// Nothing where the key stands alone, which means true.
    value: Option<String>,
}

/// Asks git for its settings in all its files, in the order in which they count.
fn settings(ask: Ask<'_>) -> (Observation, Vec<Setting>) {
    let argv: Vec<String> = SETTINGS.iter().map(|word| (*word).to_owned()).collect();
    let seen = program::observe(ask.host, &argv, &[], ask.timeout, false);
    let (stdout, _) = streams(&seen.seen);
    let found = stdout.lines().filter_map(|line| {
        let (origin, rest) = line.split_once('\t')?;
        let file = tilde(ask, origin.strip_prefix("file:").unwrap_or(origin).trim_matches('"'));
        let (key, value) = match rest.split_once(' ') {
            Some((key, value)) => (key, Some(value.trim().to_owned())),
            None => (rest, None),
        };
        Some(Setting { file, key: key.to_owned(), value })
    });
    let found = found.collect();
    (seen, found)
}

/// Whether git can read its configuration, and where not.
fn configuration(ask: Ask<'_>) -> Observation {
    let (mut seen, _) = settings(ask);
    let (_, stderr) = streams(&seen.seen);
    let stderr = stderr.to_owned();
    for (name, value) in PLACES.iter().find_map(|place| Pattern::new(*place).named(&stderr)).unwrap_or_default() {
        if name == "file" && is_utf16(ask, &value) {
            seen.facts.insert("encoding".to_owned(), "utf-16".to_owned());
        }
        let value = if name == "file" { tilde(ask, value.trim()) } else { value };
        seen.facts.insert(name, value);
    }
    if ask.host.platform().os != Os::Windows && ask.host.env("HOME").is_none() {
        seen.facts.insert("home".to_owned(), "unset".to_owned());
    }
    seen
}

/// Whether a file is in UTF-16, as Windows PowerShell's `>` writes it.
fn is_utf16(ask: Ask<'_>, file: &str) -> bool {
    let seen = ask.host.read(&tilde(ask, file), HARMLESS);
    let bytes = &seen.content.0;
    seen.kind == PathKind::File
        && (bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || looks_utf16le(bytes))
}

/// The settings that checks judge: the default branch and the line ends.
fn settings_facts(ask: Ask<'_>) -> Observation {
    let (mut seen, settings) = settings(ask);
    if !matches!(seen.seen, Seen::Exited { code: 0 | 1, .. }) {
        return seen;
    }
    let last = |key: &str| settings.iter().rfind(|setting| setting.key.eq_ignore_ascii_case(key));
    for (fact, key) in [("branch", "init.defaultbranch"), ("autocrlf", "core.autocrlf"), ("eol", "core.eol")] {
        if let Some(setting) = last(key) {
            let value = setting.value.clone().unwrap_or_else(|| "true".to_owned());
            seen.facts.insert(fact.to_owned(), value);
            seen.facts.insert(format!("{fact}_file"), setting.file.clone());
        }
    }
    // A helper's command line belongs to nobody else.
    seen.evidence.excerpt = String::new();
    seen.seen = Seen::Facts;
    let asked = version(ask).seen;
    if let Some(found) = Pattern::new(r"version (\d+(?:\.\d+)+)").find(streams(&asked).0) {
        seen.facts.insert("version".to_owned(), found.to_owned());
    }
    seen
}

/// Whether the home folder itself is a repository. One with a remote is somebody's dotfiles, and meant so.
fn home_repository(ask: Ask<'_>) -> Observation {
    let state = if ask.host.stat("~/.git").kind != PathKind::Dir {
        "plain"
    } else {
        let config = ask.host.read("~/.git/config", HARMLESS).text().unwrap_or_default();
        if ini::parse(&config).iter().any(|entry| entry.section == "remote") { "dotfiles" } else { "repository" }
    };
    Observation::facts([("home", state)])
}

/// A path with the home folder as `~`, so that it can be shown and pasted.
fn tilde(ask: Ask<'_>, path: &str) -> String {
    let home = ask.host.home().unwrap_or_default();
    match path.strip_prefix(home.as_str()).filter(|rest| !home.is_empty() && rest.starts_with(['/', '\\'])) {
        Some(rest) => format!("~{rest}"),
        None => path.to_owned(),
    }
}
