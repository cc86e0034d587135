//! Commands whose whole effect is on one text file of the home folder: a start-up file, `~/.gitconfig`. They can be tried
//! on a copy, shown as a difference, and written at once or not at all.

use crate::model::words;

/// A command that edits one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file as the command writes it: `~/.bashrc`, `~/'my files'/rc`.
    pub written: String,
    /// Its path, `~` at the start being the home folder.
    pub file: String,
    /// The command with [`COPY`] where the file stood.
    pub on_copy: String,
    /// How many values it reads from its standard input, a line each.
    pub reads: usize,
}

/// Stands for the copy's path.
pub const COPY: &str = "\u{1}COPY\u{1}";

/// git's own file of settings; where there is another one, git names it.
const GITCONFIG: &str = "~/.gitconfig";

/// Parts that look, print or ask, and write only where their output is sent.
const HARMLESS: &[&str] = &["grep", "tail", "[", "test", "printf", "echo", "read", "true"];

/// What a command edits, if that is all it does.
pub fn of(command: &str) -> Option<Edit> {
    let parts = words::parts(command);
    if parts.is_empty() || parts.iter().any(|part| part.sudo) {
        return None;
    }
    let reads = ["read -r ", "(read -P "].iter().map(|word| command.matches(word).count()).sum();
    if command.contains("git config --global ") {
        let other = |text: &str| !text.starts_with("git config --global ") && !harmless(text);
        if parts.iter().any(|part| other(part.text) || part.writes.is_some()) {
            return None;
        }
        let on_copy = command.replace("git config --global ", &format!("git config --file {COPY} "));
        return Some(Edit { written: GITCONFIG.to_owned(), file: GITCONFIG.to_owned(), on_copy, reads });
    }
    let in_place = |text: &str| text.starts_with("sed -i") || text.starts_with("perl -pi");
    let mut files = parts.iter().filter_map(|part| match part.writes {
        Some(file) => Some(file),
        None if in_place(part.text) => last_word(part.text),
        None => None,
    });
    let file = files.next()?;
    if files.any(|other| other != file) || parts.iter().any(|part| !harmless(part.text) && !in_place(part.text)) {
        return None;
    }
    let path = unquoted(file);
    // A dotfile of the home folder, or one below ~/.config: a text that a person may have written.
    if !path.starts_with("~/.") || path.contains('$') || path.starts_with("~/.ssh/id_") {
        return None;
    }
    let on_copy = command.replace(file, COPY);
    Some(Edit { written: file.to_owned(), file: path, on_copy, reads })
}

fn harmless(text: &str) -> bool {
    HARMLESS.contains(&text.split(' ').next().unwrap_or(""))
}

/// The last word of a simple command, quotes and all.
fn last_word(text: &str) -> Option<&str> {
    let quoted = text.ends_with('\'').then(|| text[..text.len() - 1].rfind('\'')).flatten();
    let at = text[..quoted.unwrap_or(text.len())].rfind(' ')?;
    Some(&text[at + 1..])
}

fn unquoted(word: &str) -> String {
    word.replace(['\'', '"'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_one_file_are_known() {
        let edit = of(r#"grep -qs 'pyenv init' ~/.bashrc || echo 'eval "$(pyenv init -)"' >> ~/.bashrc"#).unwrap();
        assert_eq!(edit.file, "~/.bashrc");
        assert_eq!(edit.on_copy.matches(COPY).count(), 2);
        let edit = of("git config --global init.defaultBranch main").unwrap();
        assert_eq!((edit.file.as_str(), edit.reads), ("~/.gitconfig", 0));
        assert_eq!(edit.on_copy, format!("git config --file {COPY} init.defaultBranch main"));
        let ask = r#"printf 'Your name: ' && read -r name && git config --global user.name "$name""#;
        assert_eq!(of(ask).unwrap().reads, 1);
        let both = format!(
            "{ask} && printf 'Your e-mail address: ' && read -r email && git config --global user.email \"$email\""
        );
        assert_eq!(of(&both).unwrap().reads, 2);
        assert_eq!(of("sed -i.bak '3s/^/# /' ~/'my home'/.gitconfig"), None);
        assert_eq!(of("sed -i.bak '3s/^/# /' ~/.gitconfig").unwrap().file, "~/.gitconfig");
        assert_eq!(of("echo x >> ~/'.config/my shell'/rc").unwrap().file, "~/.config/my shell/rc");
    }

    #[test]
    fn what_does_more_is_no_edit() {
        for command in [
            "sudo tee -a /etc/hosts",
            "mkdir -p ~/.x && echo y >> ~/.x/z",
            "echo x >> /etc/profile",
            "git config core.autocrlf input",
            "npm config set prefix ~/.npm-global",
            "printf '\\n' >> ~/.ssh/id_ed25519",
            "echo x >> ~/.a && echo y >> ~/.b",
        ] {
            assert_eq!(of(command), None, "{command}");
        }
    }
}
