//! What to send to one learner: only their own open items, in the collector's words and with the collector's commands.

use std::collections::{HashMap, HashSet};

use super::notes;
use crate::{
    cohort::{Absent, Cause, Cohort, Item, Learner, Verdict},
    model::Owner,
    render::{
        Look,
        text::{self, line, sentence},
    },
};

/// Writes messages; looks causes up by their id.
#[derive(Debug)]
pub struct Messages<'a> {
    cohort: &'a Cohort,
    causes: HashMap<&'a str, &'a Cause>,
}

impl<'a> Messages<'a> {
    /// To the learners of a cohort.
    pub fn new(cohort: &'a Cohort) -> Self {
        Self { cohort, causes: cohort.causes.iter().map(|cause| (cause.id.as_str(), cause)).collect() }
    }

    /// Every message with the name of its file: those who reported, then those who did not.
    pub fn all(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let mut names = FileNames::default();
        let reported = self.cohort.learners.iter().map(|learner| (&learner.id, self.to(learner)));
        let absent = self.cohort.not_reported.iter().map(|absent| (&absent.id, to_absent(absent)));
        reported.chain(absent).map(move |(id, text)| (names.of(id), text))
    }

    /// The message to one learner.
    pub fn to(&self, learner: &Learner) -> String {
        let mut out = hello(&learner.name);
        let open: Vec<(&str, &Item)> = (learner.machines.iter())
            .flat_map(|machine| machine.open.iter().map(move |item| (machine.platform, item)))
            .collect();
        let (must, can): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, item)| item.counts);
        out.push_str(&match (learner.verdict, must.len()) {
            (Verdict::Ready, _) => "Your machine is ready for the course.\n".to_owned(),
            (_, 1) => "One thing is left before your machine is ready for the course:\n".to_owned(),
            (_, many) => format!("{many} things are left before your machine is ready for the course:\n"),
        });
        let several = learner.machines.len() > 1;
        for (number, (platform, item)) in must.iter().enumerate() {
            self.item(number + 1, several.then_some(platform), item, &mut out);
        }
        if !can.is_empty() {
            out.push_str(if can.len() == 1 { "\nThis one can wait:\n" } else { "\nThese can wait:\n" });
        }
        for (number, (platform, item)) in can.iter().enumerate() {
            self.item(must.len() + number + 1, several.then_some(platform), item, &mut out);
        }
        if !must.is_empty() {
            out.push_str("\nThen run this, and hand the new report in:\n\n    doctor --output report.json\n");
        }
        out
    }

    fn item(&self, number: usize, platform: Option<&&str>, item: &Item, out: &mut String) {
        let cause = self.causes.get(&*item.cause).copied();
        // What a report says stays out: these are the collector's words.
        let say = cause.map(|cause| cause.say.as_str()).filter(|say| !say.is_empty());
        let unknown = || match id(&item.check) {
            Some(check) => format!("`{check}` is not in order"),
            None => "A check that we do not know is not in order".to_owned(),
        };
        let say = say.map_or_else(unknown, |say| line(say, Look::default()));
        let place = platform.map(|platform| format!(" (on {platform})")).unwrap_or_default();
        out.push_str(&format!("\n{number}. {say}{place}\n"));
        match item.owner {
            Owner::Learner => {}
            Owner::Staff => out.push_str("   Course staff will help you with this one.\n"),
            Owner::Admin => out.push_str("   This needs someone with administrator rights on the machine.\n"),
        }
        let Some(step) = item.fix.and_then(|fix| self.cohort.fixes.get(fix)) else { return };
        if !step.run.is_empty() {
            out.push_str(if step.run.len() == 1 {
                "   Paste this:\n\n"
            } else {
                "   Paste these, one after the other:\n\n"
            });
            for command in &step.run {
                for line in text::command(command).lines() {
                    out.push_str(&format!("       {line}\n"));
                }
            }
            out.push('\n');
        }
        for note in notes(step) {
            out.push_str(&format!("   {}\n", line(&note, Look::default())));
        }
        if !step.see.is_empty() {
            out.push_str(&format!("   Read: {}\n", line(&step.see, Look::default())));
        }
    }
}

fn to_absent(absent: &Absent) -> String {
    let ask = "There is no report of your machine yet. Please run this, and hand the file in:\n\n    doctor --output report.json\n";
    hello(&absent.name) + ask
}

fn hello(name: &str) -> String {
    let name = line(name, Look::default());
    if name.is_empty() {
        "Hello,\n\n".to_owned()
    } else {
        format!("{},\n\n", sentence(&format!("Hello {name}")).trim_end_matches('.'))
    }
}

/// A check's id, where it is one as doctors write them.
fn id(check: &str) -> Option<&str> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let (tool, name) = check.split_once('.')?;
    (check.len() <= 60 && is_word(tool) && is_word(name)).then_some(check)
}

/// Names of files that are safe on every system, no two alike where case does not count.
#[derive(Debug, Default)]
pub struct FileNames {
    used: HashSet<String>,
}

/// Names that Windows takes for devices, with any ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

impl FileNames {
    /// A new name for this learner.
    pub fn of(&mut self, learner: &str) -> String {
        let safe = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
        let mut stem: String = line(learner, Look::default()).chars().map(safe).collect();
        while stem.len() > 80 {
            stem.pop();
        }
        let lower = stem.to_lowercase();
        let is_port =
            ["com", "lpt"].iter().any(|port| lower.strip_prefix(port).is_some_and(|rest| rest.chars().count() == 1));
        if stem.is_empty() || DEVICES.contains(&lower.as_str()) || is_port || stem.chars().all(|c| c == '_') {
            stem = format!("learner_{stem}");
        }
        let mut name = stem.clone();
        let mut number = 2;
        while !self.used.insert(name.to_lowercase()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name + ".txt"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_everywhere() {
        let mut names = FileNames::default();
        let long = "x".repeat(500);
        for (learner, want) in [
            ("ada", "ada.txt"),
            ("ADA", "ADA-2.txt"),
            ("../../etc/passwd", "______etc_passwd.txt"),
            ("C:\\x", "C__x.txt"),
            ("CON", "learner_CON.txt"),
            ("com1", "learner_com1.txt"),
            ("nul.txt", "nul_txt.txt"),
            ("", "learner_.txt"),
            ("..", "learner___.txt"),
            ("__proto__", "__proto__.txt"),
            ("a\u{202e}b\u{1b}[2K\0", "ab.txt"),
            ("Zoë 界", "Zoë_界.txt"),
            (&long, &format!("{}.txt", "x".repeat(80))),
        ] {
            assert_eq!(names.of(learner), want, "{learner:?}");
        }
    }
}
