//! One check in full: why, how it is examined, every state that can be found and what to do about it on each system.

use std::io::{self, Write};

use super::{
    list::look_words,
    look::{Look, Tone},
    text,
};
use crate::{
    diagnose::Subject,
    model::{
        Fix, Outcome, Owner, Step,
        check::{Diagnosis, Needs, Remedy},
        platform::WORDS,
        template,
    },
};

/// Writes checks of one tool; `state` narrows them to one of their diagnoses.
///
/// # Errors
/// What writing says.
pub fn terminal(subjects: &[Subject<'_>], state: Option<&str>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { look, out, asks_facts: false };
    for (at, subject) in subjects.iter().enumerate() {
        if at > 0 {
            page.line("\n")?;
        }
        page.check(*subject, state)?;
    }
    if page.asks_facts {
        page.line("")?;
        page.faint("", "A word in braces stands for what is found on the machine.")?;
    }
    if let Some(subject) = subjects.first().filter(|subject| !subject.tool.page.is_empty()) {
        page.part("To read")?;
        page.prose("  ", &subject.tool.page)?;
    }
    Ok(())
}

/// What a state that every tool can be in is, in general words: check files need not name these.
pub fn common(state: &str) -> Option<&'static str> {
    Some(match state {
        "absent" => "It is not installed, or not on PATH",
        "broken" => "It is there but cannot run",
        "windows-program" => "It is the Windows program, not one of this Linux",
        "store-alias" => "It is only the Microsoft Store's stand-in; nothing is installed",
        "apple-shim" => "It is only Apple's stand-in; the Command Line Tools are missing",
        "timed-out" => "It gave no answer in time",
        "unreadable" => "It could not be read",
        "killed" => "A signal ended it before it answered",
        "too-old" => "Its version is older than what is needed",
        "older-than-asked" => "Its version is older than what a file or a profile asks for",
        "newer-than-asked" => "Its version is newer than what is asked for",
        "other-than-asked" => "Its version is not one of those that are asked for",
        "end-of-life" => "Its version gets no security updates any more",
        "ending-soon" => "Its version gets security updates for a short time only",
        "unrecognised" => "It ran, but its version could not be read from what it printed",
        "unexpected" => "It answered something else than it should",
        _ => return None,
    })
}

fn where_and_how_much(subject: Subject<'_>, look: Look) -> String {
    let check = subject.check;
    let mut words = vec![check.level.word().to_owned()];
    for (word, level) in &check.level_on {
        words.push(format!("{} {}", level.word(), on(word)));
    }
    if !check.on.is_empty() {
        words.push(format!("only {}", places(&check.on)));
    }
    if !check.not_on.is_empty() {
        words.push(format!("not {}", places(&check.not_on)));
    }
    if !subject.tool.section.is_empty() {
        words.push(format!("chapter {}", subject.tool.section));
    }
    words.join(look.dot())
}

fn places(words: &[String]) -> String {
    text::list(&words.iter().map(|word| on(word)).collect::<Vec<_>>())
}

fn how(subject: Subject<'_>) -> String {
    let check = subject.check;
    let mut words = format!("doctor {}", look_words(check));
    if !check.requires.is_empty() {
        words.push_str(&format!(", once {} passed", text::list(&check.requires)));
    }
    match check.needs {
        Some(Needs::Online) => words.push_str("; only with `--online`, because it uses the network"),
        Some(Needs::Deep) => words.push_str("; only with `--deep`, because it takes longer"),
        None => {}
    }
    if let Some(version) = &check.expect.version {
        let wanted = version.to_string();
        let wanted = match wanted.strip_prefix(">=").filter(|rest| !rest.contains(',')) {
            Some(least) => format!("{least} or newer"),
            None => wanted,
        };
        words.push_str(&format!("; the version must be {wanted}"));
    }
    words
}

/// A platform word for people.
fn on(word: &str) -> String {
    match word {
        "container" => "in a container",
        "wsl" => "in WSL",
        "ubuntu" => "on Ubuntu",
        "debian" => "on Debian and Ubuntu",
        "fedora" => "on Fedora and Red Hat",
        "arch" => "on Arch Linux",
        "alpine" => "on Alpine",
        "suse" => "on openSUSE",
        "linux" => "on Linux",
        "macos-arm" => "on a Mac with Apple silicon",
        "macos-intel" => "on a Mac with an Intel processor",
        "macos" => "on macOS",
        "windows" => "on Windows",
        "any" => "on every system",
        other => return format!("on {other}"),
    }
    .to_owned()
}

struct Page<'a> {
    look: Look,
    out: &'a mut dyn Write,
    asks_facts: bool,
}

impl Page<'_> {
    fn check(&mut self, subject: Subject<'_>, state: Option<&str>) -> io::Result<()> {
        let check = subject.check;
        self.head(&subject.id(), &check.title)?;
        self.faint("", &where_and_how_much(subject, self.look))?;
        self.part("Why")?;
        self.prose("  ", &text::sentence(&check.why))?;
        self.part("How it is examined")?;
        self.prose("  ", &text::sentence(&how(subject)))?;
        let told: Vec<&Diagnosis> =
            check.diagnose.iter().filter(|known| state.is_none_or(|state| state == known.id)).collect();
        if !told.is_empty() {
            self.part(if state.is_some() { "What was found" } else { "What can be found" })?;
        }
        for (at, diagnosis) in told.iter().enumerate() {
            if at > 0 {
                self.line("")?;
            }
            self.diagnosis(subject, diagnosis, state.is_some())?;
        }
        match state {
            Some(state) if told.is_empty() => {
                self.part("What was found")?;
                self.prose("  ", common(state).unwrap_or(state))?;
                self.fix("    ", &check.fix)?;
                self.remedies(subject, state)
            }
            None if !check.fix.is_empty() => {
                self.part(if told.is_empty() { "What to do where it does not hold" } else { "What to do otherwise" })?;
                self.fix("  ", &check.fix)?;
                // Remedies of states that have no words of their own are told here, once for all of these states.
                let unnamed = |id: &&String| !check.diagnose.iter().any(|known| known.id == **id);
                for remedy in check.remedy.iter().filter(|remedy| remedy.states.iter().any(|id| unnamed(&id))) {
                    self.remedy("  ", remedy)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn remedies(&mut self, subject: Subject<'_>, state: &str) -> io::Result<()> {
        let remedies = subject.check.remedy.iter();
        { remedies }
            .filter(|remedy| remedy.states.iter().any(|id| id == state))
            .try_for_each(|remedy| self.remedy("    ", remedy))
    }

    fn remedy(&mut self, indent: &str, remedy: &Remedy) -> io::Result<()> {
        self.prose(indent, "Or, depending on what else is found:")?;
        self.fix(indent, &remedy.fix)
    }

    fn line(&mut self, words: &str) -> io::Result<()> {
        writeln!(self.out, "{words}")
    }

    fn head(&mut self, id: &str, title: &str) -> io::Result<()> {
        let lines = text::wrap(&format!("{id}  {title}"), self.look, "", "  ");
        for (index, line) in lines.iter().enumerate() {
            match line.strip_prefix(id) {
                Some(rest) if index == 0 => writeln!(self.out, "{} {rest}", self.look.paint(Tone::Strong, id))?,
                _ => self.line(line)?,
            }
        }
        Ok(())
    }

    fn part(&mut self, name: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.look.paint(Tone::Strong, name))
    }

    fn prose(&mut self, indent: &str, words: &str) -> io::Result<()> {
        if words.is_empty() {
            return Ok(());
        }
        text::wrap(words, self.look, indent, indent).iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }

    fn faint(&mut self, indent: &str, words: &str) -> io::Result<()> {
        let lines = text::wrap(words, self.look, indent, indent);
        lines.iter().try_for_each(|line| writeln!(self.out, "{}", self.look.paint(Tone::Faint, line)))
    }

    /// One state; `alone` shows what to do even where that is the check's own fix.
    fn diagnosis(&mut self, subject: Subject<'_>, diagnosis: &Diagnosis, alone: bool) -> io::Result<()> {
        let check = subject.check;
        let mut notes = vec![format!("{}/{}", subject.id(), diagnosis.id)];
        if let Some(lower) = diagnosis.level.filter(|lower| *lower != check.level) {
            notes.push(lower.word().to_owned());
        }
        match diagnosis.outcome {
            None | Some(Outcome::Fail) => {}
            Some(Outcome::Pass) => notes.push("in order".to_owned()),
            Some(Outcome::Skip) => notes.push("does not count".to_owned()),
            Some(Outcome::Unknown) => notes.push("cannot be told".to_owned()),
        }
        if !diagnosis.on.is_empty() {
            notes.push(format!("only {}", places(&diagnosis.on)));
        }
        self.asks_facts |= !template::names(&diagnosis.say).is_empty();
        self.prose("  ", &diagnosis.say)?;
        self.faint("  ", &notes.join(self.look.dot()))?;
        self.fix("    ", if diagnosis.fix.is_empty() && alone { &check.fix } else { &diagnosis.fix })?;
        self.remedies(subject, &diagnosis.id)?;
        if !diagnosis.see.is_empty() {
            self.prose("    ", &format!("Read: {}", *diagnosis.see))?;
        }
        Ok(())
    }

    /// Every platform's step, the special before the general.
    fn fix(&mut self, indent: &str, fix: &Fix) -> io::Result<()> {
        for word in WORDS {
            let Some(step) = fix.get(*word) else { continue };
            let place = match *word {
                "any" if fix.len() > 1 => "elsewhere".to_owned(),
                "debian" if fix.contains_key("ubuntu") => "on Debian".to_owned(),
                word => on(word),
            };
            self.asks_facts |= step.run.iter().chain([&step.act]).any(|text| !template::names(text).is_empty());
            let words = format!("{}: {}", capital(&place), text::sentence(&step.act));
            self.prose(indent, words.trim_end())?;
            for command in &step.run {
                for line in text::command(command).lines() {
                    writeln!(self.out, "{indent}    {line}")?;
                }
            }
            self.prose(&format!("{indent}  "), &after(step))?;
            self.prose(&format!("{indent}  "), &step.see)?;
        }
        Ok(())
    }
}

fn after(step: &Step) -> String {
    let notes = [
        (step.after_sentence().is_some(), step.after_sentence().unwrap_or_default()),
        (step.destructive, "Careful: this removes or overwrites something."),
        (step.owner == Owner::Staff, "Ask your course staff for help with it."),
        (step.owner == Owner::Admin, "It needs administrator rights."),
    ];
    notes.iter().filter(|(holds, _)| *holds).map(|(_, words)| *words).collect::<Vec<_>>().join(" ")
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
