//! What the build packed into the program: the check files in three books and what tools say in other languages. Each
//! book is unpacked when it is first asked for, so that a run without failures never reads what to do about them.

use std::{io::Read as _, sync::OnceLock};

use flate2::read::DeflateDecoder;

/// The check files: stem, length of what is read of it on every run, and the SHA-256 of its whole content, sorted.
const FILES: &[(&str, usize, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// The day the built-in support calendar was taken.
pub const KNOWLEDGE: &str = env!("DOCTOR_KNOWLEDGE");

macro_rules! book {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub fn $name() -> &'static str {
            static TEXT: OnceLock<String> = OnceLock::new();
            TEXT.get_or_init(|| unpack(include_bytes!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".deflate"))))
        }
    };
}

book! {
    /// The check files as JSON, one after the other, without what the other books hold.
    checks
}
book! {
    /// What to do about findings: one JSON value a line.
    fixes
}
book! {
    /// The texts by which states are known outside their probe: one JSON value a line.
    texts
}
book! {
    /// What tools say in other languages, and the same in English; the file itself says how to read it.
    translations
}

/// The check files: stem, content as JSON and its digest.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let mut rest = checks();
    FILES.iter().map(move |(stem, length, digest)| {
        let (text, after) = rest.split_at_checked(*length).unwrap_or_default();
        rest = after;
        (*stem, text, *digest)
    })
}

/// Only a damaged program could fail here: then the text is cut short, and no file of checks is complete, which is told
/// as an error of its own.
fn unpack(packed: &[u8]) -> String {
    let mut text = String::with_capacity(packed.len() * 5);
    let _ = DeflateDecoder::new(packed).read_to_string(&mut text);
    text
}

/// Whether a word stands in what the built-in checks say or tell to run.
pub fn says(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    [checks(), fixes(), texts()].iter().any(|book| holds_word(&book.to_ascii_lowercase(), &word))
}

fn holds_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    // A line's end is written `\n`, and its letter belongs to no word.
    let begins = |before: &str| before.ends_with("\\n") || !before.ends_with(joins);
    text.match_indices(word).any(|(at, _)| begins(&text[..at]) && !text[at + word.len()..].starts_with(joins))
}
