//! JUnit's XML as Jenkins and GitLab read it: one suite per tool, one case per check. Failed, in error and skipped are
//! told apart: a failure makes the machine unready, an error could not be told, everything else that is no pass is a
//! skip with its reason. The elements and attributes are those of the xUnit plugin's `junit-10.xsd`.

use std::io::{self, Write};

use super::plain;
use crate::model::{
    Finding, Report,
    report::{Standing, Waiver},
};

/// What stands in a case.
enum Result<'a> {
    Passed,
    Failure(&'a Finding),
    Error(&'a Finding),
    Skipped(&'a Finding),
}

/// Writes the document.
///
/// # Errors
/// What writing says.
pub fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<&Finding> = report.findings.iter().collect();
    let lost = usize::from(report.unknown_system());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"doctor\" tests=\"{}\" failures=\"{}\" errors=\"{}\"{}>",
        all.len() + lost,
        count(report, &all, Standing::Failed),
        count(report, &all, Standing::Unclear) + lost,
        time(report, report.run.ms)
    )?;
    if lost > 0 {
        writeln!(out, "  <testsuite name=\"doctor\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">")?;
        writeln!(out, "    <testcase name=\"The system is known\" classname=\"doctor\">")?;
        writeln!(out, "      <error type=\"unknown-system\" message={}/>", attribute(plain::UNKNOWN_SYSTEM))?;
        writeln!(out, "    </testcase>\n  </testsuite>")?;
    }
    let mut rest = all.as_slice();
    while let Some(first) = rest.first() {
        let end = rest.iter().position(|finding| finding.tool != first.tool).unwrap_or(rest.len());
        suite(report, &rest[..end], out)?;
        rest = &rest[end..];
    }
    writeln!(out, "</testsuites>")
}

fn suite(report: &Report, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let (failures, errors) = (count(report, findings, Standing::Failed), count(report, findings, Standing::Unclear));
    let skipped = findings.len() - failures - errors - count(report, findings, Standing::Passed);
    // The schema knows no zone; the time is in UTC.
    let started = report.run.started.trim_end_matches('Z');
    let started = if started.is_empty() { String::new() } else { format!(" timestamp={}", attribute(started)) };
    writeln!(
        out,
        "  <testsuite name={} tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"{}{started}>",
        attribute(&findings[0].tool),
        findings.len(),
        time(report, findings.iter().map(|finding| finding.ms).sum()),
    )?;
    properties(report, out)?;
    for finding in findings {
        let class = finding.id.split('.').next().unwrap_or_default();
        write!(
            out,
            "    <testcase name={} classname={}{}",
            attribute(&plain::name(finding)),
            attribute(class),
            time(report, finding.ms)
        )?;
        match result(report, finding) {
            Result::Passed => writeln!(out, "/>")?,
            Result::Failure(finding) => outcome("failure", "", finding, out)?,
            Result::Error(finding) => outcome("error", "", finding, out)?,
            Result::Skipped(finding) => outcome("skipped", why_skipped(report, finding), finding, out)?,
        }
    }
    writeln!(out, "  </testsuite>")
}

fn result<'a>(report: &Report, finding: &'a Finding) -> Result<'a> {
    match report.standing(finding) {
        Standing::Passed => Result::Passed,
        Standing::Failed => Result::Failure(finding),
        Standing::Unclear => Result::Error(finding),
        Standing::Warned | Standing::Skipped | Standing::Blocked | Standing::Waived => Result::Skipped(finding),
    }
}

fn count(report: &Report, findings: &[&Finding], standing: Standing) -> usize {
    findings.iter().filter(|finding| report.standing(finding) == standing).count()
}

/// What stands before the reason of a skip, so that a list of skips tells which ones want a look.
pub(super) fn why_skipped(report: &Report, finding: &Finding) -> &'static str {
    match report.standing(finding) {
        Standing::Warned => "to look at: ",
        Standing::Waived => "waived: ",
        _ => "",
    }
}

fn outcome(element: &str, prefix: &str, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let waived = finding.waived.as_ref().map(|waived| format!("{} (until {}); ", waived.reason, waived.until));
    let message = format!("{prefix}{}{}", waived.unwrap_or_default(), plain::found(finding));
    // Only what somebody should act on comes with advice.
    let advice = if element == "skipped" && prefix.is_empty() { Vec::new() } else { plain::advice(finding) };
    writeln!(out, ">")?;
    write!(out, "      <{element} type={} message={}", attribute(&plain::state(finding)), attribute(&message))?;
    if advice.is_empty() {
        writeln!(out, "/>")?;
    } else {
        writeln!(out, ">{}</{element}>", content(&advice.join("\n")))?;
    }
    writeln!(out, "    </testcase>")
}

fn properties(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let doctor = [("doctor.version", &report.doctor.version), ("doctor.checks", &report.doctor.checks)];
    let label = [("doctor.label", &report.machine.label)];
    let profile = report.profile.iter().flat_map(|profile| {
        [("profile.name", &profile.name), ("profile.version", &profile.version), ("profile.digest", &profile.digest)]
    });
    writeln!(out, "    <properties>")?;
    for (name, value) in doctor.into_iter().chain(label).chain(profile).filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "      <property name={} value={}/>", attribute(name), attribute(value))?;
    }
    let waivers = report.profile.iter().flat_map(|profile| &profile.waivers);
    for Waiver { id, until, .. } in waivers.filter(|waiver| waiver.is_expired()) {
        writeln!(out, "      <property name=\"waiver.expired\" value={}/>", attribute(&format!("{id} {until}")))?;
    }
    writeln!(out, "    </properties>")
}

/// The attribute `time` in seconds; none in a stable report.
fn time(report: &Report, ms: u64) -> String {
    if report.run.stable { String::new() } else { format!(" time=\"{}.{:03}\"", ms / 1000, ms % 1000) }
}

/// A text as an attribute's value, with its quotes; line ends stay line ends.
fn attribute(text: &str) -> String {
    format!("\"{}\"", content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;"))
}

/// A text between tags, without characters that XML 1.0 has no way to write.
fn content(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // `]]>` may not stand in text.
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => {}
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
        assert_eq!(content("a<b>&c]]>\0\u{1b}[2J\u{fffe}\u{9b}é"), "a&lt;b&gt;&amp;c]]&gt;[2J\u{fffd}é");
        assert_eq!(attribute("\"'\n\tx"), "\"&quot;'&#10;&#9;x\"");
    }
}
