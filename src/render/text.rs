//! Words on lines: texts made harmless, wrapped, and counted.

use textwrap::{Options, WordSplitter, core::display_width};

use super::Look;
use crate::model::observation::clean_text;

/// A text on one line, with nothing in it that could move the cursor, hide or turn what stands around it.
pub fn line(text: &str, look: Look) -> String {
    let one: Vec<String> = harmless(text).split_whitespace().map(str::to_owned).collect();
    let one = one.join(" ");
    if look.unicode { one } else { ascii(&one) }
}

/// A command as it is to be pasted: only what no shell would want is gone from it.
pub fn command(text: &str) -> String {
    harmless(text).trim_end().to_owned()
}

/// A command that ran, to be read by people: `…` for the words that are patterns, which nobody would type.
pub fn shown_command(words: &str) -> String {
    let pattern =
        |word: &&str| word.starts_with('^') || word.contains("(?") || word.contains("!(") || word.contains("\\.");
    let shown: Vec<&str> = words.split(' ').map(|word| if pattern(&word) { "…" } else { word }).collect();
    shown.join(" ")
}

/// Without escape sequences, controls (but tab and line feed) and characters that change how others are shown.
fn harmless(text: &str) -> String {
    clean_text(text).chars().filter(|c| !is_trick(*c)).map(|c| if is_break(c) { '\n' } else { c }).collect()
}

/// Line ends that are no control characters.
fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Further invisible characters: soft hyphen, Arabic letter mark, Hangul and Mongolian fillers, tags, variation selectors.
fn is_trick(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// The same in ASCII, for terminals that cannot show more.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_ascii() => out.push(c),
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '…' => out.push_str("..."),
            '–' | '—' | '·' => out.push('-'),
            '→' => out.push_str("->"),
            '×' => out.push('x'),
            '≥' => out.push_str(">="),
            '\u{a0}' => out.push(' '),
            _ => out.push('?'),
        }
    }
    out
}

/// Prose on lines no longer than the look's, `first` before the first line and `rest` before the others. A word is never
/// cut, and neither is a short piece in backticks: both may be there to be copied.
pub fn wrap(text: &str, look: Look, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(look.prose())
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    let kept = keep_code(&line(text, look));
    textwrap::wrap(&kept, options).into_iter().map(|line| line.replace('\u{a0}', " ").trim_end().to_owned()).collect()
}

/// Spaces inside short pieces in backticks become spaces that do not break.
fn keep_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let whole = parts.len() % 2 == 1;
    let keep = |(index, part): (usize, &&str)| {
        if whole && index % 2 == 1 && part.len() <= 40 { part.replace(' ', "\u{a0}") } else { (*part).to_owned() }
    };
    parts.iter().enumerate().map(keep).collect::<Vec<_>>().join("`")
}

/// A text filled up with spaces to a width, wide characters counted as two.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

/// `1 check`, `2 checks`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A sentence: with a full stop, where it has no end of its own.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// Milliseconds for people.
pub fn time(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_harmless() {
        let look = Look::default();
        for (hostile, want) in [
            ("a\u{1b}[1A\u{1b}[2Kb", "ab"),
            ("a\rb\u{8}c\u{7}\0d", "a bcd"),
            ("a\u{85}b\u{9b}31mred", "abred"),
            ("\u{1b}]52;c;ZXZpbA==\u{7}x\u{1b}]8;;http://x\u{1b}\\y", "xy"),
            ("a\u{202e}b\u{200d}c\u{2028}d\u{61c}\u{e0041}", "abc d"),
            ("two\nlines\tand  more", "two lines and more"),
        ] {
            assert_eq!(line(hostile, look), want, "{hostile:?}");
        }
        assert_eq!(command("echo a\u{1b}[2K\necho b \u{202e}"), "echo a\necho b");
        assert_eq!(line("“x” → … é", Look { unicode: false, ..look }), "\"x\" -> ... ?");
    }

    #[test]
    fn code_and_words_stay_whole() {
        let look = Look { width: 24, ..Look::default() };
        assert_eq!(
            wrap("then run `doctor explain x` again", look, "", "  "),
            ["then run", "  `doctor explain x`", "  again"]
        );
        let url = "https://example.org/a/very/long/path-that-does/not/fit";
        assert_eq!(wrap(url, look, "    ", "    "), [format!("    {url}")]);
        assert_eq!(pad("界", 4), "界  ");
    }

    #[test]
    fn numbers_and_lists_read_well() {
        assert_eq!((count(1, "check"), count(2, "check")), ("1 check".to_owned(), "2 checks".to_owned()));
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!((time(42), time(3250), time(61_000)), ("42 ms".into(), "3.2 s".into(), "1 min 1 s".into()));
        assert_eq!((sentence("Do it"), sentence("Done!")), ("Do it.".to_owned(), "Done!".to_owned()));
    }
}
