//! Facts put into words and commands: `{name}` in a check file.

use std::collections::BTreeMap;

/// How a fact is protected where it is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// As it is, on one line: for prose.
    None,
    /// As one word of a POSIX shell or fish; `~/` at its start keeps its meaning.
    Posix,
    /// As one word of PowerShell.
    PowerShell,
}

/// Replaces each `{fact}` by the fact, and `{fact|words}` by the words where the fact is not known; nothing if there are
/// no such words. `${NAME}`, `{}` and `{{` are left as they are.
pub fn fill(template: &str, facts: &BTreeMap<String, String>, quote: Quote) -> Option<String> {
    put_in(template, facts, quote, None)
}

/// The same for prose that must be said in any case: `…` stands for what is not known.
pub fn fill_prose(template: &str, facts: &BTreeMap<String, String>) -> String {
    put_in(template, facts, Quote::None, Some("…")).unwrap_or_default()
}

fn put_in(template: &str, facts: &BTreeMap<String, String>, quote: Quote, unknown: Option<&str>) -> Option<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(place) = next(rest) {
        out.push_str(place.before);
        match facts.get(place.name) {
            Some(value) => out.push_str(&quoted(value, quote)),
            None => out.push_str(place.or_else.or(unknown)?),
        }
        rest = place.after;
    }
    out.push_str(rest);
    Some(out)
}

/// The names of the facts that a template asks for.
pub fn names(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(place) = next(rest) {
        names.push(place.name);
        rest = place.after;
    }
    names
}

/// Where a fact is put in: the text around `{name}`, and the words after its `|`.
struct Place<'a> {
    before: &'a str,
    name: &'a str,
    or_else: Option<&'a str>,
    after: &'a str,
}

fn next(text: &str) -> Option<Place<'_>> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| at + from) {
        let body = &text[open + 1..];
        let len = body.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_').count();
        let (before, name, end) = (&text[..open], &body[..len], &body[len..]);
        if len > 0 && !before.ends_with(['$', '{']) {
            if let Some(after) = end.strip_prefix('}') {
                return Some(Place { before, name, or_else: None, after });
            }
            if let Some((words, after)) = end.strip_prefix('|').and_then(|words| words.split_once('}')) {
                return Some(Place { before, name, or_else: Some(words), after });
            }
        }
        from = open + 1;
    }
    None
}

/// A value as one word of a command; what is plain stays as it is.
pub fn quoted(value: &str, quote: Quote) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=~".contains(c);
    match quote {
        Quote::None => value.split_whitespace().collect::<Vec<_>>().join(" "),
        Quote::Posix | Quote::PowerShell if !value.is_empty() && value.chars().all(plain) => value.to_owned(),
        Quote::Posix => match value.strip_prefix("~/") {
            Some(rest) => format!("~/'{}'", rest.replace('\'', r"'\''")),
            None => format!("'{}'", value.replace('\'', r"'\''")),
        },
        Quote::PowerShell => format!("'{}'", value.replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_quoted_for_their_shell() {
        let facts: BTreeMap<String, String> =
            [("path".to_owned(), "~/my keys/id".to_owned()), ("evil".to_owned(), "x'; rm -rf /".to_owned())].into();
        assert_eq!(fill("chmod 600 {path}", &facts, Quote::Posix).as_deref(), Some("chmod 600 ~/'my keys/id'"));
        assert_eq!(fill("a {evil}", &facts, Quote::Posix).as_deref(), Some(r"a 'x'\''; rm -rf /'"));
        assert_eq!(fill("a {evil}", &facts, Quote::PowerShell).as_deref(), Some("a 'x''; rm -rf /'"));
        assert_eq!(fill("a {unknown}", &facts, Quote::None), None);
        assert_eq!(fill("${HOME} {{json .}} {}", &facts, Quote::None).as_deref(), Some("${HOME} {{json .}} {}"));
        assert_eq!(names("{path} and {evil} ${x} {a|b}"), ["path", "evil", "a"]);
        assert_eq!(
            fill("go {path|home} {unknown|--lts}", &facts, Quote::Posix).as_deref(),
            Some("go ~/'my keys/id' --lts")
        );
        assert_eq!(fill_prose("{unknown} {unknown|some}", &facts), "… some");
    }
}
