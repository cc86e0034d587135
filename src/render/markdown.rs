//! Markdown for job summaries, merge requests and files: the problems with what to paste, then what passed. Text that was
//! seen stays text: no HTML, no links, no mentions, and no fence that it could close.

use std::io::{self, Write};

use super::{Look, plain, terminal, text};
use crate::model::{Finding, Report, report::Standing};

/// The most that GitHub takes as one step's summary, with room for what another program wrote there.
pub const MOST: usize = 1000 * 1000;

/// Writes the whole view.
///
/// # Errors
/// What writing says.
pub fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## doctor: {}\n", escape(&plain::verdict(report)))?;
    writeln!(out, "{}\n", escape(&text::line(&terminal::system(&report.platform), Look::default())))?;
    if report.unknown_system() {
        writeln!(out, "{}\n", escape(&text::sentence(plain::UNKNOWN_SYSTEM)))?;
    }
    let mut left = MOST;
    for (mark, wanted) in [("❌", Standing::Failed), ("❓", Standing::Unclear), ("⚠️", Standing::Warned)] {
        for finding in of(report, wanted) {
            let mut section = Vec::new();
            problem(mark, finding, &mut section)?;
            // What no longer fits is still counted above; a summary that is too long would not be shown at all.
            if section.len() > left {
                writeln!(out, "### {mark} {}\n", escape(&plain::name(finding)))?;
                continue;
            }
            left -= section.len();
            out.write_all(&section)?;
        }
    }
    waived(report, out)?;
    table("passed", &of(report, Standing::Passed), |finding| finding.version.clone().unwrap_or_default(), out)?;
    let mut skipped = of(report, Standing::Blocked);
    skipped.extend(of(report, Standing::Skipped));
    table("skipped", &skipped, plain::found, out)?;
    about(report, out)
}

fn of(report: &Report, wanted: Standing) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| report.standing(finding) == wanted).collect()
}

fn problem(mark: &str, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {mark} {}\n", escape(&plain::found(finding)))?;
    let tool = text::line(&finding.tool, Look::default());
    writeln!(out, "{} · {} · {}\n", escape(&tool), code(&plain::state(finding)), finding.level.word())?;
    let mut commands: Vec<String> = Vec::new();
    for line in plain::advice(finding) {
        if let Some(command) = line.strip_prefix("    ") {
            commands.push(command.to_owned());
            continue;
        }
        block(&mut commands, out)?;
        writeln!(out, "{}\n", escape(&line))?;
    }
    block(&mut commands, out)
}

/// Commands in a fence that is longer than any run of backticks in them.
fn block(commands: &mut Vec<String>, out: &mut dyn Write) -> io::Result<()> {
    if commands.is_empty() {
        return Ok(());
    }
    let all = std::mem::take(commands).join("\n");
    let fence = "`".repeat(longest_run(&all).max(2) + 1);
    writeln!(out, "{fence}sh\n{all}\n{fence}\n")
}

fn waived(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(profile) = report.profile.as_ref().filter(|profile| !profile.waivers.is_empty()) else { return Ok(()) };
    for finding in of(report, Standing::Waived) {
        let Some(waived) = &finding.waived else { continue };
        let words = format!("{}; waived until {}: {}", plain::found(finding), waived.until, waived.reason);
        writeln!(out, "* {} {}", code(&plain::state(finding)), escape(&text::line(&words, Look::default())))?;
    }
    for waiver in profile.waivers.iter().filter(|waiver| waiver.is_expired()) {
        let until = text::line(&waiver.until, Look::default());
        writeln!(out, "* the waiver of {} has expired on {}", code(&waiver.id), escape(&until))?;
    }
    writeln!(out)
}

fn table(what: &str, findings: &[&Finding], last: impl Fn(&Finding) -> String, out: &mut dyn Write) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>{} {what}</summary>\n\n| check | | |\n|---|---|---|", findings.len())?;
    for finding in findings {
        let title = text::line(&finding.title, Look::default());
        let last = text::line(&last(finding), Look::default());
        writeln!(out, "| {} | {} | {} |", code(&finding.id), escape(&title), escape(&last))?;
    }
    writeln!(out, "\n</details>\n")
}

fn about(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut words = vec![format!("doctor {}, checks {}", report.doctor.version, report.doctor.checks)];
    if let Some(profile) = &report.profile {
        words.push(plain::profile(profile));
    }
    if !report.run.stable {
        words.push(report.run.started.clone());
    }
    writeln!(out, "{}", escape(&text::line(&words.join(" · "), Look::default())))
}

/// A text in backticks, whatever backticks it has; never breaks a table's cell.
fn code(text: &str) -> String {
    let text = text::line(text, Look::default()).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A text on one line that means nothing to Markdown. An invisible space follows `@`, because mentions are looked for
/// in what the Markdown shows; addresses in `<…>` stay links.
fn escape(text: &str) -> String {
    if let Some(page) = text.strip_prefix("Read <https://").and_then(|rest| rest.strip_suffix(">."))
        && !page.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '\\'))
    {
        return format!("Read <https://{page}>.");
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("@&#8203;"),
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(escape("<img onerror=1> @all [x](y) a|b"), "&lt;img onerror=1&gt; @&#8203;all \\[x\\]\\(y\\) a\\|b");
        assert_eq!(code("a``b|c"), "```a``b\\|c```");
        let mut out = Vec::new();
        block(&mut vec!["echo '````'".to_owned()], &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().starts_with("`````sh\n"));
        assert_eq!(escape("Read <https://x.org/a_b>."), "Read <https://x.org/a_b>.");
        assert!(!escape("Read <https://x.org/ <b>>.").contains('<'));
    }
}
