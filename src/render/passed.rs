//! What is in order: one line per tool, or with `-v` every check with what shows it.

use std::io::{self, Write};

use textwrap::core::display_width;

use super::{
    look::{Look, Tone},
    text,
};
use crate::model::{Finding, Outcome, Source};

/// Writes the checks that passed.
pub(super) fn write(findings: &[Finding], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut tools: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.outcome == Outcome::Pass) {
        match tools.iter_mut().find(|(tool, _)| *tool == finding.tool) {
            Some((_, passed)) => passed.push(finding),
            None => tools.push((&finding.tool, vec![finding])),
        }
    }
    if tools.is_empty() {
        return Ok(());
    }
    if look.verbose { every(&tools, look, out) } else { folded(&tools, look, out) }
}

fn folded(tools: &[(&str, Vec<&Finding>)], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let column = tools.iter().map(|(tool, _)| display_width(tool)).max().unwrap_or(0).min(24);
    writeln!(out)?;
    for (tool, passed) in tools {
        let mark = look.mark(passed[0]).0;
        let name = text::pad(&text::line(tool, look), column);
        let facts = facts(passed);
        let hang = " ".repeat(4 + column + 2);
        // Everything before the facts has the width of `hang`, so the lines are wrapped with it and it is cut off.
        for (index, line) in text::wrap(&facts, look, &hang, &hang).iter().enumerate() {
            let rest = line.get(hang.len()..).unwrap_or("");
            if index == 0 {
                writeln!(out, "  {} {name}  {}", look.paint(Tone::Good, mark), look.paint(Tone::Faint, rest))?;
            } else {
                writeln!(out, "{hang}{}", look.paint(Tone::Faint, rest))?;
            }
        }
    }
    Ok(())
}

/// The versions of a tool's parts, or how much of it was looked at.
fn facts(passed: &[&Finding]) -> String {
    let mut versions: Vec<String> = Vec::new();
    for finding in passed {
        let Some(version) = &finding.version else { continue };
        let part = finding.id.split('.').nth(1).unwrap_or("");
        let words = match versions.is_empty() {
            true if named(finding, version) => finding.found.clone(),
            true => version.clone(),
            false => format!("{part} {version}"),
        };
        if !versions.iter().any(|known| known.ends_with(version.as_str())) {
            versions.push(words);
        }
    }
    match (versions.is_empty(), passed) {
        (false, _) => versions.join(", "),
        (true, [only]) if !only.found.is_empty() => only.found.clone(),
        _ => text::count(passed.len(), "check"),
    }
}

/// Whether it is another thing than the tool whose version this is, and which: `apt-get 2.6.1`.
fn named(finding: &Finding, version: &str) -> bool {
    let (found, tool) = (finding.found.to_lowercase(), finding.tool.to_lowercase());
    let word = tool.split([' ', '.']).next().unwrap_or_default();
    found.contains(version) && found.len() <= 40 && !found.contains(word)
}

fn every(tools: &[(&str, Vec<&Finding>)], look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (tool, passed) in tools {
        writeln!(out, "\n{}", look.paint(Tone::Strong, text::line(tool, look)))?;
        for finding in passed {
            let (mark, tone) = look.mark(finding);
            for (index, line) in text::wrap(&finding.title, look, "    ", "    ").iter().enumerate() {
                match index {
                    0 => writeln!(out, "  {} {}", look.paint(tone, mark), line.trim_start())?,
                    _ => writeln!(out, "{line}")?,
                }
            }
            if !finding.found.is_empty() && finding.found != finding.title {
                for line in text::wrap(&text::sentence(&finding.found), look, "      ", "      ") {
                    writeln!(out, "{line}")?;
                }
            }
            evidence(finding, look, "      ", out)?;
        }
    }
    Ok(())
}

/// What shows that a finding is true: version, path, source, other programs of the name, what was run and said.
pub(super) fn evidence(finding: &Finding, look: Look, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut facts = vec![finding.id.clone()];
    facts.extend(finding.version.clone());
    let mut lines = Vec::new();
    if let Some(seen) = &finding.evidence {
        facts.extend(Some(&seen.program).filter(|program| !program.is_empty()).cloned());
        match seen.source {
            Source::File if seen.files.is_empty() => {}
            Source::File => facts.push(format!("from {}", text::list(&seen.files))),
            Source::Command if seen.argv.is_empty() => {}
            Source::Command => {
                let exit = seen.exit.filter(|code| *code != 0).map(|code| format!(" (exit {code})"));
                facts.push(format!("from `{}`{}", text::shown_command(&seen.argv.join(" ")), exit.unwrap_or_default()));
            }
        }
        if seen.ms > 0 {
            facts.push(text::time(seen.ms));
        }
        let others: Vec<String> =
            seen.candidates.iter().filter(|candidate| **candidate != seen.program).cloned().collect();
        if !others.is_empty() {
            lines.push(format!("also on PATH: {}", others.join(", ")));
        }
        if finding.outcome != Outcome::Pass {
            lines.extend(seen.excerpt.lines().map(|line| format!("| {line}")));
        }
    }
    lines.insert(0, facts.join(look.dot()));
    for line in lines {
        for line in text::wrap(&line, look, indent, &format!("{indent}  ")) {
            writeln!(out, "{}", look.paint(Tone::Faint, line))?;
        }
    }
    Ok(())
}
