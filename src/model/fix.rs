//! What to do about a finding, as data: commands to paste, a thing to do, a page to read, per platform.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    placeholder::is_placeholder,
    platform::{Escalate, Os, Platform, WORDS},
};

/// Who can carry out a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The learner alone.
    #[default]
    Learner,
    /// Course staff must look.
    Staff,
    /// Whoever administers the machine or the account.
    Admin,
}

/// A value that only the learner knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// A person's name.
    Name,
    /// A person's e-mail address.
    Email,
}

impl Ask {
    /// What to ask for.
    pub fn words(self) -> &'static str {
        match self {
            Self::Name => "Your name",
            Self::Email => "Your e-mail address",
        }
    }

    /// The value without what surrounds it, or a sentence that says what is wrong with it.
    ///
    /// # Errors
    /// The sentence.
    pub fn accept(self, typed: &str) -> Result<String, &'static str> {
        let value = typed.trim();
        if value.is_empty() {
            return Err("nothing was typed");
        }
        if value.contains(['<', '>']) || value.contains(char::is_control) {
            return Err("angle brackets and control characters do not belong there");
        }
        if is_placeholder(value) {
            return Err("that is an example; your own is needed");
        }
        match self {
            Self::Name if !value.chars().any(char::is_alphabetic) => Err("there is no letter in it"),
            Self::Name if value.contains('@') => Err("that is an e-mail address; this asks for your name"),
            Self::Email if !is_address(value) => Err("an e-mail address looks like ada@lovelace.dev"),
            _ => Ok(value.to_owned()),
        }
    }
}

/// Whether a text has the form of an e-mail address; whether mail arrives there nobody can tell.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = !text.contains([' ', ',', ';', '"', '\'', '(', ')']) && !local.contains('@');
    let labels: Vec<&str> = domain.split('.').collect();
    let sound = |label: &&str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    plain && !local.is_empty() && labels.len() > 1 && labels.iter().all(sound)
}

/// What must happen before a fix counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum After {
    /// A new terminal must be opened.
    NewTerminal,
    /// The person must log out and in again.
    NewLogin,
    /// The computer must be restarted.
    Restart,
}

impl After {
    /// What to do, a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NewTerminal => "Then open a new terminal.",
            Self::NewLogin => "Then log out and log in again.",
            Self::Restart => "Then restart the computer.",
        }
    }
}

/// One way to mend something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// Commands to paste, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// The same for a learner whose shell is fish, where it must differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fish: Vec<String>,
    /// What to do by hand, one sentence without a full stop.
    #[serde(rename = "do", skip_serializing_if = "String::is_empty")]
    pub act: String,
    /// The page that explains it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub see: String,
    /// Takes effect in a new terminal only.
    #[serde(skip_serializing_if = "is_false")]
    pub new_shell: bool,
    /// Takes effect after logging out and in again.
    #[serde(skip_serializing_if = "is_false")]
    pub new_login: bool,
    /// Takes effect after a restart of the machine.
    #[serde(skip_serializing_if = "is_false")]
    pub restart: bool,
    /// Removes or overwrites something.
    #[serde(skip_serializing_if = "is_false")]
    pub destructive: bool,
    /// Fetches a vendor's installer from the network and runs it.
    #[serde(skip_serializing_if = "is_false")]
    pub installer: bool,
    /// What the commands ask for with `read` or `Read-Host`, in order: values that only the learner knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<Ask>,
    /// Who can do it.
    pub owner: Owner,
    /// A command whose success shows that the fix worked, where the check itself cannot.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub verify: String,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Step {
    /// Whether any command asks for root's rights.
    pub fn sudo(&self) -> bool {
        self.run
            .iter()
            .any(|command| command.split([' ', '|', '&', ';', '(']).any(|word| word == "sudo" || word == "doas"))
    }

    /// What must happen before it counts; what asks for most.
    pub fn after(&self) -> Option<After> {
        let all =
            [(self.restart, After::Restart), (self.new_login, After::NewLogin), (self.new_shell, After::NewTerminal)];
        all.into_iter().find_map(|(holds, after)| holds.then_some(after))
    }

    /// The same as a sentence, where `act` does not say it already.
    pub fn after_sentence(&self) -> Option<&'static str> {
        let after = self.after()?;
        let act = self.act.to_lowercase();
        let said = match after {
            After::NewTerminal => act.contains("new terminal"),
            After::NewLogin => act.contains("log out"),
            After::Restart => act.contains("restart the computer") || act.contains("restart windows"),
        };
        (!said).then_some(after.sentence())
    }

    /// Whether there is nothing to do in it.
    pub fn is_empty(&self) -> bool {
        self.run.is_empty() && self.act.is_empty() && self.see.is_empty()
    }
}

/// Steps by platform word (see [`WORDS`]); the most special word that applies wins. In boxes, because a tree keeps room
/// for eleven where most fixes have two.
pub type Fix = BTreeMap<String, Box<Step>>;

/// The step for this machine, with commands written as its user must type them: without `sudo` for root, with
/// `doas` where that is what there is, for an administrator where there is neither, in fish's words for fish.
pub fn step_for(fix: &Fix, platform: &Platform) -> Option<Step> {
    let step = WORDS.iter().filter(|word| platform.is(word)).find_map(|word| fix.get(*word))?;
    let mut step = Step::clone(step);
    if platform.shell == "fish" && !step.fish.is_empty() {
        step.run = std::mem::take(&mut step.fish);
    }
    step.fish.clear();
    // Only one of the two may be a maker's installer.
    step.installer &= step.run.is_empty() || step.run.iter().any(|command| command.contains("http"));
    Some(step.with_rights_of(platform))
}

impl Step {
    /// Its commands as this user must type them to have the rights of an administrator.
    #[must_use]
    pub fn with_rights_of(mut self, platform: &Platform) -> Self {
        let step = &mut self;
        if platform.os != Os::Windows && step.sudo() {
            match (platform.root, platform.escalate) {
                (true, _) => step.run.iter_mut().for_each(|command| *command = without_sudo(command, "")),
                (false, Escalate::Doas) => {
                    step.run.iter_mut().for_each(|command| *command = without_sudo(command, "doas "));
                }
                (false, Escalate::None) => {
                    step.owner = step.owner.max(Owner::Admin);
                }
                (false, Escalate::Sudo) => {}
            }
        }
        self
    }
}

/// Replaces each `sudo ` that starts a command by `instead`; the word inside quotes or paths stays.
fn without_sudo(command: &str, instead: &str) -> String {
    let mut out = String::with_capacity(command.len());
    let mut rest = command;
    while let Some(at) = rest.find("sudo ") {
        let starts = at == 0 || rest[..at].trim_end_matches(' ').ends_with(['|', '&', ';', '(']);
        out.push_str(&rest[..at]);
        out.push_str(if starts { instead } else { "sudo " });
        rest = &rest[at + "sudo ".len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix() -> Fix {
        let step = |run: &str| Box::new(Step { run: vec![run.to_owned()], ..Step::default() });
        [
            ("debian".to_owned(), step("sudo apt-get update && sudo apt-get install -y git")),
            ("any".to_owned(), step("x")),
        ]
        .into()
    }

    fn commands(platform: Platform) -> Vec<String> {
        step_for(&fix(), &platform).unwrap_or_default().run
    }

    #[test]
    fn what_is_typed_is_looked_at_and_never_changed() {
        assert_eq!(Ask::Name.accept("  Ada King \n"), Ok("Ada King".to_owned()));
        assert_eq!(Ask::Email.accept("ada@lovelace.dev"), Ok("ada@lovelace.dev".to_owned()));
        for (ask, typed) in [
            (Ask::Name, ""),
            (Ask::Name, "Your Name"),
            (Ask::Name, "ada@lovelace.dev"),
            (Ask::Name, "Ada <ada>"),
            (Ask::Name, "42"),
            (Ask::Email, "you@example.com"),
            (Ask::Email, "ada"),
            (Ask::Email, "ada@lovelace"),
            (Ask::Email, "ada@@lovelace.dev"),
            (Ask::Email, "ada king@lovelace.dev"),
            (Ask::Email, "ada@-x.dev"),
        ] {
            assert!(ask.accept(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn root_needs_no_sudo_and_alpine_says_doas() {
        let debian = Platform { os: Os::Linux, family: "debian".into(), ..Platform::default() };
        assert_eq!(commands(debian.clone()), ["sudo apt-get update && sudo apt-get install -y git"]);
        assert_eq!(commands(Platform { root: true, ..debian.clone() }), ["apt-get update && apt-get install -y git"]);
        assert_eq!(
            commands(Platform { escalate: Escalate::Doas, ..debian }),
            ["doas apt-get update && doas apt-get install -y git"]
        );
        assert_eq!(commands(Platform { os: Os::Macos, ..Platform::default() }), ["x"]);
    }
}
