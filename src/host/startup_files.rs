//! What of a shell's start-up file may leave the host: the lines that have to do with PATH, with other files and with
//! the tools of the chapter. A learner's aliases, keys and notes stay at home; lines keep their numbers.

use std::sync::LazyLock;

use super::redact::by_text;
use crate::model::Pattern;

/// What stands for a value that is there and not shown.
const SET: &str = "<set>";

/// Lines that change PATH, read other files, or have to do with a tool that probes look for.
static TELLING: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(concat!(
        r"\bPATH\b|\bpath\+?=|fish_user_paths|fish_add_path|pathmunge",
        r"|(^|[\s;&|{(!])(source|\\?\.)\s+\S",
        r"|(?i)nvm|pyenv|fnm|volta|\bmise\b|mise/|asdf|nodenv|shellenv|\.cargo/(bin|env)|/go/bin|gopath|pnpm_home",
        r"|docker_(host|context|api_version)|(node|npm) *\(\)|function +node\b|plugins=\(",
    ))
});

/// A line that does nothing but give one variable a value: `export NAME=value`, `set -gx NAME value`, `for NAME in …`.
static ASSIGNMENT: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"^\s*(?:(?:export|local|declare|typeset|readonly)\s+(?:-\w+\s+)*)?\w+=|^\s*set\s+(?:-\w+\s+)*\w+\s|^\s*for\s+\w+\s+in\s",
    )
});

/// A value that says where something lies, or which version or whether: nothing that anybody keeps secret. The commands
/// are those that stand inside PATH.
static PLAIN: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"^(?:(?:[~/]|\$\{?[A-Za-z_]|\$\((?:go env GOPATH|pyenv root|brew --prefix)\)|\((?:go env GOPATH|pyenv root|brew --prefix)\))[\w~/$.{}:+@%,* -]*|v?\d{1,2}(?:\.\d{1,3}){0,2}|true|false|yes|no|on|off|lazy|\(.*|)$",
    )
});

/// The text of a start-up file with everything else taken out of it.
pub fn shown(bytes: &[u8]) -> Vec<u8> {
    let mut in_plugins = false;
    by_text(bytes, |line| {
        let body = line.trim_end_matches(['\n', '\r']);
        let end = &line[body.len()..];
        let mark = if body.starts_with('\u{feff}') { "\u{feff}" } else { "" };
        let code = without_comment(&body[mark.len()..]);
        in_plugins |= code.trim_start().starts_with("plugins=(");
        let shown = if in_plugins {
            with_plain_values(code)
        } else if TELLING.is_match(code) {
            // What told may have been in a value that is not shown.
            Some(with_plain_values(code)).filter(|shown| TELLING.is_match(shown)).unwrap_or_default()
        } else if ASSIGNMENT.is_match(code) && only_plain(code) {
            code.to_owned()
        } else {
            String::new()
        };
        in_plugins &= !code.contains(')');
        format!("{mark}{shown}{end}")
    })
}

/// A line up to its comment.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() || before == ';' => return line[..at].trim_end(),
            (None, '"' | '\'') if before != '\\' => quote = Some(c),
            (Some(open), c) if open == c && before != '\\' => quote = None,
            _ => {}
        }
        before = c;
    }
    line
}

/// Whether an assignment's only value may be shown.
fn only_plain(code: &str) -> bool {
    let code = code.trim();
    if let Some((name, value)) = code.split_once('=')
        && !name.trim_start().starts_with("set ")
        && !name.trim_start().starts_with("for ")
    {
        return PLAIN.is_match(unquoted(value));
    }
    let rest = match code.split_once(" in ") {
        Some((head, list)) if head.starts_with("for ") => list.split([';']).next().unwrap_or(""),
        // fish: the value stands behind options and name.
        _ => {
            let words = code.split_whitespace().skip(1).skip_while(|word| word.starts_with('-'));
            let Some(name) = { words }.next() else { return false };
            code.split_once(name).map_or("", |(_, value)| value)
        }
    };
    rest.split_whitespace().all(|word| PLAIN.is_match(unquoted(word)))
}

fn unquoted(value: &str) -> &str {
    let value = value.trim().trim_end_matches(';');
    ['"', '\''].iter().find_map(|sign| value.strip_prefix(*sign)?.strip_suffix(*sign)).unwrap_or(value)
}

/// A line in which variables other than PATH keep only values that may be shown.
fn with_plain_values(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find('=') {
        let (head, value) = (&rest[..at], &rest[at + 1..]);
        let start = head.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |before| before + 1);
        let name = &head[start..];
        let length = value_length(value);
        let keeps = name.is_empty()
            || matches!(name, "PATH" | "path" | "plugins" | "fish_user_paths")
            || name.starts_with("DOCKER_")
            || PLAIN.is_match(unquoted(&value[..length]));
        out.push_str(&rest[..=at]);
        if keeps {
            // What stands in the value may assign again: `alias x="KEY=…"`.
            rest = value;
        } else {
            out.push_str(SET);
            rest = &value[length..];
        }
    }
    out.push_str(rest);
    out
}

/// How long a value is: to its closing quote, or to where the word ends.
fn value_length(value: &str) -> usize {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |at| at + 2),
        _ => {
            let mut depth = 0_usize;
            let ends = |c: char| {
                match c {
                    '(' => depth += 1,
                    ')' if depth > 0 => depth -= 1,
                    _ => return depth == 0 && (c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')')),
                }
                false
            };
            value.find(ends).unwrap_or(value.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    fn text(text: &str) -> String {
        let once = shown(text.as_bytes());
        assert_eq!(shown(&once), once, "showing again changes nothing");
        String::from_utf8(once).unwrap()
    }

    #[test]
    fn what_is_the_learners_own_stays_at_home() {
        for line in [
            r#"alias x="curl -u user:hunter2 https://x.org""#,
            "alias db='mysql -uroot -phunter2'",
            "export API=22009dhunter2ff",
            "export API='hunter2 words'",
            "set -gx API hunter2",
            "# Mum: 030 1234567, . ~/hunter2",
            "PIN=1234567",
            "TOKEN=$(curl -u me:hunter2 x.org)",
            "for i in hunter2 b; do echo; done",
            "echo hunter2",
            "if [ hunter2 ]; then",
        ] {
            assert_eq!(text(&format!("{line}\r\nPATH=/x:$PATH\n")), "\r\nPATH=/x:$PATH\n", "{line}");
        }
    }

    #[test]
    fn what_probes_ask_for_is_let_out() {
        for line in [
            r#"export PATH="$HOME/.local/bin:$PATH""#,
            "export GOBIN=$HOME/gobin",
            "D=~/x",
            "set -gx PNPM_HOME ~/p",
            "for d in ~/a ~/b; do",
            r#"[ -s "$NVM_DIR/nvm.sh" ] && \. "$NVM_DIR/nvm.sh""#,
            "  source \"${XDG_CONFIG_HOME:-$HOME/.config}/a b\"",
            r#"eval "$(/opt/homebrew/bin/brew shellenv)""#,
            "pyenv init - fish | source",
            "export DOCKER_HOST=tcp://localhost:2375",
            "plugins=(git\n  pyenv nvm)",
            "nvm() {",
            "NVM_LAZY_LOAD=true",
            "zstyle ':omz:plugins:nvm' lazy yes",
            "path+=(~/bin)",
            "path+=~/bin",
            "for f in ~/.bashrc.d/*; do",
            "SETUVAR fish_user_paths:/a\\x1e/b",
            "export GOPATH=$(go env GOPATH)/x",
        ] {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn a_line_that_is_let_out_keeps_other_values_and_remarks() {
        assert_eq!(text("API=hunter2 PATH=/x:$PATH  # of hunter2"), "API=<set> PATH=/x:$PATH");
        assert_eq!(
            text("export PATH=/x API='hunter2 b' NVM_DIR=\"$HOME/n\""),
            "export PATH=/x API=<set> NVM_DIR=\"$HOME/n\""
        );
        assert_eq!(text("alias n=\"KEY=hunter2 nvm use\""), "");
        assert_eq!(text("\u{feff}# x\nPATH=/x\n"), "\u{feff}\nPATH=/x\n");
    }
}
