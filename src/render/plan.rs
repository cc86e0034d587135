//! A plan for people: each step with the commands exactly as they will run, what they change, what they need, and whose
//! they are to do; and what became of it.

use std::io::{self, Write};

use super::{
    look::{Look, Tone},
    text,
};
use crate::{
    model::{Os, Platform, fix::After},
    remedy::{By, Plan, Planned},
};

/// Where prose of a step starts, and where a command does.
const PROSE: &str = "    ";
const COMMAND: &str = "        ";

/// Writes the whole plan.
///
/// # Errors
/// What writing says.
pub fn overview(plan: &Plan, platform: &Platform, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", look.paint(Tone::Strong, headline(plan)))?;
    for (index, planned) in plan.steps.iter().enumerate() {
        writeln!(out)?;
        step(planned, index + 1, plan.steps.len(), platform, look, out)?;
    }
    unsolved(&plan.unsolved, look, out)
}

/// How much there is to do, one line.
fn headline(plan: &Plan) -> String {
    let all = plan.steps.len();
    let doctor = plan.steps.iter().filter(|planned| planned.by == By::Doctor).count();
    let others = plan.steps.iter().filter(|planned| matches!(planned.by, By::Staff | By::Admin)).count();
    let yours = all - doctor - others;
    let mut parts = Vec::new();
    for (number, words) in
        [(doctor, "that doctor can run"), (yours, "for you to do by hand"), (others, "for somebody else to do")]
    {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    match all {
        0 if plan.unsolved.is_empty() => "Nothing to fix.".to_owned(),
        0 => "There is nothing that doctor knows how to fix.".to_owned(),
        1 => format!("1 step: {}.", parts.concat().trim_start_matches("1 ")),
        _ => format!("{all} steps, in this order: {}.", text::list(&parts)),
    }
}

/// Writes one step.
///
/// # Errors
/// What writing says.
pub fn step(
    planned: &Planned,
    number: usize,
    count: usize,
    platform: &Platform,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let head = format!("Step {number} of {count}");
    let title = format!("{head}: {}", planned.found);
    for (index, line) in text::wrap(&title, look, "", PROSE).iter().enumerate() {
        match line.strip_prefix(&head).filter(|_| index == 0) {
            Some(rest) => writeln!(out, "{}{}", look.paint(Tone::Act, &head), look.paint(Tone::Strong, rest))?,
            None => writeln!(out, "{}", look.paint(Tone::Strong, line))?,
        }
    }
    let about = format!("{}, {}: {}", planned.tool, planned.level.word(), text::list(&planned.mends));
    faint(&about, look, out)?;
    if !planned.unblocks.is_empty() {
        let mut names: Vec<String> = planned.unblocks.iter().take(5).cloned().collect();
        if planned.unblocks.len() > names.len() {
            names.push(format!("{} more", planned.unblocks.len() - names.len()));
        }
        faint(&format!("Waiting for this: {}", text::list(&names)), look, out)?;
    }
    prose(whose(planned.by), look, out)?;
    if planned.step.installer {
        let from: Vec<String> = planned.addresses().map(str::to_owned).collect();
        prose("This is the maker's own installer. It is downloaded and run from:", look, out)?;
        for address in from {
            writeln!(out, "{COMMAND}{}", look.paint(Tone::Strong, text::command(&address)))?;
        }
    }
    if planned.step.destructive {
        prose("Careful: this removes or overwrites something.", look, out)?;
    }
    if !planned.step.run.is_empty() {
        let place = if platform.os == Os::Windows { " in PowerShell" } else { "" };
        let verb = if planned.by == By::Doctor { "Runs" } else { "Run" };
        writeln!(out, "{PROSE}{}", look.paint(Tone::Act, format!("{verb}{place}:")))?;
        for command in &planned.step.run {
            for line in text::command(command).lines() {
                writeln!(out, "{COMMAND}{line}")?;
            }
        }
    }
    prose(&changes(planned), look, out)?;
    prose(&needs(planned), look, out)?;
    prose(&text::sentence(&planned.step.act), look, out)?;
    if let Some(after) = planned.step.after() {
        prose(after.sentence(), look, out)?;
    }
    if !planned.step.see.is_empty() {
        faint(&format!("Read: {}", planned.step.see), look, out)?;
    }
    Ok(())
}

/// Whose a step is to do, where that is not doctor's.
pub fn whose(by: By) -> &'static str {
    match by {
        By::Doctor => "",
        By::Hand => "This one is yours to do by hand.",
        By::Eye => "This one is yours to do: the commands show something that you must judge.",
        By::Terminal => "This one is yours to do: it acts only on the terminal that it is typed into.",
        By::Staff => "Ask your course staff for help with this one.",
        By::Admin => "This needs someone with administrator rights on this machine.",
    }
}

fn changes(planned: &Planned) -> String {
    let changes: Vec<String> = planned.changes().into_iter().map(str::to_owned).collect();
    if changes.is_empty() || planned.by != By::Doctor { String::new() } else { format!("It {}.", text::list(&changes)) }
}

fn needs(planned: &Planned) -> String {
    let asked: Vec<String> = planned.step.ask.iter().map(|ask| ask.words().to_lowercase()).collect();
    let mut needs = Vec::new();
    if planned.sudo() {
        needs.push("your password (nothing shows while you type it)".to_owned());
    }
    needs.extend(asked);
    if planned.download() {
        needs.push("the network".to_owned());
    }
    if needs.is_empty() || planned.step.run.is_empty() {
        String::new()
    } else {
        format!("Needs {}.", text::list(&needs))
    }
}

/// Names the checks for which there is no step.
///
/// # Errors
/// What writing says.
pub fn unsolved(ids: &[String], look: Look, out: &mut dyn Write) -> io::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let words = format!("For {} no fix is known; show what `doctor` says of it to your course staff.", text::list(ids));
    text::wrap(&words, look, "", "").iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// What must still happen after all steps, the same for every step that asks for it.
pub fn afterwards(after: Option<After>) -> &'static str {
    match after {
        Some(After::NewTerminal) => "Open a new terminal: what was changed counts there.",
        Some(After::NewLogin) => "Log out and log in again: what was changed counts after that.",
        Some(After::Restart) => "Restart the computer: what was changed counts after that.",
        None => "",
    }
}

/// A line of prose within a step.
///
/// # Errors
/// What writing says.
pub fn prose(words: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    text::wrap(words, look, PROSE, PROSE).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn faint(words: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    text::wrap(words, look, PROSE, PROSE).iter().try_for_each(|line| writeln!(out, "{}", look.paint(Tone::Faint, line)))
}

/// What changed in a file, line by line, with three lines around each change.
///
/// # Errors
/// What writing says.
pub fn difference(file: &str, old: &str, new: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{PROSE}{}", look.paint(Tone::Strong, format!("What changes in {}:", text::line(file, look))))?;
    for (sign, line) in crate::remedy::difference::lines(old, new, 3) {
        let line = format!("{sign} {}", text::command(line));
        let tone = match sign {
            '+' => Tone::Good,
            '-' => Tone::Bad,
            _ => Tone::Faint,
        };
        writeln!(out, "{COMMAND}{}", look.paint(tone, line.trim_end()))?;
    }
    Ok(())
}
