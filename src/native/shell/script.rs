//! As much of shell language as start-up files need: words, simple variables, `source` lines, changes of PATH.
//! It is read, never run; what it cannot follow it leaves out, and a caller that must be sure asks the shell itself.

use std::collections::BTreeMap;

/// Values of variables as far as the files say them; `~` stands for the home folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    known: BTreeMap<String, String>,
}

/// Where variables point that set-up lines compute, so that reading cannot tell.
const USUAL: &[(&str, &str)] = &[
    ("HOME", "~"),
    ("NVM_DIR", "~/.nvm"),
    ("PYENV_ROOT", "~/.pyenv"),
    ("ZSH", "~/.oh-my-zsh"),
    ("ZDOTDIR", "~"),
    ("VOLTA_HOME", "~/.volta"),
    ("CARGO_HOME", "~/.cargo"),
    ("GOPATH", "~/go"),
    ("BUN_INSTALL", "~/.bun"),
    ("XDG_CONFIG_HOME", "~/.config"),
    ("XDG_DATA_HOME", "~/.local/share"),
    ("__fish_config_dir", "~/.config/fish"),
];

/// Commands that stand inside PATH lines, and the variable that answers for them.
const COMMANDS: &[(&str, &str)] = &[
    ("$(go env GOPATH)", "$GOPATH"),
    ("`go env GOPATH`", "$GOPATH"),
    ("(go env GOPATH)", "$GOPATH"),
    ("$(pyenv root)", "$PYENV_ROOT"),
    ("(pyenv root)", "$PYENV_ROOT"),
    ("$(brew --prefix)", "$HOMEBREW_PREFIX"),
    ("(brew --prefix)", "$HOMEBREW_PREFIX"),
];

impl Variables {
    /// Remembers a value.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.known.insert(name.to_owned(), value.into());
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let usual = || USUAL.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        self.known.get(name).map(String::as_str).or_else(usual)
    }

    /// A word with its variables put in; nothing where one of them is not known.
    pub(super) fn expand(&self, word: &str) -> Option<String> {
        let mut word = word.to_owned();
        for (command, variable) in COMMANDS {
            word = word.replace(command, variable);
        }
        let mut out = String::with_capacity(word.len());
        let mut rest = word.as_str();
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(body) = after.strip_prefix('{') {
                let end = body.find('}')?;
                let name_len = name_length(body);
                let (name, default) = (&body[..name_len], body[name_len..end].trim_start_matches([':', '-', '=']));
                match self.known.get(name) {
                    Some(value) => out.push_str(value),
                    None if !default.is_empty() => out.push_str(&self.expand(default)?),
                    None => out.push_str(self.get(name)?),
                }
                rest = &body[end + 1..];
            } else {
                let len = name_length(after);
                if len == 0 {
                    return None;
                }
                out.push_str(self.get(&after[..len])?);
                rest = &after[len..];
            }
        }
        out.push_str(rest);
        Some(out.replace(DOLLAR, "$"))
    }
}

fn name_length(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}

/// Stands for a `$` that quotes protect.
const DOLLAR: char = '\u{1}';

/// A line cut into words and separators, quotes removed; `$(…)` stays one piece. A comment ends the line.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut started = false;
    let mut chars = line.chars().peekable();
    let mut quote = None;
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        if depth > 0 {
            depth = match c {
                '(' => depth + 1,
                ')' => depth - 1,
                _ => depth,
            };
            word.push(c);
            continue;
        }
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), '$') => word.push(DOLLAR),
            (None | Some('"'), '$') if chars.peek() == Some(&'(') => {
                word.push_str("$(");
                chars.next();
                depth = 1;
                started = true;
            }
            (None | Some('"'), '\\') => word.extend(chars.next().map(|c| if c == '$' { DOLLAR } else { c })),
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                started = true;
            }
            (None, '#') if word.is_empty() && !started => break,
            (None, c) if c.is_whitespace() => end_word(&mut words, &mut word, &mut started),
            (None, ';' | '&' | '|' | '(' | ')') => {
                end_word(&mut words, &mut word, &mut started);
                words.push(";".to_owned());
            }
            (None, c) => {
                word.push(c);
                started = true;
            }
        }
    }
    end_word(&mut words, &mut word, &mut started);
    words
}

fn end_word(words: &mut Vec<String>, word: &mut String, started: &mut bool) {
    if *started || !word.is_empty() {
        words.push(std::mem::take(word));
    }
    *started = false;
}

/// Words after which a command starts.
const LEADING: &[&str] =
    &[";", "then", "do", "else", "{", "and", "or", "if", "builtin", "command", "begin", "emulate", "!", "--"];

/// The files that a line sources, variables put in.
pub(super) fn sourced(line: &[String], variables: &Variables) -> Vec<String> {
    let starts = |at: usize| at == 0 || LEADING.contains(&line[at - 1].as_str());
    line.iter()
        .enumerate()
        .filter(|(at, word)| matches!(word.as_str(), "source" | ".") && starts(*at))
        .filter_map(|(at, _)| line.get(at + 1))
        .filter_map(|word| variables.expand(word))
        .collect()
}

/// Takes over what a line assigns: `NAME=value`, `export NAME=value`, fish's `set -gx NAME value`, and the list of
/// `for NAME in …`.
pub(super) fn assign(line: &[String], variables: &mut Variables) {
    for (at, word) in line.iter().enumerate() {
        if let Some((name, value)) = word.split_once('=')
            && !name.is_empty()
            && name_length(name) == name.len()
            && !is_path(name)
        {
            if let Some(value) = variables.expand(value) {
                variables.set(name, value);
            }
        } else if word == "set" || word == "for" {
            let mut rest = line[at + 1..].iter().filter(|word| !word.starts_with('-'));
            let name = rest.next();
            let value = rest.find(|value| word == "set" || *value != "in");
            if let Some((name, value)) = name.zip(value)
                && !is_path(name)
                && let Some(value) = variables.expand(value)
            {
                variables.set(name, value);
            }
        }
    }
}

fn is_path(name: &str) -> bool {
    matches!(name, "PATH" | "path" | "fish_user_paths")
}

/// The folders that a line puts on PATH, variables put in, as far as they can be read.
pub(super) fn path_folders(line: &[String], variables: &Variables) -> Vec<String> {
    let command = |name: &str| line.iter().any(|word| word == name);
    let mut folders = Vec::new();
    let mut in_list = false;
    for (at, word) in line.iter().enumerate() {
        let lower = word.to_ascii_lowercase();
        let value = if let Some((name, value)) = word.split_once('=') {
            let name = name.trim_end_matches('+');
            in_list = name == "path" && value.is_empty();
            (name == "PATH" || name == "path").then_some(value)
        } else if word == ";" {
            in_list &= line[at - usize::from(at > 0)].contains('=');
            None
        } else if in_list || command("fish_add_path") || command("set") {
            let sets_path = |word: &String| matches!(word.as_str(), "PATH" | "fish_user_paths" | "fish_add_path");
            (in_list || line[..at].iter().any(sets_path)).then_some(word.as_str())
        } else if lower.ends_with("brew shellenv)") || lower.contains("/brew shellenv") {
            let brew = word.trim_start_matches("$(").split(' ').next().unwrap_or("");
            brew.strip_suffix("/brew")
        } else if lower.contains("pyenv init") || (word == "init" && at > 0 && line[at - 1] == "pyenv") {
            Some("$PYENV_ROOT/shims")
        } else {
            command("pathmunge").then_some(word.as_str()).filter(|word| word.contains('/'))
        };
        for part in value.unwrap_or("").split(':').filter(|part| !part.is_empty()) {
            folders.extend(variables.expand(part).filter(|part| part.starts_with(['/', '~'])));
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(lines: &str) -> Vec<String> {
        let mut variables = Variables::default();
        let mut all = Vec::new();
        for line in lines.lines() {
            let line = words(line);
            assign(&line, &mut variables);
            all.extend(path_folders(&line, &variables));
        }
        all
    }

    #[test]
    fn sourced_files_are_found_in_usual_forms() {
        let mut variables = Variables::default();
        variables.set("D", "~/x");
        for (line, want) in [
            (". ~/.bashrc", "~/.bashrc"),
            (r#"[ -s "$NVM_DIR/nvm.sh" ] && \. "$NVM_DIR/nvm.sh"  # This loads nvm"#, "~/.nvm/nvm.sh"),
            (r#"if [ -f "${HOME}/.bashrc" ]; then source "${HOME}/.bashrc"; fi"#, "~/.bashrc"),
            (r"test -f $D/a; and source $D/a", "~/x/a"),
            (r#". "${XDG_CONFIG_HOME:-$HOME/.config}/a b""#, "~/.config/a b"),
        ] {
            assert_eq!(sourced(&words(line), &variables), [want], "{line}");
        }
        for line in ["# . ~/.bashrc", "echo source x", r#"eval "$(pyenv init -)""#, r#". "$UNKNOWN/x""#] {
            assert!(sourced(&words(line), &variables).is_empty(), "{line}");
        }
    }

    #[test]
    fn path_changes_are_found_in_usual_forms() {
        for (line, want) in [
            (r#"export PATH="$HOME/.local/bin:$PATH""#, "~/.local/bin"),
            ("PATH=$PATH:/usr/local/go/bin", "/usr/local/go/bin"),
            ("export GOBIN=$HOME/gobin\nexport PATH=\"$PATH:$GOBIN\"", "~/gobin"),
            ("path+=(~/bin)", "~/bin"),
            ("path=(~/bin $path)", "~/bin"),
            ("fish_add_path -g ~/.local/bin", "~/.local/bin"),
            ("set -gx PNPM_HOME ~/p\nset -gx PATH \"$PNPM_HOME\" $PATH", "~/p"),
            ("set -Ux fish_user_paths $HOME/.cargo/bin $fish_user_paths", "~/.cargo/bin"),
            (r#"eval "$(/opt/homebrew/bin/brew shellenv)""#, "/opt/homebrew/bin"),
            (r#"eval "$(pyenv init - bash)""#, "~/.pyenv/shims"),
            ("pyenv init - fish | source", "~/.pyenv/shims"),
            (r#"[[ -d $PYENV_ROOT/bin ]] && export PATH="$PYENV_ROOT/bin:$PATH""#, "~/.pyenv/bin"),
            ("export PATH=$PATH:$(go env GOPATH)/bin", "~/go/bin"),
        ] {
            assert_eq!(folders(line), [want], "{line}");
        }
        assert!(folders("# export PATH=/x:$PATH\necho PATH is /x").is_empty());
    }
}
