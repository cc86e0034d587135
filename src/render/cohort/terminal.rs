//! A cohort at a terminal: who is ready, what helps most, who needs whom, who is missing, what was not read.

use std::io::{self, Write};

use textwrap::core::display_width;

use super::{counted, notes, percent, standing};
use crate::{
    cohort::{Cause, Cohort, Verdict},
    render::{
        Look,
        look::Tone,
        text::{self, line, pad},
    },
};

/// Causes, learners and rejected inputs that are shown where not everything is asked for.
const CAUSES: usize = 8;
const LEARNERS: usize = 200;
const REJECTED: usize = 20;

/// Writes the whole view; with a quiet look its first line only.
pub(super) fn cohort(cohort: &Cohort, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let all_ready = cohort.summary.ready == cohort.summary.learners && cohort.summary.not_reported == 0;
    let head = standing(cohort).join(look.dot());
    writeln!(out, "{}", look.paint(if all_ready { Tone::Good } else { Tone::Strong }, head))?;
    if look.quiet {
        return Ok(());
    }
    for line in text::wrap(&counted(cohort).join(look.dot()), look, "", "  ") {
        writeln!(out, "{}", look.paint(Tone::Faint, line))?;
    }
    let mut page = Page { cohort, look, out };
    page.causes()?;
    page.platforms()?;
    page.learners()?;
    page.absent()?;
    page.notices()?;
    page.rejected()
}

struct Page<'a> {
    cohort: &'a Cohort,
    look: Look,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn part(&mut self, name: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.look.paint(Tone::Strong, name))
    }

    fn prose(&mut self, words: &str, first: &str, rest: &str) -> io::Result<()> {
        text::wrap(words, self.look, first, rest).iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }

    fn faint(&mut self, words: &str, indent: &str) -> io::Result<()> {
        let lines = text::wrap(words, self.look, indent, indent);
        lines.iter().try_for_each(|line| writeln!(self.out, "{}", self.look.paint(Tone::Faint, line)))
    }

    fn more(&mut self, more: usize, what: &str) -> io::Result<()> {
        if more == 0 {
            return Ok(());
        }
        self.faint(&format!("and {more} more {what} (`-v` shows them)"), "  ")
    }

    fn causes(&mut self) -> io::Result<()> {
        if self.cohort.causes.is_empty() {
            return Ok(());
        }
        self.part("What to fix, by how many it helps")?;
        let most = if self.look.verbose { usize::MAX } else { CAUSES };
        for cause in self.cohort.causes.iter().take(most) {
            self.cause(cause)?;
        }
        self.more(self.cohort.causes.len().saturating_sub(most), "causes")
    }

    fn cause(&mut self, cause: &Cause) -> io::Result<()> {
        let (mark, tone) =
            if cause.required { (self.look.either("✗", "x"), Tone::Bad) } else { ("!", Tone::Doubtful) };
        let number = format!("{mark} {} ({})", text::count(cause.learners, "learner"), percent(cause.per_mille));
        let say = if cause.say.is_empty() { &cause.id } else { &cause.say };
        let lines = text::wrap(&format!("{number}: {say}"), self.look, "  ", "    ");
        for (at, line) in lines.iter().enumerate() {
            match line.trim_start().strip_prefix(&number) {
                Some(rest) if at == 0 => {
                    writeln!(self.out, "  {}{}", self.look.paint(tone, &number), self.look.paint(Tone::Strong, rest))?;
                }
                _ => writeln!(self.out, "    {}", self.look.paint(Tone::Strong, line.trim_start()))?,
            }
        }
        let mut on: Vec<String> = vec![line(&cause.id, self.look)];
        on.extend(cause.platforms.iter().map(|on| format!("{} {} of {}", on.platform, on.learners, on.of)));
        self.faint(&on.join(self.look.dot()), "    ")?;
        if !cause.suspect.is_empty() {
            let words = format!(
                "Most learners on {} have it and hardly anybody else: look at the instruction first.",
                text::list(&cause.suspect)
            );
            self.prose(&words, "    ", "    ")?;
        }
        if !cause.known {
            self.prose("This doctor does not know it; look at one of the reports.", "    ", "    ")?;
        }
        let most = if self.look.verbose { usize::MAX } else { 1 };
        for fix in cause.fixes.iter().take(most) {
            self.fix(cause, fix.fix, &fix.platforms)?;
        }
        Ok(())
    }

    fn fix(&mut self, cause: &Cause, fix: usize, platforms: &[String]) -> io::Result<()> {
        let Some(step) = self.cohort.fixes.get(fix) else { return Ok(()) };
        let place = if cause.platforms.len() > 1 { format!(" ({})", text::list(platforms)) } else { String::new() };
        let whom = match Verdict::waits_for(step.owner) {
            Verdict::Staff => "For course staff",
            Verdict::Admin => "For an administrator",
            _ => "Send back",
        };
        writeln!(self.out, "    {}", self.look.paint(Tone::Act, format!("{whom}{place}:")))?;
        for command in &step.run {
            for line in text::command(command).lines() {
                writeln!(self.out, "        {line}")?;
            }
        }
        for note in notes(step) {
            self.prose(&note, "      ", "      ")?;
        }
        if step.run.is_empty() && !step.see.is_empty() {
            self.prose(&step.see, "      ", "      ")?;
        }
        Ok(())
    }

    fn platforms(&mut self) -> io::Result<()> {
        if self.cohort.platforms.len() < 2 {
            return Ok(());
        }
        self.part("By platform")?;
        let rows: Vec<[String; 6]> = (self.cohort.platforms.iter())
            .map(|split| {
                [
                    split.platform.clone(),
                    text::count(split.machines, "machine"),
                    format!("{} ready", split.ready),
                    format!("{} alone", split.alone),
                    format!("{} staff", split.staff),
                    format!("{} admin", split.admin),
                ]
            })
            .collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        for row in &rows {
            let cells: Vec<String> = (0..row.len()).map(|column| pad(&row[column], width(column))).collect();
            writeln!(self.out, "  {}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }

    fn learners(&mut self) -> io::Result<()> {
        let look = self.look;
        let cohort = self.cohort;
        let most = if look.verbose { usize::MAX } else { LEARNERS };
        for verdict in Verdict::ALL.into_iter().rev() {
            let of: Vec<_> = cohort.learners.iter().filter(|one| one.verdict == verdict).collect();
            if of.is_empty() {
                continue;
            }
            let mut words = verdict.words().to_owned();
            words[..1].make_ascii_uppercase();
            self.part(&format!("{words} ({})", of.len()))?;
            let called = |one: &crate::cohort::Learner| {
                let mut words = line(&one.id, look);
                if !one.name.is_empty() {
                    words.push_str(&format!(" ({})", line(&one.name, look)));
                }
                if !one.group.is_empty() {
                    words.push_str(&format!(" [{}]", line(&one.group, look)));
                }
                words
            };
            if verdict == Verdict::Ready {
                let names: Vec<String> = of.iter().take(most).map(|one| called(one)).collect();
                self.prose(&names.join(", "), "  ", "  ")?;
            } else {
                let width = of.iter().take(most).map(|one| display_width(&called(one))).max().unwrap_or(0).min(32);
                for one in of.iter().take(most) {
                    let open: usize =
                        one.machines.iter().flat_map(|machine| &machine.open).filter(|item| item.counts).count();
                    let more = if open > 1 { format!(" (and {} more)", open - 1) } else { String::new() };
                    let on = one.machines.first().map_or("", |machine| machine.platform);
                    let words = format!("{on}: {}{more}", one.reason);
                    let first = format!("  {}  ", pad(&called(one), width));
                    let rest = " ".repeat(display_width(&first).min(36));
                    self.prose(&words, &first, &rest)?;
                }
            }
            self.more(of.len().saturating_sub(most), "learners")?;
        }
        Ok(())
    }

    fn absent(&mut self) -> io::Result<()> {
        let absent = &self.cohort.not_reported;
        if absent.is_empty() {
            return Ok(());
        }
        self.part(&format!("Not reported ({})", absent.len()))?;
        let most = if self.look.verbose { usize::MAX } else { LEARNERS };
        let names: Vec<String> = (absent.iter().take(most))
            .map(|one| if one.name.is_empty() { one.id.clone() } else { format!("{} ({})", one.id, one.name) })
            .collect();
        self.prose(&names.join(", "), "  ", "  ")?;
        self.more(absent.len().saturating_sub(most), "people")
    }

    fn notices(&mut self) -> io::Result<()> {
        if self.cohort.notices.is_empty() {
            return Ok(());
        }
        self.part("To know")?;
        for notice in &self.cohort.notices {
            let whom =
                if notice.learners.is_empty() { String::new() } else { format!(": {}", notice.learners.join(", ")) };
            self.prose(&format!("{}{whom}", notice.say), "  - ", "    ")?;
        }
        Ok(())
    }

    fn rejected(&mut self) -> io::Result<()> {
        let number = self.cohort.summary.rejected;
        if number == 0 {
            return Ok(());
        }
        self.part(&format!("Rejected ({number})"))?;
        let most = if self.look.verbose { usize::MAX } else { REJECTED };
        for one in self.cohort.rejected.iter().take(most) {
            let place = if one.place.is_empty() { String::new() } else { format!(", {}", one.place) };
            self.prose(&format!("{}{place}: {}", one.source, one.reason), "  ", "    ")?;
        }
        self.more(number - self.cohort.rejected.len().min(most), "rejected")
    }
}
