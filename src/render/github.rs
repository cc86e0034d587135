//! Annotations for GitHub Actions, as workflow commands on standard output. Of each kind only the first ten of a step are
//! shown there, so the most telling ones come first and the last one counts the rest. The whole report goes into the
//! job's summary, see [`super::markdown`].
//!
//! Nothing that was seen can become a command of its own: line ends and `%` are escaped as the runner reads them, and
//! no line begins with anything but our own words.

use std::io::{self, Write};

use super::{Look, plain, text};
use crate::model::{Finding, Report, report::Standing};

/// How many annotations of one kind GitHub shows of one step.
pub const PER_KIND: usize = 10;

/// Writes the annotations, and the verdict.
///
/// # Errors
/// What writing says.
pub fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let of = |wanted: &[Standing]| {
        let kept = report.findings.iter().filter(|finding| wanted.contains(&report.standing(finding)));
        kept.collect::<Vec<&Finding>>()
    };
    if report.unknown_system() {
        writeln!(out, "::error title=doctor::{}", data(plain::UNKNOWN_SYSTEM))?;
    }
    let taken = usize::from(report.unknown_system());
    let mut errors = of(&[Standing::Failed]);
    errors.extend(of(&[Standing::Unclear]));
    kind("error", &errors, PER_KIND - taken, out)?;
    kind("warning", &of(&[Standing::Warned]), PER_KIND, out)?;
    let waivers = report.profile.iter().flat_map(|profile| &profile.waivers).filter(|waiver| waiver.is_expired());
    let expired: Vec<String> = waivers.map(|waiver| format!("{} ({})", waiver.id, waiver.until)).collect();
    if !expired.is_empty() {
        writeln!(
            out,
            "::notice title=doctor::{}",
            data(&format!("Waivers that have expired: {}", expired.join(", ")))
        )?;
    }
    // In a line that is no command the runner takes `##[` for the beginning of one, wherever it stands.
    let profile =
        report.profile.as_ref().map(|profile| format!("; {}", plain::profile(profile).replace("##[", "## [")));
    writeln!(out, "{}{}", plain::verdict(report), profile.unwrap_or_default())
}

fn kind(word: &str, findings: &[&Finding], most: usize, out: &mut dyn Write) -> io::Result<()> {
    let whole = if findings.len() > most { most - 1 } else { findings.len() };
    for finding in &findings[..whole] {
        let mut lines = vec![plain::found(finding)];
        lines.extend(plain::advice(finding));
        write!(out, "::{word} ")?;
        if let Some(asked) = &finding.asked {
            write!(out, "file={},line={},", property(&text::line(&asked.file, Look::default())), asked.line)?;
        }
        writeln!(out, "title={}::{}", property(&plain::name(finding)), data(&lines.join("\n")))?;
    }
    let rest: Vec<&str> = findings[whole..].iter().map(|finding| finding.id.as_str()).collect();
    if rest.is_empty() {
        return Ok(());
    }
    let words = text::line(&format!("{} more: {}", rest.len(), rest.join(", ")), Look::default());
    writeln!(out, "::{word} title=doctor::{}", data(&words))
}

/// A command's message as the runner reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
