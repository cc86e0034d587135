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
        Fix, Level, Outcome, Owner, Step,
        check::{Diagnosis, Needs},
        platform::WORDS,
        template,
    },
};

/// Writes a check; `only` narrows it to one of its diagnoses.
///
/// # Errors
/// What writing says.
pub fn terminal(subject: Subject<'_>, only: Option<&str>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Subject { tool, check, .. } = subject;
    let mut page = Page { look, out };
    page.head(&subject.id(), &check.title)?;
    page.faint(&where_and_how_much(subject))?;
    page.part("Why")?;
    page.prose("  ", &text::sentence(&check.why))?;
    page.part("How it is examined")?;
    page.prose("  ", &text::sentence(&how(subject)))?;
    page.part(if only.is_some() { "What was found" } else { "What can be found" })?;
    let mut asks_facts = false;
    if let Some(words) = only.filter(|id| check.diagnose.iter().all(|known| known.id != *id)).and_then(common) {
        page.prose("  ", words)?;
        page.fix(&check.fix)?;
        asks_facts |= check.fix.values().any(has_facts);
    }
    for diagnosis in check.diagnose.iter().filter(|diagnosis| only.is_none_or(|id| id == diagnosis.id)) {
        page.diagnosis(&subject.id(), diagnosis, check.level, if only.is_some() { Some(&check.fix) } else { None })?;
        asks_facts |= diagnosis.fix.values().any(has_facts) || !template::names(&diagnosis.say).is_empty();
    }
    if !check.fix.is_empty() && only.is_none() {
        let words = if check.diagnose.is_empty() { "Anything else than that" } else { "Anything else" };
        page.prose("  ", words)?;
        page.fix(&check.fix)?;
        asks_facts |= check.fix.values().any(has_facts);
    }
    if asks_facts {
        writeln!(page.out)?;
        page.faint("A word in braces stands for what is found on the machine.")?;
    }
    if !tool.page.is_empty() {
        page.part("To read")?;
        page.prose("  ", &tool.page)?;
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
        "end-of-life" => "Its version gets no security updates any more",
        "ending-soon" => "Its version gets security updates for a short time only",
        "unrecognised" => "It ran, but its version could not be read from what it printed",
        "unexpected" => "It answered something else than it should",
        _ => return None,
    })
}

fn has_facts(step: &Step) -> bool {
    step.run.iter().chain([&step.act]).any(|text| !template::names(text).is_empty())
}

fn where_and_how_much(subject: Subject<'_>) -> String {
    let check = subject.check;
    let mut words = vec![check.level.word().to_owned()];
    for (word, level) in &check.level_on {
        words.push(format!("{} {}", level.word(), on(word)));
    }
    let places = |list: &[String]| text::list(&list.iter().map(|word| on(word)).collect::<Vec<_>>());
    if !check.on.is_empty() {
        words.push(format!("only {}", places(&check.on)));
    }
    if !check.not_on.is_empty() {
        words.push(format!("not {}", places(&check.not_on)));
    }
    if !subject.tool.section.is_empty() {
        words.push(format!("chapter {}", subject.tool.section));
    }
    words.join("; ")
}

fn how(subject: Subject<'_>) -> String {
    let check = subject.check;
    let mut words = format!("doctor {}", look_words(&check.probe));
    if !check.requires.is_empty() {
        words.push_str(&format!(", once {} passed", text::list(&check.requires)));
    }
    match check.needs {
        Some(Needs::Online) => words.push_str("; only with `--online`, because it uses the network"),
        Some(Needs::Deep) => words.push_str("; only with `--deep`, because it takes longer"),
        None => {}
    }
    if let Some(version) = &check.expect.version {
        words.push_str(&format!("; the version must be {version}"));
    }
    words
}

/// A platform word for people.
fn on(word: &str) -> String {
    match word {
        "container" => "in a container",
        "wsl" => "in WSL",
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
}

impl Page<'_> {
    fn head(&mut self, id: &str, title: &str) -> io::Result<()> {
        let lines = text::wrap(&format!("{id}  {title}"), self.look, "", "  ");
        for (index, line) in lines.iter().enumerate() {
            match line.strip_prefix(id) {
                Some(rest) if index == 0 => {
                    writeln!(self.out, "{} {rest}", self.look.paint(Tone::Strong, id))?;
                }
                _ => writeln!(self.out, "{line}")?,
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

    fn faint(&mut self, words: &str) -> io::Result<()> {
        for line in text::wrap(words, self.look, "", "") {
            writeln!(self.out, "{}", self.look.paint(Tone::Faint, line))?;
        }
        Ok(())
    }

    fn diagnosis(&mut self, id: &str, diagnosis: &Diagnosis, level: Level, otherwise: Option<&Fix>) -> io::Result<()> {
        let mut notes = vec![format!("{id}/{}", diagnosis.id)];
        if let Some(lower) = diagnosis.level.filter(|lower| *lower != level) {
            notes.push(lower.word().to_owned());
        }
        match diagnosis.outcome {
            None | Some(Outcome::Fail) => {}
            Some(Outcome::Pass) => notes.push("in order".to_owned()),
            Some(Outcome::Skip) => notes.push("does not count".to_owned()),
            Some(Outcome::Unknown) => notes.push("cannot be told".to_owned()),
        }
        if !diagnosis.on.is_empty() {
            notes.push(format!("only {}", text::list(&diagnosis.on.iter().map(|word| on(word)).collect::<Vec<_>>())));
        }
        self.prose("  ", &diagnosis.say)?;
        for line in text::wrap(&notes.join(", "), self.look, "    ", "    ") {
            writeln!(self.out, "{}", self.look.paint(Tone::Faint, line))?;
        }
        let fix = if diagnosis.fix.is_empty() { otherwise.unwrap_or(&diagnosis.fix) } else { &diagnosis.fix };
        self.fix(fix)?;
        if !diagnosis.see.is_empty() {
            self.prose("    ", &format!("Read: {}", diagnosis.see))?;
        }
        Ok(())
    }

    /// Every platform's step, the special before the general.
    fn fix(&mut self, fix: &Fix) -> io::Result<()> {
        for word in WORDS {
            let Some(step) = fix.get(*word) else { continue };
            let place = if *word == "any" && fix.len() > 1 { "elsewhere".to_owned() } else { on(word) };
            let act = text::sentence(&step.act);
            let act = if act.is_empty() { String::new() } else { format!(" {act}") };
            self.prose("    ", &format!("{}:{act}", capital(&place)))?;
            for command in &step.run {
                for line in text::command(command).lines() {
                    writeln!(self.out, "        {line}")?;
                }
            }
            self.prose("      ", &after(step))?;
            if !step.see.is_empty() {
                self.prose("      ", &step.see)?;
            }
        }
        Ok(())
    }
}

fn after(step: &Step) -> String {
    let notes = [
        (step.new_shell, "Then open a new terminal."),
        (step.new_login, "Then log out and log in again."),
        (step.restart, "Then restart the computer."),
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
