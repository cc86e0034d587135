//! Reports in a text: one, several, one a line, with whatever somebody pasted around them.

use std::borrow::Cow;

use super::{
    parse::{self, Doc, Habit},
    scan::{Cursor, Wrong},
};

/// Places where an object could begin that are tried in a text without any report.
const TRIES: usize = 1000;

/// Finds every report of a text, and what looks like one or stands where one should and is none; with the byte where
/// each begins. `habit` is what earlier reports were like.
pub fn reports<'a>(
    text: &'a [u8],
    lines: bool,
    habit: &mut Habit,
    mut take: impl FnMut(usize, Result<Doc<'a>, Wrong>),
) {
    let mut at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut told = false;
    let mut tries = 0;
    let mut first: Option<(usize, Wrong)> = None;
    loop {
        let mut cursor = Cursor::new(text, at);
        let byte = cursor.peek();
        at = cursor.at;
        if at >= text.len() {
            break;
        }
        if byte != b'{' {
            let end = if lines { line_end(text, at) } else { text.len() };
            match text[at..end].iter().position(|byte| *byte == b'{') {
                Some(ahead) => at += ahead,
                None if lines => {
                    take(at, Err(Wrong { what: "there is no report on this line".into(), at, is_json: false }));
                    (told, at) = (true, end);
                }
                None => break,
            }
            continue;
        }
        let wrong = match parse::report(&mut cursor, habit) {
            Ok(doc) => {
                take(at, Ok(doc));
                (told, at) = (true, cursor.at);
                continue;
            }
            Err(wrong) => wrong,
        };
        let mut whole = Cursor::new(text, at);
        let is_whole = wrong.is_json && whole.skip().is_ok();
        // An object that the text's end cuts off is half of what was meant, whatever it begins with.
        let is_cut = wrong.at >= text.len() && text[at + 1..].trim_ascii_start().starts_with(b"\"");
        if lines || is_whole || is_cut || is_ours(&text[at..]) {
            take(at, Err(wrong));
            told = true;
            at = match is_whole {
                true => whole.at,
                false if lines => line_end(text, at),
                false if is_cut => text.len(),
                false => next_object(text, at + 1),
            };
            continue;
        }
        first.get_or_insert((at, wrong));
        tries += 1;
        at = if tries < TRIES { at + 1 } else { text.len() };
    }
    let nothing_more = lines && text.trim_ascii().is_empty();
    if !told && !nothing_more {
        let (at, wrong) = first.unwrap_or_else(|| {
            let what = if text.trim_ascii().is_empty() { "it is empty" } else { "there is no report in it" };
            (0, Wrong { what: Cow::Borrowed(what), at: 0, is_json: false })
        });
        take(at, Err(wrong));
    }
}

/// Whether an object begins as doctor's do.
fn is_ours(text: &[u8]) -> bool {
    text[1..].trim_ascii_start().starts_with(b"\"schema\"")
}

fn line_end(text: &[u8], from: usize) -> usize {
    text[from..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| from + at + 1)
}

/// The next line that begins with an object.
fn next_object(text: &[u8], from: usize) -> usize {
    let rest = &text[from.min(text.len())..];
    rest.windows(2).position(|two| two == b"\n{").map_or(text.len(), |at| from + at + 1)
}

/// A text of some old Windows code page made UTF-8; what is UTF-8 stays as it is.
pub fn utf8(text: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(text).is_ok() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    for chunk in text.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for byte in chunk.invalid() {
            out.extend_from_slice(windows_1252(*byte).encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    Cow::Owned(out)
}

/// The WHATWG table of windows-1252; above 0x9f it is Latin-1.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..0xa0 => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found: labels of reports, and the reasons of the rest.
    fn found(text: &str, lines: bool) -> Vec<String> {
        let mut found = Vec::new();
        reports(text.as_bytes(), lines, &mut Habit::default(), |_, doc| {
            found.push(match doc {
                Ok(doc) => doc.label.text().into_owned(),
                Err(wrong) => format!("! {}", wrong.what),
            });
        });
        found
    }

    fn report(label: &str) -> String {
        format!(r#"{{"schema":1,"machine":{{"label":"{label}"}},"findings":[]}}"#)
    }

    #[test]
    fn reports_are_found_in_what_is_around_them() {
        let (a, b) = (report("a"), report("b"));
        for text in [
            format!("{a}{b}"),
            format!("\u{feff}{a}\n{b}\n"),
            format!("Hello, my report { }:\n```json\n{a}\n```\nand\n{b}\nPS C:\\Users\\x> ", "{ }"),
            format!("[{a},\n{b}]"),
            format!("Sie {{}} schrieb: {a} und {{ {b}"),
        ] {
            let found: Vec<String> =
                found(&text, false).into_iter().filter(|one| !one.contains("no `schema`")).collect();
            assert_eq!(found, ["a", "b"], "{text}");
        }
        assert_eq!(found("no report here", false), ["! there is no report in it"]);
        assert_eq!(found("{ oh", false), ["! a text in quotes is missing"]);
        assert_eq!(found(" \n", false), ["! it is empty"]);
        assert_eq!(found(r#"{"b":{"schema":1,"findings":[{"id":{"a":"#, false), ["! it ends too early"]);
    }

    #[test]
    fn a_broken_report_among_good_ones_is_named() {
        let (a, b) = (report("a"), report("b"));
        let broken = &a[..a.len() - 4];
        assert_eq!(found(&format!("{b}\n{broken}"), false), ["b", "! it ends too early"]);
        assert_eq!(found(&format!("{broken}\n{b}\n"), false).len(), 2);
        assert_eq!(
            found(&format!("{a}\nnonsense\n{broken}\n{{\"x\":1}}\n{b}\n"), true),
            [
                "a",
                "! there is no report on this line",
                "! `:` is missing",
                "! it has no `schema`, so it is no report of doctor's",
                "b"
            ]
        );
        assert_eq!(found(&format!("2026-11-22 {a}\n\n{b}"), true), ["a", "b"]);
    }

    #[test]
    fn old_code_pages_are_read() {
        assert_eq!(utf8(b"Caf\xe9 \x80 \xc3\xa9"), "Café € é".as_bytes());
        assert!(matches!(utf8("é".as_bytes()), Cow::Borrowed(_)));
    }

    #[test]
    fn a_text_of_braces_ends_soon() {
        assert_eq!(found(&"{".repeat(1 << 20), false).len(), 1);
    }
}
