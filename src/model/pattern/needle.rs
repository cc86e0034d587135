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
        let Some(texts) = branches(pattern.as_bytes()).into_iter().map(longest).collect::<Option<Vec<String>>>() else {
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

/// The alternatives at the top level of a pattern. Whatever has a meaning in a pattern is one byte.
fn branches(pattern: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < pattern.len() {
        let next = at + unit(&pattern[at..]);
        if pattern[at] == b'|' {
            found.push(&pattern[start..at]);
            start = next;
        }
        at = next;
    }
    found.push(&pattern[start..]);
    found
}

/// The length of the first unit: an escape, a class, a group, or one character.
fn unit(text: &[u8]) -> usize {
    let length = match text.first() {
        Some(b'\\') => 1 + text.get(1..).map_or(0, character),
        Some(b'[') => class(text),
        Some(b'(') => {
            let mut at = 1;
            while at < text.len() && text[at] != b')' {
                at += unit(&text[at..]);
            }
            at + 1
        }
        _ => character(text),
    };
    length.clamp(1, text.len().max(1))
}

/// The length of the first character, by its first byte.
fn character(text: &[u8]) -> usize {
    match text.first() {
        None => 0,
        Some(..0x80) => 1,
        Some(..0xE0) => 2,
        Some(..0xF0) => 3,
        Some(_) => 4,
    }
}

fn class(text: &[u8]) -> usize {
    let mut at = 1;
    // `]` right after `[` or `[^` is itself.
    at += usize::from(text.get(at) == Some(&b'^'));
    at += usize::from(text.get(at) == Some(&b']'));
    while let Some(byte) = text.get(at) {
        match byte {
            b']' => return at + 1,
            b'[' if text.get(at + 1) == Some(&b':') => {
                at += text[at..].windows(2).position(|pair| pair == b":]").map_or(1, |end| end + 2);
            }
            b'[' => at += 1,
            _ => at += unit(&text[at..]),
        }
    }
    text.len()
}

/// The longest run of plain characters that every match of a branch contains.
fn longest(branch: &[u8]) -> Option<String> {
    let mut best = Vec::new();
    let mut run = Vec::new();
    let mut at = 0;
    while at < branch.len() {
        let (here, next) = branch[at..].split_at(unit(&branch[at..]));
        let repeated = next.first().copied();
        match literal(here) {
            Some(text) if !matches!(repeated, Some(b'?' | b'*' | b'{')) => run.extend_from_slice(text),
            _ => keep(&mut best, &mut run),
        }
        if repeated == Some(b'+') {
            keep(&mut best, &mut run);
        }
        at += here.len();
        // The counts of a repetition are no text.
        if repeated == Some(b'{') {
            at += next.iter().position(|byte| *byte == b'}').map_or(0, |end| end + 1);
        }
    }
    keep(&mut best, &mut run);
    String::from_utf8(best).ok().filter(|text| text.len() >= SHORTEST)
}

fn keep(best: &mut Vec<u8>, run: &mut Vec<u8>) {
    if run.len() > best.len() {
        std::mem::swap(best, run);
    }
    run.clear();
}

/// The character that a unit stands for, where it stands for just one.
fn literal(unit: &[u8]) -> Option<&[u8]> {
    match unit {
        [b'\\', c] => c.is_ascii_punctuation().then_some(&unit[1..]),
        [b'\\' | b'.' | b'^' | b'$' | b'[' | b'(' | b'?' | b'*' | b'+' | b'|' | b'{' | b'}' | b')', ..] => None,
        _ => Some(unit),
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
        assert_eq!(texts(r"über [^]\]é]Größe?|[[:alpha:]]voilà\\é"), ["über ", "voilà\\é"]);
        assert!(Needles::of("(?i)Not Found").may_match("error: NOT FOUND"));
        assert!(!Needles::of("not found").may_match("error: NOT FOUND"));
    }
}
