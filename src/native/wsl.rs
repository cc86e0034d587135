//! Probes of WSL, from Windows.

use super::{Native, program};
use crate::{
    host::Command,
    model::{Observation, Seen},
    native::Ask,
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[("wsl-distributions", distributions), ("wsl-start", start)];

/// One distribution of `wsl -l -v`.
#[derive(Debug, PartialEq, Eq)]
struct Distribution {
    name: String,
    version: String,
    default: bool,
}

impl Distribution {
    /// Whether it belongs to another program and is no Linux to work in.
    fn internal(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        ["docker-desktop", "rancher-desktop", "podman-"].iter().any(|start| name.starts_with(start))
    }
}

/// The rows of `wsl -l -v`: an optional star, the name, a state, the version. The header and prose have no number at
/// their end after exactly two words.
fn rows(text: &str) -> Vec<Distribution> {
    let row = |line: &str| {
        let (default, rest) = match line.trim_start().strip_prefix('*') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [name, _, version @ ("1" | "2")] = words[..] else { return None };
        Some(Distribution { name: name.to_owned(), version: version.to_owned(), default })
    };
    text.lines().filter_map(row).collect()
}

/// The distributions: facts `count` (of those to work in), `names`, `first`, `default`, `default_version`, and
/// `internal` and `default_internal` for those of other programs. No facts where the answer was no list.
fn distributions(ask: Ask<'_>) -> Observation {
    let argv = ["wsl.exe", "-l", "-v"].map(str::to_owned);
    let mut seen = program::observe(ask.host, &argv, &[], ask.timeout, true);
    let Seen::Exited { code, stdout, stderr } = &seen.seen else { return seen };
    let (code, text) = (*code, format!("{stdout}\n{stderr}"));
    let found = rows(stdout);
    if found.is_empty() && code != 0 && !has_code(&text) && !none_installed(&text) {
        // The one sentence without a code is translated; the quiet list is simply empty.
        let argv = ["wsl.exe", "-l", "-q"].map(str::to_owned);
        let quiet = program::observe(ask.host, &argv, &[], ask.timeout, true);
        // Names are single words; a note before them is not.
        let named = |text: &str| text.lines().any(|line| line.split_whitespace().count() == 1);
        if !matches!(&quiet.seen, Seen::Exited { code: 0, stdout, .. } if !named(stdout)) {
            return seen;
        }
    } else if found.is_empty() && code != 0 && !none_installed(&text) {
        return seen;
    }
    let names = |internal: bool| {
        let names = found.iter().filter(|one| one.internal() == internal).map(|one| one.name.as_str());
        names.collect::<Vec<_>>()
    };
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            seen.facts.insert(name.to_owned(), value.to_owned());
        }
    };
    fact("count", &names(false).len().to_string());
    fact("names", &names(false).join(", "));
    fact("internal", &names(true).join(", "));
    fact("first", names(false).first().copied().unwrap_or_default());
    if let Some(default) = found.iter().find(|one| one.default) {
        fact(if default.internal() { "default_internal" } else { "default" }, &default.name);
        fact("default_version", &default.version);
    } else if let Some(only) = found.iter().find(|one| !one.internal()) {
        fact("default", &only.name);
        fact("default_version", &only.version);
    }
    seen
}

/// Whether an error names its code or a repair that the diagnoses know.
fn has_code(text: &str) -> bool {
    ["Wsl/", "WSL_E_", "0x8", "aka.ms/", "--install'"].iter().any(|sign| text.contains(sign))
}

/// Whether the text is the one that says that nothing is installed: its literal commands are not translated.
fn none_installed(text: &str) -> bool {
    text.contains("WSL_E_DEFAULT_DISTRO_NOT_FOUND") || text.contains("--list --online") && text.contains("--install <")
}

/// Starts the distribution that `wsl` would open; it boots the virtual machine, so it must be asked for.
fn start(ask: Ask<'_>) -> Observation {
    let list = ask.host.run(&Command::new(["wsl.exe", "-l", "-v"]));
    let listed = rows(&list.stdout.text());
    let real = || listed.iter().filter(|one| !one.internal());
    let Some(distribution) = real().find(|one| one.default).or_else(|| real().next()) else {
        return Observation::absent();
    };
    let argv = ["wsl.exe", "-d", &distribution.name, "--", "true"].map(str::to_owned);
    let mut seen = program::observe(ask.host, &argv, &[], ask.timeout, true);
    seen.facts.insert("distribution".to_owned(), distribution.name.clone());
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_from_header_and_prose() {
        let text = "  NAME              STATE           VERSION\n* Ubuntu            Running         2\n  \
                    docker-desktop    Stopped         2\nPress any key to install Windows Subsystem 2\n";
        let found = rows(text);
        assert_eq!(found.len(), 2);
        assert!(found[0].default && !found[0].internal() && found[1].internal());
    }
}
