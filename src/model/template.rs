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

/// Replaces each `{fact}` by the fact; nothing if a fact is not known. `${NAME}`, `{}` and `{{` are left as they are.
pub fn fill(template: &str, facts: &BTreeMap<String, String>, quote: Quote) -> Option<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = next(rest) {
        out.push_str(before);
        out.push_str(&quoted(facts.get(name)?, quote));
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The same for prose that must be said in any case: `…` stands for what is not known.
pub fn fill_prose(template: &str, facts: &BTreeMap<String, String>) -> String {
    let known: BTreeMap<String, String> = names(template)
        .into_iter()
        .map(|name| (name.to_owned(), facts.get(name).map_or("…", String::as_str).to_owned()))
        .collect();
    fill(template, &known, Quote::None).unwrap_or_default()
}

/// The names of the facts that a template asks for.
pub fn names(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, name, after)) = next(rest) {
        names.push(name);
        rest = after;
    }
    names
}

/// The text before the next `{name}`, the name, and the text after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| at + from) {
        let body = &text[open + 1..];
        let len = body.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_').count();
        let is_fact = len > 0 && body[len..].starts_with('}') && !text[..open].ends_with(['$', '{']);
        if is_fact {
            return Some((&text[..open], &body[..len], &body[len + 1..]));
        }
        from = open + 1;
    }
    None
}

fn quoted(value: &str, quote: Quote) -> String {
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
        assert_eq!(names("{path} and {evil} ${x}"), ["path", "evil"]);
    }
}
