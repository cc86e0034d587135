//! Asking the person, a line at a time.

use std::io::{self, BufRead as _, Write as _};

use crate::{
    cli::{Failure, failure::reason},
    model::fix::Ask,
};

/// What the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    All,
    Quit,
    Explain,
}

impl Answer {
    /// The answer that a line gives: its first letter or the whole word. An empty line is none: what changes a machine
    /// is never what Enter alone means.
    fn of(line: &str) -> Option<Self> {
        let word = line.trim().to_lowercase();
        let all = [
            ("yes", Self::Yes),
            ("no", Self::No),
            ("all", Self::All),
            ("quit", Self::Quit),
            ("explain", Self::Explain),
        ];
        all.into_iter().find(|(name, _)| !word.is_empty() && (*name == word || name[..1] == word)).map(|(_, is)| is)
    }
}

/// Asks until there is an answer; the end of the input means to quit.
pub(super) fn ask(words: &str, all: bool) -> Result<Answer, Failure> {
    let choices = if all { "[y]es, [n]o, [a]ll, [q]uit, [e]xplain" } else { "[y]es, [n]o, [q]uit, [e]xplain" };
    loop {
        let Some(line) = line(&format!("    {words} {choices}: "))? else { return Ok(Answer::Quit) };
        match Answer::of(&line).filter(|answer| all || *answer != Answer::All) {
            Some(answer) => return Ok(answer),
            None => tell("    Type one of the letters in brackets, then press Enter.\n")?,
        }
    }
}

/// Asks for a value until it can be one; nothing where the input ends.
pub(super) fn value(ask: Ask) -> Result<Option<String>, Failure> {
    loop {
        let Some(line) = line(&format!("    {}: ", ask.words()))? else { return Ok(None) };
        match ask.accept(&line) {
            Ok(value) => return Ok(Some(value)),
            Err(why) => tell(&format!("    Not that: {why}.\n"))?,
        }
    }
}

fn line(prompt: &str) -> Result<Option<String>, Failure> {
    tell(prompt)?;
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => tell("\n").map(|()| None),
        Ok(_) => Ok(Some(line)),
        // Bytes that are no text are no answer.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(error) => Err(Failure::new("input", reason(&error))),
    }
}

fn tell(words: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(words.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::new("output", reason(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_offered_is_an_answer() {
        for (line, want) in [
            ("y\n", Some(Answer::Yes)),
            ("YES\n", Some(Answer::Yes)),
            (" n \n", Some(Answer::No)),
            ("all", Some(Answer::All)),
            ("q", Some(Answer::Quit)),
            ("explain", Some(Answer::Explain)),
            ("", None),
            ("\n", None),
            ("ye", None),
            ("yellow", None),
        ] {
            assert_eq!(Answer::of(line), want, "{line:?}");
        }
    }
}
