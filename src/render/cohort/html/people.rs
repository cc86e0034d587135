//! What the page says of each learner: their machines, what is not in order there, and the message to send.

use std::io;

use super::{Page, class, escape, escape_lines, verdict_class};
use crate::{
    cohort::{Item, Learner, Machine, Word},
    render::cohort::{message::Messages, owner},
};

impl Page<'_> {
    pub(super) fn learners(&mut self, shown: &dyn Fn(&&Learner) -> bool) -> io::Result<()> {
        let messages = Messages::new(self.cohort);
        writeln!(self.out, "<h2 id=\"learners\">Learners, those who need most help first</h2>")?;
        for (at, learner) in self.cohort.learners.iter().enumerate().filter(|(_, learner)| shown(learner)) {
            let name = if learner.name.is_empty() { String::new() } else { format!(" ({})", escape(&learner.name)) };
            let group = if learner.group.is_empty() { String::new() } else { format!(" [{}]", escape(&learner.group)) };
            let reason =
                if learner.reason.is_empty() { String::new() } else { format!(" {}", escape(&learner.reason)) };
            write!(
                self.out,
                "<details data-l=\"{at}\"><summary><b>{}</b>{name}{group} <span class=\"t {}\">{}</span>{reason}</summary><div id=\"l{at}\">",
                escape(&learner.id),
                verdict_class(learner.verdict),
                learner.verdict.words()
            )?;
            for machine in &learner.machines {
                self.machine(machine)?;
            }
            if learner.machines.iter().any(|machine| !machine.open.is_empty()) {
                write!(self.out, "<h3>Message to send</h3><pre>{}</pre>", escape_lines(&messages.to(learner)))?;
            }
            writeln!(self.out, "</div></details>")?;
        }
        Ok(())
    }

    fn machine(&mut self, machine: &Machine) -> io::Result<()> {
        let counts: Vec<String> = (Word::ALL.iter())
            .filter(|word| machine.counts.of(**word) > 0)
            .map(|word| format!("{} {}", machine.counts.of(*word), word.word()))
            .collect();
        let started = machine.started();
        let facts = [
            ("system", &*machine.system),
            ("shell", &*machine.shell),
            ("made", started.as_deref().unwrap_or("does not say when")),
            ("earlier reports", &if machine.earlier > 0 { machine.earlier.to_string() } else { String::new() }),
            ("machine", &*machine.id),
            ("from", &*machine.source),
            ("checks", &counts.join(", ")),
        ];
        write!(self.out, "<h3>{}: {}</h3><p>", escape(machine.platform), machine.verdict.words())?;
        // One text and not a list: a page of thousands has to be read by a browser.
        let facts: Vec<String> = (facts.iter().filter(|(_, fact)| !fact.is_empty()))
            .map(|(name, fact)| format!("{name}: {}", escape(fact)))
            .collect();
        write!(self.out, "{}</p>", facts.join("; "))?;
        for item in &machine.open {
            self.item(item)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        let found = if item.shown.found.is_empty() { &*item.cause } else { item.shown.found.as_str() };
        write!(
            self.out,
            "<h3><span class=\"t {}\">{}</span> {}</h3>",
            class(item.word),
            if item.counts { item.word.word() } else { "can wait" },
            escape(found)
        )?;
        let exit = item.shown.exit.map(|code| code.to_string()).unwrap_or_default();
        self.list(&[
            ("cause", item.cause.to_string()),
            ("who", owner(item.owner).to_owned()),
            ("command", item.shown.command.clone()),
            ("exit code", exit),
            ("program", item.shown.program.clone()),
            ("all on PATH", item.shown.candidates.join(", ")),
            ("it said", item.shown.excerpt.clone()),
        ])
    }

    fn list(&mut self, facts: &[(&str, String)]) -> io::Result<()> {
        write!(self.out, "<dl>")?;
        for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
            write!(self.out, "<dt>{name}</dt><dd>{}</dd>", escape(fact))?;
        }
        write!(self.out, "</dl>")
    }
}
