//! What got better and what got worse, at a terminal and as Markdown.

use std::io::{self, Write};

use super::markdown::{code, escape};
use crate::{
    cohort::{
        Summary, Verdict,
        compare::{Change, Comparison, Diff, Found, LearnerChange, Side, Way},
    },
    render::{
        Look,
        look::Tone,
        text::{self, line},
    },
};

/// Learners that are named of each way where not everything is asked for.
const LEARNERS: usize = 50;

fn tone(way: Way) -> Tone {
    match way {
        Way::Worse => Tone::Bad,
        Way::Better => Tone::Good,
        Way::Changed | Way::Came | Way::Gone => Tone::Faint,
    }
}

fn verdict(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("no report", Verdict::words)
}

fn causes(change: &LearnerChange) -> String {
    let part = |words: &str, causes: &[String]| match causes {
        [] => None,
        causes => Some(format!("{words} {}", causes.join(", "))),
    };
    let parts = [part("mended:", &change.mended), part("new:", &change.broken)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Name of a number, before, after.
fn numbers(old: &Summary, new: &Summary) -> [(&'static str, usize, usize); 6] {
    [
        ("learners", old.learners, new.learners),
        ("ready", old.ready, new.ready),
        ("can fix it alone", old.alone, new.alone),
        ("need staff", old.staff, new.staff),
        ("need admin", old.admin, new.admin),
        ("not reported", old.not_reported, new.not_reported),
    ]
}

/// How many went which way.
fn ways(comparison: &Comparison) -> Vec<String> {
    let of = |way| comparison.learners.iter().filter(|change| change.way == way).count();
    let mut words: Vec<String> = Way::ALL.iter().map(|way| format!("{} {}", of(*way), way.word())).collect();
    words.push(format!("{} the same", comparison.same));
    words
}

/// Two cohorts at a terminal.
///
/// # Errors
/// What writing says.
pub fn cohorts(comparison: &Comparison, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let tone_of_all = if comparison.regression { Tone::Bad } else { Tone::Good };
    writeln!(out, "{}", look.paint(tone_of_all, format!("Learners: {}", ways(comparison).join(look.dot()))))?;
    let arrow = look.either("→", "->");
    let told: Vec<String> = (numbers(&comparison.old, &comparison.new).iter())
        .filter(|(_, old, new)| *old + *new > 0)
        .map(|(name, old, new)| format!("{name} {old} {arrow} {new}"))
        .collect();
    text::wrap(&told.join(look.dot()), look, "", "  ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if look.quiet {
        return Ok(());
    }
    for way in Way::ALL {
        let of: Vec<&LearnerChange> = comparison.learners.iter().filter(|change| change.way == way).collect();
        if of.is_empty() {
            continue;
        }
        let mut head = way.word().to_owned();
        head[..1].make_ascii_uppercase();
        writeln!(out, "\n{}", look.paint(tone(way), format!("{head} ({})", of.len())))?;
        let most = if look.verbose { of.len() } else { LEARNERS };
        for change in of.iter().take(most) {
            let causes = causes(change);
            let causes = if causes.is_empty() { String::new() } else { format!("; {causes}") };
            let words =
                format!("{}: {} {arrow} {}{causes}", line(&change.id, look), verdict(change.was), verdict(change.now));
            text::wrap(&words, look, "  ", "      ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        if of.len() > most {
            writeln!(out, "  and {} more (`-v` shows them)", of.len() - most)?;
        }
    }
    if !comparison.causes.is_empty() {
        writeln!(out, "\n{}", look.paint(Tone::Strong, "Causes, by learners who have them"))?;
    }
    for cause in &comparison.causes {
        let words = format!("{} {arrow} {}: {} ({})", cause.was, cause.now, cause.say, cause.id);
        text::wrap(&words, look, "  ", "      ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// Two cohorts as Markdown.
///
/// # Errors
/// What writing says.
pub fn cohorts_markdown(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Cohort: {}\n\n| | before | now |\n|---|---:|---:|", ways(comparison).join(", "))?;
    for (name, old, new) in numbers(&comparison.old, &comparison.new) {
        writeln!(out, "| {name} | {old} | {new} |")?;
    }
    if !comparison.learners.is_empty() {
        writeln!(out, "\n| learner | | before | now | causes |\n|---|---|---|---|---|")?;
    }
    for change in &comparison.learners {
        let (was, now) = (verdict(change.was), verdict(change.now));
        writeln!(
            out,
            "| {} | {} | {was} | {now} | {} |",
            escape(&change.id),
            change.way.word(),
            escape(&causes(change))
        )?;
    }
    if !comparison.causes.is_empty() {
        writeln!(out, "\n| cause | before | now |\n|---|---:|---:|")?;
    }
    for cause in &comparison.causes {
        writeln!(out, "| {} {} | {} | {} |", escape(&cause.say), code(&cause.id), cause.was, cause.now)?;
    }
    Ok(())
}

fn found(found: Option<&Found>) -> String {
    let Some(found) = found else { return "not there".to_owned() };
    let mut words = found.word.word().to_owned();
    if !found.version.is_empty() {
        words.push_str(&format!(" {}", found.version));
    }
    if !found.says.is_empty() {
        words.push_str(&format!(" ({})", found.says));
    } else if !found.diagnosis.is_empty() {
        words.push_str(&format!(" ({})", found.diagnosis));
    }
    words
}

fn sides(diff: &Diff) -> [(&'static str, &Side); 2] {
    [("before", &diff.old), ("now", &diff.new)]
}

fn head(diff: &Diff) -> String {
    let of = |way| diff.changes.iter().filter(|change| change.way == way).count();
    let words: Vec<String> =
        Way::ALL.iter().filter(|way| of(**way) > 0).map(|way| format!("{} {}", of(*way), way.word())).collect();
    let words = if words.is_empty() { "nothing changed".to_owned() } else { words.join(", ") };
    format!("{words}, {} the same", diff.same)
}

/// Two reports at a terminal.
///
/// # Errors
/// What writing says.
pub fn reports(diff: &Diff, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut words = head(diff);
    words[..1].make_ascii_uppercase();
    writeln!(out, "{}", look.paint(if diff.regression { Tone::Bad } else { Tone::Good }, words))?;
    if look.quiet {
        return Ok(());
    }
    for (name, side) in sides(diff) {
        let when = side.started.as_deref().unwrap_or("at an unknown time");
        let words = format!("{name}: {}, {when}, {}, {}", side.source, side.platform, side.verdict.words());
        for line in text::wrap(&words, look, "  ", "    ") {
            writeln!(out, "{}", look.paint(Tone::Faint, line))?;
        }
    }
    if diff.old.machine != diff.new.machine {
        writeln!(out, "  These are two machines.")?;
    }
    let arrow = look.either("→", "->");
    let mut last = None;
    for change in &diff.changes {
        if last != Some(change.way) {
            let mut head = change.way.word().to_owned();
            head[..1].make_ascii_uppercase();
            writeln!(out, "\n{}", look.paint(tone(change.way), head))?;
            last = Some(change.way);
        }
        let words = format!("{}: {} {arrow} {}", change.check, found(change.was.as_ref()), found(change.now.as_ref()));
        text::wrap(&words, look, "  ", "      ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// Two reports as Markdown.
///
/// # Errors
/// What writing says.
pub fn reports_markdown(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## doctor: {}\n\n| | report | made | platform | verdict |\n|---|---|---|---|---|", head(diff))?;
    for (name, side) in sides(diff) {
        let when = escape(side.started.as_deref().unwrap_or("unknown"));
        writeln!(
            out,
            "| {name} | {} | {when} | {} | {} |",
            escape(&side.source),
            escape(&side.platform),
            side.verdict.words()
        )?;
    }
    if diff.changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| | check | before | now |\n|---|---|---|---|")?;
    for Change { check, way, was, now } in &diff.changes {
        let (was, now) = (escape(&found(was.as_ref())), escape(&found(now.as_ref())));
        writeln!(out, "| {} | {} | {was} | {now} |", way.word(), code(check))?;
    }
    Ok(())
}
