//! A report for people: the verdict, the problems with what to paste, then what is in order, then what to do next.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    look::{Look, Tone},
    passed, problem, text,
};
use crate::{
    calendar,
    model::{Finding, Level, Os, Outcome, Platform, Report, report::Verdict},
};

/// Writes the whole view.
///
/// # Errors
/// What writing says.
pub fn report(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let told = Told::of(report);
    told.verdict(report, look, out)?;
    if look.quiet {
        return Ok(());
    }
    for line in text::wrap(&about(report, look), look, "", "  ") {
        writeln!(out, "{}", look.paint(Tone::Faint, line))?;
    }
    if look.verbose {
        machine(report, look, out)?;
    }
    told.problems(report, look, out)?;
    passed::write(&report.findings, look, out)?;
    told.waived(report, look, out)?;
    told.skipped(report, look, out)?;
    told.knowledge(report, look, out)?;
    writeln!(out)?;
    text::wrap(&told.next(report), look, "", "").iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// A report's findings, sorted by how they are told.
struct Told<'a> {
    /// What must be mended before the machine is ready, in the chapter's order.
    must: Vec<&'a Finding>,
    /// What is worth a look, in the chapter's order.
    look: Vec<&'a Finding>,
    /// What waits for a problem, by the problem's id.
    waiting: BTreeMap<&'a str, Vec<&'a Finding>>,
    /// What does not count because the profile waives it.
    waived: Vec<&'a Finding>,
    /// What was not looked at, and what is missing but not missed.
    rest: Vec<&'a Finding>,
}

impl<'a> Told<'a> {
    fn of(report: &'a Report) -> Self {
        let (must, look, waived, rest) = Default::default();
        let mut told = Self { must, look, waiting: BTreeMap::new(), waived, rest };
        let strict = report.run.strict;
        let is_told = |id: &str| report.findings.iter().any(|finding| finding.id == id && finding.is_problem());
        for finding in &report.findings {
            let required = finding.level == Level::Required;
            match (&finding.blocked_by, finding.outcome) {
                (_, Outcome::Pass) => {}
                _ if finding.waived.is_some() => told.waived.push(finding),
                (Some(by), _) if is_told(by) => told.waiting.entry(by).or_default().push(finding),
                // Without its cause in sight it would make the machine unready without a word.
                (Some(_), _) if required => told.must.push(finding),
                _ if !finding.is_problem() => told.rest.push(finding),
                _ if required || strict && finding.is_warning() => told.must.push(finding),
                _ => told.look.push(finding),
            }
        }
        told
    }

    fn verdict(&self, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let (must, other) = (self.must.len(), self.look.len());
        let ready = report.summary.verdict == Verdict::Ready;
        let mut things = Vec::new();
        if must > 0 {
            things.push(format!("{} to fix", text::count(must, "thing")));
        }
        match other {
            0 => {}
            _ if must > 0 => things.push(format!("{other} to look at")),
            _ => things.push(format!("{} to look at", text::count(other, "thing"))),
        }
        let (word, rest) = if !ready && report.platform.os == Os::Other {
            ("Not ready", ": doctor does not know this system, so it cannot judge it".to_owned())
        } else if !ready {
            ("Not ready", format!(": {}", text::list(&things)))
        } else if !things.is_empty() {
            ("Ready", format!(", with {}", text::list(&things)))
        } else if report.summary.passed == 0 {
            ("Nothing to examine", ": no selected check applies here".to_owned())
        } else {
            ("Ready", format!(": {} passed", text::count(report.summary.passed, "check")))
        };
        let tone = if ready { Tone::Good } else { Tone::Bad };
        writeln!(out, "{}{}", look.paint(tone, word), look.paint(Tone::Strong, rest))
    }

    /// Required ones before the others, each group in the chapter's order, under their tool's name.
    fn problems(&self, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let mut hints = problem::Hints::new(&report.platform);
        for group in [&self.must, &self.look] {
            let mut tool = None;
            for finding in group {
                writeln!(out)?;
                if tool != Some(&finding.tool) {
                    writeln!(out, "{}", look.paint(Tone::Strong, text::line(&finding.tool, look)))?;
                    tool = Some(&finding.tool);
                }
                let waiting = self.waiting.get(finding.id.as_str()).map_or(&[][..], Vec::as_slice);
                problem::write(finding, waiting, look, &mut hints, out)?;
            }
        }
        Ok(())
    }

    /// What the profile waives, each with its reason, and the waivers whose day has passed.
    fn waived(&self, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = Vec::new();
        for finding in &self.waived {
            let Some(waived) = &finding.waived else { continue };
            let words = format!("{}: waived until {}: {}", finding.id, waived.until, waived.reason);
            lines.extend(text::wrap(&words, look, "  - ", "    "));
        }
        for waiver in report.profile.iter().flat_map(|profile| &profile.waivers).filter(|waiver| waiver.is_expired()) {
            let words = format!("the waiver of {} has expired on {}: {}", waiver.id, waiver.until, waiver.reason);
            lines.extend(text::wrap(&words, look, "  ! ", "    "));
        }
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn skipped(&self, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        if !look.verbose {
            let words = format!("{} skipped (`doctor -v` names them)", text::count(skipped(report), "check"));
            // Below what passed it belongs to that list; alone it stands apart from the problems.
            if report.summary.passed == 0 {
                writeln!(out)?;
            }
            return writeln!(out, "  - {}", look.paint(Tone::Faint, words));
        }
        writeln!(out, "\n{}", look.paint(Tone::Strong, "Skipped"))?;
        // Checks with the same reason are told together.
        let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
        for finding in &self.rest {
            let found = if finding.found.is_empty() { &finding.title } else { &finding.found };
            match reasons.iter_mut().find(|(reason, _)| reason == found) {
                Some((_, ids)) => ids.push(finding.id.clone()),
                None => reasons.push((found, vec![finding.id.clone()])),
            }
        }
        for (reason, ids) in reasons {
            let words = format!("{reason}: {}", text::list(&ids));
            text::wrap(&words, look, "  - ", "    ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        Ok(())
    }

    fn knowledge(&self, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let days = calendar::days(&report.doctor.knowledge).zip(calendar::days(&report.platform.today));
        if days.is_none_or(|(taken, today)| today - taken <= 365) {
            return Ok(());
        }
        let words = format!(
            "What doctor knows about versions is of {}, more than a year old; a newer doctor may judge otherwise.",
            report.doctor.knowledge
        );
        writeln!(out)?;
        text::wrap(&words, look, "", "").iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn next(&self, report: &Report) -> String {
        // `doctor fix` knows the chapter, and neither what another profile asks for nor what a project does.
        let profile = report.profile.as_ref().filter(|profile| !profile.is_default());
        let ours = |file: &str| profile.is_some_and(|profile| profile.file == file);
        let project = self.must.iter().filter_map(|finding| finding.asked.as_ref()).any(|asked| !ours(&asked.file));
        let named = profile.filter(|profile| !profile.found);
        let (by, command) = match named {
            _ if project => ("", "the same command".to_owned()),
            Some(profile) => {
                let name = if profile.file.is_empty() { &profile.name } else { &profile.file };
                ("", format!("`doctor --profile {}`", text::line(name, Look::default())))
            }
            None => (", by hand or with `doctor fix`", "`doctor`".to_owned()),
        };
        let again = if report.run.replayed { String::new() } else { format!(", then run {command} again") };
        match (report.summary.verdict, self.must.len(), self.look.len()) {
            (Verdict::NotReady, 0, _) => "Next: show this to your course staff.".to_owned(),
            (Verdict::NotReady, 1, _) => {
                format!("Next: fix what is marked `{}`{by}{again}.", word(self.must[0]))
            }
            (Verdict::NotReady, must, _) => {
                format!("Next: fix these {must} things from the top{by}{again}.")
            }
            (Verdict::Ready, _, 0) => "Next: nothing to do.".to_owned(),
            (Verdict::Ready, ..) => "Next: you can start; what is marked `recommended` can wait.".to_owned(),
        }
    }
}

fn word(finding: &Finding) -> &'static str {
    finding.level.word()
}

/// What was not looked at for whatever reason: one number, the same above and below.
fn skipped(report: &Report) -> usize {
    report.summary.skipped + report.summary.blocked
}

/// One line about the machine and the run.
fn about(report: &Report, look: Look) -> String {
    let summary = &report.summary;
    let mut parts = vec![system(&report.platform), format!("{} passed", summary.passed)];
    if skipped(report) > 0 {
        parts.push(format!("{} skipped", skipped(report)));
    }
    if let Some(profile) = report.profile.as_ref().filter(|profile| !profile.is_default()) {
        parts.push(super::plain::profile_name(profile));
    }
    if report.run.replayed {
        parts.push("from a recording".to_owned());
    } else if !report.run.stable {
        parts.push(text::time(report.run.ms));
    }
    parts.join(look.dot())
}

/// The system's name for people.
pub fn system(platform: &Platform) -> String {
    let os = match platform.os {
        Os::Linux => "Linux",
        Os::Macos => "macOS",
        Os::Windows => "Windows",
        Os::Other => "an unknown system",
    };
    let name = match (platform.name.as_str(), platform.distro.as_str()) {
        ("", "") => format!("{os} {}", platform.version),
        ("", distro) => format!("{distro} {}", platform.version),
        (name, _) => name.to_owned(),
    };
    let mut words = vec![name.trim().to_owned()];
    if platform.wsl > 0 {
        words.push(format!("WSL {}", platform.wsl));
    }
    if !platform.container.is_empty() {
        words.push(format!("{} container", platform.container));
    }
    if !platform.hardware().is_empty() {
        words.push(platform.hardware().to_owned());
    }
    words.join(", ")
}

/// What a person who doubts the report wants to know of the run.
fn machine(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![format!("doctor {}, checks {}", report.doctor.version, report.doctor.checks)];
    if !report.doctor.knowledge.is_empty() {
        lines[0].push_str(&format!(", knowledge of {}", report.doctor.knowledge));
    }
    if let Some(profile) = &report.profile {
        lines.push(super::plain::profile(profile));
    }
    let label = Some(&report.machine.label).filter(|label| !label.is_empty());
    let machine = [Some(&report.machine.id), Some(&report.machine.scope), label];
    let known: Vec<&str> = machine.into_iter().flatten().map(String::as_str).filter(|word| !word.is_empty()).collect();
    lines.push(format!("machine {}", known.join(", ")));
    if !report.platform.shell.is_empty() {
        lines.push(format!("login shell {}", report.platform.shell));
    }
    lines.extend(report.platform.evidence.iter().cloned());
    for line in lines {
        for line in text::wrap(&line, look, "  ", "    ") {
            writeln!(out, "{}", look.paint(Tone::Faint, line))?;
        }
    }
    Ok(())
}
