//! git's configuration files as far as an identity needs them: sections, keys, values, in order.

/// One key of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The section's name in small letters.
    pub section: String,
    /// What stands in quotes behind the section's name.
    pub sub: String,
    /// The key in small letters.
    pub key: String,
    /// The value, unquoted; nothing where the key stands alone.
    pub value: Option<String>,
}

/// Reads a file's text. What git would refuse is passed over: git itself is asked about that.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let (mut section, mut sub) = (String::new(), String::new());
    let joined = text.trim_start_matches('\u{feff}').replace("\\\r\n", "").replace("\\\n", "");
    for line in joined.lines() {
        let mut rest = line.trim();
        if let Some((name, after)) = rest.strip_prefix('[').and_then(|inner| split_header(inner)) {
            let (head, quoted) = name.split_once('"').map_or((name, ""), |(head, tail)| (head, tail));
            section = head.trim().to_ascii_lowercase();
            sub = quoted.trim_end().trim_end_matches('"').replace("\\\"", "\"").replace("\\\\", "\\");
            // `[branch.main]` is the old way to write `[branch "main"]`.
            if sub.is_empty()
                && let Some((head, tail)) = section.clone().split_once('.')
            {
                (section, sub) = (head.to_owned(), tail.to_owned());
            }
            rest = after.trim();
        }
        if rest.is_empty() || rest.starts_with(['#', ';']) {
            continue;
        }
        let (key, value) = match rest.split_once('=') {
            Some((key, value)) => (key, Some(unquote(value.trim()))),
            None => (rest.split(['#', ';']).next().unwrap_or(rest), None),
        };
        let key = key.trim().to_ascii_lowercase();
        entries.push(Entry { section: section.clone(), sub: sub.clone(), key, value });
    }
    entries
}

/// The inside of a section's brackets and what follows them; a bracket in quotes does not end them.
fn split_header(inner: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some((&inner[..at], &inner[at + 1..])),
            _ => {}
        }
    }
    None
}

/// A value without quotes, escapes and comment.
fn unquote(raw: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('b') => drop(out.pop()),
                Some(other) => out.push(other),
                None => {}
            },
            '#' | ';' if !quoted => break,
            other => out.push(other),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sections_keys_and_values_are_read_as_git_reads_them() {
        let text = "\u{feff}[User]\r\n\tName = \"Ada # L\" ; who\r\n email=\r\n[includeIf \"gitdir:~/w]/\"] path = ~/w.ini\n[core]\n bare # yes\n [alias]\n l = log \\\n -1\n";
        let read: Vec<_> = parse(text)
            .into_iter()
            .map(|e| format!("{}|{}|{}={}", e.section, e.sub, e.key, e.value.as_deref().unwrap_or("<alone>")))
            .collect();
        assert_eq!(
            read,
            [
                "user||name=Ada # L",
                "user||email=",
                "includeif|gitdir:~/w]/|path=~/w.ini",
                "core||bare=<alone>",
                "alias||l=log  -1"
            ]
        );
    }
}
