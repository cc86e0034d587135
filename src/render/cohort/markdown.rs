//! A cohort as Markdown, to paste into a chat or an issue.

use std::io::{self, Write};

use super::{counted, notes, percent, standing};
use crate::{
    cohort::{Cohort, Verdict},
    model::Step,
    render::{Look, text},
};

/// Causes and people that are named; the rest is counted, so that the text can be pasted.
const CAUSES: usize = 10;
const PEOPLE: usize = 200;

/// Writes the whole view.
pub(super) fn cohort(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Cohort: {}\n", standing(cohort).join(", "))?;
    writeln!(out, "{}\n", escape(&counted(cohort).join(", ")))?;
    causes(cohort, out)?;
    if cohort.platforms.len() > 1 {
        writeln!(
            out,
            "### By platform\n\n| platform | machines | ready | can fix it alone | need staff | need admin |"
        )?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|")?;
        for split in &cohort.platforms {
            let name = escape(&split.platform);
            writeln!(
                out,
                "| {name} | {} | {} | {} | {} | {} |",
                split.machines, split.ready, split.alone, split.staff, split.admin
            )?;
        }
        writeln!(out)?;
    }
    learners(cohort, out)?;
    if !cohort.not_reported.is_empty() {
        let names: Vec<String> = cohort.not_reported.iter().take(PEOPLE).map(|one| escape(&one.id)).collect();
        let more = rest(cohort.not_reported.len(), PEOPLE);
        writeln!(out, "### Not reported ({})\n\n{}{more}\n", cohort.not_reported.len(), names.join(", "))?;
    }
    if !cohort.notices.is_empty() {
        writeln!(out, "### To know\n")?;
        for notice in &cohort.notices {
            let names: Vec<String> = notice.learners.iter().map(|name| escape(name)).collect();
            let whom = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            writeln!(out, "- {}{whom}", escape(&notice.say))?;
        }
        writeln!(out)?;
    }
    if cohort.summary.rejected > 0 {
        writeln!(out, "### Rejected ({})\n", cohort.summary.rejected)?;
        for one in cohort.rejected.iter().take(PEOPLE) {
            let place = if one.place.is_empty() { String::new() } else { format!(", {}", one.place) };
            writeln!(out, "- {}{}: {}", escape(&one.source), escape(&place), escape(&one.reason))?;
        }
        let more = cohort.summary.rejected.saturating_sub(PEOPLE.min(cohort.rejected.len()));
        if more > 0 {
            writeln!(out, "- and {more} more")?;
        }
    }
    Ok(())
}

fn causes(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    if cohort.causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "### What to fix, by how many it helps\n")?;
    for cause in cohort.causes.iter().take(CAUSES) {
        let level = if cause.required { "required" } else { "recommended" };
        let say = if cause.say.is_empty() { &cause.id } else { &cause.say };
        let number = text::count(cause.learners, "learner");
        writeln!(out, "- **{number} ({})**, {level}: {} {}", percent(cause.per_mille), escape(say), code(&cause.id))?;
        let on: Vec<String> =
            cause.platforms.iter().map(|on| format!("{} {} of {}", on.platform, on.learners, on.of)).collect();
        writeln!(out, "  {}", escape(&on.join(", ")))?;
        if !cause.suspect.is_empty() {
            writeln!(
                out,
                "  Look at the instruction for {} first: most have it there, hardly anybody elsewhere.",
                escape(&text::list(&cause.suspect))
            )?;
        }
        if let Some(step) = cause.fixes.first().and_then(|fix| cohort.fixes.get(fix.fix)) {
            self::step(step, out)?;
        }
    }
    let more = cohort.causes.len().saturating_sub(CAUSES);
    if more > 0 {
        writeln!(out, "- and {more} more causes")?;
    }
    writeln!(out)
}

fn learners(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<_> = cohort.learners.iter().filter(|one| one.verdict != Verdict::Ready).collect();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Not ready ({})\n\n| learner | verdict | platform | first |\n|---|---|---|---|", open.len())?;
    for one in open.iter().take(PEOPLE) {
        let platform = one.machines.first().map_or("", |machine| machine.platform);
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape(&one.id),
            one.verdict.words(),
            escape(platform),
            escape(&one.reason)
        )?;
    }
    let more = rest(open.len(), PEOPLE);
    if !more.is_empty() {
        writeln!(out, "\n{}", more.trim_start_matches(", "))?;
    }
    writeln!(out)
}

fn rest(number: usize, shown: usize) -> String {
    if number > shown { format!(", and {} more", number - shown) } else { String::new() }
}

/// What to do, inside a list.
pub(super) fn step(step: &Step, out: &mut dyn Write) -> io::Result<()> {
    if !step.run.is_empty() {
        let commands: Vec<String> = step.run.iter().map(|command| text::command(command)).collect();
        let longest = commands.iter().flat_map(|command| command.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(3.max(longest + 1));
        writeln!(out, "\n  {fence}sh")?;
        for line in commands.iter().flat_map(|command| command.lines()) {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "  {fence}")?;
    }
    for note in notes(step) {
        writeln!(out, "  {}", escape(&note))?;
    }
    writeln!(out)
}

/// A text that stays a text wherever it is pasted: no markup, no link, no mention, no reference, no workflow command.
pub(crate) fn escape(text: &str) -> String {
    let plain = text::line(text, Look::default());
    let mut out = String::with_capacity(plain.len() + 8);
    for c in plain.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // What stands between keeps chats and forges from finding a person, an issue or an address in it.
            '@' => out.push_str("@&#8203;"),
            '#' => out.push_str("\\#&#8203;"),
            ':' => out.push_str(":&#8203;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // A colon in prose is followed by a space and can be no address.
    out.replace(":&#8203; ", ": ").replace("www.", "www&#8203;.")
}

/// A short text as code.
pub(crate) fn code(text: &str) -> String {
    let plain = text::line(text, Look::default()).replace('|', "\\|");
    let longest = plain.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    if plain.is_empty() { String::new() } else { format!("{fence}{space}{plain}{space}{fence}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        for (text, want) in [
            ("a|b", "a\\|b"),
            ("`x`", "\\`x\\`"),
            ("<details>", "&lt;details&gt;"),
            ("@all", "@&#8203;all"),
            ("#12", "\\#&#8203;12"),
            ("line\n::error::x", "line :&#8203;:&#8203;error:&#8203;:&#8203;x"),
            ("[x](javascript:y)", "\\[x\\](javascript:&#8203;y)"),
            ("https://evil.example www.evil.example", "https:&#8203;//evil.example www&#8203;.evil.example"),
            ("It is so: here", "It is so: here"),
            ("\u{1b}[2K\u{202e}x", "x"),
        ] {
            assert_eq!(escape(text), want, "{text:?}");
        }
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("docker.daemon/x"), "`docker.daemon/x`");
    }
}
