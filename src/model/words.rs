//! A command line taken apart as far as is needed to know what it does. Not a shell: what it cannot take apart stays in
//! one piece.

/// One simple command of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its words, without what stands before the program.
    pub text: &'a str,
    /// Whether root's rights are asked for.
    pub sudo: bool,
    /// The file that its output is written or added to.
    pub writes: Option<&'a str>,
}

/// The simple commands of a line, in order: what `&&`, `||`, `;` and `|` part outside quotes and parentheses.
pub fn parts(line: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, length) in breaks(line, &["&&", "||", ";", "|", "\n"]) {
        parts.push(&line[from..at]);
        from = at + length;
    }
    parts.push(&line[from..]);
    parts.into_iter().map(part).filter(|part| !part.text.is_empty() && part.text != "}").collect()
}

/// Where one of these signs stands outside quotes and parentheses, with its length.
fn breaks(line: &str, signs: &[&str]) -> Vec<(usize, usize)> {
    let bytes = line.as_bytes();
    let (mut found, mut quote, mut depth, mut at) = (Vec::new(), None, 0_i32, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        match (quote, byte) {
            (None, b'\\') => at += 1,
            (Some(b'"'), b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth -= 1,
            (None, _) if depth <= 0 => {
                if let Some(sign) =
                    signs.iter().find(|sign| line.is_char_boundary(at) && line[at..].starts_with(**sign))
                {
                    found.push((at, sign.len()));
                    at += sign.len() - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Words that stand before a command and change nothing about what it is.
const BEFORE: &[&str] =
    &["and ", "or ", "then ", "do ", "else ", "not ", "! ", "{ ", "& ", "env ", "command ", "builtin "];

fn part(text: &str) -> Part<'_> {
    let text = text.trim();
    // The end of a group, and not of a placeholder.
    let mut text = text.strip_suffix(" }").unwrap_or(text).trim_end();
    let mut sudo = false;
    loop {
        let before = text;
        for word in BEFORE {
            text = text.strip_prefix(word).unwrap_or(text).trim_start();
        }
        for word in ["sudo ", "doas "] {
            if let Some(rest) = text.strip_prefix(word) {
                (text, sudo) = (rest.trim_start(), true);
            }
        }
        if let Some((name, _)) = text.split_once('=')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            let end = breaks(text, &[" "]).first().map_or(text.len(), |(at, _)| *at);
            // An assignment alone is for this terminal; before a command it is for that one.
            if end < text.len() {
                text = text[end..].trim_start();
            }
        }
        if text == before {
            break;
        }
    }
    Part { text, sudo, writes: writes(text) }
}

/// The file after `>` or `>>`; what goes to `/dev/null` or to another stream is written nowhere.
fn writes(text: &str) -> Option<&str> {
    let (at, length) = breaks(text, &[">>", ">"]).pop()?;
    if text[..at].ends_with('2') {
        return writes(&text[..at - 1]);
    }
    let rest = text[at + length..].trim_start();
    let end = breaks(rest, &[" "]).first().map_or(rest.len(), |(at, _)| *at);
    Some(&rest[..end]).filter(|file| !file.is_empty() && !file.starts_with('&') && *file != "/dev/null")
}

/// A simple command with its program's folder and quotes left out: `"$d/bin/conda" init` is `conda init`.
pub fn program(part: &str) -> String {
    let end = breaks(part, &[" "]).first().map_or(part.len(), |(at, _)| *at);
    let (first, rest) = part.split_at(end);
    let bare = first.trim_matches(['"', '\'']);
    // Only paths: a shell's `[`, `.` and PowerShell's `[IO.File]::…` are no folders.
    let name = if bare.starts_with(['/', '~', '$', '"', '{', '.']) || !bare.starts_with('[') && bare.contains(":\\") {
        bare.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(bare)
    } else {
        bare
    };
    let versioned = name.strip_prefix("python").is_some_and(|rest| rest.starts_with("3."));
    format!("{}{rest}", if versioned { "python3" } else { name })
}

/// The same without its options: `apt-get -y install git` is `apt-get install git`. The folder of `-C` goes with it.
pub fn without_options(part: &str) -> String {
    let part = program(part);
    let mut from = 0;
    let mut words = Vec::new();
    for at in breaks(&part, &[" "]).into_iter().map(|(at, _)| at).chain([part.len()]) {
        words.push(&part[from..at]);
        from = (at + 1).min(part.len());
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut after_c = false;
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        let option = word.starts_with('-');
        if !option && !after_c {
            kept.push(word);
        }
        after_c = word == "-C";
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        parts(line).into_iter().map(|part| part.text).collect()
    }

    #[test]
    fn lines_are_taken_apart_outside_quotes_and_parentheses() {
        assert_eq!(
            texts("sudo apt-get update && sudo apt-get install -y git"),
            ["apt-get update", "apt-get install -y git"]
        );
        assert_eq!(texts("echo 'a && b; c' | sudo tee /x"), ["echo 'a && b; c'", "tee /x"]);
        assert_eq!(texts(r#"export X="$(a | b)"; c"#), [r#"export X="$(a | b)""#, "c"]);
        assert_eq!(texts("grep -qs x f; or echo y"), ["grep -qs x f", "echo y"]);
        assert_eq!(texts("A=1 B='2 3' cmd x"), ["cmd x"]);
        assert_eq!(texts("[ ! -L ~/.ssh ] || { a; b; }"), ["[ ! -L ~/.ssh ]", "a", "b"]);
        assert!(parts("doas apk add git")[0].sudo && !parts("echo sudo")[0].sudo);
    }

    #[test]
    fn what_is_written_is_seen() {
        assert_eq!(parts("echo 'a > b' >> ~/.bashrc")[0].writes, Some("~/.bashrc"));
        assert_eq!(parts("x 2>/dev/null")[0].writes, None);
        assert_eq!(parts("x > y 2>&1")[0].writes, Some("y"));
        assert_eq!(parts("iconv a > ~/'b c'")[0].writes, Some("~/'b c'"));
    }

    #[test]
    fn programs_are_known_wherever_they_lie() {
        assert_eq!(program("~/.local/bin/uv python install"), "uv python install");
        assert_eq!(program("\"$(dirname /a/b)\"/python -m pip"), "python -m pip");
        assert_eq!(program("/usr/bin/python3.11 -m pip"), "python3 -m pip");
        assert_eq!(without_options("apt-get -y install git"), "apt-get install git");
        assert_eq!(without_options("git -C \"$(pyenv root)\" pull"), "git pull");
    }
}
