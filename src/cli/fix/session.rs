//! Carrying a plan out: each step shown, asked for, run, and its check looked at again.

use std::{
    collections::{BTreeSet, VecDeque},
    io::{self, Write as _},
};

use super::{
    Args,
    answer::{self, Answer},
    carry::{Carried, Tools},
    look::{self, Looked},
};
use crate::{
    catalog::Catalog,
    cli::{Failure, failure::reason},
    host::{change::Log, process},
    model::{Finding, Outcome, fix::After},
    remedy::{self, By, Planned},
    render::{Look, explain, look::Tone, plan as view, text},
};

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Became {
    /// Its check passes.
    Fixed,
    /// It was done; its check passes only after something else, which the step says.
    Waits(After),
    /// It was done, and its check still fails: what it finds now.
    NotYet(String),
    /// It was not done: why.
    Left(String),
}

/// A run of `doctor fix`.
pub(super) struct Session<'a> {
    args: &'a Args,
    catalog: &'a Catalog,
    look: Look,
    tools: Tools,
    findings: Vec<Finding>,
    queue: VecDeque<Planned>,
    done: Vec<(Planned, Became)>,
    /// States that were dealt with: the same one is not tried twice.
    tried: BTreeSet<String>,
    /// A person can be asked.
    asks: bool,
    /// The person said to run all that is left.
    all: bool,
    log: Log,
}

impl<'a> Session<'a> {
    /// A session for what was found.
    pub(super) fn new(args: &'a Args, catalog: &'a Catalog, looked: Looked, asks: bool) -> Result<Self, Failure> {
        let plan = remedy::plan(catalog, &looked.findings, &looked.platform, !args.names.is_empty());
        let log = Log::begin(&looked.stamp)
            .map_err(|error| Failure::new("output", format!("no log can be written: {}", reason(&error))))?;
        Ok(Self {
            args,
            catalog,
            look: args.screen.look(false),
            tools: Tools::new(&looked),
            findings: looked.findings,
            queue: plan.steps.into(),
            done: Vec::new(),
            tried: BTreeSet::new(),
            asks,
            all: false,
            log,
        })
    }

    /// Goes through all steps. Whether everything required is in order at the end.
    pub(super) fn run(mut self) -> Result<bool, Failure> {
        let steps = text::count(self.queue.len(), "step");
        self.log.line(&format!("doctor {} fix, {steps}", env!("CARGO_PKG_VERSION")));
        if self.queue.is_empty() {
            say("Nothing to fix.\n")?;
        }
        let mut quit = false;
        while let Some(planned) = self.queue.pop_front() {
            self.tried.insert(planned.diagnosis.clone());
            self.show(&planned)?;
            let (became, ends) = self.one(&planned)?;
            self.tell(&planned, &became)?;
            self.done.push((planned, became));
            if ends {
                quit = true;
                break;
            }
        }
        self.end(quit)
    }

    fn show(&mut self, planned: &Planned) -> Result<(), Failure> {
        let (number, count) = (self.done.len() + 1, self.done.len() + self.queue.len() + 1);
        let fixed = self.done.iter().filter(|(_, became)| matches!(became, Became::Fixed | Became::Waits(_))).count();
        process::last_words(format!(
            "\nStopped at step {number} of {count}, with {fixed} fixed; nothing is half done by doctor itself. `doctor fix` \
             begins again with what is left.\nWhat was run: {}\n",
            self.log.path().display()
        ));
        let mut bytes = b"\n".to_vec();
        view::step(planned, number, count, self.tools.platform(), self.look, &mut bytes).map_err(output)?;
        show(&bytes)
    }

    /// One step, and whether the run ends with it.
    fn one(&mut self, planned: &Planned) -> Result<(Became, bool), Failure> {
        if let Some(why) = self.not_for_us(planned) {
            return Ok((Became::Left(why), false));
        }
        let mut answers = Vec::new();
        let mut shown = false;
        if self.asks && (!self.all && !self.args.yes || planned.step.installer || planned.step.destructive) {
            let words = if planned.by == By::Doctor { "Run this?" } else { "Done?" };
            loop {
                if planned.by == By::Doctor && planned.step.ask.is_empty() {
                    self.differences(planned, &answers)?;
                    shown = true;
                }
                match answer::ask(words, planned.by == By::Doctor)? {
                    Answer::Yes => break,
                    Answer::All => {
                        self.all = true;
                        break;
                    }
                    Answer::No => return Ok((Became::Left("you left it out".to_owned()), false)),
                    Answer::Quit => return Ok((Became::Left("you stopped here".to_owned()), true)),
                    Answer::Explain => self.explain(planned)?,
                }
            }
        }
        if planned.by != By::Doctor {
            return Ok((self.look_again(planned), false));
        }
        if !planned.step.ask.is_empty() {
            for ask in &planned.step.ask {
                match answer::value(*ask)? {
                    Some(value) => answers.push(value),
                    None => return Ok((Became::Left("you stopped here".to_owned()), true)),
                }
            }
            self.differences(planned, &answers)?;
            loop {
                match answer::ask("Write this?", !self.all)? {
                    Answer::Yes => break,
                    Answer::All => {
                        self.all = true;
                        break;
                    }
                    Answer::No => return Ok((Became::Left("you left it out".to_owned()), false)),
                    Answer::Quit => return Ok((Became::Left("you stopped here".to_owned()), true)),
                    Answer::Explain => self.explain(planned)?,
                }
            }
        } else if !shown {
            self.differences(planned, &answers)?;
        }
        match self.tools.carry_out(planned, &answers, &mut self.log) {
            Carried::Done => Ok((self.look_again(planned), false)),
            Carried::Stopped => Ok((Became::Left("you stopped it".to_owned()), true)),
            Carried::Failed(why) => {
                say(&format!("    {}\n", self.look.paint(Tone::Bad, text::line(&why, self.look))))?;
                // Half of a step may have been enough.
                Ok((self.look_again(planned), false))
            }
        }
    }

    /// Why nobody is asked about a step and it is not run.
    fn not_for_us(&self, planned: &Planned) -> Option<String> {
        let why = match planned.by {
            By::Staff => "it is your course staff's",
            By::Admin => "it is an administrator's",
            _ if self.asks && !self.args.yes => return None,
            By::Hand | By::Eye | By::Terminal => "it is yours to do by hand",
            By::Doctor if planned.step.destructive && !self.asks => "it removes or overwrites something",
            By::Doctor if planned.step.installer && !self.asks => {
                "a maker's own installer is run only where you can be asked"
            }
            By::Doctor if planned.sudo() && !self.args.allow.contains(&super::Allow::Sudo) => "it needs `--allow sudo`",
            By::Doctor if planned.talks() && !self.asks => "it asks for what only you know",
            By::Doctor => return None,
        };
        Some(why.to_owned())
    }

    /// What would change in the files that doctor writes itself.
    fn differences(&self, planned: &Planned, answers: &[String]) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        for trial in self.tools.trials(planned, answers) {
            match trial {
                Ok(trial) if trial.old == trial.new => {}
                Ok(trial) => {
                    let file = self.tools.shown(&trial.file);
                    view::difference(&file, &trial.old, &trial.new, self.look, &mut bytes).map_err(output)?;
                }
                Err(why) => view::prose(&why, self.look, &mut bytes).map_err(output)?,
            }
        }
        show(&bytes)
    }

    fn explain(&self, planned: &Planned) -> Result<(), Failure> {
        let mut bytes = b"\n".to_vec();
        let state = planned.diagnosis.split_once('/').map(|(_, state)| state);
        let subjects: Vec<_> = planned.mends.first().and_then(|id| self.catalog.find(id)).into_iter().collect();
        let known = |state: &&str| {
            let own = subjects.iter().flat_map(|subject| &subject.check.diagnose);
            own.clone().any(|diagnosis| diagnosis.id == **state) || explain::common(state).is_some()
        };
        explain::terminal(&subjects, state.filter(known), self.look, &mut bytes).map_err(output)?;
        show(&bytes)
    }

    /// Looks at what a step was to mend, and plans for what shows up behind it.
    fn look_again(&mut self, planned: &Planned) -> Became {
        let ids: Vec<String> = planned.mends.iter().chain(&planned.unblocks).cloned().collect();
        let fresh = planned.step.new_shell || planned.step.new_login || self.tools.fresh();
        let found = match look::again(self.catalog, self.args, &ids, fresh.then(|| self.tools.shell())) {
            Ok(found) => found,
            Err(why) => return Became::NotYet(why),
        };
        self.log.line(&format!(
            "looked again: {}",
            found.iter().map(|one| format!("{} {}", one.id, one.outcome.word())).collect::<Vec<_>>().join(", ")
        ));
        for finding in &found {
            if let Some(known) = self.findings.iter_mut().find(|known| known.id == finding.id) {
                known.clone_from(finding);
            }
        }
        let behind = remedy::plan(self.catalog, &found, self.tools.platform(), !self.args.names.is_empty()).steps;
        let waiting: BTreeSet<String> = self.queue.iter().flat_map(|planned| planned.mends.clone()).collect();
        for next in behind.into_iter().rev() {
            let new = next.mends.iter().all(|id| !waiting.contains(id));
            let ours = next.mends.iter().any(|id| ids.contains(id));
            if new && ours && !self.tried.contains(&next.diagnosis) {
                self.queue.push_front(next);
            }
        }
        let still = planned.mends.iter().filter_map(|id| found.iter().find(|finding| finding.id == *id));
        let trouble = |finding: &&Finding| {
            matches!(finding.outcome, Outcome::Fail | Outcome::Unknown) || finding.blocked_by.is_some()
        };
        match (still.into_iter().find(trouble), planned.step.after()) {
            (None, Some(after)) => Became::Waits(after),
            (None, None) => Became::Fixed,
            (Some(_), Some(after @ (After::NewLogin | After::Restart))) => Became::Waits(after),
            (Some(finding), _) => Became::NotYet(finding.found.clone()),
        }
    }

    fn tell(&mut self, planned: &Planned, became: &Became) -> Result<(), Failure> {
        let (mark, tone, words) = match became {
            Became::Fixed => (self.look.either("✓", "+"), Tone::Good, "Fixed.".to_owned()),
            Became::Waits(after) => {
                let words = match after {
                    After::NewTerminal => "Fixed: it counts in every new terminal.",
                    After::NewLogin => "Done: it counts after you log out and log in again.",
                    After::Restart => "Done: it counts after a restart.",
                };
                (self.look.either("✓", "+"), Tone::Good, words.to_owned())
            }
            Became::NotYet(found) => (self.look.either("✗", "x"), Tone::Bad, format!("Not yet: {found}")),
            Became::Left(why) => ("-", Tone::Doubtful, format!("Left: {why}")),
        };
        self.log.line(&format!("{}: {words}", planned.diagnosis));
        let mut bytes = Vec::new();
        for (index, line) in
            text::wrap(&format!("{mark} {}", text::sentence(&words)), self.look, "    ", "      ").iter().enumerate()
        {
            let line = if index == 0 { self.look.paint(tone, line) } else { line.clone() };
            writeln!(bytes, "{line}").map_err(output)?;
        }
        show(&bytes)
    }

    /// What was done, what is left, and what must still happen.
    fn end(mut self, quit: bool) -> Result<bool, Failure> {
        process::last_words(String::new());
        let look = self.look;
        let mut bytes = b"\n".to_vec();
        let fixed = self.done.iter().filter(|(_, became)| matches!(became, Became::Fixed | Became::Waits(_))).count();
        let mut left: Vec<(String, String)> = self
            .done
            .iter()
            .filter_map(|(planned, became)| match became {
                Became::NotYet(found) => Some((planned.found.clone(), format!("not yet: {found}"))),
                Became::Left(why) => Some((planned.found.clone(), why.clone())),
                _ => None,
            })
            .collect();
        left.extend(self.queue.iter().map(|planned| (planned.found.clone(), "not reached".to_owned())));
        let mut head = format!("{} fixed", text::count(fixed, "thing"));
        if !left.is_empty() {
            head = format!("{head}, {} left{}", left.len(), if quit { " (stopped)" } else { "" });
        }
        if !self.done.is_empty() {
            writeln!(bytes, "{}", look.paint(Tone::Strong, format!("{head}."))).map_err(output)?;
        }
        for (found, why) in &left {
            for line in text::wrap(&format!("{found} ({why})"), look, "  - ", "    ") {
                writeln!(bytes, "{line}").map_err(output)?;
            }
        }
        let after = self
            .done
            .iter()
            .filter_map(|(_, became)| match became {
                Became::Waits(after) => Some(*after),
                _ => None,
            })
            .max();
        for words in [view::afterwards(after), if left.is_empty() { "" } else { "Then run `doctor` again." }] {
            if !words.is_empty() {
                writeln!(bytes, "{}", look.paint(Tone::Act, words)).map_err(output)?;
            }
        }
        if !self.done.is_empty() {
            let path = self.tools.shown(self.log.path());
            writeln!(bytes, "{}", look.paint(Tone::Faint, format!("What was run: {path}"))).map_err(output)?;
        }
        show(&bytes)?;
        let ready = remedy::is_ready(&self.findings);
        self.log.line(if ready { "ready" } else { "not ready" });
        Ok(ready)
    }
}

fn output(error: io::Error) -> Failure {
    Failure::new("output", reason(&error))
}

fn say(words: &str) -> Result<(), Failure> {
    show(words.as_bytes())
}

fn show(bytes: &[u8]) -> Result<(), Failure> {
    crate::cli::output::stdout(bytes, true).map(drop)
}
