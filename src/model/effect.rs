//! What a command does, as far as its words tell: what it changes, whether it downloads, whether it asks something or
//! acts on its terminal only. The knowledge is in `checks/commands.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words;

/// What is known of commands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commands {
    /// Entries in the order in which they are tried.
    #[serde(default)]
    command: Vec<Known>,
    /// How what is there is installed again.
    #[serde(default)]
    again: Vec<Again>,
}

/// How a command that installs is changed to write the files of what is there again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Again {
    /// The beginning of the command.
    starts: String,
    /// What stands there instead; empty where the command stays.
    instead: String,
    /// The beginning of one more command with the same words behind it; empty where there is none.
    then: String,
}

/// What is known of commands that start with some words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// The words.
    starts: Vec<String>,
    /// What they change; nothing where they only look.
    #[serde(default)]
    changes: String,
    /// Whether they fetch something from the network.
    #[serde(default)]
    download: bool,
    /// Whether they act on the terminal that they are typed into, and on nothing else.
    #[serde(default)]
    here: bool,
    /// Whether they ask the person something.
    #[serde(default)]
    talks: bool,
}

/// What one command does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Effect {
    /// What it changes, each the end of a sentence that begins with "This"; empty where it only looks.
    pub changes: Vec<String>,
    /// It fetches something from the network.
    pub download: bool,
    /// It asks the person something.
    pub talks: bool,
    /// It needs root's rights.
    pub sudo: bool,
    /// All it does is done to the terminal that it is typed into.
    pub here: bool,
    /// The addresses that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

impl Commands {
    /// What a command line does, all its parts taken together.
    pub fn effect(&self, line: &str) -> Effect {
        let mut effect = Effect { addresses: addresses(line), ..Effect::default() };
        let (mut here, mut elsewhere, mut words_of_here) = (false, false, String::new());
        for part in words::parts(line) {
            effect.sudo |= part.sudo;
            if let Some(file) = part.writes {
                elsewhere = true;
                effect.note(format!("writes to {file}"));
            }
            let Some(known) = self.of(part.text) else { continue };
            if !known.changes.is_empty() {
                here |= known.here;
                elsewhere |= !known.here;
                // Said only where it is all that happens.
                if !known.here {
                    effect.note(known.changes.clone());
                } else if words_of_here.is_empty() {
                    words_of_here.clone_from(&known.changes);
                }
            }
            effect.download |= known.download;
            effect.talks |= known.talks;
        }
        effect.here = here && !elsewhere;
        if effect.here {
            effect.note(words_of_here);
        }
        effect
    }

    /// The parts of a command line that nothing is known of.
    pub fn unknown<'a>(&self, line: &'a str) -> Vec<&'a str> {
        words::parts(line).into_iter().map(|part| part.text).filter(|part| self.of(part).is_none()).collect()
    }

    /// A command line that installs, changed so that the files of what is there are written again; others as they are.
    pub fn again(&self, line: &str) -> String {
        let again = |part: &str| {
            let known = self.again.iter().find(|known| part.contains(&format!("{} ", known.starts)));
            let Some(Again { starts, instead, then }) = known else { return part.to_owned() };
            let first = if instead.is_empty() { part.to_owned() } else { part.replacen(starts, instead, 1) };
            if then.is_empty() { first } else { format!("{first} && {}", part.replacen(starts, then, 1)) }
        };
        line.split(" && ").map(again).collect::<Vec<_>>().join(" && ")
    }

    fn of(&self, part: &str) -> Option<&Known> {
        let (written, plain) = (words::program(part), words::without_options(part));
        let fits = |start: &String| {
            // A start that ends within a word, such as `Get-`, is the start of many.
            let opens = !start.ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '[');
            [&written, &plain].into_iter().any(|text| {
                text.strip_prefix(start.as_str())
                    .is_some_and(|rest| opens || rest.is_empty() || rest.starts_with([' ', ';', ':', '(', '"']))
            })
        };
        self.command.iter().find(|known| known.starts.iter().any(fits))
    }
}

impl Effect {
    /// Whether it only looks.
    pub fn looks(&self) -> bool {
        self.changes.is_empty()
    }

    fn note(&mut self, change: String) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }
}

/// The addresses on a line.
fn addresses(line: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "\"'`)|;<>".contains(c);
    let mut found = Vec::new();
    for (at, _) in line.match_indices("http") {
        let text = &line[at..];
        if !text.starts_with("https://") && !text.starts_with("http://") {
            continue;
        }
        // In quotes it may have the machine's kind put in: `$(uname -m)`.
        let address = match line[..at].chars().next_back() {
            Some(quote @ ('"' | '\'')) => text.split(quote).next(),
            _ if text.split(ends).next().is_some_and(|word| word.contains("$(")) => text.split(" -o ").next(),
            _ => text.split(ends).next(),
        };
        // An address inside another word, as in a sed script, is none that is fetched.
        found.extend(address.filter(|text| !text.contains("([")).map(str::to_owned));
    }
    found
}
