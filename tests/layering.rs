//! Which room may import which: the table in `src/lib.rs`, enforced on every `use crate::…` and every crate named.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Room, the rooms it may import, and the crates that only it (of those that have owners) may name.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("embedded", &[], &["flate2"]),
    ("model", &["embedded"], &["serde", "serde_json", "schemars", "semver", "regex_lite", "base64"]),
    ("calendar", &["model"], &["serde", "toml"]),
    (
        "catalog",
        &["embedded", "model", "calendar", "diagnose", "native"],
        &["serde", "serde_json", "strsim", "toml", "sha2"],
    ),
    ("diagnose", &["model", "calendar"], &[]),
    ("why", &["embedded", "model", "catalog", "diagnose"], &[]),
    ("cohort", &["model", "calendar", "catalog", "diagnose"], &["serde", "schemars"]),
    ("remedy", &["model", "catalog"], &["serde"]),
    (
        "host",
        &["model", "calendar"],
        &["serde", "serde_json", "schemars", "which", "dirs", "rustix", "signal_hook", "windows_sys", "sha2", "flate2"],
    ),
    ("native", &["model", "host", "calendar"], &["serde", "serde_json", "sha2", "toml"]),
    ("exam", &["model", "host", "native", "diagnose", "calendar", "catalog"], &[]),
    ("profile", &["model", "calendar", "catalog", "diagnose", "exam"], &["serde", "toml", "sha2"]),
    ("project", &["model", "catalog"], &["serde", "serde_json", "toml"]),
    ("report", &["embedded", "model", "host", "calendar", "catalog"], &["sha2", "serde_json", "schemars"]),
    (
        "render",
        &["model", "exam", "calendar", "diagnose", "catalog", "why", "remedy", "cohort"],
        &["console", "indicatif", "serde_json", "sha2", "textwrap"],
    ),
    (
        "cli",
        &[
            "embedded", "model", "calendar", "catalog", "diagnose", "why", "remedy", "host", "native", "exam",
            "profile", "project", "report", "cohort", "render",
        ],
        &["clap", "clap_complete", "anyhow", "serde", "serde_json", "schemars", "console"],
    ),
];

/// Crates that have owners; the standard library and what is not named here are free.
const OWNED: &[&str] = &[
    "serde_json",
    "schemars",
    "semver",
    "regex_lite",
    "toml",
    "sha2",
    "flate2",
    "which",
    "dirs",
    "rustix",
    "signal_hook",
    "windows_sys",
    "strsim",
    "console",
    "indicatif",
    "textwrap",
    "clap",
    "clap_complete",
    "anyhow",
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The code without its tests, comments and strings' worth of noise: lines up to the first test module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\n").next().unwrap_or("").to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The words that follow `prefix` in a text, groups `{a, b::c}` taken apart at their first level.
fn named(text: &str, prefix: &str) -> BTreeSet<String> {
    let word =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut words = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            words.insert(word(rest));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    words.insert(word(&group[start..at]));
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    words.insert(word(&group[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
        }
    }
    words.remove("");
    words
}

#[test]
fn rooms_import_only_what_the_table_lets_them() {
    let src = support::folder("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut breaches = Vec::new();
    for path in files {
        let inside = path.strip_prefix(&src).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        if room == "main" || room == "lib" {
            continue;
        }
        let Some((_, rooms, crates)) = TABLE.iter().find(|(name, ..)| *name == room) else {
            breaches.push(format!("{} is in no room of the table", inside.display()));
            continue;
        };
        let code = code(&path);
        for other in named(&code, "crate::") {
            if other != room && !rooms.contains(&other.as_str()) {
                breaches.push(format!("{} imports `{other}`", inside.display()));
            }
        }
        for owned in OWNED {
            if !crates.contains(owned)
                && (code.contains(&format!(" {owned}::")) || code.contains(&format!("({owned}::")))
            {
                breaches.push(format!("{} names the crate `{owned}`", inside.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// Judgement must not depend on when or where it happens.
#[test]
fn the_pure_rooms_look_at_no_clock_and_no_machine() {
    let mut breaches = Vec::new();
    for room in [
        "model",
        "catalog",
        "diagnose.rs",
        "calendar.rs",
        "why",
        "remedy",
        "native",
        "profile",
        "project",
        "cohort",
        "render",
    ] {
        let path = support::folder("src").join(room);
        let mut files = Vec::new();
        if !path.exists() {
            continue;
        }
        if path.is_dir() {
            sources(&path, &mut files)
        } else {
            files.push(path)
        }
        for file in files {
            let code = code(&file);
            for sign in ["std::env", "std::fs", "SystemTime", "std::process", "std::net", "env::var"] {
                if code.contains(sign) {
                    breaches.push(format!("{} names `{sign}`", file.display()));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}
