//! What doctor can examine: every check with its level, its platforms and what it looks at.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use textwrap::core::display_width;

use super::{
    look::{Look, Tone},
    text,
};
use crate::{
    diagnose::Subject,
    model::{
        Level, Probe,
        check::{Check, Needs},
        report::{Program, SCHEMA},
    },
};

/// The list as data.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct List<'a> {
    schema: u32,
    doctor: &'a Program,
    checks: Vec<Row<'a>>,
}

/// One check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    id: String,
    tool: &'a str,
    section: &'a str,
    title: &'a str,
    level: Level,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    level_on: &'a BTreeMap<String, Level>,
    on: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    not_on: &'a [String],
    needs: Option<Needs>,
    requires: &'a [String],
    looks_at: LooksAt<'a>,
    /// The commands it runs at most, word by word; `…` differs from machine to machine.
    runs: Vec<Vec<String>>,
    diagnoses: Vec<String>,
}

/// What a probe looks at, exactly.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum LooksAt<'a> {
    Command(&'a [String]),
    LoginShell(&'a str),
    Files(&'a [String]),
    Folders(&'a [String]),
    Environment(&'a str),
    Probe(&'a str),
    AnyOf(&'a [String]),
}

fn looks_at(probe: &Probe) -> LooksAt<'_> {
    match probe {
        Probe::Command(command) => LooksAt::Command(&command.run),
        Probe::Shell(shell) => LooksAt::LoginShell(&shell.run),
        Probe::File(file) => LooksAt::Files(&file.read),
        Probe::Dir(dir) => LooksAt::Folders(&dir.list),
        Probe::Env(env) => LooksAt::Environment(&env.name),
        Probe::Native(native) => LooksAt::Probe(&native.name),
        Probe::AnyOf(ids) => LooksAt::AnyOf(ids),
    }
}

/// The commands that a check runs at most.
fn runs(check: &Check) -> Vec<Vec<String>> {
    match &check.probe {
        Probe::Command(command) => vec![command.run.clone()],
        Probe::Shell(shell) => vec![["…", "-lic", &shell.run].map(str::to_owned).to_vec()],
        _ => check.runs.iter().map(|typed| words(typed)).collect(),
    }
}

/// A command as check files write it, word by word; what a shell or an interpreter is given to run is one.
fn words(typed: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = typed;
    while let Some((word, more)) = rest.split_once(' ') {
        words.push(word.to_owned());
        rest = more;
        if matches!(word, "-c" | "-lic") {
            break;
        }
    }
    words.push(rest.to_owned());
    words
}

/// What a check looks at, for people.
pub fn look_words(check: &Check) -> String {
    match &check.probe {
        Probe::Command(command) => format!("runs `{}`", shell_words(&command.run)),
        Probe::Shell(shell) => format!("runs `{}` in your login shell", shell.run),
        Probe::File(file) => format!("reads {}", file.read.join(" or ")),
        Probe::Dir(dir) => format!("lists {}", dir.list.join(" or ")),
        Probe::Env(env) => format!("reads the environment variable {}", env.name),
        Probe::Native(native) => {
            let with: Vec<String> = native.with.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let with = if with.is_empty() { String::new() } else { format!(" ({})", with.join(", ")) };
            let runs: Vec<String> =
                check.runs.iter().map(|words| format!("`{}`", text::shown_command(words))).collect();
            let runs = match runs.is_empty() {
                true => "runs no command".to_owned(),
                false => format!("runs at most {}", text::list(&runs)),
            };
            format!("asks doctor's own probe `{}`{with}, which {runs}", native.name)
        }
        Probe::AnyOf(ids) => format!("asks whether one of {} passes", ids.join(", ")),
    }
}

/// Words of a command as they would be typed.
fn shell_words(argv: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=~".contains(c);
    let word = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}

impl<'a> List<'a> {
    /// Lists checks.
    pub fn new(doctor: &'a Program, subjects: impl Iterator<Item = Subject<'a>>) -> Self {
        let row = |subject: Subject<'a>| {
            let Subject { tool, check, .. } = subject;
            let id = subject.id();
            let on: Vec<&str> = check.on.iter().map(String::as_str).collect();
            Row {
                tool: &tool.tool,
                section: &tool.section,
                title: &check.title,
                level: check.level,
                level_on: &check.level_on,
                on: if on.is_empty() { vec!["any"] } else { on },
                not_on: &check.not_on,
                needs: check.needs,
                requires: &check.requires,
                looks_at: looks_at(&check.probe),
                runs: runs(check),
                diagnoses: check.diagnose.iter().map(|diagnosis| format!("{id}/{}", diagnosis.id)).collect(),
                id,
            }
        };
        Self { schema: SCHEMA, doctor, checks: subjects.map(row).collect() }
    }
}

/// Writes the list for people.
///
/// # Errors
/// What writing says.
pub fn terminal<'a>(subjects: impl Iterator<Item = Subject<'a>>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let subjects: Vec<Subject<'_>> = subjects.collect();
    let column = subjects.iter().map(|subject| display_width(&subject.id())).max().unwrap_or(0).min(32);
    let mut tool = None;
    for subject in &subjects {
        if tool != Some(subject.stem) {
            let section = match subject.tool.section.as_str() {
                "" => String::new(),
                section => look.paint(Tone::Faint, format!("  chapter {}", text::line(section, look))),
            };
            let gap = if tool.is_some() { "\n" } else { "" };
            writeln!(out, "{gap}{}{section}", look.paint(Tone::Strong, text::line(&subject.tool.tool, look)))?;
            tool = Some(subject.stem);
        }
        row(*subject, column, look, out)?;
    }
    writeln!(out)?;
    let words = format!("{}; `doctor explain ID` says more about each.", text::count(subjects.len(), "check"));
    text::wrap(&words, look, "", "").iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn row(subject: Subject<'_>, column: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let check = subject.check;
    let id = text::pad(&text::line(&subject.id(), look), column);
    let level = text::pad(check.level.word(), "recommended".len());
    let mut title = check.title.clone();
    match check.needs {
        Some(Needs::Online) => title.push_str(" (with `--online`)"),
        Some(Needs::Deep) => title.push_str(" (with `--deep`)"),
        None => {}
    }
    let hang = " ".repeat(2 + column + 2 + level.len() + 2);
    // On a narrow terminal the title gets a line of its own.
    if look.prose() < hang.len() + 30 {
        writeln!(out, "  {id}  {}", look.paint(Tone::Faint, check.level.word()))?;
        text::wrap(&title, look, "      ", "      ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    } else {
        for (index, line) in text::wrap(&title, look, &hang, &hang).iter().enumerate() {
            match index {
                0 => writeln!(out, "  {id}  {}  {}", look.paint(Tone::Faint, &level), line.trim_start())?,
                _ => writeln!(out, "{line}")?,
            }
        }
    }
    if look.verbose {
        let mut facts = vec![look_words(check)];
        if !check.on.is_empty() {
            facts.push(format!("on {}", check.on.join(", ")));
        }
        if !check.not_on.is_empty() {
            facts.push(format!("not on {}", check.not_on.join(", ")));
        }
        if !check.requires.is_empty() {
            facts.push(format!("after {}", check.requires.join(", ")));
        }
        for line in text::wrap(&facts.join(look.dot()), look, "      ", "        ") {
            writeln!(out, "{}", look.paint(Tone::Faint, line))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn commands_are_told_word_by_word() {
        assert_eq!(super::words("docker version"), ["docker", "version"]);
        assert_eq!(super::words("… -lic echo; printenv PATH"), ["…", "-lic", "echo; printenv PATH"]);
    }
}
