//! The Test Anything Protocol, version 14: one test point per check. What makes the machine unready is `not ok`; what
//! can wait is `not ok … # TODO`, which harnesses show and do not count; what does not apply is `# SKIP`.

use std::io::{self, Write};

use super::{junit::why_skipped, plain};
use crate::model::{Finding, Report, report::Standing};

/// Writes the stream.
///
/// # Errors
/// What writing says.
pub fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let lost = usize::from(report.unknown_system());
    writeln!(out, "TAP version 14")?;
    writeln!(out, "1..{}", report.findings.len() + lost)?;
    writeln!(out, "# {}", plain::verdict(report))?;
    if let Some(profile) = &report.profile {
        writeln!(out, "# {}", escape(&plain::profile(profile)))?;
    }
    for waiver in report.profile.iter().flat_map(|profile| &profile.waivers).filter(|waiver| waiver.is_expired()) {
        let words = format!("the waiver of {} has expired on {}", waiver.id, waiver.until);
        writeln!(out, "# {}", escape(&super::text::line(&words, super::Look::default())))?;
    }
    if lost > 0 {
        writeln!(out, "not ok 1 - doctor: the system is known")?;
        block(&[("message", plain::UNKNOWN_SYSTEM.to_owned())], &[], out)?;
    }
    for (index, finding) in report.findings.iter().enumerate() {
        point(report, index + 1 + lost, finding, out)?;
    }
    Ok(())
}

fn point(report: &Report, number: usize, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let name = escape(&plain::name(finding));
    let reason = || format!("{}{}", why_skipped(report, finding), plain::found(finding));
    match report.standing(finding) {
        Standing::Passed => return writeln!(out, "ok {number} - {name}"),
        Standing::Skipped | Standing::Blocked => {
            return writeln!(out, "ok {number} - {name} # SKIP {}", escape(&reason()));
        }
        Standing::Failed | Standing::Unclear => writeln!(out, "not ok {number} - {name}")?,
        Standing::Warned => writeln!(out, "not ok {number} - {name} # TODO {}", escape(&reason()))?,
        Standing::Waived => {
            let waived = finding.waived.as_ref().map_or("", |waived| waived.reason.as_str());
            let words = super::text::line(&format!("waived: {waived}"), super::Look::default());
            writeln!(out, "not ok {number} - {name} # TODO {}", escape(&words))?;
        }
    }
    let facts = [
        ("message", plain::found(finding)),
        ("severity", if report.standing(finding).is_bad() { "fail" } else { "todo" }.to_owned()),
        ("state", plain::state(finding)),
        ("level", finding.level.word().to_owned()),
        ("asked", plain::asked(finding)),
    ];
    block(&facts, &plain::advice(finding), out)
}

/// A YAML block, every scalar in double quotes: what a harness's small YAML reader knows.
fn block(facts: &[(&str, String)], advice: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  ---")?;
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "  {name}: {}", quoted(value))?;
    }
    if !advice.is_empty() {
        writeln!(out, "  fix:")?;
        advice.iter().try_for_each(|line| writeln!(out, "    - {}", quoted(line)))?;
    }
    writeln!(out, "  ...")
}

/// A text in a test point: `#` would start a directive.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#").replace(['\n', '\r'], " ")
}

/// A YAML scalar in double quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t"))
}
