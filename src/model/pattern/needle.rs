//! A piece of plain text that every match of a pattern must contain. Looking for it first is hundreds of times faster
//! than matching, and nearly every pattern of the catalogue fails on nearly every text.

/// One of these texts must be there for the pattern to match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needles {
    texts: Vec<String>,
    any_case: bool,
}

/// Shorter pieces are in nearly every text.
const SHORTEST: usize = 3;

impl Needles {
    /// Reads a pattern; finds nothing, and so rules nothing out, where it is not sure.
    pub fn of(pattern: &str) -> Self {
        let any_case = pattern.contains("(?i") || pattern.contains("(?si") || pattern.contains("(?mi");
        let Some(texts) = branches(pattern).into_iter().map(longest).collect::<Option<Vec<String>>>() else {
            return Self::default();
        };
        let texts = if any_case { texts.iter().map(|text| text.to_ascii_lowercase()).collect() } else { texts };
        Self { texts, any_case }
    }

    /// Whether a match in `text` is possible.
    pub fn may_match(&self, text: &str) -> bool {
        if self.texts.is_empty() {
            return true;
        }
        let lower;
        let text = if self.any_case {
            lower = text.to_ascii_lowercase();
            &lower
        } else {
            text
        };
        self.texts.iter().any(|needle| text.contains(needle.as_str()))
    }
}

/// The alternatives at the top level of a pattern.
fn branches(pattern: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < pattern.len() {
        let next = at + unit(&pattern[at..]);
        if pattern[at..].starts_with('|') {
            found.push(&pattern[start..at]);
            start = next;
        }
        at = next;
    }
    found.push(&pattern[start..]);
    found
}

/// The length of the first unit: an escape, a class, a group, or one character.
fn unit(text: &str) -> usize {
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, '\\')) => chars.next().map_or(1, |(at, c)| at + c.len_utf8()),
        Some((_, '[')) => class(text),
        Some((_, '(')) => {
            let mut at = 1;
            while at < text.len() && !text[at..].starts_with(')') {
                at += unit(&text[at..]);
            }
            (at + 1).min(text.len())
        }
        Some((_, c)) => c.len_utf8(),
        None => 1,
    }
}

fn class(text: &str) -> usize {
    let mut at = 1;
    // `]` right after `[` or `[^` is itself.
    at += usize::from(text[at..].starts_with('^'));
    at += usize::from(text[at..].starts_with(']'));
    while at < text.len() {
        match text[at..].chars().next() {
            Some(']') => return at + 1,
            Some('\\') => at += unit(&text[at..]),
            Some('[') if text[at..].starts_with("[:") => at += text[at..].find(":]").map_or(1, |end| end + 2),
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
    text.len()
}

/// The longest run of plain characters that every match of a branch contains.
fn longest(branch: &str) -> Option<String> {
    let mut best = String::new();
    let mut run = String::new();
    let mut at = 0;
    while at < branch.len() {
        let here = &branch[at..];
        let length = unit(here);
        let next = &branch[at + length..];
        let plain = literal(&here[..length]);
        let optional = next.starts_with(['?', '*', '{']);
        match plain {
            Some(c) if !optional => run.push(c),
            _ => keep(&mut best, &mut run),
        }
        if next.starts_with('+') {
            keep(&mut best, &mut run);
        }
        at += length;
        // The counts of a repetition are no text.
        if next.starts_with('{') {
            at += next.find('}').map_or(0, |end| end + 1);
        }
    }
    keep(&mut best, &mut run);
    (best.len() >= SHORTEST).then_some(best)
}

fn keep(best: &mut String, run: &mut String) {
    if run.len() > best.len() {
        std::mem::swap(best, run);
    }
    run.clear();
}

/// The character that a unit stands for, where it stands for just one.
fn literal(unit: &str) -> Option<char> {
    let mut chars = unit.chars();
    match (chars.next()?, chars.next()) {
        ('\\', Some(c)) if c.is_ascii_punctuation() => Some(c),
        ('\\' | '.' | '^' | '$' | '[' | '(' | '?' | '*' | '+' | '|' | '{' | '}' | ')', _) => None,
        (c, None) => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_sure_text_is_found() {
        let texts = |pattern: &str| Needles::of(pattern).texts;
        assert_eq!(texts(r"^docker-compose version 1\.\d+"), ["docker-compose version 1."]);
        assert_eq!(texts(r"colou?r is (red|blue) here"), ["r is "]);
        assert_eq!(texts(r"ab+cde"), ["cde"]);
        assert_eq!(texts(r"No module named '?(_\w+)"), ["No module named "]);
        assert_eq!(texts(r"first one|second (a|b) one"), ["first one", "second "]);
        assert!(texts(r"(one|two)").is_empty() && texts(r"abc|\d+").is_empty() && texts("[abc]{3}xy").is_empty());
        assert_eq!(texts(r"x{2,3}yzzz[a|b]"), ["yzzz"]);
        assert!(Needles::of("(?i)Not Found").may_match("error: NOT FOUND"));
        assert!(!Needles::of("not found").may_match("error: NOT FOUND"));
    }
}
