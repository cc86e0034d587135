//! One problem: what was found, why it matters, what to paste, what to do after it.

use std::io::{self, Write};

use super::{
    look::{Look, Tone},
    passed, text,
};
use crate::model::{Finding, Os, Outcome, Owner, Platform, Step, platform::Escalate};

/// Hints that are given once and not at each problem.
#[derive(Debug)]
pub struct Hints {
    windows: bool,
    password: bool,
}

impl Hints {
    /// For problems of this machine.
    pub fn new(platform: &Platform) -> Self {
        let windows = platform.os == Os::Windows;
        // Where there is neither sudo nor doas the step is an administrator's, and nobody here is asked.
        Self { windows, password: !windows && platform.escalate != Escalate::None }
    }
}

/// Where prose about a problem starts, and where a command does.
const PROSE: &str = "    ";
const COMMAND: &str = "        ";

/// Writes a problem and names what waits for it.
pub(super) fn write(
    finding: &Finding,
    waiting: &[&Finding],
    look: Look,
    hints: &mut Hints,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (mark, tone) = look.mark(finding);
    // "It ended with code 1" says nothing as a head, because nobody knows yet what it is.
    let bare = finding.found.is_empty() || finding.found.starts_with("It ");
    let found = match finding.outcome {
        _ if !bare => finding.found.clone(),
        Outcome::Unknown => format!("Unclear: {}", finding.title),
        _ => format!("Not yet: {}", finding.title),
    };
    // The head is wrapped as plain text and coloured then, so that colours never count as columns.
    let head = format!("{mark} {}", finding.level.word());
    let lines = text::wrap(&format!("{head}: {found}"), look, "  ", PROSE);
    for (index, line) in lines.iter().enumerate() {
        match line.trim_start().strip_prefix(&head) {
            Some(rest) if index == 0 => {
                writeln!(out, "  {}{}", look.paint(tone, &head), look.paint(Tone::Strong, rest))?;
            }
            _ => writeln!(out, "{PROSE}{}", look.paint(Tone::Strong, line.trim_start()))?,
        }
    }
    if bare {
        prose(&text::sentence(&finding.found), look, out)?;
    }
    prose(&text::sentence(&finding.why), look, out)?;
    if look.verbose {
        passed::evidence(finding, look, PROSE, out)?;
    }
    match &finding.fix {
        Some(step) => self::step(step, look, hints, out)?,
        None if finding.outcome == Outcome::Unknown => {
            prose("Run `doctor` once more; if it stays so, show this to your course staff.", look, out)?;
        }
        None => {}
    }
    let page = finding.fix.as_ref().map(|step| &step.see).filter(|page| !page.is_empty()).unwrap_or(&finding.see);
    if !page.is_empty() {
        label("Read", page, look, out)?;
    }
    if !waiting.is_empty() {
        let most = if look.verbose { waiting.len() } else { 5 };
        let mut names: Vec<String> = waiting.iter().take(most).map(|finding| finding.id.clone()).collect();
        if waiting.len() > most {
            names.push(format!("{} more", waiting.len() - most));
        }
        label("Waiting for this", &text::list(&names), look, out)?;
    }
    label("More", &format!("`doctor explain {}`", finding.id), look, out)
}

/// Writes what to do: commands on lines of their own, exactly as to paste, and what is to be known about them.
pub fn step(step: &Step, look: Look, hints: &mut Hints, out: &mut dyn Write) -> io::Result<()> {
    match step.owner {
        Owner::Learner => {}
        Owner::Staff => prose("Ask your course staff for help with this one.", look, out)?,
        Owner::Admin => prose("This needs someone with administrator rights on this machine.", look, out)?,
    }
    if step.installer {
        prose("This downloads the maker's own installer and runs it.", look, out)?;
    }
    if step.destructive {
        prose("Careful: this removes or overwrites something.", look, out)?;
    }
    if !step.run.is_empty() {
        let place = if hints.windows { " into PowerShell" } else { "" };
        let words = match step.run.len() {
            1 => format!("Paste this{place}:"),
            _ => format!("Paste these{place}, one after the other:"),
        };
        writeln!(out, "{PROSE}{}", look.paint(Tone::Act, words))?;
        for command in &step.run {
            for line in text::command(command).lines() {
                writeln!(out, "{COMMAND}{line}")?;
            }
        }
        if step.sudo() && std::mem::take(&mut hints.password) {
            prose("It asks for your password; nothing shows while you type it.", look, out)?;
        }
    }
    prose(&text::sentence(&step.act), look, out)?;
    if let Some(after) = step.after_sentence() {
        prose(after, look, out)?;
    }
    if !step.verify.is_empty() {
        writeln!(out, "{PROSE}To see that it worked:")?;
        writeln!(out, "{COMMAND}{}", text::command(&step.verify))?;
    }
    Ok(())
}

fn prose(words: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    text::wrap(words, look, PROSE, PROSE).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn label(name: &str, words: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for line in text::wrap(&format!("{name}: {words}"), look, PROSE, COMMAND) {
        let words = line.trim_start();
        writeln!(out, "{}{}", &line[..line.len() - words.len()], look.paint(Tone::Faint, words))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_for_a_password_where_there_is_no_sudo() {
        let told = |escalate| {
            let platform = Platform { escalate, ..Platform::default() };
            let step = Step { run: vec!["sudo true".to_owned()], ..Step::default() };
            let mut out = Vec::new();
            self::step(&step, Look::default(), &mut Hints::new(&platform), &mut out).unwrap();
            String::from_utf8(out).unwrap().contains("password")
        };
        assert!(told(Escalate::Sudo));
        assert!(!told(Escalate::None));
    }
}
