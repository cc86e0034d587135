//! One reader per kind of file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::{Want, json::line_of};
use crate::{
    catalog::error::place,
    model::{Requirement, finding::Asked},
};

/// The files that are read, in the order in which they are looked for.
pub const FILES: &[&str] = &[
    "package.json",
    ".nvmrc",
    ".node-version",
    ".tool-versions",
    "mise.toml",
    ".mise.toml",
    ".python-version",
    "pyproject.toml",
    "go.work",
    "go.mod",
];

/// The most that is told of what a file says: it may say anything.
const MOST: usize = 60;

/// Reads one file; the error names it.
pub(super) fn read(name: &str, file: &str, text: &str) -> Result<Vec<Want>, String> {
    match name {
        "package.json" => package_json(file, text),
        ".nvmrc" => Ok(one_line("node", 1, file, text)),
        ".node-version" => Ok(one_line("node", 2, file, text)),
        ".python-version" => Ok(python_version(file, text)),
        ".tool-versions" => Ok(tool_versions(file, text)),
        "mise.toml" | ".mise.toml" => mise(file, text),
        "pyproject.toml" => pyproject(file, text),
        "go.mod" | "go.work" => Ok(go(file, text)),
        _ => Ok(Vec::new()),
    }
}

fn want(tool: &str, rank: u8, file: &str, line: usize, said: &str, requirement: Option<Requirement>) -> Want {
    let version: String = said.trim().chars().take(MOST).collect();
    Want {
        tool: tool.to_owned(),
        asked: Asked { version, file: file.to_owned(), line },
        requirement,
        rank,
        suggestion: false,
    }
}

/// A version as version managers write it: a number or its beginning; words such as `lts/*` are no number.
fn pinned(text: &str) -> Option<Requirement> {
    let text = text.strip_prefix("prefix:").unwrap_or(text);
    let number = text.trim_start_matches(['v', 'V']);
    if number.starts_with(|c: char| c.is_ascii_digit()) { Requirement::starting_with(number) } else { None }
}

/// What stands before a `#`.
fn bare(line: &str) -> &str {
    line.split('#').next().unwrap_or("").trim()
}

/// The lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, bare(line))).filter(|(_, line)| !line.is_empty())
}

fn one_line(tool: &str, rank: u8, file: &str, text: &str) -> Vec<Want> {
    lines(text).take(1).map(|(at, line)| want(tool, rank, file, at, line, pinned(line))).collect()
}

/// Several lines mean several versions side by side: any of them will do.
fn python_version(file: &str, text: &str) -> Vec<Want> {
    let all: Vec<(usize, &str)> = lines(text).collect();
    let Some((at, _)) = all.first() else { return Vec::new() };
    let words: Vec<&str> = all.iter().map(|(_, line)| *line).collect();
    vec![want("python", 1, file, *at, &words.join(", "), any_of(&words))]
}

fn any_of(words: &[&str]) -> Option<Requirement> {
    words.iter().filter_map(|word| pinned(word)).reduce(Requirement::or)
}

fn tool_versions(file: &str, text: &str) -> Vec<Want> {
    lines(text)
        .filter_map(|(at, line)| {
            let mut words = line.split_whitespace();
            let tool = words.next()?;
            let versions: Vec<&str> = words.collect();
            Some(want(tool, 3, file, at, &versions.join(", "), any_of(&versions)))
        })
        .collect()
}

fn located(file: &str, text: &str, error: &toml::de::Error) -> String {
    match error.span().map(|span| place(text, span.start)) {
        Some((line, column)) => format!("{file}:{line}:{column}: {}", error.message()),
        None => format!("{file}: {}", error.message()),
    }
}

#[derive(Deserialize)]
struct Mise {
    #[serde(default)]
    tools: BTreeMap<String, Spanned<toml::Value>>,
}

fn mise(file: &str, text: &str) -> Result<Vec<Want>, String> {
    let mise: Mise = toml::from_str(text).map_err(|error| located(file, text, &error))?;
    let wants = mise.tools.into_iter().filter_map(|(tool, said)| {
        let at = place(text, said.span().start).0;
        let of = |value: &toml::Value| match value {
            toml::Value::String(version) => Some(version.clone()),
            toml::Value::Table(table) => table.get("version")?.as_str().map(str::to_owned),
            _ => None,
        };
        let versions: Vec<String> = match said.get_ref() {
            toml::Value::Array(values) => values.iter().filter_map(of).collect(),
            other => of(other).into_iter().collect(),
        };
        let words: Vec<&str> = versions.iter().map(String::as_str).collect();
        (!words.is_empty()).then(|| want(&tool, 4, file, at, &words.join(", "), any_of(&words)))
    });
    Ok(wants.collect())
}

#[derive(Deserialize)]
struct PyProject {
    project: Option<PyProjectTable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PyProjectTable {
    requires_python: Option<Spanned<String>>,
}

fn pyproject(file: &str, text: &str) -> Result<Vec<Want>, String> {
    let whole: PyProject = toml::from_str(text).map_err(|error| located(file, text, &error))?;
    let said = whole.project.and_then(|project| project.requires_python);
    let wants = said.map(|said| {
        let at = place(text, said.span().start).0;
        want("python", 6, file, at, said.get_ref(), Requirement::python(said.get_ref()))
    });
    Ok(wants.into_iter().collect())
}

/// The `go` line is the least that will do; the `toolchain` line says what would be nice.
fn go(file: &str, text: &str) -> Vec<Want> {
    text.lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let line = line.split("//").next().unwrap_or("").trim();
            let (word, version) = line.split_once(char::is_whitespace)?;
            let version = version.trim();
            match word {
                "go" => Some(want("go", 6, file, at + 1, version, Requirement::at_least(version))),
                "toolchain" => {
                    let least = version.strip_prefix("go").and_then(Requirement::at_least);
                    Some(Want { suggestion: true, ..want("go", 9, file, at + 1, version, least) })
                }
                _ => None,
            }
        })
        .collect()
}

fn package_json(file: &str, text: &str) -> Result<Vec<Want>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        format!("{file}:{}:{}: {words}", error.line(), error.column())
    })?;
    let mut wants = Vec::new();
    let mut add = |tool: &str, rank: u8, path: &[&str], said: &Value, read: fn(&str) -> Option<Requirement>| {
        if let Some(said) = said.as_str() {
            wants.push(want(tool, rank, file, line_of(text, path), said, read(said)));
        }
    };
    for tool in ["node", "npm", "pnpm"] {
        add(tool, 0, &["volta", tool], &value["volta"][tool], pinned);
        add(tool, 6, &["engines", tool], &value["engines"][tool], Requirement::npm);
    }
    for kind in ["runtime", "packageManager"] {
        // One, or a list of which the first is preferred.
        let said = &value["devEngines"][kind];
        for one in said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice) {
            if let Some(tool) = one["name"].as_str() {
                add(tool, 5, &["devEngines", kind, "version"], &one["version"], Requirement::npm);
            }
        }
    }
    // `pnpm@9.1.0+sha512.…`: the hash is no part of the version.
    if let Some((tool, version)) = value["packageManager"].as_str().and_then(|said| said.split_once('@')) {
        let version = version.split('+').next().unwrap_or("");
        wants.push(want(tool, 0, file, line_of(text, &["packageManager"]), version, pinned(version)));
    }
    Ok(wants)
}
