//! A finding in plain words for the views that other programs show: one line that says what was found, and what to do
//! about it line by line, harmless on any screen. Each view escapes the result for what it writes.

use super::{Look, text};
use crate::model::{
    Finding, Owner,
    report::{Profile, Report},
};

/// The finding's id and the healthy condition, on one line.
pub(super) fn name(finding: &Finding) -> String {
    text::line(&format!("{}: {}", finding.id, finding.title), Look::default())
}

/// What was found, on one line; the healthy condition that does not hold where nothing else is known.
pub(super) fn found(finding: &Finding) -> String {
    let found = text::line(&finding.found, Look::default());
    if found.is_empty() { text::line(&finding.title, Look::default()) } else { found }
}

/// The state's id where it has one, else the check's.
pub(super) fn state(finding: &Finding) -> String {
    text::line(finding.diagnosis.as_deref().unwrap_or(&finding.id), Look::default())
}

/// Who asks for which version, in words; empty where no file does.
pub(super) fn asked(finding: &Finding) -> String {
    finding.asked.as_ref().map_or_else(String::new, |asked| {
        text::line(&format!("{}:{} asks for {}", asked.file, asked.line, asked.version), Look::default())
    })
}

/// Why it matters and what to do, line by line: commands on lines of their own, set off by four spaces.
pub(super) fn advice(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |words: &str| {
        let words = text::sentence(&text::line(words, Look::default()));
        if !words.is_empty() {
            lines.push(words);
        }
    };
    say(&asked(finding));
    say(&finding.why);
    let Some(step) = &finding.fix else {
        say(&page(finding));
        return lines;
    };
    match step.owner {
        Owner::Learner => {}
        Owner::Staff => say("Ask your course staff for help with this one"),
        Owner::Admin => say("This needs someone with administrator rights on this machine"),
    }
    for (holds, words) in [
        (step.installer, "This downloads the maker's own installer and runs it"),
        (step.destructive, "Careful: this removes or overwrites something"),
        (!step.run.is_empty(), "Run:"),
    ] {
        if holds {
            say(words);
        }
    }
    for command in &step.run {
        lines.extend(text::command(command).lines().map(|line| format!("    {line}")));
    }
    let mut say = |words: &str| {
        let words = text::sentence(&text::line(words, Look::default()));
        if !words.is_empty() {
            lines.push(words);
        }
    };
    say(&step.act);
    say(step.after_sentence().unwrap_or_default().trim_end_matches('.'));
    say(&page(finding));
    lines
}

/// `Read ADDRESS`, or nothing.
fn page(finding: &Finding) -> String {
    let own = finding.fix.as_ref().map(|step| &step.see).filter(|page| !page.is_empty());
    let page = own.unwrap_or(&finding.see);
    // A full stop behind an address becomes part of it where programs make links.
    if page.is_empty() { String::new() } else { format!("Read <{page}>") }
}

/// `Ready`, or `Not ready`, with the counts.
pub(super) fn verdict(report: &Report) -> String {
    let counts = &report.summary;
    let mut words = vec![format!("{} passed", counts.passed)];
    for (count, what) in [
        (counts.failed, "failed"),
        (counts.unknown, "unknown"),
        (counts.warned, "to look at"),
        (counts.waived, "waived"),
        (counts.blocked, "blocked"),
        (counts.skipped, "skipped"),
    ] {
        if count > 0 {
            words.push(format!("{count} {what}"));
        }
    }
    let ready = if report.summary.verdict == crate::model::report::Verdict::Ready { "Ready" } else { "Not ready" };
    format!("{ready}: {}", words.join(", "))
}

/// Which profile said what "ready" means, in few words.
pub(super) fn profile_name(profile: &Profile) -> String {
    let words = if profile.found {
        format!("versions and levels of {}", profile.file)
    } else {
        format!("profile {} {}", profile.name, profile.version)
    };
    text::line(&words, Look::default())
}

/// Which profile said what "ready" means, and where it came from.
pub(super) fn profile(profile: &Profile) -> String {
    let mut words = vec![format!("profile {}", profile.name)];
    words.extend(Some(&profile.version).filter(|version| !version.is_empty()).cloned());
    words.push(format!("({})", profile.digest));
    if !profile.file.is_empty() {
        words.push(format!("from {}", profile.file));
    }
    if profile.found {
        words.push("of this folder, for versions and levels only".to_owned());
    }
    text::line(&words.join(" "), Look::default())
}

/// What is said of a system that doctor does not know.
pub(super) const UNKNOWN_SYSTEM: &str = "doctor does not know this system, so it cannot judge it";
